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
    let others = turn.state.network.others().count();
    let here = turn.state.users_on(turn.state.network.here);
    let (visible, invisible) = (users - counts.invisible, counts.invisible);
    let servers = others + 1;
    let all = format!("There are {visible} users and {invisible} invisible on {servers} servers");
    turn.reply_text(Numeric::LUserClient, &all);
    counted(turn, Numeric::LUserOp, counts.operators);
    counted(turn, Numeric::LUserUnknown, unknown);
    counted(turn, Numeric::LUserChannels, channels);
    turn.reply_text(Numeric::LUserMe, &format!("I have {here} clients and {others} servers"));
    let (most_here, most) = (counts.most_here.max(here), most.max(users));
    for (numeric, scope, users, most) in
        [(Numeric::LocalUsers, "local", here, most_here), (Numeric::GlobalUsers, "global", users, most)]
    {
        let text = format!("Current {scope} users {users}, max {most}");
        turn.answer(&turn.numeric(numeric).number(users).number(most).text(&text));
    }
}

fn counted(turn: &mut Turn<'_>, numeric: Numeric, count: usize) {
    turn.answer(&turn.numeric(numeric).number(count).text(numeric.text()));
}
