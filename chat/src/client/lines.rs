//! Lines in, text out: for pipes, and for who wants no full-screen terminal.

use std::io::{self, BufRead, Read, Write};
use tokio::sync::mpsc;

use super::interface::{Interface, Status, Typed};
use super::view::Entry;
use crate::limits::client::{LINES_AHEAD, LONGEST_LINE};

/// Standard input and output.
#[derive(Debug)]
pub struct Lines<W> {
    output: W,
    typed: mpsc::Receiver<io::Result<String>>,
}

impl<W: Write> Lines<W> {
    /// Reads lines from `input` on a thread of its own, as standard input can't be waited for otherwise; the thread
    /// ends with the input or the process.
    pub fn new(input: impl Read + Send + 'static, output: W) -> Self {
        let (sender, typed) = mpsc::channel(LINES_AHEAD);
        std::thread::spawn(move || read_all(input, &sender));
        Self { output, typed }
    }
}

fn read_all(input: impl Read, lines: &mpsc::Sender<io::Result<String>>) {
    let mut input = io::BufReader::new(input);
    loop {
        let mut line = Vec::new();
        let read = input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line);
        let text = match read {
            Ok(0) => return,
            Ok(_) => Ok(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned()),
            Err(error) => Err(error),
        };
        let failed = text.is_err();
        if lines.blocking_send(text).is_err() || failed {
            return;
        }
    }
}

impl<W: Write> Interface for Lines<W> {
    fn show(&mut self, entries: Vec<Entry>, _status: &Status) -> io::Result<()> {
        for entry in entries {
            writeln!(self.output, "{entry}")?;
        }
        self.output.flush()
    }

    async fn typed(&mut self) -> io::Result<Typed> {
        match self.typed.recv().await {
            Some(line) => line.map(Typed::Line),
            None => Ok(Typed::End),
        }
    }

    fn waits_for_ready(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::view::Kind;

    #[tokio::test]
    async fn lines_come_in_order_and_then_the_end() {
        let mut lines = Lines::new(&b"one\r\ntwo\nthree"[..], Vec::new());
        for expected in ["one", "two", "three"] {
            assert_eq!(lines.typed().await.expect("readable"), Typed::Line(expected.into()));
        }
        assert_eq!(lines.typed().await.expect("readable"), Typed::End);
    }

    #[tokio::test]
    async fn entries_are_lines() {
        let mut lines = Lines::new(io::empty(), Vec::new());
        lines.show(vec![Entry::new(Kind::Answer, "hello")], &Status::default()).expect("written");
        assert_eq!(lines.output, b"hello\n");
    }
}
