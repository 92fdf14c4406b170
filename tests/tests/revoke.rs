//! Revoking: once, with a reason that is true, by name or serial number; and what issuing and renewing make of it.

use std::path::Path;

use serde_json::Value;
use tests::peers::peer;
use tests::sandbox::complete;
use tests::{Sandbox, programs};

#[test]
fn a_revoked_certificate_is_listed_with_when_and_why() {
    let sandbox = with_alice();
    let revoked = sandbox.pki(["revoke", "alice", "--reason", "key-compromise"]).exits(0);
    revoked.says("Revoked: alice").says("keyCompromise").says("pki crl");
    let shown = sandbox.pki(["show", "alice", "--json"]).exits(0).json();
    assert_eq!((&shown["status"], &shown["reason"]), (&"revoked".into(), &"keyCompromise".into()));
    assert!(shown["revoked"].as_str().is_some_and(|at| at.ends_with('Z')), "{shown}");
    sandbox.pki(["show", "alice"]).exits(0).says("revoked since").says("keyCompromise");
    sandbox.pki(["list"]).exits(0).says("revoked").says("keyCompromise");
    assert_eq!(sandbox.pki(["list", "--json"]).exits(0).json()[0]["status"], "revoked");
}

#[test]
fn a_second_revocation_keeps_the_first() {
    let sandbox = with_alice();
    let first = revoke(&sandbox, &["alice", "--reason", "superseded"]);
    let second = revoke(&sandbox, &["alice", "--reason", "keyCompromise"]);
    assert_eq!((&second["change"], &second["revoked"]), (&"none".into(), &first["revoked"]));
    assert_eq!(second["reason"], "superseded");
    sandbox.pki(["revoke", "alice"]).exits(0).says("already").says("superseded");
}

#[test]
fn a_hold_is_lifted_or_made_final_and_nothing_else_is() {
    let sandbox = with_alice();
    sandbox.pki(["revoke", "alice", "--reason", "removeFromCRL"]).exits(2).says("not revoked");
    let held = revoke(&sandbox, &["alice", "--reason", "certificate-hold"]);
    sandbox.pki(["renew", "alice", "--rekey"]).exits(2).says("on hold").says("removeFromCRL");
    let lifted = revoke(&sandbox, &["alice", "--reason", "remove-from-crl"]);
    assert_eq!((&lifted["change"], &lifted["status"]), (&"hold-lifted".into(), &"valid".into()));
    assert_eq!(sandbox.pki(["show", "alice", "--json"]).exits(0).json()["status"], "valid");

    revoke(&sandbox, &["alice", "--reason", "certificateHold"]);
    let last = revoke(&sandbox, &["alice", "--reason", "privilegeWithdrawn"]);
    assert_eq!((&last["change"], &last["reason"]), (&"hold-made-final".into(), &"privilegeWithdrawn".into()));
    assert!(last["revoked"].as_str() >= held["revoked"].as_str(), "{last}");
    sandbox.pki(["revoke", "alice", "--reason", "removeFromCRL"]).exits(2).says("for good");
}

#[test]
fn reasons_that_are_not_true_of_it_are_refused() {
    let sandbox = with_alice();
    for (reason, instead) in [("cACompromise", "keyCompromise"), ("aACompromise", "privilegeWithdrawn")] {
        sandbox.pki(["revoke", "alice", "--reason", reason]).exits(2).says(&format!("--reason {instead}"));
    }
    sandbox.pki(["revoke", "alice", "--reason", "lost"]).exits(2).says("keyCompromise");
    sandbox.pki(["revoke", "nobody"]).exits(2).says("pki list");
    sandbox.pki(["revoke", "Test Root CA"]).exits(2).says("pki list");
    sandbox.pki(["revoke", "Test Issuing CA", "--reason", "keyCompromise"]).exits(2).says("cACompromise");
    assert_eq!(sandbox.pki(["show", "alice", "--json"]).exits(0).json()["status"], "valid");
}

#[test]
fn a_name_is_the_one_in_use_and_a_serial_number_may_be_of_one_that_was_replaced() {
    let sandbox = with_alice();
    let old = sandbox.pki(["show", "alice", "--json"]).exits(0).json()["serial"].clone();
    sandbox.pki(["renew", "alice"]).exits(0);
    let old = old.as_str().expect("a serial number");
    let revoked = revoke(&sandbox, &[old, "--reason", "superseded"]);
    assert_eq!(revoked["serial"], *old);
    assert_eq!(sandbox.pki(["show", "alice", "--json"]).exits(0).json()["status"], "valid");
    let revoked = revoke(&sandbox, &["alice"]);
    assert_ne!(revoked["serial"], *old);
}

#[test]
fn a_key_that_may_be_in_other_hands_is_not_certified_again() {
    let sandbox = with_alice();
    revoke(&sandbox, &["alice"]);
    sandbox.pki(["issue", "client", "alice"]).exits(2).says("revoked").says("renew alice --rekey");
    sandbox.pki(["renew", "alice"]).exits(2).says("revoked").says("renew alice --rekey");
    sandbox.pki(["renew", "alice", "--rekey"]).exits(0);
    assert_eq!(sandbox.pki(["show", "alice", "--json"]).exits(0).json()["status"], "valid");
    let statuses = sandbox.pki(["list", "--json"]).exits(0).json();
    assert_eq!((&statuses[0]["status"], &statuses[1]["status"]), (&"revoked".into(), &"valid".into()));

    revoke(&sandbox, &["alice", "--reason", "affiliationChanged"]);
    sandbox.pki(["renew", "alice"]).exits(0);
}

/// Certificates are valid from some minutes before they were issued: then it was not revoked yet.
#[test]
fn who_asks_about_an_earlier_time_is_told_how_it_was_then() {
    let sandbox = with_alice();
    let begins = sandbox.pki(["show", "alice", "--json"]).exits(0).json()["not_before"].clone();
    let begins = begins.as_str().expect("a time");
    sandbox.pki(["revoke", "alice", "--reason", "superseded"]).exits(0);
    let chain = sandbox.issued("alice", "fullchain.pem");
    let chain = chain.to_str().expect("a path of ASCII");
    for verify in
        [&["verify", "chain", chain, "--purpose", "client"][..], &["diagnose", "--chain", chain, "--purpose", "client"]]
    {
        sandbox.pki(verify).exits(1).says("revoked");
        let then = sandbox.pki(verify.iter().chain(&["--at", begins, "--json"])).exits(0).json();
        assert_eq!(then["verdict"], "valid", "{then:#}");
    }
    let folder = chain.trim_end_matches("/fullchain.pem");
    sandbox.pki(["diagnose", folder]).exits(1).says("revoked");
    sandbox.pki(["diagnose", folder, "--at", begins]).exits(0);
}

/// OpenSSL, Windows and Go print it each in its own way, and that is what is pasted.
#[test]
fn a_serial_number_is_taken_as_other_programs_print_it() {
    let sandbox = with_alice();
    let serial = sandbox.pki(["show", "alice", "--json"]).exits(0).json()["serial"].clone();
    let serial = serial.as_str().expect("a serial number");
    let decimal = u128::from_str_radix(serial, 16).expect("hexadecimal").to_string();
    let pairs: Vec<&str> = (0..serial.len()).step_by(2).map(|at| &serial[at..at + 2]).collect();
    let printed =
        [format!("0x{serial}"), format!("serial={}", serial.to_uppercase()), pairs.join(" "), pairs.join(":"), decimal];
    for typed in &printed {
        sandbox.pki(["show", typed]).exits(0).says("alice");
        sandbox.pki(["log", typed]).exits(0).says("name=alice");
        assert_eq!(revoke(&sandbox, &[typed])["serial"], serial, "{typed}");
    }
    let ca = sandbox.shell("openssl x509 -noout -serial -in store/ca/issuing.pem").stdout;
    if ca.starts_with("serial=") {
        assert_eq!(revoke(&sandbox, &[ca.trim()])["name"], "Test Issuing CA");
    }
    sandbox.pki(["show", "lic"]).exits(2).says("pki list --name '*lic*'");
    sandbox.pki(["crl", "--out", "nowhere/crl.pem"]).exits(3).says("nowhere/crl.pem").says("give another place");
}

/// The list that names a CA is its root's, whose key may be elsewhere: that is said until it is made.
#[test]
fn a_revoked_ca_is_asked_to_be_put_into_its_roots_list() {
    let sandbox = Sandbox::new();
    let ca = ["init-ca", "--name", "Root CA", "--intermediate", "Issuing CA", "--root-key-out", "root.key"];
    sandbox.pki(ca).exits(0);
    sandbox.pki(["crl", "--root-key", "root.key"]).exits(0);
    sandbox.pki(["crl"]).exits(0).does_not_say("is not here");
    let revoked = sandbox.pki(["revoke", "Issuing CA", "--reason", "cACompromise"]).exits(0);
    let revoked = revoked.says("pki crl --root-key FILE").says("pki rollover --intermediate --root-key FILE");
    revoked.says("pki list --issued-by 'Issuing CA'");
    sandbox.pki(["crl"]).exits(0).says("\"Root CA\" is not here").says("revoked since").says("--root-key FILE");
    sandbox.pki(["crl", "--root-key", "root.key"]).exits(0);
    sandbox.pki(["crl"]).exits(0).does_not_say("is not here");
}

/// A CA that issues no more has left certificates behind, which go down with it.
#[test]
fn what_hangs_on_a_revoked_ca_is_told_though_another_issues() {
    let sandbox = with_alice();
    sandbox.pki(["rollover", "--intermediate"]).exits(0);
    let told = sandbox.pki(["revoke", "Test Issuing CA", "--reason", "cACompromise"]).exits(0);
    let told = told.says("1 certificate in use").says("pki renew NAME").does_not_say("pki rollover");
    told.says("pki list --issued-by 'Test Issuing CA'");
    sandbox.pki(["renew", "alice"]).exits(0);
    let again = revoke(&sandbox, &["Test Issuing CA"]);
    assert_eq!(again["issued_in_use"], 0, "{again:#}");
    sandbox.pki(["revoke", "Test Issuing CA"]).exits(0).does_not_say("--issued-by");
}

/// The one in use is not made anew because an older one is of no use.
#[test]
fn an_older_certificate_that_is_exported_is_not_said_to_be_renewed() {
    let sandbox = with_alice();
    sandbox.pki(["renew", "alice"]).exits(0);
    let older = list(&sandbox, "valid").swap_remove(0);
    revoke(&sandbox, &[&older, "--reason", "superseded"]);
    let told = sandbox.pki(["export", "der", &older, "--out", "older.der"]).exits(0).does_not_say("pki renew");
    told.says("this older certificate of alice is revoked").says("pki export der alice");
    revoke(&sandbox, &["alice"]);
    sandbox.pki(["export", "der", &older, "--out", "all.der"]).exits(0).says("pki renew alice --rekey");
}

/// Nothing is left out because there is much of it; what a person reads is short, and what a program reads is whole.
#[test]
fn however_many_certificates_a_name_has_all_are_revoked() {
    /// More than there were rows looked through once: one that is renewed every day has so many in little more than a year.
    const OLDER: usize = 450;
    let Some(python) = peer("python3") else { return };
    let sandbox = with_alice();
    sandbox.pki(["renew", "alice", "--rekey"]).exits(0);
    add_older(&sandbox, &python, OLDER);
    let living = |status: &str| list(&sandbox, status).len();
    assert_eq!(living("valid"), OLDER + 2);
    let told = sandbox.pki(["revoke", "alice"]).exits(0);
    let shown = format!("{} older of the same name", OLDER + 1);
    told.says(&shown).says("pki list --name alice");
    assert_eq!((living("valid"), living("revoked")), (0, OLDER + 2));

    let sandbox = with_alice();
    add_older(&sandbox, &python, OLDER);
    assert_eq!(revoke(&sandbox, &["alice"])["also"].as_array().map(Vec::len), Some(OLDER));
    let lists = sandbox.pki(["crl", "--json"]).exits(0).json();
    let entries = lists["lists"].as_array().expect("lists").iter().filter_map(|list| list["entries"].as_u64());
    assert_eq!(entries.max(), u64::try_from(OLDER + 1).ok(), "{lists:#}");
}

/// A kill between two of them would leave one alive that nobody looks for.
#[test]
#[cfg(debug_assertions)]
fn a_name_is_revoked_whole_or_not_at_all() {
    for (fault, expected) in [("change:1:kill", [3, 0]), ("go on after a change of:1:kill", [0, 3])] {
        let sandbox = with_alice();
        for _ in 0..2 {
            sandbox.pki(["renew", "alice", "--rekey"]).exits(0);
        }
        let mut command = sandbox.command(programs::pki());
        command.args(["revoke", "alice"]).env("PKI_FAULT", fault);
        complete(command, "").says("a fault on purpose");
        let found = ["valid", "revoked"].map(|status| list(&sandbox, status).len());
        assert_eq!(found, expected, "{fault}");
        sandbox.pki(["check"]).exits(0);
        let logged = sandbox.pki(["log", "--json"]).exits(0).text().matches("\"revoke\"").count();
        assert_eq!(logged, expected[1], "an entry each");
    }
}

#[test]
fn a_name_is_put_on_hold_and_given_back_with_all_its_certificates() {
    let sandbox = with_alice();
    sandbox.pki(["renew", "alice"]).exits(0);
    sandbox.pki(["renew", "alice", "--rekey"]).exits(0);
    let [oldest, older, newest] = list(&sandbox, "valid").try_into().expect("three certificates");
    let held = revoke(&sandbox, &["alice", "--reason", "certificateHold"]);
    assert_eq!((&held["change"], &held["serial"]), (&"revoked".into(), &newest.clone().into()));
    assert_eq!(held["also"], serde_json::json!([older, oldest]));
    assert_eq!(reasons(&sandbox), ["certificateHold"; 3]);
    let lifted = revoke(&sandbox, &["alice", "--reason", "removeFromCRL"]);
    assert_eq!((&lifted["change"], &lifted["also"]), (&"hold-lifted".into(), &serde_json::json!([older, oldest])));
    assert_eq!(list(&sandbox, "valid").len(), 3);

    // A number means one alone.
    revoke(&sandbox, &[&older, "--reason", "certificateHold"]);
    assert_eq!(list(&sandbox, "revoked"), *std::slice::from_ref(&older));
    // The one in use holds; the hold that a name has is lifted where it is.
    let lifted = revoke(&sandbox, &["alice", "--reason", "removeFromCRL"]);
    assert_eq!((&lifted["serial"], &lifted["also"]), (&older.clone().into(), &serde_json::json!([])));
    sandbox.pki(["revoke", "alice", "--reason", "removeFromCRL"]).exits(2).says("not revoked");

    // What is revoked for good is neither put on hold nor given back.
    revoke(&sandbox, &[&oldest, "--reason", "keyCompromise"]);
    revoke(&sandbox, &["alice", "--reason", "certificateHold"]);
    let lifted = revoke(&sandbox, &["alice", "--reason", "removeFromCRL"]);
    assert_eq!(lifted["also"], serde_json::json!([older]));
    assert_eq!(list(&sandbox, "revoked"), [oldest]);
}

#[test]
fn an_older_certificate_on_hold_is_made_final_with_its_name() {
    let sandbox = with_alice();
    sandbox.pki(["renew", "alice", "--rekey"]).exits(0);
    let older = list(&sandbox, "valid").swap_remove(0);
    let held = revoke(&sandbox, &[&older, "--reason", "certificateHold"]);
    let revoked = revoke(&sandbox, &["alice", "--reason", "keyCompromise"]);
    assert_eq!(revoked["also"], serde_json::json!([older]));
    assert_eq!(reasons(&sandbox), ["keyCompromise"; 2]);
    let shown = sandbox.pki(["show", &older, "--json"]).exits(0).json();
    assert_eq!(shown["revoked"], held["revoked"], "the date stays that of the hold");
    sandbox.pki(["revoke", &older, "--reason", "removeFromCRL"]).exits(2).says("for good");
}

/// The one in use was revoked by its number: the others follow by the name, and that is not told as if nothing had happened.
#[test]
fn older_certificates_follow_one_that_was_revoked_alone() {
    for (asked, reason) in [(None, "superseded"), (Some("keyCompromise"), "keyCompromise")] {
        let sandbox = with_alice();
        sandbox.pki(["renew", "alice", "--rekey"]).exits(0);
        let [older, newest] = list(&sandbox, "valid").try_into().expect("two certificates");
        revoke(&sandbox, &[&newest, "--reason", "superseded"]);
        let flags = asked.iter().flat_map(|asked| ["--reason", asked]);
        let told = sandbox.pki(["revoke", "alice"].into_iter().chain(flags)).exits(0);
        told.says(&older).does_not_say("nothing was changed");
        assert_eq!(reasons(&sandbox), [reason, "superseded"]);
        sandbox.pki(["revoke", "alice"]).exits(0).says("nothing was changed");
    }
}

/// A name is meant as it is typed, not as certificates write it.
#[test]
fn a_name_beyond_ascii_means_all_its_certificates() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", "bücher.example.test"]).exits(0);
    sandbox.pki(["renew", "bücher.example.test", "--rekey"]).exits(0);
    let also = &revoke(&sandbox, &["bücher.example.test"])["also"];
    assert_eq!(also.as_array().map(Vec::len), Some(1), "{also}");
}

/// Another certificate for a name on hold would go round the hold, and no command is told that is refused.
#[test]
fn a_name_on_hold_is_told_how_the_hold_is_lifted() {
    let sandbox = with_alice();
    sandbox.write("people.csv", "purpose,names\nclient,alice\n");
    let batch = || sandbox.pki(["issue", "batch", "people.csv"]).exits(3);
    let lift = "pki revoke alice --reason removeFromCRL";
    revoke(&sandbox, &["alice", "--reason", "certificateHold"]);
    sandbox.pki(["issue", "client", "alice"]).exits(2).says(lift).does_not_say("pki renew");
    batch().says("on hold").says(lift).does_not_say("pki renew");
    sandbox.pki(["export", "der", "alice"]).exits(0).says("on hold").says(lift).does_not_say("pki renew");
    revoke(&sandbox, &["alice"]);
    batch().says("revoked").says("pki renew alice --rekey").does_not_say("--add");
}

/// A command in a note is pasted as it stands, and must not find another store.
#[test]
fn commands_in_notes_go_to_the_store_that_was_named() {
    let sandbox = Sandbox::new();
    let pki = |line: &str| {
        let mut command = sandbox.command(programs::pki());
        command.args(["--store", "other"]).args(line.split(' ')).env_remove("PKI_STORE");
        complete(command, "").exits(0)
    };
    pki("init-ca --name Root --intermediate Issuing --root-key-out root.key");
    pki("crl").says("pki --store other crl --root-key FILE");
    pki("issue client alice");
    pki("revoke alice --reason certificateHold");
    pki("export der alice --out held.der").says("pki --store other revoke alice --reason removeFromCRL");
    pki("revoke alice");
    let until = "clients take it until `pki --store other crl`";
    let mut verify = sandbox.command(programs::pki());
    let chain = ["verify", "chain", "other/certs/alice/fullchain.pem", "--purpose", "client"];
    verify.args(["--store", "other"]).args(chain).env_remove("PKI_STORE");
    complete(verify, "").exits(1).says(until);
    pki("export der alice --out revoked.der").says("pki --store other renew alice --rekey");
}

/// Puts older certificates of `alice` into the index as renewals leave them, without a run of the program for each.
const ADD_OLDER: &str = "import sqlite3, sys
index = sqlite3.connect('store/index.sqlite')
copied = 'state, name, folded, purpose, days, reserved, authority, partition, folder, key_here, common_name, sans, subject, issuer, \
not_before, not_after, sha256, certificate'
insert = f\"INSERT INTO certificate (serial, replaced_by, {copied}) SELECT ?1, serial, {copied} FROM certificate \
WHERE name = 'alice' AND state = 'issued' AND replaced_by IS NULL\"
for number in range(int(sys.argv[1])):
    index.execute(insert, [((0x41 << 120) + number).to_bytes(16, 'big')])
index.commit()";

fn add_older(sandbox: &Sandbox, python: &Path, count: usize) {
    sandbox.run(python, ["-c", ADD_OLDER, &count.to_string()]).exits(0);
}

/// Serial numbers, in the order in which they were issued.
#[track_caller]
fn list(sandbox: &Sandbox, status: &str) -> Vec<String> {
    let listed = sandbox.pki(["list", "--json", "--status", status]).exits(0).json();
    let serial = |entry: &Value| entry["serial"].as_str().expect("a text").to_owned();
    listed.as_array().expect("a list").iter().map(serial).collect()
}

#[track_caller]
fn reasons(sandbox: &Sandbox) -> Vec<String> {
    let listed = sandbox.pki(["list", "--json"]).exits(0).json();
    let reason = |entry: &Value| entry["reason"].as_str().unwrap_or("none").to_owned();
    listed.as_array().expect("a list").iter().map(reason).collect()
}

fn with_alice() -> Sandbox {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "client", "alice"]).exits(0);
    sandbox
}

#[track_caller]
fn revoke(sandbox: &Sandbox, arguments: &[&str]) -> Value {
    sandbox.pki(["revoke", "--json"].iter().chain(arguments)).exits(0).json()
}
