//! CONNECT (RFC 2812, section 3.4.7). No server links to another here: an operator is told that there is none of that name.

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When};
use crate::core::policy;

pub(super) const VERB: Verb = Verb {
    name: "CONNECT",
    when: When::Registered,
    parameters: 1,
    usage: "CONNECT <server> - would link servers; this one stands alone",
    run,
};

pub(super) fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    policy::must_be_irc_operator(turn)?;
    Err(Refusal::new(Numeric::NoSuchServer).with(message.params()[0]))
}
