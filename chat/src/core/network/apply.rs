//! Making a change, on every node the same.

use super::membership::{channel_back, comes_back};
use super::propose::again;
use super::{Arrival, Change, NotMade, Ordered, Read, scope};
use crate::core::accounts::{self, AccountRecord};
use crate::core::command::{self, oper, redact, register};
use crate::core::session::Session;
use crate::core::turn::Turn;
use crate::core::{ClientId, NOBODY, connection, registration, relay, waiting};
use crate::wire::message::Message;

/// Takes a change whose turn has come. `turn` is nobody's.
pub(in crate::core) fn ordered(turn: &mut Turn<'_>, ordered: Ordered) {
    let Ordered { sequence, origin, number, reach, change, .. } = ordered;
    let here = turn.state.network.here;
    let waits = if origin == here { turn.state.network.close(number) } else { None };
    if origin == here {
        turn.state.network.unasked(number);
    }
    let waits = waits.filter(|client| turn.of(*client).waits_for(number));
    let wide_enough = scope::is_wide_enough(turn.state, &change, origin, &reach);
    match waits {
        Some(client) if wide_enough => waiting::made(&mut turn.of(client), |turn| in_order(turn, sequence, change)),
        Some(client) => {
            let mut turn = turn.of(client);
            let number = again(&mut turn, change);
            waiting::waits_anew(&mut turn, number);
        }
        None if wide_enough => drop(in_order(turn, sequence, change)),
        // Who proposed it does so again.
        None => {}
    }
}

/// Makes a change that has a place in the order.
fn in_order(turn: &mut Turn<'_>, sequence: u64, change: Change) -> Result<(), NotMade> {
    turn.state.network.begin(sequence);
    turn.state.network.read = Read { at: turn.now, sequence };
    turn.state.messages.begin(sequence, turn.now);
    let made = self::change(turn, change);
    turn.state.network.end();
    turn.state.messages.end();
    made
}

/// Makes a change. On a server by itself that is all there is to it.
pub(super) fn change(turn: &mut Turn<'_>, change: Change) -> Result<(), NotMade> {
    match change {
        Change::Came(arrival) => came(turn, &arrival)?,
        Change::Line { client, line } => of_known(turn, client, |turn| run(turn, &line)),
        Change::Lines(lines) => of_known(turn, lines.client, |turn| {
            relay::relay_lines(turn, lines.kind, &lines.target, &lines.pieces, &lines.tags);
        }),
        Change::ChannelBack(channel) => channel_back(turn, channel.channel),
        Change::Left { client, reason } => of_known(turn, client, |turn| turn.depart(&reason)),
        Change::LoggedIn { client, login } => of_known(turn, client, |turn| accounts::has_account(turn, login)),
        Change::LoggedOut { client, notice } => of_known(turn, client, |turn| accounts::log_out(turn, &notice)),
        Change::Promoted { client, rights } => of_known(turn, client, |turn| oper::promote(turn, rights)),
        Change::Redacted(redaction) => of_known(turn, redaction.client, |turn| redact::redact(turn, &redaction)),
        Change::AccountMade { record } => {
            if let Some(record) = AccountRecord::parse(&record) {
                register::make(turn, &record)?;
            }
        }
        Change::AccountSeen(account) => connection::seen(turn, &account),
        Change::AccountsChanged { gone, come } => accounts::make_changes(turn, &gone, &come),
    }
    Ok(())
}

/// A client may be gone by the time at which its turn comes.
fn of_known(turn: &mut Turn<'_>, client: ClientId, act: impl FnOnce(&mut Turn<'_>)) {
    if turn.state.sessions.contains_key(&client) {
        act(&mut turn.of(client));
    }
}

/// Carries out a line, as it was when it was proposed: what is wrong with it by now is told to its sender.
fn run(turn: &mut Turn<'_>, line: &str) {
    if let Ok(message) = Message::parse(line.as_bytes()) {
        command::run(turn, &message);
    }
}

/// A user, if the nickname is still to be had.
fn came(turn: &mut Turn<'_>, arrival: &Arrival) -> Result<(), NotMade> {
    let client = arrival.client;
    if arrival.returns {
        comes_back(turn, arrival);
        return Ok(());
    }
    if !turn.state.sessions.contains_key(&client) {
        if turn.state.network.is_here(client) {
            return Ok(());
        }
        turn.state.insert(client, Session::of(arrival));
    }
    let mut turn = turn.of(client);
    let outcome = registration::enter(&mut turn, arrival);
    if outcome.is_err() && !turn.state.network.is_here(client) {
        turn.state.remove(client);
    }
    outcome.map_err(NotMade::Overtaken)
}

impl Turn<'_> {
    /// Whether this client waits for this proposal.
    pub(super) fn waits_for(&self, number: u64) -> bool {
        self.client != NOBODY
            && self
                .state
                .sessions
                .get(&self.client)
                .is_some_and(|session| session.waiting.as_ref().is_some_and(|waiting| waiting.number() == Some(number)))
    }
}
