//! BATCH from a client (IRCv3 client-batch): a message of several lines.

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When};
use crate::core::label::{self, Label};
use crate::core::multiline::{self, Open, TYPE, Wrong, invalid};
use crate::core::network::{Change, Lines, propose};
use crate::core::waiting::labelled;
use crate::wire::capability::Capability;

pub(super) const VERB: Verb = Verb {
    name: "BATCH",
    when: When::Registered,
    parameters: 1,
    usage: "BATCH +<name> draft/multiline <target>, lines with the tag batch=<name>, BATCH -<name> - sends a message of several lines",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    if !turn.me().has(Capability::Multiline) {
        return Err(Refusal::new(Numeric::UnknownCommand).with("BATCH"));
    }
    let parameter = message.params()[0];
    let outcome = match parameter.split_at_checked(1) {
        Some(("+", reference)) if !reference.is_empty() => open(turn, message, reference),
        Some(("-", reference)) => return close(turn, message, reference),
        _ => Err(invalid("it begins with BATCH +<name> and ends with BATCH -<name>")),
    };
    if let Err(wrong) = outcome {
        multiline::fail(turn, &wrong);
    }
    Ok(())
}

fn open(turn: &mut Turn<'_>, message: &Message<'_>, reference: &str) -> Result<(), Wrong> {
    let kind = message.param(1).unwrap_or("*");
    if kind != TYPE {
        return Err(Wrong(
            vec!["UNKNOWN_TYPE".to_owned(), kind.to_owned()],
            format!("{TYPE} is the type that is known"),
        ));
    }
    let target = message.param(2).filter(|target| !target.contains(',')).ok_or_else(|| invalid("it has one target"))?;
    let now = turn.now;
    if turn.me().batch.as_ref().is_some_and(|open| open.goes_on(now)) || message.tags.written("batch").is_some() {
        return Err(invalid("another one is open"));
    }
    let label = Label::of(turn, message);
    let open = Open::new(reference, target, message.tags.client_only(), label, turn.now);
    turn.me_mut().batch = Some(Box::new(open));
    Ok(())
}

/// The whole message is there. It is answered under the label with which it began; one of its end is acknowledged besides, since
/// each label has its answer (IRCv3 labeled-response).
fn close(turn: &mut Turn<'_>, message: &Message<'_>, reference: &str) -> Outcome {
    let open = turn.me_mut().batch.take_if(|open| *open.reference == *reference);
    let Some(mut open) = open else {
        multiline::fail(turn, &invalid("no such batch is open"));
        return Ok(());
    };
    if open.failed {
        return Ok(());
    }
    let label = open.label.take();
    if let Some(of_end) = label.as_ref().and_then(|_| Label::of(turn, message)) {
        label::acknowledge(turn, &of_end);
    }
    labelled(turn, label, |turn| finish(turn, &open));
    Ok(())
}

fn finish(turn: &mut Turn<'_>, open: &Open) {
    let blank = open.pieces.iter().all(|piece| piece.text.is_empty());
    let kind = open.kind.filter(|_| !blank).ok_or_else(|| invalid("it has blank lines only, or none"));
    match open.in_time(turn.now).and(kind) {
        Ok(kind) => {
            let (client, target, tags) = (turn.client, open.target.clone(), open.tags.clone());
            let lines = Lines { client, kind, target, pieces: open.pieces.clone(), tags };
            propose(turn, Change::Lines(Box::new(lines)), |turn, made| {
                if let Err(why) = made {
                    turn.refuse(&why.refusal("BATCH"));
                }
            });
        }
        Err(wrong) => multiline::fail(turn, &wrong),
    }
}
