//! Every artefact of a CA's life, of each kind of key, read by those who were not there: GnuTLS, Python, and where it is
//! installed Python's cryptography.

use tests::Sandbox;
use tests::peers::{peer, python_with_cryptography};

const KINDS: [&str; 4] = ["ecdsa-p256", "ecdsa-p384", "ed25519", "rsa-2048"];
const PASSWORD: &str = "pass word 7";

/// A CA of this kind of key with two clients, of which one is revoked, and all that can be made of them.
fn made(kind: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("password.txt", format!("{PASSWORD}\n"));
    let lines = format!(
        "pki init-ca --name 'Test Root CA' --intermediate 'Test Issuing CA' --key {kind} --organization Example --country SE
         pki issue client alice --email alice@example.test --key {kind}
         pki issue server app.example.test 192.0.2.7 --key {kind}
         pki issue client mallory --key {kind}
         pki crl
         pki revoke mallory --reason keyCompromise
         pki crl --delta
         cp store/ca/crl/issuing-2-delta.crl delta.crl
         pki crl --out crl.pem
         cp store/ca/crl/issuing-2.crl full.crl
         pki crl --partitions 2 --url http://crl.example.test
         pki crl
         pki request client bob --key {kind}
         pki export p12 alice --password-file password.txt
         pki export p7b alice
         pki export der alice
         pki export bundle app.example.test --out bundle.pem"
    );
    sandbox.shell(&lines).exits(0);
    sandbox
}

/// The serial number of a certificate, in hexadecimal.
fn serial(sandbox: &Sandbox, name: &str) -> String {
    sandbox.pki(["show", name, "--json"]).exits(0).json()["serial"].as_str().expect("a serial number").to_owned()
}

#[test]
fn gnutls_reads_everything() {
    let Some(_) = peer("certtool") else { return };
    for kind in KINDS {
        let sandbox = made(kind);
        let revoked = serial(&sandbox, "mallory");
        let folder = "store/certs/alice";
        for (arguments, says) in [
            (format!("--certificate-info --infile {folder}/cert.pem"), "Subject: CN=alice"),
            ("--certificate-info --inder --infile alice.der".to_owned(), "RFC822Name: alice@example.test"),
            ("--certificate-info --infile store/ca/root.pem".to_owned(), "Subject: CN=Test Root CA,O=Example,C=SE"),
            (format!("--key-info --infile {folder}/privkey.pem"), "Public Key PIN"),
            (format!("--verify --load-ca-certificate {folder}/ca.pem --infile {folder}/fullchain.pem"), "trusted"),
            ("--crq-info --infile bob/request.csr".to_owned(), "Subject: CN=bob"),
            ("--crl-info --infile crl.pem".to_owned(), revoked.as_str()),
            ("--crl-info --inder --infile full.crl".to_owned(), revoked.as_str()),
            ("--crl-info --inder --infile delta.crl".to_owned(), revoked.as_str()),
            (format!("--p12-info --inder --password '{PASSWORD}' --infile alice.p12"), "BEGIN CERTIFICATE"),
            ("--p7-info --infile alice.p7b".to_owned(), "BEGIN CERTIFICATE"),
            ("--certificate-info --infile bundle.pem".to_owned(), "DNSname: app.example.test"),
        ] {
            let read = sandbox.shell(&format!("certtool {arguments} 2>&1")).exits(0);
            assert!(read.stdout.contains(says), "{kind}: certtool {arguments}: expected {says}: {read}");
        }
        let parts = sandbox.shell("ls store/ca/crl/issuing-2-p*.crl").exits(0).stdout;
        assert_eq!(parts.lines().count(), 2, "a list for each partition: {parts}");
        for part in parts.lines() {
            sandbox
                .shell(&format!("certtool --crl-info --inder --infile {part}"))
                .exits(0)
                .says("Issuer: CN=Test Issuing CA");
        }
    }
}

/// The standard library's own reading: a context takes chain and key, trusts the root, and holds a handshake to the list.
const SSL: &str = r#"
import ssl
def context(name, side):
    folder = "store/certs/" + name + "/"
    made = ssl.SSLContext(side)
    made.load_cert_chain(folder + "fullchain.pem", folder + "privkey.pem")
    made.load_verify_locations(folder + "ca.pem")
    return made
def handshake(client):
    one, two = context(client, ssl.PROTOCOL_TLS_CLIENT), context("app.example.test", ssl.PROTOCOL_TLS_SERVER)
    two.verify_mode = ssl.CERT_REQUIRED
    two.load_verify_locations("crl.pem")
    two.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    a, b = ssl.MemoryBIO(), ssl.MemoryBIO()
    left = one.wrap_bio(a, b, server_hostname="app.example.test")
    right = two.wrap_bio(b, a, server_side=True)
    for _ in range(9):
        for end in (left, right):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                pass
    return dict(part[0] for part in right.getpeercert()["subject"])["commonName"]
print(handshake("alice"))
try:
    print(handshake("mallory"))
except ssl.SSLCertVerificationError as error:
    print(error.verify_message)
bundle = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
bundle.load_cert_chain("bundle.pem")
"#;

const CRYPTOGRAPHY: &str = r#"
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs7, pkcs12
read = lambda name: open(name, "rb").read()
folder = "store/certs/alice/"
own = x509.load_pem_x509_certificate(read(folder + "cert.pem"))
key = load_pem_private_key(read(folder + "privkey.pem"), None)
assert own == x509.load_der_x509_certificate(read("alice.der"))
assert own.public_key() == key.public_key()
issuer, = x509.load_pem_x509_certificates(read("store/ca/issuing.pem"))
own.verify_directly_issued_by(issuer)
mallory = x509.load_pem_x509_certificate(read("store/certs/mallory/cert.pem")).serial_number
for name in ("full.crl", "delta.crl"):
    crl = x509.load_der_x509_crl(read(name))
    assert crl.is_signature_valid(issuer.public_key()), name
    found = crl.get_revoked_certificate_by_serial_number(mallory)
    assert found.extensions.get_extension_for_class(x509.CRLReason).value.reason == x509.ReasonFlags.key_compromise
assert x509.load_pem_x509_csr(read("bob/request.csr")).is_signature_valid
bag = pkcs12.load_pkcs12(read("alice.p12"), b"pass word 7")
assert bag.cert.certificate == own and bag.key.public_key() == key.public_key() and len(bag.additional_certs) == 2
assert own in pkcs7.load_pem_pkcs7_certificates(read("alice.p7b"))
print("all read")
"#;

#[test]
fn python_reads_everything() {
    let Some(python) = peer("python3") else { return };
    let cryptography = python_with_cryptography();
    for kind in KINDS {
        let sandbox = made(kind);
        let told = sandbox.run(&python, ["-c", SSL]).exits(0).stdout;
        assert_eq!(told, "alice\ncertificate revoked\n", "{kind}");
        if let Some(python) = &cryptography {
            sandbox.run(python, ["-c", CRYPTOGRAPHY]).exits(0).says("all read");
        }
    }
}

/// Java and NSS read what they import: each export that is made for them, of each kind of key that they know.
#[test]
fn java_and_nss_read_the_exports() {
    let (Some(keytool), Some(_), Some(_)) = (peer("keytool"), peer("certutil"), peer("pk12util")) else { return };
    for kind in ["ecdsa-p384", "rsa-2048"] {
        let sandbox = made(kind);
        let listed = sandbox.run(&keytool, ["-list", "-v", "-keystore", "alice.p12", "-storepass", PASSWORD]).exits(0);
        listed.says("Alias name: alice").says("Certificate chain length: 3");
        for file in ["alice.der", "alice.p7b", "store/certs/alice/fullchain.pem", "store/ca/root.pem"] {
            sandbox.run(&keytool, ["-printcert", "-file", file]).exits(0).says("O=Example");
        }
        sandbox.run(&keytool, ["-printcrl", "-file", "full.crl"]).exits(0).says("Test Issuing CA");
        let lines = "mkdir db; certutil -N -d sql:db --empty-password
             pk12util -i alice.p12 -d sql:db -w password.txt -K ''
             certutil -M -d sql:db -n 'Test Root CA' -t CT,,
             certutil -V -d sql:db -n alice -u C
             certutil -A -d sql:db -n own -t ,, -i alice.der
             crlutil -I -d sql:db -i full.crl || test ! -x \"$(command -v crlutil)\"";
        sandbox.shell(lines).exits(0);
    }
}
