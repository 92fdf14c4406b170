//! LIST (RFC 2812, section 3.2.6; Modern IRC, "ELIST").

use super::{Message, Numeric, Outcome, Turn, Verb, When};
use crate::core::channel::Channel;
use crate::core::limits::ROWS;
use crate::core::policy;
use crate::wire::channel_name::is_channel;
use crate::wire::mask;

pub(super) const VERB: Verb = Verb {
    name: "LIST",
    when: When::Registered,
    parameters: 0,
    usage: "LIST [<channel or mask or !mask or >members or <members>[,...]] - lists channels",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let conditions = message.param(0).unwrap_or_default();
    let rows = rows(turn, conditions);
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

fn rows(turn: &Turn<'_>, conditions: &str) -> Vec<(String, usize, String)> {
    let (names, filters): (Vec<&str>, Vec<&str>) =
        conditions.split(',').filter(|word| !word.is_empty()).partition(|word| is_channel(word) && !is_mask(word));
    let channels: Vec<&Channel> = if names.is_empty() {
        turn.state.sorted_channels()
    } else {
        names.iter().filter_map(|name| turn.state.channel(name)).map(|(_, channel)| channel).collect()
    };
    let visible = channels.into_iter().filter(|channel| policy::may_see(channel, turn.client));
    visible.filter(|channel| filters.iter().all(|filter| fits(channel, filter))).take(ROWS + 1).map(row).collect()
}

fn row(channel: &Channel) -> (String, usize, String) {
    let topic = channel.topic.as_ref().map(|topic| topic.text.to_string()).unwrap_or_default();
    (channel.name.to_string(), channel.members.len(), topic)
}

fn is_mask(word: &str) -> bool {
    word.contains(['*', '?'])
}

/// `>5`: more than five members; `<5`: fewer; `!mask`: other names; `mask`: such names.
fn fits(channel: &Channel, filter: &str) -> bool {
    let members = channel.members.len();
    match filter.split_at_checked(1) {
        Some((">", number)) => number.parse().is_ok_and(|number: usize| members > number),
        Some(("<", number)) => number.parse().is_ok_and(|number: usize| members < number),
        Some(("!", pattern)) => !mask::matches(pattern, channel.name.as_str()),
        _ => mask::matches(filter, channel.name.as_str()),
    }
}
