//! TICKET: what a client sends first on a port that was assigned to it. The edge has looked at it where it decides; where the
//! certificate had decided already, it says nothing new.

use super::{Message, Outcome, Refusal, Turn, Verb, When};
use crate::core::session::Stage;
use crate::wire::numeric::Numeric;

pub(super) const VERB: Verb = Verb {
    name: "TICKET",
    when: When::Always,
    parameters: 1,
    usage: "TICKET <word> - takes a port that was assigned; the first line there",
    run,
};

fn run(turn: &mut Turn<'_>, _message: &Message<'_>) -> Outcome {
    match turn.me().stage {
        Stage::Registering { .. } => Ok(()),
        Stage::Registered => Err(Refusal::new(Numeric::AlreadyRegistered)),
    }
}
