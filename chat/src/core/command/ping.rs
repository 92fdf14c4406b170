//! PING (RFC 2812, section 3.7.2).

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When};

pub(super) const VERB: Verb = Verb {
    name: "PING",
    when: When::Always,
    parameters: 1,
    usage: "PING <token> - is answered with PONG and the token",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    // 409 of RFC 1459 is out of use: an empty token is a missing parameter.
    let token = message.param(0).ok_or_else(|| Refusal::new(Numeric::NeedMoreParams).with("PING"))?;
    turn.answer(&turn.server_line("PONG").param(&turn.settings.name).text(token));
    Ok(())
}
