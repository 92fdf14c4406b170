//! The stores' own programs, run to their end.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Refusal;
use crate::clients::process;

/// How long one may take: updating a system's store runs hooks, Java's among them, for every certificate.
const PATIENCE: Duration = Duration::from_secs(180);
/// The characters of a program's words that are told.
const WORDS: usize = 300;

/// A program on the path, or where the root user's programs are.
pub(super) fn find(name: &str) -> Option<PathBuf> {
    let elsewhere = ["/usr/sbin", "/sbin", "/usr/bin"].map(|folder| Path::new(folder).join(name));
    process::find(name).or_else(|| elsewhere.into_iter().find(|path| path.exists()))
}

/// What it prints, where it ends well.
pub(super) fn run<S: Into<OsString> + Clone>(program: &Path, arguments: &[S]) -> Result<String, Refusal> {
    let arguments: Vec<OsString> = arguments.iter().cloned().map(Into::into).collect();
    let ended = process::run_for(program, &arguments, Path::new("/"), PATIENCE);
    let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    match ended {
        Some(output) if output.succeeded => Ok(output.text),
        Some(output) => Err(refused(&name, &output.text)),
        None => Err(Refusal::Failed(format!("{name} did not end within {} seconds", PATIENCE.as_secs()))),
    }
}

fn refused(name: &str, words: &str) -> Refusal {
    if ["Permission denied", "read-only", "Read-only", "SEC_ERROR_READ_ONLY"].iter().any(|it| words.contains(it)) {
        return Refusal::NeedsRoot;
    }
    let words: String = words.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(WORDS).collect();
    Refusal::Failed(format!("{name}: {words}"))
}
