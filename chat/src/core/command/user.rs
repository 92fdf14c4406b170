//! USER (RFC 2812, section 3.1.3).

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When};
use crate::core::limits::{REALNAME_LENGTH, USERNAME_LENGTH};
use crate::core::registration::complete;
use crate::core::session::User;
use crate::wire::message::cut;

pub(super) const VERB: Verb = Verb {
    name: "USER",
    when: When::Always,
    parameters: 4,
    usage: "USER <username> 0 * :<real name> - says who you are when you connect",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    if turn.me().user().is_some() {
        return Err(Refusal::new(Numeric::AlreadyRegistered));
    }
    let username = username(message.params()[0]);
    if username.is_empty() {
        return Err(Refusal::new(Numeric::NeedMoreParams).with("USER"));
    }
    let realname = message.param(3).ok_or_else(|| Refusal::new(Numeric::NeedMoreParams).with("USER"))?;
    let user = User { realname: cut(realname, REALNAME_LENGTH).into(), username: username.into() };
    turn.me_mut().set_user(user);
    complete(turn);
    Ok(())
}

/// What can stand between `!` and `@`: other characters are left out.
fn username(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric() || "-._~".contains(*c)).take(USERNAME_LENGTH).collect()
}
