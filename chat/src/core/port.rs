//! A port of its own for a client that asked for one: told at the end of its registration, and taken with its certificate or ticket.

use super::keep::{Answer, AssignedPort, Question};
use super::registration;
use super::turn::Turn;
use super::waiting;
use crate::wire::capability::Capability;
use crate::wire::numeric::Numeric;

/// Asks for a port where the client wants one and may have it. True: its registration waits for the answer.
pub(super) fn offer(turn: &mut Turn<'_>) -> bool {
    if !turn.me().may_move || !turn.me().has(Capability::AssignedPort) {
        return false;
    }
    turn.me_mut().may_move = false;
    let fingerprint = turn.me().identity.as_ref().map(|identity| identity.fingerprint.clone());
    waiting::ask(turn, Question::Port { fingerprint }, |turn, answer| match answer {
        Answer::Port(port) => send_there(turn, &port),
        // Without a free port the main one does as well.
        _ => registration::complete(turn),
    });
    true
}

/// RPL_BOUNCE, and before it what proves who comes there (010; the ticket is good once and for some seconds).
fn send_there(turn: &mut Turn<'_>, port: &AssignedPort) {
    let AssignedPort { node, number, ticket, seconds } = port;
    let note = turn.server_line("NOTE").params(["*", "ASSIGNED_PORT"]).number(number).param(ticket).number(seconds);
    let note = node.iter().fold(note, |note, node| note.param(node));
    turn.answer(&note.text("Send TICKET and this word first where you show no certificate"));
    let name = node.clone().unwrap_or_else(|| turn.settings.name.clone());
    let bounce = turn.numeric(Numeric::Bounce).param(&name).number(number);
    turn.answer(&bounce.text("Please use this port: it is yours"));
    turn.close_silently(&format!("You go on at port {number}"));
}
