//! A registered channel, as it is kept.

use serde::{Deserialize, Serialize};

use super::Ownership;
use crate::core::channel::{Channel, ChannelModes, Entry, Level, Lists, Topic};
use crate::core::keep::{Record, RecordKind};
use crate::core::limits::{CHANNEL_LENGTH, LIST_LENGTH};
use crate::core::metadata::Values;
use crate::core::{Account, Now};
use crate::wire::channel_name::ChannelName;
use crate::wire::mode::{CHANNEL_LETTERS, ChannelMode, Kind};

/// The account that registered a channel, of any record.
pub fn founder_of(record: &Record) -> Option<String> {
    (record.kind == RecordKind::Channel).then(|| ChannelRecord::parse(&record.value).map(|it| it.founder)).flatten()
}

/// Everything of a channel that outlives its members.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ChannelRecord {
    name: String,
    /// The name that it was made with, where that is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    born: Option<String>,
    created: i64,
    founder: String,
    since: i64,
    /// Accounts and the signs of their ranks.
    access: Vec<(String, char)>,
    /// Letters of the modes that are only on or off.
    modes: String,
    key: Option<Box<str>>,
    limit: Option<usize>,
    forward: Option<String>,
    topic: Option<Note>,
    bans: Vec<Note>,
    exceptions: Vec<Note>,
    invite_exceptions: Vec<Note>,
    #[serde(default)]
    metadata: Values,
}

/// What somebody set once: a topic, or a mask.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    text: Box<str>,
    setter: Box<str>,
    at: i64,
}

impl ChannelRecord {
    /// Of a channel, if it is registered.
    pub(super) fn of(channel: &Channel) -> Option<ChannelRecord> {
        let owned = channel.owned.as_ref()?;
        let notes = |mode| channel.lists.of(mode).into_iter().flatten().map(note).collect();
        let access = owned.access.iter().map(|(account, level)| (account.to_string(), level.sign()));
        let modes = &channel.modes;
        Some(ChannelRecord {
            name: channel.name.to_string(),
            born: (channel.born != channel.name).then(|| channel.born.to_string()),
            created: channel.created.unix_ms,
            founder: owned.founder.to_string(),
            since: owned.since.unix_ms,
            access: access.collect(),
            modes: flags(&mut modes.clone()),
            key: modes.key.clone(),
            limit: modes.limit,
            forward: modes.forward.as_ref().map(ToString::to_string),
            topic: channel.topic.clone().map(|Topic { text, setter, at }| Note { text, setter, at: at.unix_ms }),
            bans: notes(ChannelMode::Ban),
            exceptions: notes(ChannelMode::Exception),
            invite_exceptions: notes(ChannelMode::InviteException),
            metadata: channel.metadata.clone(),
        })
    }

    pub(super) fn to_value(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    pub(super) fn parse(value: &str) -> Option<ChannelRecord> {
        serde_json::from_str(value).ok()
    }

    /// The channel, without members.
    pub(super) fn into_channel(self) -> Option<Channel> {
        let account = |name: &str| Account::parse(name).ok();
        let holder = |(name, sign): &(String, char)| Some((account(name)?, Level::of_sign(*sign)?));
        let owned = Ownership {
            founder: account(&self.founder)?,
            access: self.access.iter().filter_map(holder).collect(),
            since: Now { unix_ms: self.since },
        };
        let mut lists = Lists::default();
        let kept = [
            (ChannelMode::Ban, self.bans),
            (ChannelMode::Exception, self.exceptions),
            (ChannelMode::InviteException, self.invite_exceptions),
        ];
        for (mode, notes) in kept {
            if let Some(list) = lists.of_mut(mode) {
                list.extend(notes.into_iter().take(LIST_LENGTH).map(entry));
            }
        }
        let mut channel = Channel::new(name(&self.name)?, Now { unix_ms: self.created });
        channel.born = self.born.as_deref().and_then(name).unwrap_or(channel.born);
        channel.modes = ChannelModes {
            key: self.key,
            limit: self.limit,
            forward: self.forward.as_deref().and_then(name),
            ..ChannelModes::default()
        };
        self.modes.chars().filter_map(ChannelMode::parse).for_each(|mode| {
            if let Some(flag) = channel.modes.flag(mode) {
                *flag = true;
            }
        });
        let topic = |note: Note| Topic { text: note.text, setter: note.setter, at: Now { unix_ms: note.at } };
        channel.topic = self.topic.map(topic);
        channel.lists = lists;
        channel.metadata = self.metadata;
        channel.owned = Some(Box::new(owned));
        Some(channel)
    }
}

fn name(text: &str) -> Option<ChannelName> {
    ChannelName::parse(text, CHANNEL_LENGTH).ok()
}

fn note(entry: &Entry) -> Note {
    Note { text: entry.mask.clone(), setter: entry.setter.clone(), at: entry.at.unix_ms }
}

fn entry(note: Note) -> Entry {
    Entry { mask: note.text, setter: note.setter, at: Now { unix_ms: note.at } }
}

/// The letters of the modes that are on, of those that are only on or off.
fn flags(modes: &mut ChannelModes) -> String {
    let flags = CHANNEL_LETTERS.iter().filter(|(.., kind)| *kind == Kind::Never);
    flags.filter(|(_, mode, _)| modes.flag(*mode).is_some_and(|on| *on)).map(|(letter, ..)| *letter).collect()
}
