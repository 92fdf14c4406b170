//! Codes that our own programs name: in the chat's log (`code="…"`), in what it says to whom it turns away (`(…: reason)`), and in
//! the reports of `pki`. Nothing is left to guess then.

use crate::finding::Code;

use super::normalise::plain;

/// What stands before a code, and what behind it.
const FRAMES: [(&str, &str); 5] =
    [("code='", "'"), ("'code': '", "'"), ("(", ": "), ("invalid: ", ""), ("valid, but: ", "")];

/// The codes that a line names, in the order of the catalogue. Only what stands in a frame is looked up: a log has many lines,
/// and the catalogue many codes.
pub(super) fn codes(line: &str) -> Vec<Code> {
    let text = plain(line);
    let mut codes: Vec<Code> = FRAMES.iter().flat_map(|frame| named(&text, *frame)).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// The whole words of code in a frame: `expired` is no part of `expired-alternative-path`.
fn named<'a>(text: &'a str, (before, behind): (&'a str, &'a str)) -> impl Iterator<Item = Code> + 'a {
    text.match_indices(before).filter_map(move |(at, _)| {
        let rest = &text[at + before.len()..];
        let word = &rest[..rest.find(|c| !is_of_code(c)).unwrap_or(rest.len())];
        rest[word.len()..].starts_with(behind).then(|| Code::parse(word)).flatten()
    })
}

fn is_of_code(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_where_our_programs_write_it() {
        for (line, code) in [
            ("WARN refused peer=127.0.0.1:5 code=\"wrong-purpose\" reason=\"x\"", Some(Code::WrongPurpose)),
            ("ERROR :Closing Link: ::1 (access-denied: alice is denied)", Some(Code::AccessDenied)),
            ("invalid: key-mismatch", Some(Code::KeyMismatch)),
            ("valid, but: crl-missing", Some(Code::CrlMissing)),
            ("    \"code\": \"expired\",", Some(Code::Expired)),
            ("invalid: expired-alternative-path", Some(Code::ExpiredAlternativePath)),
            ("the certificate expired", None),
            ("a key-mismatch is told", None),
            ("((expired: x) (expired-alternative-path", Some(Code::Expired)),
        ] {
            assert_eq!(codes(line), Vec::from_iter(code), "{line}");
        }
    }
}
