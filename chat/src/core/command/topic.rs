//! TOPIC (RFC 2812, section 3.2.4).

use super::{Message, Numeric, Outcome, Turn, Verb, When};
use crate::core::channel::Topic;
use crate::core::history;
use crate::core::limits::TOPIC_LENGTH;
use crate::core::ownership;
use crate::core::policy;
use crate::wire::casemap::Folded;
use crate::wire::message::cut;

pub(super) const VERB: Verb = Verb {
    name: "TOPIC",
    when: When::Registered,
    parameters: 1,
    usage: "TOPIC <channel> [:<topic>] - shows or sets what a channel is about; an empty topic removes it",
    run,
};

/// What to say of a channel without a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::core) enum Absent {
    /// Nothing: after JOIN.
    Silent,
    /// 331.
    Told,
}

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let (key, channel) = turn.channel(message.params()[0])?;
    let Some(text) = message.params().get(1) else {
        policy::must_be_member(channel, turn.client)?;
        show(turn, &key, Absent::Told);
        return Ok(());
    };
    policy::may_change_topic(channel, turn.client)?;
    change(turn, &key, cut(text, TOPIC_LENGTH));
    Ok(())
}

fn change(turn: &mut Turn<'_>, key: &Folded, text: &str) {
    let topic = Topic { text: text.into(), setter: turn.me().source().into(), at: turn.now };
    let Some(channel) = turn.state.channels.get_mut(key) else { return };
    channel.topic = Some(topic).filter(|topic| !topic.text.is_empty());
    let name = channel.name.to_string();
    let line = turn.my_line("TOPIC").param(&name).text(text);
    ownership::keep(turn, key);
    history::happen(turn, key, &line);
}

/// 332 and 333, or 331.
pub(in crate::core) fn show(turn: &mut Turn<'_>, key: &Folded, absent: Absent) {
    let Some(channel) = turn.state.channels.get(key) else { return };
    let name = channel.name.to_string();
    match &channel.topic {
        Some(topic) => {
            let text = turn.numeric(Numeric::Topic).param(&name).text(&topic.text);
            let who = turn.numeric(Numeric::TopicWhoTime).param(&name).param(&topic.setter).number(topic.at.seconds());
            turn.answer(&text);
            turn.answer(&who);
        }
        None if absent == Absent::Told => turn.reply(Numeric::NoTopic, [&*name]),
        None => {}
    }
}
