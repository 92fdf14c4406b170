//! Time-outs, floods, endings.

use super::{Limits, World, settings};
use crate::core::{Event, LogEntry, Settings};

#[test]
fn who_does_not_register_is_closed() {
    let mut world = World::new();
    world.connect("a", true, None);
    assert_eq!(world.wake_at, Some(super::START_MS + 10_000));
    world.pass(9);
    assert_eq!(world.seen(), [""; 0]);
    world.pass(1);
    assert_eq!(
        world.seen(),
        ["a < ERROR :Closing link: 10.0.0.1 (Registration timed out: NICK and USER within 10 s)", "a closed"]
    );
    assert_eq!((world.core.clients(), world.wake_at), (0, None));
}

#[test]
fn silence_is_pinged_and_then_closed() {
    let mut world = World::new().users(&["al", "bo"]);
    world.line("al", "JOIN #a");
    world.line("bo", "JOIN #a");
    world.seen();
    world.pass(120);
    assert_eq!(world.seen(), ["al < :irc.test PING :irc.test", "bo < :irc.test PING :irc.test"]);
    world.pass(10);
    world.line("bo", "PONG irc.test");
    world.pass(50);
    assert_eq!(
        world.seen(),
        [
            "al < ERROR :Closing link: 10.0.0.1 (Ping timeout: 60 s)",
            "bo < :al!al@10.0.0.1 QUIT :Ping timeout: 60 s",
            "al closed"
        ]
    );
    world.pass(70);
    assert_eq!(world.seen(), ["bo < :irc.test PING :irc.test"]);
}

#[test]
fn who_talks_is_not_pinged() {
    let mut world = World::new().users(&["al"]);
    for _ in 0..10 {
        world.pass(100);
        world.line("al", "PONG x");
    }
    assert_eq!(world.seen(), [""; 0]);
}

#[test]
fn a_flood_is_closed_and_others_see_it_once() {
    let limits = Limits { commands_per_second: 5, ..Limits::default() };
    let mut world = World::with(Settings { limits, ..settings() }).users(&["al", "bo"]);
    world.pass(60);
    world.line("al", "JOIN #a");
    world.line("bo", "JOIN #a");
    world.seen();
    for _ in 0..100 {
        world.line("al", "PRIVMSG #a :x");
    }
    let seen = world.seen();
    let quits: Vec<_> =
        seen.iter().filter(|line| line.contains("QUIT :Excess flood: more than 5 lines a second")).collect();
    assert_eq!(quits.len(), 1);
    assert!(seen.len() < 60);
}

#[test]
fn a_lost_connection_is_a_quit() {
    let mut world = World::new().users(&["al", "bo"]);
    world.line("al", "JOIN #a");
    world.line("bo", "JOIN #a");
    world.seen();
    let gone = Event::Gone { client: world.client("al"), reason: "Connection reset".to_owned() };
    world.event(gone.clone());
    assert_eq!(world.seen(), ["bo < :al!al@10.0.0.1 QUIT :Connection reset"]);
    world.event(gone);
    assert_eq!(world.seen(), [""; 0]);
    world.line("bo", "QUIT");
    assert_eq!(world.seen(), ["bo < ERROR :Closing link: 10.0.0.2 (Quit: )", "bo closed"]);
    let parting = LogEntry::Closed { client: world.client("bo"), reason: "Quit".to_owned() };
    assert_eq!(world.logs.last(), Some(&parting), "what people say is in no log");
    assert!(world.core.state.channels.is_empty() && world.core.state.nicknames.is_empty());
}

#[test]
fn a_shutdown_tells_everybody() {
    let mut world = World::new().users(&["al", "bo"]);
    world.line("al", "JOIN #a");
    world.line("bo", "JOIN #a");
    world.seen();
    world.event(Event::Shutdown { reason: "Server is going down".to_owned() });
    assert_eq!(
        world.seen(),
        [
            "al < ERROR :Closing link: 10.0.0.1 (Server is going down)",
            "al closed",
            "bo < ERROR :Closing link: 10.0.0.2 (Server is going down)",
            "bo closed"
        ]
    );
    assert_eq!(world.core.clients(), 0);
}

#[test]
fn the_end_of_a_certificate_is_told_a_day_and_an_hour_before_and_then_acts() {
    let mut world = World::new();
    let day = 24 * 3600;
    world.user_until("al", super::START_MS / 1000 + 2 * day);
    world.user("bo", "", None);
    ["al", "bo"].into_iter().for_each(|name| world.line(name, "JOIN #a"));
    world.seen();
    let mut told = Vec::new();
    for _ in 0..(2 * day / 60) {
        world.pass(60);
        ["al", "bo"].into_iter().for_each(|name| world.line(name, "PONG x"));
        told.extend(world.seen());
    }
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(told[0].contains("ends in 24 h") && told[1].contains("ends in 1 h"), "{told:#?}");
    world.pass(2);
    let seen = world.seen();
    assert!(seen[0].contains("Your certificate has expired") && seen.contains(&"al closed".to_owned()), "{seen:#?}");
    assert!(seen.iter().any(|line| line.starts_with("bo < :al!al@10.0.0.1 QUIT")), "{seen:#?}");
}

#[test]
fn who_comes_with_a_certificate_that_ends_soon_is_told_once() {
    let mut world = World::new();
    world.user_until("al", super::START_MS / 1000 + 1800);
    world.pass(5);
    let seen = world.seen();
    assert_eq!(seen.len(), 1, "{seen:#?}");
    assert!(seen[0].contains("ends in 30 min"), "{seen:#?}");
}

#[test]
fn who_may_not_be_here_any_longer_is_told_and_others_see_why() {
    let mut world = World::new().users(&["al", "bo"]);
    ["al", "bo"].into_iter().for_each(|name| world.line(name, "JOIN #a"));
    world.seen();
    world.event(Event::Dismissed { client: world.client("al"), reason: "certificate revoked".to_owned() });
    assert_eq!(
        world.seen(),
        [
            "al < ERROR :Closing link: 10.0.0.1 (certificate revoked)",
            "bo < :al!al@10.0.0.1 QUIT :certificate revoked",
            "al closed"
        ]
    );
}

#[test]
fn a_configuration_that_is_read_again_acts_at_once_and_keeps_the_servers_name() {
    let mut world = World::new().users(&["al"]);
    let changed = Settings { name: "other.test".to_owned(), motd: vec!["New".to_owned()], ..settings() };
    world.event(Event::Reconfigured(Box::new(changed)));
    world.play("al > MOTD\nal < 375…\nal < 372…New\nal < 376…");
}
