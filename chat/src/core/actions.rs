//! Actions on their way out; what goes to a client whose answers are labelled is held back until its command has ended.

use std::sync::Arc;

use super::{Action, ClientId};

/// The actions of one or more events, in order.
#[derive(Debug, Default)]
pub struct Actions {
    list: Vec<Action>,
    captured: Option<Captured>,
}

/// The lines for one client that wait for the end of its command.
#[derive(Debug)]
struct Captured {
    client: ClientId,
    lines: Vec<Arc<[u8]>>,
}

impl Actions {
    /// None yet.
    pub fn new() -> Actions {
        Actions::default()
    }

    /// Takes the actions out and keeps the room for the next.
    pub fn drain(&mut self) -> std::vec::Drain<'_, Action> {
        self.list.drain(..)
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many actions wait.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn push(&mut self, action: Action) {
        self.list.push(action);
    }

    /// Sends a line, or holds it back if its receiver's answers are captured.
    pub(super) fn send(&mut self, client: ClientId, line: Arc<[u8]>) {
        match &mut self.captured {
            Some(captured) if captured.client == client => captured.lines.push(line),
            _ => self.list.push(Action::Send { client, line }),
        }
    }

    /// Sends a line that is no answer, even to somebody whose answers are captured.
    pub(super) fn send_unasked(&mut self, client: ClientId, line: Arc<[u8]>) {
        self.list.push(Action::Send { client, line });
    }

    /// From here on holds back what is sent to this client, beginning with these lines.
    pub(super) fn capture(&mut self, client: ClientId, lines: Vec<Arc<[u8]>>) {
        self.captured = Some(Captured { client, lines });
    }

    /// Ends the holding back for this client; what was held back, or nothing if its lines were not.
    pub(super) fn release(&mut self, client: ClientId) -> Option<Vec<Arc<[u8]>>> {
        self.captured.take_if(|captured| captured.client == client).map(|captured| captured.lines)
    }
}
