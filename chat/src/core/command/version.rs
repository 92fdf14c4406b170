//! VERSION (RFC 2812, section 3.4.3).

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When};
use crate::core::registration::isupport;
use crate::wire::{casemap, mask};

pub(super) const VERB: Verb = Verb {
    name: "VERSION",
    when: When::Registered,
    parameters: 0,
    usage: "VERSION - tells the program, its version and what it supports",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    must_be_this_server(turn, message.param(0))?;
    let settings = turn.settings;
    turn.answer(
        &turn.numeric(Numeric::Version).params([&settings.version, &settings.name]).text(&settings.description),
    );
    isupport(turn);
    Ok(())
}

/// A question to a server that is none of the network is refused; this one answers for the others. A nickname stands for the server of its user.
pub(super) fn must_be_this_server(turn: &Turn<'_>, server: Option<&str>) -> Outcome {
    match server {
        Some(server) if !is_this(turn, server) => Err(Refusal::new(Numeric::NoSuchServer).with(server)),
        _ => Ok(()),
    }
}

fn is_this(turn: &Turn<'_>, server: &str) -> bool {
    is_server(turn, server) || turn.state.user(server).is_some()
}

/// Whether this server or another of the network has such a name.
pub(super) fn is_server(turn: &Turn<'_>, mask: &str) -> bool {
    let others = turn.state.network.nodes.values();
    let mut names = others.map(|node| &*node.name).chain([&*turn.settings.name]);
    names.any(|name| mask::matches(mask, name))
}

/// Whether this is the name of this server, or of another of the network.
pub(super) fn is_this_name(turn: &Turn<'_>, name: &str) -> bool {
    let others = turn.state.network.nodes.values();
    casemap::same(name, &turn.settings.name) || others.into_iter().any(|node| casemap::same(name, &node.name))
}
