//! ERROR (RFC 2812, section 3.7.4). Only servers send it: from a client it means nothing, and is never answered, so that two
//! programs cannot answer each other without end.

use super::{Message, Outcome, Turn, Verb, When};

pub(super) const VERB: Verb =
    Verb { name: "ERROR", when: When::Always, parameters: 0, usage: "ERROR - is sent by servers only", run };

fn run(_turn: &mut Turn<'_>, _message: &Message<'_>) -> Outcome {
    Ok(())
}
