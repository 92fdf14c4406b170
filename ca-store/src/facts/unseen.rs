//! Characters that nobody sees, as word processors, web pages and chats put them into a text: white space outside ASCII and what
//! has no width. OpenSSL drops what stands at a line's end (each octet from 0x80 on), others take it for a part of the line.

use zeroize::Zeroizing;

/// Where such a character stands, which decides who refuses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unseen {
    /// Among the base64, or in front of it.
    Within,
    /// Within a BEGIN or an END, or in front of an END.
    WithinBoundary,
    /// In front of a BEGIN.
    BeforeBegin,
    /// Behind a BEGIN.
    BehindBegin,
    /// Behind a line of base64, or alone on a line of a block.
    BehindBase64,
    /// Behind both, as on every line.
    BehindLines,
    /// Behind an END alone.
    BehindEnd,
}

impl Unseen {
    /// What stands at the ends of lines is one fault of a file: where, if it stands here as well. `None` where these are two.
    pub(super) fn with(self, other: Unseen) -> Option<Unseen> {
        use Unseen::{BeforeBegin, BehindEnd, BehindLines, Within, WithinBoundary};
        match (self, other) {
            _ if self == other => Some(self),
            (Within | WithinBoundary | BeforeBegin, _) | (_, Within | WithinBoundary | BeforeBegin) => None,
            (BehindEnd, place) | (place, BehindEnd) => Some(place),
            _ => Some(BehindLines),
        }
    }
}

/// Where it stands on its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Before,
    Within,
    Behind,
}

/// The first of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stray {
    pub(super) character: char,
    /// From 1.
    pub(super) column: usize,
    pub(super) side: Side,
}

/// How those are called that are met most often.
const NAMES: &[(char, &str)] = &[
    ('\t', "a tab"),
    ('\u{b}', "a vertical tab"),
    ('\u{c}', "a form feed"),
    ('\u{85}', "a next line"),
    ('\u{a0}', "a no-break space"),
    ('\u{ad}', "a soft hyphen"),
    ('\u{200b}', "a zero-width space"),
    ('\u{200c}', "a zero-width non-joiner"),
    ('\u{200d}', "a zero-width joiner"),
    ('\u{200e}', "a left-to-right mark"),
    ('\u{200f}', "a right-to-left mark"),
    ('\u{2028}', "a line separator"),
    ('\u{202f}', "a narrow no-break space"),
    ('\u{2060}', "a word joiner"),
    ('\u{3000}', "an ideographic space"),
    ('\u{feff}', "a byte order mark"),
];

/// What it is called: its number, and its name where it is known.
pub(super) fn named(character: char) -> String {
    let number = format!("U+{:04X}", u32::from(character));
    match NAMES.iter().find(|(known, _)| *known == character) {
        Some((_, name)) => format!("{number}, {name}"),
        None => number,
    }
}

/// The line without them, and the first; `None` where there is none. Wide ones become spaces, and none is left in front.
pub(super) fn without(line: &str) -> Option<(Zeroizing<String>, Stray)> {
    let is_plain = |octet: u8| octet < 0x80 && !matches!(octet, 0x0b | 0x0c);
    if line.bytes().all(is_plain) {
        return trailing_tab(line);
    }
    let (at, character) = line.char_indices().find(|(_, c)| is_unseen(*c))?;
    let is_blank = |text: &str| text.chars().all(|c| c.is_whitespace() || is_unseen(c));
    let side = match (is_blank(&line[..at]), is_blank(&line[at..])) {
        (_, true) => Side::Behind,
        (true, false) => Side::Before,
        (false, false) => Side::Within,
    };
    let rest = if at == 0 { line.trim_start_matches(|c: char| c.is_whitespace() || is_unseen(c)) } else { line };
    // In one copy, as it may be of a key.
    let mut seen = Zeroizing::new(String::with_capacity(rest.len()));
    seen.extend(rest.chars().filter_map(shown));
    Some((seen, Stray { character, column: 1 + line[..at].chars().count(), side }))
}

/// rustls takes spaces at a line's end, and no tab.
fn trailing_tab(line: &str) -> Option<(Zeroizing<String>, Stray)> {
    let seen = line.trim_end();
    let at = seen.len() + line[seen.len()..].find('\t')?;
    let stray = Stray { character: '\t', column: 1 + line[..at].chars().count(), side: Side::Behind };
    (!seen.is_empty()).then(|| (Zeroizing::new(seen.to_owned()), stray))
}

/// What has no width is nothing; the others divide words.
fn shown(c: char) -> Option<char> {
    match c {
        _ if !is_unseen(c) => Some(c),
        _ if c.is_whitespace() => Some(' '),
        _ => None,
    }
}

/// White space that is no space, tab or line end of ASCII, and the characters of no width in Unicode's general punctuation.
pub(super) fn is_unseen(c: char) -> bool {
    match c {
        '\u{b}' | '\u{c}' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}' => true,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => true,
        _ => !c.is_ascii() && c.is_whitespace(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Side, named, without};

    #[test]
    fn what_is_not_seen_is_found_where_it_stands() {
        for (line, seen, column, side) in [
            ("AAEC\u{a0}", "AAEC ", 5, Side::Behind),
            ("AAEC \u{200b}", "AAEC ", 6, Side::Behind),
            ("\u{a0}AAEC", "AAEC", 1, Side::Before),
            ("AA\u{3000}EC", "AA EC", 3, Side::Within),
            ("AA\u{ad}EC\u{a0}", "AAEC ", 3, Side::Within),
            ("\u{feff}-----BEGIN X-----", "-----BEGIN X-----", 1, Side::Before),
            ("\u{a0}", "", 1, Side::Behind),
            ("AAEC\t", "AAEC", 5, Side::Behind),
        ] {
            let (found, stray) = without(line).unwrap_or_else(|| panic!("{line:?}"));
            assert_eq!((found.as_str(), stray.column, stray.side), (seen, column, side), "{line:?}");
        }
        for line in ["AAEC", "  AAEC  ", "", "\t", "\tAAEC", "Zürich"] {
            assert!(without(line).is_none(), "{line:?}");
        }
        assert_eq!((named('\u{a0}'), named('\u{2003}')), ("U+00A0, a no-break space".into(), "U+2003".into()));
    }
}
