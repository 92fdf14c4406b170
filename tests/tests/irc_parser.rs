//! The chat's parser agrees with another one, the crate `ircv3_parse`, on random lines, well-formed and mangled.
//!
//! Where the two differ by design, [`Difference`] says in what and why, and an example shows that they do.

use chat::wire::message::Message;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::cell::Cell;

const CASES: u32 = 2_000;

/// What was read, in a form that both parsers can say.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Read {
    tags: Vec<(String, String)>,
    source: Option<String>,
    command: String,
    params: Vec<String>,
}

fn ours(line: &str) -> Option<Read> {
    let message = Message::parse(line.as_bytes()).ok()?;
    Some(Read {
        tags: message.tags.iter().map(|(key, value)| (key.to_owned(), value.into_owned())).collect(),
        source: message.source.map(str::to_owned),
        command: message.command.to_ascii_uppercase(),
        params: message.params().iter().map(|param| (*param).to_owned()).collect(),
    })
}

fn theirs(line: &str) -> Option<Read> {
    let message = ircv3_parse::parse(line).ok()?;
    let tags = message.tags().map(ircv3_parse::components::Tags::to_vec).unwrap_or_default();
    let params = message.params();
    let trailing = params.trailing.is_some().then(|| params.trailing.as_str());
    Some(Read {
        tags: tags.iter().map(|(key, value)| ((*key).to_owned(), ircv3_parse::unescape(value.as_str()))).collect(),
        source: message.source().map(|source| source.as_str().to_owned()),
        command: message.command().as_str().to_ascii_uppercase(),
        params: params.middles.iter().chain(trailing).map(str::to_owned).collect(),
    })
}

/// What the two take differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Difference {
    /// We refuse a line with a NUL, CR or LF in it, which RFC 2812 allows nowhere; there a CR or LF ends the line, and the
    /// rest is ignored.
    Control,
    /// `;;` and `@ ` have no tag between them for us, and there an empty one.
    EmptyTag,
    /// A backslash before another letter, or before nothing, is dropped (IRCv3 message tags, "Escaping values"); there it
    /// stays.
    Escape,
    /// Any number of spaces parts a line (Modern IRC, "Message format"); there one before source, command and parameters.
    Spaces,
    /// Any letters and digits are a command that we may not know; there letters, or three digits.
    Command,
    /// The fifteenth parameter is all the rest (RFC 2812, section 2.3); there they are not counted.
    Fifteenth,
    /// Spaces alone part parameters; there tabs and form feeds as well.
    Whitespace,
    /// A colon within a parameter hides there the last one's from twelve octets on: `MODE a:b` and a text is one text less.
    Colon,
}

/// In what the two differ on a line by design, if they do. Knows neither parser.
fn by_design(line: &str) -> Option<Difference> {
    if line.contains(['\0', '\r', '\n']) {
        return Some(Difference::Control);
    }
    let mut rest = line;
    if let Some(tagged) = rest.strip_prefix('@') {
        let (tags, after) = tagged.split_once(' ')?;
        if tags.split(';').any(str::is_empty) {
            return Some(Difference::EmptyTag);
        }
        if tags.split(';').any(has_odd_escape) {
            return Some(Difference::Escape);
        }
        rest = after;
    }
    let tagged = rest.len() < line.len();
    if tagged && rest.starts_with(' ') {
        return Some(Difference::Spaces);
    }
    if let Some(named) = rest.strip_prefix(':') {
        rest = named.split_once(' ')?.1;
        if rest.starts_with(' ') {
            return Some(Difference::Spaces);
        }
    }
    let (command, params) = rest.split_once(' ').map_or((rest, None), |(command, params)| (command, Some(params)));
    if command.is_empty() || !command.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let digits = command.len() == 3 && command.bytes().all(|byte| byte.is_ascii_digit());
    if !digits && !command.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Some(Difference::Command);
    }
    params.and_then(in_parameters)
}

fn has_odd_escape(tag: &str) -> bool {
    let value = tag.split_once('=').map_or("", |(_, value)| value);
    let mut characters = value.chars();
    while let Some(c) = characters.next() {
        if c == '\\' && !characters.next().is_some_and(|next| ":s\\rn".contains(next)) {
            return true;
        }
    }
    false
}

fn in_parameters(params: &str) -> Option<Difference> {
    if params.is_empty() || params.starts_with(' ') {
        return Some(Difference::Spaces);
    }
    let (middles, trailing) = match params.strip_prefix(':') {
        Some(_) => ("", true),
        None => params.split_once(" :").map_or((params, false), |(middles, _)| (middles, true)),
    };
    if middles.contains(['\t', '\u{c}']) {
        return Some(Difference::Whitespace);
    }
    if middles.split(' ').filter(|middle| !middle.is_empty()).count() > 14 {
        return Some(Difference::Fifteenth);
    }
    (trailing && middles.contains(':')).then_some(Difference::Colon)
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() }
}

fn tag() -> impl Strategy<Value = String> {
    r"[+]?[a-z][a-z0-9./-]{0,6}(=([a-zA-Zü,:=]|\\[:s\\rn]){0,6})?"
}

/// Tags, source, command, parameters and a trailing one, as they are put on a line.
type Parts = (Vec<String>, Option<String>, String, Vec<String>, Option<String>);

fn parts() -> impl Strategy<Value = Parts> {
    let command = prop_oneof![
        prop::sample::select(vec!["PRIVMSG", "JOIN", "MODE", "CAP", "ping"]).prop_map(str::to_owned),
        "[A-Za-z]{1,9}",
        "[0-9]{3}",
    ];
    (
        prop::collection::vec(tag(), 0..4),
        prop::option::of("[a-z]{1,5}(![a-z]{1,4}@[a-z0-9.:]{1,6})?"),
        command,
        prop::collection::vec(prop_oneof![20 => "[#a-zA-Z0-9+*!@,é=;-]{1,7}", 1 => "[a-z]:[a-z:]{0,3}"], 0..14),
        prop::option::of("[a-zü :;=@,\t]{0,20}"),
    )
}

fn put_together((tags, source, command, middles, trailing): &Parts) -> String {
    let mut line = if tags.is_empty() { String::new() } else { format!("@{} ", tags.join(";")) };
    line.extend(source.iter().map(|source| format!(":{source} ")));
    line.push_str(command);
    line.extend(middles.iter().map(|middle| format!(" {middle}")));
    line.extend(trailing.iter().map(|trailing| format!(" :{trailing}")));
    line
}

fn well_formed() -> impl Strategy<Value = String> {
    parts().prop_map(|parts| put_together(&parts))
}

/// A well-formed line of which some characters are others, gone, or new.
fn mangled() -> impl Strategy<Value = String> {
    let edit = (any::<prop::sample::Index>(), prop::option::of(prop::sample::select(ODD.to_vec())), any::<bool>());
    (well_formed(), prop::collection::vec(edit, 1..4)).prop_map(|(line, edits)| {
        let mut characters: Vec<char> = line.chars().collect();
        for (place, new, instead) in edits {
            let place = place.index(characters.len() + 1);
            if instead && place < characters.len() {
                characters.remove(place);
            }
            if let Some(new) = new {
                characters.insert(place, new);
            }
        }
        characters.into_iter().collect()
    })
}

const ODD: [char; 14] = ['@', ':', ' ', ';', '=', '\\', '\t', '\r', '\0', 'a', '1', 'ß', '!', '-'];

/// Both say the same of random lines, but for those on which they differ by design, which are the fewer.
fn agree(lines: impl Strategy<Value = String>) {
    let compared = Cell::new(0);
    let agreed = TestRunner::new(config()).run(&lines, |line| {
        if by_design(&line).is_none() {
            compared.set(compared.get() + 1);
            prop_assert_eq!(ours(&line), theirs(&line));
        }
        Ok(())
    });
    agreed.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(compared.get() > CASES / 2, "only {} lines were compared", compared.get());
}

#[test]
fn both_read_the_same_in_well_formed_lines() {
    agree(well_formed());
}

#[test]
fn both_read_the_same_in_mangled_lines_or_refuse_them() {
    agree(mangled());
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_a_line_was_made_of_is_what_is_read(parts in parts()) {
        let read = ours(&put_together(&parts)).expect("a well-formed line");
        let (tags, source, command, middles, trailing) = parts;
        prop_assert_eq!((read.source, read.command), (source, command.to_ascii_uppercase()));
        prop_assert_eq!(read.params, middles.into_iter().chain(trailing).collect::<Vec<_>>());
        let keys: Vec<&str> = tags.iter().map(|tag| tag.split('=').next().unwrap_or_default()).collect();
        prop_assert_eq!(read.tags.iter().map(|(key, _)| key).collect::<Vec<_>>(), keys);
    }
}

#[test]
fn where_they_differ_it_is_by_design() {
    let fifteen = "X 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16";
    let table: [(&str, Difference, Option<&[&str]>); 10] = [
        ("PRIVMSG #a :b\rQUIT", Difference::Control, None),
        ("@a;;b X", Difference::EmptyTag, Some(&[])),
        (r"@a=\q\ X", Difference::Escape, Some(&[])),
        (":me  PRIVMSG #a", Difference::Spaces, Some(&["#a"])),
        ("PING ", Difference::Spaces, Some(&[])),
        ("42A x", Difference::Command, Some(&["x"])),
        (fifteen, Difference::Fifteenth, None),
        ("JOIN a\tb", Difference::Whitespace, Some(&["a\tb"])),
        ("MODE a:b cccccccc :d e", Difference::Colon, Some(&["a:b", "cccccccc", "d e"])),
        ("@ X", Difference::EmptyTag, Some(&[])),
    ];
    for (line, difference, params) in table {
        assert_eq!(by_design(line), Some(difference), "{line:?}");
        assert_ne!(ours(line), theirs(line), "{line:?}");
        if let Some(params) = params {
            assert_eq!(ours(line).expect("a message").params, params, "{line:?}");
        }
    }
    assert_eq!(ours(fifteen).expect("a message").params[14], "15 16");
    assert_eq!(ours(r"@a=\q\ X").expect("a message").tags, [("a".to_owned(), "q".to_owned())]);
}
