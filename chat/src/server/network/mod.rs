//! The edge's side of a network of nodes: what the core proposes goes to the bus, what the bus has put in order to the core.

mod driving;
#[cfg(test)]
mod forms;
mod gather;
mod history_op;
mod join;
mod missed;
mod missing;
mod parts;
mod ports;
mod records;
mod room;
mod whisper;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use tokio::sync::mpsc;

use crate::bus::{Bus, Command, Happened};
use crate::core::network::Read;
pub(super) use gather::Gathers;
pub use join::Unusable;
pub(super) use join::{Place, join};
use missed::Missed;
pub(super) use missed::Wanted;
use ports::Ports;
pub(super) use records::{Outlived, State, field, merge};
pub(super) use whisper::{Asked, Found, Whisper};

/// This node's place in the network.
#[derive(Debug)]
pub(super) struct Link {
    commands: mpsc::Sender<Command>,
    /// What the bus has to be told, as soon as it has room.
    waiting: VecDeque<Command>,
    /// The other nodes.
    pub(super) peers: BTreeSet<u32>,
    /// Their names.
    pub(super) names: BTreeMap<u32, String>,
    pub(super) here: u32,
    /// Where Redis is: `HOST:PORT`.
    pub(super) place: String,
    /// The word by which this network is told from another that had its name before.
    pub(super) word: String,
    /// The place in the order of what was applied last.
    pub(super) sequence: u64,
    /// The same with its time.
    read: Read,
    /// Whether the bus can't be reached.
    pub(super) is_cut: bool,
    /// Proposals since they were last counted.
    pub(super) proposals: u64,
    pub(super) gathers: Gathers,
    /// What this node itself asks the others.
    missed: Missed,
    /// Questions for ports of other nodes.
    ports: Ports,
}

impl Link {
    /// What there is to do with a bus, and what it tells.
    pub(super) fn new(bus: Bus, place: String) -> (Link, mpsc::Receiver<Happened>) {
        let Bus { commands, happened } = bus;
        let link = Link {
            commands,
            waiting: VecDeque::new(),
            peers: BTreeSet::new(),
            names: BTreeMap::new(),
            here: 0,
            place,
            word: String::new(),
            sequence: 0,
            read: Read::default(),
            is_cut: false,
            proposals: 0,
            gathers: Gathers::default(),
            missed: Missed::default(),
            ports: Ports::default(),
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

    /// Another way to tell the bus something.
    fn sender(&self) -> mpsc::Sender<Command> {
        self.commands.clone()
    }

    /// When something has waited long enough for other nodes.
    pub(super) fn until(&self) -> Option<tokio::time::Instant> {
        [self.gathers.until(), self.ports.until(), self.missed.until()].into_iter().flatten().min()
    }

    /// Whether something waits for room, and what has room.
    pub(super) fn blocked(&self) -> Option<mpsc::Sender<Command>> {
        (!self.waiting.is_empty()).then(|| self.commands.clone())
    }
}
