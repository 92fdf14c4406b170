//! QUIT (RFC 2812, section 3.1.7).

use super::{Message, Outcome, Turn, Verb, When};
use crate::core::limits::REASON_LENGTH;
use crate::wire::message::cut;

pub(super) const VERB: Verb =
    Verb { name: "QUIT", when: When::Always, parameters: 0, usage: "QUIT [:<reason>] - ends the connection", run };

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    match message.param(0) {
        Some(reason) => turn.close(&format!("Quit: {}", cut(reason, REASON_LENGTH))),
        None => turn.close("Client quit"),
    }
    Ok(())
}
