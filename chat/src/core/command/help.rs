//! HELP (Modern IRC, "HELP message").

use super::{Message, Numeric, Outcome, Refusal, Turn, VERBS, Verb, When, find};

pub(super) const VERB: Verb = Verb {
    name: "HELP",
    when: When::Registered,
    parameters: 0,
    usage: "HELP [<command>] - explains a command, or lists them",
    run,
};

/// Another name of it, which some clients know.
pub(super) const HELPOP: Verb = Verb { name: "HELPOP", usage: "HELPOP [<command>] - is HELP", ..VERB };

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    match message.param(0) {
        None => list(turn),
        Some(topic) => explain(turn, topic)?,
    }
    Ok(())
}

fn list(turn: &mut Turn<'_>) {
    let mut names: Vec<&str> = VERBS.iter().map(|verb| verb.name).collect();
    names.sort_unstable();
    help(turn, Numeric::HelpStart, "*", "Commands; HELP <command> explains one");
    help(turn, Numeric::HelpTxt, "*", "");
    let start = turn.numeric(Numeric::HelpTxt).param("*");
    turn.reply_words(&start, names);
    help(turn, Numeric::EndOfHelp, "*", "End of HELP");
}

/// The topic comes back as it was asked for, so that a client knows its question again.
fn explain(turn: &mut Turn<'_>, topic: &str) -> Outcome {
    let shown = if topic.contains(' ') || topic.starts_with(':') { "*" } else { topic };
    let verb = find(topic).ok_or_else(|| Refusal::new(Numeric::HelpNotFound).with(shown))?;
    let (syntax, purpose) = verb.usage.split_once(" - ").unwrap_or((verb.usage, ""));
    help(turn, Numeric::HelpStart, shown, syntax);
    help(turn, Numeric::HelpTxt, shown, "");
    help(turn, Numeric::HelpTxt, shown, purpose);
    help(turn, Numeric::EndOfHelp, shown, "End of HELP");
    Ok(())
}

fn help(turn: &mut Turn<'_>, numeric: Numeric, topic: &str, text: &str) {
    turn.answer(&turn.numeric(numeric).param(topic).text(text));
}
