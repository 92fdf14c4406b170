//! LIST (RFC 2812, section 3.2.6; Modern IRC, "ELIST").

use super::{Message, Numeric, Outcome, Turn, Verb, When, version};
use crate::core::Now;
use crate::core::channel::Channel;
use crate::core::guests;
use crate::core::limits::ROWS;
use crate::core::policy;
use crate::wire::channel_name::is_channel;
use crate::wire::mask;

pub(super) const VERB: Verb = Verb {
    name: "LIST",
    when: When::Registered,
    parameters: 0,
    usage: "LIST [<channel or mask or !mask or >members or <members or C>minutes or T<minutes>[,...]] [<server>] - lists channels",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let (lists, server) = apart(turn, message.params());
    version::must_be_this_server(turn, server)?;
    let words = lists.iter().flat_map(|list| list.split(',')).filter(|word| !word.is_empty());
    let rows = rows(turn, words);
    let start = turn.numeric(Numeric::ListStart).param("Channel").text(Numeric::ListStart.text());
    turn.answer(&start);
    for (name, members, topic) in rows.iter().take(ROWS) {
        turn.answer(&turn.numeric(Numeric::List).param(name).number(members).text(topic));
    }
    if rows.len() > ROWS {
        turn.reply(Numeric::TooManyMatches, ["LIST"]);
    }
    turn.reply(Numeric::ListEnd, []);
    Ok(())
}

/// The channels and conditions, and the server that may follow them, or stand alone (RFC 2812, section 3.2.6).
fn apart<'m>(turn: &Turn<'_>, params: &'m [&'m str]) -> (&'m [&'m str], Option<&'m str>) {
    match params {
        [lists @ .., last] if is_server(turn, last, lists.is_empty()) => (lists, Some(*last)),
        _ => (params, None),
    }
}

/// Whether a word names a server, by its name or a mask of it: it is no condition, and fits the name of no channel. Where both could be
/// meant it does if there is such a server and the mask has a dot, as servers' names have; a word by itself has to begin as one does.
fn is_server(turn: &Turn<'_>, word: &str, is_alone: bool) -> bool {
    if word.is_empty() || word.contains(CONDITION) {
        return false;
    }
    let (is_there, may_be_channel) = (version::is_server(turn, word), word.starts_with(['*', '?']));
    match (is_alone, may_be_channel) {
        (true, _) => is_there && !may_be_channel,
        (false, true) => is_there && word.contains('.'),
        (false, false) => true,
    }
}

/// What a channel's name or a condition has one of, and no server.
const CONDITION: [char; 6] = ['#', '&', '!', '<', '>', ','];

fn rows<'a>(turn: &Turn<'_>, words: impl Iterator<Item = &'a str>) -> Vec<(String, usize, String)> {
    let (names, filters): (Vec<&str>, Vec<&str>) = words.partition(|word| is_channel(word) && !is_mask(word));
    let channels: Vec<&Channel> = if names.is_empty() {
        turn.state.sorted_channels()
    } else {
        names.iter().filter_map(|name| turn.state.channel(name)).map(|(_, channel)| channel).collect()
    };
    let fitting = listed(turn, channels).filter(|channel| filters.iter().all(|filter| fits(channel, turn.now, filter)));
    fitting.take(ROWS + 1).map(row).collect()
}

/// Those of the channels that this client may be told of.
pub(super) fn listed<'t>(turn: &'t Turn<'_>, channels: Vec<&'t Channel>) -> impl Iterator<Item = &'t Channel> {
    let all = guests::may_list(turn);
    let listed = channels.into_iter().filter(move |channel| all || channel.has(turn.client));
    listed.filter(|channel| policy::may_see(turn, channel))
}

fn row(channel: &Channel) -> (String, usize, String) {
    let topic = channel.topic.as_ref().map(|topic| topic.text.to_string()).unwrap_or_default();
    (channel.name.to_string(), channel.members.len(), topic)
}

fn is_mask(word: &str) -> bool {
    word.contains(['*', '?'])
}

/// `>5`: more than five members; `<5`: fewer; `C>5`: made more than five minutes ago; `T<5`: its topic set less than five
/// minutes ago; `!mask`: other names; `mask`: such names.
fn fits(channel: &Channel, now: Now, filter: &str) -> bool {
    let members = i64::try_from(channel.members.len()).unwrap_or(i64::MAX);
    match filter.split_at_checked(1) {
        Some((">" | "<", _)) => compares(filter, members, 1),
        Some(("C" | "c", comparison)) if comparison.starts_with(['<', '>']) => {
            compares(comparison, age_ms(channel.created, now), MINUTE_MS)
        }
        Some(("T" | "t", comparison)) if comparison.starts_with(['<', '>']) => {
            channel.topic.as_ref().is_some_and(|topic| compares(comparison, age_ms(topic.at, now), MINUTE_MS))
        }
        Some(("!", pattern)) => !mask::matches(pattern, channel.name.as_str()),
        _ => mask::matches(filter, channel.name.as_str()),
    }
}

const MINUTE_MS: i64 = 60_000;

fn age_ms(then: Now, now: Now) -> i64 {
    now.unix_ms - then.unix_ms
}

/// Whether a value is above (`>5`) or below (`<5`) so many units.
fn compares(comparison: &str, value: i64, unit: i64) -> bool {
    let bound = comparison.get(1..).and_then(|number| number.parse::<i64>().ok());
    bound.is_some_and(|bound| {
        let bound = bound.saturating_mul(unit);
        if comparison.starts_with('>') { value > bound } else { value < bound }
    })
}
