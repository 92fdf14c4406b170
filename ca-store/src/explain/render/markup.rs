//! Text put into markup.

use crate::facts;

/// The text for an element or a quoted attribute of HTML or XML. Characters that steer or hide are spelled out first,
/// as everywhere, and so are those that XML 1.0 (section 2.2) has no way to write.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in facts::escape(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => out.extend(c.escape_unicode()),
            _ => out.push(c),
        }
    }
    out
}

/// The same where `code` stands between backticks, as in messages: it becomes an element.
pub(super) fn sentence(text: &str) -> String {
    let text = escape(text);
    let parts: Vec<&str> = text.split('`').collect();
    // A backtick without its partner stays one.
    if parts.len().is_multiple_of(2) {
        return text;
    }
    let part = |(index, part): (usize, &&str)| {
        if index.is_multiple_of(2) { (*part).to_owned() } else { format!("<code>{part}</code>") }
    };
    parts.iter().enumerate().map(part).collect()
}

/// What a program printed, with its own line ends.
pub(super) fn lines(text: &str) -> String {
    text.trim_end().lines().map(escape).collect::<Vec<_>>().join("<br/>")
}

/// A value beside its label: as it stands, or a sentence where a part of it is marked as code.
pub(super) fn value(text: &str) -> String {
    let told = sentence(text);
    if told.contains("<code>") { told } else { format!("<code>{told}</code>") }
}

#[cfg(test)]
mod tests {
    use super::{escape, lines, sentence, value};

    #[test]
    fn nothing_from_outside_becomes_markup() {
        for (text, escaped) in [
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("a\" onload='x'", "a&quot; onload=&#39;x&#39;"),
            ("&amp;", "&amp;amp;"),
            ("\u{202e}moc", "\\u{202e}moc"),
            ("a\u{0}\u{ffff}", "a\\u{0}\\u{ffff}"),
            ("Zoë 東京", "Zoë 東京"),
        ] {
            assert_eq!(escape(text), escaped);
        }
    }

    #[test]
    fn what_stands_between_backticks_is_code() {
        assert_eq!(sentence("`CN=<a>` is not `b`"), "<code>CN=&lt;a&gt;</code> is not <code>b</code>");
        assert_eq!(sentence("one ` alone"), "one ` alone");
    }

    #[test]
    fn lines_of_a_program_stay_lines_and_values_that_mark_code_are_sentences() {
        assert_eq!(lines("a <\r\nb\n"), "a &lt;<br/>b");
        assert_eq!(value("a <b"), "<code>a &lt;b</code>");
        assert_eq!(value("key of `CN=<a>`"), "key of <code>CN=&lt;a&gt;</code>");
    }
}
