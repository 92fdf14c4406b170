//! What somebody without an account may do here.

use super::refusal::{Outcome, Refusal};
use super::session::Session;
use super::turn::Turn;
use crate::wire::mask;
use crate::wire::numeric::Numeric;

/// What the configuration lets guests do. Everything, unless it says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestSettings {
    /// Masks of the channels that they may join, `*` and `?` as in other masks.
    pub join: Vec<String>,
    /// Whether a channel may begin with a guest, who is its operator then.
    pub create: bool,
    /// Whether they may write to users. They may always answer whoever has an account and shares a channel with them.
    pub write_to_users: bool,
    /// Whether they may list the channels and all users.
    pub list: bool,
}

impl Default for GuestSettings {
    fn default() -> GuestSettings {
        GuestSettings { join: vec!["*".to_owned()], create: true, write_to_users: true, list: true }
    }
}

/// Joining a channel, which is there or is not.
pub(super) fn may_join(turn: &Turn<'_>, name: &str, exists: bool) -> Outcome {
    let guests = &turn.settings.guests;
    if !is_guest(turn) {
        return Ok(());
    }
    let refused = |reason: &str| Err(Refusal::new(Numeric::NeedReggedNick).with(name).because(reason));
    if !guests.join.iter().any(|pattern| mask::matches(pattern, name)) {
        return refused("Cannot join channel: it is not open to guests; log in with a certificate of this CA");
    }
    if !exists && !guests.create {
        return refused("Cannot join channel: guests may not begin one; log in with a certificate of this CA");
    }
    Ok(())
}

/// Writing to a user.
pub(super) fn may_write_to(turn: &Turn<'_>, receiver: super::ClientId, session: &Session) -> Outcome {
    let known = session.account().is_some() && turn.state.are_neighbours(receiver, turn.client);
    if !is_guest(turn) || turn.settings.guests.write_to_users || receiver == turn.client || known {
        return Ok(());
    }
    let refusal = Refusal::new(Numeric::CannotSendToUser).with(session.name());
    Err(refusal.because("Cannot send to user: guests may not here; log in with a certificate of this CA"))
}

/// LIST, and WHO of everybody.
pub(super) fn may_list(turn: &Turn<'_>) -> bool {
    !is_guest(turn) || turn.settings.guests.list
}

fn is_guest(turn: &Turn<'_>) -> bool {
    turn.me().account().is_none()
}
