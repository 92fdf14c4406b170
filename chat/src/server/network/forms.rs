//! What nodes say to each other, as it is written: held to a file for each version of the protocol.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::history_op::HistoryOp;
use super::{State, Whisper};
use crate::bus::Reach;
use crate::bus::model::Model;
use crate::bus::request::{Entrance, Position, Proposal, Reply, Request};
use crate::core::keep::RecordKind;
use crate::core::network::{Change, PROTOCOL};

/// The file of this version: `KIND TEXT`, a line a form.
fn file() -> String {
    let path = format!("{}/src/server/network/forms/protocol-{PROTOCOL}.txt", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|why| {
        panic!("{path}: {why}; a version of the protocol has a file of its forms: copy that of the version before, with what changed")
    })
}

/// What is written of what was read.
fn again<T: Serialize + DeserializeOwned>(text: &str) -> (T, String) {
    let read: T = serde_json::from_str(text).unwrap_or_else(|why| panic!("can't be read any more: {why}\n{text}"));
    let written = serde_json::to_string(&read).expect("it can be written");
    (read, written)
}

/// A new kind has to be named here, and then be in the file.
fn kind(change: &Change) -> &'static str {
    match change {
        Change::Came(_) => "Came",
        Change::Line { .. } => "Line",
        Change::Lines(_) => "Lines",
        Change::ChannelBack(_) => "ChannelBack",
        Change::Left { .. } => "Left",
        Change::LoggedIn { .. } => "LoggedIn",
        Change::LoggedOut { .. } => "LoggedOut",
        Change::Promoted { .. } => "Promoted",
        Change::Redacted(_) => "Redacted",
        Change::AccountMade { .. } => "AccountMade",
        Change::AccountSeen(_) => "AccountSeen",
        Change::AccountsChanged { .. } => "AccountsChanged",
    }
}

const CHANGES: [&str; 12] = [
    "Came",
    "Line",
    "Lines",
    "ChannelBack",
    "Left",
    "LoggedIn",
    "LoggedOut",
    "Promoted",
    "Redacted",
    "AccountMade",
    "AccountSeen",
    "AccountsChanged",
];

/// The same of whispers.
fn whispered(whisper: &Whisper) -> &'static str {
    match whisper {
        Whisper::Ask { .. } => "Ask",
        Whisper::AskPort { .. } => "AskPort",
        Whisper::TellPort { .. } => "TellPort",
        Whisper::Tell { .. } => "Tell",
    }
}

const WHISPERS: [&str; 4] = ["Ask", "AskPort", "TellPort", "Tell"];

/// The entries that a node finds in its inbox: of each kind one, as the script writes them.
fn entries() -> Vec<String> {
    let mut redis = Model::default();
    let entrance = |name: &str, process: &str| {
        Request::Join(Entrance {
            name: name.to_owned(),
            version: "chat-0.1.0".to_owned(),
            description: "a node".to_owned(),
            protocol: PROTOCOL,
            charter: "{}".to_owned(),
            former: 0,
            read: 0,
            last: 0,
            word: "word".to_owned(),
            process: process.to_owned(),
        })
    };
    let mut join = |name: &str, process: &str| match redis.call(1_769_862_896_000, &entrance(name, process)) {
        Reply::Joined { seat, .. } => seat,
        other => panic!("{other:?}"),
    };
    let (one, two) = (join("n1.test", "one"), join("n2.test", "two"));
    let proposal = |number, reach| Proposal { number, reach, change: "{}".into() };
    let proposals = vec![proposal(1, Reach::Everyone), proposal(2, Reach::Nodes(vec![2]))];
    for request in [
        Request::Propose { seat: one.clone(), proposals },
        Request::Whisper { seat: one.clone(), to: Reach::Everyone, text: "{}".to_owned() },
        Request::Snapshot { seat: one.clone(), node: 2, sequence: 2, text: "{}".to_owned() },
        Request::Leave { seat: one, reason: "it was shut down".to_owned() },
    ] {
        redis.call(1_769_862_896_000, &request);
    }
    let read = redis.read(&two, Position::default(), 100).into_iter();
    read.map(|entry| format!("{} | {} | {}", entry.position, entry.header, entry.body.escape_debug())).collect()
}

/// Where this fails, nodes of the version before would not understand this one, or would know something else: let `PROTOCOL` rise, and
/// write the file of the new version beside the old one.
#[test]
fn what_nodes_write_is_what_this_version_of_the_protocol_says() {
    let (mut changes, mut whispers, mut found) = (Vec::new(), Vec::new(), Vec::new());
    let (mut states, mut history_ops, mut records) = (0, 0, Vec::new());
    let file = file();
    for line in file.lines() {
        let (form, text) = line.split_once(' ').expect("KIND TEXT");
        let written = match form {
            "change" => {
                let (change, written) = again::<Change>(text);
                changes.push(kind(&change));
                written
            }
            "whisper" => {
                let (whisper, written) = again::<Whisper>(text);
                whispers.push(whispered(&whisper));
                written
            }
            "state" => {
                states += 1;
                again::<State>(text).1
            }
            "history-op" => {
                history_ops += 1;
                again::<HistoryOp>(text).1
            }
            "record" => {
                records.push(text.to_owned());
                text.to_owned()
            }
            "entry" => {
                found.push(text.to_owned());
                text.to_owned()
            }
            other => panic!("no form: {other}"),
        };
        assert_eq!(written, text, "{form} is written in another way than version {PROTOCOL} of the protocol says");
    }
    changes.dedup();
    whispers.dedup();
    assert_eq!((&changes[..], &whispers[..]), (&CHANGES[..], &WHISPERS[..]), "each kind is in the file");
    assert_eq!(records, RecordKind::ALL.map(|kind| super::field(kind, "key")), "names of records");
    assert_eq!(found, entries(), "entries of an inbox");
    assert!(states > 0 && history_ops > 0);
}
