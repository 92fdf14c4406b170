//! Who comes, goes and changes: told to those who see it or MONITOR it, and remembered for WHOWAS.

use std::collections::BTreeSet;

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
    let (nickname, source) = (turn.me().name().to_owned(), turn.me().source().to_owned());
    let watchers = watchers(turn, &nickname);
    tell(turn, &watchers, Numeric::MonOnline, &source);
    watchers.into_iter().for_each(|watcher| metadata::show_monitored(&mut turn.of(watcher), &nickname));
}

/// A user is about to leave. Who watches itself is there no longer to be told.
pub(super) fn left(turn: &mut Turn<'_>) {
    remember(turn);
    let nickname = turn.me().name().to_owned();
    let mut watchers = watchers(turn, &nickname);
    watchers.remove(&turn.client);
    tell(turn, &watchers, Numeric::MonOffline, &nickname);
}

/// Somebody of whom nothing but the nickname is known any more has left.
pub(super) fn gone(turn: &mut Turn<'_>, nickname: &str) {
    let watchers = watchers(turn, nickname);
    tell(turn, &watchers, Numeric::MonOffline, nickname);
}

/// A user takes another nickname. Other letter case is the same nickname.
pub(super) fn renamed(turn: &mut Turn<'_>, nickname: Nickname) {
    let before = turn.me().name().to_owned();
    if casemap::same(&before, nickname.as_str()) {
        return turn.state.set_nickname(turn.client, nickname);
    }
    remember(turn);
    turn.state.set_nickname(turn.client, nickname);
    let watchers = watchers(turn, &before);
    tell(turn, &watchers, Numeric::MonOffline, &before);
    came(turn);
}

/// Something about this user is another now: told to those who share a channel or, with extended-monitor, watch it, if they
/// want to know such things.
pub(super) fn changed(turn: &mut Turn<'_>, line: &Line, wanted: Capability) {
    let neighbours = turn.neighbours();
    let watchers = watchers(turn, turn.me().name());
    let everybody = neighbours.union(&watchers).copied().filter(|client| *client != turn.client);
    let receivers: Vec<ClientId> = everybody.collect();
    turn.me_to_all(receivers, line, |client, session| {
        session.has(wanted) && (neighbours.contains(&client) || session.has(Capability::ExtendedMonitor))
    });
}

fn remember(turn: &mut Turn<'_>) {
    let now = turn.now;
    let server = turn.server_of(turn.client).to_owned();
    if let Some(session) = turn.state.sessions.get(&turn.client) {
        turn.state.whowas.remember(session, &server, now);
    }
}

fn watchers(turn: &Turn<'_>, nickname: &str) -> BTreeSet<ClientId> {
    turn.state.watchers.get(&*casemap::fold(nickname)).cloned().unwrap_or_default()
}

fn tell(turn: &mut Turn<'_>, watchers: &BTreeSet<ClientId>, numeric: Numeric, nickname: &str) {
    for watcher in watchers {
        let mut turn = turn.of(*watcher);
        let line = turn.numeric(numeric).text(nickname);
        turn.answer(&line);
    }
}
