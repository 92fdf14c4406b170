//! PASS (RFC 2812, section 3.1.1).

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When};
use crate::core::Account;
use crate::core::session::Stage;

pub(super) const VERB: Verb = Verb {
    name: "PASS",
    when: When::Always,
    parameters: 1,
    usage: "PASS <password> - the connection password, where the server has one",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let given = message.param(0).ok_or_else(|| Refusal::new(Numeric::NeedMoreParams).with("PASS"))?;
    let Some(password) = &turn.settings.password else { return not_needed(turn, given) };
    let matches = password.matches(given);
    if !matches && is_of_account(given) && !turn.me().is_registered() {
        turn.notice(USE_SASL);
    }
    match &mut turn.me_mut().stage {
        Stage::Registered => Err(Refusal::new(Numeric::AlreadyRegistered)),
        Stage::Registering { password_given, .. } => {
            // The last one counts, when NICK and USER are there.
            *password_given = Some(matches);
            Ok(())
        }
    }
}

/// `account:password`, as other servers take it.
fn is_of_account(given: &str) -> bool {
    given.split_once(':').is_some_and(|(account, password)| !password.is_empty() && Account::parse(account).is_ok())
}

const USE_SASL: &str =
    "PASS account:password is not taken here: log in to an account with SASL (SCRAM-SHA-256 or PLAIN).";

fn not_needed(turn: &mut Turn<'_>, given: &str) -> Outcome {
    if turn.me().is_registered() {
        return Err(Refusal::new(Numeric::AlreadyRegistered));
    }
    if is_of_account(given) {
        turn.notice(USE_SASL);
        return Ok(());
    }
    turn.notice("No password is needed here: a client certificate logs you in (pki issue client NAME --email EMAIL).");
    Ok(())
}
