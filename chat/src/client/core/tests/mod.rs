//! Conversations with a server and a person, without either.

mod greeting;

use super::{Client, Profile, Step};
use crate::client::scram::tests::NONCE;

pub(super) fn profile(certificate: bool) -> Profile {
    Profile {
        nick: "alice".into(),
        user: "alice".into(),
        real_name: "Alice".into(),
        join: vec!["#lobby".into()],
        certificate,
        login: None,
        password: None,
        ticket: None,
        stays: false,
        catches_up: false,
        seen: Vec::new(),
        welcome: Vec::new(),
    }
}

pub(super) fn started(profile: Profile) -> (Client, Vec<Step>) {
    Client::start(profile, NONCE.to_owned())
}

pub(super) fn sent(steps: &[Step]) -> Vec<&str> {
    steps.iter().filter_map(|step| if let Step::Send(line) = step { Some(line.as_str()) } else { None }).collect()
}

pub(super) fn text(steps: &[Step]) -> Vec<String> {
    steps.iter().filter_map(|step| if let Step::Show(entry) = step { Some(entry.to_string()) } else { None }).collect()
}

pub(super) fn ready() -> Client {
    let (mut client, _) = started(profile(false));
    client.received(b":s CAP * LS :multi-prefix");
    client.received(b":s 001 alice :Welcome");
    client.received(b":s 422 alice :No MOTD");
    client.received(b":alice!a@h JOIN #lobby");
    assert_eq!(client.received(b":s PONG s :ready"), [Step::Ready]);
    client
}

#[test]
fn the_channels_that_one_is_in_are_known_the_current_one_last() {
    let mut client = ready();
    for line in [":alice!a@h JOIN #tea", ":alice!a@h JOIN #cake", ":alice!a@h JOIN #Tea", ":bob!b@h JOIN #other"] {
        client.received(line.as_bytes());
    }
    assert_eq!(client.channels(), ["#lobby", "#cake", "#Tea"]);
    client.typed("/join #lobby");
    assert_eq!(client.channels(), ["#cake", "#Tea", "#lobby"]);
    client.received(b":alice!a@h PART #CAKE");
    client.received(b":op!o@h KICK #tea alice :out");
    assert_eq!(client.channels(), ["#lobby"]);
}

#[test]
fn commands_channels_and_nicknames_are_completed() {
    let mut client = ready();
    client.received(b":s 353 alice = #lobby :alice @bob bert");
    assert_eq!(client.complete("/wh", true), ["/whois", "/who"]);
    assert_eq!(client.complete("#l", false), ["#lobby"]);
    assert_eq!(client.complete("b", true), ["bert", "bob"]);
    assert!(client.complete("/wh", false).is_empty());
}

#[test]
fn list_shows_users_and_channels_shows_channels() {
    let mut client = ready();
    assert_eq!(sent(&client.typed("/list")), ["WHO *"]);
    client.received(b":s 352 alice #lobby bob host s bob H :0 Bob B");
    let steps = client.received(b":s 315 alice * :End");
    assert_eq!(text(&steps)[0], "1 online");
    assert!(text(&steps)[1].contains("bob"), "{:?}", text(&steps));
    assert_eq!(sent(&client.typed("/channels")), ["LIST"]);
    client.received(b":s 322 alice #lobby 2 :the topic");
    assert!(text(&client.received(b":s 323 alice :End"))[1].contains("the topic"));
}

#[test]
fn the_end_of_input_leaves_after_everything_was_answered() {
    let mut client = ready();
    assert_eq!(sent(&client.input_ended()), ["PING :done"]);
    let steps = client.received(b":s PONG s :done");
    assert_eq!(sent(&steps), ["QUIT"]);
    assert_eq!(steps.last(), Some(&Step::Leave));
}

#[test]
fn answers_are_shown_after_one_has_left_and_the_good_bye_is_not() {
    let mut client = ready();
    client.typed("/quit");
    assert_eq!(text(&client.received(b":alice!a@h PRIVMSG #lobby :last words")), ["[#lobby] <alice> last words"]);
    assert_eq!(client.received(b"ERROR :Closing link"), []);
}

#[test]
fn accounts_are_listed_beside_nicknames() {
    let mut client = ready();
    client.received(b":s 354 alice 1 bob bob@example.test");
    client.received(b":s 354 alice 1 eve 0");
    let listed = text(&client.received(b":s 315 alice * :End"));
    assert_eq!(listed, ["2 online", "  bob              bob@example.test", "  eve              no account"]);
}

#[test]
fn control_characters_of_others_never_reach_the_screen() {
    let mut client = ready();
    let steps = client.received(b":bob!b@h PRIVMSG #lobby :\x1b[2Jboo\x02!");
    assert_eq!(text(&steps), ["[#lobby] <bob> \\u{1b}[2Jboo!"]);
}

#[test]
fn one_is_asked_whether_one_is_there_and_answers() {
    assert_eq!(sent(&ready().received(b"PING :abc")), ["PONG :abc"]);
}
