//! What one client does, or a thousand, others don't notice: they get their answers and lose nothing.

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use socket2::{Domain, Socket, Type};
use tests::ports::FreePort;
use tests::tls_client::{TlsClient, config};
use tests::{Running, Sandbox, programs};

/// Slow readers of one channel: more than may have a queue of their full length at a time.
const SLOW: usize = 1_000;
/// Connections that never say a word.
const SILENT: usize = 1_000;
/// Handshakes that are begun and never go on.
const HALF_OPEN: usize = 1_000;
/// The first octets of a record with a ClientHello, which promise 512 more (RFC 8446, section 5.1).
const HALF_A_HELLO: [u8; 7] = [22, 3, 1, 2, 0, 1, 0];
/// Descriptors of a test besides those of its many connections.
const OTHER_DESCRIPTORS: u64 = 200;

#[test]
fn slow_readers_are_closed_and_nobody_else_waits_or_loses_a_line() {
    let (_sandbox, server) = served();
    let mut slow: Vec<Client> =
        (0..room_for(SLOW)).map(|number| Client::slow(server.address(), &format!("slow{number}"))).collect();
    slow.iter_mut().for_each(|client| client.types("JOIN #flood"));
    let mut reader = Client::welcomed(server.address(), "reader");
    reader.types("JOIN #flood");
    reader.line(" 366 reader #flood ");
    let mut writer = Client::welcomed(server.address(), "writer");
    writer.types("JOIN #flood");
    let text = "x".repeat(400);
    let mut waiting = 0;
    // Far more than a queue and the system's buffers hold, in steps that the reader follows.
    for number in 0..12_000 {
        writer.types(&format!("PRIVMSG #flood :{number} {text}"));
        if number % 100 == 99 {
            reader.line(&format!(" PRIVMSG #flood :{number} "));
            waiting = server.counted("chat_waiting_bytes").max(waiting);
        }
        if number % 1_000 == 999 && server.printed().iter().any(|line| line.contains("send-queue-full")) {
            break;
        }
    }
    server.line("send-queue-full");
    assert!(waiting > 0, "what waits for them is counted");
    writer.types("PING still-here");
    writer.line("PONG localhost :still-here");
}

#[test]
fn half_open_handshakes_are_in_nobodys_way() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", "localhost"]).exits(0);
    let (tls, plain) = (FreePort::take(), FreePort::take());
    let server = served_on(&sandbox, &format!("{:?}", tls.address()), &plain.address());
    let address = SocketAddr::from(([127, 0, 0, 1], tls.number()));
    let half_open = |_| {
        let mut stream = TcpStream::connect(address).expect("taken");
        stream.write_all(&HALF_A_HELLO).expect("sent");
        stream
    };
    let half_open: Vec<TcpStream> = (0..room_for(HALF_OPEN)).map(half_open).collect();
    let trust = config(&sandbox.store().join("ca/root.pem"), None);
    let mut alice = TlsClient::connect(&trust, address).expect("taken");
    alice.types(&["NICK alice", "USER a 0 * :a", "PING still-here"]).expect("sent");
    assert!(alice.line_with("PONG localhost :still-here").expect("read").is_some());
    assert!(!server.printed().iter().any(|line| line.contains("handshake-failed")), "they were still waited for");
    drop(half_open);
}

#[test]
fn silence_and_nonsense_are_in_nobodys_way() {
    let (_sandbox, server) = served();
    let silent: Vec<TcpStream> =
        (0..room_for(SILENT)).map(|_| TcpStream::connect(server.address()).expect("taken")).collect();
    let mut noise = 0x2545_f491_4f6c_dd1d_u64;
    let mut nonsense = move || {
        noise ^= noise << 13;
        noise ^= noise >> 7;
        noise ^= noise << 17;
        noise.to_le_bytes()
    };
    for _ in 0..20 {
        let bytes: Vec<u8> = (0..4_096).flat_map(|_| nonsense()).collect();
        let mut stream = TcpStream::connect(server.address()).expect("taken");
        // It may be closed in the middle.
        let _ = stream.write_all(&bytes);
    }
    let mut alice = Client::welcomed(server.address(), "alice");
    alice.types("PING still-here");
    alice.line("PONG localhost :still-here");
    drop(silent);
}

#[test]
fn a_flood_and_endless_joins_let_others_through() {
    let (_sandbox, server) = served();
    let mut flooder = Client::welcomed(server.address(), "flooder");
    let mut joiner = Client::welcomed(server.address(), "joiner");
    let mut alice = Client::welcomed(server.address(), "alice");
    let mut bob = Client::welcomed(server.address(), "bob");
    // Nobody reads what these two are answered; once their queues are full they are closed.
    let flood = thread::spawn(move || endless(&mut flooder.writer, b"PRIVMSG alice2 :nobody\r\nLUSERS\r\n"));
    let joins = thread::spawn(move || endless(&mut joiner.writer, b"JOIN #one\r\nPART #one\r\n"));
    for number in 0..200 {
        alice.types(&format!("PRIVMSG bob :{number}"));
        bob.line(&format!(":alice!a@127.0.0.1 PRIVMSG bob :{number}"));
    }
    flood.join().expect("closed in time");
    joins.join().expect("closed in time");
    assert!(server.printed().iter().filter(|line| line.contains("send-queue-full")).count() >= 2);
}

/// Sends the same lines until the server closes the connection.
fn endless(stream: &mut TcpStream, lines: &[u8]) {
    let many = lines.repeat(100);
    loop {
        match stream.write_all(&many) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => panic!("neither read nor closed"),
            Err(_) => return,
        }
    }
}

fn served() -> (Sandbox, Running) {
    let sandbox = Sandbox::new();
    let server = served_on(&sandbox, "", "127.0.0.1:0");
    (sandbox, server)
}

fn served_on(sandbox: &Sandbox, tls: &str, plaintext: &str) -> Running {
    let listen = format!("[listen]\ntls = [{tls}]\nplaintext = [{plaintext:?}]\n");
    let limits = "[limits]\ncommands_per_second = 0\n[history]\nstore = \"off\"\n";
    sandbox.write("chat.toml", format!("name = \"localhost\"\n{listen}{limits}"));
    let server = sandbox.start(programs::chat(), ["serve", "--config", "chat.toml", "--metrics", "127.0.0.1:0"]);
    server.address();
    server
}

/// So many, or as many as this machine lets one program have.
fn room_for(wanted: usize) -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    let limit = if raised.is_ok() { maximum } else { current };
    // A client of ours has two descriptors.
    limit.map_or(wanted, |limit| wanted.min(usize::try_from((limit - OTHER_DESCRIPTORS) / 2).unwrap_or(wanted)))
}

struct Client {
    reader: BufReader<TcpStream>,
    writer: TcpStream,
}

impl Client {
    fn of(stream: TcpStream, nickname: &str) -> Client {
        let patience = Some(Duration::from_secs(60));
        stream.set_read_timeout(patience).and_then(|()| stream.set_write_timeout(patience)).expect("options");
        let writer = stream.try_clone().expect("a second handle");
        let mut client = Client { reader: BufReader::new(stream), writer };
        client.types(&format!("NICK {nickname}"));
        client.types("USER a 0 * :a");
        client.line(&format!(" 001 {nickname} "));
        client
    }

    fn welcomed(address: SocketAddr, nickname: &str) -> Client {
        Client::of(TcpStream::connect(address).expect("listening"), nickname)
    }

    /// One for whom the system holds little.
    fn slow(address: SocketAddr, nickname: &str) -> Client {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        socket.set_recv_buffer_size(4_096).expect("an option of every system");
        socket.connect(&address.into()).expect("listening");
        Client::of(socket.into(), nickname)
    }

    #[track_caller]
    fn types(&mut self, line: &str) {
        self.writer.write_all(format!("{line}\r\n").as_bytes()).expect("taken");
    }

    /// Reads up to a line that contains this.
    #[track_caller]
    fn line(&mut self, text: &str) -> String {
        let mut line = String::new();
        while !line.contains(text) {
            line.clear();
            let read = self.reader.read_line(&mut line).unwrap_or_else(|why| panic!("{text:?} did not come: {why}"));
            assert!(read > 0, "closed before {text:?} came");
        }
        line
    }
}
