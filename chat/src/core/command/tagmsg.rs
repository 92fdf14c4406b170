//! TAGMSG (IRCv3 message tags).

use super::{Message, Outcome, Turn, Verb, When};
use crate::core::relay::{Kind, relay};

pub(super) const VERB: Verb = Verb {
    name: "TAGMSG",
    when: When::Registered,
    parameters: 1,
    usage: "TAGMSG <target>[,<target>...] - sends client-only tags without a text",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    relay(turn, Kind::Tagmsg, message)
}
