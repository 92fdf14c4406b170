//! Requests in Redis's words, and its answers in ours.

use redis::{Cmd, ServerError, Value, cmd};

use super::Connection;
use crate::bus::entry::write_reach;
use crate::bus::failure::{self, Refusal};
use crate::bus::limits::PAGE;
use crate::bus::request::{Entrance, Entry, Position, Proposal, Reply, Request, Seat};
use crate::bus::{Address, Reach};

impl Connection {
    pub(super) fn command(&self, request: &Request) -> Cmd {
        match request {
            Request::Join(entrance) => self.join(entrance),
            Request::Refresh { seat, read, is_ready, is_anothers } => {
                let mut command = self.of_member("refresh", seat);
                command.arg(&*self.process).arg(read.sequence).arg(read.to_string()).arg(u8::from(*is_ready));
                command.arg(u8::from(*is_anothers));
                command
            }
            Request::Propose { seat, proposals } => self.propose(seat, proposals),
            Request::Whisper { seat, to, text } => self.whisper(seat, to, text),
            Request::Snapshot { seat, node, sequence, text } => {
                let mut command = self.of_member("snapshot", seat);
                command.arg(node).arg(sequence).arg(text);
                command
            }
            Request::Leave { seat, reason } => {
                let mut command = self.of_member("leave", seat);
                command.arg(reason);
                command
            }
            other => self.keep(other),
        }
    }

    fn of_member(&self, operation: &str, seat: &Seat) -> Cmd {
        let mut command = self.script(operation);
        command.arg(seat.node).arg(&seat.network);
        command
    }

    fn join(&self, entrance: &Entrance) -> Cmd {
        let Entrance { name, version, description, protocol, charter, former, read, last, word, process } = entrance;
        let mut command = self.script("join");
        command.arg(name).arg(version).arg(protocol).arg(charter).arg(former).arg(read).arg(last);
        command.arg(&*self.process).arg(word).arg(process).arg(description);
        command
    }

    fn propose(&self, seat: &Seat, proposals: &[Proposal]) -> Cmd {
        let mut command = self.of_member("propose", seat);
        for Proposal { number, reach, change } in proposals {
            command.arg(number);
            match reach {
                Reach::Everyone => command.arg("*"),
                Reach::Nodes(_) => command.arg(write_reach(reach, seat.node)),
            };
            command.arg(&**change);
        }
        command
    }

    fn whisper(&self, seat: &Seat, to: &Reach, text: &str) -> Cmd {
        let mut command = self.of_member("whisper", seat);
        command.arg(write_reach(to, seat.node)).arg(text);
        command
    }

    fn keep(&self, request: &Request) -> Cmd {
        let mut command;
        match request {
            Request::Record { sequence, key, value } => {
                command = self.script("record");
                let value = value.as_ref().map_or("-".to_owned(), |value| format!(" {value}"));
                command.arg(sequence).arg(key).arg(value);
            }
            Request::HistoryOp { text } => {
                command = self.script("history");
                command.arg(text);
            }
            Request::PutTicket { word, value, seconds } => {
                command = cmd("SET");
                command.arg(self.key(&format!("ticket:{word}"))).arg(value).arg("NX").arg("EX").arg((*seconds).max(1));
            }
            Request::TakeTicket { word, .. } => {
                command = cmd("GETDEL");
                command.arg(self.key(&format!("ticket:{word}")));
            }
            Request::TakeSnapshot { node, sequence } => {
                command = cmd("GET");
                command.arg(self.key(&format!("snap:{node}:{sequence}")));
            }
            Request::Records { cursor } => {
                command = cmd("HSCAN");
                command.arg(self.key("records")).arg(cursor).arg("COUNT").arg(PAGE);
            }
            Request::Buried => {
                command = cmd("HGET");
                command.arg(self.key("meta")).arg("buried");
            }
            Request::HistoryOps { from } => {
                command = cmd("XRANGE");
                command.arg(self.key("history-ops")).arg(from).arg("+").arg("COUNT").arg(PAGE);
            }
            // The others are members' and were written above.
            _ => command = cmd("PING"),
        }
        command
    }
}

/// How a reply is to be read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Script,
    Done,
    Text,
    Records,
    History,
}

impl Kind {
    pub(super) fn of(request: &Request) -> Kind {
        match request {
            Request::PutTicket { .. } => Kind::Done,
            Request::TakeTicket { .. } | Request::TakeSnapshot { .. } | Request::Buried => Kind::Text,
            Request::Records { .. } => Kind::Records,
            Request::HistoryOps { .. } => Kind::History,
            _ => Kind::Script,
        }
    }
}

/// One reply; an error where the whole connection is of no use.
pub(super) fn reply(address: &Address, kind: Kind, value: Value) -> Result<Reply, String> {
    if let Value::ServerError(why) = &value {
        return match failure::refusal(address, why.code(), why.details().unwrap_or_default()) {
            Refusal::Request(why) => Ok(Reply::Failed { why }),
            Refusal::Connection(why) => Err(why),
        };
    }
    let read = match kind {
        Kind::Script => of_script(value),
        Kind::Done => Some(Reply::Fine { last: 0 }),
        Kind::Text => Some(Reply::Text(text(value))),
        Kind::Records => records(value),
        Kind::History => history(value),
    };
    read.ok_or_else(|| {
        let place = address.place();
        format!("Redis at {place} answered what the bus does not understand: is it a Redis, of version 7 or later?")
    })
}

/// What an error says, whichever it is.
pub(super) fn told(address: &Address, why: &ServerError) -> String {
    match failure::refusal(address, why.code(), why.details().unwrap_or_default()) {
        Refusal::Request(why) | Refusal::Connection(why) => why,
    }
}

/// The code and detail of an error.
pub(super) fn error(value: &Value) -> Option<(&str, &str)> {
    match value {
        Value::ServerError(why) => Some((why.code(), why.details().unwrap_or_default())),
        _ => None,
    }
}

/// A field of INFO.
pub(super) fn field<'a>(info: &'a str, name: &str) -> &'a str {
    let value = |line: &'a str| line.strip_prefix(name)?.strip_prefix(':');
    info.lines().find_map(value).unwrap_or_default().trim()
}

/// A text; what is no UTF-8 was not written by this program.
pub(super) fn text(value: Value) -> Option<String> {
    match value {
        Value::BulkString(octets) => String::from_utf8(octets).ok(),
        Value::SimpleString(text) => Some(text),
        Value::VerbatimString { text, .. } => Some(text),
        _ => None,
    }
}

fn array(value: Value) -> Option<Vec<Value>> {
    match value {
        Value::Array(items) => Some(items),
        _ => None,
    }
}

fn of_script(value: Value) -> Option<Reply> {
    let mut items = array(value)?.into_iter().filter_map(text);
    let first = items.next()?;
    Some(match first.as_str() {
        "fine" => Reply::Fine { last: items.next()?.parse().ok()? },
        "wait" => Reply::Wait,
        "dead" => Reply::Dead,
        "gone" => Reply::Gone,
        "refused" => Reply::Refused { protocol: items.next()?, charter: items.next()?, names: items.next()? },
        "joined" => {
            let node = items.next()?.parse().ok()?;
            let sequence = items.next()?.parse().ok()?;
            let at_ms = items.next()?.parse().ok()?;
            let seat = Seat { node, network: items.next()? };
            Reply::Joined { seat, sequence, at_ms, others: items.filter_map(|it| it.parse().ok()).collect() }
        }
        _ => return None,
    })
}

fn records(value: Value) -> Option<Reply> {
    let mut halves = array(value)?.into_iter();
    let cursor = text(halves.next()?)?;
    let mut texts = array(halves.next()?)?.into_iter().filter_map(text);
    let pairs = std::iter::from_fn(|| Some((texts.next()?, texts.next()?)));
    let items = pairs.collect();
    Some(Reply::Page { next: Some(cursor).filter(|it| it != "0"), items })
}

fn history(value: Value) -> Option<Reply> {
    let entry = |value| {
        let mut halves = array(value)?.into_iter();
        let id = text(halves.next()?)?;
        Some((id, text(array(halves.next()?)?.into_iter().nth(1)?)?))
    };
    let items: Vec<(String, String)> = array(value)?.into_iter().filter_map(entry).collect();
    let next = items.last().filter(|_| items.len() == PAGE).map(|(id, _)| format!("({id}"));
    Some(Reply::Page { next, items })
}

/// The entries of one stream that XREAD gave; none after it waited in vain.
pub(super) fn entries(value: Value) -> Vec<Entry> {
    let streams = array(value).unwrap_or_default().into_iter();
    let stream = streams.filter_map(array).next().and_then(|halves| array(halves.into_iter().nth(1)?));
    stream.unwrap_or_default().into_iter().filter_map(entry).collect()
}

fn entry(value: Value) -> Option<Entry> {
    let mut halves = array(value)?.into_iter();
    let position = Position::parse(&text(halves.next()?)?)?;
    let mut fields = halves.next().and_then(array).unwrap_or_default().into_iter().skip(1).step_by(2);
    // What is not ours is read past: an entry without a header says nothing, and its place has been read.
    let mut next = || fields.next().and_then(text).unwrap_or_default();
    Some(Entry { position, header: next(), body: next() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(octets: &[u8]) -> Value {
        Value::BulkString(octets.to_vec())
    }

    /// Whatever somebody put into an inbox, its place is read past, so that the reader does not meet it for ever.
    #[test]
    fn an_entry_that_is_not_ours_still_has_its_place() {
        let ours = vec![word(b"e"), word(b"1 2 3 *"), word(b"t"), word(b"text")];
        let foreign =
            [vec![word(b"x"), word(b"1")], vec![word(b"e"), word(&[0xff]), word(b"t"), word(b"b")], Vec::new()];
        let entry = |(number, fields): (usize, Vec<Value>)| {
            Value::Array(vec![word(format!("{number}-0").as_bytes()), Value::Array(fields)])
        };
        let all = std::iter::once(ours).chain(foreign).enumerate().map(entry).collect();
        let read = entries(Value::Array(vec![Value::Array(vec![word(b"inbox"), Value::Array(all)])]));
        let places: Vec<u64> = read.iter().map(|entry| entry.position.sequence).collect();
        assert_eq!(places, [0, 1, 2, 3]);
        assert_eq!((&*read[0].header, &*read[0].body), ("1 2 3 *", "text"));
        assert!(read[2].header.is_empty(), "a header in no UTF-8 says nothing");
    }
}
