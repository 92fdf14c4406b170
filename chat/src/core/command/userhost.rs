//! USERHOST (RFC 2812, section 4.8).

use super::{Message, Numeric, Outcome, Turn, Verb, When};
use crate::core::session::Session;
use crate::limits::core::USERHOST_NICKNAMES;

pub(super) const VERB: Verb = Verb {
    name: "USERHOST",
    when: When::Registered,
    parameters: 1,
    usage: "USERHOST <nickname>... - tells user and host of up to five people",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let users = message.params().iter().take(USERHOST_NICKNAMES).filter_map(|nickname| turn.state.user(nickname));
    let words: Vec<String> = users.map(|(_, session)| word(session)).collect();
    turn.reply_text(Numeric::UserHost, &words.join(" "));
    Ok(())
}

/// `nick=+user@host`, with `-` for somebody away and `*` for an operator.
fn word(session: &Session) -> String {
    let presence = if session.away.is_some() { '-' } else { '+' };
    let operator = if session.modes.operator { "*" } else { "" };
    format!("{}{operator}={presence}{}@{}", session.name(), session.username(), session.shown_host())
}
