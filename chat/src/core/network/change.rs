//! What changes shared state: plain data that crosses the bus as text.

use serde::{Deserialize, Serialize};

use super::NodeId;
use crate::core::channel::{Channel, ChannelModes, Rank};
use crate::core::metadata::Values;
use crate::core::multiline::Piece;
use crate::core::relay::Kind;
use crate::core::session::{Invitation, UserModes};
use crate::core::{Account, ClientId, Identity, Now, Rights};
use crate::wire::channel_name::ChannelName;

/// Whom a change concerns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reach {
    /// Every node.
    Everyone,
    /// These, and the node that proposed it: nobody else needs what it changes.
    Nodes(Vec<NodeId>),
}

/// A change on its way to the bus.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// Rises by one with each proposal of this node: by it the bus takes each only once.
    pub number: u64,
    /// Where it has to be applied.
    pub reach: Reach,
    /// What is to change.
    pub change: Change,
}

/// A change that has its place in the order.
#[derive(Debug, Clone)]
pub struct Ordered {
    /// Its place: rises, with gaps where something did not reach this node.
    pub sequence: u64,
    /// When it was put there: never earlier than what stands before it.
    pub at: Now,
    /// Who proposed it.
    pub origin: NodeId,
    /// The proposal's number.
    pub number: u64,
    /// Where it is applied.
    pub reach: Reach,
    /// What changes.
    pub change: Change,
}

/// What changes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Change {
    /// A client is a user from now on.
    Came(Box<Arrival>),
    /// A registered user's line: its verb is carried out on every node.
    Line {
        /// Whose.
        client: ClientId,
        /// The line as it was sent, with its tags.
        line: String,
    },
    /// A message of several lines.
    Lines(Box<Lines>),
    /// The topic and the lists of a channel that was gone on the other nodes, and came back with its members.
    ChannelBack(Box<Absent>),
    /// A user is no more.
    Left {
        /// Who.
        client: ClientId,
        /// Why, as shown to those who shared a channel.
        reason: String,
    },
    /// A user has another account: that of a password, or with `None` that of its certificate.
    LoggedIn {
        /// Who.
        client: ClientId,
        /// As which account.
        login: Option<Account>,
    },
    /// A user's account is one no more.
    LoggedOut {
        /// Who.
        client: ClientId,
        /// What it is told.
        notice: String,
    },
    /// A user is an IRC operator from now on.
    Promoted {
        /// Who.
        client: ClientId,
        /// What it may do.
        rights: Rights,
    },
    /// A message is taken back.
    Redacted(Box<Redaction>),
    /// An account with a password was made.
    AccountMade {
        /// As it is kept.
        record: String,
    },
    /// An account came with a certificate for the first time.
    AccountSeen(Account),
    /// An administrator's program has added and removed accounts.
    AccountsChanged {
        /// Names of those that are no more.
        gone: Vec<String>,
        /// The others that are new or different, as they are kept.
        come: Vec<String>,
    },
}

/// A user, as all nodes know it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Arrival {
    pub(in crate::core) client: ClientId,
    pub(in crate::core) nickname: String,
    pub(in crate::core) username: Box<str>,
    pub(in crate::core) realname: Box<str>,
    pub(in crate::core) host: Box<str>,
    pub(in crate::core) shown_host: Option<Box<str>>,
    pub(in crate::core) secure: bool,
    pub(in crate::core) identity: Option<Identity>,
    pub(in crate::core) login: Option<Account>,
    pub(in crate::core) away: Option<Box<str>>,
    pub(in crate::core) modes: UserModes,
    pub(in crate::core) rights: Rights,
    pub(in crate::core) connected: Now,
    pub(in crate::core) last_message: Now,
    pub(in crate::core) metadata: Values,
    pub(in crate::core) invitations: Vec<Invitation>,
    /// The channels of somebody who was here before its node was cut off; empty for who is new.
    pub(in crate::core) seats: Vec<Seat>,
    /// Whether it was here before.
    pub(in crate::core) returns: bool,
}

/// A channel as a node knew it whose members were given up, without these.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Absent {
    pub(in crate::core) channel: Channel,
}

/// A place in a channel.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Seat {
    pub(in crate::core) channel: ChannelName,
    /// The name that the channel was made with, and when: one of the same name that was made otherwise is another.
    pub(in crate::core) born: ChannelName,
    pub(in crate::core) created: Now,
    /// When the last change was put in order that its node knew: what is later it has not seen.
    pub(in crate::core) left: Now,
    /// How it is open and to whom, where it is gone on the other nodes.
    pub(in crate::core) modes: ChannelModes,
    pub(in crate::core) rank: Rank,
    /// Whether the channel had a topic.
    pub(in crate::core) had_topic: bool,
}

/// A message of several lines.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Lines {
    pub(in crate::core) client: ClientId,
    pub(in crate::core) kind: Kind,
    pub(in crate::core) target: Box<str>,
    pub(in crate::core) pieces: Vec<Piece>,
    pub(in crate::core) tags: String,
}

/// A message that is taken back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Redaction {
    pub(in crate::core) client: ClientId,
    /// Where it is kept, if it is.
    pub(in crate::core) buffer: Option<String>,
    /// The target as it is shown.
    pub(in crate::core) target: String,
    pub(in crate::core) msgid: String,
    pub(in crate::core) reason: Option<String>,
}
