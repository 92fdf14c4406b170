//! How things stand at one place in the order: what a node that joins has to know, besides what is kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::node::Node;
use super::{Arrival, NodeId};
use crate::core::channel::Channel;
use crate::core::session::Session;
use crate::core::state::State;
use crate::core::whowas::Former;
use crate::core::{Account, ClientId};
use crate::wire::casemap::Folded;
use crate::wire::nickname::Nickname;

/// Everything that all nodes know in the same way and that is in no record. Lists are in the order of their keys, so two nodes that
/// know the same write the same.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Snapshot {
    /// With which the identifiers of messages begin.
    pub(super) word: String,
    pub(super) nodes: BTreeMap<NodeId, Node>,
    /// Users, with their channels in the order in which they came into them.
    users: Vec<(Arrival, Vec<Folded>)>,
    channels: Vec<Channel>,
    accounts: Vec<Account>,
    former: Vec<Former>,
    guest_markers: Vec<(ClientId, String, i64)>,
    most: usize,
}

impl Snapshot {
    /// The nodes there were and their names, without this one.
    pub fn others(&self, here: NodeId) -> impl Iterator<Item = (NodeId, &str)> {
        self.nodes.iter().filter(move |(node, _)| **node != here).map(|(node, about)| (*node, &*about.name))
    }

    pub(in crate::core) fn of(state: &State) -> Snapshot {
        let mut channels: Vec<&Channel> = state.channels.values().collect();
        channels.sort_unstable_by_key(|channel| channel.name.folded());
        Snapshot {
            word: state.messages.word().to_owned(),
            nodes: state.network.nodes.clone(),
            users: state.users().into_iter().map(|(client, session)| user(state, client, session)).collect(),
            channels: channels.into_iter().cloned().collect(),
            accounts: state.known_accounts.all(),
            former: state.whowas.all(),
            guest_markers: state.markers.of_guests(),
            most: state.counts.most,
        }
    }

    /// Puts it into a state that knows what is kept, and nobody of another node.
    pub(super) fn restore(self, state: &mut State) {
        state.messages.of_network(&self.word);
        state.network.nodes = self.nodes;
        for account in &self.accounts {
            state.known_accounts.learn(account);
        }
        for channel in self.channels {
            state.restore_channel(channel);
        }
        for (user, channels) in self.users {
            restore_user(state, &user, channels);
        }
        state.whowas.restore(self.former);
        for (client, target, at) in self.guest_markers {
            state.markers.restore_guest(client, &target, at);
        }
        state.counts.most = state.counts.most.max(self.most);
    }
}

/// A user without its seats, which the channels tell; when it last said something only its own node knows.
fn user(state: &State, client: ClientId, session: &Session) -> (Arrival, Vec<Folded>) {
    let mut arrival = session.arrival(client);
    if !state.network.is_alone() {
        arrival.last_message = arrival.connected;
    }
    (arrival, session.channels.clone())
}

fn restore_user(state: &mut State, arrival: &Arrival, channels: Vec<Folded>) {
    let Ok(nickname) = Nickname::parse(&arrival.nickname, usize::MAX) else { return };
    let mut session = Session::of(arrival);
    session.enter();
    session.channels = channels;
    state.insert(arrival.client, session);
    state.set_nickname(arrival.client, nickname);
    state.count_registered(arrival.client);
    state.count_modes(arrival.modes);
}
