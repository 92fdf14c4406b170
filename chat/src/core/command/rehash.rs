//! REHASH (RFC 2812, section 4.2): an operator asks for the configuration and the certificates to be read again. The edge
//! has the files.

use super::{Message, Numeric, Outcome, Turn, Verb, When};
use crate::core::policy;
use crate::core::{Action, Right};

pub(super) const VERB: Verb = Verb {
    name: "REHASH",
    when: When::Registered,
    parameters: 0,
    usage: "REHASH - reads the configuration and the certificates again; for operators",
    run,
};

fn run(turn: &mut Turn<'_>, _message: &Message<'_>) -> Outcome {
    policy::must_have_right(turn, Right::Rehash)?;
    // Which file it is on the server's disk is nobody's business here.
    turn.reply(Numeric::Rehashing, ["configuration"]);
    turn.state.rehashing.insert(turn.client);
    turn.actions.push(Action::Reload);
    Ok(())
}

/// What came of it.
pub(in crate::core) fn tell(turn: &mut Turn<'_>, problems: &[String]) {
    if problems.is_empty() {
        return turn.notice("The configuration and the certificates were read again");
    }
    for problem in problems {
        turn.notice(&format!("Refused, and what was read before holds: {problem}"));
    }
}
