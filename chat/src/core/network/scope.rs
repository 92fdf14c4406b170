//! What a node answers by itself, what all nodes carry out, and which of them a change concerns.

use std::collections::BTreeSet;

use super::{Change, NodeId, Reach};
use crate::core::channel::Channel;
use crate::core::command::metadata;
use crate::core::state::State;
use crate::core::turn::Turn;
use crate::wire::channel_name::is_channel;
use crate::wire::message::Message;

/// Whether a user's message changes what all nodes know, or is for people who may be on any of them.
pub(in crate::core) fn shared(turn: &Turn<'_>, message: &Message<'_>) -> bool {
    if turn.state.network.is_settled() || !turn.me().is_registered() {
        return false;
    }
    let given = message.params().len();
    match &*message.command.to_ascii_uppercase() {
        "PRIVMSG" | "NOTICE" | "TAGMSG" | "JOIN" | "PART" | "NICK" | "KICK" | "KILL" | "AWAY" | "WALLOPS"
        | "CHGHOST" | "SETNAME" | "RENAME" => true,
        // With fewer parameters these are questions.
        "MODE" | "TOPIC" | "INVITE" | "MARKREAD" => given > 1,
        "CHANNEL" => !matches!(message.params().first(), Some(word) if word.eq_ignore_ascii_case("INFO")),
        "METADATA" => message.param(1).is_some_and(metadata::changes),
        _ => false,
    }
}

/// The nodes that a change concerns, as far as this one knows.
pub(super) fn reach(state: &State, change: &Change) -> Reach {
    match targets(change) {
        None => Reach::Everyone,
        Some(targets) => {
            let mut nodes = concerned(state, &targets);
            nodes.insert(state.network.here);
            // What one node alone would know is lost with its disk.
            let witness = witness(state, &nodes);
            nodes.extend(witness);
            Reach::Nodes(nodes.into_iter().collect())
        }
    }
}

/// Who keeps what only one node would know.
fn witness(state: &State, nodes: &BTreeSet<NodeId>) -> Option<NodeId> {
    let only = nodes.first().filter(|_| nodes.len() == 1);
    only.and_then(|only| state.network.after(*only))
}

/// Whether this node keeps what is said in a channel, or happens there: it has members of it, or is the only other that has.
pub(in crate::core) fn keeps(state: &State, channel: &Channel) -> bool {
    let (nodes, here) = (nodes_of(channel), state.network.here);
    nodes.contains(&here) || witness(state, &nodes) == Some(here)
}

/// Whether a change went to every node that it concerns, now that its turn has come. Every node that got it decides the same.
pub(super) fn is_wide_enough(state: &State, change: &Change, origin: NodeId, reach: &Reach) -> bool {
    match (targets(change), reach) {
        (Some(targets), Reach::Nodes(nodes)) => {
            concerned(state, &targets).iter().all(|node| *node == origin || nodes.contains(node))
        }
        _ => true,
    }
}

/// To whom something is said; `None` for what concerns everyone.
fn targets(change: &Change) -> Option<Vec<String>> {
    match change {
        Change::Line { line, .. } => {
            let message = Message::parse(line.as_bytes()).ok()?;
            let said = ["PRIVMSG", "NOTICE", "TAGMSG"].iter().any(|verb| message.command.eq_ignore_ascii_case(verb));
            let words = said.then(|| message.param(0).unwrap_or_default().split(','))?;
            Some(words.map(str::to_owned).collect())
        }
        Change::Lines(lines) => Some(vec![lines.target.to_string()]),
        Change::Redacted(redaction) if redaction.buffer.is_none() => Some(vec![redaction.target.clone()]),
        _ => None,
    }
}

fn concerned(state: &State, targets: &[String]) -> BTreeSet<NodeId> {
    let of = |target: &String| {
        let name = target.trim_start_matches(['@', '%', '+']);
        if is_channel(name) {
            return state.channel(name).map(|(_, channel)| nodes_of(channel)).unwrap_or_default();
        }
        state.user(target).map(|(client, _)| client.node()).into_iter().collect()
    };
    targets.iter().flat_map(of).collect()
}

/// The nodes that have members of a channel: members are in the order of their nodes, so this takes a step a node.
pub(super) fn nodes_of(channel: &Channel) -> BTreeSet<NodeId> {
    let mut nodes = BTreeSet::new();
    let mut next = NodeId(0);
    while let Some((member, _)) = channel.members.range(next.client(0)..).next() {
        nodes.insert(member.node());
        next = NodeId(member.node().0 + 1);
    }
    nodes
}
