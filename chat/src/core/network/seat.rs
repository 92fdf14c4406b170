//! The places in channels of somebody who comes back: which it takes again, and what it and the others see of that.

use std::collections::BTreeSet;

use super::Seat;
use crate::core::channel::{Channel, Rank};
use crate::core::command::{join, topic};
use crate::core::keep::{Buffer, place_of};
use crate::core::refusal::Refusal;
use crate::core::session::Session;
use crate::core::state::State;
use crate::core::turn::Turn;
use crate::core::{ClientId, Now, policy};
use crate::wire::capability::Capability;
use crate::wire::casemap::{self, Folded};
use crate::wire::message::Line;

/// Why somebody sees a channel under another name.
const RENAMED: &str = "Renamed while this server was cut off from the others";

/// A seat, with the channel that it is in by now.
struct Way<'s> {
    seat: &'s Seat,
    key: Folded,
    /// Whether that is the channel that it knew; none where there is no channel.
    same: Option<bool>,
    /// It was told that it left, as the new name was not free yet in what it had been told.
    has_left: bool,
}

impl Way<'_> {
    fn old(&self) -> Folded {
        self.seat.channel.folded()
    }
}

/// Somebody takes its seats; the channels of its own that it sits in then.
pub(super) fn take_all(turn: &mut Turn<'_>, seats: &[Seat]) -> Vec<Folded> {
    let ways = seats.iter().map(|seat| {
        let (key, same) = place(turn.state, seat);
        Way { seat, key, same, has_left: false }
    });
    let (others, mut own): (Vec<_>, Vec<_>) = ways.partition(|way| way.same == Some(false));
    // While the old names are still its own: later another of its channels may have one of them.
    own.retain(|way| !is_put_out(turn, way));
    let taken: BTreeSet<Folded> = own.iter().map(|way| way.key.clone()).collect();
    // Where another channel has the name, it is told first: one of its own may have taken it.
    others.iter().for_each(|way| enter_another(turn, way.seat, taken.contains(&way.key)));
    take_own(turn, own)
}

/// Each is told when nothing that it has been told has its new name any more. Where names went round it leaves one first.
fn take_own(turn: &mut Turn<'_>, mut ways: Vec<Way<'_>>) -> Vec<Folded> {
    let mut taken = Vec::new();
    while !ways.is_empty() {
        let is_free = |way: &Way<'_>| {
            let other = ways.iter().filter(|other| other.seat.channel != way.seat.channel);
            { other }.all(|other| other.has_left || other.old() != way.key)
        };
        match ways.iter().position(is_free) {
            Some(at) => {
                let way = ways.remove(at);
                take(turn, &way);
                taken.push(way.key);
            }
            None => leave_first(turn, &mut ways),
        }
    }
    taken
}

/// It is seen to leave the first that it has not left: with the name that this gives back the others go on.
fn leave_first(turn: &mut Turn<'_>, ways: &mut [Way<'_>]) {
    let Some(way) = ways.iter_mut().find(|way| !way.has_left) else { return };
    way.has_left = true;
    if turn.is_here() {
        show_part(turn, way.seat);
    }
}

/// Somebody sits where it sat, in the channel that it knew.
fn take(turn: &mut Turn<'_>, way: &Way<'_>) {
    let Way { seat, key, same, .. } = way;
    let Seat { channel: name, born, created, modes, rank, .. } = (*seat).clone();
    if same.is_none() {
        let channel = Channel { modes, born, is_incomplete: true, ..Channel::new(name.clone(), created) };
        turn.state.restore_channel(channel);
    }
    let name = turn.state.channels.get(key).map_or(name, |channel| channel.name.clone());
    turn.state.add_member(turn.client, name, turn.now);
    // Who ran a channel runs it still.
    if let Some(channel) = turn.state.channels.get_mut(key) {
        channel.members.insert(turn.client, rank);
    }
    if !turn.is_here() {
        return announce(turn, key);
    }
    if !show_name(turn, way) {
        show_again(turn, key);
    }
    show_changes(turn, key, seat);
    show_taken_back(turn, key, seat);
}

/// Another channel has the name of one that somebody was in: that it enters as by JOIN, if it is not one of its own already.
fn enter_another(turn: &mut Turn<'_>, seat: &Seat, is_taken: bool) {
    let (key, name) = (seat.channel.folded(), seat.channel.clone());
    let refusal = if is_taken { None } else { policy::may_join(turn, &name, None).err() };
    if is_taken || refusal.is_some() {
        return turned_away(turn, seat, &key, &Away::Another(refusal));
    }
    let name = turn.state.channels.get(&key).map_or(name, |channel| channel.name.clone());
    turn.state.add_member(turn.client, name, turn.now);
    if turn.is_here() {
        show_again(turn, &key);
        show_changes(turn, &key, seat);
    } else {
        announce(turn, &key);
    }
}

/// Where the channel is by now, and whether it is the one that it knew; none where there is no channel. It may have another name, and
/// another channel its own.
fn place(state: &State, seat: &Seat) -> (Folded, Option<bool>) {
    let key = seat.channel.folded();
    let is_it = |channel: &Channel| channel.is_that_of(&seat.born, seat.created);
    let found = state.channels.get(&key).map(is_it);
    if found == Some(true) {
        return (key, found);
    }
    let renamed = state.channels.iter().filter(|(_, channel)| is_it(channel)).map(|(key, _)| key).min().cloned();
    renamed.map_or((key, found), |key| (key, Some(true)))
}

/// Where the channel is that it knew, or will be when it has its seat there again; none where another has its name.
pub(super) fn own_place(state: &State, seat: &Seat) -> Option<Folded> {
    let (key, same) = place(state, seat);
    Some(key).filter(|_| same != Some(false))
}

/// Who was banned meanwhile has no seat any more. A ban that is older than the cut has let its own stay, in silence, and does so still.
fn is_put_out(turn: &mut Turn<'_>, way: &Way<'_>) -> bool {
    let channel = turn.state.channels.get(&way.key).filter(|_| way.same == Some(true));
    let is_banned = channel.is_some_and(|channel| channel.is_banned_after(way.seat.left, turn.me().subject()));
    if is_banned {
        turned_away(turn, way.seat, &way.key, &Away::Banned);
    }
    is_banned
}

/// Why somebody's seat is gone.
enum Away {
    /// Banned meanwhile.
    Banned,
    /// Another channel has the name, and does not let it in, or it is in there by another seat.
    Another(Option<Refusal>),
}

/// Those who saw it in the channel see it go: those of its node, as for others it has gone with the node. It is told what a JOIN
/// would have been told.
fn turned_away(turn: &mut Turn<'_>, seat: &Seat, key: &Folded, why: &Away) {
    if !turn.is_here() {
        return;
    }
    let text = match why {
        Away::Banned => "Banned while this server was cut off from the others",
        Away::Another(_) => "Another channel has taken this name while this server was cut off from the others",
    };
    let start = turn.server_line("KICK");
    let nickname = turn.me().name().to_owned();
    let line = |name: &str| start.clone().params([name, &nickname]).text(text);
    turn.answer(&line(seat.channel.as_str()));
    tell_companions(turn, key, seat, line);
    if let Away::Another(Some(refusal)) = why {
        turn.refuse(refusal);
    }
}

/// Tells those of this node who share the channel, by the name under which each knows it: who is not back yet by the old one.
fn tell_companions(turn: &mut Turn<'_>, key: &Folded, seat: &Seat, line: impl Fn(&str) -> Line) {
    let old = seat.channel.folded();
    let name =
        turn.state.channels.get(key).map_or_else(|| seat.channel.to_string(), |channel| channel.name.to_string());
    let client = turn.client;
    for companion in turn.state.clients_here().into_iter().filter(|companion| *companion != client) {
        let Some(session) = turn.state.sessions.get(&companion) else { continue };
        let shares = |key: &Folded| session.channels.contains(key);
        if session.coming && shares(&old) {
            turn.server_to(companion, &line(seat.channel.as_str()));
        } else if !session.coming && shares(key) && (old == *key || follows(turn, companion, seat)) {
            turn.server_to(companion, &line(&name));
        }
    }
}

/// Whether somebody who is back was told of another name by RENAME, so that it did not see the others go.
fn follows(turn: &Turn<'_>, client: ClientId, seat: &Seat) -> bool {
    let has_left = turn.state.network.before.left.contains(&(client, seat.channel.folded()));
    let session = turn.state.sessions.get(&client);
    !has_left && session.is_some_and(|session| session.has(Capability::ChannelRename))
}

/// The members of this node see somebody of another come.
fn announce(turn: &mut Turn<'_>, key: &Folded) {
    join::announce(turn, key);
    if let Some((name, rank)) = turn.state.channels.get(key).map(|it| (it.name.to_string(), it.rank(turn.client))) {
        let line = ranks(turn, &name, turn.me().name(), rank.unwrap_or_default());
        let here = turn.state.network.here;
        let members = turn.state.channels.get(key).map(|it| it.members_on(here).collect::<Vec<_>>());
        for (line, member) in line.iter().flat_map(|line| members.iter().flatten().map(move |it| (line, *it))) {
            turn.server_to(member, line);
        }
    }
}

/// A MODE that gives somebody the ranks that it has.
fn ranks(turn: &Turn<'_>, channel: &str, nickname: &str, rank: Rank) -> Option<Line> {
    let letters: String = rank.letters();
    let line = turn.server_line("MODE").param(channel).param(&format!("+{letters}"));
    (!letters.is_empty()).then(|| line.params(letters.chars().map(|_| nickname)))
}

/// A user who comes back sees who of the other nodes is in the channel, as it saw them go.
fn show_again(turn: &mut Turn<'_>, key: &Folded) {
    let Some(channel) = turn.state.channels.get(key) else { return };
    let others = channel.members.iter().filter(|(member, _)| !turn.state.network.is_here(**member));
    let others: Vec<(ClientId, Rank)> = others.map(|(member, rank)| (*member, *rank)).collect();
    let (client, name) = (turn.client, channel.name.to_string());
    for (member, rank) in others {
        let mut other = turn.of(member);
        join::show_to(&mut other, key, client);
        if let Some(line) = ranks(&other, &name, other.me().name(), rank) {
            turn.server_to(client, &line);
        }
    }
    topic::show(turn, key, topic::Absent::Silent);
}

/// A channel that has another name by now. To who knows no RENAME it looks as if it left the one and came into the other (IRCv3
/// draft/channel-rename): then true, as it has seen who is there.
fn show_name(turn: &mut Turn<'_>, way: &Way<'_>) -> bool {
    let Way { seat, key, has_left, .. } = way;
    let name = turn.state.channels.get(key).map(|channel| channel.name.to_string());
    let Some(name) = name.filter(|_| *key != way.old()) else { return false };
    for member in newcomers(turn, key, seat) {
        join::show_to(turn, key, member);
    }
    if !has_left && turn.me().has(Capability::ChannelRename) {
        let line = turn.server_line("RENAME").params([seat.channel.as_str(), &name]).text(RENAMED);
        turn.answer(&line);
        return false;
    }
    if !has_left {
        show_part(turn, seat);
    }
    join::show_to_newcomer(turn, key);
    true
}

/// Somebody sees that it leaves a channel, by its old name.
fn show_part(turn: &mut Turn<'_>, seat: &Seat) {
    let client = turn.client;
    turn.state.network.before.left.insert((client, seat.channel.folded()));
    let line = turn.my_line("PART").param(seat.channel.as_str()).text(RENAMED);
    turn.me_to(client, &line);
}

/// Those of this node who were shown by name who was in a renamed channel when they came back themselves.
fn newcomers(turn: &Turn<'_>, key: &Folded, seat: &Seat) -> Vec<ClientId> {
    let here = turn.state.network.here;
    let members = turn.state.channels.get(key).map(|channel| channel.members_on(here)).into_iter().flatten();
    members.filter(|member| *member != turn.client && !follows(turn, *member, seat)).collect()
}

/// What was taken back of what it may have seen.
fn show_taken_back(turn: &mut Turn<'_>, key: &Folded, seat: &Seat) {
    let Some(name) = turn.state.channels.get(key).map(|channel| channel.name.to_string()) else { return };
    let taken_back = &turn.state.network.before.taken_back;
    let of_it = taken_back.iter().filter(|(buffer, _)| *buffer == Buffer::channel(key.as_str()));
    let msgids: Vec<String> = of_it.map(|(_, msgid)| msgid.clone()).collect();
    redacted(turn, &name, &msgids, seat.left);
}

/// The same of what was said to it, or by it, alone. Its own name stands for the conversation, as in what another takes back.
pub(super) fn show_taken_back_directly(turn: &mut Turn<'_>) {
    let account = turn.me().account().map(|account| casemap::fold(account.as_str()));
    let without = Buffer::without_account(turn.client);
    let is_own = |buffer: &Buffer| {
        buffer.is_between(&without) || account.as_ref().is_some_and(|account| buffer.is_between(account))
    };
    let before = &turn.state.network.before;
    let own = before.taken_back.iter().filter(|(buffer, _)| is_own(buffer));
    let (msgids, left): (Vec<String>, Now) = (own.map(|(_, msgid)| msgid.clone()).collect(), before.read);
    let name = turn.me().name().to_owned();
    redacted(turn, &name, &msgids, left);
}

/// Told of what was said before this moment: the rest it never saw.
fn redacted(turn: &mut Turn<'_>, target: &str, msgids: &[String], left: Now) {
    if !turn.me().has(Capability::MessageRedaction) {
        return;
    }
    let seen = msgids.iter().filter(|msgid| place_of(msgid).is_some_and(|(_, _, at)| at <= left.unix_ms));
    for msgid in seen {
        let line = turn.server_line("REDACT").params([target, msgid]);
        turn.answer(&line.text("Taken back while this server was cut off from the others"));
    }
}

/// What of a channel is not as it was: told as by the server, since who did it is long over. A lost rank all see who saw it.
fn show_changes(turn: &mut Turn<'_>, key: &Folded, seat: &Seat) {
    let Some(channel) = turn.state.channels.get(key) else { return };
    let name = channel.name.to_string();
    let (start, no_topic) = (turn.server_line("MODE").param(&name), turn.server_line("TOPIC").param(&name).text(""));
    let rank = channel.rank(turn.client).unwrap_or_default();
    let modes = seat.modes.changes_to(&channel.modes).pieces(start.room());
    let ranks = seat.rank.changes_to(rank, turn.me().name()).pieces(start.room());
    let is_same = channel.is_that_of(&seat.born, seat.created) && !channel.is_incomplete;
    let before = turn.state.network.before.lists.get(&seat.channel.folded()).filter(|_| is_same);
    let lists = before.map(|lists| lists.changes_to(&channel.lists).pieces(start.room())).unwrap_or_default();
    let topic_is_gone = seat.had_topic && channel.topic.is_none() && !channel.is_incomplete;
    modes.into_iter().chain(lists).for_each(|piece| turn.answer(&start.clone().params(piece)));
    let start = turn.server_line("MODE");
    for piece in ranks {
        let line = |name: &str| start.clone().param(name).params(&piece);
        turn.answer(&line(&name));
        tell_companions(turn, key, seat, line);
    }
    if topic_is_gone {
        turn.answer(&no_topic);
    }
}

/// The user itself, and those of this node who are in one of these channels, whether the network knows it again or not.
pub(super) fn companions(turn: &Turn<'_>, channels: &[Folded]) -> BTreeSet<ClientId> {
    let shares = |session: &Session| session.channels.iter().any(|key| channels.contains(key));
    let here = turn.state.clients_here().into_iter();
    here.filter(|client| *client == turn.client || turn.state.sessions.get(client).is_some_and(shares)).collect()
}
