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
        "PART" => event(incoming.param(0), with_reason(format!("{from} left"), &incoming.param(1))),
        "QUIT" => Some(Entry::new(Kind::Event, with_reason(format!("{from} quit"), &incoming.param(0)))),
        "NICK" => Some(Entry::new(Kind::Event, format!("{from} is now {}", incoming.last()))),
        "TOPIC" => event(incoming.param(0), format!("{from} set the topic: {}", incoming.param(1))),
        "KICK" => {
            let kicked = format!("{} was kicked by {from}", incoming.param(1));
            event(incoming.param(0), with_reason(kicked, &incoming.param(2)))
        }
        "MODE" => event(incoming.param(0), format!("{from} set mode {}", incoming.from(1))),
        "INVITE" => Some(Entry::new(Kind::Event, format!("{from} invites you to {}", incoming.last()))),
        "ERROR" => Some(Entry::new(Kind::Error, incoming.last())),
        "FAIL" | "WARN" | "NOTE" => standard(incoming),
        "CAP" | "AUTHENTICATE" | "PONG" | "AWAY" | "ACCOUNT" | "CHGHOST" | "SETNAME" => None,
        _ => numeric(incoming),
    }
}

/// Servers put `Quit:` before the reason, also where there is none.
fn with_reason(what: String, reason: &str) -> String {
    if reason.is_empty() || reason.trim_end() == "Quit:" { what } else { format!("{what} ({reason})") }
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

/// `FAIL COMMAND CODE CONTEXT… :text` (IRCv3 standard replies): what failed is an error, what was done an answer, and the
/// code is for programs.
fn standard(incoming: &Incoming) -> Option<Entry> {
    let text = match (incoming.raw(0), incoming.raw(1)) {
        (Some("CHANNEL"), Some("ACCESS_END")) => return None,
        // Each row begins with whom it is about.
        (Some("CHANNEL"), Some("ACCESS")) => format!("{} {}", incoming.param(3), incoming.last()),
        _ => incoming.last(),
    };
    let (kind, text) = match incoming.command.as_str() {
        "FAIL" => (Kind::Error, text),
        "WARN" => (Kind::Event, format!("warning: {text}")),
        _ => (Kind::Answer, text),
    };
    let entry = Entry::new(kind, text);
    // The last parameter is the text.
    let about = (2..incoming.len().saturating_sub(1)).map(|index| incoming.param(index)).find(|word| is_channel(word));
    Some(Entry { place: about, ..entry })
}

/// A row of `/list` (352), `/accounts` (354) or `/channels` (322).
pub(in crate::client) fn row(incoming: &Incoming) -> String {
    match incoming.command.as_str() {
        // 352: me, channel, user, host, server, nick, flags, "hops real name"
        "352" => {
            let away = if incoming.param(6).starts_with('G') { ", away" } else { "" };
            let trailing = incoming.last();
            let real_name = trailing.split_once(' ').map_or("", |(_hops, name)| name);
            format!("{:<16} {}@{}{away}  {real_name}", incoming.param(5), incoming.param(2), incoming.param(3))
        }
        // 354 as `/accounts` asks for it: me, token, nick, account
        "354" => {
            let account = incoming.param(3);
            format!("{:<16} {}", incoming.param(2), if account == "0" { "no account" } else { &account })
        }
        // 322: me, channel, members, topic
        _ => format!("{:<16} {:>4}  {}", incoming.param(1), incoming.param(2), incoming.param(3)),
    }
}

fn whois(incoming: &Incoming, text: &str) -> Entry {
    Entry::new(Kind::Answer, format!("{} {text}", incoming.param(1)))
}

fn numeric(incoming: &Incoming) -> Option<Entry> {
    let number = incoming.numeric()?;
    let at = |text: String| Some(Entry::at(&incoming.param(1), Kind::Event, text));
    match number {
        // Greetings and ends of lists tell a person nothing.
        2..=5 | 315 | 318 | 321 | 323 | 333 | 347 | 349 | 366 | 368 | 329 | 369 | 374 | 375 | 376 | 422 => None,
        311 => Some(whois(incoming, &format!("is {}@{} ({})", incoming.param(2), incoming.param(3), incoming.last()))),
        312 => Some(whois(incoming, &format!("is on {} ({})", incoming.param(2), incoming.last()))),
        317 => Some(whois(incoming, &format!("has been silent for {}", duration(&incoming.param(2))))),
        319 => Some(whois(incoming, &format!("is in {}", incoming.last().trim_end()))),
        330 | 338 => Some(whois(incoming, &format!("{} {}", incoming.last(), incoming.param(2)))),
        331 => at("no topic".to_owned()),
        332 => at(format!("topic: {}", incoming.param(2))),
        353 => Some(Entry::at(&incoming.param(2), Kind::Event, format!("here: {}", incoming.last()))),
        372 => Some(Entry::new(Kind::Answer, incoming.last())),
        301 => Some(Entry::new(Kind::Event, format!("{} is away: {}", incoming.param(1), incoming.param(2)))),
        265 | 266 => Some(Entry::new(Kind::Answer, incoming.last())),
        341 => Some(Entry::at(&incoming.param(2), Kind::Event, format!("{} is invited", incoming.param(1)))),
        346 | 348 | 367 => {
            let by = Some(incoming.param(3)).filter(|setter| !setter.is_empty());
            let by = by.map_or_else(String::new, |setter| format!(" (by {setter})"));
            Some(Entry::at(&incoming.param(1), Kind::Event, format!("{}{by}", incoming.param(2))))
        }
        400..=599 | 696 | 723 | 734 => Some(Entry::new(Kind::Error, refused(incoming))),
        900 => Some(Entry::new(Kind::Answer, incoming.last())),
        _ => Some(Entry::new(Kind::Answer, incoming.from(1))),
    }
}

/// What a refusal is about, and its text, which may go on from there: `bob #a is already on channel`.
fn refused(incoming: &Incoming) -> String {
    let about = (1..incoming.len().saturating_sub(1)).map(|index| incoming.param(index));
    let (about, text) = (about.collect::<Vec<_>>().join(" "), incoming.last());
    let colon = if text.starts_with(char::is_lowercase) { "" } else { ":" };
    if about.is_empty() { text } else { format!("{about}{colon} {text}") }
}

/// Seconds as people count them, the two largest units.
fn duration(seconds: &str) -> String {
    let Ok(total) = seconds.parse::<u64>() else { return format!("{seconds} s") };
    let (days, hours, minutes, seconds) = (total / 86_400, total / 3600 % 24, total / 60 % 60, total % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min {seconds} s"),
        (0, ..) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
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
            (":bob!b@h QUIT :Quit: ", Some("-- bob quit")),
            (":bob!b@h QUIT :Quit: bye", Some("-- bob quit (Quit: bye)")),
            (":bob!b@h KICK #a alice :why", Some("[#a] -- alice was kicked by bob (why)")),
            (":s 332 alice #a :the topic", Some("[#a] -- topic: the topic")),
            (":s 353 alice = #a :@alice bob", Some("[#a] -- here: @alice bob")),
            (":s 403 alice #x :No such channel", Some("!! #x: No such channel")),
            (":s 443 alice bob #a :is already on channel", Some("!! bob #a is already on channel")),
            (":s 696 alice #a k * :Invalid mode parameter", Some("!! #a k *: Invalid mode parameter")),
            (":s 341 alice bob #a", Some("[#a] -- bob is invited")),
            (":s 367 alice #a bad!*@* op!o@h 1767225600", Some("[#a] -- bad!*@* (by op!o@h)")),
            (":s 265 alice 2 3 :Current local users 2, max 3", Some("Current local users 2, max 3")),
            (":s 451 alice :You have not registered", Some("!! You have not registered")),
            (":s 338 alice bob 192.0.2.1 :is actually using host", Some("bob is actually using host 192.0.2.1")),
            (":s 317 alice bob 59 0 :seconds idle, signon time", Some("bob has been silent for 59 s")),
            (":s 317 alice bob 7384 0 :seconds idle, signon time", Some("bob has been silent for 2 h 3 min")),
            (":s 330 alice bob bob@x :is logged in as", Some("bob is logged in as bob@x")),
            (":s 311 alice bob b host * :Bob B", Some("bob is b@host (Bob B)")),
            (":s 319 alice bob :@#a ", Some("bob is in @#a")),
            (":s 366 alice #a :End", None),
            (":bob!b@h AWAY :out", None),
            (
                ":s NOTE CHANNEL REGISTERED #a :The channel belongs to alice from now on",
                Some("[#a] The channel belongs to alice from now on"),
            ),
            (
                ":s NOTE CHANNEL INFO #a alice 2026-01-01T00:00:00Z :The channel belongs to alice since then",
                Some("[#a] The channel belongs to alice since then"),
            ),
            (":s NOTE CHANNEL ACCESS #a alice founder :owns the channel", Some("[#a] alice owns the channel")),
            (":s NOTE CHANNEL ACCESS_END #a :End of the access list", None),
            (
                ":s FAIL CHANNEL NO_PRIVILEGES #a :Only an operator of the channel can register it",
                Some("[#a] !! Only an operator of the channel can register it"),
            ),
            (":s FAIL REGISTER WEAK_PASSWORD alice :Another password is needed", Some("!! Another password is needed")),
            (":s WARN REHASH CERTS_EXPIRED :a certificate has expired", Some("-- warning: a certificate has expired")),
            (":s NOTE * OPER_MESSAGE :#no channel", Some("#no channel")),
        ] {
            let incoming = Incoming::parse(line.as_bytes()).expect("a message");
            assert_eq!(entry(&incoming, "alice").map(|entry| entry.to_string()).as_deref(), expected, "{line}");
        }
    }
}
