//! KILL (RFC 2812, section 3.7.1): an operator closes somebody's connection.

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When, version};
use crate::core::limits::REASON_LENGTH;
use crate::core::policy;
use crate::core::{LogEntry, Right};
use crate::wire::message::cut;

pub(super) const VERB: Verb = Verb {
    name: "KILL",
    when: When::Registered,
    parameters: 2,
    usage: "KILL <nickname> :<reason> - closes somebody's connection; for operators",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    policy::must_have_right(turn, Right::Kill)?;
    let (target, reason) = (message.params()[0], cut(message.params()[1], REASON_LENGTH));
    if version::is_this_name(turn, target) {
        return Err(Refusal::new(Numeric::CantKillServer));
    }
    let (victim, session) = turn.user(target)?;
    let nickname = session.name().to_owned();
    let by = turn.me().name().to_owned();
    let killed = format!("Killed ({by} ({reason}))");
    let line = turn.my_line("KILL").param(&nickname).text(reason);
    turn.me_to(victim, &line);
    turn.log(LogEntry::Killed { client: victim, nickname, by });
    let mut turn = turn.of(victim);
    let quit = turn.my_line("QUIT").text(&killed);
    turn.me_to(victim, &quit);
    turn.close(&killed);
    Ok(())
}
