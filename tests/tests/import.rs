//! CAs that openssl made are taken over: their names stay as they are, octet by octet, in everything that is issued from then
//! on, or they are refused with the reason.

use std::collections::BTreeSet;

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
    sandbox.pki(["init-ca", "--import", "ca.key", "ca.key"]).exits(3).says("the certificate is named first");
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

/// Clients leave the domain itself out where a dot stands before it: what is issued is what OpenSSL takes, and what is certified
/// again says the same octets, critical or not.
#[test]
fn a_dot_before_a_permitted_domain_leaves_the_domain_itself_out() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    let limit = "nameConstraints=permitted;DNS:.example.test,permitted;IP:192.0.2.7/255.255.255.0\n";
    root(&sandbox, "CN=Other Root", &format!("{CA}{limit}"));
    import(&sandbox, &[]).exits(0).says("all below example.test, 192.0.2.0/24");
    let outside = sandbox.pki(["issue", "server", "example.test"]).exits(2);
    outside.says("all below example.test").says("pki issue server www.example.test");
    sandbox.pki(["issue", "server", "*.example.test", "a.example.test", "192.0.2.9", "--out", "web"]).exits(0);
    sandbox.pki(["rollover", "--root", "--same-key"]).exits(0);
    for root in ["ca.crt", "store/ca/root.pem"] {
        sandbox.run("openssl", ["verify", "-CAfile", root, "web/cert.pem"]).exits(0);
        for host in ["a.example.test", "x.example.test"] {
            sandbox.pki(["verify", "chain", "web/fullchain.pem", "--trust", root, "--dns", host]).exits(0);
        }
    }
    let octets =
        |file: &str| sandbox.shell(&format!("openssl asn1parse -in {file} | grep -A2 'Name Constraints'")).stdout;
    let values =
        |file| octets(file).lines().map(|line| line.split_once("prim:").map(|it| it.1.to_owned())).collect::<Vec<_>>();
    assert_eq!(values("store/ca/root.pem"), values("ca.crt"));
    sandbox.pki(["rollover", "--root"]).exits(0);
    sandbox.pki(["issue", "server", "example.test"]).exits(2);
}

/// XCA and Windows give a CA as one file, under a password.
#[test]
fn a_ca_in_a_pkcs12_file_is_taken_over_with_the_root_that_is_in_it() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    let made = "
        printf 'secret\n' >word; export PKI_STORE=other; pki init-ca --name 'Other Root' --intermediate 'Other CA'
        openssl pkcs12 -export -in other/ca/issuing.pem -inkey other/ca/issuing.key -certfile other/ca/root.pem \
          -passout file:word -out ca.p12
        chmod 600 ca.p12";
    sandbox.shell(made).exits(0);
    let import = ["init-ca", "--import", "ca.p12", "ca.p12"];
    sandbox.pki(import).exits(4).says("--passphrase-file");
    sandbox.write("wrong", "wrong\n");
    sandbox.pki(import.iter().chain(&["--passphrase-file", "wrong"])).exits(4).says("does not open ca.p12");
    let told = sandbox.pki(import.iter().chain(&["--passphrase-file", "word"])).exits(0);
    told.says("Other Root").says("Issuing CA Other CA");
    sandbox.pki(["issue", "client", "alice", "--passphrase-file", "word"]).exits(0);
    let verify = ["verify", "-CAfile", "other/ca/root.pem", "-untrusted", "store/certs/alice/chain.pem"];
    sandbox.run("openssl", verify.iter().chain(&["store/certs/alice/cert.pem"])).exits(0);
    // Its name is typed once as well; a file of a certificate alone is asked for the key's.
    let once = ["--store", "once", "init-ca", "--import", "ca.p12", "--passphrase-file", "word"];
    sandbox.pki(once).exits(0).says("Issuing CA Other CA");
    let keyless = sandbox.pki(["--store", "new", "init-ca", "--import", "other/ca/root.pem"]).exits(3);
    keyless.says("other/ca/root.pem").says("pki --store new init-ca --import other/ca/root.pem KEY");
    let swapped = ["--store", "new", "init-ca", "--import", "other/ca/issuing.key", "other/ca/issuing.pem"];
    sandbox.pki(swapped).exits(3).says("the certificate is named first");
}

/// No block of addresses: clients differ on what it permits.
#[test]
fn a_mask_with_gaps_is_refused() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    root(&sandbox, "CN=Other Root", &format!("{CA}nameConstraints=critical,permitted;IP:192.0.2.0/255.0.255.0\n"));
    import(&sandbox, &[]).exits(3).says("address block");
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

/// `ca.crl`, as `openssl ca` makes it with this number (hexadecimal), of `ca.db`, a list of `serial reason`.
fn list(sandbox: &Sandbox, number: &str, revoked: &[(&str, &str)]) {
    let rows: String = revoked
        .iter()
        .map(|(serial, reason)| format!("R\t400101000000Z\t260102030405Z{reason}\t{serial}\tunknown\t/CN=old\n"))
        .collect();
    sandbox.write("ca.db", rows);
    sandbox.write("ca.num", format!("{number}\n"));
    sandbox.write("ca.cnf", "[ca]\ndefault_ca=c\n[c]\ndatabase=ca.db\ncrlnumber=ca.num\ndefault_md=sha256\ndefault_crl_days=30\ncrl_extensions=e\n[e]\nauthorityKeyIdentifier=keyid\n");
    openssl(sandbox, "openssl ca -gencrl -config ca.cnf -cert ca.crt -keyfile ca.key -out ca.crl 2>/dev/null");
}

/// Serial numbers of the list that is in its place, with their reasons, and its number, as openssl reads them.
fn named(sandbox: &Sandbox, file: &str) -> (String, Vec<String>) {
    let form = if file.ends_with("crl") { "DER" } else { "PEM" };
    let text = sandbox.run("openssl", ["crl", "-in", file, "-inform", form, "-noout", "-text"]).exits(0).stdout;
    let after = |label: &str| text.split(label).nth(1).map(|rest| rest.trim_start().lines().next().unwrap_or_default());
    let serials = text.lines().filter_map(|line| line.trim().strip_prefix("Serial Number: ")).map(str::to_owned);
    (after("X509v3 CRL Number:").unwrap_or_default().to_owned(), serials.collect())
}

#[test]
fn what_a_ca_had_revoked_stays_revoked_and_its_numbers_go_on() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    root(&sandbox, "O=Example\nCN=Plain Root CA", CA);
    let revoked = [
        ("01", ",keyCompromise"),
        ("00A1B2", ""),
        ("90FF", ",certificateHold"),
        ("7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F", ",superseded"),
    ];
    list(&sandbox, "0FFE", &revoked);
    let made = import(&sandbox, &["--crl", "ca.crl", "--json"]).exits(0).json();
    assert_eq!(made["lists"], serde_json::json!({"number": 0xffe, "entries": 4}), "{made}");
    for round in 0..2 {
        sandbox.pki(["crl"]).exits(0);
        let (number, serials) = named(&sandbox, "store/ca/crl.pem");
        assert_eq!(number, (0xfff + round).to_string());
        let sorted: BTreeSet<_> = serials.iter().map(String::as_str).collect();
        assert_eq!(sorted, BTreeSet::from(["01", "7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F", "90FF", "A1B2"]));
    }
    let list = sandbox.pki(["inspect", "store/ca/crl.pem"]).exits(0);
    list.says("keyCompromise").says("certificateHold").says("superseded");
    for command in [&["log", "verify"][..], &["check"], &["check", "--repair"]] {
        sandbox.pki(command).exits(0);
    }
    assert_eq!(sandbox.pki(["list", "--json"]).exits(0).json(), serde_json::json!([]));
    sandbox.pki(["log"]).exits(0).says("crl_number=4094").says("name=90ff serial=90ff");
    // A hold that was made elsewhere is lifted here, and a delta says so.
    sandbox.pki(["revoke", "90:FF", "--reason", "removeFromCRL"]).exits(0);
    sandbox.pki(["revoke", "01", "--reason", "removeFromCRL"]).exits(2);
    sandbox.pki(["crl", "--delta"]).exits(0);
    assert_eq!(named(&sandbox, "store/ca/crl/root-1-delta.crl").1, ["90FF"]);
    sandbox.pki(["crl"]).exits(0);
    assert!(!named(&sandbox, "store/ca/crl.pem").1.contains(&"90FF".to_owned()));
    // What is issued here is beside them.
    sandbox.pki(["issue", "client", "alice"]).exits(0);
    sandbox.pki(["revoke", "alice"]).exits(0);
    sandbox.pki(["crl"]).exits(0);
    assert_eq!(named(&sandbox, "store/ca/crl.pem").1.len(), 4);
    sandbox.pki(["log", "verify"]).exits(0);
    sandbox
        .run("openssl", ["crl", "-in", "store/ca/crl.pem", "-CAfile", "ca.crt", "-noout"])
        .exits(0)
        .says("verify OK");
}

/// A file may hold the lists of years: the last of them counts, wherever it stands; of two that are no order of one is chosen.
#[test]
fn of_several_lists_the_one_with_the_greatest_number_is_gone_on_from() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    root(&sandbox, "CN=Plain Root CA", CA);
    let lists: [(&str, &[(&str, &str)]); 3] =
        [("10", &[("01", "")]), ("30", &[("01", ""), ("02", ""), ("03", "")]), ("20", &[("01", ""), ("02", "")])];
    for (number, revoked) in lists {
        list(&sandbox, number, revoked);
        openssl(&sandbox, &format!("mv ca.crl {number}.crl"));
    }
    list(&sandbox, "30", &[("04", "")]);
    openssl(
        &sandbox,
        "mv ca.crl rival.crl; cat 10.crl 30.crl 20.crl >all.crl; cat 30.crl rival.crl >rivals.crl; cat 10.crl 10.crl >same.crl",
    );
    let refused = import(&sandbox, &["--crl", "rivals.crl"]).exits(3);
    refused.says("two lists of this CA are in it, number 30 (hexadecimal)").says("give a file with that one alone");
    let made = import(&sandbox, &["--crl", "all.crl", "--json"]).exits(0).json();
    assert_eq!(made["lists"], serde_json::json!({"number": 0x30, "entries": 3}), "{made}");
    sandbox.pki(["crl"]).exits(0);
    assert_eq!(named(&sandbox, "store/ca/crl.pem"), (0x31.to_string(), ["01", "02", "03"].map(str::to_owned).to_vec()));
    openssl(&sandbox, "rm -r store");
    import(&sandbox, &["--crl", "same.crl"]).exits(0).says("1 certificate");
}

/// What was revoked elsewhere has no certificate here that could tell: its CA and its end are compared with the CA's.
#[test]
fn a_number_that_was_revoked_elsewhere_is_kept_on_its_list() {
    let (Some(_), Some(python)) = (peer("openssl"), peer("python3")) else { return };
    let sandbox = Sandbox::new();
    root(&sandbox, "CN=Plain Root CA", CA);
    list(&sandbox, "10", &[("8001", ",keyCompromise"), ("8002", "")]);
    import(&sandbox, &["--crl", "ca.crl"]).exits(0);
    sandbox.pki(["rollover", "--root"]).exits(0);
    for change in ["authority = 2", "not_after = 1", "partition = 7", "not_after = NULL"] {
        let script = format!(
            "import sqlite3; c = sqlite3.connect('store/index.sqlite'); \
             c.execute(\"UPDATE certificate SET {change} WHERE name = '8001'\"); c.commit()"
        );
        sandbox.run(&python, ["-c", &script]).exits(0);
        sandbox.pki(["log", "verify"]).exits(1).says("column-differs").says("the serial number 8001");
        sandbox.pki(["check", "--repair"]).exits(0);
        sandbox.pki(["log", "verify"]).exits(0);
    }
    sandbox.pki(["crl"]).exits(0);
    assert_eq!(named(&sandbox, "store/ca/crl/root-1.crl").1, ["8001", "8002"]);
}

/// nginx's and every other client's question, asked by openssl: is this certificate of before still refused?
#[test]
fn a_certificate_that_was_revoked_elsewhere_is_refused_by_the_next_list() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    root(&sandbox, "CN=Plain Root CA", CA);
    openssl(
        &sandbox,
        "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=old -keyout old.key -out old.csr 2>/dev/null
         openssl x509 -req -in old.csr -CA ca.crt -CAkey ca.key -set_serial 0x8001 -days 9 -out old.crt 2>/dev/null
         openssl x509 -req -in old.csr -CA ca.crt -CAkey ca.key -set_serial 0x8002 -days 9 -out good.crt 2>/dev/null",
    );
    list(&sandbox, "10", &[("8001", ",keyCompromise")]);
    import(&sandbox, &["--crl", "ca.crl"]).exits(0).says("the next is number 17").says("1 certificate");
    sandbox.pki(["crl"]).exits(0);
    let verify = ["verify", "-crl_check", "-CAfile", "ca.crt", "-CRLfile", "store/ca/crl.pem"];
    sandbox.run("openssl", verify.iter().chain(&["good.crt"])).exits(0);
    sandbox.run("openssl", verify.iter().chain(&["old.crt"])).exits(2).says("certificate revoked");
}

#[test]
fn lists_that_are_not_the_last_complete_one_of_the_ca_are_refused() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    root(&sandbox, "CN=Other CA", CA);
    list(&sandbox, "01", &[]);
    openssl(&sandbox, "mv ca.crl other.crl");
    root(&sandbox, "CN=Plain Root CA", CA);
    list(&sandbox, "01", &[]);
    openssl(&sandbox, "mv ca.crl namesake.crl");
    root(&sandbox, "CN=Plain Root CA", CA);
    let with = |sandbox: &Sandbox, extensions: &str, out: &str| {
        let add = format!(
            "printf '{extensions}' >>ca.cnf; openssl ca -gencrl -config ca.cnf -cert ca.crt -keyfile ca.key -out {out} 2>/dev/null"
        );
        list(sandbox, "05", &[("01", "")]);
        openssl(sandbox, &add);
    };
    with(&sandbox, "2.5.29.27=critical,DER:020103\\n", "delta.crl");
    with(&sandbox, "issuingDistributionPoint=critical,@p\\n[p]\\nonlyCA=TRUE\\n", "part.crl");
    with(&sandbox, "1.2.3.4=critical,ASN1:NULL\\n", "strange.crl");
    list(&sandbox, "7FFFFFFFFFFFFFFFFF", &[]);
    openssl(&sandbox, "mv ca.crl huge.crl; cp ca.key none.crl; sed 's/^M/N/' huge.crl >torn.crl");
    for (file, says) in [
        ("other.crl", "it is of CN=Other CA"),
        ("namesake.crl", "its signature is not by this CA's key"),
        ("delta.crl", "it is a delta, which says what has changed since list number 3"),
        ("part.crl", "some of the CA's certificates"),
        ("strange.crl", "1.2.3.4 is critical"),
        ("huge.crl", "its number 7fffffffffffffffff"),
        ("none.crl", "no list is in it"),
        ("absent.crl", "absent.crl"),
    ] {
        import(&sandbox, &["--crl", file]).exits(3).says(says);
        assert!(!sandbox.store().exists(), "nothing is made: {file}");
    }
    assert_ne!(import(&sandbox, &["--crl", "torn.crl"]).code(), 0);
    sandbox.pki(["init-ca", "--name", "New CA", "--crl", "ca.crl"]).exits(2);
    // One without a number is taken, and one of a distribution point; both say what follows.
    openssl(
        &sandbox,
        "sed -i '/crlnumber\\|crl_extensions/d' ca.cnf; openssl ca -gencrl -config ca.cnf -cert ca.crt -keyfile ca.key -out plain.crl 2>/dev/null",
    );
    import(&sandbox, &["--crl", "plain.crl"]).exits(0).says("has no number").says("the next is number 1,");
    openssl(&sandbox, "rm -r store");
    with(
        &sandbox,
        "issuingDistributionPoint=critical,@p\\n[p]\\nfullname=URI:http://ca.example.test/1.crl\\n",
        "point.crl",
    );
    import(&sandbox, &["--crl", "point.crl"]).exits(0).says("http://ca.example.test/1.crl").says("number 7");
    // Each of two is only a part of what was revoked.
    openssl(&sandbox, "rm -r store");
    with(
        &sandbox,
        "issuingDistributionPoint=critical,@q\\n[q]\\nfullname=URI:http://ca.example.test/2.crl\\n",
        "other.crl",
    );
    openssl(&sandbox, "cat point.crl other.crl >both.crl");
    let refused = import(&sandbox, &["--crl", "both.crl"]).exits(3).says("of different distribution points");
    refused.says("what one of them has revoked would be lost");
    assert!(!sandbox.store().exists(), "nothing is made");
    // Without any, what follows is said.
    import(&sandbox, &[]).exits(0).says("the next is number 1").says("--crl FILE").does_not_say("warning");
}
