//! QUIT (RFC 2812, section 3.1.7).

use super::{Message, Outcome, Turn, Verb, When};
use crate::core::limits::REASON_LENGTH;
use crate::wire::message::cut;

pub(super) const VERB: Verb =
    Verb { name: "QUIT", when: When::Always, parameters: 0, usage: "QUIT [:<reason>] - ends the connection", run };

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    // The words before the reason show that the user left by its own will (Modern IRC, "QUIT message").
    let reason = format!("Quit: {}", cut(message.param(0).unwrap_or_default(), REASON_LENGTH));
    // What people say to each other is in no log.
    turn.close_and_log(&reason, "Quit");
    Ok(())
}
