//! INFO (RFC 2812, section 3.4.10).

use super::{Message, Numeric, Outcome, Turn, Verb, When, version};

pub(super) const VERB: Verb =
    Verb { name: "INFO", when: When::Registered, parameters: 0, usage: "INFO - tells what this program is", run };

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    version::must_be_this_server(turn, message.param(0))?;
    let settings = turn.settings;
    turn.reply_text(Numeric::Info, &format!("{}: a chat that speaks IRC over mutual TLS", settings.version));
    turn.reply_text(Numeric::Info, "Your client certificate is your login; see WHOIS for whose is whose");
    turn.reply_text(Numeric::Info, &format!("Started {}", settings.created));
    turn.reply(Numeric::EndOfInfo, []);
    Ok(())
}
