//! Nothing is lost whatever crashes: at each of its steps every writing command is killed, or its write, flush or rename is made
//! to fail; afterwards the store opens, `pki check` names what is half done, and `--repair` finishes it or takes it back.
//!
//! Debug builds alone can be made to fail on purpose (`PKI_FAULT`), so there are no such tests of others.

#![cfg(debug_assertions)]

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tests::sandbox::complete;
use tests::{Outcome, Sandbox, programs};

/// A command that changes a store.
struct Case {
    arguments: &'static [&'static str],
    /// What is typed before it, in a store that has a CA and a server's certificate.
    before: &'static [&'static str],
    /// Exit codes of the same command again, after the repair.
    again: &'static [i32],
}

const CASES: &[Case] = &[
    Case { arguments: &["issue", "client", "bob"], before: &[], again: &[0, 2] },
    Case { arguments: &["issue", "client", "bob", "--out", "bob"], before: &["mkdir bob"], again: &[0, 2] },
    Case { arguments: &["renew", "app.example.test"], before: &[], again: &[0] },
    Case { arguments: &["renew", "app.example.test", "--rekey"], before: &[], again: &[0] },
    Case { arguments: &["renew", "--expiring", "400d", "--rekey", "--hook", "true"], before: &[], again: &[0] },
    Case {
        arguments: &["sign", "department.csr", "--profile", "intermediate", "--yes"],
        before: &[DEPARTMENT],
        again: &[0],
    },
    Case { arguments: &["revoke", "app.example.test"], before: &[], again: &[0] },
    Case { arguments: &["crl"], before: &["pki revoke app.example.test"], again: &[0] },
    Case { arguments: &["crl", "--delta"], before: &["pki crl", "pki revoke app.example.test"], again: &[0] },
    Case { arguments: &["rollover", "--intermediate"], before: &[], again: &[0] },
    Case { arguments: &["rollover", "--root"], before: &[], again: &[0, 2] },
    Case { arguments: &["rollover", "--intermediate", "--same-key"], before: &[], again: &[0] },
    Case { arguments: &["rollover", "--root", "--same-key"], before: &["pki crl"], again: &[0] },
    Case { arguments: &["issue", "batch", "m.csv"], before: &[MANIFEST], again: &[0] },
    Case { arguments: &["issue", "batch", "m.csv", "--to", "out.jsonl"], before: &[MANIFEST], again: &[0] },
    Case { arguments: &["issue", "batch", "m.csv", "--to", "out"], before: &[MANIFEST], again: &[0] },
    Case { arguments: &["issue", "batch", "m.csv", "--to", "out.tar"], before: &[MANIFEST], again: &[0] },
    Case {
        arguments: &["revoke", "app.example.test", "--reason", "removeFromCRL"],
        before: &["pki revoke app.example.test --reason certificateHold"],
        again: &[0, 2],
    },
    Case {
        arguments: &[
            "crl",
            "--partitions",
            "2",
            "--url",
            "http://ca.example.test",
            "--publish",
            "www",
            "--out",
            "all.pem",
        ],
        before: &["mkdir www"],
        again: &[0],
    },
    Case { arguments: &["rollover", "--finish", "--even-in-use"], before: &["pki rollover --root"], again: &[0, 2] },
    Case { arguments: &["export", "bundle", "app.example.test", "--out", "all.pem"], before: &[], again: &[0, 2] },
    Case {
        arguments: &["export", "bundle", "app.example.test", "--out", "all.pem", "--force"],
        before: &["pki export bundle app.example.test --out all.pem"],
        again: &[0],
    },
    Case {
        arguments: &["passphrase", "--root-key", "root.key", "--new-passphrase-file", "pass"],
        before: &["mv store/ca/root.key root.key", "echo secret >pass"],
        again: &[0],
    },
    Case { arguments: &["check", "--repair"], before: &[HALF_DONE], again: &[0] },
    Case { arguments: &["backup", "copy"], before: &[], again: &[0, 2] },
    Case { arguments: &["backup", "copy.tar"], before: &[], again: &[0, 2] },
    Case { arguments: &["passphrase", "--new-passphrase-file", "pass"], before: &["echo secret >pass"], again: &[0] },
];

/// Leaves a certificate whose files are there and which the index does not hold, and a root that others could change.
const HALF_DONE: &str =
    "PKI_FAULT='go on after a change of:2:kill' pki issue client bob || chmod 666 store/ca/root.pem";

/// Writes a manifest of two rows.
const MANIFEST: &str = "printf 'purpose,names\\nserver,b.example.test\\nclient,bob\\n' > m.csv";

/// Writes a request that a department's CA made; the key behind it is gone.
const DEPARTMENT: &str = "printf '%s\\n' '\
-----BEGIN CERTIFICATE REQUEST-----\n\
MIHRMHoCAQAwGDEWMBQGA1UEAwwNRGVwYXJ0bWVudCBDQTBZMBMGByqGSM49AgEG\n\
CCqGSM49AwEHA0IABEXVVL3cxSd/Ifv0icPPAHBF0uUovAJ4vZ83xUa1/3+3gfOE\n\
yuvQGRhOIwjcW33JcWnc+JOoQKcqqTixImHaYQSgADAKBggqhkjOPQQDAgNHADBE\n\
AiBOdzJj5PfqXZuwQOKyxExBkTx9CPVpirI9ZBdfa4myOwIgV2vMv8olRkCQwl3/\n\
QOfAdRQpUChsj783nw4urIO6enc=\n\
-----END CERTIFICATE REQUEST-----' > department.csr";

#[test]
fn killed_at_every_other_step() {
    every_step("kill");
}

#[test]
fn the_steps_between_fail_once() {
    every_step("fail");
}

fn every_step(how: &str) {
    let base = base();
    std::thread::scope(|scope| {
        // One command alone, for who is at work on it.
        let only = std::env::var("PKI_CRASH_ONLY").ok();
        for case in CASES.iter().filter(|case| only.as_ref().is_none_or(|only| only == case.arguments[0])) {
            let base = &base;
            scope.spawn(move || steps(base, case, how));
        }
    });
}

/// Steps between two that are taken: kills have the odd ones and failures the even ones, which leaves no step out and takes half
/// of the time. With `PKI_CRASH_ALL` both have all.
const STRIDE: usize = 2;
/// After every so manieth of them the command is given again; it has few ways to go on, and each step more to come to them.
const AGAIN_EVERY: usize = 2;

fn steps(base: &Sandbox, case: &Case, how: &str) {
    let stride = if std::env::var_os("PKI_CRASH_ALL").is_some() { 1 } else { STRIDE };
    let first = if how == "fail" { stride } else { 1 };
    for step in (first..).step_by(stride) {
        let sandbox = copy(base);
        case.before.iter().for_each(|line| drop(sandbox.shell(line).exits(0)));
        let before = certificates(&sandbox);
        let outcome = with_fault(&sandbox, case.arguments, &format!("any:{step}:{how}"));
        if !outcome.stderr.contains("a fault on purpose") {
            assert!(step > first, "no step was found to fail at\n{outcome}");
            outcome.exits(0);
            return;
        }
        if how == "fail" {
            // A file that was asked for elsewhere is no part of the store.
            let is_outside = ["--out", "--publish"].iter().any(|flag| case.arguments.contains(flag));
            let code = if is_outside { 3 } else { 4 };
            assert!([0, 4, code].contains(&outcome.code()), "a failed write is an error of the store\n{outcome}");
            outcome.says("No space left on device").does_not_say("panicked");
        }
        recovered(&sandbox, &before, &format!("{:?} {how} {step}", case.arguments));
        if step / stride % AGAIN_EVERY > 0 && case.arguments[0] != "crl" {
            continue;
        }
        let number = last_number(&sandbox);
        let again = sandbox.pki(case.arguments);
        assert!(case.again.contains(&again.code()), "{how} {step}: the same again\n{again}");
        sandbox.pki(["check"]).exits(0);
        if case.arguments[0] == "crl" {
            assert!(last_number(&sandbox) > number, "{how} {step}: no number of a list is used again");
        }
    }
}

/// What went into a pipe cannot be read back: what may have come out of it is kept, named, and can be revoked.
#[test]
fn what_a_batch_may_have_sent_down_a_pipe_is_kept() {
    let base = base();
    let arguments = ["issue", "batch", "m.csv", "--to", "-", "--format", "jsonl"];
    let mut sent_and_kept = 0;
    for step in 1.. {
        let sandbox = copy(&base);
        sandbox.shell(MANIFEST).exits(0);
        let outcome = with_fault(&sandbox, &arguments, &format!("any:{step}:kill"));
        if !outcome.stderr.contains("a fault on purpose") {
            break;
        }
        let report = sandbox.pki(["check", "--repair", "--json"]).json();
        let kept = texts(&report, "place").join("\n");
        let recorded = certificates(&sandbox);
        for line in outcome.stdout.lines() {
            let item: Value = serde_json::from_str(line).expect("whole lines");
            let serial = item["serial"].as_str().expect("a text");
            assert!(recorded.contains_key(serial) || kept.contains(serial), "{step}: {serial} is lost: {report}");
            sent_and_kept += usize::from(kept.contains(serial));
        }
        let due: Vec<_> = texts(&report, "next")
            .iter()
            .filter_map(|next| next.lines().last()?.strip_prefix("pki ").map(str::to_owned))
            .collect();
        due.iter().for_each(|command| drop(sandbox.pki(command.split(' ')).exits(0)));
        sandbox.pki(["crl"]).exits(0);
        let list = sandbox.pki(["inspect", "store/ca/crl/issuing-2.crl", "--json"]).exits(0).stdout;
        assert!(due.iter().all(|command| list.contains(command.trim_start_matches("revoke "))), "{due:?}: {list}");
        sandbox.pki(["check", "--repair"]).exits(0);
        sandbox.pki(["check"]).exits(0).says("the store is sound");
    }
    assert!(sent_and_kept > 0, "no step was between sending and recording");
}

/// A field of all troubles that are not mended.
fn texts(report: &Value, field: &str) -> Vec<String> {
    let troubles = report["troubles"].as_array().expect("an array").iter();
    let left = troubles.filter(|trouble| trouble["repaired"].is_null());
    left.filter_map(|trouble| trouble[field].as_str().map(str::to_owned)).collect()
}

/// The greatest number that a list of the store has, in its files or in its log.
fn last_number(sandbox: &Sandbox) -> u64 {
    let log = sandbox.pki(["log", "--json"]).exits(0).json();
    let entries = log.as_array().expect("an array").iter();
    let numbers = entries.filter_map(|entry| entry["detail"]["number"].as_u64().or(entry["detail"]["crl"].as_u64()));
    numbers.max().unwrap_or_default()
}

/// A store that begins: what is typed, and what a first try may have left that the user has to move away.
struct Beginning {
    arguments: &'static [&'static str],
    /// Leaves the files that it needs.
    before: &'static str,
    /// A file outside of the store that it makes.
    made: Option<&'static str>,
}

const BEGINNINGS: &[Beginning] = &[
    Beginning {
        arguments: &["init-ca", "--name", "Cut Root CA", "--intermediate", "Cut Issuing CA"],
        before: "true",
        made: None,
    },
    Beginning {
        arguments: &[
            "init-ca",
            "--name",
            "Cut Root CA",
            "--intermediate",
            "Cut Issuing CA",
            "--root-key-out",
            "root.key",
        ],
        before: "true",
        made: Some("root.key"),
    },
    Beginning {
        arguments: &[
            "init-ca",
            "--import",
            "other/ca/issuing.pem",
            "other/ca/issuing.key",
            "--chain",
            "other/ca/root.pem",
        ],
        before: "pki --store other init-ca --name 'Other Root CA' --intermediate 'Other Issuing CA'",
        made: None,
    },
    Beginning {
        arguments: &["init-ca", "--import", "other/ca/root.pem", "other/ca/root.key", "--crl", "other/ca/crl.pem"],
        before: "export PKI_STORE=other; pki init-ca --name 'Other Root CA'; pki issue client old; pki revoke old; pki crl",
        made: None,
    },
    Beginning {
        arguments: &["init-ca", "--import", "other/ca/root.pem", "other/ca/root.key"],
        before: "pki --store other init-ca --name 'Other Root CA'",
        made: None,
    },
];

#[test]
fn a_beginning_that_is_cut_short_is_begun_again() {
    std::thread::scope(|scope| {
        for case in BEGINNINGS {
            scope.spawn(move || ["kill", "fail"].iter().for_each(|how| beginning(case, how)));
        }
    });
}

fn beginning(case: &Beginning, how: &str) {
    for step in 1.. {
        let sandbox = Sandbox::new();
        sandbox.shell(case.before).exits(0);
        let outcome = with_fault(&sandbox, case.arguments, &format!("any:{step}:{how}"));
        if !outcome.stderr.contains("a fault on purpose") {
            assert!(step > 1);
            outcome.exits(0);
            return;
        }
        no_key_is_open(&sandbox);
        again(&sandbox, case, &format!("{:?} {how} {step}", case.arguments));
        sandbox.pki(["check", "--repair"]).exits(0);
        sandbox.pki(["issue", "client", "alice"]).exits(0);
        sandbox.pki(["verify", "chain", "store/certs/alice/fullchain.pem", "--purpose", "client"]).exits(0);
        sandbox.pki(["check"]).exits(0);
        if let Some(key) = case.made {
            sandbox.pki(["crl", "--root-key", key]).exits(0);
        }
    }
}

/// Begins again; what is in the way outside of the store is told, and was a key of no CA unless the CA is there.
#[track_caller]
fn again(sandbox: &Sandbox, case: &Beginning, context: &str) {
    let again = sandbox.pki(case.arguments);
    match (again.code(), case.made) {
        (0, _) => {}
        (2, Some(made)) => {
            again.says(made);
            std::fs::remove_file(sandbox.file(made)).expect("what is in the way is there");
            sandbox.pki(case.arguments).exits(0);
        }
        (4, _) => drop(again.says("already has a certificate authority")),
        _ => panic!("{context}\n{again}"),
    }
}

/// Commands that are killed at random, one after the other in one store; `#` is the number of the round.
const KILLED: &[&str] = &[
    "issue client client-#",
    "renew app.example.test --rekey",
    "issue client other-# --out elsewhere-#",
    "revoke client-# --reason superseded",
    "crl",
    "issue batch m.csv --to out-#.jsonl",
    "export bundle app.example.test --out export.pem --force",
    "sign department.csr --profile intermediate --yes",
    "rollover --intermediate",
    "rollover --intermediate --same-key",
    "rollover --root --same-key",
];

/// What a crash has left is also right without `pki check`: the next commands go on.
#[test]
fn killed_at_random() {
    /// Rounds: enough to come to most places, few enough for every build.
    const ROUNDS: usize = 4;
    let (mut random, context) = seeded();
    let sandbox = copy(&base());
    sandbox.shell(DEPARTMENT).exits(0);
    let mut known = certificates(&sandbox);
    for round in 0..ROUNDS {
        sandbox
            .shell(&MANIFEST.replace("bob", &format!("bob-{round}")).replace("b.ex", &format!("b{round}.ex")))
            .exits(0);
        for command in KILLED {
            let command = command.replace('#', &round.to_string());
            killed(&sandbox, &command, &mut random);
            recovered(&sandbox, &known, &format!("{context}, round {round}: {command}"));
            known = certificates(&sandbox);
        }
    }
    sandbox.pki(["issue", "client", "last"]).exits(0);
    sandbox.pki(["log", "verify"]).exits(0);
}

/// The same of commands that need a store of their own each time, after which they are given again.
#[test]
fn killed_at_random_and_done_again() {
    const ROUNDS: usize = 3;
    let base = base();
    let (mut random, context) = seeded();
    for (command, before) in [
        ("passphrase --new-passphrase-file pass", "echo secret >pass"),
        ("--store new init-ca --import store/ca/root.pem store/ca/root.key --crl store/ca/crl.pem", "pki crl"),
        ("rollover --root", "pki crl"),
        ("check --repair", HALF_DONE),
    ] {
        for round in 0..ROUNDS {
            let sandbox = copy(&base);
            sandbox.shell(before).exits(0);
            let known = certificates(&sandbox);
            killed(&sandbox, command, &mut random);
            recovered(&sandbox, &known, &format!("{context}, round {round}: {command}"));
            let again = sandbox.pki(command.split(' '));
            let words = ["already has a certificate authority", "is not finished"];
            let done = words.iter().any(|words| again.stderr.contains(words));
            assert!(again.code() == 0 || done, "{context}, round {round}\n{again}");
            no_key_is_open(&sandbox);
        }
    }
}

/// A seed, and how to come to it again; `PKI_CRASH_SEED` gives another.
fn seeded() -> (u64, String) {
    let seed = std::env::var("PKI_CRASH_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_260_301);
    (seed, format!("PKI_CRASH_SEED={seed}"))
}

/// Begins a command, and kills it some time later.
fn killed(sandbox: &Sandbox, command: &str, random: &mut u64) {
    /// Longer than any of these commands takes where nothing else runs.
    const LONGEST: u64 = 120_000;
    *random = next(*random);
    let mut child = sandbox
        .command(programs::pki())
        .args(command.split(' '))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("pki can be started");
    std::thread::sleep(Duration::from_micros(*random % LONGEST));
    // One that has ended cannot be killed any more, which is fine.
    let _ = child.kill();
    child.wait().expect("it ends");
}

/// Knuth's 64-bit linear congruential generator, upper bits first: any spread will do.
fn next(state: u64) -> u64 {
    state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407).rotate_left(32)
}

/// The store opens; what is half done is named, and mended; nothing that was there is gone.
#[track_caller]
fn recovered(sandbox: &Sandbox, before: &BTreeMap<String, String>, context: &str) {
    no_key_is_open(sandbox);
    let found = sandbox.pki(["check", "--json"]);
    assert!([0, 1].contains(&found.code()), "{context}: the store does not open\n{found}");
    let repaired = sandbox.pki(["check", "--repair", "--json"]);
    assert_eq!(repaired.code(), 0, "{context}: not mended\n{repaired}");
    let (found, repaired) = (found.json(), repaired.json());
    let (found, repaired) = (codes(&found), codes(&repaired));
    assert!(found.iter().all(|code| repaired.contains(code)), "{context}: found {found:?}, mended {repaired:?}");
    sandbox.pki(["check"]).exits(0).says("the store is sound");
    let after = certificates(sandbox);
    for (serial, sha256) in before {
        assert_eq!(after.get(serial), Some(sha256), "{context}: the certificate {serial} is lost");
    }
}

fn codes(report: &Value) -> Vec<String> {
    let troubles = report["troubles"].as_array().expect("an array");
    troubles.iter().map(|trouble| format!("{} {}", trouble["code"], trouble["place"])).collect()
}

/// Serial numbers and hashes of all that was issued; a serial number is there once.
#[track_caller]
fn certificates(sandbox: &Sandbox) -> BTreeMap<String, String> {
    let listed = sandbox.pki(["list", "--json"]).exits(0).json();
    let entries = listed.as_array().expect("an array");
    let text = |entry: &Value, key: &str| entry[key].as_str().expect("a text").to_owned();
    let found: BTreeMap<_, _> = entries.iter().map(|entry| (text(entry, "serial"), text(entry, "sha256"))).collect();
    assert_eq!(found.len(), entries.len(), "a serial number is there twice: {listed}");
    found
}

#[track_caller]
fn no_key_is_open(sandbox: &Sandbox) {
    let mut folders = vec![sandbox.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of ours").flatten() {
            let (path, metadata) = (entry.path(), entry.metadata().expect("a file of ours"));
            if metadata.is_dir() {
                folders.push(path);
            } else if metadata.permissions().mode() & 0o077 != 0 {
                let text = std::fs::read(&path).expect("a file of ours");
                let holds_key = text.windows(11).any(|window| window == b"PRIVATE KEY");
                assert!(!holds_key, "others can read the private key in {}", path.display());
            }
        }
    }
}

fn with_fault(sandbox: &Sandbox, arguments: &[&str], fault: &str) -> Outcome {
    let mut command = sandbox.command(programs::pki());
    command.args(arguments).env("PKI_FAULT", fault);
    complete(command, "")
}

fn base() -> Sandbox {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", "app.example.test"]).exits(0);
    sandbox
}

fn copy(from: &Sandbox) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.run("cp", ["-a".as_ref(), from.store().as_os_str(), sandbox.path().as_os_str()]).exits(0);
    sandbox
}
