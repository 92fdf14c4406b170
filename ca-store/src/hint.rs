//! What to type next, for each error. Kept apart from [`Error`] so that causes and cures can each be read as a list.

mod files;
mod issued;
mod keys;
mod names;
mod store;

use crate::error::Error;

pub(crate) use store::link_replaced;

/// The hint of `error`: sentences, and commands each on a line of its own that begins with the program's name.
pub(crate) fn of(error: &Error) -> Option<String> {
    [names::of, issued::of, files::of, store::of, keys::of].into_iter().find_map(|hint| hint(error))
}
