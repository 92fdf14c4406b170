//! How a report as text is to look: colours or none, and how wide.

use crate::finding::Severity;

use super::screen::Screen;

/// The width where nobody says another: what a log or a mail shows without breaking lines itself.
pub const DEFAULT_WIDTH: usize = 100;
/// The narrowest that prose is wrapped to; below it, a word a line would be left.
const MIN_WIDTH: usize = 40;
/// The widest: longer lines are hard to read.
const MAX_WIDTH: usize = 120;

/// How much of a report is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// What a log or a mail is to hold: long lists have a count at their end.
    Usual,
    /// What fits this terminal.
    Screen(Screen),
    /// All of it.
    Whole,
}

/// Whether to colour, where to wrap, and how much to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    colour: bool,
    width: usize,
    extent: Extent,
}

impl Style {
    /// Text alone.
    pub fn plain() -> Style {
        Style { colour: false, width: DEFAULT_WIDTH, extent: Extent::Usual }
    }

    /// With ANSI colours.
    pub fn colour() -> Style {
        Style { colour: true, ..Style::plain() }
    }

    /// For a terminal of that many columns. Commands are never broken, however narrow it is.
    #[must_use]
    pub fn wide(self, columns: usize) -> Style {
        Style { width: columns.clamp(MIN_WIDTH, MAX_WIDTH), ..self }
    }

    /// For a terminal of that size: no more than fits it, where the user can ask for the rest by `--all`.
    #[must_use]
    pub fn on(self, screen: Screen) -> Style {
        Style { extent: Extent::Screen(screen), ..self.wide(screen.columns) }
    }

    /// With every list to its end.
    #[must_use]
    pub fn whole(self) -> Style {
        Style { extent: Extent::Whole, ..self }
    }

    pub(super) fn extent(self) -> Extent {
        self.extent
    }

    /// Whether all was asked for.
    pub(super) fn is_whole(self) -> bool {
        self.extent == Extent::Whole
    }

    /// The most items of a list: as many as are usual, or all.
    pub(super) fn most(self, usual: usize) -> usize {
        if self.is_whole() { usize::MAX } else { usual }
    }

    /// Columns of a line.
    pub fn width(self) -> usize {
        self.width
    }

    pub(super) fn paint(self, ansi: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{ansi}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// What is to stand out.
    pub fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    pub(super) fn good(self, text: &str) -> String {
        self.paint("1;32", text)
    }

    pub(super) fn bad(self, text: &str) -> String {
        self.graded(Severity::Error, text)
    }

    pub(super) fn graded(self, severity: Severity, text: &str) -> String {
        self.paint(
            match severity {
                Severity::Error => "1;31",
                Severity::Warning => "1;33",
                Severity::Note => "36",
            },
            text,
        )
    }
}
