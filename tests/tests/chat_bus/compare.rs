//! The same random operations asked of a real Redis and of the model: the same replies, and the same inboxes.

use std::time::SystemTime;

use chat::bus::Reach;
use chat::bus::member::Reading;
use chat::bus::model::Model;
use chat::bus::redis::{Connection, Link};
use chat::bus::request::{Entrance, Entry, Position, Proposal, Reply, Request, Seat};
use chat::bus::simulation::Dice;

use crate::redis::Settings;
use tests::redis::Redis;

/// Operations of one run.
const OPERATIONS: usize = 250;

struct Pair<'a> {
    redis: &'a Redis,
    network: String,
    connection: Connection,
    model: Model,
    seats: Vec<Seat>,
    joinings: Vec<(u32, u64)>,
    dice: Dice,
}

pub(crate) async fn run(redis: &Redis, seed: u64) {
    let network = format!("compare{seed}");
    let connection = Link::new(redis.address(), &network, None).connect().await.expect("connected");
    let (model, dice) = (Model::default(), Dice::new(seed));
    let mut pair = Pair { redis, network, connection, model, seats: Vec::new(), joinings: Vec::new(), dice };
    for count in 0..OPERATIONS {
        pair.disturb();
        let request = pair.request(count);
        let shown = format!("seed {seed}, operation {count}: {request:?}");
        let real = pair.connection.call(std::slice::from_ref(&request)).await.expect("answered").remove(0);
        let model = pair.model.call(now(), &request);
        assert_eq!(plain(real.clone()), plain(model), "{shown}");
        pair.learn(real);
    }
    pair.compare_inboxes().await;
}

impl Pair<'_> {
    /// What happens to a Redis from outside.
    fn disturb(&mut self) {
        let seat = self.seat();
        match self.dice.below(80) {
            0 => {
                self.redis.cli(&["zadd", &self.key("lease"), "XX", "0", &seat.node.to_string()]);
                self.model.expire(seat.node);
            }
            1 => {
                self.redis.cli(&["hset", &self.key("meta"), "run", "another"]);
                self.model = self.model.restarted();
            }
            _ => {}
        }
    }

    fn key(&self, name: &str) -> String {
        format!("{{chat:{}}}:{name}", self.network)
    }

    fn seat(&mut self) -> Seat {
        let index = self.dice.below(self.seats.len() as u64 + 1) as usize;
        self.seats.get(index).cloned().unwrap_or(Seat { node: 99, network: "none".to_owned() })
    }

    fn reach(&mut self) -> Reach {
        match self.dice.below(2) {
            0 => Reach::Everyone,
            _ => Reach::Nodes((0..self.dice.below(3)).map(|_| 1 + self.dice.below(5) as u32).collect()),
        }
    }

    fn request(&mut self, count: usize) -> Request {
        let (seat, word) = (self.seat(), format!("w{count}"));
        let (text, small) = (format!("text {count} é\n"), self.dice.below(6));
        match self.dice.below(24) {
            0..2 => Request::Join(self.entrance(word)),
            2..8 => {
                let far = if self.dice.below(20) == 0 { 10_000 } else { 0 };
                let read = Position { sequence: self.dice.below(count as u64 / 2 + 1) + far, after: 0 };
                Request::Refresh { seat, read, is_ready: small > 2, is_anothers: small == 3 }
            }
            8..14 => Request::Propose { seat, proposals: self.proposals(count) },
            14 => Request::Whisper { seat, to: self.reach(), text },
            15 => {
                let (node, sequence) = self.joining();
                Request::Snapshot { seat, node, sequence, text }
            }
            16 => {
                let (node, sequence) = self.joining();
                Request::TakeSnapshot { node, sequence }
            }
            17 => Request::Record { sequence: small, key: format!("k{}", self.dice.below(3)), value: Some(text) },
            18 => Request::Record { sequence: small, key: format!("k{}", self.dice.below(3)), value: None },
            19 => Request::Records { cursor: "0".to_owned() },
            20 => Request::HistoryOp { text },
            21 if small == 5 => Request::Buried,
            21 => Request::HistoryOps { from: if small == 0 { "-".to_owned() } else { format!("{small}-0") } },
            22 if small < 3 => Request::PutTicket { word: "t".to_owned(), value: text, seconds: 60 },
            22 => Request::TakeTicket { word: "t".to_owned(), reply: None },
            _ if small == 0 => Request::Leave { seat, reason: "bye".to_owned() },
            _ => Request::Propose { seat, proposals: self.proposals(count) },
        }
    }

    fn joining(&mut self) -> (u32, u64) {
        let index = self.dice.below(self.joinings.len() as u64 + 1) as usize;
        self.joinings.get(index).copied().unwrap_or((1, 1))
    }

    fn entrance(&mut self, word: String) -> Entrance {
        let name = format!("n{}", self.dice.below(5));
        let protocol = if self.dice.below(6) == 0 { 2 } else { 1 };
        let (former, read, last) = (self.dice.below(6) as u32, self.dice.below(50), self.dice.below(10));
        let (version, charter, process) = ("1".to_owned(), "{}".to_owned(), name.clone());
        let description = "a node".to_owned();
        Entrance { name, version, description, protocol, charter, former, read, last, word, process }
    }

    fn proposals(&mut self, count: usize) -> Vec<Proposal> {
        let first = count as u64 + self.dice.below(4);
        let one = |number| Proposal { number, reach: self.reach(), change: format!("change {number}").into() };
        (first..first + 3).map(one).collect()
    }

    fn learn(&mut self, reply: Reply) {
        if let Reply::Joined { seat, sequence, .. } = reply {
            self.joinings.push((seat.node, sequence));
            self.seats.retain(|it| *it != seat);
            self.seats.push(seat);
        }
    }

    async fn compare_inboxes(&mut self) {
        for seat in &self.seats {
            let expected = self.model.read(seat, Position::default(), usize::MAX);
            let key = self.key(&format!("in:{}:{}", seat.network, seat.node));
            assert_eq!(self.redis.cli(&["xlen", &key]), expected.len().to_string(), "{seat:?}");
            let mut read = Vec::new();
            while read.len() < expected.len() {
                let after = read.last().map_or(Position::default(), |it: &Entry| it.position);
                let reading = Reading { membership: 1, seat: seat.clone(), after };
                read.extend(self.connection.read(&reading).await.expect("read"));
            }
            let timeless = |entries: Vec<Entry>| entries.into_iter().map(without_time).collect::<Vec<_>>();
            assert_eq!(timeless(read), timeless(expected), "{seat:?}");
        }
    }
}

fn without_time(entry: Entry) -> Entry {
    let header = entry.header.split_once(' ').map_or(String::new(), |it| it.1.to_owned());
    Entry { header, ..entry }
}

/// A reply without what cannot be the same: the time, and the order of what has none.
fn plain(reply: Reply) -> Reply {
    match reply {
        Reply::Joined { seat, sequence, mut others, .. } => {
            others.sort_unstable();
            Reply::Joined { seat, sequence, at_ms: 0, others }
        }
        Reply::Refused { protocol, charter, names } => {
            let mut names: Vec<&str> = names.split(", ").collect();
            names.sort_unstable();
            Reply::Refused { protocol, charter, names: names.join(", ") }
        }
        Reply::Page { next, mut items } => {
            items.sort();
            Reply::Page { next, items }
        }
        other => other,
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_millis()).expect("fits")
}
