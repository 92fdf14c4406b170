//! Labels and batches (IRCv3 labeled-response).

use super::{World, settings};
use crate::core::limits::{HELD_LINES, WAITING_LINES};
use crate::core::{Event, Settings};

const CAPABILITIES: &str = "labeled-response batch message-tags";

fn world() -> World {
    let mut world = World::new();
    world.user("alice", CAPABILITIES, None);
    world.user("bob", "", None);
    world
}

#[test]
fn an_answer_of_one_line_carries_the_label() {
    world().play(
        r"
        alice > @label=x PING token
        alice < @label=x :irc.test PONG irc.test :token
        alice > @label=y;other=z NICK
        alice < @label=y :irc.test 431 alice :No nickname given
        ",
    );
}

#[test]
fn an_answer_of_many_lines_is_a_batch_and_none_is_an_ack() {
    world().play(
        r"
        alice > @label=x MOTD
        alice < @label=x :irc.test BATCH +1 labeled-response
        alice < @batch=1 :irc.test 375 alice …
        alice < @batch=1 :irc.test 372 alice …
        alice < @batch=1 :irc.test 376 alice …
        alice < :irc.test BATCH -1
        alice > @label=y PONG token
        alice < @label=y :irc.test ACK
        alice > @label=z PRIVMSG bob :hi
        bob < :alice!alice@10.0.0.1 PRIVMSG bob :hi
        alice < @label=z :irc.test ACK
        ",
    );
}

#[test]
fn only_the_one_who_labels_sees_the_label() {
    let mut world = World::new();
    world.user("alice", &format!("{CAPABILITIES} echo-message"), None);
    world.user("bob", CAPABILITIES, None);
    world.play(
        r"
        alice > @label=x PRIVMSG bob :hi
        bob < @msgid=test-1 :alice!alice@10.0.0.1 PRIVMSG bob :hi
        alice < @label=x;msgid=test-1 :alice!alice@10.0.0.1 PRIVMSG bob :hi
        bob > PRIVMSG alice :ho
        alice < @msgid=test-2 :bob!bob@10.0.0.2 PRIVMSG alice :ho
        ",
    );
}

#[test]
fn a_message_to_oneself_comes_back_with_the_label_once() {
    let mut world = World::new();
    world.user("alice", &format!("{CAPABILITIES} echo-message"), None);
    world.user("bob", CAPABILITIES, None);
    world.play(
        r"
        alice > @label=x PRIVMSG alice :note
        alice < @msgid=test-1 :alice!alice@10.0.0.1 PRIVMSG alice :note
        alice < @label=x;msgid=test-1 :alice!alice@10.0.0.1 PRIVMSG alice :note
        bob > @label=x NOTICE bob :note
        bob < @msgid=test-2 :bob!bob@10.0.0.2 NOTICE bob :note
        bob < @label=x :irc.test ACK
        ",
    );
}

#[test]
fn a_label_that_was_not_agreed_on_or_is_too_long_is_none() {
    world().play(
        r"
        bob > @label=x PING token
        bob < :irc.test PONG irc.test :token
        ",
    );
    let long = "x".repeat(65);
    world().play(&format!("alice > @label={long} PING token\nalice < :irc.test PONG irc.test :token"));
}

#[test]
fn who_leaves_with_a_label_still_hears_the_last_word() {
    world().play(
        r"
        alice > @label=x QUIT :bye
        alice < ERROR :Closing link: …
        alice closed
        ",
    );
}

#[test]
fn lines_behind_one_that_waits_keep_their_order() {
    let mut world = World::with(Settings { history: true, ..settings() });
    world.user("alice", CAPABILITIES, None);
    world.play("alice > JOIN #a\nalice < …JOIN #a\nalice < 353…\nalice < 366…");
    world.answers_at_once = false;
    world.line("alice", "@label=x CHATHISTORY LATEST #a * 10");
    world.line("alice", "@label=y PING one");
    world.line("alice", "PING two");
    world.event(Event::LineTooLong { client: world.client("alice"), tags: b"@label=z".to_vec() });
    assert_eq!(world.seen(), Vec::<String>::new());
    assert!(world.answer());
    assert_eq!(
        world.seen(),
        [
            "alice < @label=x :irc.test BATCH +1 chathistory #a",
            "alice < :irc.test BATCH -1",
            "alice < @label=y :irc.test PONG irc.test :one",
            "alice < :irc.test PONG irc.test :two",
            "alice < @label=z :irc.test 417 alice :Input line was too long",
        ]
    );
}

#[test]
fn who_has_too_many_lines_behind_one_that_waits_is_not_read_until_they_are_carried_out() {
    let mut world = World::with(Settings { history: true, ..settings() });
    world.user("alice", CAPABILITIES, None);
    world.line("alice", "JOIN #a");
    world.seen();
    world.answers_at_once = false;
    world.line("alice", "CHATHISTORY LATEST #a * 10");
    (0..HELD_LINES).for_each(|_| world.line("alice", "PING x"));
    assert_eq!(world.seen(), Vec::<String>::new());
    world.line("alice", "PING y");
    assert_eq!(world.seen(), ["alice is not read"]);
    world.line("alice", "CHATHISTORY LATEST #a * 10");
    assert!(world.answer());
    let seen = world.seen();
    assert_eq!(seen.iter().filter(|line| line.contains(" PONG ")).count(), HELD_LINES + 1);
    assert_eq!(seen.last().unwrap(), "alice is read");
    assert!(world.answer(), "the second question waits");
}

/// It may have answered: nobody looked.
#[test]
fn who_is_not_read_has_no_ping_timeout() {
    let mut world = World::with(Settings { history: true, ..settings() });
    world.user("alice", CAPABILITIES, None);
    world.line("alice", "JOIN #a");
    world.answers_at_once = false;
    world.line("alice", "CHATHISTORY LATEST #a * 10");
    (0..=HELD_LINES).for_each(|_| world.line("alice", "PING x"));
    world.seen();
    world.pass(3600);
    let seen = world.seen();
    assert!(matches!(&seen[..], [line] if line.contains("PING")), "{seen:?}");
    assert!(world.answer());
    world.seen();
    world.pass(10);
    assert_eq!(world.seen(), Vec::<String>::new());
    world.pass(3600);
    assert!(world.seen().last().unwrap().ends_with("closed"), "it is read, and has not answered");
}

#[test]
fn too_many_lines_behind_one_that_waits_are_a_flood() {
    let mut world = World::with(Settings { history: true, ..settings() });
    world.user("alice", CAPABILITIES, None);
    world.line("alice", "JOIN #a");
    world.answers_at_once = false;
    world.line("alice", "CHATHISTORY LATEST #a * 10");
    (0..=WAITING_LINES).for_each(|_| world.line("alice", "PING x"));
    assert!(world.seen().last().unwrap().ends_with("closed"));
    assert!(world.answer(), "an answer for somebody who is gone changes nothing");
    assert_eq!(world.seen(), Vec::<String>::new());
}
