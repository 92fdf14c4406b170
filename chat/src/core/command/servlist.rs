//! SERVLIST (RFC 2812, section 3.5.1). There are no services: accounts and channels are the server's own work.

use super::{Message, Numeric, Outcome, Turn, Verb, When};

pub(super) const VERB: Verb = Verb {
    name: "SERVLIST",
    when: When::Registered,
    parameters: 0,
    usage: "SERVLIST [<mask> [<type>]] - lists the services, of which there are none",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let asked = [message.param(0).unwrap_or("*"), message.param(1).unwrap_or("*")];
    turn.reply(Numeric::ServListEnd, asked);
    Ok(())
}
