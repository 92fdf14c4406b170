//! REDACT (IRCv3 draft/message-redaction): takes a message back.

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When};
use crate::core::channel::Level;
use crate::core::fanout::Fanout;
use crate::core::keep::{Answer, Buffer, HistoryQuery, Keep, Place, Point, Question, Said};
use crate::core::limits::REASON_LENGTH;
use crate::core::{history, waiting};
use crate::wire::capability::Capability;
use crate::wire::channel_name::is_channel;
use crate::wire::message::{Message as Parsed, cut};

pub(super) const VERB: Verb = Verb {
    name: "REDACT",
    when: When::Registered,
    parameters: 2,
    usage: "REDACT <target> <message's identifier> [:<reason>] - takes back a message of yours, or any in a channel that you run",
    run,
};

/// What is to be taken back, and why.
struct Wish {
    buffer: Buffer,
    /// The target as it is shown.
    target: String,
    msgid: String,
    reason: Option<String>,
}

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    if !turn.me().has(Capability::MessageRedaction) {
        return Err(Refusal::new(Numeric::UnknownCommand).with("REDACT"));
    }
    let (target, msgid) = (message.params()[0], message.params()[1].to_owned());
    let Some((buffer, target)) = history::conversation(turn, target) else {
        fail(turn, "INVALID_TARGET", &[target], &format!("You cannot delete messages from {target}"));
        return Ok(());
    };
    let reason = message.param(2).map(|reason| cut(reason, REASON_LENGTH).to_owned());
    let place = Place::Around(Point::Msgid(msgid.clone()));
    let question = HistoryQuery { buffer: buffer.clone(), place, limit: 1, events: true };
    let wish = Wish { buffer, target, msgid, reason };
    waiting::ask(turn, Question::History(question), move |turn, answer| found(turn, answer, &wish));
    Ok(())
}

fn found(turn: &mut Turn<'_>, answer: Answer, wish: &Wish) {
    let Answer::History(entries) = answer else { return unknown(turn, wish) };
    match entries.into_iter().find(|said| said.msgid == wish.msgid && is_message(said)) {
        None => unknown(turn, wish),
        Some(said) if may_redact(turn, &said, wish) => redact(turn, wish),
        Some(_) => {
            let about = [&*wish.target, &wish.msgid];
            fail(turn, "REDACT_FORBIDDEN", &about, "You are not authorised to delete this message");
        }
    }
}

/// What people say, and not what happens in a channel.
fn is_message(said: &Said) -> bool {
    Parsed::parse(said.line.as_bytes()).is_ok_and(|line| matches!(line.command, "PRIVMSG" | "NOTICE" | "TAGMSG"))
}

/// One's own: by account, or for a guest by the whole source in this session. And any where one is operator.
fn may_redact(turn: &Turn<'_>, said: &Said, wish: &Wish) -> bool {
    let me = turn.me();
    let own = match &said.account {
        Some(account) => me.account().is_some_and(|mine| mine.as_str() == account),
        None => said.at >= me.connected && said.line.split(' ').next() == Some(&format!(":{}", me.source())),
    };
    let channel = turn.state.channel(&wish.target).filter(|_| is_channel(&wish.target));
    own || channel.is_some_and(|(_, channel)| channel.level(turn.client) == Level::Operator)
}

/// Told like a message, to those who understand it; others keep what they saw.
fn redact(turn: &mut Turn<'_>, wish: &Wish) {
    turn.keep(Keep::Redacted { buffer: wish.buffer.clone(), msgid: wish.msgid.clone() });
    let line = turn.my_line("REDACT").param(&wish.target).param(&wish.msgid);
    let line = wish.reason.as_ref().map_or_else(|| line.clone(), |reason| line.clone().text(reason));
    let msgid = turn.state.messages.message();
    let mut fanout = Fanout::from_session(&line, turn.now, turn.me(), String::new()).named(&msgid);
    let (client, echo) = (turn.client, turn.me().has(Capability::EchoMessage));
    if is_channel(&wish.target) {
        let Some((key, _)) = turn.state.channel(&wish.target) else { return };
        return turn.fan_out_to_channel(&key.clone(), &mut fanout, |member, session| {
            session.has(Capability::MessageRedaction) && (echo || member != client)
        });
    }
    let other = turn.state.user(&wish.target).filter(|(_, session)| session.has(Capability::MessageRedaction));
    if let Some((other, _)) = other {
        turn.hand_over(other, &mut fanout, |_| true);
    }
    if echo {
        turn.fan_out_to(client, &mut fanout, |_| true);
    }
}

fn unknown(turn: &mut Turn<'_>, wish: &Wish) {
    fail(turn, "UNKNOWN_MSGID", &[&wish.target, &wish.msgid], "This message does not exist or is too old");
}

fn fail(turn: &mut Turn<'_>, code: &str, about: &[&str], text: &str) {
    let line = turn.server_line("FAIL").params(["REDACT", code]).params(about);
    turn.answer(&line.text(text));
}
