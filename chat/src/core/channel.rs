//! A channel: its members, its modes, its topic.

use std::collections::BTreeMap;

use super::{ClientId, Now};
use crate::wire::channel_name::ChannelName;
use crate::wire::mask;
use crate::wire::mode::ChannelMode;

/// What a member may do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Rank {
    pub(super) operator: bool,
    pub(super) voice: bool,
}

impl Rank {
    /// Signs before a member's nickname: the highest, or all of them with the multi-prefix capability.
    pub(super) fn prefix(self, all: bool) -> &'static str {
        match (self.operator, self.voice) {
            (true, true) if all => "@+",
            (true, _) => "@",
            (false, true) => "+",
            (false, false) => "",
        }
    }
}

/// Who said what about the channel.
#[derive(Debug, Clone)]
pub(super) struct Topic {
    pub(super) text: Box<str>,
    pub(super) setter: Box<str>,
    pub(super) at: Now,
}

/// A mask that may neither join nor speak.
#[derive(Debug, Clone)]
pub(super) struct Ban {
    pub(super) mask: Box<str>,
    pub(super) setter: Box<str>,
    pub(super) at: Now,
}

/// Modes without a list.
#[derive(Debug, Clone, Default)]
pub(super) struct ChannelModes {
    pub(super) invite_only: bool,
    pub(super) moderated: bool,
    pub(super) no_external: bool,
    pub(super) secret: bool,
    pub(super) topic_locked: bool,
    pub(super) key: Option<Box<str>>,
    pub(super) limit: Option<usize>,
}

impl ChannelModes {
    /// The switch of a mode that is only on or off.
    pub(super) fn flag(&mut self, mode: ChannelMode) -> Option<&mut bool> {
        match mode {
            ChannelMode::InviteOnly => Some(&mut self.invite_only),
            ChannelMode::Moderated => Some(&mut self.moderated),
            ChannelMode::NoExternal => Some(&mut self.no_external),
            ChannelMode::Secret => Some(&mut self.secret),
            ChannelMode::TopicLocked => Some(&mut self.topic_locked),
            _ => None,
        }
    }

    /// As in 324: letters, and the parameters of `k` and `l`. The key is for members only.
    pub(super) fn written(&self, for_member: bool) -> Vec<String> {
        let flags = [
            ('i', self.invite_only),
            ('m', self.moderated),
            ('n', self.no_external),
            ('s', self.secret),
            ('t', self.topic_locked),
            ('k', self.key.is_some()),
            ('l', self.limit.is_some()),
        ];
        let on = flags.into_iter().filter(|(_, on)| *on).map(|(letter, _)| letter);
        let letters = std::iter::once('+').chain(on).collect();
        let key = self.key.as_ref().map(|key| if for_member { key.to_string() } else { "*".to_owned() });
        let limit = self.limit.map(|limit| limit.to_string());
        [Some(letters), key, limit].into_iter().flatten().collect()
    }
}

/// A channel exists as long as it has a member.
#[derive(Debug)]
pub(super) struct Channel {
    pub(super) name: ChannelName,
    pub(super) members: BTreeMap<ClientId, Rank>,
    pub(super) modes: ChannelModes,
    pub(super) topic: Option<Topic>,
    pub(super) bans: Vec<Ban>,
    pub(super) created: Now,
}

impl Channel {
    /// A new channel takes no messages from outside, and its topic is the operators'.
    pub(super) fn new(name: ChannelName, now: Now) -> Channel {
        let modes = ChannelModes { no_external: true, topic_locked: true, ..ChannelModes::default() };
        Channel { name, members: BTreeMap::new(), modes, topic: None, bans: Vec::new(), created: now }
    }

    pub(super) fn rank(&self, client: ClientId) -> Option<Rank> {
        self.members.get(&client).copied()
    }

    pub(super) fn has(&self, client: ClientId) -> bool {
        self.members.contains_key(&client)
    }

    pub(super) fn is_operator(&self, client: ClientId) -> bool {
        self.rank(client).is_some_and(|rank| rank.operator)
    }

    /// Whether a `nick!user@host` fits a ban.
    pub(super) fn is_banned(&self, source: &str) -> bool {
        self.bans.iter().any(|ban| mask::matches(&ban.mask, source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_written_with_their_parameters() {
        let modes = ChannelModes { secret: true, key: Some("k".into()), limit: Some(5), ..ChannelModes::default() };
        assert_eq!(modes.written(true), ["+skl", "k", "5"]);
        assert_eq!(modes.written(false), ["+skl", "*", "5"]);
        assert_eq!(ChannelModes::default().written(true), ["+"]);
    }

    #[test]
    fn prefixes_by_rank() {
        let both = Rank { operator: true, voice: true };
        assert_eq!((both.prefix(true), both.prefix(false), Rank::default().prefix(true)), ("@+", "@", ""));
    }
}
