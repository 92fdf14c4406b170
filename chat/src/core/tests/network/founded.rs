//! The first node of a new network, which its people never left.

use super::Net;
use crate::core::Event;
use crate::core::keep::{Keep, RecordKind};

#[test]
fn who_founds_the_chat_anew_takes_what_is_kept_and_not_another_channel_for_its_own() {
    let mut net = Net::of(2);
    for (name, node) in [("al", 1), ("bo", 1), ("cy", 2)] {
        net.user(name, node, "", Some(&format!("{name}@example.test")));
    }
    for (name, line) in [
        ("al", "JOIN #kept,#other,#free"),
        ("bo", "JOIN #kept,#other,#free"),
        ("al", "CHANNEL REGISTER #kept"),
        ("al", "CHANNEL REGISTER #other"),
        ("al", "CHANNEL REGISTER #free"),
    ] {
        net.line(name, line);
    }
    net.give_up(1);
    net.event(1, Event::CutOff { why: "away".to_owned() });
    // Meanwhile one was given away, another was dropped and made anew by another, and one was dropped.
    let archive = &mut net.nodes.get_mut(&1).unwrap().archive;
    let records = archive.records().unwrap();
    let value =
        |name: &str| records.iter().find(|it| it.kind == RecordKind::Channel && it.key == name).unwrap().value.clone();
    let put = |key: &str, value: String| Keep::Put { kind: RecordKind::Channel, key: key.to_owned(), value };
    let kept = value("#kept").replace("\"founder\":\"al@example.test\"", "\"founder\":\"cy@example.test\"");
    let other = value("#other").replace("\"founder\":\"al@example.test\"", "\"founder\":\"cy@example.test\"");
    let other = other.replacen("\"created\":", "\"created\":1", 1);
    for keep in
        [put("#kept", kept), put("#other", other), Keep::Forget { kind: RecordKind::Channel, key: "#free".to_owned() }]
    {
        archive.keep(&keep).unwrap();
    }
    net.give_up(2);
    net.seen();
    net.come_back(1);
    let seen = net.seen();
    let state = &net.nodes[&1].core.state;
    let of = |name: &str| {
        let (_, channel) = state.channel(name).unwrap();
        (channel.members.len(), channel.owned.as_ref().map(|owned| owned.founder.to_string()))
    };
    assert_eq!(of("#kept"), (2, Some("cy@example.test".to_owned())), "{seen:#?}");
    assert_eq!(of("#other"), (0, Some("cy@example.test".to_owned())), "{seen:#?}");
    assert_eq!(of("#free"), (2, None), "{seen:#?}");
    let out = "Another channel has taken this name while this server was cut off from the others";
    for who in ["al", "bo"] {
        assert!(seen.contains(&format!("{who} < :n1.test KICK #other {who} :{out}")), "{seen:#?}");
    }
    net.line("al", "CHANNEL REGISTER #free");
    assert!(net.seen_by("al").iter().all(|line| !line.contains("FAIL")));
}

#[test]
fn the_first_node_of_a_new_network_stays_as_it_is() {
    let mut net = Net::of(2);
    net.user("al", 1, "", None);
    net.user("bo", 2, "", None);
    net.line("al", "JOIN #a");
    net.line("bo", "JOIN #a");
    net.line("al", "MODE #a +i");
    net.seen();
    // The bus has lost everything, so nobody is a member any more.
    net.give_up(1);
    net.give_up(2);
    net.come_back(1);
    net.come_back(2);
    let seen = net.seen();
    assert!(seen.contains(&"al < :bo!bo@0::1 JOIN #a".to_owned()), "{seen:#?}");
    net.line("bo", "MODE #a");
    assert_eq!(net.seen_by("bo")[0], ":n2.test 324 bo #a +int");
    net.check();
}
