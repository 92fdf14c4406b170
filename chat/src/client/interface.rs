//! What the link needs of whatever shows the chat to a person or a pipe.

use std::io;

use super::view::Entry;

/// What came from the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// A line.
    Line(String),
    /// No more will come.
    End,
    /// How might this word go on? Nothing is sent.
    Complete {
        /// What there is of it.
        word: String,
        /// Whether it begins the line.
        begins: bool,
    },
}

/// Where one is, for a status line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// The server, as it was named.
    pub server: String,
    /// One's nickname.
    pub nick: String,
    /// Where typed lines go.
    pub current: Option<String>,
}

/// Shows entries, and gives what is typed.
pub trait Interface {
    /// Shows entries and the status.
    ///
    /// # Errors
    /// Fails where the output is broken.
    fn show(&mut self, entries: Vec<Entry>, status: &Status) -> io::Result<()>;

    /// Waits for the next line. May be dropped while it waits without losing any.
    fn typed(&mut self) -> impl Future<Output = io::Result<Typed>>;

    /// Offers how a word that was asked about may go on.
    ///
    /// # Errors
    /// Fails where the output is broken.
    fn complete(&mut self, candidates: Vec<String>) -> io::Result<()> {
        let _ = candidates;
        Ok(())
    }

    /// Whether typed lines wait until the client is in its channels: a pipe's do, a person sees where he is.
    fn waits_for_ready(&self) -> bool;

    /// Whether somebody sits there who waits for a lost connection to be made again: a script wants to know of it.
    fn outlives_connection(&self) -> bool {
        false
    }
}
