//! CHGHOST (IRCv3 chghost): an operator gives somebody another user name and host to be seen with.

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When};
use crate::core::limits::{HOST_LENGTH, USERNAME_LENGTH};
use crate::core::policy;
use crate::core::{Right, presence};
use crate::wire::capability::Capability;

pub(super) const VERB: Verb = Verb {
    name: "CHGHOST",
    when: When::Registered,
    parameters: 3,
    usage: "CHGHOST <nickname> <user name> <host> - shows somebody with another host; for operators",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    policy::must_have_right(turn, Right::ChgHost)?;
    let [nickname, username, host] = [0, 1, 2].map(|index| message.params()[index]);
    let (target, _) = turn.user(nickname)?;
    check(username, USERNAME_LENGTH)?;
    check(host, HOST_LENGTH)?;
    let mut turn = turn.of(target);
    // The line comes from who it was before.
    let line = turn.my_line("CHGHOST").params([username, host]);
    if turn.me().has(Capability::ChgHost) {
        turn.me_to(target, &line);
    }
    presence::changed(&mut turn, &line, Capability::ChgHost);
    turn.me_mut().show_as(username, host);
    turn.reply(Numeric::HostHidden, [host]);
    Ok(())
}

/// What can stand in a source: letters, digits and what host names and addresses have.
fn check(word: &str, longest: usize) -> Outcome {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._/:".contains(&byte);
    if !word.is_empty() && word.len() <= longest && !word.starts_with(':') && word.bytes().all(allowed) {
        return Ok(());
    }
    let reason =
        format!("Invalid: expected 1 to {longest} letters, digits, - . _ / :, not with a colon at the beginning");
    Err(Refusal::new(Numeric::UnknownError).with("CHGHOST").with(word).because(reason))
}
