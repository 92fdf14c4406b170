//! Renewing on time: what is due and only that, hooks that are not forgotten, and files that fit each other at all times.

use std::path::Path;

use tests::peers::peer;
use tests::programs::{pki, workspace};
use tests::{Outcome, Sandbox};

const HOST: &str = "app.example.test";

#[test]
fn what_is_due_is_renewed_and_the_exit_code_says_whether_anything_was() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["renew", "--expiring", "30d"]).exits(1).says("nothing is due");
    sandbox.pki(["issue", "client", "alice", "--days", "10", "--email", "alice@example.test"]).exits(0);
    sandbox.pki(["issue", "server", HOST]).exits(0);
    let before = entry(&sandbox, "alice");
    sandbox.pki(["renew", "--expiring", "30d", "--check"]).exits(0).says("alice").does_not_say(HOST);
    assert_eq!(entry(&sandbox, "alice"), before, "a check changes nothing");

    let round = sandbox.pki(["renew", "--expiring", "30d", "--days", "90", "--json"]).exits(0).json();
    assert_eq!((&round["due"], &round["renewed"][0]["name"]), (&1.into(), &"alice".into()));
    let after = entry(&sandbox, "alice");
    assert_ne!(after["serial"], before["serial"]);
    for same in ["subject", "sans", "purpose", "issuer"] {
        assert_eq!(after[same], before[same], "{same}");
    }
    sandbox.pki(["renew", "--expiring", "30d"]).exits(1);
    sandbox.pki(["renew", "--expiring", "30d", "--check"]).exits(1);
    sandbox.pki(["renew", "--expiring", "91d", "--json"]).exits(0);
    sandbox.pki(["renew", "--expiring", "30"]).exits(2).says("30d");
    sandbox.pki(["renew", "alice", "--expiring", "30d"]).exits(2);
    sandbox.pki(["renew"]).exits(2);
}

#[test]
fn what_was_revoked_is_not_renewed() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "client", "mallory", "--days", "10"]).exits(0);
    sandbox.pki(["revoke", "mallory", "--reason", "superseded"]).exits(0);
    sandbox.pki(["renew", "--expiring", "30d"]).exits(1);
}

#[test]
fn one_that_fails_does_not_stop_the_others_and_is_named() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    for name in ["alice", "bob", "carol"] {
        sandbox.pki(["issue", "client", name, "--days", "10"]).exits(0);
    }
    std::fs::copy(sandbox.issued("carol", "privkey.pem"), sandbox.issued("bob", "privkey.pem")).expect("a copy");
    let outcome = sandbox.pki(["renew", "--expiring", "30d", "--days", "90", "--json"]).exits(4);
    let round = outcome.json();
    assert_eq!(round["due"], 3);
    assert_eq!(round["renewed"].as_array().map(Vec::len), Some(2), "{outcome}");
    assert_eq!(round["failed"][0]["name"], "bob", "{outcome}");
    sandbox.pki(["renew", "--expiring", "30d"]).exits(4).says("failed   bob").says("--rekey");
    sandbox.pki(["renew", "bob", "--rekey"]).exits(0);
    assert_fits(&sandbox, &sandbox.issued("bob", ""));
}

#[test]
fn a_certificate_that_ends_with_its_ca_is_not_signed_again_and_again() {
    let sandbox = Sandbox::new();
    sandbox.pki(["init-ca", "--name", "Short Root CA", "--days", "20"]).exits(0);
    sandbox.pki(["issue", "client", "alice"]).exits(0);
    sandbox.pki(["renew", "--expiring", "30d"]).exits(4).says("Short Root CA").says("pki rollover");
    assert_eq!(sandbox.pki(["list", "--json"]).exits(0).json().as_array().map(Vec::len), Some(1));
    sandbox.pki(["renew", "alice"]).exits(0);
}

#[test]
fn a_hook_knows_the_certificate() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", HOST, "192.0.2.7", "--days", "10", "--out", "out"]).exits(0);
    let hook = "env | grep ^PKI_ | sort > told; cmp $PKI_CERT out/cert.pem; test -r \"$PKI_KEY\"; echo said";
    let outcome = sandbox.pki(["renew", "--expiring", "30d", "--hook", hook, "--json"]).exits(0);
    assert!(!outcome.stdout.contains("said\n") && outcome.stderr.contains("said"), "{outcome}");
    assert_eq!(outcome.json()["hooks"][0]["failure"], serde_json::Value::Null);
    let (told, out) = (sandbox.read("told"), sandbox.file("out"));
    let serial = outcome.json()["renewed"][0]["serial"].as_str().expect("a serial").to_owned();
    for expected in [
        format!("PKI_NAME={HOST}"),
        format!("PKI_NAMES={HOST} 192.0.2.7"),
        "PKI_PURPOSE=server".into(),
        format!("PKI_SERIAL={serial}"),
        format!("PKI_STORE={}", sandbox.store().display()),
        format!("PKI_FULLCHAIN={}/fullchain.pem", out.display()),
        format!("PKI_KEY={}/privkey.pem", out.display()),
        format!("PKI_CA={}/ca.pem", out.display()),
    ] {
        assert!(told.lines().any(|line| line == expected), "expected {expected}\n{told}");
    }
}

#[test]
fn a_hook_that_fails_is_told_and_run_again_until_it_succeeds() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "client", "alice", "--days", "10"]).exits(0);
    let failing = "echo $PKI_NAME >> tried; test -e mended";
    sandbox
        .pki(["renew", "--expiring", "30d", "--days", "90", "--hook", failing])
        .exits(6)
        .says("failed")
        .says("alice");
    // Nothing is due, and still it is tried; also by a command that does not name it.
    sandbox.pki(["renew", "--expiring", "30d"]).exits(6).says("exit status: 1");
    sandbox.pki(["renew", "--expiring", "30d", "--check"]).exits(1).says(failing);
    assert_eq!(sandbox.read("tried"), "alice\nalice\n");
    // A renewal by hand takes it over.
    sandbox.pki(["renew", "alice"]).exits(6).says("run again");
    sandbox.write("mended", "");
    sandbox.pki(["renew", "--expiring", "30d"]).exits(1).says("done");
    assert_eq!(sandbox.read("tried"), "alice\n".repeat(4));
    sandbox.pki(["renew", "--expiring", "30d"]).exits(1).does_not_say("hook");
    assert_eq!(sandbox.read("tried"), "alice\n".repeat(4), "what is done is done");
}

#[test]
fn a_hook_that_was_mended_takes_the_place_of_the_old_one() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "client", "alice"]).exits(0);
    sandbox.pki(["renew", "alice", "--hook", "no-such-program-here"]).exits(6).says("127");
    sandbox.pki(["renew", "--expiring", "1h", "--hook", "touch reloaded"]).exits(1);
    assert!(sandbox.file("reloaded").exists());
    sandbox.pki(["renew", "--expiring", "1h"]).exits(1).does_not_say("hook");
}

#[test]
fn certificates_are_renewed_where_they_are_and_foreign_keys_are_kept() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", HOST, "--days", "10", "--out", "out"]).exits(0);
    sandbox.write("out/notes.txt", "mine");
    sandbox.shell("openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout app.key -out app.csr -subj /CN=b.example.test").exits(0);
    sandbox.pki(["issue", "server", "b.example.test", "--csr", "app.csr", "--days", "10", "--out", "b"]).exits(0);
    let key = sandbox.read("out/privkey.pem");
    sandbox.pki(["renew", "--expiring", "30d"]).exits(0);
    assert_eq!(sandbox.read("out/privkey.pem"), key, "without --rekey the key stays");
    sandbox.pki(["renew", HOST, "--rekey"]).exits(0);
    assert_ne!(sandbox.read("out/privkey.pem"), key);
    assert_fits(&sandbox, &sandbox.file("out"));
    assert_eq!(sandbox.read("out/notes.txt"), "mine");
    assert!(!sandbox.file("b/privkey.pem").exists());
    assert_eq!(
        sandbox.shell("openssl pkey -in app.key -pubout").exits(0).stdout,
        sandbox.shell("openssl x509 -in b/cert.pem -noout -pubkey").exits(0).stdout,
    );
    for folder in ["out", "b"] {
        sandbox
            .shell(&format!("openssl verify -CAfile {folder}/ca.pem -untrusted {folder}/chain.pem {folder}/cert.pem"))
            .exits(0);
    }
}

const FILES: [&str; 5] = ["chain.pem", "ca.pem", "privkey.pem", "fullchain.pem", "cert.pem"];

/// Renews HOST with a new key as a crash would leave it that came when `placed` of its files were in place. Gives the new
/// certificate's serial number.
fn cut_short(sandbox: &Sandbox, python: &Path, placed: usize, more: &[&str]) -> serde_json::Value {
    let folder = sandbox.issued(HOST, "");
    sandbox.shell(&format!("rm -rf old; cp -a '{}' old", folder.display())).exits(0);
    let renewed = sandbox.pki(["renew", HOST, "--rekey", "--json"].iter().chain(more));
    for file in &FILES[placed..] {
        std::fs::rename(folder.join(file), folder.join(format!(".{file}.new"))).expect("it was there");
        std::fs::copy(sandbox.file("old").join(file), folder.join(file)).expect("it was there");
    }
    let sql = "UPDATE certificate SET state = 'planned', certificate = NULL, sha256 = NULL WHERE replaces IS NOT NULL; \
               UPDATE certificate SET replaced_by = NULL";
    change_index(sandbox, python, sql).exits(0);
    renewed.json()["serial"].clone()
}

fn serials(sandbox: &Sandbox) -> Vec<serde_json::Value> {
    let listed = sandbox.pki(["list", "--json"]).exits(0).json();
    listed.as_array().expect("an array").iter().map(|it| it["serial"].clone()).collect()
}

/// A crash while the files of a renewal with a new key are put in place: the next renewal finishes it.
#[test]
fn a_renewal_that_was_cut_short_is_finished_by_the_next() {
    let (Some(python), Some(_)) = (peer("python3"), peer("openssl")) else { return };
    for placed in 0..FILES.len() {
        let sandbox = Sandbox::with_ca();
        sandbox.pki(["issue", "server", HOST]).exits(0);
        let interrupted = cut_short(&sandbox, &python, placed, &[]);
        sandbox.pki(["renew", HOST]).exits(0);
        let folder = sandbox.issued(HOST, "");
        assert_fits(&sandbox, &folder);
        assert_eq!(
            std::fs::read_dir(&folder).expect("a folder").count(),
            FILES.len(),
            "{placed}: nothing stays behind"
        );
        let found = serials(&sandbox);
        assert!(found.len() == 3 && found.contains(&interrupted), "{placed}: no certificate is lost: {found:?}");
    }
}

#[test]
fn a_renewal_that_was_cut_short_is_finished_by_a_repair() {
    let (Some(python), Some(_)) = (peer("python3"), peer("openssl")) else { return };
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", HOST]).exits(0);
    let interrupted = cut_short(&sandbox, &python, 3, &[]);
    let told = sandbox.pki(["check"]);
    assert!(told.code() != 0, "{told}");
    told.says(interrupted.as_str().expect("a serial number"));
    sandbox.pki(["check", "--repair"]);
    assert_fits(&sandbox, &sandbox.issued(HOST, ""));
    assert_eq!(sandbox.pki(["show", HOST, "--json"]).exits(0).json()["serial"], interrupted);
}

#[test]
fn what_is_due_and_was_begun_is_finished_not_begun_anew_and_its_hook_is_run() {
    let (Some(python), Some(_)) = (peer("python3"), peer("openssl")) else { return };
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", HOST, "--days", "10"]).exits(0);
    cut_short(&sandbox, &python, 2, &["--days", "90", "--hook", "echo $PKI_SERIAL >> reloaded; test -e mended"]);
    sandbox.write("mended", "");
    let round = sandbox.pki(["renew", "--expiring", "30d", "--json"]).exits(0).json();
    assert_eq!((&round["due"], &round["settled"][0]), (&1.into(), &HOST.into()), "{round}");
    assert_fits(&sandbox, &sandbox.issued(HOST, ""));
    assert_eq!(serials(&sandbox).len(), 2);
    assert_eq!(sandbox.read("reloaded").lines().count(), 2, "when it was cut short, and now");
    sandbox.pki(["renew", "--expiring", "30d"]).exits(1).does_not_say("hook");
}

#[test]
fn two_timers_at_once_renew_once() {
    let sandbox = Sandbox::with_ca();
    for name in ["alice", "bob", "carol"] {
        sandbox.pki(["issue", "client", name, "--days", "10"]).exits(0);
    }
    let both = "pki renew --expiring 30d --days 90 & pki renew --expiring 30d --days 90; first=$?; wait $! || test $? = 1; \
                test $first -le 1";
    sandbox.shell(both).exits(0);
    assert_eq!(serials(&sandbox).len(), 6, "each has one successor");
}

#[test]
fn the_timer_is_one_that_systemd_takes() {
    let sandbox = Sandbox::with_ca();
    let command = ["renew", "--expiring", "30d", "--hook", "systemctl reload nginx", "--install-timer"];
    let outcome = sandbox.pki(command.iter().chain(&["--timer-dir", "units"])).exits(0);
    outcome.says("pki-renew.timer").says("systemctl");
    // Written again for the same store, and never over what is another's.
    sandbox.pki(command.iter().chain(&["--timer-dir", "units"])).exits(0);
    sandbox.write("units/pki-renew.timer", "[Timer]\nOnCalendar=weekly\n");
    assert_ne!(sandbox.pki(command.iter().chain(&["--timer-dir", "units"])).code(), 0);
    sandbox.pki(command.iter().chain(&["--timer-dir", "other"])).exits(0);
    for name in ["pki-renew.service", "pki-renew.timer"] {
        let written = sandbox.read(format!("other/{name}"));
        let shown = written
            .replace(&pki().display().to_string(), "/usr/local/bin/pki")
            .replace(&sandbox.store().display().to_string(), "/var/lib/pki");
        let documented = std::fs::read_to_string(workspace().join("docs/systemd").join(name)).expect("it is there");
        assert_eq!(shown, documented, "docs/systemd/{name} is not what the program writes");
    }
    // What the service runs is run.
    let service = sandbox.read("other/pki-renew.service");
    let line = service.lines().find_map(|line| line.strip_prefix("ExecStart=")).expect("a command");
    sandbox.shell(line).exits(1).says("nothing is due");
    let Some(analyze) = peer("systemd-analyze") else { return };
    let user =
        sandbox.run(&analyze, ["verify", "--recursive-errors=no", "other/pki-renew.service", "other/pki-renew.timer"]);
    assert!(user.succeeded() && !user.text().contains("pki-renew"), "{user}");
}

/// Lists end whether anything was revoked or not: what makes them again is a unit too, and the hook has them read again.
#[test]
fn a_timer_makes_lists_again_and_a_hook_has_them_read() {
    let sandbox = Sandbox::with_ca();
    let hook = "cp \"$PKI_CRL\" read.pem";
    let made = sandbox.pki(["crl", "--hook", hook]).exits(0).says("--install-timer");
    assert!(sandbox.file("read.pem").exists(), "{made}");
    sandbox.pki(["crl", "--hook", "exit 3"]).exits(6).says("The lists are made");
    let command =
        ["crl", "--days", "9", "--out", "list.pem", "--hook", hook, "--install-timer", "--timer-dir", "units"];
    sandbox.pki(command).exits(0).says("pki-crl.timer");
    let service = sandbox.read("units/pki-crl.service");
    let line = service.lines().find_map(|line| line.strip_prefix("ExecStart=")).expect("a command");
    assert!(line.contains(&format!("--days 9 --out {}", sandbox.file("list.pem").display())), "{line}");
    assert!(!sandbox.file("list.pem").exists() && !service.contains("SuccessExitStatus"), "{service}");
    assert!(sandbox.read("units/pki-crl.timer").contains("OnCalendar=daily"));
    // A list that ends sooner is made more often; a delta alone would let the complete ones end.
    let hours = |hours: &str| {
        sandbox.pki(["crl", "--hours", hours, "--install-timer", "--timer-dir", hours]).exits(0);
        sandbox.read(format!("{hours}/pki-crl.timer"))
    };
    assert!(hours("2").contains("OnCalendar=*:0/15") && hours("12").contains("OnCalendar=0/4:00"));
    sandbox.pki(["crl", "--delta", "--install-timer", "--timer-dir", "units"]).exits(2);
    sandbox.write("word", "open sesame\n");
    sandbox.pki(["passphrase", "--new-passphrase-file", "word"]).exits(0);
    let locked = ["crl", "--install-timer", "--timer-dir", "locked"];
    sandbox.pki(locked).exits(2).says("--passphrase-file");
    sandbox.pki(locked.iter().chain(&["--passphrase-file", "word"])).exits(0);
    let Some(analyze) = peer("systemd-analyze") else { return };
    let files = [
        "verify",
        "--recursive-errors=no",
        "units/pki-crl.service",
        "units/pki-crl.timer",
        "2/pki-crl.timer",
        "12/pki-crl.timer",
    ];
    let user = sandbox.run(&analyze, files);
    assert!(user.succeeded() && !user.text().contains("pki-crl"), "{user}");
}

#[test]
fn words_of_the_timer_come_through_as_they_were() {
    let sandbox = Sandbox::with_ca();
    let hook = "printf '%s' \"$PKI_NAME\" > \"a b\"";
    let command = ["renew", "--expiring", "4w", "--rekey", "--hook", hook, "--install-timer", "--timer-dir", "units"];
    sandbox.pki(command).exits(0);
    let service = sandbox.read("units/pki-renew.service");
    assert!(service.contains(r#"--rekey --hook "printf '%%s' \"$$PKI_NAME\" > \"a b\"""#), "{service}");
    let refused = ["renew", "--expiring", "4w", "--hook", "a\nExecStart=b", "--install-timer", "--timer-dir", "units"];
    sandbox.pki(refused).exits(2);
}

fn entry(sandbox: &Sandbox, name: &str) -> serde_json::Value {
    sandbox.pki(["show", name, "--json"]).exits(0).json()
}

fn change_index(sandbox: &Sandbox, python: &Path, sql: &str) -> Outcome {
    let change = "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.executescript(sys.argv[2]); c.commit()";
    sandbox.run(python, ["-c", change, &sandbox.file("store/index.sqlite").display().to_string(), sql])
}

/// The key is that of the certificate, and the certificate that of the chain.
fn assert_fits(sandbox: &Sandbox, folder: &Path) {
    let folder = folder.display();
    assert_eq!(
        sandbox.shell(&format!("openssl pkey -in '{folder}/privkey.pem' -pubout")).exits(0).stdout,
        sandbox.shell(&format!("openssl x509 -in '{folder}/fullchain.pem' -noout -pubkey")).exits(0).stdout,
    );
    sandbox.shell(&format!("cat '{folder}/cert.pem' '{folder}/chain.pem' | cmp - '{folder}/fullchain.pem'")).exits(0);
}
