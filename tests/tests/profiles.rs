//! `ca.toml`: what a store's owner lays down is in every certificate that follows, and what does not fit is refused with its
//! place.

use std::path::Path;

use tests::Sandbox;
use tests::peers::{peer, python_with_cryptography};

const HOST: &str = "app.example.test";

const SETTINGS: &str = r#"
[all]
crl = "http://ca.example.test/crl.der"
ca_issuers = ["http://ca.example.test/issuing.der", "ldap://ca.example.test/cn=issuing"]
policies = ["1.3.6.1.4.1.99999.1"]

[server]
days = 30
max_days = 60
key = "ecdsa-p384"
keys = ["ecdsa-p256", "ecdsa-p384"]
dns = ["example.test"]
ip = ["192.0.2.0/24"]
ocsp = "http://ocsp.example.test/"
must_staple = true

[client]
email = ["example.test"]
uri = ["spiffe://example.test/user/{name}"]
upn = ["{user}@EXAMPLE.TEST"]
"#;

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_ca();
    sandbox.write("store/ca.toml", SETTINGS);
    sandbox
}

#[test]
fn extensions_are_as_laid_down_and_every_judge_takes_them() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = sandbox();
    sandbox.pki(["issue", "server", HOST, "192.0.2.7"]).exits(0);
    let text = openssl(&sandbox, &sandbox.issued(HOST, "cert.pem"));
    for expected in [
        "CA Issuers - URI:http://ca.example.test/issuing.der",
        "CA Issuers - URI:ldap://ca.example.test/cn=issuing",
        "OCSP - URI:http://ocsp.example.test/",
        "Full Name: URI:http://ca.example.test/crl.der",
        "Policy: 1.3.6.1.4.1.99999.1",
        "TLS Feature: status_request",
        "NIST CURVE: P-384",
    ] {
        assert!(text.contains(expected), "expected {expected}: {text}");
    }
    let folder = sandbox.issued(HOST, "").display().to_string();
    for strict in ["", "-x509_strict", "-policy_check -explicit_policy -policy anyPolicy"] {
        // No CA above says which policies it stands for, so asking for an explicit one fails, and nothing else does.
        let expected = if strict.contains("explicit") { 2 } else { 0 };
        let verify = format!(
            "openssl verify {strict} -CAfile '{folder}/ca.pem' -untrusted '{folder}/chain.pem' '{folder}/cert.pem'"
        );
        sandbox.shell(&verify).exits(expected);
    }
    sandbox.pki(["verify", "chain", &format!("{folder}/fullchain.pem"), "--dns", HOST]).exits(0);
    if let Some(certtool) = peer("certtool") {
        let file = format!("{folder}/cert.pem");
        let read = sandbox.run(&certtool, ["--certificate-info", "--infile", &file]).exits(0);
        read.says("OCSP Status Request(5)").says("http://ocsp.example.test/").says("1.3.6.1.4.1.99999.1");
        let (trust, chain) = (format!("{folder}/ca.pem"), format!("{folder}/fullchain.pem"));
        sandbox.run(certtool, ["--verify", "--load-ca-certificate", &trust, "--infile", &chain]).exits(0);
    }
}

#[test]
fn names_are_made_from_the_certificates_own() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = sandbox();
    sandbox.pki(["issue", "client", "alice@example.test"]).exits(0);
    let cert = sandbox.issued("alice@example.test", "cert.pem");
    let check = |text: &str| {
        for expected in [
            "email:alice@example.test",
            "URI:spiffe://example.test/user/alice%40example.test",
            "othername: UPN:alice@EXAMPLE.TEST",
        ] {
            assert!(text.replace("UPN::", "UPN:").contains(expected), "expected {expected}: {text}");
        }
    };
    check(&openssl(&sandbox, &cert));
    sandbox.pki(["inspect", &cert.display().to_string()]).exits(0).says("UPN:alice@EXAMPLE.TEST");
    // Once, also after a renewal.
    sandbox.pki(["renew", "alice@example.test"]).exits(0);
    let text = openssl(&sandbox, &cert);
    check(&text);
    assert_eq!(text.matches("spiffe://").count(), 1, "{text}");
    let listed = sandbox.pki(["show", "alice@example.test", "--json"]).exits(0).json();
    assert_eq!(listed["sans"].as_array().map(Vec::len), Some(3), "{listed}");
    let python = "from cryptography import x509; import sys; \
                  names = x509.load_pem_x509_certificate(open(sys.argv[1],'rb').read()).extensions.get_extension_for_class(x509.SubjectAlternativeName).value; \
                  print([n.value for n in names.get_values_for_type(x509.OtherName)])";
    if let Some(interpreter) = python_with_cryptography() {
        let read = sandbox.run(interpreter, ["-c", python, &cert.display().to_string()]).exits(0);
        read.says("alice@EXAMPLE.TEST");
    }
    sandbox.pki(["issue", "client", "Alice Example"]).exits(2).says("user principal name");
}

#[test]
fn lives_keys_and_names_are_held_to_what_is_allowed() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = sandbox();
    for (arguments, key) in [
        (&["server", HOST, "--days", "61"][..], "max_days"),
        (&["server", HOST, "--key", "rsa-2048"], "keys"),
        (&["server", "app.example.org"], "dns"),
        (&["server", "192.0.3.1"], "ip"),
        (&["client", "bob", "--email", "bob@example.org"], "email"),
    ] {
        let refused = sandbox.pki(["issue"].iter().chain(arguments)).exits(2);
        refused.says(&format!("({key})")).says("ca.toml");
    }
    assert_eq!(sandbox.pki(["list", "--json"]).exits(0).json(), serde_json::json!([]), "nothing was signed");
    sandbox.pki(["issue", "server", HOST]).exits(0).says("(30 days)");
    sandbox.pki(["renew", HOST, "--days", "61"]).exits(2).says("max_days");
    sandbox.pki(["renew", HOST, "--add", "www.example.org"]).exits(2).says("dns");
    // What was laid down later holds for renewals, which a timer must be able to make.
    sandbox.write("store/ca.toml", "[server]\nmax_days = 7\nkeys = [\"ecdsa-p256\"]\n");
    sandbox.pki(["renew", HOST]).exits(2).says("ecdsa-p384");
    sandbox.pki(["renew", HOST, "--rekey"]).exits(0).says("(7 days)");
    assert!(!openssl(&sandbox, &sandbox.issued(HOST, "cert.pem")).contains("TLS Feature"));
    sandbox
        .shell("openssl req -new -newkey rsa:2048 -noenc -keyout a.key -out a.csr -subj /CN=a.example.test 2>&1")
        .exits(0);
    sandbox.pki(["issue", "server", "a.example.test", "--csr", "a.csr"]).exits(2).says("rsa-2048");
}

#[test]
fn what_does_not_read_is_named_by_file_line_and_key() {
    let sandbox = Sandbox::with_ca();
    for (text, says) in [
        ("[server]\n\ndays = \"ninety\"\n", &[":3: ", "server.days", "whole number", "\"ninety\""][..]),
        ("[client]\nvalidity = 3\n", &[":2: ", "client.validity", "days, max_days"]),
        ("[server]\nkeys = [\"rsa-1024\"]\n", &[":2: ", "server.keys", "rsa-1024", "ecdsa-p256"]),
        ("[server\n", &[":1: "]),
        ("[server]\ndays = 1\u{1b}[31m\n", &[":2: "]),
    ] {
        sandbox.write("store/ca.toml", text);
        let refused = sandbox.pki(["issue", "server", HOST]).exits(3);
        assert!(!refused.text().contains('\u{1b}'), "{refused}");
        let file = sandbox.store().join("ca.toml").display().to_string();
        says.iter().fold(refused.says(&file), |refused, expected| refused.says(expected));
    }
    sandbox.pki(["list"]).exits(0);
}

#[test]
fn a_store_may_be_made_around_its_settings() {
    let sandbox = Sandbox::new();
    sandbox.shell("mkdir -m 700 store").exits(0);
    sandbox.write("store/ca.toml", "[all]\ndays = 5\n");
    sandbox.pki(["init-ca", "--name", "Example Root CA"]).exits(0);
    sandbox.pki(["issue", "client", "alice"]).exits(0).says("(5 days)");
}

/// A certificate as openssl shows it, on one line.
fn openssl(sandbox: &Sandbox, path: &Path) -> String {
    let text = sandbox.run("openssl", ["x509", "-noout", "-text", "-in", &path.display().to_string()]).exits(0).stdout;
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
