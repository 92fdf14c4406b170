//! VERIFY (IRCv3 draft/account-registration). No account waits for a code here, so none fits.

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When};

pub(super) const VERB: Verb = Verb {
    name: "VERIFY",
    when: When::Always,
    parameters: 2,
    usage: "VERIFY <account> <code> - completes a registration that needs a code; none does here",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    if !turn.settings.accounts.registration {
        return Err(Refusal::new(Numeric::UnknownCommand).with("VERIFY"));
    }
    let me = turn.me();
    let (code, text) = if !me.is_registered() && !turn.settings.accounts.before_connect {
        ("COMPLETE_CONNECTION_REQUIRED", "Finish connecting first")
    } else if me.account().is_some() {
        ("ALREADY_AUTHENTICATED", "You are logged in already")
    } else {
        ("INVALID_CODE", "No account waits for a code")
    };
    let line = turn.server_line("FAIL").params(["VERIFY", code, message.params()[0]]).text(text);
    turn.answer(&line);
    Ok(())
}
