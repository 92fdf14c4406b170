//! Text from outside, made safe to show.

/// Replaces every character that could steer a terminal or hide what stands there: control characters (ASCII and C1),
/// line and paragraph separators, and the bidirectional and zero-width marks of Unicode. Each becomes `\u{…}`.
pub fn escape(text: &str) -> String {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if steers(c) { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    out
}

/// Whether a character could steer a terminal, or hide what stands there.
pub(crate) fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn what_could_steer_a_terminal_is_spelled_out() {
        for (raw, shown) in [
            ("Example Root CA", "Example Root CA"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("a\r\nb", "a\\u{d}\\u{a}b"),
            ("\u{202e}moc.elpmaxe", "\\u{202e}moc.elpmaxe"),
            ("\u{9b}2J", "\\u{9b}2J"),
            ("Zoë 東京", "Zoë 東京"),
        ] {
            assert_eq!(escape(raw), shown);
        }
    }
}
