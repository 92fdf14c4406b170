//! The BEGIN and END lines of PEM (RFC 7468 section 3), whole and damaged.

use super::Damage;

/// A part of a line: a damaged file may have several boundaries on one.
pub(super) enum Piece<'a> {
    Begin { label: String, damage: Option<Damage> },
    End { label: String, damage: Option<Damage> },
    Text { text: &'a str, column: usize },
}

/// The longest label that is looked for; the longest in use has 21 characters.
const MAX_LABEL: usize = 40;
/// The most parts of a line that are told apart: a file of [`super::MAX_BLOCKS`] without a line end has three for each block.
const MAX_PIECES: usize = 3 * super::MAX_BLOCKS;
/// Characters that word processors, other alphabets' keyboards and people put in place of a dash.
const DASHES: [char; 14] = [
    '-', '=', '_', '~', '\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}', '\u{2015}', '\u{2212}', '\u{2e3a}',
    '\u{fe63}', '\u{ff0d}',
];
/// A line without its five dashes is a boundary only if it speaks of one of these.
const SUBJECTS: [&str; 5] = ["CERTIFICATE", "KEY", "CRL", "PKCS", "PARAMETERS"];

/// A line's parts, in their order; white space alone is none.
pub(super) fn pieces(line: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut columns = Columns { line, at: 0, column: 1 };
    let mut at = 0;
    while let Some((start, end, mut boundary)) = whole(&line[at..]).filter(|_| pieces.len() < MAX_PIECES) {
        let before = &line[at..at + start];
        if !before.trim().is_empty() {
            if is_dashes(before) {
                boundary.spoil(Damage::MoreDashes);
            } else {
                pieces.push(columns.text(at, at + start));
            }
        }
        pieces.push(boundary);
        at += end;
    }
    let rest = &line[at..];
    match (rest.trim().is_empty(), pieces.last_mut()) {
        (true, _) => {}
        (false, Some(last)) if is_dashes(rest) => last.spoil(Damage::MoreDashes),
        (false, _) => pieces.push(damaged(rest).unwrap_or_else(|| columns.text(at, line.len()))),
    }
    pieces
}

impl Piece<'_> {
    fn new(begins: bool, label: String, damage: Option<Damage>) -> Piece<'static> {
        if begins { Piece::Begin { label, damage } } else { Piece::End { label, damage } }
    }

    fn spoil(&mut self, with: Damage) {
        if let Piece::Begin { damage, .. } | Piece::End { damage, .. } = self {
            *damage = Some(with);
        }
    }
}

/// Where the parts of a line begin; each character is counted once, however many parts there are.
struct Columns<'a> {
    line: &'a str,
    at: usize,
    column: usize,
}

impl<'a> Columns<'a> {
    fn text(&mut self, start: usize, end: usize) -> Piece<'a> {
        self.column += self.line[self.at..start].chars().count();
        self.at = start;
        Piece::Text { text: &self.line[start..end], column: self.column }
    }
}

fn is_dashes(text: &str) -> bool {
    text.trim().chars().all(|c| c == '-')
}

/// The first whole boundary of the text, where it begins and where it ends.
fn whole(text: &str) -> Option<(usize, usize, Piece<'static>)> {
    let (start, begins, label_start) = first_word(text)?;
    let length = text[label_start..].find("-----")?;
    let label = &text[label_start..label_start + length];
    (is_label(label) && !label.ends_with(' ')).then(|| {
        let piece = Piece::new(begins, label.to_owned(), None);
        (start, label_start + length + 5, piece)
    })
}

/// Where the first `-----BEGIN ` or `-----END ` begins, which of them it is, and where it ends. Both are looked for at once: the
/// one that is missing would be looked for anew behind each of the other.
fn first_word(text: &str) -> Option<(usize, bool, usize)> {
    let mut dashes = memchr::memmem::find_iter(text.as_bytes(), b"-----").flat_map(|at| at..at + 5);
    dashes.find_map(|at| {
        let rest = text.as_bytes().get(at..)?;
        let words = [(true, &b"-----BEGIN "[..]), (false, &b"-----END "[..])];
        let (begins, word) = words.into_iter().find(|(_, word)| rest.starts_with(word))?;
        Some((at, begins, at + word.len()))
    })
}

/// RFC 7468 section 3 allows more; these are in labels that are in use, the dot in `X9.42 DH PARAMETERS`. A letter may be of another
/// alphabet, and look the same.
fn is_label(text: &str) -> bool {
    text.len() <= MAX_LABEL && text.chars().all(|c| c.is_alphanumeric() || " #.".contains(c))
}

/// What was a boundary once: the word, a label, and some of the dashes, or none.
fn damaged(text: &str) -> Option<Piece<'static>> {
    let inner = text.trim().trim_matches(|c| DASHES.contains(&c) || c == ' ').to_ascii_uppercase();
    let (begins, label) = match inner.strip_prefix("BEGIN") {
        Some(label) => (true, label),
        None => (false, inner.strip_prefix("END")?),
    };
    let label = label.trim();
    // Without any label it is known by its dashes.
    let is_bare = label.is_empty() && text.trim().starts_with("-----") && text.trim().ends_with("-----");
    let fits = is_bare || is_label(label) && SUBJECTS.iter().any(|subject| label.contains(subject));
    fits.then(|| Piece::new(begins, label.to_owned(), Some(Damage::Dashes)))
}

#[cfg(test)]
mod tests {
    use super::{Damage, Piece, pieces};

    fn shape(line: &str) -> Vec<String> {
        let named = |word: &str, label: &str, damage: &Option<Damage>| match damage {
            Some(damage) => format!("{word} {label} {damage:?}"),
            None => format!("{word} {label}"),
        };
        let shown = |piece: &Piece<'_>| match piece {
            Piece::Begin { label, damage } => named("begin", label, damage),
            Piece::End { label, damage } => named("end", label, damage),
            Piece::Text { text, column } => format!("{column}: {text}"),
        };
        pieces(line).iter().map(shown).collect()
    }

    #[test]
    fn boundaries_are_told_from_text_whole_and_damaged() {
        for (line, expected) in [
            ("-----BEGIN CERTIFICATE-----", &["begin CERTIFICATE"][..]),
            ("  -----END X509 CRL-----  ", &["end X509 CRL"]),
            ("-----END CERTIFICATE----------BEGIN CERTIFICATE-----", &["end CERTIFICATE", "begin CERTIFICATE"]),
            ("----BEGIN CERTIFICATE-----", &["begin CERTIFICATE Dashes"]),
            ("-----BEGIN CERTIFICATE----", &["begin CERTIFICATE Dashes"]),
            ("-----BEGIN CERTIFICATE", &["begin CERTIFICATE Dashes"]),
            ("BEGIN CERTIFICATE", &["begin CERTIFICATE Dashes"]),
            ("-----BEGINCERTIFICATE-----", &["begin CERTIFICATE Dashes"]),
            ("----- END PRIVATE KEY -----", &["end PRIVATE KEY Dashes"]),
            ("—–BEGIN CERTIFICATE—–", &["begin CERTIFICATE Dashes"]),
            ("------BEGIN CERTIFICATE-----", &["begin CERTIFICATE MoreDashes"]),
            ("-----END CERTIFICATE-------", &["end CERTIFICATE MoreDashes"]),
            ("AAEC-----END CERTIFICATE-----", &["1: AAEC", "end CERTIFICATE"]),
            ("-----BEGIN CERTIFICATE-----AAEC", &["begin CERTIFICATE", "28: AAEC"]),
            ("-- END of the list --", &["1: -- END of the list --"]),
            ("BEGINNING OF THE END", &["1: BEGINNING OF THE END"]),
            ("   ", &[]),
        ] {
            assert_eq!(shape(line), expected, "{line}");
        }
    }
}
