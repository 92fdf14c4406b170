//! The chat as a service: what it tells systemd, and what it counts.
#![cfg(unix)]

use std::ffi::OsString;
use std::io::Read as _;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use tests::Sandbox;
use tests::irc::with_certificates;
use tests::peers::peer;
use tests::programs::chat;

#[test]
fn the_service_manager_is_told_when_it_listens_and_when_it_stops() {
    let sandbox = with_certificates();
    let path = sandbox.file("notify.sock");
    let socket = UnixDatagram::bind(&path).expect("a socket");
    socket.set_read_timeout(Some(Duration::from_secs(20))).expect("a time-out");
    let told = || {
        let mut buffer = [0; 256];
        let length = socket.recv(&mut buffer).expect("the service manager is told");
        String::from_utf8_lossy(&buffer[..length]).into_owned()
    };
    let mut variable = OsString::from("NOTIFY_SOCKET=");
    variable.push(&path);
    let serve = [variable, chat().into(), "serve".into(), "--listen".into(), "127.0.0.1:0".into()];
    let server = sandbox.start("env", serve.into_iter().chain(["--name", "localhost"].map(OsString::from)));
    assert!(told().contains("READY=1"));
    server.address();
    server.signal("TERM");
    assert!(told().contains("STOPPING=1"));
    assert_eq!(server.ends().0, 0);
}

#[test]
fn what_is_counted_is_told_on_loopback_and_nowhere_else() {
    let Some(curl) = peer("curl") else { return };
    let (sandbox, server) = tests::irc::served_with(&["--mtls", "required", "--metrics", "127.0.0.1:0"]);
    let told = server.line("what is counted is at ");
    let url = told.rsplit("at ").next().expect("an address").trim().to_owned();
    let bob = tests::irc::welcomed(&sandbox, &server, "bob");
    // Who shows no certificate fails in the handshake, and is counted by the reason.
    sandbox.shell(&format!("openssl s_client -connect {} </dev/null", server.address()));
    server.line("handshake-failed");
    let numbers = sandbox.run(curl, ["-sS", "--fail", &url]).exits(0).stdout;
    for line in ["chat_accepted_total 2", "chat_handshakes_total{result=\"ok\"} 1", "chat_lines_total 2", "# EOF"] {
        assert!(numbers.lines().any(|found| found == line), "no {line:?} in\n{numbers}");
    }
    assert!(numbers.contains("chat_handshakes_total{result=\"client-certificate-missing\"} 1"), "{numbers}");
    drop(bob);
    sandbox
        .chat(["serve", "--name", "localhost", "--metrics", "0.0.0.0:9100"])
        .exits(2)
        .says("--metrics 127.0.0.1:9100");
}

#[test]
fn plain_text_alone_needs_no_store() {
    let sandbox = Sandbox::new();
    let server = sandbox.start(chat(), ["serve", "--plaintext", "127.0.0.1:0", "--name", "My.Little.Server"]);
    server.line("no TLS, since there is no store");
    let stream = std::net::TcpStream::connect(server.address()).expect("it listens");
    let mut lines = std::io::BufReader::new(stream.try_clone().expect("a second handle"));
    std::io::Write::write_all(&mut &stream, b"NICK a\r\nUSER a 0 * :a\r\n").expect("sent");
    let mut line = String::new();
    std::io::BufRead::read_line(&mut lines, &mut line).expect("read");
    assert!(line.starts_with(":My.Little.Server 001 a "), "{line}");
}

#[test]
fn who_only_connects_is_not_in_the_collectors_way() {
    let (_sandbox, server) = tests::irc::served_with(&["--metrics", "127.0.0.1:0"]);
    let told = server.line("what is counted is at ");
    let place = told.rsplit("http://").next().and_then(|it| it.split('/').next()).expect("an address");
    let idle: Vec<_> = (0..20).map(|_| std::net::TcpStream::connect(place).expect("it listens")).collect();
    server.counted("chat_accepted_total");
    // One after the other, each would have been given up by now.
    for mut waiting in idle {
        waiting.set_nonblocking(true).expect("a socket");
        let open = waiting.read(&mut [0]).map_err(|error| error.kind());
        assert_eq!(open, Err(std::io::ErrorKind::WouldBlock), "it is there still");
    }
}
