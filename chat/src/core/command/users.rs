//! USERS (RFC 2812, section 4.6): who is logged in on the server's machine, which is nobody's business.

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When};

pub(super) const VERB: Verb = Verb {
    name: "USERS",
    when: When::Registered,
    parameters: 0,
    usage: "USERS - is disabled; WHO and LUSERS tell who is here",
    run,
};

fn run(_turn: &mut Turn<'_>, _message: &Message<'_>) -> Outcome {
    Err(Refusal::new(Numeric::UsersDisabled))
}
