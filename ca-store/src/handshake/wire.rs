//! Sockets with bounds: how long each step may take, how long all of them, and how much is read of a peer.

use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs as _};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::ProbeError;

/// How long one step, such as connecting or a whole handshake, may take. Browsers give up after tens of seconds; a
/// person who asks what is wrong does not wait so long, and a handshake across the world takes less than two.
pub const TIMEOUT: Duration = Duration::from_secs(10);
/// How long a peer may say nothing at all before other languages are tried on further connections, while the first one waits on.
pub(super) const QUIET: Duration = Duration::from_secs(3);
/// How long it may say nothing at all. One that has begun to speak has all of [`TIMEOUT`]; servers that look up the client's name
/// before they answer, which fails after five seconds, have answered by then.
pub(super) const SILENCE: Duration = Duration::from_secs(8);
/// How long everything together may take: the first handshake twice over, and the questions after it.
pub const OVERALL_TIMEOUT: Duration = Duration::from_secs(30);
/// How long an address has for itself before the next one is tried beside it: what RFC 8305 section 8 recommends.
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);
/// The most addresses of one name that are asked; large services hand out up to eight at once.
pub const MAX_ADDRESSES: usize = 8;
/// The most that is read of one connection: a chain of the greatest length that TLS allows, and what surrounds it.
const MAX_BYTES: usize = 1 << 25;
/// The octets that are kept of what the peer said first, to tell what it speaks.
const GREETING: usize = 512;
/// The longest line of a plain-text protocol that is read: eight times what SMTP allows (RFC 5321 section 4.5.3.1).
const MAX_LINE: usize = 4096;

/// What is left of the time for one endpoint.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    end: Instant,
}

impl Budget {
    pub(super) fn new(limit: Duration) -> Budget {
        Budget { end: Instant::now() + limit }
    }

    /// When a step that begins now has to end.
    pub(super) fn step(self, limit: Duration) -> Instant {
        self.end.min(Instant::now() + limit)
    }

    /// The same with a nearer end.
    pub(super) fn within(self, limit: Duration) -> Budget {
        Budget { end: self.step(limit) }
    }

    pub(super) fn is_spent(self) -> bool {
        Instant::now() >= self.end
    }
}

/// The addresses of a host. The system's resolver has no time limit of its own, so it is asked from another thread,
/// which is left behind where it does not answer.
pub(super) fn resolve(host: &str, port: u16, budget: Budget) -> Result<Vec<SocketAddr>, ProbeError> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let (answer, waiting) = mpsc::channel();
    let host = host.to_owned();
    std::thread::spawn(move || {
        let found = (host.as_str(), port).to_socket_addrs().map(|all| {
            let mut addresses: Vec<SocketAddr> = Vec::new();
            for address in all.take(4 * MAX_ADDRESSES) {
                if !addresses.contains(&address) {
                    addresses.push(address);
                }
            }
            addresses.truncate(MAX_ADDRESSES);
            addresses
        });
        answer.send(found)
    });
    let left = budget.step(TIMEOUT).saturating_duration_since(Instant::now());
    match waiting.recv_timeout(left) {
        Ok(Ok(addresses)) if !addresses.is_empty() => Ok(addresses),
        Ok(Ok(_)) => Err(ProbeError::HostNotFound(io::Error::new(io::ErrorKind::NotFound, "it has no address"))),
        Ok(Err(error)) => Err(ProbeError::HostNotFound(error)),
        Err(_) => {
            Err(ProbeError::HostNotFound(io::Error::new(io::ErrorKind::TimedOut, "the resolver does not answer")))
        }
    }
}

/// Which of several addresses took the connection, and why others did not, in the order of the addresses.
#[derive(Debug)]
pub(super) struct Reached {
    pub(super) taken: Option<(SocketAddr, Wire)>,
    pub(super) failures: Vec<(SocketAddr, ProbeError)>,
}

/// Connects to the first that answers, with one deadline for all: side by side, each a moment after the one before it or as soon as that
/// has failed (RFC 8305 section 5). A server that takes one connection at a time sees no second one where its first address answers at once.
pub(super) fn reach(addresses: &[SocketAddr], deadline: Instant) -> Reached {
    let (tell, told) = mpsc::channel();
    let mut waiting = addresses.iter().copied();
    let mut failures: Vec<(SocketAddr, ProbeError)> = Vec::new();
    let mut taken = None;
    while taken.is_none() && failures.len() < addresses.len() {
        if let Some(address) = waiting.next() {
            let tell = tell.clone();
            // Who is not waited for any more ends at the deadline by himself.
            std::thread::spawn(move || tell.send((address, Wire::connect(address, deadline))));
        }
        let left = deadline.saturating_duration_since(Instant::now());
        let patience = if waiting.len() > 0 { ATTEMPT_DELAY.min(left) } else { left };
        match told.recv_timeout(patience) {
            Ok((address, Ok(wire))) => taken = Some((address, wire)),
            Ok((address, Err(failure))) => failures.push((address, failure)),
            Err(_) if Instant::now() >= deadline => break,
            Err(_) => {}
        }
    }
    if taken.is_none() {
        let silent = |address: &&SocketAddr| failures.iter().all(|(failed, _)| failed != *address);
        let silent: Vec<SocketAddr> = addresses.iter().filter(silent).copied().collect();
        failures.extend(silent.into_iter().map(|address| (address, ProbeError::TimedOut)));
    }
    failures.sort_by_key(|(failed, _)| addresses.iter().position(|address| address == failed));
    Reached { taken, failures }
}

/// A socket with one deadline for all of it, a bound, and a memory of what came first.
#[derive(Debug)]
pub(super) struct Wire {
    tcp: TcpStream,
    pub(super) deadline: Instant,
    pub(super) greeting: Vec<u8>,
    /// When the first octet has to be there, where that is before the deadline.
    pub(super) first_by: Option<Instant>,
    total: usize,
}

impl Wire {
    pub(super) fn connect(address: SocketAddr, deadline: Instant) -> Result<Wire, ProbeError> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ProbeError::TimedOut);
        }
        let tcp = TcpStream::connect_timeout(&address, left).map_err(|error| match error.kind() {
            io::ErrorKind::TimedOut => ProbeError::TimedOut,
            _ => ProbeError::Refused(error),
        })?;
        Ok(Wire { tcp, deadline, greeting: Vec::new(), first_by: None, total: 0 })
    }

    fn remaining(&self) -> io::Result<Duration> {
        let first_by = self.first_by.filter(|_| self.greeting.is_empty());
        let end = first_by.map_or(self.deadline, |first_by| first_by.min(self.deadline));
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() || self.total > MAX_BYTES { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
    }

    /// Whether nothing has come by then. What comes stays to be read.
    pub(super) fn is_quiet(&self, until: Instant) -> bool {
        let left = until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        let waits = self.tcp.set_read_timeout(Some(left)).is_ok();
        waits && self.tcp.peek(&mut [0]).is_err_and(|error| error.kind() != io::ErrorKind::ConnectionReset)
    }

    /// Forgets what came first: from here on something else is spoken.
    pub(super) fn begin_anew(&mut self) {
        self.greeting.clear();
    }

    /// A line without its end. Octet by octet, so that nothing of what follows an upgrade is swallowed.
    pub(super) fn line(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        while line.last() != Some(&b'\n') {
            if line.len() >= MAX_LINE {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a line without an end"));
            }
            let mut octet = [0];
            self.read_exact(&mut octet)?;
            line.push(octet[0]);
        }
        Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
    }

    /// What comes until one of the texts has come; for protocols without lines.
    pub(super) fn until(&mut self, ends: &[&str], most: usize) -> io::Result<String> {
        let mut text = Vec::new();
        loop {
            let mut octet = [0];
            self.read_exact(&mut octet)?;
            text.push(octet[0]);
            if ends.iter().any(|end| text.ends_with(end.as_bytes())) {
                return Ok(String::from_utf8_lossy(&text).into_owned());
            }
            if text.len() >= most {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "an answer without an end"));
            }
        }
    }

    /// What comes until the peer closes, the deadline passes, it is enough, or `done` says so.
    pub(super) fn some(&mut self, most: usize, done: impl Fn(&[u8]) -> bool) -> Vec<u8> {
        let mut text = Vec::new();
        let mut part = [0; 1024];
        while text.len() < most && !done(&text) {
            match self.read(&mut part) {
                Ok(0) | Err(_) => break,
                Ok(count) => text.extend_from_slice(&part[..count]),
            }
        }
        text.truncate(most);
        text
    }
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.tcp.set_read_timeout(Some(self.remaining()?))?;
        let count = self.tcp.read(buffer)?;
        self.total += count;
        let room = GREETING.saturating_sub(self.greeting.len());
        self.greeting.extend_from_slice(&buffer[..count.min(room)]);
        Ok(count)
    }
}

impl Write for Wire {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.tcp.set_write_timeout(Some(self.remaining()?))?;
        self.tcp.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tcp.flush()
    }
}
