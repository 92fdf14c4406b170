//! METADATA (IRCv3 draft/metadata-2).

use std::collections::BTreeSet;

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When};
use crate::core::channel::Level;
use crate::core::keep::{Keep, RecordKind};
use crate::core::limits::{METADATA_KEYS, METADATA_SUBS, METADATA_SYNC_MEMBERS, METADATA_VALUE_LENGTH, ROWS};
use crate::core::metadata::{Values, is_key, record_key};
use crate::core::session::Session;
use crate::core::{ClientId, history, ownership};
use crate::limits::core::{METADATA_KEYS_PER_LINE, METADATA_RETRY_SECONDS};
use crate::wire::capability::Capability;
use crate::wire::casemap::{self, Folded};
use crate::wire::channel_name::is_channel;
use crate::wire::message::Line;

pub(super) const VERB: Verb = Verb {
    name: "METADATA",
    when: When::Registered,
    parameters: 2,
    usage: "METADATA <target or *> GET <key>... | LIST | SET <key> [:<value>] | CLEAR | SYNC, METADATA * SUB or UNSUB <key>... | SUBS \
            - what you and your channels say about themselves",
    run,
};

/// Whose values.
#[derive(Clone)]
enum Target {
    User(ClientId),
    Channel(Folded),
}

/// A FAIL: its code, what it is about, and its text.
struct Wrong(&'static str, Vec<String>, &'static str);

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let (target, subcommand) = (message.params()[0], message.params()[1].to_ascii_uppercase());
    let keys = &message.params()[2..];
    if matches!(&*subcommand, "GET" | "SET" | "SUB" | "UNSUB") && keys.is_empty() {
        return Err(Refusal::new(Numeric::NeedMoreParams).with("METADATA"));
    }
    let done = match &*subcommand {
        "GET" => find(turn, target).map(|target| get(turn, &target, keys)),
        "LIST" => find(turn, target).map(|target| list(turn, &target)),
        "SET" => find(turn, target).and_then(|target| set(turn, &target, keys[0], keys.get(1).copied())),
        "CLEAR" => find(turn, target).and_then(|target| clear(turn, &target)),
        "SYNC" => find(turn, target).map(|target| sync(turn, &target)),
        "SUB" => subscribe(turn, keys),
        "UNSUB" => {
            unsubscribe(turn, keys);
            Ok(())
        }
        "SUBS" => {
            subscriptions(turn);
            Ok(())
        }
        _ => Err(Wrong("SUBCOMMAND_INVALID", vec![subcommand.clone()], "invalid subcommand")),
    };
    if let Err(wrong) = done {
        let line = fail(turn, &wrong);
        turn.answer(&line);
    }
    Ok(())
}

/// Whether a subcommand changes what others can ask for.
pub(in crate::core) fn changes(subcommand: &str) -> bool {
    ["SET", "CLEAR"].iter().any(|word| subcommand.eq_ignore_ascii_case(word))
}

fn fail(turn: &Turn<'_>, Wrong(code, about, text): &Wrong) -> Line {
    turn.server_line("FAIL").params(["METADATA", code]).params(about).text(text)
}

/// Oneself, somebody who is here, or a channel that one may know of.
fn find(turn: &Turn<'_>, target: &str) -> Result<Target, Wrong> {
    let found = match target {
        "*" => Some(Target::User(turn.client)),
        _ if is_channel(target) => turn.channel(target).ok().map(|(key, _)| Target::Channel(key)),
        _ => turn.state.user(target).map(|(client, _)| Target::User(client)),
    };
    found.ok_or_else(|| Wrong("INVALID_TARGET", vec![target.to_owned()], "invalid metadata target"))
}

fn name(turn: &Turn<'_>, target: &Target) -> String {
    match target {
        Target::User(client) => turn.state.sessions.get(client).map_or("*", Session::name).to_owned(),
        Target::Channel(key) => turn.state.channels.get(key).map_or("*", |channel| channel.name.as_str()).to_owned(),
    }
}

fn values<'a>(turn: &'a Turn<'_>, target: &Target) -> Option<&'a Values> {
    match target {
        Target::User(client) => turn.state.sessions.get(client)?.metadata.as_ref().map(|metadata| &metadata.values),
        Target::Channel(key) => turn.state.channels.get(key).map(|channel| &channel.metadata),
    }
}

fn value(turn: &Turn<'_>, target: &Target, key: &str) -> Option<String> {
    values(turn, target)?.get(key).map(ToString::to_string)
}

/// 761, or 766 for a key that is not set.
fn row(turn: &Turn<'_>, target: &str, key: &str, value: Option<&str>) -> Line {
    match value {
        Some(value) => turn.numeric(Numeric::KeyValue).params([target, key, "*"]).text(value),
        None => turn.numeric(Numeric::KeyNotSet).params([target, key]).text(Numeric::KeyNotSet.text()),
    }
}

fn get(turn: &mut Turn<'_>, target: &Target, keys: &[&str]) {
    let name = name(turn, target);
    let row = |key: &&str| {
        let value = value(turn, target, key);
        if is_key(key) { row(turn, &name, key, value.as_deref()) } else { fail(turn, &invalid_key(key)) }
    };
    let lines: Vec<Line> = keys.iter().map(row).collect();
    history::batch_of(turn, &["metadata", &name], &lines);
}

fn list(turn: &mut Turn<'_>, target: &Target) {
    let name = name(turn, target);
    let rows = values(turn, target).into_iter().flatten();
    let lines: Vec<Line> = rows.map(|(key, value)| row(turn, &name, key, Some(value))).collect();
    history::batch_of(turn, &["metadata", &name], &lines);
}

fn invalid_key(key: &str) -> Wrong {
    Wrong("KEY_INVALID", vec![key.to_owned()], "invalid key")
}

/// One's own values, and those of channels that one runs.
fn may_set(turn: &Turn<'_>, target: &Target, key: &str) -> Result<(), Wrong> {
    let allowed = match target {
        Target::User(client) => *client == turn.client,
        Target::Channel(channel) => {
            turn.state.channels.get(channel).is_some_and(|channel| channel.level(turn.client) == Level::Operator)
        }
    };
    let denied = || Wrong("KEY_NO_PERMISSION", vec![name(turn, target), key.to_owned()], "permission denied");
    allowed.then_some(()).ok_or_else(denied)
}

fn set(turn: &mut Turn<'_>, target: &Target, key: &str, value: Option<&str>) -> Result<(), Wrong> {
    if !is_key(key) {
        return Err(invalid_key(key));
    }
    may_set(turn, target, key)?;
    let name = name(turn, target);
    let known = values(turn, target).is_some_and(|values| values.contains_key(key));
    if value.is_none() && !known {
        return Err(Wrong("KEY_NOT_SET", vec![name, key.to_owned()], "key not set"));
    }
    if value.is_some_and(|value| value.len() > METADATA_VALUE_LENGTH) {
        return Err(Wrong("VALUE_INVALID", Vec::new(), "value is too long"));
    }
    if !known && values(turn, target).is_some_and(|values| values.len() >= METADATA_KEYS) {
        return Err(Wrong("LIMIT_REACHED", vec![name], "metadata limit reached"));
    }
    change(turn, target, key, value);
    let line = row(turn, &name, key, value);
    turn.answer(&line);
    Ok(())
}

fn clear(turn: &mut Turn<'_>, target: &Target) -> Result<(), Wrong> {
    may_set(turn, target, "*")?;
    let name = name(turn, target);
    let keys: Vec<Box<str>> = values(turn, target).into_iter().flatten().map(|(key, _)| key.clone()).collect();
    keys.iter().for_each(|key| change(turn, target, key, None));
    let lines: Vec<Line> = keys.iter().map(|key| row(turn, &name, key, None)).collect();
    history::batch_of(turn, &["metadata", &name], &lines);
    Ok(())
}

/// Sets or removes a value, and tells those who want to know.
fn change(turn: &mut Turn<'_>, target: &Target, key: &str, value: Option<&str>) {
    let values = match target {
        Target::User(_) => Some(&mut turn.me_mut().metadata.get_or_insert_default().values),
        Target::Channel(channel) => turn.state.channels.get_mut(channel).map(|channel| &mut channel.metadata),
    };
    let Some(values) = values else { return };
    let before = match value {
        Some(value) => values.insert(key.into(), value.into()),
        None => values.remove(key),
    };
    if before.as_deref() == value {
        return;
    }
    match target {
        Target::User(_) => keep(turn, key, value),
        Target::Channel(channel) => ownership::keep(turn, channel),
    }
    let line = turn.my_line("METADATA").params([&*name(turn, target), key, "*"]);
    let line = value.map_or_else(|| line.clone(), |value| line.clone().text(value));
    let me = turn.client;
    let receivers = witnesses(turn, target);
    turn.me_to_all(receivers, &line, |client, session| client != me && wants(session, key));
}

/// An account's values are there when it comes again.
fn keep(turn: &mut Turn<'_>, key: &str, value: Option<&str>) {
    let Some(account) = turn.me().account().map(|account| Folded::new(account.as_str())) else { return };
    if !turn.state.profiles.set(&account, key, value) {
        return;
    }
    let (kind, key) = (RecordKind::Metadata, record_key(&account, key));
    turn.keep(match value {
        Some(value) => Keep::Put { kind, key, value: value.to_owned() },
        None => Keep::Forget { kind, key },
    });
}

/// Those who see a target: the members of a channel; who shares one with a user, or monitors it.
fn witnesses(turn: &Turn<'_>, target: &Target) -> BTreeSet<ClientId> {
    match target {
        Target::Channel(key) => turn
            .state
            .channels
            .get(key)
            .map(|channel| channel.members_on(turn.state.network.here).collect())
            .unwrap_or_default(),
        Target::User(client) => {
            let nickname = turn.state.sessions.get(client).map_or("*", Session::name);
            let watchers = turn.state.watchers.get(&*casemap::fold(nickname)).into_iter().flatten().copied();
            turn.state.neighbours(*client).into_iter().chain(watchers).collect()
        }
    }
}

fn wants(session: &Session, key: &str) -> bool {
    session.has(Capability::Metadata)
        && session.metadata.as_ref().is_some_and(|metadata| metadata.subscriptions.contains(key))
}

/// Whole lines of the keys that could be had, then what could not.
fn subscribe(turn: &mut Turn<'_>, keys: &[&str]) -> Result<(), Wrong> {
    let (mut added, mut wrong) = (Vec::new(), Vec::new());
    for key in keys {
        if !is_key(key) {
            wrong.push(invalid_key(key));
            continue;
        }
        let subscriptions = &mut turn.me_mut().metadata.get_or_insert_default().subscriptions;
        if subscriptions.len() >= METADATA_SUBS {
            wrong.push(Wrong("TOO_MANY_SUBS", vec![(*key).to_owned()], "too many subscriptions"));
            break;
        }
        subscriptions.insert((*key).into());
        if !added.contains(key) {
            added.push(*key);
        }
    }
    answer_keys(turn, Numeric::MetadataSubOk, &added);
    for wrong in wrong {
        let line = fail(turn, &wrong);
        turn.answer(&line);
    }
    show_to_new_subscriber(turn, &added);
    Ok(())
}

/// What is known already of those whom one sees.
fn show_to_new_subscriber(turn: &mut Turn<'_>, keys: &[&str]) {
    let channels = turn.me().channels.iter().cloned().map(Target::Channel);
    let people = turn.neighbours().into_iter().map(Target::User);
    let mut room = ROWS;
    for target in channels.chain(people).collect::<Vec<_>>() {
        let lines = known(turn, &target, |key| keys.contains(&key));
        if !lines.is_empty() && lines.len() <= room {
            room -= lines.len();
            let name = name(turn, &target);
            history::batch_of(turn, &["metadata", &name], &lines);
        }
    }
}

fn unsubscribe(turn: &mut Turn<'_>, keys: &[&str]) {
    let (valid, invalid): (Vec<&str>, Vec<&str>) = keys.iter().partition(|key| is_key(key));
    if let Some(metadata) = &mut turn.me_mut().metadata {
        valid.iter().for_each(|key| drop(metadata.subscriptions.take(*key)));
    }
    answer_keys(turn, Numeric::MetadataUnsubOk, &valid);
    for key in invalid {
        let line = fail(turn, &invalid_key(key));
        turn.answer(&line);
    }
}

fn answer_keys(turn: &mut Turn<'_>, numeric: Numeric, keys: &[&str]) {
    for keys in keys.chunks(METADATA_KEYS_PER_LINE) {
        turn.answer(&turn.numeric(numeric).params(keys));
    }
}

fn subscriptions(turn: &mut Turn<'_>) {
    let metadata = turn.me().metadata.as_ref();
    let keys: Vec<Box<str>> =
        metadata.into_iter().flat_map(|metadata| metadata.subscriptions.iter().cloned()).collect();
    let lines: Vec<Line> =
        keys.chunks(METADATA_KEYS_PER_LINE).map(|keys| turn.numeric(Numeric::MetadataSubs).params(keys)).collect();
    history::batch_of(turn, &["metadata-subs"], &lines);
}

/// The values of a target under those keys that are wanted, as messages.
fn known(turn: &Turn<'_>, target: &Target, wanted: impl Fn(&str) -> bool) -> Vec<Line> {
    let name = name(turn, target);
    let values = values(turn, target).into_iter().flatten().filter(|(key, _)| wanted(key));
    values.map(|(key, value)| turn.server_line("METADATA").params([&*name, key, "*"]).text(value)).collect()
}

/// What one has subscribed to of a target and, for a channel, of its members.
fn subscribed(turn: &Turn<'_>, target: &Target) -> Vec<Line> {
    let mine = turn.me().metadata.as_ref().map(|metadata| &metadata.subscriptions);
    let wanted = |key: &str| mine.is_some_and(|keys| keys.contains(key));
    let mut lines = known(turn, target, wanted);
    if let Target::Channel(key) = target
        && let Some(channel) = turn.state.channels.get(key).filter(|channel| channel.has(turn.client))
    {
        lines.extend(channel.members.keys().flat_map(|member| known(turn, &Target::User(*member), wanted)));
    }
    lines.truncate(ROWS);
    lines
}

fn sync(turn: &mut Turn<'_>, target: &Target) {
    let (name, lines) = (name(turn, target), subscribed(turn, target));
    history::batch_of(turn, &["metadata", &name], &lines);
}

/// After JOIN: what the newcomer has subscribed to, at once or, in a large channel, when it asks.
pub(super) fn show_channel(turn: &mut Turn<'_>, key: &Folded) {
    let subscribes = turn.me().metadata.as_ref().is_some_and(|metadata| !metadata.subscriptions.is_empty());
    if !subscribes || !turn.me().has(Capability::Metadata) {
        return;
    }
    let target = Target::Channel(key.clone());
    let members = turn.state.channels.get(key).map_or(0, |channel| channel.members.len());
    if members > METADATA_SYNC_MEMBERS {
        let later = turn.numeric(Numeric::MetadataSyncLater).param(&name(turn, &target)).number(METADATA_RETRY_SECONDS);
        return turn.answer(&later);
    }
    let lines = subscribed(turn, &target);
    if !lines.is_empty() {
        let name = name(turn, &target);
        history::batch_of(turn, &["metadata", &name], &lines);
    }
}

/// What an account said about itself is so again when it comes.
pub(in crate::core) fn remember(turn: &mut Turn<'_>) {
    let Some(account) = turn.me().account().map(ToString::to_string) else { return };
    let values = turn.state.profiles.of(&account);
    if !values.is_empty() {
        turn.me_mut().metadata.get_or_insert_default().values = values;
    }
}

/// What a client has said about itself, for one that knows what that is.
pub(in crate::core) fn show_own(turn: &mut Turn<'_>) {
    if turn.me().has(Capability::Metadata) {
        let target = Target::User(turn.client);
        let (name, lines) = (name(turn, &target), known(turn, &target, |_| true));
        history::batch_of(turn, &["metadata", &name], &lines);
    }
}

/// Who does not want to hear of metadata any more has subscribed to nothing.
pub(super) fn forget_subscriptions(turn: &mut Turn<'_>) {
    if let Some(metadata) = &mut turn.me_mut().metadata {
        metadata.subscriptions.clear();
    }
}

/// What this client has subscribed to of somebody whom it monitors, who is here.
pub(in crate::core) fn show_monitored(turn: &mut Turn<'_>, nickname: &str) {
    let Some((client, _)) = turn.state.user(nickname).filter(|_| turn.me().has(Capability::Metadata)) else { return };
    let target = Target::User(client);
    let lines = subscribed(turn, &target);
    if !lines.is_empty() {
        let name = name(turn, &target);
        history::batch_of(turn, &["metadata", &name], &lines);
    }
}
