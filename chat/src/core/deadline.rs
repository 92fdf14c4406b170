//! Time-outs without a timer for each client: one alarm for the earliest, looked at once a second at most.

use super::expiry;
use super::session::{Session, Stage};
use super::state::State;
use super::turn::Turn;
use super::{Action, Actions, ClientId, NOBODY, Now, Settings, network};

/// Times are rounded up to this, so that many deadlines make one look.
const GRAIN_MS: i64 = 1000;

/// The earliest time at which something may be due, and whether the edge knows it.
#[derive(Debug, Default)]
pub(super) struct Alarm {
    at_ms: Option<i64>,
    told: bool,
}

impl Alarm {
    /// Something may be due at this time. Deadlines that move further away are noticed when the alarm goes off.
    pub(super) fn set(&mut self, at_ms: i64) {
        let at_ms = (at_ms + GRAIN_MS - 1).div_euclid(GRAIN_MS) * GRAIN_MS;
        if self.at_ms.is_none_or(|earliest| at_ms < earliest) {
            *self = Alarm { at_ms: Some(at_ms), told: false };
        }
    }
}

/// Tells the edge of a new alarm.
pub(super) fn wake(state: &mut State, actions: &mut Actions) {
    if let Alarm { at_ms: Some(at_ms), told: false } = state.alarm {
        state.alarm.told = true;
        actions.push(Action::WakeAt { at_ms });
    }
}

/// Does what is due and sets the alarm for what is due next.
pub(super) fn tick(settings: &Settings, state: &mut State, actions: &mut Actions, now: Now) {
    for client in due(settings, state, now) {
        expire(&mut Turn { settings, state, actions, now, client });
    }
    network::retry(&mut Turn { settings, state, actions, now, client: NOBODY });
    state.alarm = Alarm::default();
    let next = here(state).map(|(_, session)| deadline_ms(session, settings)).min();
    let owed = state.network.owes().then_some(now.unix_ms);
    let looks_again = state.network.catch_up.looks_again_ms();
    // Never, for somebody of whom no more is read.
    let next = next.filter(|at_ms| *at_ms < i64::MAX);
    if let Some(next) = next.into_iter().chain(owed).chain(looks_again).min() {
        state.alarm.set(next.max(now.unix_ms + 1));
    }
}

/// When something is due for a client: silence, or the end of its certificate.
pub(super) fn deadline_ms(session: &Session, settings: &Settings) -> i64 {
    let expiry = if session.is_registered() { expiry::deadline_ms(session) } else { i64::MAX };
    session.deadline_ms(&settings.limits).min(expiry)
}

/// The clients of this node that have something to wait for: those of the others have theirs there.
fn here(state: &State) -> impl Iterator<Item = (&ClientId, &Session)> {
    let waits = |session: &Session| !session.ending && !session.coming;
    state.sessions.iter().filter(move |(client, session)| state.network.is_here(**client) && waits(session))
}

fn due(settings: &Settings, state: &State, now: Now) -> Vec<ClientId> {
    let is_due = |session: &Session| deadline_ms(session, settings) <= now.unix_ms;
    let due = here(state).filter(|(_, session)| is_due(session));
    let mut clients: Vec<ClientId> = due.map(|(client, _)| *client).collect();
    clients.sort_unstable();
    clients
}

fn expire(turn: &mut Turn<'_>) {
    let limits = &turn.settings.limits;
    if (turn.me().is_registered() && expiry::look(turn)) || turn.me().deadline_ms(limits) > turn.now.unix_ms {
        return;
    }
    match (turn.me().stage, turn.me().ping_sent) {
        (Stage::Registering { .. }, _) => {
            turn.close(&format!("Registration timed out: NICK and USER within {} s", limits.registration_timeout));
        }
        (Stage::Registered, Some(_)) => turn.close(&format!("Ping timeout: {} s", limits.ping_timeout)),
        (Stage::Registered, None) => {
            turn.me_mut().ping_sent = Some(turn.now);
            let line = turn.server_line("PING").text(&turn.settings.name);
            turn.answer(&line);
        }
    }
}
