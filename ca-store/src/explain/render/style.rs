//! How a report as text is to look: colours or none, and how wide.

use crate::finding::Severity;

/// The width where nobody says another: what a log or a mail shows without breaking lines itself.
pub const DEFAULT_WIDTH: usize = 100;
/// The narrowest that prose is wrapped to; below it, a word a line would be left.
const MIN_WIDTH: usize = 40;
/// The widest: longer lines are hard to read.
const MAX_WIDTH: usize = 120;

/// Whether to colour, and where to wrap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    colour: bool,
    width: usize,
}

impl Style {
    /// Text alone.
    pub fn plain() -> Style {
        Style { colour: false, width: DEFAULT_WIDTH }
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

    pub(super) fn width(self) -> usize {
        self.width
    }

    pub(super) fn paint(self, ansi: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{ansi}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    pub(crate) fn bold(self, text: &str) -> String {
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
