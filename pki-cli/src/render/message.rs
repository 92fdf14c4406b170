//! Messages on standard error: errors with what to do next, warnings, and that something is being waited for.

use std::path::Path;

use ca_store::facts::escape;

use super::named;
use crate::output::Output;

/// An error, and its hint: sentences as they are, commands indented so that they can be picked out and pasted.
pub(crate) fn error(out: Output, message: &str, hint: Option<&str>, store: Option<&Path>) {
    out.note(&format!("error: {}", escape(message)));
    for line in hint.into_iter().flat_map(str::lines) {
        if is_command(line) {
            out.note(&format!("  {}", escape(&store.map_or_else(|| line.to_owned(), |dir| named::command(line, dir)))));
        } else {
            out.note(&format!("hint: {}", escape(line)));
        }
    }
}

/// Something that should be known, though all went well.
pub(crate) fn warning(out: Output, message: &str) {
    out.note(&format!("warning: {}", escape(message)));
}

/// That another process holds the lock.
pub(crate) fn waiting(lock: &Path) {
    let text = format!("waiting for another process to finish: it holds {}", lock.display());
    Output { json: false }.note(&escape(&text));
}

/// Whether a line of a hint is to be typed.
pub(super) fn is_command(line: &str) -> bool {
    ["pki ", "chat ", "chmod ", "mv ", "ls ", "fuser ", "openssl "].iter().any(|program| line.starts_with(program))
}
