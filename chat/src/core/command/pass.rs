//! PASS (RFC 2812, section 3.1.1).

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When};
use crate::core::session::Stage;

pub(super) const VERB: Verb = Verb {
    name: "PASS",
    when: When::Always,
    parameters: 1,
    usage: "PASS <password> - the connection password, where the server has one",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let Some(password) = &turn.settings.password else { return not_needed(turn) };
    let given = message.param(0).ok_or_else(|| Refusal::new(Numeric::NeedMoreParams).with("PASS"))?;
    let matches = password.matches(given);
    match &mut turn.me_mut().stage {
        Stage::Registered => Err(Refusal::new(Numeric::AlreadyRegistered)),
        Stage::Registering { password_given, .. } => {
            // The last one counts, when NICK and USER are there.
            *password_given = Some(matches);
            Ok(())
        }
    }
}

fn not_needed(turn: &mut Turn<'_>) -> Outcome {
    if turn.me().is_registered() {
        return Err(Refusal::new(Numeric::AlreadyRegistered));
    }
    turn.notice("No password is needed here: a client certificate logs you in (pki issue client NAME --email EMAIL).");
    Ok(())
}
