//! How PEM is told of that lies in another text, or has characters in it that nobody sees.

use crate::facts::{Fault, Unseen, Wrapping};
use crate::finding::{Code, Severity};

use super::Told;

pub(super) fn describe(fault: &Fault) -> Option<Told> {
    match fault {
        Fault::ByteOrderMark { line, hides } => Some(mark(*line, *hides)),
        Fault::Unseen { line, column, character, place } => Some(unseen((*line, *column), character, *place)),
        Fault::Wrapped { line, column, wrapping, shown } => Some(taken_out((*line, *column), *wrapping, shown)),
        _ => None,
    }
}

fn mark(line: usize, hides: bool) -> Told {
    let what = match (line, hides) {
        (1, true) => "begins with a byte order mark, which hides its first block from Go, Java and rustls".to_owned(),
        (_, false) => {
            "begins with a byte order mark, and no block stands on that line: all programs read it".to_owned()
        }
        (line, true) => format!(
            "has a byte order mark in line {line}, as two files leave that are joined: it hides the block there from Go and rustls, and Java refuses the file"
        ),
    };
    let told = Told::new(Code::FileHasBom, what);
    let told = if line > 1 { told.shown_by("place", "later") } else { told };
    if hides { told } else { told.graded(Severity::Note) }
}

/// What is expected in its place.
const LINE_END: &str = "where programs expect the line's end";

fn unseen((line, column): (usize, usize), character: &str, place: Unseen) -> Told {
    let (code, place, what, severity) = match place {
        Unseen::Within => (Code::FileBadBase64, "within", "where programs expect base64", Severity::Error),
        Unseen::WithinBoundary => {
            (Code::FileBadBoundary, "within a boundary", "where programs expect the boundary alone", Severity::Error)
        }
        Unseen::BeforeBegin => {
            (Code::FileBadBoundary, "before BEGIN", "where programs expect the BEGIN", Severity::Warning)
        }
        Unseen::BehindBegin => (Code::FileBadBoundary, "behind BEGIN", LINE_END, Severity::Warning),
        Unseen::BehindEnd => (Code::FileBadBoundary, "behind END", LINE_END, Severity::Warning),
        Unseen::BehindBase64 => (Code::FileBadBase64, "behind base64", LINE_END, Severity::Warning),
        Unseen::BehindLines => (Code::FileBadBase64, "behind every line", LINE_END, Severity::Warning),
    };
    let told = Told::new(
        code,
        format!("has a character that nobody sees in line {line}, column {column} ({character}), {what}"),
    );
    let kind = match character.get(..6) {
        Some("U+0009") => "tab",
        Some("U+000B" | "U+000C") => "control",
        _ => "not ASCII",
    };
    told.graded(severity).shown_by("character", character).shown_by("unseen", kind).shown_by("place", place)
}

fn taken_out((line, column): (usize, usize), wrapping: Wrapping, shown: &str) -> Told {
    let (code, what, kind) = match wrapping {
        Wrapping::Lines => {
            (Code::FileBadBoundary, format!("has `{shown}` around each line of a block, {}", whose(shown)), "lines")
        }
        Wrapping::Markup => {
            (Code::FileBadBase64, format!("has the mark-up of a web page in a block: `{shown}`"), "markup")
        }
        Wrapping::Percent => {
            (Code::FileBadBoundary, format!("is encoded as in a URL, with characters such as `{shown}`"), "percent")
        }
        Wrapping::QuotedPrintable => (
            Code::FileBadBase64,
            format!("is encoded as in a mail (quoted-printable): `{shown}` for `=`"),
            "quoted-printable",
        ),
        Wrapping::Base64 => (Code::FileBadBoundary, "is PEM that was encoded in base64 once more".to_owned(), "base64"),
        Wrapping::UrlSafe => (
            Code::FileBadBase64,
            format!("has base64 in the digits of URLs: `{shown}`, with `-` for `+` and `_` for `/`"),
            "URL",
        ),
        Wrapping::PlusAsSpace => {
            (Code::FileBadBase64, "has a space for each `+` of its base64, as a web form makes it".to_owned(), "form")
        }
    };
    let told = Told::new(code, format!("{what}, from line {line}, column {column} on")).graded(Severity::Error);
    let told = told.shown_by("wrapped", kind).shown_by("shown", shown);
    // What `file-bad-boundary` is told by.
    if code == Code::FileBadBoundary { told.shown_by("boundary", "wrapped") } else { told }
}

/// Where lines look so.
fn whose(shown: &str) -> &'static str {
    match shown.trim_start().chars().next() {
        Some('>' | '|') => "as a mail that quotes it",
        Some('+' | '-') => "as a list of changes (diff)",
        Some('#' | '/' | ';' | '*') => "as a comment",
        Some('"' | '\'') => "as a string of a program or of JSON",
        Some('<' | '&') => "as a web page",
        Some(c) if c.is_ascii_digit() => "as a listing with numbers of lines",
        _ => "as another text that holds it",
    }
}
