//! KICK (RFC 2812, section 3.2.8).

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When};
use crate::core::limits::REASON_LENGTH;
use crate::core::policy;
use crate::wire::message::cut;

pub(super) const VERB: Verb = Verb {
    name: "KICK",
    when: When::Registered,
    parameters: 2,
    usage: "KICK <channel> <nickname>[,<nickname>...] [:<reason>] - puts somebody out of a channel",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let reason = message.param(2).unwrap_or(turn.me().name()).to_owned();
    for nickname in message.params()[1].split(',') {
        if let Err(refusal) = kick(turn, message.params()[0], nickname, &reason) {
            turn.refuse(&refusal);
        }
    }
    Ok(())
}

fn kick(turn: &mut Turn<'_>, name: &str, nickname: &str, reason: &str) -> Outcome {
    let (key, channel) = turn.channel(name)?;
    policy::must_be_member(channel, turn.client)?;
    policy::must_be_operator(channel, turn.client)?;
    let name = channel.name.as_str();
    let (victim, session) = turn.user(nickname)?;
    if !channel.has(victim) {
        return Err(Refusal::new(Numeric::UserNotInChannel).with(nickname).with(name));
    }
    let line = turn.my_line("KICK").param(name).param(session.name()).text(cut(reason, REASON_LENGTH));
    turn.me_to_channel(&key, &line, |_, _| true);
    turn.state.leave(victim, &key);
    Ok(())
}
