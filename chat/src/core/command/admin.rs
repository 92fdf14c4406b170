//! ADMIN (RFC 2812, section 3.4.9).

use super::{Message, Numeric, Outcome, Turn, Verb, When, version};

pub(super) const VERB: Verb = Verb {
    name: "ADMIN",
    when: When::Registered,
    parameters: 0,
    usage: "ADMIN - tells about the server's administration",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    version::must_be_this_server(turn, message.param(0))?;
    let settings = turn.settings;
    turn.reply(Numeric::AdminMe, [&*settings.name]);
    turn.reply_text(Numeric::AdminLoc1, &settings.description);
    turn.reply_text(Numeric::AdminLoc2, &format!("Network {}", settings.network));
    turn.reply_text(Numeric::AdminEmail, "Ask whoever issued your certificate");
    Ok(())
}
