//! What crosses the border between the core and the server edge: plain data.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use zeroize::Zeroizing;

use super::keep::{Answer, Buffer, Keep, Question, Record};
use super::network::{NodeId, Ordered, Proposal, Snapshot};
use super::{Account, AccountSettings, Admitted, GuestSettings, Limits, Operator};

/// A connection, numbered by the edge; a number is never given twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ClientId(pub u64);

/// Client numbers are the edge's own, not a peer's choice: mixing their bits is enough, and found in one step.
#[derive(Debug, Default)]
pub struct ClientHasher(u64);

impl Hasher for ClientHasher {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0.rotate_left(32)
    }
}

/// Something for each client.
pub type ByClient<T> = HashMap<ClientId, T, BuildHasherDefault<ClientHasher>>;

/// The wall clock at the time of an event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Now {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub unix_ms: i64,
}

impl Now {
    /// Whole seconds since 1970-01-01T00:00:00Z.
    pub fn seconds(self) -> i64 {
        self.unix_ms.div_euclid(1000)
    }
}

/// Who a verified client certificate says its holder is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The account, or `None` where the certificate's name does not fit an account; then `refusal` says why.
    pub account: Option<Account>,
    /// Why there is no account: what was found and what is allowed. Shown to the user.
    pub refusal: Option<String>,
    /// SHA-256 of the certificate's DER, in lower-case hex.
    pub fingerprint: String,
    /// The certificate's notAfter, in seconds since 1970.
    pub not_after_unix: i64,
}

/// What happened at the edge.
#[derive(Debug, Clone)]
pub enum Event {
    /// A connection is ready to speak IRC.
    Accepted {
        /// Its number.
        client: ClientId,
        /// The peer's address as text, without its port.
        host: String,
        /// Whether it is encrypted.
        secure: bool,
        /// Who its certificate says it is; `None` without a certificate.
        identity: Option<Identity>,
        /// Whether it may be given a port of its own: not where it has one already, or where none are given.
        may_move: bool,
    },
    /// A line came in.
    Line {
        /// From whom.
        client: ClientId,
        /// The line without its CR LF.
        line: Vec<u8>,
    },
    /// A line came in that was too long to be kept.
    LineTooLong {
        /// From whom.
        client: ClientId,
        /// Its tags with their `@`, if they were not too long as well.
        tags: Vec<u8>,
    },
    /// The connection is no more. Not needed after an [`Action::Close`].
    Gone {
        /// Which.
        client: ClientId,
        /// Why, as shown to those who shared a channel.
        reason: String,
    },
    /// What became of an [`Action::Ask`].
    Answered {
        /// Who waits for it.
        client: ClientId,
        /// The answer.
        answer: Box<Answer>,
    },
    /// A client may not be here any longer, by its certificate or by the lists of who may come in.
    Dismissed {
        /// Which.
        client: ClientId,
        /// Why, as shown to it and to those who shared a channel.
        reason: String,
    },
    /// Another program has changed what is kept: all of it, as it is now.
    RecordsChanged(Vec<Record>),
    /// The configuration was read again.
    Reconfigured(Box<Settings>),
    /// What came of the last [`Action::Reload`], or of another wish to read everything again.
    ReadAgain {
        /// What could not be read, where, and why, in one line each; empty where all was read.
        problems: Vec<String>,
    },
    /// This server is a node of a network from now on, or again. Comes before any client.
    Joined(Box<Joined>),
    /// A change has its place in the network's order.
    Ordered(Box<Ordered>),
    /// A node has come into the network; this one too hears so of itself.
    NodeJoined {
        /// Its number.
        node: NodeId,
        /// Its name.
        name: String,
        /// Its program's version.
        version: String,
        /// What it is, in a few words.
        description: String,
        /// When.
        at: Now,
    },
    /// A node is in the network no more, with all its users.
    NodeLeft {
        /// Its number.
        node: NodeId,
        /// Why.
        reason: String,
        /// When.
        at: Now,
        /// Its place in the order.
        sequence: u64,
    },
    /// A proposal is not in the order, and will not be.
    NotMade {
        /// Its number.
        number: u64,
        /// Why not.
        why: String,
    },
    /// The bus can't be reached.
    CutOff {
        /// Why: what was expected and what was found.
        why: String,
    },
    /// It can be reached again, and what happened meanwhile follows.
    Reached,
    /// The others have given this node up while it was cut off: its users are gone for them, until it joins again.
    GivenUp,
    /// The time of the last [`Action::WakeAt`] has come.
    Tick,
    /// The server ends: everybody is told and closed.
    Shutdown {
        /// Why, as shown to everybody.
        reason: String,
    },
}

/// A place in a network.
#[derive(Debug, Clone)]
pub struct Joined {
    /// This node's number.
    pub node: NodeId,
    /// When it came.
    pub at: Now,
    /// The number that its next proposal has at least.
    pub first_number: u64,
    /// How things stand; `None` where this node is the first.
    pub snapshot: Option<Snapshot>,
    /// What is kept, on every node the same.
    pub records: Vec<Record>,
    /// Messages that were taken back while this node was away: their conversations, as they are called now, and identifiers.
    pub taken_back: Vec<(Buffer, String)>,
}

/// What the edge is to do.
#[derive(Debug, Clone)]
pub enum Action {
    /// Send a line.
    Send {
        /// To whom.
        client: ClientId,
        /// The whole line with CR LF: at most 512 bytes, and tags before them. All its receivers share it.
        line: Arc<[u8]>,
    },
    /// Close a connection after what was sent before is flushed. The core has forgotten the client already.
    Close {
        /// Which.
        client: ClientId,
        /// Why.
        reason: String,
    },
    /// Read no more lines of a client, as too many of them wait already; or read on.
    Listen {
        /// Which.
        client: ClientId,
        /// Whether it is read.
        listens: bool,
    },
    /// Call with [`Event::Tick`] at this time; replaces the time asked for before.
    WakeAt {
        /// Milliseconds since 1970.
        at_ms: i64,
    },
    /// Read the configuration, the certificates and the revocation lists again: an operator asked for it.
    Reload,
    /// Something an operator may want to know. Boxed, so that the many sends stay small.
    Log(Box<LogEntry>),
    /// Something to keep. It has to be safe before anything that comes after it is sent.
    Keep(Box<Keep>),
    /// Have a change put in order for all nodes that it reaches: [`Event::Ordered`] or [`Event::NotMade`] follows.
    Propose(Box<Proposal>),
    /// A node has come that has to be told how things stand now.
    Describe {
        /// Which.
        node: NodeId,
    },
    /// Something to find out. Exactly one [`Event::Answered`] for this client has to follow, unless the client goes first.
    Ask {
        /// Who waits.
        client: ClientId,
        /// What for.
        question: Box<Question>,
    },
}

/// What an operator may want to know. Names are as the client gave them: escape them before showing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogEntry {
    /// A client finished its registration.
    Registered {
        /// Which.
        client: ClientId,
        /// Its address.
        host: String,
        /// Its nickname.
        nickname: String,
        /// Its account, if its certificate gave it one.
        account: Option<String>,
    },
    /// A client was not given the nickname that it asked for.
    NicknameRefused {
        /// Which.
        client: ClientId,
        /// Its address.
        host: String,
        /// What it asked for.
        nickname: String,
        /// Why not.
        reason: String,
    },
    /// A client lost its nickname to the account that owns it.
    NicknameReclaimed {
        /// Who lost it.
        client: ClientId,
        /// The nickname.
        nickname: String,
        /// Whose it is.
        account: String,
    },
    /// A certificate is valid, but its name is no account.
    NoAccount {
        /// Whose.
        client: ClientId,
        /// Why.
        reason: String,
    },
    /// A client became an IRC operator.
    OperatorCame {
        /// Which.
        client: ClientId,
        /// Its nickname.
        nickname: String,
        /// The operator's name in the configuration.
        operator: String,
    },
    /// A client did not become an IRC operator.
    OperatorRefused {
        /// Which.
        client: ClientId,
        /// Its address.
        host: String,
        /// Its nickname.
        nickname: String,
        /// The operator's name in the configuration; `-` where it gave another.
        operator: String,
        /// Why not.
        reason: &'static str,
    },
    /// An operator closed a client.
    Killed {
        /// Which.
        client: ClientId,
        /// Its nickname.
        nickname: String,
        /// The operator's nickname.
        by: String,
    },
    /// A client logged in, by AUTHENTICATE or by registering an account.
    LoggedIn {
        /// Which.
        client: ClientId,
        /// Its address.
        host: String,
        /// As which account.
        account: String,
    },
    /// A client did not log in.
    LoginFailed {
        /// Which.
        client: ClientId,
        /// Its address.
        host: String,
        /// The account that it tried; none where it named nothing that can be one.
        account: Option<String>,
        /// Why not.
        reason: String,
    },
    /// The core closed a client.
    Closed {
        /// Which.
        client: ClientId,
        /// Why.
        reason: String,
    },
}

/// A connection password. Never shown; compared in a time that does not depend on where it differs.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes a password from the configuration.
    pub fn new(text: String) -> Password {
        Password(Zeroizing::new(text))
    }

    pub(super) fn matches(&self, given: &str) -> bool {
        let (expected, given) = (self.0.as_bytes(), given.as_bytes());
        let difference = expected.iter().zip(given).fold(0, |sum, (a, b)| sum | (a ^ b));
        expected.len() == given.len() && difference == 0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// A promise that this server is there over TLS (IRCv3 strict transport security).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sts {
    /// Where TLS is spoken, told to those who came without.
    pub port: u16,
    /// For how many seconds that will be so, told to those who came over TLS.
    pub duration: u32,
}

/// How a server presents itself and what it allows.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The server's name, as in the source of numerics: a host name without spaces.
    pub name: String,
    /// The network's name, in 001 and 005: one word.
    pub network: String,
    /// One line about the server.
    pub description: String,
    /// The message of the day; empty for none.
    pub motd: Vec<String>,
    /// The program's name and version: one word, like `chat-0.1.0`.
    pub version: String,
    /// Some letters and digits that no other run of any server has; message identifiers begin with them.
    pub instance: String,
    /// When the server was started, as text.
    pub created: String,
    /// When the server was started.
    pub started: Now,
    /// Whether what is said is kept, so that it can be read later.
    pub history: bool,
    /// Every bound.
    pub limits: Limits,
    /// What a client must send with PASS; `None` where nothing is needed.
    pub password: Option<Password>,
    /// What is allowed with accounts that have a password.
    pub accounts: AccountSettings,
    /// Which accounts may be used.
    pub admitted: Admitted,
    /// What is allowed without an account.
    pub guests: GuestSettings,
    /// What clients are told about coming over TLS only; `None` for nothing.
    pub sts: Option<Sts>,
    /// Who may become an IRC operator.
    pub operators: Vec<Operator>,
    /// Accounts whose nicknames are kept for them before they are first seen.
    pub reserved: Vec<Account>,
}

impl Settings {
    /// Those of a server of this name of which nothing else is set: it keeps no history, and lets everyone in.
    pub fn of(name: &str) -> Settings {
        Settings {
            name: name.to_owned(),
            network: "Chat".to_owned(),
            description: String::new(),
            motd: Vec::new(),
            version: concat!("chat-", env!("CARGO_PKG_VERSION")).to_owned(),
            instance: String::new(),
            created: String::new(),
            started: Now { unix_ms: 0 },
            history: false,
            limits: Limits::default(),
            password: None,
            accounts: AccountSettings::default(),
            admitted: Admitted::default(),
            guests: GuestSettings::default(),
            sts: None,
            operators: Vec::new(),
            reserved: Vec::new(),
        }
    }
}
