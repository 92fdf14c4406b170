//! What was said to people of this node while the others had given it up. They stayed connected, so it is said to them when they are
//! back: once, in its order, and before anything that is said in the same channel afterwards.
//!
//! ```text
//! given up ─► joined: expects ─► each takes its seat: waits ─► all of a channel have: Question::Missed ─► told, and hears again
//! ```
//!
//! Between its seat and that moment a member is told no message of the channel: the histories have it, and the edge puts them
//! together at the very moment at which it tells.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::node::Network;
use crate::core::fanout::Fanout;
use crate::core::keep::{Buffer, HistoryQuery, Place, Point, Question, Said, name_of, place_of};
use crate::core::limits::{CATCH_UP_LINES, CATCH_UP_QUESTIONS, CATCH_UP_TAGS};
use crate::core::turn::Turn;
use crate::core::{Action, ClientId, NOBODY, Now, history, waiting};
use crate::wire::casemap::Folded;

/// A place in the order: its time, which never goes back even where another network follows, and its number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Read {
    /// When.
    pub at: Now,
    /// Its number.
    pub sequence: u64,
}

impl Read {
    /// Where a message has its place.
    fn of(said: &Said) -> Read {
        Read { at: said.at, sequence: place_of(&said.msgid).map_or(0, |(sequence, ..)| sequence) }
    }
}

/// Who has still to hear what.
#[derive(Debug, Default)]
pub(in crate::core) struct CatchUp {
    channels: BTreeMap<Folded, Members>,
    /// Who has heard all, or has nothing to hear, and waits for nothing else.
    free: Vec<ClientId>,
}

/// The members of a channel on this node who have missed something, and the place up to which each has heard all.
#[derive(Debug, Default)]
struct Members {
    /// Those who have not taken their seat yet.
    coming: BTreeMap<ClientId, Read>,
    /// Those who have.
    waiting: BTreeMap<ClientId, Read>,
    is_asked: bool,
}

/// What the nodes have of a channel.
#[derive(Debug)]
pub(in crate::core) struct Missed {
    /// Up to this moment, oldest first.
    pub(in crate::core) entries: Vec<Said>,
    /// Whether all of them have answered.
    pub(in crate::core) is_whole: bool,
    /// Bytes that each may be told now.
    pub(in crate::core) room: BTreeMap<ClientId, usize>,
}

/// Somebody who is told now what it missed.
#[derive(Debug, Clone, Copy)]
struct Hearer {
    read: Read,
    room: usize,
}

impl CatchUp {
    /// These come again with these channels. Who had not heard all, or was not back yet, the last time has missed more.
    pub(super) fn expects(&mut self, read: Read, returning: impl Iterator<Item = (ClientId, Vec<Folded>)>) {
        for members in self.channels.values_mut() {
            members.coming.append(&mut members.waiting);
            members.is_asked = false;
        }
        for (client, channels) in returning {
            for key in channels {
                self.channels.entry(key).or_default().coming.entry(client).or_insert(read);
            }
        }
    }

    /// Somebody has taken its seats in these of its channels; the others are none of its own any more.
    fn is_back(&mut self, client: ClientId, seats: &[Folded]) {
        for (key, members) in &mut self.channels {
            if let Some(read) = members.coming.remove(&client).filter(|_| seats.contains(key)) {
                members.waiting.insert(client, read);
            }
        }
    }

    /// Somebody is gone.
    pub(in crate::core) fn forget(&mut self, client: ClientId) {
        for members in self.channels.values_mut() {
            members.coming.remove(&client);
            members.waiting.remove(&client);
        }
    }

    /// Nobody answers any more what was asked.
    pub(super) fn ask_anew(&mut self) {
        self.channels.values_mut().for_each(|members| members.is_asked = false);
    }

    fn waits(&self, client: ClientId) -> bool {
        self.channels.values().any(|members| members.waiting.contains_key(&client))
    }

    /// The next channel of which all are back.
    fn next(&mut self) -> Option<(&Folded, &Members)> {
        self.channels.retain(|_, members| !(members.coming.is_empty() && members.waiting.is_empty()));
        let asked = self.channels.values().filter(|members| members.is_asked).count();
        let next = self.channels.iter_mut().filter(|_| asked < CATCH_UP_QUESTIONS);
        let (key, members) = { next }.find(|(_, members)| members.coming.is_empty() && !members.is_asked)?;
        members.is_asked = true;
        Some((key, members))
    }

    /// Takes the members that a question was asked for; who has no room hears only that something is left out.
    fn take(&mut self, key: &Folded, room: &BTreeMap<ClientId, usize>) -> BTreeMap<ClientId, Hearer> {
        if !self.channels.get(key).is_some_and(|members| members.is_asked) {
            return BTreeMap::new();
        }
        let members = self.channels.remove(key).unwrap_or_default();
        let room = |client| room.get(client).copied().unwrap_or_default();
        members.waiting.iter().map(|(client, read)| (*client, Hearer { read: *read, room: room(client) })).collect()
    }
}

impl Network {
    /// Members of a channel who will be told later what is said now.
    pub(in crate::core) fn told_later(&self, key: &Folded) -> BTreeSet<ClientId> {
        let members = self.catch_up.channels.get(key);
        members.map(|members| members.waiting.keys().copied().collect()).unwrap_or_default()
    }
}

/// A user of this node is back in these channels: its lines wait until it has heard what it missed.
pub(super) fn is_back(turn: &mut Turn<'_>, seats: &[Folded]) {
    let client = turn.client;
    turn.state.network.catch_up.is_back(client, seats);
    if turn.state.network.catch_up.waits(client) {
        waiting::until_caught_up(turn);
    } else {
        // It may have waited for its seats. What it said meanwhile is no part of the change that is being made now.
        turn.state.network.catch_up.free.push(client);
    }
}

/// Lets those go on who have heard all, and asks what there is to ask.
pub(in crate::core) fn go_on(turn: &mut Turn<'_>) {
    for client in std::mem::take(&mut turn.state.network.catch_up.free) {
        if turn.state.sessions.contains_key(&client) {
            waiting::caught_up(&mut turn.of(client));
        }
    }
    if turn.state.network.why_cut().is_some() {
        return;
    }
    while let Some((key, members)) = turn.state.network.catch_up.next() {
        let read = members.waiting.values().min().copied().unwrap_or_default();
        let waiting = members.waiting.keys().copied().collect();
        let buffer = Buffer::channel(key.as_str());
        // No message has this name, as none is the last of so many; but it says where it would lie.
        let point = name_of(turn.state.messages.word(), read.sequence, u64::MAX, read.at.unix_ms);
        let place = Place::Latest(Some(Point::Msgid(point)));
        let query = HistoryQuery { buffer, place, limit: CATCH_UP_LINES + 1, events: false };
        let question = Question::Missed { query, waiting };
        turn.actions.push(Action::Ask { client: NOBODY, question: Box::new(question) });
    }
}

/// What the nodes have of a channel since then is told, as much of it as each has room for.
pub(in crate::core) fn told(turn: &mut Turn<'_>, buffer: &Buffer, missed: Missed) {
    let key = Folded::new(buffer.as_str());
    let hearers = turn.state.network.catch_up.take(&key, &missed.room);
    if let Some((name, members)) = seated(turn, &key, &hearers) {
        let Missed { entries, is_whole, .. } = missed;
        let begins = members.iter().map(|(client, hearer)| (*client, begin(&entries, *hearer)));
        let begins: BTreeMap<ClientId, (usize, bool)> = begins.collect();
        begins.iter().for_each(|(member, (_, is_all))| warn(&mut turn.of(*member), &name, *is_all, is_whole));
        for (at, said) in entries.into_iter().enumerate() {
            let hearing = begins.iter().filter(|(_, (first, _))| *first <= at).map(|(client, _)| *client);
            tell(turn, &name, hearing, said);
        }
    }
    let catch_up = &mut turn.state.network.catch_up;
    let free: Vec<ClientId> = hearers.into_keys().filter(|client| !catch_up.waits(*client)).collect();
    catch_up.free.extend(free);
}

/// The channel's name, and those who are in it still.
fn seated(
    turn: &Turn<'_>,
    key: &Folded,
    hearers: &BTreeMap<ClientId, Hearer>,
) -> Option<(String, BTreeMap<ClientId, Hearer>)> {
    let channel = turn.state.channels.get(key)?;
    let members = hearers.iter().filter(|(client, _)| channel.has(**client));
    Some((channel.name.to_string(), members.map(|(client, hearer)| (*client, *hearer)).collect()))
}

/// The first of the entries, which are in order, that somebody is told: as many of the last as there is room for. And whether that is
/// all that it missed.
fn begin(entries: &[Said], hearer: Hearer) -> (usize, bool) {
    let missed = entries.partition_point(|said| Read::of(said) <= hearer.read);
    let mut bytes = 0;
    let fits = |said: &&Said| {
        bytes += cost(said);
        bytes <= hearer.room
    };
    let count = entries[missed..].iter().rev().take(CATCH_UP_LINES).take_while(fits).count();
    let first = entries.len() - count;
    (first, first == missed)
}

/// Bytes that a message takes when it is told again, at the most but for tags that are longer than usual: each of several lines has
/// its prefix.
pub fn cost(said: &Said) -> usize {
    let prefix = said.line.find('\n').unwrap_or_default();
    let further = said.line.matches('\n').count() * (prefix + CATCH_UP_TAGS);
    said.line.len() + said.tags.len() + CATCH_UP_TAGS + further
}

/// Says that something is missing, and where it is found.
fn warn(turn: &mut Turn<'_>, channel: &str, is_all: bool, is_whole: bool) {
    if !is_all {
        let text =
            format!("More was said in {channel} meanwhile than is told again: what is left out is in the history.");
        turn.notice(&text);
    }
    if !is_whole {
        turn.notice(&format!(
            "Not all servers have told what was said in {channel} meanwhile: ask the history again later."
        ));
    }
}

/// Says something again.
fn tell(turn: &mut Turn<'_>, channel: &str, hearing: impl Iterator<Item = ClientId>, said: Said) {
    if history::has_several_lines(&said) {
        for client in hearing {
            let mut turn = turn.of(client);
            for mut fanout in history::replay(&mut turn, said.clone(), channel, None) {
                turn.fan_out_to(client, &mut fanout, |_| true);
            }
        }
        return;
    }
    let mut fanout = Fanout::from_said(history::named(said, channel));
    hearing.for_each(|client| turn.fan_out_to(client, &mut fanout, |_| true));
}

/// What the nodes have of a channel as one: each message once, in order. What others have counts up to the place at which they were
/// asked; what came later this node has itself, and was told to apply in its turn.
pub fn together(limit: usize, asked_at: Read, others: Vec<Said>, own: Vec<Said>) -> Vec<Said> {
    let others = others.into_iter().filter(|said| Read::of(said) <= asked_at);
    let mut known = HashSet::new();
    let mut all: Vec<Said> = own.into_iter().chain(others).filter(|said| known.insert(said.msgid.clone())).collect();
    all.sort_by_key(|said| (Read::of(said), place_of(&said.msgid).map(|(_, number, _)| number)));
    let first = all.len().saturating_sub(limit);
    all.drain(..first);
    all
}
