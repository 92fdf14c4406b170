//! What must not be issued is refused: with its reason, with what to type instead, and with nothing left behind.

use std::collections::BTreeSet;

use tests::Sandbox;

/// A command, and what its refusal says: the reason, and the value or command that mends it.
struct Refusal {
    arguments: &'static [&'static str],
    says: &'static [&'static str],
}

const fn refusal(arguments: &'static [&'static str], says: &'static [&'static str]) -> Refusal {
    Refusal { arguments, says }
}

const BAD_NAMES: &[Refusal] = &[
    refusal(&["issue", "server"], &["needs at least one name", "pki issue server chat.example.test"]),
    refusal(&["issue", "client"], &["needs at least one name", "pki issue client alice"]),
    refusal(&["issue", "server", ""], &["empty", "pki issue server chat.example.test"]),
    refusal(&["issue", "client", ""], &["empty", "pki issue client alice"]),
    refusal(&["issue", "server", "https://app.example.test/"], &["URL", "pki issue server app.example.test"]),
    refusal(&["issue", "server", "app.example.test:8443"], &["port", "pki issue server app.example.test"]),
    refusal(&["issue", "server", "my_app.example.test"], &["underscore", "pki issue server my-app.example.test"]),
    refusal(&["issue", "server", "app..example.test"], &["empty label", "pki issue server app.example.test"]),
    refusal(&["issue", "server", "app.example.test."], &["dot", "pki issue server app.example.test"]),
    refusal(&["issue", "server", "a*.example.test"], &["wildcard", "pki issue server '*.example.test'"]),
    refusal(&["issue", "server", "app.*.example.test"], &["wildcard", "pki issue server '*.example.test'"]),
    refusal(&["issue", "server", "*"], &["wildcard", "pki issue server '*.example.test'"]),
    refusal(&["issue", "server", "*.com"], &["public suffix", "pki issue server '*.example.com'"]),
    refusal(&["issue", "server", "*.co.uk"], &["public suffix", "pki issue server '*.example.co.uk'"]),
    refusal(&["issue", "server", "192.0.2.0/24"], &["slash", "pki issue server 192.0.2.0"]),
    refusal(&["issue", "server", "alice@example.test"], &["e-mail", "pki issue client alice@example.test"]),
    refusal(&["issue", "server", "--", "-app.example.test"], &["hyphen", "pki issue server app.example.test"]),
    refusal(&["issue", "server", "app example.test"], &["space", "pki issue server app-example.test"]),
    refusal(&["issue", "client", "*.example.test"], &["wildcard", "pki issue client example.test"]),
    refusal(&["issue", "client", "../../etc/passwd"], &["/", "pki issue client alice"]),
    refusal(&["issue", "client", ".."], &["..", "pki issue client alice"]),
    refusal(&["issue", "client", "al\u{1b}[31mice"], &["control", "pki issue client alice"]),
];

#[test]
fn bad_names_are_refused_with_their_reason_and_the_right_command() {
    let sandbox = Sandbox::with_ca();
    for case in BAD_NAMES {
        let mut outcome = sandbox.pki(case.arguments).exits(2);
        for expected in case.says {
            outcome = outcome.says(expected);
        }
        outcome.does_not_say("\u{1b}");
    }
    let listed = sandbox.pki(["list", "--json"]).exits(0).json();
    assert_eq!(listed, serde_json::json!([]), "a refused name leaves nothing behind");
}

#[test]
fn the_command_that_a_refusal_names_is_taken() {
    let commands: BTreeSet<&str> = BAD_NAMES.iter().filter_map(|case| case.says.last().copied()).collect();
    let sandbox = Sandbox::with_ca();
    for command in commands {
        let words = command.split(' ').skip(1).map(|word| word.trim_matches('\''));
        sandbox.pki(words).exits(0);
    }
}

#[test]
fn a_subject_equal_to_a_cas_is_refused_in_any_letter_case() {
    for (root, name) in [("chat ca", "chat ca"), ("Chat CA", "chat ca")] {
        let sandbox = Sandbox::new();
        sandbox.pki(["init-ca", "--name", root]).exits(0);
        let refused = sandbox.pki(["issue", "client", name]).exits(2);
        refused.says(root).says("same").says("pki issue client");
    }
    let insists = Sandbox::new();
    insists.pki(["init-ca", "--name", "App.Example.Test", "--allow-host-like-name"]).exits(0);
    insists.pki(["issue", "server", "app.example.test"]).exits(2).says("App.Example.Test");
}

#[test]
fn a_root_named_like_a_host_is_refused_at_birth() {
    let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let dotted = format!("{}.", machine.trim());
    for name in [
        "app.example.test",
        "192.0.2.7",
        "192.0.2.7.",
        "2001:db8::7",
        "localhost",
        "localhost.",
        machine.trim(),
        &dotted,
    ] {
        if name.trim_matches('.').is_empty() {
            continue;
        }
        let sandbox = Sandbox::new();
        sandbox.pki(["init-ca", "--name", name]).exits(2).says(name).says("pki init-ca --name");
        sandbox.pki(["list"]).exits(4);
        sandbox.pki(["init-ca", "--name", name, "--allow-host-like-name"]).exits(0);
    }
}

#[test]
fn an_intermediate_with_the_roots_name_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.pki(["init-ca", "--name", "Example CA", "--intermediate", "example ca"]).exits(2).says("example ca");
    sandbox.pki(["init-ca", "--name", "Example CA", "--intermediate", "Example Issuing CA"]).exits(0);
}

#[test]
fn names_outside_the_cas_constraints_are_refused() {
    let sandbox = Sandbox::new();
    sandbox
        .pki(["init-ca", "--name", "Bound CA", "--permit-dns", "example.test", "--permit-ip", "192.0.2.0/24"])
        .exits(0);
    for (name, nearest) in [
        ("app.example.com", "app.example.test"),
        ("badexample.test", "badexample.example.test"),
        ("198.51.100.1", "192.0.2.1"),
        ("2001:db8::7", "192.0.2.1"),
    ] {
        let refused = sandbox.pki(["issue", "server", name]).exits(2);
        refused.says(name).says("constraint").says(&format!("\n  pki issue server {nearest}\n"));
    }
    for nearest in ["app.example.test", "badexample.example.test", "192.0.2.1"] {
        sandbox.pki(["issue", "server", nearest]).exits(0);
    }
    sandbox.pki(["issue", "server", "more.example.test", "192.0.2.9"]).exits(0);
}

#[test]
fn a_name_that_was_issued_points_to_renew() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "client", "alice"]).exits(0);
    let before = sandbox.read("store/certs/alice/cert.pem");
    let again = sandbox.pki(["issue", "client", "alice"]);
    assert!([2, 4].contains(&again.code()), "{again}");
    again.says("pki renew alice");
    let folded = sandbox.pki(["issue", "client", "ALICE"]);
    assert!([2, 4].contains(&folded.code()), "a case-blind file system would mix the two: {folded}");
    assert_eq!(sandbox.read("store/certs/alice/cert.pem"), before);
}
