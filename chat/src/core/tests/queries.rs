//! WHO, WHOIS, LUSERS, MOTD, VERSION, ADMIN, INFO, TIME, USERHOST, ISON and HELP.

use super::{Limits, Settings, World, settings};

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
         bo < 671 al :is using a secure connection
         bo < 317 al 7 1769862896 :seconds idle, signon time
         bo < 318 AL :End of WHOIS list
         bo > WHOIS al al
         bo < 311 …
         bo < 319 …
         bo < 312 …
         bo < 301 …
         bo < 330 …
         bo < 671 …
         bo < 317 …
         bo < 318 al :End of WHOIS list
         bo > WHOIS other.test al
         bo < 402 other.test :No such server
         bo > WHOIS zoe al
         bo < 402 zoe :No such server
         bo > WHOIS irc.test zoe
         bo < 401 zoe :No such nick/channel
         bo < 318 zoe :End of WHOIS list
         bo > WHOIS
         bo < 431 :No nickname given
         bo > WHOIS a,b,c,d,al
         bo < 401 a :No such nick/channel
         bo < 401 b :No such nick/channel
         bo < 401 c :No such nick/channel
         bo < 401 d :No such nick/channel
         bo < 407 al :Too many targets: at most 4; of this and those after it nothing is told
         bo < 318 a,b,c,d,al :End of WHOIS list
         bo > WHOIS zoe,bo,
         bo < 401 zoe :No such nick/channel
         bo < 311 …
         bo < 312 …
         bo < 671 …
         bo < 338 bo 10.0.0.2 :is actually using host
         bo < 378 bo :is connecting from *@10.0.0.2 10.0.0.2
         bo < 379 bo :is using modes +
         bo < 317 …
         bo < 318 zoe,bo, :End of WHOIS list",
    );
    world.line("al", "WHOIS al");
    assert!(world.seen().contains(&"al < :irc.test 276 al al :has client certificate fingerprint ab12".to_owned()));
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
         bo < 315 #b :End of WHO list
         bo > WHO irc.*
         bo < 352 * al 10.0.0.1 irc.test al G :0 The al
         bo < 352 * bo 10.0.0.2 irc.test bo H :0 The bo
         bo < 315 irc.* :End of WHO list
         bo > WHO i*
         bo < 315 i* :End of WHO list
         bo > NAMES #a,#1,#2,#3,#4
         bo < 353 = #a :@al
         bo < 366 #a :End of NAMES list
         bo < 366 #1 :End of NAMES list
         bo < 366 #2 :End of NAMES list
         bo < 366 #3 :End of NAMES list
         bo < 407 #4 :Too many targets: at most 4; of this and those after it nothing is told",
    );
    world.line("bo", "WHO");
    assert_eq!(world.seen().len(), 3);
}

#[test]
fn names_without_a_channel_lists_what_list_shows() {
    let limits = Limits { channels_per_client: 2_000, ..Limits::default() };
    let mut world = World::with(Settings { limits, ..settings() }).users(&["al", "bo", "cy"]);
    for (name, line) in [("al", "JOIN #a,#s"), ("bo", "JOIN #b,#a"), ("al", "MODE #s +s"), ("bo", "MODE bo +i")] {
        world.line(name, line);
    }
    world.seen();
    world.play(
        "al > NAMES
         al < 353 = #a :@al bo
         al < 353 = #b :@bo
         al < 353 @ #s :@al
         al < 366 * :End of NAMES list
         cy > NAMES
         cy < 353 = #a :@al
         cy < 366 * :End of NAMES list",
    );
    (0..1501).for_each(|n| world.line("cy", &format!("JOIN #x{n}")));
    world.seen();
    world.line("cy", "NAMES");
    let seen = world.seen();
    let rows = seen.iter().filter(|line| line.contains(" 353 ")).count();
    assert_eq!((rows, seen[1500].contains(" 416 cy NAMES :"), seen.len()), (1500, true, 1502));
}

/// What 005 says of each command's targets, `TARGMAX=JOIN:,KICK:,…,WHOIS:4`, holds: so many, and of one more it is told.
#[test]
fn as_many_targets_as_are_announced() {
    let mut world = World::new().users(&["al"]);
    world.line("al", "VERSION");
    let seen = world.seen();
    let targmax = seen.iter().flat_map(|line| line.split(' ')).find_map(|word| word.strip_prefix("TARGMAX=")).unwrap();
    for (command, most) in targmax.split(',').map(|pair| pair.split_once(':').unwrap()) {
        let asked = |count: usize| (0..count).map(|n| format!("#t{n}")).collect::<Vec<_>>().join(",");
        let arguments = if command == "MONITOR" { "+ " } else { "" };
        let more = if command == "KICK" { " al" } else { " :x" };
        let mut refused = |count| {
            let more = if command == "WHOIS" { "" } else { more };
            world.line("al", &format!("{command} {arguments}{}{more}", asked(count)));
            world.seen().iter().any(|line| line.contains(" 407 "))
        };
        let most: usize = most.parse().unwrap_or(30);
        assert!(!refused(most), "{command} takes {most}");
        // NOTICE is never answered, not even so.
        assert_eq!(refused(most + 1), most == 4 && command != "NOTICE", "{command} says where it stops");
    }
}

#[test]
fn the_server_tells_about_itself() {
    World::new().users(&["al"]).play(
        "al > VERSION
         al < 351 chat-0.1.0 irc.test :A test server
         al < 005 …
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
    World::with(Settings { motd: vec![], ..settings() }).users(&["al"]).play(
        "al > MOTD
         al < 422 :There is no message of the day",
    );
}

#[test]
fn the_network_is_this_server() {
    let mut world = World::new().users(&["al"]);
    world.now.unix_ms += 93_784_000;
    world.play(
        "al > LINKS
         al < 364 irc.test irc.test :0 A test server
         al < 365 * :End of LINKS list
         al > LINKS *.org
         al < 365 *.org :End of LINKS list
         al > LINKS irc.* *
         al < 364 irc.test irc.test :0 A test server
         al < 365 * :End of LINKS list
         al > LINKS x.test *
         al < 402 x.test :No such server
         al > MAP
         al < 006 :irc.test (1 users)
         al < 007 :End of MAP
         al > STATS
         al < 461 STATS :…
         al > STATS u IRC.TEST
         al < 242 :Server Up 1 days 2:03:04
         al < 219 u :End of STATS report
         al > STATS o
         al < 481 :Permission denied: you're not an IRC operator
         al > STATS k
         al < 219 k :End of STATS report
         al > STATS u x.test
         al < 402 x.test :No such server
         al > CONNECT x.test
         al < 481 :Permission denied: you're not an IRC operator
         al > SQUIT x.test :x
         al < 481 :Permission denied: you're not an IRC operator
         al > SUMMON al
         al < 445 :SUMMON has been disabled
         al > USERS
         al < 446 :USERS has been disabled
         al > SERVLIST
         al < 235 * * :End of service listing
         al > SERVLIST a* b
         al < 235 a* b :End of service listing
         al > SQUERY NickServ :help
         al < 408 NickServ :No such service
         al > SQUERY
         al < 411 :No recipient given (SQUERY)
         al > TRACE
         al < 421 TRACE :Unknown command
         al > STATS m
         al < 212 NICK 1
         al < 212 USER 1
         al < 212 STATS 6
         al < 212 LINKS 4
         al < 212 MAP 1
         al < 212 CONNECT 1
         al < 212 SQUIT 1
         al < 212 SUMMON 1
         al < 212 USERS 1
         al < 212 SERVLIST 2
         al < 212 SQUERY 2
         al < 219 m :End of STATS report",
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
         al < 704 join :JOIN <channel>…
         al < 705 join :
         al < 705 join :enters channels…
         al < 706 join :End of HELP
         al > HELPOP HELPOP
         al < 704 HELPOP :…
         al < 705 HELPOP :
         al < 705 HELPOP :is HELP
         al < 706 HELPOP :…
         al > HELP :two words
         al < 524 * :No help available on this topic
         al > HELP dance
         al < 524 dance :No help available on this topic",
    );
    world.line("al", "HELP");
    let seen = world.seen();
    assert!(seen[2].contains("ADMIN AUTHENTICATE AWAY") && seen.last().unwrap().contains(" 706 "));
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
