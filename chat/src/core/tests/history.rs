//! What was said, given out again (IRCv3 draft/chathistory).

use super::{World, settings};
use crate::core::Settings;
use crate::core::keep::{Buffer, Keep, Record, RecordKind};

const CAPABILITIES: &str = "batch message-tags server-time draft/chathistory";

/// Two people with accounts in a channel in which three messages were said.
fn world() -> World {
    let mut world = World::with(Settings { history: true, ..settings() });
    world.user("alice", CAPABILITIES, Some("alice"));
    world.user("bob", "", Some("bob"));
    ["alice", "bob"].into_iter().for_each(|name| world.line(name, "JOIN #a"));
    for text in ["one", "two", "three"] {
        world.line("bob", &format!("PRIVMSG #a :{text}"));
        world.pass(1);
    }
    world.seen();
    world
}

#[test]
fn a_channels_history_comes_in_a_batch_oldest_first() {
    world().play(
        r"
        alice > CHATHISTORY LATEST #A * 2
        alice < @time=… :irc.test BATCH +1 chathistory #a
        alice < @batch=1;time=…;msgid=test-4 :bob!bob@10.0.0.2 PRIVMSG #a :two
        alice < @batch=1;time=…;msgid=test-5 :bob!bob@10.0.0.2 PRIVMSG #a :three
        alice < @time=… :irc.test BATCH -1
        alice > CHATHISTORY BEFORE #a msgid=test-4 5
        alice < @time=… :irc.test BATCH +2 chathistory #a
        alice < @batch=2;time=…;msgid=test-3 :bob!bob@10.0.0.2 PRIVMSG #a :one
        alice < @time=… :irc.test BATCH -2
        bob > CHATHISTORY LATEST #a msgid=test-4 5
        bob < :bob!bob@10.0.0.2 PRIVMSG #a :three
        ",
    );
}

#[test]
fn a_direct_conversation_is_there_for_both_and_for_nobody_else() {
    let mut world = world();
    world.user("eve", CAPABILITIES, Some("eve"));
    world.user("guest", CAPABILITIES, None);
    world.line("bob", "PRIVMSG alice :psst");
    world.seen();
    world.play(
        r"
        alice > CHATHISTORY LATEST bob * 5
        alice < @time=… :irc.test BATCH +1 chathistory bob
        alice < @batch=1;time=…;msgid=test-6 :bob!bob@10.0.0.2 PRIVMSG alice :psst
        alice < @time=… :irc.test BATCH -1
        eve > CHATHISTORY LATEST bob * 5
        eve < @time=… :irc.test BATCH +2 chathistory bob
        eve < @time=… :irc.test BATCH -2
        guest > CHATHISTORY LATEST bob * 5
        guest < @time=… :irc.test FAIL CHATHISTORY INVALID_TARGET LATEST bob :Messages could not be retrieved: …
        eve > CHATHISTORY LATEST nobody * 5
        eve < @time=… :irc.test FAIL CHATHISTORY INVALID_TARGET LATEST nobody :Messages could not be retrieved: …
        eve > CHATHISTORY LATEST #a * 5
        eve < @time=… :irc.test FAIL CHATHISTORY INVALID_TARGET LATEST #a :Messages could not be retrieved: …
        alice > CHATHISTORY TARGETS timestamp=2020-01-01T00:00:00.000Z timestamp=2030-01-01T00:00:00.000Z 10
        alice < @time=… :irc.test BATCH +3 draft/chathistory-targets
        alice < @batch=3;time=… :irc.test CHATHISTORY TARGETS #a …
        alice < @batch=3;time=… :irc.test CHATHISTORY TARGETS bob …
        alice < @time=… :irc.test BATCH -3
        ",
    );
}

#[test]
fn what_is_wrong_with_a_question_is_said() {
    world().play(
        r"
        alice > CHATHISTORY
        alice < @time=… :irc.test FAIL CHATHISTORY INVALID_PARAMS * :Insufficient parameters
        alice > CHATHISTORY LATEST #a *
        alice < @time=… :irc.test FAIL CHATHISTORY INVALID_PARAMS LATEST :Insufficient parameters
        alice > CHATHISTORY LATEST #a * 5 6
        alice < @time=… :irc.test FAIL CHATHISTORY INVALID_PARAMS LATEST :Too many parameters
        alice > CHATHISTORY LATEST #a * many
        alice < @time=… :irc.test FAIL CHATHISTORY INVALID_PARAMS LATEST :Invalid limit…
        alice > CHATHISTORY BEFORE #a timestamp=yesterday 5
        alice < @time=… :irc.test FAIL CHATHISTORY INVALID_PARAMS BEFORE timestamp=yesterday :Invalid timestamp
        alice > CHATHISTORY BEFORE #a number=7 5
        alice < @time=… :irc.test FAIL CHATHISTORY INVALID_MSGREFTYPE BEFORE #a :…
        alice > CHATHISTORY SIDEWAYS #a * 5
        alice < @time=… :irc.test FAIL CHATHISTORY INVALID_PARAMS SIDEWAYS :Unknown command
        ",
    );
}

#[test]
fn nothing_is_kept_where_none_is_wanted() {
    let mut world = World::new();
    world.user("alice", CAPABILITIES, Some("alice"));
    world.line("alice", "JOIN #a");
    world.line("alice", "PRIVMSG #a :hello");
    assert!(world.kept.is_empty());
}

/// Alice makes a channel, in which things happen.
fn eventful(capabilities: &str) -> World {
    let mut world = World::with(Settings { history: true, ..settings() });
    world.user("alice", capabilities, Some("alice"));
    world.user("bob", "", None);
    for line in ["JOIN #a", "TOPIC #a :tea", "MODE #a +m"] {
        world.line("alice", line);
    }
    for line in ["JOIN #a", "NICK bo", "PART #a :bye", "JOIN #a", "QUIT :gone"] {
        world.line("bob", line);
    }
    world.line("alice", "PRIVMSG #a :hm");
    world.line("alice", "@+typing=active TAGMSG #a");
    world.line("alice", "@+draft/react=x TAGMSG #a");
    world.seen();
    world
}

#[test]
fn events_are_given_to_those_who_can_read_them() {
    eventful("draft/event-playback message-tags extended-join batch").play(
        r"
        alice > CHATHISTORY LATEST #a * 20
        alice < :irc.test BATCH +1 chathistory #a
        alice < @batch=1;msgid=test-1 :alice!alice@10.0.0.1 JOIN #a alice :The alice
        alice < @batch=1;msgid=test-2 :alice!alice@10.0.0.1 TOPIC #a :tea
        alice < @batch=1;msgid=test-3 :alice!alice@10.0.0.1 MODE #a +m
        alice < @batch=1;msgid=test-4 :bob!bob@10.0.0.2 JOIN #a * :The bob
        alice < @batch=1;msgid=test-5 :bob!bob@10.0.0.2 NICK :bo
        alice < @batch=1;msgid=test-6 :bo!bob@10.0.0.2 PART #a :bye
        alice < @batch=1;msgid=test-7 :bo!bob@10.0.0.2 JOIN #a * :The bob
        alice < @batch=1;msgid=test-8 :bo!bob@10.0.0.2 QUIT :Quit: gone
        alice < @batch=1;msgid=test-9 :alice!alice@10.0.0.1 PRIVMSG #a :hm
        alice < @batch=1;msgid=test-b;+draft/react=x :alice!alice@10.0.0.1 TAGMSG #a
        alice < :irc.test BATCH -1
        ",
    );
    eventful("batch").play(
        r"
        alice > CHATHISTORY LATEST #a * 20
        alice < :irc.test BATCH +1 chathistory #a
        alice < @batch=1 :alice!alice@10.0.0.1 PRIVMSG #a :hm
        alice < :irc.test BATCH -1
        ",
    );
}

#[test]
fn an_event_has_the_identifier_in_history_that_it_had_when_it_happened() {
    let mut world = World::with(Settings { history: true, ..settings() });
    world.user("alice", "draft/event-playback message-tags", None);
    world.play(
        r"
        alice > JOIN #a
        alice < @msgid=test-1 :alice!alice@10.0.0.1 JOIN #a
        alice < 353 …
        alice < 366 …
        alice > CHATHISTORY LATEST #a * 1
        alice < @msgid=test-1 :alice!alice@10.0.0.1 JOIN #a
        ",
    );
}

#[test]
fn a_closed_channel_that_is_made_anew_is_empty_also_after_a_restart() {
    let mut world = world();
    world.line("alice", "MODE #a +s");
    world.line("bob", "PRIVMSG #a :in private");
    ["alice", "bob"].into_iter().for_each(|name| world.line(name, "PART #a"));
    world.line("bob", "JOIN #a");
    world.line("bob", "PRIVMSG #a :anew");
    world.seen();
    world.play("bob > CHATHISTORY LATEST #a * 9\nbob < :bob!bob@10.0.0.2 PRIVMSG #a :anew");
    let noted: Vec<_> = world.kept.iter().filter(|keep| !matches!(keep, Keep::Said(_))).cloned().collect();
    let (kind, key) = (RecordKind::Closed, "#a".to_owned());
    let buffer = Buffer::channel("#a");
    let put = Keep::Put { kind, key: key.clone(), value: String::new() };
    assert_eq!(noted, [put, Keep::Dropped { buffer }, Keep::Forget { kind, key }]);
}

#[test]
fn that_a_channel_was_closed_is_known_after_a_restart() {
    let record = Record { kind: RecordKind::Closed, key: "#a".to_owned(), value: String::new() };
    let mut world = World::with_records(Settings { history: true, ..settings() }, &[record]);
    world.user("al", "", None);
    world.line("al", "JOIN #a");
    assert!(matches!(world.kept.first(), Some(Keep::Dropped { .. })), "{:?}", world.kept);
}

#[test]
fn without_a_history_there_is_nothing_to_ask_it() {
    let mut world = World::with(Settings { history: false, ..settings() });
    world.user("alice", "", Some("alice"));
    world.play(
        r"
        alice > CAP REQ :draft/chathistory
        alice < :irc.test CAP alice NAK :draft/chathistory
        alice > CAP REQ :draft/message-redaction
        alice < :irc.test CAP alice NAK :draft/message-redaction
        alice > CHATHISTORY LATEST #a * 2
        alice < 421 CHATHISTORY :Unknown command
        alice > REDACT #a test-1
        alice < 421 REDACT :Unknown command
        ",
    );
    world.line("alice", "VERSION");
    assert!(!world.seen().iter().any(|line| line.contains("CHATHISTORY") || line.contains("MSGREFTYPES")));
}
