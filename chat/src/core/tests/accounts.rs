//! Accounts with a password: REGISTER, and logging in with PLAIN and SCRAM-SHA-256.

use aws_lc_rs::{digest, hmac, pbkdf2};

use super::{World, identity, settings};
use crate::core::keep::{Keep, RecordKind};
use crate::core::limits::LOGIN_FAILURES_PER_ADDRESS;
use crate::core::{AccountSettings, Admitted, Core, Event, FEWEST_ITERATIONS, LogEntry, Password, Settings, Sts};
use crate::wire::base64;

const OPEN: AccountSettings = AccountSettings {
    registration: true,
    before_connect: true,
    email_required: false,
    sasl_over_plaintext: false,
    iterations: FEWEST_ITERATIONS,
};

fn world(accounts: AccountSettings) -> World {
    World::with(Settings { accounts, ..settings() })
}

/// A world in which `al` has an account with the password `open sesame`, and has left.
fn with_al() -> World {
    let mut world = world(OPEN);
    world.user("al", "", None);
    world.line("al", "REGISTER * al@example.test :open sesame");
    world.line("al", "QUIT");
    world.seen();
    world
}

fn plain(authzid: &str, authcid: &str, password: &str) -> String {
    base64::encode(format!("{authzid}\0{authcid}\0{password}").as_bytes())
}

#[test]
fn who_lacks_the_servers_password_makes_no_account() {
    let password = Some(Password::new("please".to_owned()));
    let mut world = World::with(Settings { accounts: OPEN, password, ..settings() });
    world.connect("al", true, None);
    world.play(
        r"
        al > CAP LS
        al < :irc.test CAP * LS …
        al > NICK al
        al > REGISTER * * :open sesame
        al < :irc.test FAIL REGISTER TEMPORARILY_UNAVAILABLE al :Send the server's password with PASS first
        al > PASS please
        al > REGISTER * * :open sesame
        al < :irc.test REGISTER SUCCESS al :…
        al < 900 al!*@10.0.0.1 al :…
        ",
    );
}

/// Somebody new who has asked for `sasl`, and has said its name.
fn newcomer(world: &mut World, name: &str) {
    world.connect(name, true, None);
    for line in ["CAP LS 302", "CAP REQ sasl", &format!("NICK {name}"), "USER x 0 * :X"] {
        world.line(name, line);
    }
    world.seen();
}

#[test]
fn an_account_is_registered_and_logged_in_at_once() {
    let mut world = world(OPEN);
    world.user("al", "account-notify", None);
    world.user("bo", "account-notify", None);
    for name in ["al", "bo"] {
        world.line(name, "JOIN #a");
    }
    world.seen();
    world.play(
        r"
        al > REGISTER AL * :open sesame
        al < :irc.test REGISTER SUCCESS al :The account is registered, and you are logged in
        al < 900 al!al@10.0.0.1 al :You are now logged in as al
        al < :al!al@10.0.0.1 ACCOUNT al
        bo < :al!al@10.0.0.1 ACCOUNT al
        al > REGISTER * * :open sesame
        al < :irc.test FAIL REGISTER ALREADY_AUTHENTICATED al :You are logged in as al already
        al > VERIFY al 1234
        al < :irc.test FAIL VERIFY ALREADY_AUTHENTICATED al :You are logged in already
        bo > VERIFY bo 1234
        bo < :irc.test FAIL VERIFY INVALID_CODE bo :No account waits for a code
        ",
    );
    let [Keep::Put { kind: RecordKind::Account, key, value }] = &world.kept[..] else { panic!("{:?}", world.kept) };
    assert_eq!(key, "al");
    assert!(value.contains("origin=holder") && !value.contains("sesame"), "{value}");
}

#[test]
fn what_is_wrong_with_a_registration_is_said() {
    let mut world = world(AccountSettings { email_required: true, ..OPEN });
    world.user("al", "", None);
    world.user("a[1]", "", None);
    world.connect("*", true, None);
    world.play(
        r"
        al > REGISTER * *
        al < 461 REGISTER :…
        al > REGISTER * * :open sesame
        al < :irc.test FAIL REGISTER INVALID_EMAIL al :An e-mail address is required
        al > REGISTER * nobody :open sesame
        al < :irc.test FAIL REGISTER INVALID_EMAIL al :That is not an e-mail address
        al > REGISTER bo al@example.test :open sesame
        al < :irc.test FAIL REGISTER ACCOUNT_NAME_MUST_BE_NICK bo :The account has to be named as your nickname
        al > REGISTER * al@example.test 12345
        al < :irc.test FAIL REGISTER WEAK_PASSWORD al :Another password is needed: …
        a[1] > REGISTER * al@example.test :open sesame
        a[1] < :irc.test FAIL REGISTER BAD_ACCOUNT_NAME a[1] :Take another nickname: …
        * > REGISTER * al@example.test :open sesame
        * < :irc.test FAIL REGISTER NEED_NICK * :Take a nickname first…
        ",
    );
    let mut world = World::new();
    world.user("al", "", None);
    world.play(
        "al > REGISTER * * :open sesame
         al < 421 REGISTER :Unknown command",
    );
}

#[test]
fn registering_before_connecting_is_as_it_was_announced() {
    let mut early = world(OPEN);
    early.connect("*", true, None);
    early.play(
        r"
        * > CAP LS 302
        * < :irc.test CAP * LS * :…sasl=SCRAM-SHA-256,PLAIN…draft/account-registration=before-connect…
        * < :irc.test CAP * LS :…
        ",
    );
    early.line("*", "NICK al");
    early.line("*", "REGISTER * * :open sesame");
    assert!(early.seen()[0].contains("REGISTER SUCCESS al"));

    let mut late = world(AccountSettings { before_connect: false, ..OPEN });
    late.connect("*", true, None);
    late.play(
        r"
        * > CAP LS 302
        * < :irc.test CAP * LS * :…draft/account-registration …
        * < :irc.test CAP * LS :…
        * > NICK al
        * > REGISTER * * :open sesame
        * < :irc.test FAIL REGISTER COMPLETE_CONNECTION_REQUIRED al :Finish connecting first…
        ",
    );
}

#[test]
fn the_name_of_a_certificates_account_is_not_to_be_had() {
    let mut world = world(OPEN);
    world.user("carol", "", Some("carol@example.test"));
    world.core = Core::new(Settings { accounts: OPEN, ..settings() }, &world.archive.records().unwrap());
    world.connect("*", true, None);
    for line in ["CAP LS 302", "CAP REQ sasl", "NICK carol"] {
        world.line("*", line);
    }
    world.seen();
    world.play(
        r"
        * > REGISTER * * :open sesame
        * < :irc.test FAIL REGISTER ACCOUNT_EXISTS carol :There is an account of that name: take another nickname
        ",
    );
}

#[test]
fn an_account_gives_way_to_a_certificate_of_its_name() {
    let mut world = with_al();
    newcomer(&mut world, "al");
    for line in ["AUTHENTICATE PLAIN", &format!("AUTHENTICATE {}", plain("", "al", "open sesame")), "CAP END"] {
        world.line("al", line);
    }
    world.seen();
    world.connect("cert", true, Some(identity("al@example.test")));
    let seen = world.seen();
    assert!(seen[0].ends_with("901 al al!x@10.0.0.2 :You are now logged out"), "{seen:?}");
    assert!(seen.iter().any(|line| line.contains("NICK :Guest1")), "{seen:?}");
    assert_eq!(world.kept.last(), Some(&Keep::Forget { kind: RecordKind::Account, key: "al".to_owned() }));
}

#[test]
fn plain_logs_in_with_the_password() {
    for (authzid, authcid) in [("", "al"), ("al", "al"), ("", "AL")] {
        let mut world = with_al();
        newcomer(&mut world, "al");
        world.line("al", "AUTHENTICATE PLAIN");
        world.line("al", &format!("AUTHENTICATE {}", plain(authzid, authcid, "open sesame")));
        assert_eq!(
            world.seen(),
            [
                "al < AUTHENTICATE +",
                "al < :irc.test 900 al al!x@10.0.0.2 al :You are now logged in as al",
                "al < :irc.test 903 al :SASL authentication successful"
            ]
        );
        world.line("al", "CAP END");
        assert!(world.seen()[0].contains(" 001 al "));
    }
}

#[test]
fn wrong_logins_are_told_and_counted() {
    let mut world = with_al();
    newcomer(&mut world, "bo");
    let wrong = [
        (plain("", "al", "wrong"), "no such account, or a wrong password"),
        (plain("", "nobody", "open sesame"), "no such account, or a wrong password"),
        (plain("bo", "al", "open sesame"), "one account can't log in as another"),
        (base64::encode(b"al\0open sesame"), "the message is not one of PLAIN"),
        ("+".to_owned(), "the message is not one of PLAIN"),
    ];
    for (message, reason) in &wrong {
        world.line("bo", "AUTHENTICATE PLAIN");
        world.line("bo", &format!("AUTHENTICATE {message}"));
        let seen = world.seen();
        assert_eq!(seen[1], format!("bo < :irc.test 904 bo :SASL authentication failed: {reason}"));
    }
    assert!(!world.logs.iter().any(|entry| format!("{entry:?}").contains("sesame")));
    let failed = |entry: &&LogEntry| matches!(entry, LogEntry::LoginFailed { .. });
    assert_eq!(world.logs.iter().filter(failed).count(), wrong.len());
    let tried = |entry: &LogEntry| match entry {
        LogEntry::LoginFailed { host, account, .. } if host == "10.0.0.2" => account.clone(),
        _ => None,
    };
    assert!(world.logs.iter().filter_map(tried).any(|account| account == "nobody"), "{:?}", world.logs);
    world.line("bo", "PING 1");
    assert!(world.seen().is_empty(), "the fifth failure has closed it");
}

#[test]
fn an_address_from_which_too_much_was_guessed_is_not_listened_to() {
    let mut world = with_al();
    for number in 0..=LOGIN_FAILURES_PER_ADDRESS {
        let name = format!("g{number}");
        world.connect_from(&name, "192.0.2.1".to_owned(), true, None);
        for line in ["CAP REQ sasl", "AUTHENTICATE PLAIN"] {
            world.line(&name, line);
        }
        world.seen();
        let password = if number == LOGIN_FAILURES_PER_ADDRESS { "open sesame" } else { "wrong" };
        world.line(&name, &format!("AUTHENTICATE {}", plain("", "al", password)));
    }
    assert!(
        world.seen().concat().contains("904 * :SASL authentication failed: too many logins from your address failed")
    );
    world.pass(3600);
    world.connect_from("al", "192.0.2.1".to_owned(), true, None);
    for line in ["CAP REQ sasl", "AUTHENTICATE PLAIN", &format!("AUTHENTICATE {}", plain("", "al", "open sesame"))] {
        world.line("al", line);
    }
    assert!(world.seen().concat().contains(" 903 "));
}

#[test]
fn who_guesses_no_password_keeps_nobody_out() {
    let mut world = with_al();
    for number in 0..=LOGIN_FAILURES_PER_ADDRESS {
        let name = format!("g{number}");
        world.connect_from(&name, "192.0.2.1".to_owned(), true, None);
        for line in
            ["AUTHENTICATE PLAIN", "CAP REQ sasl", "AUTHENTICATE EXTERNAL", "AUTHENTICATE PLAIN", "AUTHENTICATE ?"]
        {
            world.line(&name, line);
        }
        assert_eq!(world.seen().iter().filter(|line| line.contains(" 904 ")).count(), 3);
    }
    world.connect_from("al", "192.0.2.1".to_owned(), true, None);
    for line in ["CAP REQ sasl", "AUTHENTICATE PLAIN", &format!("AUTHENTICATE {}", plain("", "al", "open sesame"))] {
        world.line("al", line);
    }
    assert!(world.seen().concat().contains(" 903 "));
}

#[test]
fn long_messages_come_in_pieces() {
    let mut world = with_al();
    newcomer(&mut world, "bo");
    for length in [282, 285, 288] {
        world.line("bo", "AUTHENTICATE PLAIN");
        world.seen();
        // 300, 303 and 306 octets: 400, 404 and 408 digits.
        let message = plain("", "al", &"x".repeat(length + 14));
        for piece in message.as_bytes().chunks(400) {
            assert!(world.seen().is_empty());
            world.line("bo", &format!("AUTHENTICATE {}", std::str::from_utf8(piece).unwrap()));
        }
        if message.len() == 400 {
            world.line("bo", "AUTHENTICATE +");
        }
        assert!(world.seen()[0].contains(" 904 bo :"), "{length}");
    }
    world.line("bo", "AUTHENTICATE PLAIN");
    world.line("bo", &format!("AUTHENTICATE {}", "A".repeat(401)));
    assert!(world.seen()[1].contains(" 905 bo :SASL message too long"));
    world.line("bo", "AUTHENTICATE PLAIN");
    (0..21).for_each(|_| world.line("bo", &format!("AUTHENTICATE {}", "A".repeat(400))));
    assert!(world.seen()[1].contains(" 905 bo :SASL message too long"));
}

#[test]
fn without_tls_passwords_are_taken_only_where_it_was_allowed() {
    for (sasl_over_plaintext, expected) in [(false, "NAK"), (true, "ACK")] {
        let mut world = world(AccountSettings { sasl_over_plaintext, ..OPEN });
        world.connect("*", false, None);
        world.line("*", "CAP REQ sasl");
        assert!(world.seen()[0].contains(expected));
    }
}

fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message).as_ref().to_vec()
}

/// The client's side of SCRAM, after the server's first message.
fn client_final(password: &str, client_first_bare: &str, server_first: &str) -> (String, String) {
    let field = |name: &str| server_first.split(',').find_map(|it| it.strip_prefix(name)).unwrap().to_owned();
    let (nonce, salt) = (field("r="), base64::decode(&field("s=")).unwrap());
    let mut salted = [0; 32];
    let rounds = field("i=").parse().unwrap();
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, &salt, password.as_bytes(), &mut salted);
    let client_key = mac(&salted, b"Client Key");
    let stored_key = digest::digest(&digest::SHA256, &client_key);
    let without_proof = format!("c=biws,r={nonce}");
    let signed = format!("{client_first_bare},{server_first},{without_proof}");
    let signature = mac(stored_key.as_ref(), signed.as_bytes());
    let proof: Vec<u8> = client_key.iter().zip(&signature).map(|(a, b)| a ^ b).collect();
    let server = base64::encode(&mac(&mac(&salted, b"Server Key"), signed.as_bytes()));
    (format!("{without_proof},p={}", base64::encode(&proof)), format!("v={server}"))
}

/// Plays SCRAM up to the client's proof; gives what the server should prove, and what was seen.
fn scram(world: &mut World, client: &str, account: &str, password: &str) -> (String, Vec<String>) {
    let bare = format!("n={account},r=abc");
    world.line(client, "AUTHENTICATE scram-sha-256");
    world.line(client, &format!("AUTHENTICATE {}", base64::encode(format!("n,,{bare}").as_bytes())));
    let seen = world.seen();
    let challenge = seen[1].rsplit(' ').next().unwrap();
    let server_first = String::from_utf8(base64::decode(challenge).unwrap()).unwrap();
    let (message, proof) = client_final(password, &bare, &server_first);
    world.line(client, &format!("AUTHENTICATE {}", base64::encode(message.as_bytes())));
    (proof, world.seen())
}

#[test]
fn scram_proves_the_password_both_ways() {
    let mut world = with_al();
    newcomer(&mut world, "al");
    let (proof, seen) = scram(&mut world, "al", "al", "open sesame");
    assert_eq!(seen, [format!("al < AUTHENTICATE {}", base64::encode(proof.as_bytes()))]);
    world.line("al", "AUTHENTICATE +");
    let seen = world.seen();
    assert!(seen[0].contains(" 900 al ") && seen[1].contains(" 903 al "), "{seen:?}");
    let (_, seen) = scram(&mut world, "al", "al", "close sesame");
    assert!(seen[0].contains(" 904 al "), "who logs in again has to know the password: {seen:?}");
    let (_, seen) = scram(&mut world, "al", "nobody", "open sesame");
    assert!(seen[0].contains(" 904 al "), "{seen:?}");
}

#[test]
fn a_nickname_that_is_reserved_is_open_until_the_negotiation_ends() {
    let mut world = with_al();
    newcomer(&mut world, "al");
    world.line("al", "CAP END");
    assert_eq!(
        world.seen(),
        ["al < :irc.test 433 * al :Nickname is reserved for the account al: log in as it to use it"]
    );
    world.line("al", "NICK bo");
    assert!(world.seen()[0].contains(" 001 bo "));
    world.connect("guest", true, None);
    world.play(
        "guest > NICK al
         guest < :irc.test 433 * al :Nickname is reserved for the account al: log in as it to use it",
    );
}

#[test]
fn logging_in_again_is_told_to_the_neighbours() {
    let mut world = with_al();
    newcomer(&mut world, "bo");
    world.line("bo", "CAP END");
    world.user("cy", "account-notify", None);
    ["bo", "cy"].into_iter().for_each(|name| world.line(name, "JOIN #a"));
    world.seen();
    world.line("bo", "AUTHENTICATE PLAIN");
    world.line("bo", &format!("AUTHENTICATE {}", plain("", "al", "open sesame")));
    let seen = world.seen();
    assert!(seen.contains(&"cy < :bo!x@10.0.0.2 ACCOUNT al".to_owned()), "{seen:?}");
    world.line("cy", "WHOIS bo");
    assert!(world.seen().contains(&"cy < :irc.test 330 cy bo al :is logged in as".to_owned()));
}

#[test]
fn a_promise_of_tls_is_made_where_it_was_configured_and_cannot_be_asked_for() {
    for (secure, expected) in [(true, "sts=duration=60"), (false, "sts=port=6697")] {
        let mut world = World::with(Settings { sts: Some(Sts { port: 6697, duration: 60 }), ..settings() });
        world.connect("*", secure, None);
        world.line("*", "CAP LS");
        assert!(!world.seen().concat().contains("sts"), "without 302 it has no value and no meaning");
        world.line("*", "CAP LS 302");
        assert!(world.seen().concat().contains(expected));
        world.line("*", "CAP REQ sts");
        assert!(world.seen()[0].contains(" NAK "));
    }
    let mut world = World::new();
    world.connect("*", true, None);
    world.line("*", "CAP LS 302");
    assert!(!world.seen().concat().contains("sts="));
}

#[test]
fn what_comes_and_goes_with_the_configuration_is_told_to_those_who_want_to_know() {
    let mut world = World::new();
    world.connect("*", false, None);
    world.line("*", "CAP LS 302");
    world.user("al", "", None);
    world.seen();
    let accounts = AccountSettings { sasl_over_plaintext: true, ..OPEN };
    world.event(Event::Reconfigured(Box::new(Settings { accounts, ..settings() })));
    let new = "sasl=SCRAM-SHA-256,PLAIN draft/account-registration=before-connect";
    assert_eq!(world.seen(), [format!("* < :irc.test CAP * NEW :{new}")]);
    world.line("*", "CAP REQ sasl");
    world.event(Event::Reconfigured(Box::new(settings())));
    let seen = world.seen();
    assert_eq!(seen[1], "* < :irc.test CAP * DEL :sasl draft/account-registration");
    world.line("*", "CAP LIST");
    assert_eq!(world.seen(), ["* < :irc.test CAP * LIST :cap-notify"]);
}

#[test]
fn a_promise_of_tls_that_changes_is_told_anew_and_never_taken_back() {
    let with = |sts: Option<Sts>| Event::Reconfigured(Box::new(Settings { sts, ..settings() }));
    let lasting = |duration| Some(Sts { port: 6697, duration });
    let mut world = World::new();
    world.connect("old", false, None);
    world.connect("plain", false, None);
    world.connect("tls", true, None);
    for line in ["CAP LS", "CAP REQ cap-notify"] {
        world.line("old", line);
    }
    world.line("plain", "CAP LS 302");
    world.line("tls", "CAP LS 302");
    world.seen();
    for (sts, expected) in [
        (
            lasting(60),
            &["plain < :irc.test CAP * NEW :sts=port=6697", "tls < :irc.test CAP * NEW :sts=duration=60"][..],
        ),
        (lasting(0), &["tls < :irc.test CAP * NEW :sts=duration=0"][..]),
        (None, &[]),
    ] {
        world.event(with(sts));
        assert_eq!(world.seen(), expected);
    }
}

#[test]
fn an_account_that_is_removed_from_outside_is_out() {
    let mut world = with_al();
    newcomer(&mut world, "al");
    for line in ["AUTHENTICATE PLAIN", &format!("AUTHENTICATE {}", plain("", "al", "open sesame")), "CAP END"] {
        world.line("al", line);
    }
    ["JOIN #a", "CHANNEL REGISTER #a"].into_iter().for_each(|line| world.line("al", line));
    let records = world.archive.records().unwrap();
    world.seen();
    world.event(Event::RecordsChanged(records.clone()));
    assert!(world.seen().is_empty(), "nothing has changed");
    world.event(Event::RecordsChanged(Vec::new()));
    let seen = world.seen();
    assert!(seen[0].ends_with(" 901 al al!x@10.0.0.2 :You are now logged out"), "{seen:?}");
    assert!(seen[1].ends_with("NOTICE al :The account al was removed by the administrator."), "{seen:?}");
    world.line("al", "CHANNEL INFO #a");
    assert!(world.seen()[0].contains("NOT_REGISTERED"));
    world.user("bo", "", None);
    world.event(Event::RecordsChanged(records));
    world.line("bo", "NICK al2");
    world.line("bo", "NICK al");
    assert!(world.seen().last().unwrap().contains(" 433 "), "an account that is added has its nickname");
}

#[test]
fn the_lists_of_who_may_come_in_hold_for_passwords_too() {
    let mut world = with_al();
    let admitted = Admitted { allow: None, deny: vec!["a*".to_owned()] };
    let denying = Settings { accounts: OPEN, admitted, ..settings() };
    newcomer(&mut world, "al");
    let login = ["AUTHENTICATE PLAIN", &format!("AUTHENTICATE {}", plain("", "al", "open sesame"))];
    login.iter().for_each(|line| world.line("al", line));
    world.line("al", "CAP END");
    world.seen();
    world.event(Event::Reconfigured(Box::new(denying)));
    assert!(world.seen()[0].contains(" 901 al "), "who is logged in is logged out");
    login.iter().for_each(|line| world.line("al", line));
    let seen = world.seen();
    assert!(seen[1].ends_with(" 902 al :The account al may not be used here"), "{seen:?}");
    world.user("ann", "", None);
    world.line("ann", "REGISTER * * :open sesame");
    assert!(world.seen()[0].contains("FAIL REGISTER BAD_ACCOUNT_NAME ann "));
}
