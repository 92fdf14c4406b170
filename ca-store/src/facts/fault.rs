//! What may be wrong with the form of a file.

/// What is wrong with a file, with the line where it was seen (from 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Nothing in it, or white space alone.
    Empty,
    /// No block, and not DER either; with the first characters, escaped.
    NothingFound(String),
    /// Begins with the byte order mark of UTF-8.
    ByteOrderMark,
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
    Pkcs12,
    /// A Java key store.
    Jks,
    /// A BEGIN without its END.
    MissingEnd {
        /// The line of the BEGIN.
        line: usize,
        /// The label.
        label: String,
    },
    /// A boundary with too few dashes or a broken word.
    BadBoundary {
        /// The line.
        line: usize,
        /// The line's text, escaped.
        text: String,
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
    /// Base64 of an impossible length: characters are missing.
    CutBase64 {
        /// The line of the BEGIN.
        line: usize,
    },
    /// An END and a BEGIN on one line.
    JoinedBlocks {
        /// The line.
        line: usize,
    },
    /// A backslash and an `n` in place of line ends.
    EscapedNewlines,
    /// A whole block on one line.
    OneLine {
        /// The line.
        line: usize,
    },
    /// Lines of the block begin with white space.
    Indented {
        /// The first such line.
        line: usize,
    },
    /// Line ends of CR LF.
    CarriageReturns,
    /// Text around the blocks.
    SurroundingText {
        /// The first such line.
        line: usize,
    },
    /// More than [`MAX_BLOCKS`].
    TooMany,
}
