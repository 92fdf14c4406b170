//! Lines of IRC from words, and texts in parts that fit a line.

use crate::limits::client::TEXT_BYTES;

/// A line of IRC. The last parameter is marked as such where it needs it.
pub(super) fn line(verb: &str, parameters: &[String]) -> String {
    let mut line = verb.to_owned();
    for (index, parameter) in parameters.iter().enumerate() {
        let last = index + 1 == parameters.len();
        let marked = last && (parameter.is_empty() || parameter.starts_with(':') || parameter.contains(' '));
        line.push_str(if marked { " :" } else { " " });
        line.push_str(parameter);
    }
    line
}

/// A text in parts that each fit a line, cut between words, or between characters where a word is too long.
pub(super) fn parts(mut text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    while text.len() > TEXT_BYTES {
        let most = text.floor_char_boundary(TEXT_BYTES);
        // The space may stand right after what fits. It is not said; of several in a row the others are.
        let space = text[..text.ceil_char_boundary(most + 1)].rfind(' ').filter(|at| *at > TEXT_BYTES / 2);
        let (part, rest) = space.map_or_else(|| text.split_at(most), |at| (&text[..at], &text[at + 1..]));
        parts.push(part);
        text = rest;
    }
    parts.push(text);
    parts
}
