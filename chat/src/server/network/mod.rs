//! The edge's side of a network of nodes: what the core proposes goes to the bus, what the bus has put in order to the core.

mod driving;
mod gather;
mod join;
mod records;
mod whisper;

use std::collections::{BTreeSet, VecDeque};

use tokio::sync::mpsc;

use crate::bus::{Bus, Command, Happened};
pub(super) use gather::Gathers;
pub use join::Unusable;
pub(super) use join::{Place, join};
pub(super) use records::{State, field, merge};
pub(super) use whisper::{Asked, Found, Whisper};

/// This node's place in the network.
#[derive(Debug)]
pub(super) struct Link {
    commands: mpsc::Sender<Command>,
    /// What the bus has to be told, as soon as it has room.
    waiting: VecDeque<Command>,
    /// The other nodes.
    pub(super) peers: BTreeSet<u32>,
    pub(super) here: u32,
    /// The word by which this network is told from another that had its name before.
    pub(super) word: String,
    /// The place in the order of what was applied last.
    pub(super) sequence: u64,
    pub(super) gathers: Gathers,
}

impl Link {
    /// What there is to do with a bus, and what it tells.
    pub(super) fn new(bus: Bus) -> (Link, mpsc::Receiver<Happened>) {
        let Bus { commands, happened } = bus;
        let link = Link {
            commands,
            waiting: VecDeque::new(),
            peers: BTreeSet::new(),
            here: 0,
            word: String::new(),
            sequence: 0,
            gathers: Gathers::default(),
        };
        (link, happened)
    }

    /// Tells the bus something, in its turn.
    pub(super) fn tell(&mut self, command: Command) {
        self.waiting.push_back(command);
        self.flush();
    }

    /// Tells it what waits, as far as it has room.
    pub(super) fn flush(&mut self) {
        while let Some(command) = self.waiting.pop_front() {
            if let Err(error) = self.commands.try_send(command) {
                if let mpsc::error::TrySendError::Full(command) = error {
                    self.waiting.push_front(command);
                }
                return;
            }
        }
    }

    /// Whether something waits for room, and what has room.
    pub(super) fn blocked(&self) -> Option<mpsc::Sender<Command>> {
        (!self.waiting.is_empty()).then(|| self.commands.clone())
    }
}
