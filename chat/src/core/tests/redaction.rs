//! Messages taken back (IRCv3 draft/message-redaction).

use super::{World, settings};
use crate::core::Settings;

const CAPABILITIES: &str = "message-tags echo-message batch draft/chathistory draft/message-redaction";

/// Alice runs a channel; bob and the guest are in it, and carl, who knows nothing of redaction.
fn world() -> World {
    let mut world = World::with(Settings { history: true, ..settings() });
    world.user("alice", CAPABILITIES, Some("alice"));
    world.user("bob", CAPABILITIES, Some("bob"));
    world.user("guest", CAPABILITIES, None);
    world.user("carl", "", Some("carl"));
    ["alice", "bob", "guest", "carl"].into_iter().for_each(|name| world.line(name, "JOIN #a"));
    world.line("bob", "PRIVMSG #a :oops");
    world.line("guest", "PRIVMSG #a :hello");
    world.line("guest", "@+draft/react=x TAGMSG #a");
    world.line("carl", "PRIVMSG bob :psst");
    world.seen();
    world
}

#[test]
fn ones_own_messages_are_taken_back_and_gone_from_history() {
    world().play(
        r"
        bob > REDACT #A test-5 :a slip
        alice < @msgid=test-9 :bob!bob@10.0.0.2 REDACT #a test-5 :a slip
        bob < @msgid=test-9 :bob!bob@10.0.0.2 REDACT #a test-5 :a slip
        guest < @msgid=test-9 :bob!bob@10.0.0.2 REDACT #a test-5 :a slip
        guest > REDACT #a test-7
        alice < @msgid=test-a :guest!guest@10.0.0.3 REDACT #a test-7
        bob < @msgid=test-a :guest!guest@10.0.0.3 REDACT #a test-7
        guest < @msgid=test-a :guest!guest@10.0.0.3 REDACT #a test-7
        alice > CHATHISTORY LATEST #a * 9
        alice < :irc.test BATCH +1 chathistory #a
        alice < @batch=1;msgid=test-6 :guest!guest@10.0.0.3 PRIVMSG #a :hello
        alice < :irc.test BATCH -1
        bob > REDACT #a test-5
        bob < :irc.test FAIL REDACT UNKNOWN_MSGID #a test-5 :This message does not exist or is too old
        ",
    );
}

#[test]
fn who_runs_the_channel_takes_back_anything_and_others_nothing_of_others() {
    world().play(
        r"
        guest > REDACT #a test-5
        guest < :irc.test FAIL REDACT REDACT_FORBIDDEN #a test-5 :You are not authorised to delete this message
        alice > REDACT #a test-6 :spam
        alice < @msgid=test-9 :alice!alice@10.0.0.1 REDACT #a test-6 :spam
        bob < @msgid=test-9 :alice!alice@10.0.0.1 REDACT #a test-6 :spam
        guest < @msgid=test-9 :alice!alice@10.0.0.1 REDACT #a test-6 :spam
        ",
    );
}

#[test]
fn a_direct_message_is_its_senders_to_take_back() {
    let mut world = world();
    world.line("carl", "CAP REQ :draft/message-redaction");
    world.seen();
    world.play(
        r"
        bob > REDACT carl test-8
        bob < :irc.test FAIL REDACT REDACT_FORBIDDEN carl test-8 :…
        carl > REDACT bob test-8
        bob < @msgid=test-9 :carl!carl@10.0.0.4 REDACT bob test-8
        ",
    );
}

#[test]
fn what_cannot_be_taken_back_is_told() {
    let mut world = world();
    world.line("bob", "PART #a");
    world.seen();
    world.play(
        r"
        bob > REDACT #a test-5
        bob < :irc.test FAIL REDACT INVALID_TARGET #a :You cannot delete messages from #a
        bob > REDACT #nowhere test-5
        bob < :irc.test FAIL REDACT INVALID_TARGET #nowhere :You cannot delete messages from #nowhere
        alice > REDACT #a test-1
        alice < :irc.test FAIL REDACT UNKNOWN_MSGID #a test-1 :…
        alice > REDACT #a
        alice < 461 REDACT :…
        carl > REDACT #a test-5
        carl < 421 REDACT :Unknown command
        ",
    );
}

#[test]
fn guests_take_back_direct_messages_that_no_history_has() {
    let mut world = World::with(Settings { history: true, ..settings() });
    world.user("ann", CAPABILITIES, None);
    world.user("ben", CAPABILITIES, None);
    world.user("cat", CAPABILITIES, None);
    world.line("ann", "PRIVMSG ben :oops");
    world.seen();
    world.play(
        r"
        ben > REDACT ann test-1
        ben < :irc.test FAIL REDACT REDACT_FORBIDDEN ann test-1 :…
        cat > REDACT ben test-1
        cat < :irc.test FAIL REDACT UNKNOWN_MSGID ben test-1 :…
        cat > REDACT nobody test-1
        cat < :irc.test FAIL REDACT INVALID_TARGET nobody :…
        ann > REDACT BEN test-1 :slip
        ben < @msgid=test-2 :ann!ann@10.0.0.1 REDACT ben test-1 :slip
        ann < @msgid=test-2 :ann!ann@10.0.0.1 REDACT ben test-1 :slip
        ann > REDACT ben test-1
        ann < :irc.test FAIL REDACT UNKNOWN_MSGID ben test-1 :…
        ",
    );
}

#[test]
fn who_comes_first_into_an_empty_channel_takes_back_nothing_of_those_before() {
    let mut world = world();
    ["alice", "bob", "guest", "carl"].into_iter().for_each(|name| world.line(name, "PART #a"));
    world.pass(1);
    world.line("guest", "JOIN #a");
    world.seen();
    world.play(
        r"
        guest > REDACT #a test-5
        guest < :irc.test FAIL REDACT REDACT_FORBIDDEN #a test-5 :…
        ",
    );
}
