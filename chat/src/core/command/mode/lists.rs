//! A channel's lists of masks: bans, exceptions, and who needs no invitation.

use super::{Numeric, Refusal, Turn};
use crate::core::channel::{Channel, Entry};
use crate::core::limits::{LIST_LENGTH, MASK_LENGTH};
use crate::wire::casemap::{self, Folded};
use crate::wire::extban;
use crate::wire::message::cut;
use crate::wire::mode::{Change, ChannelMode};

/// The numerics of an entry and of the end.
fn numerics(mode: ChannelMode) -> (Numeric, Numeric) {
    match mode {
        ChannelMode::Exception => (Numeric::ExceptList, Numeric::EndOfExceptList),
        ChannelMode::InviteException => (Numeric::InvexList, Numeric::EndOfInvexList),
        _ => (Numeric::BanList, Numeric::EndOfBanList),
    }
}

/// Shows a list.
pub(super) fn show(turn: &mut Turn<'_>, key: &Folded, mode: ChannelMode) {
    let Some(channel) = turn.state.channels.get(key) else { return };
    let name = channel.name.to_string();
    let (numeric, end) = numerics(mode);
    let line =
        |entry: &Entry| turn.numeric(numeric).params([&*name, &entry.mask, &entry.setter]).number(entry.at.seconds());
    let lines: Vec<_> = channel.lists.of(mode).into_iter().flatten().map(line).collect();
    lines.iter().for_each(|line| turn.answer(line));
    turn.reply(end, [&*name]);
}

/// Adds or removes a mask; as it stands in the list, or `None` where nothing changed.
pub(super) fn change(
    channel: &mut Channel,
    mode: ChannelMode,
    change: Change<'_>,
    by: Entry,
) -> Result<Option<String>, Refusal> {
    let typed = change.parameter.and_then(|typed| typed.split_whitespace().next()).unwrap_or_default();
    let complete = extban::complete(typed).map_err(|error| super::invalid(channel, change, &error.to_string()))?;
    let mask = cut(&complete, MASK_LENGTH);
    let name = channel.name.to_string();
    let Some(list) = channel.lists.of_mut(mode) else { return Ok(None) };
    let at = list.iter().position(|entry| casemap::same(&entry.mask, mask));
    match (change.adding, at) {
        (true, Some(_)) | (false, None) => Ok(None),
        (false, Some(at)) => Ok(Some(list.remove(at).mask.into())),
        (true, None) if list.len() >= LIST_LENGTH => {
            Err(Refusal::new(Numeric::BanListFull).with(name).with(change.letter.to_string()))
        }
        (true, None) => {
            list.push(Entry { mask: mask.into(), ..by });
            Ok(Some(mask.to_owned()))
        }
    }
}
