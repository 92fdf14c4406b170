//! What one client does, or a thousand, others don't notice: they get their answers and lose nothing.

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use socket2::{Domain, Socket, Type};
use tests::{Running, Sandbox, programs};

/// Slow readers of one channel. Each may keep a megabyte from being freed, so there are not a thousand of them here.
const SLOW: usize = 200;
/// Connections that never say a word, below the usual limit of descriptors.
const SILENT: usize = 500;

const CONFIG: &str = "\
name = \"irc.test\"\n[listen]\ntls = []\nplaintext = [\"127.0.0.1:0\"]\n[limits]\ncommands_per_second = 0\n\
[history]\nstore = \"off\"\n";

#[test]
fn slow_readers_are_closed_and_nobody_else_waits_or_loses_a_line() {
    let (_sandbox, server) = served();
    let mut slow: Vec<Client> =
        (0..SLOW).map(|number| Client::slow(server.address(), &format!("slow{number}"))).collect();
    slow.iter_mut().for_each(|client| client.types("JOIN #flood"));
    let mut reader = Client::welcomed(server.address(), "reader");
    reader.types("JOIN #flood");
    reader.line(" 366 reader #flood ");
    let mut writer = Client::welcomed(server.address(), "writer");
    writer.types("JOIN #flood");
    let text = "x".repeat(400);
    // Far more than a queue and the system's buffers hold, in steps that the reader follows.
    for number in 0..12_000 {
        writer.types(&format!("PRIVMSG #flood :{number} {text}"));
        if number % 100 == 99 {
            reader.line(&format!(" PRIVMSG #flood :{number} "));
        }
        if number % 1_000 == 999 && server.printed().iter().any(|line| line.contains("send-queue-full")) {
            break;
        }
    }
    server.line("send-queue-full");
    writer.types("PING still-here");
    writer.line("PONG irc.test :still-here");
}

#[test]
fn silence_and_nonsense_are_in_nobodys_way() {
    let (_sandbox, server) = served();
    let silent: Vec<TcpStream> = (0..SILENT).map(|_| TcpStream::connect(server.address()).expect("taken")).collect();
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
    alice.line("PONG irc.test :still-here");
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
    sandbox.write("chat.toml", CONFIG);
    let server = sandbox.start(programs::chat(), ["serve", "--config", "chat.toml"]);
    server.address();
    (sandbox, server)
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
