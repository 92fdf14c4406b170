//! Channels that have another name when a node comes back, and messages that were taken back meanwhile.

use super::Net;
use crate::core::Event;

#[test]
fn a_channel_that_was_renamed_during_a_cut_is_the_same_for_who_comes_back() {
    let mut net = Net::of(2);
    for (name, node, capabilities) in [("al", 1, ""), ("bo", 2, "draft/channel-rename"), ("cy", 2, "")] {
        net.user(name, node, capabilities, None);
        net.line(name, "JOIN #a");
    }
    net.line("al", "PRIVMSG #a :before");
    net.event(2, Event::CutOff { why: "away".to_owned() });
    net.give_up(2);
    net.deliver();
    for line in ["PRIVMSG #a :one", "RENAME #a #b", "PRIVMSG #b :two"] {
        net.line("al", line);
    }
    net.seen();
    net.come_back(2);
    net.check();
    assert!(net.nodes[&2].core.state.channel("#a").is_none());
    let seen = net.seen();
    let why = "Renamed while this server was cut off from the others";
    for line in [
        &*format!("bo < :n2.test RENAME #a #b :{why}"),
        "bo < :al!al@0::1 JOIN #b",
        &*format!("cy < :cy!cy@0::1 PART #a :{why}"),
        "cy < :cy!cy@0::1 JOIN #b",
        "cy < :n2.test 353 cy = #b :@al bo cy",
    ] {
        assert_eq!(seen.iter().filter(|it| *it == line).count(), 1, "{line}: {seen:#?}");
    }
    for name in ["bo", "cy"] {
        let start = format!("{name} < :al!al@0::1 PRIVMSG #b :");
        let told: Vec<_> = seen.iter().filter_map(|line| line.strip_prefix(&start)).collect();
        assert_eq!(told, ["one", "two"], "{seen:#?}");
    }
    net.line("cy", "PRIVMSG #b :here");
    assert_eq!(net.seen_by("al"), [":cy!cy@0::1 PRIVMSG #b :here"]);
}

#[test]
fn a_channel_that_took_a_name_during_a_cut_is_not_the_one_that_was_made_at_the_same_moment() {
    let mut net = Net::of(2);
    net.user("al", 1, "", None);
    net.user("bo", 2, "", None);
    // One line makes both, at one moment.
    net.line("al", "JOIN #a,#b");
    net.line("bo", "JOIN #a");
    net.line("al", "MODE #a +o bo");
    net.line("al", "MODE #b +ik key");
    net.event(2, Event::CutOff { why: "away".to_owned() });
    net.give_up(2);
    net.deliver();
    for line in ["RENAME #a #c", "RENAME #b #a"] {
        net.line("al", line);
    }
    net.come_back(2);
    net.check();
    let members = |name: &str| {
        let state = &net.nodes[&1].core.state;
        state.channel(name).map(|(_, channel)| channel.members.len())
    };
    assert_eq!((members("#a"), members("#c"), members("#b")), (Some(1), Some(2), None));
    net.seen();
    net.line("bo", "KICK #a al");
    assert!(net.seen().iter().all(|line| line.starts_with("bo < :n2.test 442 ")), "who is not in it kicks nobody");
    net.line("bo", "KICK #c al");
    assert!(net.seen_by("al").contains(&":bo!bo@0::1 KICK #c al :bo".to_owned()), "who ran it runs it still");
}

/// Channels of somebody as a client knows them by what it is told, which must never take a name that it has for another.
fn names_that_follow(seen: &[String], name: &str, before: &[&str]) -> Vec<String> {
    let mut known: Vec<String> = before.iter().map(ToString::to_string).collect();
    let start = format!("{name} < ");
    for line in seen.iter().filter_map(|line| line.strip_prefix(&start)) {
        let words: Vec<&str> = line.split(' ').collect();
        let own = line.starts_with(&format!(":{name}!"));
        match words[1] {
            "RENAME" => {
                assert!(!known.iter().any(|it| it == words[3]), "{line} takes a name that is another's: {seen:#?}");
                let at = known.iter().position(|it| it == words[2]).unwrap_or_else(|| panic!("{line}: {seen:#?}"));
                words[3].clone_into(&mut known[at]);
            }
            "PART" if own => known.retain(|it| it != words[2]),
            "KICK" if words[3] == name => known.retain(|it| it != words[2]),
            "JOIN" if own => {
                assert!(!known.iter().any(|it| it == words[2]), "{line} is there already: {seen:#?}");
                known.push(words[2].to_owned());
            }
            _ => {}
        }
    }
    known.sort_unstable();
    known
}

#[test]
fn names_that_went_round_are_told_so_that_each_can_be_followed() {
    let mut net = Net::of(2);
    let rename = "draft/channel-rename draft/message-redaction message-tags echo-message";
    for (name, node, capabilities) in
        [("al", 1, "message-tags echo-message"), ("bo", 2, rename), ("cy", 2, ""), ("di", 2, rename), ("ed", 2, rename)]
    {
        net.user(name, node, capabilities, None);
        net.line(name, "JOIN #a,#b,#c,#d");
    }
    net.line("al", "PRIVMSG #a :of a");
    let seen = net.seen_by("bo");
    let msgid = seen.last().and_then(|line| line.strip_prefix("@msgid=")?.split(' ').next()).unwrap().to_owned();
    net.event(2, Event::CutOff { why: "away".to_owned() });
    net.give_up(2);
    net.deliver();
    net.line("al", "CAP REQ draft/message-redaction");
    // #a and #b have changed places, and #d has gone where #c was.
    for line in
        [&*format!("REDACT #a {msgid}"), "RENAME #a #t", "RENAME #b #a", "RENAME #t #b", "RENAME #c #e", "RENAME #d #c"]
    {
        net.line("al", line);
        net.now.unix_ms += 70_000;
    }
    // One of them has no seat any more in the first of a ring.
    net.line("al", "MODE #b +b ed!*@*");
    for line in ["PRIVMSG #b :from a", "PRIVMSG #a :from b"] {
        net.line("al", line);
    }
    net.seen();
    net.come_back(2);
    net.check();
    let seen = net.seen();
    for name in ["bo", "cy", "di"] {
        assert_eq!(names_that_follow(&seen, name, &["#a", "#b", "#c", "#d"]), ["#a", "#b", "#c", "#e"], "{seen:#?}");
        let told: Vec<&String> =
            seen.iter().filter(|line| line.starts_with(name) && line.contains(" PRIVMSG ")).collect();
        assert_eq!(told.len(), 2, "{name} hears what was said in both: {seen:#?}");
    }
    assert_eq!(names_that_follow(&seen, "ed", &["#a", "#b", "#c", "#d"]), ["#a", "#c", "#e"], "{seen:#?}");
    let redacted: Vec<&String> =
        seen.iter().filter(|line| line.contains(" REDACT ") && line.starts_with("bo")).collect();
    assert!(redacted.len() == 1 && redacted[0].contains(&format!("REDACT #b {msgid}")), "{redacted:#?}");
    assert!(
        seen.contains(&"bo < :di!di@0::1 JOIN #b".to_owned()),
        "who had to come in anew sees who else is there: {seen:#?}"
    );
    net.line("cy", "PRIVMSG #e :was c");
    assert!(net.seen_by("di").iter().any(|line| line.ends_with("PRIVMSG #e :was c")));
}

#[test]
fn a_channel_that_took_the_name_of_one_that_is_gone_is_told_when_that_is_left() {
    let mut net = Net::of(2);
    for (name, node) in [("al", 1), ("bo", 2)] {
        net.user(name, node, "draft/channel-rename", None);
        net.line(name, "JOIN #a");
    }
    net.line("bo", "JOIN #own");
    net.event(2, Event::CutOff { why: "away".to_owned() });
    net.give_up(2);
    net.deliver();
    net.line("al", "RENAME #a #own");
    net.seen();
    net.come_back(2);
    net.check();
    let seen = net.seen();
    assert_eq!(names_that_follow(&seen, "bo", &["#a", "#own"]), ["#own"], "{seen:#?}");
    let members = net.nodes[&1].core.state.channel("#own").map(|(_, channel)| channel.members.len());
    assert_eq!(members, Some(2));
}

#[test]
fn a_direct_message_that_was_taken_back_during_a_cut_is_told_to_who_had_it() {
    let mut net = Net::of(2);
    let capabilities = "draft/message-redaction message-tags echo-message";
    net.user("al", 1, capabilities, Some("al@example.test"));
    net.user("bo", 2, capabilities, Some("bo@example.test"));
    net.user("cy", 2, capabilities, Some("cy@example.test"));
    net.line("al", "PRIVMSG bo :hasty");
    let seen = net.seen_by("bo");
    let msgid = seen.last().and_then(|line| line.strip_prefix("@msgid=")?.split(' ').next()).unwrap().to_owned();
    net.event(2, Event::CutOff { why: "away".to_owned() });
    net.give_up(2);
    net.deliver();
    net.line("al", &format!("REDACT bo@example.test {msgid}"));
    net.seen();
    net.come_back(2);
    let seen = net.seen();
    let told: Vec<&String> = seen.iter().filter(|line| line.contains(" REDACT ")).collect();
    let expected = format!("bo < :n2.test REDACT bo {msgid} :Taken back while this server was cut off from the others");
    assert_eq!(told, [&expected], "{seen:#?}");
}

/// Two guests on two nodes, and what the one has said to the other: its identifier. The other's node is given up then.
fn torn_guests() -> (Net, String) {
    let mut net = Net::of(2);
    for (name, node) in [("al", 1), ("bo", 2), ("cy", 2)] {
        net.user(name, node, "draft/message-redaction message-tags echo-message", None);
    }
    net.line("al", "PRIVMSG bo :hasty");
    let seen = net.seen_by("bo");
    let msgid = seen.last().and_then(|line| line.strip_prefix("@msgid=")?.split(' ').next()).unwrap().to_owned();
    net.event(2, Event::CutOff { why: "away".to_owned() });
    net.give_up(2);
    net.deliver();
    net.seen();
    (net, msgid)
}

/// Who was told that the message is taken back, and how, by the server.
fn told_of_it(net: &mut Net) -> Vec<String> {
    net.seen().into_iter().filter(|line| line.contains(":n2.test REDACT ")).collect()
}

#[test]
fn a_guests_direct_message_that_was_taken_back_during_a_cut_is_told_to_who_had_it() {
    let (mut net, msgid) = torn_guests();
    net.user("late", 1, "draft/message-redaction", None);
    net.line("late", &format!("REDACT bo {msgid}"));
    assert!(net.seen_by("late")[0].contains("FAIL REDACT INVALID_TARGET bo "), "it is not its own");
    net.line("al", &format!("REDACT Bo {msgid}"));
    assert!(net.seen_by("al")[0].ends_with(&format!(":al!al@0::1 REDACT Bo {msgid}")));
    net.come_back(2);
    let expected = format!("bo < :n2.test REDACT bo {msgid} :Taken back while this server was cut off from the others");
    assert_eq!(told_of_it(&mut net), [expected]);
    net.line("al", &format!("REDACT bo {msgid}"));
    assert!(net.seen_by("al")[0].contains("FAIL REDACT UNKNOWN_MSGID bo "), "it is not there twice");
    net.check();
}

#[test]
fn what_is_taken_back_before_its_reader_is_back_is_told_to_it_too() {
    let (mut net, msgid) = torn_guests();
    net.is_full = true;
    net.type_line("al", &format!("REDACT bo {msgid}"));
    net.come_back(2);
    net.is_full = false;
    net.seen();
    // The node is there again, and its people come after the redaction.
    for node in [1, 2] {
        for proposal in std::mem::take(&mut net.nodes.get_mut(&node).unwrap().unsent) {
            net.order(node, proposal);
        }
    }
    net.deliver();
    let expected = format!("bo < :n2.test REDACT bo {msgid} :Taken back while this server was cut off from the others");
    assert_eq!(told_of_it(&mut net), [expected]);
    net.check();
}

#[test]
fn who_comes_back_is_told_of_lists_that_changed_and_of_messages_that_were_taken_back() {
    let mut net = Net::of(2);
    let capabilities = "draft/message-redaction message-tags echo-message";
    for (name, node) in [("al", 1), ("bo", 2)] {
        net.user(name, node, capabilities, None);
        net.line(name, "JOIN #a");
    }
    net.line("al", "MODE #a +bb old!*@* stays!*@*");
    net.line("al", "PRIVMSG #a :hasty");
    let seen = net.seen_by("bo");
    let msgid = seen.last().and_then(|line| line.strip_prefix("@msgid=")?.split(' ').next()).unwrap().to_owned();
    net.event(2, Event::CutOff { why: "away".to_owned() });
    net.give_up(2);
    net.deliver();
    for line in ["MODE #a -b+bI old!*@* new!*@* guest!*@*", &format!("REDACT #a {msgid}"), "PRIVMSG #a :worse"] {
        net.line("al", line);
    }
    let seen = net.seen_by("al");
    let worse = seen.last().and_then(|line| line.strip_prefix("@msgid=")?.split(' ').next()).unwrap().to_owned();
    net.line("al", &format!("REDACT #a {worse}"));
    net.seen();
    net.come_back(2);
    let seen = net.seen_by("bo");
    let why = "Taken back while this server was cut off from the others";
    for line in
        [":n2.test MODE #a -b+bI old!*@* new!*@* guest!*@*".to_owned(), format!(":n2.test REDACT #a {msgid} :{why}")]
    {
        assert_eq!(seen.iter().filter(|it| **it == line).count(), 1, "{line}: {seen:#?}");
    }
    assert!(!seen.iter().any(|line| line.contains(&worse)), "what it never saw is not taken back: {seen:#?}");
    net.check();
}
