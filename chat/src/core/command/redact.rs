//! REDACT (IRCv3 draft/message-redaction): takes a message back.

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When};
use crate::core::channel::{Channel, Level};
use crate::core::fanout::Fanout;
use crate::core::keep::{Answer, Buffer, HistoryQuery, Keep, Place, Point, Question, Said};
use crate::core::limits::REASON_LENGTH;
use crate::core::network::{Change, Redaction, propose};
use crate::core::{ClientId, history, waiting};
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
    /// Where it is kept, if it is.
    buffer: Option<Buffer>,
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
    let reason = message.param(2).map(|reason| cut(reason, REASON_LENGTH).to_owned());
    if let Some(Unkept { sender, receiver, target }) = unkept(turn, target, &msgid) {
        let wish = Wish { buffer: Some(Buffer::unkept(sender, receiver)), target, msgid, reason };
        decide(turn, sender == turn.client, &wish);
        return Ok(());
    }
    let Some((buffer, target)) = history::conversation(turn, target) else {
        let wish = Wish { buffer: None, target: target.to_owned(), msgid, reason };
        if is_channel(target) {
            invalid_target(turn, target);
        } else {
            unknown(turn, &wish);
        }
        return Ok(());
    };
    let place = Place::Around(Point::Msgid(msgid.clone()));
    let question = HistoryQuery { buffer: buffer.clone(), place, limit: 1, events: true };
    let wish = Wish { buffer: Some(buffer), target, msgid, reason };
    waiting::ask(turn, Question::History(question), move |turn, answer| found(turn, answer, &wish));
    Ok(())
}

/// A direct message that no history has.
struct Unkept {
    sender: ClientId,
    receiver: ClientId,
    /// The target as it is shown.
    target: String,
}

/// One that was exchanged with this target. To who is not here one's own can be taken back all the same: where a whole node is cut
/// off, its people come again and have seen it.
fn unkept(turn: &Turn<'_>, target: &str, msgid: &str) -> Option<Unkept> {
    let (me, recent) = (turn.client, &turn.state.recent);
    match turn.state.user(target) {
        Some((other, session)) => {
            let sender = recent.sender(msgid, me, other)?;
            let receiver = if sender == me { other } else { me };
            Some(Unkept { sender, receiver, target: session.name().to_owned() })
        }
        None => {
            let receiver = recent.receiver(msgid, me, target)?;
            Some(Unkept { sender: me, receiver, target: target.to_owned() })
        }
    }
}

fn found(turn: &mut Turn<'_>, answer: Answer, wish: &Wish) {
    let Answer::History(entries) = answer else { return unknown(turn, wish) };
    match entries.into_iter().find(|said| said.msgid == wish.msgid && is_message(said)) {
        None => unknown(turn, wish),
        Some(said) => decide(turn, may_redact(turn, &said, wish), wish),
    }
}

fn decide(turn: &mut Turn<'_>, allowed: bool, wish: &Wish) {
    if allowed {
        let Wish { buffer, target, msgid, reason } = wish;
        let (buffer, reason) = (buffer.as_ref().map(|buffer| buffer.as_str().to_owned()), reason.clone());
        let (client, target, msgid) = (turn.client, target.clone(), msgid.clone());
        let redaction = Box::new(Redaction { client, buffer, target, msgid, reason });
        return propose(turn, Change::Redacted(redaction), |turn, made| {
            if let Err(why) = made {
                turn.refuse(&why.refusal("REDACT"));
            }
        });
    }
    fail(turn, "REDACT_FORBIDDEN", &[&wish.target, &wish.msgid], "You are not authorised to delete this message");
}

/// What people say, and not what happens in a channel.
fn is_message(said: &Said) -> bool {
    Parsed::parse(said.line.as_bytes()).is_ok_and(|line| matches!(line.command, "PRIVMSG" | "NOTICE" | "TAGMSG"))
}

/// One's own: by account, or for a guest by the whole source in this session. And any where one is operator, but not what
/// was said in an earlier channel of that name: whoever comes first into an empty one becomes its operator.
fn may_redact(turn: &Turn<'_>, said: &Said, wish: &Wish) -> bool {
    let me = turn.me();
    let own = match &said.account {
        Some(account) => me.account().is_some_and(|mine| mine.as_str() == account),
        None => said.at >= me.connected && said.line.split(' ').next() == Some(&format!(":{}", me.source())),
    };
    let channel = turn.state.channel(&wish.target).filter(|_| is_channel(&wish.target));
    let since = |channel: &Channel| channel.owned.is_some() || said.at >= channel.created;
    own || channel.is_some_and(|(_, channel)| channel.level(turn.client) == Level::Operator && since(channel))
}

/// Told like a message, to those who understand it; others keep what they saw.
pub(in crate::core) fn redact(turn: &mut Turn<'_>, wish: &Redaction) {
    turn.state.recent.remove(&wish.msgid);
    if let Some(buffer) = wish.buffer.clone().map(Buffer::from_text) {
        turn.state.network.taken_back(&buffer, &wish.msgid);
        turn.keep(Keep::Redacted { buffer, msgid: wish.msgid.clone() });
    }
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

/// Nothing of the kind was said, or nobody is there to whom it could have been.
fn unknown(turn: &mut Turn<'_>, wish: &Wish) {
    if !is_channel(&wish.target) && turn.state.user(&wish.target).is_none() {
        return invalid_target(turn, &wish.target);
    }
    fail(turn, "UNKNOWN_MSGID", &[&wish.target, &wish.msgid], "This message does not exist or is too old");
}

fn invalid_target(turn: &mut Turn<'_>, target: &str) {
    fail(turn, "INVALID_TARGET", &[target], &format!("You cannot delete messages from {target}"));
}

fn fail(turn: &mut Turn<'_>, code: &str, about: &[&str], text: &str) {
    let line = turn.server_line("FAIL").params(["REDACT", code]).params(about);
    turn.answer(&line.text(text));
}
