//! ISUPPORT (IRCv3 draft/extended-isupport): 005 when it is asked for, also before registration.

use super::{Message, Outcome, Turn, Verb, When, not_registered};
use crate::core::registration::isupport;
use crate::wire::capability::Capability;

pub(super) const VERB: Verb = Verb {
    name: "ISUPPORT",
    when: When::Always,
    parameters: 0,
    usage: "ISUPPORT - tells what the server supports",
    run,
};

fn run(turn: &mut Turn<'_>, _: &Message<'_>) -> Outcome {
    if !turn.me().is_registered() && !turn.me().has(Capability::ExtendedIsupport) {
        return Err(not_registered());
    }
    isupport(turn);
    Ok(())
}
