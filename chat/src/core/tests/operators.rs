//! OPER, KILL, WALLOPS, REHASH: what IRC operators do.

use super::{World, identity, settings};
use crate::core::{Event, LogEntry, Operator, Password, Right};

/// `root` may do everything, `half` nothing; `cert` needs a certificate.
fn world() -> World {
    let operator = |name: &str, password: Option<&str>, fingerprint: Option<&str>, rights: &[Right]| Operator {
        name: name.to_owned(),
        password: password.map(|text| Password::new(text.to_owned())),
        fingerprint: fingerprint.map(str::to_owned),
        rights: rights.iter().copied().collect(),
    };
    World::with(super::Settings {
        operators: vec![
            operator("root", Some("pw"), None, &Right::ALL),
            operator("half", Some("pw"), None, &[]),
            operator("cert", None, Some("ab12"), &Right::ALL),
        ],
        ..settings()
    })
}

fn with_operator(names: &[&str]) -> World {
    let mut world = world().users(names);
    world.line(names[0], "OPER root pw");
    world.seen();
    world
}

#[test]
fn a_password_makes_an_operator() {
    let mut world = world().users(&["al", "bo"]);
    world.play(
        "al > OPER
         al < 461 OPER :…
         al > OPER root
         al < 461 OPER :Not enough parameters
         al > OPER root pW
         al < 464 :Password incorrect
         al > OPER pW root
         al < 464 :Password incorrect
         al > OPER cert pw
         al < 491 :No O-lines for your host: this operator needs another certificate
         al > OPER root pw
         al < 381 :You are now an IRC operator
         al < :al!al@10.0.0.1 MODE al :+o
         al > OPER root pw
         al < 381 :You are now an IRC operator
         al > MODE al
         al < 221 +o
         bo > USERHOST al bo
         bo < 302 :al*=+al@10.0.0.1 bo=+bo@10.0.0.2",
    );
    assert_eq!(world.core.state.counts.operators, 1);
    let refused = world.logs.iter().filter(|entry| matches!(entry, LogEntry::OperatorRefused { .. })).count();
    let came = world.logs.iter().filter(|entry| matches!(entry, LogEntry::OperatorCame { .. })).count();
    assert_eq!((refused, came), (3, 2));
    assert!(!format!("{:?}", world.logs).contains("pW"), "no password is logged");
    world.play(
        "al > MODE al -o
         al < :al!al@10.0.0.1 MODE al -o
         al > WALLOPS :x
         al < 481 :Permission denied: you're not an IRC operator
         al > MODE al +o",
    );
    assert_eq!(world.core.state.counts.operators, 0);
}

#[test]
fn a_certificate_makes_an_operator() {
    let mut world = world();
    world.connect("al", true, Some(identity("al@example.test")));
    world.line("al", "NICK al");
    world.line("al", "USER al 0 * :Al");
    world.seen();
    world.play(
        "al > OPER cert
         al < 381 :You are now an IRC operator
         al < :al!al@10.0.0.1 MODE al :+o",
    );
    world.line("al", "QUIT");
    assert_eq!(world.core.state.counts.operators, 0);
}

#[test]
fn who_guesses_is_closed() {
    let mut world = world().users(&["al"]);
    for _ in 0..4 {
        world.line("al", "OPER root x");
    }
    world.line("al", "OPER root pw");
    for _ in 0..4 {
        world.line("al", "OPER root x");
    }
    world.seen();
    world.play(
        "al > OPER root x
         al < 464 :Password incorrect
         al < ERROR :Closing link: 10.0.0.1 (Too many wrong passwords of operators)
         al closed",
    );
}

#[test]
fn killing_closes_a_connection() {
    let mut world = with_operator(&["al", "bo", "cy"]);
    world.line("bo", "JOIN #a");
    world.line("cy", "JOIN #a");
    world.seen();
    world.play(
        "bo > KILL cy :x
         bo < 481 :Permission denied: you're not an IRC operator
         al > KILL cy
         al < 461 KILL :…
         al > KILL zoe :x
         al < 401 zoe :No such nick/channel
         al > KILL IRC.test :x
         al < 483 :You cant kill a server!
         al > KILL CY :spam, spam
         cy < :al!al@10.0.0.1 KILL cy :spam, spam
         cy < :cy!cy@10.0.0.3 QUIT :Killed (al (spam, spam))
         cy < ERROR :Closing link: 10.0.0.3 (Killed (al (spam, spam)))
         bo < :cy!cy@10.0.0.3 QUIT :Killed (al (spam, spam))
         cy closed
         al > KILL al :myself
         al < :al!al@10.0.0.1 KILL al :myself
         al < :al!al@10.0.0.1 QUIT :Killed (al (myself))
         al < ERROR :Closing link: 10.0.0.1 (Killed (al (myself)))
         al closed",
    );
}

#[test]
fn announcements_reach_who_wants_them() {
    let mut world = with_operator(&["al", "bo", "cy"]);
    world.line("bo", "MODE bo +w");
    world.seen();
    world.play(
        "al > WALLOPS :hear, hear
         bo < :al!al@10.0.0.1 WALLOPS :hear, hear
         al > WALLOPS :
         al < 461 WALLOPS :Not enough parameters
         al > WALLOPS
         al < 461 WALLOPS :…
         bo > WALLOPS :x
         bo < 481 :Permission denied: you're not an IRC operator",
    );
}

#[test]
fn rehashing_is_the_edges_work() {
    with_operator(&["al", "bo"]).play(
        "bo > REHASH
         bo < 481 :Permission denied: you're not an IRC operator
         al > REHASH
         al < 382 configuration :Rehashing
         reload
         bo > OPER half pw
         bo < 381 :You are now an IRC operator
         bo < :bo!bo@10.0.0.2 MODE bo :+o
         bo > REHASH
         bo < 723 rehash :Insufficient oper privileges.
         bo > KILL al :x
         bo < 723 kill :Insufficient oper privileges.
         bo > WALLOPS :x
         bo < 723 wallops :Insufficient oper privileges.",
    );
}

#[test]
fn who_rehashes_is_told_once_what_came_of_it() {
    let mut world = with_operator(&["al", "bo"]);
    let read = |problems: &[&str]| Event::ReadAgain { problems: problems.iter().map(ToString::to_string).collect() };
    world.event(read(&["a hang-up's: nobody asked here"]));
    assert!(world.seen().is_empty());
    world.line("al", "REHASH");
    world.event(read(&["chat.toml:3: unknown field `mtod`"]));
    let told = world.seen();
    let refused =
        "al < :irc.test NOTICE al :Refused, and what was read before holds: chat.toml:3: unknown field `mtod`";
    assert_eq!(told[1..], ["reload", refused]);
    world.event(read(&[]));
    assert!(world.seen().is_empty(), "told once");
    world.line("al", "REHASH");
    world.event(read(&[]));
    let told = world.seen();
    assert_eq!(told[2..], ["al < :irc.test NOTICE al :The configuration and the certificates were read again"]);
}

#[test]
fn who_knows_no_chghost_sees_somebody_leave_and_come_back() {
    let mut world = with_operator(&["al", "bo"]);
    world.user("cy", "chghost", None);
    world.user("di", "", None);
    world.user("ed", "extended-join away-notify message-tags", None);
    world.user("fay", "", None);
    for (name, channel) in [
        ("bo", "#a"),
        ("bo", "#b"),
        ("cy", "#a"),
        ("di", "#a"),
        ("ed", "#b"),
        ("ed", "#a"),
        ("bo", "#c"),
        ("fay", "#d"),
    ] {
        world.line(name, &format!("JOIN {channel}"));
    }
    ["MODE #b +v bo", "AWAY :tea", "MODE bo +B"].into_iter().for_each(|line| world.line("bo", line));
    world.seen();
    world.play(
        r"
        al > CHGHOST bo bo staff.example
        cy < :bo!bo@10.0.0.2 CHGHOST bo staff.example
        di < :bo!bo@10.0.0.2 QUIT :Changing host
        ed < @bot :bo!bo@10.0.0.2 QUIT :Changing host
        di < :bo!bo@staff.example JOIN #a
        ed < @bot :bo!bo@staff.example JOIN #a * :The bo
        di < :irc.test MODE #a +o bo
        ed < :irc.test MODE #a +o bo
        ed < @bot :bo!bo@staff.example AWAY :tea
        ed < @bot :bo!bo@staff.example JOIN #b * :The bo
        ed < :irc.test MODE #b +ov bo bo
        ed < @bot :bo!bo@staff.example AWAY :tea
        bo < 396 staff.example :is now your displayed host
        al > CHGHOST bo bo staff.example
        ",
    );
}

#[test]
fn nobody_stops_the_server_over_irc() {
    with_operator(&["al", "bo"]).play(
        "bo > DIE
         bo < 481 :Permission denied: you're not an IRC operator
         bo > RESTART
         bo < 481 :Permission denied: you're not an IRC operator
         al > DIE
         al < 723 die :Insufficient oper privileges…
         al > RESTART
         al < 723 restart :Insufficient oper privileges…",
    );
}

#[test]
fn an_operator_shows_somebody_with_another_host_and_bans_still_fit_the_address() {
    let mut world = with_operator(&["al", "bo"]);
    world.user("cy", "chghost", None);
    ["al", "bo", "cy"].into_iter().for_each(|name| world.line(name, "JOIN #a"));
    world.seen();
    world.play(
        r"
        al > CHGHOST bo staff staff.example
        cy < :bo!bo@10.0.0.2 CHGHOST staff staff.example
        al < :bo!bo@10.0.0.2 QUIT :Changing host
        al < :bo!staff@staff.example JOIN #a
        bo < 396 staff.example :is now your displayed host
        al > USERHOST bo
        al < 302 :bo=+staff@staff.example
        al > WHO bo
        al < 352 * staff staff.example irc.test bo …
        al < 315 bo :…
        bo > PRIVMSG #a :hello
        al < :bo!staff@staff.example PRIVMSG #a :hello
        cy < :bo!staff@staff.example PRIVMSG #a :hello
        al > MODE #a +b *!*@10.0.0.2
        al < :al!al@10.0.0.1 MODE #a +b *!*@10.0.0.2
        bo < :al!al@10.0.0.1 MODE #a +b *!*@10.0.0.2
        cy < :al!al@10.0.0.1 MODE #a +b *!*@10.0.0.2
        bo > PRIVMSG #a :still here?
        bo < 404 #a :…
        al > CHGHOST bo x bad!host
        al < 400 CHGHOST bad!host :Invalid…
        bo > CHGHOST al x y
        bo < 481 :…
        ",
    );
}
