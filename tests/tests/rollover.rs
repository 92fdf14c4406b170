//! A roll-over walked through: at each step clients that know only the old root, only the new one and both are asked, and
//! openssl, GnuTLS and Python are those clients.

use std::path::Path;

use tests::peers::peer;
use tests::{Sandbox, judges, programs};

const SERVER: &str = "app.example.test";

/// A store with the old root in `old.pem`, and a server's and a client's certificate below it.
fn before() -> Sandbox {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", SERVER, "--days", "30"]).exits(0);
    sandbox.pki(["issue", "client", "alice", "--days", "30"]).exits(0);
    sandbox.shell("cp store/ca/root.pem old.pem; cp -r store/certs/app.example.test first").exits(0);
    sandbox
}

/// The same after a new root was made: the new one in `new.pem`, both in `both.pem`.
fn rolled() -> Sandbox {
    let sandbox = before();
    sandbox.pki(["rollover", "--root"]).exits(0).says("Test Root CA 2").says("Test Issuing CA 2");
    sandbox.shell("cp store/ca/root.pem both.pem; openssl x509 -in both.pem -out new.pem").exits(0);
    sandbox
}

/// Whether each peer accepts what a server sends, knowing only these roots.
#[track_caller]
fn accepts(sandbox: &Sandbox, folder: &str, roots: &str, expected: bool) {
    judges::accepts(sandbox, SERVER, (folder, roots), expected);
}

#[test]
fn clients_of_the_old_root_of_the_new_and_of_both_accept_what_is_issued_from_then_on() {
    let sandbox = rolled();
    // What was issued before goes on as it was; who knows only the new root has to wait for its renewal.
    for (roots, expected) in [("old.pem", true), ("both.pem", true), ("new.pem", false)] {
        accepts(&sandbox, "first", roots, expected);
    }
    sandbox.pki(["renew", SERVER]).exits(0).says("Test Issuing CA 2");
    let renewed = format!("store/certs/{SERVER}");
    for roots in ["old.pem", "both.pem", "new.pem"] {
        accepts(&sandbox, &renewed, roots, true);
    }
    sandbox.pki(["renew", "alice"]).exits(0);
    sandbox.pki(["rollover", "--finish"]).exits(0).says("Test Root CA");
    sandbox.pki(["renew", SERVER]).exits(0);
    for (roots, expected) in [("old.pem", false), ("both.pem", true), ("new.pem", true)] {
        accepts(&sandbox, &renewed, roots, expected);
    }
    assert_eq!(sandbox.read("store/ca/root.pem"), sandbox.read("new.pem"));
}

#[test]
fn a_root_that_issues_itself_is_rolled_over_too() {
    let sandbox = Sandbox::new();
    sandbox.pki(["init-ca", "--name", "Small CA", "--permit-dns", "example.test"]).exits(0);
    sandbox.shell("cp store/ca/root.pem old.pem").exits(0);
    sandbox.pki(["rollover", "--root", "--name", "Next CA", "--key", "ecdsa-p384"]).exits(0);
    sandbox.shell("cp store/ca/root.pem both.pem; openssl x509 -in both.pem -out new.pem").exits(0);
    sandbox.pki(["issue", "server", SERVER]).exits(0).says("Next CA");
    for roots in ["old.pem", "both.pem", "new.pem"] {
        accepts(&sandbox, &format!("store/certs/{SERVER}"), roots, true);
    }
    sandbox.pki(["issue", "server", "app.elsewhere.test"]).exits(2).says("example.test");
    // The old root allows one CA below it, and that is the new root: another one waits until the old one is gone.
    let below = ["rollover", "--intermediate", "--name", "Small Issuing CA"];
    sandbox.pki(below).exits(2).says("nothing was signed");
    sandbox.pki(["rollover", "--finish"]).exits(0);
    sandbox.pki(below).exits(0);
    sandbox.pki(["renew", SERVER]).exits(0).says("Small Issuing CA");
    for roots in ["both.pem", "new.pem"] {
        accepts(&sandbox, &format!("store/certs/{SERVER}"), roots, true);
    }
}

#[test]
fn a_new_issuing_ca_takes_over_below_the_same_root() {
    let sandbox = before();
    let rolled = sandbox.pki(["rollover", "--intermediate", "--json"]).exits(0).json();
    assert_eq!(rolled["authorities"][0]["name"], "Test Issuing CA 2");
    assert_eq!(rolled["in_use"], 2);
    assert_eq!(sandbox.read("store/ca/root.pem"), sandbox.read("old.pem"), "the root is the same");
    sandbox.pki(["renew", SERVER]).exits(0).says("Test Issuing CA 2");
    for folder in ["first", &format!("store/certs/{SERVER}")] {
        accepts(&sandbox, folder, "old.pem", true);
    }
    let names = |ca: &str| {
        let listed = sandbox.pki(["list", "--json", "--issued-by", ca]).exits(0).json();
        let entries = listed.as_array().expect("an array").clone();
        entries.iter().filter(|it| it["replaced_by"].is_null()).map(|it| it["name"].to_string()).collect::<Vec<_>>()
    };
    assert_eq!(names("old"), ["\"alice\""]);
    assert_eq!(names("test issuing ca"), ["\"alice\""]);
    assert_eq!(names("Test Issuing CA 2"), [format!("\"{SERVER}\"")]);
    let sha256 = rolled["authorities"][0]["sha256"].as_str().expect("a hash");
    assert_eq!(names(&sha256[..12]), [format!("\"{SERVER}\"")]);
    sandbox.pki(["list", "--issued-by", "Nobody's CA"]).exits(2).says("Test Issuing CA 2");
    sandbox.pki(["rollover", "--intermediate"]).exits(0).says("Test Issuing CA 3");
    sandbox.pki(["issue", "client", "bob"]).exits(0).says("Test Issuing CA 3");
    sandbox.pki(["log", "verify"]).exits(0);
}

#[test]
fn every_generation_has_its_own_name_and_its_own_files() {
    let sandbox = rolled();
    for name in ["Test Root CA", "test root ca 2", "Test Issuing CA"] {
        sandbox.pki(["rollover", "--intermediate", "--name", name]).exits(2).says("has a name of its own");
    }
    sandbox.pki(["rollover", "--root"]).exits(2).says("pki rollover --finish");
    sandbox.pki(["rollover", "--finish"]).exits(2).says("alice, app.example.test").says("--even-in-use");
    let pairs = ["root", "issuing", "root-1", "issuing-2"];
    for stem in pairs {
        let same = format!(
            "openssl pkey -in store/ca/{stem}.key -pubout >key.pub; openssl x509 -in store/ca/{stem}.pem -noout -pubkey >own.pub; \
             cmp key.pub own.pub; test $(stat -c %a store/ca/{stem}.key) = 600"
        );
        sandbox.shell(&same).exits(0);
    }
    assert!(!sandbox.file("store/ca/moving").exists());
    sandbox.pki(["check"]).exits(0);
    sandbox.shell("rm store/ca/root.pem").exits(0);
    sandbox.pki(["check", "--repair"]);
    assert_eq!(sandbox.read("store/ca/root.pem"), sandbox.read("both.pem"), "both roots are trusted again");
    sandbox.pki(["rollover", "--finish", "--even-in-use"]).exits(0).says("warning");
    sandbox.pki(["rollover", "--finish"]).exits(2).says("no roll-over");
    sandbox.pki(["log"]).exits(0).says("rollover");
    sandbox.pki(["log", "verify"]).exits(0);
}

/// Who issued before goes on saying what of it is revoked; so does the old root.
#[test]
fn every_generation_has_its_own_revocation_list() {
    let sandbox = rolled();
    sandbox.pki(["renew", SERVER]).exits(0);
    sandbox.pki(["revoke", "alice"]).exits(0);
    sandbox.pki(["crl"]).exits(0);
    let Some(openssl) = peer("openssl") else { return };
    sandbox.shell("cat both.pem store/ca/crl.pem >trusted.pem").exits(0);
    let check = ["verify", "-crl_check_all", "-CAfile", "trusted.pem"];
    let chain = |name: &str| format!("store/certs/{name}/fullchain.pem");
    let (server, client) = (chain(SERVER), chain("alice"));
    sandbox.run(&openssl, check.iter().chain(&["-untrusted", &server, &server])).exits(0);
    sandbox.run(&openssl, check.iter().chain(&["-untrusted", &client, &client])).exits(2).says("revoked");
}

#[test]
fn a_root_kept_apart_is_needed_to_roll_over_and_for_nothing_else() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.file("usb")).expect("a fresh folder can be written");
    let init = ["init-ca", "--name", "Test Root CA", "--root-key-out", "usb/root.key"];
    sandbox.pki(init).exits(2).says("--intermediate");
    let init: Vec<_> = init.into_iter().chain(["--intermediate", "Test Issuing CA"]).collect();
    sandbox.write("p", "correct horse\n");
    sandbox.pki(init.iter().chain(&["--passphrase-file", "p"])).exits(0).says("usb/root.key");
    assert!(!sandbox.file("store/ca/root.key").exists());
    sandbox.shell("test $(stat -c %a usb/root.key) = 600; grep -q ENCRYPTED usb/root.key").exits(0);
    sandbox.pki(["issue", "client", "alice", "--passphrase-file", "p"]).exits(0);
    let roll = |more: &[&str]| sandbox.pki(["rollover", "--passphrase-file", "p"].iter().chain(more));
    sandbox.pki(["crl", "--root-key", "usb/root.key", "--passphrase-file", "p"]).exits(0);
    roll(&["--intermediate"]).exits(4).says("--root-key FILE");
    roll(&["--intermediate", "--root-key", "store/ca/issuing.key"]).exits(4).says("is not the key of");
    roll(&["--intermediate", "--root-key", "usb/root.key"]).exits(0);
    roll(&["--root", "--root-key", "usb/root.key"]).exits(2).says("--root-key-out");
    roll(&["--root", "--root-key", "usb/root.key", "--root-key-out", "usb/root.key"]).exits(2).says("is there already");
    roll(&["--root", "--root-key", "usb/root.key", "--root-key-out", "store/ca/next.key"])
        .exits(2)
        .says("in the store");
    roll(&["--root", "--root-key", "usb/root.key", "--root-key-out", "usb/root2.key"]).exits(0);
    sandbox
        .shell("test $(stat -c %a usb/root2.key) = 600; grep -q ENCRYPTED usb/root2.key store/ca/issuing.key")
        .exits(0);
    assert!(!sandbox.file("store/ca/root.key").exists());
    sandbox.pki(["renew", "alice", "--passphrase-file", "p"]).exits(0).says("Test Issuing CA 3");
}

#[test]
fn a_key_that_is_written_out_goes_over_nothing_and_not_into_the_store() {
    let sandbox = Sandbox::new();
    sandbox.write("root.key", "somebody's only key\n");
    let init = |file: &str| sandbox.pki(["init-ca", "--name", "R", "--intermediate", "I", "--root-key-out", file]);
    init("root.key").exits(2).says("is not written over");
    assert_eq!(sandbox.read("root.key"), "somebody's only key\n");
    init("nowhere/root.key").exits(3).says("nowhere/root.key");
    assert!(!sandbox.store().exists(), "nothing is made before the file is known to be free");
}

/// The files after a crash right after the index was changed: the next command puts them into their places.
#[test]
fn a_roll_over_that_was_cut_short_after_the_index_is_seen_to_its_end() {
    let sandbox = rolled();
    let ca = Path::new("store/ca");
    // Back to where the keys lay before they were moved, and every state on the way.
    let undo = "cd store/ca; cp root.key root-3.key; cp root.pem root-3.pem; cp issuing.key issuing-5.key; \
                cp issuing.pem issuing-5.pem; cp root-1.key root.key; cp root-1.pem root.pem; cp issuing-2.key issuing.key; \
                cp issuing-2.pem issuing.pem; rm root-1.* issuing-2.*; touch moving";
    sandbox.shell(undo).exits(0);
    for step in ["true", "cp issuing-5.pem issuing.pem", "cp root-3.pem root.pem"] {
        sandbox.shell(&format!("rm -rf kept; cp -r {0} kept; cd {0}; {step}", ca.display())).exits(0);
        let reading = sandbox.chat(["--version"]).exits(0);
        drop(reading);
        sandbox.pki(["issue", "client", &format!("c{}", step.len())]).exits(0).says("Test Issuing CA 2");
        assert!(!sandbox.file("store/ca/moving").exists());
        let pairs = "for s in root issuing; do openssl pkey -in store/ca/$s.key -pubout >k; openssl x509 -in store/ca/$s.pem -noout -pubkey >c; cmp k c; done; \
                     test ! -e store/ca/issuing-5.key; test ! -e store/ca/root-3.key";
        sandbox.shell(pairs).exits(0);
        if step == "true" {
            sandbox.shell("for s in root-1 issuing-2; do openssl pkey -in store/ca/$s.key -pubout >k; openssl x509 -in store/ca/$s.pem -noout -pubkey >c; cmp k c; done").exits(0);
        }
        sandbox.shell("rm -rf store/ca; cp -r kept store/ca").exits(0);
    }
}

/// Killed at twelve instants of a roll-over: either generation issues, nothing is half done that `pki check --repair` does not
/// mend, and every key lies beside its own certificate.
#[test]
fn a_kill_at_any_instant_leaves_one_generation_or_the_other() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = before();
    let begun = std::time::Instant::now();
    sandbox.shell("cp -a store timed; pki --store timed rollover --root").exits(0);
    let whole = begun.elapsed();
    for twelfth in 1..=12 {
        let instant = (whole * twelfth / 12).as_secs_f64();
        let kill = format!(
            "rm -rf copy; cp -a store copy; timeout -s KILL {instant:.3} pki --store copy rollover --root || true"
        );
        sandbox.shell(&kill).exits(0);
        sandbox.shell(AFTER_A_KILL).exits(0);
    }
}

const AFTER_A_KILL: &str = "
    export PKI_STORE=copy
    pki issue client bob
    pki verify chain copy/certs/bob/fullchain.pem --purpose client
    pki check --repair || true
    pki check
    pki log verify
    pki rollover --root || pki rollover --finish --even-in-use
    for key in copy/ca/*.key; do
        openssl pkey -in $key -pubout >of-key
        openssl x509 -in ${key%.key}.pem -noout -pubkey >of-certificate
        cmp of-key of-certificate
        test $(stat -c %a $key) = 600
    done
    test ! -e copy/ca/moving";

/// A chat in the middle of a roll-over: clients of both generations come in, whichever root they know.
#[test]
fn a_chat_goes_on_during_a_roll_over() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", "localhost", "127.0.0.1"]).exits(0);
    sandbox.pki(["issue", "client", "alice"]).exits(0);
    sandbox.shell("cp store/ca/root.pem old.pem").exits(0);
    sandbox.pki(["rollover", "--root"]).exits(0);
    sandbox.pki(["issue", "client", "bob"]).exits(0);
    sandbox.shell("openssl x509 -in store/ca/root.pem -out new.pem").exits(0);
    sandbox.pki(["renew", "localhost"]).exits(0);
    let server = sandbox.serve(["--name", "localhost", "--mtls", "required"]);
    let host = format!("localhost:{}", server.address().port());
    for (name, root) in [("alice", "old.pem"), ("alice", "store/ca/root.pem"), ("bob", "old.pem"), ("bob", "new.pem")] {
        let mut client = sandbox
            .start(programs::chat(), ["connect", &host, "--as", name, "--trust", root, "--join", "#a", "--plain"]);
        client.line(&format!("You are now logged in as {name}"));
        client.ends_input();
    }
}

#[test]
fn new_cas_say_where_their_issuers_list_is_and_have_lists_at_once() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = before();
    sandbox.pki(["crl", "--url", "http://crl.example.test"]).exits(0);
    let rolled = sandbox.pki(["rollover", "--intermediate"]).exits(0).says("store/ca/crl.pem");
    rolled.does_not_say("pki crl");
    let point =
        |file: &str| sandbox.shell(&format!("openssl x509 -noout -ext crlDistributionPoints -in {file}")).exits(0);
    point("store/ca/issuing.pem").says("http://crl.example.test/root-1.crl");
    checked_throughout(&sandbox);

    sandbox.pki(["rollover", "--root"]).exits(0);
    let said = point("store/ca/issuing.pem").stdout;
    let list = said.split("http://crl.example.test/").nth(1).and_then(|rest| rest.lines().next()).expect("an address");
    let issuer = |command: &str| sandbox.shell(command).exits(0).stdout.trim().replace("issuer=", "");
    assert_eq!(
        issuer(&format!("openssl crl -noout -issuer -in store/ca/crl/{list}")),
        issuer("openssl x509 -noout -issuer -in store/ca/issuing.pem"),
        "the list that the new CA names is its root's"
    );
    sandbox.shell("openssl x509 -noout -text -in store/ca/cross-5.pem").exits(0).says("crl.example.test/root-1.crl");
    checked_throughout(&sandbox);
}

/// A server's new certificate is accepted by who looks up every certificate of its chain in the list that servers read.
#[track_caller]
fn checked_throughout(sandbox: &Sandbox) {
    sandbox.pki(["renew", SERVER]).exits(0);
    let sent = format!("store/certs/{SERVER}/fullchain.pem");
    let verify = ["verify", "-crl_check_all", "-CRLfile", "store/ca/crl.pem", "-CAfile", "store/ca/root.pem"];
    sandbox.run("openssl", verify.iter().chain(&["-untrusted", &sent, &sent])).exits(0);
}

#[test]
fn a_new_root_whose_key_goes_elsewhere_has_its_list_too() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = before();
    sandbox.pki(["crl"]).exits(0);
    sandbox.pki(["rollover", "--root", "--root-key-out", "new.key"]).exits(0).does_not_say("pki crl");
    checked_throughout(&sandbox);
}

#[test]
fn what_leads_to_a_root_that_had_to_go_is_not_called_valid_alone() {
    let sandbox = rolled();
    sandbox.pki(["renew", SERVER]).exits(0);
    sandbox.pki(["list"]).exits(0).does_not_say("trusted no more");
    sandbox.pki(["rollover", "--finish", "--even-in-use"]).exits(0);
    sandbox.pki(["show", "alice"]).exits(0).says("valid by its dates, but its root is trusted no more");
    sandbox.pki(["list", "--name", "alice"]).exits(0).says("valid, but its root is trusted no more");
    sandbox.pki(["list", "--name", SERVER, "--limit", "1"]).exits(0).says("replaced");
    let listed = sandbox.pki(["list", "--json"]).exits(0).json();
    let trusted = |name: &str| {
        let current = |entry: &&serde_json::Value| entry["name"] == name && entry["replaced_by"].is_null();
        listed.as_array().and_then(|all| all.iter().find(current)).map(|entry| entry["trusted"].clone())
    };
    assert_eq!((trusted("alice"), trusted(SERVER)), (Some(false.into()), Some(true.into())));
    sandbox.pki(["revoke", "Test Issuing CA 2"]).exits(0);
    sandbox.pki(["show", SERVER]).exits(0).says("but its CA is revoked");
}
