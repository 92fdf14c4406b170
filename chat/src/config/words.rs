//! What is wrong with a configuration's text, in words for who writes it: serde's own speak of types of this program.

use ca_store::facts::escape;

use super::place;

/// Characters of a value that are shown of one that does not fit.
const SHOWN: usize = 40;

/// How far a key may be from one that is meant, as a part of its length: a third, which is a typing mistake or two.
const NEAR: usize = 3;

const ADDRESS: &str = "an address and a port in quotes, as \"127.0.0.1:6697\" or \"[::]:6697\"";

/// What was expected and what was found, in one line.
pub(super) fn problem(error: &toml::de::Error, text: &str) -> String {
    let span = error.span().unwrap_or_default();
    let path = place::path_at(text, span.start);
    let found = Found { path: &path, text: text.get(span).unwrap_or_default() };
    let message = error.message();
    if let Some(rest) = message.strip_prefix("unknown field ") {
        return unknown_key(&found, &quoted(rest));
    }
    if let Some(rest) = message.strip_prefix("missing field ") {
        return lacking(&found, &quoted(rest));
    }
    if let Some(rest) = message.strip_prefix("unknown variant ") {
        return unknown_word(&found, &quoted(rest));
    }
    match message {
        "duplicate key" => format!("{} is there twice; leave one of the two", escape(found.text)),
        "invalid socket address syntax" => found.expected(ADDRESS),
        "wanted string or table" => found.expected("a word in quotes"),
        message => match message.strip_prefix("invalid ").and_then(|rest| rest.rsplit_once(", expected ")) {
            Some((kind, expected)) if kind.starts_with("type") || kind.starts_with("value") => {
                found.expected(&in_words(expected, &found))
            }
            // Not TOML, and said so in its own words.
            _ => message.replace('\n', " "),
        },
    }
}

/// What stands at the place of the error.
struct Found<'a> {
    path: &'a [String],
    text: &'a str,
}

impl Found<'_> {
    fn expected(&self, expected: &str) -> String {
        let key = escape(&self.path.join("."));
        // A password is shown to nobody, however it is written.
        let found = match self.path.last() {
            Some(key) if key == "password" => "something else".to_owned(),
            _ => escape(&self.text.chars().take(SHOWN).collect::<String>()).to_string(),
        };
        format!("`{key}`: expected {expected}, found {found}")
    }
}

fn unknown_key(found: &Found<'_>, names: &[&str]) -> String {
    let [unknown, known @ ..] = names else { return "a key that means nothing here".to_owned() };
    let shown = escape(unknown);
    let told = match found.path.split_last() {
        Some((_, section)) if !section.is_empty() => {
            format!("there is no key `{shown}` in [{}]", escape(&section.join(".")))
        }
        _ => format!("there is no key or section `{shown}`"),
    };
    match nearest(unknown, known) {
        Some(meant) => format!("{told}; did you mean `{meant}`?"),
        None => format!("{told}; expected one of {}", known.join(", ")),
    }
}

fn unknown_word(found: &Found<'_>, names: &[&str]) -> String {
    let [unknown, known @ ..] = names else { return found.expected("another word") };
    let words = known.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
    let meant = nearest(unknown, known).map(|meant| format!("; did you mean \"{meant}\"?")).unwrap_or_default();
    format!("{}{meant}", found.expected(&format!("one of {words}")))
}

fn lacking(found: &Found<'_>, names: &[&str]) -> String {
    let missing = names.first().copied().unwrap_or_default();
    format!("expected the key `{missing}` in {}, found none", escape(found.text))
}

/// The names between backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The name that was meant, if one is near enough.
fn nearest<'a>(unknown: &str, known: &[&'a str]) -> Option<&'a str> {
    let far = |name: &&&str| strsim::osa_distance(&unknown.to_ascii_lowercase(), name);
    let most = (unknown.chars().count() / NEAR).max(1);
    known.iter().min_by_key(far).filter(|name| far(name) <= most).copied()
}

/// A type of this program, for a person.
fn in_words(expected: &str, found: &Found<'_>) -> String {
    let key = found.path.last().map_or("", String::as_str);
    match expected {
        "a string" => "a text in quotes",
        "path string" => "a path in quotes",
        "a boolean" => "true or false",
        "socket address" => ADDRESS,
        "usize" | "u64" => "a whole number, 0 or more",
        "u32" => "a whole number from 0 to 4294967295",
        "a nonzero u16" => "a whole number from 1 to 65535",
        "a sequence" if found.text.starts_with('[') => return format!("sections, each with its own [[{key}]]"),
        "a sequence" => "a list in brackets",
        expected if expected.starts_with("struct ") => return format!("a section [{key}]"),
        expected => expected,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use crate::config::ConfigFile;
    use std::path::Path;

    #[test]
    fn mistakes_are_worded_for_a_person() {
        for (text, expected) in [
            ("netwrok = \"b\"", "there is no key or section `netwrok`; did you mean `network`?"),
            ("[listen]\ntsl = []", "there is no key `tsl` in [listen]; did you mean `tls`?"),
            ("[lisen]\nx = 1", "there is no key or section `lisen`; did you mean `listen`?"),
            ("[history]\nx = 1", "there is no key `x` in [history]; expected one of store, days, entries, total"),
            (
                "[limits]\nnick_length = \"long\"",
                "`limits.nick_length`: expected a whole number, 0 or more, found \"long\"",
            ),
            ("[limits]\nnick_length = -5", "`limits.nick_length`: expected a whole number, 0 or more, found -5"),
            ("name = 5", "`name`: expected a text in quotes, found 5"),
            ("[name]\nx = 1", "`name`: expected a text in quotes, found [name]"),
            ("motd = \"x\"", "`motd`: expected a list in brackets, found \"x\""),
            ("motd = [1]", "`motd`: expected a text in quotes, found 1"),
            ("listen = 5", "`listen`: expected a section [listen], found 5"),
            (
                "[operator]\nname = \"a\"",
                "`operator`: expected sections, each with its own [[operator]], found [operator]",
            ),
            ("[[operator]]\nname = \"a\"", "expected the key `rights` in [[operator]], found none"),
            (
                "[tls]\nmtls = \"optinal\"",
                "`tls.mtls`: expected one of \"off\", \"optional\", \"required\", found \"optinal\"; did you mean \"optional\"?",
            ),
            ("[tls]\nmtls = true", "`tls.mtls`: expected a word in quotes, found true"),
            ("[tls]\nstore = 1", "`tls.store`: expected a path in quotes, found 1"),
            ("[accounts]\nregistration = \"yes\"", "`accounts.registration`: expected true or false, found \"yes\""),
            ("[sts]\nduration = 1\nport = 70000", "`sts.port`: expected a whole number from 1 to 65535, found 70000"),
            ("name = \"a\"\nname = \"b\"", "name is there twice; leave one of the two"),
            ("password = 12345", "`password`: expected a text in quotes, found something else"),
            ("name = ", "string values must be quoted, expected literal string"),
        ] {
            let told = ConfigFile::parse(text, Path::new("chat.toml")).expect_err("refused").to_string();
            let (place, problem) = told.split_once(": ").expect("a place");
            assert_eq!(problem, expected, "{text}");
            assert!(place.starts_with("chat.toml:"), "{place}");
        }
    }

    #[test]
    fn an_address_is_shown_how_it_is_written() {
        for text in
            ["[listen]\ntls = [\"6697\"]", "[listen]\ntls = [6697]", "[listen]\nplaintext = [\"localhost:6667\"]"]
        {
            let told = ConfigFile::parse(text, Path::new("chat.toml")).expect_err("refused").to_string();
            assert!(told.starts_with("chat.toml:2: `listen.") && told.contains("\"[::]:6697\", found "), "{told}");
        }
    }

    #[test]
    fn what_was_found_steers_no_terminal() {
        let told = ConfigFile::parse("\"a\\u001b[2J\" = 1", Path::new("chat.toml")).expect_err("refused").to_string();
        assert!(!told.contains('\u{1b}') && told.contains("u{1b}"), "{told}");
    }
}
