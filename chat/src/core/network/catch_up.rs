//! What was said to people of this node while the others had given it up. They stayed connected, so it is said to them when they are
//! back: once, in its order, and before anything that is said in the same channel afterwards.
//!
//! ```text
//! given up ─► joined: expects ─► each takes its seat: waits ─► all of a channel have: Question::Missed ─► told a stretch ─┐
//!                                                                       ▲ heard not all                                  │ heard all:
//!                                                                       └────────────────────────────────────────────────┴ hears again
//! ```
//!
//! Between its seat and the end of that a member is told no message of the channel: the histories have it, and the edge puts them
//! together, page by page and as each has room for it, so that nobody is told less because it reads slowly.

use std::collections::{BTreeMap, BTreeSet};

use super::node::Network;
use crate::core::fanout::Fanout;
use crate::core::keep::{Buffer, Position, Question, Said, Stretch, cost};
use crate::core::limits::{CATCH_UP_QUESTIONS, CATCH_UP_REST_MS};
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
    pub(super) fn of(place: Position) -> Read {
        Read { at: place.at, sequence: place.sequence }
    }

    /// Behind everything that has this place.
    fn end(self) -> Position {
        Position { at: self.at, sequence: self.sequence, number: u64::MAX }
    }
}

/// Who has still to hear what.
#[derive(Debug, Default)]
pub(in crate::core) struct CatchUp {
    channels: BTreeMap<Folded, Members>,
    /// Who has heard all, or has nothing to hear, and waits for nothing else.
    free: Vec<ClientId>,
    /// The other nodes that had members of a channel when this one was given up, by their names.
    neighbours: BTreeMap<Folded, BTreeSet<String>>,
}

/// The members of a channel on this node who have missed something.
#[derive(Debug, Default)]
struct Members {
    /// Those who have not taken their seat yet.
    coming: BTreeMap<ClientId, Heard>,
    /// Those who have.
    waiting: BTreeMap<ClientId, Heard>,
    is_asked: bool,
    /// None of them had room for more: nothing is asked before this time.
    rests_until_ms: i64,
}

/// What a member knows.
#[derive(Debug, Clone, Copy, Default)]
struct Heard {
    /// The place up to which it has heard all.
    upto: Position,
    /// It was told that something is left out, as it is too much.
    knows_of_rest: bool,
    /// It was told that not all nodes have answered.
    knows_of_silence: bool,
    /// It had no room for the next.
    is_slow: bool,
}

/// The next that the nodes have of a channel.
#[derive(Debug)]
pub(in crate::core) struct Missed {
    pub(in crate::core) stretch: Stretch,
    /// Whether all of them have answered.
    pub(in crate::core) is_whole: bool,
    /// Bytes that each may be told now.
    pub(in crate::core) room: BTreeMap<ClientId, usize>,
}

/// Which of the entries somebody is told, and whether that is all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Share {
    first: usize,
    end: usize,
}

impl CatchUp {
    /// These come again with these channels, by the names that they knew and those that they have now. Who had not heard all, or was not
    /// back yet, the last time has missed more.
    pub(super) fn expects(&mut self, read: Read, returning: Vec<(ClientId, Vec<(Folded, Folded)>)>) {
        let (mut known, mut neighbours) = (std::mem::take(&mut self.channels), std::mem::take(&mut self.neighbours));
        for (client, channels) in returning {
            for (before, now) in channels {
                let heard = known.get_mut(&before).and_then(|members| members.forget(client));
                let heard = heard.unwrap_or(Heard { upto: read.end(), ..Heard::default() });
                if let Some(names) = neighbours.remove(&before) {
                    self.neighbours.insert(now.clone(), names);
                }
                self.channels.entry(now).or_default().coming.insert(client, heard);
            }
        }
    }

    /// This node is given up: who else had members of its channels may know what it does not.
    pub(super) fn begin_to_miss(&mut self, neighbours: BTreeMap<Folded, BTreeSet<String>>) {
        self.neighbours = neighbours;
    }

    /// Somebody has taken its seats in these of its channels; the others are none of its own any more.
    fn is_back(&mut self, client: ClientId, seats: &[Folded]) {
        for key in seats {
            let Some(members) = self.channels.get_mut(key) else { continue };
            if let Some(heard) = members.coming.remove(&client) {
                members.waiting.insert(client, heard);
            }
        }
        self.channels.values_mut().for_each(|members| members.coming.retain(|coming, _| *coming != client));
    }

    /// Somebody is gone.
    pub(in crate::core) fn forget(&mut self, client: ClientId) {
        for members in self.channels.values_mut() {
            members.forget(client);
        }
    }

    /// A channel has another name. What was asked under the old one is asked anew.
    pub(in crate::core) fn renamed(&mut self, key: &Folded, new: &Folded) {
        if let Some(members) = self.channels.remove(key) {
            self.channels.insert(new.clone(), Members { is_asked: false, ..members });
        }
        if let Some(names) = self.neighbours.remove(key) {
            self.neighbours.insert(new.clone(), names);
        }
    }

    /// Nobody answers any more what was asked.
    pub(super) fn ask_anew(&mut self) {
        self.channels.values_mut().for_each(|members| members.is_asked = false);
    }

    fn waits(&self, client: ClientId) -> bool {
        self.channels.values().any(|members| members.waiting.contains_key(&client))
    }

    /// Whether somebody waits as long as it takes to read.
    pub(in crate::core) fn is_slow(&self, client: ClientId) -> bool {
        self.channels.values().filter_map(|members| members.waiting.get(&client)).any(|heard| heard.is_slow)
    }

    /// When it is to be looked again whether those who read slowly have room.
    pub(in crate::core) fn looks_again_ms(&self) -> Option<i64> {
        self.channels.values().map(|members| members.rests_until_ms).filter(|at_ms| *at_ms > 0).min()
    }

    /// The next channel of which all are back, and some may have room.
    fn next(&mut self, now: Now) -> Option<(&Folded, &Members)> {
        self.channels.retain(|_, members| !(members.coming.is_empty() && members.waiting.is_empty()));
        let asked = self.channels.values().filter(|members| members.is_asked).count();
        let next = self.channels.iter_mut().filter(|_| asked < CATCH_UP_QUESTIONS);
        let (key, members) = { next }.find(|(_, members)| members.may_be_asked_for(now))?;
        (members.is_asked, members.rests_until_ms) = (true, 0);
        Some((key, members))
    }
}

impl Members {
    /// Somebody hears no more; what it knew.
    fn forget(&mut self, client: ClientId) -> Option<Heard> {
        self.coming.remove(&client).or_else(|| self.waiting.remove(&client))
    }

    fn may_be_asked_for(&self, now: Now) -> bool {
        self.coming.is_empty() && !self.is_asked && self.rests_until_ms <= now.unix_ms
    }
}

impl Network {
    /// Members of a channel who will be told later what is said now.
    pub(in crate::core) fn told_later(&self, key: &Folded) -> BTreeSet<ClientId> {
        let members = self.catch_up.channels.get(key);
        members.map(|members| members.waiting.keys().copied().collect()).unwrap_or_default()
    }

    /// The nodes that had members of a channel when this one was given up, and are no more.
    fn missing(&self, key: &Folded) -> Vec<&str> {
        let is_here = |name: &&str| self.nodes.values().any(|node| node.name == **name);
        let names = self.catch_up.neighbours.get(key).into_iter().flatten().map(String::as_str);
        names.filter(|name| !is_here(name)).collect()
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
    while let Some((key, members)) = turn.state.network.catch_up.next(turn.now) {
        let waiting = members.waiting.iter().map(|(client, heard)| (*client, heard.upto)).collect();
        let question = Question::Missed { buffer: Buffer::channel(key.as_str()), waiting };
        turn.actions.push(Action::Ask { client: NOBODY, question: Box::new(question) });
    }
}

/// The next that the nodes have of a channel is told, as much of it as each has room for.
pub(in crate::core) fn told(turn: &mut Turn<'_>, buffer: &Buffer, missed: Missed) {
    let key = Folded::new(buffer.as_str());
    let channel = turn.state.channels.get(&key);
    let name = channel.map(|channel| channel.name.to_string()).unwrap_or_default();
    let is_member = |client: &ClientId| channel.is_some_and(|channel| channel.has(*client));
    let Some(members) = turn.state.network.catch_up.channels.get_mut(&key).filter(|members| members.is_asked) else {
        return;
    };
    members.is_asked = false;
    let no_members: Vec<ClientId> = members.waiting.keys().copied().filter(|client| !is_member(client)).collect();
    members.waiting.retain(|client, _| is_member(client));
    let shares = members.hear(&missed);
    let has_heard_all: Vec<ClientId> = shares.keys().copied().filter(|it| !members.waiting.contains_key(it)).collect();
    if shares.is_empty() {
        members.rests_until_ms = turn.now.unix_ms + CATCH_UP_REST_MS;
        turn.state.alarm.set(members.rests_until_ms);
    }
    warn(turn, &key, &name, &missed, &shares);
    for (at, said) in missed.stretch.entries.into_iter().enumerate() {
        let hearing = shares.iter().filter(|(_, (_, share))| (share.first..share.end).contains(&at));
        tell(turn, &name, hearing.map(|(client, _)| *client), said);
    }
    let catch_up = &mut turn.state.network.catch_up;
    let free = no_members.into_iter().chain(has_heard_all).filter(|client| !catch_up.waits(*client));
    let free: Vec<ClientId> = free.collect();
    catch_up.free.extend(free);
}

impl Members {
    /// What each of those who have room is told, with what it knew before. Who has heard all by it waits no more.
    fn hear(&mut self, missed: &Missed) -> BTreeMap<ClientId, (Heard, Share)> {
        let Missed { stretch, is_whole, room } = missed;
        let mut shares = BTreeMap::new();
        // Who is further behind has to hear first what lies before.
        for (client, heard) in self.waiting.iter_mut().filter(|(_, heard)| heard.upto >= stretch.from) {
            let Some(room) = room.get(client).copied().filter(|room| *room > 0) else {
                heard.is_slow = true;
                continue;
            };
            let share = Share::of(&stretch.entries, heard.upto, room);
            shares.insert(*client, (*heard, share));
            heard.knows_of_rest |= stretch.is_shortened;
            heard.knows_of_silence |= !is_whole;
            heard.upto = share.upto(stretch).unwrap_or(heard.upto).max(heard.upto);
        }
        let is_done = |(_, share): &(Heard, Share)| share.end == stretch.entries.len() && stretch.to.is_none();
        self.waiting.retain(|client, _| !shares.get(client).is_some_and(is_done));
        shares
    }
}

impl Share {
    /// The next that somebody is told who has heard what lies before this place: one at least, so that it goes on.
    fn of(entries: &[Said], upto: Position, room: usize) -> Share {
        let first = entries.partition_point(|said| Position::of(said) <= upto);
        let mut bytes = 0;
        let fits = |said: &&Said| {
            let is_first = bytes == 0;
            bytes += cost(said);
            is_first || bytes <= room
        };
        Share { first, end: first + entries[first..].iter().take_while(fits).count() }
    }

    /// The place up to which it has heard all then; none where that is this moment, or nothing is told.
    fn upto(self, stretch: &Stretch) -> Option<Position> {
        if self.end == stretch.entries.len() {
            return stretch.to;
        }
        self.end.checked_sub(1).and_then(|last| stretch.entries.get(last)).map(Position::of)
    }
}

/// Says once to each that something is missing, and where it is found.
fn warn(
    turn: &mut Turn<'_>,
    key: &Folded,
    channel: &str,
    missed: &Missed,
    shares: &BTreeMap<ClientId, (Heard, Share)>,
) {
    let rest = format!(
        "More was said in {channel} meanwhile than is told again: what was said before this is in the history."
    );
    let missing = turn.state.network.missing(key);
    let gone = if missing.is_empty() { String::new() } else { format!(" ({} is gone)", missing.join(", ")) };
    let silence = format!(
        "Not all servers have told what was said in {channel} meanwhile{gone}: ask the history again when they are there."
    );
    let is_silent = !missed.is_whole || !missing.is_empty();
    for (client, (knew, _)) in shares {
        if missed.stretch.is_shortened && !knew.knows_of_rest {
            turn.of(*client).notice(&rest);
        }
        if is_silent && !knew.knows_of_silence {
            turn.of(*client).notice(&silence);
        }
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
