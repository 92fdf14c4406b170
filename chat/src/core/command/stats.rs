//! STATS (RFC 2812, section 3.4.4).

use super::{Message, Numeric, Outcome, Turn, VERBS, Verb, When, version};
use crate::core::policy;
use crate::wire::message::Line;

pub(super) const VERB: Verb = Verb {
    name: "STATS",
    when: When::Registered,
    parameters: 1,
    usage: "STATS <letter> [<server>] - u: since when; m: commands; o: who may be operator, for operators",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let query = message.params()[0];
    version::must_be_this_server(turn, message.param(1))?;
    let letter = query.chars().next().unwrap_or('*');
    let lines = match letter {
        'u' => vec![uptime(turn)],
        'm' => commands(turn),
        'o' => {
            policy::must_be_irc_operator(turn)?;
            operators(turn)
        }
        // Letters of server links and of bans by address have nothing to tell: there is neither.
        _ => Vec::new(),
    };
    lines.iter().for_each(|line| turn.answer(line));
    turn.reply(Numeric::EndOfStats, [&*letter.to_string()]);
    Ok(())
}

fn uptime(turn: &Turn<'_>) -> Line {
    let since = (turn.now.seconds() - turn.settings.started.seconds()).max(0);
    let (days, hours, minutes, seconds) = (since / 86_400, since / 3600 % 24, since / 60 % 60, since % 60);
    turn.numeric(Numeric::StatsUptime).text(&format!("Server Up {days} days {hours}:{minutes:02}:{seconds:02}"))
}

/// `<command> <count>`, for those that were used.
fn commands(turn: &Turn<'_>) -> Vec<Line> {
    let used = VERBS.iter().zip(&turn.state.uses.0).filter(|(_, uses)| **uses > 0);
    used.map(|(verb, uses)| turn.numeric(Numeric::StatsCommands).param(verb.name).number(uses)).collect()
}

/// `O <hostmask> * <name>`
fn operators(turn: &Turn<'_>) -> Vec<Line> {
    let line = |name: &str| turn.numeric(Numeric::StatsOLine).params(["O", "*", "*", name]);
    turn.settings.operators.iter().map(|operator| line(&operator.name)).collect()
}
