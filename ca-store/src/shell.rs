//! Words quoted so that a printed command can be typed, or pasted, into a POSIX shell as it stands.

/// `word` as one argument of a POSIX shell: as it is where nothing in it is special, else in single quotes
/// (POSIX.1-2017, Shell Command Language, 2.2.2).
pub fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn only_special_words_are_quoted() {
        for (word, quoted) in [
            ("chat.example.test", "chat.example.test"),
            ("*.example.test", "'*.example.test'"),
            ("Alice Example", "'Alice Example'"),
            ("it's", r"'it'\''s'"),
            ("", "''"),
            ("a;b", "'a;b'"),
        ] {
            assert_eq!(quote(word), quoted);
        }
    }
}
