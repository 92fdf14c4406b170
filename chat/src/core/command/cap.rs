//! CAP (IRCv3 capability negotiation, version 302).

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When, metadata};
use crate::core::Sts;
use crate::core::accounts::sasl;
use crate::core::limits::{METADATA_KEYS, METADATA_SUBS, METADATA_VALUE_LENGTH, MULTILINE_BYTES, MULTILINE_LINES};
use crate::core::registration::complete;
use crate::core::session::Stage;
use crate::wire::capability::{Capability, parse_request};
use crate::wire::message::{Line, join_to_fit};

pub(super) const VERB: Verb = Verb {
    name: "CAP",
    when: When::Always,
    parameters: 1,
    usage: "CAP LS [302] | LIST | REQ :<capability>... | END - negotiates what client and server both can",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let subcommand = message.params()[0].to_ascii_uppercase();
    match &*subcommand {
        "LS" => ls(turn, message.param(1)),
        "LIST" => list(turn),
        "REQ" => request(turn, &message.params()[1..].join(" ")),
        "END" => end(turn),
        _ => return Err(Refusal::new(Numeric::InvalidCapCmd).with(message.params()[0])),
    }
    Ok(())
}

fn ls(turn: &mut Turn<'_>, version: Option<&str>) {
    negotiate(turn, true);
    let is_302 = version.and_then(|version| version.parse::<u32>().ok()).is_some_and(|version| version >= 302);
    if is_302 {
        let me = turn.me_mut();
        me.cap_302 = true;
        // Who speaks 302 is told of changes, asked or not.
        me.capabilities.set(Capability::CapNotify, true);
    }
    let mut words: Vec<String> = offered(turn).map(|capability| word(turn, capability, is_302)).collect();
    if is_302 {
        words.extend(sts(turn));
    } else {
        // One line is all that an older client understands; what does not fit are drafts, which it would not know.
        words = join_to_fit(&words, room(turn, "LS")).into_iter().take(1).collect();
    }
    answer_words(turn, "LS", &words);
}

/// A promise and no capability: nobody can ask for it (IRCv3 strict transport security).
fn sts(turn: &Turn<'_>) -> Option<String> {
    let Sts { port, duration } = turn.settings.sts?;
    Some(if turn.me().secure { format!("sts=duration={duration}") } else { format!("sts=port={port}") })
}

/// SASL is there for connections that have a way to log in, REGISTER where accounts may be made, and what is about history
/// where there is any. A port of its own is had once.
fn offered(turn: &Turn<'_>) -> impl Iterator<Item = Capability> {
    let sasl = sasl::mechanisms(turn.me(), turn.settings).next().is_some();
    let (registration, history) = (turn.settings.accounts.registration, turn.settings.history);
    let may_move = turn.me().may_move;
    Capability::ALL.iter().copied().filter(move |capability| match capability {
        Capability::Sasl => sasl,
        Capability::AccountRegistration => registration,
        Capability::AssignedPort => may_move,
        Capability::ChatHistory | Capability::EventPlayback | Capability::MessageRedaction => history,
        _ => true,
    })
}

/// What a connection is offered, with the values, and what it is promised.
pub(in crate::core) struct Offers {
    capabilities: Vec<(Capability, String)>,
    sts: Option<String>,
}

/// What a connection is offered now.
pub(in crate::core) fn offers(turn: &Turn<'_>) -> Offers {
    let capabilities =
        offered(turn).map(|capability| (capability, word(turn, capability, turn.me().cap_302))).collect();
    Offers { capabilities, sts: sts(turn).filter(|_| turn.me().cap_302) }
}

/// Tells of what came and went with another configuration (IRCv3 cap-notify); what went is on for nobody. A promise is never taken
/// back by DEL: it ends with its time, at once where that is 0 (IRCv3 strict transport security).
pub(in crate::core) fn tell_changes(turn: &mut Turn<'_>, before: &Offers) {
    let Offers { capabilities: now, sts } = offers(turn);
    let promise = sts.as_deref().filter(|_| sts != before.sts);
    let before = &before.capabilities;
    let gone: Vec<Capability> =
        before.iter().map(|offer| offer.0).filter(|it| now.iter().all(|o| o.0 != *it)).collect();
    let new = now.iter().filter(|offer| !before.contains(offer)).map(|offer| &*offer.1);
    let new: Vec<&str> = new.chain(promise).collect();
    let names: Vec<&str> = gone.iter().map(|capability| capability.name()).collect();
    if turn.me().has(Capability::CapNotify) {
        for (subcommand, words) in [("DEL", &names), ("NEW", &new)] {
            if !words.is_empty() {
                let line = cap(turn, subcommand).text(&words.join(" "));
                turn.answer(&line);
            }
        }
    }
    gone.iter().for_each(|capability| turn.me_mut().capabilities.set(*capability, false));
}

fn word(turn: &Turn<'_>, capability: Capability, with_value: bool) -> String {
    let value = match capability {
        Capability::Sasl => sasl::offer(turn.me(), turn.settings),
        Capability::AccountRegistration => turn.settings.accounts.capability_value(),
        Capability::Metadata => {
            format!("max-subs={METADATA_SUBS},max-keys={METADATA_KEYS},max-value-bytes={METADATA_VALUE_LENGTH}")
        }
        Capability::Multiline => format!("max-bytes={MULTILINE_BYTES},max-lines={MULTILINE_LINES}"),
        _ => String::new(),
    };
    let value = Some(value).filter(|value| with_value && !value.is_empty());
    value.map_or_else(|| capability.name().to_owned(), |value| format!("{}={value}", capability.name()))
}

fn list(turn: &mut Turn<'_>) {
    let words: Vec<&str> = turn.me().capabilities.iter().map(Capability::name).collect();
    answer_words(turn, "LIST", &words);
}

/// Every line but the last says with a `*` that there are more.
fn answer_words<T: AsRef<str>>(turn: &mut Turn<'_>, subcommand: &str, words: &[T]) {
    let start = cap(turn, subcommand);
    let more = start.clone().param("*");
    let whole = join_to_fit(words, room(turn, subcommand));
    let mut texts = if whole.len() > 1 { join_to_fit(words, more.room().saturating_sub(" :".len())) } else { whole };
    let last = texts.pop().unwrap_or_default();
    texts.iter().for_each(|text| turn.answer(&more.clone().text(text)));
    turn.answer(&start.text(&last));
}

/// Bytes of words that one line takes.
fn room(turn: &Turn<'_>, subcommand: &str) -> usize {
    cap(turn, subcommand).room().saturating_sub(" :".len())
}

fn request(turn: &mut Turn<'_>, wishes: &str) {
    negotiate(turn, true);
    let parsed: Option<Vec<_>> = wishes.split_whitespace().map(parse_request).collect();
    let granted = parsed.filter(|wishes| wishes.iter().all(|(wish, _)| offered(turn).any(|offer| offer == *wish)));
    for (capability, on) in granted.iter().flatten() {
        let keep = *capability == Capability::CapNotify && turn.me().cap_302;
        turn.me_mut().capabilities.set(*capability, *on || keep);
        if (*capability, *on) == (Capability::Metadata, false) {
            metadata::forget_subscriptions(turn);
        }
    }
    acknowledge(turn, if granted.is_some() { "ACK" } else { "NAK" }, wishes);
    let asks_for_metadata = granted.is_some_and(|wishes| wishes.contains(&(Capability::Metadata, true)));
    if asks_for_metadata && turn.me().is_registered() {
        metadata::show_own(turn);
    }
}

fn acknowledge(turn: &mut Turn<'_>, subcommand: &str, wishes: &str) {
    if wishes.len() <= room(turn, subcommand) {
        return turn.answer(&cap(turn, subcommand).text(wishes.trim_end()));
    }
    for text in join_to_fit(wishes.split_whitespace(), room(turn, subcommand)) {
        turn.answer(&cap(turn, subcommand).text(&text));
    }
}

fn end(turn: &mut Turn<'_>) {
    if turn.me_mut().sasl.take().is_some() {
        turn.refuse(&Refusal::new(Numeric::SaslAborted));
    }
    negotiate(turn, false);
    complete(turn);
}

/// Registration waits for the end of a negotiation; afterwards there is nothing to wait for.
fn negotiate(turn: &mut Turn<'_>, on: bool) {
    if let Stage::Registering { negotiating, .. } = &mut turn.me_mut().stage {
        *negotiating = on;
    }
}

fn cap(turn: &Turn<'_>, subcommand: &str) -> Line {
    turn.server_line("CAP").param(turn.me().name()).param(subcommand)
}
