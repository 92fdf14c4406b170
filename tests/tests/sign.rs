//! Requests that others made: everything of them is accounted for before a signature, and nothing is signed unasked.

use std::os::unix::fs::PermissionsExt as _;

use tests::peers::{peer, skipped};
use tests::{Outcome, Sandbox};

const HOST: &str = "app.example.test";

/// A request of openssl's: key options, subject, and lines of a section of extensions.
fn request(sandbox: &Sandbox, name: &str, key: &str, subject: &str, extensions: &str) -> Outcome {
    // With `-subj` openssl leaves out the attributes.
    let names = subject.split('/').filter(|name| !name.is_empty()).collect::<Vec<_>>().join("\n");
    let given = if names.is_empty() { "-subj /" } else { "" };
    let config = format!(
        "[req]\ndistinguished_name=dn\nreq_extensions=ext\nprompt=no\nattributes=att\n[dn]\n{names}\n\
         [att]\nchallengePassword=sesame\n[ext]\n{extensions}\n"
    );
    sandbox.write(format!("{name}.cnf"), config);
    sandbox.shell(&format!(
        "openssl req -new -newkey {key} -noenc -keyout {name}.key -out {name}.csr {given} -config {name}.cnf 2>&1"
    ))
}

const P256: &str = "ec -pkeyopt ec_paramgen_curve:P-256";

#[test]
fn everything_of_a_request_is_accounted_for_before_it_is_signed() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    let extensions = "subjectAltName=DNS:app.example.test,DNS:intranet,IP:192.0.2.7,email:a@example.test,URI:spiffe://x/y\n\
                      basicConstraints=critical,CA:TRUE,pathlen:3\nkeyUsage=digitalSignature,keyAgreement\n\
                      extendedKeyUsage=serverAuth,codeSigning\nsubjectKeyIdentifier=hash\ntlsfeature=status_request\n\
                      1.3.6.1.4.1.99999.7=critical,ASN1:UTF8String:strange\n2.5.29.30=DER:ff";
    request(&sandbox, "app", P256, "/CN=app.example.test/O=Example", extensions).exits(0);
    let arguments = ["sign", "app.csr", "--profile", "server"];
    let asked = sandbox.pki(arguments).exits(2);
    for expected in [
        "taken      the public key, ECDSA P-256",
        "taken      the DNS name app.example.test",
        "taken      the DNS name intranet",
        "taken      the IP address 192.0.2.7",
        "dropped    the e-mail address a@example.test",
        "dropped    the URI spiffe://x/y",
        "O=Example becomes CN=app.example.test",
        "changed    basicConstraints CA:TRUE, pathlen:3 becomes CA:FALSE",
        "changed    keyUsage digitalSignature, keyAgreement becomes digitalSignature",
        "changed    extendedKeyUsage serverAuth, codeSigning becomes serverAuth",
        "changed    subjectKeyIdentifier is made anew",
        "dropped    the extension tlsFeature: the CA says that, in ca.toml",
        "dropped    the extension 1.3.6.1.4.1.99999.7, critical: it is not known here",
        "dropped    the extension nameConstraints",
        "dropped    the attribute challengePassword",
        "nothing was signed",
        "pki sign app.csr --profile server --yes",
    ] {
        assert!(
            asked.text().replace(&format!("--store {} ", sandbox.store().display()), "").contains(expected),
            "expected {expected}\n{asked}"
        );
    }
    assert_eq!(sandbox.pki(["list", "--json"]).exits(0).json(), serde_json::json!([]));
    let json = sandbox.pki(arguments.iter().chain(&["--json"])).exits(2).json();
    assert!(json["signed"].is_null() && json["review"]["changed"].as_array().is_some_and(|it| it.len() >= 4), "{json}");

    let signed = sandbox.pki(arguments.iter().chain(&["--yes", "--json", "--out", "out"])).exits(0).json();
    assert_eq!(signed["csr"]["dropped"], json["review"]["dropped"]);
    let text = sandbox.shell("openssl x509 -in out/cert.pem -noout -text").exits(0).stdout;
    for unwanted in ["spiffe", "99999", "Example,", "CA:TRUE", "Code Signing", "status_request", "Key Agreement"] {
        assert!(!text.contains(unwanted), "{unwanted}\n{text}");
    }
    sandbox.shell("openssl verify -x509_strict -CAfile out/ca.pem -untrusted out/chain.pem out/cert.pem").exits(0);
}

/// A request as Windows' certreq makes it, with Microsoft's attributes and template, and extensions asked for twice over.
const OF_WINDOWS: &str = r#"
import sys
def der(tag, *parts):
    body = b"".join(parts)
    octets = (len(body).bit_length() + 7) // 8
    size = bytes([len(body)]) if len(body) < 128 else bytes([0x80 | octets]) + len(body).to_bytes(octets, "big")
    return bytes([tag]) + size + body
def oid(text):
    first, second, *rest = map(int, text.split("."))
    octets = bytes([40 * first + second])
    for arc in rest:
        chunk = [arc & 127]
        while arc := arc >> 7: chunk.append(arc & 127 | 128)
        octets += bytes(reversed(chunk))
    return der(6, octets)
def attribute(number, value): return der(0x30, oid(number), der(0x31, value))
def extension(number, value): return der(0x30, oid(number), der(4, value))
def sans(host): return extension("2.5.29.17", der(0x30, der(0x82, host.encode())))
template = extension("1.3.6.1.4.1.311.20.2", der(0x1e, "WebServer".encode("utf-16-be")))
attributes = [
    attribute("1.3.6.1.4.1.311.13.2.3", der(0x16, b"10.0.20348.2")),
    attribute("1.3.6.1.4.1.311.21.20", der(0x30, der(2, b"\x05"))),
    attribute("1.3.6.1.4.1.311.2.1.14", der(0x30, sans("third.example.test"))),
    attribute("1.2.840.113549.1.9.14", der(0x30, sans("app.example.test"), template)),
    attribute("1.2.840.113549.1.9.14", der(0x30, sans("second.example.test"))),
    attribute("1.2.840.113549.1.9.7", der(0x0c, b"sesame")),
]
key = open("spki.der", "rb").read()
name = der(0x30, der(0x31, der(0x30, oid("2.5.4.3"), der(0x0c, b"app.example.test"))))
open("info.der", "wb").write(der(0x30, der(2, b"\0"), name, key, der(0xa0, *attributes)))
"#;
const SIGNED: &str = r#"
exec(open("of_windows.py").read().split("template =")[0])
info, signature = open("info.der", "rb").read(), open("signature", "rb").read()
algorithm = der(0x30, oid("1.2.840.10045.4.3.2"))
open("windows.csr", "wb").write(der(0x30, info, algorithm, der(3, b"\0", signature)))
"#;

#[test]
fn attributes_of_other_programs_and_what_is_asked_for_twice_are_told() {
    let (Some(python), Some(_)) = (peer("python3"), peer("openssl")) else { return };
    let sandbox = Sandbox::with_ca();
    sandbox.write("of_windows.py", OF_WINDOWS);
    sandbox.write("signed.py", SIGNED);
    let python = python.display();
    let make = format!(
        "openssl ecparam -genkey -name prime256v1 -noout -out k.pem && openssl pkey -in k.pem -pubout -outform DER -out spki.der && \
         {python} of_windows.py && openssl dgst -sha256 -sign k.pem -out signature info.der && {python} signed.py && \
         openssl req -in windows.csr -inform DER -noout -verify"
    );
    sandbox.shell(&make).exits(0);
    let asked = sandbox.pki(["sign", "windows.csr", "--profile", "server"]).exits(2);
    for expected in [
        "taken      the DNS name app.example.test",
        "dropped    the DNS name second.example.test: it is in another subjectAltName than the first",
        "dropped    the extension certificateTemplateName",
        "dropped    the attribute osVersion: certificates have none",
        "dropped    the attribute requestClientInfo",
        "dropped    the attribute certExtensions: what is asked for in it is not read",
        "dropped    the attribute challengePassword",
    ] {
        assert!(asked.text().contains(expected), "expected to read {expected:?}\n{asked}");
    }
    sandbox.pki(["sign", "windows.csr", "--profile", "server", "--yes"]).exits(0);
    let names = "openssl x509 -in store/certs/app.example.test/cert.pem -noout -ext subjectAltName";
    sandbox.shell(names).exits(0).says("app.example.test").does_not_say("second").does_not_say("third");
}

#[test]
fn whoever_sits_at_a_terminal_is_asked() {
    let (Some(python), Some(_)) = (peer("python3"), peer("openssl")) else { return };
    let sandbox = Sandbox::with_ca();
    request(&sandbox, "app", P256, "/CN=app.example.test", "subjectAltName=DNS:app.example.test").exits(0);
    let typed = "import os,pty,sys\n\
                 pid, fd = pty.fork()\n\
                 if pid == 0: os.execvp('pki', ['pki', 'sign', 'app.csr', '--profile', 'server'])\n\
                 seen = b''\n\
                 while b'[y/N]' not in seen: seen += os.read(fd, 1024)\n\
                 os.write(fd, sys.argv[1].encode() + b'\\n')\n\
                 try:\n    while True:\n        more = os.read(fd, 1024)\n        if not more: break\n        seen += more\n\
                 except OSError: pass\n\
                 print(seen.decode()); sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))";
    for answer in ["n", "", "yess"] {
        sandbox.run(&python, ["-c", typed, answer]).exits(1).says("nothing was signed").says("taken");
    }
    assert_eq!(sandbox.pki(["list", "--json"]).exits(0).json(), serde_json::json!([]));
    sandbox.run(&python, ["-c", typed, "y"]).exits(0).says("Server certificate issued");
}

#[test]
fn keys_of_every_kind_are_read_and_those_that_clients_do_not_take_refused() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    for (name, key) in [
        ("p256", P256),
        ("p384", "ec -pkeyopt ec_paramgen_curve:P-384"),
        ("p521", "ec -pkeyopt ec_paramgen_curve:P-521"),
        ("ed25519", "ed25519"),
        ("rsa", "rsa:2048"),
    ] {
        let host = format!("{name}.example.test");
        request(&sandbox, name, key, &format!("/CN={host}"), &format!("subjectAltName=DNS:{host}")).exits(0);
        let csr = format!("{name}.csr");
        sandbox.pki(["sign", &csr, "--profile", "server", "--yes", "--out", name]).exits(0);
        sandbox
            .shell(&format!("openssl verify -CAfile {name}/ca.pem -untrusted {name}/chain.pem {name}/cert.pem"))
            .exits(0);
        sandbox.shell(&format!(
            "openssl pkey -in {name}.key -pubout > a.pub; openssl x509 -in {name}/cert.pem -noout -pubkey | cmp - a.pub"
        )).exits(0);
    }
    let explicit = format!("{P256} -pkeyopt ec_param_enc:explicit");
    for (name, key, found) in [
        ("ed448", "ed448", "Ed448"),
        ("weak", "rsa:1024", "at least 2048 bits"),
        ("explicit", &explicit, "explicit parameters"),
        ("koblitz", "ec -pkeyopt ec_paramgen_curve:secp256k1", "EC on curve"),
    ] {
        request(&sandbox, name, key, "/CN=a.example.test", "subjectAltName=DNS:a.example.test").exits(0);
        let csr = format!("{name}.csr");
        sandbox.pki(["sign", &csr, "--profile", "server", "--yes"]).exits(3).says(found).says(&csr);
    }
    let dsa = "openssl dsaparam -out dsa.par 2048 2>/dev/null && openssl req -new -newkey dsa:dsa.par -noenc -keyout d.key -out dsa.csr -subj /CN=a.test";
    match sandbox.shell(dsa).succeeded() {
        true => drop(sandbox.pki(["sign", "dsa.csr", "--profile", "server", "--yes"]).exits(3).says("DSA 2048")),
        false => skipped("openssl makes no DSA keys"),
    }
}

#[test]
fn the_signature_of_a_request_shows_whose_key_it_is() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    request(&sandbox, "app", P256, "/CN=app.example.test", "subjectAltName=DNS:app.example.test").exits(0);
    sandbox.shell("openssl req -in app.csr -outform DER -out app.der").exits(0);
    let mut der = std::fs::read(sandbox.file("app.der")).expect("it was written");
    sandbox.pki(["sign", "app.der", "--profile", "server"]).exits(2).says("taken");
    *der.last_mut().expect("octets") ^= 1;
    sandbox.write("forged.der", der);
    sandbox.pki(["sign", "forged.der", "--profile", "server", "--yes"]).exits(3).says("does not fit the key");
    sandbox.pki(["sign", "app.key", "--profile", "server", "--yes"]).exits(3).says("certificate request");
    sandbox.pki(["sign", "missing.csr", "--profile", "server", "--yes"]).exits(3).says("missing.csr");
}

#[test]
fn names_of_the_command_line_stand_in_for_those_of_the_request() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    request(&sandbox, "any", P256, "/CN=Alice", "subjectAltName=DNS:wrong.example.test,email:alice@example.test")
        .exits(0);
    let server =
        ["sign", "any.csr", "--profile", "server", "--name", HOST, "--name", "192.0.2.7", "--yes", "--out", "server"];
    sandbox
        .pki(server)
        .exits(0)
        .says("dropped    the DNS name wrong.example.test")
        .says("DNS name app.example.test is added");
    sandbox.pki(["sign", "any.csr", "--profile", "client", "--yes", "--out", "client"]).exits(0);
    let text =
        sandbox.shell("openssl x509 -in client/cert.pem -noout -subject -ext subjectAltName,extendedKeyUsage").exits(0);
    text.says("Alice").says("email:alice@example.test").says("Client Authentication").does_not_say("wrong");
    request(&sandbox, "none", P256, "/", "keyUsage=digitalSignature").exits(0);
    let none = |profile: &str| sandbox.pki(["sign", "none.csr", "--profile", profile, "--yes"]).exits(2);
    none("server").says("at least one name").says("pki sign FILE --profile server --name chat.example.test");
    none("client").says("at least one name").says("pki sign FILE --profile client --name alice");
    none("intermediate").says("at least one name").does_not_say("a intermediate");
    let wild = ["sign", "none.csr", "--profile", "server", "--name", "*.*.example.test"];
    sandbox.pki(wild).exits(2).says("pki sign FILE --profile server --name '*.example.test'");
}

/// What is no request, or more than one, is told in words.
#[test]
fn a_file_that_is_not_one_request_is_told_as_what_it_is() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    request(&sandbox, "one", P256, "/", "subjectAltName=DNS:app.example.test").exits(0);
    let made = "cat one.csr one.csr > two.csr; openssl req -in one.csr -outform DER | head -c 90 > cut.der; : > empty.csr; \
                echo hello > text.csr; head -n 3 one.csr > torn.csr";
    sandbox.shell(made).exits(0);
    for (file, found) in [
        ("two.csr", "found 2 of them"),
        ("cut.der", "found DER that is cut off: 90 octets of "),
        ("empty.csr", "found an empty file"),
        ("text.csr", "found text that begins with `hello`"),
        ("torn.csr", "has no end"),
    ] {
        let told = sandbox.pki(["sign", file, "--profile", "server", "--yes"]).exits(3).says(found);
        told.says(&format!("pki inspect {file}")).does_not_say(" { ");
    }
    assert_eq!(sandbox.pki(["list", "--json"]).json(), serde_json::json!([]));
}

#[test]
fn a_request_takes_the_place_of_what_was_signed_from_one() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    let host = "subjectAltName=DNS:app.example.test";
    request(&sandbox, "first", P256, "/CN=app.example.test", host).exits(0);
    request(&sandbox, "second", P256, "/CN=app.example.test", host).exits(0);
    let first =
        sandbox.pki(["sign", "first.csr", "--profile", "server", "--yes", "--out", "out", "--json"]).exits(0).json();
    let second = sandbox.pki(["sign", "second.csr", "--profile", "server", "--yes", "--json"]).exits(0).json();
    assert_eq!(second["replaces"], first["serial"]);
    sandbox
        .shell(
            "openssl pkey -in second.key -pubout > k.pub; openssl x509 -in out/cert.pem -noout -pubkey | cmp - k.pub",
        )
        .exits(0);
    sandbox.pki(["issue", "server", "own.example.test"]).exits(0);
    request(&sandbox, "own", P256, "/CN=own.example.test", "subjectAltName=DNS:own.example.test").exits(0);
    sandbox.pki(["sign", "own.csr", "--profile", "server", "--yes"]).exits(2).says("already has a server certificate");
    sandbox
        .pki(["sign", "second.csr", "--profile", "client", "--yes"])
        .exits(2)
        .says("already has a server certificate");
    // A key that may be in other hands is not certified again.
    sandbox.pki(["revoke", HOST, "--reason", "keyCompromise"]).exits(0);
    sandbox.pki(["sign", "second.csr", "--profile", "server", "--yes"]).exits(2);
    sandbox.pki(["sign", "first.csr", "--profile", "server", "--yes"]).exits(0);
}

#[test]
fn a_ca_below_the_root_is_signed_and_issues() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    let constrained =
        ["init-ca", "--name", "Test Root CA", "--intermediate", "Test Issuing CA", "--permit-dns", "example.test"];
    sandbox.pki(constrained).exits(0);
    request(
        &sandbox,
        "sub",
        P256,
        "/CN=Department CA/O=Example",
        "basicConstraints=CA:TRUE,pathlen:7\nkeyUsage=keyCertSign",
    )
    .exits(0);
    let signed = sandbox.pki(["sign", "sub.csr", "--profile", "intermediate", "--yes", "--out", "sub"]).exits(0);
    let signed = signed.does_not_say("warning");
    signed.says("pathlen:7 becomes CA:TRUE, pathlen:0").says("Test Root CA").says("O=Example becomes CN=Department CA");
    let text = sandbox.shell("openssl x509 -in sub/cert.pem -noout -text").exits(0);
    text.says("CA:TRUE, pathlen:0")
        .says("Certificate Sign, CRL Sign")
        .says("DNS:example.test")
        .says("Issuer: CN = Test Root CA");
    // It issues by openssl's hand, and every judge follows the chain.
    sandbox.write("leaf.ext", "subjectAltName=DNS:app.example.test\nextendedKeyUsage=serverAuth\nkeyUsage=critical,digitalSignature\nbasicConstraints=CA:FALSE\nauthorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n");
    request(&sandbox, "leaf", P256, "/CN=app.example.test", "keyUsage=digitalSignature").exits(0);
    sandbox.shell("openssl x509 -req -in leaf.csr -CA sub/cert.pem -CAkey sub.key -days 30 -extfile leaf.ext -out leaf.pem 2>&1").exits(0);
    sandbox.shell("openssl verify -x509_strict -CAfile sub/ca.pem -untrusted sub/cert.pem -verify_hostname app.example.test leaf.pem").exits(0);
    sandbox.shell("cat leaf.pem sub/cert.pem > chain.pem").exits(0);
    sandbox.pki(["verify", "chain", "chain.pem", "--dns", HOST]).exits(0);
    let listed = sandbox.pki(["list", "--json"]).exits(0).json();
    assert_eq!((&listed[0]["purpose"], &listed[0]["name"]), (&"intermediate".into(), &"Department CA".into()));
    sandbox.pki(["show", "Department CA"]).exits(0).says("intermediate");
    sandbox.pki(["check"]).exits(0);
    // Not by the clock, and not without its owner.
    sandbox.pki(["renew", "--expiring", "4000d"]).exits(1);
    sandbox.pki(["renew", "Department CA"]).exits(2).says("pki sign");
    let again = sandbox.pki(["sign", "sub.csr", "--profile", "intermediate", "--yes", "--json"]).exits(0).json();
    assert!(!again["replaces"].is_null(), "{again}");
}

#[test]
fn a_ca_below_the_root_has_a_cas_name_and_a_key_of_its_own() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    let sign = |name: &str| sandbox.pki(["sign", &format!("{name}.csr"), "--profile", "intermediate", "--yes"]);
    for (file, subject) in [
        ("host", "/CN=ca.example.test"),
        ("root", "/CN=test ROOT ca"),
        ("issuing", "/CN=TEST issuing CA"),
        ("address", "/CN=192.0.2.1"),
    ] {
        request(&sandbox, file, P256, subject, "basicConstraints=CA:TRUE").exits(0);
        sign(file).exits(2).says("no name for a CA").says("--name");
    }
    request(&sandbox, "none", P256, "/O=Example", "basicConstraints=CA:TRUE").exits(0);
    sign("none").exits(2).says("--name");
    sandbox.pki(["sign", "none.csr", "--profile", "intermediate", "--name", "Branch CA", "--yes"]).exits(0);
    sandbox.shell("openssl req -new -key store/ca/root.key -out own.csr -subj '/CN=Other CA'").exits(0);
    sign("own").exits(2).says("key of its own");
}

#[test]
fn a_request_of_our_own_is_signed_elsewhere_and_the_key_stays() {
    let sandbox = Sandbox::with_ca();
    let made = sandbox.pki(["request", "server", HOST, "192.0.2.7", "--json"]).exits(0).json();
    assert_eq!(made["sans"], serde_json::json!([HOST, "192.0.2.7"]), "{made:#}");
    let mode = sandbox.file(format!("{HOST}/privkey.pem")).metadata().expect("a key").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    if peer("openssl").is_some() {
        let verified = sandbox.shell(&format!("openssl req -in {HOST}/request.csr -noout -verify -text 2>&1"));
        verified.exits(0).says("verify OK").says("DNS:app.example.test, IP Address:192.0.2.7");
    }
    // What is there is not written over: a key that was lost so would be lost for good.
    let key = sandbox.read(format!("{HOST}/privkey.pem"));
    sandbox.pki(["request", "server", HOST]).exits(2).says("is not written over").says("move what is there away");
    assert_eq!(sandbox.read(format!("{HOST}/privkey.pem")), key);
    let request = format!("{HOST}/request.csr");
    sandbox.pki(["sign", &request, "--profile", "server", "--yes", "--out", "back"]).exits(0);
    let key = format!("{HOST}/privkey.pem");
    let files = ["--chain", "back/fullchain.pem", "--key", &key, "--trust", "back/ca.pem", "--name", HOST];
    sandbox.pki(["diagnose"].iter().chain(&files)).exits(0).says("valid");
}

#[test]
fn a_ca_elsewhere_begins_with_a_request() {
    let sandbox = Sandbox::with_ca();
    let made = sandbox.pki(["request", "intermediate", "Department CA", "--key", "ecdsa-p384", "--out", "dept"]);
    let made = made.exits(0).says("an intermediate CA");
    sandbox.pki(["sign", "dept/request.csr", "--profile", "intermediate", "--yes", "--out", "back"]).exits(0);
    let text = made.text();
    let next = text.lines().find(|line| line.contains("init-ca --import")).expect("what comes next");
    let next = next.trim().replace("pki ", "pki --store dept/store ");
    let next = next.replace("cert.pem", "back/cert.pem").replace("ca.pem", "back/ca.pem");
    sandbox.shell(&next).exits(0).says("Department CA");
    sandbox.pki(["--store", "dept/store", "issue", "server", HOST, "--out", "issued"]).exits(0);
    let verify = ["verify", "chain", "issued/fullchain.pem", "--trust", "back/ca.pem", "--dns", HOST];
    sandbox.pki(verify).exits(0).says("valid");
}

#[test]
fn a_refused_request_names_the_request_that_is_taken() {
    let sandbox = Sandbox::new();
    for (arguments, right) in [
        (&["server"][..], "pki request server chat.example.test"),
        (&["server", "my_app.example.test"], "pki request server my-app.example.test"),
        (&["client"], "pki request client alice"),
        (&["intermediate", "ca.example.test"], "pki request intermediate 'Example Department CA'"),
    ] {
        sandbox.pki(["request"].iter().chain(arguments)).exits(2).says(right).does_not_say("pki issue");
    }
    sandbox.pki(["request", "client", "alice", "--email", "alice@example.test"]).exits(0).says("alice@example.test");
}
