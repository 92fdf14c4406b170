//! A Redis with `script.lua` in plain Rust over virtual time: the same operations with the same replies and inboxes,
//! which a test holds against a real one. For simulations, here and of others.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::entry::{one_line, write_reach};
use super::limits::{
    HISTORY_OPS, INBOX_ENTRIES, INBOX_SECONDS, LEASE_MS, PAGE, SILENCE_MS, SNAPSHOT_SECONDS, TOMBSTONES,
};
use super::request::{Entrance, Entry, Position, Proposal, Reply, Request, Seat};

/// What a model does wrong on purpose, so that a test can show that it would be noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// An entry does not reach one of those it is for.
    Lost,
    /// An entry is appended twice, under two numbers.
    Doubled,
    /// Two entries change places in one inbox.
    Swapped,
    /// A proposal that was taken is refused.
    Denied,
}

/// A Redis.
#[derive(Debug, Clone, Default)]
pub struct Model {
    process: u64,
    now: i64,
    sequence: u64,
    time: i64,
    clock: Option<i64>,
    network: String,
    answered_by: Option<u64>,
    /// Who has not said yet how far it has read, and how far it may have.
    unsettled: BTreeMap<u32, u64>,
    known: u64,
    last_node: u32,
    protocol: String,
    charter: String,
    nodes: BTreeMap<u32, Node>,
    /// Which process a number belongs to.
    seats: BTreeMap<u32, String>,
    inboxes: BTreeMap<(String, u32), Inbox>,
    snapshots: BTreeMap<(u32, u64), (String, i64)>,
    records: BTreeMap<String, String>,
    /// Those that are over, by their places.
    over: BTreeSet<(u64, String)>,
    buried: Option<u64>,
    /// Of which it keeps so many marks; [`TOMBSTONES`] where none.
    pub tombstones: Option<usize>,
    history: VecDeque<(Position, String)>,
    history_end: Position,
    tickets: BTreeMap<String, (String, i64)>,
    /// Whether it has no memory left and takes nothing.
    pub is_full: bool,
    /// What it does wrong, with the next change that it orders.
    pub fault: Option<Fault>,
}

#[derive(Debug, Clone)]
struct Node {
    name: String,
    process: String,
    last: u64,
    lease: i64,
    is_ready: bool,
}

#[derive(Debug, Clone, Default)]
struct Inbox {
    entries: VecDeque<Entry>,
    end: Position,
    expires: Option<i64>,
}

impl Model {
    /// The same data, served by another process of Redis.
    #[must_use]
    pub fn restarted(&self) -> Model {
        Model { process: self.process + 1, ..self.clone() }
    }

    /// Another process of Redis without data.
    #[must_use]
    pub fn emptied(&self) -> Model {
        Model { process: self.process + 1, tombstones: self.tombstones, ..Model::default() }
    }

    /// An older state of this Redis, as a crash or a replica may leave it.
    #[must_use]
    pub fn rewound_to(&self, older: &Model) -> Model {
        Model { process: self.process + 1, tombstones: self.tombstones, ..older.clone() }
    }

    /// The word by which a node tells this process from another.
    pub fn process(&self) -> String {
        self.process.to_string()
    }

    /// The last place of the order.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The members' numbers.
    pub fn members(&self) -> Vec<u32> {
        self.nodes.keys().copied().collect()
    }

    /// Ends a node's lease, as if it had given no sign of life.
    pub fn expire(&mut self, node: u32) {
        if let Some(node) = self.nodes.get_mut(&node) {
            node.lease = 0;
        }
    }

    /// What is in an inbox after a place, at most so many.
    pub fn read(&self, seat: &Seat, after: Position, count: usize) -> Vec<Entry> {
        let Some(inbox) = self.inboxes.get(&key(seat)) else { return Vec::new() };
        let later = inbox.entries.iter().filter(|entry| entry.position > after);
        later.take(count).cloned().collect()
    }

    /// Answers one request at this time by Redis's clock.
    pub fn call(&mut self, now: i64, request: &Request) -> Reply {
        self.now = now;
        self.time = self.time.max(now);
        self.inboxes.retain(|_, inbox| inbox.expires.is_none_or(|at| at > now));
        let reads = matches!(
            request,
            Request::TakeSnapshot { .. }
                | Request::Records { .. }
                | Request::Buried
                | Request::HistoryOps { .. }
                | Request::TakeTicket { .. }
        );
        if self.is_full && !reads {
            return Reply::Failed { why: "the model is full".to_owned() };
        }
        match request {
            Request::Join(entrance) => self.join(entrance),
            Request::Refresh { seat, read, is_ready, is_anothers } => {
                self.refresh(seat, *read, *is_ready, *is_anothers)
            }
            Request::Propose { seat, proposals } => self.propose(seat, proposals),
            Request::Leave { seat, reason } => self.leave(seat, reason),
            other => self.keep(other),
        }
    }

    fn keep(&mut self, request: &Request) -> Reply {
        match request {
            Request::Whisper { seat, to, text } => self.whisper(seat, &write_reach(to, seat.node), text),
            Request::Snapshot { seat, node, sequence, text } => self.snapshot(seat, *node, *sequence, text),
            Request::Record { sequence, key, value } => self.record(*sequence, key, value.as_deref()),
            Request::HistoryOp { text } => self.history_op(text),
            Request::PutTicket { word, value, seconds } => self.put_ticket(word, value, *seconds),
            Request::TakeTicket { word, .. } => return self.take_ticket(word),
            Request::TakeSnapshot { node, sequence } => return self.take_snapshot(*node, *sequence),
            Request::Records { .. } => return self.page_of_records(),
            Request::Buried => return Reply::Text(self.buried.map(|place| place.to_string())),
            Request::HistoryOps { from } => return self.page_of_history(from),
            _ => {}
        }
        Reply::Fine { last: 0 }
    }
}

fn key(seat: &Seat) -> (String, u32) {
    (seat.network.clone(), seat.node)
}

// Members.
impl Model {
    fn seat(&self, node: u32) -> Seat {
        Seat { node, network: self.network.clone() }
    }

    fn store(&mut self) {
        self.clock = Some(self.now);
    }

    fn header(&self, node: u32, number: u64, kind: &str) -> String {
        format!("{} {node} {number} {kind}", self.time)
    }

    fn append(&mut self, nodes: &[u32], after: bool, header: &str, body: &str) {
        for node in nodes {
            let key = (self.network.clone(), *node);
            let Some(inbox) = self.inboxes.get_mut(&key) else { continue };
            let mut position = Position { sequence: self.sequence, after: 0 };
            if after && inbox.end.sequence == self.sequence {
                position.after = inbox.end.after + 1;
            } else if after && self.sequence == 0 {
                position.after = 1;
            }
            inbox.end = position;
            inbox.entries.push_back(Entry { position, header: header.to_owned(), body: body.to_owned() });
        }
    }

    fn remove(&mut self, node: u32, reason: &str) {
        self.sequence += 1;
        let name = self.nodes.get(&node).map_or(node.to_string(), |it| it.name.clone());
        let header = self.header(node, 0, "l");
        self.append(&self.members(), false, &header, &format!("{name}\n{reason}"));
        self.nodes.remove(&node);
        self.unsettled.remove(&node);
        if let Some(inbox) = self.inboxes.get_mut(&(self.network.clone(), node)) {
            inbox.expires = Some(self.now + i64::from(INBOX_SECONDS) * 1000);
        }
    }

    fn reap(&mut self, but: u32) {
        let is_dead = |(node, it): (&u32, &Node)| (*node != but && it.lease <= self.now).then_some((it.lease, *node));
        let mut dead: Vec<_> = self.nodes.iter().filter_map(is_dead).collect();
        dead.sort_unstable();
        for (_, node) in dead {
            self.remove(node, &format!("no sign of life for {} s", LEASE_MS / 1000));
        }
        for node in self.members() {
            let length = self.inboxes.get(&(self.network.clone(), node)).map_or(0, |inbox| inbox.entries.len());
            if length > INBOX_ENTRIES {
                self.remove(node, "it did not read what was sent to it");
            }
        }
    }

    fn awake(&mut self) {
        let silence = self.clock.map_or(0, |clock| (self.now - clock).abs());
        let is_restarted = self.answered_by != Some(self.process);
        if silence <= SILENCE_MS && !is_restarted {
            return;
        }
        for node in self.nodes.values_mut() {
            node.lease = self.now + LEASE_MS;
        }
        if is_restarted {
            self.answered_by = Some(self.process);
            if self.unsettled.is_empty() {
                self.known = self.sequence;
            }
            let may_have_read = |node: &u32| self.unsettled.get(node).copied().unwrap_or(self.sequence);
            self.unsettled = self.nodes.keys().map(|node| (*node, may_have_read(node))).collect();
        }
    }

    fn dissolve(&mut self) {
        for node in self.members() {
            self.inboxes.remove(&(self.network.clone(), node));
        }
        self.nodes.clear();
        self.seats.clear();
        self.unsettled.clear();
        self.network.clear();
    }

    /// A member's last number, or what it is instead.
    fn standing(&self, seat: &Seat) -> Result<u64, Reply> {
        let dead = || if self.inboxes.contains_key(&key(seat)) { Reply::Dead } else { Reply::Gone };
        let node = self.nodes.get(&seat.node).filter(|_| seat.network == self.network);
        node.map(|it| it.last).ok_or_else(dead)
    }

    fn join(&mut self, entrance: &Entrance) -> Reply {
        self.awake();
        self.reap(0);
        let own = self.nodes.iter().find(|(_, it)| it.process == entrance.process).map(|(node, _)| *node);
        if let Some(node) = own {
            self.remove(node, "it joins anew");
        }
        self.store();
        if !self.unsettled.is_empty() {
            return Reply::Wait;
        }
        let ready: Vec<u32> = self.nodes.iter().filter(|(_, it)| it.is_ready).map(|(node, _)| *node).collect();
        let protocol = entrance.protocol.to_string();
        if ready.is_empty() {
            self.dissolve();
            (self.protocol, self.charter) = (protocol, entrance.charter.clone());
        } else if self.protocol != protocol || self.charter != entrance.charter {
            let names: Vec<&str> = ready.iter().map(|node| self.nodes[node].name.as_str()).collect();
            let (protocol, charter) = (self.protocol.clone(), self.charter.clone());
            return Reply::Refused { protocol, charter, names: names.join(", ") };
        }
        self.enter(entrance, own.unwrap_or(entrance.former), ready)
    }

    fn enter(&mut self, entrance: &Entrance, former: u32, others: Vec<u32>) -> Reply {
        let is_free = former != 0 && self.seats.get(&former).is_none_or(|holder| *holder == entrance.process);
        let node = if is_free { former } else { self.last_node + 1 };
        self.last_node = self.last_node.max(node);
        self.sequence = self.sequence.max(entrance.read) + 1;
        let is_ready = others.is_empty();
        if is_ready {
            self.network = format!("{}.{}", entrance.word, self.sequence);
        }
        self.inboxes.insert((self.network.clone(), node), Inbox::default());
        let Entrance { name, version, description, process, last, .. } = entrance.clone();
        let (header, body) = (self.header(node, 0, "j"), format!("{name}\n{version}\n{description}"));
        self.seats.insert(node, process.clone());
        self.nodes.insert(node, Node { name, process, last, lease: self.now + LEASE_MS, is_ready });
        self.append(&self.members(), false, &header, &body);
        Reply::Joined { seat: self.seat(node), sequence: self.sequence, at_ms: self.time, others }
    }

    fn refresh(&mut self, seat: &Seat, read: Position, is_ready: bool, is_anothers: bool) -> Reply {
        self.awake();
        self.store();
        let may_have_read = self.unsettled.get(&seat.node).copied().unwrap_or(self.known);
        if read.sequence > if is_anothers { may_have_read } else { self.sequence } {
            if seat.network == self.network {
                self.dissolve();
            }
            self.sequence = self.sequence.max(read.sequence);
            return Reply::Gone;
        }
        let last = match self.standing(seat) {
            Ok(last) => last,
            Err(reply) => return reply,
        };
        let Some(inbox) = self.inboxes.get_mut(&key(seat)) else {
            self.remove(seat.node, "its inbox is gone");
            return Reply::Gone;
        };
        while inbox.entries.pop_front_if(|entry| entry.position < read).is_some() {}
        self.unsettled.remove(&seat.node);
        if let Some(node) = self.nodes.get_mut(&seat.node) {
            node.lease = self.now + LEASE_MS;
            node.is_ready |= is_ready;
        }
        self.reap(seat.node);
        Reply::Fine { last }
    }

    fn leave(&mut self, seat: &Seat, reason: &str) -> Reply {
        if self.standing(seat).is_ok() {
            self.remove(seat.node, &one_line(reason));
            self.store();
        }
        Reply::Fine { last: 0 }
    }
}

// The order.
impl Model {
    fn propose(&mut self, seat: &Seat, proposals: &[Proposal]) -> Reply {
        let mut last = match self.standing(seat) {
            Ok(last) => last,
            Err(reply) => return reply,
        };
        if !self.unsettled.is_empty() {
            return Reply::Wait;
        }
        for proposal in proposals {
            if proposal.number > last {
                last = proposal.number;
                self.order(seat.node, proposal);
            }
        }
        if let Some(node) = self.nodes.get_mut(&seat.node) {
            node.last = last;
        }
        self.store();
        if self.fault == Some(Fault::Denied) {
            self.fault = None;
            return Reply::Failed { why: "a fault of the model".to_owned() };
        }
        Reply::Fine { last }
    }

    fn order(&mut self, origin: u32, proposal: &Proposal) {
        self.sequence += 1;
        let reach = write_reach(&proposal.reach, origin);
        let mut to = self.meant(&reach);
        if self.fault == Some(Fault::Lost) && to.len() > 1 {
            to.retain(|node| *node == origin);
            self.fault = None;
        }
        let header = self.header(origin, proposal.number, &reach);
        self.append(&to, false, &header, &proposal.change);
        if self.fault == Some(Fault::Doubled) {
            self.fault = None;
            self.sequence += 1;
            self.append(&to, false, &header, &proposal.change);
        }
        if self.fault == Some(Fault::Swapped) {
            self.swap(to[0]);
        }
    }

    /// The last two changes of an inbox change places.
    fn swap(&mut self, node: u32) {
        let Some(inbox) = self.inboxes.get_mut(&(self.network.clone(), node)) else { return };
        let length = inbox.entries.len();
        let is_change = |entry: &Entry| !entry.header.ends_with(char::is_alphabetic);
        if length < 2 || !inbox.entries.range(length - 2..).all(is_change) {
            return;
        }
        inbox.entries.swap(length - 1, length - 2);
        let (one, other) = (inbox.entries[length - 1].position, inbox.entries[length - 2].position);
        (inbox.entries[length - 1].position, inbox.entries[length - 2].position) = (other, one);
        self.fault = None;
    }

    fn meant(&self, reach: &str) -> Vec<u32> {
        let is_meant = |node: &u32| reach == "*" || reach.split(',').any(|it| it.parse() == Ok(*node));
        self.nodes.keys().copied().filter(is_meant).collect()
    }

    fn whisper(&mut self, seat: &Seat, reach: &str, text: &str) {
        if self.standing(seat).is_err() {
            return;
        }
        let has_room = |node: &u32| {
            let inbox = self.inboxes.get(&(self.network.clone(), *node));
            *node != seat.node && inbox.is_none_or(|it| it.entries.len() <= INBOX_ENTRIES)
        };
        let to: Vec<u32> = self.meant(reach).into_iter().filter(has_room).collect();
        let header = self.header(seat.node, 0, "w");
        self.append(&to, true, &header, text);
    }
}

// What is kept.
impl Model {
    fn snapshot(&mut self, seat: &Seat, node: u32, sequence: u64, text: &str) {
        let now = self.now;
        self.snapshots.retain(|_, (_, until)| *until > now);
        let is_new = !self.snapshots.contains_key(&(node, sequence));
        if self.standing(seat).is_err() || !self.nodes.contains_key(&node) || !is_new {
            return;
        }
        let until = now + i64::from(SNAPSHOT_SECONDS) * 1000;
        self.snapshots.insert((node, sequence), (text.to_owned(), until));
        let header = self.header(seat.node, 0, "s");
        self.append(&[node], true, &header, &sequence.to_string());
    }

    fn take_snapshot(&self, node: u32, sequence: u64) -> Reply {
        let found = self.snapshots.get(&(node, sequence)).filter(|(_, until)| *until > self.now);
        Reply::Text(found.map(|(text, _)| text.clone()))
    }

    fn record(&mut self, sequence: u64, key: &str, value: Option<&str>) {
        let digits = |text: &str| text.split(|it: char| !it.is_ascii_digit()).next().and_then(|it| it.parse().ok());
        let old: Option<u64> = self.records.get(key).and_then(|text| digits(text));
        if old.or(self.buried).is_some_and(|before| sequence <= before) {
            return;
        }
        let text = value.map_or(format!("{sequence}-"), |value| format!("{sequence} {value}"));
        self.records.insert(key.to_owned(), text);
        self.over.retain(|(_, known)| known != key);
        if value.is_none() {
            self.over.insert((sequence, key.to_owned()));
            self.bury();
        }
    }

    fn bury(&mut self) {
        if self.over.len() > self.tombstones.unwrap_or(TOMBSTONES)
            && let Some((sequence, key)) = self.over.pop_first()
        {
            self.records.remove(&key);
            self.buried = self.buried.max(Some(sequence));
        }
    }

    fn page_of_records(&self) -> Reply {
        let items = self.records.iter().map(|(key, text)| (key.clone(), text.clone()));
        Reply::Page { next: None, items: items.collect() }
    }

    fn history_op(&mut self, text: &str) {
        let after = if self.history_end.sequence == self.sequence { self.history_end.after + 1 } else { 0 };
        self.history_end = Position { sequence: self.sequence, after: after.max(u64::from(self.sequence == 0)) };
        self.history.push_back((self.history_end, text.to_owned()));
        if self.history.len() > HISTORY_OPS {
            self.history.pop_front();
        }
    }

    fn page_of_history(&self, from: &str) -> Reply {
        let after = from.strip_prefix('(').and_then(Position::parse);
        let first = Position::parse(from).unwrap_or_default();
        let is_meant = |at: Position| after.map_or(at >= first, |after| at > after);
        let found = self.history.iter().filter(|(at, _)| is_meant(*at)).take(PAGE);
        let items: Vec<_> = found.map(|(at, text)| (at.to_string(), text.clone())).collect();
        let next = items.last().filter(|_| items.len() == PAGE).map(|(at, _)| format!("({at}"));
        Reply::Page { next, items }
    }

    fn put_ticket(&mut self, word: &str, value: &str, seconds: u64) {
        let now = self.now;
        self.tickets.retain(|_, (_, until)| *until > now);
        let until = now.saturating_add_unsigned(seconds.saturating_mul(1000));
        self.tickets.entry(word.to_owned()).or_insert((value.to_owned(), until));
    }

    fn take_ticket(&mut self, word: &str) -> Reply {
        let found = self.tickets.remove(word).filter(|(_, until)| *until > self.now);
        Reply::Text(found.map(|(value, _)| value))
    }
}
