//! INVITE (RFC 2812, section 3.2.7; IRCv3 invite-notify).

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When};
use crate::core::channel::Level;
use crate::core::policy;
use crate::core::session::Invitation;
use crate::wire::capability::Capability;
use crate::wire::message::Line;

pub(super) const VERB: Verb = Verb {
    name: "INVITE",
    when: When::Registered,
    parameters: 0,
    usage: "INVITE [<nickname> <channel>] - asks somebody into a channel; an operator's opens it; alone: your invitations",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let (nickname, channel) = match message.params() {
        [] => {
            list(turn);
            return Ok(());
        }
        [_] => return Err(Refusal::new(Numeric::NeedMoreParams).with("INVITE")),
        [nickname, channel, ..] => (nickname, channel),
    };
    let (key, channel) = turn.any_channel(channel)?;
    policy::may_invite(channel, turn.client)?;
    let (guest, session) = turn.user(nickname)?;
    let invitation = Invitation {
        channel: key.clone(),
        created: channel.created,
        opens: channel.level(turn.client) >= Level::HalfOperator,
    };
    let (nickname, name) = (session.name().to_owned(), channel.name.to_string());
    if channel.has(guest) {
        return Err(Refusal::new(Numeric::UserOnChannel).with(nickname).with(name));
    }
    let line = turn.my_line("INVITE").param(&nickname).param(&name);
    turn.answer(&turn.numeric(Numeric::Inviting).param(&nickname).param(&name));
    turn.me_to(guest, &line);
    let me = turn.client;
    turn.me_to_channel(&key, &line, |member, session| member != me && session.has(Capability::InviteNotify));
    if let Some(guest) = turn.state.sessions.get_mut(&guest) {
        guest.invite(invitation);
    }
    tell_of_absence(turn, &nickname);
    Ok(())
}

/// 336 and 337: the channels that still are those of the invitations.
fn list(turn: &mut Turn<'_>) {
    let channel = |invitation: &Invitation| turn.state.channels.get(&invitation.channel);
    let there = turn.me().invitations().filter_map(|invitation| {
        channel(invitation).filter(|channel| channel.created == invitation.created).map(|channel| &channel.name)
    });
    let lines: Vec<Line> = there.map(|name| turn.numeric(Numeric::InviteList).param(name.as_str())).collect();
    lines.iter().for_each(|line| turn.answer(line));
    turn.reply(Numeric::EndOfInviteList, []);
}

fn tell_of_absence(turn: &mut Turn<'_>, nickname: &str) {
    let away = turn.state.user(nickname).and_then(|(_, session)| session.away.clone());
    if let Some(away) = away {
        turn.answer(&turn.numeric(Numeric::Away).param(nickname).text(&away));
    }
}
