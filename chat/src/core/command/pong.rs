//! PONG (RFC 2812, section 3.7.3). That a line came in is what counts, and was noted already.

use super::{Message, Outcome, Turn, Verb, When};

pub(super) const VERB: Verb =
    Verb { name: "PONG", when: When::Always, parameters: 0, usage: "PONG <token> - answers a PING of the server", run };

fn run(_turn: &mut Turn<'_>, _message: &Message<'_>) -> Outcome {
    Ok(())
}
