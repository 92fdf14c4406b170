//! ISON (RFC 2812, section 4.9).

use super::{Message, Numeric, Outcome, Turn, Verb, When};

pub(super) const VERB: Verb = Verb {
    name: "ISON",
    when: When::Registered,
    parameters: 1,
    usage: "ISON <nickname>... - tells who of them is online",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let nicknames = message.params().iter().flat_map(|param| param.split(' '));
    let online: Vec<&str> =
        nicknames.filter_map(|name| turn.state.user(name)).map(|(_, session)| session.name()).collect();
    let text = online.join(" ");
    turn.reply_text(Numeric::IsOn, &text);
    Ok(())
}
