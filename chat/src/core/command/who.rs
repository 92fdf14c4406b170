//! WHO (RFC 2812, section 3.6.1).

use super::{Message, Numeric, Outcome, Turn, Verb, When};
use crate::core::ClientId;
use crate::core::channel::{Channel, Rank};
use crate::core::limits::ROWS;
use crate::core::policy;
use crate::core::session::Session;
use crate::wire::capability::Capability;
use crate::wire::channel_name::is_channel;
use crate::wire::mask;
use crate::wire::message::Line;

pub(super) const VERB: Verb = Verb {
    name: "WHO",
    when: When::Registered,
    parameters: 0,
    usage: "WHO [<channel or mask>] - lists people; without a mask, everybody who is online",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let mask = message.param(0).unwrap_or("*");
    let lines = if is_channel(mask) { of_channel(turn, mask) } else { by_mask(turn, mask) };
    lines.iter().take(ROWS).for_each(|line| turn.answer(line));
    if lines.len() > ROWS {
        turn.reply(Numeric::TooManyMatches, ["WHO"]);
    }
    turn.reply(Numeric::EndOfWho, [mask]);
    Ok(())
}

fn of_channel(turn: &Turn<'_>, name: &str) -> Vec<Line> {
    let Ok((_, channel)) = turn.channel(name) else { return Vec::new() };
    let inside = channel.has(turn.client);
    let member = |client: &ClientId| turn.state.sessions.get(client).map(|session| (*client, session));
    let members = channel.members.keys().filter_map(member);
    let listed = members.filter(|(client, session)| inside || policy::may_list(turn, *client, session));
    listed.take(ROWS + 1).map(|(client, session)| row(turn, session, Some((channel, client)))).collect()
}

/// `0` is an old way to say everybody.
fn by_mask(turn: &Turn<'_>, mask: &str) -> Vec<Line> {
    let mask = if mask == "0" { "*" } else { mask };
    let users = turn.state.users().into_iter().filter(|(client, session)| {
        fits(session, mask) && (policy::may_list(turn, *client, session) || !mask.contains(['*', '?']))
    });
    users.take(ROWS + 1).map(|(_, session)| row(turn, session, None)).collect()
}

fn fits(session: &Session, pattern: &str) -> bool {
    [session.name(), session.username(), &session.host, session.realname()]
        .iter()
        .any(|text| mask::matches(pattern, text))
}

/// `<channel> <user> <host> <server> <nick> <flags> :<hops> <real name>`
fn row(turn: &Turn<'_>, session: &Session, member: Option<(&Channel, ClientId)>) -> Line {
    let channel = member.map_or("*", |(channel, _)| channel.name.as_str());
    let rank = member.and_then(|(channel, client)| channel.rank(client)).unwrap_or_default();
    turn.numeric(Numeric::WhoReply)
        .params([channel, session.username(), &session.host, &turn.settings.name, session.name()])
        .param(&flags(turn, session, rank))
        .text(&format!("0 {}", session.realname()))
}

/// Here or gone, and the rank in the channel.
fn flags(turn: &Turn<'_>, session: &Session, rank: Rank) -> String {
    let presence = if session.away.is_some() { "G" } else { "H" };
    format!("{presence}{}", rank.prefix(turn.me().has(Capability::MultiPrefix)))
}
