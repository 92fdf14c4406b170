//! What fits a screen: sections in several forms, the tersest first, and which of them there is room for.
//!
//! A report that is longer than its terminal loses its beginning, and the beginning is the cause. So each section says itself how
//! it can be shorter, and room is given in the order of [`Turn`]. What is left out is counted on the last line.

use super::layout::columns;
use super::style::{Extent, Style};

/// A terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// Lines.
    pub rows: usize,
    /// Columns of a line; a longer one goes on in the next row.
    pub columns: usize,
}

impl Screen {
    /// What a report may take: the shell's prompt comes below it.
    fn room(self) -> usize {
        self.rows.saturating_sub(1)
    }

    /// Rows that the text takes.
    fn rows_of(self, text: &str) -> usize {
        let rows = |line: &str| columns(&unpainted(line)).div_ceil(self.columns.max(1)).max(1);
        text.lines().map(rows).sum()
    }
}

/// Whose turn it is to be given room, from what is there always to what is missed least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Turn {
    /// What is shown on the smallest screen.
    Always,
    /// How much there is of what has no room, a line each.
    Counts,
    /// The values of both sides.
    Evidence,
    /// What belongs together in a folder, a line a certificate.
    Pairs,
    /// Files of a folder that something is to be said of.
    Remarks,
    /// What a server's configuration is to say.
    Settings,
    /// The chain with all that is said of each certificate.
    Chain,
    /// Causes that a text may stand for.
    Candidates,
    /// What else is wrong, a line each.
    Others,
    /// Who refuses, by name.
    Clients,
    /// Empty lines between sections.
    Apart,
    /// What goes away with the cause.
    Consequences,
    /// What was seen of an endpoint.
    Endpoint,
    /// Who refuses, with their words.
    Words,
    /// Everything that has no turn of its own.
    Rest,
}

/// A part of a report, in forms from the tersest to the fullest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    forms: Vec<(Turn, String)>,
    /// No empty line stands before it.
    is_close: bool,
}

impl Section {
    /// One that is shown as it is, however small the screen.
    pub fn always(text: impl Into<String>) -> Section {
        Section { forms: vec![(Turn::Always, text.into())], is_close: false }
    }

    /// Nothing.
    pub fn none() -> Section {
        Section::always("")
    }

    /// One that is not shown where there is no room for it.
    pub fn at_times(turn: Turn, text: impl Into<String>) -> Section {
        Section::none().or(turn, text)
    }

    /// A fuller form, and when it is given room.
    #[must_use]
    pub fn or(mut self, turn: Turn, text: impl Into<String>) -> Section {
        self.forms.push((turn, text.into()));
        self
    }

    /// Right below the one before, with no empty line between them.
    #[must_use]
    pub fn close(self) -> Section {
        Section { is_close: true, ..self }
    }

    fn fullest(&self) -> &str {
        self.forms.last().map_or("", |(_, text)| text)
    }
}

/// Sections as one text, as far as the style's extent goes.
pub fn joined(sections: &[Section], style: Style) -> String {
    let whole = stacked(sections.iter().map(|it| (it.is_close, it.fullest())), true);
    match style.extent() {
        Extent::Screen(screen) if screen.rows_of(&whole) > screen.room() => fitted(sections, &whole, screen, style),
        _ => whole,
    }
}

/// What is given room: a section's next form, or empty lines between all.
#[derive(Debug, Clone, Copy)]
enum Gain {
    Form(usize, usize),
    Apart,
}

fn fitted(sections: &[Section], whole: &str, screen: Screen, style: Style) -> String {
    let forms = |(index, section): (usize, &Section)| {
        let turns: Vec<Turn> = section.forms.iter().map(|(turn, _)| *turn).collect();
        turns.into_iter().enumerate().skip(1).map(move |(form, turn)| (turn, Gain::Form(index, form)))
    };
    let mut gains: Vec<(Turn, Gain)> = sections.iter().enumerate().flat_map(forms).collect();
    gains.push((Turn::Apart, Gain::Apart));
    gains.sort_by_key(|(turn, _)| *turn);
    let (mut chosen, mut apart) = (vec![0; sections.len()], false);
    let shown = |chosen: &[usize], apart| {
        stacked(sections.iter().zip(chosen).map(|(it, form)| (it.is_close, it.forms[*form].1.as_str())), apart)
    };
    // The last row tells how much there is besides.
    let room = screen.room().saturating_sub(1);
    for (_, gain) in gains {
        let (mut next, mut next_apart) = (chosen.clone(), apart);
        match gain {
            Gain::Form(section, form) => next[section] = form,
            Gain::Apart => next_apart = true,
        }
        if screen.rows_of(&shown(&next, next_apart)) <= room {
            (chosen, apart) = (next, next_apart);
        }
    }
    let text = shown(&chosen, apart);
    let more = told(whole).saturating_sub(told(&text)).max(1);
    let lines = if more == 1 { "line" } else { "lines" };
    format!("{text}{}\n", style.dim(&format!("… and {more} {lines} more: --all")))
}

/// Lines that say something.
fn told(text: &str) -> usize {
    text.lines().filter(|line| !line.is_empty()).count()
}

/// Texts below each other, with an empty line before each that does not stand close to the one before it.
fn stacked<'a>(texts: impl Iterator<Item = (bool, &'a str)>, apart: bool) -> String {
    let mut all = String::new();
    for (is_close, text) in texts.filter(|(_, text)| !text.is_empty()) {
        if apart && !is_close && !all.is_empty() {
            all.push('\n');
        }
        all.push_str(text);
    }
    all
}

/// The text without what colours it (ECMA-48, SGR).
fn unpainted(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or("", |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::{Screen, Section, Turn, joined};
    use crate::explain::render::Style;

    fn on(rows: usize) -> Style {
        Style::plain().on(Screen { rows, columns: 80 })
    }

    fn sections() -> Vec<Section> {
        vec![
            Section::always("cause\n"),
            Section::at_times(Turn::Words, "words\nwords\n"),
            Section::always("short\n").or(Turn::Evidence, "long\nlong\nlong\n"),
        ]
    }

    #[test]
    fn what_fits_is_whole() {
        let whole = "cause\n\nwords\nwords\n\nlong\nlong\nlong\n";
        assert_eq!(joined(&sections(), Style::plain()), whole);
        assert_eq!(joined(&sections(), on(9)), whole);
    }

    #[test]
    fn room_goes_by_turns_and_what_is_left_out_is_counted() {
        assert_eq!(joined(&sections(), on(8)), "cause\n\nlong\nlong\nlong\n… and 2 lines more: --all\n");
        assert_eq!(joined(&sections(), on(6)), "cause\nlong\nlong\nlong\n… and 2 lines more: --all\n");
        assert_eq!(joined(&sections(), on(5)), "cause\n\nshort\n… and 4 lines more: --all\n");
    }

    #[test]
    fn what_is_shown_always_is_never_cut() {
        assert_eq!(joined(&sections(), on(1)), "cause\nshort\n… and 4 lines more: --all\n");
    }

    #[test]
    fn long_lines_take_several_rows_and_colours_none() {
        let screen = Screen { rows: 24, columns: 10 };
        assert_eq!(screen.rows_of("0123456789\n01234567890\n\n"), 4);
        assert_eq!(screen.rows_of("\u{1b}[1;31m0123456789\u{1b}[0m\n"), 1);
    }
}
