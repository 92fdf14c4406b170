//! SUMMON (RFC 2812, section 4.5). No server of today asks people at its terminals to come, and this is how it says so.

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When};

pub(super) const VERB: Verb = Verb {
    name: "SUMMON",
    when: When::Registered,
    parameters: 0,
    usage: "SUMMON - is disabled: nobody sits at this server",
    run,
};

fn run(_turn: &mut Turn<'_>, _message: &Message<'_>) -> Outcome {
    Err(Refusal::new(Numeric::SummonDisabled))
}
