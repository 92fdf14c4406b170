//! Exit statuses, decided in one place.

use std::io;
use std::process::ExitCode;

use ca_store::{Error, ErrorKind};

/// What a command that ran to its end has to say. Of several answers the greatest is the command's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Done, or valid.
    Done,
    /// Done, and the answer is bad: invalid.
    Bad,
    /// Wrong usage.
    Usage,
    /// Input that cannot be read.
    Input,
    /// The store is missing, locked, damaged or open to others.
    Store,
    /// The network.
    Network,
    /// All was done but for a command of the user's that failed.
    Hook,
    /// A bug of ours.
    Bug,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.status())
    }
}

impl Exit {
    /// Its number.
    pub(crate) fn status(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Bad => 1,
            Exit::Usage => 2,
            Exit::Input => 3,
            Exit::Store => 4,
            Exit::Network => 5,
            Exit::Hook => 6,
            Exit::Bug => 70,
        }
    }
}

/// The exit status of an error, and whether there is anything to say: a closed pipe is nobody's fault.
pub(crate) fn of(error: &anyhow::Error) -> Option<Exit> {
    if let Some(Error::Io { source, .. }) = error.downcast_ref::<Error>()
        && source.kind() == io::ErrorKind::BrokenPipe
    {
        return None;
    }
    if let Some(error) = error.downcast_ref::<Error>() {
        return Some(match error.kind() {
            ErrorKind::Usage => Exit::Usage,
            ErrorKind::Input => Exit::Input,
            ErrorKind::Store => Exit::Store,
            ErrorKind::Network => Exit::Network,
            ErrorKind::Bug => Exit::Bug,
        });
    }
    match error.downcast_ref::<io::Error>().map(io::Error::kind) {
        Some(io::ErrorKind::BrokenPipe) => None,
        _ => Some(Exit::Input),
    }
}

/// The whole chain of causes. A [`ca_store::Error`] names its own source already.
pub(crate) fn message(error: &anyhow::Error) -> String {
    match error.downcast_ref::<Error>() {
        Some(error) => error.to_string(),
        None => error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": "),
    }
}
