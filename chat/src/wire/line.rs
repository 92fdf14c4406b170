//! Splits a stream of bytes into lines, with a bound on each part of a line.

pub use crate::limits::wire::{BODY_LENGTH, CLIENT_TAGS_LENGTH, SERVER_TAGS_LENGTH};
use std::fmt;

/// A line exceeded its bound; the rest of it is skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TooLong {
    /// Its tags with their `@`, so that the answer can carry the label; empty where there are none, or too many.
    pub tags: Vec<u8>,
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line longer than {BODY_LENGTH} bytes, or its tags longer than allowed")
    }
}

impl std::error::Error for TooLong {}

/// Collects bytes and gives out whole lines without their CR LF. Holds at most one unfinished line beyond what was
/// pushed last.
///
/// A line ends in LF, with or without CRs before it; empty lines are skipped (RFC 2812, section 2.3.1).
#[derive(Debug)]
pub struct LineSplitter {
    waiting: Vec<u8>,
    start: usize,
    scanned: usize,
    tags: usize,
    skipping: bool,
}

impl LineSplitter {
    /// A splitter for what clients send to a server.
    pub fn for_clients() -> LineSplitter {
        LineSplitter::with_tags(CLIENT_TAGS_LENGTH)
    }

    /// A splitter for what a server sends to clients.
    pub fn for_servers() -> LineSplitter {
        LineSplitter::with_tags(SERVER_TAGS_LENGTH)
    }

    fn with_tags(tags: usize) -> LineSplitter {
        LineSplitter { waiting: Vec::new(), start: 0, scanned: 0, tags, skipping: false }
    }

    /// Adds what was read. Take all lines with [`LineSplitter::next_line`] before pushing again, so that little waits.
    pub fn push(&mut self, bytes: &[u8]) {
        self.waiting.drain(..self.start);
        self.scanned -= self.start;
        self.start = 0;
        self.waiting.extend_from_slice(bytes);
    }

    /// The next whole line, `TooLong` once for a line that exceeds its bound, or `None` until more is pushed.
    pub fn next_line(&mut self) -> Option<Result<Vec<u8>, TooLong>> {
        loop {
            let Some(end) = self.find_end() else { return self.check_unfinished() };
            let whole = without_cr(&self.waiting[self.start..end]);
            let line = without_crs(whole);
            let fits = fits(whole, self.tags);
            let result = if fits { Ok(line.to_vec()) } else { Err(too_long(whole, self.tags)) };
            let silent = (fits && line.is_empty()) || self.skipping;
            self.skipping = false;
            self.consume(end + 1);
            if !silent {
                return Some(result);
            }
        }
    }

    fn find_end(&self) -> Option<usize> {
        self.waiting[self.scanned..].iter().position(|byte| *byte == b'\n').map(|at| self.scanned + at)
    }

    fn check_unfinished(&mut self) -> Option<Result<Vec<u8>, TooLong>> {
        self.scanned = self.waiting.len();
        let unfinished = without_cr(&self.waiting[self.start..]);
        if !self.skipping && fits(unfinished, self.tags) {
            return None;
        }
        let refused = (!self.skipping).then(|| Err(too_long(unfinished, self.tags)));
        self.skipping = true;
        self.consume(self.waiting.len());
        refused
    }

    fn consume(&mut self, to: usize) {
        self.start = to;
        self.scanned = to;
        if to == self.waiting.len() {
            // An idle connection keeps no buffer: ten thousand of them would be tens of megabytes.
            self.waiting = Vec::new();
            self.start = 0;
            self.scanned = 0;
        }
    }
}

/// A CR by itself is a separator too, and what lies between two of them is an empty message (RFC 2812, section 2.3.1). One in
/// the middle of a line is left there, to be refused: whoever passed it on may have taken the line for one message.
fn without_crs(line: &[u8]) -> &[u8] {
    let start = line.iter().take_while(|byte| **byte == b'\r').count();
    let end = line.iter().rev().take_while(|byte| **byte == b'\r').count();
    &line[start..line.len().saturating_sub(end).max(start)]
}

fn without_cr(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Whether a line without its CR LF keeps both bounds; unfinished lines are judged by what is there.
fn fits(line: &[u8], tags: usize) -> bool {
    let body = BODY_LENGTH - 2;
    if line.first() != Some(&b'@') {
        return line.len() <= body;
    }
    match end_of_tags(line, tags) {
        Some(space) => line.len() - space - 1 <= body,
        None => line.len() < tags,
    }
}

fn end_of_tags(line: &[u8], tags: usize) -> Option<usize> {
    line.iter().take(tags).position(|byte| *byte == b' ')
}

fn too_long(line: &[u8], tags: usize) -> TooLong {
    let end = end_of_tags(line, tags).filter(|_| line.first() == Some(&b'@'));
    TooLong { tags: line[..end.unwrap_or(0)].to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(splitter: &mut LineSplitter) -> Vec<Result<Vec<u8>, TooLong>> {
        std::iter::from_fn(|| splitter.next_line()).collect()
    }

    #[test]
    fn lines_end_in_lf_with_or_without_cr() {
        let mut splitter = LineSplitter::for_clients();
        splitter.push(b"PING 1\r\nPING 2\n\r\n\nPI");
        assert_eq!(lines(&mut splitter), [Ok(b"PING 1".to_vec()), Ok(b"PING 2".to_vec())]);
        splitter.push(b"NG 3\r");
        assert_eq!(lines(&mut splitter), []);
        splitter.push(b"\n");
        assert_eq!(lines(&mut splitter), [Ok(b"PING 3".to_vec())]);
    }

    #[test]
    fn crs_at_both_ends_are_empty_messages_and_one_within_is_kept() {
        let mut splitter = LineSplitter::for_clients();
        splitter.push(b"\r\rPING 1\r\r\n\r\r\nPING\r2\r\n");
        assert_eq!(lines(&mut splitter), [Ok(b"PING 1".to_vec()), Ok(b"PING\r2".to_vec())]);
        splitter.push(&[&[b'\r'; 600][..], b"\n"].concat());
        assert_eq!(lines(&mut splitter), [Err(TooLong { tags: Vec::new() })], "a bound is a bound");
    }

    #[test]
    fn a_line_of_510_bytes_fits_and_one_more_does_not() {
        let mut splitter = LineSplitter::for_clients();
        let longest = vec![b'x'; 510];
        splitter.push(&[&longest[..], b"\r\n", &longest[..], b"x\r\nPING\r\n"].concat());
        assert_eq!(lines(&mut splitter), [Ok(longest), Err(TooLong { tags: Vec::new() }), Ok(b"PING".to_vec())]);
    }

    #[test]
    fn tags_have_a_bound_of_their_own() {
        let tagged = |length: usize| [b"@", &vec![b't'; length][..], b" ", &vec![b'x'; 510][..], b"\r\n"].concat();
        let mut splitter = LineSplitter::for_clients();
        splitter.push(&tagged(CLIENT_TAGS_LENGTH - 2));
        splitter.push(&tagged(CLIENT_TAGS_LENGTH - 1));
        let found: Vec<bool> = lines(&mut splitter).iter().map(Result::is_ok).collect();
        assert_eq!(found, [true, false]);
    }

    #[test]
    fn of_a_line_that_is_too_long_the_tags_are_kept() {
        let mut splitter = LineSplitter::for_clients();
        splitter.push(&[b"@label=1;a PRIVMSG ", &[b'x'; 600][..]].concat());
        assert_eq!(lines(&mut splitter), [Err(TooLong { tags: b"@label=1;a".to_vec() })]);
    }

    #[test]
    fn an_endless_line_is_reported_once_and_not_kept() {
        let mut splitter = LineSplitter::for_clients();
        let mut reported = 0;
        for _ in 0..100 {
            splitter.push(&[b'x'; 400]);
            reported += lines(&mut splitter).len();
            assert!(splitter.waiting.len() <= 510);
        }
        splitter.push(b"\r\nPING\r\n");
        assert_eq!((reported, lines(&mut splitter)), (1, vec![Ok(b"PING".to_vec())]));
    }

    proptest::proptest! {
        #[test]
        fn how_the_bytes_arrive_does_not_matter(
            bytes in proptest::collection::vec(proptest::sample::select(b"ab@ \r\n\n".to_vec()), 0..200),
            sizes in proptest::collection::vec(1..20_usize, 1..200),
        ) {
            let mut whole = LineSplitter::for_clients();
            whole.push(&bytes);
            let mut pieces = LineSplitter::for_clients();
            let mut found = Vec::new();
            let mut rest = &bytes[..];
            for size in sizes.iter().cycle() {
                let (piece, later) = rest.split_at((*size).min(rest.len()));
                pieces.push(piece);
                found.extend(lines(&mut pieces));
                rest = later;
                if rest.is_empty() {
                    break;
                }
            }
            proptest::prop_assert_eq!(found, lines(&mut whole));
        }
    }
}
