//! AWAY (RFC 2812, section 4.1; IRCv3 away-notify).

use super::{Message, Numeric, Outcome, Turn, Verb, When};
use crate::core::limits::AWAY_LENGTH;
use crate::wire::capability::Capability;
use crate::wire::message::cut;

pub(super) const VERB: Verb = Verb {
    name: "AWAY",
    when: When::Registered,
    parameters: 0,
    usage: "AWAY [:<text>] - tells people that you are away; without a text, that you are back",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let text = message.param(0).map(|text| cut(text, AWAY_LENGTH));
    let line = turn.my_line("AWAY");
    let line = text.map_or_else(|| line.clone(), |text| line.clone().text(text));
    let changed = turn.me().away.as_deref() != text;
    turn.me_mut().away = text.map(Into::into);
    turn.reply(if text.is_some() { Numeric::NowAway } else { Numeric::UnAway }, []);
    if changed {
        let neighbours = turn.neighbours();
        turn.me_to_all(neighbours, &line, |_, session| session.has(Capability::AwayNotify));
    }
    Ok(())
}
