//! JOIN (RFC 2812, section 3.2.1; IRCv3 extended-join).

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When, markread, metadata, names, part, topic};
use crate::core::ClientId;
use crate::core::closed;
use crate::core::fanout::Fanout;
use crate::core::history;
use crate::core::limits::CHANNEL_LENGTH;
use crate::core::ownership;
use crate::core::policy;
use crate::wire::capability::Capability;
use crate::wire::casemap::Folded;
use crate::wire::channel_name::{ChannelName, ChannelNameError};
use crate::wire::message::Line;

pub(super) const VERB: Verb = Verb {
    name: "JOIN",
    when: When::Registered,
    parameters: 1,
    usage: "JOIN <channel>[,<channel>...] [<key>[,<key>...]] - enters channels; JOIN 0 leaves all",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    if message.params() == ["0"] {
        leave_all(turn);
        return Ok(());
    }
    let names = message.param(0).ok_or_else(|| Refusal::new(Numeric::NeedMoreParams).with("JOIN"))?;
    let mut keys = message.param(1).unwrap_or_default().split(',');
    for name in names.split(',') {
        let key = keys.next().filter(|key| !key.is_empty());
        if name.is_empty() {
            continue;
        }
        if let Err(refusal) = join(turn, name, key).or_else(|refusal| forward(turn, name, refusal)) {
            turn.refuse(&refusal);
        }
    }
    Ok(())
}

fn leave_all(turn: &mut Turn<'_>) {
    for key in turn.me().channels.clone() {
        part::leave(turn, &key, Some("Left all channels"));
    }
}

fn join(turn: &mut Turn<'_>, text: &str, key: Option<&str>) -> Outcome {
    let name = ChannelName::parse(text, CHANNEL_LENGTH).map_err(|error| {
        let numeric = if error == ChannelNameError::Start { Numeric::NoSuchChannel } else { Numeric::BadChanMask };
        Refusal::new(numeric).with(text).because(format!("{}: {error}", numeric.text()))
    })?;
    if turn.me().channels.contains(&name.folded()) {
        return Ok(());
    }
    policy::may_join(turn, &name, key)?;
    let (client, now) = (turn.client, turn.now);
    if turn.state.channel(name.as_str()).is_none() {
        closed::begin(turn, &name.folded());
    }
    let key = turn.state.add_member(client, name, now);
    announce(turn, &key);
    ownership::announce_rank(turn, &key);
    show(turn, &key);
    Ok(())
}

/// What follows one's own JOIN.
fn show(turn: &mut Turn<'_>, key: &Folded) {
    if !turn.is_here() {
        return;
    }
    markread::show(turn, key);
    topic::show(turn, key, topic::Absent::Silent);
    if !turn.me().has(Capability::NoImplicitNames) && !turn.me().has(Capability::DraftNoImplicitNames) {
        names::reply(turn, key);
    }
    metadata::show_channel(turn, key);
}

/// A JOIN that only its subject sees, for a member to whom a channel's new name looks like another channel.
pub(in crate::core) fn show_to_newcomer(turn: &mut Turn<'_>, key: &Folded) {
    show_to(turn, key, turn.client);
    show(turn, key);
}

/// A JOIN that only one client sees, as it wants it; of another that is away, with the text.
pub(in crate::core) fn show_to(turn: &mut Turn<'_>, key: &Folded, viewer: ClientId) {
    let wants = |capability| turn.state.sessions.get(&viewer).is_some_and(|session| session.has(capability));
    let (extended, away) = (wants(Capability::ExtendedJoin), wants(Capability::AwayNotify) && viewer != turn.client);
    let line = if extended { lines(turn, key).1 } else { lines(turn, key).0 };
    let away = turn.me().away.as_ref().filter(|_| away).map(|text| turn.my_line("AWAY").text(text));
    turn.me_to(viewer, &line);
    if let Some(away) = away {
        turn.me_to(viewer, &away);
    }
}

/// A JOIN in its short and its extended form.
pub(super) fn lines(turn: &Turn<'_>, key: &Folded) -> (Line, Line) {
    let plain = turn.my_line("JOIN").param(turn.state.channels.get(key).map_or("*", |channel| channel.name.as_str()));
    let account = turn.me().account().map_or("*", |account| account.as_str());
    let extended = plain.clone().param(account).text(turn.me().realname());
    (plain, extended)
}

/// Who may not join is taken to where the channel's `+f` points, once: forwards form no chain.
fn forward(turn: &mut Turn<'_>, name: &str, refusal: Refusal) -> Outcome {
    let closed = matches!(
        refusal.numeric,
        Numeric::ChannelIsFull
            | Numeric::InviteOnlyChan
            | Numeric::BannedFromChan
            | Numeric::BadChannelKey
            | Numeric::NeedReggedNick
    );
    let channel = turn.state.channel(name).map(|(_, channel)| channel).filter(|_| closed);
    let Some((from, to)) = channel.and_then(|channel| Some((&channel.name, channel.modes.forward.clone()?))) else {
        return Err(refusal);
    };
    let line = turn.numeric(Numeric::LinkChannel).params([from.as_str(), to.as_str()]);
    turn.answer(&line.text(Numeric::LinkChannel.text()));
    join(turn, to.as_str(), None)
}

/// The members are told that this user came.
pub(in crate::core) fn announce(turn: &mut Turn<'_>, key: &Folded) {
    let (client, me) = (turn.client, turn.me());
    let (plain, extended) = lines(turn, key);
    let away = me.away.as_ref().map(|text| turn.my_line("AWAY").text(text));
    let msgid = history::event(turn, key, &extended);
    let (me, now) = (turn.me(), turn.now);
    let mut plain = Fanout::from_session(&plain, now, me, String::new()).maybe_named(msgid.as_deref());
    let mut extended = Fanout::from_session(&extended, now, me, String::new()).maybe_named(msgid.as_deref());
    turn.fan_out_to_channel(key, &mut plain, |_, session| !session.has(Capability::ExtendedJoin));
    turn.fan_out_to_channel(key, &mut extended, |_, session| session.has(Capability::ExtendedJoin));
    if let Some(away) = away {
        turn.me_to_channel(key, &away, |member, session| member != client && session.has(Capability::AwayNotify));
    }
}
