//! Messages: reading a line without copying, and writing one (RFC 2812, section 2.3.1; IRCv3 message tags).

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;

use crate::limits::wire::BODY_LENGTH;
pub use crate::limits::wire::PARAMETERS;

/// A line that was read. Everything borrows from the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message<'a> {
    /// What stood between `@` and the space.
    pub tags: Tags<'a>,
    /// What stood after `:` before the command.
    pub source: Option<&'a str>,
    /// The command or numeric as it was written.
    pub command: &'a str,
    parameters: [&'a str; PARAMETERS],
    count: usize,
}

/// Why a line is no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// It is not UTF-8.
    #[error("the line is not UTF-8")]
    NotUtf8,
    /// It has a NUL, CR or LF in it.
    #[error("the line has a NUL, CR or LF in it")]
    ControlCharacter,
    /// There is no command, or it has other characters than letters and digits.
    #[error("the line has no command of letters or digits")]
    NoCommand,
}

impl<'a> Message<'a> {
    /// Reads a line without its CR LF.
    pub fn parse(line: &'a [u8]) -> Result<Message<'a>, ParseError> {
        let line = std::str::from_utf8(line).map_err(|_| ParseError::NotUtf8)?;
        if line.bytes().any(|byte| matches!(byte, 0 | b'\r' | b'\n')) {
            return Err(ParseError::ControlCharacter);
        }
        let (tags, rest) = split_marked(line, '@');
        let (source, rest) = split_marked(rest, ':');
        let (command, rest) = split_word(rest);
        if command.is_empty() || !command.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(ParseError::NoCommand);
        }
        let (parameters, count) = split_parameters(rest);
        Ok(Message { tags: Tags(tags.unwrap_or("")), source, command, parameters, count })
    }

    /// The parameters, the trailing one without its colon.
    pub fn params(&self) -> &[&'a str] {
        &self.parameters[..self.count]
    }

    /// A parameter that is there and not empty.
    pub fn param(&self, index: usize) -> Option<&'a str> {
        self.params().get(index).copied().filter(|param| !param.is_empty())
    }
}

fn split_word(text: &str) -> (&str, &str) {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    (word, rest.trim_start_matches(' '))
}

fn split_marked(text: &str, mark: char) -> (Option<&str>, &str) {
    match text.strip_prefix(mark) {
        Some(marked) => {
            let (word, rest) = split_word(marked);
            (Some(word), rest)
        }
        None => (None, text),
    }
}

fn split_parameters(mut rest: &str) -> ([&str; PARAMETERS], usize) {
    let mut parameters = [""; PARAMETERS];
    let mut count = 0;
    while !rest.is_empty() {
        if let Some(trailing) = rest.strip_prefix(':') {
            (parameters[count], rest) = (trailing, "");
        } else if count == PARAMETERS - 1 {
            (parameters[count], rest) = (rest, "");
        } else {
            (parameters[count], rest) = split_word(rest);
        }
        count += 1;
    }
    (parameters, count)
}

/// The tags of a message as they were written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tags<'a>(&'a str);

impl<'a> Tags<'a> {
    /// Key and value of each tag, the value unescaped.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> {
        self.raw().map(|tag| {
            let (key, value) = tag.split_once('=').unwrap_or((tag, ""));
            (key, unescape(value))
        })
    }

    /// The value of a tag as it was written; empty where it has none.
    pub fn written(self, key: &str) -> Option<&'a str> {
        let tags = self.raw().map(|tag| tag.split_once('=').unwrap_or((tag, "")));
        // Where a key stands twice, the last one counts (IRCv3 message tags, "Rules for servers").
        tags.filter(|(found, _)| *found == key).last().map(|(_, value)| value)
    }

    /// The client-only tags with well-formed keys, still escaped, as they are relayed: `+typing=active;+x`. Each key once,
    /// with the value that counts.
    pub fn client_only(self) -> String {
        let mut relayed: Vec<&str> = self.raw().filter(|tag| is_client_only(tag)).collect();
        let mut seen = BTreeSet::new();
        relayed.reverse();
        relayed.retain(|tag| seen.insert(key(tag)));
        relayed.reverse();
        relayed.join(";")
    }

    fn raw(self) -> impl Iterator<Item = &'a str> {
        self.0.split(';').filter(|tag| !tag.is_empty())
    }
}

fn key(tag: &str) -> &str {
    tag.split('=').next().unwrap_or(tag)
}

fn is_client_only(tag: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'/');
    key(tag).strip_prefix('+').is_some_and(|name| !name.is_empty() && name.bytes().all(allowed))
}

fn unescape(value: &str) -> Cow<'_, str> {
    if !value.contains('\\') {
        return Cow::Borrowed(value);
    }
    let mut characters = value.chars();
    let mut text = String::with_capacity(value.len());
    while let Some(c) = characters.next() {
        match if c == '\\' { characters.next().map(unescaped) } else { Some(c) } {
            Some(c) => text.push(c),
            None => break,
        }
    }
    Cow::Owned(text)
}

fn unescaped(c: char) -> char {
    match c {
        ':' => ';',
        's' => ' ',
        'r' => '\r',
        'n' => '\n',
        other => other,
    }
}

/// A line being written: at most 512 bytes with CR LF, always UTF-8, never with CR, LF or NUL inside. What does not fit
/// is cut off at a character's border.
///
/// Begin with [`Line::new`], add [`Line::param`]s, end with [`Line::text`] where the last parameter may hold spaces.
#[derive(Clone)]
pub struct Line {
    bytes: [u8; BODY_LENGTH],
    length: usize,
}

fn is_no_part_of_a_word(byte: u8) -> bool {
    matches!(byte, b' ' | 0 | b'\r' | b'\n')
}

/// Bytes of a line without its CR LF.
const ROOM: usize = BODY_LENGTH - 2;

impl Line {
    /// A line from a server or a client (`nick!user@host`).
    pub fn new(source: &str, command: &str) -> Line {
        let mut line = Line { bytes: [0; BODY_LENGTH], length: 0 };
        line.append(":");
        line.append(source);
        line.append(" ");
        line.append(command);
        line
    }

    /// A line without a source, as clients send it.
    pub fn command(command: &str) -> Line {
        let mut line = Line { bytes: [0; BODY_LENGTH], length: 0 };
        line.append(command);
        line
    }

    /// Adds a parameter without spaces. A text that could be mistaken for something else is made harmless: an empty
    /// one becomes `*`, spaces become `_`, a colon at the beginning is preceded by `0`.
    #[must_use]
    pub fn param(mut self, text: &str) -> Line {
        self.append(" ");
        if text.is_empty() || text.starts_with(':') {
            self.append(if text.is_empty() { "*" } else { "0" });
        }
        if text.bytes().any(is_no_part_of_a_word) {
            self.append(&text.replace([' ', '\0', '\r', '\n'], "_"));
        } else {
            self.append(text);
        }
        self
    }

    /// Adds a number as a parameter.
    #[must_use]
    pub fn number(mut self, number: impl std::fmt::Display) -> Line {
        // Writing into the line cannot fail: what does not fit is cut.
        let _ = write!(self, " {number}");
        self
    }

    /// Adds several parameters without spaces.
    #[must_use]
    pub fn params<T: AsRef<str>>(self, texts: impl IntoIterator<Item = T>) -> Line {
        texts.into_iter().fold(self, |line, text| line.param(text.as_ref()))
    }

    /// Adds the last parameter, with a colon.
    #[must_use]
    pub fn text(mut self, text: &str) -> Line {
        self.append(" :");
        self.append(text);
        self
    }

    /// The bytes with CR LF, in one allocation.
    pub fn finish(&self) -> Arc<[u8]> {
        let mut bytes = self.bytes;
        bytes[self.length..self.length + 2].copy_from_slice(b"\r\n");
        Arc::from(&bytes[..self.length + 2])
    }

    /// The line without CR LF.
    pub fn as_text(&self) -> &str {
        // Only whole characters are ever appended.
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }

    /// As many bytes as may still be added.
    pub fn room(&self) -> usize {
        ROOM - self.length
    }

    fn append(&mut self, text: &str) {
        let text = cut(text, self.room());
        let target = &mut self.bytes[self.length..self.length + text.len()];
        target.copy_from_slice(text.as_bytes());
        for byte in target {
            if matches!(*byte, 0 | b'\r' | b'\n') {
                *byte = b' ';
            }
        }
        self.length += text.len();
    }
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.append(text);
        Ok(())
    }
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Line({})", self.bytes[..self.length].escape_ascii())
    }
}

/// The longest beginning of `text` with at most `limit` bytes that ends at a character's border.
pub fn cut(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}

/// A finished line with tags before it: `@tags :source COMMAND …`.
pub fn tagged(tags: &str, line: &[u8]) -> Arc<[u8]> {
    let mut bytes = Vec::with_capacity(tags.len() + 2 + line.len());
    bytes.push(b'@');
    bytes.extend_from_slice(tags.as_bytes());
    bytes.push(b' ');
    bytes.extend_from_slice(line);
    bytes.into()
}

/// A finished line, with or without tags, with another tag in front.
pub fn with_tag(tag: &str, line: &[u8]) -> Arc<[u8]> {
    match line.strip_prefix(b"@") {
        Some(rest) => [b"@", tag.as_bytes(), b";", rest].concat().into(),
        None => tagged(tag, line),
    }
}

/// Joins words with spaces into texts of at most `room` bytes each, as many as it takes.
pub fn join_to_fit<T: AsRef<str>>(words: impl IntoIterator<Item = T>, room: usize) -> Vec<String> {
    join_to_fit_with(' ', words, room)
}

/// Joins words with a separator of one byte into texts of at most `room` bytes each, as many as it takes.
pub fn join_to_fit_with<T: AsRef<str>>(
    separator: char,
    words: impl IntoIterator<Item = T>,
    room: usize,
) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for word in words {
        let word = word.as_ref();
        match texts.last_mut() {
            Some(text) if text.len() + 1 + word.len() <= room => {
                text.push(separator);
                text.push_str(word);
            }
            _ => texts.push(word.to_owned()),
        }
    }
    texts
}

/// Fills lines that begin with `start` with words as their last parameter, as many lines as it takes.
pub fn pack<T: AsRef<str>>(start: &Line, words: impl IntoIterator<Item = T>) -> Vec<Line> {
    let room = start.room().saturating_sub(" :".len());
    join_to_fit(words, room).iter().map(|text| start.clone().text(text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(line: &Line) -> String {
        String::from_utf8(line.finish().to_vec()).unwrap()
    }

    #[test]
    fn lines_are_taken_apart() {
        let table: [(&str, Option<&str>, &str, &[&str]); 8] = [
            ("PING", None, "PING", &[]),
            ("PING x", None, "PING", &["x"]),
            (":me  PRIVMSG  #a  :hi  there ", Some("me"), "PRIVMSG", &["#a", "hi  there "]),
            ("PRIVMSG #a :", None, "PRIVMSG", &["#a", ""]),
            ("PRIVMSG #a ::)", None, "PRIVMSG", &["#a", ":)"]),
            ("@a=b;c :me 001 you", Some("me"), "001", &["you"]),
            ("MODE a:b c:d ", None, "MODE", &["a:b", "c:d"]),
            (
                "X 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
                None,
                "X",
                &["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15 16"],
            ),
        ];
        for (line, source, command, params) in table {
            let message = Message::parse(line.as_bytes()).unwrap();
            assert_eq!((message.source, message.command, message.params()), (source, command, params), "{line}");
        }
    }

    #[test]
    fn what_is_no_message_is_told_apart() {
        let table: [(&[u8], ParseError); 7] = [
            (b"", ParseError::NoCommand),
            (b"   ", ParseError::NoCommand),
            (b":only-source", ParseError::NoCommand),
            (b"@only-tags", ParseError::NoCommand),
            (b"P\xffNG", ParseError::NotUtf8),
            (b"PRIVMSG a :b\0c", ParseError::ControlCharacter),
            (b"PR-VMSG a", ParseError::NoCommand),
        ];
        for (line, error) in table {
            assert_eq!(Message::parse(line), Err(error), "{}", line.escape_ascii());
        }
    }

    #[test]
    fn tags_are_unescaped_and_client_only_ones_relayed() {
        let message = Message::parse(br"@+typing=active;time=x;+bad!key=1;+draft/reply=a\sb\:\\\q TAGMSG #a").unwrap();
        let tags: Vec<_> = message.tags.iter().collect();
        assert_eq!(tags[3], ("+draft/reply", Cow::Borrowed(r"a b;\q")));
        assert_eq!(message.tags.client_only(), r"+typing=active;+draft/reply=a\sb\:\\\q");
    }

    #[test]
    fn a_tag_that_stands_twice_is_relayed_once_with_its_last_value() {
        let message = Message::parse(b"@+a=1;+b;x;+a=2;+a TAGMSG #a").unwrap();
        assert_eq!((message.tags.client_only().as_str(), message.tags.written("+a")), ("+b;+a", Some("")));
    }

    #[test]
    fn lines_are_put_together() {
        let line = Line::new("irc.test", "332").param("bob").param("#a").text("a topic");
        assert_eq!(text(&line), ":irc.test 332 bob #a :a topic\r\n");
        let odd = Line::new("s", "X").param("").param("a b").param("::1").number(7);
        assert_eq!(text(&odd), ":s X * a_b 0::1 7\r\n");
        assert_eq!(text(&Line::new("s", "X").param(": a").param("a\rb\0").param("c")), ":s X 0:_a a_b_ c\r\n");
    }

    #[test]
    fn no_line_break_gets_in_and_nothing_exceeds_the_bound() {
        assert_eq!(text(&Line::new("s", "X").text("a\r\nQUIT\0")), ":s X :a  QUIT \r\n");
        let long = Line::new("s", "X").text(&"ü".repeat(400));
        assert_eq!((text(&long).len(), text(&long).ends_with("ü\r\n")), (512, true));
        let odd = Line::new("ss", "X").text(&"ü".repeat(400));
        assert_eq!((text(&odd).len(), text(&odd).ends_with("ü\r\n")), (511, true));
    }

    #[test]
    fn words_are_packed_into_as_many_lines_as_it_takes() {
        let words: Vec<String> = (0..200).map(|n| format!("word{n:03}")).collect();
        let lines = pack(&Line::new("s", "353").param("bob"), &words);
        assert!(lines.len() > 2 && lines.iter().all(|line| text(line).len() <= 512));
        let found: Vec<String> = lines
            .iter()
            .flat_map(|line| {
                text(line)[":s 353 bob :".len()..].split_whitespace().map(str::to_owned).collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(found, words);
    }

    #[test]
    fn what_was_written_is_read_back() {
        let bytes = Line::new("n!u@h", "PRIVMSG").param("#a").text(": x ").finish();
        let message = Message::parse(bytes.strip_suffix(b"\r\n").unwrap()).unwrap();
        assert_eq!(
            (message.source, message.command, message.params()),
            (Some("n!u@h"), "PRIVMSG", &["#a", ": x "][..])
        );
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(line in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..80)) {
            if let Ok(message) = Message::parse(&line) {
                proptest::prop_assert!(message.params().len() <= PARAMETERS);
                proptest::prop_assert!(!message.command.is_empty());
            }
        }

        #[test]
        fn any_parameters_are_written_and_read_back(
            middle in proptest::collection::vec("[^ :\r\n\0][^ \r\n\0]{0,8}", 0..14),
            text in "[^\r\n\0]{0,30}",
        ) {
            let bytes = Line::new("n!u@h", "CMD").params(&middle).text(&text).finish();
            let message = Message::parse(bytes.strip_suffix(b"\r\n").unwrap()).unwrap();
            let (last, before) = message.params().split_last().unwrap();
            proptest::prop_assert_eq!(before, &middle[..]);
            proptest::prop_assert_eq!(*last, &text);
        }
    }
}
