//! MOTD (RFC 2812, section 3.4.1).

use super::{Message, Numeric, Outcome, Turn, Verb, When, version};

pub(super) const VERB: Verb =
    Verb { name: "MOTD", when: When::Registered, parameters: 0, usage: "MOTD - shows the message of the day", run };

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    version::must_be_this_server(turn, message.param(0))?;
    reply(turn);
    Ok(())
}

/// 375, 372 and 376, or 422.
pub(in crate::core) fn reply(turn: &mut Turn<'_>) {
    let settings = turn.settings;
    if settings.motd.is_empty() {
        return turn.reply(Numeric::NoMotd, []);
    }
    turn.reply_text(Numeric::MotdStart, &format!("- {} Message of the day -", settings.name));
    for line in &settings.motd {
        turn.reply_text(Numeric::Motd, &format!("- {line}"));
    }
    turn.reply(Numeric::EndOfMotd, []);
}
