//! OPER (RFC 2812, section 3.1.4): a user becomes an IRC operator, by a password, a certificate, or both.

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When};
use crate::core::limits::OPER_ATTEMPTS;
use crate::core::network::{Change, propose};
use crate::core::operator::{Mismatch, Operator};
use crate::core::{LogEntry, Rights};

pub(super) const VERB: Verb = Verb {
    name: "OPER",
    when: When::Registered,
    parameters: 1,
    usage: "OPER <name> [<password>] - makes you an IRC operator; your certificate may take the password's place",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let (name, password) = (message.params()[0], message.params().get(1).copied());
    let settings = turn.settings;
    let operator = settings.operators.iter().find(|operator| operator.name == name);
    if password.is_none() && operator.is_none_or(|operator| operator.fingerprint.is_none()) {
        return Err(Refusal::new(Numeric::NeedMoreParams).with("OPER"));
    }
    // Who guesses does not learn which names there are: an unknown one has a wrong password too.
    let checked = operator.ok_or(Mismatch::Password).and_then(|operator| {
        let identity = turn.me().identity.as_ref();
        operator.check(identity, password).map(|()| operator)
    });
    match checked {
        Ok(operator) => succeed(turn, operator),
        Err(mismatch) => refuse(turn, operator, mismatch),
    }
    Ok(())
}

fn succeed(turn: &mut Turn<'_>, operator: &Operator) {
    turn.me_mut().failed_opers = 0;
    let (client, rights, operator) = (turn.client, operator.rights, operator.name.clone());
    propose(turn, Change::Promoted { client, rights }, move |turn, made| match made {
        Ok(()) => {
            let nickname = turn.me().name().to_owned();
            turn.log(LogEntry::OperatorCame { client, nickname, operator });
        }
        Err(why) => turn.refuse(&why.refusal("OPER")),
    });
}

/// An operator from now on, on all nodes.
pub(in crate::core) fn promote(turn: &mut Turn<'_>, rights: Rights) {
    turn.me_mut().rights = rights;
    let was_one = std::mem::replace(&mut turn.me_mut().modes.operator, true);
    turn.reply(Numeric::YoureOper, []);
    if !was_one {
        turn.state.counts.operators += 1;
        let line = turn.my_line("MODE").param(turn.me().name()).text("+o");
        turn.me_to(turn.client, &line);
    }
}

fn refuse(turn: &mut Turn<'_>, operator: Option<&Operator>, mismatch: Mismatch) {
    let (refusal, reason) = match mismatch {
        Mismatch::Certificate => {
            let text = "No O-lines for your host: this operator needs another certificate";
            (Refusal::new(Numeric::NoOperHost).because(text), "another certificate is needed")
        }
        Mismatch::Password => (Refusal::new(Numeric::PasswdMismatch), "no such name, or a wrong password"),
    };
    turn.refuse(&refusal);
    // Who types the password first has given it as the name: only known names are logged.
    let operator = operator.map_or("-", |operator| &operator.name).to_owned();
    let nickname = turn.me().name().to_owned();
    turn.log(LogEntry::OperatorRefused { client: turn.client, host: turn.my_address(), nickname, operator, reason });
    turn.me_mut().failed_opers += 1;
    if turn.me().failed_opers >= OPER_ATTEMPTS {
        turn.close("Too many wrong passwords of operators");
    }
}

/// An operator no longer, by its own will.
pub(super) fn resign(turn: &mut Turn<'_>) {
    turn.me_mut().rights = Rights::default();
    turn.state.counts.operators = turn.state.counts.operators.saturating_sub(1);
}
