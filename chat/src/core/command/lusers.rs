//! LUSERS (RFC 2812, section 3.4.2).

use super::{Message, Numeric, Outcome, Turn, Verb, When, version};

pub(super) const VERB: Verb = Verb {
    name: "LUSERS",
    when: When::Registered,
    parameters: 0,
    usage: "LUSERS [<mask> [<server>]] - counts people and channels",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    // The first parameter was a mask of servers to count, of which there is one.
    version::must_be_this_server(turn, message.param(1))?;
    reply(turn);
    Ok(())
}

/// 251 to 266.
pub(in crate::core) fn reply(turn: &mut Turn<'_>) {
    let counts = turn.state.counts;
    let (users, most) = (counts.registered, counts.most);
    let (unknown, channels) = (turn.state.sessions.len() - users, turn.state.channels.len());
    let (visible, invisible) = (users - counts.invisible, counts.invisible);
    turn.reply_text(Numeric::LUserClient, &format!("There are {visible} users and {invisible} invisible on 1 servers"));
    counted(turn, Numeric::LUserOp, counts.operators);
    counted(turn, Numeric::LUserUnknown, unknown);
    counted(turn, Numeric::LUserChannels, channels);
    turn.reply_text(Numeric::LUserMe, &format!("I have {users} clients and 0 servers"));
    for (numeric, scope) in [(Numeric::LocalUsers, "local"), (Numeric::GlobalUsers, "global")] {
        let text = format!("Current {scope} users {users}, max {most}");
        turn.answer(&turn.numeric(numeric).number(users).number(most).text(&text));
    }
}

fn counted(turn: &mut Turn<'_>, numeric: Numeric, count: usize) {
    turn.answer(&turn.numeric(numeric).number(count).text(numeric.text()));
}
