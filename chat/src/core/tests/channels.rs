//! JOIN, PART, KICK, INVITE, TOPIC, NAMES and LIST.

use super::{Limits, World, settings};

#[test]
fn joining_shows_the_channel() {
    let mut world = World::new().users(&["al"]);
    world.user("bo", "extended-join multi-prefix userhost-in-names", Some("bo@example.test"));
    world.play(
        "al > JOIN #A
         al < :al!al@10.0.0.1 JOIN #A
         al < 353 = #A :@al
         al < 366 #A :End of NAMES list
         al > TOPIC #a :hello
         al < :al!al@10.0.0.1 TOPIC #A :hello
         bo > JOIN #a
         al < :bo!bo@10.0.0.2 JOIN #A
         bo < :bo!bo@10.0.0.2 JOIN #A bo@example.test :The bo
         bo < 332 #A :hello
         bo < 333 #A al!al@10.0.0.1 1769862896
         bo < 353 = #A :@al!al@10.0.0.1 bo!bo@10.0.0.2
         bo < 366 #A :End of NAMES list
         bo > JOIN #a",
    );
}

#[test]
fn joining_can_be_refused() {
    let mut world =
        World::with(super::Settings { limits: Limits { channels_per_client: 1, ..Limits::default() }, ..settings() })
            .users(&["al", "bo"]);
    world.line("al", "JOIN #a");
    world.seen();
    world.play(
        "bo > JOIN a
         bo < 403 a :No such channel: a channel name begins with #
         bo > JOIN #\u{7}
         bo < 476 #\u{7} :Bad channel mask: …
         bo > JOIN :
         bo < 461 JOIN :Not enough parameters
         bo > JOIN ,,
         bo > JOIN
         bo < 461 JOIN :Not enough parameters: JOIN <channel>…
         al > MODE #a +k key
         al < :al!al@10.0.0.1 MODE #a +k key
         bo > JOIN #a
         bo < 475 #a :Cannot join channel (+k)
         al > MODE #a +l 1
         al < :al!al@10.0.0.1 MODE #a +l 1
         bo > JOIN #a key
         bo < 471 #a :Cannot join channel (+l)
         al > MODE #a -l+i
         al < :al!al@10.0.0.1 MODE #a -l+i
         bo > JOIN #a key
         bo < 473 #a :Cannot join channel (+i)
         al > MODE #a -i+b bo
         al < :al!al@10.0.0.1 MODE #a -i+b bo!*@*
         bo > JOIN #a key
         bo < 474 #a :Cannot join channel (+b)
         al > MODE #a -b bo
         al < :al!al@10.0.0.1 MODE #a -b bo!*@*",
    );
    world.line("bo", "JOIN #x,#a key");
    assert!(world.seen().last().is_some_and(|last| last.ends_with("405 bo #a :You have joined too many channels")));
    world.line("bo", "PART #x");
    world.line("bo", "JOIN #a key");
    assert!(world.seen().iter().any(|line| line.contains("JOIN #a")));
}

#[test]
fn several_channels_at_once_each_with_its_key() {
    let mut world = World::new().users(&["al", "bo"]);
    for line in ["JOIN #a,#b", "MODE #b +k k"] {
        world.line("al", line);
    }
    world.line("bo", "JOIN #a,#b ,k");
    assert_eq!(world.seen().iter().filter(|line| line.starts_with("al < :bo!") && line.contains("JOIN")).count(), 2);
    world.play(
        "bo > JOIN 0
         al < :bo!bo@10.0.0.2 PART #a :Left all channels
         bo < :bo!bo@10.0.0.2 PART #a :Left all channels
         al < :bo!bo@10.0.0.2 PART #b :Left all channels
         bo < :bo!bo@10.0.0.2 PART #b :Left all channels",
    );
}

#[test]
fn parting_is_seen_and_the_last_one_closes_the_channel() {
    let mut world = World::new().users(&["al", "bo"]);
    world.line("al", "JOIN #a");
    world.line("bo", "JOIN #a");
    world.seen();
    world.play(
        "bo > PART #A :tea
         al < :bo!bo@10.0.0.2 PART #a :tea
         bo < :bo!bo@10.0.0.2 PART #a :tea
         bo > PART #a
         bo < 442 #a :You're not on that channel
         al > PART #a,#b
         al < :al!al@10.0.0.1 PART #a
         al < 403 #b :No such channel",
    );
    assert!(world.core.state.channels.is_empty());
}

#[test]
fn kicking_is_the_operators() {
    let mut world = World::new().users(&["al", "bo", "cy"]);
    world.line("al", "JOIN #a");
    world.line("bo", "JOIN #a");
    world.seen();
    world.play(
        "al > KICK #a :
         al < 461 KICK :…
         al > KICK #a ,
         al < 461 KICK :…
         al > PART :
         al < 461 PART :…
         bo > KICK #a al
         bo < 482 #a :You're not channel operator
         cy > KICK #a al
         cy < 442 #a :You're not on that channel
         al > KICK #a cy
         al < 441 cy #a :They aren't on that channel
         al > KICK #a zoe
         al < 401 zoe :No such nick/channel
         al > KICK #b bo
         al < 403 #b :No such channel
         al > KICK #a
         al < 461 KICK :…
         al > KICK #a bo :out
         al < :al!al@10.0.0.1 KICK #a bo :out
         bo < :al!al@10.0.0.1 KICK #a bo :out
         bo > PART #a
         bo < 442 #a :You're not on that channel
         al > KICK #a al
         al < :al!al@10.0.0.1 KICK #a al :al",
    );
}

#[test]
fn several_are_kicked_at_once() {
    let mut world = World::new().users(&["al", "bo", "cy"]);
    for name in ["al", "bo", "cy"] {
        world.line(name, "JOIN #a,#b");
    }
    world.seen();
    world.line("al", "KICK #a bo,zoe,cy :out");
    let seen = world.seen();
    assert_eq!(seen.iter().filter(|line| line.contains("KICK #a bo :out")).count(), 3);
    assert_eq!(seen.iter().filter(|line| line.contains("KICK #a cy :out")).count(), 2);
    assert_eq!(seen[3], "al < :irc.test 401 al zoe :No such nick/channel");
    world.line("al", "KICK #b,#b bo,cy :");
    let seen = world.seen();
    assert!(seen[0].ends_with(" KICK #b bo :al") && seen[4].ends_with(" KICK #b cy :al"), "{seen:?}");
    world.play(
        "al > KICK #a,#b bo
         al < 461 KICK :Not enough parameters",
    );
}

#[test]
fn invitations_open_a_closed_channel_once() {
    let mut world = World::new().users(&["al", "bo", "cy"]);
    world.user("di", "invite-notify", None);
    world.line("al", "JOIN #a");
    world.line("di", "JOIN #a");
    world.line("al", "MODE #a +ib bo");
    world.line("bo", "AWAY :tea");
    world.seen();
    world.play(
        "di > INVITE bo #a
         di < 482 #a :You're not channel operator
         cy > INVITE bo #a
         cy < 442 #a :You're not on that channel
         al > INVITE di #a
         al < 443 di #a :is already on channel
         al > INVITE zoe #a
         al < 401 zoe :No such nick/channel
         al > INVITE BO #A
         al < 341 bo #a
         bo < :al!al@10.0.0.1 INVITE bo #a
         di < :al!al@10.0.0.1 INVITE bo #a
         al < 301 bo :tea",
    );
    world.line("bo", "JOIN #a");
    assert!(world.seen()[0].ends_with("JOIN #a"));
    world.line("bo", "PART #a");
    world.seen();
    world.play(
        "bo > JOIN #a
         bo < 473 #a :Cannot join channel (+i)",
    );
}

#[test]
fn topics_are_shown_set_and_removed() {
    let mut world = World::new().users(&["al", "bo"]);
    world.line("al", "JOIN #a");
    world.seen();
    world.play(
        "al > TOPIC #a
         al < 331 #a :No topic is set
         bo > TOPIC #a
         bo < 442 #a :You're not on that channel
         bo > TOPIC #a :x
         bo < 442 #a :You're not on that channel
         al > TOPIC #a :one two
         al < :al!al@10.0.0.1 TOPIC #a :one two
         al > TOPIC #a
         al < 332 #a :one two
         al < 333 #a al!al@10.0.0.1 1769862896
         al > TOPIC #a :
         al < :al!al@10.0.0.1 TOPIC #a :
         al > TOPIC #a
         al < 331 #a :No topic is set
         al > MODE #a -t
         al < :al!al@10.0.0.1 MODE #a -t",
    );
    world.line("bo", "JOIN #a");
    world.seen();
    world.play(
        "bo > TOPIC #a :mine
         al < :bo!bo@10.0.0.2 TOPIC #a :mine
         bo < :bo!bo@10.0.0.2 TOPIC #a :mine
         al > MODE #a +t
         al < :al!al@10.0.0.1 MODE #a +t
         bo < :al!al@10.0.0.1 MODE #a +t
         bo > TOPIC #a :again
         bo < 482 #a :You're not channel operator",
    );
    world.line("al", &format!("TOPIC #a :{}", "x".repeat(450)));
    assert!(world.seen()[0].ends_with(&format!(" :{}", "x".repeat(300))));
}

#[test]
fn secret_channels_are_for_members() {
    let mut world = World::new().users(&["al", "bo"]);
    world.line("al", "JOIN #open");
    world.line("al", "JOIN #secret");
    world.line("al", "MODE #secret +s");
    world.seen();
    world.play(
        "bo > LIST
         bo < 321 Channel :Users  Name
         bo < 322 #open 1 :
         bo < 323 :End of LIST
         al > LIST #secret
         al < 321 Channel :Users  Name
         al < 322 #secret 1 :
         al < 323 :End of LIST
         bo > NAMES #secret
         bo < 366 #secret :End of NAMES list
         al > NAMES #secret
         al < 353 @ #secret :@al
         al < 366 #secret :End of NAMES list
         bo > TOPIC #secret
         bo < 403 #secret :No such channel
         bo > WHO #secret
         bo < 315 #secret :End of WHO list
         bo > MODE #secret
         bo < 403 #secret :No such channel
         bo > PART ,#secret,
         bo < 442 #secret :You're not on that channel
         bo > INVITE al #secret
         bo < 442 #secret :You're not on that channel
         bo > KICK #secret al
         bo < 442 #secret :You're not on that channel",
    );
    world.line("bo", "WHOIS al");
    assert!(world.seen().contains(&"bo < :irc.test 319 bo al :@#open".to_owned()));
}

#[test]
fn lists_are_filtered() {
    let mut world = World::new().users(&["al", "bo"]);
    world.line("al", "JOIN #one,#two");
    world.line("bo", "JOIN #two");
    for (filter, expected) in [
        ("#one", &["#one 1"][..]),
        ("#t*", &["#two 2"]),
        ("!#t*", &["#one 1"]),
        (">1", &["#two 2"]),
        ("<2", &["#one 1"]),
        ("<2,>0", &["#one 1"]),
        ("#none", &[]),
        ("#one,#two", &["#one 1", "#two 2"]),
        ("#one,#two >1", &["#two 2"]),
        ("#one irc.test", &["#one 1"]),
        ("*o*,!*e", &["#two 2"]),
        (">x", &[]),
    ] {
        world.seen();
        world.line("bo", &format!("LIST {filter}"));
        let seen = world.seen();
        let found: Vec<_> = seen.iter().filter_map(|line| line.strip_prefix("bo < :irc.test 322 bo ")).collect();
        assert_eq!(found, expected.iter().map(|row| format!("{row} :")).collect::<Vec<_>>(), "{filter}");
    }
}

#[test]
fn the_channels_of_a_server_that_is_not_there_are_refused() {
    let mut world = World::new().users(&["al"]);
    world.line("al", "JOIN #");
    world.seen();
    world.play(
        "al > LIST # other.test
         al < 402 other.test :No such server
         al > LIST # irc.test
         al < 321 Channel :Users  Name
         al < 322 # 1 :
         al < 323 :End of LIST",
    );
}

#[test]
fn a_mask_that_fits_a_server_asks_that_for_its_channels() {
    let mut world = World::new().users(&["al"]);
    world.line("al", "JOIN #a");
    world.seen();
    for (words, is_listed) in [
        ("#a *.test", true),
        ("#a irc.*", true),
        ("#a i?c.test", true),
        ("#a *", true),
        ("irc.test", true),
        ("IRC.*", true),
        (">0 irc.test", true),
        ("#b irc.test", false),
        ("*.test", false),
        ("*b*", false),
        ("#a *b*", false),
    ] {
        world.line("al", &format!("LIST {words}"));
        let seen = world.seen();
        assert_eq!(seen.iter().any(|line| line.contains(" 322 al #a 1 ")), is_listed, "{words}: {seen:?}");
        assert!(seen.last().is_some_and(|line| line.contains(" 323 ")), "{words}: {seen:?}");
    }
    for server in ["other.*", "o?her.test"] {
        world.line("al", &format!("LIST #a {server}"));
        assert_eq!(world.seen(), [format!("al < :irc.test 402 al {server} :No such server")]);
    }
}

#[test]
fn lists_are_filtered_by_age() {
    let mut world = World::new().users(&["al"]);
    world.line("al", "JOIN #old");
    world.pass(60);
    world.line("al", "TOPIC #old :x");
    world.pass(120);
    world.line("al", "JOIN #new");
    world.pass(30);
    for (filter, expected) in [
        ("C>1", &["#old 1 :x"][..]),
        ("C<1", &["#new 1 :"]),
        ("c>0,C<1", &["#new 1 :"]),
        ("T>2", &["#old 1 :x"]),
        ("T<3", &["#old 1 :x"]),
        ("T<2", &[]),
        ("C<x", &[]),
    ] {
        world.seen();
        world.line("al", &format!("LIST {filter}"));
        let seen = world.seen();
        let found: Vec<_> = seen.iter().filter_map(|line| line.strip_prefix("al < :irc.test 322 al ")).collect();
        assert_eq!(found, expected, "{filter}");
    }
}

#[test]
fn names_of_many_take_several_lines() {
    let mut world = World::new();
    for n in 0..60 {
        let name = format!("somebody-with-a-name-{n:02}");
        world.user(&name, "", None);
        world.line(&name, "JOIN #a");
    }
    world.seen();
    world.line("somebody-with-a-name-00", "NAMES #a");
    let seen = world.seen();
    let words: usize = seen
        .iter()
        .filter(|line| line.contains(" 353 "))
        .map(|line| line.split(" :").last().unwrap().split(' ').count())
        .sum();
    assert_eq!((words, seen.len() > 3), (60, true));
    world.line("somebody-with-a-name-00", "NAMES");
    let all = world.seen();
    assert_eq!(all.len(), seen.len());
    assert!(all.last().unwrap().contains(" 366 somebody-with-a-name-00 * :"));
}
