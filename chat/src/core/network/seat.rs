//! The places in channels of somebody who comes back: which it takes again, and what it and the others see of that.

use std::collections::BTreeSet;

use super::Seat;
use crate::core::channel::{Channel, Rank};
use crate::core::command::{join, topic};
use crate::core::keep::place_of;
use crate::core::refusal::Refusal;
use crate::core::session::Session;
use crate::core::state::State;
use crate::core::turn::Turn;
use crate::core::{ClientId, Now, policy};
use crate::wire::capability::Capability;
use crate::wire::casemap::Folded;
use crate::wire::channel_name::ChannelName;
use crate::wire::message::Line;

/// Somebody sits where it sat, if the channel is the one that it knew. Another one that has its name by now it enters as by JOIN.
pub(super) fn take(turn: &mut Turn<'_>, seat: &Seat) -> Option<Folded> {
    let Seat { channel: name, born, created, left, modes, rank, .. } = seat.clone();
    let (key, same) = place(turn.state, seat);
    if same.is_none() {
        let channel = Channel { modes, born, is_incomplete: true, ..Channel::new(name.clone(), created) };
        turn.state.restore_channel(channel);
    }
    let why_not = match same {
        None => None,
        Some(true) => banned_meanwhile(turn, &key, left),
        Some(false) => policy::may_join(turn, &name, None).err().map(Away::Another),
    };
    if let Some(why) = why_not {
        turned_away(turn, &name, &why);
        return None;
    }
    let (now, name) = (turn.now, turn.state.channels.get(&key).map_or(name, |channel| channel.name.clone()));
    turn.state.add_member(turn.client, name, now);
    // Who ran a channel runs it still; but not another that has taken its name since.
    if same != Some(false)
        && let Some(channel) = turn.state.channels.get_mut(&key)
    {
        channel.members.insert(turn.client, rank);
    }
    if turn.is_here() {
        if !show_name(turn, &key, seat) {
            show_again(turn, &key);
        }
        show_changes(turn, &key, seat);
        show_taken_back(turn, &key, seat);
    } else {
        announce(turn, &key);
    }
    Some(key).filter(|_| same != Some(false))
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

/// A ban that is older than the cut has let its own stay, in silence, and does so still.
fn banned_meanwhile(turn: &Turn<'_>, key: &Folded, left: Now) -> Option<Away> {
    let channel = turn.state.channels.get(key)?;
    channel.is_banned_after(left, turn.me().subject()).then_some(Away::Banned)
}

/// Why somebody's seat is gone.
enum Away {
    /// Banned meanwhile.
    Banned,
    /// Another channel has the name, and does not let it in.
    Another(Refusal),
}

/// Those who saw it in the channel see it go: those of its node, as for others it has gone with the node. It is told what a JOIN
/// would have been told.
fn turned_away(turn: &mut Turn<'_>, name: &ChannelName, why: &Away) {
    if !turn.is_here() {
        return;
    }
    let text = match why {
        Away::Banned => "Banned while this server was cut off from the others",
        Away::Another(_) => "Another channel has taken this name while this server was cut off from the others",
    };
    let line = turn.server_line("KICK").params([name.as_str(), turn.me().name()]).text(text);
    for companion in companions(turn, &[name.folded()]) {
        turn.server_to(companion, &line);
    }
    if let Away::Another(refusal) = why {
        turn.refuse(refusal);
    }
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
fn show_name(turn: &mut Turn<'_>, key: &Folded, seat: &Seat) -> bool {
    let name = turn.state.channels.get(key).map(|channel| channel.name.to_string());
    let Some(name) = name.filter(|_| *key != seat.channel.folded()) else { return false };
    for member in newcomers(turn, key) {
        join::show_to(turn, key, member);
    }
    let (client, reason) = (turn.client, "Renamed while this server was cut off from the others");
    if turn.me().has(Capability::ChannelRename) {
        let line = turn.server_line("RENAME").params([seat.channel.as_str(), &name]).text(reason);
        turn.answer(&line);
        return false;
    }
    let line = turn.my_line("PART").param(seat.channel.as_str()).text(reason);
    turn.me_to(client, &line);
    join::show_to_newcomer(turn, key);
    true
}

/// Those of this node who were shown by name who was in a renamed channel when they came back themselves.
fn newcomers(turn: &Turn<'_>, key: &Folded) -> Vec<ClientId> {
    let here = turn.state.network.here;
    let members = turn.state.channels.get(key).map(|channel| channel.members_on(here)).into_iter().flatten();
    let knows = |client: &ClientId| {
        turn.state.sessions.get(client).is_some_and(|session| session.has(Capability::ChannelRename))
    };
    members.filter(|member| *member != turn.client && !knows(member)).collect()
}

/// What was taken back of what it may have seen.
fn show_taken_back(turn: &mut Turn<'_>, key: &Folded, seat: &Seat) {
    let channel = turn.state.channels.get(key).filter(|_| turn.me().has(Capability::MessageRedaction));
    let Some(channel) = channel else { return };
    let names = channel.formerly.iter().map(ChannelName::folded).chain([key.clone()]);
    let taken_back = names.filter_map(|name| turn.state.network.before.taken_back.get(&name)).flatten();
    let seen = taken_back.filter(|msgid| place_of(msgid).is_some_and(|(_, _, at)| at <= seat.left.unix_ms));
    let line = |msgid: &String| turn.server_line("REDACT").params([channel.name.as_str(), msgid]);
    let lines: Vec<Line> = seen.map(line).collect();
    for line in lines {
        turn.answer(&line.text("Taken back while this server was cut off from the others"));
    }
}

/// What of a channel is not as it was: told as by the server, since who did it is long over. A lost rank all see who saw it.
fn show_changes(turn: &mut Turn<'_>, key: &Folded, seat: &Seat) {
    let Some(channel) = turn.state.channels.get(key) else { return };
    let name = channel.name.as_str();
    let (start, no_topic) = (turn.server_line("MODE").param(name), turn.server_line("TOPIC").param(name).text(""));
    let rank = channel.rank(turn.client).unwrap_or_default();
    let modes = seat.modes.changes_to(&channel.modes).pieces(start.room());
    let ranks = seat.rank.changes_to(rank, turn.me().name()).pieces(start.room());
    let is_same = channel.is_that_of(&seat.born, seat.created) && !channel.is_incomplete;
    let before = turn.state.network.before.lists.get(&seat.channel.folded()).filter(|_| is_same);
    let lists = before.map(|lists| lists.changes_to(&channel.lists).pieces(start.room())).unwrap_or_default();
    let topic_is_gone = seat.had_topic && channel.topic.is_none() && !channel.is_incomplete;
    modes.into_iter().chain(lists).for_each(|piece| turn.answer(&start.clone().params(piece)));
    for piece in ranks {
        let line = start.clone().params(piece);
        companions(turn, std::slice::from_ref(key)).into_iter().for_each(|companion| turn.server_to(companion, &line));
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
