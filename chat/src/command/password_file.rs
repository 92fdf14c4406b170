//! Passwords, from a file or from whoever sits at the terminal. Never from an argument, since arguments are seen by everybody
//! on the machine.

use ca_store::facts::escape;
use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal};
use std::path::Path;
use zeroize::Zeroizing;

use crate::failure::{Exit, Failure};
use chat::limits::settings::LONGEST_PASSWORD_LINE;

/// The first line of a file; `-` is standard input, of which no more than that line is taken.
pub(super) fn read(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let shown = escape(&path.display().to_string());
    let taken = if path == Path::new("-") {
        first_line(io::stdin().lock())
    } else {
        File::open(path).and_then(|file| first_line(BufReader::new(file)))
    };
    let password = taken.map_err(|error| Failure::new(Exit::Input, format!("{shown}: can't be read: {error}")))?;
    if password.is_empty() {
        return Err(Failure::new(
            Exit::Input,
            format!("{shown}: expected a password in the first line, found nothing"),
        ));
    }
    Ok(password)
}

fn first_line(input: impl BufRead) -> io::Result<Zeroizing<String>> {
    // Room for all of it at once: a text that grows would leave copies of itself behind.
    let mut line = Zeroizing::new(String::with_capacity(LONGEST_PASSWORD_LINE as usize));
    input.take(LONGEST_PASSWORD_LINE).read_line(&mut line)?;
    let length = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(length);
    Ok(line)
}

/// What is typed, unseen. `flag` is how it is given where there is no terminal.
pub(super) fn ask(question: &str, flag: &str) -> Result<Zeroizing<String>, Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::new(Exit::Usage, "there is no terminal on which a password could be asked for")
            .hint(format!("a file whose first line it is: {flag} FILE, or - for standard input")));
    }
    let typed = rpassword::prompt_password(question).map(Zeroizing::new);
    typed.map_err(|error| Failure::new(Exit::Usage, format!("no password was typed: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_taken_and_no_more() {
        for (text, expected) in [("open sesame\r\nhello\n", "open sesame"), (" a \n", " a "), ("x", "x"), ("", "")] {
            assert_eq!(*first_line(text.as_bytes()).expect("readable"), expected, "{text:?}");
        }
        let mut input = &b"open sesame\nhello\n"[..];
        first_line(&mut input).expect("readable");
        assert_eq!(input, b"hello\n");
    }

    #[test]
    fn an_empty_file_is_no_password() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("password.txt");
        std::fs::write(&path, "\n").expect("written");
        let told = read(&path).map(|_| ()).expect_err("refused").in_one_line();
        assert!(told.contains("password.txt") && told.contains("first line"), "{told}");
    }
}
