//! CHATHISTORY (IRCv3 draft/chathistory): what was said while a client was away, or before it came.

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When};
use crate::core::Now;
use crate::core::fanout::rfc3339;
use crate::core::history;
use crate::core::keep::{Answer, Buffer, ConversationsQuery, HistoryQuery, Place, Point, Question};
use crate::core::limits::HISTORY_LINES;
use crate::core::waiting;
use crate::wire::capability::Capability;
use crate::wire::casemap;
use crate::wire::message::Line;
use crate::wire::time::parse_rfc3339;

pub(super) const VERB: Verb = Verb {
    name: "CHATHISTORY",
    when: When::Registered,
    parameters: 0,
    usage: "CHATHISTORY LATEST <target> <* or point> <limit> | BEFORE | AFTER | AROUND <target> <point> <limit> | BETWEEN \
            <target> <point> <point> <limit> | TARGETS <point> <point> <limit> - shows what was said; a point is \
            timestamp=<time> or msgid=<identifier>",
    run,
};

/// What is wrong with a command: code and text of a FAIL, and which parameter it is about.
#[derive(Clone, Copy)]
struct Wrong {
    code: &'static str,
    text: &'static str,
    about: Option<usize>,
}

const fn invalid(text: &'static str) -> Wrong {
    Wrong { code: "INVALID_PARAMS", text, about: None }
}

const MISSING: Wrong = invalid("Insufficient parameters");
const TOO_MANY: Wrong = invalid("Too many parameters");
const UNKNOWN: Wrong = invalid("Unknown command");
const BAD_LIMIT: Wrong = invalid("Invalid limit: a number from 1 is needed");
const BAD_TYPE: Wrong = Wrong {
    code: "INVALID_MSGREFTYPE",
    text: "Unknown kind of point: timestamp=<time> and msgid=<identifier> are known",
    about: Some(1),
};
const NO_TARGET: Wrong = Wrong {
    code: "INVALID_TARGET",
    text: "Messages could not be retrieved: those of a channel are for its members, those of two people are kept between accounts only",
    about: Some(1),
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    if !turn.settings.history {
        return Err(Refusal::new(Numeric::UnknownCommand).with("CHATHISTORY"));
    }
    let subcommand = message.param(0).unwrap_or("*").to_ascii_uppercase();
    let asked = match &*subcommand {
        "TARGETS" => targets(turn, message),
        "LATEST" | "BEFORE" | "AFTER" | "AROUND" | "BETWEEN" => piece(turn, &subcommand, message),
        "*" => Err(MISSING),
        _ => Err(UNKNOWN),
    };
    if let Err(Wrong { code, text, about }) = asked {
        let about = about.and_then(|index| message.param(index));
        fail(turn, code, &subcommand, about, text);
    }
    Ok(())
}

fn fail(turn: &mut Turn<'_>, code: &str, subcommand: &str, about: Option<&str>, text: &str) {
    let line = turn.server_line("FAIL").params(["CHATHISTORY", code, subcommand]).params(about);
    turn.answer(&line.text(text));
}

fn piece(turn: &mut Turn<'_>, subcommand: &str, message: &Message<'_>) -> Result<(), Wrong> {
    let points = if subcommand == "BETWEEN" { 2 } else { 1 };
    let limit = limit(message, 2 + points)?;
    let place = place(subcommand, message)?;
    let target = message.param(1).ok_or(MISSING)?;
    let (buffer, shown) = history::conversation(turn, target).ok_or(NO_TARGET)?;
    let events = turn.me().has(Capability::EventPlayback);
    let question = Question::History(HistoryQuery { buffer, place, limit, events });
    let subcommand = subcommand.to_owned();
    waiting::ask(turn, question, move |turn, answer| {
        let Answer::History(entries) = answer else { return unavailable(turn, &subcommand, &shown) };
        if entries.is_empty() && !history::is_somebody(turn, &shown) {
            return fail(turn, NO_TARGET.code, &subcommand, Some(&shown), NO_TARGET.text);
        }
        history::batch(turn, &["chathistory", &shown], |turn, inside| {
            entries.into_iter().flat_map(|said| history::replay(turn, said, &shown, inside)).collect()
        });
    });
    Ok(())
}

/// The last parameter, which has to be there.
fn limit(message: &Message<'_>, index: usize) -> Result<usize, Wrong> {
    let limit: usize = message.param(index).ok_or(MISSING)?.parse().map_err(|_| BAD_LIMIT)?;
    if message.params().len() > index + 1 {
        return Err(TOO_MANY);
    }
    if limit == 0 { Err(BAD_LIMIT) } else { Ok(limit.min(HISTORY_LINES)) }
}

fn place(subcommand: &str, message: &Message<'_>) -> Result<Place, Wrong> {
    let point = |index| point(message, index);
    Ok(match subcommand {
        "LATEST" if message.param(2) == Some("*") => Place::Latest(None),
        "LATEST" => Place::Latest(Some(point(2)?)),
        "BEFORE" => Place::Before(point(2)?),
        "AFTER" => Place::After(point(2)?),
        "AROUND" => Place::Around(point(2)?),
        _ => Place::Between(point(2)?, point(3)?),
    })
}

fn point(message: &Message<'_>, index: usize) -> Result<Point, Wrong> {
    let text = message.param(index).ok_or(MISSING)?;
    match text.split_once('=').ok_or(Wrong { about: Some(index), ..invalid("Invalid point") })? {
        ("msgid", id) if !id.is_empty() => Ok(Point::Msgid(id.to_owned())),
        ("timestamp", time) => {
            let unix_ms = parse_rfc3339(time).ok_or(Wrong { about: Some(index), ..invalid("Invalid timestamp") })?;
            Ok(Point::At(Now { unix_ms }))
        }
        _ => Err(BAD_TYPE),
    }
}

fn targets(turn: &mut Turn<'_>, message: &Message<'_>) -> Result<(), Wrong> {
    let limit = limit(message, 3)?;
    let time = |index| match point(message, index)? {
        Point::At(now) => Ok(now),
        Point::Msgid(_) => Err(Wrong { about: None, ..BAD_TYPE }),
    };
    let (one, other) = (time(1)?, time(2)?);
    let me = turn.me();
    let person = me.account().map(|account| casemap::fold(account.as_str()).into_owned());
    let channels = me.channels.iter().map(|key| Buffer::channel(key.as_str())).collect();
    // As with BETWEEN, the first point is where counting begins.
    let (after, before, newest) = (one.min(other), one.max(other), other < one);
    let question = ConversationsQuery { person: person.clone(), channels, after, before, limit, newest };
    waiting::ask(turn, Question::Conversations(question), move |turn, answer| {
        let Answer::Conversations(found) = answer else { return unavailable(turn, "TARGETS", "*") };
        let row = |(buffer, at): &(Buffer, Now)| {
            let name = shown(turn, buffer, person.as_deref());
            let line = turn.server_line("CHATHISTORY").params(["TARGETS", &name]);
            line.param(&rfc3339(*at))
        };
        let lines: Vec<Line> = found.iter().map(row).collect();
        history::batch_of(turn, &["draft/chathistory-targets"], &lines);
    });
    Ok(())
}

/// A channel's name, or the other one of two people: by nickname while that account is here.
fn shown(turn: &Turn<'_>, buffer: &Buffer, person: Option<&str>) -> String {
    let Some((one, other)) = buffer.as_str().split_once(' ') else {
        let channel = turn.state.channel(buffer.as_str());
        return channel.map_or_else(|| buffer.as_str().to_owned(), |(_, channel)| channel.name.to_string());
    };
    let account = if Some(one) == person { other } else { one };
    let here = turn.state.user(account.split('@').next().unwrap_or(account));
    let same = here.filter(|(_, session)| session.account().is_some_and(|it| casemap::same(it.as_str(), account)));
    same.map_or_else(|| account.to_owned(), |(_, session)| session.name().to_owned())
}

fn unavailable(turn: &mut Turn<'_>, subcommand: &str, target: &str) {
    fail(turn, "MESSAGE_ERROR", subcommand, Some(target), "Messages could not be retrieved");
}
