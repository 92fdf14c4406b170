//! A text in records: what a program said at one time. A log's record begins with a line that has a clock time near its
//! beginning, or with an exception of Python's; the lines without one belong to it. A text without either is one record.

/// Bytes of a text that are read: a day of a busy server's error log; the rest is left, and said so.
pub const MAX_TEXT_BYTES: usize = 16 * 1024 * 1024;

/// Lines that are read: twice what that many bytes of a usual log hold.
pub const MAX_TEXT_LINES: usize = 200_000;

/// Bytes of a line that are looked at: error messages are shorter, a line with a dump in it is not.
pub(super) const MAX_LINE_BYTES: usize = 4096;

/// Lines of one record: a Java trace with its causes, or a whole session of `openssl s_client`.
const MAX_RECORD_LINES: usize = 200;

/// Where in a line the time of a record stands, at the latest: `Nov 23 20:08:47`, `[Mon Nov 23 20:08:47.123 2026]`,
/// `2026-11-23T20:08:47Z`, `{"time":"2026-11-23T20:08:47Z"`.
const TIME_WITHIN: usize = 40;

/// Lines that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record<'a> {
    /// The number of the first line, from 1.
    pub(super) first: usize,
    /// The lines, each cut at [`MAX_LINE_BYTES`].
    pub(super) lines: Vec<&'a str>,
}

/// The records of a text, within the bounds.
pub(super) fn records(text: &str) -> Vec<Record<'_>> {
    let mut records: Vec<Record<'_>> = Vec::new();
    for (number, line) in (1..).zip(cut(text, MAX_TEXT_BYTES).lines().take(MAX_TEXT_LINES)) {
        let line = cut(line, MAX_LINE_BYTES);
        match records.last_mut() {
            Some(record) if record.lines.len() < MAX_RECORD_LINES && !begins_record(line) => record.lines.push(line),
            _ => records.push(Record { first: number, lines: vec![line] }),
        }
    }
    records
}

/// Whether some of the text lies beyond the bounds.
pub(super) fn is_cut(text: &str) -> bool {
    text.len() > MAX_TEXT_BYTES || text.lines().nth(MAX_TEXT_LINES).is_some()
}

/// At most so many bytes, ending with a whole character.
fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

/// The line of an exception of Python's `ssl`: a server that prints them has one for each client.
const EXCEPTIONS: &[&str] =
    &["SSLError:", "SSLZeroReturnError:", "SSLEOFError:", "SSLCertVerificationError:", "SSLSyscallError:"];

/// A time, or an exception.
fn begins_record(line: &str) -> bool {
    let bare = line.strip_prefix("ssl.").unwrap_or(line);
    has_time(line) || EXCEPTIONS.iter().any(|exception| bare.starts_with(exception))
}

/// `dd:dd:dd` near the beginning.
fn has_time(line: &str) -> bool {
    let head = &line.as_bytes()[..line.len().min(TIME_WITHIN)];
    head.windows(8).any(|it| {
        it.iter().enumerate().all(|(index, byte)| if index % 3 == 2 { *byte == b':' } else { byte.is_ascii_digit() })
    })
}

#[cfg(test)]
mod tests {
    use super::{MAX_LINE_BYTES, records};

    #[test]
    fn a_line_with_a_time_begins_a_record() {
        let firsts = |text: &str| records(text).iter().map(|it| (it.first, it.lines.len())).collect::<Vec<_>>();
        for (text, expected) in [
            ("", vec![]),
            ("one\ntwo\nthree", vec![(1, 3)]),
            ("Nov 23 20:08:47 host a\n  more\nNov 23 20:08:48 host b", vec![(1, 2), (3, 1)]),
            ("2026/11/23 20:08:47 [error] a\n2026-11-23T20:08:48Z b", vec![(1, 1), (2, 1)]),
            ("[Mon Nov 23 20:08:47.123456 2026] [ssl:error]", vec![(1, 1)]),
            ("Traceback:\n  File\nssl.SSLError: [SSL: A]\nSSLZeroReturnError: b", vec![(1, 2), (3, 1), (4, 1)]),
            ("Caused by: java.security.cert.CertificateNotYetValidException: NotBefore: 00:00:00", vec![(1, 1)]),
        ] {
            assert_eq!(firsts(text), expected, "{text}");
        }
    }

    #[test]
    fn long_lines_are_cut_at_a_character() {
        let line = "é".repeat(MAX_LINE_BYTES);
        assert_eq!(records(&line)[0].lines[0].len(), MAX_LINE_BYTES);
        assert_eq!(records(&format!("a{line}"))[0].lines[0].len(), MAX_LINE_BYTES - 1);
    }
}
