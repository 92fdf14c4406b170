//! Subjects with organization, unit, country, state and locality: asked for by flag or laid down in `ca.toml`, kept by a
//! renewal and by a roll-over, and read by openssl and GnuTLS as they were meant.

use std::path::Path;

use tests::Sandbox;
use tests::peers::peer;

const HOST: &str = "app.example.test";
const OF_CA: [&str; 6] = ["--country", "GB", "--organization", "Example, Ltd", "--locality", "Lund"];

fn with_ca() -> Sandbox {
    let sandbox = Sandbox::new();
    let names = ["init-ca", "--name", "Test Root CA", "--intermediate", "Test Issuing CA"];
    sandbox.pki(names.iter().chain(&OF_CA)).exits(0);
    sandbox
}

/// Subject and issuer, as openssl writes them by RFC 2253.
fn names(sandbox: &Sandbox, file: &Path) -> String {
    let file = file.display().to_string();
    sandbox
        .run("openssl", ["x509", "-in", &file, "-noout", "-subject", "-issuer", "-nameopt", "RFC2253"])
        .exits(0)
        .stdout
}

#[test]
fn a_subject_asked_for_is_in_the_certificate_and_its_renewals() {
    let (Some(_), Some(certtool)) = (peer("openssl"), peer("certtool")) else { return };
    let sandbox = with_ca();
    let ca = "O=Example\\, Ltd,L=Lund,C=GB";
    assert_eq!(
        names(&sandbox, &sandbox.file("store/ca/issuing.pem")),
        format!("subject=CN=Test Issuing CA,{ca}\nissuer=CN=Test Root CA,{ca}\n")
    );
    let asked = ["--organization", "Ünïon", "--organizational-unit", "Web", "--country", "DE", "--state", "Bayern"];
    sandbox.pki(["issue", "server", HOST].iter().chain(&asked)).exits(0);
    let expected =
        format!("subject=CN={HOST},OU=Web,O=\\C3\\9Cn\\C3\\AFon,ST=Bayern,C=DE\nissuer=CN=Test Issuing CA,{ca}\n");
    let cert = sandbox.issued(HOST, "cert.pem");
    assert_eq!(names(&sandbox, &cert), expected);
    sandbox.pki(["renew", HOST]).exits(0);
    assert_eq!(names(&sandbox, &cert), expected, "a renewal keeps the subject");
    sandbox.pki(["issue", "client", "alice", "--organization", "Example"]).exits(0);
    let folder = sandbox.issued(HOST, "").display().to_string();
    sandbox
        .shell(&format!(
            "openssl verify -x509_strict -CAfile {folder}/ca.pem -untrusted {folder}/chain.pem {folder}/cert.pem"
        ))
        .exits(0);
    let (trust, chain) = (format!("{folder}/ca.pem"), format!("{folder}/fullchain.pem"));
    sandbox.run(certtool, ["--verify", "--load-ca-certificate", &trust, "--infile", &chain]).exits(0);
    sandbox.pki(["verify", "chain", &chain, "--dns", HOST]).exits(0);
    sandbox.pki(["check"]).exits(0);
    sandbox.pki(["log", "verify"]).exits(0);
}

#[test]
fn what_is_laid_down_counts_where_nothing_is_asked_for() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    sandbox.write("store/ca.toml", "[all]\norganization = 'Example'\ncountry = 'SE'\n[client]\nlocality = 'Lund'\n");
    sandbox.pki(["issue", "client", "alice"]).exits(0);
    sandbox.pki(["issue", "server", HOST, "--organization", "Other", "--common-name", ""]).exits(0);
    sandbox.write("rows.csv", "purpose,names\nserver,row.example.test\n");
    sandbox.pki(["issue", "batch", "rows.csv"]).exits(0);
    sandbox.pki(["request", "client", "bob"]).exits(0);
    sandbox.pki(["sign", "bob/request.csr", "--profile", "client", "--yes"]).exits(0);
    for (name, subject) in [
        ("alice", "CN=alice,O=Example,L=Lund,C=SE"),
        (HOST, "O=Other,C=SE"),
        ("row.example.test", "CN=row.example.test,O=Example,C=SE"),
        ("bob", "CN=bob,O=Example,L=Lund,C=SE"),
    ] {
        let read = names(&sandbox, &sandbox.issued(name, "cert.pem"));
        assert_eq!(read, format!("subject={subject}\nissuer=CN=Test Issuing CA\n"));
    }
    sandbox.write("store/ca.toml", "[client]\norganization = 'Later'\nstate = 'Skane'\n");
    sandbox.pki(["renew", "alice"]).exits(0);
    let read = names(&sandbox, &sandbox.issued("alice", "cert.pem"));
    assert!(read.starts_with("subject=CN=alice,O=Example,L=Lund,ST=Skane,C=SE\n"), "what it has is kept: {read}");
}

#[test]
fn a_new_generation_of_cas_is_of_the_same_organization() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = with_ca();
    sandbox.pki(["rollover", "--root"]).exits(0);
    let subjects =
        sandbox.shell("for f in store/ca/*.pem; do openssl x509 -in $f -noout -subject -nameopt RFC2253; done");
    let subjects = subjects.exits(0).stdout;
    assert!(subjects.lines().count() >= 2, "{subjects}");
    assert!(subjects.lines().all(|subject| subject.ends_with(",O=Example\\, Ltd,L=Lund,C=GB")), "{subjects}");
}

#[test]
fn what_cannot_be_in_a_subject_is_refused_with_what_was_expected() {
    let sandbox = Sandbox::with_ca();
    let long = "x".repeat(65);
    for (flag, value, says) in [
        ("--country", "de", "two capital letters"),
        ("--country", "DEU", "two capital letters"),
        ("--organization", long.as_str(), "at most 64 characters"),
        ("--organizational-unit", " x", "no blank"),
        ("--state", "a\u{7}b", "control character"),
    ] {
        sandbox.pki(["issue", "client", "alice", flag, value]).exits(2).says(flag).says(says).does_not_say("\u{7}");
    }
    sandbox.write("store/ca.toml", "[client]\ncountry = 'Sweden'\n");
    sandbox
        .pki(["issue", "client", "alice"])
        .exits(3)
        .says("client.country")
        .says("two capital letters")
        .says("ca.toml:2");
}

#[test]
fn the_same_subject_as_a_ca_is_refused_with_its_attributes_too() {
    let sandbox = Sandbox::new();
    let names = ["init-ca", "--name", "Example CA", "--organization", "Example"];
    sandbox.pki(names).exits(0);
    sandbox.pki(["issue", "client", "example ca", "--organization", "EXAMPLE"]).exits(2).says("same subject");
    sandbox.pki(["issue", "client", "Example CA", "--organization", "Other"]).exits(0);
}

#[test]
fn further_purposes_are_given_and_those_that_are_a_trap_are_refused() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    sandbox.write(
        "store/ca.toml",
        "[client]\nextended_key_usage = ['emailProtection', 'codeSigning', 'ipsecIKE', '1.3.6.1.4.1.99999.7', 'clientAuth']\n",
    );
    sandbox.pki(["issue", "client", "alice", "--email", "alice@example.test", "--key", "rsa-2048"]).exits(0);
    let folder = sandbox.issued("alice", "").display().to_string();
    let text = sandbox.shell(&format!("openssl x509 -in {folder}/cert.pem -noout -text")).exits(0);
    text.says("TLS Web Client Authentication, E-mail Protection, Code Signing, ipsec Internet Key Exchange, 1.3.6.1.4.1.99999.7\n")
        .says("Digital Signature, Key Encipherment");
    for purpose in ["sslclient", "smimesign", "smimeencrypt"] {
        let verified = sandbox.shell(&format!(
            "openssl verify -purpose {purpose} -CAfile {folder}/ca.pem -untrusted {folder}/chain.pem {folder}/cert.pem"
        ));
        verified.exits(0);
    }
    // Mail that is signed with it is read.
    sandbox.write("mail.txt", "good morning\n");
    let signed = format!(
        "openssl cms -sign -in mail.txt -signer {folder}/cert.pem -inkey {folder}/privkey.pem -certfile {folder}/chain.pem -out signed.eml
         openssl cms -verify -in signed.eml -CAfile {folder}/ca.pem -purpose smimesign
         openssl cms -encrypt -in mail.txt -out sealed.eml {folder}/cert.pem
         openssl cms -decrypt -in sealed.eml -recip {folder}/cert.pem -inkey {folder}/privkey.pem"
    );
    sandbox.shell(&signed).exits(0).says("good morning");
    for (usage, says) in [
        ("timeStamping", "RFC 3161"),
        ("2.5.29.37.0", "every purpose"),
        ("OCSPSigning", "standing"),
        ("mail", "emailProtection"),
    ] {
        sandbox.write("store/ca.toml", format!("[client]\nextended_key_usage = '{usage}'\n"));
        sandbox.pki(["issue", "client", "bob"]).exits(3).says("client.extended_key_usage").says(says);
    }
}

#[test]
fn a_request_has_the_subject_that_was_asked_for() {
    let Some(openssl) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    let asked =
        ["--organization", "Ünïon, Ltd", "--organizational-unit", "Web", "--country", "DE", "--state", "Bayern"];
    let subject = "CN=app.example.test,OU=Web,O=\\C3\\9Cn\\C3\\AFon\\, Ltd,ST=Bayern,C=DE";
    for (what, name, expected) in [
        ("server", HOST, subject.to_owned()),
        ("client", "alice", subject.replace(HOST, "alice")),
        ("intermediate", "Department CA", subject.replace(HOST, "Department CA")),
    ] {
        let made = sandbox.pki(["request", what, name, "--json"].iter().chain(&asked)).exits(0).json();
        assert!(made["subject"].as_str().is_some_and(|it| it.contains("Bayern")), "{made}");
        let request = format!("{name}/request.csr");
        let read = ["req", "-in", &request, "-noout", "-verify", "-subject", "-nameopt", "RFC2253"];
        assert_eq!(sandbox.run(&openssl, read).exits(0).stdout, format!("subject={expected}\n"));
    }
    sandbox.pki(["request", "client", "bob", "--country", "Germany"]).exits(2).says("country");
    // What its CA makes of it is told before it signs.
    sandbox.write("store/ca.toml", "[client]\norganization = 'Example'\n");
    let sign = ["sign", "alice/request.csr", "--profile", "client"];
    sandbox.pki(sign).exits(2).says("O=Example, CN=alice: it is made of the name, and of what the CA lays down");
}
