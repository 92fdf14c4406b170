//! Coming into the network, being cut off from it, and coming back; and the same of other nodes.

use std::collections::{BTreeMap, BTreeSet};

use super::found::found;
use super::node::{Before, Node};
use super::scope::nodes_of;
use super::seat::{self, companions};
use super::{Absent, Arrival, Change, NodeId, NotMade, Seat, catch_up, propose, propose_unasked};
use crate::core::channel::Channel;
use crate::core::door::Joined;
use crate::core::fanout::rfc3339;
use crate::core::keep::Buffer;
use crate::core::registration::{self, check_nickname};
use crate::core::session::Session;
use crate::core::state::State;
use crate::core::turn::Turn;
use crate::core::{ClientId, Now, Settings, connection, ownership, presence, waiting};
use crate::wire::casemap::Folded;
use crate::wire::nickname::Nickname;

/// What users are told who were told that their server was cut off.
const BACK: &str = "This server is back with the others.";

/// What those are told whom the others had seen leave, where there is a history.
const BACK_AFTER_LONG: &str = "This server is back with the others. What they said in your channels meanwhile follows.";

/// This server has a place in a network: the first time, or again after the others had given it up.
pub(in crate::core) fn joined(turn: &mut Turn<'_>, joined: Joined) {
    let Joined { node, at, first_number, snapshot, records, taken_back } = joined;
    let channels = channels_here(turn.state);
    let known = elsewhere(turn.state);
    turn.state.network.before = Before::of(&channels, taken_back, turn.state.network.read.at);
    let returning = match snapshot {
        Some(snapshot) => {
            let returning = begin_anew(turn);
            records.iter().for_each(|record| crate::core::remember(turn.state, record));
            snapshot.restore(turn.state);
            expect(turn, &returning);
            returning
        }
        None => {
            found(turn, &records);
            Vec::new()
        }
    };
    turn.state.network.catch_up.ask_anew();
    let was_cut = turn.state.network.why_cut().is_some();
    turn.state.network.bind(node, first_number);
    let own = own_card(turn.settings, at);
    turn.state.network.nodes.entry(node).or_insert(own);
    let unseen: Vec<_> =
        turn.settings.reserved.iter().filter(|it| !turn.state.known_accounts.knows(it)).cloned().collect();
    unseen.into_iter().for_each(|account| propose_unasked(turn, Change::AccountSeen(account)));
    turn.state.network.before.returning = returning.iter().map(|arrival| arrival.client).collect();
    // Before anybody's neighbours see those of the other nodes: a name must not be two people's.
    let returning: Vec<Arrival> =
        returning.into_iter().map(|arrival| with_free_nickname(&mut turn.of(arrival.client), arrival)).collect();
    for arrival in returning {
        come_back(&mut turn.of(arrival.client), arrival);
    }
    for channel in channels {
        if !turn.state.channels.contains_key(&channel.name.folded()) {
            propose_unasked(turn, Change::ChannelBack(Box::new(Absent { channel })));
        }
    }
    tell_watchers(turn, &known);
    // Those who have to be made known again are told when they are.
    if was_cut {
        tell_all(turn, BACK);
    }
    retry(turn);
}

/// The users of other nodes, by nickname.
fn elsewhere(state: &State) -> BTreeMap<Folded, ClientId> {
    let users = state.sessions.iter().filter(|(client, _)| !state.network.is_here(**client));
    users.filter_map(|(client, session)| Some((Folded::new(session.nickname()?.as_str()), *client))).collect()
}

/// Who came and went elsewhere while this node was away is told to those who MONITOR them, as neighbours see JOINs.
fn tell_watchers(turn: &mut Turn<'_>, known: &BTreeMap<Folded, ClientId>) {
    let now = elsewhere(turn.state);
    for (_, client) in now.iter().filter(|(nickname, _)| !known.contains_key(*nickname)) {
        presence::came(&mut turn.of(*client));
    }
    for nickname in known.keys() {
        if turn.state.user(nickname.as_str()).is_none() {
            presence::gone(turn, nickname.as_str());
        }
    }
}

impl Before {
    fn of(channels: &[Channel], taken_back: Vec<(Buffer, String)>, read: Now) -> Before {
        let lists = channels.iter().map(|channel| (channel.name.folded(), channel.lists.clone())).collect();
        Before { lists, taken_back, read, left: BTreeSet::new(), returning: BTreeSet::new() }
    }
}

/// What the others know of this node.
fn own_card(settings: &Settings, since: Now) -> Node {
    let Settings { name, version, description, .. } = settings;
    Node { name: name.clone(), version: version.clone(), description: description.clone(), since }
}

/// Where there is a history, those who come again will hear from it what they have missed.
fn expect(turn: &mut Turn<'_>, returning: &[Arrival]) {
    let seats = |arrival: &Arrival| {
        let own =
            arrival.seats.iter().filter_map(|seat| Some((seat.channel.folded(), seat::own_place(turn.state, seat)?)));
        own.collect()
    };
    let each = returning.iter().filter(|_| turn.settings.history).map(|it| (it.client, seats(it)));
    let each: Vec<_> = each.collect();
    let read = turn.state.network.read;
    turn.state.network.catch_up.expects(read, each);
}

/// Forgets what all nodes know. Those who are not users yet stay; users have to be made known again.
fn begin_anew(turn: &mut Turn<'_>) -> Vec<Arrival> {
    let here = turn.state.clients_here();
    let returning = here.iter().filter_map(|client| returning(turn.state, *client)).collect();
    let old = std::mem::take(turn.state);
    let State { mut sessions, network, messages, uses, rehashing, recent, alarm, registered, .. } = old;
    *turn.state = State { network, messages, uses, rehashing, recent, alarm, ..State::default() };
    turn.state.registered = registered.without_accounts();
    for client in here {
        let Some(mut session) = sessions.remove(&client) else { continue };
        session.leave_network();
        let watched: Vec<Nickname> = session.monitored.clone();
        let nickname = session.nickname().cloned().filter(|_| !session.coming);
        turn.state.insert(client, session);
        watched.iter().for_each(|nickname| turn.state.add_watcher(client, nickname.as_str()));
        if let Some(nickname) = nickname {
            turn.state.set_nickname(client, nickname);
        }
    }
    returning
}

/// The channels that this node has members of, without these.
fn channels_here(state: &State) -> Vec<Channel> {
    let here = state.network.here;
    let channels = state.sorted_channels().into_iter().filter(|channel| channel.members_on(here).next().is_some());
    channels.map(Channel::without_members).collect()
}

/// What was said of a channel is so again, if it came back with its members and is no other.
pub(super) fn channel_back(turn: &mut Turn<'_>, channel: Channel) {
    let known = turn.state.channels.get_mut(&channel.name.folded());
    let known = known.filter(|known| known.is_incomplete && known.is_that_of(&channel.born, channel.created));
    if let Some(known) = known {
        let Channel { topic, lists, metadata, renamed, .. } = channel;
        (known.topic, known.lists, known.metadata) = (topic, lists, metadata);
        (known.renamed, known.is_incomplete) = (renamed, false);
    }
}

/// A user of this node, with its places, as the others have to know it again.
fn returning(state: &State, client: ClientId) -> Option<Arrival> {
    let session = state.sessions.get(&client).filter(|session| session.is_registered())?;
    let seat = |key: &Folded| {
        let channel = state.channels.get(key)?;
        let (name, born, created) = (channel.name.clone(), channel.born.clone(), channel.created);
        let left = state.network.read.at;
        let (modes, rank, had_topic) = (channel.modes.clone(), channel.rank(client)?, channel.topic.is_some());
        Some(Seat { channel: name, born, created, left, modes, rank, had_topic })
    };
    let seats = session.channels.iter().filter_map(seat).collect();
    Some(Arrival { seats, returns: true, ..session.arrival(client) })
}

/// Somebody of another node may have taken the nickname meanwhile.
fn with_free_nickname(turn: &mut Turn<'_>, mut arrival: Arrival) -> Arrival {
    let Some(nickname) = nickname_for(turn, &arrival) else { return arrival };
    if nickname.as_str() != arrival.nickname {
        let channels = turn.me().channels.clone();
        show_new_nickname(turn, &channels, &nickname);
        nickname.as_str().clone_into(&mut arrival.nickname);
        turn.me_mut().set_nickname(nickname);
        tell_new_nickname(turn);
    }
    arrival
}

fn come_back(turn: &mut Turn<'_>, arrival: Arrival) {
    turn.me_mut().coming = true;
    let again = arrival.clone();
    propose(turn, Change::Came(Box::new(arrival)), move |turn, made| {
        // Cut off again before it was taken in: the next time, then.
        if let Err(NotMade::Unordered(_)) = made {
            turn.state.network.owe(Change::Came(Box::new(again)));
            // Nor is it somebody who has still to say who it is.
            waiting::until_caught_up(turn);
        }
    });
}

/// A user of a node that was cut off is there again. Its neighbours of the same node never saw it leave.
pub(super) fn comes_back(turn: &mut Turn<'_>, arrival: &Arrival) {
    let (client, here) = (arrival.client, turn.state.network.is_here(arrival.client));
    turn.state.network.before.returning.remove(&client);
    let known = turn.state.sessions.get(&client);
    // Asked for twice, it is there by the first.
    if known.is_some_and(Session::is_registered) || (here && known.is_none()) {
        return;
    }
    if !here {
        turn.state.insert(client, Session::of(arrival));
    }
    let mut turn = turn.of(client);
    let before = std::mem::take(&mut turn.me_mut().channels);
    let Some(nickname) = nickname_for(&turn, arrival) else { return catch_up::is_back(&mut turn, &[]) };
    let renamed = nickname.as_str() != arrival.nickname;
    if renamed && here {
        show_new_nickname(&mut turn, &before, &nickname);
    }
    registration::become_user(&mut turn, nickname, arrival);
    if renamed && here {
        tell_new_nickname(&mut turn);
    }
    let seats = seat::take_all(&mut turn, &arrival.seats);
    if !here {
        return presence::came(&mut turn);
    }
    tell_back_after_long(&mut turn);
    seat::show_taken_back_directly(&mut turn);
    catch_up::is_back(&mut turn, &seats);
}

/// Where nothing is kept, what was missed is told by nobody: then it is told that it was.
fn tell_back_after_long(turn: &mut Turn<'_>) {
    if turn.settings.history {
        return turn.notice(BACK_AFTER_LONG);
    }
    let (from, to) = (rfc3339(turn.state.network.before.read), rfc3339(turn.now));
    turn.notice(&format!(
        "{BACK} No history is kept here: what they said in your channels from {from} to {to} is not told again. Ask those who were there."
    ));
}

/// Its own if it is still to be had, else a guest's; the same on every node.
fn nickname_for(turn: &Turn<'_>, arrival: &Arrival) -> Option<Nickname> {
    let own = Nickname::parse(&arrival.nickname, usize::MAX).ok();
    own.filter(|own| check_nickname(turn, own, Some(turn.client)).is_ok()).or_else(|| connection::guest_nickname(turn))
}

/// Shown to the user, and to those of this node who share a channel, whether they are back yet or not.
fn show_new_nickname(turn: &mut Turn<'_>, channels: &[Folded], nickname: &Nickname) {
    let line = turn.my_line("NICK").text(nickname.as_str());
    let receivers = companions(turn, channels);
    turn.me_to_all(receivers, &line, |_, _| true);
}

/// Told to the name that it has by now: the one before is somebody else's.
fn tell_new_nickname(turn: &mut Turn<'_>) {
    let nickname = turn.me().name();
    turn.notice(&format!(
        "Somebody took your nickname while this server was cut off from the others: you are {nickname} now."
    ));
}

/// The bus can't be reached: what has to be put in order can't be done, and everybody here is told.
pub(in crate::core) fn cut(turn: &mut Turn<'_>, why: &str) {
    let known = turn.state.network.why_cut().is_some();
    turn.state
        .network
        .set_cut(Some(format!("this server is cut off from the others ({why}); try again when it is back")));
    if !known {
        tell_all(
            turn,
            "This server is cut off from the others: nothing can be sent until it is back. You stay connected.",
        );
    }
}

/// It can be reached again.
pub(in crate::core) fn back(turn: &mut Turn<'_>) {
    if turn.state.network.why_cut().is_some() {
        turn.state.network.set_cut(None);
        tell_all(turn, BACK);
    }
    retry(turn);
}

/// Proposes what could not be before.
pub(in crate::core) fn retry(turn: &mut Turn<'_>) {
    if turn.state.network.why_cut().is_some() {
        return;
    }
    for change in turn.state.network.take_owed() {
        propose_unasked(turn, change);
    }
}

fn tell_all(turn: &mut Turn<'_>, text: &str) {
    for client in turn.state.clients_here() {
        let mut turn = turn.of(client);
        if turn.is_known() && turn.me().is_registered() {
            turn.notice(text);
        }
    }
}

/// The others have given this node up: those of the other nodes are gone for the users of this one, until it is back.
pub(in crate::core) fn out(turn: &mut Turn<'_>) {
    cut(turn, "they have given it up");
    turn.state.network.set_out();
    let neighbours = neighbours(turn.state);
    turn.state.network.catch_up.begin_to_miss(neighbours);
    let here = turn.state.network.here;
    let others: Vec<NodeId> = turn.state.network.nodes.keys().copied().filter(|node| *node != here).collect();
    for node in others {
        node_left(turn, node, "cut off", 0);
    }
    turn.state.network.begin(0);
    for client in turn.state.clients_here() {
        if turn.state.sessions.get(&client).is_some_and(|session| session.ending) {
            turn.of(client).depart("Connection closed");
        }
    }
    turn.state.network.end();
}

/// A user leaves a node that the others have given up: nobody else knows it any more, and it does not come back with the node.
pub(in crate::core) fn depart_unknown(turn: &mut Turn<'_>, reason: &str) {
    turn.state.network.begin(0);
    turn.depart(reason);
    turn.state.network.end();
}

/// The names of the other nodes that have members of this one's channels.
fn neighbours(state: &State) -> BTreeMap<Folded, BTreeSet<String>> {
    let network = &state.network;
    let here = state.channels.iter().filter(|(_, channel)| channel.members_on(network.here).next().is_some());
    let names = |channel: &Channel| {
        let others = nodes_of(channel).into_iter().filter(|node| *node != network.here);
        others.filter_map(|node| network.nodes.get(&node)).map(|node| node.name.clone()).collect()
    };
    here.map(|(key, channel)| (key.clone(), names(channel))).collect()
}

/// A node has come. Who has been there for the longest tells it how things stand: others may still wait to be told themselves.
pub(in crate::core) fn node_joined(turn: &mut Turn<'_>, node: NodeId, about: Node) {
    turn.state.network.nodes.insert(node, about);
    if turn.state.network.eldest_but(node) == Some(turn.state.network.here) {
        turn.actions.push(crate::core::Action::Describe { node });
    }
}

/// A node is gone, with all its users.
pub(in crate::core) fn node_left(turn: &mut Turn<'_>, node: NodeId, reason: &str, sequence: u64) {
    if node == turn.state.network.here {
        return;
    }
    let name = turn.state.network.leaves(node).unwrap_or_else(|| "a server".to_owned());
    let mut gone: Vec<ClientId> = turn.state.sessions.keys().copied().filter(|it| it.node() == node).collect();
    gone.sort_unstable();
    turn.state.network.begin(sequence);
    turn.state.messages.begin(sequence, turn.now);
    for client in gone {
        turn.of(client).depart(&format!("{name} is gone: {reason}"));
    }
    turn.state.messages.end();
    turn.state.network.end();
    turn.state.network.has_left();
}

/// A proposal of this node is not in the order: who waits for it is told, and what has to be made is tried again.
pub(in crate::core) fn not_made(turn: &mut Turn<'_>, number: u64, why: &str) {
    if let Some(client) = turn.state.network.close(number) {
        // That may come late, when the client has another proposal on its way.
        if turn.of(client).waits_for(number) {
            waiting::made(&mut turn.of(client), |_| Err(NotMade::Unordered(why.to_owned())));
        }
    } else if let Some(change) = turn.state.network.unasked(number) {
        turn.state.network.owe(change);
        turn.state.alarm.set(turn.now.unix_ms + 1);
    }
}

impl Channel {
    /// Everything but who is in it.
    fn without_members(&self) -> Channel {
        Channel { members: BTreeMap::new(), ..self.clone() }
    }
}

impl State {
    /// A channel as another node knows it, or this one knew it.
    pub(super) fn restore_channel(&mut self, channel: Channel) {
        let key = channel.name.folded();
        if let Some(owned) = self.channels.get(&key).and_then(|known| known.owned.as_ref()) {
            self.owners.remove(&owned.founder);
        }
        ownership::count(&mut self.owners, &channel);
        self.channels.insert(key, channel);
    }
}
