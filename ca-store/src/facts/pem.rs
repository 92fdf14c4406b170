//! PEM (RFC 7468), read as it comes: everything that can be made out is, and every fault is kept with its line.

use zeroize::Zeroizing;

use super::block::{Block, BlockKind, is_pkcs12, kind_of_der, kind_of_label};
use super::{Fault, escape};

/// The most that is read of one file: 64 MiB holds a CRL of a million entries in PEM, and a bundle of all the world's
/// roots many times over.
pub const MAX_INPUT_BYTES: u64 = 64 << 20;
/// The most blocks that are read of one file; the largest bundles in use hold a few hundred.
pub const MAX_BLOCKS: usize = 20_000;

/// A file's blocks and faults.
#[derive(Debug, Clone, Default)]
pub struct Input {
    /// What could be made out, in its order.
    pub blocks: Vec<Block>,
    /// What is wrong, in the order of the lines.
    pub faults: Vec<Fault>,
}

impl Input {
    /// Reads a file's bytes: PEM, or the DER of one thing.
    pub fn read(bytes: &[u8]) -> Input {
        let mut input = Input::default();
        match bytes {
            _ if bytes.iter().all(u8::is_ascii_whitespace) => input.faults.push(Fault::Empty),
            [0xff, 0xfe, ..] => input.utf16(bytes, u16::from_le_bytes),
            [0xfe, 0xff, ..] => input.utf16(bytes, u16::from_be_bytes),
            [0xfe, 0xed, 0xfe, 0xed, ..] => input.faults.push(Fault::Jks),
            [0xef, 0xbb, 0xbf, rest @ ..] => {
                input.faults.push(Fault::ByteOrderMark);
                input.text(&String::from_utf8_lossy(rest));
            }
            [0x30, ..] if !looks_like_text(bytes) => input.der(bytes),
            _ => input.text(&String::from_utf8_lossy(bytes)),
        }
        if input.blocks.is_empty() && input.faults.is_empty() {
            input.faults.push(Fault::NothingFound(start_of(bytes)));
        }
        input
    }

    fn utf16(&mut self, bytes: &[u8], unit: fn([u8; 2]) -> u16) {
        self.faults.push(Fault::Utf16);
        let units = bytes[2..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        let text: String = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        self.text(&text);
    }

    fn der(&mut self, bytes: &[u8]) {
        match super::der::announced_length(bytes) {
            Some(expected) if expected > bytes.len() => {
                self.faults.push(Fault::TruncatedDer { expected, found: bytes.len() });
            }
            _ if is_pkcs12(bytes) => self.faults.push(Fault::Pkcs12),
            _ => {
                self.faults.push(Fault::Der);
                let kind = kind_of_der(bytes);
                self.blocks.push(Block { label: String::new(), kind, der: Zeroizing::new(bytes.to_vec()), line: 0 });
            }
        }
    }

    fn text(&mut self, text: &str) {
        if text.contains("\\n") && text.contains("-----BEGIN") {
            self.faults.push(Fault::EscapedNewlines);
            return self.lines(&text.replace("\\r", "").replace("\\n", "\n"));
        }
        if text.contains("\r\n") {
            self.faults.push(Fault::CarriageReturns);
        }
        self.lines(text);
    }

    fn lines(&mut self, text: &str) {
        let mut open: Option<Open> = None;
        for (number, line) in (1..).zip(text.lines()) {
            for piece in pieces(line) {
                open = self.piece(open, number, line, piece);
            }
            if self.blocks.len() >= MAX_BLOCKS {
                return self.faults.push(Fault::TooMany);
            }
        }
        if let Some(open) = open {
            self.faults.push(Fault::MissingEnd { line: open.line, label: open.label });
        }
    }

    fn piece(&mut self, open: Option<Open>, number: usize, line: &str, piece: Piece<'_>) -> Option<Open> {
        match (piece, open) {
            (Piece::Begin(label), open) => {
                if let Some(open) = open {
                    self.faults.push(Fault::MissingEnd { line: open.line, label: open.label });
                }
                if line.trim_start().find("-----BEGIN").is_some_and(|at| at > 0) && line.contains("-----END") {
                    self.faults.push(Fault::JoinedBlocks { line: number });
                } else if line.starts_with([' ', '\t']) {
                    self.once(Fault::Indented { line: number });
                }
                Some(Open {
                    label: escape(label),
                    line: number,
                    body: Zeroizing::new(String::new()),
                    encrypted: false,
                    broken: false,
                })
            }
            (Piece::End, Some(open)) => {
                if open.line == number {
                    self.faults.push(Fault::OneLine { line: number });
                }
                self.close(open);
                None
            }
            (Piece::Broken(text), open) => {
                self.faults.push(Fault::BadBoundary { line: number, text: escape(text.trim()) });
                // A broken END still ends its block; nothing is made of what stands in it.
                open.filter(|_| !text.contains("END"))
            }
            (Piece::Text(text), Some(open)) => Some(self.body(open, number, text)),
            (Piece::Text(text), None) => {
                if !text.trim().is_empty() {
                    self.once(Fault::SurroundingText { line: number });
                }
                None
            }
            (Piece::End, None) => {
                self.faults.push(Fault::BadBoundary { line: number, text: escape(line.trim()) });
                None
            }
        }
    }

    fn body(&mut self, mut open: Open, number: usize, text: &str) -> Open {
        if text.starts_with([' ', '\t']) && !text.trim().is_empty() && open.line != number {
            self.once(Fault::Indented { line: number });
        }
        if text.contains(':') {
            open.encrypted |= text.contains("ENCRYPTED");
            return open;
        }
        for (column, c) in (1..).zip(text.chars()) {
            if c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=') {
                open.body.push(c);
            } else if !c.is_whitespace() && !open.broken {
                open.broken = true;
                self.faults.push(Fault::BadBase64 { line: number, column, character: escape(&c.to_string()) });
            }
        }
        open
    }

    fn close(&mut self, open: Open) {
        if open.broken {
            return;
        }
        match base64(&open.body) {
            Some(der) => self.blocks.push(Block {
                kind: if open.encrypted { BlockKind::EncryptedKey } else { kind_of_label(&open.label) },
                label: open.label,
                der,
                line: open.line,
            }),
            None => self.faults.push(Fault::CutBase64 { line: open.line }),
        }
    }

    /// Faults of whole files are told once, at the first line that shows them.
    fn once(&mut self, fault: Fault) {
        if !self.faults.iter().any(|known| std::mem::discriminant(known) == std::mem::discriminant(&fault)) {
            self.faults.push(fault);
        }
    }
}

struct Open {
    label: String,
    line: usize,
    body: Zeroizing<String>,
    encrypted: bool,
    broken: bool,
}

enum Piece<'a> {
    Begin(&'a str),
    End,
    Broken(&'a str),
    Text(&'a str),
}

/// A line's parts: a damaged file may have several boundaries on one line.
fn pieces(line: &str) -> Vec<Piece<'_>> {
    let mut rest = line;
    let mut pieces = Vec::new();
    while let Some(start) = rest.find("-----") {
        let Some((piece, end)) = boundary(&rest[start..]) else { break };
        if !rest[..start].trim().is_empty() {
            pieces.push(Piece::Text(&rest[..start]));
        }
        pieces.push(piece);
        rest = &rest[start + end..];
    }
    if !rest.trim().is_empty() {
        pieces.push(if looks_like_boundary(rest) { Piece::Broken(rest) } else { Piece::Text(rest) });
    }
    pieces
}

/// `-----BEGIN LABEL-----` or `-----END LABEL-----` at the start of the text, and its length.
fn boundary(text: &str) -> Option<(Piece<'_>, usize)> {
    let inner = &text[5..];
    let label_end = inner.find("-----")?;
    let label = &inner[..label_end];
    let length = 5 + label_end + 5;
    if let Some(label) = label.strip_prefix("BEGIN ") {
        Some((Piece::Begin(label), length))
    } else {
        label.starts_with("END ").then_some((Piece::End, length))
    }
}

/// A line that was a boundary once: dashes and one of the two words.
fn looks_like_boundary(text: &str) -> bool {
    let text = text.trim();
    (text.contains("BEGIN") || text.contains("END")) && (text.starts_with('-') || text.ends_with("--"))
}

fn looks_like_text(bytes: &[u8]) -> bool {
    bytes.iter().take(64).all(|b| b.is_ascii_graphic() || b.is_ascii_whitespace())
}

fn start_of(bytes: &[u8]) -> String {
    escape(&String::from_utf8_lossy(&bytes[..bytes.len().min(40)]))
}

/// PEM text of DER (RFC 7468 section 3). The text of a private key is the caller's to wipe.
///
/// A label that RFC 7468 does not allow gives an empty text.
pub fn to_pem(label: &'static str, der: &[u8]) -> String {
    pkcs8::der::pem::encode_string(label, pkcs8::LineEnding::LF, der).unwrap_or_default()
}

/// Base64 (RFC 4648 section 4) without white space. `None` where characters are missing or too many.
fn base64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let digits = text.trim_end_matches('=');
    if digits.contains('=') || digits.len() % 4 == 1 || !text.len().is_multiple_of(4) || text.is_empty() {
        return None;
    }
    let mut out = Zeroizing::new(Vec::with_capacity(digits.len() / 4 * 3 + 3));
    for chunk in digits.as_bytes().chunks(4) {
        let value = chunk.iter().fold(0u32, |sum, digit| sum << 6 | sextet(*digit)) << (6 * (4 - chunk.len()));
        out.extend_from_slice(&value.to_be_bytes()[1..chunk.len()]);
    }
    Some(out)
}

fn sextet(digit: u8) -> u32 {
    u32::from(match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        _ => 63,
    })
}

#[cfg(test)]
mod tests {
    use super::{BlockKind, Fault, Input};

    const WHOLE: &str = "-----BEGIN CERTIFICATE-----\nAAEC\nAwQF\n-----END CERTIFICATE-----\n";

    fn faults(text: &str) -> Vec<Fault> {
        Input::read(text.as_bytes()).faults
    }

    #[test]
    fn a_whole_block_is_read_without_a_fault() {
        let input = Input::read(WHOLE.as_bytes());
        assert!(input.faults.is_empty());
        assert_eq!(input.blocks.len(), 1);
        assert_eq!(input.blocks[0].kind, BlockKind::Certificate);
        assert_eq!(*input.blocks[0].der, [0, 1, 2, 3, 4, 5]);
        assert_eq!(input.blocks[0].line, 1);
    }

    #[test]
    fn padding_is_read() {
        for (text, bytes) in [("AA==", &[0u8][..]), ("AAE=", &[0, 1]), ("AAEC", &[0, 1, 2])] {
            assert_eq!(super::base64(text).expect(text).as_slice(), bytes);
        }
        for text in ["A", "AA=", "AAAAA", "=AAA", ""] {
            assert!(super::base64(text).is_none(), "{text}");
        }
    }

    #[test]
    fn every_fault_is_named_with_its_line() {
        let cases = [
            ("", Fault::Empty),
            ("hello", Fault::SurroundingText { line: 1 }),
            ("-----BEGIN CERTIFICATE-----\nAAEC\n", Fault::MissingEnd { line: 1, label: "CERTIFICATE".into() }),
            (
                "-----BEGIN CERTIFICATE----\nAAEC\n-----END CERTIFICATE-----\n",
                Fault::BadBoundary { line: 1, text: "-----BEGIN CERTIFICATE----".into() },
            ),
            (
                "-----BEGIN CERTIFICATE-----\nAA!C\n-----END CERTIFICATE-----\n",
                Fault::BadBase64 { line: 2, column: 3, character: "!".into() },
            ),
            ("-----BEGIN CERTIFICATE-----\nAAECA\n-----END CERTIFICATE-----\n", Fault::CutBase64 { line: 1 }),
            ("-----BEGIN CERTIFICATE----- AAEC -----END CERTIFICATE-----", Fault::OneLine { line: 1 }),
            ("-----BEGIN CERTIFICATE-----\n  AAEC\n-----END CERTIFICATE-----\n", Fault::Indented { line: 2 }),
        ];
        for (text, fault) in cases {
            assert!(faults(text).contains(&fault), "{text:?}: {:?}", faults(text));
        }
        let joined = WHOLE.trim_end().to_owned() + WHOLE;
        assert!(faults(&joined).contains(&Fault::JoinedBlocks { line: 4 }));
        assert_eq!(Input::read(joined.as_bytes()).blocks.len(), 2);
        assert!(faults(&WHOLE.replace('\n', "\\n")).contains(&Fault::EscapedNewlines));
        assert_eq!(faults(&WHOLE.replace('\n', "\r\n")), [Fault::CarriageReturns]);
    }

    #[test]
    fn a_mended_reading_still_finds_the_block() {
        for text in
            [WHOLE.replace('\n', "\\n"), WHOLE.replace('\n', " "), format!("\u{feff}{WHOLE}"), format!("x\n{WHOLE}")]
        {
            assert_eq!(Input::read(text.as_bytes()).blocks.len(), 1, "{text:?}");
        }
        let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(WHOLE.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let input = Input::read(&wide);
        assert_eq!((input.blocks.len(), &input.faults[..]), (1, &[Fault::Utf16][..]));
    }
}
