//! What outlives a connection, and what has to be asked for: plain data that crosses the border to the edge.
//!
//! The core has no disk. What is to be kept goes out as [`Keep`]; the edge has it safe before anybody sees what followed
//! from it. What the core has to know of it goes out as a [`Question`], and comes back as an [`Answer`] before that client's
//! next line is carried out.

mod page;
mod taken_back;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{ClientId, Now};
pub use page::{Page, PageQuery, Position, Stretch, cost};
pub use taken_back::taken_back;

/// Something to keep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Keep {
    /// Something was said or happened; it belongs to a conversation's history.
    Said(Box<Said>),
    /// A message is taken back: its text is not to be found any more.
    Redacted {
        /// The conversation.
        buffer: Buffer,
        /// Which message.
        msgid: String,
    },
    /// A channel has another name, and takes its history along.
    Moved {
        /// As it was.
        from: Buffer,
        /// As it is.
        to: Buffer,
    },
    /// A conversation is not to be found any more.
    Dropped {
        /// Which.
        buffer: Buffer,
    },
    /// A fact by its key; replaces what was there.
    Put {
        /// Of which kind.
        kind: RecordKind,
        /// Its key, unique among those of its kind.
        key: String,
        /// Its value, in a form that only the core knows.
        value: String,
    },
    /// A fact that is no more.
    Forget {
        /// Of which kind.
        kind: RecordKind,
        /// Its key.
        key: String,
    },
}

/// Kinds of facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RecordKind {
    /// An account with a password.
    Account,
    /// An account that came with a certificate, by its name.
    CertificateAccount,
    /// A registered channel.
    Channel,
    /// How far an account has read a conversation.
    ReadMarker,
    /// What an account or a channel says about itself.
    Metadata,
    /// A channel that was closed to others; whoever makes it anew finds it empty.
    Closed,
}

impl RecordKind {
    /// Every one.
    pub const ALL: [RecordKind; 6] = [
        RecordKind::Account,
        RecordKind::CertificateAccount,
        RecordKind::Channel,
        RecordKind::ReadMarker,
        RecordKind::Metadata,
        RecordKind::Closed,
    ];

    /// The word by which the edge files it.
    pub fn name(self) -> &'static str {
        match self {
            RecordKind::Account => "account",
            RecordKind::CertificateAccount => "certificate-account",
            RecordKind::Channel => "channel",
            RecordKind::ReadMarker => "read-marker",
            RecordKind::Metadata => "metadata",
            RecordKind::Closed => "closed-channel",
        }
    }
}

/// A fact as it was kept, handed to the core when it begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Of which kind.
    pub kind: RecordKind,
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// A conversation: a channel, or two people.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Buffer(String);

impl Buffer {
    /// Of a channel, by its folded name.
    pub fn channel(folded: &str) -> Buffer {
        Buffer(folded.to_owned())
    }

    /// Of two people, by the folded names under which they are kept; the same whoever speaks.
    pub fn between(one: &str, other: &str) -> Buffer {
        let (first, second) = if one <= other { (one, other) } else { (other, one) };
        // A space is in no name, so no channel and no other pair is written like this.
        Buffer(format!("{first} {second}"))
    }

    /// Of two people one of whom has no account: of these nothing is kept, but that something was taken back is told to who was away.
    pub(super) fn unkept(one: ClientId, other: ClientId) -> Buffer {
        Buffer::between(&Buffer::without_account(one), &Buffer::without_account(other))
    }

    /// How somebody is called there.
    pub(super) fn without_account(client: ClientId) -> String {
        // The sign is in no account's name.
        format!("~{}", client.0)
    }

    /// Whether it is of this person, by the folded name, and of somebody else or itself.
    pub(super) fn is_between(&self, person: &str) -> bool {
        self.0.split_once(' ').is_some_and(|(one, other)| one == person || other == person)
    }

    /// As it was written by the edge.
    pub fn from_text(text: String) -> Buffer {
        Buffer(text)
    }

    /// As it is written by the edge.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Something that was said or happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Its identifier.
    pub msgid: String,
    /// When.
    pub at: Now,
    /// In which conversation.
    pub buffer: Buffer,
    /// The sender's account, if it had one.
    pub account: Option<String>,
    /// Whether the sender was a program.
    pub bot: bool,
    /// The client-only tags that went with it, as they are written.
    pub tags: String,
    /// The line without tags and CR LF: `:nick!user@host PRIVMSG #channel :text`.
    pub line: String,
    /// Whether it is an event (JOIN, MODE, TAGMSG …) and not a message that people read.
    pub event: bool,
}

/// The identifier of a message in a network, the same on all nodes: with the network's word, its place in the order, its number
/// among those of that place, and its time. So a node that does not have it still knows where it lies.
pub fn name_of(word: &str, sequence: u64, number: u64, at_ms: i64) -> String {
    let at = u64::try_from(at_ms).unwrap_or(0);
    format!("{word}-{}-{}-{}", base36(sequence), base36(number), base36(at))
}

/// The place in the order, the number and the time of such an identifier.
pub fn place_of(msgid: &str) -> Option<(u64, u64, i64)> {
    let mut parts = msgid.rsplitn(4, '-');
    let mut next = || u64::from_str_radix(parts.next()?, 36).ok();
    let (at, number, sequence) = (next()?, next()?, next()?);
    parts.next()?;
    Some((sequence, number, i64::try_from(at).ok()?))
}

/// A number in digits and letters.
pub(super) fn base36(mut number: u64) -> String {
    let mut digits = Vec::new();
    while number > 0 || digits.is_empty() {
        digits.push(char::from_digit((number % 36) as u32, 36).unwrap_or('0'));
        number /= 36;
    }
    digits.iter().rev().collect()
}

/// What the core has to know before it goes on with a client's line.
#[derive(Debug, Clone)]
pub enum Question {
    /// A piece of a conversation.
    History(HistoryQuery),
    /// A page of it, as another node asks.
    Page(PageQuery),
    /// The next of what people of this node have missed of a channel, by what all nodes have of it at the moment of the answer.
    /// Nobody asks it.
    Missed {
        /// Which conversation.
        buffer: Buffer,
        /// Who waits for it, and up to which place each has heard all.
        waiting: Vec<(ClientId, Position)>,
    },
    /// With whom an account had conversations, and in which of these buffers something was said.
    Conversations(ConversationsQuery),
    /// A password made into its verifier, which takes a while.
    Derive(Derive),
    /// A port of its own for a client, guarded for who shows this certificate or the ticket.
    Port {
        /// SHA-256 of the certificate, in lower-case hex; none where it showed none.
        fingerprint: Option<String>,
    },
    /// Octets that nobody can foresee.
    Random {
        /// How many.
        length: usize,
    },
    /// When these users of other nodes said something last, which their own nodes know.
    LastMessages(Vec<ClientId>),
    /// A fact as it is kept now; other programs may have changed it.
    Record {
        /// Of which kind.
        kind: RecordKind,
        /// Its key.
        key: String,
    },
}

/// Which piece of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryQuery {
    /// Which conversation.
    pub buffer: Buffer,
    /// Where the piece lies.
    pub place: Place,
    /// At most so many entries.
    pub limit: usize,
    /// Events too, not only messages.
    pub events: bool,
}

/// Where a piece of a conversation lies. Bounds are themselves left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// The last entries, not reaching back past the point if there is one.
    Latest(Option<Point>),
    /// The last entries before a point.
    Before(Point),
    /// The first entries after a point.
    After(Point),
    /// Half before and half after a point, which is among them.
    Around(Point),
    /// From the first point towards the second, whichever is the earlier.
    Between(Point, Point),
}

/// A point in a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Point {
    /// That of an entry.
    Msgid(String),
    /// A time.
    At(Now),
}

/// Which conversations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationsQuery {
    /// The name under which the person's own conversations are kept, folded.
    pub person: Option<String>,
    /// Channels that are looked at besides.
    pub channels: Vec<Buffer>,
    /// The last message lies after this.
    pub after: Now,
    /// And before this.
    pub before: Now,
    /// At most so many.
    pub limit: usize,
    /// Whether those with the latest messages are wanted where there are more, instead of the earliest.
    pub newest: bool,
}

/// Work on a password that takes milliseconds on purpose (RFC 8018, PBKDF2 with HMAC-SHA-256).
#[derive(Clone)]
pub struct Derive {
    /// The password.
    pub password: Zeroizing<String>,
    /// The salt; none: the edge draws one.
    pub salt: Option<Vec<u8>>,
    /// How many rounds.
    pub iterations: u32,
}

impl fmt::Debug for Derive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Derive({} iterations)", self.iterations)
    }
}

/// What became of a [`Question`].
#[derive(Debug, Clone)]
pub enum Answer {
    /// Entries, oldest first.
    History(Vec<Said>),
    /// A page of it.
    Page(Page),
    /// What people of this node have missed of a channel.
    Missed {
        /// Which conversation.
        buffer: Buffer,
        /// The next of it.
        stretch: Stretch,
        /// Whether all nodes have answered.
        is_whole: bool,
        /// Bytes that each may be told; who is not there has no room.
        room: BTreeMap<ClientId, usize>,
    },
    /// Conversations with the time of their last message, the earliest first.
    Conversations(Vec<(Buffer, Now)>),
    /// What a password became.
    Derived(Derived),
    /// A port.
    Port(AssignedPort),
    /// Octets.
    Random(Vec<u8>),
    /// When each of those that are still there said something last.
    LastMessages(Vec<(ClientId, Now)>),
    /// A fact's value, if there is such a fact.
    Record(Option<String>),
    /// Not all nodes have answered: what the others know.
    Incomplete(Box<Answer>),
    /// It can't be known: the store failed. The edge has logged why.
    Unavailable,
}

/// A port that waits for its client.
#[derive(Clone)]
pub struct AssignedPort {
    /// The name of the node that opened it; none where it is this one.
    pub node: Option<String>,
    /// Its number.
    pub number: u16,
    /// A word that proves who it waits for, once.
    pub ticket: String,
    /// How long it waits.
    pub seconds: u64,
}

impl fmt::Debug for AssignedPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AssignedPort({} of {})", self.number, self.node.as_deref().unwrap_or("this node"))
    }
}

/// What a password became.
#[derive(Clone)]
pub struct Derived {
    /// The salt that was used.
    pub salt: Vec<u8>,
    /// How many rounds.
    pub iterations: u32,
    /// 32 octets, secret.
    pub salted_password: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Derived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Derived({} iterations)", self.iterations)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_is_the_same_whoever_speaks() {
        assert_eq!(Buffer::between("bob", "alice"), Buffer::between("alice", "bob"));
        assert_ne!(Buffer::between("a", "#b"), Buffer::channel("#b"));
    }

    #[test]
    fn an_identifier_says_where_it_lies() {
        assert_eq!(place_of(&name_of("ab-c", 77, 2, 1_769_862_896_789)), Some((77, 2, 1_769_862_896_789)));
        assert_eq!((place_of("ab-1"), place_of("x-!-1-1"), place_of("1-1-1")), (None, None, None));
        assert_eq!((base36(0), base36(35), base36(36)), ("0".to_owned(), "z".to_owned(), "10".to_owned()));
    }

    #[test]
    fn no_secret_is_shown() {
        let derive = Derive { password: Zeroizing::new("secret".to_owned()), salt: None, iterations: 4096 };
        assert!(!format!("{:?}", Question::Derive(derive)).contains("secret"));
    }
}
