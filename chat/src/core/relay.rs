//! PRIVMSG, NOTICE and TAGMSG: the same road for all three.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::ClientId;
use super::channel::{Channel, Level};
use super::fanout::Fanout;
use super::history;
use super::keep::Buffer;
use super::limits::TARGETS;
use super::multiline::{self, Piece};
use super::policy;
use super::refusal::{Outcome, Refusal};
use super::services;
use super::session::Session;
use super::turn::Turn;
use crate::wire::capability::Capability;
use crate::wire::casemap;
use crate::wire::channel_name::is_channel;
use crate::wire::message::{Line, Message};
use crate::wire::numeric::Numeric;

/// What is relayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Kind {
    /// A message between people.
    Privmsg,
    /// A message that must never be answered by a program, not even with an error (RFC 2812, section 3.3.2).
    Notice,
    /// Tags without a text.
    Tagmsg,
}

/// What a message says.
#[derive(Clone, Copy)]
enum Body<'a> {
    /// Nothing but its tags.
    Tags,
    /// A line.
    Text(&'a str),
    /// Several lines.
    Lines(&'a [Piece]),
}

impl<'a> Body<'a> {
    /// Its lines, by which it is judged: who reads no batches gets each of them as a message.
    fn texts(self) -> impl Iterator<Item = &'a str> {
        let (one, several) = match self {
            Body::Tags => (None, &[][..]),
            Body::Text(text) => (Some(text), &[][..]),
            Body::Lines(pieces) => (None, pieces),
        };
        one.into_iter().chain(several.iter().map(|piece| &*piece.text))
    }
}

/// A message as it goes out: one line for everybody, or several.
struct Post {
    one: Fanout,
    several: Option<Several>,
}

/// A message of several lines.
struct Several {
    /// A batch, for those who read them.
    whole: Vec<Fanout>,
    /// Line by line, for the others.
    lines: Vec<Fanout>,
}

impl Post {
    /// Every line, and whether it is for those who read batches (true), for the others (false), or for all.
    fn each(&mut self, mut hand_out: impl FnMut(&mut Fanout, Option<bool>)) {
        match &mut self.several {
            None => hand_out(&mut self.one, None),
            Some(Several { whole, lines }) => {
                whole.iter_mut().for_each(|fanout| hand_out(fanout, Some(true)));
                lines.iter_mut().for_each(|fanout| hand_out(fanout, Some(false)));
            }
        }
    }
}

fn is_for(session: &Session, whole: Option<bool>) -> bool {
    whole.is_none_or(|whole| whole == multiline::reads(session))
}

impl Kind {
    /// The kind of a command.
    pub(super) fn of(command: &str) -> Option<Kind> {
        [Kind::Privmsg, Kind::Notice, Kind::Tagmsg]
            .into_iter()
            .find(|kind| kind.command().eq_ignore_ascii_case(command))
    }

    fn command(self) -> &'static str {
        match self {
            Kind::Privmsg => "PRIVMSG",
            Kind::Notice => "NOTICE",
            Kind::Tagmsg => "TAGMSG",
        }
    }

    /// Whether a receiver can read it.
    fn reaches(self, session: &Session) -> bool {
        self != Kind::Tagmsg || session.has(Capability::MessageTags)
    }
}

/// Hands a message to each of its targets.
pub(super) fn relay(turn: &mut Turn<'_>, kind: Kind, message: &Message<'_>) -> Outcome {
    let outcome = relay_to_all(turn, kind, message);
    if kind == Kind::Notice { Ok(()) } else { outcome }
}

/// Hands a message of several lines to its target.
pub(super) fn relay_lines(turn: &mut Turn<'_>, kind: Kind, target: &str, pieces: &[Piece], tags: &str) {
    let now = turn.now;
    turn.me_mut().last_message = now;
    if let Err(refusal) = relay_to(turn, kind, target, Body::Lines(pieces), tags)
        && kind != Kind::Notice
    {
        turn.refuse(&refusal);
    }
}

fn relay_to_all(turn: &mut Turn<'_>, kind: Kind, message: &Message<'_>) -> Outcome {
    let no_recipient =
        || Refusal::new(Numeric::NoRecipient).because(format!("No recipient given ({})", kind.command()));
    let targets = distinct(message.param(0).ok_or_else(no_recipient)?);
    let body = match kind {
        Kind::Tagmsg => Body::Tags,
        _ => Body::Text(message.param(1).ok_or_else(|| Refusal::new(Numeric::NoTextToSend))?),
    };
    if let Some(excess) = targets.get(TARGETS) {
        let reason = format!("Too many targets: at most {TARGETS}; nothing was sent");
        return Err(Refusal::new(Numeric::TooManyTargets).with(*excess).because(reason));
    }
    let now = turn.now;
    turn.me_mut().last_message = now;
    let tags = message.tags.client_only();
    for target in targets {
        if let Err(refusal) = relay_to(turn, kind, target, body, &tags)
            && kind != Kind::Notice
        {
            turn.refuse(&refusal);
        }
    }
    Ok(())
}

/// A message to `a,a` is sent once.
fn distinct(targets: &str) -> Vec<&str> {
    let mut distinct: Vec<&str> = Vec::new();
    for target in targets.split(',').filter(|target| !target.is_empty()) {
        if distinct.len() <= TARGETS && !distinct.iter().any(|known| casemap::same(known, target)) {
            distinct.push(target);
        }
    }
    distinct
}

fn relay_to(turn: &mut Turn<'_>, kind: Kind, target: &str, body: Body<'_>, tags: &str) -> Outcome {
    match split_status(target) {
        (status, name) if is_channel(name) => to_channel(turn, kind, status, name, body, tags),
        _ => to_user(turn, kind, target, body, tags),
    }
}

/// `@#chat` is for the operators of `#chat`. Of several signs the lowest counts, since those above have that rank too.
fn split_status(target: &str) -> (Option<char>, &str) {
    let name = target.trim_start_matches(|sign| Level::of_sign(sign).is_some());
    let signs = &target[..target.len() - name.len()];
    (signs.chars().min_by_key(|sign| Level::of_sign(*sign)), name)
}

fn to_channel(
    turn: &mut Turn<'_>,
    kind: Kind,
    status: Option<char>,
    target: &str,
    body: Body<'_>,
    tags: &str,
) -> Outcome {
    let found = turn.state.channel(target);
    let (key, channel) = found.ok_or_else(|| Refusal::new(Numeric::NoSuchChannel).with(target))?;
    policy::may_speak(channel, turn.client, turn.me(), body.texts())?;
    let key = key.clone();
    let outranked = status.and_then(Level::of_sign).map(|least| below(channel, least)).unwrap_or_default();
    // What is for some of a channel is no part of its history, which is for all.
    let buffer = status.is_none().then(|| Buffer::channel(key.as_str()));
    let shown = status.map_or_else(|| channel.name.to_string(), |sign| format!("{sign}{}", channel.name));
    let is_kept = turn.settings.history && buffer.is_some() && kind != Kind::Tagmsg;
    let mut post = post(turn, kind, &shown, body, tags, buffer);
    let (client, echo) = (turn.client, turn.me().has(Capability::EchoMessage));
    // The history tells them, and has to have it.
    let later = if is_kept { turn.state.network.told_later(&key) } else { BTreeSet::new() };
    post.each(|fanout, whole| {
        turn.fan_out_to_channel(&key, fanout, |member, session| {
            let addressed =
                if member == client { echo } else { !outranked.contains(&member) && !later.contains(&member) };
            addressed && kind.reaches(session) && is_for(session, whole)
        });
    });
    if !turn.me().channels.contains(&key) {
        // Somebody outside a channel without +n gets the echo too.
        echo_to_me(turn, kind, &mut post);
    }
    Ok(())
}

/// Members whom a message to a rank is not for.
fn below(channel: &Channel, least: Level) -> BTreeSet<ClientId> {
    channel.members.iter().filter(|(_, rank)| rank.level() < least).map(|(member, _)| *member).collect()
}

fn to_user(turn: &mut Turn<'_>, kind: Kind, target: &str, body: Body<'_>, tags: &str) -> Outcome {
    let (receiver, session) = turn.user(target).map_err(|refusal| services::instead(turn, target, refusal))?;
    policy::may_write_to(turn, receiver, session)?;
    let (reaches, away) = (kind.reaches(session), session.away.clone());
    let name = session.name().to_owned();
    let buffer = conversation(turn.me(), session);
    let unkept = turn.settings.history && buffer.is_none();
    let mut post = post(turn, kind, &name, body, tags, buffer);
    if unkept {
        let msgid = turn.state.messages.latest();
        turn.state.recent.add(&msgid, turn.client, (receiver, &name));
    }
    if reaches {
        post.each(|fanout, whole| turn.hand_over(receiver, fanout, |session| is_for(session, whole)));
    }
    echo_to_me(turn, kind, &mut post);
    if let Some(away) = away.filter(|_| kind == Kind::Privmsg) {
        turn.answer(&turn.numeric(Numeric::Away).param(&name).text(&away));
    }
    Ok(())
}

/// One's own message comes back to who asked for that.
fn echo_to_me(turn: &mut Turn<'_>, kind: Kind, post: &mut Post) {
    if turn.me().has(Capability::EchoMessage) && kind.reaches(turn.me()) {
        post.each(|fanout, whole| turn.fan_out_to(turn.client, fanout, |session| is_for(session, whole)));
    }
}

/// What goes out, kept in the conversation's history before anybody sees it.
fn post(turn: &mut Turn<'_>, kind: Kind, target: &str, body: Body<'_>, tags: &str, buffer: Option<Buffer>) -> Post {
    let start: Line = turn.my_line(kind.command()).param(target);
    let line = if let Body::Text(text) = body { start.clone().text(text) } else { start.clone() };
    let msgid = turn.state.messages.message();
    if let Some(buffer) = buffer.filter(|_| kind != Kind::Tagmsg || !is_passing(tags)) {
        let written = if let Body::Lines(pieces) = body { Some(multiline::write(&start, pieces)) } else { None };
        let written = written.as_deref().unwrap_or(line.as_text());
        history::say(turn, buffer, &msgid, written, tags, kind == Kind::Tagmsg);
    }
    let message = Fanout::from_session(&line, turn.now, turn.me(), tags.to_owned()).named(&msgid);
    let Body::Lines(pieces) = body else { return Post { one: message, several: None } };
    let reference = turn.state.messages.batch();
    let whole = multiline::whole(&message, &start, pieces, &reference);
    let lines = multiline::separate(&message, &start, pieces);
    Post { one: message, several: Some(Several { whole, lines }) }
}

/// Who is typing now is of no interest tomorrow.
fn is_passing(tags: &str) -> bool {
    tags.split(';').all(|tag| tag.starts_with("+typing"))
}

/// Where a direct message is kept: between two accounts, as a nickname may be somebody else's tomorrow.
fn conversation(me: &Session, other: &Session) -> Option<Buffer> {
    let (one, other) = (me.account()?.as_str(), other.account()?.as_str());
    Some(Buffer::between(&casemap::fold(one), &casemap::fold(other)))
}
