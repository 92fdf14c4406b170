//! A file's bytes, as they come: which encoding, PEM or DER, and what is in it.

use zeroize::Zeroizing;

use super::block::{Block, BlockKind, kind_of_der};
use super::{Fault, Lock, MAX_FAULTS_OF_A_KIND, foreign, pem, wrapping};

/// The most that is read of one file: 64 MiB holds a CRL of a million entries in PEM, and a bundle of all the world's
/// roots many times over.
pub const MAX_INPUT_BYTES: u64 = 64 << 20;

/// How many texts deep PEM is looked for: a string of JSON, encoded in base64, in a quoted mail.
const MAX_LAYERS: usize = 3;

/// A file's blocks and faults.
#[derive(Debug, Clone, Default)]
pub struct Input {
    /// What could be made out, in its order.
    pub blocks: Vec<Block>,
    /// What is wrong, in the order of the lines.
    pub faults: Vec<Fault>,
}

/// What ends a BEGIN or an END whose line end is written out: as strings of programs have it, twice escaped, and as JSON may; and dashes
/// that JSON has as numbers.
const WRITTEN_OUT: [&str; 8] = [
    "-----\\n",
    "-----\\r\\n",
    "-----\\\\n",
    "-----\\\\r\\\\n",
    "-----\\u000a",
    "-----\\u000A",
    "\\u002dBEGIN ",
    "\\u002DBEGIN ",
];

impl Input {
    /// Reads a file's bytes: PEM, or the DER of one thing. What is locked or packed stays so: see
    /// [`crate::container::open`].
    pub fn read(bytes: &[u8]) -> Input {
        let mut input = Input::default();
        match bytes {
            _ if bytes.iter().all(u8::is_ascii_whitespace) => input.faults.push(Fault::Empty),
            // UTF-32, of which half the octets more are zero.
            [0xff, 0xfe, 0, 0, ..] => input.partly_utf16(bytes),
            [0xff, 0xfe, rest @ ..] => input.utf16(rest, u16::from_le_bytes),
            [0xfe, 0xff, rest @ ..] => input.utf16(rest, u16::from_be_bytes),
            [1..=0x7f, 0, 1..=0x7f, 0, ..] => {
                input.utf16(bytes, u16::from_le_bytes);
            }
            [0, 1..=0x7f, 0, 1..=0x7f, ..] => {
                input.utf16(bytes, u16::from_be_bytes);
            }
            [0xfe, 0xed, 0xfe, 0xed, ..] | [0xce, 0xce, 0xce, 0xce, ..] => input.whole(BlockKind::JavaKeyStore, bytes),
            [0xef, 0xbb, 0xbf, rest @ ..] if rest.iter().all(u8::is_ascii_whitespace) => {
                input.faults.push(Fault::Empty);
            }
            [0xef, 0xbb, 0xbf, rest @ ..] => {
                let text = decoded(rest);
                let hides = text.lines().next().is_some_and(|line| line.contains("-----BEGIN"));
                input.faults.push(Fault::ByteOrderMark { line: 1, hides });
                input.text(&text, MAX_LAYERS);
            }
            [0x30, ..] if !looks_like_text(bytes) => input.der(bytes),
            _ if holds_wide_block(bytes) => input.partly_utf16(bytes),
            _ => input.text(&decoded(bytes), MAX_LAYERS),
        }
        if input.blocks.is_empty() && input.faults.iter().all(Fault::is_of_looks) {
            input.foreign(bytes);
        }
        input
    }

    /// Nothing could be made out, and nothing that could be is damaged.
    fn foreign(&mut self, bytes: &[u8]) {
        let text = decoded(bytes);
        self.faults.clear();
        match foreign::ssh_public_key(&text) {
            Some(key) => self.blocks.push(key),
            None => match foreign::bare_base64(&text) {
                Some(der) => self.bare(&text, der),
                None => self.faults.push(Fault::NothingFound(foreign::name(bytes))),
            },
        }
    }

    /// Base64 alone: what it holds tells its kind.
    fn bare(&mut self, text: &str, der: Zeroizing<Vec<u8>>) {
        let line = 1 + text.lines().take_while(|line| line.trim().is_empty()).count();
        self.faults.push(Fault::NoBoundaries { line });
        self.blocks.push(Block {
            label: String::new(),
            kind: kind_of_der(&der),
            der,
            line,
            cipher: None,
            has_settings: false,
        });
    }

    fn utf16(&mut self, bytes: &[u8], unit: fn([u8; 2]) -> u16) {
        self.faults.push(Fault::Utf16);
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        let text: Zeroizing<String> =
            Zeroizing::new(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect());
        self.text(&text, MAX_LAYERS);
        // The line ends and whatever else a shell adds are mended with the encoding.
        self.faults.retain(|fault| !matches!(fault, Fault::CarriageReturns));
    }

    fn der(&mut self, bytes: &[u8]) {
        match super::der::announced_length(bytes) {
            Some(expected) if expected > bytes.len() => {
                self.faults.push(Fault::TruncatedDer { expected, found: bytes.len() });
            }
            // What is behind it, such as a line feed, nobody reads.
            Some(expected) if expected < bytes.len() && kind_of_der(bytes) == BlockKind::Other => {
                self.whole(kind_of_der(&bytes[..expected]), &bytes[..expected]);
            }
            _ => self.whole(kind_of_der(bytes), bytes),
        }
    }

    /// A shell has written UTF-16 behind what was there (PowerShell's `>>`).
    fn partly_utf16(&mut self, bytes: &[u8]) {
        self.faults.push(Fault::Utf16);
        let narrow = |octet: &&u8| !matches!(octet, 0 | 0xfe | 0xff);
        let narrow: Zeroizing<Vec<u8>> = Zeroizing::new(bytes.iter().filter(narrow).copied().collect());
        self.text(&decoded(&narrow), MAX_LAYERS);
        self.faults.retain(|fault| !matches!(fault, Fault::CarriageReturns));
    }

    fn whole(&mut self, kind: BlockKind, bytes: &[u8]) {
        self.faults.extend(match kind {
            BlockKind::Pkcs7 | BlockKind::Pkcs12 | BlockKind::JavaKeyStore => None,
            _ => Some(Fault::Der),
        });
        let label = String::new();
        self.blocks.push(Block {
            label,
            kind,
            der: Zeroizing::new(bytes.to_vec()),
            line: 0,
            cipher: None,
            has_settings: false,
        });
    }

    /// Reads a text; of one that makes no sense as it stands, what lies in it, up to so many layers deep.
    fn text(&mut self, text: &str, layers: usize) {
        let before = self.clone();
        let uncommented = wrapping::without_comments(text);
        let text = match &uncommented {
            Some((line, kept)) => {
                self.faults.push(Fault::CommentedOut { line: *line });
                kept.as_str()
            }
            None => text,
        };
        self.lines(text);
        let is_whole = !self.blocks.is_empty() && self.whole_blocks() == self.blocks.len();
        if layers == 0 || (is_whole && !self.faults.iter().any(Fault::is_of_wrapping)) {
            return;
        }
        for (fault, inner) in wrapping::opened(text) {
            let mut other = before.clone();
            other.faults.push(fault);
            other.text(&inner, layers - 1);
            if other.whole_blocks() > self.whole_blocks() {
                *self = other;
                return;
            }
        }
    }

    /// How many blocks are as long as their DER says.
    fn whole_blocks(&self) -> usize {
        let is_whole = |block: &&Block| super::announced_length(&block.der) == Some(block.der.len());
        self.blocks.iter().filter(is_whole).count()
    }

    fn lines(&mut self, text: &str) {
        if let Some(at) = WRITTEN_OUT.iter().filter_map(|literal| text.find(literal)).min() {
            let before = &text[..at + "-----".len()];
            let column = 1 + before.rsplit('\n').next().unwrap_or_default().chars().count();
            self.faults.push(Fault::EscapedNewlines { line: 1 + before.matches('\n').count(), column });
            return pem::read(&wrapping::unescaped(text), self);
        }
        if text.contains('\r') && !text.contains('\n') {
            let column = 1 + text.chars().take_while(|c| *c != '\r').count();
            self.faults.push(Fault::OldLineEnds { column });
            return pem::read(&Zeroizing::new(text.replace('\r', "\n")), self);
        }
        if text.contains("\r\n") {
            self.faults.push(Fault::CarriageReturns);
        }
        pem::read(text, self);
    }

    /// Of a fault that each block may have, the first [`MAX_FAULTS_OF_A_KIND`] are kept, and the others counted.
    pub(super) fn add(&mut self, fault: Fault) {
        let same = |known: &Fault| std::mem::discriminant(known) == std::mem::discriminant(&fault);
        let more = self.faults.iter_mut().find_map(|known| match known {
            Fault::More { like, count } if same(like) => Some(count),
            _ => None,
        });
        if let Some(count) = more {
            *count += 1;
        } else if self.faults.iter().filter(|known| same(known)).count() < MAX_FAULTS_OF_A_KIND {
            self.faults.push(fault);
        } else {
            self.faults.push(Fault::More { like: Box::new(fault), count: 1 });
        }
    }

    /// Faults of whole files are told once, at the first line that shows them.
    pub(super) fn once(&mut self, fault: Fault) {
        if !self.faults.iter().any(|known| std::mem::discriminant(known) == std::mem::discriminant(&fault)) {
            self.faults.push(fault);
        }
    }

    /// Whether that line begins with a byte order mark.
    pub(super) fn has_mark(&self, line: usize) -> bool {
        self.faults.iter().any(|fault| matches!(fault, Fault::ByteOrderMark { line: known, .. } if *known == line))
    }

    /// Whether its line ends were written out, and the strings that they were in are gone.
    pub(super) fn is_escaped(&self) -> bool {
        self.faults.iter().any(|fault| matches!(fault, Fault::EscapedNewlines { .. }))
    }

    /// Whether a container in it is still closed, and why.
    pub fn lock(&self) -> Option<&Lock> {
        self.faults.iter().find_map(|fault| match fault {
            Fault::Pkcs12(lock) | Fault::Pkcs7(lock) | Fault::Jks(lock) | Fault::EncryptedKey { lock, .. } => {
                Some(lock).filter(|lock| **lock != Lock::Open)
            }
            _ => None,
        })
    }
}

/// Whether a BEGIN stands in it in two octets for each character.
fn holds_wide_block(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, b"-\0B\0E\0G\0I\0N\0").is_some()
}

/// The text of a file. What is no UTF-8 is taken for Latin-1 (ISO 8859-1), as old programs write it: each octet is a character.
fn decoded(bytes: &[u8]) -> Zeroizing<String> {
    let text = std::str::from_utf8(bytes).map(str::to_owned);
    Zeroizing::new(text.unwrap_or_else(|_| bytes.iter().copied().map(char::from).collect()))
}

fn looks_like_text(bytes: &[u8]) -> bool {
    bytes.iter().take(64).all(|b| b.is_ascii_graphic() || b.is_ascii_whitespace())
}
