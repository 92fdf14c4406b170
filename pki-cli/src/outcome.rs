//! What a command returns: data that knows how to be shown, and nothing of how it came about.

use std::io::{self, Write};

/// The result of a command. One type a command, implemented in `render/` beside its look.
pub(crate) trait Outcome {
    /// For people.
    fn text(&self, out: &mut dyn Write) -> io::Result<()>;

    /// For programs.
    fn json(&self) -> serde_json::Value;

    /// What should be known besides; told on standard error, and part of the JSON.
    fn warnings(&self) -> Vec<String> {
        Vec::new()
    }
}
