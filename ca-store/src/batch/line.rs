//! Lines of a file, numbered and bounded.

use std::io::{self, BufRead};

/// Octets of one line: a hundred names of 253 octets, the most that a certificate holds, are 25 KiB.
pub const MAX_LINE: usize = 64 << 10;

/// A line of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// Its text, without the end of the line.
    Text(&'a str),
    /// Longer than [`MAX_LINE`].
    TooLong,
    /// Not UTF-8, from this octet of the line on, counted from 1.
    NotText(usize),
}

/// Reads line by line and keeps no more than one.
#[derive(Debug)]
pub(super) struct Lines<R> {
    input: R,
    number: u64,
    line: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R) -> Lines<R> {
        Lines { input, number: 0, line: Vec::new() }
    }

    /// The next line and its number, counted from 1; none at the end.
    ///
    /// # Errors
    /// Where the input cannot be read.
    pub(super) fn next(&mut self) -> io::Result<Option<(u64, Line<'_>)>> {
        self.line.clear();
        let mut length = 0;
        loop {
            let piece = self.input.fill_buf()?;
            if piece.is_empty() {
                break;
            }
            let end = piece.iter().position(|octet| *octet == b'\n');
            let taken = end.map_or(piece.len(), |end| end + 1);
            length += taken;
            if length <= MAX_LINE {
                self.line.extend_from_slice(&piece[..taken]);
            }
            self.input.consume(taken);
            if end.is_some() {
                break;
            }
        }
        if length == 0 {
            return Ok(None);
        }
        self.number += 1;
        if length > MAX_LINE {
            return Ok(Some((self.number, Line::TooLong)));
        }
        Ok(Some((self.number, self.text())))
    }

    fn text(&self) -> Line<'_> {
        // An editor's mark that the file is UTF-8 says nothing about the first line.
        let mark = if self.number == 1 { self.line.strip_prefix(b"\xef\xbb\xbf".as_slice()) } else { None };
        match std::str::from_utf8(mark.unwrap_or(&self.line)) {
            Ok(text) => Line::Text(text.trim_end_matches(['\n', '\r'])),
            Err(error) => Line::NotText(error.valid_up_to() + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_numbered_and_bounded() {
        let long = "x".repeat(MAX_LINE);
        let text = format!("\u{feff}a\r\n\n{long}\nb\n{}", "y".repeat(MAX_LINE));
        let mut lines = Lines::new(io::BufReader::with_capacity(7, text.as_bytes()));
        let last = "y".repeat(MAX_LINE);
        for expected in [Line::Text("a"), Line::Text(""), Line::TooLong, Line::Text("b"), Line::Text(&last)] {
            assert_eq!(lines.next().unwrap().map(|(_, line)| line), Some(expected));
        }
        assert_eq!(lines.next().unwrap(), None);
    }

    #[test]
    fn what_is_no_text_is_told_with_its_place() {
        let mut lines = Lines::new(&b"ab\xff\n"[..]);
        assert_eq!(lines.next().unwrap(), Some((1, Line::NotText(3))));
    }
}
