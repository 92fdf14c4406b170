//! Messages of several lines (IRCv3 draft/multiline).

use super::{World, settings};
use crate::core::limits::{MULTILINE_BYTES, MULTILINE_LINES};
use crate::core::{Event, Settings};

const CAPABILITIES: &str = "batch message-tags draft/multiline";

/// In `#a` are alice, who writes; bob, who reads batches; and carl, who does not.
fn world(more: &str) -> World {
    let mut world = World::with(Settings { history: true, ..settings() });
    world.user("alice", &format!("{CAPABILITIES} {more}"), Some("alice"));
    world.user("bob", &format!("{CAPABILITIES} account-tag draft/chathistory"), Some("bob"));
    world.user("carl", "account-tag message-tags batch draft/chathistory", None);
    ["alice", "bob", "carl"].into_iter().for_each(|name| world.line(name, "JOIN #a"));
    world.seen();
    world
}

#[test]
fn a_message_reaches_everybody_as_each_can_read_it() {
    world("").play(
        r"
        alice > @+x=1 BATCH +7 draft/multiline #A
        alice > @batch=7 PRIVMSG #a :
        alice > @batch=7 PRIVMSG #a :how is 
        alice > @batch=7;draft/multiline-concat privmsg #a :everyone?
        alice > PING between
        alice < :irc.test PONG irc.test :between
        alice > BATCH -7
        bob < @account=alice;msgid=test-4;+x=1 :alice!alice@10.0.0.1 BATCH +1 draft/multiline #a
        bob < @batch=1;account=alice :alice!alice@10.0.0.1 PRIVMSG #a :
        bob < @batch=1;account=alice :alice!alice@10.0.0.1 PRIVMSG #a :how is 
        bob < @batch=1;draft/multiline-concat;account=alice :alice!alice@10.0.0.1 PRIVMSG #a :everyone?
        bob < @account=alice :alice!alice@10.0.0.1 BATCH -1
        carl < @account=alice;msgid=test-4;+x=1 :alice!alice@10.0.0.1 PRIVMSG #a :how is 
        carl < @account=alice :alice!alice@10.0.0.1 PRIVMSG #a :everyone?
        ",
    );
}

#[test]
fn no_line_of_it_goes_round_the_channels_modes() {
    let mut world = world("");
    world.line("alice", "MODE #a +C");
    world.seen();
    world.play(
        "
        alice > BATCH +7 draft/multiline #a
        alice > @batch=7 PRIVMSG #a :hello
        alice > @batch=7 PRIVMSG #a :\u{1}VERSION\u{1}
        alice > BATCH -7
        alice < :irc.test 404 alice #a :Cannot send to channel (+C): no CTCP
        ",
    );
}

#[test]
fn history_gives_it_to_each_as_it_was() {
    let mut world = world("");
    for line in [
        "BATCH +7 draft/multiline #a",
        "@batch=7 NOTICE #a :one",
        "@batch=7 NOTICE #a :two",
        "BATCH -7",
        "PRIVMSG #a :x",
    ] {
        world.line("alice", line);
    }
    world.seen();
    world.play(
        r"
        bob > CHATHISTORY LATEST #a * 2
        bob < :irc.test BATCH +2 chathistory #a
        bob < @batch=2;account=alice;msgid=test-4 :alice!alice@10.0.0.1 BATCH +3 draft/multiline #a
        bob < @batch=3;account=alice :alice!alice@10.0.0.1 NOTICE #a :one
        bob < @batch=3;account=alice :alice!alice@10.0.0.1 NOTICE #a :two
        bob < @batch=2;account=alice :alice!alice@10.0.0.1 BATCH -3
        bob < @batch=2;account=alice;msgid=test-5 :alice!alice@10.0.0.1 PRIVMSG #a :x
        bob < :irc.test BATCH -2
        carl > CHATHISTORY LATEST #a msgid=test-3 1
        carl < :irc.test BATCH +4 chathistory #a
        carl < @batch=4;account=alice;msgid=test-5 :alice!alice@10.0.0.1 PRIVMSG #a :x
        carl < :irc.test BATCH -4
        carl > CHATHISTORY BEFORE #a msgid=test-5 1
        carl < :irc.test BATCH +5 chathistory #a
        carl < @batch=5;account=alice;msgid=test-4 :alice!alice@10.0.0.1 NOTICE #a :one
        carl < @batch=5;account=alice :alice!alice@10.0.0.1 NOTICE #a :two
        carl < :irc.test BATCH -5
        ",
    );
}

#[test]
fn the_label_of_its_beginning_is_that_of_its_answer() {
    let mut world = world("labeled-response echo-message");
    ["bob", "carl"].into_iter().for_each(|name| world.line(name, "PART #a"));
    world.seen();
    world.play(
        r"
        alice > @label=l BATCH +7 draft/multiline #a
        alice > @batch=7 PRIVMSG #a :one
        alice > BATCH -7
        alice < @label=l;msgid=test-6 :alice!alice@10.0.0.1 BATCH +1 draft/multiline #a
        alice < @batch=1 :alice!alice@10.0.0.1 PRIVMSG #a :one
        alice < :alice!alice@10.0.0.1 BATCH -1
        alice > @label=m BATCH +8 draft/multiline #b
        alice > @batch=8 PRIVMSG #c :one
        alice < @label=m :irc.test FAIL BATCH MULTILINE_INVALID_TARGET #b #c :Invalid multiline target
        alice > @batch=8 PRIVMSG #b :two
        alice > BATCH -8
        alice > @label=n BATCH +9 draft/multiline nobody
        alice > @batch=9 PRIVMSG nobody :one
        alice > BATCH -9
        alice < @label=n :irc.test 401 alice nobody :No such nick/channel
        ",
    );
}

#[test]
fn a_label_of_its_end_is_acknowledged_besides() {
    let mut world = world("labeled-response echo-message");
    ["bob", "carl"].into_iter().for_each(|name| world.line(name, "PART #a"));
    world.seen();
    world.play(
        r"
        alice > @label=l BATCH +7 draft/multiline #a
        alice > @batch=7 PRIVMSG #a :one
        alice > @label=m BATCH -7
        alice < @label=m :irc.test ACK
        alice < @label=l;msgid=test-6 :alice!alice@10.0.0.1 BATCH +1 draft/multiline #a
        alice < @batch=1 :alice!alice@10.0.0.1 PRIVMSG #a :one
        alice < :alice!alice@10.0.0.1 BATCH -1
        alice > BATCH +8 draft/multiline #a
        alice > @batch=8 PRIVMSG #a :one
        alice > @label=n BATCH -8
        alice < @label=n;msgid=test-7 :alice!alice@10.0.0.1 BATCH +2 draft/multiline #a
        alice < @batch=2 :alice!alice@10.0.0.1 PRIVMSG #a :one
        alice < :alice!alice@10.0.0.1 BATCH -2
        alice > @label=o BATCH +9 draft/multiline #a
        alice > @label=p BATCH -9
        alice < @label=p :irc.test ACK
        alice < @label=o :irc.test FAIL BATCH MULTILINE_INVALID :…
        ",
    );
}

#[test]
fn a_message_that_would_lack_a_line_is_not_sent() {
    let mut world = world("labeled-response");
    let unreadable: [(&[u8], &str); 2] = [
        (b"@batch=7 PRIVMSG #a :\xe9", ":irc.test FAIL PRIVMSG INVALID_UTF8 :"),
        (b"@batch=7 ", ":irc.test 417 alice :"),
    ];
    for (line, refusal) in unreadable {
        world.line("alice", "@label=l BATCH +7 draft/multiline #a");
        world.line("alice", "@batch=7 PRIVMSG #a :one");
        if line.ends_with(b" ") {
            let (client, tags) = (world.client("alice"), line.trim_ascii_end().to_vec());
            world.event(Event::LineTooLong { client, tags });
        } else {
            world.bytes("alice", line);
        }
        world.line("alice", "@batch=7 PRIVMSG #a :three");
        world.line("alice", "BATCH -7");
        let seen = world.seen();
        assert!(seen.len() == 1 && seen[0].starts_with(&format!("alice < @label=l {refusal}")), "{seen:#?}");
    }
}

#[test]
fn without_an_echo_the_label_is_acknowledged() {
    world("labeled-response").play(
        r"
        alice > @label=l BATCH +7 draft/multiline carl
        alice > @batch=7 PRIVMSG carl :one
        alice > BATCH -7
        carl < @account=alice;msgid=test-4 :alice!alice@10.0.0.1 PRIVMSG carl :one
        alice < @label=l :irc.test ACK
        ",
    );
}

#[test]
fn what_is_wrong_with_a_batch_is_told() {
    world("").play(
        r"
        alice > BATCH
        alice < 461 BATCH :…
        alice > BATCH 7 draft/multiline #a
        alice < :irc.test FAIL BATCH MULTILINE_INVALID :…
        alice > BATCH +7 netsplit a b
        alice < :irc.test FAIL BATCH UNKNOWN_TYPE netsplit :…
        alice > BATCH +7 draft/multiline
        alice < :irc.test FAIL BATCH MULTILINE_INVALID :…
        alice > BATCH -7
        alice < :irc.test FAIL BATCH MULTILINE_INVALID :…
        alice > BATCH +7 draft/multiline #a
        alice > @batch=7 BATCH +8 draft/multiline #a
        alice < :irc.test FAIL BATCH MULTILINE_INVALID :…
        alice > BATCH -7
        alice > BATCH +7 draft/multiline #a
        alice > @batch=7 PRIVMSG #a :
        alice > BATCH -7
        alice < :irc.test FAIL BATCH MULTILINE_INVALID :…blank lines only, or none
        alice > BATCH +7 draft/multiline #a
        alice > @batch=7 PRIVMSG #a :one
        alice > @batch=7;draft/multiline-concat PRIVMSG #a :
        alice < :irc.test FAIL BATCH MULTILINE_INVALID :…
        alice > BATCH -7
        alice > BATCH +7 draft/multiline #a
        alice > @batch=7 PRIVMSG #a :one
        alice > @batch=7 NOTICE #a :two
        alice < :irc.test FAIL BATCH MULTILINE_INVALID :…
        alice > BATCH -7
        carl > BATCH +7 draft/multiline #a
        carl < 421 BATCH :Unknown command
        ",
    );
}

#[test]
fn its_lines_count_against_no_rate_and_other_lines_do() {
    let limits = crate::core::Limits { commands_per_second: 1, ..crate::core::Limits::default() };
    let flood = |line: &str| {
        let mut world = World::with(Settings { limits: limits.clone(), ..settings() });
        world.user("alice", CAPABILITIES, None);
        world.line("alice", "BATCH +7 draft/multiline alice");
        (0..50).for_each(|_| world.line("alice", line));
        world.seen().iter().any(|line| line.ends_with("closed"))
    };
    assert!(!flood("@batch=7 PRIVMSG alice :x"));
    assert!(flood("@batch=8 PING x") && flood("PING x"));
}

#[test]
fn a_batch_that_failed_or_is_too_old_gives_way_to_the_next() {
    let mut world = world("");
    for line in ["BATCH +7 draft/multiline alice", "@batch=7 JOIN #b", "BATCH +8 draft/multiline alice"] {
        world.line("alice", line);
    }
    world.seen();
    world.pass(61);
    world.seen();
    world.play(
        r"
        alice > BATCH +9 draft/multiline alice
        alice > @batch=9 PRIVMSG alice :x
        alice > BATCH -9
        alice < @msgid=test-4 :alice!alice@10.0.0.1 BATCH +1 draft/multiline alice
        alice < @batch=1 :alice!alice@10.0.0.1 PRIVMSG alice :x
        alice < :alice!alice@10.0.0.1 BATCH -1
        ",
    );
}

#[test]
fn it_is_bounded_in_bytes_lines_and_time() {
    let mut world = world("");
    world.line("alice", "BATCH +7 draft/multiline #a");
    (0..MULTILINE_LINES).for_each(|_| world.line("alice", "@batch=7 PRIVMSG #a :x"));
    assert_eq!(world.seen(), [""; 0]);
    world.line("alice", "@batch=7 PRIVMSG #a :x");
    let limit = |code, limit| format!("alice < :irc.test FAIL BATCH MULTILINE_MAX_{code} {limit} :");
    assert!(world.seen()[0].starts_with(&limit("LINES", MULTILINE_LINES)));
    world.line("alice", "BATCH -7");
    world.line("alice", "BATCH +8 draft/multiline #a");
    let long = "x".repeat(450);
    (0..=MULTILINE_BYTES / 451).for_each(|_| world.line("alice", &format!("@batch=8 PRIVMSG #a :{long}")));
    assert!(world.seen()[0].starts_with(&limit("BYTES", MULTILINE_BYTES)));
    world.line("alice", "BATCH -8");
    world.line("alice", "BATCH +9 draft/multiline #a");
    world.pass(61);
    world.seen();
    world.line("alice", "@batch=9 PRIVMSG #a :x");
    assert!(world.seen()[0].starts_with("alice < :irc.test FAIL BATCH TIMEOUT 9 :"));
}
