//! Where in the text of a configuration something stands.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::SettingsError;
use crate::tls::access::PatternError;

/// The line of an offset, from 1.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    let end = offset.min(text.len());
    text.as_bytes()[..end].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// The keys that lead to what stands at an offset: `["limits", "nick_length"]`. Empty where the text is no TOML.
pub(super) fn path_at(text: &str, offset: usize) -> Vec<String> {
    let mut path = Vec::new();
    if let Ok(table) = DeTable::parse(text) {
        descend(table.get_ref(), offset, &mut path);
    }
    path
}

fn descend(table: &DeTable<'_>, offset: usize, path: &mut Vec<String>) -> bool {
    let holds = |span: Range<usize>| span.contains(&offset) || span.start == offset;
    for (key, value) in table {
        path.push(key.get_ref().to_string());
        // A section's own span is its header; what it holds stands behind it.
        if tables(value).any(|table| descend(table, offset, path)) || holds(key.span()) || holds(value.span()) {
            return true;
        }
        path.pop();
    }
    false
}

/// A value that is a table, or those of a list of tables.
fn tables<'a>(value: &'a Spanned<DeValue<'a>>) -> impl Iterator<Item = &'a DeTable<'a>> {
    let listed = value.get_ref().as_array().into_iter().flatten().filter_map(|item| item.get_ref().as_table());
    value.get_ref().as_table().into_iter().chain(listed)
}

/// The line of a configuration's text that an error of its settings is about, where it is about one.
pub fn line_of_error(text: &str, error: &SettingsError) -> Option<usize> {
    let table = DeTable::parse(text).ok()?;
    let root = table.get_ref();
    let span = match error {
        SettingsError::Access(PatternError::Entry { entry }) => within(section(root, "access")?, entry),
        SettingsError::Operator { name, .. } => operator(root, name),
        SettingsError::GuestChannel { mask } => within(section(root, "guests")?, mask),
        SettingsError::EmptyHistory { key } => key_in(section(root, "history")?, key),
        SettingsError::Limit { key, .. } => key_in(section(root, "limits")?, key),
        SettingsError::Text { key } => key_in(root, key),
        // It may be the flag's or the machine's.
        SettingsError::Name { name } => {
            root.get("name").filter(|value| value.get_ref().as_str() == Some(name)).map(Spanned::span)
        }
        _ => None,
    };
    span.map(|span| line_of(text, span.start))
}

fn section<'a>(root: &'a DeTable<'a>, name: &str) -> Option<&'a DeTable<'a>> {
    root.get(name)?.get_ref().as_table()
}

fn key_in(table: &DeTable<'_>, key: &str) -> Option<Range<usize>> {
    table.get(key).map(Spanned::span)
}

/// A text in one of a section's lists.
fn within(section: &DeTable<'_>, text: &str) -> Option<Range<usize>> {
    let mut items = section.values().filter_map(|value| value.get_ref().as_array()).flatten();
    items.find(|item| item.get_ref().as_str() == Some(text)).map(Spanned::span)
}

/// What is wrong with an operator is nearly always the fingerprint.
fn operator(root: &DeTable<'_>, name: &str) -> Option<Range<usize>> {
    let is_it = |table: &&DeTable<'_>| table.get("name").is_some_and(|value| value.get_ref().as_str() == Some(name));
    let table = tables(root.get("operator")?).find(is_it)?;
    key_in(table, "fingerprint").or_else(|| key_in(table, "name"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{ConfigFile, Flags, ServeSettings};
    use std::path::Path;

    #[test]
    fn keys_lead_to_what_stands_at_an_offset() {
        let text = "name = \"a\"\n[limits]\nnick_length = 5\n[[operator]]\nname = \"o\"\nrights = [\"kill\"]\n";
        for (what, expected) in [
            ("\"a\"", "name"),
            ("[limits]", "limits"),
            ("nick_length", "limits.nick_length"),
            ("5", "limits.nick_length"),
            ("\"kill\"", "operator.rights"),
        ] {
            assert_eq!(path_at(text, text.find(what).expect("there")).join("."), expected, "{what}");
        }
        assert_eq!(path_at("x", 0), [""; 0]);
    }

    #[test]
    fn errors_of_settings_have_their_line() {
        let fingerprint = "[[operator]]\nname = \"a\"\npassword = \"p\"\nrights = []\n[[operator]]\nname = \"b\"\nrights = []\nfingerprint = \"ab12\"\n";
        for (text, line) in [
            ("name = \"a\"\n[access]\nallow = [\n  \"alice\",\n  \"3f:9a:zz\",\n]\n", 5),
            (fingerprint, 8),
            ("[[operator]]\nname = \"two words\"\npassword = \"p\"\nrights = []\n", 2),
            ("\n[guests]\njoin = [\"#lobby\", \"help\"]\n", 3),
            ("[history]\n\ndays = 0\n", 3),
            ("[limits]\nnick_length = 0\n", 2),
            ("\nnetwork = \"two words\"\n", 2),
            ("\nname = \"two words\"\n", 2),
        ] {
            let file = ConfigFile::parse(text, Path::new("chat.toml")).expect("valid TOML");
            let error = ServeSettings::merge(&Flags::default(), file, "localhost").expect_err("refused");
            assert_eq!(line_of_error(text, &error), Some(line), "{text}: {error}");
        }
        let typed = SettingsError::Name { name: "two words".to_owned() };
        assert_eq!(line_of_error("name = \"localhost\"\n", &typed), None);
    }
}
