//! What to type next, for each error. Kept apart from [`Error`] so that causes and cures can each be read as a list.

mod files;
mod issued;
mod keys;
mod names;
mod store;

use crate::error::Error;
use crate::profile::Purpose;
use crate::shell::quote;

pub(crate) use store::link_replaced;

/// The hint of `error`: sentences, and commands each on a line of its own that begins with the program's name.
pub(crate) fn of(error: &Error, asking: Asking) -> Option<String> {
    let others = || [issued::of, files::of, store::of, keys::of].into_iter().find_map(|hint| hint(error));
    names::of(error, asking).or_else(others)
}

/// The command that names were given to: what is to be typed in its place begins with the same words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// `pki issue`, or one that issues without saying so.
    Issue,
    /// `pki request`
    Request,
    /// `pki sign`, where they stand in the request or are given beside it.
    Sign,
}

impl Asking {
    /// The line that asks for a certificate with these names.
    pub(crate) fn line(self, purpose: Purpose, names: &[&str]) -> String {
        let names = names.iter().map(|name| quote(name));
        match self {
            Asking::Issue => format!("pki issue {purpose} {}", joined(names)),
            Asking::Request => format!("pki request {purpose} {}", joined(names)),
            Asking::Sign => {
                format!("pki sign FILE --profile {purpose} {}", joined(names.map(|name| format!("--name {name}"))))
            }
        }
    }
}

fn joined(words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join(" ")
}
