//! Revocation lists, judged by those who read them: OpenSSL, GnuTLS, Python, nginx and our own chat and verdict.

use std::path::Path;
use std::time::Instant;

use serde_json::Value;
use tests::peers::peer;
use tests::sandbox::{DEADLINE, complete};
use tests::{Outcome, Running, Sandbox, programs};

#[test]
fn a_name_is_revoked_with_all_its_certificates_and_a_serial_number_alone() {
    let sandbox = Sandbox::with_ca();
    let serial = |name: &str| {
        let shown = sandbox.pki(["show", name, "--json"]).exits(0).json();
        shown["serial"].as_str().expect("a serial number").to_owned()
    };
    let status = |serial: &str| sandbox.pki(["show", serial, "--json"]).exits(0).json()["status"].clone();
    sandbox.pki(["issue", "client", "alice"]).exits(0);
    let first = serial("alice");
    sandbox.pki(["renew", "alice"]).exits(0);
    let second = serial("alice");
    // Whoever has the key could come in with the older certificate.
    let revoked = sandbox.pki(["revoke", "alice", "--reason", "keyCompromise", "--json"]).exits(0).json();
    assert_eq!((&revoked["serial"], &revoked["also"]), (&second.clone().into(), &serde_json::json!([first])));
    assert_eq!((status(&first), status(&second)), ("revoked".into(), "revoked".into()));
    // By number it is one alone, and the other of its key is told.
    sandbox.pki(["renew", "alice", "--rekey"]).exits(0);
    let third = serial("alice");
    sandbox.pki(["renew", "alice"]).exits(0);
    let fourth = serial("alice");
    let held = sandbox.pki(["revoke", &fourth, "--reason", "certificateHold"]).exits(0);
    held.says(&format!("pki revoke {third}"));
    let store = sandbox.store();
    let elsewhere = ["--store", store.to_str().expect("a path of ASCII"), "revoke", &fourth];
    let mut command = sandbox.command(programs::pki());
    command.args(elsewhere).args(["--reason", "certificateHold"]).env_remove("PKI_STORE");
    complete(command, "").exits(0).says(&format!("pki --store {} revoke {third}", store.display()));
    let alone = sandbox.pki(["revoke", &third, "--json"]).exits(0).json();
    assert_eq!(alone["also"], serde_json::json!([]), "{alone:#}");
    sandbox.pki(["revoke", &fourth, "--reason", "removeFromCRL"]).exits(0);
    assert_eq!((status(&third), status(&fourth)), ("revoked".into(), "valid".into()));
    // An older one of another key lets the same person in as well.
    sandbox.pki(["renew", "alice", "--rekey"]).exits(0);
    let fifth = serial("alice");
    let both = sandbox.pki(["revoke", "alice", "--json"]).exits(0).json();
    assert_eq!((&both["serial"], &both["also"]), (&fifth.into(), &serde_json::json!([fourth])));
    assert_eq!(status(&fourth), "revoked");
}

/// The list of a root whose key is kept apart ends as well, and neither another list nor a timer makes it again.
#[test]
fn the_end_of_a_list_that_was_made_before_is_told_beside_those_that_are_made() {
    let sandbox = Sandbox::new();
    let ca = ["init-ca", "--name", "Root CA", "--intermediate", "Issuing CA", "--root-key-out", "root.key"];
    sandbox.pki(ca).exits(0);
    sandbox.pki(["crl", "--root-key", "root.key", "--days", "100"]).exits(0).does_not_say("Made before");
    let root = "list 1 of Root CA, which ends at ";
    sandbox.pki(["crl", "--days", "300"]).exits(0).says(root).says("pki crl --root-key FILE");
    let in_place = |arguments: &[&str]| {
        let made = sandbox.pki(["crl", "--json"].iter().chain(arguments)).exits(0).json();
        let lists = made["in_place"].as_array().expect("an array").clone();
        lists.iter().map(|list| list["ca"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(in_place(&["--days", "300"]), ["Root CA"]);
    // A delta does not make the complete lists last longer.
    assert_eq!(in_place(&["--delta"]), ["Root CA", "Issuing CA"]);
    assert_eq!(in_place(&["--root-key", "root.key"]), ["Issuing CA"]);
    let timer = sandbox.pki(["crl", "--install-timer", "--timer-dir", "units"]).exits(0);
    timer.says("the timer has no key").says("of Root CA, which ends at ").does_not_say("of Issuing CA");
}

/// Who asks with the certificate of somebody who was revoked, and comes in, has found a server that reads no list.
#[test]
fn a_server_that_lets_the_revoked_in_is_told_of_the_list() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", "localhost"]).exits(0);
    sandbox.pki(["issue", "client", "joe"]).exits(0);
    let (cert, key) = ("store/certs/localhost/fullchain.pem", "store/certs/localhost/privkey.pem");
    let files = ["--mtls", "required", "--cert", cert, "--key", key, "--trust", "store/ca/root.pem"];
    let server = sandbox.serve(["--name", "localhost"].iter().chain(&files));
    sandbox.pki(["revoke", "joe"]).exits(0);
    let endpoint = format!("localhost:{}", server.address().port());
    let shown = ["--client-chain", "store/certs/joe/fullchain.pem", "--client-key", "store/certs/joe/privkey.pem"];
    let report = sandbox.pki(["diagnose", &endpoint, "--json"].iter().chain(&shown)).exits(0).json();
    let cause = &report["cause"];
    assert_eq!((&cause["code"], &cause["severity"]), (&"revoked".into(), &"warning".into()), "{report:#}");
    assert!(cause["fix"].as_str().is_some_and(|fix| fix.contains("pki crl") && fix.contains("ssl_crl")), "{cause:#}");
    let accept = |client: &Value| client["verdict"] == "accepts";
    assert!(report["clients"].as_array().is_some_and(|clients| clients.iter().all(accept)), "{report:#}");
    // With another's key it comes nowhere: that is the client's matter, told in its words, and its own key lies beside it.
    let wrong = ["--client-chain", shown[1], "--client-key", key];
    let report = sandbox.pki(["diagnose", &endpoint, "--json"].iter().chain(&wrong)).exits(1).json();
    assert_eq!(report["cause"]["code"], "key-mismatch", "{report:#}");
    let fix = report["cause"]["fix"].as_str().expect("a fix");
    assert!(fix.contains("store/certs/joe/privkey.pem") && !fix.contains("pki issue"), "{fix}");
    let refused = |client: &Value| client["error"].as_str().is_some_and(|text| text.contains("onnection refused"));
    assert!(report["clients"].as_array().is_some_and(|clients| !clients.iter().any(refused)), "{report:#}");
}

#[test]
fn openssl_gnutls_and_we_tell_the_revoked_from_the_others() {
    let (Some(_), Some(_)) = (peer("openssl"), peer("certtool")) else { return };
    for key in ["ecdsa-p256", "ecdsa-p384", "ed25519", "rsa-2048"] {
        let sandbox = Sandbox::new();
        let names = ["--name", "Test Root CA", "--intermediate", "Test Issuing CA", "--key", key];
        sandbox.pki(["init-ca"].iter().chain(&names)).exits(0);
        issue(&sandbox, &["alice", "bob"]);
        sandbox.pki(["revoke", "alice", "--reason", "keyCompromise"]).exits(0);
        sandbox.pki(["crl"]).exits(0);
        sandbox
            .shell("openssl crl -in store/ca/crl.pem -noout -text")
            .exits(0)
            .says("Key Compromise")
            .says("CRL Number");
        sandbox.shell("certtool --crl-info --infile store/ca/crl.pem").exits(0).says("Revoked certificates (1)");
        for (name, revoked) in [("alice", true), ("bob", false)] {
            let lists = "-crl_check_all -x509_strict -CRLfile store/ca/crl.pem";
            judged(&openssl(&sandbox, name, lists), revoked, key);
            judged(&certtool(&sandbox, name, "store/ca/crl.pem"), revoked, key);
            judged(&ours(&sandbox, name, &["store/ca/crl.pem"]), revoked, key);
        }
    }
}

#[test]
fn a_delta_is_read_beside_its_list() {
    let (Some(_), Some(_)) = (peer("openssl"), peer("certtool")) else { return };
    let sandbox = Sandbox::with_ca();
    issue(&sandbox, &["alice", "bob", "carol"]);
    sandbox.pki(["crl", "--delta"]).exits(2).says("no complete list").says("pki crl");
    sandbox.pki(["crl", "--url", "http://crl.example.test"]).exits(0);
    sandbox.pki(["crl", "--delta"]).exits(0);
    sandbox.pki(["revoke", "bob", "--reason", "certificateHold"]).exits(0);
    sandbox.pki(["crl"]).exits(0);
    sandbox.pki(["revoke", "alice"]).exits(0);
    sandbox.pki(["revoke", "bob", "--reason", "removeFromCRL"]).exits(0);
    let made = sandbox.pki(["crl", "--delta", "--hours", "6", "--json"]).exits(0).json();
    assert_eq!((&made["lists"][0]["entries"], made["lists"].as_array().map(Vec::len)), (&2.into(), Some(1)));

    let files = ["complete.pem", "delta.pem"];
    to_pem(&sandbox, "issuing-2.crl", files[0]);
    to_pem(&sandbox, "issuing-2-delta.crl", files[1]);
    sandbox.shell("openssl crl -in delta.pem -noout -text").exits(0).says("Delta CRL Indicator: critical");
    sandbox.shell("openssl crl -in complete.pem -noout -text").exits(0).says("issuing-2-delta.crl");
    for (name, before, now) in [("alice", false, true), ("bob", true, false), ("carol", false, false)] {
        judged(&openssl(&sandbox, name, "-crl_check -CRLfile complete.pem"), before, name);
        // Without -extended_crl OpenSSL takes a delta for a complete list.
        let with_delta = "-crl_check -extended_crl -use_deltas -CRLfile complete.pem -CRLfile delta.pem";
        judged(&openssl(&sandbox, name, with_delta), now, name);
        judged(&ours(&sandbox, name, &files[..1]), before, name);
        judged(&ours(&sandbox, name, &files), now, name);
    }
    // What a later list says is not taken back by the delta of an earlier one.
    sandbox.pki(["revoke", "bob", "--reason", "keyCompromise"]).exits(0);
    sandbox.pki(["crl"]).exits(0);
    to_pem(&sandbox, "issuing-2.crl", "later.pem");
    let with_delta = "-crl_check -extended_crl -use_deltas -CRLfile later.pem -CRLfile delta.pem";
    judged(&openssl(&sandbox, "bob", with_delta), true, "bob");
    judged(&ours(&sandbox, "bob", &["later.pem", "delta.pem"]), true, "bob");
}

/// The issuingDistributionPoint of a list may have a directory's name, which no certificate of ours has.
#[test]
fn a_partition_that_is_named_by_no_uri_is_not_taken_for_a_list_of_all() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    issue(&sandbox, &["alice"]);
    sandbox.write(
        "list.cnf",
        "[ca]\ndefault_ca = own\n[own]\ndatabase = index.txt\ndefault_md = sha256\n[extensions]\n\
         issuingDistributionPoint = critical, @point\n[point]\nfullname = dirName:directory\n[directory]\nCN = Elsewhere\n",
    );
    let make = "touch index.txt; openssl ca -config list.cnf -gencrl -crldays 30 -crlexts extensions \
                -keyfile store/ca/issuing.key -cert store/ca/issuing.pem -out part.pem";
    sandbox.shell(make).exits(0);
    openssl(&sandbox, "alice", "-crl_check -extended_crl -CRLfile part.pem").says("different CRL scope");
    ours(&sandbox, "alice", &["part.pem"]).exits(1).says("crl-not-applicable").says("the partition CN=Elsewhere");
}

#[test]
fn a_partition_is_found_by_the_certificates_that_are_in_it() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    issue(&sandbox, &["before"]);
    sandbox.pki(["crl", "--partitions", "2"]).exits(2).says("--url");
    sandbox.pki(["crl", "--partitions", "2", "--url", "http://crl.example.test/lists"]).exits(0);
    let names = ["a", "b", "c", "d", "e", "f"];
    issue(&sandbox, &names);
    for name in ["a", "b", "c", "before"] {
        sandbox.pki(["revoke", name]).exits(0);
    }
    let made = sandbox.pki(["crl", "--publish", "www", "--json"]).exits(0).json();
    assert_eq!(entries(&made, 0), 4, "{made}");
    assert_eq!(entries(&made, 1) + entries(&made, 2), 3, "{made}");
    for partition in ["1", "2"] {
        to_pem(&sandbox, &format!("issuing-2-p{partition}.crl"), &format!("{partition}.pem"));
    }
    let both = "-crl_check -CRLfile 1.pem -CRLfile 2.pem";
    for (name, revoked) in names.iter().zip([true, true, true, false, false, false]) {
        judged(&openssl(&sandbox, name, both), revoked, name);
        judged(&ours(&sandbox, name, &["1.pem", "2.pem"]), revoked, name);
        judged(&openssl(&sandbox, name, "-crl_check -CRLfile store/ca/crl.pem"), revoked, name);
        let point =
            sandbox.shell(&format!("openssl x509 -in store/certs/{name}/cert.pem -noout -ext crlDistributionPoints"));
        let file = point.stdout.trim().rsplit('/').next().unwrap_or_default().to_owned();
        assert!(sandbox.file("www").join(&file).exists(), "{point}");
    }
    // Those of before are in no partition, and named by the complete list alone.
    judged(&openssl(&sandbox, "before", "-crl_check -CRLfile store/ca/crl.pem"), true, "before");
    ours(&sandbox, "before", &["1.pem", "2.pem"]).exits(1).says("crl-not-applicable");
}

#[test]
fn a_root_that_is_kept_elsewhere_makes_its_list_when_its_key_is_there() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    issue(&sandbox, &["alice"]);
    std::fs::rename(sandbox.file("store/ca/root.key"), sandbox.file("root.key")).expect("it can be moved");
    sandbox.pki(["crl"]).exits(0).says("Test Issuing CA").says("pki crl --root-key FILE");
    openssl(&sandbox, "alice", "-crl_check_all -CRLfile store/ca/crl.pem").says("unable to get certificate CRL");

    sandbox.pki(["revoke", "Test Issuing CA", "--reason", "cACompromise"]).exits(0).says("Test Issuing CA");
    let made = sandbox.pki(["crl", "--root-key", "root.key", "--json"]).exits(0).json();
    assert_eq!((&made["lists"][0]["ca"], &made["lists"][0]["entries"]), (&"Test Root CA".into(), &1.into()));
    openssl(&sandbox, "alice", "-crl_check_all -CRLfile store/ca/crl.pem").says("certificate revoked");
    sandbox.pki(["issue", "client", "bob"]).exits(4).says("was revoked").says("pki rollover --intermediate");
    sandbox.pki(["crl"]).exits(0).does_not_say("does not name what was revoked");
    sandbox.pki(["crl", "--root-key", "store/ca/issuing.key"]).exits(4).says("is not the key of");
}

#[test]
fn every_generation_of_cas_has_a_list_of_its_own() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    issue(&sandbox, &["alice", "bob"]);
    sandbox.pki(["crl", "--partitions", "2", "--url", "http://crl.example.test"]).exits(0);
    sandbox.pki(["rollover", "--intermediate"]).exits(0);
    issue(&sandbox, &["carol", "dave"]);
    for name in ["alice", "carol"] {
        sandbox.pki(["revoke", name]).exits(0);
    }
    let made = sandbox.pki(["crl", "--json"]).exits(0).json();
    let lists = made["lists"].as_array().expect("lists");
    assert_eq!(lists.iter().filter(|list| list["entries"] == 1 && list["partition"] == 0).count(), 2, "{made}");
    for (name, revoked) in [("alice", true), ("bob", false), ("carol", true), ("dave", false)] {
        let chain = format!("store/certs/{name}/fullchain.pem");
        let files = format!("-CAfile store/ca/root.pem -untrusted {chain} -CRLfile store/ca/crl.pem");
        let outcome = sandbox.shell(&format!("openssl verify -crl_check_all {files} store/certs/{name}/cert.pem"));
        judged(&outcome, revoked, name);
    }
    let point = sandbox.shell("openssl x509 -in store/certs/carol/cert.pem -noout -ext crlDistributionPoints");
    point.says("http://crl.example.test/issuing-3-p");
}

#[test]
fn python_refuses_the_revoked() {
    let Some(python) = peer("python3") else { return };
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", "localhost"]).exits(0);
    sandbox.pki(["issue", "server", "www.example.test"]).exits(0);
    sandbox.pki(["revoke", "www.example.test"]).exits(0);
    sandbox.pki(["crl", "--out", "crl.pem"]).exits(0);
    sandbox.write("handshake.py", PYTHON);
    sandbox.run(&python, ["handshake.py", "localhost"]).exits(0).says("accepted");
    sandbox.run(&python, ["handshake.py", "www.example.test"]).exits(0).says("certificate revoked");
}

/// A handshake with itself in memory, the client looking up the server's certificate.
const PYTHON: &str = r#"
import ssl, sys
name = sys.argv[1]
folder = f"store/certs/{name}/"
server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
server.load_cert_chain(folder + "fullchain.pem", folder + "privkey.pem")
client = ssl.create_default_context(cafile="store/ca/root.pem")
client.load_verify_locations("crl.pem")
client.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
one = client.wrap_bio(back, there, server_hostname=name)
other = server.wrap_bio(there, back, server_side=True)
try:
    for side in (one, other, one, other):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            pass
    one.do_handshake()
    print("accepted")
except ssl.SSLCertVerificationError as error:
    print(error.verify_message)
"#;

#[test]
fn nginx_refuses_the_revoked_before_and_after_a_new_list() {
    let (Some(nginx), Some(_)) = (peer("nginx"), peer("curl")) else { return };
    let sandbox = Sandbox::with_ca();
    issue(&sandbox, &["alice", "bob", "carol"]);
    sandbox.pki(["issue", "server", "localhost"]).exits(0);
    sandbox.pki(["revoke", "alice"]).exits(0);
    sandbox.pki(["crl", "--out", "crl.pem"]).exits(0);
    sandbox.write("nginx.conf", NGINX);
    let asked = |expected: [&str; 3]| {
        let _server = serve_nginx(&sandbox, &nginx);
        for (name, status) in ["alice", "bob", "carol"].into_iter().zip(expected) {
            assert_eq!(status_for(&sandbox, name), status, "{name}");
        }
    };
    asked(["400", "204", "204"]);
    sandbox.pki(["revoke", "bob"]).exits(0);
    asked(["400", "204", "204"]);
    sandbox.pki(["crl", "--out", "crl.pem"]).exits(0);
    asked(["400", "400", "204"]);
    // A renewal of a certificate that is in order, and one of a certificate whose key may be in other hands.
    sandbox.shell("cp -r store/certs/bob store/certs/stolen").exits(0);
    sandbox.pki(["renew", "carol"]).exits(0);
    sandbox.pki(["renew", "localhost", "--rekey"]).exits(0);
    asked_of(&sandbox, &nginx, &[("carol", "204"), ("alice", "400")]);
    sandbox.pki(["renew", "bob", "--rekey"]).exits(0);
    asked(["400", "204", "204"]);
    sandbox.pki(["crl", "--out", "crl.pem"]).exits(0);
    asked_of(&sandbox, &nginx, &[("alice", "400"), ("bob", "204"), ("stolen", "400"), ("carol", "204")]);
}

fn asked_of(sandbox: &Sandbox, nginx: &Path, expected: &[(&str, &str)]) {
    let _server = serve_nginx(sandbox, nginx);
    for (name, status) in expected {
        assert_eq!(status_for(sandbox, name), *status, "{name}");
    }
}

const NGINX: &str = "
master_process off;
error_log stderr notice;
pid nginx.pid;
events {}
http {
    access_log off;
    client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
    server {
        listen unix:nginx.sock ssl;
        ssl_certificate store/certs/localhost/fullchain.pem;
        ssl_certificate_key store/certs/localhost/privkey.pem;
        ssl_client_certificate store/ca/root.pem;
        ssl_verify_client on;
        ssl_verify_depth 2;
        ssl_crl crl.pem;
        location / { return 204; }
    }
}
";

/// nginx on a socket in the sandbox, until it is dropped.
fn serve_nginx(sandbox: &Sandbox, nginx: &Path) -> Running {
    let _ = std::fs::remove_file(sandbox.file("nginx.sock"));
    // Relative paths of its settings are taken from the prefix.
    let socket = format!("unix:{}", sandbox.file("nginx.sock").display());
    sandbox.write("nginx.conf", NGINX.replace("unix:nginx.sock", &socket));
    let folder = format!("{}/", sandbox.path().display());
    let server = sandbox.start(nginx, ["-p", &folder, "-c", "nginx.conf", "-e", "stderr", "-g", "daemon off;"]);
    server.line("using the");
    server
}

fn status_for(sandbox: &Sandbox, name: &str) -> String {
    let line = format!(
        "curl --silent --unix-socket nginx.sock --cacert store/ca/root.pem --cert store/certs/{name}/fullchain.pem \
         --key store/certs/{name}/privkey.pem --output /dev/null --write-out '%{{http_code}}' https://localhost/"
    );
    sandbox.shell(&line).exits(0).stdout
}

#[test]
fn the_chat_refuses_the_revoked_and_says_so_in_its_log() {
    const REFUSED: i32 = 1;
    for partitions in [&["crl"][..], &["crl", "--partitions", "4", "--url", "http://crl.example.test"]] {
        let sandbox = Sandbox::with_ca();
        sandbox.pki(["issue", "server", "localhost"]).exits(0);
        sandbox.pki(partitions).exits(0);
        issue(&sandbox, &["alice", "bob"]);
        let joins = |server: &Running, name: &str| {
            let address = format!("localhost:{}", server.address().port());
            sandbox.chat(["connect", &address, "--as", name, "--plain"])
        };
        let server = sandbox.serve(["--name", "localhost", "--mtls", "required"]);
        joins(&server, "alice").exits(0);
        sandbox.pki(["revoke", "alice", "--reason", "keyCompromise"]).exits(0);
        // The list does not know it yet, and the store does, which the server looks at several times a second. Who is in
        // by then is sent away, and ends with another code.
        let end = Instant::now() + DEADLINE;
        let refused =
            std::iter::repeat_with(|| joins(&server, "alice")).find(|it| it.code() == REFUSED || Instant::now() > end);
        refused.expect("it repeats").exits(REFUSED).says("revoked").says("pki renew alice --rekey");
        drop(server);
        sandbox.pki(["crl"]).exits(0);
        let server = sandbox.serve(["--name", "localhost", "--mtls", "required"]);
        joins(&server, "alice").exits(1).says("invalid: revoked").says("pki renew alice --rekey");
        server.line_with(&["handshake-failed", "code=revoked", "CN=alice"]);
        joins(&server, "bob").exits(0);
    }
}

fn issue(sandbox: &Sandbox, names: &[&str]) {
    for name in names {
        sandbox.pki(["issue", "client", name]).exits(0);
    }
}

/// What OpenSSL makes of a client's certificate.
fn openssl(sandbox: &Sandbox, name: &str, lists: &str) -> Outcome {
    let files = "-CAfile store/ca/root.pem -untrusted store/ca/issuing.pem";
    sandbox.shell(&format!("openssl verify {files} {lists} store/certs/{name}/cert.pem"))
}

fn certtool(sandbox: &Sandbox, name: &str, list: &str) -> Outcome {
    let chain = format!("store/certs/{name}/fullchain.pem");
    let arguments = ["--verify", "--load-ca-certificate", "store/ca/root.pem", "--load-crl", list, "--infile", &chain];
    sandbox.run("certtool", arguments)
}

fn ours(sandbox: &Sandbox, name: &str, lists: &[&str]) -> Outcome {
    let chain = format!("store/certs/{name}/fullchain.pem");
    let lists = lists.iter().flat_map(|list| ["--crl", list]);
    // With the store's root named, the lists alone tell; else the store itself would.
    let asked = ["verify", "chain", &chain, "--purpose", "client", "--trust", "store/ca/root.pem"];
    sandbox.pki(asked.into_iter().chain(lists))
}

#[track_caller]
fn judged(outcome: &Outcome, revoked: bool, of: &str) {
    assert_eq!(outcome.succeeded(), !revoked, "{of}\n{outcome}");
    assert!(!revoked || outcome.text().contains("revoked"), "{of}\n{outcome}");
}

fn to_pem(sandbox: &Sandbox, list: &str, file: &str) {
    sandbox.shell(&format!("openssl crl -inform DER -in store/ca/crl/{list} -out {file}")).exits(0);
}

/// How many certificates the list of a partition names.
fn entries(made: &Value, partition: u64) -> u64 {
    let lists = made["lists"].as_array().expect("lists");
    let list = lists.iter().find(|list| list["partition"] == partition && list["ca"] == "Test Issuing CA");
    list.and_then(|list| list["entries"].as_u64()).unwrap_or_else(|| panic!("no partition {partition}: {made}"))
}
