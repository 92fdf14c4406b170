//! PRIVMSG, NOTICE, TAGMSG and AWAY.

use super::World;

#[test]
fn messages_reach_people_and_channels() {
    let mut world = World::new().users(&["al", "bo", "cy"]);
    world.line("al", "JOIN #a");
    world.line("bo", "JOIN #a");
    world.seen();
    world.play(
        "al > PRIVMSG BO :hi there
         bo < :al!al@10.0.0.1 PRIVMSG bo :hi there
         al > PRIVMSG #A :all
         bo < :al!al@10.0.0.1 PRIVMSG #a :all
         al > NOTICE #a,bo,BO :x
         bo < :al!al@10.0.0.1 NOTICE #a :x
         bo < :al!al@10.0.0.1 NOTICE bo :x
         al > PRIVMSG al :me
         al < :al!al@10.0.0.1 PRIVMSG al :me",
    );
}

#[test]
fn what_cannot_be_sent_is_told_except_for_notices() {
    let mut world = World::new().users(&["al", "bo"]);
    world.line("al", "JOIN #a");
    world.seen();
    world.play(
        "bo > PRIVMSG
         bo < 411 :No recipient given (PRIVMSG)
         bo > PRIVMSG al
         bo < 412 :No text to send
         bo > PRIVMSG al :
         bo < 412 :No text to send
         bo > PRIVMSG zoe :x
         bo < 401 zoe :No such nick/channel
         bo > PRIVMSG #b :x
         bo < 403 #b :No such channel
         bo > PRIVMSG #a :x
         bo < 404 #a :Cannot send to channel (+n): you are not in it
         bo > PRIVMSG a,b,c,d,e :x
         bo < 407 e :Too many targets: at most 4; nothing was sent
         bo > NOTICE
         bo > NOTICE al
         bo > NOTICE zoe :x
         bo > NOTICE #a :x",
    );
}

#[test]
fn moderation_and_bans_silence_whom_they_should() {
    let mut world = World::new().users(&["al", "bo", "cy"]);
    world.line("al", "JOIN #a");
    world.line("bo", "JOIN #a");
    world.line("al", "MODE #a +m-n");
    world.seen();
    world.play(
        "bo > PRIVMSG #a :x
         bo < 404 #a :Cannot send to channel (+m): only operators and voiced members speak
         cy > PRIVMSG #a :x
         cy < 404 #a :Cannot send to channel (+m): …
         al > MODE #a +v bo
         al < :al!al@10.0.0.1 MODE #a +v bo
         bo < :al!al@10.0.0.1 MODE #a +v bo
         bo > PRIVMSG #a :x
         al < :bo!bo@10.0.0.2 PRIVMSG #a :x
         al > MODE #a -mv+b bo *!*@10.0.0.2
         al < :al!al@10.0.0.1 MODE #a -mv+b bo *!*@10.0.0.2
         bo < :al!al@10.0.0.1 MODE #a -mv+b bo *!*@10.0.0.2
         bo > PRIVMSG #a :x
         bo < 404 #a :Cannot send to channel (+b): you are banned
         cy > PRIVMSG #a :from outside
         al < :cy!cy@10.0.0.3 PRIVMSG #a :from outside
         bo < :cy!cy@10.0.0.3 PRIVMSG #a :from outside",
    );
}

#[test]
fn tags_and_echoes_are_for_those_who_asked() {
    let mut world = World::new();
    world.user("al", "echo-message message-tags", Some("al@example.test"));
    world.user("bo", "server-time account-tag message-tags", None);
    world.user("cy", "", None);
    for name in ["al", "bo", "cy"] {
        world.line(name, "JOIN #a");
    }
    world.seen();
    world.play(
        "al > @+typing=active;secret=1 PRIVMSG #a :x
         al < @msgid=test-1;+typing=active :al!al@10.0.0.1 PRIVMSG #a :x
         bo < @time=2026-01-31T12:34:56.000Z;account=al@example.test;msgid=test-1;+typing=active :al!al@10.0.0.1 PRIVMSG #a :x
         cy < :al!al@10.0.0.1 PRIVMSG #a :x
         al > @+typing=done TAGMSG #a
         al < @msgid=test-2;+typing=done :al!al@10.0.0.1 TAGMSG #a
         bo < @time=…;account=al@example.test;msgid=test-2;+typing=done :al!al@10.0.0.1 TAGMSG #a
         al > @+x TAGMSG cy
         al < @msgid=test-3;+x :al!al@10.0.0.1 TAGMSG cy
         cy > TAGMSG
         cy < 461 TAGMSG :…
         al > PRIVMSG bo :y
         bo < @time=…;account=al@example.test;msgid=test-4 :al!al@10.0.0.1 PRIVMSG bo :y
         al < @msgid=test-4 :al!al@10.0.0.1 PRIVMSG bo :y",
    );
}

#[test]
fn long_texts_are_cut_at_a_character() {
    let mut world = World::new().users(&["al", "bo"]);
    let text = "ü".repeat(245);
    world.line("al", &format!("PRIVMSG bo :{text}"));
    let seen = world.seen();
    let line = seen[0].strip_prefix("bo < ").unwrap();
    assert!(line.len() <= 510 && line.len() >= 509 && line.ends_with('ü'), "{}", line.len());
}

#[test]
fn what_is_not_utf8_or_too_long_is_told() {
    let mut world = World::new().users(&["al", "bo"]);
    world.bytes("al", b"PRIVMSG bo :\xff");
    assert!(world.seen()[0].starts_with("al < :irc.test FAIL PRIVMSG INVALID_UTF8 :Message rejected"));
    world.bytes("al", b"\xff x");
    assert!(world.seen()[0].starts_with("al < :irc.test FAIL * INVALID_UTF8 :"));
    world.event(super::Event::LineTooLong { client: world.client("al"), tags: b"@label=x".to_vec() });
    assert_eq!(world.seen(), ["al < :irc.test 417 al :Input line was too long"]);
    world.bytes("al", b"PRIVMSG bo :a\0b");
    assert!(world.seen()[0].contains(" 421 al * :"));
    world.bytes("al", b"  ");
    assert_eq!(world.seen(), [""; 0]);
}

#[test]
fn away_is_told_to_those_who_write_and_those_who_asked() {
    let mut world = World::new().users(&["al", "bo"]);
    world.user("cy", "away-notify", None);
    for name in ["al", "cy"] {
        world.line(name, "JOIN #a");
    }
    world.seen();
    world.play(
        "al > AWAY :tea time
         al < 306 :You have been marked as being away
         cy < :al!al@10.0.0.1 AWAY :tea time
         al > AWAY :tea time
         al < 306 :You have been marked as being away
         bo > PRIVMSG al :hi
         al < :bo!bo@10.0.0.2 PRIVMSG al :hi
         bo < 301 al :tea time
         bo > NOTICE al :hi
         al < :bo!bo@10.0.0.2 NOTICE al :hi
         al > JOIN #b
         al < …JOIN #b
         al < 353 …
         al < 366 …
         cy > JOIN #b
         al < :cy!cy@10.0.0.3 JOIN #b
         cy < :cy!cy@10.0.0.3 JOIN #b
         cy < 353 …
         cy < 366 …
         al > PART #b
         al < :al!al@10.0.0.1 PART #b
         cy < :al!al@10.0.0.1 PART #b
         al > JOIN #b
         al < :al!al@10.0.0.1 JOIN #b
         cy < :al!al@10.0.0.1 JOIN #b
         cy < :al!al@10.0.0.1 AWAY :tea time
         al < 353 …
         al < 366 …
         al > AWAY
         al < 305 :You are no longer marked as being away
         cy < :al!al@10.0.0.1 AWAY",
    );
}
