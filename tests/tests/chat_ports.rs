//! Ports of their own (`--assign-ports`): who was told of one gets it, whoever comes first.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicUsize, Ordering};
use std::thread;

use rustls::ClientConfig;
use tests::irc::{served_with, with_certificates};
use tests::peers::peer;
use tests::ports::FreePort;
use tests::tls_client::{TlsClient, config};
use tests::{Running, Sandbox, programs};

/// Races for a port; each has a winner, and it is never the attacker.
const RACES: usize = 1_000;

/// Ports from which the server may choose.
const PORTS: u16 = 40;

#[test]
fn an_attacker_who_knows_the_port_never_gets_it_and_the_client_always_does() {
    let (sandbox, server) = assigning();
    sandbox.pki(["issue", "client", "mallory"]).exits(0);
    let ca = sandbox.store().join("ca/root.pem");
    let [alice, mallory] =
        ["alice", "mallory"].map(|name| config(&ca, Some(&sandbox.store().join("certs").join(name))));
    let attack = Arc::new(Attack::default());
    let attackers = [mallory, config(&ca, None)].map(|config| {
        let (attack, host) = (attack.clone(), server.address());
        thread::spawn(move || attack.go_on(&config, host))
    });
    for race in 0..RACES {
        // The one before may not be gone yet, and a nickname is one client's.
        let nick = format!("alice{race}");
        let (port, ticket) = told(&alice, server.address(), &nick);
        attack.port.store(port, Ordering::SeqCst);
        let mut client = TlsClient::connect(&alice, at(&server, port)).expect("the port is open");
        // Every other time the ticket is there as well, as our client sends it.
        let ticket = format!("TICKET {ticket}");
        let first: &[&str] = if race % 2 == 0 { &[&ticket] } else { &[] };
        let named = format!("NICK {nick}");
        client.types(&[first, &[&named, "USER a 0 * :Alice"]].concat()).expect("sent");
        assert!(client.line_with(" 001 alice").expect("read").is_some(), "race {race}: the rightful client is in");
        client.types(&["QUIT"]).expect("sent");
    }
    attack.over.store(true, Ordering::SeqCst);
    attackers.into_iter().for_each(|attacker| attacker.join().expect("the attacker ends"));
    assert_eq!(attack.welcomed.load(Ordering::SeqCst), 0, "nobody else was ever let in");
    assert!(attack.refused.load(Ordering::SeqCst) > RACES / 10, "the attacker was there");
    server.line_with(&["port-refused"]);
}

#[test]
fn a_client_without_a_certificate_takes_its_port_with_the_ticket_once() {
    let (sandbox, server) = assigning();
    let nobody = config(&sandbox.store().join("ca/root.pem"), None);
    let (port, ticket) = told(&nobody, server.address(), "guest");
    let mut thief = TlsClient::connect(&nobody, at(&server, port)).expect("connected");
    thief.types(&["TICKET 0123456789abcdef", "NICK thief", "USER t 0 * :T"]).expect("sent");
    assert!(thief.rest().contains("port-refused"));
    let mut client = TlsClient::connect(&nobody, at(&server, port)).expect("connected");
    client.types(&[&format!("TICKET {ticket}"), "NICK guest", "USER g 0 * :G"]).expect("sent");
    assert!(client.line_with(" 001 guest ").expect("read").is_some());
    assert!(TlsClient::connect(&nobody, at(&server, port)).is_err(), "nobody listens there any longer");
}

#[test]
fn a_stolen_ticket_is_no_use_without_the_certificate_that_it_was_made_for() {
    let (sandbox, server) = assigning();
    sandbox.pki(["issue", "client", "mallory"]).exits(0);
    let ca = sandbox.store().join("ca/root.pem");
    let [alice, mallory] =
        ["alice", "mallory"].map(|name| config(&ca, Some(&sandbox.store().join("certs").join(name))));
    let (port, ticket) = told(&alice, server.address(), "alice");
    let ticket = format!("TICKET {ticket}");
    for thief in [mallory, config(&ca, None)] {
        let mut thief = TlsClient::connect(&thief, at(&server, port)).expect("connected");
        thief.types(&[&ticket, "NICK thief", "USER t 0 * :T"]).expect("sent");
        assert!(thief.rest().contains("port-refused"));
    }
    let mut client = TlsClient::connect(&alice, at(&server, port)).expect("connected");
    client.types(&[&ticket, "NICK alice", "USER a 0 * :Alice"]).expect("sent");
    assert!(client.line_with(" 001 alice ").expect("read").is_some());
}

#[test]
fn other_clients_stay_where_they_are() {
    let (sandbox, server) = assigning();
    let alice = config(&sandbox.store().join("ca/root.pem"), Some(&sandbox.store().join("certs/alice")));
    let mut client = TlsClient::connect(&alice, server.address()).expect("connected");
    client.types(&["NICK alice", "USER a 0 * :Alice"]).expect("sent");
    assert!(client.line_with(" 001 alice ").expect("read").is_some());
}

#[test]
fn our_own_client_goes_to_its_port_by_itself() {
    let (sandbox, server) = assigning();
    let address = format!("localhost:{}", server.address().port());
    let join = |name: &str| {
        let arguments = ["connect", &address, "--as", name, "--nick", name, "--join", "#lobby", "--plain"];
        sandbox.start(programs::chat(), arguments)
    };
    let mut alice = join("alice");
    alice.line("is yours alone");
    alice.line("#lobby");
    let bob = join("bob");
    bob.line("#lobby");
    alice.line("bob");
    alice.types("each on a port of his own");
    bob.line("each on a port of his own");
    server.line_with(&["port-taken"]);
}

#[test]
fn a_range_that_is_none_and_plain_text_are_refused() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = with_certificates();
    sandbox.chat(["serve", "--assign-ports", "7100-7000"]).exits(2).says("7000-7099");
    sandbox.write("chat.toml", "[listen]\ntls = []\n");
    let plain = ["serve", "--config", "chat.toml", "--plaintext", "127.0.0.1:0", "--assign-ports", "7000-7010"];
    sandbox.chat(plain).exits(2).says("over TLS");
}

/// A server that assigns ports from those after a free one.
fn assigning() -> (Sandbox, Running) {
    let first = FreePort::take().number().min(u16::MAX - PORTS);
    let range = format!("{}-{}", first, first + PORTS);
    served_with(&["--mtls", "optional", "--assign-ports", &range])
}

fn at(server: &Running, port: u16) -> SocketAddr {
    SocketAddr::new(server.address().ip(), port)
}

/// Two nodes of one network that assign ports: the first has users, the second has none yet.
fn two_nodes() -> Option<(Sandbox, Running, Running, Running)> {
    peer("redis-server")?;
    let sandbox = with_certificates();
    sandbox.pki(["issue", "server", SECOND, "localhost"]).exits(0);
    let redis_port = FreePort::take();
    let port = redis_port.number().to_string();
    let redis = sandbox.start("redis-server", ["--port", &port, "--save", "", "--bind", "127.0.0.1"]);
    redis.line("Ready to accept connections");
    let bus = format!("redis://127.0.0.1:{port}");
    let node = |name: &str, data: &str| {
        let first = FreePort::take().number().min(u16::MAX - PORTS);
        let range = format!("{}-{}", first, first + PORTS);
        let store = sandbox.store().display().to_string();
        let flags = ["--mtls", "optional", "--assign-ports", &range, "--bus", &bus, "--data", data, "--store", &store];
        let listen = ["serve", "--name", name, "--listen", "127.0.0.1:0"];
        let node = sandbox.start(programs::chat(), listen.iter().chain(&flags));
        node.line(" joined node=");
        node
    };
    let first = node("localhost", "first");
    let second = node(SECOND, "second");
    first.line("node-joined");
    Some((sandbox, redis, first, second))
}

/// The second node's name, which a client on this machine finds.
const SECOND: &str = "127.0.0.1";

/// Races for ports of another node: each is three handshakes and a way over the bus.
const RACES_ACROSS: usize = 200;

#[test]
fn a_node_sends_clients_to_an_emptier_one_and_the_attacker_gets_no_port_there_either() {
    let Some((sandbox, _redis, first, second)) = two_nodes() else { return };
    sandbox.pki(["issue", "client", "mallory"]).exits(0);
    let ca = sandbox.store().join("ca/root.pem");
    let [alice, mallory] =
        ["alice", "mallory"].map(|name| config(&ca, Some(&sandbox.store().join("certs").join(name))));
    let nobody = config(&ca, None);
    let busy: Vec<TlsClient> = (0..4).map(|number| stays(&nobody, first.address(), number)).collect();
    let attack = Arc::new(Attack::default());
    let attackers = [mallory, nobody].map(|config| {
        let (attack, host) = (attack.clone(), second.address());
        thread::spawn(move || attack.go_on(&config, host))
    });
    for race in 0..RACES_ACROSS {
        let nick = format!("alice{race}");
        let (host, port, ticket) = told_where(&alice, first.address(), &nick);
        assert_eq!(host.as_deref(), Some(SECOND), "race {race}: the other node has fewer users");
        attack.port.store(port, Ordering::SeqCst);
        let mut client = TlsClient::connect(&alice, at(&second, port)).expect("the port is open");
        let ticket = format!("TICKET {ticket}");
        let ticket: &[&str] = if race % 2 == 0 { &[&ticket] } else { &[] };
        let named = format!("NICK {nick}");
        client.types(&[ticket, &[&named, "USER a 0 * :Alice"]].concat()).expect("sent");
        assert!(client.line_with(" 001 alice").expect("read").is_some(), "race {race}: the rightful client is in");
        client.types(&["QUIT"]).expect("sent");
        let _ = client.rest();
    }
    attack.over.store(true, Ordering::SeqCst);
    attackers.into_iter().for_each(|attacker| attacker.join().expect("the attacker ends"));
    assert_eq!(attack.welcomed.load(Ordering::SeqCst), 0, "nobody else was ever let in");
    assert!(attack.refused.load(Ordering::SeqCst) > RACES_ACROSS / 10, "the attacker was there");
    drop(busy);
}

#[test]
fn a_ticket_of_another_node_is_good_once_and_our_client_follows_it() {
    let Some((sandbox, _redis, first, second)) = two_nodes() else { return };
    let nobody = config(&sandbox.store().join("ca/root.pem"), None);
    let busy: Vec<TlsClient> = (0..4).map(|number| stays(&nobody, first.address(), number)).collect();
    let (host, port, ticket) = told_where(&nobody, first.address(), "guest");
    assert_eq!(host.as_deref(), Some(SECOND));
    let mut thief = TlsClient::connect(&nobody, at(&second, port)).expect("connected");
    thief.types(&["TICKET 0123456789abcdef", "NICK thief", "USER t 0 * :T"]).expect("sent");
    assert!(thief.rest().contains("port-refused"));
    let mut client = TlsClient::connect(&nobody, at(&second, port)).expect("connected");
    client.types(&[&format!("TICKET {ticket}"), "NICK guest", "USER g 0 * :G"]).expect("sent");
    assert!(client.line_with(" 001 guest ").expect("read").is_some());
    let address = format!("localhost:{}", first.address().port());
    let arguments = ["connect", &address, "--as", "alice", "--join", "#lobby", "--plain"];
    let alice = sandbox.start(programs::chat(), arguments);
    alice.line(&format!("of {SECOND} is yours alone"));
    alice.line("#lobby");
    drop(busy);
}

/// Somebody who comes in and stays.
fn stays(config: &Arc<ClientConfig>, address: SocketAddr, number: usize) -> TlsClient {
    let mut client = TlsClient::connect(config, address).expect("connected");
    client.types(&[&format!("NICK busy{number}"), "USER b 0 * :Busy"]).expect("sent");
    assert!(client.line_with(" 001 busy").expect("read").is_some());
    client
}

/// Asks for a port of one's own: its number and the ticket.
fn told(config: &Arc<ClientConfig>, address: SocketAddr, nick: &str) -> (u16, String) {
    let (host, port, ticket) = told_where(config, address, nick);
    assert_eq!(host, None, "there is one node only");
    (port, ticket)
}

/// The same, and the node that has it if it is another.
fn told_where(config: &Arc<ClientConfig>, address: SocketAddr, nick: &str) -> (Option<String>, u16, String) {
    let mut client = TlsClient::connect(config, address).expect("connected");
    let named = format!("NICK {nick}");
    let lines = ["CAP REQ :example.org/assigned-port", &named, "USER a 0 * :Alice", "CAP END"];
    client.types(&lines).expect("sent");
    let note = client.line_with("ASSIGNED_PORT").expect("read").expect("a port was told");
    let words: Vec<&str> = note.split(' ').collect();
    let port = words[4].parse().expect("a port");
    assert!(client.line_with(" 010 ").expect("read").expect("a numeric").contains(words[4]));
    let host = words.get(7).filter(|word| !word.starts_with(':')).map(|word| (*word).to_owned());
    (host, port, words[5].to_owned())
}

/// What an attacker knows and what became of it.
#[derive(Default)]
struct Attack {
    port: AtomicU16,
    over: AtomicBool,
    welcomed: AtomicUsize,
    refused: AtomicUsize,
}

impl Attack {
    /// Connects to whatever port was assigned last, again and again, and tries to be let in.
    fn go_on(&self, config: &Arc<ClientConfig>, host: SocketAddr) {
        while !self.over.load(Ordering::SeqCst) {
            let port = self.port.load(Ordering::SeqCst);
            let address = SocketAddr::new(host.ip(), port);
            let Ok(mut client) = TlsClient::connect(config, address) else {
                thread::yield_now();
                continue;
            };
            let sent = client.types(&["TICKET 00000000", "NICK mallory", "USER m 0 * :Mallory", "PING :in"]);
            let answer = sent.map(|()| client.rest()).unwrap_or_default();
            let count =
                if answer.contains(" 001 ") || answer.contains("PONG") { &self.welcomed } else { &self.refused };
            count.fetch_add(1, Ordering::SeqCst);
        }
    }
}
