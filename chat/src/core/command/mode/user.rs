//! A user's own modes.

use super::{Message, Numeric, Outcome, Refusal, Turn};
use crate::wire::mode::{Written, signed};

pub(super) fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let (client, _) = turn.user(message.params()[0])?;
    if client != turn.client {
        return Err(Refusal::new(Numeric::UsersDontMatch));
    }
    match message.param(1) {
        Some(letters) => change(turn, letters),
        None => turn.answer(&turn.numeric(Numeric::UModeIs).param(&turn.me().modes.letters())),
    }
    Ok(())
}

fn change(turn: &mut Turn<'_>, letters: &str) {
    let was_invisible = turn.me().modes.invisible;
    let mut written = Written::default();
    let mut unknown = false;
    for (adding, letter) in signed(letters) {
        match turn.me_mut().modes.flag(letter) {
            Some(flag) if *flag != adding => {
                *flag = adding;
                written.push(adding, letter, None);
            }
            Some(_) => {}
            None => unknown = true,
        }
    }
    count_invisible(turn, was_invisible);
    if unknown {
        turn.refuse(&Refusal::new(Numeric::UModeUnknownFlag));
    }
    if !written.is_empty() {
        let line = turn.my_line("MODE").param(turn.me().name()).param(written.letters());
        turn.me_to(turn.client, &line);
    }
}

fn count_invisible(turn: &mut Turn<'_>, before: bool) {
    match (before, turn.me().modes.invisible) {
        (false, true) => turn.state.counts.invisible += 1,
        (true, false) => turn.state.counts.invisible -= 1,
        _ => {}
    }
}
