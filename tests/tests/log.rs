//! The log tells what was done, and what was done to it.

use std::sync::LazyLock;

use tests::Sandbox;
use tests::peers::peer;

/// Opens the index as somebody would who has no key: `c` is the database, `rehash()` chains the log again.
const HAND: &str = r#"
import hashlib, json, sqlite3, struct
c = sqlite3.connect("store/index.sqlite")
def rehash():
    previous = bytes(32)
    for id, time, *texts in c.execute("SELECT id, time, user, host, operation, detail FROM log ORDER BY id").fetchall():
        text = b"".join(struct.pack(">Q", len(t.encode())) + t.encode() for t in texts)
        hash = hashlib.sha256(b"pki log entry 1\n" + struct.pack(">qq", id, time) + text + previous).digest()
        c.execute("UPDATE log SET previous = ?, hash = ? WHERE id = ?", (previous, hash, id))
        previous = hash
"#;

/// A store in which something was issued, renewed and issued again: four entries. Made once, and copied.
fn used() -> Sandbox {
    static FIRST: LazyLock<Sandbox> = LazyLock::new(|| {
        let sandbox = Sandbox::with_ca();
        sandbox.pki(["issue", "server", "app.example.test", "192.0.2.7"]).exits(0);
        sandbox.pki(["renew", "app.example.test"]).exits(0);
        sandbox.pki(["issue", "client", "alice"]).exits(0);
        sandbox
    });
    let sandbox = Sandbox::new();
    sandbox.run("cp", ["-a".as_ref(), FIRST.store().as_os_str(), sandbox.path().as_os_str()]).exits(0);
    sandbox
}

/// Changes the index of a store and gives what is then said of it.
fn tampered(sandbox: &Sandbox, change: &str) -> Option<serde_json::Value> {
    let python = peer("python3")?;
    sandbox.run(python, ["-c", &format!("{HAND}\n{change}\nc.commit()")]).exits(0);
    Some(sandbox.pki(["log", "verify", "--json"]).exits(1).json())
}

#[test]
fn every_operation_is_in_the_log() {
    let sandbox = used();
    let log = sandbox.pki(["log", "--json"]).exits(0).json();
    let entries = log.as_array().expect("an array");
    let operations: Vec<_> = entries.iter().filter_map(|entry| entry["operation"].as_str()).collect();
    assert_eq!(operations, ["init-ca", "issue", "renew", "issue"]);
    let shown = sandbox.pki(["show", "alice", "--json"]).exits(0).json();
    assert_eq!(entries[3]["detail"]["sha256"], shown["sha256"]);
    assert_eq!(entries[3]["detail"]["serial"], shown["serial"]);
    assert_ne!(entries[3]["user"], "alice", "who is not what the environment says");
    let about = sandbox.pki(["log", "app.example.test", "--limit", "1", "--json"]).exits(0).json();
    assert_eq!(about, serde_json::json!([entries[2]]));
    sandbox.pki(["log", shown["serial"].as_str().expect("a serial")]).exits(0).says("alice").does_not_say("renew");
}

#[test]
fn a_log_that_nobody_touched_is_whole() {
    let sandbox = used();
    let report = sandbox.pki(["log", "verify", "--json"]).exits(0).json();
    assert_eq!(report["verdict"], "whole", "{report}");
    assert_eq!((&report["entries"], &report["certificates"]), (&4.into(), &3.into()));
    assert_eq!((&report["head"]["entry"], &report["unsigned"]), (&4.into(), &0.into()));
    let mark = format!("4:{}", report["hash"].as_str().expect("a hash"));
    sandbox.pki(["issue", "client", "bob"]).exits(0);
    sandbox.pki(["log", "verify", "--expect", &mark]).exits(0).says("whole");
    let other = format!("4:{}", "0".repeat(64));
    sandbox.pki(["log", "verify", "--expect", &other]).exits(1).says("head-unexpected");
    sandbox.pki(["log", "verify", "--expect", "4"]).exits(2);
}

#[test]
fn what_is_done_to_the_log_is_found_with_its_place() {
    let cases = [
        ("c.execute(\"UPDATE log SET user = 'mallory' WHERE id = 2\")", "entry-changed", "entry 2"),
        ("c.execute(\"UPDATE log SET time = time + 1 WHERE id = 3\")", "entry-changed", "entry 3"),
        ("c.execute(\"DELETE FROM log WHERE id = 3\")", "entry-missing", "entry 3"),
        ("c.execute(\"DELETE FROM log WHERE id = 4\")", "tail-missing", "entry 4"),
        ("c.execute(\"DELETE FROM log WHERE id = 1\")", "entry-missing", "entry 1"),
        (
            "c.execute(\"UPDATE log SET id = 9 WHERE id = 2\"); c.execute(\"UPDATE log SET id = 2 WHERE id = 3\"); c.execute(\"UPDATE log SET id = 3 WHERE id = 9\")",
            "entry-changed",
            "entry 2",
        ),
        ("c.execute(\"UPDATE log SET user = 'mallory' WHERE id = 2\"); rehash()", "tail-missing", "entry 4"),
        ("c.execute(\"DELETE FROM log_head\")", "head-missing", "head"),
        (
            "c.execute(\"UPDATE log SET user = 'mallory' WHERE id = 4\"); rehash(); c.execute(\"UPDATE log_head SET hash = (SELECT hash FROM log WHERE id = 4)\")",
            "head-forged",
            "head",
        ),
        (
            "c.execute(\"DELETE FROM log WHERE id = 4\"); c.execute(\"UPDATE log_head SET entry = 3, hash = (SELECT hash FROM log WHERE id = 3)\")",
            "head-forged",
            "head",
        ),
    ];
    for (change, code, place) in cases {
        let Some(report) = tampered(&used(), change) else { return };
        found(&report, code, place, change);
    }
}

#[test]
fn what_is_done_to_the_index_is_found_beside_the_log() {
    let alice = "WHERE name = 'alice'";
    let cases = [
        (
            "UPDATE certificate SET certificate = (SELECT certificate FROM authority WHERE id = 1)",
            "certificate-differs",
        ),
        ("UPDATE certificate SET not_after = not_after + 864000", "column-differs"),
        ("UPDATE certificate SET sans = 'mallory.example.test'", "column-differs"),
        ("UPDATE certificate SET subject = 'CN=mallory'", "column-differs"),
        ("UPDATE certificate SET replaced_by = serial", "column-differs"),
        ("UPDATE certificate SET revoked = 1700000000, reason = 'keyCompromise'", "revocation-unlogged"),
        ("UPDATE certificate SET revoked = NULL, reason = NULL", "revocation-taken-back"),
        ("UPDATE certificate SET reason = 'superseded'", "revocation-taken-back"),
        ("DELETE FROM certificate", "certificate-missing"),
        ("UPDATE certificate SET state = 'withdrawn'", "certificate-missing"),
    ];
    for (change, code) in cases {
        let change = format!("c.execute(\"{change} {alice}\")");
        let sandbox = used();
        if code == "revocation-taken-back" {
            sandbox.pki(["revoke", "alice", "--reason", "keyCompromise"]).exits(0);
            sandbox.pki(["log", "verify"]).exits(0);
        }
        let Some(report) = tampered(&sandbox, &change) else { return };
        let place = if code == "certificate-missing" { "the certificate" } else { "alice" };
        found(&report, code, place, &change);
    }
    let row = "INSERT INTO certificate (serial, state, name, folded, purpose, days, reserved, authority, sans, subject, issuer, \
               not_before, not_after, sha256, certificate) SELECT x'41000000000000000000000000000000', state, 'mallory', \
               'mallory', purpose, days, reserved, authority, sans, subject, issuer, not_before, not_after, sha256, certificate";
    let change = format!("c.execute(\"{row} FROM certificate {alice}\")");
    let Some(report) = tampered(&used(), &change) else { return };
    found(&report, "certificate-unlogged", "mallory", &change);
    let Some(report) = tampered(&used(), "c.execute(\"UPDATE authority SET certificate = x'00' WHERE id = 1\")") else {
        return;
    };
    found(&report, "authority-unlogged", "Test Root CA", "the root");
}

/// The next signature must not make a log whole that was cut short.
#[test]
fn signing_again_hides_nothing() {
    for change in ["c.execute('DELETE FROM log WHERE id > 2')", "c.execute('DELETE FROM log_head')"] {
        let sandbox = used();
        let Some(_) = tampered(&sandbox, change) else { return };
        sandbox.pki(["issue", "client", "bob"]).exits(0);
        let report = sandbox.pki(["log", "verify", "--json"]).exits(1).json();
        found(&report, "alarm", "of the log", change);
    }
}

fn found(report: &serde_json::Value, code: &str, place: &str, change: &str) {
    let troubles = report["troubles"].as_array().expect("an array");
    let fits = |trouble: &&serde_json::Value| {
        trouble["code"] == code && trouble["place"].as_str().is_some_and(|found| found.contains(place))
    };
    let trouble = troubles.iter().find(fits).unwrap_or_else(|| panic!("{change}: no {code} at {place}: {report:#}"));
    assert!(trouble["next"].as_str().is_some_and(|next| next.contains("pki ")), "{change}: {trouble}");
}
