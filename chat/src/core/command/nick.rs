//! NICK (RFC 2812, section 3.1.2).

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When, version};
use crate::core::LogEntry;
use crate::core::accounts::sasl;
use crate::core::policy;
use crate::core::registration::{check_nickname, complete};
use crate::core::session::Stage;
use crate::wire::nickname::Nickname;

pub(super) const VERB: Verb = Verb {
    name: "NICK",
    when: When::Always,
    parameters: 0,
    usage: "NICK <nickname> - takes a nickname; that of an account needs its certificate",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let wanted = message.param(0).ok_or_else(|| Refusal::new(Numeric::NoNicknameGiven))?;
    let nickname = Nickname::parse(wanted, turn.settings.limits.nick_length).map_err(|error| {
        Refusal::new(Numeric::ErroneousNickname).with(wanted).because(format!("Erroneous nickname: {error}"))
    })?;
    if turn.me().name() == nickname.as_str() {
        return Ok(());
    }
    if let Err(refusal) = may_have(turn, &nickname) {
        let (nickname, reason) = (nickname.to_string(), refusal.text().to_owned());
        turn.log(LogEntry::NicknameRefused { client: turn.client, host: turn.my_address(), nickname, reason });
        return Err(refusal);
    }
    turn.rename(nickname);
    complete(turn);
    Ok(())
}

fn may_have(turn: &Turn<'_>, nickname: &Nickname) -> Outcome {
    may_be_asked_for(turn, nickname.as_str())?;
    check_nickname(turn, nickname, Some(turn.client))
        .or_else(|refusal| if may_log_in_first(turn, nickname) { Ok(()) } else { Err(refusal) })
}

/// What is decided before a change is proposed, and not when it is applied, where a node may know another set of names than the
/// one that let it pass. A server's name is nobody's nickname: commands that take either would mean the server.
pub(in crate::core) fn may_be_asked_for(turn: &Turn<'_>, nickname: &str) -> Outcome {
    if turn.state.network.is_applying() {
        return Ok(());
    }
    if version::is_this_name(turn, nickname) {
        let reason = "Nickname is already in use: it is the name of a server";
        return Err(Refusal::new(Numeric::NicknameInUse).with(nickname).because(reason));
    }
    policy::may_change_nickname(turn, nickname)
}

/// Clients name themselves before they log in: until the end of the negotiation it is open whose nickname it is.
fn may_log_in_first(turn: &Turn<'_>, nickname: &Nickname) -> bool {
    let negotiating = matches!(turn.me().stage, Stage::Registering { negotiating: true, .. });
    let is_free = turn.state.holder(nickname.as_str()).is_none_or(|holder| holder == turn.client);
    negotiating && is_free && sasl::mechanisms(turn.me(), turn.settings).next().is_some()
}
