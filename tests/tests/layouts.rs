//! Folders as other programs lay them out: nothing is said against what is as it should be, and what to give to a server are the files
//! that these programs mean for it.

use std::os::unix::fs::{PermissionsExt as _, symlink};

use serde_json::Value;
use tests::Sandbox;
use tests::chains::{GOOD, HOST};
use tests::peers::peer;

/// Where a file of the scene comes to lie.
type Place = (&'static str, &'static str);

#[test]
fn a_store_of_ours_is_in_order() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", HOST]).exits(0);
    sandbox.pki(["crl"]).exits(0);
    let report = sandbox.pki(["diagnose", "store", "--json"]).exits(0).json();
    assert_eq!((&report["verdict"], &report["cause"]), (&"valid".into(), &Value::Null), "{report:#}");
    assert_no_fault(&report);
}

#[test]
fn a_ca_with_encrypted_keys_has_no_fault_but_that_nobody_has_a_certificate() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = laid_out(&[("root.pem", "tls/certs/root_ca.crt"), ("issuing.pem", "tls/certs/intermediate_ca.crt")]);
    locked(&sandbox, "root.key", "tls/secrets/root_ca_key");
    locked(&sandbox, "issuing.key", "tls/secrets/intermediate_ca_key");
    sandbox.write("tls/ca.json", "{}\n");
    let report = sandbox.pki(["diagnose", "tls", "--json"]).exits(1).json();
    assert_eq!(report["cause"]["code"], "leaf-missing", "{report:#}");
    assert_no_fault(&report);
}

/// The key of a server's own certificate is another matter: nobody types its passphrase.
#[test]
fn an_encrypted_key_of_a_server_stays_a_fault() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = laid_out(&[("chain.pem", "tls/server.crt"), ("root.pem", "tls/ca.crt")]);
    locked(&sandbox, "server.key", "tls/server.key");
    let report = sandbox.pki(["diagnose", "tls", "--json"]).exits(1).json();
    let graver = graver_than_notes(&report);
    assert!(graver.iter().any(|it| it.contains("key-encrypted")), "{report:#}");
}

#[test]
fn easy_rsas_folder_names_the_issued_file() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = laid_out(&[
        ("root.pem", "tls/ca.crt"),
        ("chain.pem", "tls/issued/server.crt"),
        ("chain.pem", "tls/certs_by_serial/01.pem"),
        ("server.key", "tls/private/server.key"),
    ]);
    locked(&sandbox, "root.key", "tls/private/ca.key");
    let block = |label: &str| format!("-----BEGIN {label}-----\nMAA=\n-----END {label}-----\n");
    sandbox.write("tls/dh.pem", block("X9.42 DH PARAMETERS"));
    secret(&sandbox, "tls/ta.key", block("OpenVPN Static key V1"));
    sandbox.write("tls/index.txt", "");
    let report = sandbox.pki(["diagnose", "tls", "--json"]).exits(0).json();
    let pair = &report["folder"]["pairs"][0];
    assert_eq!(
        (&pair["chain_file"], &pair["verdict"]),
        (&"tls/issued/server.crt".into(), &"valid".into()),
        "{report:#}"
    );
    assert_no_fault(&report);
}

#[test]
fn certbots_links_are_what_a_server_is_given() {
    let Some(_) = peer("openssl") else { return };
    let names: [Place; 4] =
        [("leaf.pem", "cert"), ("issuing.pem", "chain"), ("chain.pem", "fullchain"), ("server.key", "privkey")];
    let sandbox = laid_out(&[("root.pem", "root.pem")]);
    for folder in ["tls/archive", "tls/live"] {
        std::fs::create_dir_all(sandbox.file(folder)).expect("a fresh folder can be made");
    }
    let scene = made();
    for (from, name) in names {
        secret(&sandbox, &format!("tls/archive/{name}1.pem"), scene.read(from));
        let link = sandbox.file(format!("tls/live/{name}.pem"));
        symlink(format!("../archive/{name}1.pem"), link).expect("a fresh link can be made");
    }
    let report = sandbox.pki(["diagnose", "tls", "--trust", "root.pem", "--json"]).exits(0).json();
    let pair = &report["folder"]["pairs"][0];
    let files = (&pair["chain_file"], &pair["key_file"]);
    assert_eq!(files, (&"tls/live/fullchain.pem".into(), &"tls/live/privkey.pem".into()), "{report:#}");
    assert_no_fault(&report);
    // Of the files that are there the whole chain is judged, and its root is what is wanting.
    let report = sandbox.pki(["diagnose", "tls", "--json"]).exits(1).json();
    assert_eq!(report["cause"]["code"], "root-not-trusted", "{report:#}");
}

#[test]
fn a_container_beside_its_parts_is_no_fault() {
    let Some(_) = peer("openssl") else { return };
    let sandbox =
        laid_out(&[("chain.pem", "tls/www.crt"), ("server.key", "tls/www.key"), ("root.pem", "tls/My_CA.crt")]);
    let pack = "openssl pkcs12 -export -in tls/www.crt -inkey tls/www.key -passout pass: -out tls/www.p12; chmod 600 tls/www.p12";
    sandbox.shell(pack).exits(0);
    let report = sandbox.pki(["diagnose", "tls", "--json"]).exits(0).json();
    assert_eq!(report["folder"]["pairs"][0]["chain_file"], "tls/www.crt", "{report:#}");
    assert_no_fault(&report);
}

/// With a purpose asked about, what was made for the other is no fault; a host that nothing covers is asked for all the same.
#[test]
fn a_server_and_a_person_in_one_folder_do_not_stand_in_each_others_way() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", HOST, "--out", "srv"]).exits(0);
    sandbox.pki(["issue", "client", "alice", "--out", "cli"]).exits(0);
    let copy = "cp $n/fullchain.pem $to/$n.crt && cp $n/privkey.pem $to/$n.key";
    sandbox.shell(&format!("mkdir tls own; to=tls; for n in srv cli; do {copy}; done; to=own; n=cli; {copy}")).exits(0);
    for (purpose, says) in [("server", "as a server"), ("client", "as a client")] {
        sandbox.pki(["diagnose", "tls", "--purpose", purpose]).exits(0).says("nothing to mend").says(says);
    }
    let report = sandbox.pki(["diagnose", "own", "--name", HOST, "--json"]).exits(1).json();
    assert_eq!(report["cause"]["code"], "wrong-purpose", "{report:#}");
    // With neither asked about it is the server's, though the person's is valid longer; that it is one of two is said with the verdict.
    sandbox.pki(["issue", "client", "bob", "--out", "bob", "--days", "200"]).exits(0);
    sandbox.shell(&format!("mkdir both; to=both; for n in srv bob; do {copy}; done")).exits(0);
    let text = sandbox.pki(["diagnose", "both"]).exits(0).says("as a server").text();
    assert!(
        text.lines().nth(1).is_some_and(|line| line.starts_with("  of 2 certificates `CN=app.example.test` is")),
        "{text}"
    );
}

/// Of several services each is to work: the one that does not is reported on, and the others that do not are named.
#[test]
fn one_of_several_that_cannot_be_used_is_not_passed_over() {
    let sandbox = Sandbox::with_ca();
    for name in ["a.example.test", "b.example.test", "c.example.test"] {
        sandbox.pki(["issue", "server", name, "--out", name]).exits(0);
        sandbox.shell(&format!(
            "mkdir -p tls && cp {name}/fullchain.pem tls/{name}.crt && cp {name}/privkey.pem tls/{name}.key"
        ));
    }
    sandbox.pki(["diagnose", "tls"]).exits(0).says("nothing to mend");
    // Another's key lies where its own is meant to lie.
    sandbox.shell("cp a.example.test/privkey.pem tls/b.example.test.key").exits(0);
    let report = sandbox.pki(["diagnose", "tls", "--json"]).exits(1).json();
    assert_eq!(report["cause"]["code"], "key-mismatch", "{report:#}");
    let why = report["folder"]["chosen"].as_str().expect("a reason");
    assert!(why.contains("`CN=b.example.test` is the one") && why.contains("nothing here is in its place"), "{why}");
    // With one that can be used for the same host beside it, it is a leftover.
    sandbox.shell("cp b.example.test/fullchain.pem tls/new.crt && cp b.example.test/privkey.pem tls/new.key").exits(0);
    sandbox.pki(["diagnose", "tls"]).exits(0);
    // What was revoked is not to be used.
    sandbox.pki(["revoke", "c.example.test"]).exits(0);
    let outcome = sandbox.pki(["diagnose", "tls"]).exits(0);
    let text = outcome.text().split_whitespace().collect::<Vec<_>>().join(" ");
    let others = "of the others, 1 cannot be used as it is: `CN=c.example.test` (revoked)";
    assert!(text.contains("nothing to mend of 3 certificates") && text.contains(others), "{text}");
}

fn made() -> Sandbox {
    let sandbox = Sandbox::new();
    GOOD.make(sandbox.path());
    sandbox
}

/// Files of a good scene at those places, readable by their owner alone.
fn laid_out(places: &[Place]) -> Sandbox {
    let (scene, sandbox) = (made(), Sandbox::new());
    for (from, to) in places {
        secret(&sandbox, to, scene.read(from));
    }
    for key in ["root.key", "issuing.key", "server.key"] {
        sandbox.write(key, scene.read(key));
    }
    sandbox
}

/// The key, encrypted, at that place.
fn locked(sandbox: &Sandbox, key: &str, to: &str) {
    secret(sandbox, to, "");
    sandbox.shell(&format!("openssl pkcs8 -topk8 -in {key} -passout pass:secret -out {to}")).exits(0);
}

fn secret(sandbox: &Sandbox, to: &str, content: impl AsRef<[u8]>) {
    let folder = sandbox.file(to).parent().map(ToOwned::to_owned).expect("a file lies in a folder");
    std::fs::create_dir_all(folder).expect("a fresh folder can be made");
    let path = sandbox.write(to, content);
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).expect("its owner may");
}

#[track_caller]
fn assert_no_fault(report: &Value) {
    let graver = graver_than_notes(report);
    assert!(graver.is_empty(), "{graver:#?}");
}

/// Remarks of severity error or warning.
fn graver_than_notes(report: &Value) -> Vec<String> {
    let files = report["folder"]["files"].as_array().expect("an array of files");
    let remarks = files.iter().flat_map(|file| file["remarks"].as_array().expect("an array of remarks"));
    remarks.filter(|it| it["severity"] != "note").map(ToString::to_string).collect()
}
