//! Where a command's words go: results to standard output, messages to standard error.

use std::io::{self, BufWriter, IsTerminal as _, StdoutLock, Write as _};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use ca_store::explain::render::{Screen, Style};
use serde::Serialize;

use crate::exit::Exit;
use crate::outcome::Outcome;
use crate::render;
use crate::terminal::{self, Overwritten};

/// Octets that are written at once where nobody watches: a pipe holds as much.
const PIECE: usize = 64 << 10;

/// What a terminal says of something that is waited for, with the seconds that have gone by; dropping it takes the words away.
#[must_use]
pub(crate) struct Waits {
    watched: Option<(mpsc::Sender<()>, JoinHandle<()>)>,
}

impl Drop for Waits {
    fn drop(&mut self) {
        if let Some((ticking, thread)) = self.watched.take() {
            drop(ticking);
            let _ = thread.join();
        }
    }
}

/// Says it again each second, until nobody waits any more.
fn tick(what: &str, waits: &mpsc::Receiver<()>) {
    let mut line = Overwritten::new();
    let mut said = what.to_owned();
    for second in 1.. {
        line.write(&said);
        if waits.recv_timeout(Duration::from_secs(1)) != Err(mpsc::RecvTimeoutError::Timeout) {
            return line.write("");
        }
        said = format!("{what} {second} s");
    }
}

/// Many lines of one result.
pub(crate) struct Lines {
    out: BufWriter<StdoutLock<'static>>,
    at_once: bool,
}

impl Lines {
    /// A line.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub(crate) fn line(&mut self, text: &str) -> anyhow::Result<()> {
        writeln!(self.out, "{text}")?;
        if self.at_once {
            self.out.flush()?;
        }
        Ok(())
    }

    /// Text as it stands.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub(crate) fn text(&mut self, text: &str) -> anyhow::Result<()> {
        Ok(self.out.write_all(text.as_bytes())?)
    }

    /// A JSON document on one line (JSON Lines).
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> anyhow::Result<()> {
        let text = serde_json::to_string(value)?;
        self.line(&text)
    }

    /// The last of them.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub(crate) fn end(mut self) -> anyhow::Result<()> {
        Ok(self.out.flush()?)
    }
}

/// The two streams, and what the user asked of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    /// One JSON document in place of text.
    pub(crate) json: bool,
}

impl Output {
    /// Text as it stands.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub(crate) fn text(self, text: &str) -> anyhow::Result<()> {
        Ok(io::stdout().lock().write_all(text.as_bytes())?)
    }

    /// What a command returns, in the form that was asked for; what should be known besides goes to standard error.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub(crate) fn show(self, outcome: &dyn Outcome) -> anyhow::Result<Exit> {
        if self.json {
            self.json(&outcome.json())?;
            return Ok(Exit::Done);
        }
        let mut text = Vec::new();
        outcome.text(&mut text)?;
        io::stdout().lock().write_all(&text)?;
        for warning in outcome.warnings() {
            render::warning(self, &warning);
        }
        Ok(Exit::Done)
    }

    /// A JSON document, indented for whoever looks at it.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub(crate) fn json(self, value: &impl Serialize) -> anyhow::Result<()> {
        let mut out = BufWriter::with_capacity(PIECE, io::stdout().lock());
        serde_json::to_writer_pretty(&mut out, value).map_err(io::Error::from)?;
        writeln!(out)?;
        Ok(out.flush()?)
    }

    /// Standard output for many lines: to a file or pipe they go in large pieces, to a terminal one by one.
    pub(crate) fn buffered(self) -> Lines {
        let stdout = io::stdout();
        let at_once = stdout.is_terminal();
        Lines { out: BufWriter::with_capacity(PIECE, stdout.lock()), at_once }
    }

    /// The columns of the terminal that standard output is; none where it is none.
    pub(crate) fn columns(self) -> Option<usize> {
        terminal_size::terminal_size_of(io::stdout()).map(|(columns, _)| columns.0.into())
    }

    /// A message to whoever types. That it cannot be written is no reason to fail.
    pub(crate) fn note(self, text: &str) {
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Tells whoever watches a terminal what is waited for, until the result is there.
    pub(crate) fn waits_for(self, what: &str) -> Waits {
        let watched = io::stderr().is_terminal().then(|| {
            let (ticking, waits) = mpsc::channel();
            let what = what.to_owned();
            (ticking, std::thread::spawn(move || tick(&what, &waits)))
        });
        Waits { watched }
    }

    /// A question to whoever types, whose answer stands in the same line.
    pub(crate) fn ask(self, text: &str) {
        let mut stderr = io::stderr().lock();
        let _ = write!(stderr, "{text}").and_then(|()| stderr.flush());
    }

    /// How a report is to look on standard output: on a terminal as much as fits it, or all.
    pub(crate) fn style(self, all: bool) -> Style {
        let style = if self.colour() { Style::colour() } else { Style::plain() };
        match (all, terminal_size::terminal_size_of(io::stdout())) {
            (true, Some((columns, _))) => style.wide(columns.0.into()).whole(),
            (true, None) => style.whole(),
            (false, Some((columns, rows))) => style.on(Screen { rows: rows.0.into(), columns: columns.0.into() }),
            (false, None) => style,
        }
    }

    /// Whether results are coloured: on a terminal only.
    pub(crate) fn colour(self) -> bool {
        io::stdout().is_terminal() && terminal::takes_sequences()
    }
}
