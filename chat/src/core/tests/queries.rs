//! WHO, WHOIS, LUSERS, MOTD, VERSION, ADMIN, INFO, TIME, USERHOST, ISON and HELP.

use super::{World, settings};

#[test]
fn whois_tells_account_certificate_and_channels() {
    let mut world = World::new();
    world.user("al", "", Some("al@example.test"));
    world.user("bo", "", None);
    world.line("al", "JOIN #a");
    world.line("al", "AWAY :tea");
    world.pass(7);
    world.seen();
    world.play(
        "bo > WHOIS AL
         bo < 311 al al 10.0.0.1 * :The al
         bo < 319 al :@#a
         bo < 312 al irc.test :A test server
         bo < 301 al :tea
         bo < 330 al al@example.test :is logged in as
         bo < 276 al :has client certificate fingerprint ab12
         bo < 671 al :is using a secure connection
         bo < 317 al 7 1769862896 :seconds idle, signon time
         bo < 318 AL :End of WHOIS list
         bo > WHOIS irc.test zoe
         bo < 401 zoe :No such nick/channel
         bo < 318 zoe :End of WHOIS list
         bo > WHOIS
         bo < 431 :No nickname given",
    );
}

#[test]
fn who_lists_people() {
    let mut world = World::new().users(&["al", "bo", "cy"]);
    world.line("al", "JOIN #a");
    world.line("al", "AWAY :tea");
    world.line("cy", "MODE cy +i");
    world.seen();
    world.play(
        "bo > WHO #a
         bo < 352 #a al 10.0.0.1 irc.test al G@ :0 The al
         bo < 315 #a :End of WHO list
         bo > WHO *
         bo < 352 * al 10.0.0.1 irc.test al G :0 The al
         bo < 352 * bo 10.0.0.2 irc.test bo H :0 The bo
         bo < 315 * :End of WHO list
         bo > WHO b?
         bo < 352 * bo 10.0.0.2 irc.test bo H :0 The bo
         bo < 315 b? :End of WHO list
         bo > WHO cy
         bo < 352 * cy 10.0.0.3 irc.test cy H :0 The cy
         bo < 315 cy :End of WHO list
         cy > WHO c*
         cy < 352 * cy 10.0.0.3 irc.test cy H :0 The cy
         cy < 315 c* :End of WHO list
         bo > WHO #b
         bo < 315 #b :End of WHO list",
    );
    world.line("bo", "WHO");
    assert_eq!(world.seen().len(), 3);
}

#[test]
fn the_server_tells_about_itself() {
    World::new().users(&["al"]).play(
        "al > VERSION
         al < 351 chat-0.1.0 irc.test :A test server
         al < 005 …
         al < 005 …
         al > VERSION other.test
         al < 402 other.test :No such server
         al > ADMIN irc.test
         al < 256 irc.test :Administrative info
         al < 257 :A test server
         al < 258 :Network TestNet
         al < 259 :Ask whoever issued your certificate
         al > INFO
         al < 371 :chat-0.1.0: a chat that speaks IRC over mutual TLS
         al < 371 …
         al < 371 :Started today
         al < 374 :End of INFO list
         al > TIME
         al < 391 irc.test :2026-01-31T12:34:56.000Z
         al > MOTD
         al < 375 …
         al < 372 :- Be kind
         al < 376 …
         al > MOTD other.test
         al < 402 other.test :No such server
         al > LUSERS
         al < 251 …
         al < 252 …
         al < 253 …
         al < 254 …
         al < 255 …
         al < 265 …
         al < 266 …",
    );
    World::with(super::Settings { motd: vec![], ..settings() }).users(&["al"]).play(
        "al > MOTD
         al < 422 :There is no message of the day",
    );
}

#[test]
fn userhost_and_ison_find_people() {
    let mut world = World::new().users(&["al", "bo"]);
    world.line("bo", "AWAY :tea");
    world.seen();
    world.play(
        "al > USERHOST AL zoe bo
         al < 302 :al=+al@10.0.0.1 bo=-bo@10.0.0.2
         al > ISON :BO zoe al
         al < 303 :bo al
         al > ISON zoe
         al < 303 :
         al > ISON
         al < 461 ISON :…",
    );
}

#[test]
fn help_knows_every_command() {
    let mut world = World::new().users(&["al"]);
    world.play(
        "al > HELP join
         al < 704 JOIN :JOIN <channel>…
         al < 705 JOIN :enters channels…
         al < 706 JOIN :End of HELP
         al > HELP dance
         al < 524 dance :No help available on this topic",
    );
    world.line("al", "HELP");
    let seen = world.seen();
    assert!(seen[1].contains("ADMIN AUTHENTICATE AWAY") && seen.last().unwrap().contains(" 706 "));
}

#[test]
fn a_long_who_is_bounded_and_says_so() {
    let mut world = World::new();
    let names: Vec<String> = (0..1502).map(|n| format!("n{n}")).collect();
    names.iter().for_each(|name| world.user(name, "", None));
    world.line("n0", "WHO *");
    let seen = world.seen();
    let rows = seen.iter().filter(|line| line.contains(" 352 ")).count();
    assert_eq!((rows, seen[1500].contains(" 416 n0 WHO :"), seen.len()), (1500, true, 1502));
}
