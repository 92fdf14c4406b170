//! The chat server as a function of state, time and event: no socket, no clock, no task.
//!
//! The server edge owns one [`Core`], hands it every [`Event`] with the time at which it happened, and carries out the
//! [`Action`]s it gets back, in their order. It calls with [`Event::Tick`] when the time of the last
//! [`Action::WakeAt`] has come.
//!
//! ```text
//! Event ─► Core::handle ─► command/ (one file a verb) ─► policy: may I? ─► state changes ─► Action
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod account;
mod accounts;
mod actions;
mod channel;
mod closed;
mod command;
mod connection;
mod deadline;
mod door;
mod expiry;
mod fanout;
mod guests;
mod history;
mod idle;
pub mod keep;
mod known_accounts;
mod label;
mod markers;
mod metadata;
mod multiline;
pub mod network;
mod operator;
mod ownership;
mod policy;
mod port;
mod presence;
mod recent;
mod refusal;
mod registration;
mod relay;
mod services;
mod session;
mod state;
mod tally;
mod targets;
mod turn;
mod waiting;
mod whowas;

#[cfg(test)]
mod tests;

pub use crate::limits::core as limits;
pub use account::{ACCOUNT_LENGTH, Account, AccountError};
pub use accounts::{
    AccountRecord, AccountSettings, Admitted, FEWEST_ITERATIONS, ITERATIONS, Origin, PasswordError, Verifier,
    check_password,
};
pub use actions::Actions;
pub use door::{Action, ByClient, ClientId, Event, Identity, Joined, LogEntry, Now, Password, Settings, Sts};
pub use guests::GuestSettings;
pub use limits::Limits;
pub use operator::{Operator, Right, Rights};
pub use ownership::founder_of;

use command::cap;
use keep::{Answer, Record, RecordKind};
use label::MessageIds;
use network::{Charter, NodeId, Snapshot};
use state::State;
use turn::Turn;

/// A turn that is no client's.
pub const NOBODY: ClientId = ClientId(0);

/// What was kept is known again.
fn remember(state: &mut State, record: &Record) {
    match record.kind {
        RecordKind::Account => {
            if let Some(account) = AccountRecord::parse(&record.value) {
                state.known_accounts.learn(&account.account);
                state.registered.learn(&account);
            }
        }
        RecordKind::ReadMarker => state.markers.remember(&record.key, &record.value),
        RecordKind::CertificateAccount => {
            if let Ok(account) = Account::parse(&record.key) {
                state.known_accounts.learn(&account);
            }
        }
        RecordKind::Channel => ownership::remember(state, record),
        RecordKind::Closed => state.closed.remember(&record.key),
        RecordKind::Metadata => state.profiles.remember(&record.key, &record.value),
    }
}

/// The whole state of a chat server. One task owns it, so there are no locks.
#[derive(Debug)]
pub struct Core {
    settings: Settings,
    state: State,
}

impl Core {
    /// A server without clients, which knows what was kept before.
    pub fn new(settings: Settings, records: &[Record]) -> Core {
        let mut state = State { messages: MessageIds::new(&settings.instance), ..State::default() };
        for account in &settings.reserved {
            state.known_accounts.learn(account);
        }
        records.iter().for_each(|record| remember(&mut state, record));
        Core { settings, state }
    }

    /// How many clients are connected, registered or not.
    pub fn clients(&self) -> usize {
        self.state.clients
    }

    /// This server's name.
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// The network's name.
    pub fn network_name(&self) -> &str {
        &self.settings.network
    }

    /// How many users each node of the network has; none on a server by itself.
    pub fn users(&self) -> Vec<(NodeId, usize)> {
        let nodes = self.state.network.nodes.keys();
        nodes.map(|node| (*node, self.state.users_on(*node))).collect()
    }

    /// When those of these users that are connected here said something last.
    pub fn last_messages(&self, clients: &[ClientId]) -> Vec<(ClientId, Now)> {
        let here = clients.iter().filter(|client| self.state.network.is_here(**client));
        here.filter_map(|client| Some((*client, self.state.sessions.get(client)?.last_message))).collect()
    }

    /// How things stand, for a node that comes into the network.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::of(&self.state)
    }

    /// Takes one event that happened at `now` and appends what is to be done to `actions`.
    ///
    /// Events of clients that the core does not know (any more) change nothing: a line may still be on its way when its
    /// client was closed.
    pub fn handle(&mut self, now: Now, event: Event, actions: &mut Actions) {
        match event {
            Event::Accepted { client, host, secure, identity, may_move } => {
                connection::accept(&mut self.turn(now, client, actions), &host, secure, identity, may_move);
            }
            Event::Line { client, line } => self.known(now, client, actions, |turn| connection::line(turn, &line)),
            Event::LineTooLong { client, tags } => {
                self.known(now, client, actions, |turn| connection::line_too_long(turn, tags));
            }
            Event::Gone { client, reason } => self.known(now, client, actions, |turn| connection::gone(turn, &reason)),
            Event::Answered { client: NOBODY, answer } => self.nobody_is_answered(now, *answer, actions),
            Event::Answered { client, answer } => {
                self.known(now, client, actions, |turn| waiting::answered(turn, *answer));
            }
            Event::Dismissed { client, reason } => self.known(now, client, actions, |turn| turn.close(&reason)),
            Event::RecordsChanged(records) => accounts::changed(&mut self.turn(now, NOBODY, actions), &records),
            Event::Reconfigured(settings) => self.reconfigure(now, *settings, actions),
            Event::ReadAgain { problems } => self.tell_who_asked(now, &problems, actions),
            Event::Joined(joined) => network::joined(&mut self.turn(now, NOBODY, actions), *joined),
            Event::Ordered(ordered) => {
                let now = ordered.at;
                network::ordered(&mut self.turn(now, NOBODY, actions), *ordered);
            }
            Event::NodeJoined { node, name, version, description, at } => {
                let about = network::Node { name, version, description, since: at };
                network::node_joined(&mut self.turn(at, NOBODY, actions), node, about);
            }
            Event::NodeLeft { node, reason, at, sequence } => {
                network::node_left(&mut self.turn(at, NOBODY, actions), node, &reason, sequence);
            }
            Event::NotMade { number, why } => network::not_made(&mut self.turn(now, NOBODY, actions), number, &why),
            Event::CutOff { why } => network::cut(&mut self.turn(now, NOBODY, actions), &why),
            Event::Reached => network::back(&mut self.turn(now, NOBODY, actions)),
            Event::GivenUp => network::out(&mut self.turn(now, NOBODY, actions)),
            Event::Tick => deadline::tick(&self.settings, &mut self.state, actions, now),
            Event::Shutdown { reason } => self.shut_down(now, &reason, actions),
        }
        network::go_on(&mut self.turn(now, NOBODY, actions));
        deadline::wake(&mut self.state, actions);
    }

    /// What this node itself has asked.
    fn nobody_is_answered(&mut self, now: Now, answer: Answer, actions: &mut Actions) {
        if let Answer::Missed { buffer, stretch, is_whole, room } = answer {
            network::told(&mut self.turn(now, NOBODY, actions), &buffer, network::Missed { stretch, is_whole, room });
        }
    }

    fn known(&mut self, now: Now, client: ClientId, actions: &mut Actions, act: impl FnOnce(&mut Turn<'_>)) {
        let mut turn = self.turn(now, client, actions);
        if turn.is_known() {
            act(&mut turn);
        }
    }

    fn turn<'a>(&'a mut self, now: Now, client: ClientId, actions: &'a mut Actions) -> Turn<'a> {
        Turn { settings: &self.settings, state: &mut self.state, actions, now, client }
    }

    /// What was announced to clients for good, and what identifies this run, stays.
    fn reconfigure(&mut self, now: Now, settings: Settings, actions: &mut Actions) {
        let settings = self.as_all_nodes_have_it(settings);
        let clients = self.state.clients_here();
        let offers: Vec<_> =
            clients.into_iter().map(|client| (client, cap::offers(&self.turn(now, client, actions)))).collect();
        let Settings { name, instance, created, started, .. } = std::mem::replace(&mut self.settings, settings);
        self.settings.started = started;
        (self.settings.name, self.settings.instance, self.settings.created) = (name, instance, created);
        for (client, before) in offers {
            cap::tell_changes(&mut self.turn(now, client, actions), &before);
            accounts::look_again(&mut self.turn(now, client, actions));
        }
    }

    /// What all nodes of a network have to do in the same way stays as it was when this one joined.
    fn as_all_nodes_have_it(&self, settings: Settings) -> Settings {
        if self.state.network.is_alone() { settings } else { Charter::of(&self.settings).hold(settings) }
    }

    /// The operators who had it read hear what came of it.
    fn tell_who_asked(&mut self, now: Now, problems: &[String], actions: &mut Actions) {
        for client in std::mem::take(&mut self.state.rehashing) {
            self.known(now, client, actions, |turn| command::rehash::tell(turn, problems));
        }
    }

    fn shut_down(&mut self, now: Now, reason: &str, actions: &mut Actions) {
        let clients = self.state.clients_here();
        let state = std::mem::take(&mut self.state);
        let State { sessions, messages, network, clients: count, .. } = state;
        self.state = State { sessions, messages, network, clients: count, ..State::default() };
        for client in clients {
            // Everybody leaves: nobody is told of anybody else's leaving.
            self.turn(now, client, actions).close_silently(reason);
        }
    }
}
