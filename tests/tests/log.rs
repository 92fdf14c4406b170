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
        ("UPDATE certificate SET common_name = 'mallory'", "column-differs"),
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

/// By its lists the index knows which partitions certificates may be in, and what a delta is to change.
#[test]
fn lists_that_are_taken_out_of_the_index_are_missed_and_put_back() {
    for change in ["DELETE FROM crl", "UPDATE crl SET state = 'withdrawn'"] {
        let sandbox = used();
        sandbox.pki(["crl", "--partitions", "2", "--url", "http://crl.example.test"]).exits(0);
        sandbox.pki(["crl", "--partitions", "0"]).exits(0);
        let Some(report) = tampered(&sandbox, &format!("c.execute(\"{change}\")")) else { return };
        found(&report, "list-missing", "list 1 of 'Test Issuing CA'", change);
        sandbox.pki(["check", "--repair"]).exits(0);
        sandbox.pki(["check"]).exits(0);
        let made = sandbox.pki(["crl", "--json"]).exits(0).json();
        let of_partition = |list: &serde_json::Value| list["partition"] == 2;
        assert!(made["lists"].as_array().is_some_and(|lists| lists.iter().any(of_partition)), "{change}: {made:#}");
        sandbox.pki(["crl", "--delta"]).exits(0);
    }
}

/// Who somebody is, is taken from the certificate and not from beside it; and a CA's older certificate goes down with it.
#[test]
fn a_renewal_does_not_take_its_subject_from_the_index() {
    let sandbox = used();
    let change = "c.execute(\"UPDATE certificate SET common_name = 'mallory' WHERE name = 'alice'\")";
    let Some(report) = tampered(&sandbox, change) else { return };
    found(&report, "column-differs", "alice", change);
    sandbox.pki(["renew", "alice"]).exits(0);
    sandbox.pki(["inspect", "store/certs/alice/cert.pem"]).exits(0).says("CN=alice").does_not_say("mallory");
    sandbox.pki(["check", "--repair"]).exits(0);
    sandbox.pki(["log", "verify"]).exits(0);
    sandbox.pki(["rollover", "--intermediate", "--same-key"]).exits(0);
    let change = "c.execute(\"UPDATE recertified SET state = 'withdrawn'\")";
    let Some(report) = tampered(&sandbox, change) else { return };
    found(&report, "authority-missing", "the CA", change);
}

/// Whose list names a certificate, under which name it is known and what becomes of a CA: each column is one that somebody could
/// change to keep a revoked certificate off its list. All are found, and put back.
#[test]
fn no_column_of_the_index_keeps_a_revoked_certificate_off_its_list() {
    let swap = "UPDATE certificate SET folded = 'x' WHERE name = 'bob'; UPDATE certificate SET name = 'bob', folded = 'bob' \
                WHERE name = 'alice'; UPDATE certificate SET name = 'alice', folded = 'alice' WHERE folded = 'x'";
    let cases = [
        ("UPDATE certificate SET authority = 1 WHERE name = 'alice'", "column-differs", "alice"),
        ("UPDATE certificate SET partition = -1 WHERE name = 'alice'", "column-differs", "alice"),
        ("UPDATE certificate SET partition = partition % 4 + 1 WHERE name = 'bob'", "column-differs", "bob"),
        ("UPDATE certificate SET purpose = 'server' WHERE name = 'alice'", "column-differs", "alice"),
        ("UPDATE certificate SET folded = 'carol' WHERE name = 'alice'", "column-differs", "alice"),
        (swap, "column-differs", "alice"),
        ("UPDATE authority SET state = 'retired' WHERE id = 2", "column-differs", "'Test Issuing CA'"),
        ("UPDATE authority SET role = 'cross' WHERE id = 2", "column-differs", "'Test Issuing CA'"),
        ("UPDATE authority SET issuer = 2 WHERE id = 2", "column-differs", "'Test Issuing CA'"),
        ("UPDATE authority SET name = 'Another CA' WHERE id = 2", "column-differs", "'Test Issuing CA'"),
        ("UPDATE authority SET serial = x'01' WHERE id = 2", "column-differs", "'Test Issuing CA'"),
        ("UPDATE authority SET not_after = 0, key_id = NULL WHERE id = 2", "column-differs", "'Test Issuing CA'"),
        (
            "UPDATE authority SET crl_number = 9223372036854775807 WHERE id = 2",
            "list-number-raised",
            "'Test Issuing CA'",
        ),
        ("UPDATE authority SET crl_number = 3 WHERE id = 2", "list-number-lowered", "'Test Issuing CA'"),
    ];
    let first = used();
    let lines =
        "pki crl --url http://ca.example.test --partitions 4; pki issue client bob; pki revoke alice; pki revoke bob";
    first.shell(lines).exits(0);
    let named = |sandbox: &Sandbox| {
        let made = sandbox.pki(["crl", "--json"]).exits(0).json();
        let lists = made["lists"].as_array().expect("an array").iter();
        lists.map(|list| (list["ca"].clone(), list["partition"].clone(), list["entries"].clone())).collect::<Vec<_>>()
    };
    let due = named(&first);
    for (change, code, place) in cases {
        let sandbox = Sandbox::new();
        sandbox.run("cp", ["-a".as_ref(), first.store().as_os_str(), sandbox.path().as_os_str()]).exits(0);
        let Some(report) = tampered(&sandbox, &format!("c.executescript(\"{change}\")")) else { return };
        found(&report, code, place, change);
        sandbox.pki(["check"]).exits(1).says(code);
        sandbox.pki(["check", "--repair"]).exits(0);
        assert_eq!(named(&sandbox), due, "{change}");
        sandbox.pki(["log", "verify"]).exits(0);
        sandbox.pki(["show", "alice"]).exits(0).says("revoked");
    }
}

/// Entries behind the signed head are under no signature; what they did is in the index all the same.
#[test]
fn what_is_cut_off_behind_the_signed_head_has_left_its_traces() {
    let cut = "c.execute('DELETE FROM log WHERE id > (SELECT entry FROM log_head)')";
    let serial = "(SELECT serial FROM certificate WHERE name = 'alice')";
    let cases = [
        ("pki revoke alice", cut.to_owned(), "revocation-unlogged", "alice"),
        ("pki revoke alice --reason certificateHold; pki revoke alice --reason removeFromCRL", cut.to_owned(), "release-unlogged", "the certificate"),
        ("pki revoke alice", format!("{cut}; c.execute('UPDATE certificate SET revoked = NULL, reason = NULL')"), "release-unlogged", "the certificate"),
        ("true", format!("c.execute(\"UPDATE certificate SET state = 'withdrawn' WHERE serial = {serial}\")"), "withdrawal-unlogged", "the serial number"),
        ("pki crl", "c.execute('INSERT INTO crl SELECT NULL, authority, 9, NULL, 0, state, this_update, next_update FROM crl WHERE authority = 2')".to_owned(), "list-unlogged", "list 9 of 'Test Issuing CA'"),
        ("pki crl", "c.execute('UPDATE authority SET crl_number = 0 WHERE id = 2')".to_owned(), "list-number-lowered", "'Test Issuing CA'"),
        ("pki crl --url http://ca.example.test", "c.execute(\"UPDATE authority SET crl_url = 'http://evil.test' WHERE id = 2\")".to_owned(), "points-unlogged", "'Test Issuing CA'"),
    ];
    for (before, change, code, place) in cases {
        let sandbox = used();
        sandbox.shell(before).exits(0);
        sandbox.pki(["log", "verify"]).exits(0);
        let Some(report) = tampered(&sandbox, &change) else { return };
        found(&report, code, place, &change);
        sandbox.pki(["check"]).exits(1).says(code);
    }
}

/// What is done by the rules is never taken for tampering: holds, numbers given up, lists of every kind, new generations.
#[test]
fn a_store_that_was_used_in_every_way_has_a_whole_log() {
    let sandbox = used();
    let lines = "pki revoke alice --reason certificateHold; pki crl --url http://ca.example.test; pki revoke alice --reason removeFromCRL
        pki crl --partitions 2; pki crl --delta; pki crl --url http://other.example.test --partitions 0
        pki issue server test.example.test --days 3; pki rollover --intermediate; pki crl
        pki rollover --root; pki crl; pki renew app.example.test; pki rollover --finish --even-in-use; pki crl
        ! PKI_FAULT='rename to:1:kill' pki issue client bob; ! PKI_FAULT='rename to:2:kill' pki crl; pki check --repair";
    sandbox.shell(lines).exits(0);
    let report = sandbox.pki(["log", "verify", "--json"]).exits(0).json();
    assert_eq!(report["troubles"], serde_json::json!([]), "{report}");
    sandbox.pki(["check"]).exits(0);
    // A root whose roll-over is finished is not trusted again by a hand in the index.
    let back = "c.execute(\"UPDATE authority SET state = 'ready' WHERE id = 1\")";
    let Some(report) = tampered(&sandbox, back) else { return };
    found(&report, "column-differs", "'Test Root CA'", back);
    sandbox.pki(["check", "--repair"]).exits(0);
    sandbox.pki(["log", "verify"]).exits(0);
}

/// A revocation that is put before a list which it came after would be missing from every delta to that list.
#[test]
fn a_revocation_put_before_a_list_is_found_and_put_back() {
    let lines = "pki issue client alice; pki issue client bob; pki crl; pki revoke alice; pki crl; pki revoke bob";
    for (changed, name, number) in [("1", "bob", 2), ("NULL", "bob", 2), ("0", "alice", 1)] {
        let sandbox = Sandbox::with_ca();
        sandbox.shell(lines).exits(0);
        sandbox.pki(["log", "verify"]).exits(0);
        let change = format!("c.execute(\"UPDATE certificate SET crl_before = {changed} WHERE name = '{name}'\")");
        let Some(report) = tampered(&sandbox, &change) else { return };
        found(&report, "column-differs", name, &change);
        assert!(report.to_string().contains(&format!("{number} or more")), "{report:#}");
        sandbox.pki(["check"]).exits(1).says("crl_before");
        sandbox.pki(["check", "--repair"]).exits(0);
        sandbox.pki(["log", "verify"]).exits(0);
        sandbox.pki(["crl", "--delta"]).exits(0);
        let serial = sandbox.pki(["show", name, "--json"]).exits(0).json()["serial"].clone();
        let inspected = sandbox.pki(["inspect", "store/ca/crl/issuing-2-delta.crl", "--json"]).exits(0);
        inspected.says(serial.as_str().expect("a serial number"));
    }
}

/// Numbers at the end of counting and fields of another type are told with their place, and nothing counts on from them.
#[test]
fn what_does_not_read_is_told_and_what_cannot_go_on_is_refused() {
    let greatest = i64::MAX;
    let cases = [
        (format!("UPDATE log SET id = {greatest} WHERE id = 4"), "entry-missing", "entry 4"),
        (format!("UPDATE log SET id = {} WHERE id = 1", i64::MIN), "entry-missing", "entry 1"),
        ("UPDATE log SET time = 'abc' WHERE id = 3".into(), "entry-changed", "entry 3"),
        ("UPDATE log SET hash = 'abc' WHERE id = 4".into(), "entry-changed", "entry 4"),
        ("UPDATE log SET operation = x'00' WHERE id = 2".into(), "entry-changed", "entry 2"),
        ("UPDATE log_head SET hash = 'abc'".into(), "head-forged", "the head"),
        ("UPDATE log_head SET signature = 'abc'".into(), "head-forged", "the head"),
        ("UPDATE authority SET crl_number = 'abc' WHERE id = 2".into(), "index-damaged", "index.sqlite"),
        ("UPDATE log_head SET entry = -1".into(), "tail-missing", "entry -1"),
    ];
    for (change, code, place) in cases {
        let sandbox = used();
        let Some(report) = tampered(&sandbox, &format!("c.execute(\"{change}\")")) else { return };
        found(&report, code, place, &change);
        sandbox.pki(["check", "--repair"]).exits(1).says(code);
        let issued = sandbox.pki(["issue", "client", "bob"]);
        match issued.code() {
            0 => drop(sandbox.pki(["log", "verify"]).exits(1)),
            _ => drop(issued.exits(4).says("pki ")),
        }
    }
    let sandbox = used();
    let full = format!("c.execute('UPDATE log SET id = {greatest} WHERE id = 4')");
    let Some(_) = tampered(&sandbox, &full) else { return };
    for command in [&["crl"][..], &["revoke", "alice"], &["issue", "client", "bob"]] {
        sandbox.pki(command).exits(4).says("no log is that long").says("pki check");
    }
    let sandbox = used();
    let other = "c.execute(\"UPDATE certificate SET authority = 'abc' WHERE name = 'alice'\")";
    let Some(report) = tampered(&sandbox, other) else { return };
    found(&report, "column-differs", "the certificate", other);
    sandbox.pki(["check"]).exits(4).says("somebody has changed it").says("pki log verify");
    let sandbox = used();
    let raised = format!("c.execute('UPDATE authority SET crl_number = {greatest} WHERE id = 2')");
    let Some(_) = tampered(&sandbox, &raised) else { return };
    sandbox.pki(["crl"]).exits(4).says("none is above it").says("pki check --repair");
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

/// The log's entries of one kind, by their details.
fn details(sandbox: &Sandbox, operation: &str) -> Vec<serde_json::Value> {
    let log = sandbox.pki(["log", "--json"]).exits(0).json();
    let entries = log.as_array().expect("an array").iter();
    entries.filter(|entry| entry["operation"] == operation).map(|entry| entry["detail"].clone()).collect()
}

/// A number that was planned, and perhaps signed, is in no entry yet: its row is missed by its place.
#[test]
fn a_planned_number_that_is_taken_out_of_the_index_is_missed() {
    let Some(python) = peer("python3") else { return };
    let sandbox = used();
    let planned = "INSERT INTO certificate (serial, state, name, folded, purpose, days, reserved, authority) SELECT \
                   x'41000000000000000000000000000001', 'planned', 'mallory', 'mallory', purpose, days, reserved, authority \
                   FROM certificate WHERE name = 'alice'";
    sandbox.run(python, ["-c", &format!("{HAND}\nc.execute(\"{planned}\")\nc.commit()")]).exits(0);
    sandbox.pki(["issue", "client", "bob"]).exits(0);
    sandbox.pki(["log", "verify"]).exits(0);
    let change = "c.execute(\"DELETE FROM certificate WHERE name = 'mallory'\")";
    let Some(report) = tampered(&sandbox, change) else { return };
    found(&report, "serial-missing", "serial numbers", change);
    sandbox.pki(["check"]).exits(1).says("serial-missing").says("row 4 ");
    // Of what the log has, the certificate is told, and not its row besides.
    let change = "c.execute(\"DELETE FROM certificate WHERE name = 'app.example.test'\")";
    let Some(report) = tampered(&used(), change) else { return };
    found(&report, "certificate-missing", "the certificate", change);
    assert!(!report.to_string().contains("serial-missing"), "{report:#}");
}

#[test]
fn what_leaves_the_store_is_in_the_log() {
    let sandbox = used();
    sandbox.write("password.txt", "pass word\n");
    let cases: [(&str, &str, bool, bool); 6] = [
        ("p12 alice --password-file password.txt --out a.p12", "p12", true, true),
        ("bundle alice --out a.pem", "bundle", true, false),
        ("haproxy alice --out h.pem", "haproxy", true, false),
        ("der alice --out a.der", "der", false, false),
        ("der alice --key --out -", "der", true, false),
        ("ca --out root.pem", "ca", false, false),
    ];
    let alice = sandbox.pki(["show", "alice", "--json"]).exits(0).json();
    for (number, (arguments, form, key, sealed)) in cases.iter().enumerate() {
        sandbox.shell(&format!("pki export {arguments} >/dev/null")).exits(0);
        let (found, file) = (details(&sandbox, "export"), arguments.rsplit(' ').next().expect("a word"));
        assert_eq!(found.len(), number + 1, "{found:?}");
        let (last, to) = (&found[number], if file == "-" { file.into() } else { sandbox.file(file) });
        assert_eq!(last["to"], to.display().to_string(), "{last}");
        assert_eq!(
            (&last["form"], &last["key"], &last["sealed"]),
            (&(*form).into(), &(*key).into(), &(*sealed).into())
        );
        if *form != "ca" {
            assert_eq!((&last["serial"], &last["sha256"]), (&alice["serial"], &alice["sha256"]), "{last}");
        }
    }
    sandbox.pki(["log", "alice"]).exits(0).says("export").says("form=p12 key=true");
    sandbox.pki(["log", "verify"]).exits(0).says("whole").says("the last 6");
    sandbox.pki(["check"]).exits(0);
    sandbox.pki(["issue", "client", "bob"]).exits(0);
    sandbox.pki(["log", "verify"]).exits(0).does_not_say("unsigned");
    // A file that is in the way is seen before anything is said of it, and a name cannot write on the terminal.
    sandbox.pki(["export", "ca", "--out", "root.pem"]).exits(2);
    assert_eq!(details(&sandbox, "export").len(), cases.len());
    sandbox.pki(["export", "ca", "--out", "\u{1b}[2J.pem"]).exits(0);
    sandbox.pki(["log", "--limit", "1"]).exits(0).does_not_say("\u{1b}").says("[2J.pem");
}

/// Without its entry nothing leaves; an entry whose file could not be written stays.
#[test]
#[cfg(debug_assertions)]
fn the_entry_of_an_export_comes_first() {
    let sandbox = used();
    let export = |fault: &str| sandbox.shell(&format!("PKI_FAULT={fault} pki export bundle alice --out a.pem"));
    for how in ["fail", "kill"] {
        export(&format!("change:1:{how}")).says("a fault on purpose");
        assert!(!sandbox.file("a.pem").exists() && details(&sandbox, "export").is_empty(), "{how}");
    }
    export("create:1:fail").exits(3).says("No space left on device");
    export("write:1:fail").exits(3).says("No space left on device");
    assert!(!sandbox.file("a.pem").exists(), "half a file is none");
    assert_eq!(details(&sandbox, "export").len(), 2);
    sandbox.pki(["check"]).exits(0);
}

/// An export names a certificate, and does not make it one of this store's.
#[test]
fn an_export_covers_up_no_certificate_of_others() {
    let sandbox = used();
    let Some(python) = peer("python3") else { return };
    let change = "c.execute(\"DELETE FROM log WHERE detail LIKE '%alice%'\"); c.execute('DELETE FROM log_head')";
    sandbox.run(python, ["-c", &format!("{HAND}\n{change}\nc.commit()")]).exits(0);
    sandbox.pki(["export", "der", "alice"]).exits(0);
    let report = sandbox.pki(["log", "verify", "--json"]).exits(1).json();
    found(&report, "certificate-unlogged", "alice", change);
}

#[test]
fn a_batch_is_in_the_log_as_it_begins_and_ends() {
    let sandbox = used();
    sandbox.write("m.csv", "purpose,names\nclient,bob\nclient,carol\n");
    sandbox.pki(["issue", "batch", "m.csv", "--to", "out.jsonl"]).exits(0);
    let hash = sandbox.shell("sha256sum m.csv").exits(0).stdout[..64].to_owned();
    let file = sandbox.file("out.jsonl").display().to_string();
    let common = |state: &str| {
        let (manifest, to) = (hash.as_str(), file.as_str());
        serde_json::json!({"state": state, "manifest": manifest, "form": "jsonl", "to": to})
    };
    let [mut begun, mut finished] = ["begun", "finished"].map(common);
    begun["rows"] = 2.into();
    (finished["issued"], finished["before"], finished["skipped"]) = (2.into(), 0.into(), 0.into());
    assert_eq!(details(&sandbox, "batch"), [begun, finished]);
    // Where it is finished there is nothing to tell.
    sandbox.pki(["issue", "batch", "m.csv", "--to", "out.jsonl"]).exits(0);
    assert_eq!(details(&sandbox, "batch").len(), 2);
    sandbox.shell("pki issue batch - --to - --format tar <<-END >/dev/null\npurpose,names\nclient,dave\nEND").exits(0);
    assert_eq!(details(&sandbox, "batch")[3]["to"], "-");
    let report = sandbox.pki(["log", "verify", "--json"]).exits(0).json();
    assert_eq!(report["unsigned"], 0, "a batch ends under a signature: {report}");
    sandbox.pki(["check"]).exits(0);
}

#[test]
#[cfg(debug_assertions)]
fn a_batch_that_goes_on_says_so() {
    let sandbox = used();
    let rows: String = (0..600).map(|row| format!("client,bob-{row}\n")).collect();
    sandbox.write("m.csv", format!("purpose,names\n{rows}"));
    // The first group is on disk, and the second not planned yet.
    sandbox.shell("PKI_FAULT=change:4:fail pki issue batch m.csv --to out.jsonl").exits(4);
    sandbox.pki(["issue", "batch", "m.csv", "--to", "out.jsonl"]).exits(0);
    let found = details(&sandbox, "batch");
    let states: Vec<_> = found.iter().filter_map(|detail| detail["state"].as_str()).collect();
    assert_eq!(states, ["begun", "resumed", "finished"], "{found:?}");
    assert_eq!((&found[1]["before"], &found[2]["before"]), (&500.into(), &500.into()));
    assert_eq!(found[2]["issued"], 100);
    sandbox.pki(["log", "verify"]).exits(0);
}
