//! NAMES (RFC 2812, section 3.2.5; IRCv3 multi-prefix, userhost-in-names).

use super::{Message, Numeric, Outcome, Turn, Verb, When, list};
use crate::core::channel::Channel;
use crate::core::limits::ROWS;
use crate::core::{policy, targets};
use crate::wire::capability::Capability;
use crate::wire::casemap::Folded;
use crate::wire::message::{Line, pack};

pub(super) const VERB: Verb = Verb {
    name: "NAMES",
    when: When::Registered,
    parameters: 0,
    usage: "NAMES [<channel>[,<channel>...]] - lists who is in channels; alone: in all of them",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let Some(names) = message.param(0) else {
        all(turn);
        return Ok(());
    };
    for name in targets::answered(names) {
        match turn.channel(name).map(|(key, _)| key) {
            Ok(key) => reply(turn, &key),
            Err(_) => turn.reply(Numeric::EndOfNames, [name]),
        }
    }
    targets::excess(names)
}

/// Without a parameter: every channel that LIST shows, as far as [`ROWS`] lines go. Who is in none of them is in WHO.
fn all(turn: &mut Turn<'_>) {
    let lines: Vec<Line> = list::listed(turn, turn.state.sorted_channels())
        .flat_map(|channel| lines(turn, channel))
        .take(ROWS + 1)
        .collect();
    lines.iter().take(ROWS).for_each(|line| turn.answer(line));
    if lines.len() > ROWS {
        turn.reply(Numeric::TooManyMatches, ["NAMES"]);
    }
    turn.reply(Numeric::EndOfNames, ["*"]);
}

/// 353 and 366 for a channel.
pub(super) fn reply(turn: &mut Turn<'_>, key: &Folded) {
    let Some(channel) = turn.state.channels.get(key) else { return };
    let name = channel.name.to_string();
    lines(turn, channel).iter().for_each(|line| turn.answer(line));
    turn.reply(Numeric::EndOfNames, [&*name]);
}

/// 353, as many as it takes.
fn lines(turn: &Turn<'_>, channel: &Channel) -> Vec<Line> {
    let sign = if channel.modes.secret { "@" } else { "=" };
    let start = turn.numeric(Numeric::NamReply).params([sign, channel.name.as_str()]);
    pack(&start, members(turn, channel))
}

fn members(turn: &Turn<'_>, channel: &Channel) -> Vec<String> {
    let (me, from_outside) = (turn.me(), !channel.has(turn.client));
    let (all_prefixes, with_host) = (me.has(Capability::MultiPrefix), me.has(Capability::UserhostInNames));
    let listed = channel.members.iter().filter_map(|(client, rank)| {
        let session = turn.state.sessions.get(client)?;
        let shown = !from_outside || policy::may_list(turn, *client, session);
        let name = if with_host { session.source() } else { session.name() };
        shown.then(|| format!("{}{name}", rank.prefix(all_prefixes)))
    });
    listed.collect()
}
