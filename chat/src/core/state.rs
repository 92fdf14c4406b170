//! Everything the server knows, and the changes that have to keep its parts in step.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use super::accounts::Registered;
use super::channel::Channel;
use super::closed::Closed;
use super::command::Uses;
use super::known_accounts::KnownAccounts;
use super::label::MessageIds;
use super::markers::Markers;
use super::metadata::Profiles;
use super::network::{Network, NodeId};
use super::ownership::{self, Owners};
use super::recent::Recent;
use super::session::{Session, UserModes};
use super::whowas::WhoWas;
use super::{ByClient, ClientId, Now};
use crate::wire::casemap::{self, Folded};
use crate::wire::channel_name::ChannelName;
use crate::wire::nickname::Nickname;

type Sessions = ByClient<Session>;

/// How many there are, kept up so that LUSERS need not count.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) registered: usize,
    pub(super) invisible: usize,
    pub(super) operators: usize,
    pub(super) most: usize,
    /// The same of this node alone.
    pub(super) here: usize,
    pub(super) most_here: usize,
}

impl Counts {
    /// What every node of a network counts in the same way.
    #[cfg(test)]
    pub(super) fn without_here(self) -> Counts {
        Counts { here: 0, most_here: 0, ..self }
    }
}

/// Sessions, nicknames and channels. Membership is written on both sides; only the functions here change it.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) sessions: Sessions,
    pub(super) nicknames: HashMap<Folded, ClientId>,
    pub(super) channels: HashMap<Folded, Channel>,
    pub(super) known_accounts: KnownAccounts,
    pub(super) registered: Registered,
    pub(super) owners: Owners,
    pub(super) addresses: HashMap<Box<str>, usize>,
    /// Those of this node, users or not yet.
    pub(super) clients: usize,
    pub(super) counts: Counts,
    /// Who wants to hear of whom: kept in step with the sessions' own lists.
    pub(super) watchers: HashMap<Folded, BTreeSet<ClientId>>,
    pub(super) whowas: WhoWas,
    /// Who asked for the configuration to be read again, and was not told yet what came of it.
    pub(super) rehashing: BTreeSet<ClientId>,
    pub(super) uses: Uses,
    pub(super) closed: Closed,
    pub(super) messages: MessageIds,
    pub(super) markers: Markers,
    pub(super) profiles: Profiles,
    pub(super) recent: Recent,
    pub(super) alarm: super::deadline::Alarm,
    pub(super) network: Network,
}

impl State {
    pub(super) fn insert(&mut self, client: ClientId, session: Session) {
        if self.network.is_here(client) {
            self.clients += 1;
            *self.addresses.entry(session.host.clone()).or_default() += 1;
        }
        self.sessions.insert(client, session);
    }

    /// Forgets a client, with its nickname and its memberships.
    pub(super) fn remove(&mut self, client: ClientId) -> Option<Session> {
        let session = self.sessions.remove(&client)?;
        if let Some(nickname) = session.nickname() {
            self.free_nickname(client, nickname.as_str());
        }
        for key in &session.channels {
            self.remove_member(client, key);
        }
        session.monitored.iter().for_each(|nickname| self.forget_watcher(client, nickname.as_str()));
        if self.network.is_here(client) {
            self.clients = self.clients.saturating_sub(1);
            self.forget_address(&session.host);
        }
        self.markers.forget_guest(client);
        self.network.catch_up.forget(client);
        if session.is_registered() {
            self.counts.registered = self.counts.registered.saturating_sub(1);
            self.counts.here = self.counts.here.saturating_sub(usize::from(self.network.is_here(client)));
            self.counts.invisible = self.counts.invisible.saturating_sub(usize::from(session.modes.invisible));
            self.counts.operators = self.counts.operators.saturating_sub(usize::from(session.modes.operator));
        }
        Some(session)
    }

    /// One more who wants to hear of a nickname.
    pub(super) fn add_watcher(&mut self, client: ClientId, nickname: &str) {
        self.watchers.entry(Folded::new(nickname)).or_default().insert(client);
    }

    /// One fewer.
    pub(super) fn forget_watcher(&mut self, client: ClientId, nickname: &str) {
        let key = casemap::fold(nickname);
        if let Some(watchers) = self.watchers.get_mut(&*key) {
            watchers.remove(&client);
            if watchers.is_empty() {
                self.watchers.remove(&*key);
            }
        }
    }

    fn forget_address(&mut self, host: &str) {
        if let Some(count) = self.addresses.get_mut(host) {
            *count -= 1;
            if *count == 0 {
                self.addresses.remove(host);
            }
        }
    }

    /// A user with these modes has come.
    pub(super) fn count_modes(&mut self, modes: UserModes) {
        self.counts.invisible += usize::from(modes.invisible);
        self.counts.operators += usize::from(modes.operator);
    }

    pub(super) fn count_registered(&mut self, client: ClientId) {
        if self.network.is_here(client) {
            self.counts.here += 1;
            self.counts.most_here = self.counts.most_here.max(self.counts.here);
        }
        self.counts.registered += 1;
        self.counts.most = self.counts.most.max(self.counts.registered);
    }

    /// A nickname is nobody's any more, if it is this client's.
    fn free_nickname(&mut self, client: ClientId, nickname: &str) {
        let key = casemap::fold(nickname);
        if self.nicknames.get(&*key) == Some(&client) {
            self.nicknames.remove(&*key);
        }
    }

    pub(super) fn set_nickname(&mut self, client: ClientId, nickname: Nickname) {
        let Some(old) = self.sessions.get(&client).map(|session| session.nickname().cloned()) else { return };
        if let Some(old) = old {
            self.free_nickname(client, old.as_str());
        }
        self.nicknames.insert(Folded::new(nickname.as_str()), client);
        if let Some(session) = self.sessions.get_mut(&client) {
            session.set_nickname(nickname);
        }
    }

    /// Takes a nickname back from a client that is not registered yet.
    pub(super) fn take_nickname(&mut self, client: ClientId) {
        let Some(session) = self.sessions.get_mut(&client) else { return };
        let nickname = session.nickname().cloned();
        session.forget_nickname();
        if let Some(nickname) = nickname {
            self.free_nickname(client, nickname.as_str());
        }
    }

    /// Who has this nickname, registered or not.
    pub(super) fn holder(&self, nickname: &str) -> Option<ClientId> {
        self.nicknames.get(&*casemap::fold(nickname)).copied()
    }

    /// The registered user of this nickname.
    pub(super) fn user(&self, nickname: &str) -> Option<(ClientId, &Session)> {
        let client = self.holder(nickname)?;
        let session = self.sessions.get(&client)?;
        session.is_registered().then_some((client, session))
    }

    /// How many users a node has.
    pub(super) fn users_on(&self, node: NodeId) -> usize {
        if node == self.network.here {
            return self.counts.here;
        }
        self.sessions.iter().filter(|(client, session)| client.node() == node && session.is_registered()).count()
    }

    /// The clients of this node, in the order of their connections.
    pub(super) fn clients_here(&self) -> Vec<ClientId> {
        let here = self.sessions.keys().copied().filter(|client| self.network.is_here(*client));
        let mut clients: Vec<ClientId> = here.collect();
        clients.sort_unstable();
        clients
    }

    /// Registered users, in the order of their connections.
    pub(super) fn users(&self) -> Vec<(ClientId, &Session)> {
        let registered = self.sessions.iter().filter(|(_, session)| session.is_registered());
        let mut users: Vec<_> = registered.map(|(client, session)| (*client, session)).collect();
        users.sort_unstable_by_key(|(client, _)| *client);
        users
    }

    pub(super) fn channel(&self, name: &str) -> Option<(&Folded, &Channel)> {
        self.channels.get_key_value(&*casemap::fold(name))
    }

    /// Channels by name.
    pub(super) fn sorted_channels(&self) -> Vec<&Channel> {
        let mut channels: Vec<_> = self.channels.iter().collect();
        channels.sort_unstable_by_key(|(key, _)| *key);
        channels.into_iter().map(|(_, channel)| channel).collect()
    }

    /// Adds a member, with the rank that the channel gives it: the first one of a new channel is its operator.
    pub(super) fn add_member(&mut self, client: ClientId, name: ChannelName, now: Now) -> Folded {
        let key = name.folded();
        let channel = match self.channels.entry(key.clone()) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(Channel::new(name, now)),
        };
        if let Some(session) = self.sessions.get_mut(&client) {
            channel.members.insert(client, ownership::rank_for(channel, session));
            session.channels.push(key.clone());
            session.use_invitation(&key);
        }
        key
    }

    /// Gives a channel another name, which no other channel has. Who was invited stays invited.
    pub(super) fn rename_channel(&mut self, key: &Folded, name: ChannelName) {
        let Some(mut channel) = self.channels.remove(key) else { return };
        let new_key = name.folded();
        channel.name = name;
        for member in channel.members.keys() {
            let Some(session) = self.sessions.get_mut(member) else { continue };
            session.channels.iter_mut().filter(|held| *held == key).for_each(|held| *held = new_key.clone());
        }
        let invitations = self.sessions.values_mut().flat_map(Session::invitations_mut);
        for invitation in invitations.filter(|invitation| invitation.is_to(key, channel.created)) {
            invitation.channel = new_key.clone();
        }
        self.network.catch_up.renamed(key, &new_key);
        self.channels.insert(new_key, channel);
    }

    /// Takes a member out of a channel on both sides; the channel goes with its last member, if it is not registered.
    pub(super) fn leave(&mut self, client: ClientId, key: &Folded) {
        if let Some(session) = self.sessions.get_mut(&client) {
            session.channels.retain(|channel| channel != key);
        }
        self.remove_member(client, key);
    }

    fn remove_member(&mut self, client: ClientId, key: &Folded) {
        if let Some(channel) = self.channels.get_mut(key) {
            channel.members.remove(&client);
            if channel.members.is_empty() && channel.owned.is_none() {
                self.channels.remove(key);
            }
        }
    }

    /// Everybody on this node who shares a channel with a client, without the client itself.
    pub(super) fn neighbours(&self, client: ClientId) -> BTreeSet<ClientId> {
        let channels = self.sessions.get(&client).map_or(&[][..], |session| &session.channels);
        let channels = channels.iter().filter_map(|key| self.channels.get(key));
        let members = channels.flat_map(|channel| channel.members_on(self.network.here));
        members.filter(|member| *member != client).collect()
    }

    /// Whether two clients share a channel.
    pub(super) fn are_neighbours(&self, one: ClientId, other: ClientId) -> bool {
        let channels = self.sessions.get(&one).map_or(&[][..], |session| &session.channels);
        channels.iter().any(|key| self.channels.get(key).is_some_and(|channel| channel.has(other)))
    }
}
