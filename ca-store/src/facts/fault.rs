//! What may be wrong with the form of a file.

use super::unseen::Unseen;
use super::wrapping::Wrapping;

/// How far a locked file could be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lock {
    /// It was opened, or was not locked.
    Open,
    /// It needs a passphrase, and none was given; the empty one does not fit.
    NeedsPassphrase,
    /// The passphrase that was given does not fit.
    WrongPassphrase,
    /// It is not readable here, for this reason (escaped).
    Unreadable(String),
}

/// What is wrong with a BEGIN or END line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// Fewer than five dashes on a side, other characters in place of dashes, or a lost space.
    Dashes,
    /// More than five dashes on a side.
    MoreDashes,
    /// Something else stands on its line.
    NotAlone,
    /// Something else stands behind an END.
    TextBehind,
    /// An END with no BEGIN before it.
    NoBegin,
}

/// What is wrong with a file, with the line where it was seen (from 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Nothing in it, or white space alone.
    Empty,
    /// No block, and not DER either; with what it is instead, escaped.
    NothingFound(String),
    /// Base64 with neither BEGIN nor END around it.
    NoBoundaries {
        /// Its first line.
        line: usize,
    },
    /// A byte order mark of UTF-8, at the beginning or where two files were joined.
    ByteOrderMark {
        /// The line that it begins.
        line: usize,
        /// A BEGIN stands behind it, on the same line.
        hides: bool,
    },
    /// UTF-16 text.
    Utf16,
    /// DER, where a program expects PEM.
    Der,
    /// DER that ends before the length that it announces.
    TruncatedDer {
        /// The octets announced.
        expected: usize,
        /// The octets there.
        found: usize,
    },
    /// A PKCS#12 file.
    Pkcs12(Lock),
    /// A PKCS#7 bundle; unreadable where its certificates cannot be taken out.
    Pkcs7(Lock),
    /// A Java key store.
    Jks(Lock),
    /// A PKCS#12 file encrypted with what is given up.
    LegacyEncryption {
        /// The algorithm's name.
        algorithm: &'static str,
        /// OpenSSL 3 opens it without its legacy provider all the same.
        still_read: bool,
    },
    /// A PKCS#12 file or Java key store without a private key.
    NoPrivateKey,
    /// An encrypted private key.
    EncryptedKey {
        /// The line of its BEGIN, 0 in DER.
        line: usize,
        /// Whether it could be opened.
        lock: Lock,
    },
    /// A BEGIN without its END.
    MissingEnd {
        /// The line of the BEGIN.
        line: usize,
        /// The label.
        label: String,
    },
    /// BEGIN and END of a block have different labels.
    LabelsDiffer {
        /// The line of the END.
        line: usize,
        /// The label of the BEGIN, escaped.
        begin: String,
        /// The label of the END, escaped.
        end: String,
    },
    /// A damaged BEGIN or END line.
    BadBoundary {
        /// The line.
        line: usize,
        /// The line's text, escaped.
        text: String,
        /// What is wrong with it.
        damage: Damage,
    },
    /// A character that is not base64.
    BadBase64 {
        /// The line.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// The character, escaped.
        character: String,
    },
    /// A character that nobody sees; the first, and where on their lines they stand.
    Unseen {
        /// The line.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// Its number and name.
        character: String,
        /// Where on the line it stands, or they do.
        place: Unseen,
    },
    /// The text lies in another one, as a mail, a web page or a program has it; what is told besides is of the text taken out.
    Wrapped {
        /// The line where that begins.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What it lies in.
        wrapping: Wrapping,
        /// A piece of it, escaped.
        shown: String,
    },
    /// An empty line within the base64, which ends the block's headers for OpenSSL.
    BlankLine {
        /// The line.
        line: usize,
    },
    /// Base64 of an impossible length: characters are missing.
    CutBase64 {
        /// The line of the BEGIN.
        line: usize,
        /// The line of the END.
        end: usize,
    },
    /// Base64 without the `=` at its end (RFC 4648 section 3.2).
    Unpadded {
        /// The line of the END.
        line: usize,
    },
    /// An END and a BEGIN on one line.
    JoinedBlocks {
        /// The line.
        line: usize,
    },
    /// A backslash and an `n` in place of line ends.
    EscapedNewlines {
        /// The line of the first.
        line: usize,
        /// Its column, from 1.
        column: usize,
    },
    /// A whole block on one line.
    OneLine {
        /// The line.
        line: usize,
    },
    /// Line ends of a carriage return alone: all of it is line 1.
    OldLineEnds {
        /// The column of the first, from 1.
        column: usize,
    },
    /// Lines begin with white space.
    Indented {
        /// The first such line.
        line: usize,
        /// Which of a block's lines are among them.
        what: Indent,
    },
    /// Line ends of CR LF.
    CarriageReturns,
    /// Text around the blocks.
    SurroundingText {
        /// The first such line.
        line: usize,
    },
    /// A BEGIN that is commented out, with its block or alone, beside blocks that are not.
    CommentedOut {
        /// The line of the first.
        line: usize,
    },
    /// A header (RFC 1421 section 4.6) in front of base64 that is no key.
    Header {
        /// The line.
        line: usize,
        /// The column of its colon, from 1.
        column: usize,
        /// Its name, escaped.
        name: String,
    },
    /// More than [`super::MAX_BLOCKS`].
    TooMany,
    /// More of one kind than [`super::MAX_FAULTS_OF_A_KIND`].
    More {
        /// The first that is not kept for itself.
        like: Box<Fault>,
        /// How many are not.
        count: usize,
    },
}

/// Which lines of a block are indented, those that most programs mind last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Indent {
    /// The base64 alone, which every program takes.
    Base64,
    /// The END, and no BEGIN.
    End,
    /// A BEGIN.
    Begin,
}

impl Fault {
    /// Whether a text that lies in another one may look so.
    pub(super) fn is_of_wrapping(&self) -> bool {
        use Fault::{BadBase64, BadBoundary, CutBase64, LabelsDiffer, MissingEnd, OneLine};
        match self {
            BadBase64 { .. } | BadBoundary { .. } | CutBase64 { .. } | OneLine { .. } => true,
            LabelsDiffer { .. } | MissingEnd { .. } => true,
            Fault::More { like, .. } => like.is_of_wrapping(),
            _ => false,
        }
    }

    /// Whether it tells of a boundary in that line that something stands beside it.
    pub(super) fn is_not_alone_in(&self, number: usize) -> bool {
        matches!(self, Fault::BadBoundary { line, damage: Damage::NotAlone, .. } if *line == number)
    }

    /// Whether it is of the looks of a text alone, which need not be PEM.
    pub(super) fn is_of_looks(&self) -> bool {
        use Fault::{ByteOrderMark, CarriageReturns, CommentedOut, Indented, OldLineEnds, SurroundingText};
        matches!(
            self,
            ByteOrderMark { .. }
                | CarriageReturns
                | CommentedOut { .. }
                | Indented { .. }
                | OldLineEnds { .. }
                | SurroundingText { .. }
        )
    }
}
