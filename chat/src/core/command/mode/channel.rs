//! A channel's modes.

use super::{Message, Numeric, Outcome, Refusal, Turn, invalid, lists};
use crate::core::ClientId;
use crate::core::channel::{Channel, Entry, Level};
use crate::core::closed;
use crate::core::history;
use crate::core::limits::{CHANNEL_LENGTH, KEY_LENGTH, MODES_PER_COMMAND};
use crate::core::ownership;
use crate::core::policy;
use crate::limits::core::MODE_LETTERS;
use crate::wire::casemap::{self, Folded};
use crate::wire::channel_name::ChannelName;
use crate::wire::mode::{Change, ChannelMode, Kind, Written, parse_channel};

pub(super) fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let (key, _) = turn.channel(message.params()[0])?;
    let Some(letters) = message.param(1) else {
        show(turn, &key);
        return Ok(());
    };
    let mut work = Work { key, written: Written::default(), refused: Vec::new(), shown: Vec::new() };
    for change in parse_channel(letters, &message.params()[2..]).take(MODE_LETTERS) {
        if work.written.parameters() >= MODES_PER_COMMAND {
            break;
        }
        match work.make(turn, change) {
            // Whoever may change nothing is told once, not for every letter.
            Err(refusal) if !work.refused.contains(&refusal) => work.refused.push(refusal),
            _ => {}
        }
    }
    work.refused.iter().for_each(|refusal| turn.refuse(refusal));
    work.announce(turn);
    Ok(())
}

/// 324 and 329.
fn show(turn: &mut Turn<'_>, key: &Folded) {
    let Some(channel) = turn.state.channels.get(key) else { return };
    let modes = channel.modes.written(channel.has(turn.client));
    let shown = turn.numeric(Numeric::ChannelModeIs).param(channel.name.as_str()).params(&modes);
    let created = turn.numeric(Numeric::CreationTime).param(channel.name.as_str()).number(channel.created.seconds());
    turn.answer(&shown);
    turn.answer(&created);
}

/// One MODE command on its way.
struct Work {
    key: Folded,
    written: Written,
    refused: Vec<Refusal>,
    shown: Vec<ChannelMode>,
}

/// What was changed: a parameter to show, or nothing.
type Made = Result<Option<Option<String>>, Refusal>;

impl Work {
    fn make(&mut self, turn: &mut Turn<'_>, change: Change<'_>) -> Outcome {
        let unknown = || Refusal::new(Numeric::UnknownMode).with(change.letter.to_string());
        let mode = change.mode.ok_or_else(unknown)?;
        if mode.kind() == Kind::List && change.parameter.is_none_or(|mask| mask.trim().is_empty()) {
            self.show_list(turn, mode);
            return Ok(());
        }
        let Some(channel) = turn.state.channels.get(&self.key) else { return Ok(()) };
        if !ownership::is_founder(channel, turn.me()) {
            policy::may_change(channel, turn.client, mode, gives_up(turn, mode, change))?;
        }
        if let Some(parameter) = set(turn, &self.key, mode, change)? {
            self.written.push(change.adding, change.letter, parameter.as_deref());
        }
        Ok(())
    }

    /// A list is shown once, however often it is asked for.
    fn show_list(&mut self, turn: &mut Turn<'_>, mode: ChannelMode) {
        if !self.shown.contains(&mode) {
            self.shown.push(mode);
            lists::show(turn, &self.key, mode);
        }
    }

    fn announce(&self, turn: &mut Turn<'_>) {
        if !self.written.is_empty() {
            ownership::keep(turn, &self.key);
            closed::note(turn, &self.key);
        }
        let name = turn.state.channels.get(&self.key).map_or("*", |channel| channel.name.as_str());
        let start = turn.my_line("MODE").param(name);
        for piece in self.written.pieces(start.room()) {
            history::happen(turn, &self.key, &start.clone().params(piece));
        }
    }
}

/// Whether somebody takes a rank from itself.
fn gives_up(turn: &Turn<'_>, mode: ChannelMode, change: Change<'_>) -> bool {
    let me = turn.me().name();
    mode.kind() == Kind::Rank && !change.adding && change.parameter.is_some_and(|name| casemap::same(name, me))
}

fn set(turn: &mut Turn<'_>, key: &Folded, mode: ChannelMode, change: Change<'_>) -> Made {
    if mode.kind() == Kind::Rank {
        return set_rank(turn, key, mode, change);
    }
    let forward = forward_target(turn, key, mode, change)?;
    let by = Entry { mask: "".into(), setter: turn.me().source().into(), at: turn.now };
    let Some(channel) = turn.state.channels.get_mut(key) else { return Ok(None) };
    match mode {
        ChannelMode::Key => set_key(channel, change),
        ChannelMode::Limit => set_limit(channel, change),
        ChannelMode::Forward => Ok(set_forward(channel, forward)),
        _ if mode.kind() == Kind::List => Ok(lists::change(channel, mode, change, by)?.map(Some)),
        _ => Ok(set_flag(channel, mode, change.adding).then_some(None)),
    }
}

fn set_rank(turn: &mut Turn<'_>, key: &Folded, mode: ChannelMode, change: Change<'_>) -> Made {
    let Some(channel) = turn.state.channels.get(key) else { return Ok(None) };
    let (member, nickname) = member(turn, channel, change)?;
    let rank = turn.state.channels.get_mut(key).and_then(|channel| channel.members.get_mut(&member));
    let Some(flag) = rank.and_then(|rank| rank.flag(mode)) else { return Ok(None) };
    let changed = std::mem::replace(flag, change.adding) != change.adding;
    Ok(changed.then_some(Some(nickname)))
}

/// The member whom a rank's mode speaks of.
fn member(turn: &Turn<'_>, channel: &Channel, change: Change<'_>) -> Result<(ClientId, String), Refusal> {
    let nickname = change.parameter.filter(|nickname| !nickname.is_empty());
    let nickname = nickname.ok_or_else(|| invalid(channel, change, "a nickname is needed"))?;
    let (member, session) = turn.user(nickname)?;
    if channel.has(member) {
        return Ok((member, session.name().to_owned()));
    }
    Err(Refusal::new(Numeric::UserNotInChannel).with(nickname).with(channel.name.as_str()))
}

fn set_flag(channel: &mut Channel, mode: ChannelMode, adding: bool) -> bool {
    channel.modes.flag(mode).is_some_and(|flag| std::mem::replace(flag, adding) != adding)
}

/// `-k` takes any parameter: who runs the channel need not type the key to remove it.
fn set_key(channel: &mut Channel, change: Change<'_>) -> Made {
    if !change.adding {
        return Ok(channel.modes.key.take().map(|key| Some(key.into())));
    }
    let key =
        change.parameter.filter(|key| !key.is_empty()).ok_or_else(|| invalid(channel, change, "a key is needed"))?;
    let sound = key.len() <= KEY_LENGTH
        && !key.starts_with(':')
        && key.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',');
    if !sound {
        let reason = format!("a key has at most {KEY_LENGTH} characters, without spaces and commas");
        return Err(invalid(channel, change, &reason));
    }
    let changed = channel.modes.key.as_deref() != Some(key);
    channel.modes.key = Some(key.into());
    Ok(changed.then(|| Some(key.to_owned())))
}

fn set_limit(channel: &mut Channel, change: Change<'_>) -> Made {
    if !change.adding {
        return Ok(channel.modes.limit.take().map(|_| None));
    }
    let limit = change.parameter.and_then(|text| text.parse().ok()).filter(|limit| *limit > 0);
    let limit: usize = limit.ok_or_else(|| invalid(channel, change, "a number from 1 is needed"))?;
    let changed = channel.modes.limit.replace(limit) != Some(limit);
    Ok(changed.then(|| Some(limit.to_string())))
}

/// Where `+f` leads: to another channel that the same person runs, so that nobody is sent where he is not wanted.
fn forward_target(
    turn: &Turn<'_>,
    key: &Folded,
    mode: ChannelMode,
    change: Change<'_>,
) -> Result<Option<ChannelName>, Refusal> {
    let Some(channel) = turn.state.channels.get(key) else { return Ok(None) };
    if mode != ChannelMode::Forward || !change.adding {
        return Ok(None);
    }
    let name = change.parameter.and_then(|name| ChannelName::parse(name, CHANNEL_LENGTH).ok());
    let name = name.filter(|name| name.folded() != *key);
    let name = name.ok_or_else(|| invalid(channel, change, "the name of another channel is needed"))?;
    let (_, target) = turn.channel(name.as_str())?;
    policy::must_be(Level::Operator, target, turn.client)?;
    Ok(Some(target.name.clone()))
}

fn set_forward(channel: &mut Channel, forward: Option<ChannelName>) -> Option<Option<String>> {
    let shown = forward.as_ref().map(ToString::to_string);
    let before = std::mem::replace(&mut channel.modes.forward, forward);
    (before != channel.modes.forward).then_some(shown)
}
