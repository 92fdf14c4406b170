//! MAP: the servers of the network as a tree. This server is all of it.

use super::{Message, Numeric, Outcome, Turn, Verb, When};

pub(super) const VERB: Verb = Verb {
    name: "MAP",
    when: When::Registered,
    parameters: 0,
    usage: "MAP - shows the network's servers and how many people are on each",
    run,
};

fn run(turn: &mut Turn<'_>, _message: &Message<'_>) -> Outcome {
    let text = format!("{} ({} users)", turn.settings.name, turn.state.counts.registered);
    turn.reply_text(Numeric::Map, &text);
    turn.reply(Numeric::MapEnd, []);
    Ok(())
}
