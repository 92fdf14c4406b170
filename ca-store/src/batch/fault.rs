//! What is wrong with rows, within a bound.

use serde::Serialize;

use crate::error::Error;

/// Faults that are kept and shown; those beyond are counted. Who has more of them has one mistake in all rows.
pub const MAX_FAULTS: usize = 100;

/// A row that is not issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowFault {
    /// Its line in the manifest.
    pub line: u64,
    /// What is wrong with it.
    pub reason: String,
    /// What would be right.
    pub fix: Option<String>,
}

/// The first of the rows that are not issued, and how many there are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Faults {
    /// How many rows.
    pub count: u64,
    /// The first [`MAX_FAULTS`] of them.
    pub shown: Vec<RowFault>,
}

impl Faults {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(super) fn add(&mut self, line: u64, reason: String, fix: Option<String>) {
        self.count += 1;
        if self.shown.len() < MAX_FAULTS {
            self.shown.push(RowFault { line, reason, fix });
        }
    }

    pub(super) fn add_error(&mut self, line: u64, error: &Error) {
        self.add(line, error.to_string(), error.hint());
    }
}
