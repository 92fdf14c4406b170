//! WALLOPS (RFC 2812, section 4.7): an operator's words to all who have the user mode `w`.

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When};
use crate::core::Right;
use crate::core::policy;

pub(super) const VERB: Verb = Verb {
    name: "WALLOPS",
    when: When::Registered,
    parameters: 1,
    usage: "WALLOPS :<text> - tells all who have the user mode w; for operators",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let text = message.param(0).ok_or_else(|| Refusal::new(Numeric::NeedMoreParams).with("WALLOPS"))?;
    policy::must_have_right(turn, Right::Wallops)?;
    let line = turn.my_line("WALLOPS").text(text);
    let receivers: Vec<_> = turn.state.users().into_iter().map(|(client, _)| client).collect();
    turn.me_to_all(receivers, &line, |_, session| session.modes.wallops);
    Ok(())
}
