//! Who may have which nickname.

use super::{World, identity, settings};
use crate::core::{Account, LogEntry, Settings};

#[test]
fn a_nickname_is_had_once_by_casemap() {
    let mut world = World::new().users(&["al", "bo"]);
    world.play(
        "bo > NICK AL
         bo < 433 AL :Nickname is already in use
         bo > NICK Bo
         bo < :bo!bo@10.0.0.2 NICK :Bo
         bo > NICK cy
         bo < :Bo!bo@10.0.0.2 NICK :cy
         al > NICK bo
         al < :al!al@10.0.0.1 NICK :bo",
    );
    assert!(matches!(&world.logs[..], [.., LogEntry::NicknameRefused { nickname, .. }] if nickname == "AL"));
}

#[test]
fn the_servers_name_is_nobodys_nickname() {
    let mut world = World::with(Settings { name: "Hearth".to_owned(), ..settings() }).users(&["al"]);
    world.line("al", "NICK hearth");
    let refused = "hearth :Nickname is already in use: it is the name of a server";
    assert_eq!(world.seen(), [format!("al < :Hearth 433 al {refused}")]);
    assert!(matches!(&world.logs[..], [.., LogEntry::NicknameRefused { nickname, .. }] if nickname == "hearth"));
    world.connect("bo", true, None);
    world.line("bo", "NICK hearth");
    assert_eq!(world.seen(), [format!("bo < :Hearth 433 * {refused}")]);
    world.line("bo", "NICK hearth1");
    world.line("bo", "USER bo 0 * :bo");
    assert!(world.seen()[0].starts_with("bo < :Hearth 001 hearth1 "));
}

#[test]
fn neighbours_see_a_new_nickname_once() {
    let mut world = World::new().users(&["al", "bo", "cy"]);
    for line in ["JOIN #a", "JOIN #b"] {
        world.line("al", line);
        world.line("bo", line);
    }
    world.seen();
    world.play(
        "al > NICK ann
         al < :al!al@10.0.0.1 NICK :ann
         bo < :al!al@10.0.0.1 NICK :ann",
    );
}

#[test]
fn accounts_reserve_their_nicknames() {
    let mut world = World::with(Settings { reserved: vec![Account::parse("dora").unwrap()], ..settings() });
    world.user("alice", "", Some("alice@example.test"));
    world.user("guest", "", None);
    world.user("bob", "", Some("bob"));
    world.play(
        "alice > NICK ally
         alice < :alice!alice@10.0.0.1 NICK :ally
         guest > NICK Alice
         guest < 433 Alice :Nickname is reserved for the account alice@example.test: log in as it to use it
         bob > NICK alice
         bob < 433 alice :Nickname is reserved for the account alice@example.test…
         bob > NICK dora
         bob < 433 dora :Nickname is reserved for the account dora…
         alice > NICK alice
         alice < :ally!alice@10.0.0.1 NICK :alice",
    );
}

#[test]
fn the_rightful_owner_gets_the_nickname_back() {
    let mut world = World::new().users(&["alice", "bo"]);
    world.line("alice", "JOIN #a");
    world.line("bo", "JOIN #a");
    world.seen();
    world.connect("owner", true, Some(identity("alice@example.test")));
    assert_eq!(
        world.seen(),
        [
            "alice < :irc.test NOTICE alice :The nickname alice belongs to the account alice@example.test, which has connected: you are Guest1 now.",
            "alice < :alice!alice@10.0.0.1 NICK :Guest1",
            "bo < :alice!alice@10.0.0.1 NICK :Guest1",
        ]
    );
    world.line("owner", "NICK alice");
    world.line("owner", "USER a 0 * :A");
    assert!(world.seen()[0].contains(" 001 alice "));
    world.play(
        "bo > PRIVMSG alice :hi
         owner < :bo!bo@10.0.0.2 PRIVMSG alice :hi",
    );
}

#[test]
fn two_sessions_of_one_account_have_two_nicknames() {
    let mut world = World::new();
    world.user("alice", "", Some("alice"));
    world.user("alice2", "", Some("alice"));
    world.play(
        "alice2 > NICK alice
         alice2 < 433 alice :Nickname is already in use",
    );
}
