//! What the clients say, and what of it arrives when.

use std::io;
use std::time::{Duration, Instant};

use crate::histogram::Histogram;
use crate::process;
use crate::server::Server;
use crate::swarm::Swarm;

/// Bytes of a text.
const TEXT: usize = 100;
/// How a text of ours begins, before sender, time and filling.
const MARK: &[u8] = b"@bench@";
/// Not counted: the server's and the generator's buffers fill.
const WARM_UP: Duration = Duration::from_secs(1);

/// How the senders speak.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pace {
    /// Without pause: so many messages of each sender are on their way, and the next leaves when another arrives.
    Window(u32),
    /// So many messages a second of all senders together, at equal distances.
    Rate(u32),
}

/// Who speaks, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) members: usize,
    pub(crate) channels: usize,
    pub(crate) senders: usize,
    pub(crate) pace: Pace,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) deliveries: u64,
    pub(crate) seconds: f64,
    pub(crate) server_cpu: f64,
    /// The same of its Redis, where it has one.
    pub(crate) redis_cpu: f64,
    pub(crate) generator_cpu: f64,
    pub(crate) lost: u64,
    pub(crate) closed: usize,
    pub(crate) latencies: Histogram,
}

impl Load {
    pub(crate) fn clients(self) -> usize {
        self.members * self.channels
    }

    /// The client that is a sender: the senders are spread over the channels evenly.
    fn sender(self, index: usize) -> usize {
        (index % self.channels) * self.members + index / self.channels
    }

    /// The member of the same channel whose reading lets the sender go on.
    fn listener(self, client: usize) -> usize {
        let first = client / self.members * self.members;
        first + (client - first + 1) % self.members
    }
}

/// The state of a load while it runs.
struct Run<'a> {
    load: Load,
    swarm: &'a mut Swarm,
    start: Instant,
    /// The beginning of each sender's line.
    openings: Vec<(usize, Vec<u8>)>,
    sent: u64,
    received: Received,
}

struct Received {
    load: Load,
    start: Instant,
    deliveries: u64,
    latencies: Histogram,
    /// Senders that may go on.
    free: Vec<usize>,
}

/// Runs a load for a while.
pub(crate) fn run(load: Load, swarm: &mut Swarm, server: &Server, duration: Duration) -> io::Result<Measured> {
    let start = Instant::now();
    let openings = (0..load.senders)
        .map(|index| load.sender(index))
        .map(|client| (client, format!("PRIVMSG {} :", swarm.target(client)).into_bytes()))
        .collect();
    let received = Received { load, start, deliveries: 0, latencies: Histogram::new(), free: Vec::new() };
    let mut run = Run { load, swarm, start, openings, sent: 0, received };
    run.begin();
    run.until(start + WARM_UP)?;
    let (before, cpu, own) = (run.received.deliveries, server.cpu()?, process::cpu("self")?);
    let redis = server.redis_cpu()?;
    run.received.latencies = Histogram::new();
    let measured_from = Instant::now();
    run.until(measured_from + duration)?;
    let seconds = measured_from.elapsed().as_secs_f64();
    let (cpu, own) = (server.cpu()? - cpu, process::cpu("self")? - own);
    let redis = server.redis_cpu()? - redis;
    let (deliveries, latencies) = (run.received.deliveries - before, run.received.latencies.clone());
    let lost = run.drain()?;
    Ok(Measured {
        deliveries,
        seconds,
        server_cpu: cpu.as_secs_f64(),
        redis_cpu: redis.as_secs_f64(),
        generator_cpu: own.as_secs_f64(),
        lost,
        closed: run.swarm.closed(),
        latencies,
    })
}

impl Run<'_> {
    /// Fills the windows.
    fn begin(&mut self) {
        if let Pace::Window(window) = self.load.pace {
            for _ in 0..window {
                (0..self.load.senders).for_each(|index| self.send(index));
            }
        }
    }

    fn until(&mut self, end: Instant) -> io::Result<()> {
        while Instant::now() < end {
            let wait = match self.load.pace {
                Pace::Window(_) => Duration::from_millis(100),
                Pace::Rate(rate) => self.send_what_is_due(rate),
            };
            let received = &mut self.received;
            self.swarm.turn(Some(wait), |client, at, line| received.take(client, at, line))?;
            while let Some(client) = self.received.free.pop() {
                let index = client / self.load.members + client % self.load.members * self.load.channels;
                self.send(index);
            }
        }
        Ok(())
    }

    /// Sends at equal distances; how long it is until the next.
    fn send_what_is_due(&mut self, rate: u32) -> Duration {
        let due = (self.start.elapsed().as_secs_f64() * f64::from(rate)) as u64;
        while self.sent < due {
            self.send(self.sent as usize % self.load.senders);
        }
        Duration::from_secs_f64((self.sent + 1) as f64 / f64::from(rate)).saturating_sub(self.start.elapsed())
    }

    fn send(&mut self, index: usize) {
        let (client, opening) = &self.openings[index];
        let mut line = opening.clone();
        let text = line.len();
        line.extend_from_slice(MARK);
        let time = u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        line.extend_from_slice(format!("{client:08x}{time:016x}").as_bytes());
        line.resize(text + TEXT, b'x');
        line.extend_from_slice(b"\r\n");
        self.swarm.send(*client, &line);
        self.sent += 1;
    }

    /// Waits for what is still on its way; how many deliveries never came.
    fn drain(&mut self) -> io::Result<u64> {
        let received = &mut self.received;
        self.swarm.wait_for_quiet(|client, at, line| received.take(client, at, line))?;
        let expected = self.sent * (self.load.members as u64 - 1);
        Ok(expected.saturating_sub(received.deliveries))
    }
}

impl Received {
    fn take(&mut self, client: usize, at: Instant, line: &[u8]) {
        let Some((sender, time)) = parse(line) else { return };
        self.deliveries += 1;
        let age = at.duration_since(self.start).as_nanos() as u64;
        self.latencies.add(age.saturating_sub(time));
        if matches!(self.load.pace, Pace::Window(_)) && self.load.listener(sender) == client {
            self.free.push(sender);
        }
    }
}

/// Sender and time of a text of ours, which is the end of its line.
fn parse(line: &[u8]) -> Option<(usize, u64)> {
    let text = line.get(line.len().checked_sub(TEXT)?..)?.strip_prefix(MARK)?;
    let text = std::str::from_utf8(text.get(..24)?).ok()?;
    Some((usize::from_str_radix(&text[..8], 16).ok()?, u64::from_str_radix(&text[8..], 16).ok()?))
}
