//! What users of different nodes see of each other while all can reach each other.

use super::super::identity;
use super::{Entry, Net};
use crate::core::Event;
use crate::core::keep::{Answer, Buffer, HistoryQuery, Place, Question};
use crate::core::limits::HELD_LINES;
use crate::core::network::{Change, Proposal, Reach};

#[test]
fn who_writes_faster_than_lines_are_ordered_is_not_read_meanwhile_and_each_line_comes_once() {
    let mut net = Net::of(2);
    for (name, node) in [("al", 1), ("bo", 2)] {
        net.user(name, node, "", None);
        net.line(name, "JOIN #a");
    }
    net.seen();
    let count = HELD_LINES + 2;
    (0..count).for_each(|number| net.type_line("al", &format!("PRIVMSG #a :{number}")));
    let al = net.names["al"];
    assert_eq!(net.held.get(&al), Some(&true));
    net.type_line("al", "QUIT :that was all");
    net.deliver();
    assert_eq!(net.held.get(&al), Some(&false));
    let mut expected: Vec<String> = (0..count).map(|number| format!(":al!al@0::1 PRIVMSG #a :{number}")).collect();
    expected.push(":al!al@0::1 QUIT :Quit: that was all".to_owned());
    assert_eq!(net.seen_by("bo"), expected);
}

#[test]
fn what_was_said_before_the_connection_ended_is_said() {
    let mut net = Net::of(2);
    for (name, node) in [("al", 1), ("bo", 2)] {
        net.user(name, node, "", None);
        net.line(name, "JOIN #a");
    }
    net.seen();
    (0..3).for_each(|number| net.type_line("al", &format!("PRIVMSG #a :{number}")));
    net.lose("al");
    net.deliver();
    let mut expected: Vec<String> = (0..3).map(|number| format!(":al!al@0::1 PRIVMSG #a :{number}")).collect();
    expected.push(":al!al@0::1 QUIT :lost".to_owned());
    assert_eq!(net.seen_by("bo"), expected);
    net.check();
}

#[test]
fn users_of_two_nodes_are_in_one_channel() {
    let mut net = Net::of(3);
    net.user("al", 1, "", None);
    net.user("bo", 2, "", None);
    net.line("al", "JOIN #a");
    net.line("bo", "JOIN #a");
    assert!(net.seen_by("al").contains(&":bo!bo@0::1 JOIN #a".to_owned()));
    net.line("al", "PRIVMSG #a :hello");
    assert_eq!(net.seen_by("bo"), [":al!al@0::1 PRIVMSG #a :hello"]);
    net.line("bo", "PRIVMSG al :hello you");
    assert_eq!(net.seen(), ["al < :bo!bo@0::1 PRIVMSG al :hello you"]);
    net.line("bo", "NAMES #a");
    assert_eq!(net.seen_by("bo")[0], ":n2.test 353 bo = #a :@al bo");
    net.check();
}

#[test]
fn a_nodes_name_is_refused_as_a_nickname_where_it_is_asked_for_and_nowhere_else() {
    let mut net = Net::in_domain(2, "");
    net.user("al", 1, "", None);
    for name in ["N1", "n2"] {
        net.line("al", &format!("NICK {name}"));
        let refused = format!(":n1 433 al {name} :Nickname is already in use: it is the name of a server");
        assert_eq!(net.seen_by("al"), [refused]);
    }
    // As if it had been proposed before that node came: all apply it alike, the new one too.
    net.join(3);
    let change = Change::Line { client: net.names["al"], line: "NICK n3".to_owned() };
    net.order(1, Proposal { number: 1000, reach: Reach::Everyone, change });
    net.deliver();
    assert!(net.seen_by("al")[0].ends_with(" NICK :n3"));
    net.check();
}

#[test]
fn a_nickname_taken_on_two_nodes_at_once_goes_to_one() {
    let mut net = Net::of(2);
    for (name, node) in [("one", 1), ("two", 2)] {
        net.connect(name, node, None);
        net.type_line(name, "NICK same");
        net.type_line(name, "USER u 0 * :u");
    }
    net.deliver();
    let seen = net.seen();
    assert!(seen.iter().any(|line| line.starts_with("one < :n1.test 001 same")), "{seen:#?}");
    assert!(seen.contains(&"two < :n2.test 433 * same :Nickname is already in use".to_owned()), "{seen:#?}");
    net.line("two", "NICK other");
    assert!(net.seen_by("two")[0].starts_with(":n2.test 001 other"));
    net.type_line("one", "NICK third");
    net.type_line("two", "NICK third");
    net.deliver();
    assert!(net.seen_by("two").contains(&":n2.test 433 other third :Nickname is already in use".to_owned()));
    net.check();
}

#[test]
fn how_long_somebody_has_said_nothing_is_told_on_every_node() {
    let mut net = Net::of(3);
    for (name, node) in [("al", 1), ("bo", 2), ("cy", 3)] {
        net.user(name, node, "", None);
        net.line(name, "JOIN #a");
    }
    net.now.unix_ms += 60_000;
    net.line("al", "PRIVMSG #a :the last word");
    net.now.unix_ms += 7_000;
    net.seen();
    let mut pictures = Vec::new();
    for asker in ["al", "bo", "cy"] {
        net.line(asker, "WHOIS al,bo");
        let told = net.seen_by(asker);
        let idle = told.iter().filter(|line| line.contains(" 317 ")).filter_map(|line| line.split_once(asker));
        pictures.push(idle.map(|(_, rest)| rest.to_owned()).collect::<Vec<_>>());
        net.line(asker, "WHO #a %nl");
        let mut rows = net.seen_by(asker);
        rows.sort_unstable();
        let expected = ["al 7", "bo 67", "cy 67"].map(|row| format!(" 354 {asker} {row}"));
        assert!(expected.iter().all(|row| rows.iter().any(|line| line.ends_with(row))), "{rows:#?}");
    }
    assert_eq!(pictures[0].len(), 2, "{pictures:#?}");
    assert!(pictures.iter().all(|picture| *picture == pictures[0]), "{pictures:#?}");
    // Lines behind the question keep their place.
    net.is_mute = true;
    net.line("bo", "WHOIS al");
    net.line("bo", "PING :behind");
    assert!(net.seen().is_empty());
    net.is_mute = false;
    net.answer_all(2);
    net.deliver();
    let told = net.seen_by("bo");
    assert!(told.iter().any(|line| line.contains(" 317 bo al 7 ")), "{told:#?}");
    assert!(told.last().is_some_and(|line| line.contains("PONG") && line.ends_with("behind")), "{told:#?}");
    net.check();
}

#[test]
fn whois_list_links_and_map_tell_of_the_whole_network() {
    let mut net = Net::of(2);
    net.user("al", 1, "", None);
    net.user("bo", 2, "", None);
    net.line("bo", "JOIN #b");
    net.line("bo", "TOPIC #b :ours");
    net.seen();
    net.line("al", "WHOIS bo");
    assert!(net.seen_by("al").contains(&":n1.test 312 al bo n2.test :n2.test itself".to_owned()));
    net.line("al", "LIST");
    assert!(net.seen_by("al").contains(&":n1.test 322 al #b 1 :ours".to_owned()));
    net.line("al", "LINKS");
    let links = net.seen_by("al");
    assert_eq!(links.len(), 3);
    assert_eq!(links[1], ":n1.test 364 al n2.test n1.test :1 n2.test itself");
    net.line("al", "MAP");
    assert_eq!(net.seen_by("al")[1], ":n1.test 006 al :`- n2.test (1 users, chat-0.1.0)");
    net.line("al", "LUSERS");
    let lusers = net.seen_by("al");
    assert_eq!(lusers[0], ":n1.test 251 al :There are 2 users and 0 invisible on 2 servers");
    assert!(lusers.contains(&":n1.test 255 al :I have 1 clients and 1 servers".to_owned()), "{lusers:#?}");
}

#[test]
fn whowas_names_the_node_that_somebody_was_on() {
    let mut net = Net::of(2);
    net.user("al", 1, "", None);
    net.user("bo", 2, "", None);
    net.line("bo", "QUIT");
    net.join(3);
    net.user("cy", 3, "", None);
    for (asker, node) in [("al", 1), ("cy", 3)] {
        net.line(asker, "WHOWAS bo");
        let told = net.seen_by(asker);
        assert!(told[1].starts_with(&format!(":n{node}.test 312 {asker} bo n2.test :20")), "{told:#?}");
    }
    net.check();
}

#[test]
fn who_is_on_another_node_leaves_with_the_end_of_the_certificate() {
    let mut net = Net::of(2);
    net.user("al", 1, "", None);
    net.user("bo", 2, "", Some("bo"));
    net.line("al", "JOIN #a");
    net.line("bo", "JOIN #a");
    net.seen();
    net.now.unix_ms = (identity("bo").not_after_unix + 1) * 1000;
    net.event(2, Event::Tick);
    net.deliver();
    let told = net.seen_by("al");
    assert_eq!(told, [":bo!bo@0::1 QUIT :Your certificate has expired: renew it (pki renew NAME) and connect again"]);
    net.line("al", "NICK bo");
    net.check();
}

/// The numbers of docs/scaling.md.
#[test]
fn a_snapshot_has_some_seven_hundred_bytes_for_each_user() {
    let mut net = Net::of(1);
    let count = 300;
    for number in 0..count {
        let name = format!("somebody{number}");
        net.connect(&name, 1, Some(&name));
        for line in [
            format!("NICK {name}"),
            format!("USER {name} 0 * :Some Body"),
            format!("JOIN #lobby,#channel{}", number / 20),
        ] {
            net.line(&name, &line);
        }
    }
    let bytes = serde_json::to_string(&net.nodes[&1].core.snapshot()).unwrap().len() / count;
    assert!((650..780).contains(&bytes), "{bytes}");
    let users = crate::bus::limits::SNAPSHOT_BYTES / bytes;
    assert!((340_000..420_000).contains(&users), "{users}");
}

#[test]
fn kicks_kills_and_bans_act_across_nodes() {
    let mut net = Net::of(2);
    net.user("al", 1, "", None);
    net.user("bo", 2, "", None);
    net.user("cy", 2, "", None);
    for name in ["al", "bo", "cy"] {
        net.line(name, "JOIN #a");
    }
    net.seen();
    net.line("al", "KICK #a bo :out");
    assert_eq!(net.seen_by("bo"), [":al!al@0::1 KICK #a bo :out"]);
    net.line("al", "MODE #a +b bo!*@*");
    net.seen();
    net.line("bo", "JOIN #a");
    assert!(net.seen_by("bo")[0].starts_with(":n2.test 474 bo #a"));
    net.line("al", "OPER root pw");
    net.line("al", "KILL cy :enough");
    let seen = net.seen();
    assert!(seen.contains(&"cy closed".to_owned()), "{seen:#?}");
    assert!(seen.contains(&"al < :cy!cy@0::1 QUIT :Killed (al (enough))".to_owned()), "{seen:#?}");
    net.check();
}

#[test]
fn monitor_away_and_accounts_cross_nodes() {
    let mut net = Net::of(2);
    net.user("al", 1, "extended-monitor away-notify account-notify", None);
    net.line("al", "MONITOR + bo");
    assert_eq!(net.seen_by("al"), [":n1.test 731 al :bo"]);
    net.user("bo", 2, "", Some("bo@example.test"));
    net.line("bo", "AWAY :out");
    assert_eq!(net.seen_by("al"), [":bo!bo@0::1 AWAY :out"]);
    net.connect("bo2", 1, None);
    net.line("bo2", "NICK bo@example");
    net.line("bo2", "NICK Bo");
    let seen = net.seen_by("bo2");
    assert!(seen[1].contains(" 433 * Bo :Nickname is reserved for the account bo@example.test"), "{seen:#?}");
    net.lose("bo");
    net.deliver();
    assert_eq!(net.seen_by("al"), [":n1.test 731 al :bo"]);
    net.check();
}

#[test]
fn who_watches_from_a_node_that_was_away_is_told_who_is_there() {
    let mut net = Net::of(2);
    for (name, node) in [("al", 1), ("cy", 1), ("bo", 2)] {
        net.user(name, node, "", None);
    }
    net.line("bo", "MONITOR + al,cy,zed");
    net.seen();
    net.event(2, Event::CutOff { why: "away".to_owned() });
    net.give_up(2);
    net.deliver();
    net.user("zed", 1, "", None);
    net.lose("cy");
    net.deliver();
    net.come_back(2);
    let told: Vec<_> = net.seen_by("bo").into_iter().filter(|line| line.contains(" 73")).collect();
    let line = |text: &str| format!(":n2.test {text}");
    let expected = ["731 bo :al", "731 bo :cy", "730 bo :al!al@0::1", "730 bo :zed!zed@0::1"].map(line);
    assert_eq!(told, expected);
    net.check();
}

#[test]
fn what_a_sender_hears_of_its_message_comes_in_its_place() {
    let mut net = Net::of(2);
    net.user("al", 1, "echo-message labeled-response message-tags batch", None);
    net.user("bo", 2, "message-tags", None);
    net.line("al", "JOIN #a");
    net.line("bo", "JOIN #a");
    net.seen();
    net.type_line("al", "@label=x PRIVMSG #a :one");
    net.type_line("al", "PING after");
    assert_eq!(net.seen(), Vec::<String>::new(), "nothing is told before it has its place");
    net.deliver();
    let seen = net.seen();
    let of = |start: &str| seen.iter().filter(|line| line.starts_with(start)).cloned().collect::<Vec<_>>();
    assert!(of("al < ")[0].starts_with("al < @label=x;"), "{seen:#?}");
    assert!(of("al < ")[1].ends_with("PONG n1.test :after"), "{seen:#?}");
    let msgid = |line: &str| line.split("msgid=").nth(1).unwrap().split([' ', ';']).next().unwrap().to_owned();
    assert_eq!(msgid(&of("al < ")[0]), msgid(&of("bo < ")[0]), "a message has one name");
}

#[test]
fn a_message_that_was_overtaken_by_a_join_reaches_the_newcomer() {
    let mut net = Net::of(3);
    net.user("al", 1, "", None);
    net.user("bo", 2, "", None);
    net.user("cy", 3, "", None);
    net.line("al", "JOIN #a");
    net.line("bo", "JOIN #a");
    net.seen();
    // The bus has the JOIN first, and node 1 does not know it yet when al speaks.
    net.type_line("cy", "JOIN #a");
    net.type_line("al", "PRIVMSG #a :hi");
    net.type_line("al", "PRIVMSG #a :again");
    net.deliver();
    let seen = net.seen();
    let said = |name: &str| {
        let of: Vec<_> = seen.iter().filter(|line| line.starts_with(name) && line.contains("PRIVMSG")).collect();
        of.iter().map(|line| line.rsplit(' ').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((said("bo"), said("cy")), (vec![":hi".into(), ":again".into()], vec![":hi".into(), ":again".into()]));
    net.check();
}

#[test]
fn the_users_of_a_node_that_is_gone_are_gone() {
    let mut net = Net::of(2);
    net.user("al", 1, "", None);
    net.user("bo", 2, "", None);
    net.line("al", "JOIN #a");
    net.line("bo", "JOIN #a");
    net.seen();
    net.give_up(2);
    net.deliver();
    assert_eq!(net.seen(), ["al < :bo!bo@0::1 QUIT :n2.test is gone: lost"]);
    net.line("al", "LINKS");
    assert_eq!(net.seen().len(), 2);
}

#[test]
fn what_is_said_goes_to_no_node_that_has_nobody_to_hear_it() {
    let mut net = Net::of(4);
    for (name, node) in [("al", 1), ("bo", 2), ("cy", 3)] {
        net.user(name, node, "", None);
    }
    net.line("al", "JOIN #a");
    net.line("bo", "JOIN #a");
    let waits = |net: &Net| (1..=4).map(|node| net.nodes[&node].inbox.len()).collect::<Vec<_>>();
    net.type_line("al", "PRIVMSG #a :to both");
    assert_eq!(waits(&net), [1, 1, 0, 0]);
    net.deliver();
    net.type_line("al", "PRIVMSG cy :to one");
    assert_eq!(waits(&net), [1, 0, 1, 0]);
    net.deliver();
    net.line("al", "PART #a");
    net.type_line("bo", "PRIVMSG #a :to oneself, and one more keeps it");
    assert_eq!(waits(&net), [0, 1, 1, 0]);
}

/// What decision 27 says a node has to do for channels that it has no members of.
#[test]
fn what_changes_in_a_channel_costs_a_node_without_members_a_short_line_and_nothing_more() {
    let mut net = Net::of(4);
    net.user("al", 1, "", None);
    net.user("bo", 2, "", None);
    net.line("al", "JOIN #a");
    net.seen();
    let lines = [
        ("al", "MODE #a +b *!*@spam.test", 67),
        ("al", "MODE #a +ntk key", 59),
        ("al", "TOPIC #a :What we talk about today", 77),
        ("bo", "JOIN #a key", 54),
        ("al", "MODE #a +v bo", 56),
        ("bo", "PART #a", 50),
    ];
    for (name, line, bytes) in lines {
        net.type_line(name, line);
        let of_fourth: Vec<Entry> = net.nodes[&4].inbox.iter().cloned().collect();
        let [Entry::Ordered(ordered)] = &of_fourth[..] else { panic!("{line}: {of_fourth:?}") };
        assert_eq!(serde_json::to_string(&ordered.change).unwrap().len(), bytes, "{line}");
        net.deliver();
        let seen = net.seen();
        assert!(!seen.is_empty() && seen.iter().all(|line| line.starts_with("al") || line.starts_with("bo")));
    }
    let (buffer, place) = (Buffer::channel("#a"), Place::Latest(None));
    let all = HistoryQuery { buffer, place, limit: 99, events: true };
    let kept = net.nodes[&4].archive.answer(&Question::History(all)).unwrap();
    assert!(matches!(kept, Answer::History(kept) if kept.is_empty()), "nor does it keep any of it");
}

#[test]
fn an_account_with_a_password_serves_on_every_node_and_stays() {
    let mut net = Net::of(2);
    net.user("al", 1, "", None);
    net.line("al", "REGISTER * * :open sesame");
    assert!(net.seen_by("al")[0].contains("REGISTER SUCCESS al"));
    net.connect("other", 2, None);
    let proof = "AUTHENTICATE AGFsAG9wZW4gc2VzYW1l";
    for line in ["CAP REQ :sasl", "NICK other", "USER o 0 * :o", "AUTHENTICATE PLAIN", proof, "CAP END"] {
        net.line("other", line);
    }
    let seen = net.seen();
    assert!(seen.iter().any(|line| line.starts_with("other < :n2.test 903 ")), "{seen:#?}");
    assert!(seen.iter().all(|line| !line.contains(" 901 ")), "nobody is logged out: {seen:#?}");
    net.line("other", "WHOIS al");
    assert!(net.seen_by("other").contains(&":n2.test 330 other al al :is logged in as".to_owned()));
    net.check();
}
