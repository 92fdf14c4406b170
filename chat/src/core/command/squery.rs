//! SQUERY (RFC 2812, section 3.5.2): a message to a service, of which there are none.

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When};

pub(super) const VERB: Verb = Verb {
    name: "SQUERY",
    when: When::Registered,
    parameters: 0,
    usage: "SQUERY <service> :<text> - would ask a service; there are none",
    run,
};

fn run(_turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let no_recipient = || Refusal::new(Numeric::NoRecipient).because("No recipient given (SQUERY)");
    let service = message.param(0).ok_or_else(no_recipient)?;
    Err(Refusal::new(Numeric::NoSuchService).with(service))
}
