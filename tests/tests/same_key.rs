//! A CA that is certified again with the same key: what it has issued is accepted by who knows its old certificate, by who knows the
//! new one and by who knows both, and its revocation lists and its log go on.

use tests::peers::peer;
use tests::{Sandbox, judges};

const SERVER: &str = "app.example.test";
const ISSUED: &str = "store/certs/app.example.test";

/// A store with the CAs' certificates in `old.pem` and `old-issuing.pem`, and what a server has of it in `first`.
fn before() -> Sandbox {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", SERVER, "--days", "30"]).exits(0);
    sandbox
        .shell(&format!("cp store/ca/root.pem old.pem; cp store/ca/issuing.pem old-issuing.pem; cp -r {ISSUED} first"))
        .exits(0);
    sandbox
}

/// Every judge accepts what is in `folder`, whichever of the root's certificates it knows.
#[track_caller]
fn accepted_by_all(sandbox: &Sandbox, folder: &str) {
    for roots in ["old.pem", "new.pem", "both.pem", "both-the-other-way.pem"] {
        judges::accepts(sandbox, SERVER, (folder, roots), true);
    }
}

/// What openssl shows of a certificate.
#[track_caller]
fn shown(sandbox: &Sandbox, file: &str, what: &str) -> String {
    sandbox.shell(&format!("openssl x509 -noout -in {file} {what}")).exits(0).stdout
}

#[test]
fn a_root_has_a_new_certificate_and_nobody_is_shut_out() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = before();
    sandbox.pki(["crl"]).exits(0);
    let made = sandbox.pki(["rollover", "--root", "--same-key", "--days", "5000", "--json"]).exits(0).json();
    sandbox
        .shell(
            "cp store/ca/root.pem new.pem; cat old.pem new.pem >both.pem; cat new.pem old.pem >both-the-other-way.pem",
        )
        .exits(0);
    accepted_by_all(&sandbox, "first");
    sandbox.pki(["renew", SERVER]).exits(0).says("Test Issuing CA");
    accepted_by_all(&sandbox, ISSUED);
    let extensions = ["subjectKeyIdentifier", "authorityKeyIdentifier", "basicConstraints", "keyUsage"];
    let extensions = extensions.map(|name| format!("-ext {name}"));
    for same in ["-subject", "-issuer", "-pubkey"].into_iter().chain(extensions.iter().map(String::as_str)) {
        assert_eq!(shown(&sandbox, "old.pem", same), shown(&sandbox, "new.pem", same), "{same}");
    }
    for other in ["-serial", "-enddate"] {
        assert_ne!(shown(&sandbox, "old.pem", other), shown(&sandbox, "new.pem", other), "{other}");
    }
    assert_eq!(sandbox.read("store/ca/root.pem").matches("BEGIN CERTIFICATE").count(), 1);
    let former = made["former"]["file"].as_str().expect("a file");
    assert_eq!(sandbox.read(former), sandbox.read("old.pem"));
    assert_eq!((&made["in_use"], &made["authorities"][0]["name"]), (&1.into(), &"Test Root CA".into()));
    // The root's list goes on with its numbers, and either certificate verifies it.
    sandbox.pki(["crl"]).exits(0).says("Test Root CA: list 2").says("Test Issuing CA: list 2");
    for root in ["old.pem", "new.pem"] {
        let verify = format!("openssl crl -inform DER -in store/ca/crl/root-1.crl -noout -CAfile {root} 2>&1");
        sandbox.shell(&verify).exits(0).says("verify OK");
        let verify = ["verify", "-crl_check_all", "-CRLfile", "store/ca/crl.pem", "-CAfile", root];
        sandbox.run("openssl", verify.iter().chain(&["-untrusted", "first/chain.pem", "first/cert.pem"])).exits(0);
    }
    sandbox.pki(["list", "--issued-by", "old"]).exits(0).does_not_say(SERVER);
    sandbox.pki(["check"]).exits(0).says("sound");
    sandbox.pki(["log", "verify"]).exits(0).says("whole");
    sandbox.pki(["check", "--certificate", "old.pem"]).exits(0);
    sandbox.pki(["backup", "copy"]).exits(0);
    sandbox.pki(["--store", "copy", "check"]).exits(0).says("sound");
}

#[test]
fn an_issuing_ca_has_a_new_certificate_and_its_old_one_goes_on() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = before();
    sandbox.pki(["issue", "client", "mallory"]).exits(0);
    sandbox.pki(["revoke", "mallory"]).exits(0);
    sandbox.pki(["crl", "--url", "http://crl.example.test"]).exits(0);
    sandbox.pki(["rollover", "--root", "--same-key", "--days", "5000"]).exits(0).says("certified again: Test Root CA");
    let said = sandbox.pki(["rollover", "--intermediate", "--same-key", "--days", "4000"]).exits(0);
    said.says("certified again: Test Issuing CA").does_not_say("warning");
    sandbox
        .shell(
            "cp store/ca/root.pem new.pem; cat old.pem new.pem >both.pem; cat new.pem old.pem >both-the-other-way.pem",
        )
        .exits(0);
    // What was sent before, the old certificate below the new CA's, and what is sent from now on.
    sandbox.shell("cp -r first mixed; cat first/cert.pem store/ca/issuing.pem >mixed/fullchain.pem").exits(0);
    sandbox.pki(["renew", SERVER]).exits(0);
    for folder in ["first", "mixed", ISSUED] {
        accepted_by_all(&sandbox, folder);
    }
    let new = sandbox.read("store/ca/issuing.pem");
    assert!(sandbox.read(format!("{ISSUED}/fullchain.pem")).contains(&new), "the new certificate is sent");
    let point = shown(&sandbox, "store/ca/issuing.pem", "-ext crlDistributionPoints");
    assert!(point.contains("crl.example.test/root-1.crl"), "{point}");
    sandbox.pki(["crl"]).exits(0).says("Test Issuing CA: list 2");
    for issuing in ["old-issuing.pem", "store/ca/issuing.pem"] {
        let verify =
            format!("openssl crl -inform DER -in store/ca/crl/issuing-2.crl -noout -text -CAfile {issuing} 2>&1");
        sandbox.shell(&verify).exits(0).says("verify OK").says("X509v3 CRL Number");
    }
    sandbox.pki(["check"]).exits(0).says("sound");
    sandbox.pki(["log", "verify"]).exits(0).says("whole");
    // Who revokes the CA revokes every certificate that it had: they are of one key.
    let serial = |file: &str| shown(&sandbox, file, "-serial").trim().replace("serial=", "");
    sandbox.pki(["revoke", &serial("old-issuing.pem")]).exits(0).says("Test Issuing CA");
    sandbox.pki(["crl"]).exits(0);
    let list = sandbox.shell("openssl crl -inform DER -in store/ca/crl/root-1.crl -noout -text").exits(0).stdout;
    for file in ["old-issuing.pem", "store/ca/issuing.pem"] {
        assert!(list.contains(&serial(file)), "{file}: {list}");
    }
    sandbox.pki(["verify", "chain", "first/fullchain.pem", "--dns", SERVER]).exits(1).says("revoked");
    sandbox.pki(["rollover", "--intermediate", "--same-key"]).exits(4).says("was revoked");
    sandbox.pki(["check"]).exits(0).says("sound");
}

#[test]
fn the_roots_key_may_be_elsewhere_and_encrypted() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.file("usb")).expect("a fresh folder can be written");
    sandbox.write("p", "correct horse\n");
    let init = ["init-ca", "--name", "R", "--intermediate", "I", "--root-key-out", "usb/root.key"];
    sandbox.pki(init.iter().chain(&["--passphrase-file", "p"])).exits(0);
    sandbox.pki(["issue", "client", "alice", "--passphrase-file", "p"]).exits(0);
    for which in ["--root", "--intermediate"] {
        let roll = ["rollover", which, "--same-key"];
        sandbox.pki(roll).exits(4).says("--root-key");
        sandbox.pki(roll.iter().chain(&["--root-key", "usb/root.key"])).exits(4).says("passphrase");
        let right = ["--root-key", "usb/root.key", "--passphrase-file", "p"];
        sandbox
            .pki(roll.iter().chain(&["--root-key", "store/ca/issuing.key", "--passphrase-file", "p"]))
            .exits(4)
            .says("is not the key of");
        sandbox.pki(roll.iter().chain(&right)).exits(0).says("store/ca/former-");
    }
    assert!(!sandbox.file("store/ca/root.key").exists());
    sandbox.pki(["renew", "alice", "--passphrase-file", "p"]).exits(0);
    sandbox.pki(["verify", "chain", "store/certs/alice/fullchain.pem", "--purpose", "client"]).exits(0);
    sandbox.pki(["check"]).exits(0).says("sound");
}

#[test]
fn what_cannot_be_certified_again_is_refused_with_what_to_type() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    sandbox.pki(["rollover", "--root", "--same-key"]).exits(4);
    sandbox.pki(["init-ca", "--name", "Small CA"]).exits(0);
    sandbox.pki(["rollover", "--intermediate", "--same-key"]).exits(2).says("pki rollover --root --same-key");
    for more in [&["--name", "X"][..], &["--key", "ed25519"], &["--root-key-out", "f"], &["--finish"]] {
        sandbox.pki(["rollover", "--root", "--same-key"].iter().chain(more)).exits(2);
    }
    sandbox.pki(["rollover", "--root", "--same-key", "--days", "0"]).exits(2);
    sandbox.pki(["rollover", "--root", "--same-key", "--days", "10"]).exits(0).says("the one before no earlier");
    sandbox.pki(["issue", "server", SERVER]).exits(0);
    sandbox.pki(["verify", "chain", "store/certs/app.example.test/fullchain.pem", "--dns", SERVER]).exits(0);
    // Another CA's certificate may name the serial number of its root's.
    let other = "
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout r.key -out r.pem -days 99 -subj '/CN=Other Root'
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout i.key -out i.csr -subj '/CN=Other CA'
        printf 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n' >i.ext
        printf 'authorityKeyIdentifier=keyid,issuer:always\n' >>i.ext
        openssl x509 -req -in i.csr -CA r.pem -CAkey r.key -days 90 -extfile i.ext -out i.pem
        chmod 600 r.key i.key
        export PKI_STORE=other
        pki init-ca --import i.pem i.key --chain r.pem";
    sandbox.shell(other).exits(0);
    let root = sandbox.pki(["--store", "other", "rollover", "--root", "--same-key", "--root-key", "r.key"]);
    root.exits(2).says("by its serial number").says("pki --store other rollover --root");
}

/// What another program put into its CA's certificate is there again, octet by octet.
#[test]
fn a_ca_taken_over_keeps_its_extensions_and_its_list() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    let made = "
        printf '[req]\ndistinguished_name=dn\nx509_extensions=e\nprompt=no\n[dn]\nO=Example\nCN=Other Root\n' >c
        printf '[e]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,digitalSignature,keyCertSign,cRLSign\n' >>c
        printf 'subjectKeyIdentifier=00:11:22:33:44\ncertificatePolicies=1.3.6.1.4.1.99999.1\nnsComment=hello\n' >>c
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout r.key -out r.pem -days 99 -config c
        touch db; printf '05\n' >n; printf '[ca]\ndefault_ca=d\n[d]\ndatabase=db\ncrlnumber=n\ndefault_md=sha256\ndefault_crl_days=9\n' >k
        openssl ca -config k -gencrl -keyfile r.key -cert r.pem -out r.crl
        chmod 600 r.key
        pki init-ca --import r.pem r.key --crl r.crl
        pki issue server app.example.test
        pki rollover --root --same-key
        pki crl";
    sandbox.shell(made).exits(0).says("list 6");
    for name in ["basicConstraints", "keyUsage", "subjectKeyIdentifier", "certificatePolicies", "nsComment"] {
        let extension = format!("-ext {name}");
        assert_eq!(shown(&sandbox, "store/ca/root.pem", &extension), shown(&sandbox, "r.pem", &extension));
    }
    assert_eq!(shown(&sandbox, "store/ca/root.pem", "-subject"), shown(&sandbox, "r.pem", "-subject"));
    for root in ["r.pem", "store/ca/root.pem"] {
        judges::accepts(&sandbox, SERVER, (ISSUED, root), true);
    }
    sandbox.pki(["check"]).exits(0).says("sound");
    sandbox.pki(["log", "verify"]).exits(0).says("whole");
}

/// With two roots trusted the current one can be certified again, and the certificate across still leads to it.
#[test]
fn during_a_roll_over_it_is_the_new_root_that_is_certified_again() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = before();
    sandbox.pki(["rollover", "--root"]).exits(0);
    sandbox.pki(["rollover", "--root", "--same-key"]).exits(0).says("certified again: Test Root CA 2");
    sandbox.pki(["rollover", "--intermediate", "--same-key"]).exits(0).says("certified again: Test Issuing CA 2");
    sandbox.pki(["renew", SERVER]).exits(0);
    sandbox.shell("openssl x509 -in store/ca/root.pem -out new.pem").exits(0);
    for roots in ["old.pem", "new.pem", "store/ca/root.pem"] {
        judges::accepts(&sandbox, SERVER, (ISSUED, roots), true);
    }
    sandbox.pki(["rollover", "--finish"]).exits(0);
    sandbox.pki(["rollover", "--root"]).exits(0).says("Test Root CA 3");
    sandbox.pki(["renew", SERVER]).exits(0);
    sandbox.pki(["check"]).exits(0).says("sound");
    sandbox.pki(["log", "verify"]).exits(0).says("whole");
}

/// At a time before the root's renewal its clients had the old certificate.
#[test]
fn a_time_before_the_renewal_is_judged_by_the_certificate_of_then() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    // A root of two hundred days ago, and a leaf of a hundred.
    let make = "ago() { date -u -d \"$1 days\" +%Y%m%d%H%M%SZ; }
touch index; echo 01 > serial
printf '[ca]\ndefault_ca=d\n[d]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=supplied\n[root]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n[leaf]\nsubjectAltName=DNS:app.example.test\nextendedKeyUsage=serverAuth\nkeyUsage=critical,digitalSignature\nauthorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n' > ca.cnf
for name in root leaf; do openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout $name.key -out $name.csr -subj /CN=Old-$name; done
openssl ca -batch -notext -config ca.cnf -selfsign -keyfile root.key -in root.csr -out root.pem -extensions root -startdate $(ago -200) -enddate $(ago +900)
openssl ca -batch -notext -config ca.cnf -cert root.pem -keyfile root.key -in leaf.csr -out leaf.pem -extensions leaf -startdate $(ago -100) -enddate $(ago +100)
chmod 600 *.key; pki init-ca --import root.pem root.key && pki rollover --root --same-key --root-key root.key || pki rollover --root --same-key";
    sandbox.shell(make).exits(0);
    let judged = |at: &str| {
        let line = format!("pki diagnose --chain leaf.pem --name app.example.test --json {at}");
        sandbox.shell(&line).json()["cause"]["code"].as_str().map(str::to_owned)
    };
    assert_eq!(judged(""), None);
    assert_eq!(judged("--at $(date -u -d '-50 days' +%Y-%m-%dT%H:%M:%SZ)"), None);
    assert_eq!(judged("--at $(date -u -d '-150 days' +%Y-%m-%dT%H:%M:%SZ)").as_deref(), Some("clock-wrong"));
}
