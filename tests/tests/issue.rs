//! What `pki init-ca` and `pki issue` make, read and judged by openssl and GnuTLS.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tests::peers::peer;
use tests::{Outcome, Sandbox};

const KINDS: [&str; 6] = ["ecdsa-p256", "ecdsa-p384", "ed25519", "rsa-2048", "rsa-3072", "rsa-4096"];
const HOST: &str = "app.example.test";

#[test]
fn openssl_and_gnutls_accept_what_is_issued_with_every_kind_of_key() {
    let (Some(_), Some(_)) = (peer("openssl"), peer("certtool")) else { return };
    for kind in KINDS {
        let sandbox = Sandbox::new();
        sandbox.pki(["init-ca", "--name", "Root CA", "--intermediate", "Issuing CA", "--key", kind]).exits(0);
        sandbox.pki(["issue", "server", HOST, "192.0.2.7", "2001:db8::7", "--key", kind]).exits(0);
        sandbox.pki(["issue", "client", "alice", "--email", "alice@example.test", "--key", kind]).exits(0);
        for (name, purpose) in [(HOST, "sslserver"), ("alice", "sslclient")] {
            assert_whole(&sandbox, name, purpose);
        }
        for asked in [["-verify_hostname", HOST], ["-verify_ip", "192.0.2.7"], ["-verify_ip", "2001:db8::7"]] {
            openssl_verify(&sandbox, HOST, &asked).exits(0);
        }
        openssl_verify(&sandbox, "alice", &["-verify_email", "alice@example.test"]).exits(0);
    }
}

#[test]
fn a_root_without_an_intermediate_issues_by_itself() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    sandbox.pki(["init-ca", "--name", "Only Root CA"]).exits(0);
    sandbox.pki(["issue", "server", HOST]).exits(0);
    assert_whole(&sandbox, HOST, "sslserver");
    let root = extensions(&sandbox, &sandbox.issued(HOST, "ca.pem"), "basicConstraints");
    assert!(root.contains("CA:TRUE, pathlen:1"), "one CA more than there is below it: {root}");
}

#[test]
fn certificates_say_what_their_profile_says() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", HOST]).exits(0);
    sandbox.pki(["issue", "client", "alice"]).exits(0);
    let [root, issuing] = [sandbox.issued(HOST, "ca.pem"), sandbox.issued(HOST, "chain.pem")];
    let leaf = |name| sandbox.issued(name, "cert.pem");
    for (path, extension, expected) in [
        (&root, "basicConstraints", "critical CA:TRUE, pathlen:2"),
        (&root, "keyUsage", "critical Certificate Sign, CRL Sign"),
        (&issuing, "basicConstraints", "critical CA:TRUE, pathlen:0"),
        (&issuing, "keyUsage", "critical Certificate Sign, CRL Sign"),
        (&leaf(HOST), "keyUsage", "critical Digital Signature"),
        (&leaf(HOST), "extendedKeyUsage", "TLS Web Server Authentication"),
        (&leaf(HOST), "subjectAltName", "DNS:app.example.test"),
        (&leaf("alice"), "keyUsage", "critical Digital Signature"),
        (&leaf("alice"), "extendedKeyUsage", "TLS Web Client Authentication"),
    ] {
        let text = extensions(&sandbox, path, extension);
        assert!(text.ends_with(expected), "{}: {extension}: expected {expected:?}, got {text:?}", path.display());
    }
}

#[test]
fn key_identifiers_and_names_link_a_chain() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", HOST]).exits(0);
    let files = ["cert.pem", "chain.pem", "ca.pem"].map(|file| sandbox.issued(HOST, file));
    for pair in files.windows(2) {
        let authority = hex(&extensions(&sandbox, &pair[0], "authorityKeyIdentifier"));
        let subject = hex(&extensions(&sandbox, &pair[1], "subjectKeyIdentifier"));
        assert!(!subject.is_empty() && authority == subject, "AKI {authority} is not the issuer's SKI {subject}");
        assert_eq!(field(&sandbox, &pair[0], "-issuer"), field(&sandbox, &pair[1], "-subject"));
    }
}

#[test]
fn serial_numbers_are_positive_random_and_at_most_20_octets() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    let mut seen = std::collections::BTreeSet::new();
    for name in ["one", "two", "three"] {
        sandbox.pki(["issue", "client", name]).exits(0);
        for file in ["cert.pem", "chain.pem", "ca.pem"] {
            let serial = field(&sandbox, &sandbox.issued(name, file), "-serial");
            assert!(!serial.starts_with('-') && serial.len() <= 40 && serial.len() >= 16, "{serial}");
            seen.insert(serial);
        }
    }
    assert_eq!(seen.len(), 5, "three leaves and two CAs, each with a serial of its own: {seen:?}");
}

#[test]
fn a_certificate_is_valid_for_90_days_and_never_outlives_its_issuer() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", HOST]).exits(0);
    let days = days_valid(&sandbox, HOST);
    assert!((89..=91).contains(&days), "{days}");

    let short = Sandbox::new();
    short.pki(["init-ca", "--name", "Short CA", "--days", "30"]).exits(0);
    short.pki(["issue", "server", HOST]).exits(0);
    let end = |file| field(&short, &short.issued(HOST, file), "-enddate");
    assert!(
        days_valid(&short, HOST) <= 30,
        "notAfter of the leaf {}, of its issuer {}",
        end("cert.pem"),
        end("ca.pem")
    );
    openssl_verify(&short, HOST, &[]).exits(0);
}

#[test]
fn every_name_becomes_a_san_of_its_right_kind() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    let names = ["bücher.example.test", "*.shop.example.test", "192.0.2.7", "2001:db8::7", "localhost"];
    sandbox.pki(["issue", "server"].iter().chain(&names)).exits(0);
    let text = sandbox.pki(["list", "--json"]).exits(0).json();
    let name = text[0]["name"].as_str().expect("a name").to_owned();
    let san = extensions(&sandbox, &sandbox.issued(&name, "cert.pem"), "subjectAltName");
    for expected in [
        "DNS:xn--bcher-kva.example.test",
        "DNS:*.shop.example.test",
        "IP Address:192.0.2.7",
        "IP Address:2001:DB8:0:0:0:0:0:7",
        "DNS:localhost",
    ] {
        assert!(san.contains(expected), "expected {expected}: {san}");
    }
    openssl_verify(&sandbox, &name, &["-verify_hostname", "xn--bcher-kva.example.test"]).exits(0);
    openssl_verify(&sandbox, &name, &["-verify_hostname", "a.shop.example.test"]).exits(0);
}

#[test]
fn a_renewal_takes_further_names() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", HOST]).exits(0);
    sandbox.pki(["renew", HOST, "--add", "192.0.2.7", "--add", "www.example.test"]).exits(0);
    for asked in [["-verify_hostname", HOST], ["-verify_hostname", "www.example.test"], ["-verify_ip", "192.0.2.7"]] {
        openssl_verify(&sandbox, HOST, &asked).exits(0);
    }
    sandbox.pki(["renew", HOST, "--add", "https://x.test/"]).exits(2).says("URL");
}

#[test]
fn a_clients_mail_address_is_a_mail_san() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "client", "bob@example.test"]).exits(0);
    let san = extensions(&sandbox, &sandbox.issued("bob@example.test", "cert.pem"), "subjectAltName");
    assert!(san.contains("email:bob@example.test") && !san.contains("DNS:"), "{san}");
}

#[test]
fn the_common_name_is_one_of_the_sans() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", "a.example.test", "b.example.test", "--common-name", "b.example.test"]).exits(0);
    let subject = field(&sandbox, &sandbox.issued("a.example.test", "cert.pem"), "-subject");
    assert!(subject.contains("b.example.test"), "{subject}");
    sandbox
        .pki(["issue", "server", "c.example.test", "--common-name", "d.example.test"])
        .exits(2)
        .says("d.example.test");
}

#[test]
fn names_within_the_constraints_are_issued_and_verified() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    let constrained = ["--permit-dns", "example.test", "--permit-ip", "192.0.2.0/24"];
    let named = ["init-ca", "--name", "Bound Root CA", "--intermediate", "Bound Issuing CA"];
    sandbox.pki(named.iter().chain(&constrained)).exits(0);
    sandbox.pki(["issue", "server", HOST, "192.0.2.7"]).exits(0);
    let text = extensions(&sandbox, &sandbox.issued(HOST, "ca.pem"), "nameConstraints");
    for expected in ["critical", "DNS:example.test", "IP:192.0.2.0/255.255.255.0"] {
        assert!(text.contains(expected), "expected {expected}: {text}");
    }
    openssl_verify(&sandbox, HOST, &["-verify_ip", "192.0.2.7"]).exits(0);
}

#[test]
fn a_request_is_signed_and_nothing_more_than_it_should_be_is_taken() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    let request = "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout app.key -out app.csr \
                   -subj /CN=app.example.test/O=Example -addext subjectAltName=DNS:app.example.test \
                   -addext basicConstraints=critical,CA:TRUE";
    sandbox.shell(request).exits(0);
    let outcome = sandbox.pki(["issue", "server", HOST, "--csr", "app.csr", "--out", "out"]).exits(0);
    assert!(outcome.text().contains("basicConstraints") || outcome.text().contains("dropped"), "{outcome}");
    let leaf = sandbox.file("out/cert.pem");
    assert!(extensions(&sandbox, &leaf, "basicConstraints").ends_with("CA:FALSE") || !has_ca(&sandbox, &leaf));
    assert_eq!(
        sandbox.shell("openssl pkey -in app.key -pubout").exits(0).stdout,
        sandbox.shell("openssl x509 -in out/cert.pem -noout -pubkey").exits(0).stdout,
    );
    assert!(!sandbox.file("out/privkey.pem").exists(), "the key of a request is its owner's alone");
}

#[test]
fn private_keys_are_readable_by_their_owner_alone() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", HOST]).exits(0);
    sandbox.pki(["issue", "server", "other.example.test", "--out", "out"]).exits(0);
    for key in [sandbox.issued(HOST, "privkey.pem"), sandbox.file("out/privkey.pem")] {
        assert_eq!(mode(&key), 0o600, "{}", key.display());
    }
    let mut open = Vec::new();
    walk(&sandbox.store(), &mut |path| {
        let expected = if path.is_dir() { 0o700 } else { 0o600 };
        let secret = path.is_dir() || std::fs::read(path).is_ok_and(|it| contains(&it, b"PRIVATE KEY"));
        if secret && mode(path) != expected {
            open.push(path.display().to_string());
        }
    });
    assert!(open.is_empty(), "folders are 0700, keys 0600: {open:?}");
}

#[test]
fn a_ca_key_with_a_passphrase_is_read_by_openssl_and_needed_to_issue() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    sandbox.write("passphrase", "correct horse\n");
    sandbox.write("wrong", "battery staple\n");
    sandbox.pki(["init-ca", "--name", "Sealed CA", "--passphrase-file", "passphrase"]).exits(0);
    let mut sealed = 0;
    walk(&sandbox.store(), &mut |path| {
        let text = std::fs::read(path).unwrap_or_default();
        assert!(!contains(&text, b"BEGIN PRIVATE KEY"), "{} is not encrypted", path.display());
        if contains(&text, b"BEGIN ENCRYPTED PRIVATE KEY") {
            sealed += 1;
            let path = path.display();
            sandbox.shell(&format!("openssl pkey -in '{path}' -passin file:passphrase -noout")).exits(0);
        }
    });
    assert!(sealed > 0, "the CA's key is in the store");
    let refused = sandbox.pki(["issue", "server", HOST]);
    assert!(refused.code() != 0 && refused.text().contains("--passphrase-file"), "{refused}");
    let refused = sandbox.pki(["issue", "server", HOST, "--passphrase-file", "wrong"]);
    assert!(refused.code() != 0, "{refused}");
    sandbox.pki(["issue", "server", HOST, "--passphrase-file", "passphrase"]).exits(0);
    openssl_verify(&sandbox, HOST, &[]).exits(0);
}

/// Every file of an issued certificate is there, fits the others, and satisfies openssl (also when strict) and certtool.
fn assert_whole(sandbox: &Sandbox, name: &str, purpose: &str) {
    openssl_verify(sandbox, name, &["-purpose", purpose]).exits(0);
    openssl_verify(sandbox, name, &["-purpose", purpose, "-x509_strict"]).exits(0);
    let folder = sandbox.issued(name, "");
    let folder = folder.display();
    sandbox.shell(&format!("openssl x509 -in '{folder}/cert.pem' -noout -text")).exits(0).says("X509v3 Subject");
    sandbox.shell(&format!("openssl pkey -in '{folder}/privkey.pem' -check -noout")).exits(0);
    // What a server sends: the certificate, and the CAs above it but for the root.
    let sent = format!("cmp -s '{folder}/chain.pem' '{folder}/ca.pem' || cat '{folder}/chain.pem'");
    sandbox.shell(&format!("(cat '{folder}/cert.pem'; {sent}) | cmp - '{folder}/fullchain.pem'")).exits(0);
    assert_eq!(
        sandbox.shell(&format!("openssl pkey -in '{folder}/privkey.pem' -pubout")).exits(0).stdout,
        sandbox.shell(&format!("openssl x509 -in '{folder}/cert.pem' -noout -pubkey")).exits(0).stdout,
    );
    let certtool =
        format!("certtool --verify --load-ca-certificate '{folder}/ca.pem' --infile '{folder}/fullchain.pem'");
    sandbox.shell(&certtool).exits(0).says("Verified");
}

fn openssl_verify(sandbox: &Sandbox, name: &str, more: &[&str]) -> Outcome {
    let [ca, chain, cert] = ["ca.pem", "fullchain.pem", "cert.pem"].map(|it| sandbox.issued(name, it));
    let path = |it: &Path| it.display().to_string();
    let files = ["-CAfile".into(), path(&ca), "-untrusted".into(), path(&chain), path(&cert)];
    let start = ["verify", "-no-CApath", "-no-CAstore"].iter().chain(more).map(|it| (*it).to_owned());
    sandbox.run("openssl", start.chain(files))
}

/// An extension as openssl prints it, on one line.
fn extensions(sandbox: &Sandbox, path: &Path, extension: &str) -> String {
    let text = sandbox.run("openssl", ["x509", "-noout", "-ext", extension, "-in", &path.display().to_string()]).stdout;
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A field as openssl prints it, after its `=`.
fn field(sandbox: &Sandbox, path: &Path, field: &str) -> String {
    let file = path.display().to_string();
    let text = sandbox.run("openssl", ["x509", "-noout", field, "-nameopt", "RFC2253", "-in", &file]).exits(0).stdout;
    text.split_once('=').expect("NAME=VALUE").1.trim().to_owned()
}

fn hex(text: &str) -> String {
    let last = text.rsplit(' ').next().unwrap_or_default();
    last.trim_start_matches("keyid:").to_owned()
}

fn has_ca(sandbox: &Sandbox, path: &Path) -> bool {
    extensions(sandbox, path, "basicConstraints").contains("CA:TRUE")
}

/// From notBefore to notAfter, asked of openssl's own clockwork, so that no date has to be parsed here.
fn days_valid(sandbox: &Sandbox, name: &str) -> i64 {
    let listed = sandbox.pki(["list", "--json"]).exits(0).json();
    let entry =
        listed.as_array().expect("an array").iter().find(|it| it["name"] == name).expect("it is listed").clone();
    let date = |key: &str| {
        let text = entry[key].as_str().expect("a date");
        time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).expect("RFC 3339")
    };
    (date("not_after") - date("not_before")).whole_days()
}

fn mode(path: &Path) -> u32 {
    path.metadata().expect("it is there").permissions().mode() & 0o777
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

fn walk(folder: &Path, visit: &mut dyn FnMut(&Path)) {
    for entry in std::fs::read_dir(folder).expect("a folder of the store").flatten() {
        visit(&entry.path());
        if entry.path().is_dir() {
            walk(&entry.path(), visit);
        }
    }
}

#[test]
fn a_number_below_nothing_is_a_value_and_not_a_flag() {
    let sandbox = Sandbox::with_ca();
    let refused = sandbox.pki(["issue", "client", "alice", "--days", "-1"]).exits(2);
    refused.says("cannot take --days N: expected a whole number, found \"-1\"").does_not_say("has no option");
    sandbox.pki(["issue", "client", ""]).exits(2).says("pki issue client alice");
}

#[test]
fn a_target_that_cannot_be_written_is_told_before_anything_is_planned() {
    let sandbox = Sandbox::with_ca();
    sandbox.write("file", "");
    for target in ["/dev/null", "file", "file/below"] {
        sandbox.pki(["issue", "server", "app.example.test", "--out", target]).exits(3).says("cannot write");
    }
    sandbox.pki(["check"]).exits(0);
    sandbox.pki(["issue", "server", "app.example.test", "--out", "new/folder"]).exits(0);
    sandbox.shell("rm -r new; touch new").exits(0);
    sandbox.pki(["renew", "app.example.test", "--rekey"]).exits(3).says("cannot write");
    sandbox.shell("rm new").exits(0);
    sandbox.pki(["renew", "app.example.test", "--rekey"]).exits(0);
    sandbox.pki(["check"]).exits(0);
}
