//! The line that is being typed: editing, what was typed before, completing a word, and a paste.

use ratatui::crossterm::event::Event;
use std::collections::VecDeque;
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler;

use super::paste::Paste;
use crate::client::interface::Typed;
use crate::limits::client::{LONGEST_INPUT, TYPED_BEFORE};

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
        if !adds || !self.is_full() {
            self.input.handle_event(event);
        }
    }

    /// Whether the line takes no more characters.
    pub(super) fn is_full(&self) -> bool {
        self.room() == 0
    }

    /// Characters that may still be typed.
    fn room(&self) -> usize {
        LONGEST_INPUT.saturating_sub(self.input.value().chars().count())
    }

    /// What Enter sends: the line, or the lines of a paste.
    pub(super) fn enter(&mut self) -> Vec<Typed> {
        self.completion = None;
        match self.paste.take() {
            Some(paste) => match paste.lines() {
                Some(lines) => {
                    self.input.reset();
                    self.recalled = None;
                    lines.into_iter().map(Typed::Line).collect()
                }
                None => Vec::new(),
            },
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

    /// Gives a paste up, so that what was typed before is typed still; false where there is none.
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

    /// Takes a paste: one line that fits is typed, all else waits for Enter, and what is typed stays until then.
    pub(super) fn paste(&mut self, text: &str) {
        if self.is_asking() {
            return;
        }
        self.completion = None;
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let text: String = text.trim_end_matches('\n').replace('\t', " ");
        let text: String = text.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
        if !text.contains('\n') && text.chars().count() <= self.room() {
            return self.insert(&text);
        }
        let (before, after) = self.split();
        self.paste = Some(Paste::new(&before, &text, &after));
    }

    fn insert(&mut self, text: &str) {
        let (before, after) = self.split();
        let cursor = before.chars().count() + text.chars().count();
        self.input = Input::new(format!("{before}{text}{after}")).with_cursor(cursor);
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

    /// Whether it is asked what becomes of a paste.
    pub(super) fn is_asking(&self) -> bool {
        self.paste.is_some()
    }

    /// What is asked instead of a line, where what is typed goes to `place`.
    pub(super) fn question(&self, place: Option<&str>) -> Option<String> {
        Some(self.paste.as_ref()?.question(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::client::PASTED_LINES;
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

    fn left(editor: &mut Editor, times: usize) {
        for _ in 0..times {
            editor.edit(&Event::Key(KeyEvent::new(KeyCode::Left, KeyModifiers::NONE)), false);
        }
    }

    #[test]
    fn a_paste_of_several_lines_waits_and_is_no_command() {
        let mut editor = Editor::default();
        types(&mut editor, "see: ");
        editor.paste("one\r\n/quit\n\nend\n");
        let asked = editor.question(Some("#lobby"));
        assert!(asked.as_deref().is_some_and(|asked| asked.starts_with("4 lines for #lobby")), "{asked:?}");
        assert_eq!(lines(editor.enter()), ["see: one", "//quit", "", "end"]);
        assert!(editor.is_empty());
        editor.paste("a\nb");
        assert!(editor.question(None).is_some_and(|asked| asked.contains("no channel")));
        assert!(editor.escape() && !editor.is_asking() && !editor.escape());
        editor.paste(&"x\n".repeat(PASTED_LINES + 1));
        assert!(editor.question(None).is_some_and(|asked| asked.contains("at most 100")));
        assert!(editor.enter().is_empty());
    }

    #[test]
    fn a_paste_after_a_command_is_said_to_nobody() {
        for typed in ["/msg bob ", "/me ", "/"] {
            let mut editor = Editor::default();
            types(&mut editor, typed);
            editor.paste("my secret\nsecond line");
            let asked = editor.question(Some("#lobby"));
            assert!(asked.as_deref().is_some_and(|asked| asked.contains("/query NICK")), "{asked:?}");
            assert!(editor.enter().is_empty());
            assert_eq!((editor.input.value(), editor.is_asking()), (typed, false));
        }
    }

    #[test]
    fn a_paste_goes_where_the_cursor_is_and_escape_leaves_what_was_typed() {
        let mut editor = Editor::default();
        types(&mut editor, "ad");
        left(&mut editor, 1);
        editor.paste("b\nc");
        editor.paste("not while it is asked");
        assert!(editor.escape());
        assert_eq!((editor.input.value(), editor.input.cursor()), ("ad", 1));
        editor.paste("b\nc");
        assert_eq!(lines(editor.enter()), ["ab", "cd"]);
    }

    #[test]
    fn a_slash_that_was_typed_twice_begins_a_text() {
        for (back, expected) in [(0, ["//x/quit", "two"]), (2, ["///quit", "two/x"]), (3, ["//quit", "two//x"])] {
            let mut editor = Editor::default();
            types(&mut editor, "//x");
            left(&mut editor, back);
            editor.paste("/quit\ntwo");
            assert_eq!(lines(editor.enter()), expected);
        }
    }

    #[test]
    fn a_paste_of_one_line_is_typed_where_the_cursor_is_up_to_the_bound() {
        let mut editor = Editor::default();
        types(&mut editor, "ad");
        left(&mut editor, 1);
        editor.paste("b\u{1b}c\n");
        assert_eq!((editor.input.value(), editor.input.cursor()), ("abcd", 3));
        editor.paste(&"ü".repeat(LONGEST_INPUT - 4));
        assert!(editor.is_full() && !editor.is_asking());
        types(&mut editor, "x");
        assert_eq!(editor.input.value().chars().count(), LONGEST_INPUT);
    }

    #[test]
    fn a_paste_of_a_line_too_long_for_one_goes_out_whole_in_parts() {
        let mut editor = Editor::default();
        types(&mut editor, "see: ");
        let pasted = "word ".repeat(LONGEST_INPUT / 2);
        editor.paste(&pasted);
        let asked = editor.question(Some("#lobby"));
        assert!(
            asked.as_deref().is_some_and(|asked| asked.starts_with("10005 characters for #lobby, in 3")),
            "{asked:?}"
        );
        let sent = lines(editor.enter());
        assert!(sent.iter().all(|line| line.chars().count() <= LONGEST_INPUT && !line.starts_with(' ')));
        assert_eq!(sent.join(" "), format!("see: {pasted}"));
        assert!(editor.is_empty());
    }

    #[test]
    fn a_paste_too_long_for_a_command_leaves_what_was_typed() {
        let mut editor = Editor::default();
        types(&mut editor, "/msg bob ");
        editor.paste(&"secret ".repeat(LONGEST_INPUT));
        let asked = editor.question(Some("#lobby"));
        assert!(asked.as_deref().is_some_and(|asked| asked.contains("at most 4000")), "{asked:?}");
        assert!(editor.enter().is_empty());
        assert_eq!((editor.input.value(), editor.is_asking()), ("/msg bob ", false));
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
