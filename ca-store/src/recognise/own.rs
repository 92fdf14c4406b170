//! Codes that our own programs name: in the chat's log (`code="…"`), in what it says to whom it turns away (`(…: reason)`), and in
//! the reports of `pki`. Nothing is left to guess then.

use crate::finding::Code;

use super::normalise::plain;

/// What stands before a code, and what behind it.
const FRAMES: [(&str, &str); 5] =
    [("code='", "'"), ("'code': '", "'"), ("(", ": "), ("invalid: ", ""), ("valid, but: ", "")];

/// The codes that a line names.
pub(super) fn codes(line: &str) -> impl Iterator<Item = Code> {
    let text = plain(line);
    Code::ALL.iter().copied().filter(move |code| FRAMES.iter().any(|frame| is_named(&text, code.as_str(), *frame)))
}

fn is_named(text: &str, code: &str, (before, behind): (&str, &str)) -> bool {
    text.match_indices(code).any(|(start, _)| {
        let rest = &text[start + code.len()..];
        // Codes begin like others: `expired` is no part of `expired-alternative-path`.
        let ends = if behind.is_empty() { !rest.starts_with(is_of_code) } else { rest.starts_with(behind) };
        text[..start].ends_with(before) && ends
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
        ] {
            assert_eq!(codes(line).collect::<Vec<_>>(), code.into_iter().collect::<Vec<_>>(), "{line}");
        }
    }
}
