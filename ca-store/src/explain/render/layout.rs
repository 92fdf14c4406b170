//! Lines of a bounded width.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Columns that a text takes.
pub(super) fn columns(text: &str) -> usize {
    text.width()
}

/// The text in lines of at most that many columns, broken between words; a longer word stays whole.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        if !line.is_empty() && columns(line) + 1 + columns(word) > width {
            lines.push(word.to_owned());
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines
}

/// The same, with longer words broken where the line ends.
pub(super) fn wrap_anywhere(text: &str, width: usize) -> Vec<String> {
    wrap(text, width).iter().flat_map(|line| broken(line, width)).collect()
}

fn broken(line: &str, width: usize) -> Vec<String> {
    let mut parts = vec![String::new()];
    for c in line.chars() {
        let last = parts.len() - 1;
        if columns(&parts[last]) + c.width().unwrap_or(0) > width {
            parts.push(c.to_string());
        } else {
            parts[last].push(c);
        }
    }
    parts
}

/// The text wrapped, the first line behind `first` and the others behind `rest`, each ending with a line feed.
pub fn hang(first: &str, rest: &str, text: &str, width: usize) -> String {
    let room = width.saturating_sub(columns(rest)).max(1);
    let lines = wrap(text, room);
    let prefixes = std::iter::once(first).chain(std::iter::repeat(rest));
    prefixes.zip(lines).map(|(prefix, line)| format!("{prefix}{line}").trim_end().to_owned() + "\n").collect()
}

/// The text within that many columns, with `…` at its end where it was longer.
pub fn cut(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut taken = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > width {
            break;
        }
        taken.push(c);
    }
    taken.push('…');
    taken
}

/// The text within that many columns, with `…` at its beginning where it was longer.
pub(super) fn cut_start(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut used = 1;
    let fitting = text.char_indices().rev().take_while(|(_, c)| {
        used += c.width().unwrap_or(0);
        used <= width
    });
    let start = fitting.last().map_or(text.len(), |(start, _)| start);
    format!("…{}", &text[start..])
}

/// The text within that many columns, with `…` in place of words from its middle where it was longer, from after
/// a colon where there is one.
pub(super) fn cut_middle(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let head = cut(text, width / 2);
    let head = head.trim_end_matches('…');
    let end = head.rfind(": ").map(|colon| colon + 1).or_else(|| head.rfind(' '));
    let head = end.map_or(head, |end| &head[..end]);
    let room = width.saturating_sub(columns(head) + 3);
    let mut used = 0;
    let fitting = text.char_indices().rev().take_while(|(_, c)| {
        used += c.width().unwrap_or(0);
        used <= room
    });
    let tail = fitting.last().map_or("", |(start, _)| &text[start..]);
    let tail = tail.find(' ').map_or(tail, |space| &tail[space + 1..]);
    format!("{head} … {tail}")
}

/// The text filled up with spaces to that many columns.
pub(super) fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(columns(text))))
}

#[cfg(test)]
mod tests {
    use super::{cut, cut_middle, cut_start, hang, wrap, wrap_anywhere};

    #[test]
    fn lines_break_between_words_and_long_words_stay_whole() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a 0123456789 b", 4), ["a", "0123456789", "b"]);
        assert_eq!(wrap("東京 東京", 5), ["東京", "東京"]);
        assert_eq!(wrap_anywhere("a 0123456789 b", 4), ["a", "0123", "4567", "89", "b"]);
        assert_eq!(wrap_anywhere("東京都", 5), ["東京", "都"]);
        assert_eq!(hang("- ", "  ", "one two", 5), "- one\n  two\n");
    }

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!((cut("short", 5), cut("longer", 5)), ("short".to_owned(), "long…".to_owned()));
        assert_eq!(cut("東京都", 4), "東…");
        assert_eq!(cut_middle("the beginning and the end", 18), "the … and the end");
        assert_eq!(cut_middle("short", 5), "short");
        assert_eq!((cut_start("short", 5), cut_start("東京都/a", 5)), ("short".to_owned(), "…都/a".to_owned()));
    }
}
