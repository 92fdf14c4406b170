//! Ports that are closed, silent, or speak something else first.

use std::io::{Read, Write};

use tests::Sandbox;
use tests::peers::peer;
use tests::ports::FreePort;

use super::{ask, expect, prepared, says, server};

#[test]
fn what_a_port_speaks_in_plain_text_is_named() {
    let sandbox = Sandbox::with_ca();
    for (said, code, protocol) in [
        (&b"220 mail.example.test ESMTP\r\n"[..], "starttls-needed", "SMTP"),
        (b"220 (vsFTPd 3.0.5)\r\n", "starttls-needed", "FTP"),
        (b"* OK IMAP4rev1 ready\r\n", "starttls-needed", "IMAP"),
        (b"+OK ready\r\n", "starttls-needed", "POP3"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "not-tls", "SSH"),
        (
            b"\x2c\0\0\0\x0a8.0.36\0\x01\0\0\0abcdefgh\0\xff\xff\x2d\x02\0\xff\xdf\x15\0\0\0\0\0\0\0\0\0\0",
            "starttls-needed",
            "MySQL",
        ),
        (b":irc.example.test NOTICE * :*** Looking up your hostname\r\n", "not-tls", "IRC in plain text"),
    ] {
        let address = server(move |stream| {
            let _ = stream.write_all(said);
            let _ = stream.read(&mut [0; 1024]);
        });
        let report = ask(&sandbox, &address, "--name localhost");
        expect(&report, Some(code));
        assert_eq!(report["cause"]["evidence"]["protocol"], protocol, "{report:#}");
    }
}

/// What a server answers that waits to be spoken to.
type Answer = (&'static [u8], &'static [u8], &'static str, &'static str);

#[test]
fn a_port_that_waits_to_be_spoken_to_is_asked() {
    let sandbox = Sandbox::with_ca();
    let table: [Answer; 5] = [
        (b"GET ", b"HTTP/1.0 200 OK\r\n\r\nhello", "not-tls", "HTTP"),
        (
            b"<?xml",
            b"<?xml version='1.0'?><stream:stream><stream:features><starttls/></stream:features>",
            "starttls-needed",
            "XMPP",
        ),
        (b"\x30\x1d", b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\0\x04\0\x04\0", "starttls-needed", "LDAP"),
        (b"\0\0\0\x08", b"S", "starttls-needed", "PostgreSQL"),
        (b"CAP LS", b":irc.example.test CAP * LS :multi-prefix tls\r\n", "starttls-needed", "IRC"),
    ];
    for (question, answer, code, protocol) in table {
        let address = server(move |stream| {
            let mut heard = [0; 1024];
            let count = stream.read(&mut heard).unwrap_or(0);
            // Everything else is closed without a word, as these servers do.
            if heard[..count].starts_with(question) {
                let _ = stream.write_all(answer);
            }
        });
        let report = ask(&sandbox, &address, "--name localhost");
        expect(&report, Some(code));
        assert_eq!(report["cause"]["evidence"]["protocol"], protocol, "{report:#}");
    }
}

#[test]
fn peers_that_close_are_silent_or_never_stop_end_in_a_finding() {
    let sandbox = Sandbox::with_ca();
    let closing = server(|_| {});
    expect(&ask(&sandbox, &closing, "--name localhost"), Some("connection-closed"));
    let flooding = server(|stream| while stream.write_all(&[b'x'; 4096]).is_ok() {});
    expect(&ask(&sandbox, &flooding, "--name localhost"), Some("not-tls"));
    // Records of TLS without end, and none that means anything.
    let endless = server(|stream| while stream.write_all(&[0x17, 3, 3, 0, 1, 0]).is_ok() {});
    let report = ask(&sandbox, &endless, "--name localhost");
    assert_eq!(report["verdict"], "invalid", "{report:#}");
    let garbage = server(|stream| drop(stream.write_all(b"\x16\x03\x03\xff\xff\0\0\0")));
    assert_eq!(ask(&sandbox, &garbage, "--name localhost")["verdict"], "invalid");
}

#[test]
fn a_name_that_does_not_resolve_is_told() {
    let report = ask(&Sandbox::with_ca(), "no-such-host.invalid:443", "");
    expect(&report, Some("host-not-found"));
    assert_eq!(says(&report, "curl"), "curl: (6) Could not resolve host: no-such-host.invalid");
}

#[test]
fn a_closed_port_is_told_in_every_clients_words() {
    let (sandbox, port) = (Sandbox::with_ca(), FreePort::take());
    let report = ask(&sandbox, &port.address(), "");
    expect(&report, Some("connection-refused"));
    let curl = says(&report, "curl");
    assert!(curl.contains(&format!("Failed to connect to 127.0.0.1 port {} ", port.number())), "{curl}");
    if let Some(client) = peer("curl") {
        let ended = sandbox.run(client, ["-sS", &format!("https://{}/", port.address())]);
        // Between the two are the milliseconds that it took.
        assert!(ended.stderr.contains(curl.split(" after").next().expect("a part")), "{}", ended.stderr);
    }
}

#[test]
fn the_upgrade_of_each_protocol_leads_to_a_handshake() {
    let (Some(_), Some(python)) = (peer("openssl"), peer("python3")) else { return };
    let sandbox = prepared();
    sandbox.write("plain.py", PLAIN);
    for protocol in ["smtp", "imap", "pop3", "ftp", "xmpp", "ldap", "postgres", "mysql", "irc"] {
        let server = sandbox.start(&python, ["plain.py", protocol]);
        let address = server.address().to_string();
        let report = ask(&sandbox, &address, &format!("--name localhost --starttls {protocol}"));
        expect(&report, None);
        assert_eq!(report["endpoint"]["starttls"], protocol, "{report:#}");
        assert_eq!(report["endpoint"]["versions"], serde_json::json!(["TLS 1.3", "TLS 1.2"]), "{protocol}: {report:#}");
    }
}

#[test]
fn an_upgrade_that_is_not_offered_is_told_and_so_is_the_wrong_protocol() {
    let sandbox = Sandbox::with_ca();
    let without = server(|stream| {
        let _ = stream.write_all(b"220 mail.example.test ESMTP\r\n");
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(b"250-mail.example.test\r\n250 SIZE 1000\r\n");
        let _ = stream.read(&mut [0; 1024]);
    });
    let report = ask(&sandbox, &without, "--name localhost --starttls smtp");
    expect(&report, Some("not-tls"));
    let report = ask(&sandbox, &without, "--name localhost --starttls imap");
    expect(&report, Some("starttls-needed"));
    assert!(report["cause"]["fix"].as_str().is_some_and(|fix| fix.contains("--starttls smtp")), "{report:#}");
}

/// A server that says a protocol's words up to the upgrade, then speaks TLS. It asserts what it is told.
pub(super) const PLAIN: &str = r#"
import socket, ssl, sys, email.utils
protocol = sys.argv[1]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("store/certs/localhost/fullchain.pem", "store/certs/localhost/privkey.pem")
if protocol == "http" and "mute" not in sys.argv:
    context.set_alpn_protocols(["http/1.1"])

def line(peer):
    text = b""
    while not text.endswith(b"\n"):
        octet = peer.recv(1)
        if not octet:
            raise OSError("closed")
        text += octet
    return text.strip()

def until(peer, end):
    text = b""
    while not text.endswith(end):
        octet = peer.recv(1)
        if not octet:
            raise OSError("closed")
        text += octet
    return text

def exactly(peer, octets):
    got = b""
    while len(got) < len(octets):
        part = peer.recv(len(octets) - len(got))
        if not part:
            raise OSError("closed")
        got += part
    assert got == octets, got

def smtp(peer):
    peer.sendall(b"220-mail.example.test\r\n220 ESMTP\r\n")
    assert line(peer).startswith(b"EHLO ")
    peer.sendall(b"250-mail.example.test\r\n250-STARTTLS\r\n250 SIZE\r\n")
    assert line(peer) == b"STARTTLS"
    peer.sendall(b"220 ready\r\n")

def imap(peer):
    peer.sendall(b"* OK ready\r\n")
    tag, word = line(peer).split(b" ")
    assert word == b"STARTTLS"
    peer.sendall(b"* CAPABILITY IMAP4rev1\r\n" + tag + b" OK begin\r\n")

def pop3(peer):
    peer.sendall(b"+OK ready\r\n")
    assert line(peer) == b"STLS"
    peer.sendall(b"+OK begin\r\n")

def ftp(peer):
    peer.sendall(b"220-Welcome\r\n text\r\n220 ready\r\n")
    assert line(peer) == b"AUTH TLS"
    peer.sendall(b"234 begin\r\n")

def xmpp(peer):
    opened = until(peer, b"version='1.0'>")
    assert b"to='127.0.0.1'" in opened, opened
    peer.sendall(b"<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
                 b"<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>")
    assert until(peer, b"/>").startswith(b"<starttls")
    peer.sendall(b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")

def ldap(peer):
    exactly(peer, b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037")
    peer.sendall(b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00")

def postgres(peer):
    exactly(peer, bytes([0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f]))
    peer.sendall(b"S")

def mysql(peer):
    body = b"\x0a8.0.36\0\x01\0\0\0abcdefgh\0\xff\xff\x2d\x02\0\xff\xdf\x15" + bytes(10) + b"ijklmnopqrst\0"
    peer.sendall(len(body).to_bytes(3, "little") + b"\0" + body)
    head = peer.recv(4)
    assert head == b"\x20\0\0\x01", head
    flags = int.from_bytes(peer.recv(32)[:4], "little")
    assert flags & 0x0800, flags

def irc(peer):
    peer.sendall(b":irc.example.test NOTICE * :looking you up\r\n")
    assert line(peer) == b"STARTTLS"
    peer.sendall(b":irc.example.test 670 * :go on\r\n")

def answer(tls):
    if protocol == "http":
        assert line(tls) == b"HEAD / HTTP/1.1"
        while line(tls):
            pass
        date = email.utils.formatdate(usegmt=True)
        tls.sendall(("HTTP/1.1 200 OK\r\nDate: %s\r\nConnection: close\r\n\r\n" % date).encode())
    tls.recv(1)

with socket.create_server(("127.0.0.1", 0)) as listener:
    print("listening on %s:%d" % listener.getsockname(), flush=True)
    while True:
        peer, _ = listener.accept()
        peer.settimeout(30)
        try:
            if protocol != "http":
                globals()[protocol](peer)
            with context.wrap_socket(peer, server_side=True) as tls:
                answer(tls)
        except OSError as error:
            # A question that ends after the first answer, such as that for a version.
            print("ended:", error, flush=True)
        finally:
            peer.close()
"#;

#[test]
fn the_fix_for_a_port_where_nobody_listens_makes_somebody_listen() {
    let sandbox = prepared();
    let port = FreePort::take();
    let address = format!("localhost:{}", port.number());
    let report = ask(&sandbox, &address, "");
    expect(&report, Some("connection-refused"));
    let fix = report["cause"]["fix"].as_str().expect("a fix").to_owned();
    let start = fix.lines().find(|line| line.starts_with("chat serve")).unwrap_or_else(|| panic!("{fix}"));
    let server = sandbox.start("sh", ["-c", &format!("exec {start} --mtls off")]);
    server.address();
    let again = fix.lines().last().expect("a line");
    sandbox.shell(again).exits(0).says("valid");
}

#[test]
fn the_fix_for_a_port_in_plain_text_finds_the_one_with_tls() {
    let Some(unshare) = peer("unshare") else { return };
    let sandbox = prepared();
    // Both ports are the usual ones, in a network of their own.
    let lines = "ip link set lo up || exit 9; mkfifo told
        chat serve --name localhost --plaintext 127.0.0.1:6667 --listen 127.0.0.1:6697 --mtls off >told 2>log & server=$!
        exec 3<told; while read -r line <&3; do case $line in *:6697*) break;; esac; done
        pki diagnose localhost:6667 >report; echo \"plain=$?\"; cat report
        sed -n '/What to type/,/^$/p' report | grep -o 'pki diagnose.*' >fix; cat fix; sh fix; echo \"fixed=$?\"; kill $server";
    let arguments = ["--map-root-user", "--net", "sh", "-c"];
    if !sandbox.run(&unshare, arguments.iter().chain(&["ip link set lo up"])).succeeded() {
        writeln!(std::io::stderr(), "skipped: this machine lets nobody have a network of his own").expect("written");
        return;
    }
    let outcome = sandbox.run(unshare, arguments.iter().chain(&[lines]));
    outcome.says("plain=1").says("not-tls").says("pki diagnose localhost:6697").says("fixed=0").does_not_say("fixed=1");
}

#[test]
fn a_terminal_tells_what_is_waited_for_until_the_report_is_there() {
    let Some(script) = peer("script") else { return };
    let sandbox = Sandbox::with_ca();
    let address = server(|stream| drop(stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n")));
    sandbox.run(script, ["-qec", &format!("pki diagnose {address}"), "shown"]);
    let shown = sandbox.read("shown");
    let asking = shown.find(&format!("asking {address}")).unwrap_or_else(|| panic!("{shown}"));
    let report = shown.find("not-tls").unwrap_or_else(|| panic!("{shown}"));
    assert!(asking < report && shown[asking..report].contains("\r\u{1b}[2K"), "{shown:?}");
    sandbox.pki(["diagnose", &address]).exits(1).does_not_say("asking");
}
