//! Many clients of one server on one thread: connecting them, and the events of all of them.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::{Events, Interest, Poll, Token};
use rustls::ClientConfig;

use crate::client::Client;
use crate::server::Server;

/// Larger than any record, so that one is read whole.
const BUFFER: usize = 128 * 1024;
/// Nothing has come for this long: everybody has heard everything.
const QUIET: Duration = Duration::from_millis(300);
/// How long all clients may take to join, and a server to say what it still has to say.
const PATIENCE: Duration = Duration::from_secs(120);

/// How far a client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Greeted,
    Registering,
    Joining,
    Ready,
    Closed,
}

/// How the clients of a swarm and their channels are called, before their numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names {
    pub(crate) nickname: &'static str,
    pub(crate) channel: &'static str,
}

impl Names {
    /// Of those who are measured.
    pub(crate) const MEASURED: Names = Names { nickname: "c", channel: "#bench" };
}

/// All clients.
pub(crate) struct Swarm {
    poll: Poll,
    events: Events,
    clients: Vec<Client>,
    stages: Vec<Stage>,
    buffer: Vec<u8>,
    /// Clients of one channel each; none where nothing is joined.
    members: usize,
    names: Names,
    greets: bool,
    /// Clients that connect at the same time.
    at_once: usize,
}

impl Swarm {
    /// Connects `count` clients, `members` of them to each channel, and waits until all have heard of all.
    pub(crate) fn connect(
        server: &Server,
        config: &Arc<ClientConfig>,
        (count, members): (usize, usize),
        names: Names,
    ) -> io::Result<Swarm> {
        let mut swarm = Swarm {
            poll: Poll::new()?,
            events: Events::with_capacity(1024),
            clients: Vec::with_capacity(count),
            stages: Vec::with_capacity(count),
            buffer: vec![0; BUFFER],
            members,
            names,
            greets: server.kind.greets(),
            at_once: server.kind.connects_at_once(),
        };
        swarm.connect_all(&server.addresses, config, count)?;
        swarm.wait_for_quiet(|_, _, _| {})?;
        Ok(swarm)
    }

    /// The channel of a client.
    fn channel(&self, client: usize) -> Option<String> {
        (self.members > 0).then(|| format!("{}{}", self.names.channel, client / self.members))
    }

    fn connect_all(&mut self, addresses: &[SocketAddr], config: &Arc<ClientConfig>, count: usize) -> io::Result<()> {
        let end = Instant::now() + PATIENCE;
        let mut ready = 0;
        while ready < count {
            while self.clients.len() < count && self.clients.len() - ready < self.at_once {
                let address = addresses[self.clients.len() % addresses.len()];
                self.begin(address, config)?;
            }
            self.turn(Some(Duration::from_secs(1)), |_, _, _| {})?;
            if self.closed() > 0 || Instant::now() > end {
                let (connected, closed) = (self.clients.len(), self.closed());
                return Err(io::Error::other(format!("of {connected} clients {ready} are ready and {closed} closed")));
            }
            ready = self.stages.iter().filter(|stage| **stage == Stage::Ready).count();
        }
        Ok(())
    }

    fn begin(&mut self, address: SocketAddr, config: &Arc<ClientConfig>) -> io::Result<()> {
        let number = self.clients.len();
        let mut client = Client::connect(address, config)?;
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.poll.registry().register(&mut client.socket, Token(number), interest)?;
        self.clients.push(client);
        self.stages.push(Stage::Greeted);
        if !self.greets {
            self.register(number);
        }
        Ok(())
    }

    fn register(&mut self, number: usize) {
        self.stages[number] = Stage::Registering;
        self.send(number, format!("NICK {}{number}\r\nUSER bench 0 * :bench\r\n", self.names.nickname).as_bytes());
    }

    /// Sends a line; a client that is closed says nothing.
    pub(crate) fn send(&mut self, client: usize, line: &[u8]) {
        if self.stages[client] != Stage::Closed && self.clients[client].send(line).is_err() {
            self.stages[client] = Stage::Closed;
        }
    }

    /// The name of what a client says things to.
    pub(crate) fn target(&self, client: usize) -> String {
        self.channel(client).unwrap_or_default()
    }

    /// How many the server has closed.
    pub(crate) fn closed(&self) -> usize {
        self.stages.iter().filter(|stage| **stage == Stage::Closed).count()
    }

    /// Waits for events once; hands out each line with its client and the time at which it was read. How many events.
    pub(crate) fn turn(
        &mut self,
        wait: Option<Duration>,
        mut on_line: impl FnMut(usize, Instant, &[u8]),
    ) -> io::Result<usize> {
        match self.poll.poll(&mut self.events, wait) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
        let mut answers = Vec::new();
        for event in &self.events {
            let number = event.token().0;
            let (client, stage) = (&mut self.clients[number], &mut self.stages[number]);
            if *stage == Stage::Closed {
                continue;
            }
            if event.is_writable() && client.write().is_err() {
                *stage = Stage::Closed;
            }
            if event.is_readable() {
                let read_at = Instant::now();
                let open = client.read(&mut self.buffer, |line| {
                    answers.extend(answer(*stage, line).map(|answer| (number, answer)));
                    on_line(number, read_at, line);
                });
                if !open.unwrap_or(false) {
                    *stage = Stage::Closed;
                }
            }
        }
        let count = self.events.iter().count();
        for (number, answer) in answers {
            self.answer(number, answer);
        }
        Ok(count)
    }

    fn answer(&mut self, number: usize, answer: Answer) {
        match (answer, self.channel(number)) {
            // More may have been said at once.
            (Answer::Register, _) if self.stages[number] == Stage::Greeted => self.register(number),
            (Answer::Register, _) => {}
            (Answer::Ping(token), _) => self.send(number, format!("PONG {token}\r\n").as_bytes()),
            (Answer::Registered, Some(channel)) => {
                self.stages[number] = Stage::Joining;
                self.send(number, format!("JOIN {channel}\r\n").as_bytes());
            }
            (Answer::Registered, None) | (Answer::Joined, _) => self.stages[number] = Stage::Ready,
        }
    }

    /// Reads on until nothing comes any more.
    pub(crate) fn wait_for_quiet(&mut self, mut on_line: impl FnMut(usize, Instant, &[u8])) -> io::Result<()> {
        let end = Instant::now() + PATIENCE;
        while self.turn(Some(QUIET), &mut on_line)? > 0 && Instant::now() < end {}
        Ok(())
    }
}

/// What a line from the server asks of its client.
enum Answer {
    Register,
    Registered,
    Joined,
    Ping(String),
}

fn answer(stage: Stage, line: &[u8]) -> Option<Answer> {
    if let Some(token) = line.strip_prefix(b"PING ") {
        return Some(Answer::Ping(String::from_utf8_lossy(token).into_owned()));
    }
    if stage == Stage::Ready || line.first() != Some(&b':') {
        // Some servers put their name before a PING.
        let (source, rest) = line.split_at(line.iter().position(|byte| *byte == b' ')?);
        let token = rest.strip_prefix(b" PING ").filter(|_| !source.contains(&b'!'))?;
        return Some(Answer::Ping(String::from_utf8_lossy(token).into_owned()));
    }
    if stage == Stage::Greeted {
        return Some(Answer::Register);
    }
    let numeric = line.splitn(3, |byte| *byte == b' ').nth(1)?;
    match (stage, numeric) {
        // The end of the message of the day, or that there is none: the greeting is over.
        (Stage::Registering, b"376" | b"422") => Some(Answer::Registered),
        (Stage::Joining, b"366") => Some(Answer::Joined),
        _ => None,
    }
}
