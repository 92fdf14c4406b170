//! PEM (RFC 7468), read as it comes: everything that can be made out is, and every fault is kept with its line.

use zeroize::Zeroizing;

use super::block::{Block, BlockKind, kind_of_label};
use super::boundary::{Piece, pieces};
use super::unseen::{self, Side, Stray, Unseen};
use super::{Damage, Fault, Indent, Input, base64, escape};

/// The most blocks that are read of one file; the largest bundles in use hold a few hundred.
pub const MAX_BLOCKS: usize = 20_000;

/// The most faults of one kind that are kept for themselves: whoever mends that many by hand looks again, and a file may have one
/// in each of two million lines.
pub const MAX_FAULTS_OF_A_KIND: usize = 32;

/// Reads the blocks of a text, with their faults, into the input.
pub(super) fn read(text: &str, input: &mut Input) {
    let mut reader = Reader { input, open: None };
    for (number, line) in (1..).zip(text.lines()) {
        reader.line(number, line);
        if reader.input.blocks.len() >= MAX_BLOCKS {
            return reader.input.add(Fault::TooMany);
        }
    }
    if let Some(open) = reader.open.take() {
        reader.input.add(Fault::MissingEnd { line: open.line, label: open.label });
    }
}

struct Reader<'a> {
    input: &'a mut Input,
    open: Option<Open>,
}

/// A block whose END has not been seen.
struct Open {
    label: String,
    line: usize,
    body: Zeroizing<String>,
    /// The headers of RFC 1421: a key's encryption.
    encrypted: bool,
    cipher: Option<String>,
    /// A character was seen that is not base64: nothing can be made of it.
    broken: bool,
    /// An empty line after base64, where one was seen.
    blank: Option<usize>,
    /// Base64 stands on the line of the BEGIN.
    inline: bool,
}

/// What stood before a piece on its line.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    Nothing,
    Text,
    End,
    OneLine,
}

/// What a file that was cut off may end within.
const END: &[u8] = b"-----END ";

impl Reader<'_> {
    fn line(&mut self, number: usize, line: &str) {
        let Some((seen, stray)) = unseen::without(line) else { return self.seen_line(number, line) };
        self.stray(number, &seen, stray);
        self.seen_line(number, &seen);
    }

    /// What nobody sees matters in a block alone.
    fn stray(&mut self, line: usize, seen: &str, stray: Stray) {
        let found = pieces(seen);
        let begins = matches!(found.first(), Some(Piece::Begin { .. }));
        let ends = matches!(found.last(), Some(Piece::End { .. }));
        let is_mark = stray.character == '\u{feff}';
        let place = match stray.side {
            // OpenSSL passes over one.
            Side::Before if begins && is_mark && !self.input.has_mark(line) => {
                return self.input.add(Fault::ByteOrderMark { line, hides: true });
            }
            Side::Before if begins => Unseen::BeforeBegin,
            Side::Behind if begins && !ends => Unseen::BehindBegin,
            // No program minds a tab elsewhere.
            Side::Behind if stray.character == '\t' => return,
            Side::Behind if ends => Unseen::BehindEnd,
            Side::Behind if self.open.is_some() => Unseen::BehindBase64,
            _ if begins || ends => Unseen::WithinBoundary,
            _ if self.open.is_some() => Unseen::Within,
            _ => return,
        };
        let known = self.input.faults.iter_mut().find_map(|fault| match fault {
            Fault::Unseen { place: known, .. } => known.with(place).map(|both| *known = both),
            _ => None,
        });
        if known.is_none() {
            let (column, character) = (stray.column, unseen::named(stray.character));
            self.input.faults.push(Fault::Unseen { line, column, character, place });
        }
    }

    fn seen_line(&mut self, number: usize, line: &str) {
        let pieces = pieces(line);
        if pieces.is_empty() {
            return self.empty_line(number);
        }
        let indented = line.starts_with([' ', '\t']);
        let line = line.trim();
        let mut before = Before::Nothing;
        for piece in pieces {
            before = match piece {
                Piece::Begin { label, damage } => {
                    self.boundary(number, line, damage, before == Before::Nothing && indented);
                    self.begin(number, line, &label, before);
                    Before::Nothing
                }
                Piece::End { label, damage } => {
                    let damaged = damage.is_some();
                    self.boundary(number, line, damage, before == Before::Nothing && indented);
                    self.end(number, line, &label, damaged, before)
                }
                Piece::Text { text, column } => {
                    if before == Before::End && !self.input.is_escaped() {
                        self.damaged(number, line, Damage::TextBehind);
                    } else {
                        self.text(number, text, column, indented);
                    }
                    Before::Text
                }
            };
        }
    }

    fn empty_line(&mut self, number: usize) {
        if let Some(open) = self.open.as_mut().filter(|open| !open.body.is_empty()) {
            open.blank.get_or_insert(number);
        }
    }

    fn boundary(&mut self, line: usize, text: &str, damage: Option<Damage>, indented: bool) {
        if let Some(damage) = damage {
            self.damaged(line, text, damage);
        } else if indented {
            let begins = text.contains("BEGIN");
            self.indented(line, if begins { Indent::Begin } else { Indent::End });
        }
    }

    fn damaged(&mut self, line: usize, text: &str, damage: Damage) {
        let text: String = text.chars().take(80).collect();
        self.input.add(Fault::BadBoundary { line, text: escape(&text), damage });
    }

    fn indented(&mut self, line: usize, what: Indent) {
        let known = self.input.faults.iter_mut().find_map(|fault| match fault {
            Fault::Indented { what, .. } => Some(what),
            _ => None,
        });
        match known {
            Some(known) => *known = what.max(*known),
            None => self.input.add(Fault::Indented { line, what }),
        }
    }

    fn begin(&mut self, number: usize, line: &str, label: &str, before: Before) {
        if let Some(open) = self.open.take() {
            self.input.add(Fault::MissingEnd { line: open.line, label: open.label });
        }
        match before {
            Before::End => self.input.add(Fault::JoinedBlocks { line: number }),
            Before::Text => self.damaged(number, line, Damage::NotAlone),
            Before::Nothing | Before::OneLine => {}
        }
        self.open = Some(Open {
            label: escape(label),
            line: number,
            body: Zeroizing::new(String::new()),
            encrypted: false,
            cipher: None,
            // An OpenPGP block is armour of another kind (RFC 9580 section 6.2), and nothing of ours.
            broken: label.starts_with("PGP "),
            blank: None,
            inline: false,
        });
    }

    fn end(&mut self, number: usize, line: &str, label: &str, damaged: bool, before: Before) -> Before {
        let Some(open) = self.open.take() else {
            if !damaged {
                self.damaged(number, line, Damage::NoBegin);
            }
            return Before::End;
        };
        let one_line = open.line == number;
        match (one_line, before) {
            (true, _) => {
                self.input.once(Fault::OneLine { line: number });
                // That all of it stands on one line says that as well.
                self.input.faults.retain(|fault| !fault.is_not_alone_in(number));
            }
            (false, Before::Text) => self.damaged(number, line, Damage::NotAlone),
            _ if open.inline => {
                let text = format!("-----BEGIN {}-----…", open.label);
                self.damaged(open.line, &text, Damage::NotAlone);
            }
            _ => {}
        }
        if open.label != escape(label) && !damaged {
            let (begin, end) = (open.label.clone(), escape(label));
            self.input.add(Fault::LabelsDiffer { line: number, begin, end });
        }
        self.close(open, number);
        if one_line { Before::OneLine } else { Before::End }
    }

    fn text(&mut self, number: usize, text: &str, column: usize, indented: bool) {
        let Some(open) = &mut self.open else {
            return self.input.once(Fault::SurroundingText { line: number });
        };
        if open.body.is_empty() && !open.broken && is_header(text) {
            // Of a key they say how it is encrypted; before other base64 no program expects them.
            if !open.label.contains("KEY") {
                let name = text.split(':').next().unwrap_or_default();
                let (name, column) = (escape(name), column + name.chars().count());
                return self.input.once(Fault::Header { line: number, column, name });
            }
            open.encrypted |= text.contains("ENCRYPTED");
            if let Some(cipher) = text.strip_prefix("DEK-Info:") {
                open.cipher = Some(cipher.trim().to_owned());
            }
            return;
        }
        // What the file ends with, cut off within its END, is no base64: that the END is missing is told.
        let begun = &text.as_bytes()[..text.len().min(END.len())];
        if column == 1 && text.starts_with('-') && END.starts_with(begun) {
            return;
        }
        open.inline |= open.line == number;
        let blank = open.blank.take();
        if let Some(fault) = open.take(number, text, column) {
            self.input.add(fault);
        }
        let inline = open.line == number;
        if let Some(line) = blank {
            self.input.once(Fault::BlankLine { line });
        }
        if indented && column == 1 && !inline {
            self.indented(number, Indent::Base64);
        }
    }

    fn close(&mut self, open: Open, end: usize) {
        if let Some(line) = open.blank {
            self.input.once(Fault::BlankLine { line });
        }
        if open.broken {
            return;
        }
        let whole = base64::decode(&open.body);
        if whole.is_none()
            && let Some(der) = unpadded(&open.body)
        {
            self.input.add(Fault::Unpadded { line: end });
            return self.input.blocks.push(open.holding(der));
        }
        match whole {
            Some(der) => self.input.blocks.push(open.holding(der)),
            None => self.input.add(Fault::CutBase64 { line: open.line, end }),
        }
    }
}

/// What base64 stands for that lacks its padding, where it is as long as its DER says.
fn unpadded(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let missing = text.len().next_multiple_of(4) - text.len();
    let mut padded = Zeroizing::new(String::with_capacity(text.len() + missing));
    padded.extend([text, &"=="[..missing.min(2)]]);
    base64::decode(&padded).filter(|der| super::announced_length(der) == Some(der.len()))
}

impl Open {
    fn holding(self, der: Zeroizing<Vec<u8>>) -> Block {
        Block {
            kind: if self.encrypted { BlockKind::EncryptedKey } else { kind_of_label(&self.label) },
            label: self.label,
            der,
            line: self.line,
            cipher: self.cipher,
            has_settings: false,
        }
    }

    /// Takes a line of base64; the first character that is none is a fault, also one behind the padding.
    fn take(&mut self, line: usize, text: &str, column: usize) -> Option<Fault> {
        for (column, c) in (column..).zip(text.chars()) {
            let padded = self.body.ends_with('=') && c != '=';
            if (c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=')) && !padded {
                self.body.push(c);
            } else if !c.is_whitespace() && !self.broken {
                self.broken = true;
                return Some(Fault::BadBase64 { line, column, character: escape(&c.to_string()) });
            }
        }
        None
    }
}

/// `Name: value`, as RFC 1421 section 4.6 has it before the base64.
fn is_header(line: &str) -> bool {
    let name = line.split_once(':').map_or("", |(name, _)| name);
    name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// PEM text of DER (RFC 7468 section 3). The text of a private key is the caller's to wipe.
///
/// A label that RFC 7468 does not allow gives an empty text.
pub fn to_pem(label: &'static str, der: &[u8]) -> String {
    pkcs8::der::pem::encode_string(label, pkcs8::LineEnding::LF, der).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{BlockKind, Damage, Fault, Indent, Input, MAX_FAULTS_OF_A_KIND, Unseen};

    const WHOLE: &str = "-----BEGIN CERTIFICATE-----\nAAEC\nAwQF\n-----END CERTIFICATE-----\n";

    fn faults(text: &str) -> Vec<Fault> {
        Input::read(text.as_bytes()).faults
    }

    fn unseen(line: usize, column: usize, place: Unseen) -> Fault {
        Fault::Unseen { line, column, character: "U+00A0, a no-break space".into(), place }
    }

    fn bad(line: usize, text: &str, damage: Damage) -> Fault {
        Fault::BadBoundary { line, text: text.into(), damage }
    }

    #[test]
    fn an_end_that_goes_on_with_other_characters_is_no_end_cut_off() {
        let input = Input::read("-----BEGIN X-----\nAAAA\n-----END\u{ed}\u{ff}X-----\n".as_bytes());
        assert!(!input.faults.is_empty());
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
    fn every_fault_is_named_with_its_line() {
        let cases = [
            ("", Fault::Empty),
            ("hello", Fault::NothingFound("text that begins with `hello`".into())),
            ("MAMCAQE=", Fault::NoBoundaries { line: 1 }),
            ("-----BEGIN CERTIFICATE-----\nAAEC\n", Fault::MissingEnd { line: 1, label: "CERTIFICATE".into() }),
            (
                "-----BEGIN CERTIFICATE----\nAAEC\n-----END CERTIFICATE-----\n",
                bad(1, "-----BEGIN CERTIFICATE----", Damage::Dashes),
            ),
            (
                "-----BEGIN CERTIFICATE-----\nAA!C\n-----END CERTIFICATE-----\n",
                Fault::BadBase64 { line: 2, column: 3, character: "!".into() },
            ),
            (
                "-----BEGIN CERTIFICATE-----\nAA==\nAAEC\n-----END CERTIFICATE-----\n",
                Fault::BadBase64 { line: 3, column: 1, character: "A".into() },
            ),
            ("-----BEGIN CERTIFICATE-----\nAAECA\n-----END CERTIFICATE-----\n", Fault::CutBase64 { line: 1, end: 3 }),
            ("-----BEGIN CERTIFICATE----- AAEC -----END CERTIFICATE-----", Fault::OneLine { line: 1 }),
            (
                "-----BEGIN CERTIFICATE-----\n  AAEC\n-----END CERTIFICATE-----\n",
                Fault::Indented { line: 2, what: Indent::Base64 },
            ),
            (
                "  -----BEGIN CERTIFICATE-----\n  AAEC\n  -----END CERTIFICATE-----\n",
                Fault::Indented { line: 1, what: Indent::Begin },
            ),
            (
                "-----BEGIN CERTIFICATE-----\nAAEC\n  -----END CERTIFICATE-----\n",
                Fault::Indented { line: 3, what: Indent::End },
            ),
            (
                "-----BEGIN CERTIFICATE-----\nSubject: x\n\nAAEC\n-----END CERTIFICATE-----\n",
                Fault::Header { line: 2, column: 8, name: "Subject".into() },
            ),
            (
                "-----BEGIN CERTIFICATE-----\nAAEC\n-----END X509 CRL-----\n",
                Fault::LabelsDiffer { line: 3, begin: "CERTIFICATE".into(), end: "X509 CRL".into() },
            ),
            ("-----BEGIN CERTIFICATE-----\nAAEC\n\nAAEC\n-----END CERTIFICATE-----\n", Fault::BlankLine { line: 3 }),
            (
                "-----BEGIN CERTIFICATE-----\nAAEC-----END CERTIFICATE-----\n",
                bad(2, "AAEC-----END CERTIFICATE-----", Damage::NotAlone),
            ),
            ("-----END CERTIFICATE-----\n", bad(1, "-----END CERTIFICATE-----", Damage::NoBegin)),
            (
                "-----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE-----$ ",
                bad(3, "-----END CERTIFICATE-----$", Damage::TextBehind),
            ),
            ("-----BEGIN CERTIFICATE-----\nMAA\n-----END CERTIFICATE-----\n", Fault::Unpadded { line: 3 }),
            (
                "-----BEGIN CERTIFICATE-----\nAAEC\n-----END CERT",
                Fault::MissingEnd { line: 1, label: "CERTIFICATE".into() },
            ),
            (
                "-----BEGIN CERTIFICATE-----\nAAEC\u{a0}\n-----END CERTIFICATE-----\n",
                unseen(2, 5, Unseen::BehindBase64),
            ),
            ("\u{a0}-----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE-----\n", unseen(1, 1, Unseen::BeforeBegin)),
            ("-----BEGIN CERTIFICATE-----\nAA\u{a0}EC\n-----END CERTIFICATE-----\n", unseen(2, 3, Unseen::Within)),
        ];
        for (text, fault) in cases {
            assert_eq!(faults(text), [fault], "{text:?}");
        }
        let joined = WHOLE.trim_end().to_owned() + WHOLE;
        assert_eq!(faults(&joined), [Fault::JoinedBlocks { line: 4 }]);
        assert_eq!(Input::read(joined.as_bytes()).blocks.len(), 2);
        assert_eq!(faults(&WHOLE.replace('\n', "\\n")), [Fault::EscapedNewlines { line: 1, column: 28 }]);
        assert_eq!(faults(&WHOLE.replace('\n', "\r\n")), [Fault::CarriageReturns]);
        assert_eq!(faults(&WHOLE.replace('\n', "\r")), [Fault::OldLineEnds { column: 28 }]);
    }

    #[test]
    fn a_mended_reading_still_finds_the_blocks() {
        let twice = WHOLE.repeat(2);
        for text in [
            twice.replace('\n', "\\n"),
            twice.replace('\n', " "),
            twice.replace('\n', ""),
            twice.replace('\n', "\r"),
            twice.replace("-----BEGIN", "--BEGIN"),
            twice.replace("CERTIFICATE-----", "CERTIFICATE"),
            format!("\"{}\"", twice.replace('\n', "\\n")),
            format!("\u{feff}{twice}"),
            format!("x\n{twice}"),
        ] {
            assert_eq!(Input::read(text.as_bytes()).blocks.len(), 2, "{text:?}");
        }
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        for text in [wide(&format!("\u{feff}{WHOLE}")), wide(WHOLE)] {
            let input = Input::read(&text);
            assert_eq!((input.blocks.len(), &input.faults[..]), (1, &[Fault::Utf16][..]));
        }
    }

    #[test]
    fn of_a_fault_in_each_line_some_are_kept_and_the_others_counted() {
        const LINES: usize = 20_000;
        let begin = "-----BEGIN CERTIFICATE-----";
        for (line, faults_beside) in [(format!("{begin}\n"), 0), (format!("{begin}\\n"), 1), (begin.to_owned(), 0)] {
            let faults = faults(&line.repeat(LINES));
            assert_eq!(faults.len(), MAX_FAULTS_OF_A_KIND + 1 + faults_beside, "{line:?}");
            let more = Fault::MissingEnd {
                line: if line.len() == begin.len() { 1 } else { MAX_FAULTS_OF_A_KIND + 1 },
                label: "CERTIFICATE".into(),
            };
            let counted = Fault::More { like: Box::new(more), count: LINES - MAX_FAULTS_OF_A_KIND };
            assert_eq!(faults.last(), Some(&counted), "{line:?}");
        }
        let broken = "-----BEGIN CERTIFICATE-----\n!\n-----END X509 CRL-----\n";
        assert_eq!(faults(&broken.repeat(LINES)).len(), 2 * (MAX_FAULTS_OF_A_KIND + 1));
    }

    #[test]
    fn headers_of_an_encrypted_key_are_read() {
        let text = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00FF\n\nAAEC\n-----END RSA PRIVATE KEY-----\n";
        let input = Input::read(text.as_bytes());
        assert!(input.faults.is_empty(), "{:?}", input.faults);
        assert_eq!(input.blocks[0].kind, BlockKind::EncryptedKey);
        assert_eq!(input.blocks[0].cipher.as_deref(), Some("AES-256-CBC,00FF"));
    }
}
