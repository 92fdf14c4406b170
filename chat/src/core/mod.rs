//! The chat server as a function of state, time and event: no socket, no clock, no task.
//!
//! The server edge owns one [`Core`], hands it every [`Event`] with the time at which it happened, and carries out the
//! [`Action`]s it gets back, in their order. It calls with [`Event::Tick`] when the time of the last
//! [`Action::WakeAt`] has come.

mod account;
mod door;
pub mod limits;

pub use account::{Account, AccountError};
pub use door::{Action, Actions, ClientId, Event, Identity, LogEntry, Now, Password, Settings};
pub use limits::Limits;

/// The whole state of a chat server. One task owns it, so there are no locks.
#[derive(Debug)]
pub struct Core {
    settings: Settings,
}

impl Core {
    /// A server without clients.
    pub fn new(settings: Settings) -> Core {
        Core { settings }
    }

    /// Takes one event that happened at `now` and appends what is to be done to `actions`.
    pub fn handle(&mut self, _now: Now, _event: Event, _actions: &mut Actions) {
        let _ = &self.settings;
    }
}
