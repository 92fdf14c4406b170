//! AWAY (RFC 2812, section 4.1; IRCv3 away-notify, draft/pre-away).

use super::{Message, Numeric, Outcome, Turn, Verb, When, not_registered};
use crate::core::limits::AWAY_LENGTH;
use crate::core::presence;
use crate::wire::capability::Capability;
use crate::wire::message::cut;

pub(super) const VERB: Verb = Verb {
    name: "AWAY",
    when: When::Always,
    parameters: 0,
    usage: "AWAY [:<text>] - tells people that you are away; without a text, that you are back",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    if !turn.me().is_registered() && !turn.me().has(Capability::PreAway) {
        return Err(not_registered());
    }
    let text = message.param(0).map(|text| cut(text, AWAY_LENGTH));
    let line = turn.my_line("AWAY");
    let line = text.map_or_else(|| line.clone(), |text| line.clone().text(text));
    let changed = turn.me().away.as_deref() != text;
    turn.me_mut().away = text.map(Into::into);
    turn.reply(if text.is_some() { Numeric::NowAway } else { Numeric::UnAway }, []);
    if changed && turn.me().is_registered() {
        presence::changed(turn, &line, Capability::AwayNotify);
    }
    Ok(())
}
