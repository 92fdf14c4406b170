//! A store that was written in an earlier format is brought up to date by the first command that opens it, whatever that is, and
//! whatever ends it.

use serde_json::Value;
use tests::Sandbox;
use tests::peers::peer;

/// The tables of format 1, as they were written.
const FORMAT_1: &str = include_str!("../../ca-store/src/store/migrate_test_1.sql");

/// Writes the index of a store anew in format 1, with what format 1 knew: no log, no lists, one generation of CAs.
const DOWNGRADE: &str = r#"
import os, sqlite3, sys
tables = sys.argv[1].split("INSERT INTO")[0]
new, old = sqlite3.connect("store/index.sqlite"), sqlite3.connect("old.sqlite")
old.executescript(tables)
for table in ["authority", "certificate"]:
    columns = [row[1] for row in old.execute(f"PRAGMA table_info({table})")]
    rows = new.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall()
    old.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", rows)
old.execute("PRAGMA user_version = 1")
old.commit()
old.execute("PRAGMA journal_mode = wal")
old.close()
new.close()
for side in ["-wal", "-shm"]:
    if os.path.exists("store/index.sqlite" + side): os.remove("store/index.sqlite" + side)
os.rename("old.sqlite", "store/index.sqlite")
os.chmod("store/index.sqlite", 0o600)
"#;

/// A store in format 1, with a renewed, a revoked and a withdrawn certificate; and what its list was before.
fn written_in_format_1() -> Option<(Sandbox, Value)> {
    let python = peer("python3")?;
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", "app.example.test", "192.0.2.7"]).exits(0);
    sandbox.pki(["renew", "app.example.test"]).exits(0);
    sandbox.pki(["issue", "client", "alice"]).exits(0);
    sandbox.pki(["issue", "client", "mallory"]).exits(0);
    sandbox.pki(["revoke", "mallory", "--reason", "keyCompromise"]).exits(0);
    let give_up = "import sqlite3; c = sqlite3.connect('store/index.sqlite'); c.execute(\"INSERT INTO certificate (serial, state, name, \
                   folded, purpose, days, reserved, authority) SELECT x'41000000000000000000000000000000', 'withdrawn', 'bob', 'bob', \
                   purpose, days, reserved, authority FROM certificate WHERE name = 'alice'\"); c.commit()";
    sandbox.run(&python, ["-c", give_up]).exits(0);
    let listed = sandbox.pki(["list", "--json"]).exits(0).json();
    sandbox.run(&python, ["-c", DOWNGRADE, FORMAT_1]).exits(0);
    Some((sandbox, listed))
}

fn format(sandbox: &Sandbox) -> u8 {
    // The database's header: user_version is the four octets from 60 on (sqlite.org/fileformat2.html, 1.3.12).
    std::fs::read(sandbox.file("store/index.sqlite")).expect("an index")[63]
}

#[test]
fn the_first_command_brings_a_store_up_to_date() {
    for first in [
        &["list"][..],
        &["show", "alice"],
        &["log"],
        &["check"],
        &["issue", "client", "carol"],
        &["crl"],
        &["export", "ca"],
    ] {
        let Some((sandbox, listed)) = written_in_format_1() else { return };
        assert_eq!(format(&sandbox), 1);
        sandbox.pki(first).exits(0);
        sandbox.pki(["log", "verify"]).exits(0).says("whole");
        sandbox.pki(["check"]).exits(0).says("sound");
        let found = sandbox.pki(["list", "--json"]).exits(0).json();
        let kept: Vec<_> =
            found.as_array().expect("an array").iter().filter(|it| it["name"] != "carol").cloned().collect();
        assert_eq!(Value::from(kept), listed, "{first:?}");
        let log = sandbox.pki(["log", "--json"]).exits(0).json();
        assert_eq!((&log[0]["operation"], &log[0]["detail"]["certificates"]), (&"migrate".into(), &4.into()), "{log}");
    }
}

/// What was written long ago is used as if it were of today.
#[test]
fn an_old_store_does_all_that_a_new_one_does() {
    let Some((sandbox, _)) = written_in_format_1() else { return };
    let lines = "pki renew app.example.test --rekey; pki revoke alice; pki crl
        pki verify chain store/certs/app.example.test/fullchain.pem --dns app.example.test
        ! pki verify chain store/certs/alice/fullchain.pem --crl store/ca/crl.pem --purpose client
        ! pki verify chain store/certs/mallory/fullchain.pem --crl store/ca/crl.pem --purpose client
        pki rollover --root; pki renew app.example.test; pki rollover --finish --even-in-use; pki backup copy
        pki log verify; pki check; pki --store copy check";
    sandbox.shell(lines).exits(0).says("sound");
}

#[test]
#[cfg(debug_assertions)]
fn a_crash_on_the_way_leaves_one_format_or_the_other() {
    for (point, left) in [("bring up to date", 1), ("go on after bringing up to date", 2)] {
        for how in ["kill", "fail"] {
            let Some((sandbox, listed)) = written_in_format_1() else { return };
            let fault = sandbox.shell(&format!("PKI_FAULT='{point}:1:{how}' pki list"));
            assert!(fault.stderr.contains("a fault on purpose"), "{fault}");
            // Where it was brought up to date, that may still stand in the log beside the index.
            assert!(left == 2 || format(&sandbox) == 1, "{point}");
            assert_eq!(sandbox.pki(["list", "--json"]).exits(0).json(), listed, "{point} {how}");
            sandbox.pki(["check"]).exits(0).says("sound");
            assert_eq!(sandbox.pki(["log", "--json"]).exits(0).json()[0]["operation"], "migrate");
        }
    }
}

/// Takes away from a store what came after format 2: certificates that CAs had before.
const BACK_TO_2: &str = "import sqlite3; c = sqlite3.connect('store/index.sqlite'); \
                         c.executescript('DROP TABLE recertified; PRAGMA user_version = 2; PRAGMA wal_checkpoint(TRUNCATE)')";

#[test]
fn a_store_of_format_2_goes_on_with_its_log_and_its_lists() {
    let Some(python) = peer("python3") else { return };
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "client", "alice"]).exits(0);
    sandbox.pki(["issue", "client", "mallory"]).exits(0);
    sandbox.pki(["revoke", "mallory"]).exits(0);
    sandbox.pki(["crl"]).exits(0);
    let entries = sandbox.pki(["log", "--json"]).exits(0).json().as_array().map_or(0, Vec::len);
    for first in [&["list"][..], &["rollover", "--root", "--same-key"], &["check"]] {
        sandbox.shell("rm -rf kept; cp -a store kept").exits(0);
        sandbox.run(&python, ["-c", BACK_TO_2]).exits(0);
        assert_eq!(format(&sandbox), 2);
        sandbox.pki(first).exits(0);
        let log = sandbox.pki(["log", "--json"]).exits(0).json();
        assert_eq!(log[entries]["operation"], "migrate", "{log}");
        sandbox.pki(["rollover", "--intermediate", "--same-key"]).exits(0);
        sandbox.pki(["crl"]).exits(0).says("list 2");
        sandbox.pki(["log", "verify"]).exits(0).says("whole");
        sandbox.pki(["check"]).exits(0).says("sound");
        sandbox.shell("rm -rf store; mv kept store").exits(0);
    }
}

#[test]
#[cfg(debug_assertions)]
fn a_crash_on_the_way_from_format_2_leaves_one_format_or_the_other() {
    for point in ["bring up to date", "go on after bringing up to date"] {
        for how in ["kill", "fail"] {
            let Some(python) = peer("python3") else { return };
            let sandbox = Sandbox::with_ca();
            sandbox.run(&python, ["-c", BACK_TO_2]).exits(0);
            let fault = sandbox.shell(&format!("PKI_FAULT='{point}:1:{how}' pki list"));
            assert!(fault.stderr.contains("a fault on purpose"), "{fault}");
            sandbox.pki(["issue", "client", "alice"]).exits(0);
            sandbox.pki(["check"]).exits(0).says("sound");
        }
    }
}
