//! AUTHENTICATE (IRCv3 SASL 3.1; RFC 4422, appendix A: EXTERNAL). The proof is the certificate that TLS verified.

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When};
use crate::core::registration::{complete, logged_in};
use crate::core::session::Sasl;
use crate::wire::base64;
use crate::wire::capability::Capability;
use crate::wire::casemap;

/// Bytes of one AUTHENTICATE parameter; a longer answer comes in pieces (IRCv3 SASL 3.1). An account never needs two.
const CHUNK: usize = 400;

pub(super) const VERB: Verb = Verb {
    name: "AUTHENTICATE",
    when: When::Always,
    parameters: 1,
    usage: "AUTHENTICATE EXTERNAL, then AUTHENTICATE + - logs in with the client certificate",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let parameter = message.params()[0];
    let outcome = step(turn, parameter);
    if outcome.is_err() && turn.me().sasl != Sasl::Done {
        turn.me_mut().sasl = Sasl::Idle;
    }
    outcome?;
    complete(turn);
    Ok(())
}

fn step(turn: &mut Turn<'_>, parameter: &str) -> Outcome {
    if !turn.me().has(Capability::Sasl) {
        return failed("request the capability first: CAP REQ sasl (it is offered over TLS only)");
    }
    match (turn.me().sasl, parameter) {
        (Sasl::Done, _) => Err(Refusal::new(Numeric::SaslAlready)),
        (_, "*") => Err(Refusal::new(Numeric::SaslAborted)),
        (Sasl::Idle, mechanism) => choose(turn, mechanism),
        (Sasl::External, response) => prove(turn, response),
    }
}

fn choose(turn: &mut Turn<'_>, mechanism: &str) -> Outcome {
    if !casemap::same(mechanism, "EXTERNAL") {
        turn.reply(Numeric::SaslMechs, ["EXTERNAL"]);
        return failed("the mechanism here is EXTERNAL");
    }
    turn.me_mut().sasl = Sasl::External;
    turn.answer(&crate::wire::message::Line::command("AUTHENTICATE").param("+"));
    Ok(())
}

fn prove(turn: &mut Turn<'_>, response: &str) -> Outcome {
    if response.len() >= CHUNK {
        return Err(Refusal::new(Numeric::SaslTooLong));
    }
    let authzid = if response == "+" { Some(Vec::new()) } else { base64::decode(response) };
    let Some(authzid) = authzid else { return failed("the response is not base64") };
    check(turn, &authzid)?;
    turn.me_mut().sasl = Sasl::Done;
    logged_in(turn);
    turn.reply(Numeric::SaslSuccess, []);
    Ok(())
}

/// The authorization identity is the certificate's account, or left out.
fn check(turn: &Turn<'_>, authzid: &[u8]) -> Outcome {
    let Some(identity) = &turn.me().identity else {
        return failed("no client certificate was shown; make one: pki issue client NAME --email EMAIL");
    };
    let Some(account) = &identity.account else {
        return failed(identity.refusal.as_deref().unwrap_or("the certificate's name is no account"));
    };
    if authzid.is_empty() || authzid == account.as_str().as_bytes() {
        return Ok(());
    }
    failed(&format!("the certificate is {account}'s, and nobody else's"))
}

fn failed(reason: &str) -> Outcome {
    Err(Refusal::new(Numeric::SaslFail).because(format!("SASL authentication failed: {reason}")))
}
