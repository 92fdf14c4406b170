//! Registered channels: they belong to an account, are there without members too, and are as they were after a restart.

mod record;

pub use record::founder_of;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::Account;
use super::channel::{Channel, Level, Rank};
use super::keep::{Keep, Record, RecordKind};
use super::limits::{CHANNELS_PER_ACCOUNT, REGISTERED_CHANNELS};
use super::session::Session;
use super::state::State;
use super::turn::Turn;
use super::{Now, policy};
use crate::wire::casemap::{self, Folded};
use crate::wire::message::Line;
use crate::wire::mode::ChannelMode;
use record::ChannelRecord;

/// To whom a channel belongs, and which ranks it gives to whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ownership {
    pub(super) founder: Account,
    /// In the order in which they were given.
    pub(super) access: Vec<(Account, Level)>,
    pub(super) since: Now,
}

impl Ownership {
    /// The level of an account; the founder's is the highest.
    pub(super) fn level(&self, account: &Account) -> Level {
        if self.founder == *account {
            return Level::Operator;
        }
        self.access.iter().find(|(holder, _)| holder == account).map_or(Level::Member, |(_, level)| *level)
    }
}

/// How many channels each account has registered.
#[derive(Debug, Default)]
pub(super) struct Owners {
    counts: HashMap<Account, usize>,
    total: usize,
}

impl Owners {
    /// Whether an account may have one more.
    pub(super) fn has_room(&self, account: &Account) -> bool {
        self.total < REGISTERED_CHANNELS && self.counts.get(account).copied().unwrap_or(0) < CHANNELS_PER_ACCOUNT
    }

    pub(super) fn add(&mut self, account: &Account) {
        self.total += 1;
        *self.counts.entry(account.clone()).or_default() += 1;
    }

    pub(super) fn remove(&mut self, account: &Account) {
        if let Some(count) = self.counts.get_mut(account) {
            self.total -= 1;
            *count -= 1;
            if *count == 0 {
                self.counts.remove(account);
            }
        }
    }
}

/// The channel of a record, without members.
pub(super) fn kept(record: &Record) -> Option<Channel> {
    let record = Some(record).filter(|record| record.kind == RecordKind::Channel)?;
    ChannelRecord::parse(&record.value).and_then(ChannelRecord::into_channel)
}

/// A channel that was kept is there again.
pub(super) fn remember(state: &mut State, record: &Record) {
    let Some(channel) = kept(record) else { return };
    if let Some(owned) = channel.owned.as_ref().filter(|_| has_room(state)) {
        state.owners.add(&owned.founder);
        state.channels.insert(channel.name.folded(), channel);
    }
}

/// Whether one more channel may be registered on this chat.
pub(super) fn has_room(state: &State) -> bool {
    state.owners.total < REGISTERED_CHANNELS
}

/// A channel is there that may be registered.
pub(super) fn count(owners: &mut Owners, channel: &Channel) {
    if let Some(owned) = &channel.owned {
        owners.add(&owned.founder);
    }
}

/// Whether a channel is this client's.
pub(super) fn is_founder(channel: &Channel, session: &Session) -> bool {
    channel.owned.as_ref().is_some_and(|owned| Some(&owned.founder) == session.account())
}

/// The rank that a channel gives to a client that enters it.
pub(super) fn rank_for(channel: &Channel, session: &Session) -> Rank {
    let Some(owned) = &channel.owned else {
        return Rank { operator: channel.members.is_empty(), ..Rank::default() };
    };
    let level = session.account().map_or(Level::Member, |account| owned.level(account));
    Rank {
        operator: level == Level::Operator,
        half_operator: level == Level::HalfOperator,
        voice: level == Level::Voice,
    }
}

/// Says of a client that came into a registered channel which rank it was given.
pub(super) fn announce_rank(turn: &mut Turn<'_>, key: &Folded) {
    let Some(channel) = turn.state.channels.get(key).filter(|channel| channel.owned.is_some()) else { return };
    let mode = match channel.level(turn.client) {
        Level::Operator => ChannelMode::Operator,
        Level::HalfOperator => ChannelMode::HalfOperator,
        Level::Voice => ChannelMode::Voice,
        Level::Member => return,
    };
    let line: Line = turn.server_line("MODE").param(channel.name.as_str());
    let line = line.param(&format!("+{}", mode.letter())).param(turn.me().name());
    for member in channel.members.keys().copied().collect::<Vec<_>>() {
        turn.server_to(member, &line);
    }
}

/// Somebody who is in channels already has an account from now on: the ranks that it is given are added to what it has.
pub(super) fn give_ranks(turn: &mut Turn<'_>) {
    for key in turn.me().channels.clone() {
        let Some(channel) = turn.state.channels.get(&key).filter(|channel| channel.owned.is_some()) else { continue };
        let (given, held) = (rank_for(channel, turn.me()), channel.rank(turn.client).unwrap_or_default());
        if given.level() <= held.level() {
            continue;
        }
        let rank = Rank {
            operator: given.operator || held.operator,
            half_operator: given.half_operator || held.half_operator,
            voice: given.voice || held.voice,
        };
        if let Some(channel) = turn.state.channels.get_mut(&key) {
            channel.members.insert(turn.client, rank);
        }
        announce_rank(turn, &key);
    }
}

/// Has a channel kept as it is now, if it is registered. Called after every change of what is kept of one.
pub(super) fn keep(turn: &mut Turn<'_>, key: &Folded) {
    let record = turn.state.channels.get(key).and_then(ChannelRecord::of);
    if let Some(value) = record.map(|record| record.to_value()) {
        turn.keep(Keep::Put { kind: RecordKind::Channel, key: key.as_str().to_owned(), value });
    }
}

/// A registered channel is renamed by whose it is alone.
pub(super) fn may_rename(channel: &Channel, session: &Session) -> bool {
    channel.owned.is_none() || is_founder(channel, session)
}

/// A channel has another name, and is kept under that.
pub(super) fn moved(turn: &mut Turn<'_>, from: &Folded, to: &Folded) {
    if turn.state.channels.get(to).is_some_and(|channel| channel.owned.is_some()) {
        turn.keep(Keep::Forget { kind: RecordKind::Channel, key: from.as_str().to_owned() });
        keep(turn, to);
    }
}

/// A channel gets an owner, another one, or other ranks.
pub(super) fn set(turn: &mut Turn<'_>, key: &Folded, ownership: Ownership) {
    let Some(channel) = turn.state.channels.get_mut(key) else { return };
    if let Some(before) = &channel.owned {
        turn.state.owners.remove(&before.founder);
    }
    turn.state.owners.add(&ownership.founder);
    channel.owned = Some(Box::new(ownership));
    keep(turn, key);
}

/// A channel is nobody's any more; without members it is gone.
pub(super) fn drop(turn: &mut Turn<'_>, key: &Folded) {
    if disown(turn.state, key) {
        turn.keep(Keep::Forget { kind: RecordKind::Channel, key: key.as_str().to_owned() });
    }
}

/// The same where it is kept no more already. Whether it was anybody's.
pub(super) fn disown(state: &mut State, key: &Folded) -> bool {
    let Some(channel) = state.channels.get_mut(key) else { return false };
    let Some(owned) = channel.owned.take() else { return false };
    state.owners.remove(&owned.founder);
    if channel.members.is_empty() {
        state.channels.remove(key);
    }
    true
}

/// An account is no more, and what it registered neither.
pub(super) fn drop_all_of(turn: &mut Turn<'_>, account: &Account) {
    let is_theirs = |channel: &Channel| {
        channel.owned.as_ref().is_some_and(|owned| casemap::same(owned.founder.as_str(), account.as_str()))
    };
    let channels = turn.state.channels.iter().filter(|(_, channel)| is_theirs(channel));
    let mut keys: Vec<Folded> = channels.map(|(key, _)| key.clone()).collect();
    keys.sort_unstable();
    keys.iter().for_each(|key| drop(turn, key));
}

/// A channel that this client may know of and that is registered.
pub(super) fn find<'t>(turn: &'t Turn<'_>, name: &str) -> Option<(Folded, &'t Channel, &'t Ownership)> {
    let (key, channel) = turn.state.channel(name)?;
    let owned = channel.owned.as_deref()?;
    (policy::may_see(turn, channel) || is_founder(channel, turn.me())).then(|| (key.clone(), channel, owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_owns_so_many_channels() {
        let account = Account::parse("al").unwrap();
        let mut owners = Owners::default();
        (0..CHANNELS_PER_ACCOUNT).for_each(|_| owners.add(&account));
        assert!(!owners.has_room(&account) && owners.has_room(&Account::parse("bo").unwrap()));
        owners.remove(&account);
        assert!(owners.has_room(&account));
    }
}
