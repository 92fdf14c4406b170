//! The joiners of Unicode, U+200C and U+200D: a part of the spelling in some scripts and of emoji, and a place to hide in others.

/// Both of them: the non-joiner and the joiner.
pub(super) const JOINERS: [char; 2] = ['\u{200c}', '\u{200d}'];

/// Whether one stands where it joins, or keeps apart what would join: behind the sign that ends a consonant in Indic scripts, as in
/// RFC 5892, appendix A; between letters of a script that joins; or, the joiner alone, between emoji.
pub(super) fn joins(before: &str, joiner: &str, after: &str) -> bool {
    let mut before = before.chars().rev();
    let (last, next) = (before.next(), after.chars().next());
    let (Some(last), next) = (last, next) else { return false };
    if is_virama(last) {
        return !next.is_some_and(|next| JOINERS.contains(&next));
    }
    let drawn = if is_variant(last) { before.next().unwrap_or(last) } else { last };
    next.is_some_and(|next| {
        (is_joining(last) && is_joining(next)) || (joiner == "\u{200d}" && is_emoji(drawn) && is_emoji(next))
    })
}

/// Arabic, Syriac, Thaana and N'Ko, the Indic scripts, Myanmar, Khmer and Mongolian.
fn is_joining(c: char) -> bool {
    matches!(c, '\u{0600}'..='\u{08ff}' | '\u{0900}'..='\u{0dff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{18af}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
        && !matches!(c, '\u{061c}' | '\u{070f}' | '\u{180e}')
}

/// Signs that take the vowel from a consonant.
fn is_virama(c: char) -> bool {
    matches!(
        c,
        '\u{094d}'
            | '\u{09cd}'
            | '\u{0a4d}'
            | '\u{0acd}'
            | '\u{0b4d}'
            | '\u{0bcd}'
            | '\u{0c4d}'
            | '\u{0ccd}'
            | '\u{0d4d}'
            | '\u{0dca}'
            | '\u{1039}'
            | '\u{103a}'
            | '\u{17d2}'
    )
}

/// What says how the emoji before it is drawn: in colour, or with a skin of its own.
fn is_variant(c: char) -> bool {
    matches!(c, '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
}

fn is_emoji(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{21ff}' | '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}
