//! Having something changed everywhere.

use super::{Change, Proposal, apply, scope};
use crate::core::refusal::Refusal;
use crate::core::turn::Turn;
use crate::core::{Action, waiting};
use crate::wire::numeric::Numeric;

/// Why a change was not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::core) enum NotMade {
    /// It can't be put in order.
    Unordered(String),
    /// Something came before it, so that it is right no more.
    Overtaken(Refusal),
}

impl NotMade {
    /// As the client is told that asked for it with this command.
    pub(in crate::core) fn refusal(self, command: &str) -> Refusal {
        match self {
            NotMade::Unordered(why) => {
                Refusal::new(Numeric::UnknownError).with(command).because(format!("Not done: {why}"))
            }
            NotMade::Overtaken(refusal) => refusal,
        }
    }
}

/// Has a change made everywhere, and then goes on here. The client's next lines wait; the command has to end with this.
pub(in crate::core) fn propose(
    turn: &mut Turn<'_>,
    change: Change,
    then: impl FnOnce(&mut Turn<'_>, Result<(), NotMade>) + Send + Sync + 'static,
) {
    if turn.state.network.is_settled() {
        let made = apply::change(turn, change);
        if turn.is_known() {
            then(turn, made);
        }
        return;
    }
    if let Some(why) = turn.state.network.why_cut() {
        let why = why.to_owned();
        return then(turn, Err(NotMade::Unordered(why)));
    }
    let number = turn.state.network.number(turn.client);
    waiting::until_made(turn, number, Box::new(then));
    send(turn, number, change);
}

/// Has a change made everywhere that nobody waits for, and that has to be made even if it can't be now.
pub(in crate::core) fn propose_unasked(turn: &mut Turn<'_>, change: Change) {
    if turn.state.network.is_settled() {
        let _ = apply::change(turn, change);
        return;
    }
    if turn.state.network.why_cut().is_some() {
        return turn.state.network.owe(change);
    }
    let number = turn.state.network.number_unasked(&change);
    send(turn, number, change);
}

/// Proposes a change again that was overtaken: somebody is concerned now who was not when it was proposed.
pub(super) fn again(turn: &mut Turn<'_>, change: Change) -> u64 {
    let number = turn.state.network.number(turn.client);
    send(turn, number, change);
    number
}

fn send(turn: &mut Turn<'_>, number: u64, change: Change) {
    let reach = scope::reach(turn.state, &change);
    turn.actions.push(Action::Propose(Box::new(Proposal { number, reach, change })));
}
