//! Words quoted so that a printed command can be typed, or pasted, into a POSIX shell as it stands.

use crate::facts::steers;

/// `word` as one argument of a POSIX shell: as it is where nothing in it is special, else in single quotes
/// (POSIX.1-2017, Shell Command Language, 2.2.2). A word with characters that could steer a terminal, or hide what stands
/// there, is spelled in octal for `printf`, so that it shows none of them and still is the same word.
pub fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    if word.chars().any(steers) {
        return spelled(word);
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A file's path as [`quote`] has it. One that begins with a hyphen is written `./-…`, as a command would take it for an
/// option (POSIX.1-2017, Utility Syntax Guidelines, 12.2).
pub fn quote_file(path: &str) -> String {
    if path.starts_with('-') { quote(&format!("./{path}")) } else { quote(path) }
}

/// `"$(printf '…')"`. What is substituted loses the line feeds at its end (2.6.3): they follow as the last character of
/// the IFS that every shell begins with (2.5.3).
fn spelled(word: &str) -> String {
    let body = word.trim_end_matches('\n');
    let ends = "${IFS#??}".repeat(word.len() - body.len());
    let printed = if body.is_empty() { String::new() } else { format!("$(printf '{}')", format_of(body)) };
    format!("\"{printed}{ends}\"")
}

/// The text as a format of `printf`: what steers is in octal, and what `printf` or a shell would take for its own (a
/// hyphen at the beginning, which is an option's; `!`, which interactive shells expand in double quotes).
fn format_of(text: &str) -> String {
    let mut format = String::with_capacity(text.len() * 2);
    for (at, c) in text.char_indices() {
        match c {
            '%' => format.push_str("%%"),
            '-' if at > 0 => format.push(c),
            c if steers(c) || "\\'!-".contains(c) => format.extend(octal(c)),
            c => format.push(c),
        }
    }
    format
}

fn octal(c: char) -> impl Iterator<Item = char> {
    let octets = c.encode_utf8(&mut [0; 4]).as_bytes().to_vec();
    octets.into_iter().flat_map(|octet| ['\\', digit(octet >> 6), digit(octet >> 3), digit(octet)])
}

fn digit(bits: u8) -> char {
    char::from(b'0' + (bits & 7))
}

#[cfg(test)]
mod tests {
    use super::{quote, quote_file};

    #[test]
    fn only_special_words_are_quoted() {
        for (word, quoted) in [
            ("chat.example.test", "chat.example.test"),
            ("*.example.test", "'*.example.test'"),
            ("Alice Example", "'Alice Example'"),
            ("it's", r"'it'\''s'"),
            ("", "''"),
            ("a;b", "'a;b'"),
            ("-x", "-x"),
        ] {
            assert_eq!(quote(word), quoted);
        }
    }

    #[test]
    fn what_could_steer_a_terminal_is_spelled_in_octal() {
        for (word, quoted) in [
            ("hk\u{1b}[31m.key", r#""$(printf 'hk\033[31m.key')""#),
            ("a\nb", r#""$(printf 'a\012b')""#),
            ("-\ta%\\'!-", r#""$(printf '\055\011a%%\134\047\041-')""#),
            ("a\n\n", r#""$(printf 'a')${IFS#??}${IFS#??}""#),
            ("\n", r#""${IFS#??}""#),
            ("\u{202e}7", r#""$(printf '\342\200\2567')""#),
        ] {
            assert_eq!(quote(word), quoted);
        }
    }

    #[test]
    fn a_file_is_never_taken_for_an_option() {
        for (path, quoted) in [
            ("-x.pem", "./-x.pem"),
            ("-x y.pem", "'./-x y.pem'"),
            ("-\u{7}", r#""$(printf './-\007')""#),
            ("a-x.pem", "a-x.pem"),
            ("/-x.pem", "/-x.pem"),
        ] {
            assert_eq!(quote_file(path), quoted);
        }
    }
}
