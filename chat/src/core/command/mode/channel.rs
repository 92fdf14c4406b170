//! A channel's modes.

use super::{Message, Numeric, Outcome, Refusal, Turn, lists};
use crate::core::ClientId;
use crate::core::channel::{Ban, Channel, Rank};
use crate::core::limits::{KEY_LENGTH, MODES_PER_COMMAND};
use crate::core::policy;
use crate::wire::casemap::Folded;
use crate::wire::mode::{Change, ChannelMode, Written, parse_channel};

pub(super) fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let (key, _) = turn.channel(message.params()[0])?;
    let Some(letters) = message.param(1) else {
        show(turn, &key);
        return Ok(());
    };
    let mut written = Written::default();
    let mut refused = Vec::new();
    for change in parse_channel(letters, &message.params()[2..]).take(MOST_CHANGES) {
        if written.parameters().len() >= MODES_PER_COMMAND {
            break;
        }
        match make(turn, &key, change, &mut written) {
            // Whoever may change nothing is told once, not for every letter.
            Err(refusal) if !refused.contains(&refusal) => refused.push(refusal),
            _ => {}
        }
    }
    refused.iter().for_each(|refusal| turn.refuse(refusal));
    announce(turn, &key, &written);
    Ok(())
}

/// Letters of one MODE: as many as there are, several times over.
const MOST_CHANGES: usize = 40;

/// 324 and 329.
fn show(turn: &mut Turn<'_>, key: &Folded) {
    let Some(channel) = turn.state.channels.get(key) else { return };
    let modes = channel.modes.written(channel.has(turn.client));
    let shown = turn.numeric(Numeric::ChannelModeIs).param(channel.name.as_str()).params(&modes);
    let created = turn.numeric(Numeric::CreationTime).param(channel.name.as_str()).number(channel.created.seconds());
    turn.answer(&shown);
    turn.answer(&created);
}

fn announce(turn: &mut Turn<'_>, key: &Folded, written: &Written) {
    if written.is_empty() {
        return;
    }
    let name = turn.state.channels.get(key).map_or("*", |channel| channel.name.as_str());
    let line = turn.my_line("MODE").param(name).param(written.letters()).params(written.parameters());
    turn.me_to_channel(key, &line, |_, _| true);
}

fn make(turn: &mut Turn<'_>, key: &Folded, change: Change<'_>, written: &mut Written) -> Outcome {
    let unknown = || Refusal::new(Numeric::UnknownMode).with(change.letter.to_string());
    let mode = change.mode.ok_or_else(unknown)?;
    if mode == ChannelMode::Ban && change.parameter.is_none() {
        lists::show(turn, key);
        return Ok(());
    }
    let (client, source, now) = (turn.client, turn.me().source().into(), turn.now);
    let Some(channel) = turn.state.channels.get(key) else { return Ok(()) };
    policy::must_be_member(channel, client)?;
    policy::must_be_operator(channel, client)?;
    let member = ranked(turn, channel, mode, change)?;
    let Some(channel) = turn.state.channels.get_mut(key) else { return Ok(()) };
    let made = match (mode, member) {
        (ChannelMode::Key, _) => set_key(channel, change)?,
        (ChannelMode::Limit, _) => set_limit(channel, change)?,
        (ChannelMode::Ban, _) => {
            let by = Ban { mask: "".into(), setter: source, at: now };
            lists::change(channel, change.adding, change.parameter.unwrap_or_default(), by)?.map(Some)
        }
        (_, Some((member, name))) => set_rank(channel, mode, change.adding, member).then_some(Some(name)),
        _ => set_flag(channel, mode, change.adding).then_some(None),
    };
    if let Some(parameter) = made {
        written.push(change.adding, change.letter, parameter.as_deref());
    }
    Ok(())
}

/// The member whom `o` and `v` speak of.
fn ranked(
    turn: &Turn<'_>,
    channel: &Channel,
    mode: ChannelMode,
    change: Change<'_>,
) -> Result<Option<(ClientId, String)>, Refusal> {
    if !matches!(mode, ChannelMode::Operator | ChannelMode::Voice) {
        return Ok(None);
    }
    let nickname = change.parameter.ok_or_else(|| invalid(channel, change, "a nickname is needed"))?;
    let (member, session) = turn.user(nickname)?;
    if channel.has(member) {
        return Ok(Some((member, session.name().to_owned())));
    }
    Err(Refusal::new(Numeric::UserNotInChannel).with(nickname).with(channel.name.as_str()))
}

fn set_rank(channel: &mut Channel, mode: ChannelMode, adding: bool, member: ClientId) -> bool {
    let Some(Rank { operator, voice }) = channel.members.get_mut(&member) else { return false };
    let flag = if mode == ChannelMode::Operator { operator } else { voice };
    std::mem::replace(flag, adding) != adding
}

fn set_flag(channel: &mut Channel, mode: ChannelMode, adding: bool) -> bool {
    channel.modes.flag(mode).is_some_and(|flag| std::mem::replace(flag, adding) != adding)
}

/// What was changed: a parameter to show, or nothing.
type Made = Result<Option<Option<String>>, Refusal>;

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
        let reason = format!("Key is not well-formed: at most {KEY_LENGTH} characters, without spaces and commas");
        return Err(Refusal::new(Numeric::InvalidKey).with(channel.name.as_str()).because(reason));
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

fn invalid(channel: &Channel, change: Change<'_>, reason: &str) -> Refusal {
    let letter = change.letter.to_string();
    let refusal = Refusal::new(Numeric::InvalidModeParam).with(channel.name.as_str()).with(letter);
    refusal.with(change.parameter.unwrap_or("*")).because(format!("Invalid mode parameter: {reason}"))
}
