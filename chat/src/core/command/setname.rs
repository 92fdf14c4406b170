//! SETNAME (IRCv3 setname): a user changes the real name.

use super::{Message, Outcome, Turn, Verb, When};
use crate::core::limits::REALNAME_LENGTH;
use crate::core::presence;
use crate::wire::capability::Capability;

pub(super) const VERB: Verb = Verb {
    name: "SETNAME",
    when: When::Registered,
    parameters: 1,
    usage: "SETNAME :<real name> - changes your real name",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let realname = message.params()[0];
    if realname.trim().is_empty() || realname.len() > REALNAME_LENGTH {
        let fail = turn.server_line("FAIL").params(["SETNAME", "INVALID_REALNAME"]);
        turn.answer(&fail.text(&format!("Realname is not valid: it has 1 to {REALNAME_LENGTH} bytes")));
        return Ok(());
    }
    turn.me_mut().set_realname(realname);
    let line = turn.my_line("SETNAME").text(realname);
    if turn.me().has(Capability::SetName) {
        turn.me_to(turn.client, &line);
    }
    presence::changed(turn, &line, Capability::SetName);
    Ok(())
}
