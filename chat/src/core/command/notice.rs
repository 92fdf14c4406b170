//! NOTICE (RFC 2812, section 3.3.2).

use super::{Message, Outcome, Turn, Verb, When};
use crate::core::relay::{Kind, relay};

pub(super) const VERB: Verb = Verb {
    name: "NOTICE",
    when: When::Registered,
    parameters: 0,
    usage: "NOTICE <target>[,<target>...] :<text> - sends a message that no program answers",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    relay(turn, Kind::Notice, message)
}
