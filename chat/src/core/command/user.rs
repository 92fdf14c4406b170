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
    let username = message.param(0).ok_or_else(|| Refusal::new(Numeric::NeedMoreParams).with("USER"))?;
    let realname = message.param(3).ok_or_else(|| Refusal::new(Numeric::NeedMoreParams).with("USER"))?;
    let user = User { realname: cut(realname, REALNAME_LENGTH).into(), username: usable(username).into() };
    turn.me_mut().set_user(user);
    complete(turn);
    Ok(())
}

/// What can stand between `!` and `@`: other characters are left out. Many a client sends the name that the person has
/// on the computer, and whoever writes it in other letters is let in all the same.
fn usable(text: &str) -> String {
    let name: String =
        text.chars().filter(|c| c.is_ascii_alphanumeric() || "-._~".contains(*c)).take(USERNAME_LENGTH).collect();
    if name.is_empty() { "user".to_owned() } else { name }
}
