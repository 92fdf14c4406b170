//! RENAME (IRCv3 draft/channel-rename): a channel gets another name and stays what it is.

use super::{Message, Outcome, Turn, Verb, When, join, markread};
use crate::core::channel::Level;
use crate::core::keep::{Buffer, Keep};
use crate::core::limits::{CHANNEL_LENGTH, REASON_LENGTH, RENAME_SECONDS, RENAMES};
use crate::core::{ClientId, closed, ownership, policy};
use crate::wire::capability::Capability;
use crate::wire::casemap::Folded;
use crate::wire::channel_name::ChannelName;
use crate::wire::message::cut;

pub(super) const VERB: Verb = Verb {
    name: "RENAME",
    when: When::Registered,
    parameters: 2,
    usage: "RENAME <channel> <new name> [:<reason>] - gives a channel that you run another name",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let (key, channel) = turn.channel(message.params()[0])?;
    policy::must_be_member(channel, turn.client)?;
    policy::must_be(Level::Operator, channel, turn.client)?;
    let (old, new) = (channel.name.to_string(), message.params()[1]);
    if !ownership::may_rename(channel, turn.me()) {
        fail(turn, "CANNOT_RENAME", &old, new, "The channel is registered: only whose it is can rename it");
        return Ok(());
    }
    let name = match ChannelName::parse(new, CHANNEL_LENGTH) {
        Ok(name) => name,
        Err(error) => {
            fail(turn, "CANNOT_RENAME", &old, new, &format!("The channel cannot be renamed: {error}"));
            return Ok(());
        }
    };
    let new_key = name.folded();
    // Its own name too, letter by letter: there would be nothing to tell.
    if old == new || (new_key != key && turn.state.channels.contains_key(&new_key)) {
        fail(turn, "CHANNEL_NAME_IN_USE", &old, new, "The channel name is already taken");
        return Ok(());
    }
    if new_key != key && !may_be_renamed_again(turn, &key) {
        fail(turn, "CANNOT_RENAME", &old, new, "This channel has been renamed recently: wait a minute");
        return Ok(());
    }
    let reason = cut(message.param(2).unwrap_or_default(), REASON_LENGTH);
    tell_old_name(turn, &old, name.as_str(), reason, new_key != key);
    if new_key != key {
        markread::channel_renamed(turn, &key, &new_key);
        let (from, to) = (Buffer::channel(key.as_str()), Buffer::channel(new_key.as_str()));
        turn.keep(Keep::Moved { from, to });
    }
    turn.state.rename_channel(&key, name);
    ownership::moved(turn, &key, &new_key);
    closed::moved(turn, &key, &new_key);
    if new_key != key {
        for member in unaware(turn, new_key.as_str()) {
            join::show_to_newcomer(&mut turn.of(member), &new_key);
        }
    }
    Ok(())
}

/// Those who know no RENAME are sent who is in the channel, each time: it is not for an operator to fill their queues.
fn may_be_renamed_again(turn: &mut Turn<'_>, key: &Folded) -> bool {
    let now = turn.now;
    let Some(channel) = turn.state.channels.get_mut(key) else { return false };
    channel.renamed.retain(|at| now.unix_ms - at.unix_ms < RENAME_SECONDS * 1000);
    let allowed = channel.renamed.len() < RENAMES;
    if allowed {
        channel.renamed.push(now);
    }
    allowed
}

/// Members who know what RENAME means are told by it; others see that they leave, if it is more than another letter case.
fn tell_old_name(turn: &mut Turn<'_>, old: &str, new: &str, reason: &str, another: bool) {
    let line = turn.my_line("RENAME").param(old).param(new).text(reason);
    let Some((key, _)) = turn.state.channel(old) else { return };
    let key = key.clone();
    turn.me_to_channel(&key, &line, |_, session| session.has(Capability::ChannelRename));
    if !another {
        return;
    }
    for member in unaware(turn, key.as_str()) {
        let mut turn = turn.of(member);
        let line = turn.my_line("PART").param(old);
        let line = if reason.is_empty() { line } else { line.text(reason) };
        turn.me_to(member, &line);
    }
}

fn unaware(turn: &Turn<'_>, channel: &str) -> Vec<ClientId> {
    let members = turn.state.channel(channel).map(|(_, channel)| channel.members.keys().copied());
    let knows = |client: &ClientId| {
        turn.state.sessions.get(client).is_some_and(|session| session.has(Capability::ChannelRename))
    };
    members.into_iter().flatten().filter(|client| !knows(client)).collect()
}

fn fail(turn: &mut Turn<'_>, code: &str, old: &str, new: &str, text: &str) {
    let line = turn.server_line("FAIL").params(["RENAME", code, old, new]);
    turn.answer(&line.text(text));
}
