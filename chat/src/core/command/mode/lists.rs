//! A channel's list of bans.

use super::{Numeric, Refusal, Turn};
use crate::core::channel::{Ban, Channel};
use crate::core::limits::{LIST_LENGTH, MASK_LENGTH};
use crate::wire::casemap::{self, Folded};
use crate::wire::mask;
use crate::wire::message::cut;

/// 367 and 368.
pub(super) fn show(turn: &mut Turn<'_>, key: &Folded) {
    let Some(channel) = turn.state.channels.get(key) else { return };
    let name = channel.name.to_string();
    let line =
        |ban: &Ban| turn.numeric(Numeric::BanList).params([&*name, &ban.mask, &ban.setter]).number(ban.at.seconds());
    let lines: Vec<_> = channel.bans.iter().map(line).collect();
    lines.iter().for_each(|line| turn.answer(line));
    turn.reply(Numeric::EndOfBanList, [&*name]);
}

/// Adds or removes a ban; the mask as it stands in the list, or `None` where nothing changed.
pub(super) fn change(channel: &mut Channel, adding: bool, mask: &str, by: Ban) -> Result<Option<String>, Refusal> {
    let mask = mask::complete(mask);
    let mask = cut(&mask, MASK_LENGTH);
    let at = channel.bans.iter().position(|ban| casemap::same(&ban.mask, mask));
    match (adding, at) {
        (true, Some(_)) | (false, None) => Ok(None),
        (false, Some(at)) => Ok(Some(channel.bans.remove(at).mask.into())),
        (true, None) if channel.bans.len() >= LIST_LENGTH => {
            Err(Refusal::new(Numeric::BanListFull).with(channel.name.as_str()).with(mask))
        }
        (true, None) => {
            channel.bans.push(Ban { mask: mask.into(), ..by });
            Ok(Some(mask.to_owned()))
        }
    }
}
