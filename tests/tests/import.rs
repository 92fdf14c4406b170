//! CAs that openssl made are taken over: their names stay as they are, octet by octet, in everything that is issued from then
//! on, or they are refused with the reason.

use tests::peers::peer;
use tests::{Outcome, Sandbox};

const CA: &str =
    "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n";

/// Runs openssl's own lines.
fn openssl(sandbox: &Sandbox, lines: &str) {
    sandbox.shell(lines).exits(0);
}

/// `ca.crt` and `ca.key`, self-signed with this subject section and these extensions.
fn root(sandbox: &Sandbox, subject: &str, extensions: &str) {
    let config = format!(
        "[req]\nprompt=no\ndistinguished_name=dn\nx509_extensions=ext\nstring_mask=default\n[dn]\n{subject}\n[ext]\n{extensions}"
    );
    sandbox.write("req.cnf", config);
    let make = "openssl req -x509 -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config req.cnf -days 30 -keyout ca.key \
                -out ca.crt 2>/dev/null; chmod 600 ca.key";
    openssl(sandbox, make);
}

fn import(sandbox: &Sandbox, more: &[&str]) -> Outcome {
    sandbox.pki(["init-ca", "--import", "ca.crt", "ca.key"].iter().chain(more))
}

/// The issuer of what is issued, and the subject of its CA, as octets.
fn names_are_the_same(sandbox: &Sandbox, ca: &str) {
    sandbox.pki(["issue", "server", "app.example.test"]).exits(0);
    sandbox.pki(["issue", "client", "alice"]).exits(0);
    sandbox.write("same.py", SAME);
    let Some(python) = peer("python3") else { return };
    for name in ["app.example.test", "alice"] {
        sandbox.run(&python, ["same.py", ca, &format!("store/certs/{name}/cert.pem")]).exits(0);
        let verify = ["verify", "-CAfile", "store/ca/root.pem", "-untrusted"];
        let (chain, own) = (format!("store/certs/{name}/chain.pem"), format!("store/certs/{name}/cert.pem"));
        sandbox.run("openssl", verify.iter().chain(&[chain.as_str(), own.as_str()])).exits(0);
        if let Some(certtool) = peer("certtool") {
            let sent = format!("store/certs/{name}/fullchain.pem");
            let verify = ["--verify", "--load-ca-certificate", "store/ca/root.pem", "--infile", &sent];
            sandbox.run(certtool, verify).exits(0);
        }
        sandbox.pki(["verify", "chain", &format!("store/certs/{name}/fullchain.pem"), "--purpose", "any"]).exits(0);
    }
}

/// Reads both names out of DER by hand: tbsCertificate is version, serial number, algorithm, issuer, validity, subject.
const SAME: &str = r"
import ssl, sys
def elements(octets):
    found = []
    while octets:
        length, header = octets[1], 2
        if length >= 0x80:
            header += length & 0x7f
            length = int.from_bytes(octets[2:header], 'big')
        found.append((octets[:header + length], octets[header:header + length]))
        octets = octets[header + length:]
    return found
def names(path):
    der = ssl.PEM_cert_to_DER_cert(open(path).read()[open(path).read().index('-----BEGIN'):])
    tbs = elements(elements(elements(der)[0][1])[0][1])
    return tbs[3][0], tbs[5][0]
assert names(sys.argv[1])[1] == names(sys.argv[2])[0], (names(sys.argv[1])[1], names(sys.argv[2])[0])
";

#[test]
fn names_of_every_shape_are_kept_octet_by_octet() {
    let Some(_) = peer("openssl") else { return };
    for subject in [
        "CN=Plain Root CA",
        "C=DE\nO=Beispiel GmbH\n0.OU=Technik\n1.OU=Zertifikate\nCN=Beispiel Root CA",
        "O=Example\nCN=Example CA\n+OU=Both in one",
        "CN=first\nO=Example\nC=FR\nL=ends in a place",
        "O=No common name at all",
        "domainComponent=test\n1.domainComponent=example\nCN=Directory CA\nemailAddress=ca@example.test",
    ] {
        let sandbox = Sandbox::new();
        root(&sandbox, subject, CA);
        import(&sandbox, &[]).exits(0);
        names_are_the_same(&sandbox, "ca.crt");
        assert_eq!(sandbox.read("store/ca/root.pem"), sandbox.read("ca.crt"), "the file is kept as it was");
        sandbox.pki(["log", "verify"]).exits(0);
        sandbox.pki(["log"]).exits(0).says("import");
        sandbox.pki(["check"]).exits(0);
    }
    // T61String, which openssl writes where it is asked for Latin letters in the old way.
    let sandbox = Sandbox::new();
    sandbox.write("t61.cnf", format!("[req]\nprompt=no\ndistinguished_name=dn\nx509_extensions=ext\nstring_mask=MASK:4\n[dn]\nO=Old Company\nCN=Old CA\n[ext]\n{CA}"));
    openssl(
        &sandbox,
        "openssl req -x509 -newkey rsa:2048 -nodes -config t61.cnf -days 30 -keyout ca.key -out ca.crt 2>/dev/null; chmod 600 ca.key; openssl asn1parse -in ca.crt | grep -q T61STRING",
    );
    import(&sandbox, &[]).exits(0);
    names_are_the_same(&sandbox, "ca.crt");
    sandbox.pki(["crl"]).exits(0);
    sandbox
        .run("openssl", ["crl", "-in", "store/ca/crl.pem", "-CAfile", "ca.crt", "-noout"])
        .exits(0)
        .says("verify OK");
}

#[test]
fn an_intermediate_is_taken_over_with_its_root_above_it() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    root(&sandbox, "O=Example\nOU=Roots\nCN=Example Root", CA);
    openssl(&sandbox, "mv ca.crt root.crt; mv ca.key root.key");
    sandbox.write("ext", format!("{CA}authorityKeyIdentifier=keyid\n").replace("CA:TRUE", "CA:TRUE,pathlen:0"));
    openssl(
        &sandbox,
        "openssl req -new -newkey rsa:2048 -nodes -subj '/O=Example/OU=One/OU=Two/CN=Issuing' -keyout ca.key -out ca.csr 2>/dev/null; \
         chmod 600 ca.key; openssl x509 -req -in ca.csr -CA root.crt -CAkey root.key -CAcreateserial -extfile ext -days 20 -text -out ca.crt 2>/dev/null",
    );
    import(&sandbox, &[]).exits(3).says("--chain").says("Example Root");
    import(&sandbox, &["--chain", "root.crt"]).exits(0);
    names_are_the_same(&sandbox, "ca.crt");
    assert_eq!(sandbox.read("store/ca/issuing.pem"), sandbox.read("ca.crt"), "also what is written around it");
    // The root's key stays where it is, until it is needed.
    sandbox.pki(["rollover", "--intermediate"]).exits(4).says("--root-key");
    sandbox.pki(["rollover", "--intermediate", "--root-key", "root.key"]).exits(0).says("Issuing 2");
    sandbox.pki(["renew", "app.example.test"]).exits(0).says("Issuing 2");
    let verify = ["verify", "-CAfile", "root.crt", "-untrusted", "store/certs/app.example.test/chain.pem"];
    sandbox.run("openssl", verify.iter().chain(&["store/certs/app.example.test/cert.pem"])).exits(0);
}

#[test]
fn keys_are_read_in_every_form_and_kept_encrypted_where_they_were() {
    let Some(_) = peer("openssl") else { return };
    let made = Sandbox::new();
    root(&made, "CN=Forms CA", CA);
    made.write("p", "correct horse\n");
    let forms = [
        ("openssl ec -in ca.key -out form.key", false),
        ("openssl pkey -in ca.key -outform DER -out form.key", false),
        ("openssl ec -in ca.key -aes256 -passout file:p -out form.key", true),
        ("openssl pkcs8 -topk8 -in ca.key -passout file:p -out form.key", true),
        ("openssl pkcs8 -topk8 -scrypt -in ca.key -passout file:p -out form.key", true),
    ];
    for (number, (form, encrypted)) in forms.iter().enumerate() {
        openssl(&made, &format!("rm -f form.key; {form} 2>/dev/null; chmod 600 form.key"));
        let store = format!("store{number}");
        let command = ["--store", &store, "init-ca", "--import", "ca.crt", "form.key"];
        if *encrypted {
            made.pki(command).exits(4).says("is encrypted");
            made.pki(command.iter().chain(&["--passphrase-file", "ca.crt"])).exits(4).says("does not open");
            made.pki(command.iter().chain(&["--passphrase-file", "p"])).exits(0);
            made.shell(&format!("grep -q 'BEGIN ENCRYPTED' {store}/ca/root.key")).exits(0);
        } else {
            made.pki(command).exits(0);
        }
        made.pki(["--store", &store, "issue", "client", "alice", "--passphrase-file", "p"]).exits(0);
        made.shell(&format!("test $(stat -c %a {store}/ca/root.key) = 600")).exits(0);
    }
    openssl(
        &made,
        "openssl req -x509 -newkey rsa:3072 -nodes -subj /CN=RSA -days 9 -keyout k -out ca.crt 2>/dev/null; openssl rsa -in k -traditional -out form.key 2>/dev/null; chmod 600 form.key; grep -q 'BEGIN RSA' form.key",
    );
    made.pki(["--store", "rsa", "init-ca", "--import", "ca.crt", "form.key"]).exits(0);
    made.pki(["--store", "rsa", "issue", "client", "alice"]).exits(0);
}

#[test]
fn what_issuing_here_would_not_heed_is_refused_with_the_reason() {
    let Some(_) = peer("openssl") else { return };
    for (extensions, says) in [
        ("basicConstraints=CA:FALSE\n", "cA TRUE"),
        ("basicConstraints=critical,CA:TRUE\nkeyUsage=critical,cRLSign\n", "keyCertSign"),
        (&format!("{CA}extendedKeyUsage=serverAuth\n"), "extendedKeyUsage"),
        (&format!("{CA}nameConstraints=critical,excluded;DNS:bad.test\n"), "excludes"),
        (&format!("{CA}nameConstraints=critical,permitted;email:example.test\n"), "not known here"),
        (&format!("{CA}1.2.3.4=critical,ASN1:NULL\n"), "1.2.3.4"),
    ] {
        let sandbox = Sandbox::new();
        root(&sandbox, "CN=Strange CA", extensions);
        import(&sandbox, &[]).exits(3).says("Strange CA").says(says);
        assert!(!sandbox.store().exists(), "nothing is made: {says}");
    }
    let sandbox = Sandbox::new();
    root(&sandbox, "CN=Good CA", CA);
    openssl(
        &sandbox,
        "cp ca.crt good.crt; openssl ecparam -name prime256v1 -genkey -noout -out other.key; chmod 600 other.key",
    );
    sandbox.pki(["init-ca", "--import", "ca.crt", "other.key"]).exits(4).says("is not the key of");
    sandbox.pki(["init-ca", "--import", "ca.key", "ca.key"]).exits(3).says("no certificate is in it");
    sandbox.pki(["init-ca", "--import", "ca.crt", "ca.crt"]).exits(4);
    openssl(
        &sandbox,
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-521 -nodes -subj /CN=Big -days 9 -keyout big.key -out big.crt 2>/dev/null; chmod 600 big.key",
    );
    sandbox.pki(["init-ca", "--import", "big.crt", "big.key"]).exits(3).says("P-521").says("does not sign here");
    openssl(
        &sandbox,
        "openssl x509 -in ca.crt -signkey ca.key -days -1 -out old.crt 2>/dev/null || openssl x509 -in ca.crt -signkey ca.key -not_before 20200101000000Z -not_after 20210101000000Z -out old.crt",
    );
    sandbox.pki(["init-ca", "--import", "old.crt", "ca.key"]).exits(4).says("expired");
    sandbox.pki(["init-ca", "--import", "ca.crt", "ca.key", "--name", "Mine"]).exits(2);
    assert!(!sandbox.store().exists());
}

#[test]
fn the_limits_of_a_ca_are_heeded_and_its_failings_told() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    let limited = "basicConstraints=critical,CA:TRUE,pathlen:0\nsubjectKeyIdentifier=none\n\
                   nameConstraints=critical,permitted;DNS:example.test,permitted;IP:192.0.2.0/255.255.255.0\n";
    root(&sandbox, "CN=ca.example.test", limited);
    import(&sandbox, &[]).exits(0).says("example.test").says("no subjectKeyIdentifier").says("is kept, though");
    sandbox.pki(["issue", "server", "app.elsewhere.test"]).exits(2).says("name constraints");
    sandbox.pki(["issue", "server", "ca.example.test"]).exits(2).says("same subject");
    sandbox.pki(["issue", "server", "app.example.test", "192.0.2.7"]).exits(0);
    sandbox.run("openssl", ["verify", "-CAfile", "ca.crt", "store/certs/app.example.test/cert.pem"]).exits(0);
    sandbox.pki(["rollover", "--root"]).exits(2).says("nothing was signed");
}

#[test]
fn the_failings_of_a_ca_are_told_with_who_refuses_what_it_issues() {
    let Some(program) = peer("openssl") else { return };
    let ca = "basicConstraints=critical,CA:TRUE\nsubjectKeyIdentifier=hash\n";
    for (extensions, code) in [
        (ca.to_owned(), "key-cert-sign-missing"),
        (CA.replace("critical,CA", "CA"), "basic-constraints-not-critical"),
        (CA.replace("=hash", "=none"), "ski-missing"),
    ] {
        let sandbox = Sandbox::new();
        root(&sandbox, "CN=Odd CA", &extensions);
        import(&sandbox, &[]).exits(0).says(code).says("what it issues is refused by openssl-strict, python-3.13");
        sandbox.pki(["issue", "server", "app.example.test"]).exits(0);
        let verify = ["verify", "-CAfile", "ca.crt", "store/certs/app.example.test/cert.pem"];
        sandbox.run(&program, verify).exits(0);
        sandbox.run(&program, verify.iter().chain(&["-x509_strict"])).exits(2);
    }
    // What is harmless is not spoken of.
    let sandbox = Sandbox::new();
    root(&sandbox, "CN=Odd CA", &format!("{CA}1.2.3.4=ASN1:NULL\nnsComment=hello\ncertificatePolicies=1.2.3.4\n"));
    import(&sandbox, &[]).exits(0).does_not_say("warning");
    // An intermediate that asks for a policy which nothing issued here has.
    openssl(&sandbox, "mv ca.crt root.crt; mv ca.key root.key; rm -r store");
    sandbox.write("ext", format!("{CA}policyConstraints=critical,requireExplicitPolicy:0\n"));
    openssl(
        &sandbox,
        "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=Issuing -keyout ca.key -out ca.csr 2>/dev/null; \
         chmod 600 ca.key; openssl x509 -req -in ca.csr -CA root.crt -CAkey root.key -CAcreateserial -extfile ext -days 20 -out ca.crt 2>/dev/null",
    );
    import(&sandbox, &["--chain", "root.crt"]).exits(3).says("policyConstraints");
}
