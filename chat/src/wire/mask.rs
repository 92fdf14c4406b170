//! Masks with `*` and `?` (RFC 2812, section 2.5).

/// Whether `text` fits `mask`: `?` stands for one character, `*` for any number; letter case does not matter.
///
/// Takes at most the product of both lengths in steps, and no memory: only the last `*` is ever tried again.
pub fn matches(mask: &str, text: &str) -> bool {
    let (mask, text) = (mask.as_bytes(), text.as_bytes());
    let (mut m, mut t) = (0, 0);
    let mut last_star = None;
    while t < text.len() {
        match mask.get(m) {
            Some(b'*') => {
                last_star = Some((m, t));
                m += 1;
            }
            Some(b'?') => (m, t) = (m + 1, next_character(text, t)),
            Some(byte) if byte.eq_ignore_ascii_case(&text[t]) => (m, t) = (m + 1, t + 1),
            _ => match &mut last_star {
                Some((star, taken)) => {
                    *taken = next_character(text, *taken);
                    (m, t) = (*star + 1, *taken);
                }
                None => return false,
            },
        }
    }
    mask[m..].iter().all(|byte| *byte == b'*')
}

/// Where the character after the one at `at` begins: the bytes within one are `10xxxxxx`.
fn next_character(text: &[u8], at: usize) -> usize {
    let within = text[at + 1..].iter().take_while(|byte| **byte & 0xc0 == 0x80);
    at + 1 + within.count()
}

/// Completes what people type as a ban to `nick!user@host`. A host is written as the server shows it: `0::1`.
pub fn complete(mask: &str) -> String {
    let complete = match (mask.split_once('!'), mask.split_once('@')) {
        (Some(_), Some(_)) => mask.to_owned(),
        (Some(_), None) => format!("{mask}@*"),
        (None, Some(_)) => format!("*!{mask}"),
        (None, None) if mask.contains(['.', ':']) => format!("*!*@{mask}"),
        (None, None) => format!("{mask}!*@*"),
    };
    complete.replace("@:", "@0:")
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
            ("?", "üb", false),
            ("*?é", "aüé", true),
            ("??", "€", false),
            ("€*", "€", true),
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
            ("::1", "*!*@0::1"),
            ("*!*@::1", "*!*@0::1"),
        ];
        for (typed, expected) in table {
            assert_eq!(complete(typed), expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn it_agrees_with_trying_everything(mask in "[ab?*ü]{0,7}", text in "[abAü]{0,7}") {
            fn slow(mask: &[char], text: &[char]) -> bool {
                match (mask.split_first(), text.split_first()) {
                    (None, None) => true,
                    (Some(('*', rest)), None) => slow(rest, text),
                    (Some(('*', rest)), Some((_, later))) => slow(rest, text) || slow(mask, later),
                    (Some((m, rest)), Some((t, later))) => (*m == '?' || m.eq_ignore_ascii_case(t)) && slow(rest, later),
                    _ => false,
                }
            }
            let characters = |text: &str| text.chars().collect::<Vec<_>>();
            proptest::prop_assert_eq!(matches(&mask, &text), slow(&characters(&mask), &characters(&text)));
        }
    }
}
