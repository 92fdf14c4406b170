//! What comes out of the core.

use crate::client::secret::Secret;
use crate::client::view::Entry;

/// What the link and the interface are to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Send a line; without CR LF.
    Send(String),
    /// Send a line that nobody else may see.
    SendSecret(Secret),
    /// Show something.
    Show(Entry),
    /// Registered, and in all channels asked for: typed lines may come.
    Ready,
    /// No more is sent; the server closes.
    Leave,
    /// The server has a port for us alone: go on there, with the ticket first.
    Moved(Port),
    /// It could not be: the server did not take us in.
    Refused(String),
    /// It could not be: there is no login to the account that was named.
    NotLoggedIn(String),
}

/// A port that the server assigned to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// The server that has it; none where it is the one that told of it.
    pub host: Option<String>,
    /// Its number.
    pub number: u16,
    /// What proves there who we are, where our certificate does not.
    pub ticket: String,
}
