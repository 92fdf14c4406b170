//! The CA's private keys with a passphrase: from a file, a descriptor, the environment or a terminal, and another one
//! in its place. openssl says what the keys are.

use std::path::Path;

use tests::peers::peer;
use tests::sandbox::complete;
use tests::{Outcome, Sandbox, programs};

/// Types answers on a terminal: each when its question has been asked.
const TYPIST: &str = r#"
import os, pty, sys, termios
process, terminal = pty.fork()
if process == 0:
    os.execvp(sys.argv[1], sys.argv[1:sys.argv.index("--")])
answers = sys.argv[sys.argv.index("--") + 1:]
shown = b""
asked = 0
while True:
    try:
        piece = os.read(terminal, 4096)
    except OSError:
        break
    if not piece:
        break
    shown += piece
    if shown.count(b": ") > asked and answers and shown.endswith(b": "):
        asked = shown.count(b": ")
        # A person types after the echo has been turned off.
        while termios.tcgetattr(terminal)[3] & termios.ECHO:
            os.sched_yield()
        os.write(terminal, answers.pop(0).encode() + b"\n")
sys.stdout.write(shown.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
"#;

fn typed(sandbox: &Sandbox, python: &Path, command: &[&str], answers: &[&str]) -> Outcome {
    let pki = programs::pki().display().to_string();
    let mut arguments = vec!["-c", TYPIST, &pki];
    arguments.extend(command);
    arguments.push("--");
    arguments.extend(answers);
    sandbox.run(python, arguments)
}

fn with_passphrase(kdf: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("old.txt", "correct horse\nand a second line\n");
    sandbox.write("new.txt", "battery staple\r\n");
    let init = ["init-ca", "--name", "Test Root CA", "--intermediate", "Test Issuing CA"];
    sandbox.pki(init.iter().chain(&["--passphrase-file", "old.txt", "--kdf", kdf])).exits(0);
    sandbox
}

#[test]
fn a_passphrase_comes_from_file_descriptor_and_environment() {
    let sandbox = with_passphrase("scrypt");
    sandbox.pki(["issue", "client", "a", "--passphrase-file", "old.txt"]).exits(0);
    sandbox.shell("printf 'correct horse\\n' | pki issue client b --passphrase-fd 0").exits(0);
    sandbox.shell("pki issue client c --passphrase-fd 7 7<old.txt").exits(0);
    sandbox.shell("PKI_PASSPHRASE='correct horse' pki issue client d").exits(0);
    sandbox.shell("PKI_PASSPHRASE_FILE=old.txt PKI_PASSPHRASE=wrong pki issue client e").exits(0);
    sandbox.shell("PKI_PASSPHRASE_FILE=absent pki issue client f --passphrase-file old.txt").exits(0);
    sandbox.pki(["issue", "client", "g"]).exits(4).says("is encrypted").says("--passphrase-fd");
    sandbox.shell("PKI_PASSPHRASE=wrong pki issue client g").exits(4).says("does not open").does_not_say("wrong");
    sandbox.shell("PKI_PASSPHRASE= pki issue client g").exits(3).says("PKI_PASSPHRASE");
    sandbox.pki(["issue", "client", "g", "--passphrase-fd", "99"]).exits(3).says("/dev/fd/99");
    sandbox.pki(["issue", "client", "g", "--passphrase-fd", "0", "--passphrase-file", "old.txt"]).exits(2);
    assert_eq!(sandbox.pki(["list", "--json"]).json().as_array().map(Vec::len), Some(6));
}

#[test]
fn a_terminal_is_asked() {
    let Some(python) = peer("python3") else { return };
    let sandbox = with_passphrase("scrypt");
    let issue = typed(&sandbox, &python, &["issue", "client", "alice"], &["correct horse"]).exits(0);
    issue.says("Passphrase of").does_not_say("correct horse");
    typed(&sandbox, &python, &["issue", "client", "bob"], &["wrong"]).exits(4).says("does not open");
    let init = ["--store", "second", "init-ca", "--name", "Another Root CA", "--passphrase-prompt"];
    typed(&sandbox, &python, &init, &["one", "two"]).exits(3).says("differ");
    assert!(!sandbox.file("second/ca").exists(), "nothing is made before the passphrase is known");
    typed(&sandbox, &python, &init, &["one", "one"]).exits(0).says("encrypted");
    let change = ["--store", "second", "passphrase"];
    typed(&sandbox, &python, &change, &["one", "two", "two"]).exits(0).says("new passphrase");
    sandbox.shell("PKI_PASSPHRASE=two pki --store second issue client carol").exits(0);
    sandbox.pki(init.iter().map(|it| if *it == "second" { "third" } else { it })).exits(3).says("no terminal");
}

#[test]
fn the_passphrase_is_changed_given_and_taken_away() {
    let sandbox = with_passphrase("scrypt");
    let change = ["passphrase", "--passphrase-file", "old.txt", "--new-passphrase-file", "new.txt"];
    sandbox.pki(["passphrase", "--passphrase-file", "new.txt", "--remove"]).exits(4).says("does not open");
    let changed = sandbox.pki(change.iter().chain(&["--json"])).exits(0).json();
    assert_eq!(changed["keys"].as_array().map(Vec::len), Some(2), "{changed}");
    sandbox.pki(["issue", "client", "a", "--passphrase-file", "old.txt"]).exits(4);
    sandbox.pki(["issue", "client", "a", "--passphrase-file", "new.txt"]).exits(0);
    sandbox.pki(change).exits(0).says("as it was before");
    sandbox.pki(["log"]).exits(0).says("passphrase");
    sandbox.pki(["passphrase", "--passphrase-file", "new.txt", "--remove"]).exits(0).says("warning");
    sandbox.pki(["issue", "client", "b"]).exits(0);
    sandbox.pki(["passphrase", "--new-passphrase-file", "old.txt"]).exits(0);
    sandbox.pki(["issue", "client", "c", "--passphrase-file", "old.txt"]).exits(0);
    let keys = sandbox.shell("stat -c %a store/ca/root.key store/ca/issuing.key").exits(0).stdout;
    assert_eq!(keys, "600\n600\n");
}

/// As a crash between the two keys leaves it: the same command makes the change to its end.
#[test]
fn a_change_that_was_cut_short_is_made_again() {
    let sandbox = with_passphrase("scrypt");
    let change = ["passphrase", "--passphrase-file", "old.txt", "--new-passphrase-file", "new.txt"];
    sandbox.shell("cp store/ca/root.key root.key.old").exits(0);
    sandbox.pki(change).exits(0);
    sandbox.shell("cp root.key.old store/ca/root.key").exits(0);
    sandbox.pki(change).exits(0);
    let Some(openssl) = peer("openssl") else { return };
    for key in ["root", "issuing"] {
        let key = format!("store/ca/{key}.key");
        sandbox.run(&openssl, ["pkey", "-in", &key, "-passin", "pass:battery staple", "-noout"]).exits(0);
    }
}

#[test]
fn openssl_reads_every_kind_of_key_under_both_derivations() {
    let Some(openssl) = peer("openssl") else { return };
    for (kdf, says) in [("scrypt", "scrypt"), ("pbkdf2", "PBKDF2")] {
        let sandbox = with_passphrase(kdf);
        let key = "store/ca/issuing.key";
        sandbox.run(&openssl, ["asn1parse", "-in", key]).exits(0).says(says);
        sandbox.run(&openssl, ["pkey", "-in", key, "-passin", "pass:correct horse", "-noout"]).exits(0);
        sandbox.run(&openssl, ["pkey", "-in", key, "-passin", "pass:wrong", "-noout"]).exits(1);
    }
    for kind in ["ecdsa-p256", "ecdsa-p384", "ed25519", "rsa-2048", "rsa-3072", "rsa-4096"] {
        every_command_makes(kind, &openssl);
    }
}

fn every_command_makes(kind: &str, openssl: &Path) {
    let sandbox = Sandbox::new();
    sandbox.write("p", "correct horse\n");
    // Long RSA keys take seconds to find in a debug build: each command makes one.
    sandbox.pki(["init-ca", "--name", "R", "--key", kind, "--passphrase-file", "p"]).exits(0);
    sandbox.pki(["issue", "client", "alice", "--passphrase-file", "p"]).exits(0);
    if !["rsa-3072", "rsa-4096"].contains(&kind) {
        sandbox.pki(["issue", "server", "app.example.test", "--key", kind, "--passphrase-file", "p"]).exits(0);
        sandbox.pki(["renew", "app.example.test", "--rekey", "--passphrase-file", "p"]).exits(0);
    }
    let verify = ["verify", "-x509_strict", "-CAfile", "store/ca/root.pem"];
    sandbox.run(openssl, verify.iter().chain(&["store/certs/alice/cert.pem"])).exits(0);
    let mut pairs = vec![("ca/root.key", "ca/root.pem")];
    if sandbox.issued("app.example.test", "cert.pem").exists() {
        pairs.push(("certs/app.example.test/privkey.pem", "certs/app.example.test/cert.pem"));
    }
    for (key, certificate) in pairs {
        let public = ["pkey", "-in", &format!("store/{key}"), "-passin", "pass:correct horse", "-pubout"];
        let own = sandbox.run(openssl, public).exits(0).stdout;
        let certified = sandbox.run(openssl, ["x509", "-in", &format!("store/{certificate}"), "-noout", "-pubkey"]);
        assert_eq!(own, certified.exits(0).stdout, "{kind}: {key}");
    }
}

#[test]
fn no_other_process_learns_the_passphrase() {
    let sandbox = with_passphrase("scrypt");
    let mut issue = sandbox.command("sh");
    issue.env("PKI_PASSPHRASE", "correct horse");
    issue.args([
        "-c",
        "pki issue client alice 2>&1; cat store/certs/alice/* store/index.sqlite* | grep -c 'correct horse'",
    ]);
    complete(issue, "").says("\n0\n");
}

/// A root's key that is kept apart: its file alone is changed, whole or not at all.
#[test]
fn the_passphrase_of_a_root_that_is_kept_apart_is_changed() {
    let sandbox = Sandbox::new();
    sandbox.write("old.txt", "correct horse\n");
    sandbox.write("new.txt", "battery staple\n");
    let init =
        "mkdir usb && pki init-ca --name R --intermediate I --passphrase-file old.txt --root-key-out usb/root.key";
    sandbox.shell(init).exits(0);
    let change = ["passphrase", "--root-key", "usb/root.key", "--passphrase-file", "old.txt"];
    let to_new = || sandbox.pki(change.iter().chain(&["--new-passphrase-file", "new.txt"]));
    let issuing = sandbox.read("store/ca/issuing.key");
    let key = || sandbox.read("usb/root.key");
    let before = key();
    sandbox.pki(["passphrase", "--root-key", "usb/root.key", "--passphrase-file", "new.txt", "--remove"]).exits(4);
    sandbox
        .pki(["passphrase", "--root-key", "store/ca/issuing.key", "--passphrase-file", "old.txt", "--remove"])
        .exits(4)
        .says("is not the key of");
    sandbox.pki(["passphrase", "--root-key", "usb/none.key", "--remove"]).exits(4).says("usb/none.key");
    sandbox.shell("chmod 644 usb/root.key").exits(0);
    to_new().exits(4).says("chmod 600");
    sandbox.shell("chmod 600 usb/root.key").exits(0);
    if cfg!(debug_assertions) {
        for point in ["create", "write", "sync", "rename to"] {
            sandbox.shell(&format!("PKI_FAULT='{point}:1:fail' pki passphrase --root-key usb/root.key --passphrase-file old.txt --remove")).exits(4);
            assert_eq!(key(), before, "{point}");
        }
    }
    assert_eq!((key(), sandbox.read("store/ca/issuing.key")), (before.clone(), issuing.clone()));
    to_new().exits(0).says("usb/root.key").says("new passphrase").does_not_say("issuing.key");
    assert_eq!(sandbox.shell("stat -c %a usb/root.key; ls -A usb").exits(0).stdout, "600\nroot.key\n");
    to_new().exits(0).says("as it was before");
    assert_eq!(sandbox.read("store/ca/issuing.key"), issuing, "the store's own keys are left as they were");
    sandbox.pki(["crl", "--root-key", "usb/root.key", "--passphrase-file", "old.txt"]).exits(4);
    sandbox.pki(["crl", "--root-key", "usb/root.key", "--passphrase-file", "new.txt"]).exits(0);
    sandbox.pki(["log"]).exits(0).says("kdf=scrypt root_key=/").says("usb/root.key");
    // By way of a link the key itself is changed; and none is left to forget.
    sandbox
        .shell("ln -s usb/root.key link.key && pki passphrase --root-key link.key --passphrase-file new.txt --remove")
        .exits(0);
    sandbox.shell("test -L link.key && head -1 usb/root.key").exits(0).says("BEGIN PRIVATE KEY");
    sandbox.pki(["crl", "--root-key", "usb/root.key"]).exits(0);
    sandbox.pki(["check"]).exits(0);
}
