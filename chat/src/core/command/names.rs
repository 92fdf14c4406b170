//! NAMES (RFC 2812, section 3.2.5; IRCv3 multi-prefix, userhost-in-names).

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When};
use crate::core::channel::Channel;
use crate::core::limits::TARGETS;
use crate::core::policy;
use crate::wire::capability::Capability;
use crate::wire::casemap::Folded;

pub(super) const VERB: Verb = Verb {
    name: "NAMES",
    when: When::Registered,
    parameters: 0,
    usage: "NAMES <channel>[,<channel>...] - lists who is in channels",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let Some(names) = message.param(0) else {
        // RFC 2812 would list every channel and everybody: WHO and LIST do that, and within bounds.
        turn.reply(Numeric::EndOfNames, ["*"]);
        return Ok(());
    };
    let mut names = names.split(',').filter(|name| !name.is_empty());
    for name in names.by_ref().take(TARGETS) {
        match turn.channel(name).map(|(key, _)| key) {
            Ok(key) => reply(turn, &key),
            Err(_) => turn.reply(Numeric::EndOfNames, [name]),
        }
    }
    match names.next() {
        Some(excess) => {
            let reason = format!("Too many targets: at most {TARGETS}; of this and those after it nothing is told");
            Err(Refusal::new(Numeric::TooManyTargets).with(excess).because(reason))
        }
        None => Ok(()),
    }
}

/// 353 and 366 for a channel.
pub(super) fn reply(turn: &mut Turn<'_>, key: &Folded) {
    let Some(channel) = turn.state.channels.get(key) else { return };
    let name = channel.name.to_string();
    let sign = if channel.modes.secret { "@" } else { "=" };
    let start = turn.numeric(Numeric::NamReply).param(sign).param(&name);
    let words = members(turn, channel);
    turn.reply_words(&start, words);
    turn.reply(Numeric::EndOfNames, [&*name]);
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
