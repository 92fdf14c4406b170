//! A user's own modes.

use super::{Message, Numeric, Outcome, Refusal, Turn};
use crate::core::command::oper;
use crate::wire::mode::{Written, signed};

pub(super) fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let (client, _) = turn.user(message.params()[0])?;
    if client != turn.client {
        return Err(Refusal::new(Numeric::UsersDontMatch));
    }
    match message.param(1) {
        Some(letters) => change(turn, letters),
        None => {
            turn.answer(&turn.numeric(Numeric::UModeIs).param(&turn.me().modes.letters()));
            Ok(())
        }
    }
}

/// What is known is changed and shown; what is not is told after it.
fn change(turn: &mut Turn<'_>, letters: &str) -> Outcome {
    let mut written = Written::default();
    let mut unknown = false;
    for (adding, letter) in signed(letters) {
        match set(turn, adding, letter) {
            Some(true) => written.push(adding, letter, None),
            Some(false) => {}
            None => unknown = true,
        }
    }
    if !written.is_empty() {
        let line = turn.my_line("MODE").param(turn.me().name()).params(written.pieces(usize::MAX).concat());
        turn.me_to(turn.client, &line);
    }
    if unknown { Err(Refusal::new(Numeric::UModeUnknownFlag)) } else { Ok(()) }
}

/// Whether a mode changed; `None` if there is no such mode.
fn set(turn: &mut Turn<'_>, adding: bool, letter: char) -> Option<bool> {
    let flag = turn.me_mut().modes.flag(letter)?;
    // Asking to be an operator is ignored (RFC 2812, section 3.1.5): that is what OPER is for.
    if *flag == adding || (letter, adding) == ('o', true) {
        return Some(false);
    }
    *flag = adding;
    match (letter, adding) {
        ('i', true) => turn.state.counts.invisible += 1,
        ('i', false) => turn.state.counts.invisible -= 1,
        ('o', _) => oper::resign(turn),
        _ => {}
    }
    Some(true)
}
