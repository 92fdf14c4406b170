//! `pki check` names what is wrong with a store, and `--repair` mends it without losing anything.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::LazyLock;

use serde_json::Value;
use tests::Sandbox;
use tests::peers::peer;

/// A store with a server, and a client in a folder elsewhere; made once, and copied.
fn used() -> Sandbox {
    static FIRST: LazyLock<Sandbox> = LazyLock::new(|| {
        let sandbox = Sandbox::with_ca();
        sandbox.pki(["issue", "server", "app.example.test"]).exits(0);
        sandbox
    });
    let sandbox = Sandbox::new();
    sandbox.run("cp", ["-a".as_ref(), FIRST.store().as_os_str(), sandbox.path().as_os_str()]).exits(0);
    sandbox.pki(["issue", "client", "alice", "--out", "alice"]).exits(0);
    sandbox
}

fn sql(sandbox: &Sandbox, change: &str) -> Option<()> {
    let python = peer("python3")?;
    let code = format!(
        "import sqlite3; c = sqlite3.connect('store/index.sqlite'); c.execute(\"\"\"{change}\"\"\"); c.commit()"
    );
    sandbox.run(python, ["-c", &code]).exits(0);
    Some(())
}

/// Holds the store to having this trouble, and gives the report.
#[track_caller]
fn troubled(sandbox: &Sandbox, code: &str, place: &str) -> Value {
    let report = sandbox.pki(["check", "--json"]).exits(1).json();
    let troubles = report["troubles"].as_array().expect("an array");
    let fits =
        |trouble: &&Value| trouble["code"] == code && trouble["place"].as_str().is_some_and(|at| at.contains(place));
    let trouble = troubles.iter().find(fits).unwrap_or_else(|| panic!("no {code} at {place}: {report:#}"));
    assert!(!trouble["next"].as_str().unwrap_or_default().is_empty(), "{trouble}");
    report
}

/// Holds the store to being mended: everything told as repaired, and nothing found afterwards.
#[track_caller]
fn mended(sandbox: &Sandbox) {
    let report = sandbox.pki(["check", "--repair", "--json"]).exits(0).json();
    assert_eq!(report["verdict"], "repaired", "{report:#}");
    sandbox.pki(["check"]).exits(0).says("the store is sound");
}

#[test]
fn a_store_that_is_used_is_sound() {
    let sandbox = used();
    sandbox.pki(["renew", "app.example.test", "--rekey"]).exits(0);
    sandbox.pki(["issue", "client", "bob"]).exits(0);
    sandbox.pki(["revoke", "bob"]).exits(0);
    let report = sandbox.pki(["check", "--json"]).exits(0).json();
    assert_eq!((&report["verdict"], &report["certificates"]), (&"sound".into(), &4.into()), "{report:#}");
    sandbox.pki(["check", "--repair"]).exits(0).says("the store is sound");
}

#[test]
fn permissions_are_told_and_set_right() {
    let cases = [
        ("store", 0o755, 0o700),
        ("store/index.sqlite", 0o640, 0o600),
        ("store/ca", 0o711, 0o700),
        ("store/ca/issuing.key", 0o644, 0o600),
        ("store/ca/root.pem", 0o666, 0o644),
        ("store/certs/app.example.test", 0o755, 0o700),
        ("store/certs/app.example.test/privkey.pem", 0o640, 0o600),
        ("alice/privkey.pem", 0o644, 0o600),
    ];
    let sandbox = used();
    for (file, wrong, right) in cases {
        let path = sandbox.file(file);
        fs::set_permissions(&path, fs::Permissions::from_mode(wrong)).expect("the file is ours");
        troubled(&sandbox, "wrong-mode", file);
        let told = sandbox.pki(["check", "--json"]).json();
        assert_eq!(told["troubles"].as_array().map(Vec::len), Some(1), "{file} is told once: {told:#}");
        mended(&sandbox);
        assert_eq!(fs::metadata(&path).expect("it is there").permissions().mode() & 0o7777, right, "{file}");
    }
}

#[test]
fn public_files_are_written_again_and_a_key_is_missed() {
    let sandbox = used();
    let before = sandbox.read("store/certs/app.example.test/fullchain.pem");
    for file in ["cert.pem", "chain.pem", "fullchain.pem", "ca.pem"] {
        fs::remove_file(sandbox.issued("app.example.test", file)).expect("the file is ours");
    }
    troubled(&sandbox, "files-missing", "cert.pem");
    mended(&sandbox);
    assert_eq!(sandbox.read("store/certs/app.example.test/fullchain.pem"), before);
    fs::copy(sandbox.file("store/ca/root.pem"), sandbox.file("alice/cert.pem")).expect("the file is ours");
    troubled(&sandbox, "files-differ", "alice/cert.pem");
    mended(&sandbox);
    fs::copy(sandbox.issued("app.example.test", "privkey.pem"), sandbox.file("alice/privkey.pem")).expect("it is ours");
    troubled(&sandbox, "key-differs", "alice/privkey.pem");
    let report = sandbox.pki(["check", "--repair", "--json"]).exits(1).json();
    assert_eq!(report["verdict"], "troubled", "{report:#}");
    sandbox.pki(["renew", "alice", "--rekey"]).exits(0);
    sandbox.pki(["check"]).exits(0);
    fs::remove_dir_all(sandbox.file("alice")).expect("the folder is ours");
    troubled(&sandbox, "files-missing", "alice");
    sandbox.pki(["check"]).exits(1).says("pki renew alice --rekey");
}

#[test]
fn the_files_of_a_ca_are_held_against_the_index() {
    let sandbox = used();
    let root = sandbox.read("store/ca/root.pem");
    fs::remove_file(sandbox.file("store/ca/root.pem")).expect("the file is ours");
    troubled(&sandbox, "files-differ", "Test Root CA");
    mended(&sandbox);
    assert_eq!(sandbox.read("store/ca/root.pem"), root);
    // The root's key may be elsewhere; that of the CA that issues may not.
    fs::rename(sandbox.file("store/ca/root.key"), sandbox.file("root.key")).expect("the file is ours");
    sandbox.pki(["check"]).exits(0);
    fs::rename(sandbox.file("store/ca/issuing.key"), sandbox.file("issuing.key")).expect("the file is ours");
    troubled(&sandbox, "key-missing", "issuing.key");
    fs::copy(sandbox.file("root.key"), sandbox.file("store/ca/issuing.key")).expect("the file is ours");
    troubled(&sandbox, "key-differs", "issuing.key");
}

#[test]
fn the_index_is_put_right_by_the_certificates_and_the_log() {
    let sandbox = used();
    sandbox.pki(["revoke", "alice", "--reason", "keyCompromise"]).exits(0);
    let before = sandbox.pki(["list", "--json"]).exits(0).stdout;
    let changes = [
        ("revocation-taken-back", "UPDATE certificate SET revoked = NULL, reason = NULL WHERE name = 'alice'"),
        (
            "column-differs",
            "UPDATE certificate SET not_after = 0, sans = 'other', subject = 'CN=x', sha256 = x'00' WHERE name = 'app.example.test'",
        ),
        ("column-differs", "UPDATE certificate SET replaced_by = serial WHERE name = 'app.example.test'"),
    ];
    for (code, change) in changes {
        let Some(()) = sql(&sandbox, change) else { return };
        troubled(&sandbox, code, "the certificate");
        mended(&sandbox);
        assert_eq!(sandbox.pki(["list", "--json"]).exits(0).stdout, before, "{change}");
    }
    // By a log that was changed itself, nothing is put right.
    let both = "UPDATE certificate SET not_after = 0 WHERE name = 'app.example.test'";
    let Some(()) = sql(&sandbox, both) else { return };
    let Some(()) = sql(&sandbox, "UPDATE log SET host = 'elsewhere' WHERE id = 1") else { return };
    sandbox.pki(["check", "--repair"]).exits(1).says("entry-changed").says("column-differs");
}

#[test]
fn what_nobody_knows_is_told_and_kept() {
    let sandbox = used();
    fs::create_dir(sandbox.file("store/certs/notes")).expect("the folder is ours");
    fs::set_permissions(sandbox.file("store/certs/notes"), fs::Permissions::from_mode(0o700)).expect("it is ours");
    troubled(&sandbox, "folder-unknown", "notes");
    sandbox.pki(["check", "--repair"]).exits(1);
    assert!(sandbox.file("store/certs/notes").is_dir());
    sandbox.shell("cp store/certs/app.example.test/cert.pem app.pem").exits(0);
    let Some(()) = sql(&sandbox, "DELETE FROM certificate WHERE name = 'app.example.test'") else { return };
    troubled(&sandbox, "certificate-unknown", "app.example.test");
    sandbox.pki(["check", "--certificate", "app.pem"]).exits(1).says("behind-its-back").says("Test Issuing CA");
}

#[test]
fn a_certificate_is_told_from_one_signed_behind_the_stores_back() {
    let sandbox = used();
    let issued = sandbox.pki(["check", "--certificate", "alice/fullchain.pem", "--json"]).exits(0).json();
    assert_eq!(
        (&issued["standing"], &issued["name"], &issued["entry"]),
        (&"issued".into(), &"alice".into(), &3.into())
    );
    sandbox.pki(["check", "--certificate", "store/ca/root.pem"]).exits(0).says("authority");
    sandbox.pki(["check", "--certificate", "store/ca/root.key"]).exits(3);
    sandbox.pki(["check", "--certificate", "nowhere.pem"]).exits(3);
    let Some(openssl) = peer("openssl") else { return };
    let key = ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "m.key"];
    sandbox.run(&openssl, key.iter().chain(&["-out", "m.csr", "-subj", "/CN=mallory"])).exits(0);
    let sign = ["x509", "-req", "-in", "m.csr", "-CAkey", "store/ca/issuing.key", "-CA", "store/ca/issuing.pem"];
    sandbox.run(&openssl, sign.iter().chain(&["-out", "mallory.pem", "-days", "9"])).exits(0);
    sandbox.pki(["check", "--certificate", "mallory.pem"]).exits(1).says("behind-its-back");
    sandbox.run(&openssl, ["req", "-x509", "-in", "m.csr", "-key", "m.key", "-out", "self.pem"]).exits(0);
    sandbox.pki(["check", "--certificate", "self.pem"]).exits(1).says("foreign");
}

#[test]
fn without_a_store_there_is_nothing_to_check() {
    let sandbox = Sandbox::new();
    sandbox.pki(["check"]).exits(4).says("pki init-ca");
    sandbox
        .shell("mkdir -m 700 store; head -c 4096 /dev/urandom >store/index.sqlite; chmod 600 store/index.sqlite")
        .exits(0);
    sandbox.pki(["check"]).exits(4).says("index.sqlite");
}

#[test]
fn what_to_type_goes_to_the_store_that_was_named() {
    let sandbox = Sandbox::new();
    sandbox.pki(["--store", "other", "init-ca", "--name", "Other Root"]).exits(0);
    sandbox.pki(["--store", "other", "issue", "server", "b.example.test"]).exits(0);
    let chain = "other/certs/b.example.test/fullchain.pem";
    let verified = sandbox.pki(["--store", "other", "verify", "chain", chain, "--dns", "c.example.test"]).exits(1);
    verified.says("pki --store other issue server c.example.test b.example.test");
    let asked = ["--store", "other", "diagnose", "--chain", chain, "--name", "c.example.test", "--json"];
    let fix = sandbox.pki(asked).exits(1).json()["cause"]["fix"].as_str().unwrap_or_default().to_owned();
    assert!(fix.contains("pki --store other "), "{fix}");
    assert!(!fix.contains("pki issue") && !fix.contains("pki renew"), "{fix}");
    fs::remove_file(sandbox.file(chain)).unwrap();
    sandbox.pki(["--store", "other", "check"]).exits(1).says("    pki --store other check --repair");
    sandbox.pki(["--store", "other", "check", "--repair"]).exits(0);
    // The environment's store is found without being named.
    sandbox.pki(["init-ca", "--name", "Root"]).exits(0);
    fs::remove_file(sandbox.store().join("ca/root.pem")).unwrap();
    sandbox.pki(["check"]).exits(1).says("    pki check --repair");
}

#[test]
fn a_lost_key_is_missed_where_it_was_made_here_and_nowhere_else() {
    let sandbox = used();
    let key = sandbox.issued("app.example.test", "privkey.pem");
    for ruin in [None, Some("garbage\n")] {
        let code = match ruin {
            None => fs::remove_file(&key).map(|()| "key-missing"),
            Some(text) => fs::write(&key, text).map(|()| "key-differs"),
        };
        troubled(&sandbox, code.expect("the file is ours"), "privkey.pem");
        sandbox.pki(["check"]).exits(1).says("pki renew app.example.test --rekey");
        sandbox.pki(["renew", "app.example.test"]).exits(4).says("is lost").says("pki renew app.example.test --rekey");
        if ruin.is_none() {
            sandbox.pki(["export", "haproxy", "app.example.test"]).exits(4).says("is lost").says("--rekey");
            sandbox.pki(["config", "nginx", "app.example.test"]).exits(4).says("is lost").says("--rekey");
        }
        sandbox.pki(["renew", "app.example.test", "--rekey"]).exits(0);
        sandbox.pki(["check"]).exits(0);
    }
    // What a request was signed for, and what is renewed with the key of that, has its key elsewhere.
    sandbox
        .shell("openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k -out r -subj /")
        .exits(0);
    sandbox.pki(["issue", "server", "far.example.test", "--csr", "r"]).exits(0);
    sandbox.pki(["renew", "far.example.test"]).exits(0);
    sandbox.pki(["check"]).exits(0);
    sandbox.pki(["export", "haproxy", "far.example.test"]).exits(2).says("from a request");
    sandbox
        .pki(["config", "nginx", "far.example.test"])
        .exits(0)
        .says("the store has no private key")
        .says("install -m 0600");
}

#[test]
fn what_is_lost_is_named_with_the_command_that_helps() {
    let sandbox = used();
    fs::remove_file(sandbox.file("store/ca/issuing.pem")).expect("the file is ours");
    let issue = ["issue", "client", "bob"];
    sandbox.pki(issue).exits(4).says("issuing.pem is missing").says("pki check --repair").does_not_say("--csr");
    sandbox.pki(["check", "--repair"]).exits(0);
    sandbox.pki(issue).exits(0);
    fs::write(sandbox.file("store/index.sqlite"), "garbage, and more than a header of it".repeat(9))
        .expect("it is ours");
    sandbox.pki(["list"]).exits(4).says("not a database").says("backup").says("pki check");
    fs::remove_file(sandbox.file("store/index.sqlite")).expect("the file is ours");
    sandbox.pki(["list"]).exits(4).says("the index").says("is lost").says("backup").does_not_say("init-ca");
}

#[test]
fn nothing_is_read_or_written_through_a_link() {
    let sandbox = used();
    sandbox.shell("mv store/certs/app.example.test away; ln -s ../../away store/certs/app.example.test").exits(0);
    let before = sandbox.read("away/cert.pem");
    troubled(&sandbox, "link-found", "certs/app.example.test");
    sandbox.pki(["check", "--repair"]).exits(1);
    sandbox.pki(["renew", "app.example.test"]).exits(4).says("is a link");
    sandbox.pki(["renew", "app.example.test", "--rekey"]).exits(4).says("is a link");
    sandbox.pki(["export", "bundle", "app.example.test", "--out", "bundle.pem"]).exits(4).says("is a link");
    assert_eq!(before, sandbox.read("away/cert.pem"));
    // One that waits for a certificate that is not issued yet.
    sandbox.shell("mkdir trap; ln -s ../../trap store/certs/bob").exits(0);
    sandbox.pki(["issue", "client", "bob"]).exits(4).says("is a link");
    assert_eq!(
        sandbox.pki(["check", "--json"]).json()["troubles"].as_array().map(Vec::len),
        Some(2),
        "nothing is planned"
    );
    // What the hint says puts it right.
    let report = troubled(&sandbox, "link-found", "certs/app.example.test");
    let next =
        report["troubles"][0]["next"].as_str().and_then(|next| next.lines().last()).expect("a command").to_owned();
    sandbox.shell(&format!("{next}; rm store/certs/bob")).exits(0);
    sandbox.pki(["check"]).exits(0);
    sandbox
        .shell(
            "mv store/certs/app.example.test/privkey.pem k; ln -s ../../../k store/certs/app.example.test/privkey.pem",
        )
        .exits(0);
    troubled(&sandbox, "link-found", "app.example.test/privkey.pem");
    sandbox.pki(["renew", "app.example.test"]).exits(4).says("is a link");
}
