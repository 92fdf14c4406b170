//! The lists of a channel: who is banned, who is excepted, who needs no invitation.

use serde::{Deserialize, Serialize};

use crate::core::Now;
use crate::wire::extban::{self, Subject};
use crate::wire::mode::{ChannelMode, Written};

/// A mask in one of the lists.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::core) struct Entry {
    pub(in crate::core) mask: Box<str>,
    pub(in crate::core) setter: Box<str>,
    pub(in crate::core) at: Now,
}

/// The lists of masks.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(in crate::core) struct Lists {
    pub(in crate::core) bans: Vec<Entry>,
    pub(super) exceptions: Vec<Entry>,
    pub(super) invite_exceptions: Vec<Entry>,
}

impl Lists {
    /// The list of a mode that is one.
    pub(in crate::core) fn of(&self, mode: ChannelMode) -> Option<&Vec<Entry>> {
        match mode {
            ChannelMode::Ban => Some(&self.bans),
            ChannelMode::Exception => Some(&self.exceptions),
            ChannelMode::InviteException => Some(&self.invite_exceptions),
            _ => None,
        }
    }

    /// The same, to change it.
    pub(in crate::core) fn of_mut(&mut self, mode: ChannelMode) -> Option<&mut Vec<Entry>> {
        match mode {
            ChannelMode::Ban => Some(&mut self.bans),
            ChannelMode::Exception => Some(&mut self.exceptions),
            ChannelMode::InviteException => Some(&mut self.invite_exceptions),
            _ => None,
        }
    }
}

impl Lists {
    /// What makes the other lists of these.
    pub(in crate::core) fn changes_to(&self, other: &Lists) -> Written {
        let mut written = Written::default();
        for (letter, mode) in
            [('b', ChannelMode::Ban), ('e', ChannelMode::Exception), ('I', ChannelMode::InviteException)]
        {
            let (Some(was), Some(is)) = (self.of(mode), other.of(mode)) else { continue };
            let has = |list: &[Entry], entry: &Entry| list.iter().any(|other| other.mask == entry.mask);
            let gone = was.iter().filter(|entry| !has(is, entry)).map(|entry| (false, entry));
            let come = is.iter().filter(|entry| !has(was, entry)).map(|entry| (true, entry));
            gone.chain(come).for_each(|(adding, entry)| written.push(adding, letter, Some(&entry.mask)));
        }
        written
    }
}

pub(super) fn fits(entries: &[Entry], subject: Subject<'_>) -> bool {
    entries.iter().any(|entry| extban::matches(&entry.mask, subject))
}

pub(super) fn fits_mute(entries: &[Entry], subject: Subject<'_>) -> bool {
    entries.iter().filter_map(|entry| extban::mute(&entry.mask)).any(|mask| extban::matches(mask, subject))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_the_masks_that_are_gone_and_those_that_came() {
        let entries = |masks: &[&str]| -> Vec<Entry> {
            let entry = |mask: &&str| Entry { mask: (*mask).into(), setter: "al".into(), at: Now::default() };
            masks.iter().map(entry).collect()
        };
        let was = Lists { bans: entries(&["a!*@*", "b!*@*"]), exceptions: entries(&["c!*@*"]), ..Lists::default() };
        let is =
            Lists { bans: entries(&["b!*@*", "d!*@*"]), invite_exceptions: entries(&["e!*@*"]), ..Lists::default() };
        assert_eq!(was.changes_to(&is).pieces(400), [["-b+b-e+I", "a!*@*", "d!*@*", "c!*@*", "e!*@*"]]);
        assert!(was.changes_to(&was).is_empty());
    }
}
