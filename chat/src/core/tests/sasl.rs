//! AUTHENTICATE, and accounts by certificate alone.

use super::{World, identity};

fn negotiating(account: Option<&str>) -> World {
    let mut world = World::new();
    world.connect("*", true, account.map(identity));
    world.line("*", "CAP REQ :sasl");
    world.seen();
    world
}

#[test]
fn external_logs_in_with_the_certificate() {
    for authzid in ["+", "YWxAZXhhbXBsZS50ZXN0"] {
        let mut world = negotiating(Some("al@example.test"));
        world.line("*", "NICK al");
        world.line("*", "USER al 0 * :Al");
        world.line("*", "AUTHENTICATE external");
        assert_eq!(world.seen(), ["* < AUTHENTICATE +"]);
        world.line("*", &format!("AUTHENTICATE {authzid}"));
        assert_eq!(
            world.seen(),
            [
                "* < :irc.test 900 al al!al@10.0.0.1 al@example.test :You are now logged in as al@example.test",
                "* < :irc.test 903 al :SASL authentication successful"
            ]
        );
        world.line("*", "AUTHENTICATE EXTERNAL");
        assert!(world.seen()[0].contains(" 907 al "));
        world.line("*", "CAP END");
        let seen = world.seen();
        assert!(seen[0].contains(" 001 ") && !seen.iter().any(|line| line.contains(" 900 ")));
    }
}

#[test]
fn what_fails_says_why() {
    negotiating(Some("al@example.test")).play(
        "* > AUTHENTICATE OTP
         * < 908 EXTERNAL,SCRAM-SHA-256,PLAIN :are available SASL mechanisms
         * < 904 :SASL authentication failed: the mechanisms here are EXTERNAL,SCRAM-SHA-256,PLAIN
         * > AUTHENTICATE EXTERNAL
         * < AUTHENTICATE +
         * > AUTHENTICATE *
         * < 906 :SASL authentication aborted
         * > AUTHENTICATE EXTERNAL
         * < AUTHENTICATE +
         * > AUTHENTICATE Ym9i
         * < 904 :SASL authentication failed: the certificate is al@example.test's, and nobody else's
         * > AUTHENTICATE EXTERNAL
         * < AUTHENTICATE +
         * > AUTHENTICATE ?
         * < 904 :SASL authentication failed: the response is not base64
         * > AUTHENTICATE
         * < 461 AUTHENTICATE :…",
    );
    let mut world = negotiating(Some("al"));
    world.line("*", "AUTHENTICATE EXTERNAL");
    world.line("*", &format!("AUTHENTICATE {}", "A".repeat(401)));
    assert!(world.seen()[1].contains(" 905 "));
}

#[test]
fn without_a_certificate_or_an_account_there_is_no_login() {
    negotiating(None).play(
        "* > AUTHENTICATE EXTERNAL
         * < 908 SCRAM-SHA-256,PLAIN :are available SASL mechanisms
         * < 904 :SASL authentication failed: no client certificate was shown; make one: pki issue client NAME --email EMAIL",
    );
    negotiating(Some("Al Smith")).play(
        "* > AUTHENTICATE EXTERNAL
         * < AUTHENTICATE +
         * > AUTHENTICATE +
         * < 904 :SASL authentication failed: an account name consists of A-Z a-z 0-9 . _ @ - (of a URI also / and :, not at its beginning); this one has ' ' as character 3",
    );
    World::new().users(&["al"]).play(
        "al > AUTHENTICATE EXTERNAL
         al < 904 :SASL authentication failed: request the capability first…",
    );
}

#[test]
fn the_certificate_alone_is_the_login() {
    let mut world = World::new();
    world.connect("al", true, Some(identity("al@example.test")));
    world.line("al", "NICK al");
    world.line("al", "USER al 0 * :Al");
    let seen = world.seen();
    assert!(
        seen.last()
            .unwrap()
            .ends_with("900 al al!al@10.0.0.1 al@example.test :You are now logged in as al@example.test")
    );
}

#[test]
fn a_certificate_whose_name_does_not_fit_is_told_why() {
    let mut world = World::new();
    world.connect("al", true, Some(identity("Al Smith")));
    world.line("al", "NICK al");
    world.line("al", "USER al 0 * :Al");
    let seen = world.seen();
    let [.., why, how] = &seen[..] else { panic!("{seen:?}") };
    assert!(
        why.contains("NOTICE al :Your certificate is valid, but gives you no account: an account name consists of")
    );
    assert!(how.ends_with("type: pki issue client NAME --email EMAIL"));
}

#[test]
fn the_end_of_the_negotiation_ends_sasl_too() {
    let mut world = negotiating(Some("al"));
    for line in ["NICK al", "USER al 0 * :Al", "AUTHENTICATE EXTERNAL"] {
        world.line("*", line);
    }
    world.seen();
    world.line("*", "CAP END");
    let seen = world.seen();
    assert!(seen[0].contains(" 906 al ") && seen[1].contains(" 001 al "));
}
