//! Masks with `*` and `?` (RFC 2812, section 2.5).

/// Whether `text` fits `mask`: `?` stands for one character, `*` for any number; letter case does not matter.
///
/// Takes at most the product of both lengths in steps: only the last `*` is ever tried again.
pub fn matches(mask: &str, text: &str) -> bool {
    let mask: Vec<char> = mask.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut m, mut t) = (0, 0);
    let mut last_star = None;
    while t < text.len() {
        match mask.get(m) {
            Some('*') => {
                last_star = Some((m, t));
                m += 1;
            }
            Some(c) if *c == '?' || c.eq_ignore_ascii_case(&text[t]) => (m, t) = (m + 1, t + 1),
            _ => match &mut last_star {
                Some((star, taken)) => {
                    *taken += 1;
                    (m, t) = (*star + 1, *taken);
                }
                None => return false,
            },
        }
    }
    mask[m..].iter().all(|c| *c == '*')
}

/// Completes what people type as a ban to `nick!user@host`.
pub fn complete(mask: &str) -> String {
    match (mask.split_once('!'), mask.split_once('@')) {
        (Some(_), Some(_)) => mask.to_owned(),
        (Some(_), None) => format!("{mask}@*"),
        (None, Some(_)) => format!("*!{mask}"),
        (None, None) if mask.contains(['.', ':']) => format!("*!*@{mask}"),
        (None, None) => format!("{mask}!*@*"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks() {
        let table = [
            ("*", "", true),
            ("*", "anything", true),
            ("", "", true),
            ("", "a", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("A*C", "abbbc", true),
            ("a*b*c", "axxbyybzzc", true),
            ("a*b*c", "axxbyybzz", false),
            ("*!*@10.0.0.*", "bob!b@10.0.0.7", true),
            ("?", "ü", true),
        ];
        for (mask, text, expected) in table {
            assert_eq!(matches(mask, text), expected, "{mask} {text}");
        }
    }

    #[test]
    fn hostile_masks_end_soon() {
        assert!(!matches(&"*a".repeat(75), &"a".repeat(60)));
        assert!(!matches(&format!("{}b", "*a".repeat(30)), &"a".repeat(500)));
    }

    #[test]
    fn masks_are_completed() {
        let table = [
            ("bob", "bob!*@*"),
            ("bob!b", "bob!b@*"),
            ("b@h", "*!b@h"),
            ("n!u@h", "n!u@h"),
            ("10.0.0.*", "*!*@10.0.0.*"),
        ];
        for (typed, expected) in table {
            assert_eq!(complete(typed), expected);
        }
    }
}
