//! The chat's handshakes: real TLS clients accept the server, and a client that must not come in is refused with the
//! true reason on both sides.

use std::io::{Read, Write};

use rustls::crypto::aws_lc_rs::kx_group;

use tests::chains::{GOOD, HOST, MUTUAL, Scene};
use tests::irc::served;
use tests::peers::peer;
use tests::tls_client::{TlsClient, config_in};
use tests::{Running, Sandbox};

/// A client certificate of [`MUTUAL`] that is refused, what is sent after it, and the code of the reason: to the server, and to the
/// client, who knows the server's list of CAs.
const REFUSED: [(&str, Option<&str>, &str, &str); 4] = [
    ("stranger", Some("stranger-root"), "root-not-trusted", "client-certificate-not-offered"),
    ("stray", None, "missing-intermediate", "missing-intermediate"),
    ("expired", None, "expired", "expired"),
    ("misused", None, "wrong-purpose", "wrong-purpose"),
];

#[test]
fn openssl_curl_and_python_accept_the_server() {
    let (Some(_), Some(_), Some(python)) = (peer("openssl"), peer("curl"), peer("python3")) else { return };
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", "localhost", "127.0.0.1"]).exits(0);
    sandbox.pki(["issue", "client", "alice"]).exits(0);
    let server = sandbox.serve(["--name", "localhost", "--mtls", "required"]);
    let address = server.address();
    let files = "-CAfile store/certs/alice/ca.pem -cert store/certs/alice/cert.pem -key store/certs/alice/privkey.pem \
                 -cert_chain store/certs/alice/chain.pem";
    for version in ["-tls1_3", "-tls1_2"] {
        let command = format!(
            "openssl s_client -connect {address} {version} {files} -verify_return_error -verify_hostname localhost </dev/null"
        );
        sandbox.shell(&command).says("Verification: OK");
    }
    let curl = format!(
        "curl --silent --verbose --max-time 20 --cacert store/certs/alice/ca.pem --cert store/certs/alice/fullchain.pem \
         --key store/certs/alice/privkey.pem --resolve localhost:{0}:127.0.0.1 https://localhost:{0}/ || true",
        address.port()
    );
    sandbox.shell(&curl).says("SSL certificate verify ok");
    sandbox.write("client.py", PYTHON);
    sandbox.run(python, ["client.py", &address.port().to_string()]).exits(0).says("001");
}

/// Joins as an ordinary program would: the standard library's TLS, its own checks, the server's welcome.
const PYTHON: &str = r#"
import socket, ssl, sys
context = ssl.create_default_context(cafile="store/certs/alice/ca.pem")
context.load_cert_chain("store/certs/alice/fullchain.pem", "store/certs/alice/privkey.pem")
with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=30) as plain:
    with context.wrap_socket(plain, server_hostname="localhost") as tls:
        tls.sendall(b"NICK py\r\nUSER py 0 * :py\r\n")
        seen = b""
        while b" 001 " not in seen:
            part = tls.recv(4096)
            assert part, seen
            seen += part
        print(tls.version(), seen.decode())
"#;

/// X25519MLKEM768 is what still holds when somebody has a quantum computer; the others are what older clients have.
#[test]
fn a_key_exchange_in_each_of_the_groups_lets_in() {
    let (sandbox, server) = served();
    let (ca, alice) = (sandbox.issued("alice", "ca.pem"), sandbox.store().join("certs/alice"));
    for group in [kx_group::X25519MLKEM768, kx_group::X25519, kx_group::SECP256R1, kx_group::SECP384R1] {
        let config = config_in(group, &ca, Some(&alice));
        let mut client = TlsClient::connect(&config, server.address()).expect("it listens");
        client.types(&["NICK alice", "USER a 0 * :a", "QUIT"]).unwrap_or_else(|why| panic!("{group:?}: {why}"));
        assert!(client.line_with(" 001 alice ").is_ok_and(|line| line.is_some()), "{group:?}");
        client.rest();
    }
}

#[test]
fn a_client_without_a_certificate_is_refused_and_told() {
    let Some(_) = peer("openssl") else { return };
    let (sandbox, server) = mutual("required");
    for version in ["-tls1_3", "-tls1_2"] {
        let outcome = s_client(&sandbox, &server, version);
        assert!(outcome.contains("alert"), "{version}: {outcome}");
    }
    server.line_with(&["handshake-failed", "code=client-certificate-missing", "peer=127.0.0.1:"]);
    let outcome = connect(&sandbox, &server, &["--trust", "root.pem"]);
    outcome.exits(1).says("client-certificate-missing");
}

#[test]
fn a_refused_certificate_is_named_by_both_sides() {
    let Some(_) = peer("openssl") else { return };
    let (sandbox, server) = mutual("required");
    for (name, above, code, told) in REFUSED {
        let sent = above.map_or_else(String::new, |above| format!("-cert_chain {above}.pem"));
        for version in ["-tls1_3", "-tls1_2"] {
            let outcome = s_client(&sandbox, &server, &format!("{version} -cert {name}.pem -key {name}.key {sent}"));
            assert!(outcome.contains("alert"), "{name} {version}: {outcome}");
        }
        let line = server.line_with(&["handshake-failed", &format!("code={code} "), &format!("CN={name}")]);
        assert!(line.contains("sha256="), "{line}");
        let chain: String = std::iter::once(name).chain(above).map(|it| sandbox.read(format!("{it}.pem"))).collect();
        sandbox.write("shown.pem", chain);
        let key = format!("{name}.key");
        let outcome = connect(&sandbox, &server, &["--trust", "root.pem", "--cert", "shown.pem", "--key", &key]);
        outcome.exits(1).says(&format!("not connected: {told}\n"));
    }
}

/// Another certificate of the same CA would be refused as well: it is named which CAs the server takes, and how to look closer.
#[test]
fn a_certificate_of_a_ca_that_the_server_lacks_is_told_with_the_cas_that_it_takes() {
    let Some(_) = peer("openssl") else { return };
    let (sandbox, server) = mutual("required");
    sandbox.write("shown.pem", sandbox.read("stranger.pem") + &sandbox.read("stranger-root.pem"));
    sandbox.write("both.pem", sandbox.read("root.pem") + &sandbox.read("stranger-root.pem"));
    // By the trust at hand, for the server alone or for both, it is the server's word that counts.
    for trust in ["root.pem", "both.pem"] {
        let shown = ["--trust", trust, "--cert", "shown.pem", "--key", "stranger.key"];
        let told = connect(&sandbox, &server, &shown).exits(1).says("not connected: client-certificate-not-offered\n");
        let look = format!(
            "pki diagnose localhost:{} --trust {trust} --client-chain shown.pem --client-key stranger.key\n",
            server.address().port()
        );
        let told = told.says("CN=Stranger CA").says("CN=Example Root CA").does_not_say("issue client");
        told.says(&look).does_not_say("root-not-trusted");
        sandbox.shell(&format!("{} || true", look.trim())).says("client-certificate-not-offered");
    }
}

/// Pasted as they stand, they go by the trust that was typed, and need no name put in.
#[test]
fn what_is_typed_where_a_certificate_is_missing_lets_in() {
    let sandbox = Sandbox::new();
    sandbox.pki(["--store", "mine", "init-ca", "--name", "Test Root CA"]).exits(0);
    let server = sandbox.serve(["--name", "localhost", "--mtls", "required", "--store", "mine"]);
    let server_is_at = format!("localhost:{}", server.address().port());
    let trust = ["--trust", "mine/ca/root.pem"];
    let mine = ["--store", "mine", "--trust", "mine/ca/root.pem"];
    let come = format!("chat connect {server_is_at} --store mine --trust mine/ca/root.pem --as guest\n");
    let told = connect(&sandbox, &server, &mine).exits(1).says("pki --store mine issue client guest\n").says(&come);
    told.says(&format!("{} --as NAME", come.trim_end().trim_end_matches(" --as guest")));
    sandbox.pki(["--store", "mine", "issue", "client", "guest"]).exits(0);
    connect(&sandbox, &server, &mine).exits(1).says(&come).does_not_say("issue client guest");
    connect(&sandbox, &server, &[&mine[..], &["--as", "guest"]].concat()).exits(0);
    // Without a store of that CA nothing that is issued here would help.
    let told = connect(&sandbox, &server, &trust).exits(1).says("Test Root CA").does_not_say("issue client guest");
    told.says(&format!("pki diagnose {server_is_at} --trust mine/ca/root.pem\n"));
    sandbox.pki(["init-ca", "--name", "Another Root CA"]).exits(0);
    connect(&sandbox, &server, &trust).exits(1).says("Test Root CA").does_not_say("issue client guest");
}

/// The trust at hand is for the server, whose CA is another than that of the clients: what it says of the client's CA explains nothing.
#[test]
fn what_is_wrong_with_a_certificate_of_another_ca_is_named_all_the_same() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", "localhost", "--out", "own"]).exits(0);
    MUTUAL.make(sandbox.path());
    let files = ["--cert", "own/fullchain.pem", "--key", "own/privkey.pem", "--trust", "root.pem"];
    let server = sandbox.serve(["--name", "localhost", "--mtls", "required"].iter().chain(&files));
    let shown = |name: &str| {
        let (chain, key) = (format!("{name}.pem"), format!("{name}.key"));
        connect(&sandbox, &server, &["--trust", "own/ca.pem", "--cert", &chain, "--key", &key])
    };
    shown("alice").exits(0);
    for (name, code) in [("expired", "expired"), ("misused", "wrong-purpose")] {
        shown(name).exits(1).says(&format!("not connected: {code}"));
        server.line_with(&["handshake-failed", &format!("code={code} ")]);
    }
}

#[test]
fn servers_that_are_started_at_once_share_the_certificate_that_the_first_one_makes() {
    let sandbox = Sandbox::with_ca();
    let start = |data| sandbox.serve(["--name", "localhost", "--mtls", "off", "--data", data]);
    let servers: Vec<Running> = ["one", "two", "three"].into_iter().map(start).collect();
    servers.iter().for_each(|server| assert!(server.address().port() > 0));
    let listed = sandbox.pki(["list", "--json"]).exits(0).json();
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "{listed:#}");
}

/// What would be a long search, with certificates that all signed each other, is refused before it begins.
#[test]
fn more_certificates_than_any_chain_has_are_refused_unsearched() {
    let Some(_) = peer("openssl") else { return };
    let (sandbox, server) = mutual("required");
    for (count, taken) in [(6, true), (7, false)] {
        sandbox.write("many.pem", sandbox.read("root.pem").repeat(count));
        let outcome = s_client(&sandbox, &server, "-cert alice.pem -key alice.key -cert_chain many.pem");
        assert_eq!(!outcome.contains("alert"), taken, "{count}: {outcome}");
    }
    let line = server.line_with(&["handshake-failed", "code=path-budget-exceeded", "CN=alice"]);
    assert!(line.contains("7 certificates came beside the leaf: expected at most 6"), "{line}");
}

#[test]
fn a_key_of_another_certificate_and_a_port_in_plain_text_have_their_command() {
    let Some(_) = peer("openssl") else { return };
    let (sandbox, server) = mutual("required");
    let mixed = ["--trust", "root.pem", "--cert", "alice.pem", "--key", "expired.key"];
    let told = connect(&sandbox, &server, &mixed).exits(3);
    told.says("pki diagnose --chain alice.pem --key expired.key --trust root.pem --purpose client\n");
    let files = ["--cert", "chain.pem", "--key", "alice.key", "--trust", "root.pem"];
    let told = sandbox.chat(["serve", "--name", "localhost", "--listen", "127.0.0.1:0"].iter().chain(&files)).exits(3);
    told.says("pki diagnose --chain chain.pem --key alice.key --trust root.pem --name localhost\n");
    let sandbox = Sandbox::with_ca();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is left");
    let address = listener.local_addr().expect("it is bound").to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = (&stream).write_all(b"220 mail.example.test ESMTP\r\n");
        }
    });
    let told = sandbox.chat(["connect", &address, "--plain"]).exits(5).says("not-tls");
    told.says(&format!("pki diagnose {address}"));
}

#[test]
fn an_optional_certificate_is_not_asked_of_anyone_but_checked_where_it_is_shown() {
    let Some(_) = peer("openssl") else { return };
    let (sandbox, server) = mutual("optional");
    connect(&sandbox, &server, &["--trust", "root.pem"]).exits(0);
    connect(&sandbox, &server, &["--trust", "root.pem", "--cert", "alice.pem", "--key", "alice.key"]).exits(0);
    connect(&sandbox, &server, &["--trust", "root.pem", "--cert", "expired.pem", "--key", "expired.key"])
        .exits(1)
        .says("expired");
}

#[test]
fn without_mutual_tls_no_certificate_is_asked_for() {
    let Some(_) = peer("openssl") else { return };
    let (sandbox, server) = mutual("off");
    let outcome = s_client(&sandbox, &server, "-CAfile root.pem");
    assert!(outcome.contains("No client certificate CA names sent"), "{outcome}");
    let showing = ["--trust", "root.pem", "--cert", "alice.pem", "--key", "alice.key"];
    connect(&sandbox, &server, &showing).exits(0).says("asks for no certificate").does_not_say("SASL");
}

/// Several programs send the first certificate of their file alone.
#[test]
fn a_leaf_alone_of_the_stores_own_ca_comes_in() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "client", "alice"]).exits(0);
    let server = sandbox.serve(["--name", "localhost", "--mtls", "required"]);
    let files = "-cert store/certs/alice/cert.pem -key store/certs/alice/privkey.pem";
    for version in ["-tls1_3", "-tls1_2"] {
        let outcome = s_client(&sandbox, &server, &format!("{version} {files}"));
        assert!(!outcome.contains("alert"), "{version}: {outcome}");
    }
}

/// The server knows whether the issuer is a root, where it has it at hand; the client sees a gap either way.
#[test]
fn a_leaf_alone_that_a_client_does_not_know_the_issuer_of_is_named_by_both_sides() {
    for (intermediate, told) in [(true, "code=missing-intermediate"), (false, "code=root-not-trusted")] {
        let sandbox = Sandbox::new();
        let below: &[&str] = if intermediate { &["--intermediate", "Test Issuing CA"] } else { &[] };
        sandbox.pki(["init-ca", "--name", "Test Root CA"].iter().chain(below)).exits(0);
        sandbox.pki(["issue", "server", "localhost"]).exits(0);
        sandbox.pki(["init-ca", "--name", "Other Root CA", "--store", "other"]).exits(0);
        let files = "--cert store/certs/localhost/cert.pem --key store/certs/localhost/privkey.pem".split(' ');
        let trust: &[&str] = if intermediate { &["--mtls", "off"] } else { &["--trust", "store/ca/root.pem"] };
        let listen = ["serve", "--listen", "127.0.0.1:0", "--name", "localhost", "--data", "data"];
        let server =
            sandbox.start(tests::programs::chat(), listen.into_iter().chain(files).chain(trust.iter().copied()));
        let met = connect(&sandbox, &server, &["--trust", "other/ca/root.pem"]).exits(1).says("missing-intermediate");
        // What the client cannot know is looked for where it lies.
        let look = met.stderr.lines().find_map(|line| line.strip_prefix("  pki diagnose ")).expect("a command");
        sandbox
            .shell(&format!("cp store/ca/*.pem . && pki diagnose {look}"))
            .exits(1)
            .says(if intermediate { "certs/localhost/fullchain.pem --trust " } else { "root" })
            .does_not_say("INTERMEDIATE");
        let line = server.line_with(&["handshake-failed", told]);
        assert!(line.contains("Test Issuing CA") == intermediate && line.contains("--trust FILE"), "{line}");
        assert!(intermediate || line.contains("missing-intermediate"), "what the client calls it: {line}");
    }
}

/// A health check opens a port and closes it; a report asks for versions. Neither is somebody who was refused.
#[test]
fn what_only_asks_leaves_no_failure_in_the_log() {
    let sandbox = tests::irc::with_certificates();
    let server = sandbox.serve(["--name", "localhost", "--mtls", "required", "--data", "data"]);
    for _ in 0..3 {
        drop(std::net::TcpStream::connect(server.address()).expect("it listens"));
        ends_by_reset(&std::net::TcpStream::connect(server.address()).expect("it listens"));
    }
    let endpoint = format!("localhost:{}", server.address().port());
    let files = "--client-chain store/certs/alice/fullchain.pem --client-key store/certs/alice/privkey.pem".split(' ');
    sandbox.pki(["diagnose", endpoint.as_str()].into_iter().chain(files)).exits(0);
    connect(&sandbox, &server, &["--trust", "store/ca/root.pem"]).exits(1);
    server.line_with(&["handshake-failed", "code=client-certificate-missing"]);
    let failed: Vec<String> = server.printed().into_iter().filter(|line| line.contains("handshake-failed")).collect();
    // The report asks whether a version of old is still taken, once, and that is refused.
    assert!(failed.len() <= 2 && !failed.iter().any(|line| line.contains("connection-closed")), "{failed:#?}");
}

/// Has a connection end by a reset, as the health checks of haproxy do.
fn ends_by_reset(stream: &std::net::TcpStream) {
    socket2::SockRef::from(stream).set_linger(Some(std::time::Duration::ZERO)).expect("an option of every system");
}

#[test]
fn a_clients_certificate_is_none_for_a_server() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "client", "alice"]).exits(0);
    sandbox.chat(["serve", "--listen", "127.0.0.1:0", "--name", "alice"]).exits(2).says("client certificate");
}

#[test]
fn our_client_refuses_a_bad_server_and_prints_the_cause() {
    let Some(_) = peer("openssl") else { return };
    let (sandbox, server) = mutual("optional");
    let distrusted = connect(&sandbox, &server, &["--trust", "stranger-root.pem"]).exits(1);
    distrusted.says("root-not-trusted").does_not_say("whoever runs");
    server.line_with(&["handshake-failed", "alert"]);
    let (misnamed, server) = serving(&GOOD, "off");
    server.line_with(&["server-certificate", "code=name-mismatch", HOST]);
    connect(&misnamed, &server, &["--trust", "root.pem"])
        .exits(1)
        .says("name-mismatch")
        .says(HOST)
        .says("# whoever runs")
        // What is the cause is not seen besides.
        .does_not_say("error name-mismatch");
    // A server that sends more than any chain has is not searched either.
    misnamed.write("many.pem", misnamed.read("root.pem").repeat(7));
    let files = "-cert chain.pem -key server.key -cert_chain many.pem";
    let server = misnamed.start("sh", ["-c", &format!("exec openssl s_server -accept 127.0.0.1:0 {files}")]);
    let port = server.line("ACCEPT ").rsplit(':').next().expect("a port").to_owned();
    let told = misnamed.chat(["connect", &format!("localhost:{port}"), "--plain", "--trust", "root.pem"]).exits(1);
    told.says("path-budget-exceeded").says("expected at most 6");
}

/// What was meant lies beside it, most likely, and is found by looking there.
#[test]
fn a_trust_file_that_is_not_there_is_answered_with_the_command_that_finds_another() {
    let sandbox = Sandbox::new();
    MUTUAL.make(sandbox.path());
    let told = sandbox.chat(["connect", "localhost:1", "--trust", "nofile.pem"]).exits(3);
    told.says("pki diagnose localhost:1 --trust nofile.pem ");
    let files = ["--cert", "chain.pem", "--key", "server.key", "--trust", "nofile.pem"];
    let told = sandbox.chat(["serve", "--name", "localhost", "--listen", "127.0.0.1:0"].iter().chain(&files)).exits(3);
    let command = "pki diagnose --chain chain.pem --key server.key --trust nofile.pem --name localhost";
    told.says(command);
    sandbox.shell(&format!("{command} || true")).says("root.pem");
}

/// It speaks TLS and is in order, and is something else.
#[test]
fn a_server_of_something_else_is_answered_with_the_command_that_looks_at_it() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    MUTUAL.make(sandbox.path());
    let serve = "openssl s_server -accept 127.0.0.1:0 -cert chain.pem -key server.key -cert_chain chain.pem -naccept 1";
    // It says what a server of pages says to a line that it does not know, and closes.
    let server = sandbox.start("sh", ["-c", &format!("printf 'HTTP/1.1 400 Bad Request\\r\\n\\r\\n' | {serve}")]);
    let port = server.line("ACCEPT ").rsplit(':').next().expect("a port").to_owned();
    let told = sandbox.chat(["connect", &format!("localhost:{port}"), "--plain", "--trust", "root.pem"]).exits(5);
    told.says("expected a chat (IRC) there").says(&format!("pki diagnose localhost:{port} --trust root.pem"));
}

#[test]
fn where_nobody_listens_the_client_says_so() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a free port");
    let sandbox = Sandbox::with_ca();
    let outcome = sandbox.chat(["connect", &free.to_string(), "--nick", "alice", "--plain"]);
    outcome.exits(5).says("connection-refused").says(&free.to_string());
}

/// A record without contents, and one of a version that there is not.
#[test]
fn a_record_that_is_none_is_answered_with_an_alert() {
    const ALERT: u8 = 21;
    let (_sandbox, server) = mutual("optional");
    for record in [b"\x16\x03\x01\x00\x00", b"\x16\x09\x09\x00\x05"] {
        let mut stream = std::net::TcpStream::connect(server.address()).expect("taken");
        stream.write_all(record).expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("read");
        assert_eq!(answer.first(), Some(&ALERT), "{answer:02x?}");
        server.line_with(&["handshake-failed"]);
    }
    assert!(!server.printed().iter().any(|line| line.contains("panicked")), "{:?}", server.printed());
}

#[test]
fn plain_text_on_the_tls_port_is_named() {
    let (sandbox, server) = mutual("optional");
    let script = format!(
        "exec 3<>/dev/tcp/127.0.0.1/{}; printf 'NICK plain\\r\\n' >&3; cat <&3 || true",
        server.address().port()
    );
    sandbox.run("bash", ["-c", &script]).exits(0);
    server.line_with(&["handshake-failed", "code=not-tls"]);
}

#[test]
fn a_second_server_on_the_port_is_refused_with_the_reason() {
    let (sandbox, server) = mutual("optional");
    let address = server.address().to_string();
    let arguments =
        ["serve", "--listen", &address, "--cert", "chain.pem", "--key", "server.key", "--trust", "root.pem"];
    sandbox.chat(arguments).exits(5).says(&address).says("in use");
}

#[test]
fn sigterm_ends_the_server_cleanly() {
    let (_sandbox, server) = mutual("optional");
    server.address();
    server.signal("TERM");
    let (code, printed) = server.ends();
    assert_eq!(code, 0, "{}", printed.join("\n"));
}

#[test]
fn a_server_without_a_certificate_says_which_commands_make_one() {
    let sandbox = Sandbox::new();
    let outcome = sandbox.chat(["serve", "--listen", "127.0.0.1:0", "--name", "chat.example.test"]);
    assert!([3, 4].contains(&outcome.code()), "{outcome}");
    outcome.says("pki init-ca").says("pki issue server chat.example.test");
}

#[test]
fn a_server_whose_store_can_sign_issues_itself_a_certificate_and_says_so() {
    let sandbox = Sandbox::with_ca();
    let server = sandbox.serve(["--name", "chat.example.test"]);
    server.address();
    server.line("chat.example.test");
    assert!(sandbox.issued("chat.example.test", "cert.pem").exists());
}

#[test]
fn a_key_that_is_not_the_certificates_is_told_before_anyone_connects() {
    let (sandbox, _) = mutual("optional");
    let arguments =
        ["serve", "--listen", "127.0.0.1:0", "--cert", "chain.pem", "--key", "alice.key", "--trust", "root.pem"];
    let outcome = sandbox.chat(arguments);
    assert!([3, 4].contains(&outcome.code()), "{outcome}");
    outcome.says("alice.key");
}

/// A server on the certificates of [`MUTUAL`], no store in sight.
fn mutual(mtls: &str) -> (Sandbox, Running) {
    serving(&MUTUAL, mtls)
}

fn serving(scene: &Scene, mtls: &str) -> (Sandbox, Running) {
    let sandbox = Sandbox::new();
    scene.make(sandbox.path());
    let files = ["--cert", "chain.pem", "--key", "server.key", "--trust", "root.pem"];
    let server = sandbox.serve(["--name", "localhost", "--mtls", mtls].iter().chain(&files));
    server.address();
    (sandbox, server)
}

/// Our client, in line mode and with nothing to say.
fn connect(sandbox: &Sandbox, server: &Running, arguments: &[&str]) -> tests::Outcome {
    let address = format!("localhost:{}", server.address().port());
    sandbox.chat(["connect", &address, "--nick", "guest", "--plain"].iter().chain(arguments))
}

/// All that openssl prints on the way in. Its input stays open until the server closes or the end of its patience.
fn s_client(sandbox: &Sandbox, server: &Running, arguments: &str) -> String {
    let address = server.address();
    sandbox.shell(&format!("echo QUIT | openssl s_client -ign_eof -connect {address} {arguments} 2>&1 || true")).text()
}
