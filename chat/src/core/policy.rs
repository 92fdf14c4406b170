//! May I? Every rule of who may do what. Nothing here changes anything.

use super::channel::{Channel, Level};
use super::guests;
use super::ownership;
use super::refusal::{Outcome, Refusal};
use super::session::Session;
use super::turn::Turn;
use super::{ClientId, Right, limits::CHANNELS};
use crate::wire::casemap::Folded;
use crate::wire::channel_name::ChannelName;
use crate::wire::mode::ChannelMode;
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

/// A secret channel is known to its members only, and to operators who may look.
pub(super) fn may_see(turn: &Turn<'_>, channel: &Channel) -> bool {
    !channel.modes.secret || channel.has(turn.client) || turn.me().may(Right::Auspex)
}

/// An invisible user is listed to those who share a channel, and to operators who may look.
pub(super) fn may_list(turn: &Turn<'_>, client: ClientId, session: &Session) -> bool {
    (!session.modes.invisible && guests::may_list(turn))
        || client == turn.client
        || turn.me().may(Right::Auspex)
        || turn.state.are_neighbours(client, turn.client)
}

/// What is told to somebody about itself, and about others to operators who may look.
pub(super) fn may_inspect(turn: &Turn<'_>, client: ClientId) -> bool {
    client == turn.client || turn.me().may(Right::Auspex)
}

/// Only members.
pub(super) fn must_be_member(channel: &Channel, client: ClientId) -> Outcome {
    allow(channel.has(client), channel, Numeric::NotOnChannel)
}

/// Only members of this rank or above.
pub(super) fn must_be(level: Level, channel: &Channel, client: ClientId) -> Outcome {
    allow(channel.level(client) >= level, channel, Numeric::ChanOPrivsNeeded)
}

/// Changing a mode: half-operators, but the ranks of operators and half-operators are the operators' to give. Anybody may
/// give up its own rank.
pub(super) fn may_change(channel: &Channel, client: ClientId, mode: ChannelMode, gives_up: bool) -> Outcome {
    let level = match mode {
        _ if gives_up => Level::Voice,
        ChannelMode::Operator | ChannelMode::HalfOperator => Level::Operator,
        _ => Level::HalfOperator,
    };
    must_be(level, channel, client)
}

/// Kicking: operators everybody, half-operators those below them.
pub(super) fn may_kick(channel: &Channel, client: ClientId, victim: ClientId) -> Outcome {
    let level = if channel.level(victim) >= Level::HalfOperator { Level::Operator } else { Level::HalfOperator };
    must_be(level, channel, client)
}

/// Speaking: members unless `-n`; with `+m` those with a rank only, with `+M` those and whoever is logged in; banned people
/// only with a rank; nobody CTCP with `+C`, but actions.
pub(super) fn may_speak<'a>(
    channel: &Channel,
    client: ClientId,
    session: &Session,
    texts: impl IntoIterator<Item = &'a str>,
) -> Outcome {
    let (modes, rank) = (&channel.modes, channel.rank(client));
    let problem = if modes.no_ctcp && texts.into_iter().any(is_ctcp_request) {
        "(+C): no CTCP"
    } else if rank.is_some_and(|rank| rank.level() >= Level::Voice) {
        return Ok(());
    } else if rank.is_none() && modes.no_external {
        "(+n): you are not in it"
    } else if modes.moderated {
        "(+m): only operators and voiced members speak"
    } else if modes.registered_speak && session.account().is_none() {
        "(+M): only those who are logged in speak"
    } else if channel.is_silenced(session.subject()) {
        "(+b): you are banned"
    } else {
        return Ok(());
    };
    let refusal = Refusal::new(Numeric::CannotSendToChan).with(channel.name.as_str());
    Err(refusal.because(format!("Cannot send to channel {problem}")))
}

/// Another nickname: not for a member whom a ban silences, since that may go by the nickname (435).
pub(super) fn may_change_nickname(turn: &Turn<'_>, wanted: &str) -> Outcome {
    let me = turn.me();
    let silences = |channel: &&Channel| channel.level(turn.client) < Level::Voice && channel.is_silenced(me.subject());
    match me.channels.iter().filter_map(|key| turn.state.channels.get(key)).find(silences) {
        Some(channel) => Err(Refusal::new(Numeric::BanOnChan).with(wanted).with(channel.name.as_str())),
        None => Ok(()),
    }
}

/// A text between two `\x01` that is not the `ACTION` of "/me".
fn is_ctcp_request(text: &str) -> bool {
    text.strip_prefix('\u{1}').is_some_and(|rest| rest.split([' ', '\u{1}']).next() != Some("ACTION"))
}

/// Writing to a user with the mode `R`: only those who are logged in, and itself.
pub(super) fn may_write_to(turn: &Turn<'_>, receiver: ClientId, session: &Session) -> Outcome {
    guests::may_write_to(turn, receiver, session)?;
    let open = !session.modes.only_registered || receiver == turn.client || turn.me().account().is_some();
    let refusal = || Refusal::new(Numeric::CannotSendToUser).with(session.name());
    if open { Ok(()) } else { Err(refusal().because("Cannot send to user (+R): log in first")) }
}

/// Joining: room on both sides, and an invitation of somebody who may give one, or all that the modes ask for.
pub(super) fn may_join(turn: &Turn<'_>, name: &ChannelName, key: Option<&str>) -> Outcome {
    let (me, limits) = (turn.me(), &turn.settings.limits);
    let refused = |numeric| Err(Refusal::new(numeric).with(name.as_str()));
    if me.channels.len() >= limits.channels_per_client {
        return refused(Numeric::TooManyChannels);
    }
    let found = turn.state.channel(name.as_str());
    guests::may_join(turn, name.as_str(), found.is_some())?;
    match found {
        Some((folded, channel)) => may_enter(channel, me, folded, key),
        None if turn.state.channels.len() >= CHANNELS => refused(Numeric::TooManyChannels),
        None => Ok(()),
    }
}

fn may_enter(channel: &Channel, me: &Session, folded: &Folded, key: Option<&str>) -> Outcome {
    if me.is_let_into(folded, channel.created) || ownership::is_founder(channel, me) {
        return Ok(());
    }
    let (modes, subject) = (&channel.modes, me.subject());
    allow(modes.limit.is_none_or(|limit| channel.members.len() < limit), channel, Numeric::ChannelIsFull)?;
    allow(!modes.invite_only || channel.is_invited(subject), channel, Numeric::InviteOnlyChan)?;
    allow(!channel.is_banned(subject), channel, Numeric::BannedFromChan)?;
    allow(!modes.registered_only || me.account().is_some(), channel, Numeric::NeedReggedNick)?;
    allow(modes.key.is_none() || modes.key.as_deref() == key, channel, Numeric::BadChannelKey)
}

/// The topic: members; with `+t` half-operators only.
pub(super) fn may_change_topic(channel: &Channel, client: ClientId) -> Outcome {
    must_be_member(channel, client)?;
    if channel.modes.topic_locked { must_be(Level::HalfOperator, channel, client) } else { Ok(()) }
}

/// Inviting: members; with `+i` half-operators only.
pub(super) fn may_invite(channel: &Channel, client: ClientId) -> Outcome {
    must_be_member(channel, client)?;
    if channel.modes.invite_only { must_be(Level::HalfOperator, channel, client) } else { Ok(()) }
}

fn allow(condition: bool, channel: &Channel, otherwise: Numeric) -> Outcome {
    if condition { Ok(()) } else { Err(Refusal::new(otherwise).with(channel.name.as_str())) }
}
