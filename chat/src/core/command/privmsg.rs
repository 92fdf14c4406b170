//! PRIVMSG (RFC 2812, section 3.3.1).

use super::{Message, Outcome, Turn, Verb, When};
use crate::core::relay::{Kind, relay};

pub(super) const VERB: Verb = Verb {
    name: "PRIVMSG",
    when: When::Registered,
    parameters: 0,
    usage: "PRIVMSG <target>[,<target>...] :<text> - sends a message to channels and people",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    relay(turn, Kind::Privmsg, message)
}
