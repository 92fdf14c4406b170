//! A paste that is more than one line takes: what becomes of it is asked, and nothing of it is lost or sent unasked.

use crate::limits::client::{LONGEST_INPUT, PASTED_LINES};

/// A paste that waits for Enter or Escape.
#[derive(Debug)]
pub(super) enum Paste {
    /// Lines that Enter sends.
    Waiting(Vec<String>),
    /// The parts of one line of so many characters, which Enter sends.
    Parted { parts: Vec<String>, characters: usize },
    /// So many lines, more than are taken at once.
    TooMany(usize),
    /// So many lines, after a command: none of them is a part of it, and none is said where all would hear it.
    AfterCommand(usize),
    /// So many characters in one line, after a command, which ends with its line.
    TooLongForCommand(usize),
}

impl Paste {
    /// A paste between what stands before the cursor and after it: several lines, or one that exceeds [`LONGEST_INPUT`] with
    /// what is typed already.
    pub(super) fn new(before: &str, text: &str, after: &str) -> Paste {
        let pasted = text.split('\n').count();
        let whole = format!("{before}{text}{after}");
        let characters = whole.chars().count();
        match pasted {
            1 if is_command(&whole) => Paste::TooLongForCommand(characters),
            pasted if pasted > 1 && is_command(&format!("{before}{after}")) => Paste::AfterCommand(pasted),
            pasted => match lines(&whole, before) {
                lines if lines.len() > PASTED_LINES => Paste::TooMany(lines.len()),
                parts if pasted == 1 => Paste::Parted { parts, characters },
                lines => Paste::Waiting(lines),
            },
        }
    }

    /// What Enter sends; `None` where that would not be what was meant.
    pub(super) fn lines(self) -> Option<Vec<String>> {
        match self {
            Paste::Waiting(lines) | Paste::Parted { parts: lines, .. } => Some(lines),
            Paste::TooMany(_) | Paste::AfterCommand(_) | Paste::TooLongForCommand(_) => None,
        }
    }

    /// What is asked, where what is typed goes to `place`.
    pub(super) fn question(&self, place: Option<&str>) -> String {
        match (self, place) {
            (Paste::Waiting(lines), Some(place)) => {
                format!("{} lines for {place}: Enter sends them, Escape drops them", lines.len())
            }
            (Paste::Waiting(lines), None) => {
                format!("{} lines, and you are in no channel: Escape, then /join #CHANNEL", lines.len())
            }
            (Paste::Parted { parts, characters }, Some(place)) => {
                let parts = parts.len();
                format!("{characters} characters for {place}, in {parts} parts: Enter sends them, Escape drops them")
            }
            (Paste::Parted { characters, .. }, None) => {
                format!("{characters} characters, and you are in no channel: Escape, then /join #CHANNEL")
            }
            (Paste::TooMany(lines), _) => format!("a paste of {lines} lines: at most {PASTED_LINES} at once; Escape"),
            (Paste::AfterCommand(lines), _) => {
                format!("{lines} lines cannot follow a command: Escape; to one person: /query NICK")
            }
            (Paste::TooLongForCommand(characters), _) => {
                format!(
                    "a command of {characters} characters: at most {LONGEST_INPUT}; Escape; to one person: /query NICK"
                )
            }
        }
    }
}

/// The lines as texts, each in as many parts as it takes.
fn lines(whole: &str, before: &str) -> Vec<String> {
    // A slash that was typed twice is no command already.
    let is_text = |at: usize| at == 0 && before.starts_with("//");
    let lines = whole.split('\n').enumerate();
    let texts = lines.map(|(at, line)| if is_text(at) { line.to_owned() } else { as_text(line) });
    texts.flat_map(|line| parts(&line)).collect()
}

/// A line in parts that can be typed, between words where there are any. A part after the first is a text, too.
fn parts(line: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = line.to_owned();
    while let Some((end, _)) = rest.char_indices().nth(LONGEST_INPUT) {
        let between = rest[..end].rfind(' ').filter(|at| *at > 0);
        let cut = if rest[end..].starts_with(' ') { Some(end) } else { between };
        let after = rest.split_off(cut.unwrap_or(end));
        parts.push(rest);
        rest = as_text(if cut.is_some() { &after[1..] } else { &after });
    }
    parts.push(rest);
    parts
}

/// Whether a line would be obeyed, not said.
fn is_command(line: &str) -> bool {
    line.starts_with('/') && !line.starts_with("//")
}

/// Nothing in a paste is a command: who pastes a path does not want to leave the chat by it.
fn as_text(line: &str) -> String {
    if line.starts_with('/') { format!("/{line}") } else { line.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_parted_between_words_or_where_it_has_to_be() {
        assert_eq!(parts("short"), ["short"]);
        let word = "ü".repeat(LONGEST_INPUT);
        assert_eq!(parts(&word), [word.as_str()]);
        assert_eq!(parts(&format!("{word}/x")), [word.as_str(), "//x"]);
        assert_eq!(parts(&format!("{word} /quit")), [word.as_str(), "//quit"]);
        assert_eq!(parts(&format!("a {word}")), ["a", word.as_str()]);
        assert!(lines(&format!("{word}\n{word}x"), "").iter().all(|line| line.chars().count() <= LONGEST_INPUT));
    }

    #[test]
    fn what_would_be_obeyed_is_not_sent() {
        let long = "x".repeat(LONGEST_INPUT);
        for (before, text) in [("/me ", long.as_str()), ("", &format!("/{long}")), ("/me ", "a\nb")] {
            assert!(Paste::new(before, text, "").lines().is_none(), "{before}");
        }
        assert!(Paste::new("", &"x\n".repeat(PASTED_LINES + 1), "").lines().is_none());
    }
}
