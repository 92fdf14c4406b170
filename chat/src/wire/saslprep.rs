//! One form for passwords that look the same (RFC 4013), so that it does not matter which keyboard typed them.

use zeroize::Zeroizing;

/// The password as it is worked on. What RFC 4013 has no answer for, such as letters and signs that Unicode has got since 3.2,
/// stays as it was typed, for both sides alike.
pub fn prepared(password: &str) -> Zeroizing<String> {
    let prepared = stringprep::saslprep(password);
    Zeroizing::new(prepared.map_or_else(|_| password.to_owned(), std::borrow::Cow::into_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_ways_to_type_a_password_are_one() {
        // The examples of RFC 4013, section 3, and what is left alone.
        let table = [
            ("I\u{ad}X", "IX"),
            ("user", "user"),
            ("USER", "USER"),
            ("\u{aa}", "a"),
            ("\u{2168}", "IX"),
            ("\u{7}", "\u{7}"),
            ("\u{627}1", "\u{627}1"),
            ("e\u{301}te\u{301}", "\u{e9}t\u{e9}"),
            ("two\u{a0}words", "two words"),
            ("\u{1f600} e\u{301}", "\u{1f600} e\u{301}"),
        ];
        for (typed, expected) in table {
            assert_eq!(*prepared(typed), expected, "{typed:?}");
        }
    }
}
