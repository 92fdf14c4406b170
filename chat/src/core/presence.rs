//! Who comes, goes and changes: told to those who see it or MONITOR it, and remembered for WHOWAS.

use super::ClientId;
use super::command::metadata;
use super::turn::Turn;
use crate::wire::capability::Capability;
use crate::wire::casemap;
use crate::wire::message::Line;
use crate::wire::nickname::Nickname;
use crate::wire::numeric::Numeric;

/// A client became a user.
pub(super) fn came(turn: &mut Turn<'_>) {
    let source = turn.me().source().to_owned();
    tell_watchers(turn, Numeric::MonOnline, &source);
    let nickname = turn.me().name().to_owned();
    let watchers = turn.state.watchers.get(&*casemap::fold(&nickname)).cloned().unwrap_or_default();
    watchers.into_iter().for_each(|watcher| metadata::show_monitored(&mut turn.of(watcher), &nickname));
}

/// A user is about to leave.
pub(super) fn left(turn: &mut Turn<'_>) {
    remember(turn);
    let nickname = turn.me().name().to_owned();
    tell_watchers(turn, Numeric::MonOffline, &nickname);
}

/// A user takes another nickname. Other letter case is the same nickname.
pub(super) fn renamed(turn: &mut Turn<'_>, nickname: Nickname) {
    let same = casemap::same(turn.me().name(), nickname.as_str());
    if !same {
        left(turn);
    }
    turn.state.set_nickname(turn.client, nickname);
    if !same {
        came(turn);
    }
}

/// Something about this user is another now: told to those who share a channel or, with extended-monitor, watch it, if they
/// want to know such things.
pub(super) fn changed(turn: &mut Turn<'_>, line: &Line, wanted: Capability) {
    let neighbours = turn.neighbours();
    let watchers = turn.state.watchers.get(&*casemap::fold(turn.me().name())).cloned().unwrap_or_default();
    let everybody = neighbours.union(&watchers).copied().filter(|client| *client != turn.client);
    let receivers: Vec<ClientId> = everybody.collect();
    turn.me_to_all(receivers, line, |client, session| {
        session.has(wanted) && (neighbours.contains(&client) || session.has(Capability::ExtendedMonitor))
    });
}

fn remember(turn: &mut Turn<'_>) {
    let now = turn.now;
    if let Some(session) = turn.state.sessions.get(&turn.client) {
        turn.state.whowas.remember(session, now);
    }
}

fn tell_watchers(turn: &mut Turn<'_>, numeric: Numeric, text: &str) {
    let Some(watchers) = turn.state.watchers.get(&*casemap::fold(turn.me().name())) else { return };
    for watcher in watchers.clone() {
        let mut turn = turn.of(watcher);
        let line = turn.numeric(numeric).text(text);
        turn.answer(&line);
    }
}
