//! `pki backup` makes a store of a store, at any moment; a plain copy that was taken at a bad one says so.

use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicBool, Ordering};

use tests::Sandbox;
use tests::peers::peer;

fn used() -> Sandbox {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", "app.example.test"]).exits(0);
    sandbox.pki(["issue", "client", "alice", "--out", "alice"]).exits(0);
    sandbox.pki(["revoke", "alice"]).exits(0);
    sandbox.pki(["crl"]).exits(0);
    sandbox
}

#[test]
fn a_copy_says_how_it_is_used() {
    let sandbox = used();
    for target in ["copy", "copy.tar"] {
        let told = sandbox.pki(["backup", target]).exits(0).text();
        let next = told.lines().skip_while(|line| !line.starts_with("To use it")).nth(1).expect("a command");
        sandbox.shell(next).exits(0).says("the store is sound");
    }
}

#[test]
fn a_copy_is_a_store() {
    let sandbox = used();
    let made = sandbox.pki(["backup", "backups/first", "--json"]).exits(0).json();
    assert_eq!(made["certificates"], 2, "{made}");
    let mode = |file: &str| sandbox.file(file).metadata().expect("it is there").permissions().mode() & 0o7777;
    assert_eq!(mode("backups/first"), 0o700);
    assert_eq!(mode("backups/first/certs/app.example.test/privkey.pem"), 0o600);
    assert_eq!(mode("backups/first/index.sqlite"), 0o600);
    for file in ["ca/root.pem", "ca/issuing.key", "ca/crl.pem", "certs/app.example.test/fullchain.pem"] {
        let copy = sandbox.read(format!("backups/first/{file}"));
        assert_eq!(copy, sandbox.read(format!("store/{file}")), "{file}");
    }
    let listed = sandbox.pki(["list", "--json"]).exits(0).stdout;
    assert_eq!(sandbox.pki(["--store", "backups/first", "list", "--json"]).exits(0).stdout, listed);
    sandbox.pki(["--store", "backups/first", "check"]).exits(0);
    let mark = made["mark"].as_str().expect("a mark");
    sandbox.pki(["log", "verify", "--expect", mark]).exits(0);
    sandbox.pki(["--store", "backups/first", "log", "verify", "--expect", mark]).exits(0);
    sandbox.pki(["log"]).exits(0).says("backup  to=");
    sandbox.pki(["--store", "backups/first", "issue", "client", "bob"]).exits(0);
    sandbox.pki(["check"]).exits(0);
}

#[test]
fn nothing_is_written_over_and_no_copy_is_in_itself() {
    let sandbox = used();
    sandbox.shell("mkdir there; echo kept >there/file; ln -s nowhere link").exits(0);
    for target in ["there", "there/file", "link"] {
        let refused = sandbox.pki(["backup", target]).exits(2).says("is there already").says("give another place");
        refused.does_not_say("--force").does_not_say("renew");
    }
    assert_eq!(sandbox.read("there/file"), "kept\n");
    sandbox.pki(["backup", "store/certs/copy"]).exits(2).says("is in the store");
    sandbox.pki(["check"]).exits(0);
}

#[test]
fn an_archive_holds_a_store() {
    let sandbox = used();
    sandbox.pki(["backup", "copy.tar"]).exits(0).says("alice");
    let mode = sandbox.file("copy.tar").metadata().expect("it is there").permissions().mode() & 0o7777;
    assert_eq!(mode, 0o600);
    let Some(tar) = peer("tar") else { return };
    sandbox.run(tar, ["-xpf", "copy.tar"]).exits(0);
    sandbox.pki(["--store", "pki", "check"]).exits(0).says("sound");
    let left: Vec<_> = std::fs::read_dir(sandbox.path()).expect("our folder").flatten().collect();
    assert!(left.iter().all(|entry| !entry.file_name().to_string_lossy().ends_with(".new")), "{left:?}");
}

/// As `docs/deploy.md` has it: the store is gone, and the archive takes its place.
#[test]
fn a_lost_store_is_restored_from_its_archive() {
    let (Some(_), Some(_)) = (peer("tar"), peer("openssl")) else { return };
    let sandbox = used();
    let made = sandbox.pki(["backup", "copy.tar", "--json"]).exits(0).json();
    sandbox.shell("cp store/certs/app.example.test/fullchain.pem kept.pem; rm -r store").exits(0);
    sandbox.pki(["list"]).exits(4);
    sandbox.shell("tar -xpf copy.tar; mv pki store").exits(0);
    sandbox.pki(["check"]).exits(0).says("sound");
    sandbox.pki(["log", "verify", "--expect", made["mark"].as_str().expect("a mark")]).exits(0);
    sandbox.pki(["crl"]).exits(0);
    sandbox.pki(["issue", "client", "bob"]).exits(0);
    sandbox.pki(["renew", "app.example.test"]).exits(0);
    let verify = "openssl verify -crl_check -CAfile store/ca/root.pem -CRLfile store/ca/crl.pem -untrusted";
    sandbox.shell(&format!("{verify} kept.pem kept.pem")).exits(0);
    sandbox.shell(&format!("{verify} alice/chain.pem alice/cert.pem")).exits(2).says("revoked");
    sandbox.pki(["check"]).exits(0).says("sound");
}

/// Copies made while three others write: the right ones are sound, and plain ones say what they are.
#[test]
fn copies_while_others_write() {
    /// Copies of each kind.
    const COPIES: usize = 4;
    let sandbox = used();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for writer in 0..3 {
            let (sandbox, done) = (&sandbox, &done);
            scope.spawn(move || {
                for number in 0.. {
                    if done.load(Ordering::Relaxed) {
                        return;
                    }
                    sandbox.pki(["issue", "client", &format!("client-{writer}-{number}")]).exits(0);
                }
            });
        }
        for number in 0..COPIES {
            let (right, plain) = (format!("right-{number}"), format!("plain-{number}"));
            sandbox.pki(["backup", &right]).exits(0);
            sandbox.pki(["--store", &right, "check"]).exits(0).says("sound");
            // Files that go while they are copied make cp complain, and the copy is what it is.
            let _ = sandbox.run("cp", ["-r", "store", &plain]);
            let found = sandbox.pki(["--store", &plain, "check", "--repair"]);
            match found.code() {
                0 | 1 => {}
                _ => drop(found.exits(4).says("index").does_not_say("panicked")),
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    sandbox.pki(["check"]).exits(0).says("sound");
}
