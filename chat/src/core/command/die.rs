//! DIE (RFC 2812, section 4.3). The service manager stops the server: no operator has a right to.

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When};
use crate::core::policy;

pub(super) const VERB: Verb = Verb {
    name: "DIE",
    when: When::Registered,
    parameters: 0,
    usage: "DIE - would stop the server; its service manager does that",
    run,
};

/// Nobody may: 723 for operators, 481 for the others.
pub(super) fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    policy::must_be_irc_operator(turn)?;
    let reason = "Insufficient oper privileges: the machine's service manager stops and starts the server";
    Err(Refusal::new(Numeric::NoPrivs).with(message.command.to_ascii_lowercase()).because(reason))
}
