//! What `pki export` writes is read by the programs that it is for: openssl, Java, NSS, curl, and the chat on a machine
//! that has no store.

use std::os::unix::fs::PermissionsExt;

use tests::peers::peer;
use tests::{Outcome, Running, Sandbox};

const PASSWORD: &str = "pass word 7";

/// A CA with a certificate for a server and one for a client, and a file with a password.
fn issued() -> Sandbox {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", "localhost", "127.0.0.1"]).exits(0);
    sandbox.pki(["issue", "client", "alice"]).exits(0);
    sandbox.write("password.txt", format!("{PASSWORD}\n"));
    sandbox
}

fn export(sandbox: &Sandbox, arguments: &str) -> Outcome {
    sandbox.shell(&format!("pki export {arguments}"))
}

#[test]
fn openssl_reads_both_seals_with_chain_and_name() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = issued();
    export(&sandbox, "p12 alice --password-file password.txt").exits(0).says("alice.p12").says("AES-256");
    export(&sandbox, "p12 alice --password-file password.txt --legacy --out old.p12").exits(0).says("3DES");
    for (file, seal, mac) in [
        ("alice.p12", "PBES2, PBKDF2, AES-256-CBC, Iteration 200000, PRF hmacWithSHA256", "MAC: sha256"),
        ("old.p12", "pbeWithSHA1And3-KeyTripleDES-CBC", "MAC: sha1"),
    ] {
        let read = sandbox.shell(&format!("openssl pkcs12 -in {file} -passin file:password.txt -nodes -info"));
        let read = read.exits(0).says(seal).says(mac).says("friendlyName: alice").says("friendlyName: Test Root CA");
        assert_eq!(read.stdout.matches("BEGIN CERTIFICATE").count(), 3, "{read}");
        let key = sandbox
            .shell(&format!("openssl pkcs12 -in {file} -passin file:password.txt -nodes -nocerts | openssl pkey"));
        assert_eq!(key.exits(0).stdout, sandbox.read("store/certs/alice/privkey.pem"));
        sandbox.shell(&format!("openssl pkcs12 -in {file} -passin pass:wrong -noout")).exits(1);
    }
}

/// The key with its whole chain, and the root as trusted beside it: one file does for both of Java's settings.
#[test]
fn java_reads_key_chain_and_trust() {
    let Some(keytool) = peer("keytool") else { return };
    let sandbox = issued();
    for legacy in ["", " --legacy"] {
        export(&sandbox, &format!("p12 localhost --password-file password.txt --force{legacy}")).exits(0);
        let listed =
            sandbox.run(&keytool, ["-list", "-v", "-keystore", "localhost.p12", "-storepass", PASSWORD]).exits(0);
        listed
            .says("Your keystore contains 2 entries")
            .says("Alias name: localhost")
            .says("Entry type: PrivateKeyEntry")
            .says("Certificate chain length: 3")
            .says("Alias name: test root ca")
            .says("Entry type: trustedCertEntry");
    }
}

/// Firefox and Chromium keep their certificates in such a database.
#[test]
fn nss_imports_certificate_and_key() {
    let (Some(_), Some(_)) = (peer("certutil"), peer("pk12util")) else { return };
    let sandbox = issued();
    for legacy in ["", " --legacy"] {
        let database = if legacy.is_empty() { "modern" } else { "old" };
        sandbox.shell(&format!("mkdir {database} && certutil -N -d sql:{database} --empty-password")).exits(0);
        export(&sandbox, &format!("p12 alice --password-file password.txt --force{legacy}")).exits(0);
        sandbox.shell(&format!("pk12util -i alice.p12 -d sql:{database} -w password.txt -K ''")).exits(0);
        sandbox
            .shell(&format!("certutil -L -d sql:{database}"))
            .exits(0)
            .says("alice")
            .says("u,u,u")
            .says("Test Issuing CA");
        sandbox.shell(&format!("certutil -K -d sql:{database}")).exits(0).says("alice");
    }
}

/// A chain without a key, in the form that Windows and mail programs take: everybody who reads such files reads ours.
#[test]
fn a_p7b_holds_the_chain_and_every_reader_takes_it() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = issued();
    export(&sandbox, "p7b alice").exits(0).says("alice.p7b").says("Test Issuing CA").does_not_say("private key");
    export(&sandbox, "p7b alice --der --out alice.der.p7b").exits(0);
    for (file, form) in [("alice.p7b", "PEM"), ("alice.der.p7b", "DER")] {
        let read = sandbox.shell(&format!("openssl pkcs7 -inform {form} -in {file} -print_certs -noout")).exits(0);
        let subjects: Vec<_> = read.stdout.lines().filter(|line| line.starts_with("subject")).collect();
        assert_eq!(subjects, ["subject=CN = alice", "subject=CN = Test Issuing CA", "subject=CN = Test Root CA"]);
        sandbox.pki(["inspect", file]).exits(0).says("CN=alice").says("CN=Test Root CA");
        if let Some(certtool) = peer("certtool") {
            let der = ["--inder"].into_iter().filter(|_| form == "DER");
            let read = sandbox.run(certtool, ["--p7-info", "--infile", file].into_iter().chain(der)).exits(0);
            assert_eq!(read.stdout.matches("BEGIN CERTIFICATE").count(), 3, "{read}");
        }
        if let Some(keytool) = peer("keytool") {
            sandbox.run(keytool, ["-printcert", "-file", file]).exits(0).says("CN=alice").says("CN=Test Root CA");
        }
    }
    assert!(!sandbox.read("alice.p7b").contains("PRIVATE"));
    sandbox.pki(["log"]).exits(0).says("p7b");
}

/// The same word for the same thing, whichever of the two a user knows.
#[test]
fn a_password_is_a_passphrase() {
    let sandbox = issued();
    for source in ["--password-file password.txt", "--passphrase-file password.txt", "--passphrase-fd 3 3<password.txt"]
    {
        export(&sandbox, &format!("p12 alice --force {source}")).exits(0);
        sandbox.pki(["inspect", "alice.p12", "--passphrase-file", "password.txt"]).exits(0).says("CN=alice");
    }
    let locked = Sandbox::new();
    locked.write("secret", "open sesame\n");
    locked.pki(["init-ca", "--name", "Locked Root CA", "--password-file", "secret"]).exits(0);
    locked.pki(["issue", "client", "alice"]).exits(4).says("--passphrase-file");
    locked.pki(["issue", "client", "alice", "--password-file", "secret"]).exits(0);
}

#[test]
fn the_password_comes_from_a_file_a_descriptor_or_the_environment() {
    let sandbox = issued();
    for source in ["--password-file password.txt", "--password-fd 3 3<password.txt"] {
        export(&sandbox, &format!("p12 alice --force {source}")).exits(0);
        sandbox.pki(["inspect", "alice.p12", "--passphrase-file", "password.txt"]).exits(0).says("CN=alice");
    }
    sandbox.shell("W='pass word 7' pki export p12 alice --force --password-env W").exits(0);
    sandbox.pki(["inspect", "alice.p12", "--passphrase-file", "password.txt"]).exits(0).says("CN=alice");
    sandbox.write("empty.txt", "\n");
    export(&sandbox, "p12 alice --out none.p12 --password-file empty.txt").exits(3).says("empty.txt");
    sandbox.shell("W= pki export p12 alice --out none.p12 --password-env W").exits(2).says("--password-file");
    export(&sandbox, "p12 alice --out none.p12").exits(2).says("--password-file");
    export(&sandbox, "bundle alice --out none.p12").exits(2).says("--password-file");
    assert!(!sandbox.file("none.p12").exists());
}

#[test]
fn files_with_a_key_are_their_owners_alone_and_nothing_is_written_over() {
    let sandbox = issued();
    for (arguments, file, mode) in [
        ("p12 alice --password-file password.txt", "alice.p12", 0o600),
        ("bundle alice", "alice.bundle.pem", 0o600),
        ("haproxy alice", "alice.haproxy.pem", 0o600),
        ("der alice --key", "alice.key.der", 0o600),
        ("der alice", "alice.der", 0o644),
        ("p7b alice", "alice.p7b", 0o644),
        ("ca", "ca.pem", 0o644),
    ] {
        sandbox.shell(&format!("umask 000; pki export {arguments}")).exits(0).says(file);
        let found = sandbox.file(file).metadata().expect("written").permissions().mode() & 0o777;
        assert_eq!(found & mode, found, "{file}: {found:o}");
        let before = std::fs::read(sandbox.file(file)).expect("written");
        export(&sandbox, arguments).exits(2).says(file).says("not written over");
        assert_eq!(std::fs::read(sandbox.file(file)).expect("still there"), before);
        export(&sandbox, &format!("{arguments} --force")).exits(0);
    }
}

#[test]
fn der_and_standard_output_are_what_openssl_reads() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = issued();
    let subject = sandbox.shell("pki export der alice --out - | openssl x509 -inform der -noout -subject").exits(0);
    subject.says("CN = alice");
    sandbox.shell("pki export der alice --key --out - | openssl pkey -inform der -noout").exits(0);
    sandbox
        .shell("pki export ca --der --out - | openssl x509 -inform der -noout -subject")
        .exits(0)
        .says("Test Root CA");
    sandbox.shell("pki export ca --out - | cmp - store/ca/root.pem").exits(0);
    let told = sandbox.pki(["export", "der", "alice", "--json"]).exits(0).json();
    assert_eq!(told["format"], "der");
    assert_eq!(told["private_key"], false);
}

#[test]
fn a_key_that_was_never_here_cannot_be_handed_out() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    sandbox.shell("openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout k.pem -out r.csr -subj /CN=bob").exits(0);
    sandbox.pki(["issue", "client", "bob", "--csr", "r.csr"]).exits(0);
    export(&sandbox, "bundle bob").exits(2).says("from a request").says("openssl pkcs12 -export");
    export(&sandbox, "der bob").exits(0);
    export(&sandbox, "der nobody").exits(2).says("nobody");
}

/// The CA on one machine, the server on a second and the client on a third: a file each is all that is carried.
#[test]
fn a_chat_runs_on_bundles_alone() {
    let ca = issued();
    for (form, password, more) in
        [("bundle.pem", "", ""), ("p12", "--password-file password.txt", "--passphrase-file password.txt")]
    {
        for name in ["localhost", "alice"] {
            export(&ca, &format!("bundle {name} {password}")).exits(0).says("--bundle");
        }
        let (at_server, at_client) =
            (carried(&ca, &format!("localhost.{form}")), carried(&ca, &format!("alice.{form}")));
        let options = format!("--name localhost --mtls required --bundle localhost.{form} {more}");
        let server = at_server.serve(options.split_whitespace());
        connect(&at_client, &server, &format!("--bundle alice.{form} {more}")).exits(0).says("alice");
        connect(&at_client, &server, "").exits(4).says("--trust");
        assert!(!at_server.store().exists() && !at_client.store().exists());
    }
}

/// Who sits at a terminal is asked, on both machines.
#[test]
fn a_password_is_asked_for_on_a_terminal() {
    let Some(python) = peer("python3") else { return };
    let ca = issued();
    ca.write("terminal.py", TERMINAL);
    let at_terminal = |command: &str, answers: &[[&str; 2]]| {
        let answers = answers.iter().flatten().copied();
        let arguments = ["terminal.py", command].into_iter().chain(answers);
        ca.run(&python, arguments).exits(0)
    };
    let answers = [["gets: ", PASSWORD], ["again: ", PASSWORD]];
    at_terminal("pki export p12 alice", &answers).does_not_say(PASSWORD);
    ca.shell("openssl pkcs12 -in alice.p12 -passin file:password.txt -noout").exits(0);
    let server = ca.serve(["--name", "localhost", "--mtls", "required"]);
    let command = format!("chat connect localhost:{} --plain --bundle alice.p12", server.address().port());
    at_terminal(&command, &[["Password of alice.p12: ", PASSWORD], ["Welcome", "/quit"]]).does_not_say(PASSWORD);
}

/// Runs a command on a terminal of its own, answers what it asks, and ends as it does.
const TERMINAL: &str = r#"
import os, pty, sys, termios
command, answers = sys.argv[1], list(zip(sys.argv[2::2], sys.argv[3::2]))
process, terminal = pty.fork()
if process == 0:
    os.execvp("sh", ["sh", "-c", "exec " + command])
seen = b""
while True:
    try:
        part = os.read(terminal, 4096)
    except OSError:
        break
    if not part:
        break
    seen += part
    sys.stdout.write(part.decode(errors="replace"))
    if answers and answers[0][0].encode() in seen:
        seen = b""
        # A person types after the echo has been turned off.
        while answers[0][0].endswith(": ") and termios.tcgetattr(terminal)[3] & termios.ECHO:
            os.sched_yield()
        os.write(terminal, answers.pop(0)[1].encode() + b"\n")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
"#;

/// The list goes along in a bundle of PEM: whom it names is refused where there is no store to ask.
#[test]
fn a_bundle_carries_the_revocation_list() {
    let ca = issued();
    ca.pki(["issue", "client", "bob"]).exits(0);
    ca.pki(["revoke", "bob"]).exits(0);
    ca.pki(["crl"]).exits(0);
    for name in ["localhost", "alice", "bob"] {
        let told = export(&ca, &format!("bundle {name}")).exits(0).says("2 revocation lists");
        assert_eq!(told.stderr.contains("is revoked"), name == "bob", "{told}");
    }
    let at_server = carried(&ca, "localhost.bundle.pem");
    let server = at_server.serve(["--name", "localhost", "--mtls", "required", "--bundle", "localhost.bundle.pem"]);
    for (name, code) in [("alice", 0), ("bob", 1)] {
        let at_client = carried(&ca, &format!("{name}.bundle.pem"));
        connect(&at_client, &server, &format!("--bundle {name}.bundle.pem")).exits(code);
    }
    server.line("code=revoked");
}

/// While a root takes the place of another both go along, and the cross certificate, so that whoever knows either is served.
#[test]
fn a_bundle_carries_both_roots_of_a_roll_over() {
    let ca = issued();
    export(&ca, "bundle alice --out old.bundle.pem").exits(0);
    ca.pki(["rollover", "--root"]).exits(0);
    ca.pki(["renew", "localhost"]).exits(0);
    ca.pki(["renew", "alice"]).exits(0);
    export(&ca, "bundle localhost").exits(0);
    export(&ca, "bundle alice --out new.bundle.pem").exits(0);
    export(&ca, "ca --der").exits(2).says("two roots");
    assert_eq!(export(&ca, "ca --out -").exits(0).stdout.matches("BEGIN CERTIFICATE").count(), 2);
    let at_server = carried(&ca, "localhost.bundle.pem");
    let server = at_server.serve(["--name", "localhost", "--mtls", "required", "--bundle", "localhost.bundle.pem"]);
    for file in ["old.bundle.pem", "new.bundle.pem"] {
        connect(&carried(&ca, file), &server, &format!("--bundle {file}")).exits(0).says("alice");
    }
}

fn carried(from: &Sandbox, file: &str) -> Sandbox {
    let to = Sandbox::new();
    for name in [file, "password.txt"] {
        std::fs::copy(from.file(name), to.file(name)).expect("a file can be carried");
    }
    to
}

fn connect(sandbox: &Sandbox, server: &Running, options: &str) -> Outcome {
    let address = format!("localhost:{}", server.address().port());
    sandbox.chat(["connect", &address, "--plain"].into_iter().chain(options.split_whitespace()))
}

#[test]
fn what_is_wrong_with_a_bundle_is_named() {
    let ca = issued();
    export(&ca, "bundle alice").exits(0);
    export(&ca, "p12 alice --password-file password.txt").exits(0);
    ca.shell(
        "pki export haproxy alice --out norootinit.pem; umask 022; cp alice.bundle.pem open.pem; chmod 644 open.pem",
    )
    .exits(0);
    ca.write("other.txt", "wrong\n");
    for (options, code, said) in [
        ("--bundle alice.p12", 3, "--passphrase-file"),
        ("--bundle alice.p12 --passphrase-file other.txt", 3, "does not open"),
        ("--bundle norootinit.pem", 3, "no root"),
        ("--bundle open.pem", 3, "chmod 600"),
        ("--bundle store/certs/alice/cert.pem", 3, "no private key"),
        ("--bundle none.pem", 3, "none.pem"),
        ("--bundle alice.bundle.pem --as alice", 2, "--as"),
    ] {
        let outcome = ca.chat(["connect", "localhost:1", "--plain"].into_iter().chain(options.split_whitespace()));
        outcome.exits(code).says(said);
    }
}

/// HAProxy and curl read the same PEM.
#[test]
fn one_pem_is_enough_for_curl_and_openssl() {
    let (Some(_), Some(_)) = (peer("openssl"), peer("curl")) else { return };
    let sandbox = issued();
    export(&sandbox, "haproxy localhost").exits(0);
    export(&sandbox, "bundle alice").exits(0);
    let server = sandbox.serve(["--name", "localhost", "--mtls", "required"]);
    let port = server.address().port();
    let asked = format!(
        "curl -sv --max-time 20 --cacert store/ca/root.pem --cert alice.bundle.pem --resolve localhost:{port}:127.0.0.1 https://localhost:{port}/ || true"
    );
    // Past both handshakes, the chat answers in its own protocol.
    sandbox.shell(&asked).says("SSL certificate verify ok").says("HTTP/0.9");
    let pem = std::fs::read_to_string(sandbox.file("localhost.haproxy.pem")).expect("written");
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"), "{} octets", pem.len());
    sandbox
        .shell("openssl x509 -in localhost.haproxy.pem -noout && openssl pkey -in localhost.haproxy.pem -noout")
        .exits(0);
}
