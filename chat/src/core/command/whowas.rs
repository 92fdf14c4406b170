//! WHOWAS (RFC 2812, section 3.6.3).

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When, version};
use crate::core::fanout::rfc3339;
use crate::core::targets;
use crate::core::whowas::Former;
use crate::wire::message::Line;

pub(super) const VERB: Verb = Verb {
    name: "WHOWAS",
    when: When::Registered,
    parameters: 0,
    usage: "WHOWAS <nickname>[,<nickname>...] [<count> [<server>]] - tells who had a nickname, the last one first",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let nicknames = message.param(0).ok_or_else(|| Refusal::new(Numeric::NoNicknameGiven))?;
    version::must_be_this_server(turn, message.param(2))?;
    // What is no positive number asks for all (Modern IRC, "WHOWAS message").
    let count = message.param(1).and_then(|count| count.parse().ok()).filter(|count| *count > 0);
    for nickname in targets::answered(nicknames) {
        answer(turn, nickname, count.unwrap_or(usize::MAX));
    }
    if let Err(refusal) = targets::excess(nicknames) {
        turn.refuse(&refusal);
    }
    turn.reply(Numeric::EndOfWhowas, [nicknames]);
    Ok(())
}

fn answer(turn: &mut Turn<'_>, nickname: &str, count: usize) {
    let formers = turn.state.whowas.of(nickname).take(count);
    let lines: Vec<Line> = formers.flat_map(|former| describe(turn, former)).collect();
    if lines.is_empty() {
        turn.reply(Numeric::WasNoSuchNick, [nickname]);
    }
    lines.iter().for_each(|line| turn.answer(line));
}

fn describe(turn: &Turn<'_>, former: &Former) -> [Line; 2] {
    let about = |numeric| turn.numeric(numeric).param(&former.nickname);
    let user = about(Numeric::WhowasUser).params([&*former.username, &former.host, "*"]).text(&former.realname);
    [user, about(Numeric::WhoisServer).param(&former.server).text(&rfc3339(former.until))]
}
