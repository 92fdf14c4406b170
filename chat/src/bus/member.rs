//! One node's part in the bus, without I/O and clock: what it is, what it asks of Redis next, and what it tells the
//! chat.
//!
//! ```text
//! Joining ─► Waiting for a snapshot, records, history ─► Member ─► Dying: reads to its own end ─► Joining
//! ```

use std::collections::VecDeque;
use std::mem;

mod inbox;
mod pace;
mod replies;
mod waiting;

use self::pace::Spell;
use self::waiting::Waiting;
use super::entry::one_line;
use super::limits::{
    CHANGE_BYTES, NUMBER_GAP, QUEUED_REQUESTS, REFUSED_MS, REQUESTS_PER_CALL, SNAPSHOT_BYTES, WHISPER_BYTES,
};
use super::open::Open;
use super::request::{Entrance, Position, Proposal, Request, Seat};
use super::{Command, Happened, HistoryMark, NodeCard, Reach, charter};

/// Two words of chance: 64 bits each.
#[derive(Debug, Clone)]
pub struct Words {
    /// For a network that this node founds.
    pub network: String,
    /// For this process alone.
    pub process: String,
}

/// Which inbox is read, and from where on. Another `membership` is another inbox, even of the same node.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// Counts joinings.
    pub membership: u64,
    /// Whose inbox it is.
    pub seat: Seat,
    /// The last entry that was read.
    pub after: Position,
}

/// One node.
#[derive(Debug)]
pub struct Member {
    entrance: Entrance,
    history: Option<HistoryMark>,
    phase: Phase,
    link: Link,
    /// Which Redis process answers, by its own word, and whether it is another one than this node last was a member at.
    process: String,
    is_another: bool,
    /// Whether the chat was told that Redis is away, and how.
    told_lost: Option<String>,
    told_refused: Option<String>,
    reading: Reading,
    read_since_refresh: usize,
    highest: u64,
    number_from: u64,
    open: Open,
    queue: VecDeque<Request>,
    leaving: Option<String>,
    in_flight: Vec<Request>,
    next_refresh: i64,
    /// When the call that is on its way was made, and whether Redis is slow.
    asked_at: i64,
    spell: Option<Spell>,
    /// For how long it stays away when it is out, where it left because it could not follow.
    pause: i64,
    /// When proposals, and when other requests, are sent again after Redis took none.
    propose_at: i64,
    queue_at: i64,
    happened: Vec<Happened>,
}

/// What a node is.
#[derive(Debug)]
enum Phase {
    /// Not in the chat; asks to be from this time on.
    Joining { at: i64 },
    /// Joined, and the chat does not know yet, for its state is still on its way.
    Waiting(Waiting),
    /// In the chat.
    Member,
    /// Declared dead, and looks for its own end in its inbox, in which so many reads found nothing.
    Dying { empty_reads: u32 },
    /// Left.
    Over,
}

/// The connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    Down,
    /// There, and it is not known whether this node is still a member.
    Unchecked,
    Up,
}

impl Member {
    /// A node that is not yet in the chat. `history` is how far it knows the history.
    ///
    /// # Errors
    /// Where the charter is no JSON object: why.
    pub fn new(card: &NodeCard, words: Words, history: Option<HistoryMark>) -> Result<Member, String> {
        let entrance = Entrance {
            name: one_line(&card.name),
            version: one_line(&card.version),
            description: one_line(&card.description),
            protocol: card.protocol,
            charter: charter::canonical(&card.charter)?,
            former: 0,
            read: history.as_ref().map_or(0, |mark| mark.sequence),
            last: 0,
            word: words.network,
            process: words.process,
        };
        Ok(Member {
            entrance,
            history,
            phase: Phase::Joining { at: i64::MIN },
            link: Link::Down,
            process: String::new(),
            is_another: false,
            told_lost: None,
            told_refused: None,
            reading: Reading::default(),
            read_since_refresh: 0,
            highest: 0,
            number_from: 1,
            open: Open::default(),
            queue: VecDeque::new(),
            leaving: None,
            in_flight: Vec::new(),
            next_refresh: i64::MIN,
            asked_at: 0,
            spell: None,
            pause: 0,
            propose_at: i64::MIN,
            queue_at: i64::MIN,
            happened: Vec::new(),
        })
    }

    /// What happened since this was last asked.
    pub fn happened(&mut self) -> Vec<Happened> {
        mem::take(&mut self.happened)
    }

    /// Whether this node has left, or is to leave and cannot say so.
    pub fn is_over(&self) -> bool {
        let is_known = matches!(self.phase, Phase::Waiting(_) | Phase::Member);
        matches!(self.phase, Phase::Over) || (self.leaving.is_some() && (self.link == Link::Down || !is_known))
    }

    /// Which inbox is to be read, if one is. Before it is known that the network is still the same, none is.
    pub fn reading(&self) -> Option<&Reading> {
        let has_inbox = matches!(self.phase, Phase::Waiting(_) | Phase::Member | Phase::Dying { .. });
        (self.link == Link::Up && has_inbox).then_some(&self.reading)
    }

    /// The node's number, while it is in the chat.
    pub fn node(&self) -> Option<u32> {
        matches!(self.phase, Phase::Member).then_some(self.reading.seat.node)
    }

    /// When [`Member::requests`] has to be asked at the latest, though nothing happens.
    pub fn due(&self) -> i64 {
        if self.link == Link::Down || !self.in_flight.is_empty() {
            return i64::MAX;
        }
        if self.link == Link::Unchecked {
            return self.next_refresh;
        }
        let proposes = self.is_member() && self.open.is_waiting();
        let propose = if proposes { self.propose_at } else { i64::MAX };
        let queue = if self.queue.is_empty() { i64::MAX } else { self.queue_at };
        propose.min(queue).min(match &self.phase {
            Phase::Joining { at } => *at,
            Phase::Waiting(waiting) => self.next_refresh.min(waiting.deadline()),
            Phase::Member => self.next_refresh,
            Phase::Dying { .. } | Phase::Over => i64::MAX,
        })
    }

    fn is_member(&self) -> bool {
        matches!(self.phase, Phase::Member)
    }
}

// What the chat asks.
impl Member {
    /// Takes a command of the chat.
    pub fn command(&mut self, command: Command) {
        let seat = || self.reading.seat.clone();
        let request = match command {
            Command::Propose { number, reach, change } => return self.propose(number, reach, change),
            Command::Rejoin { reason } => return self.rejoin(&reason),
            Command::Leave { reason } => {
                self.leaving = Some(one_line(&reason));
                return;
            }
            // Dropping the reply says that there is none: whoever waits for it cannot wait for Redis.
            Command::TakeTicket { .. } if self.link == Link::Down => return,
            Command::TakeTicket { word, reply } => Request::TakeTicket { word, reply: Some(reply) },
            Command::PutTicket { word, value, seconds } => Request::PutTicket { word, value, seconds },
            Command::Whisper { to, text } => Request::Whisper { seat: seat(), to, text },
            Command::Snapshot { node, sequence, text } => Request::Snapshot { seat: seat(), node, sequence, text },
            Command::Record { sequence, key, value } => Request::Record { sequence, key, value },
            Command::HistoryOp { text } => Request::HistoryOp { text },
        };
        self.enqueue(request);
    }

    /// Leaves, reads up to its own end like one that was given up, and joins anew after a pause: what it could not follow may come
    /// again.
    fn rejoin(&mut self, reason: &str) {
        if self.is_member() && self.pause == 0 {
            self.pause = REFUSED_MS;
            let (seat, reason) = (self.reading.seat.clone(), one_line(reason));
            self.queue.push_back(Request::Leave { seat, reason });
        }
    }

    fn propose(&mut self, number: u64, reach: Reach, change: String) {
        let is_out = !self.is_member() || number < self.number_from;
        let why = if is_out {
            "this node is not in the chat, or joined it anew since".to_owned()
        } else if number <= self.highest {
            format!("its number is to be above {}", self.highest)
        } else if change.len() > CHANGE_BYTES {
            format!("it has {} bytes, and {CHANGE_BYTES} are the most", change.len())
        } else if !self.open.has_room(change.len()) {
            "too many wait for Redis already".to_owned()
        } else {
            self.highest = number;
            return self.open.push(Proposal { number, reach, change: change.into() });
        };
        self.happened.push(Happened::NotTaken { number, why, is_out });
    }

    fn enqueue(&mut self, request: Request) {
        let length = match &request {
            Request::Whisper { text, .. } => text.len().saturating_sub(WHISPER_BYTES),
            Request::Snapshot { text, .. } => text.len().saturating_sub(SNAPSHOT_BYTES),
            _ => 0,
        };
        if length > 0 {
            let what = if matches!(request, Request::Snapshot { .. }) {
                "the state for a node that joins"
            } else {
                "a text for another node"
            };
            self.drop_it(format!("{what} is {length} bytes too long and was dropped"));
        } else if self.queue.len() >= QUEUED_REQUESTS {
            self.drop_it(format!("more than {QUEUED_REQUESTS} requests wait for Redis; what comes now is dropped"));
        } else {
            self.queue.push_back(request);
        }
    }

    /// What is dropped is no sign that Redis is away.
    fn drop_it(&mut self, why: String) {
        self.happened.push(Happened::Dropped { why });
    }

    fn tell_lost(&mut self, why: String) {
        if self.told_lost.as_ref() != Some(&why) {
            self.told_lost = Some(why.clone());
            self.happened.push(Happened::Lost { why });
        }
    }
}

// What Redis is asked.
impl Member {
    /// What to send to Redis now, as one call: nothing while one is on its way. Its replies go to [`Member::replied`],
    /// or its end to [`Member::lost`].
    pub fn requests(&mut self, now: i64) -> &[Request] {
        if self.link == Link::Down || !self.in_flight.is_empty() {
            return &[];
        }
        self.look_at_deadline(now);
        self.in_flight = self.next_requests(now);
        self.asked_at = now;
        &self.in_flight
    }

    /// The call that is on its way.
    pub(super) fn in_flight(&self) -> &[Request] {
        &self.in_flight
    }

    fn look_at_deadline(&mut self, now: i64) {
        if matches!(&self.phase, Phase::Waiting(waiting) if waiting.deadline() <= now) {
            self.join_anew(now);
        }
    }

    fn next_requests(&mut self, now: i64) -> Vec<Request> {
        let mut requests = Vec::new();
        if matches!(&self.phase, Phase::Joining { at } if *at <= now) && self.leaving.is_none() {
            requests.push(Request::Join(self.entrance.clone()));
        }
        let is_known = matches!(self.phase, Phase::Waiting(_) | Phase::Member);
        if is_known && self.next_refresh <= now {
            requests.push(self.refresh());
        }
        if self.link == Link::Up {
            self.next_work(now, &mut requests);
        }
        requests
    }

    fn next_work(&mut self, now: i64, requests: &mut Vec<Request>) {
        let seat = || self.reading.seat.clone();
        if self.queue_at <= now {
            let count = self.queue.len().min(REQUESTS_PER_CALL);
            requests.extend(self.queue.drain(..count));
        }
        if self.is_member() && self.open.is_waiting() && self.propose_at <= now {
            requests.push(Request::Propose { seat: seat(), proposals: self.open.send() });
        }
        let is_done = self.queue.is_empty() && !self.open.is_waiting();
        if let (true, Phase::Member | Phase::Waiting(_), Some(reason)) = (is_done, &self.phase, &self.leaving) {
            requests.push(Request::Leave { seat: seat(), reason: reason.clone() });
        }
    }

    fn refresh(&mut self) -> Request {
        self.read_since_refresh = 0;
        let Reading { seat, after, .. } = &self.reading;
        let (is_ready, is_anothers) = (self.is_member(), self.is_another);
        Request::Refresh { seat: seat.clone(), read: *after, is_ready, is_anothers }
    }

    /// Not a member, and the chat knows nothing of it: asks again.
    fn join_anew(&mut self, now: i64) {
        // Who is out has left: a membership that comes is another.
        self.queue.retain(|request| !waiting::asks(request) && !matches!(request, Request::Leave { .. }));
        if self.link == Link::Unchecked {
            // There is no membership left that could be checked.
            self.link = Link::Up;
        }
        self.phase = Phase::Joining { at: now + mem::take(&mut self.pause) };
    }

    /// No member any more.
    fn out(&mut self, now: i64) {
        let lost = self.open.clear();
        if matches!(self.phase, Phase::Member | Phase::Dying { .. }) {
            let Reading { seat, after, .. } = &self.reading;
            self.history = Some(HistoryMark { network: seat.network.clone(), sequence: after.sequence });
            self.number_from = (self.highest.max(self.number_from) / NUMBER_GAP + 1) * NUMBER_GAP + 1;
            self.entrance.last = self.number_from - 1;
            self.happened.push(Happened::Out { lost });
        }
        self.join_anew(now);
    }
}
