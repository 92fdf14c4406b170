//! Who looks for the service bots of other networks is told what does their work here.

use super::refusal::Refusal;
use super::turn::Turn;
use crate::wire::casemap;

/// The refusal of a message to nobody, with what to type in its place where it was meant for such a bot.
pub(super) fn instead(turn: &Turn<'_>, nickname: &str, refusal: Refusal) -> Refusal {
    let is = |name| casemap::same(nickname, name);
    if is("ChanServ") {
        return refusal
            .because("No such nick: no service is needed here; CHANNEL REGISTER #channel makes it your account's");
    }
    if !is("NickServ") {
        return refusal;
    }
    refusal.because(match turn.settings.accounts.registration {
        true => "No such nick: no service is needed here; REGISTER * email password makes an account, SASL logs in",
        false => "No such nick: no service is needed here; log in with SASL, by a certificate or an account's password",
    })
}
