//! CHANNEL: registered channels, their access lists, and what is left of them after a restart.

use super::{World, settings};
use crate::core::keep::{Keep, RecordKind};
use crate::core::limits::CHANNELS_PER_ACCOUNT;
use crate::core::{AccountSettings, Core, Operator, Password, Right, Settings};

/// alice has registered `#a`; bob has an account, eve has none.
fn world() -> World {
    let mut world = World::new();
    for (name, account) in [("alice", Some("alice")), ("bob", Some("bob")), ("eve", None)] {
        world.user(name, "", account);
    }
    for line in ["JOIN #a", "CHANNEL REGISTER #a"] {
        world.line("alice", line);
    }
    world.seen();
    world
}

#[test]
fn an_operator_who_is_logged_in_registers_a_channel() {
    let mut world = World::new();
    world.user("alice", "", Some("alice"));
    world.user("bob", "", Some("bob"));
    world.user("eve", "", None);
    for (name, channel) in [("alice", "#A"), ("bob", "#a"), ("eve", "#e")] {
        world.line(name, &format!("JOIN {channel}"));
    }
    world.seen();
    world.play(
        r"
        eve > CHANNEL REGISTER #e
        eve < :irc.test FAIL CHANNEL ACCOUNT_REQUIRED #e :Log in first: channels belong to accounts
        bob > CHANNEL REGISTER #a
        bob < :irc.test FAIL CHANNEL NO_PRIVILEGES #a :Only an operator of the channel can register it
        bob > CHANNEL REGISTER #none
        bob < :irc.test FAIL CHANNEL NO_SUCH_CHANNEL #none :Join the channel first
        alice > CHANNEL REGISTER #a
        alice < :irc.test NOTE CHANNEL REGISTERED #a :The channel belongs to alice from now on
        alice > CHANNEL REGISTER #a
        alice < :irc.test FAIL CHANNEL ALREADY_REGISTERED #a :The channel belongs to alice
        bob > CHANNEL INFO #a
        bob < :irc.test NOTE CHANNEL INFO #a alice 2026-01-31T12:34:56.000Z :The channel belongs to alice since …
        bob > CHANNEL DROP #a
        bob < :irc.test FAIL CHANNEL NO_PRIVILEGES #a :Only alice can do that
        bob > CHANNEL DANCE #a
        bob < :irc.test FAIL CHANNEL UNKNOWN_COMMAND #a :…
        bob > CHANNEL INFO #e
        bob < :irc.test FAIL CHANNEL NOT_REGISTERED #e :No such channel is registered
        ",
    );
}

#[test]
fn a_registered_channel_stays_without_members_and_after_a_restart() {
    let mut world = world();
    for line in ["TOPIC #a :tea", "MODE #a +mk-t key", "MODE #a +be x!*@* ~a:bob", "PART #a"] {
        world.line("alice", line);
    }
    world.seen();
    let shown = r"
        bob > MODE #a
        bob < 324 #a +mnk *
        bob < 329 #a 1769862896
        bob > TOPIC #a
        bob < 442 #a :You're not on that channel
        bob > LIST
        bob < 321 Channel :Users  Name
        bob < 322 #a 0 :tea
        bob < 323 :End of LIST
        bob > MODE #a e
        bob < 348 #a ~a:bob alice!alice@10.0.0.1 1769862896
        bob < 349 #a :End of channel exception list
        bob > JOIN #a key
        bob < :bob!bob@10.0.0.2 JOIN #a
        bob < 332 #a :tea
        bob < 333 #a alice!alice@10.0.0.1 1769862896
        bob < 353 = #a :bob
        bob < 366 #a :End of NAMES list
        ";
    world.play(shown);
    world.core = Core::new(settings(), &world.archive.records().unwrap());
    world.user("alice", "", Some("alice"));
    world.user("bob", "", Some("bob"));
    world.play(&shown.replace("10.0.0.2", "10.0.0.5"));
}

#[test]
fn the_founder_always_comes_in_and_is_its_operator() {
    let mut world = world();
    for line in ["MODE #a +ik key", "MODE #a +b *!*@*", "PART #a"] {
        world.line("alice", line);
    }
    world.seen();
    world.play(
        r"
        bob > JOIN #a key
        bob < 473 #a :Cannot join channel (+i)
        alice > JOIN #a
        alice < :alice!alice@10.0.0.1 JOIN #a
        alice < :irc.test MODE #a +o alice
        alice < 353 = #a :@alice
        alice < 366 #a :End of NAMES list
        alice > MODE #a -o alice
        alice < :alice!alice@10.0.0.1 MODE #a -o alice
        alice > MODE #a +o alice
        alice < :alice!alice@10.0.0.1 MODE #a +o alice
        ",
    );
}

#[test]
fn an_access_list_gives_ranks_to_accounts() {
    let mut world = world();
    world.play(
        r"
        alice > CHANNEL ACCESS #a ADD BOB halfop
        alice < :irc.test NOTE CHANNEL ACCESS_ADDED #a bob halfop :bob is given +h when coming in
        alice > CHANNEL ACCESS #a ADD carol king
        alice < :irc.test FAIL CHANNEL INVALID_PARAMS #a :The levels are voice, halfop and op
        bob > JOIN #a
        alice < :bob!bob@10.0.0.2 JOIN #a
        bob < :bob!bob@10.0.0.2 JOIN #a
        alice < :irc.test MODE #a +h bob
        bob < :irc.test MODE #a +h bob
        bob < 353 = #a :@alice %bob
        bob < 366 #a :End of NAMES list
        bob > CHANNEL ACCESS #a
        bob < :irc.test NOTE CHANNEL ACCESS #a alice founder :owns the channel
        bob < :irc.test NOTE CHANNEL ACCESS #a bob halfop :is given +h when coming in
        bob < :irc.test NOTE CHANNEL ACCESS_END #a :End of the access list
        eve > CHANNEL ACCESS #a LIST
        eve < :irc.test FAIL CHANNEL NO_PRIVILEGES #a :Only those who are in the list can see it
        bob > CHANNEL ACCESS #a ADD eve op
        bob < :irc.test FAIL CHANNEL NO_PRIVILEGES #a :Only alice can do that
        alice > CHANNEL ACCESS #a DEL bob
        alice < :irc.test NOTE CHANNEL ACCESS_REMOVED #a bob :bob is given no rank any more
        alice > CHANNEL ACCESS #a DEL bob
        alice < :irc.test FAIL CHANNEL NOT_IN_LIST #a :bob is not in the access list
        ",
    );
}

#[test]
fn who_logs_in_later_is_given_the_rank_then() {
    let accounts = AccountSettings { registration: true, iterations: 1, ..AccountSettings::default() };
    let mut world = World::with(Settings { accounts, ..settings() });
    world.user("alice", "", Some("alice"));
    world.user("carol", "", None);
    for line in ["JOIN #a", "CHANNEL REGISTER #a", "CHANNEL ACCESS #a ADD carol voice"] {
        world.line("alice", line);
    }
    world.line("carol", "JOIN #a");
    world.seen();
    world.play(
        r"
        carol > REGISTER * * :open sesame
        carol < :irc.test REGISTER SUCCESS carol :…
        carol < 900 carol!carol@10.0.0.2 carol :You are now logged in as carol
        alice < :irc.test MODE #a +v carol
        carol < :irc.test MODE #a +v carol
        ",
    );
}

#[test]
fn a_channel_is_handed_over_and_given_up() {
    let mut world = world();
    world.play(
        r"
        alice > CHANNEL TRANSFER #a nobody
        alice < :irc.test FAIL CHANNEL UNKNOWN_ACCOUNT #a :Nobody has been here as nobody
        alice > CHANNEL TRANSFER #a bob
        alice < :irc.test NOTE CHANNEL TRANSFERRED #a bob :The channel belongs to bob from now on
        alice > CHANNEL DROP #a
        alice < :irc.test FAIL CHANNEL NO_PRIVILEGES #a :Only bob can do that
        bob > CHANNEL DROP #a
        bob < :irc.test NOTE CHANNEL DROPPED #a :The channel is nobody's any more
        ",
    );
    assert_eq!(world.kept.last(), Some(&Keep::Forget { kind: RecordKind::Channel, key: "#a".to_owned() }));
    world.line("alice", "PART #a");
    assert!(world.core.state.channels.is_empty());
}

#[test]
fn an_account_registers_so_many_channels() {
    let mut world = world();
    for number in 1..=CHANNELS_PER_ACCOUNT {
        world.line("alice", &format!("JOIN #{number}"));
        world.line("alice", &format!("CHANNEL REGISTER #{number}"));
    }
    assert!(world.seen().last().unwrap().contains("TOO_MANY_CHANNELS"));
}

#[test]
fn a_registered_channel_keeps_its_owner_under_another_name() {
    let mut world = world();
    world.line("bob", "JOIN #a");
    world.line("alice", "MODE #a +o bob");
    world.seen();
    world.line("bob", "RENAME #a #b");
    assert!(world.seen()[0].contains("FAIL RENAME CANNOT_RENAME #a #b :"));
    world.line("alice", "RENAME #a #b");
    let records = world.archive.records().unwrap().into_iter();
    let kept: Vec<String> =
        records.filter(|record| record.kind == RecordKind::Channel).map(|record| record.key).collect();
    assert_eq!(kept, ["#b"]);
}

#[test]
fn an_irc_operator_settles_whose_a_channel_is() {
    let operator = Operator {
        name: "root".to_owned(),
        password: Some(Password::new("pw".to_owned())),
        fingerprint: None,
        rights: [Right::Kill].into_iter().collect(),
    };
    let mut world = World::with(Settings { operators: vec![operator], ..settings() });
    world.user("alice", "", Some("alice"));
    world.user("root", "", None);
    for (name, line) in [("alice", "JOIN #a"), ("alice", "CHANNEL REGISTER #a"), ("root", "OPER root pw")] {
        world.line(name, line);
    }
    world.seen();
    world.play(
        r"
        root > CHANNEL DROP #a
        root < :irc.test NOTE CHANNEL DROPPED #a :The channel is nobody's any more
        ",
    );
}
