//! MODE (RFC 2812, sections 3.1.5 and 3.2.3).

mod channel;
mod lists;
mod user;

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When};
use crate::core::channel::Channel;
use crate::wire::channel_name::is_channel;
use crate::wire::mode::Change;

pub(super) const VERB: Verb = Verb {
    name: "MODE",
    when: When::Registered,
    parameters: 1,
    usage: "MODE <channel or nickname> [<modes> [<parameter>...]] - shows or changes modes",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    if is_channel(message.params()[0]) { channel::run(turn, message) } else { user::run(turn, message) }
}

/// 696. A parameter that cannot be one of the answer's is a `*`.
fn invalid(channel: &Channel, change: Change<'_>, reason: &str) -> Refusal {
    let shown = change.parameter.filter(|shown| !shown.is_empty() && !shown.starts_with(':') && !shown.contains(' '));
    let refusal = Refusal::new(Numeric::InvalidModeParam).with(channel.name.as_str()).with(change.letter.to_string());
    refusal.with(shown.unwrap_or("*")).because(format!("Invalid mode parameter: {reason}"))
}
