//! The line that is being typed: editing, what was typed before, completing a word, and a paste of several lines.

use ratatui::crossterm::event::Event;
use std::collections::VecDeque;
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler;

use crate::client::interface::Typed;
use crate::limits::client::{LONGEST_INPUT, PASTED_LINES, TYPED_BEFORE};

/// What is typed and not sent yet.
#[derive(Debug, Default)]
pub(super) struct Editor {
    pub(super) input: Input,
    before: VecDeque<String>,
    recalled: Option<usize>,
    /// What was being typed when something else was brought back.
    draft: String,
    completion: Option<Completion>,
    paste: Option<Paste>,
}

/// Several lines at once, which go out only when that was meant.
#[derive(Debug)]
enum Paste {
    Waiting(Vec<String>),
    TooLong(usize),
}

/// A word that is being completed: the characters before and after it, and how it may go on.
#[derive(Debug)]
struct Completion {
    before: String,
    after: String,
    candidates: Vec<String>,
    next: usize,
}

impl Editor {
    /// Takes a key that edits.
    pub(super) fn edit(&mut self, event: &Event, adds: bool) {
        self.completion = None;
        if !adds || self.room() > 0 {
            self.input.handle_event(event);
        }
    }

    /// Characters that may still be typed.
    fn room(&self) -> usize {
        LONGEST_INPUT.saturating_sub(self.input.value().chars().count())
    }

    /// What Enter sends: the line, or the lines of a paste.
    pub(super) fn enter(&mut self) -> Vec<Typed> {
        self.completion = None;
        match self.paste.take() {
            Some(Paste::Waiting(lines)) => lines.into_iter().map(|line| Typed::Line(as_text(line))).collect(),
            Some(Paste::TooLong(_)) => Vec::new(),
            None => vec![Typed::Line(self.take_line())],
        }
    }

    fn take_line(&mut self) -> String {
        let line = self.input.value_and_reset();
        self.recalled = None;
        if !line.trim().is_empty() && self.before.back() != Some(&line) {
            if self.before.len() == TYPED_BEFORE {
                self.before.pop_front();
            }
            self.before.push_back(line.clone());
        }
        line
    }

    /// Gives a paste up; false where there is none.
    pub(super) fn escape(&mut self) -> bool {
        self.paste.take().is_some()
    }

    /// Whether nothing is typed.
    pub(super) fn is_empty(&self) -> bool {
        self.input.value().is_empty() && self.paste.is_none()
    }

    /// Brings back what was typed before, or what was being typed.
    pub(super) fn recall(&mut self, older: bool) {
        let last = self.before.len();
        let at = self.recalled.unwrap_or(last);
        let next = if older { at.saturating_sub(1) } else { (at + 1).min(last) };
        if at == last {
            self.input.value().clone_into(&mut self.draft);
        }
        self.completion = None;
        self.recalled = Some(next);
        self.input = Input::new(self.before.get(next).unwrap_or(&self.draft).clone());
    }

    /// Takes a paste: one line is typed, several wait for Enter.
    pub(super) fn paste(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let lines: Vec<&str> = text.trim_end_matches('\n').split('\n').collect();
        self.completion = None;
        match lines.as_slice() {
            [line] => self.insert(line),
            lines if lines.len() > PASTED_LINES => self.paste = Some(Paste::TooLong(lines.len())),
            lines => {
                let typed = self.input.value_and_reset();
                let first = format!("{typed}{}", lines[0]);
                let all = std::iter::once(first).chain(lines[1..].iter().map(ToString::to_string));
                self.paste = Some(Paste::Waiting(all.map(|line| line.chars().take(LONGEST_INPUT).collect()).collect()));
            }
        }
    }

    fn insert(&mut self, text: &str) {
        let fits: String = text.chars().filter(|c| !c.is_control()).take(self.room()).collect();
        let (before, after) = self.split();
        let cursor = before.chars().count() + fits.chars().count();
        self.input = Input::new(format!("{before}{fits}{after}")).with_cursor(cursor);
    }

    /// What stands before the cursor, and after it.
    fn split(&self) -> (String, String) {
        let value = self.input.value();
        let at = value.char_indices().nth(self.input.cursor()).map_or(value.len(), |(at, _)| at);
        let (before, after) = value.split_at(at);
        (before.to_owned(), after.to_owned())
    }

    /// The next completion; the question where there is none yet.
    pub(super) fn complete(&mut self) -> Option<Typed> {
        if self.completion.is_some() {
            self.put_next();
            return None;
        }
        let (before, after) = self.split();
        let begin = before.rfind(' ').map_or(0, |at| at + 1);
        let word = before[begin..].to_owned();
        if word.is_empty() {
            return None;
        }
        let candidates = Vec::new();
        self.completion = Some(Completion { before: before[..begin].to_owned(), after, candidates, next: 0 });
        Some(Typed::Complete { begins: begin == 0, word })
    }

    /// Takes the answer.
    pub(super) fn offer(&mut self, candidates: Vec<String>) {
        if candidates.is_empty() {
            self.completion = None;
        } else if let Some(completion) = &mut self.completion {
            completion.candidates = candidates;
            self.put_next();
        }
    }

    fn put_next(&mut self) {
        let Some(completion) = &mut self.completion else { return };
        let Some(word) = completion.candidates.get(completion.next) else { return };
        completion.next = (completion.next + 1) % completion.candidates.len();
        // Somebody who is spoken to is named with a colon, as everywhere on IRC.
        let is_name = !word.starts_with(['/', '#', '&']);
        let end = if completion.before.is_empty() && is_name { ": " } else { " " };
        let put = format!("{}{word}{end}", completion.before);
        let cursor = put.chars().count();
        self.input = Input::new(format!("{put}{}", completion.after.trim_start())).with_cursor(cursor);
    }

    /// What is asked instead of a line.
    pub(super) fn question(&self) -> Option<String> {
        Some(match self.paste.as_ref()? {
            Paste::Waiting(lines) => format!("a paste of {} lines: Enter sends them, Escape drops them", lines.len()),
            Paste::TooLong(lines) => format!("a paste of {lines} lines: at most {PASTED_LINES} at once; Escape"),
        })
    }
}

/// Nothing in a paste is a command: who pastes a path does not want to leave the chat by it.
fn as_text(line: String) -> String {
    if line.starts_with('/') { format!("/{line}") } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    fn types(editor: &mut Editor, text: &str) {
        for character in text.chars() {
            editor.edit(&Event::Key(KeyEvent::new(KeyCode::Char(character), KeyModifiers::NONE)), true);
        }
    }

    fn lines(typed: Vec<Typed>) -> Vec<String> {
        let line = |typed| if let Typed::Line(line) = typed { line } else { panic!("no line: {typed:?}") };
        typed.into_iter().map(line).collect()
    }

    #[test]
    fn a_line_is_brought_back_and_so_is_what_was_being_typed() {
        let mut editor = Editor::default();
        for line in ["one", "two"] {
            types(&mut editor, line);
            assert_eq!(lines(editor.enter()), [line]);
        }
        types(&mut editor, "thr");
        for (older, expected) in [(true, "two"), (true, "one"), (true, "one"), (false, "two"), (false, "thr")] {
            editor.recall(older);
            assert_eq!(editor.input.value(), expected);
        }
    }

    #[test]
    fn a_paste_of_several_lines_waits_and_is_no_command() {
        let mut editor = Editor::default();
        types(&mut editor, "see: ");
        editor.paste("one\r\n/quit\n\nend\n");
        assert!(editor.question().is_some_and(|asked| asked.contains("4 lines")));
        assert_eq!(lines(editor.enter()), ["see: one", "//quit", "", "end"]);
        editor.paste("a\nb");
        assert!(editor.escape() && editor.question().is_none() && !editor.escape());
        editor.paste(&"x\n".repeat(PASTED_LINES + 1));
        assert!(editor.question().is_some_and(|asked| asked.contains("at most 100")));
        assert!(editor.enter().is_empty());
    }

    #[test]
    fn a_paste_of_one_line_is_typed_where_the_cursor_is_up_to_the_bound() {
        let mut editor = Editor::default();
        types(&mut editor, "ad");
        editor.edit(&Event::Key(KeyEvent::new(KeyCode::Left, KeyModifiers::NONE)), false);
        editor.paste("b\u{1b}c\n");
        assert_eq!((editor.input.value(), editor.input.cursor()), ("abcd", 3));
        editor.paste(&"ü".repeat(LONGEST_INPUT));
        assert_eq!(editor.input.value().chars().count(), LONGEST_INPUT);
    }

    #[test]
    fn a_word_goes_on_by_each_candidate_in_turn() {
        let mut editor = Editor::default();
        types(&mut editor, "b");
        assert_eq!(editor.complete(), Some(Typed::Complete { word: "b".into(), begins: true }));
        editor.offer(vec!["bob".into(), "bert".into()]);
        for expected in ["bob: ", "bert: ", "bob: "] {
            assert_eq!(editor.input.value(), expected);
            assert_eq!(editor.complete(), None);
        }
        types(&mut editor, "hi c");
        assert_eq!(editor.complete(), Some(Typed::Complete { word: "c".into(), begins: false }));
        editor.offer(vec!["carol".into()]);
        assert!(editor.input.value().ends_with(": hi carol "), "{}", editor.input.value());
    }

    #[test]
    fn what_nobody_is_called_stays_as_it_is() {
        let mut editor = Editor::default();
        assert_eq!(editor.complete(), None);
        types(&mut editor, "xyz");
        assert!(editor.complete().is_some());
        editor.offer(Vec::new());
        assert_eq!(editor.input.value(), "xyz");
        assert!(editor.complete().is_some(), "it is asked again");
    }
}
