//! `pki list`: all of it, or what fits a name or ends soon.

use serde_json::Value;
use tests::Sandbox;
use tests::peers::peer;
use tests::programs::pki;
use tests::screen::{lines_of, shown_on};

/// On a terminal a row stays in its line: what does not fit is left out or stands below.
#[test]
fn a_list_fits_the_terminal() {
    let Some(python) = peer("python3") else { return };
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", "chat.example.test"]).exits(0);
    let serial = sandbox.pki(["show", "chat.example.test", "--json"]).exits(0).json()["serial"].clone();
    let serial = serial.as_str().expect("a serial number");
    let lines = |columns: usize| {
        let pki = pki().display().to_string();
        let shown = shown_on(&sandbox, &python, (24, columns), [&pki, "list"]).exits(0);
        let lines = lines_of(&shown.stdout);
        assert!(lines.iter().all(|line| line.chars().count() <= columns), "{columns}: {lines:#?}");
        lines
    };
    let whole = lines(120);
    assert!(whole[1].contains(" days)") && whole[1].ends_with(serial), "{whole:#?}");
    let short = lines(80);
    assert!(!short[1].contains(" days)") && short[1].ends_with(serial), "{short:#?}");
    sandbox.pki(["revoke", "chat.example.test", "--reason", "cessationOfOperation"]).exits(0);
    let below = lines(80);
    assert!(
        below[1].contains("cessationOfOperation") && below[2].ends_with(&format!("  serial {serial}")),
        "{below:#?}"
    );
    sandbox.pki(["list"]).exits(0).says(&format!("  {serial}\n"));
}

fn names(sandbox: &Sandbox, arguments: &[&str]) -> Vec<String> {
    let listed = sandbox.pki(["list", "--json"].iter().chain(arguments)).exits(0).json();
    let name = |entry: &Value| entry["name"].as_str().unwrap_or_default().to_owned();
    listed.as_array().expect("an array").iter().map(name).collect()
}

#[test]
fn by_name_and_by_end() {
    let sandbox = Sandbox::with_ca();
    assert_eq!(names(&sandbox, &[]), [""; 0]);
    sandbox.write("m.csv", "purpose,names,key,days\nserver,b.example.test,,40\nserver,a.example.test,,20\nclient,Alice,,10\nserver,*.shop.test,,9\n");
    sandbox.pki(["issue", "batch", "m.csv"]).exits(0);
    assert_eq!(names(&sandbox, &[]), ["*.shop.test", "a.example.test", "Alice", "b.example.test"]);
    assert_eq!(names(&sandbox, &["--name", "*.EXAMPLE.test"]), ["a.example.test", "b.example.test"]);
    assert_eq!(names(&sandbox, &["--name", "alice"]), ["Alice"]);
    assert_eq!(names(&sandbox, &["--name", "?lice"]), [""; 0], "only the star means more than itself");
    assert_eq!(names(&sandbox, &["--expiring", "30d"]), ["*.shop.test", "Alice", "a.example.test"]);
    assert_eq!(names(&sandbox, &["--expiring", "30d", "--limit", "1"]), ["*.shop.test"]);
    sandbox.pki(["revoke", "Alice"]).exits(0);
    assert_eq!(names(&sandbox, &["--expiring", "30d", "--name", "a*"]), ["a.example.test"]);
    assert_eq!(names(&sandbox, &["--status", "revoked"]), ["Alice"]);
    assert_eq!(
        names(&sandbox, &["--status", "valid", "--name", "*.example.test"]),
        ["a.example.test", "b.example.test"]
    );
    assert_eq!(names(&sandbox, &["--status", "expired"]), [""; 0]);
    sandbox.pki(["list", "--status", "lost"]).exits(2).says("revoked");
    sandbox.pki(["list", "--name", "zebra"]).exits(0).says("nothing fits");
    sandbox.pki(["list"]).exits(0).says("NAME").says("Alice");
}

#[test]
fn what_went_into_a_file_or_a_stream_is_shown_without_a_folder() {
    let sandbox = Sandbox::with_ca();
    sandbox.write("m.csv", "purpose,names\nclient,alice\n");
    sandbox.pki(["issue", "batch", "m.csv", "--to", "out.jsonl"]).exits(0);
    sandbox.pki(["show", "alice"]).exits(0).says("out.jsonl (jsonl)").does_not_say("certs/alice");
    let shown = sandbox.pki(["show", "alice", "--json"]).exits(0).json();
    assert!(shown["files"].is_null(), "{shown}");
    assert_eq!(shown["delivered"]["form"], "jsonl");
    sandbox.write("n.csv", "purpose,names\nclient,bob\n");
    sandbox.pki(["issue", "batch", "n.csv", "--to", "-", "--format", "tar"]).exits(0);
    sandbox.pki(["show", "bob"]).exits(0).says("went out as tar").does_not_say("certs/bob");
}

#[test]
fn a_long_list_is_whole_in_both_forms() {
    let sandbox = Sandbox::with_ca();
    let rows: String = (0..1010).map(|number| format!("client,user{number:04}\n")).collect();
    sandbox.write("m.csv", format!("purpose,names\n{rows}"));
    sandbox.pki(["issue", "batch", "m.csv", "--to", "out.jsonl"]).exits(0);
    assert_eq!(names(&sandbox, &[]).len(), 1010);
    let text = sandbox.pki(["list"]).exits(0).stdout;
    assert_eq!(text.lines().count(), 1011);
    let widths: std::collections::BTreeSet<_> = text.lines().skip(1).map(str::len).collect();
    assert_eq!(widths.len(), 1, "the columns stand below each other");
}
