//! What was said while a node was cut off is told to its people when it is back.

use super::Net;
use crate::core::Event;
use crate::core::limits::{CATCH_UP_LINES, CATCH_UP_REST_MS};

/// Two users of the first node and two of the second, which is given up; what is said meanwhile is said on the first.
pub(super) fn torn() -> Net {
    let mut net = Net::of(2);
    for (name, node) in [("al", 1), ("bo", 2), ("cy", 2)] {
        net.user(name, node, "message-tags echo-message", None);
        net.line(name, "JOIN #a");
    }
    net.line("al", "PRIVMSG #a :before");
    net.event(2, Event::CutOff { why: "connection refused".to_owned() });
    net.give_up(2);
    net.deliver();
    net.seen();
    net
}

/// The texts that somebody of these was told, in order.
pub(super) fn texts(seen: &[String], name: &str) -> Vec<String> {
    let start = format!("{name} < ");
    let said = seen.iter().filter(|line| line.starts_with(&start) && line.contains(" PRIVMSG #a "));
    said.filter_map(|line| line.rsplit_once(" :")).map(|(_, text)| text.to_owned()).collect()
}

#[test]
fn who_was_cut_off_is_told_what_was_said_meanwhile_once_and_before_the_rest() {
    let mut net = torn();
    net.line("al", "PRIVMSG #a :one");
    net.line("al", "@+tag=x PRIVMSG #a :two");
    net.line("al", "PRIVMSG @#a :for operators");
    net.is_mute = true;
    net.come_back(2);
    net.line("al", "PRIVMSG #a :three");
    net.line("bo", "PRIVMSG #a :four");
    let seen = net.seen();
    assert_eq!((texts(&seen, "bo"), texts(&seen, "cy")), (vec![], vec![]), "nothing overtakes what was missed");
    net.is_mute = false;
    net.answer_all(2);
    net.deliver();
    let seen = net.seen();
    for name in ["bo", "cy"] {
        assert_eq!(texts(&seen, name), ["one", "two", "three", "four"], "{seen:#?}");
    }
    assert!(seen.iter().any(|line| line.starts_with("cy < @msgid=") && line.contains(";+tag=x :al!")), "{seen:#?}");
    net.line("al", "PRIVMSG #a :five");
    assert_eq!(texts(&net.seen(), "bo"), ["five"]);
    net.check();
}

#[test]
fn a_missed_message_of_several_lines_comes_as_its_reader_takes_it() {
    let mut net = torn();
    net.user("dee", 1, "batch draft/multiline message-tags", None);
    net.line("dee", "JOIN #a");
    for line in ["BATCH +r draft/multiline #a", "@batch=r PRIVMSG #a :first", "@batch=r PRIVMSG #a :second", "BATCH -r"]
    {
        net.line("dee", line);
    }
    net.line("al", "PRIVMSG #a :third");
    net.seen();
    net.come_back(2);
    assert_eq!(texts(&net.seen(), "bo"), ["first", "second", "third"]);
}

#[test]
fn who_is_cut_off_again_before_it_was_told_is_told_later() {
    let mut net = torn();
    net.line("al", "PRIVMSG #a :one");
    net.is_mute = true;
    net.come_back(2);
    net.line("al", "PRIVMSG #a :two");
    net.give_up(2);
    net.deliver();
    net.line("al", "PRIVMSG #a :three");
    net.nodes.get_mut(&2).unwrap().asked.clear();
    net.is_mute = false;
    net.seen();
    net.come_back(2);
    let seen = net.seen();
    for name in ["bo", "cy"] {
        assert_eq!(texts(&seen, name), ["one", "two", "three"], "{seen:#?}");
    }
}

#[test]
fn who_is_no_member_any_more_is_told_nothing_and_waits_no_longer() {
    let mut net = torn();
    net.line("al", "PRIVMSG #a :one");
    net.is_mute = true;
    net.come_back(2);
    net.line("cy", "PING behind");
    net.line("al", "MODE #a +o al");
    net.line("al", "OPER root pw");
    net.line("al", "KILL bo :enough");
    net.line("al", "CHANNEL REGISTER #a");
    net.line("al", "KICK #a cy");
    net.seen();
    net.is_mute = false;
    net.answer_all(2);
    net.deliver();
    let seen = net.seen();
    assert_eq!(texts(&seen, "cy"), [""; 0], "{seen:#?}");
    assert!(seen.contains(&"cy < :n2.test PONG n2.test :behind".to_owned()), "{seen:#?}");
}

#[test]
fn of_very_much_that_was_said_meanwhile_the_last_is_told() {
    let mut net = torn();
    for number in 0..CATCH_UP_LINES + 5 {
        net.line("al", &format!("PRIVMSG #a :{number}"));
    }
    net.seen();
    net.come_back(2);
    let seen = net.seen();
    let expected: Vec<String> = (5..CATCH_UP_LINES + 5).map(|number| number.to_string()).collect();
    assert_eq!(texts(&seen, "bo"), expected);
    let warned = "bo < :n2.test NOTICE bo :More was said in #a meanwhile than is told again: what was said before this is in the history.";
    assert_eq!(seen.iter().filter(|line| *line == warned).count(), 1);
}

#[test]
fn who_reads_slowly_is_told_all_by_and_by_and_holds_up_nobody() {
    let mut net = torn();
    for number in 0..10 {
        net.line("al", &format!("PRIVMSG #a :{number}"));
    }
    net.seen();
    // As little as there can be: a message at a time, and then none.
    net.rooms.insert(net.names["bo"], 0);
    net.come_back(2);
    net.line("al", "PRIVMSG #a :live");
    let seen = net.seen();
    assert_eq!((texts(&seen, "bo").len(), texts(&seen, "cy").len()), (0, 11), "{seen:#?}");
    net.type_line("bo", "PING here");
    assert_eq!(net.seen_by("bo"), [":n2.test PONG n2.test :here"], "it is not given up");
    net.line("bo", "PRIVMSG #a :its own");
    assert_eq!(texts(&net.seen(), "cy"), [""; 0], "nothing overtakes what it has missed");
    net.rooms.insert(net.names["bo"], 1);
    net.now.unix_ms += CATCH_UP_REST_MS;
    net.event(2, Event::Tick);
    net.deliver();
    let seen = net.seen();
    let all: Vec<String> =
        (0..10).map(|number| number.to_string()).chain(["live".to_owned(), "its own".to_owned()]).collect();
    assert_eq!(texts(&seen, "bo"), all, "{seen:#?}");
    assert_eq!(texts(&seen, "cy"), ["its own"]);
    assert!(!seen.iter().any(|line| line.contains("More was said")), "{seen:#?}");
    net.check();
}

#[test]
fn a_channel_that_is_renamed_before_all_is_told_keeps_what_was_missed() {
    let mut net = torn();
    net.line("al", "PRIVMSG #a :one");
    net.is_mute = true;
    net.come_back(2);
    net.line("al", "RENAME #a #b");
    net.seen();
    net.is_mute = false;
    net.answer_all(2);
    net.deliver();
    net.line("al", "PRIVMSG #b :two");
    let seen = net.seen_by("bo");
    let said = seen.iter().filter_map(|line| line.split_once(" PRIVMSG #b :")).map(|(_, text)| text);
    assert_eq!(said.collect::<Vec<_>>(), ["one", "two"], "{seen:#?}");
}

#[test]
fn that_a_node_has_not_answered_or_is_gone_is_told_once() {
    let silent = "Not all servers have told what was said in #a meanwhile";
    let warned = |net: &mut Net| {
        let seen = net.seen_by("bo");
        let warned = seen.iter().filter_map(|line| line.strip_prefix(":n2.test NOTICE bo :")).map(str::to_owned);
        warned.filter(|text| text.starts_with(silent)).collect::<Vec<_>>()
    };
    let mut net = torn();
    net.line("al", "PRIVMSG #a :one");
    net.rooms.insert(net.names["bo"], 1);
    net.is_silent = true;
    net.come_back(2);
    assert_eq!(warned(&mut net), [format!("{silent}: ask the history again when they are there.")]);

    // The third had a member, and may have heard what no other did.
    let mut net = Net::of(4);
    for (name, node) in [("al", 1), ("bo", 2), ("cy", 3)] {
        net.user(name, node, "", None);
        net.line(name, "JOIN #a");
    }
    for node in [2, 3, 4] {
        net.event(node, Event::CutOff { why: "connection refused".to_owned() });
        net.give_up(node);
        net.deliver();
    }
    net.come_back(2);
    let gone = format!("{silent} (n3.test is gone): ask the history again when they are there.");
    assert_eq!(warned(&mut net), [gone], "and not that the fourth is, which had none");
}
