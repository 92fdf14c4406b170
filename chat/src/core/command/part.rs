//! PART (RFC 2812, section 3.2.2).

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When};
use crate::core::history;
use crate::core::limits::REASON_LENGTH;
use crate::core::policy;
use crate::wire::casemap::Folded;
use crate::wire::message::cut;

pub(super) const VERB: Verb = Verb {
    name: "PART",
    when: When::Registered,
    parameters: 1,
    usage: "PART <channel>[,<channel>...] [:<reason>] - leaves channels",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let names = message.param(0).ok_or_else(|| Refusal::new(Numeric::NeedMoreParams).with("PART"))?;
    for name in names.split(',').filter(|name| !name.is_empty()) {
        if let Err(refusal) = part(turn, name, message.param(1)) {
            turn.refuse(&refusal);
        }
    }
    Ok(())
}

fn part(turn: &mut Turn<'_>, name: &str, reason: Option<&str>) -> Outcome {
    let (key, channel) = turn.any_channel(name)?;
    policy::must_be_member(channel, turn.client)?;
    leave(turn, &key, reason);
    Ok(())
}

/// Leaves a channel and tells its members.
pub(super) fn leave(turn: &mut Turn<'_>, key: &Folded, reason: Option<&str>) {
    let Some(channel) = turn.state.channels.get(key) else { return };
    let line = turn.my_line("PART").param(channel.name.as_str());
    let line = reason.map_or_else(|| line.clone(), |reason| line.clone().text(cut(reason, REASON_LENGTH)));
    history::happen(turn, key, &line);
    turn.state.leave(turn.client, key);
}
