//! LINKS (RFC 2812, section 3.4.5). Every server of a network is one step from every other.

use super::{Message, Numeric, Outcome, Turn, Verb, When, version};
use crate::wire::mask;

pub(super) const VERB: Verb = Verb {
    name: "LINKS",
    when: When::Registered,
    parameters: 0,
    usage: "LINKS [[<server>] <mask>] - lists the servers of the network",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let (server, pattern) = match message.params() {
        [server, pattern, ..] => (Some(*server), *pattern),
        params => (None, params.first().copied().filter(|pattern| !pattern.is_empty()).unwrap_or("*")),
    };
    version::must_be_this_server(turn, server)?;
    let settings = turn.settings;
    if mask::matches(pattern, &settings.name) {
        let line = turn.numeric(Numeric::Links).params([&settings.name, &settings.name]);
        turn.answer(&line.text(&format!("0 {}", settings.description)));
    }
    let others = turn.state.network.others().map(|(_, node)| node).filter(|node| mask::matches(pattern, &node.name));
    for node in others.cloned().collect::<Vec<_>>() {
        let line = turn.numeric(Numeric::Links).params([&node.name, &settings.name]);
        turn.answer(&line.text(&format!("1 {}", node.description)));
    }
    turn.reply(Numeric::EndOfLinks, [pattern]);
    Ok(())
}
