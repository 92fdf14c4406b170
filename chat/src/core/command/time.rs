//! TIME (RFC 2812, section 3.4.6).

use super::{Message, Numeric, Outcome, Turn, Verb, When, version};
use crate::core::fanout::rfc3339;

pub(super) const VERB: Verb =
    Verb { name: "TIME", when: When::Registered, parameters: 0, usage: "TIME - tells the server's time, in UTC", run };

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    version::must_be_this_server(turn, message.param(0))?;
    turn.answer(&turn.numeric(Numeric::Time).param(&turn.settings.name).text(&rfc3339(turn.now)));
    Ok(())
}
