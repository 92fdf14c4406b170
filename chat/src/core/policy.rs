//! May I? Every rule of who may do what in a channel. Nothing here changes anything.

use super::channel::Channel;
use super::refusal::{Outcome, Refusal};
use super::session::Session;
use super::turn::Turn;
use super::{ClientId, Right, limits::CHANNELS};
use crate::wire::casemap::Folded;
use crate::wire::channel_name::ChannelName;
use crate::wire::numeric::Numeric;

/// Only operators, and of them those who have this right: 481, 723.
pub(super) fn must_have_right(turn: &Turn<'_>, right: Right) -> Outcome {
    must_be_irc_operator(turn)?;
    if turn.me().may(right) { Ok(()) } else { Err(Refusal::new(Numeric::NoPrivs).with(right.name())) }
}

/// Only operators.
pub(super) fn must_be_irc_operator(turn: &Turn<'_>) -> Outcome {
    if turn.me().modes.operator { Ok(()) } else { Err(Refusal::new(Numeric::NoPrivileges)) }
}

/// A secret channel is known to its members only.
pub(super) fn may_see(channel: &Channel, client: ClientId) -> bool {
    !channel.modes.secret || channel.has(client)
}

/// An invisible user is listed to those who share a channel only.
pub(super) fn may_list(turn: &Turn<'_>, client: ClientId, session: &Session) -> bool {
    !session.modes.invisible || client == turn.client || turn.state.are_neighbours(client, turn.client)
}

/// Only members.
pub(super) fn must_be_member(channel: &Channel, client: ClientId) -> Outcome {
    allow(channel.has(client), channel, Numeric::NotOnChannel)
}

/// Only operators of the channel.
pub(super) fn must_be_operator(channel: &Channel, client: ClientId) -> Outcome {
    allow(channel.is_operator(client), channel, Numeric::ChanOPrivsNeeded)
}

/// Speaking: members unless `-n`; with `+m` operators and voiced only; banned people only if they have a rank.
pub(super) fn may_speak(channel: &Channel, client: ClientId, session: &Session) -> Outcome {
    let rank = channel.rank(client);
    if rank.is_some_and(|rank| rank.operator || rank.voice) {
        return Ok(());
    }
    let refused = |reason: &str| {
        Err(Refusal::new(Numeric::CannotSendToChan)
            .with(channel.name.as_str())
            .because(format!("Cannot send to channel {reason}")))
    };
    if rank.is_none() && channel.modes.no_external {
        return refused("(+n): you are not in it");
    }
    if channel.modes.moderated {
        return refused("(+m): only operators and voiced members speak");
    }
    if channel.is_banned(session.source()) { refused("(+b): you are banned") } else { Ok(()) }
}

/// Joining: room on both sides, and an invitation, or no ban, the right key and no `+i`.
pub(super) fn may_join(turn: &Turn<'_>, name: &ChannelName, key: Option<&str>) -> Outcome {
    let (me, limits) = (turn.me(), &turn.settings.limits);
    let refused = |numeric| Err(Refusal::new(numeric).with(name.as_str()));
    if me.channels.len() >= limits.channels_per_client {
        return refused(Numeric::TooManyChannels);
    }
    match turn.state.channel(name.as_str()) {
        Some((folded, channel)) => may_enter(channel, me, folded, key),
        None if turn.state.channels.len() >= CHANNELS => refused(Numeric::TooManyChannels),
        None => Ok(()),
    }
}

fn may_enter(channel: &Channel, me: &Session, folded: &Folded, key: Option<&str>) -> Outcome {
    let modes = &channel.modes;
    let invited = me.is_invited(folded);
    allow(modes.limit.is_none_or(|limit| channel.members.len() < limit), channel, Numeric::ChannelIsFull)?;
    allow(!modes.invite_only || invited, channel, Numeric::InviteOnlyChan)?;
    allow(!channel.is_banned(me.source()) || invited, channel, Numeric::BannedFromChan)?;
    allow(modes.key.is_none() || modes.key.as_deref() == key, channel, Numeric::BadChannelKey)
}

/// The topic: members; with `+t` operators only.
pub(super) fn may_change_topic(channel: &Channel, client: ClientId) -> Outcome {
    must_be_member(channel, client)?;
    if channel.modes.topic_locked { must_be_operator(channel, client) } else { Ok(()) }
}

/// Inviting: members; with `+i` operators only.
pub(super) fn may_invite(channel: &Channel, client: ClientId) -> Outcome {
    must_be_member(channel, client)?;
    if channel.modes.invite_only { must_be_operator(channel, client) } else { Ok(()) }
}

fn allow(condition: bool, channel: &Channel, otherwise: Numeric) -> Outcome {
    if condition { Ok(()) } else { Err(Refusal::new(otherwise).with(channel.name.as_str())) }
}
