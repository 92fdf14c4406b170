//! What the server says, worded for a person.

use super::Incoming;
use crate::client::input::is_channel;
use crate::client::view::{Entry, Kind};

/// The entry for a message; `None` where a person needs none. `nick` is one's own.
pub(in crate::client) fn entry(incoming: &Incoming, nick: &str) -> Option<Entry> {
    let from = incoming.nick();
    let event = |place: String, text: String| Some(Entry::at(&place, Kind::Event, text));
    match incoming.command.as_str() {
        "PRIVMSG" => Some(message(incoming, nick)),
        "NOTICE" => Some(notice(incoming)),
        "JOIN" => event(incoming.param(0), format!("{from} joined")),
        "PART" => event(incoming.param(0), with_reason(format!("{from} left"), incoming.param(1))),
        "QUIT" => Some(Entry::new(Kind::Event, with_reason(format!("{from} quit"), incoming.param(0)))),
        "NICK" => Some(Entry::new(Kind::Event, format!("{from} is now {}", incoming.last()))),
        "TOPIC" => event(incoming.param(0), format!("{from} set the topic: {}", incoming.param(1))),
        "KICK" => {
            let kicked = format!("{} was kicked by {from}", incoming.param(1));
            event(incoming.param(0), with_reason(kicked, incoming.param(2)))
        }
        "MODE" => event(incoming.param(0), format!("{from} set mode {}", incoming.from(1))),
        "INVITE" => Some(Entry::new(Kind::Event, format!("{from} invites you to {}", incoming.last()))),
        "ERROR" => Some(Entry::new(Kind::Error, incoming.last())),
        "FAIL" | "WARN" | "NOTE" => Some(Entry::new(Kind::Error, incoming.last())),
        "CAP" | "AUTHENTICATE" | "PONG" | "AWAY" | "ACCOUNT" | "CHGHOST" | "SETNAME" => None,
        _ => numeric(incoming),
    }
}

fn with_reason(what: String, reason: String) -> String {
    if reason.is_empty() { what } else { format!("{what} ({reason})") }
}

fn message(incoming: &Incoming, nick: &str) -> Entry {
    let from = incoming.nick();
    let raw = incoming.raw_last();
    let action = raw.strip_prefix("\x01ACTION ").map(|text| text.trim_end_matches('\x01'));
    let target = incoming.param(0);
    // A private message belongs to the other of the two: the sender, or whom one sent it to oneself.
    let place = if is_channel(&target) || from.eq_ignore_ascii_case(nick) { target } else { from.clone() };
    match action {
        Some(text) => Entry::at(&place, Kind::Action { from }, crate::client::view::shown(text)),
        None => Entry::at(&place, Kind::Message { from }, incoming.last()),
    }
}

fn notice(incoming: &Incoming) -> Entry {
    let from = incoming.nick();
    let target = incoming.param(0);
    let entry = Entry::new(Kind::Notice { from }, incoming.last());
    if is_channel(&target) { Entry { place: Some(target), ..entry } } else { entry }
}

/// A row of `/list` (352) or `/channels` (322).
pub(in crate::client) fn row(incoming: &Incoming) -> String {
    match incoming.command.as_str() {
        // 352: me, channel, user, host, server, nick, flags, "hops real name"
        "352" => {
            let away = if incoming.param(6).starts_with('G') { ", away" } else { "" };
            let trailing = incoming.last();
            let real_name = trailing.split_once(' ').map_or("", |(_hops, name)| name);
            format!("{:<16} {}@{}{away}  {real_name}", incoming.param(5), incoming.param(2), incoming.param(3))
        }
        // 322: me, channel, members, topic
        _ => format!("{:<16} {:>4}  {}", incoming.param(1), incoming.param(2), incoming.param(3)),
    }
}

fn numeric(incoming: &Incoming) -> Option<Entry> {
    let number = incoming.numeric()?;
    let at = |text: String| Some(Entry::at(&incoming.param(1), Kind::Event, text));
    match number {
        // Greetings and ends of lists tell a person nothing.
        2..=5 | 315 | 318 | 323 | 333 | 366 | 368 | 329 | 369 | 374 | 375 | 376 | 422 => None,
        331 => at("no topic".to_owned()),
        332 => at(format!("topic: {}", incoming.param(2))),
        353 => Some(Entry::at(&incoming.param(2), Kind::Event, format!("here: {}", incoming.last()))),
        372 => Some(Entry::new(Kind::Answer, incoming.last())),
        301 => Some(Entry::new(Kind::Event, format!("{} is away: {}", incoming.param(1), incoming.param(2)))),
        400..=599 => Some(Entry::new(Kind::Error, incoming.from(1))),
        900 => Some(Entry::new(Kind::Answer, incoming.last())),
        _ => Some(Entry::new(Kind::Answer, incoming.from(1))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_worded() {
        for (line, expected) in [
            (":bob!b@h PRIVMSG #a :hi", Some("[#a] <bob> hi")),
            (":bob!b@h PRIVMSG alice :psst", Some("[bob] <bob> psst")),
            (":alice!a@h PRIVMSG bob :psst", Some("[bob] <alice> psst")),
            (":bob!b@h PRIVMSG #a :\x01ACTION waves\x01", Some("[#a] * bob waves")),
            (":s NOTICE alice :careful", Some("-s- careful")),
            (":bob!b@h JOIN #a", Some("[#a] -- bob joined")),
            (":bob!b@h QUIT :bye", Some("-- bob quit (bye)")),
            (":bob!b@h KICK #a alice :why", Some("[#a] -- alice was kicked by bob (why)")),
            (":s 332 alice #a :the topic", Some("[#a] -- topic: the topic")),
            (":s 353 alice = #a :@alice bob", Some("[#a] -- here: @alice bob")),
            (":s 403 alice #x :No such channel", Some("!! #x No such channel")),
            (":s 330 alice bob bob@x :is logged in as", Some("bob bob@x is logged in as")),
            (":s 366 alice #a :End", None),
            (":bob!b@h AWAY :out", None),
        ] {
            let incoming = Incoming::parse(line.as_bytes()).expect("a message");
            assert_eq!(entry(&incoming, "alice").map(|entry| entry.to_string()).as_deref(), expected, "{line}");
        }
    }
}
