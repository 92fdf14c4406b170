//! MAP: the servers of the network as a tree: this one, and those beside it.

use super::{Message, Numeric, Outcome, Turn, Verb, When};

pub(super) const VERB: Verb = Verb {
    name: "MAP",
    when: When::Registered,
    parameters: 0,
    usage: "MAP - shows the network's servers and how many people are on each",
    run,
};

fn run(turn: &mut Turn<'_>, _message: &Message<'_>) -> Outcome {
    let here = turn.state.network.here;
    let own = format!("{} ({} users)", turn.settings.name, turn.state.users_on(here));
    let others = turn.state.network.others();
    let others: Vec<String> = others
        .map(|(node, about)| format!("`- {} ({} users, {})", about.name, turn.state.users_on(*node), about.version))
        .collect();
    std::iter::once(own).chain(others).for_each(|text| turn.reply_text(Numeric::Map, &text));
    turn.reply(Numeric::MapEnd, []);
    Ok(())
}
