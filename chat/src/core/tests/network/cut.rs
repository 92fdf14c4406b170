//! Who was cut off from the others comes back: as whom, into which channels, and what of these has changed.

use super::Net;
use super::missed::torn;
use crate::core::Event;

#[test]
fn who_waits_for_the_others_during_a_cut_is_told_that_the_server_is_here() {
    let mut net = Net::of(2);
    net.user("al", 1, "", None);
    net.line("al", "JOIN #a");
    net.seen();
    // The line is on its way when the way is lost, so nothing is known of it yet.
    net.type_line("al", "PRIVMSG #a :on its way");
    net.event(1, Event::CutOff { why: "connection refused".to_owned() });
    net.type_line("al", "TIME");
    net.seen();
    net.type_line("al", "PING lag");
    assert_eq!(net.seen_by("al"), [":n1.test PONG n1.test :lag"]);
    net.event(1, Event::Reached);
    net.deliver();
    net.type_line("al", "PING after");
    let seen = net.seen_by("al");
    let place =
        |text: &str| seen.iter().position(|line| line.contains(text)).unwrap_or_else(|| panic!("{text}: {seen:#?}"));
    assert!(place(" 391 al ") < place("PONG n1.test :after"), "the rest is in its order: {seen:#?}");
}

#[test]
fn who_was_cut_off_comes_back_with_its_channels_and_perhaps_another_nickname() {
    let mut net = Net::of(2);
    net.user("al", 1, "", None);
    net.user("bo", 2, "", None);
    net.user("cy", 2, "", None);
    net.line("bo", "JOIN #a");
    net.line("cy", "JOIN #a");
    net.line("al", "JOIN #a");
    net.line("bo", "MODE #a +v cy");
    net.seen();
    net.event(2, Event::CutOff { why: "connection refused".to_owned() });
    net.line("bo", "PRIVMSG #a :lost?");
    let refused = net.seen_by("bo");
    assert!(refused[1].contains(" 400 bo PRIVMSG :Not done: this server is cut off"), "{refused:#?}");
    net.give_up(2);
    net.deliver();
    net.user("late", 1, "", None);
    net.line("late", "NICK cy");
    net.line("late", "JOIN #a");
    net.seen();
    net.come_back(2);
    let seen = net.seen();
    for expected in [
        "bo < :al!al@0::1 QUIT :n1.test is gone: cut off",
        "bo < :al!al@0::1 JOIN #a",
        "bo < :cy!late@0::1 JOIN #a",
        "cy < :cy!cy@0::1 NICK :Guest1",
        "cy < :n2.test NOTICE Guest1 :Somebody took your nickname while this server was cut off from the others: you are Guest1 now.",
        "al < :bo!bo@0::1 JOIN #a",
        "al < :n1.test MODE #a +o bo",
        "al < :Guest1!cy@0::1 JOIN #a",
        "al < :n1.test MODE #a +v Guest1",
        "bo < :n2.test NOTICE bo :This server is back with the others. What they said in your channels meanwhile follows.",
        "cy < :n2.test NOTICE Guest1 :This server is back with the others. What they said in your channels meanwhile follows.",
    ] {
        assert!(seen.iter().any(|line| line == expected), "{expected}: {seen:#?}");
    }
    assert!(!seen.iter().any(|line| line.starts_with("cy < :bo!") && line.contains("QUIT")), "{seen:#?}");
    net.line("bo", "PRIVMSG #a :back");
    assert_eq!(net.seen_by("al"), [":bo!bo@0::1 PRIVMSG #a :back"]);
    net.check();
}

#[test]
fn who_is_cut_off_again_before_it_is_back_stays_who_it_was() {
    let mut net = torn();
    net.is_full = true;
    net.come_back(2);
    net.event(2, Event::CutOff { why: "the bus is full".to_owned() });
    for proposal in std::mem::take(&mut net.nodes.get_mut(&2).unwrap().unsent) {
        net.event(2, Event::NotMade { number: proposal.number, why: "the bus is full".to_owned() });
    }
    net.is_full = false;
    net.type_line("bo", "NICK robert");
    net.seen();
    net.event(2, Event::Reached);
    net.deliver();
    let seen = net.seen();
    for expected in ["al < @msgid=", " :bo!bo@0::1 JOIN #a", "al < :bo!bo@0::1 NICK :robert"] {
        assert!(seen.iter().any(|line| line.contains(expected)), "{expected}: {seen:#?}");
    }
    assert!(!seen.iter().any(|line| line.contains("ERROR") || line.contains("closed")), "{seen:#?}");
    net.check();
}

#[test]
fn lines_behind_a_question_are_not_lost_when_a_node_is_given_up() {
    let mut net = Net::of(2);
    net.user("al", 1, "", None);
    net.user("bo", 2, "draft/chathistory batch", None);
    net.line("al", "JOIN #a");
    net.line("bo", "JOIN #a");
    net.is_mute = true;
    net.type_line("bo", "CHATHISTORY LATEST #a * 10");
    net.type_line("bo", "PRIVMSG #a :behind it");
    net.give_up(2);
    net.deliver();
    net.seen();
    // That question is never answered; what it asks when it is back, is.
    net.nodes.get_mut(&2).unwrap().asked.clear();
    net.is_mute = false;
    net.come_back(2);
    assert!(net.seen_by("al").contains(&":bo!bo@0::1 PRIVMSG #a :behind it".to_owned()));
}

#[test]
fn a_channel_that_was_gone_for_the_others_comes_back_as_it_was() {
    let mut net = Net::of(2);
    net.user("al", 1, "", None);
    net.user("bo", 2, "", None);
    net.line("bo", "JOIN #z");
    net.line("bo", "MODE #z +kl key 7");
    net.line("bo", "TOPIC #z :ours");
    for number in 0..100 {
        net.line("bo", &format!("MODE #z +b {}{number}!*@*", "x".repeat(120)));
    }
    net.event(2, Event::CutOff { why: "away".to_owned() });
    net.give_up(2);
    net.deliver();
    net.line("al", "JOIN #z");
    net.line("al", "PART #z");
    net.seen();
    net.come_back(2);
    net.check();
    net.line("al", "JOIN #z");
    assert!(net.seen_by("al")[0].starts_with(":n1.test 475 al #z"), "the key is what it was");
    net.line("al", "JOIN #z key");
    net.line("al", "MODE #z b");
    let seen = net.seen_by("al");
    assert!(seen.iter().any(|line| line.contains(" 332 al #z :ours")), "{seen:#?}");
    assert_eq!(seen.iter().filter(|line| line.contains(" 367 al #z ")).count(), 100);
    net.line("bo", "PRIVMSG #z :there");
    assert_eq!(net.seen_by("al"), [":bo!bo@0::1 PRIVMSG #z :there"]);
}

#[test]
fn another_channel_of_the_same_name_lets_in_who_comes_back_as_by_join_only() {
    let channel = |modes: &str, who: &str| {
        let mut net = Net::of(2);
        net.user("al", 1, "", None);
        net.user("ben", 2, "draft/chathistory batch", None);
        net.user("cy", 2, "", None);
        net.line("ben", "JOIN #own");
        net.line("cy", "JOIN #own");
        net.event(2, Event::CutOff { why: "away".to_owned() });
        net.give_up(2);
        net.deliver();
        net.line("al", "JOIN #own");
        net.line("al", &format!("MODE #own {modes}"));
        net.line("al", "PRIVMSG #own :top secret");
        net.seen();
        net.come_back(2);
        net.check();
        let seen = net.seen_by(who);
        net.line("ben", "CHATHISTORY LATEST #own * 10");
        net.line("al", "PRIVMSG #own :more");
        let later = net.seen_by("ben");
        assert_eq!(later.iter().any(|line| line.contains("top secret") || line.contains("more")), modes == "+t");
        seen
    };
    let out =
        ":n2.test KICK #own ben :Another channel has taken this name while this server was cut off from the others";
    for (modes, numeric) in
        [("+k hush", "475"), ("+i", "473"), ("+l 1", "471"), ("+R", "477"), ("+b *!*@*", "474"), ("+isk hush", "473")]
    {
        let seen = channel(modes, "ben");
        let place = seen.iter().position(|line| line == out).unwrap_or_else(|| panic!("{modes}: {seen:#?}"));
        assert!(seen[place + 1].starts_with(&format!(":n2.test {numeric} ben #own :")), "{modes}: {seen:#?}");
        assert!(!seen.iter().any(|line| line.contains("JOIN #own")), "{modes}: {seen:#?}");
        assert!(channel(modes, "cy").iter().any(|line| line == out), "{modes}: its companion sees it go");
        assert_eq!(channel(modes, "al"), [""; 0], "{modes}");
    }
    assert!(channel("+t", "ben").contains(&":al!al@0::1 JOIN #own".to_owned()));
}

#[test]
fn a_channel_that_is_closed_meanwhile_keeps_the_seats_of_its_own() {
    let mut net = Net::of(2);
    net.user("al", 1, "", None);
    net.user("ben", 2, "", None);
    for line in ["JOIN #own", "MODE #own +ik hush"] {
        net.line("al", line);
    }
    net.line("al", "INVITE ben #own");
    net.line("ben", "JOIN #own");
    net.event(2, Event::CutOff { why: "away".to_owned() });
    net.give_up(2);
    net.deliver();
    net.line("al", "MODE #own -k+kl hush other 1");
    net.seen();
    net.come_back(2);
    let seen = net.seen();
    assert!(seen.contains(&"al < :ben!ben@0::1 JOIN #own".to_owned()), "its own channel keeps its seat: {seen:#?}");
    net.check();
}

#[test]
fn a_ban_puts_out_whose_node_was_cut_off_before_it_and_nobody_else() {
    let mut net = torn_with_silenced();
    net.line("al", "MODE #a +b bo!*@*");
    net.seen();
    net.come_back(2);
    let seen = net.seen();
    let out = "bo < :n2.test KICK #a bo :Banned while this server was cut off from the others";
    assert!(seen.contains(&out.to_owned()), "{seen:#?}");
    assert!(!seen.iter().any(|line| line.contains("KICK #a cy") || line.starts_with("al < ") && line.contains(":bo!")));
    assert!(seen.contains(&"al < :cy!cy@0::1 JOIN #a".to_owned()), "{seen:#?}");
    net.line("cy", "PRIVMSG #a :may I?");
    assert!(net.seen_by("cy")[0].contains(" 404 cy #a "), "it is as silent as before");
    net.check();
}

/// Its node has read up to its own end what the others did: a ban from before that it knows, and it is in the channel.
#[test]
fn a_ban_from_before_a_node_was_given_up_silences_and_lets_stay() {
    let mut net = Net::of(2);
    for (name, node) in [("al", 1), ("bo", 2)] {
        net.user(name, node, "", None);
        net.line(name, "JOIN #a");
    }
    net.event(2, Event::CutOff { why: "away".to_owned() });
    // It lies in the node's inbox, and is read when the way is there again.
    net.line("al", "MODE #a +b bo!*@*");
    net.give_up(2);
    net.deliver();
    net.seen();
    net.come_back(2);
    let seen = net.seen();
    assert!(!seen.iter().any(|line| line.contains(" KICK ")), "{seen:#?}");
    assert!(seen.contains(&"al < :bo!bo@0::1 JOIN #a".to_owned()), "{seen:#?}");
    net.line("bo", "PRIVMSG #a :may I?");
    assert!(net.seen_by("bo")[0].contains(" 404 bo #a "));
    net.check();
}

/// Two users of the second node, one of whom is banned and in the channel, when the node is given up.
fn torn_with_silenced() -> Net {
    let mut net = Net::of(2);
    for (name, node) in [("al", 1), ("bo", 2), ("cy", 2)] {
        net.user(name, node, "", None);
        net.line(name, "JOIN #a");
    }
    net.line("al", "MODE #a +b cy!*@*");
    net.event(2, Event::CutOff { why: "away".to_owned() });
    net.give_up(2);
    net.deliver();
    net
}

#[test]
fn who_comes_back_sees_the_others_come_as_its_client_wants_it() {
    let mut net = Net::of(2);
    net.user("al", 1, "", None);
    net.user("bo", 2, "extended-join away-notify", None);
    net.user("cy", 2, "", None);
    for name in ["al", "bo", "cy"] {
        net.line(name, "JOIN #a");
    }
    net.line("al", "AWAY :lunch");
    net.event(2, Event::CutOff { why: "away".to_owned() });
    net.give_up(2);
    net.deliver();
    net.seen();
    net.come_back(2);
    let seen = net.seen();
    let of_al = |name: &str| {
        let start = format!("{name} < :al!al@0::1 ");
        let lines = seen.iter().filter_map(|line| line.strip_prefix(&start)).filter(|line| !line.starts_with("QUIT"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(of_al("bo"), ["JOIN #a * :al", "AWAY :lunch"]);
    assert_eq!(of_al("cy"), ["JOIN #a"]);
}

#[test]
fn who_comes_back_is_told_what_of_its_channels_is_not_as_it_was() {
    let mut net = Net::of(2);
    for (name, node) in [("al", 1), ("bo", 2), ("cy", 2)] {
        net.user(name, node, "", None);
    }
    for line in ["JOIN #a,#b,#gone", "MODE #b +n", "TOPIC #a :will go", "TOPIC #gone :stays"] {
        net.line("bo", line);
    }
    net.line("al", "JOIN #a");
    net.line("bo", "MODE #a +o al");
    net.line("cy", "JOIN #a,#b,#gone");
    net.event(2, Event::CutOff { why: "away".to_owned() });
    net.give_up(2);
    net.deliver();
    for line in ["MODE #a +mikl-n key 9", "TOPIC #a :", "JOIN #b"] {
        net.line("al", line);
    }
    net.seen();
    net.come_back(2);
    net.check();
    let seen = net.seen();
    for who in ["bo", "cy"] {
        let start = format!("{who} < :n2.test ");
        let told = seen.iter().filter_map(|line| line.strip_prefix(&start));
        let told: Vec<_> = told.filter(|line| line.starts_with("MODE") || line.starts_with("TOPIC")).collect();
        let expected = ["MODE #a +o al", "MODE #a +im-n+kl key 9", "TOPIC #a :", "MODE #b +o al", "MODE #b -o bo"];
        for line in expected {
            assert!(told.contains(&line), "{who} {line}: {told:#?}");
        }
        assert_eq!(told.len(), expected.len(), "{told:#?}");
    }
}

#[test]
fn a_ban_is_told_to_each_by_the_name_that_it_knows() {
    let mut net = Net::of(2);
    for (name, node) in [("al", 1), ("bo", 2), ("cy", 2), ("di", 2)] {
        net.user(name, node, "draft/channel-rename", None);
        net.line(name, "JOIN #a");
    }
    net.event(2, Event::CutOff { why: "away".to_owned() });
    net.give_up(2);
    net.deliver();
    for line in ["RENAME #a #b", "MODE #b +b cy!*@*"] {
        net.line("al", line);
    }
    net.seen();
    net.come_back(2);
    net.check();
    let seen = net.seen();
    let why = "Banned while this server was cut off from the others";
    for (who, name) in [("bo", "#b"), ("cy", "#a"), ("di", "#a")] {
        let line = format!("{who} < :n2.test KICK {name} cy :{why}");
        assert!(seen.contains(&line), "{line}: {seen:#?}");
    }
    assert_eq!(seen.iter().filter(|line| line.contains(" KICK ")).count(), 3, "{seen:#?}");
}

#[test]
fn where_nothing_is_kept_it_is_told_from_when_to_when_something_is_missing() {
    let mut net = Net::without_history(2);
    for (name, node) in [("al", 1), ("bo", 2)] {
        net.user(name, node, "", None);
        net.line(name, "JOIN #a");
    }
    net.event(2, Event::CutOff { why: "away".to_owned() });
    let from = crate::core::fanout::rfc3339(net.now);
    net.give_up(2);
    net.deliver();
    net.now.unix_ms += 90_000;
    net.line("al", "PRIVMSG #a :lost");
    net.come_back(2);
    let seen = net.seen_by("bo");
    let told = seen.iter().find(|line| line.contains("No history is kept here")).unwrap_or_else(|| panic!("{seen:#?}"));
    assert!(told.contains(&format!("in your channels from {from} to 20")), "{told}");
    assert!(!seen.iter().any(|line| line.contains("lost")), "{seen:#?}");
}

#[test]
fn a_refusal_that_comes_late_is_not_taken_for_that_of_a_later_proposal() {
    let mut net = Net::of(2);
    for (name, node) in [("al", 1), ("bo", 2)] {
        net.user(name, node, "", None);
        net.line(name, "JOIN #a");
    }
    net.give_up(2);
    net.type_line("bo", "PRIVMSG #a :too late");
    let take = |net: &mut Net| std::mem::take(&mut net.nodes.get_mut(&2).unwrap().unsent);
    let late = take(&mut net);
    net.event(2, Event::GivenUp);
    net.is_full = true;
    net.join(2);
    let coming = take(&mut net);
    assert_eq!((late.len(), coming.len()), (1, 1), "what was said, and that bo comes again");
    net.event(2, Event::NotMade { number: late[0].number, why: "it joined anew since".to_owned() });
    net.is_full = false;
    net.seen();
    coming.into_iter().for_each(|proposal| net.order(2, proposal));
    net.event(2, Event::Tick);
    net.deliver();
    net.line("al", "LUSERS");
    let seen = net.seen();
    let count = |line: &str| seen.iter().filter(|it| *it == line).count();
    assert_eq!(count("al < :bo!bo@0::1 JOIN #a"), 1, "{seen:#?}");
    assert_eq!(count("al < :n1.test 251 al :There are 2 users and 0 invisible on 2 servers"), 1, "{seen:#?}");
    net.check();
}

/// What a revoked certificate does to its session, on a node that can tell nobody.
fn dismiss(net: &mut Net, name: &str) {
    let (client, reason) = (net.names[name], "revoked".to_owned());
    net.event(client.node().0, Event::Dismissed { client, reason });
}

/// When the node of the dismissed hears that it was given up: before, after, or not at all.
#[derive(Clone, Copy, Debug, PartialEq)]
enum GivenUp {
    Never,
    Later,
    Before,
}

#[test]
fn who_is_put_out_on_a_node_that_is_cut_off_is_gone_there_at_once_and_does_not_come_back() {
    for given_up in [GivenUp::Never, GivenUp::Later, GivenUp::Before] {
        let mut net = Net::of(2);
        for (name, node) in [("al", 1), ("bo", 2), ("cy", 2)] {
            net.user(name, node, "", None);
            net.line(name, "JOIN #a");
        }
        net.event(2, Event::CutOff { why: "away".to_owned() });
        if given_up != GivenUp::Never {
            net.give_up(2);
            net.deliver();
        }
        if given_up == GivenUp::Before {
            net.event(2, Event::GivenUp);
        }
        net.seen();
        dismiss(&mut net, "bo");
        let seen = net.seen();
        assert!(seen.contains(&"bo closed".to_owned()), "{given_up:?}: {seen:#?}");
        match given_up {
            GivenUp::Never => net.event(2, Event::Reached),
            GivenUp::Later => net.come_back(2),
            GivenUp::Before => net.join(2),
        }
        net.deliver();
        let all = [seen, net.seen()].concat();
        let told = |name: &str| {
            let start = format!("{name} < :bo!bo@0::1 ");
            all.iter().filter_map(|line| line.strip_prefix(&start)).map(str::to_owned).collect::<Vec<_>>()
        };
        let expected_by_al = if given_up == GivenUp::Never { &["QUIT :revoked"][..] } else { &[] };
        assert_eq!(told("al"), expected_by_al, "{given_up:?}: {all:#?}");
        assert_eq!(told("cy").len(), 1, "{given_up:?}: {all:#?}");
        assert!(told("cy")[0].starts_with("QUIT :"), "{given_up:?}: {all:#?}");
        net.check();
    }
}
