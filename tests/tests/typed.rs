//! Commands that are printed do what they say when they are typed into a shell, whatever the files are called.

use std::os::unix::fs::PermissionsExt as _;

use tests::Sandbox;
use tests::chains::HOST;
use tests::peers::peer;

/// Names that would steer a terminal, end a line, or be taken for something else by a shell, `printf` or a program.
const NAMES: [&str; 6] =
    ["hk\u{1b}[31m.pem", "two\nlines\n\n", "-x.pem", "-\u{7}x.pem", "it's %d!\\n\t$(x)`y`", "\u{202e}mep.x"];

/// A CA, and a server's certificate with its key in `made`.
fn issued() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.pki(["init-ca", "--name", "Example Root CA"]).exits(0);
    sandbox.pki(["issue", "server", HOST, "--out", "made"]).exits(0);
    sandbox
}

#[test]
fn a_key_of_any_name_in_a_folder_is_closed_by_what_is_typed() {
    let sandbox = issued();
    for name in NAMES {
        std::fs::create_dir_all(sandbox.file("folder")).expect("a fresh folder can be written");
        let key = sandbox.write(format!("folder/{name}"), sandbox.read("made/privkey.pem"));
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).expect("it is ours");
        let shown = sandbox.pki(["diagnose", "folder"]).stdout;
        shows_no_control_character(&shown);
        let fix = shown.lines().map(str::trim).find(|line| line.starts_with("chmod ")).expect("a fix");
        sandbox.shell(fix).exits(0);
        assert_eq!(key.metadata().expect("it is there").permissions().mode() & 0o777, 0o600, "{fix}");
        std::fs::remove_dir_all(sandbox.file("folder")).expect("it is ours");
    }
}

#[test]
fn a_chain_of_any_name_is_mended_by_what_is_typed() {
    let sandbox = issued();
    let indented: String = sandbox.read("made/fullchain.pem").lines().map(|line| format!("  {line}\n")).collect();
    for name in NAMES {
        sandbox.write(name, &indented);
        let chain = format!("--chain={name}");
        let asked = ["diagnose", &chain, "--key", "made/privkey.pem", "--trust", "made/ca.pem", "--name", HOST];
        shows_no_control_character(&sandbox.pki(asked).exits(1).stdout);
        let report = sandbox.pki(asked.iter().chain(&["--json"])).exits(1).json();
        let fix = report["cause"]["fix"].as_str().expect("a fix");
        shows_no_control_character(fix);
        sandbox.shell(fix).exits(0).says("nothing to mend");
        std::fs::remove_dir_all(sandbox.file("mended")).expect("the fix has made it");
    }
}

#[test]
fn a_file_of_another_kind_is_named_as_it_is_called() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = issued();
    let name = "own\u{1b}[31m.key";
    sandbox.write(name, sandbox.read("made/privkey.pem"));
    let report = sandbox.pki(["diagnose", "--chain", name, "--name", "other.example.test", "--json"]).exits(1).json();
    let fix = report["cause"]["fix"].as_str().expect("a fix");
    assert!(fix.contains(r#""$(printf 'own\033[31m.key')""#), "{fix}");
    sandbox.shell(fix).exits(0).says("nothing to mend");
}

#[test]
fn an_option_is_no_name_to_ask_for() {
    let sandbox = Sandbox::new();
    for (asked, label) in [("--name=-x", "`-x`"), ("--name=--help", "`--help`"), ("--name=a.b-.test", "`b-`")] {
        sandbox.pki(["diagnose", "--chain", "chain.pem", asked]).exits(2).says("RFC 1123").says(label);
    }
    sandbox.pki(["diagnose", "a-.test:443"]).exits(2).says("RFC 1123");
}

#[track_caller]
fn shows_no_control_character(text: &str) {
    let steers = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
    assert!(!text.chars().any(steers), "{text:?}");
}

/// What is no command is answered with those that there are, and the line that was probably meant, which runs.
#[test]
fn a_mistyped_command_is_answered_with_the_line_that_was_meant() {
    let sandbox = Sandbox::with_ca();
    for (typed, says, next) in [
        (
            "pki issue servr app.example.test --days 3",
            "expected one of server, client, batch",
            "pki issue server app.example.test --days 3",
        ),
        ("pki isue client 'a b'", "has no command \"isue\"", "pki issue client 'a b'"),
        ("pki frobnicate", "expected one of those that its help lists", "pki --help"),
        ("pki verify chian", "expected chain", "pki verify chain"),
    ] {
        let refused = sandbox.shell(typed).exits(2).says(says).says(next);
        refused.does_not_say("unrecognized").does_not_say("tip:");
    }
    sandbox.shell("pki issue server app.example.test --days 3").exits(0);
    let escaped = sandbox.pki(["issue", "ser\u{7}ver"]).exits(2).says("has no command");
    assert!(!escaped.stderr.contains('\u{7}'), "{escaped}");
    sandbox.pki(["--help"]).exits(0).says("Usage");
    sandbox.pki(["issue", "--hlep"]).exits(2).says("--help");
}

/// Each mistake, what is said of it, and the line that is told to be typed instead.
const MISTAKES: &[(&str, &str, &str)] = &[
    (
        "chat serv --name x",
        "has no command \"serv\": expected one of quickstart, serve, connect",
        "chat serve --name x",
    ),
    ("chat account lst", "`chat account` has no command \"lst\"", "chat account list"),
    ("chat help serv", "`chat` has no command \"serv\"", "chat --help"),
    ("chat frobnicate", "expected one of quickstart, serve,", "chat --help"),
    (
        "chat serve --nmae 'a b' --mtls off",
        "no option \"--nmae\": the likest is --name",
        "chat serve --name 'a b' --mtls off",
    ),
    ("chat serve --nmae=x", "no option \"--nmae\"", "chat serve --name=x"),
    ("chat serve --zzzz", "`chat serve` has no option \"--zzzz\"", "chat serve --help"),
    ("chat connect h more", "`chat connect` takes nothing more: found \"more\"", "chat connect --help"),
    (
        "chat serve --mtls requird",
        "takes off, optional or required for --mtls: found \"requird\"",
        "chat serve --mtls required",
    ),
    ("chat serve --mtls maybe", "for --mtls: found \"maybe\"", "chat serve --help"),
    ("chat serve --mtls=requird", "found \"requird\"", "chat serve --mtls=required"),
    ("chat serve --mtls", "expects off, optional or required after --mtls, and found nothing", "chat serve --help"),
    ("chat serve --name", "expects HOST after --name", "chat serve --name HOST"),
    ("chat serve --name 9100 --listen 9100", "like 127.0.0.1:6697", "chat serve --name 9100 --listen ADDR:PORT"),
    (
        "chat quickstart --port x",
        "cannot take --port PORT: expected a whole number, found \"x\"",
        "chat quickstart --port PORT",
    ),
    ("chat connect", "`chat connect` expects HOST[:PORT], and nothing was given for it", "chat connect HOST[:PORT]"),
    ("chat serve --cert c", "expects --key FILE", "chat serve --cert c --key FILE"),
    ("chat serve --bundle b --cert c --key k", "takes --bundle or --cert and --key, not both", "chat serve --help"),
    ("chat serve --name a --name b", "takes --name once: found it again", "chat serve --help"),
    ("chat quickstart --plain=yes", "takes no value for --plain: found \"yes\"", "chat quickstart --plain"),
    ("pki --store issue isue client isue", "`pki` has no command \"isue\"", "pki --store issue issue client isue"),
    ("pki issue client a --dyas 3", "`pki issue client` has no option \"--dyas\"", "pki issue client a --days 3"),
    ("pki issue client --key rsa-1024 a", "ed25519, rsa-2048", "pki issue client --key rsa-2048 a"),
    ("pki verify chain", "expects LEAF_OR_CHAIN", "pki verify chain LEAF_OR_CHAIN"),
    ("pki config", "expects PROGRAM and NAME", "pki config PROGRAM NAME"),
    ("pki renew", "expects the name of a certificate, or --expiring for all that end soon", "pki renew --expiring 30d"),
    // What stands elsewhere, and what other programs call it.
    ("pki server a.example.test", "expected issue server", "pki issue server a.example.test"),
    ("pki issue a.example.test", "expected server", "pki issue server a.example.test"),
    ("pki issue server a.test --san b.test", "does not know \"--san\"", "pki issue server a.test b.test"),
    ("pki create", "expected init-ca", "pki init-ca"),
    ("pki init-ca 'Home CA'", "expected --name", "pki init-ca --name 'Home CA'"),
    ("pki pfx a", "expected export p12", "pki export p12 a"),
    ("pki issue server a.test --cn a.test", "expected --common-name", "pki issue server a.test --common-name a.test"),
    // A choice is a pipe to a shell.
    ("pki rollover", "expects", "pki rollover --help"),
    ("pki revoke", "expects NAME|SERIAL", "pki revoke --help"),
    ("pki import ca.pem", "expected init-ca --import", "pki init-ca --import ca.pem"),
    ("pki unrevoke bob", "expected revoke --reason removeFromCRL", "pki revoke --reason removeFromCRL bob"),
    ("pki version", "expected --version", "pki --version"),
    ("chat connect h --channel '#x'", "expected --join", "chat connect h --join '#x'"),
    // What is merely alike may do harm.
    ("pki restore b.tar", "expected one of those that its help lists", "pki --help"),
    ("pki renew --all", "`pki renew` has no option \"--all\": expected one of those", "pki renew --help"),
    (
        "pki issue client a --days 10y",
        "cannot take --days N: expected a whole number, found \"10y\"",
        "pki issue client a --days N",
    ),
    (
        "pki diagnose --chain c.pem --name https://a.example.test/",
        "cannot take --name HOST_OR_IP: expected a DNS name, an IP address",
        "pki diagnose --chain c.pem --name a.example.test",
    ),
    ("pki diagnose --chain c --name a.test:443", "found `a.test:443`", "pki diagnose --chain c --name a.test"),
    ("pki diagnose a.example.test", "there is no folder of that name", "pki diagnose a.example.test:443"),
];

/// Both programs say of a line that does not read what was expected, what was found, and what to type.
#[test]
fn a_mistyped_line_is_answered_in_the_words_of_both_programs() {
    let sandbox = Sandbox::new();
    for (typed, says, next) in MISTAKES {
        let refused = sandbox.shell(typed).exits(2).says(says).does_not_say("tip:").does_not_say("Usage:");
        let last = refused.stderr.lines().last().unwrap_or_default();
        assert_eq!(last.trim_start_matches("hint:").trim(), *next, "{typed}");
    }
    let escaped = sandbox.chat(["serve", "--nm\u{7}ae", "x"]).exits(2).says("\"--nm\\u{7}ae\"");
    assert!(!escaped.stderr.contains('\u{7}'), "{escaped}");
    for asked in [&["--help"][..], &["serve", "--help"], &["help", "serve"], &["--version"]] {
        sandbox.chat(asked).exits(0);
    }
}

/// A file that `pki verify chain` was given by its place, not by an option, and that is not there.
#[test]
fn a_chain_that_is_not_there_is_named_as_it_was_given() {
    let sandbox = Sandbox::with_ca();
    let told = sandbox.pki(["verify", "chain", "far/nothere.pem"]).exits(3);
    told.says("LEAF_OR_CHAIN").says("ls -l far").does_not_say("--chain").does_not_say("chat.example.test");
    let report = sandbox.pki(["verify", "chain", "nothere.pem", "--json"]).exits(3).json();
    assert_eq!(report["cause"]["evidence"]["given_as"], "LEAF_OR_CHAIN", "{report}");
    sandbox.pki(["diagnose", "--chain", "nothere.pem"]).exits(1).says("--chain");
}
