//! Nodes around a [`Model`] of Redis in virtual time: requests and replies take a while by chance, connections are cut,
//! nodes freeze and die, Redis goes and comes back with all, less or nothing of what it held. The same seed gives the
//! same run.
//!
//! ```text
//! let mut simulation = Simulation::new(seed);
//! let node = simulation.start(card);
//! while let Some((node, happened)) = simulation.step(until_ms) { … simulation.command(node, …) … }
//! ```

use std::collections::BTreeMap;

use super::limits::{ANSWER_MS, BLOCK_MS, ENTRIES_PER_READ};
use super::member::{Member, Words};
use super::model::Model;
use super::request::{Entry, Reply};
use super::{Command, Happened, NodeCard};

/// Milliseconds that a request or a reply takes at most.
const DELAY_MS: u64 = 20;

/// The same while Redis is slow: more than is waited for an answer.
const SLOW_DELAY_MS: u64 = 4_000;

/// Milliseconds before a node connects again at most.
const RECONNECT_MS: u64 = 300;

/// What a Redis has, when it comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comeback {
    /// All.
    WithAll,
    /// What it had when [`Simulation::save`] was called last.
    WithSaved,
    /// Nothing.
    WithNothing,
}

/// Numbers by chance, the same for the same seed (splitmix64).
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// From a seed.
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// A number below this.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (it ^ (it >> 31)) % end.max(1)
    }

    /// A time from now on, at most so much later.
    fn after(&mut self, now: i64, most: u64) -> i64 {
        now.saturating_add_unsigned(1 + self.below(most))
    }
}

/// Nodes, a Redis, and what is on its way between them.
#[derive(Debug)]
pub struct Simulation {
    /// Redis.
    pub redis: Model,
    saved: Model,
    is_up: bool,
    slow_until: i64,
    now: i64,
    dice: Dice,
    nodes: Vec<Node>,
    /// By time, and then in the order in which they were made.
    events: BTreeMap<(i64, u64), OnItsWay>,
    count: u64,
}

#[derive(Debug)]
struct Node {
    member: Option<Member>,
    /// Counts connections, so that what was on its way over an earlier one is known.
    connection: u64,
    is_connected: bool,
    frozen_until: i64,
    timer: i64,
    /// The membership whose inbox is being read.
    reads: Option<u64>,
    is_parked: bool,
    /// Counts reads, so that the end of an earlier one's patience is known.
    read_count: u64,
    /// Whether a call is on its way to Redis, so that a cut may come before or after it.
    asks: bool,
    /// Counts calls, so that it is known which was waited for.
    calls: u64,
}

/// An event of a node, of this connection.
#[derive(Debug)]
struct OnItsWay {
    node: usize,
    connection: u64,
    event: Event,
}

#[derive(Debug)]
enum Event {
    Connects,
    CallArrives,
    CallReturns(Vec<Reply>),
    /// The node gives this call up, if it is not answered.
    Impatient(u64),
    ReadArrives,
    ReadWaited(u64),
    ReadReturns(u64, Vec<Entry>),
    Timer,
}

impl Simulation {
    /// An empty Redis and no node.
    pub fn new(seed: u64) -> Simulation {
        let now = 1_000_000;
        Simulation {
            redis: Model::default(),
            saved: Model::default(),
            is_up: true,
            slow_until: 0,
            now,
            dice: Dice::new(seed),
            nodes: Vec::new(),
            events: BTreeMap::new(),
            count: 0,
        }
    }

    /// The time.
    pub fn now(&self) -> i64 {
        self.now
    }

    /// Chance.
    pub fn dice(&mut self) -> &mut Dice {
        &mut self.dice
    }

    /// Starts a node, and gives the index by which it is called here.
    ///
    /// # Panics
    /// Where the card's charter is no JSON object.
    pub fn start(&mut self, card: &NodeCard) -> usize {
        let word = |dice: &mut Dice| format!("{:016x}", dice.below(u64::MAX));
        let words = Words { network: word(&mut self.dice), process: word(&mut self.dice) };
        #[expect(clippy::unwrap_used, reason = "a simulation is a test's")]
        let member = Member::new(card, words, None).unwrap();
        self.nodes.push(Node {
            member: Some(member),
            connection: 0,
            is_connected: false,
            frozen_until: 0,
            timer: i64::MAX,
            reads: None,
            is_parked: false,
            read_count: 0,
            asks: false,
            calls: 0,
        });
        let node = self.nodes.len() - 1;
        self.connect_later(node);
        node
    }

    /// A node, while it lives.
    pub fn member(&self, node: usize) -> Option<&Member> {
        self.nodes[node].member.as_ref()
    }

    /// Gives a node a command.
    pub fn command(&mut self, node: usize, command: Command) {
        if let Some(member) = &mut self.nodes[node].member {
            member.command(command);
            self.pump(node);
        }
    }

    /// A node ends without a word.
    pub fn kill(&mut self, node: usize) {
        self.drop_connection(node);
        self.nodes[node].member = None;
    }

    /// A node does nothing for a while.
    pub fn freeze(&mut self, node: usize, ms: u64) {
        self.nodes[node].frozen_until = self.now.saturating_add_unsigned(ms);
    }

    /// A node's connections end. What was on its way to Redis may still have come there.
    pub fn cut(&mut self, node: usize) {
        self.drop_connection(node);
        if let Some(member) = &mut self.nodes[node].member {
            member.lost("the connection was cut".to_owned());
            self.connect_later(node);
            self.pump(node);
        }
    }

    /// Redis, or the way to it, takes long for everything from now on, for so many milliseconds.
    pub fn slow(&mut self, ms: u64) {
        self.slow_until = self.now.saturating_add_unsigned(ms);
    }

    /// Redis ends.
    pub fn stop_redis(&mut self) {
        self.is_up = false;
        (0..self.nodes.len()).for_each(|node| self.cut(node));
    }

    /// Redis as it is now is what [`Comeback::WithSaved`] means.
    pub fn save(&mut self) {
        self.saved = self.redis.clone();
    }

    /// Another process of Redis begins.
    pub fn start_redis(&mut self, comeback: Comeback) {
        self.redis = match comeback {
            Comeback::WithAll => self.redis.restarted(),
            Comeback::WithSaved => self.redis.rewound_to(&self.saved),
            Comeback::WithNothing => self.redis.emptied(),
        };
        self.is_up = true;
    }

    /// The same as [`Comeback::WithAll`], where Redis is not there.
    pub fn start_redis_if_stopped(&mut self) {
        if !self.is_up {
            self.start_redis(Comeback::WithAll);
        }
    }

    /// Goes on until something happened to a node, or to this time.
    pub fn step(&mut self, until: i64) -> Option<(usize, Vec<Happened>)> {
        loop {
            for (index, node) in self.nodes.iter_mut().enumerate() {
                // What happened to one that is frozen is told when it is not any more.
                let awake = node.member.as_mut().filter(|_| node.frozen_until <= self.now);
                let happened = awake.map(Member::happened).unwrap_or_default();
                if !happened.is_empty() {
                    return Some((index, happened));
                }
            }
            match self.events.first_entry().filter(|first| first.key().0 <= until) {
                Some(first) => {
                    self.now = self.now.max(first.key().0);
                    let next = first.remove();
                    self.next(next);
                }
                None => break,
            }
        }
        self.now = until;
        None
    }

    fn next(&mut self, next: OnItsWay) {
        let OnItsWay { node, connection, event } = next;
        let there = &self.nodes[node];
        if there.member.is_none() || there.connection != connection {
            return;
        }
        let is_nodes = !matches!(event, Event::CallArrives | Event::ReadArrives | Event::ReadWaited(_));
        if is_nodes && there.frozen_until > self.now {
            return self.push(there.frozen_until, node, event);
        }
        self.happen(node, event);
    }

    fn push(&mut self, at: i64, node: usize, event: Event) {
        let connection = self.nodes[node].connection;
        self.events.insert((at, self.count), OnItsWay { node, connection, event });
        self.count += 1;
    }

    fn push_soon(&mut self, node: usize, event: Event) {
        let most = if self.now < self.slow_until { SLOW_DELAY_MS } else { DELAY_MS };
        let at = self.dice.after(self.now, most);
        self.push(at, node, event);
    }

    fn connect_later(&mut self, node: usize) {
        let at = self.dice.after(self.now, RECONNECT_MS);
        self.push(at, node, Event::Connects);
    }

    fn drop_connection(&mut self, node: usize) {
        if self.nodes[node].asks && self.is_up && self.dice.below(2) == 0 {
            self.call(node);
        }
        let it = &mut self.nodes[node];
        it.connection += 1;
        (it.is_connected, it.asks, it.reads, it.is_parked, it.timer) = (false, false, None, false, i64::MAX);
    }

    fn happen(&mut self, index: usize, event: Event) {
        let now = self.now;
        match event {
            Event::Connects if !self.is_up => self.connect_later(index),
            Event::CallArrives => {
                let replies = self.call(index);
                self.push_soon(index, Event::CallReturns(replies));
            }
            Event::ReadArrives => {
                let node = &mut self.nodes[index];
                node.is_parked = true;
                node.read_count += 1;
                let count = node.read_count;
                self.push(now + BLOCK_MS, index, Event::ReadWaited(count));
                self.wake(index);
            }
            Event::ReadWaited(count) => self.end_read(index, count),
            Event::Impatient(call) => self.give_up(index, call),
            event => {
                let process = self.redis.process();
                let node = &mut self.nodes[index];
                let Some(member) = &mut node.member else { return };
                match event {
                    Event::Connects => {
                        node.is_connected = true;
                        member.connected(now, &process);
                    }
                    Event::CallReturns(replies) => member.replied(now, replies),
                    Event::ReadReturns(membership, entries) => {
                        node.reads = None;
                        member.read(now, membership, entries);
                    }
                    _ => node.timer = i64::MAX,
                }
                self.pump(index);
            }
        }
    }

    /// A node has waited long enough for the answer to a call.
    fn give_up(&mut self, index: usize, call: u64) {
        let node = &self.nodes[index];
        let waits = node.member.as_ref().is_some_and(|member| !member.in_flight().is_empty());
        if node.calls == call && waits {
            self.cut(index);
        }
    }

    /// A node's call is answered.
    fn call(&mut self, index: usize) -> Vec<Reply> {
        self.nodes[index].asks = false;
        let Some(member) = &self.nodes[index].member else { return Vec::new() };
        let replies = member.in_flight().iter().map(|request| self.redis.call(self.now, request)).collect();
        (0..self.nodes.len()).for_each(|node| self.wake(node));
        replies
    }

    /// A read has waited long enough.
    fn end_read(&mut self, index: usize, count: u64) {
        let node = &mut self.nodes[index];
        if let (true, true, Some(membership)) = (node.is_parked, node.read_count == count, node.reads) {
            node.is_parked = false;
            self.push_soon(index, Event::ReadReturns(membership, Vec::new()));
        }
    }

    /// Gives a node that waits for it what its inbox has.
    fn wake(&mut self, index: usize) {
        let node = &self.nodes[index];
        let reading = node.member.as_ref().and_then(Member::reading);
        let Some(reading) = reading.filter(|it| node.is_parked && node.reads == Some(it.membership)) else { return };
        let entries = self.redis.read(&reading.seat, reading.after, ENTRIES_PER_READ);
        if !entries.is_empty() {
            let membership = reading.membership;
            self.nodes[index].is_parked = false;
            self.push_soon(index, Event::ReadReturns(membership, entries));
        }
    }

    /// Sends what a node has to send.
    fn pump(&mut self, index: usize) {
        let now = self.now;
        let node = &mut self.nodes[index];
        let Some(member) = &mut node.member else { return };
        if node.frozen_until > now {
            let at = node.frozen_until;
            return self.push(at, index, Event::Timer);
        }
        if !member.requests(now).is_empty() && node.is_connected && !node.asks {
            (node.asks, node.calls) = (true, node.calls + 1);
            let call = node.calls;
            self.push_soon(index, Event::CallArrives);
            self.push(now + ANSWER_MS, index, Event::Impatient(call));
        }
        let node = &mut self.nodes[index];
        let Some(member) = &mut node.member else { return };
        let membership = member.reading().map(|reading| reading.membership);
        let due = member.due();
        if node.is_connected && membership.is_some() && node.reads != membership {
            (node.reads, node.is_parked) = (membership, false);
            self.push_soon(index, Event::ReadArrives);
        }
        if due < self.nodes[index].timer {
            self.nodes[index].timer = due;
            self.push(due.max(now), index, Event::Timer);
        }
    }
}
