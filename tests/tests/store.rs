//! The store keeps what it was given: a second CA, a second writer, an open permission or a damaged file loses nothing.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tests::Sandbox;

#[test]
fn a_second_init_ca_refuses_and_loses_nothing() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "client", "alice"]).exits(0);
    let before = digest(&sandbox.store());
    sandbox.pki(["init-ca", "--name", "Another CA"]).exits(4).says("Test Root CA");
    assert_eq!(digest(&sandbox.store()), before, "not a byte of the store has changed");
}

/// What was begun and cut short is begun anew: nothing of it stays to be taken for the next CA's.
#[test]
fn an_interrupted_beginning_leaves_nothing_that_issues() {
    let sandbox = Sandbox::new();
    sandbox.pki(["init-ca", "--name", "Old Root CA", "--intermediate", "Old Issuing CA"]).exits(0);
    // As it is after a crash before the last step: the files are there, and the index does not call them ready.
    let index = sandbox.file("store/index.sqlite").display().to_string();
    let Some(python) = tests::peers::peer("python3") else { return };
    let undo = "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute(\"UPDATE authority SET state='planned'\"); c.commit()";
    sandbox.run(python, ["-c", undo, &index]).exits(0);
    sandbox.pki(["init-ca", "--name", "New Root CA"]).exits(0);
    sandbox.pki(["issue", "server", "app.example.test"]).exits(0).says("New Root CA");
    sandbox.pki(["verify", "chain", "store/certs/app.example.test/fullchain.pem"]).exits(0);
}

#[test]
fn an_index_without_tables_is_begun_anew() {
    let sandbox = Sandbox::new();
    let Some(python) = tests::peers::peer("python3") else { return };
    sandbox.shell("mkdir -m 700 store").exits(0);
    let begin = "import os,sqlite3; os.umask(0o077); c=sqlite3.connect('store/index.sqlite'); c.execute('PRAGMA journal_mode=wal'); c.close()";
    sandbox.run(python, ["-c", begin]).exits(0);
    sandbox.pki(["init-ca", "--name", "Example Root CA"]).exits(0);
    sandbox.pki(["issue", "client", "alice"]).exits(0);
}

#[test]
fn a_folder_with_other_things_is_not_taken_over() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.file("desk")).expect("a fresh folder can be written");
    sandbox.write("desk/letter.txt", "dear");
    let outcome = sandbox.pki(["--store", "desk", "init-ca", "--name", "Example Root CA"]).exits(4);
    outcome.says("letter.txt").says("pki --store desk/pki").does_not_say("chmod");
    assert!(!sandbox.file("desk/ca").exists());
}

#[test]
fn without_a_store_the_command_that_makes_one_is_told() {
    let sandbox = Sandbox::new();
    for command in [&["list"][..], &["show", "alice"], &["issue", "client", "alice"]] {
        sandbox.pki(command).exits(4).says("pki init-ca").says(&sandbox.store().display().to_string());
    }
    assert!(!sandbox.store().exists(), "asking creates nothing");
}

#[test]
fn the_store_is_taken_from_the_flag_before_the_environment() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["init-ca", "--store", "elsewhere", "--name", "Other CA"]).exits(0);
    sandbox.pki(["issue", "client", "bob", "--store", "elsewhere"]).exits(0);
    assert!(sandbox.file("elsewhere/certs/bob/cert.pem").exists());
    assert_eq!(sandbox.pki(["list", "--json"]).exits(0).json(), serde_json::json!([]));
}

#[test]
fn list_and_show_give_what_the_contract_names() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", "app.example.test", "192.0.2.7"]).exits(0);
    let listed = sandbox.pki(["list", "--json"]).exits(0).json();
    let entry = &listed.as_array().expect("an array")[0];
    for field in
        ["name", "serial", "subject", "sans", "purpose", "status", "not_before", "not_after", "issuer", "sha256"]
    {
        assert!(!entry[field].is_null(), "{field} is missing: {entry}");
    }
    assert_eq!(entry["name"], "app.example.test");
    assert_eq!(entry["purpose"], "server");
    assert_eq!(entry["status"], "valid");
    let serial = entry["serial"].as_str().expect("a serial");
    assert!(serial.bytes().all(|it| it.is_ascii_hexdigit() && !it.is_ascii_uppercase()), "{serial}");
    sandbox.pki(["show", "app.example.test"]).exits(0).says("192.0.2.7");
    assert_eq!(sandbox.pki(["show", serial, "--json"]).exits(0).json()["serial"], *serial);
    sandbox.pki(["list"]).exits(0).says("app.example.test");
    let unknown = sandbox.pki(["show", "nobody"]);
    assert!(unknown.code() != 0, "{unknown}");
    unknown.says("nobody");
}

#[test]
fn a_key_that_others_can_read_is_refused_with_the_command_that_repairs_it() {
    let sandbox = Sandbox::with_ca();
    let key = ca_key(&sandbox.store());
    chmod(&key, 0o644);
    let refused = sandbox.pki(["issue", "client", "alice"]).exits(4);
    let repair = format!("chmod 600 {}", key.display());
    let said = refused.text().replace('\'', "");
    assert!(said.contains(&repair), "expected {repair:?}\n{refused}");
    sandbox.shell(&format!("chmod 600 '{}'", key.display())).exits(0);
    sandbox.pki(["issue", "client", "alice"]).exits(0);
}

#[test]
fn a_damaged_index_is_told_and_not_overwritten() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "client", "alice"]).exits(0);
    let index = find(&sandbox.store(), &|path| starts_with(path, b"SQLite format 3")).expect("an index");
    for suffix in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", index.display()));
    }
    std::fs::write(&index, "this is no database, and far from it ".repeat(200)).expect("it can be written");
    let refused = sandbox.pki(["list"]).exits(4);
    refused.says(&index.display().to_string());
}

#[test]
fn writers_take_turns() {
    let sandbox = Sandbox::with_ca();
    let names: Vec<String> = (0..6).map(|number| format!("client-{number}")).collect();
    std::thread::scope(|scope| {
        for name in &names {
            scope.spawn(|| sandbox.pki(["issue", "client", name]).exits(0));
        }
    });
    let listed = sandbox.pki(["list", "--json"]).exits(0).json();
    let entries = listed.as_array().expect("an array");
    let serials: std::collections::BTreeSet<&str> = entries.iter().filter_map(|it| it["serial"].as_str()).collect();
    assert_eq!(serials.len(), names.len(), "{listed}");
}

#[test]
fn renewing_replaces_the_files_and_keeps_the_history() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "client", "alice"]).exits(0);
    let before = sandbox.read("store/certs/alice/cert.pem");
    sandbox.pki(["renew", "alice"]).exits(0);
    let after = sandbox.read("store/certs/alice/cert.pem");
    assert_ne!(before, after);
    sandbox.pki(["verify", "chain", "store/certs/alice/fullchain.pem", "--purpose", "client"]).exits(0);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "client", "alice"]).exits(0);
    let outcome = sandbox.shell("{ pki list --json; echo code=$? >&2; } | true").exits(0);
    outcome.says("code=0").does_not_say("panicked");
}

#[test]
fn a_full_disk_is_told() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "client", "alice"]).exits(0);
    for command in ["pki list --json", "pki show alice", "pki inspect store/certs/alice/cert.pem"] {
        let outcome = sandbox.shell(&format!("{command} >/dev/full || echo code=$? >&2")).exits(0);
        outcome.says("No space left on device").does_not_say("panicked").does_not_say("code=70");
    }
}

#[test]
fn a_store_that_is_no_folder_is_told() {
    let sandbox = Sandbox::new();
    sandbox.write("store", "not a folder\n");
    for command in [&["list"][..], &["issue", "client", "alice"], &["init-ca", "--name", "Some CA"]] {
        let outcome = sandbox.pki(command).exits(4);
        outcome.says(&sandbox.store().display().to_string()).does_not_say("panicked");
    }
    let outcome = sandbox.chat(["serve", "--listen", "127.0.0.1:0", "--name", "localhost"]).exits(4);
    outcome.says(&sandbox.store().display().to_string()).does_not_say("panicked");
}

/// Every file's path and content, the index's housekeeping files left out: reading a database may touch them.
fn digest(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    visit(folder, &mut |path| {
        let name = path.display().to_string();
        if !name.ends_with("-wal") && !name.ends_with("-shm") {
            found.push((name, std::fs::read(path).expect("a file of the store")));
        }
    });
    found.sort();
    found
}

fn ca_key(store: &Path) -> std::path::PathBuf {
    let is_key =
        |path: &Path| starts_with(path, b"-----BEGIN PRIVATE KEY") && path.to_string_lossy().contains("issuing");
    find(store, &is_key)
        .or_else(|| find(store, &|path| starts_with(path, b"-----BEGIN PRIVATE KEY")))
        .expect("a CA key in the store")
}

fn starts_with(path: &Path, bytes: &[u8]) -> bool {
    std::fs::read(path).is_ok_and(|it| it.starts_with(bytes))
}

fn find(folder: &Path, fits: &dyn Fn(&Path) -> bool) -> Option<std::path::PathBuf> {
    let mut found = None;
    visit(folder, &mut |path| {
        if fits(path) {
            found = Some(path.to_owned());
        }
    });
    found
}

fn visit(folder: &Path, each: &mut dyn FnMut(&Path)) {
    for entry in std::fs::read_dir(folder).expect("a folder of the store").flatten() {
        if entry.path().is_dir() {
            visit(&entry.path(), each);
        } else {
            each(&entry.path());
        }
    }
}

fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("the file is ours");
}

#[test]
fn a_root_is_of_p_256_and_lasts_ten_years_where_nothing_else_is_asked_for() {
    let Some(_) = tests::peers::peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    let root = sandbox.store().join("ca/root.pem").display().to_string();
    sandbox.shell(&format!("openssl x509 -in '{root}' -noout -text")).exits(0).says("NIST CURVE: P-256");
    let ends_within = |days: u32| {
        !sandbox.shell(&format!("openssl x509 -in '{root}' -noout -checkend {}", days * 86_400)).succeeded()
    };
    assert!(!ends_within(3_649) && ends_within(3_651));
}
