//! What was shown so far, and which part of it is on the screen.

use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use std::collections::VecDeque;

use crate::client::view::{Entry, Kind};
use crate::limits::client::SCROLLBACK;

/// Columns of the time before an entry, with the space after it.
const TIME: usize = 6;

/// On a narrower screen the text needs the room.
const TOO_NARROW_FOR_TIMES: usize = 40;

/// Entries, the newest last.
#[derive(Debug, Default)]
pub(super) struct Scrollback {
    entries: VecDeque<Shown>,
    /// Rows scrolled back from the newest.
    back: usize,
    /// Entries that came since.
    unseen: usize,
    width: usize,
    height: usize,
}

#[derive(Debug)]
struct Shown {
    entry: Entry,
    /// `hh:mm`, or nothing.
    time: String,
    style: Style,
}

impl Scrollback {
    /// Adds an entry. Who has scrolled back keeps his place.
    pub(super) fn add(&mut self, entry: Entry, time: String, own: &str) {
        if self.entries.len() == SCROLLBACK {
            self.entries.pop_front();
        }
        let style = style_of(&entry, own);
        let shown = Shown { entry, time, style };
        if self.back > 0 {
            self.back += shown.rows(self.width).len();
            self.unseen += 1;
        }
        self.entries.push_back(shown);
    }

    /// A screenful back, or towards the newest; a row stays for the eye to find its place.
    pub(super) fn page(&mut self, back: bool) {
        let page = self.height.saturating_sub(1).max(1);
        self.back = if back { self.back + page } else { self.back.saturating_sub(page) };
        self.look();
    }

    /// To the newest.
    pub(super) fn newest(&mut self) {
        self.back = 0;
        self.look();
    }

    fn look(&mut self) {
        if self.back == 0 {
            self.unseen = 0;
        }
    }

    /// Entries that came below what one looks at; none where one looks at the newest.
    pub(super) fn below(&self) -> Option<usize> {
        (self.back > 0).then_some(self.unseen)
    }

    /// The rows for a screen of this size. Only as many entries are wrapped, from the newest back, as fill it and what is scrolled past.
    pub(super) fn visible(&mut self, width: usize, height: usize) -> Vec<Line<'static>> {
        (self.width, self.height) = (width.max(1), height);
        let mut rows: VecDeque<Line<'static>> = VecDeque::new();
        for shown in self.entries.iter().rev() {
            if rows.len() >= height + self.back {
                break;
            }
            shown.rows(self.width).into_iter().rev().for_each(|row| rows.push_front(row));
        }
        self.back = self.back.min(rows.len().saturating_sub(height));
        self.look();
        let end = rows.len() - self.back;
        rows.drain(end.saturating_sub(height)..end).collect()
    }
}

impl Shown {
    fn rows(&self, width: usize) -> Vec<Line<'static>> {
        let indent = if width < TOO_NARROW_FOR_TIMES || self.time.is_empty() { 0 } else { TIME };
        let row = |(index, text): (usize, String)| {
            let time = if index == 0 { self.time.as_str() } else { "" };
            let time = if indent == 0 { String::new() } else { format!("{time:<indent$}") };
            Line::from(vec![
                Span::styled(time, Style::new().add_modifier(Modifier::DIM)),
                Span::styled(text, self.style),
            ])
        };
        wrap(&self.entry.to_string(), width - indent).into_iter().enumerate().map(row).collect()
    }
}

/// Meaning never rests on the style alone: each kind has its mark in the text too. What is meant for oneself stands out.
fn style_of(entry: &Entry, own: &str) -> Style {
    match &entry.kind {
        Kind::Message { from } | Kind::Action { from } if is_for(entry, from, own) => {
            Style::new().add_modifier(Modifier::BOLD)
        }
        Kind::Message { .. } | Kind::Answer => Style::new(),
        Kind::Action { .. } => Style::new().add_modifier(Modifier::ITALIC),
        Kind::Notice { .. } | Kind::Error => Style::new().add_modifier(Modifier::BOLD),
        Kind::Event => Style::new().add_modifier(Modifier::DIM),
    }
}

/// Whether somebody else says it to one alone, or names one.
fn is_for(entry: &Entry, from: &str, own: &str) -> bool {
    let is_private = entry.place.as_deref().is_some_and(|place| place.eq_ignore_ascii_case(from));
    let word = |c: char| !(c.is_alphanumeric() || "_-[]\\`^{}|".contains(c));
    let named = || entry.text.split(word).any(|word| word.eq_ignore_ascii_case(own));
    !own.is_empty() && !from.eq_ignore_ascii_case(own) && (is_private || named())
}

/// Breaks a text into rows of at most `width` columns, between words where there is one to break at.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut rows = Vec::new();
    let mut row = String::new();
    let mut columns = 0;
    for character in text.chars() {
        let wide = Span::raw(character.to_string()).width();
        if columns + wide > width && !row.is_empty() {
            if character == ' ' {
                rows.push(std::mem::take(&mut row));
                columns = 0;
                continue;
            }
            let rest = row.rfind(' ').filter(|at| *at > 0).map(|at| row.split_off(at + 1)).unwrap_or_default();
            rows.push(std::mem::replace(&mut row, rest));
            columns = Span::raw(row.as_str()).width();
        }
        row.push(character);
        columns += wide;
    }
    rows.push(row);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(rows: &[Line<'static>]) -> Vec<String> {
        rows.iter().map(ToString::to_string).collect()
    }

    fn said(scrollback: &mut Scrollback, from: &str, said: &str) {
        let entry = Entry::at("#lobby", Kind::Message { from: from.into() }, said);
        scrollback.add(entry, "09:05".into(), "alice");
    }

    #[test]
    fn who_scrolled_back_keeps_his_place_and_is_told_what_came() {
        let mut scrollback = Scrollback::default();
        (0..20).for_each(|number| said(&mut scrollback, "bob", &format!("message {number}")));
        scrollback.visible(60, 4);
        scrollback.page(true);
        let before = text(&scrollback.visible(60, 4));
        assert!(before[3].ends_with("message 16"), "{before:?}");
        said(&mut scrollback, "bob", &"a long text that fills several rows of the screen ".repeat(4));
        said(&mut scrollback, "bob", "the newest");
        assert_eq!(text(&scrollback.visible(60, 4)), before);
        assert_eq!(scrollback.below(), Some(2));
        scrollback.newest();
        assert!(text(&scrollback.visible(60, 4))[3].ends_with("the newest"));
        assert_eq!(scrollback.below(), None);
    }

    #[test]
    fn the_scrollback_has_a_bound() {
        let mut scrollback = Scrollback::default();
        for number in 0..SCROLLBACK + 10 {
            scrollback.add(Entry::new(Kind::Answer, number.to_string()), String::new(), "alice");
        }
        assert_eq!(scrollback.entries.len(), SCROLLBACK);
        assert_eq!(text(&scrollback.visible(60, 1)), ["5009"]);
    }

    #[test]
    fn times_stand_before_texts_and_give_way_on_a_narrow_screen() {
        let mut scrollback = Scrollback::default();
        said(&mut scrollback, "bob", "the quick brown fox jumps over");
        assert_eq!(text(&scrollback.visible(40, 4)), ["09:05 [#lobby] <bob> the quick brown fox", "      jumps over"]);
        assert_eq!(text(&scrollback.visible(39, 4))[0], "[#lobby] <bob> the quick brown fox ");
    }

    #[test]
    fn what_is_meant_for_oneself_stands_out() {
        let bold = |place: &str, from: &str, text: &str| {
            let entry = Entry::at(place, Kind::Message { from: from.into() }, text);
            style_of(&entry, "alice").add_modifier.contains(Modifier::BOLD)
        };
        assert!(bold("#lobby", "bob", "Alice: hi") && bold("bob", "bob", "psst"));
        assert!(!bold("#lobby", "bob", "malice") && !bold("#lobby", "alice", "I, alice"));
        assert!(!bold("bob", "alice", "psst"));
    }

    #[test]
    fn rows_break_between_words_and_count_columns() {
        assert_eq!(wrap("one two three", 8), ["one two ", "three"]);
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("日本語です", 5), ["日本", "語で", "す"]);
        assert_eq!(wrap("", 4), [""]);
    }
}
