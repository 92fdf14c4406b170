//! INVITE (RFC 2812, section 3.2.7; IRCv3 invite-notify).

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When};
use crate::core::policy;
use crate::wire::capability::Capability;

pub(super) const VERB: Verb = Verb {
    name: "INVITE",
    when: When::Registered,
    parameters: 2,
    usage: "INVITE <nickname> <channel> - asks somebody into a channel, past +i and bans",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let (key, channel) = turn.channel(message.params()[1])?;
    policy::may_invite(channel, turn.client)?;
    let (guest, session) = turn.user(message.params()[0])?;
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
        guest.invite(key);
    }
    tell_of_absence(turn, &nickname);
    Ok(())
}

fn tell_of_absence(turn: &mut Turn<'_>, nickname: &str) {
    let away = turn.state.user(nickname).and_then(|(_, session)| session.away.clone());
    if let Some(away) = away {
        turn.answer(&turn.numeric(Numeric::Away).param(nickname).text(&away));
    }
}
