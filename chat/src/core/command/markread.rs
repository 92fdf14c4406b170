//! MARKREAD (IRCv3 draft/read-marker): how far somebody has read, for all the clients of an account.

use super::{Message, Outcome, Turn, Verb, When};
use crate::core::fanout::rfc3339;
use crate::core::keep::{Keep, RecordKind};
use crate::core::limits::CHANNEL_LENGTH;
use crate::core::markers::{Reader, record_key};
use crate::core::session::Session;
use crate::core::{ClientId, Now};
use crate::wire::capability::Capability;
use crate::wire::casemap::{self, Folded};
use crate::wire::channel_name::ChannelName;
use crate::wire::message::Line;
use crate::wire::nickname::Nickname;
use crate::wire::time::parse_rfc3339;

pub(super) const VERB: Verb = Verb {
    name: "MARKREAD",
    when: When::Registered,
    parameters: 0,
    usage: "MARKREAD <target> [timestamp=<time>] - tells how far you have read, or asks",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let Some(target) = message.param(0) else {
        fail(turn, "NEED_MORE_PARAMS", &[], "Missing parameters");
        return Ok(());
    };
    if !is_target(turn, target) {
        fail(turn, "INVALID_PARAMS", &[target], "Invalid parameters");
        return Ok(());
    }
    match message.param(1) {
        None => answer(turn, target),
        Some(time) => match time.strip_prefix("timestamp=").and_then(parse_rfc3339) {
            Some(unix_ms) => set(turn, target, Now { unix_ms }),
            None => fail(turn, "INVALID_PARAMS", &[target, time], "Invalid parameters"),
        },
    }
    Ok(())
}

/// A channel or a nickname, whether or not it is there now.
fn is_target(turn: &Turn<'_>, target: &str) -> bool {
    ChannelName::parse(target, CHANNEL_LENGTH).is_ok()
        || Nickname::parse(target, turn.settings.limits.nick_length).is_ok()
}

/// Markers go forward only, and not past the present.
fn set(turn: &mut Turn<'_>, target: &str, at: Now) {
    let (reader, key, at) = (reader(turn.client, turn.me()), Folded::new(target), at.min(turn.now));
    if turn.state.markers.get(&reader, &key).is_some_and(|known| known >= at) {
        return answer(turn, target);
    }
    if !turn.state.markers.set(reader.clone(), key.clone(), at) {
        return fail(turn, "INTERNAL_ERROR", &[target], "The read timestamp could not be set");
    }
    if let Reader::Account(account) = &reader {
        keep(turn, account, &key, at);
    }
    answer(turn, target);
    tell_other_clients(turn, target);
}

fn keep(turn: &mut Turn<'_>, account: &Folded, target: &Folded, at: Now) {
    let (key, value) = (record_key(account, target), at.unix_ms.to_string());
    turn.keep(Keep::Put { kind: RecordKind::ReadMarker, key, value });
}

fn tell_other_clients(turn: &mut Turn<'_>, target: &str) {
    let Some(account) = turn.me().account().cloned() else { return };
    let same =
        |session: &Session| session.account().is_some_and(|other| casemap::same(other.as_str(), account.as_str()));
    let others = turn.state.sessions.iter().filter(|(client, session)| {
        **client != turn.client && session.is_registered() && session.has(Capability::ReadMarker) && same(session)
    });
    let mut others: Vec<ClientId> = others.map(|(client, _)| *client).collect();
    others.sort_unstable();
    let line = line(turn, target);
    others.into_iter().for_each(|client| turn.server_to(client, &line));
}

fn answer(turn: &mut Turn<'_>, target: &str) {
    let line = line(turn, target);
    turn.answer(&line);
}

fn line(turn: &Turn<'_>, target: &str) -> Line {
    let at = turn.state.markers.get(&reader(turn.client, turn.me()), &Folded::new(target));
    let time = at.map_or_else(|| "*".to_owned(), |at| format!("timestamp={}", rfc3339(at)));
    turn.server_line("MARKREAD").param(target).param(&time)
}

fn reader(client: ClientId, session: &Session) -> Reader {
    session.account().map_or(Reader::Guest(client), |account| Reader::Account(Folded::new(account.as_str())))
}

/// After JOIN, for those who asked.
pub(super) fn show(turn: &mut Turn<'_>, key: &Folded) {
    if turn.me().has(Capability::ReadMarker)
        && let Some(channel) = turn.state.channels.get(key)
    {
        answer(turn, &channel.name.to_string());
    }
}

/// The members' markers of a channel go with its name.
pub(super) fn channel_renamed(turn: &mut Turn<'_>, from: &Folded, to: &Folded) {
    let Some(channel) = turn.state.channels.get(from) else { return };
    let sessions = channel.members.keys().filter_map(|client| Some((*client, turn.state.sessions.get(client)?)));
    let readers: Vec<Reader> = sessions.map(|(client, session)| reader(client, session)).collect();
    for reader in readers {
        let Some(at) = turn.state.markers.take(&reader, from) else { continue };
        turn.state.markers.set(reader.clone(), to.clone(), at);
        if let Reader::Account(account) = &reader {
            turn.keep(Keep::Forget { kind: RecordKind::ReadMarker, key: record_key(account, from) });
            keep(turn, account, to, at);
        }
    }
}

fn fail(turn: &mut Turn<'_>, code: &str, about: &[&str], text: &str) {
    let line = turn.server_line("FAIL").params(["MARKREAD", code]).params(about);
    turn.answer(&line.text(text));
}
