//! KICK (RFC 2812, section 3.2.8).

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When};
use crate::core::channel::Level;
use crate::core::history;
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
    let channels: Vec<&str> = message.params()[0].split(',').collect();
    let nicknames: Vec<&str> = message.params()[1].split(',').filter(|nickname| !nickname.is_empty()).collect();
    // One channel for all, or one for each (RFC 2812, section 3.2.8).
    if nicknames.is_empty() || (channels.len() > 1 && channels.len() != nicknames.len()) {
        return Err(Refusal::new(Numeric::NeedMoreParams).with("KICK"));
    }
    for (channel, nickname) in channels.iter().cycle().zip(nicknames) {
        if let Err(refusal) = kick(turn, channel, nickname, &reason) {
            turn.refuse(&refusal);
        }
    }
    Ok(())
}

fn kick(turn: &mut Turn<'_>, name: &str, nickname: &str, reason: &str) -> Outcome {
    let (key, channel) = turn.any_channel(name)?;
    policy::must_be_member(channel, turn.client)?;
    policy::must_be(Level::HalfOperator, channel, turn.client)?;
    let name = channel.name.as_str();
    let (victim, session) = turn.user(nickname)?;
    if !channel.has(victim) {
        return Err(Refusal::new(Numeric::UserNotInChannel).with(nickname).with(name));
    }
    policy::may_kick(channel, turn.client, victim)?;
    let line = turn.my_line("KICK").param(name).param(session.name()).text(cut(reason, REASON_LENGTH));
    history::happen(turn, &key, &line);
    turn.state.leave(victim, &key);
    Ok(())
}
