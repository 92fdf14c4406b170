//! The way in: logging in, nicknames, and the channels of the start.

use super::{profile, sent, started, text};
use crate::client::core::{Client, Profile, Step};
use crate::client::scram::tests::{CHALLENGE, NONCE, PROOF, SIGNATURE, secret};
use crate::client::session::Login;
use crate::wire::base64;

fn with_password(offer: &str) -> (Client, Vec<Step>) {
    let login = Login { account: "user".into(), password: secret("pencil") };
    let (mut client, _) = started(Profile { login: Some(login), ..profile(true) });
    let steps = client.received(format!(":s CAP * LS :{offer}").as_bytes());
    (client, steps)
}

fn authenticate(message: &str) -> String {
    format!("AUTHENTICATE {}", base64::encode(message.as_bytes()))
}

#[test]
fn a_certificate_logs_in_with_sasl_external() {
    let (mut client, steps) = started(profile(true));
    assert_eq!(sent(&steps), ["CAP LS 302", "NICK alice", "USER alice 0 * Alice"]);
    let steps = client.received(b":s CAP * LS :sasl=EXTERNAL echo-message");
    assert_eq!(sent(&steps), ["CAP REQ :echo-message sasl"]);
    assert_eq!(sent(&client.received(b":s CAP * ACK :echo-message sasl")), ["AUTHENTICATE EXTERNAL"]);
    assert_eq!(sent(&client.received(b"AUTHENTICATE +")), ["AUTHENTICATE +"]);
    assert_eq!(sent(&client.received(b":s 903 alice :done")), ["CAP END"]);
}

#[test]
fn a_failed_login_is_shown_and_does_not_stop_the_registration() {
    let (mut client, _) = started(profile(true));
    client.received(b":s CAP * LS :sasl=EXTERNAL");
    client.received(b":s CAP * ACK :sasl");
    let steps = client.received(b":s 904 alice :no account");
    assert_eq!(sent(&steps), ["CAP END"]);
    assert_eq!(text(&steps), ["!! no account"]);
}

#[test]
fn a_password_is_proven_and_never_sent() {
    let (mut client, steps) = with_password("sasl=EXTERNAL,SCRAM-SHA-256,PLAIN");
    assert_eq!(sent(&steps), ["CAP REQ :sasl"]);
    assert_eq!(sent(&client.received(b":s CAP * ACK :sasl")), ["AUTHENTICATE SCRAM-SHA-256"]);
    let first = authenticate(&format!("n,,n=user,r={NONCE}"));
    assert_eq!(sent(&client.received(b"AUTHENTICATE +")), [first]);
    assert_eq!(sent(&client.received(authenticate(CHALLENGE).as_bytes())), [authenticate(PROOF)]);
    assert_eq!(sent(&client.received(authenticate(SIGNATURE).as_bytes())), ["AUTHENTICATE +"]);
    assert_eq!(sent(&client.received(b":s 903 alice :done")), ["CAP END"]);
}

#[test]
fn who_names_an_account_does_not_come_in_without_it() {
    for (offer, lines) in [
        ("echo-message", &[][..]),
        ("sasl=EXTERNAL,PLAIN", &[]),
        ("sasl", &[":s CAP * NAK :sasl"]),
        ("sasl", &[":s CAP * ACK :sasl", "AUTHENTICATE +", ":s 904 alice :wrong password"]),
        ("sasl", &[":s CAP * ACK :sasl", "AUTHENTICATE +", ":s 903 alice :come in, whatever it is"]),
        ("sasl", &[":s CAP * ACK :sasl", "AUTHENTICATE +", "AUTHENTICATE nonsense"]),
        ("sasl", &[":s CAP * ACK :sasl", ":s 001 alice :Welcome, whoever you are"]),
    ] {
        let (mut client, mut steps) = with_password(offer);
        steps.extend(lines.iter().flat_map(|line| client.received(line.as_bytes())));
        assert!(matches!(steps.last(), Some(Step::NotLoggedIn(_))), "{offer} {lines:?}: {steps:?}");
        assert_eq!(sent(&steps).last(), Some(&"QUIT"), "{offer} {lines:?}");
    }
}

#[test]
fn the_connections_password_goes_first_and_is_not_shown() {
    let (_, steps) = started(Profile { password: Some(secret("open sesame")), ..profile(false) });
    assert_eq!(steps.first(), Some(&Step::SendSecret(secret("PASS :open sesame"))));
    assert!(!format!("{steps:?}").contains("sesame"));
    let (mut client, _) = started(profile(false));
    let steps = client.received(b":s 464 * :Password required");
    assert_eq!(text(&steps), ["!! Password required (with --server-password-file FILE)"]);
}

#[test]
fn a_nickname_in_use_gives_way_to_another_and_ends_at_a_bound() {
    let (mut client, _) = started(profile(false));
    let refusals: Vec<Step> = (0..20).flat_map(|_| client.received(b":s 433 * alice :in use")).collect();
    assert_eq!(sent(&refusals)[0], "NICK alice_");
    assert!(matches!(refusals.last(), Some(Step::Refused(_))), "{refusals:?}");
}

#[test]
fn channels_are_joined_after_the_greeting_and_typing_waits_for_them() {
    let (mut client, _) = started(profile(false));
    client.received(b":s CAP * LS :");
    client.received(b":s 001 alice :Welcome");
    assert_eq!(sent(&client.received(b":s 376 alice :End")), ["JOIN #lobby", "PING :ready"]);
}
