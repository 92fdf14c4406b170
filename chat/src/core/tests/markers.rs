//! How far somebody has read (IRCv3 draft/read-marker).

use super::{START_MS, World, settings};
use crate::core::keep::{Keep, Record, RecordKind};
use crate::core::{Actions, ClientId, Core, Event, Now};

#[test]
fn an_accounts_clients_know_of_each_others_reading() {
    let mut world = World::new();
    world.user("al", "draft/read-marker", Some("al"));
    world.user("al2", "draft/read-marker", Some("al"));
    world.user("al3", "", Some("al"));
    world.user("bo", "draft/read-marker", Some("bo"));
    world.play(
        "al > JOIN #a
         al < :al!al@10.0.0.1 JOIN #a
         al < :irc.test MARKREAD #a *
         al < 353 …
         al < 366 …
         al > MARKREAD #A timestamp=2026-01-31T12:00:00.000Z
         al < :irc.test MARKREAD #A timestamp=2026-01-31T12:00:00.000Z
         al2 < :irc.test MARKREAD #A timestamp=2026-01-31T12:00:00.000Z
         al2 > MARKREAD #a timestamp=2026-01-31T11:59:00.000Z
         al2 < :irc.test MARKREAD #a timestamp=2026-01-31T12:00:00.000Z
         al3 > JOIN #a
         al < …
         al3 < …JOIN #a
         al3 < 353 …
         al3 < 366 …
         al3 > MARKREAD #a timestamp=2099-01-01T00:00:00.000Z
         al3 < :irc.test MARKREAD #a timestamp=2026-01-31T12:34:56.000Z
         al < :irc.test MARKREAD #a timestamp=2026-01-31T12:34:56.000Z
         al2 < :irc.test MARKREAD #a timestamp=2026-01-31T12:34:56.000Z
         bo > MARKREAD #a
         bo < :irc.test MARKREAD #a *
         bo > MARKREAD al
         bo < :irc.test MARKREAD al *",
    );
    let put =
        |value: &str| Keep::Put { kind: RecordKind::ReadMarker, key: "al #a".to_owned(), value: value.to_owned() };
    assert_eq!(world.kept, [put("1769860800000"), put("1769862896000")]);
}

#[test]
fn a_guests_markers_are_its_own_and_go_with_it() {
    let mut world = World::new().users(&["al", "bo"]);
    world.play(
        "al > MARKREAD bo timestamp=2026-01-31T12:00:00.000Z
         al < :irc.test MARKREAD bo timestamp=2026-01-31T12:00:00.000Z
         al > MARKREAD bo
         al < :irc.test MARKREAD bo timestamp=2026-01-31T12:00:00.000Z
         bo > MARKREAD bo
         bo < :irc.test MARKREAD bo *",
    );
    assert!(world.kept.is_empty());
}

#[test]
fn what_is_wrong_with_a_marker_is_told() {
    World::new().users(&["al"]).play(
        "al > MARKREAD
         al < :irc.test FAIL MARKREAD NEED_MORE_PARAMS :Missing parameters
         al > MARKREAD 1x
         al < :irc.test FAIL MARKREAD INVALID_PARAMS 1x :Invalid parameters
         al > MARKREAD #a *
         al < :irc.test FAIL MARKREAD INVALID_PARAMS #a * :Invalid parameters
         al > MARKREAD #a timestamp=soon
         al < :irc.test FAIL MARKREAD INVALID_PARAMS #a timestamp=soon :Invalid parameters",
    );
}

#[test]
fn what_was_kept_is_known_again() {
    let record = Record { kind: RecordKind::ReadMarker, key: "al #a".to_owned(), value: "1769860800000".to_owned() };
    let mut core = Core::new(settings(), &[record]);
    let (client, now, mut actions) = (ClientId(1), Now { unix_ms: START_MS }, Actions::new());
    let identity = Some(super::identity("AL"));
    let accepted = Event::Accepted { client, host: "h".to_owned(), secure: true, identity, may_move: false };
    core.handle(now, accepted, &mut actions);
    for line in ["NICK al", "USER al 0 * :x", "MARKREAD #a"] {
        core.handle(now, Event::Line { client, line: line.into() }, &mut actions);
    }
    let sent = format!("{:?}", actions.drain().next_back());
    let line = b":irc.test MARKREAD #a timestamp=2026-01-31T12:00:00.000Z\r\n";
    assert!(sent.contains(&format!("{line:?}")), "{sent}");
}
