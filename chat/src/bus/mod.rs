//! The bus: how several nodes of a chat become one, over a Redis.
//!
//! ```text
//! core's side ─► Command ─► member ─► Request ─► redis ─► script.lua: one order, an inbox for each node
//!             ◄─ Happened ◄─ no I/O ◄─ Entry  ◄─
//! ```
//!
//! The chat is a replicated state machine. What changes shared state is a *change*, a text that means nothing here. A
//! node proposes it, a script in Redis gives it the next number of one order and a time, and appends it to the inbox of
//! each node that it reaches. So every node sees a part of one order and reads one key.
//!
//! [`member`] is one node's part in this without I/O and clock, [`redis`] the connections, [`model`] the script in plain
//! Rust, and [`simulation`] nodes around a model in virtual time. `docs/decisions/0026` says why it is so.

pub mod address;
mod charter;
mod driver;
mod entry;
mod failure;
pub mod limits;
pub mod member;
pub mod model;
mod open;
pub mod redis;
pub mod request;
pub mod simulation;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

pub use self::address::Address;

/// What a node says of itself when it joins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeCard {
    /// Its name, which others show.
    pub name: String,
    /// The version of its program; nodes of several versions may be in one chat.
    pub version: String,
    /// What it is, in a few words that others show.
    pub description: String,
    /// The version of what nodes say to each other, which all must share.
    pub protocol: u32,
    /// The settings that all nodes must share: one JSON object.
    pub charter: String,
}

/// Which nodes something goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// All.
    Everyone,
    /// These, and the one it is from.
    Nodes(Vec<u32>),
}

/// An entry of the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ordered {
    /// Its place; those between two that a node sees did not reach it.
    pub sequence: u64,
    /// Redis's time in milliseconds since 1970, which never goes back.
    pub at_ms: i64,
    /// The node that it is from.
    pub origin: u32,
    /// That node's number for it; 0 for what no node proposed.
    pub number: u64,
    /// Which nodes it was sent to.
    pub reach: Reach,
    /// What it is.
    pub body: Body,
}

/// What an entry of the order says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// A change, as it was proposed.
    Change(String),
    /// A node is a member now, and needs a snapshot of the state at this place.
    Joined {
        /// Its number.
        node: u32,
        /// Its name.
        name: String,
        /// The version of its program.
        version: String,
        /// What it is, in a few words.
        description: String,
    },
    /// A node is no member any more.
    Left {
        /// Its number.
        node: u32,
        /// Its name.
        name: String,
        /// Why.
        reason: String,
    },
}

/// Where the answer to [`Command::TakeTicket`] goes.
pub type TicketReply = oneshot::Sender<Option<String>>;

/// What the chat asks of the bus.
#[derive(Debug)]
pub enum Command {
    /// To have a change ordered. It comes back as [`Happened::Ordered`], or [`Happened::NotTaken`] or
    /// [`Happened::Out`] name it.
    Propose {
        /// Rises from [`Happened::Joined`]'s `number_from` on.
        number: u64,
        /// Which nodes it concerns.
        reach: Reach,
        /// The change, at most [`limits::CHANGE_BYTES`] long.
        change: String,
    },
    /// Text to other nodes outside of the order, which may be lost. Whoever gets it has read before it what this one had read.
    Whisper {
        /// To whom; the one that it is from gets none.
        to: Reach,
        /// The text, at most [`limits::WHISPER_BYTES`] long.
        text: String,
    },
    /// The state for a node that joined.
    Snapshot {
        /// Which node.
        node: u32,
        /// Where it joined: the sequence of its [`Body::Joined`].
        sequence: u64,
        /// The state right there.
        text: String,
    },
    /// A fact that outlives all nodes. What is from an earlier place than what is there has no effect.
    Record {
        /// The place in the order that it is from.
        sequence: u64,
        /// Its name.
        key: String,
        /// What it says; none where it is over.
        value: Option<String>,
    },
    /// An operation on the history, for nodes that are away now. It may be kept twice.
    HistoryOp {
        /// Which.
        text: String,
    },
    /// Something that whoever has a word may fetch once.
    PutTicket {
        /// The word.
        word: String,
        /// What it is good for.
        value: String,
        /// Seconds for which it is good.
        seconds: u64,
    },
    /// To fetch it.
    TakeTicket {
        /// The word.
        word: String,
        /// Where the value goes; none where there is no such ticket, or Redis cannot be asked now.
        reply: TicketReply,
    },
    /// To leave the others, and to come again after a while with their state: this node can't follow them.
    /// [`Happened::Out`] and [`Happened::Joined`] come of it.
    Rejoin {
        /// Why, for those who stay.
        reason: String,
    },
    /// To leave the others. The bus ends after it.
    Leave {
        /// Why, for those who stay.
        reason: String,
    },
}

/// What a node is told when it has come: its place among the others, and the state by which its own is to be replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Welcome {
    /// Its number.
    pub node: u32,
    /// The network's word: another than before where Redis has forgotten something.
    pub network: String,
    /// The number of its first proposal.
    pub number_from: u64,
    /// The place that the state is from.
    pub sequence: u64,
    /// When that was.
    pub at_ms: i64,
    /// The state; none for a founder.
    pub snapshot: Option<String>,
    /// What outlived all nodes, and the names of what is over.
    pub records: Vec<(String, Option<String>)>,
    /// The place up to which it is forgotten what is over: who has read less far, and keeps what `records` does not have,
    /// can't tell whether it is over.
    pub buried: u64,
    /// Operations on the history since [`BusSettings::history`] or, later, since what this node has read. Some may
    /// have been seen already.
    pub history_ops: Vec<String>,
}

/// What the bus tells the chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// This node is a member. What comes later in the order than its welcome follows.
    Joined(Welcome),
    /// Entries of the order, in order.
    Ordered(Vec<Ordered>),
    /// Text from another node.
    Whispered {
        /// Which.
        from: u32,
        /// The text.
        text: String,
    },
    /// Redis cannot be reached or does not do what it is asked; the bus goes on trying. [`Happened::Back`],
    /// [`Happened::Joined`] or [`Happened::Out`] follows.
    Lost {
        /// In words for an administrator: what, where, what to type.
        why: String,
    },
    /// Redis takes long to answer. Told once in a time of slowness, which [`Happened::Quick`] ends.
    Slow {
        /// Milliseconds that it took.
        delay_ms: i64,
    },
    /// It has answered at once for a while.
    Quick {
        /// Milliseconds that it took at the longest.
        worst_ms: i64,
    },
    /// Redis is there again, and this node is still a member.
    Back,
    /// This node is no member any more: the others had no sign of life, or Redis lost what it held. It joins anew by
    /// itself.
    Out {
        /// The numbers of its proposals that are not in the order.
        lost: Vec<u64>,
    },
    /// The others have other settings; the bus goes on trying.
    Refused {
        /// In words for an administrator: which setting, what here, what there, what to do.
        why: String,
    },
    /// Something that was to be told to others was dropped: for an administrator to know.
    Dropped {
        /// What, and why.
        why: String,
    },
    /// A proposal is not in the order and will not be.
    NotTaken {
        /// Its number.
        number: u64,
        /// In words for an administrator.
        why: String,
        /// Whether the reason is that the node was given up, and has not joined again.
        is_out: bool,
    },
}

/// How far a node's own history is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryMark {
    /// The network's word then.
    pub network: String,
    /// The last place of the order that its history knows.
    pub sequence: u64,
}

/// What the bus is started with.
#[derive(Clone)]
pub struct BusSettings {
    /// Where Redis is, and who this node is there.
    pub address: Address,
    /// The network's name, part of every key, so that one Redis may hold several.
    pub network: String,
    /// How Redis is spoken to over TLS; none for the address's `redis://`.
    pub tls: Option<Arc<rustls::ClientConfig>>,
    /// This node.
    pub card: NodeCard,
    /// How far its history is; none for one that keeps none, or a new one.
    pub history: Option<HistoryMark>,
}

/// What is wrong with settings of the bus.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum UnusableSettings {
    /// The network's name would make other keys than it says.
    #[error("the network's name is to be 1 to {most} letters, digits, '-', '_' or '.', and is {0:?}", most = limits::NETWORK_BYTES)]
    Network(String),
    /// The charter is no JSON object.
    #[error("the settings that all nodes share are to be one JSON object: {0}")]
    Charter(String),
    /// A `rediss://` without a configuration.
    #[error("{0} is to be spoken to over TLS, and no TLS was configured for it")]
    NoTls(String),
    /// No randomness.
    #[error("the system gave no random octets")]
    NoRandomness,
}

/// A running bus. Dropping it makes the node leave.
#[derive(Debug)]
pub struct Bus {
    /// What the chat asks.
    pub commands: mpsc::Sender<Command>,
    /// What the bus tells; it ends after [`Command::Leave`].
    pub happened: mpsc::Receiver<Happened>,
}

impl Bus {
    /// Starts the bus on the runtime that this is called in. It connects and joins by itself and says so.
    ///
    /// # Errors
    /// Where the settings cannot be used. That Redis is not there is no error.
    ///
    /// # Panics
    /// Outside of a runtime.
    pub fn start(settings: BusSettings) -> Result<Bus, UnusableSettings> {
        Bus::start_observed(settings, |_| {})
    }

    /// The same, and tells how long Redis took for each answer.
    ///
    /// # Errors
    /// As for [`Bus::start`].
    ///
    /// # Panics
    /// As [`Bus::start`].
    pub fn start_observed(
        settings: BusSettings,
        answered: impl Fn(Duration) + Send + 'static,
    ) -> Result<Bus, UnusableSettings> {
        let member = settings.member()?;
        let (commands, commands_in) = mpsc::channel(limits::CHANNEL);
        let (happened_out, happened) = mpsc::channel(limits::CHANNEL);
        let link = redis::Link::new(settings.address, &settings.network, settings.tls);
        tokio::spawn(driver::run(member, link, commands_in, happened_out, Box::new(answered)));
        Ok(Bus { commands, happened })
    }
}

impl BusSettings {
    fn member(&self) -> Result<member::Member, UnusableSettings> {
        let named = |it: char| it.is_ascii_alphanumeric() || "-_.".contains(it);
        let length = 1..=limits::NETWORK_BYTES;
        if !length.contains(&self.network.len()) || !self.network.chars().all(named) {
            return Err(UnusableSettings::Network(self.network.clone()));
        }
        if self.address.tls && self.tls.is_none() {
            return Err(UnusableSettings::NoTls(self.address.place()));
        }
        let word = || random_word().ok_or(UnusableSettings::NoRandomness);
        let words = member::Words { network: word()?, process: word()? };
        member::Member::new(&self.card, words, self.history.clone()).map_err(UnusableSettings::Charter)
    }
}

/// 64 bits: nobody guesses it or has it twice.
fn random_word() -> Option<String> {
    let mut octets = [0; 8];
    aws_lc_rs::rand::fill(&mut octets).ok()?;
    Some(octets.iter().fold(String::new(), |text, octet| format!("{text}{octet:02x}")))
}
