//! What a node asks of Redis, what it answers, and what it finds in its inbox. [`super::redis`] speaks this to a real
//! one, [`super::model`] is one in plain Rust.

use super::{Reach, TicketReply};

/// A place in an inbox: the sequence number, and a count of what came after it outside of the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Position {
    /// The number in the order.
    pub sequence: u64,
    /// 0 for what has that number, more for what only came then.
    pub after: u64,
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.sequence, self.after)
    }
}

impl Position {
    /// Reads what `Display` writes.
    pub fn parse(text: &str) -> Option<Position> {
        let (sequence, after) = text.split_once('-')?;
        Some(Position { sequence: sequence.parse().ok()?, after: after.parse().ok()? })
    }
}

/// An entry of an inbox, as it stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where.
    pub position: Position,
    /// `TIME ORIGIN NUMBER KIND`, as `script.lua` has it.
    pub header: String,
    /// The text.
    pub body: String,
}

/// A change that a node wants in the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Its number among those of the node.
    pub number: u64,
    /// Whom it goes to.
    pub reach: Reach,
    /// The change.
    pub change: std::sync::Arc<str>,
}

/// Who asks: its number, and the network it is in, by the word that the founder made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seat {
    /// The node's number.
    pub node: u32,
    /// The network's word.
    pub network: String,
}

/// How a node comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entrance {
    /// The node's name.
    pub name: String,
    /// The version of its program.
    pub version: String,
    /// What it is, in a few words.
    pub description: String,
    /// The version of what nodes say to each other.
    pub protocol: u32,
    /// The settings that all nodes share, in canonical form.
    pub charter: String,
    /// The number that it had before, or 0.
    pub former: u32,
    /// How far it has ever read.
    pub read: u64,
    /// The last number of a proposal of its that must not be taken any more.
    pub last: u64,
    /// A word for the network, if this node founds it.
    pub word: String,
    /// A word of this process alone, by which a join that was answered into the void is known again.
    pub process: String,
}

/// One request.
#[derive(Debug)]
pub enum Request {
    /// To become a member.
    Join(Entrance),
    /// A sign of life, which also removes those who gave none, and what this node has read.
    Refresh {
        /// Who.
        seat: Seat,
        /// How far it has read.
        read: Position,
        /// Whether it knows the chat's state, so that it can send snapshots.
        is_ready: bool,
        /// Whether it was another process of Redis that it read from.
        is_anothers: bool,
    },
    /// To have changes ordered.
    Propose {
        /// Who.
        seat: Seat,
        /// The changes, by rising numbers.
        proposals: Vec<Proposal>,
    },
    /// Text to other nodes, outside of the order.
    Whisper {
        /// Who.
        seat: Seat,
        /// To whom.
        to: Reach,
        /// What.
        text: String,
    },
    /// The state for a joining node.
    Snapshot {
        /// Who gives it.
        seat: Seat,
        /// For whom.
        node: u32,
        /// At which place of the order: that of the other's joining.
        sequence: u64,
        /// The state.
        text: String,
    },
    /// The snapshot for the node that joined there.
    TakeSnapshot {
        /// Which node.
        node: u32,
        /// Where it joined.
        sequence: u64,
    },
    /// The records after a cursor, `0` at first.
    Records {
        /// As the page before gave it.
        cursor: String,
    },
    /// The place up to which it is forgotten which records are over: asked for after them, as marks may be dropped meanwhile.
    Buried,
    /// The operations on the history from a place on.
    HistoryOps {
        /// As Redis writes it for XRANGE.
        from: String,
    },
    /// A fact that outlives everything.
    Record {
        /// The place in the order that it is from.
        sequence: u64,
        /// Its name.
        key: String,
        /// What it says; none where it is over.
        value: Option<String>,
    },
    /// An operation on the history.
    HistoryOp {
        /// Which.
        text: String,
    },
    /// Something to be fetched once, by whoever has the word.
    PutTicket {
        /// The word.
        word: String,
        /// What it is good for.
        value: String,
        /// For how long.
        seconds: u64,
    },
    /// To fetch it.
    TakeTicket {
        /// The word.
        word: String,
        /// Where to say what it was good for.
        reply: Option<TicketReply>,
    },
    /// To be no member any more.
    Leave {
        /// Who.
        seat: Seat,
        /// Why.
        reason: String,
    },
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// A member now.
    Joined {
        /// The node's number.
        seat: Seat,
        /// Where in the order.
        sequence: u64,
        /// When.
        at_ms: i64,
        /// Who knows the state and can send it; nobody, for a founder.
        others: Vec<u32>,
    },
    /// No member: these are what the others have.
    Refused {
        /// Their protocol.
        protocol: String,
        /// Their charter.
        charter: String,
        /// Their names.
        names: String,
    },
    /// Done. For what a member asks: the last of its numbers that is in the order.
    Fine {
        /// The number.
        last: u64,
    },
    /// Not yet: whether Redis has lost something is still being looked at.
    Wait,
    /// Declared dead; the inbox has all up to then.
    Dead,
    /// No member of this network, and no inbox that could be trusted.
    Gone,
    /// A text, or none.
    Text(Option<String>),
    /// A page, and where the next begins.
    Page {
        /// None after the last one.
        next: Option<String>,
        /// Names and values; names are places in a stream, where it is one.
        items: Vec<(String, String)>,
    },
    /// Redis refused this request.
    Failed {
        /// In words for a person.
        why: String,
    },
}
