//! Operators, half-operators and voices: what each may do, and messages to those of a rank.

use super::World;

/// `al` is operator, `ha` half-operator, `vo` voiced, `me` a member of `#a`.
fn world() -> World {
    let mut world = World::new().users(&["al", "ha", "vo", "me"]);
    for name in ["al", "ha", "vo", "me"] {
        world.line(name, "JOIN #a");
    }
    world.line("al", "MODE #a +hv ha vo");
    world.seen();
    world
}

/// What `name` sees of a line that it types.
fn answer(world: &mut World, name: &str, line: &str) -> Vec<String> {
    world.seen();
    world.line(name, line);
    let mine = format!("{name} < ");
    world.seen().into_iter().filter(|seen| seen.starts_with(&mine)).collect()
}

#[test]
fn a_half_operator_helps() {
    let mut world = world();
    for line in ["MODE #a +v me", "MODE #a -v me", "MODE #a +imtkl k 9", "MODE #a +b x", "TOPIC #a :x", "INVITE al #a"]
    {
        let seen = answer(&mut world, "ha", line);
        assert!(!seen[0].contains(" 482 "), "{line}: {seen:?}");
    }
    for line in ["MODE #a +o ha", "MODE #a +h me", "MODE #a -o al", "KICK #a al", "KICK #a ha"] {
        assert_eq!(answer(&mut world, "ha", line), ["ha < :irc.test 482 ha #a :You're not channel operator"], "{line}");
    }
    assert!(answer(&mut world, "ha", "KICK #a vo :out")[0].ends_with("KICK #a vo :out"));
    assert!(answer(&mut world, "ha", "MODE #a -h HA")[0].ends_with("MODE #a -h ha"), "anybody may step down");
    assert_eq!(answer(&mut world, "ha", "MODE #a +h ha"), ["ha < :irc.test 482 ha #a :You're not channel operator"]);
}

#[test]
fn a_voice_runs_nothing() {
    let mut world = world();
    for line in ["MODE #a +v me", "MODE #a +m", "KICK #a me", "TOPIC #a :x", "MODE #a -v me", "MODE #a -o al"] {
        assert_eq!(answer(&mut world, "vo", line), ["vo < :irc.test 482 vo #a :You're not channel operator"], "{line}");
    }
    assert!(answer(&mut world, "vo", "MODE #a -v vo")[0].ends_with("MODE #a -v vo"));
}

#[test]
fn ranks_are_shown() {
    let mut world = world();
    world.line("al", "MODE #a +hv al al");
    world.seen();
    world.play(
        "me > NAMES #a
         me < 353 = #a :@al %ha +vo me
         me < 366 …",
    );
    world.line("me", "CAP REQ multi-prefix");
    world.seen();
    world.play(
        "me > NAMES #a
         me < 353 = #a :@%+al %ha +vo me
         me < 366 …",
    );
}

#[test]
fn a_message_to_a_rank_reaches_it_and_those_above() {
    let mut world = world();
    world.play(
        "me > PRIVMSG @#A :to operators
         al < :me!me@10.0.0.4 PRIVMSG @#a :to operators
         me > NOTICE %#a :x
         al < :me!me@10.0.0.4 NOTICE %#a :x
         ha < :me!me@10.0.0.4 NOTICE %#a :x
         me > PRIVMSG +#a :x
         al < :me!me@10.0.0.4 PRIVMSG +#a :x
         ha < :me!me@10.0.0.4 PRIVMSG +#a :x
         vo < :me!me@10.0.0.4 PRIVMSG +#a :x
         al > PRIVMSG @%#a :the lowest counts
         ha < :al!al@10.0.0.1 PRIVMSG %#a :the lowest counts
         me > PRIVMSG @#none :x
         me < 403 #none :No such channel
         me > PRIVMSG @al :x
         me < 401 @al :No such nick/channel",
    );
    world.user("ou", "", None);
    world.play(
        "ou > PRIVMSG @#a :x
         ou < 404 #a :Cannot send to channel (+n): you are not in it",
    );
}

#[test]
fn some_channels_hear_only_who_is_logged_in() {
    let mut world = world();
    world.user("ac", "", Some("ac"));
    world.line("ac", "JOIN #a");
    world.line("al", "MODE #a +M");
    world.seen();
    world.play(
        "me > PRIVMSG #a :x
         me < 404 #a :Cannot send to channel (+M): only those who are logged in speak",
    );
    world.line("vo", "PRIVMSG #a :x");
    world.line("ac", "PRIVMSG #a :x");
    assert_eq!(world.seen().len(), 8);
}

#[test]
fn some_channels_take_no_ctcp() {
    let mut world = world();
    world.line("al", "MODE #a +C");
    world.seen();
    world.play(
        "al > PRIVMSG #a :\u{1}VERSION\u{1}
         al < 404 #a :Cannot send to channel (+C): no CTCP
         al > NOTICE #a :\u{1}VERSION x\u{1}",
    );
    world.line("al", "PRIVMSG #a :\u{1}ACTION waves\u{1}");
    assert_eq!(world.seen().len(), 3);
}

#[test]
fn some_people_hear_only_who_is_logged_in() {
    let mut world = World::new().users(&["al", "bo"]);
    world.user("ac", "", Some("ac"));
    world.line("al", "MODE al +R");
    world.seen();
    world.play(
        "bo > PRIVMSG al :x
         bo < 531 al :Cannot send to user (+R): log in first
         bo > NOTICE al :x
         ac > PRIVMSG al :x
         al < :ac!ac@10.0.0.3 PRIVMSG al :x
         al > PRIVMSG al :x
         al < :al!al@10.0.0.1 PRIVMSG al :x",
    );
}
