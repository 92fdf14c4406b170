//! MODE (RFC 2812, sections 3.1.5 and 3.2.3).

mod channel;
mod lists;
mod user;

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When};
use crate::wire::channel_name::is_channel;

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
