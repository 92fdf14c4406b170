//! A channel: its members, its modes, its lists, its topic.

mod lists;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::metadata::Values;
use super::network::NodeId;
use super::ownership::Ownership;
use super::{ClientId, Now};
use crate::wire::channel_name::ChannelName;
use crate::wire::extban::{self, Subject};
use crate::wire::mode::{CHANNEL_LETTERS, ChannelMode, Written};
pub(super) use lists::{Entry, Lists};
use lists::{fits, fits_mute};

/// What a member may do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Rank {
    pub(super) operator: bool,
    pub(super) half_operator: bool,
    pub(super) voice: bool,
}

/// Ranks in their order. A member's level is its highest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Level {
    Member,
    Voice,
    HalfOperator,
    Operator,
}

impl Level {
    /// The sign before a nickname; members have none.
    pub(super) fn sign(self) -> char {
        match self {
            Level::Operator => '@',
            Level::HalfOperator => '%',
            Level::Voice => '+',
            Level::Member => ' ',
        }
    }

    /// The letter of its mode; members have none.
    pub(super) fn letter(self) -> char {
        match self {
            Level::Operator => 'o',
            Level::HalfOperator => 'h',
            Level::Voice => 'v',
            Level::Member => ' ',
        }
    }

    /// As CHANNEL ACCESS names it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Level::Operator => "op",
            Level::HalfOperator => "halfop",
            Level::Voice => "voice",
            Level::Member => "member",
        }
    }

    /// The level of such a name.
    pub(super) fn named(name: &str) -> Option<Level> {
        let levels = [Level::Operator, Level::HalfOperator, Level::Voice];
        levels.into_iter().find(|level| level.name().eq_ignore_ascii_case(name))
    }

    /// The level of a sign, as before a nickname or a channel.
    pub(super) fn of_sign(sign: char) -> Option<Level> {
        match sign {
            '@' => Some(Level::Operator),
            '%' => Some(Level::HalfOperator),
            '+' => Some(Level::Voice),
            _ => None,
        }
    }
}

impl Rank {
    pub(super) fn level(self) -> Level {
        match self {
            Rank { operator: true, .. } => Level::Operator,
            Rank { half_operator: true, .. } => Level::HalfOperator,
            Rank { voice: true, .. } => Level::Voice,
            _ => Level::Member,
        }
    }

    /// Signs before a member's nickname: the highest, or all of them with the multi-prefix capability.
    pub(super) fn prefix(self, all: bool) -> &'static str {
        let signs = match (self.operator, self.half_operator, self.voice) {
            (true, true, true) => "@%+",
            (true, true, false) => "@%",
            (true, false, true) => "@+",
            (true, false, false) => "@",
            (false, true, true) => "%+",
            (false, true, false) => "%",
            (false, false, true) => "+",
            (false, false, false) => "",
        };
        if all { signs } else { &signs[..signs.len().min(1)] }
    }

    /// The letters of its modes, the highest first.
    pub(super) fn letters(self) -> String {
        let ranks = [(self.operator, 'o'), (self.half_operator, 'h'), (self.voice, 'v')];
        ranks.into_iter().filter(|(on, _)| *on).map(|(_, letter)| letter).collect()
    }

    /// What makes the other rank of this one, for who has this nickname.
    pub(super) fn changes_to(self, other: Rank, nickname: &str) -> Written {
        let (was, is) = (self.letters(), other.letters());
        let mut written = Written::default();
        for letter in ['o', 'h', 'v'].into_iter().filter(|letter| was.contains(*letter) != is.contains(*letter)) {
            written.push(is.contains(letter), letter, Some(nickname));
        }
        written
    }

    /// The switch of a rank's mode.
    pub(super) fn flag(&mut self, mode: ChannelMode) -> Option<&mut bool> {
        match mode {
            ChannelMode::Operator => Some(&mut self.operator),
            ChannelMode::HalfOperator => Some(&mut self.half_operator),
            ChannelMode::Voice => Some(&mut self.voice),
            _ => None,
        }
    }
}

/// Who said what about the channel.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Topic {
    pub(super) text: Box<str>,
    pub(super) setter: Box<str>,
    pub(super) at: Now,
}

/// Modes without a list.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct ChannelModes {
    pub(super) no_ctcp: bool,
    pub(super) registered_speak: bool,
    pub(super) registered_only: bool,
    pub(super) invite_only: bool,
    pub(super) moderated: bool,
    pub(super) no_external: bool,
    pub(super) secret: bool,
    pub(super) topic_locked: bool,
    pub(super) key: Option<Box<str>>,
    pub(super) limit: Option<usize>,
    pub(super) forward: Option<ChannelName>,
}

impl ChannelModes {
    /// The switch of a mode that is only on or off.
    pub(super) fn flag(&mut self, mode: ChannelMode) -> Option<&mut bool> {
        match mode {
            ChannelMode::NoCtcp => Some(&mut self.no_ctcp),
            ChannelMode::RegisteredSpeak => Some(&mut self.registered_speak),
            ChannelMode::RegisteredOnly => Some(&mut self.registered_only),
            ChannelMode::InviteOnly => Some(&mut self.invite_only),
            ChannelMode::Moderated => Some(&mut self.moderated),
            ChannelMode::NoExternal => Some(&mut self.no_external),
            ChannelMode::Secret => Some(&mut self.secret),
            ChannelMode::TopicLocked => Some(&mut self.topic_locked),
            _ => None,
        }
    }

    /// What makes the other modes of these.
    pub(super) fn changes_to(&self, other: &ChannelModes) -> Written {
        let mut written = Written::default();
        let (mut was, mut is) = (self.clone(), other.clone());
        for (letter, mode, _) in CHANNEL_LETTERS {
            if let (Some(was), Some(is)) = (was.flag(*mode), is.flag(*mode))
                && was != is
            {
                written.push(*is, *letter, None);
            }
        }
        for ((letter, was), (_, is)) in
            self.parameters().into_iter().zip(other.parameters()).filter(|(was, is)| was != is)
        {
            // Only the key is named where it is taken away.
            let named = is.clone().or(was.filter(|_| letter == 'k'));
            written.push(is.is_some(), letter, named.as_deref());
        }
        written
    }

    /// The modes that have a parameter.
    fn parameters(&self) -> [(char, Option<String>); 3] {
        let limit = self.limit.map(|limit| limit.to_string());
        let forward = self.forward.as_ref().map(ToString::to_string);
        [('k', self.key.as_ref().map(ToString::to_string)), ('l', limit), ('f', forward)]
    }

    /// As in 324: letters, and the parameters of `k`, `l` and `f`. The key is for members only.
    pub(super) fn written(&self, for_member: bool) -> Vec<String> {
        let flags = [
            ('C', self.no_ctcp),
            ('M', self.registered_speak),
            ('R', self.registered_only),
            ('i', self.invite_only),
            ('m', self.moderated),
            ('n', self.no_external),
            ('s', self.secret),
            ('t', self.topic_locked),
            ('k', self.key.is_some()),
            ('l', self.limit.is_some()),
            ('f', self.forward.is_some()),
        ];
        let on = flags.into_iter().filter(|(_, on)| *on).map(|(letter, _)| letter);
        let letters = std::iter::once('+').chain(on).collect();
        let key = self.key.as_ref().map(|key| if for_member { key.to_string() } else { "*".to_owned() });
        let limit = self.limit.map(|limit| limit.to_string());
        let forward = self.forward.as_ref().map(ToString::to_string);
        [Some(letters), key, limit, forward].into_iter().flatten().collect()
    }
}

/// A channel exists as long as it has a member, or is registered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Channel {
    pub(super) name: ChannelName,
    pub(super) members: BTreeMap<ClientId, Rank>,
    pub(super) modes: ChannelModes,
    pub(super) topic: Option<Topic>,
    pub(super) metadata: Values,
    pub(super) lists: Lists,
    pub(super) created: Now,
    /// The name that it was made with. One line may make several channels at one moment, and names are exchanged: with the moment it
    /// tells whether a channel is still the one that somebody knew.
    pub(super) born: ChannelName,
    /// When it was given another name, lately; the oldest first.
    pub(super) renamed: Vec<Now>,
    /// Whose it is, if it is registered.
    pub(super) owned: Option<Box<Ownership>>,
    /// It came back with its members, and its topic and lists are still to come.
    pub(super) is_incomplete: bool,
}

impl Channel {
    /// A new channel takes no messages from outside, and its topic is the operators'.
    pub(super) fn new(name: ChannelName, now: Now) -> Channel {
        let modes = ChannelModes { no_external: true, topic_locked: true, ..ChannelModes::default() };
        Channel {
            born: name.clone(),
            name,
            members: BTreeMap::new(),
            modes,
            topic: None,
            metadata: Values::new(),
            lists: Lists::default(),
            created: now,
            renamed: Vec::new(),
            owned: None,
            is_incomplete: false,
        }
    }

    /// Whether it is the channel that was made then with this name, whatever its name is by now.
    pub(super) fn is_that_of(&self, born: &ChannelName, created: Now) -> bool {
        self.created == created && self.born.folded() == born.folded()
    }

    /// Its members on a node.
    pub(super) fn members_on(&self, node: NodeId) -> impl Iterator<Item = ClientId> {
        self.members.range(node.clients()).map(|(member, _)| *member)
    }

    pub(super) fn rank(&self, client: ClientId) -> Option<Rank> {
        self.members.get(&client).copied()
    }

    pub(super) fn has(&self, client: ClientId) -> bool {
        self.members.contains_key(&client)
    }

    /// Somebody's rank; who is not in the channel has none.
    pub(super) fn level(&self, client: ClientId) -> Level {
        self.rank(client).unwrap_or_default().level()
    }

    /// Whether somebody fits a ban, and no exception.
    pub(super) fn is_banned(&self, subject: Subject<'_>) -> bool {
        fits(&self.lists.bans, subject) && !fits(&self.lists.exceptions, subject)
    }

    /// Whether somebody fits a ban that was set after this moment, and no exception.
    pub(super) fn is_banned_after(&self, moment: Now, subject: Subject<'_>) -> bool {
        let mut later = self.lists.bans.iter().filter(|ban| ban.at > moment);
        later.any(|ban| extban::matches(&ban.mask, subject)) && !fits(&self.lists.exceptions, subject)
    }

    /// Whether somebody is to be silent: banned, or fits a mute and no exception of either kind.
    pub(super) fn is_silenced(&self, subject: Subject<'_>) -> bool {
        if self.lists.bans.is_empty() {
            return false;
        }
        let excepted = fits_mute(&self.lists.exceptions, subject) || fits(&self.lists.exceptions, subject);
        self.is_banned(subject) || (fits_mute(&self.lists.bans, subject) && !excepted)
    }

    /// Whether somebody needs no invitation.
    pub(super) fn is_invited(&self, subject: Subject<'_>) -> bool {
        fits(&self.lists.invite_exceptions, subject)
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
    fn changes_are_those_that_make_one_of_the_other() {
        let one = ChannelModes { secret: true, key: Some("k".into()), limit: Some(5), ..ChannelModes::default() };
        let other = ChannelModes { moderated: true, limit: Some(6), ..ChannelModes::default() };
        assert_eq!(one.changes_to(&other).pieces(400), [["+m-sk+l", "k", "6"]]);
        assert_eq!(other.changes_to(&one).pieces(400), [["-m+skl", "k", "5"]]);
        assert!(one.changes_to(&one).is_empty());
        let rank = Rank { operator: true, half_operator: false, voice: true };
        assert_eq!(rank.changes_to(Rank::default(), "al").pieces(400), [["-ov", "al", "al"]]);
    }

    #[test]
    fn prefixes_by_rank() {
        let both = Rank { operator: true, half_operator: false, voice: true };
        assert_eq!((both.prefix(true), both.prefix(false), Rank::default().prefix(true)), ("@+", "@", ""));
        let half = Rank { operator: false, half_operator: true, voice: true };
        assert_eq!((half.prefix(true), half.prefix(false), half.level()), ("%+", "%", Level::HalfOperator));
        assert!(both.level() > half.level() && Level::of_sign('%') == Some(half.level()));
    }
}
