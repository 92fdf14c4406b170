//! What a store meets from outside: a full disk, a disk that cannot be written, another user, and many at once.

use std::io::Write;
use std::os::unix::fs::{MetadataExt, chown};
use std::time::{Duration, Instant};

use tests::peers::peer;
use tests::{Sandbox, programs};

/// A user that is not ours, and owns nothing: Debian's nobody.
const NOBODY: u32 = 65_534;

/// Runs lines in name spaces of their own, where a file system may be mounted; none where this machine does not allow it.
fn apart(sandbox: &Sandbox, lines: &str) -> Option<tests::Outcome> {
    let unshare = peer("unshare")?;
    let mount = "mkdir probe; mount -t tmpfs -o size=64k tmpfs probe; umount probe; rmdir probe";
    if !sandbox.run(&unshare, ["--map-root-user", "--mount", "sh", "-ec", mount]).succeeded() {
        writeln!(std::io::stderr(), "skipped: this machine lets nobody mount a file system of his own").ok()?;
        return None;
    }
    Some(sandbox.run(unshare, ["--map-root-user", "--mount", "sh", "-c", lines]))
}

#[test]
fn a_full_disk_loses_nothing() {
    let sandbox = Sandbox::new();
    let lines = "mkdir -m 700 disk; mount -t tmpfs -o size=2m,mode=700 tmpfs disk; export PKI_STORE=disk/store
        pki init-ca --name 'Test Root CA' && pki issue client alice || exit 9
        free=$(df --output=avail -k disk | tail -1)
        for left in 0 4 8 16 24 32 48; do
            head -c $(((free - left) * 1024)) /dev/zero >disk/fill
            pki issue client \"bob-$left\" 2>error; echo \"left=$left code=$?\"; cat error
            rm disk/fill
            pki check --repair >/dev/null; echo \"repaired=$?\"
            pki check >/dev/null; echo \"sound=$?\"
            free=$(df --output=avail -k disk | tail -1)
        done
        pki show alice >/dev/null; echo \"alice=$?\"
        pki issue client carol >/dev/null; echo \"carol=$?\"";
    let Some(outcome) = apart(&sandbox, lines) else { return };
    let outcome = outcome.exits(0).says("left=0 code=4").says("make room").says("alice=0").says("carol=0");
    let outcome = outcome.does_not_say("repaired=1").does_not_say("repaired=4").does_not_say("sound=1");
    outcome.does_not_say("code=70").does_not_say("panicked").does_not_say("code=1\n");
}

#[test]
fn a_chat_on_a_full_disk_goes_on_and_says_so() {
    let sandbox = tests::irc::with_certificates();
    // Fifty texts of two hundred octets are more than SQLite has spare room for in a file that is there.
    let lines = "mkdir -m 700 disk; mount -t tmpfs -o size=2m,mode=700 tmpfs disk; mkfifo told
        chat serve --store store --name localhost --listen 127.0.0.1:0 --data disk >told 2>log & server=$!
        exec 3<told; while read -r line <&3; do case $line in listening*) port=${line##*:}; break;; esac; done
        long=$(head -c 200 /dev/zero | tr '\\0' x)
        mkfifo typed; chat connect localhost:$port --store store --as alice --join lobby <typed >talk & client=$!
        exec 4>typed; until grep -q 'here:' talk; do :; done
        head -c 3000000 /dev/zero >disk/fill 2>/dev/null
        for n in $(seq 50); do echo \"full $n $long\" >&4; done; until grep -q '> full 50 ' talk; do :; done
        chat account add carol --data disk --password-file store/ca/root.pem; echo \"account=$?\"
        rm disk/fill; echo 'room again' >&4; until grep -q '> room again' talk; do :; done
        echo /quit >&4; wait $client; echo \"client=$?\"
        kill $server; wait $server; echo \"server=$?\"; cat log";
    let Some(outcome) = apart(&sandbox, lines) else { return };
    let outcome = outcome.says("client=0").says("server=0").says("history-failed").says("disk/chat.sqlite");
    outcome.says("expected room on its disk, found none").says("account=4").says("df -h disk").does_not_say("panicked");
}

#[test]
fn a_disk_that_cannot_be_written_is_told() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "client", "alice"]).exits(0);
    let lines = "mount --bind store store; mount -o remount,bind,ro store
        pki issue client bob; echo \"issue=$?\"
        pki revoke alice; echo \"revoke=$?\"
        pki check --repair; echo \"repair=$?\"";
    let Some(outcome) = apart(&sandbox, lines) else { return };
    let outcome = outcome.says("issue=4").says("revoke=4").says("repair=4");
    outcome.says("Read-only file system").does_not_say("panicked");
    sandbox.pki(["check"]).exits(0).says("sound");
}

#[test]
fn a_store_that_cannot_be_written_is_read() {
    let sandbox = Sandbox::new();
    // A folder whose name means something in a URI.
    let lines = "mkdir -p 'a?b#c%20'; export PKI_STORE='a?b#c%20/store'
        pki init-ca --name 'Test Root CA' && pki issue client alice || exit 9
        mount --bind \"$PKI_STORE\" \"$PKI_STORE\"; mount -o remount,bind,ro \"$PKI_STORE\"
        pki list && pki show alice && pki log && pki log verify && pki check";
    let Some(outcome) = apart(&sandbox, lines) else { return };
    outcome.exits(0).says("alice").says("sound");
    // Who can read the key could copy it, so it is given out; that the log lacks it is told.
    let sandbox = Sandbox::new();
    let lines = "pki init-ca --name 'Test Root CA' && pki issue client alice || exit 9
        mount --bind store store; mount -o remount,bind,ro store
        pki export bundle alice && pki export der alice --out - >/dev/null && pki export ca --json && pki log";
    let Some(outcome) = apart(&sandbox, lines) else { return };
    let outcome = outcome.exits(0).says("its log does not have this export").says("\"logged\": false");
    assert_eq!(outcome.stderr.matches("its log does not").count(), 2, "{outcome}");
    outcome.says("issue").does_not_say("form=bundle");
    // Changes that wait in the log beside the index are in no file that can be read so.
    let sandbox = Sandbox::with_ca();
    let lines = "echo waiting >store/index.sqlite-wal; chmod 600 store/index.sqlite-wal
        mount --bind store store; mount -o remount,bind,ro store; pki list";
    let Some(outcome) = apart(&sandbox, lines) else { return };
    outcome.exits(4).says("index.sqlite-wal").says("pki --store DIR check");
}

#[test]
fn another_users_store_is_told() {
    let sandbox = Sandbox::with_ca();
    let own = sandbox.store().metadata().expect("a store").uid();
    let Some(setpriv) = peer("setpriv") else { return };
    // Only the system's administrator can give files away.
    if own != 0 || chown(sandbox.file("store/ca/issuing.key"), Some(NOBODY), None).is_err() {
        return;
    }
    sandbox.pki(["check"]).exits(1).says("wrong-owner").says("issuing.key").says("chown 0");
    sandbox.pki(["check", "--repair"]).exits(0);
    assert_eq!(sandbox.file("store/ca/issuing.key").metadata().expect("a key").uid(), own);
    sandbox.pki(["check"]).exits(0);
    // The sandbox's folder is its owner's alone; who may enter it still may not enter the store.
    sandbox.shell("chmod 755 .; cp \"$(command -v pki)\" pki; chmod 755 pki").exits(0);
    let other = [format!("--reuid={NOBODY}"), "--clear-groups".into()];
    for command in [&["list"][..], &["issue", "client", "mallory"], &["check"], &["backup", "copy"]] {
        let arguments = other.iter().map(String::as_str).chain(["./pki"]).chain(command.iter().copied());
        let outcome = sandbox.run(&setpriv, arguments);
        outcome.exits(4).says("Permission denied").does_not_say("panicked");
    }
    sandbox.pki(["check"]).exits(0).says("sound");
}

/// Eight processes issue, revoke and make lists. `PKI_STRESS_SECONDS=60` lets them do so for a minute.
#[test]
fn eight_at_once() {
    /// Who writes.
    const WRITERS: usize = 8;
    let seconds = std::env::var("PKI_STRESS_SECONDS").ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(4);
    let (sandbox, end) = (Sandbox::with_ca(), Instant::now() + Duration::from_secs(seconds));
    let work = |writer: usize| {
        let mut issued = 0_usize;
        while Instant::now() < end {
            let name = format!("client-{writer}-{issued}");
            sandbox.pki(["issue", "client", &name]).exits(0);
            issued += 1;
            if issued.is_multiple_of(2) {
                sandbox.pki(["revoke", &name]).exits(0);
            }
            if issued.is_multiple_of(3) {
                sandbox.pki(["crl"]).exits(0);
            }
        }
        issued
    };
    let issued: usize = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS).map(|writer| scope.spawn(move || work(writer))).collect();
        writers.into_iter().map(|writer| writer.join().expect("every command succeeds")).sum()
    });
    let report = sandbox.pki(["check", "--json"]).exits(0).json();
    assert_eq!((&report["verdict"], &report["certificates"]), (&"sound".into(), &issued.into()), "{report:#}");
    sandbox.pki(["log", "verify"]).exits(0);
    let log = sandbox.pki(["log", "--json"]).exits(0).json();
    let numbers: Vec<_> =
        log.as_array().expect("an array").iter().filter(|entry| entry["operation"] == "crl").collect();
    let ca = |entry: &serde_json::Value| (entry["detail"]["ca"].to_string(), entry["detail"]["number"].to_string());
    let distinct: std::collections::BTreeSet<_> = numbers.iter().map(|entry| ca(entry)).collect();
    assert_eq!(distinct.len(), numbers.len(), "no number of a list is used twice");
}

/// What makes CAs, what changes their keys and what uses them: each is done, or says why it was not, and no key is left behind under
/// a passphrase that was changed.
#[test]
fn cas_are_changed_and_used_at_once() {
    let sandbox = Sandbox::new();
    sandbox.shell("umask 077; echo one >one; echo two >two").exits(0);
    let one = ["--passphrase-file", "one"];
    let with = |command: &str, more: &[&str]| sandbox.pki(command.split(' ').chain(more.iter().copied()));
    let ca = ["init-ca", "--name", "Root CA", "--intermediate", "Issuing CA"];
    sandbox.pki(ca.iter().chain(&one)).exits(0);
    with("issue server app.example.test --days 20", &one).exits(0);
    with("issue client alice --days 20", &one).exits(0);
    with("crl", &one).exits(0);
    let work = |command: &str| {
        for _ in 0..2 {
            // The keys may have the other passphrase by now: then that is said.
            let keyed = !command.starts_with("export") && !command.starts_with("passphrase");
            let outcome = with(command, if keyed { &one } else { &[] });
            assert!([0, 1, 2, 4].contains(&outcome.code()), "{outcome}");
            outcome.does_not_say("panicked").does_not_say("damaged");
        }
    };
    let change = "passphrase --passphrase-file one --new-passphrase-file two";
    std::thread::scope(|scope| {
        for command in [
            "rollover --intermediate",
            "rollover --root",
            "rollover --root --same-key",
            "rollover --intermediate --same-key",
            change,
            "export p12 app.example.test --password-file one --force",
            "renew --expiring 30d --rekey",
            "crl",
        ] {
            scope.spawn(move || work(command));
        }
    });
    sandbox.pki(["check"]).exits(0).says("sound");
    sandbox.pki(["log", "verify"]).exits(0).says("whole");
    let listed = sandbox.pki(["list", "--json"]).exits(0).json();
    let serials: Vec<_> =
        listed.as_array().expect("an array").iter().map(|entry| entry["serial"].to_string()).collect();
    assert_eq!(serials.iter().collect::<std::collections::BTreeSet<_>>().len(), serials.len(), "{listed}");
    // All keys, also those that were made meanwhile.
    for key in std::fs::read_dir(sandbox.store().join("ca")).expect("a folder").flatten().map(|entry| entry.path()) {
        if key.extension().is_some_and(|extension| extension == "key") {
            let text = std::fs::read_to_string(&key).expect("a key");
            assert!(text.starts_with("-----BEGIN ENCRYPTED"), "{}", key.display());
        }
    }
    let two = ["--passphrase-file", "two"];
    with("issue client bob", &two).exits(0);
    with("crl", &two).exits(0);
    sandbox.pki(["verify", "chain", "store/certs/bob/fullchain.pem", "--purpose", "client"]).exits(0);
}

#[test]
fn a_variable_that_is_set_to_nothing_is_not_set() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(programs::pki());
    command.args(["list"]).env("PKI_STORE", "");
    tests::sandbox::complete(command, "").exits(4).says("home/.local/share/pki");
    sandbox.pki(["--store", "", "list"]).exits(2).says("--store");
}
