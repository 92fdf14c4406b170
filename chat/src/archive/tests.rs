//! The archive by its own doors.

use super::*;
use crate::core::Now;
use crate::core::keep::{ConversationsQuery, HistoryQuery, Place, Point};

fn said(number: i64, buffer: &Buffer) -> Keep {
    Keep::Said(Box::new(Said {
        msgid: format!("m{number}"),
        at: Now { unix_ms: 1_000 + number },
        buffer: buffer.clone(),
        account: None,
        bot: false,
        tags: String::new(),
        line: format!(":a!b@c PRIVMSG {} :{number}", buffer.as_str()),
        event: number % 10 == 9,
    }))
}

fn filled(count: i64, bounds: Bounds) -> (Archive, Buffer) {
    let buffer = Buffer::channel("#a");
    let mut archive = Archive::in_memory(bounds).expect("memory");
    (0..count).for_each(|number| archive.keep(&said(number, &buffer)).expect("kept"));
    archive.commit().expect("committed");
    (archive, buffer)
}

fn asked(archive: &Archive, buffer: &Buffer, place: Place, limit: usize) -> Vec<String> {
    let query = HistoryQuery { buffer: buffer.clone(), place, limit, events: false };
    match archive.answer(&Question::History(query)).expect("answered") {
        Answer::History(entries) => entries.into_iter().map(|said| said.msgid).collect(),
        other => panic!("{other:?}"),
    }
}

fn id(number: i64) -> Point {
    Point::Msgid(format!("m{number}"))
}

#[test]
fn pieces_lie_where_they_were_asked_for() {
    let (archive, buffer) = filled(8, Bounds::default());
    let time = |number: i64| Point::At(Now { unix_ms: 1_000 + number });
    let table: [(Place, usize, &[&str]); 13] = [
        (Place::Latest(None), 3, &["m5", "m6", "m7"]),
        (Place::Latest(Some(id(5))), 9, &["m6", "m7"]),
        (Place::Latest(Some(time(3))), 2, &["m6", "m7"]),
        (Place::Before(id(3)), 2, &["m1", "m2"]),
        (Place::Before(time(3)), 9, &["m0", "m1", "m2"]),
        (Place::After(id(3)), 2, &["m4", "m5"]),
        (Place::After(time(6)), 2, &["m7"]),
        (Place::Around(id(4)), 3, &["m3", "m4", "m5"]),
        (Place::Around(time(0)), 3, &["m0", "m1", "m2"]),
        (Place::Between(id(1), id(6)), 9, &["m2", "m3", "m4", "m5"]),
        (Place::Between(id(6), id(1)), 2, &["m4", "m5"]),
        (Place::Between(time(1), time(4)), 9, &["m2", "m3"]),
        (Place::Before(id(99)), 9, &[]),
    ];
    for (place, limit, expected) in table {
        assert_eq!(asked(&archive, &buffer, place.clone(), limit), expected, "{place:?}");
    }
}

#[test]
fn events_are_left_out_unless_asked_for() {
    let (archive, buffer) = filled(12, Bounds::default());
    assert_eq!(asked(&archive, &buffer, Place::After(id(7)), 9), ["m8", "m10", "m11"]);
}

#[test]
fn the_oldest_go_where_there_is_too_much() {
    let bounds = Bounds { entries: 100, ..Bounds::default() };
    let (archive, buffer) = filled(1_000, bounds);
    let left = asked(&archive, &buffer, Place::Latest(None), 1_000);
    assert!((90..=126).contains(&left.len()), "{}", left.len());
    assert_eq!(left.last().map(String::as_str), Some("m998"));
}

#[test]
fn what_is_too_old_or_too_much_in_all_goes() {
    let (archive, buffer) = filled(2_048, Bounds { total: 300, ..Bounds::default() });
    assert!(asked(&archive, &buffer, Place::Latest(None), 5_000).len() < 600);
    let mut archive = archive;
    let late = Now { unix_ms: 31 * 24 * 60 * 60 * 1000 };
    (0..256).for_each(|number| {
        let Keep::Said(entry) = said(5_000 + number, &Buffer::channel("#b")) else { return };
        archive.keep(&Keep::Said(Box::new(Said { at: late, event: false, ..*entry }))).expect("kept");
    });
    assert_eq!(asked(&archive, &buffer, Place::Latest(None), 5_000), Vec::<String>::new());
    assert_eq!(asked(&archive, &Buffer::channel("#b"), Place::Latest(None), 5_000).len(), 256);
}

#[test]
fn conversations_of_a_person_and_channels_by_their_last_message() {
    let (mut archive, channel) = filled(3, Bounds::default());
    let direct = Buffer::between("bob", "alice");
    archive.keep(&said(50, &direct)).expect("kept");
    archive.keep(&said(60, &Buffer::between("carol", "dave"))).expect("kept");
    let query = ConversationsQuery {
        person: Some("alice".to_owned()),
        channels: vec![channel.clone(), Buffer::channel("#empty")],
        after: Now { unix_ms: 0 },
        before: Now { unix_ms: i64::MAX },
        limit: 10,
        newest: false,
    };
    let found = |query| match archive.answer(&Question::Conversations(query)).expect("answered") {
        Answer::Conversations(found) => found,
        _ => panic!("another answer"),
    };
    let (first, last) = ((channel, Now { unix_ms: 1_002 }), (direct, Now { unix_ms: 1_050 }));
    assert_eq!(found(query.clone()), [first.clone(), last.clone()]);
    assert_eq!(found(ConversationsQuery { limit: 1, ..query.clone() }), [first]);
    assert_eq!(found(ConversationsQuery { limit: 1, newest: true, ..query }), [last]);
}

#[test]
fn what_is_taken_back_is_gone_and_a_renamed_channel_keeps_its_history() {
    let (mut archive, buffer) = filled(3, Bounds::default());
    archive.keep(&Keep::Redacted { buffer: buffer.clone(), msgid: "m1".to_owned() }).expect("redacted");
    let renamed = Buffer::channel("#b");
    archive.keep(&Keep::Moved { from: buffer.clone(), to: renamed.clone() }).expect("moved");
    assert_eq!(asked(&archive, &renamed, Place::Latest(None), 9), ["m0", "m2"]);
    assert_eq!(asked(&archive, &buffer, Place::Latest(None), 9), Vec::<String>::new());
}

#[test]
fn facts_are_there_when_it_is_opened_again_and_it_is_opened_once_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut archive = Archive::open(folder.path(), Bounds::default()).expect("opened");
    let put =
        |key: &str, value: &str| Keep::Put { kind: RecordKind::Account, key: key.to_owned(), value: value.to_owned() };
    for keep in [put("alice", "1"), put("bob", "2"), put("alice", "3")] {
        archive.keep(&keep).expect("kept");
    }
    archive.keep(&Keep::Forget { kind: RecordKind::Account, key: "bob".to_owned() }).expect("forgotten");
    archive.commit().expect("committed");
    let second = Archive::open(folder.path(), Bounds::default());
    assert!(matches!(second, Err(ArchiveError::InUse { .. })), "{second:?}");
    archive.keep(&put("carol", "4")).expect("kept, and never committed");
    drop(archive);
    let records = Archive::open(folder.path(), Bounds::default()).expect("opened again").records().expect("read");
    assert_eq!(records, [Record { kind: RecordKind::Account, key: "alice".to_owned(), value: "3".to_owned() }]);
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let mut archive = Archive::open(folder.path(), Bounds::default()).expect("opened");
    archive.keep(&said(1, &Buffer::channel("#a"))).and_then(|()| archive.commit()).expect("kept");
    for entry in std::fs::read_dir(folder.path()).expect("listed") {
        let entry = entry.expect("an entry");
        assert_eq!(entry.metadata().expect("its mode").permissions().mode() & 0o077, 0, "{:?}", entry.path());
    }
}

#[test]
fn events_without_end_push_out_nothing_that_was_said() {
    let (mut archive, buffer) = filled(9, Bounds { entries: 100, ..Bounds::default() });
    for number in 10..1_000 {
        let Keep::Said(said) = said(number, &buffer) else { unreachable!("it is") };
        archive.keep(&Keep::Said(Box::new(Said { event: true, ..*said }))).expect("kept");
    }
    assert_eq!(asked(&archive, &buffer, Place::Latest(None), 100).len(), 9);
    let query = HistoryQuery { buffer, place: Place::Latest(None), limit: 1_000, events: true };
    let Answer::History(all) = archive.answer(&Question::History(query)).expect("answered") else { panic!("history") };
    assert!((100..130).contains(&all.len()), "{}", all.len());
}

#[test]
fn what_another_program_writes_is_noticed_and_what_is_our_own_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = Archive::open(folder.path(), Bounds::default()).expect("opened");
    let put = |key: &str| Keep::Put { kind: RecordKind::Account, key: key.to_owned(), value: String::new() };
    server.keep(&put("a")).and_then(|()| server.commit()).expect("kept");
    assert!(!server.changed_elsewhere().expect("asked"));
    let mut other = Archive::open_beside(folder.path()).expect("opened beside");
    other.keep(&put("b")).and_then(|()| other.commit()).expect("kept");
    assert!(server.changed_elsewhere().expect("asked"));
    assert!(!server.changed_elsewhere().expect("asked"));
    assert_eq!(server.records().expect("read").len(), 2);
}
