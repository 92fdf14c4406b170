//! AUTHENTICATE (IRCv3 SASL 3.1 and 3.2).

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When};
use crate::core::accounts::sasl::{self, Exchange, Mechanism, failed};
use crate::wire::capability::Capability;
use crate::wire::casemap;
use crate::wire::message::Line;

pub(super) const VERB: Verb = Verb {
    name: "AUTHENTICATE",
    when: When::Always,
    parameters: 1,
    usage: "AUTHENTICATE EXTERNAL, then AUTHENTICATE + - logs in with the client certificate; PLAIN and SCRAM-SHA-256 with a \
            password",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    if let Err(refusal) = step(turn, message.params()[0]) {
        sasl::fail(turn, &refusal);
    }
    Ok(())
}

/// A login that fails here is over: the exchange was taken out of the session.
fn step(turn: &mut Turn<'_>, parameter: &str) -> Outcome {
    if !turn.me().has(Capability::Sasl) {
        return Err(failed("request the capability first: CAP REQ sasl (it is offered over TLS)"));
    }
    let exchange = turn.me_mut().sasl.take();
    match exchange {
        _ if parameter == "*" => Err(Refusal::new(Numeric::SaslAborted)),
        None => choose(turn, parameter),
        Some(mut exchange) => match exchange.take(parameter)? {
            Some(whole) => sasl::go_on(turn, *exchange, &whole),
            None => {
                turn.me_mut().sasl = Some(exchange);
                Ok(())
            }
        },
    }
}

fn choose(turn: &mut Turn<'_>, name: &str) -> Outcome {
    // Who speaks 302 knows that it may log in again (IRCv3 SASL 3.2).
    if turn.me().logged_in && !turn.me().cap_302 {
        return Err(Refusal::new(Numeric::SaslAlready));
    }
    let offered = sasl::mechanisms(turn.me(), turn.settings).find(|mechanism| casemap::same(name, mechanism.name()));
    let Some(mechanism) = offered else { return Err(not_offered(turn, name)) };
    turn.me_mut().sasl = Some(Exchange::new(mechanism));
    turn.me_mut().tried_account = None;
    turn.answer(&Line::command("AUTHENTICATE").param("+"));
    Ok(())
}

/// 908, and the refusal that follows it.
fn not_offered(turn: &mut Turn<'_>, name: &str) -> Refusal {
    let offer = sasl::offer(turn.me(), turn.settings);
    turn.reply(Numeric::SaslMechs, [&*offer]);
    if casemap::same(name, Mechanism::External.name()) {
        return failed("no client certificate was shown; make one: pki issue client NAME --email EMAIL");
    }
    failed(&format!("the mechanisms here are {offer}"))
}
