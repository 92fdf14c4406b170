//! What a person gets to read: entries, and their text with nothing in it that could steer a terminal.

use std::fmt;
use time::{OffsetDateTime, UtcOffset};

use super::joiner;

/// One thing to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The channel or person that it belongs to.
    pub place: Option<String>,
    /// What it is.
    pub kind: Kind,
    /// Its text, already safe.
    pub text: String,
    /// When it was said, where that is not now.
    pub said: Option<OffsetDateTime>,
}

/// The kinds of entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Somebody said it.
    Message {
        /// Who.
        from: String,
    },
    /// Somebody did it (`/me`).
    Action {
        /// Who.
        from: String,
    },
    /// A notice, of a person or the server.
    Notice {
        /// Who.
        from: String,
    },
    /// Somebody came, went, or changed something.
    Event,
    /// An answer to what was asked.
    Answer,
    /// Something did not work.
    Error,
}

impl Entry {
    /// An answer or event of no channel.
    pub fn new(kind: Kind, text: impl Into<String>) -> Self {
        Self { place: None, kind, text: text.into(), said: None }
    }

    /// The same, of a channel or person.
    pub fn at(place: &str, kind: Kind, text: impl Into<String>) -> Self {
        Self { place: Some(place.to_owned()), kind, text: text.into(), said: None }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(formatter, "[{place}] ")?;
        }
        if let Some(said) = self.said.map(|said| said.to_offset(UtcOffset::UTC)) {
            write!(formatter, "{} {:02}:{:02} UTC ", said.date(), said.hour(), said.minute())?;
        }
        let text = &self.text;
        match &self.kind {
            Kind::Message { from } => write!(formatter, "<{from}> {text}"),
            Kind::Action { from } => write!(formatter, "* {from} {text}"),
            Kind::Notice { from } => write!(formatter, "-{from}- {text}"),
            Kind::Event => write!(formatter, "-- {text}"),
            Kind::Answer => write!(formatter, "{text}"),
            Kind::Error => write!(formatter, "!! {text}"),
        }
    }
}

/// Makes text from the server fit to show: formatting codes of IRC clients are dropped, and every character that
/// could steer a terminal is spelled out. Joiners stay where they join: without them Persian and Hindi are spelled wrong, and a family is
/// four faces.
pub fn shown(text: &str) -> String {
    let plain = without_formatting(text);
    let (mut shown, mut begin) = (String::with_capacity(plain.len()), 0);
    for (at, joiner) in plain.match_indices(joiner::JOINERS) {
        if joiner::joins(&plain[..at], joiner, &plain[at + joiner.len()..]) {
            shown.push_str(&ca_store::facts::escape(&plain[begin..at]));
            shown.push_str(joiner);
            begin = at + joiner.len();
        }
    }
    shown.push_str(&ca_store::facts::escape(&plain[begin..]));
    shown
}

/// Drops bold, italics, underline, strike-through, monospace, reverse, reset, and colours with their numbers.
fn without_formatting(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\x02' | '\x0f' | '\x11' | '\x16' | '\x1d' | '\x1e' | '\x1f' => {}
            '\x03' => skip_colour(&mut rest, 2, char::is_ascii_digit),
            '\x04' => skip_colour(&mut rest, 6, char::is_ascii_hexdigit),
            character => plain.push(character),
        }
    }
    plain
}

/// A foreground of up to `most` digits, and a background after a comma.
fn skip_colour(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, most: usize, digit: fn(&char) -> bool) {
    let skip_digits = |rest: &mut std::iter::Peekable<std::str::Chars<'_>>| {
        (0..most).take_while(|_| rest.next_if(digit).is_some()).count()
    };
    if skip_digits(rest) == 0 {
        return;
    }
    let mut ahead = rest.clone();
    if ahead.next() == Some(',') && ahead.next().is_some_and(|next| digit(&next)) {
        rest.next();
        skip_digits(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formatting_goes_and_control_characters_are_spelled_out() {
        for (raw, expected) in [
            ("\x02bold\x02 \x1ditalic\x0f", "bold italic"),
            ("\x034,12red on blue\x03 plain", "red on blue plain"),
            ("\x034, comma stays", ", comma stays"),
            ("\x031234", "34"),
            ("\x04ff0000red", "red"),
            ("\x1b[2Jgone", "\\u{1b}[2Jgone"),
            ("wörter \u{202e}x", "wörter \\u{202e}x"),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("क्\u{200d}ष", "क्\u{200d}ष"),
            ("👩\u{200d}❤\u{fe0f}\u{200d}👩", "👩\u{200d}❤\u{fe0f}\u{200d}👩"),
            ("👩🏽\u{200d}🚀", "👩🏽\u{200d}🚀"),
            ("pay\u{200d}pal", "pay\\u{200d}pal"),
            ("а\u{200c}б", "а\\u{200c}б"),
            ("می\u{200c}\u{200c}خ", "می\\u{200c}\\u{200c}خ"),
            ("\u{200d}👩", "\\u{200d}👩"),
            ("می\u{200b}خ", "می\\u{200b}خ"),
            ("سلام\u{202e}x", "سلام\\u{202e}x"),
        ] {
            assert_eq!(shown(raw), expected, "{raw:?}");
        }
    }

    #[test]
    fn entries_read_as_lines() {
        let alice = || "alice".to_owned();
        for (entry, expected) in [
            (Entry::at("#lobby", Kind::Message { from: alice() }, "hi"), "[#lobby] <alice> hi"),
            (Entry::at("#lobby", Kind::Action { from: alice() }, "waves"), "[#lobby] * alice waves"),
            (Entry::new(Kind::Notice { from: alice() }, "psst"), "-alice- psst"),
            (Entry::at("#lobby", Kind::Event, "alice joined"), "[#lobby] -- alice joined"),
            (Entry::new(Kind::Error, "no such channel"), "!! no such channel"),
        ] {
            assert_eq!(entry.to_string(), expected);
        }
    }
}
