//! Programs that we did not write, which judge what ours make.
//!
//! A machine without one of them skips the tests that need it and says so; where `CI` is `true` a missing peer fails
//! the test, for there a skipped judge would pass unseen.

use std::io::Write;
use std::path::{Path, PathBuf};

/// The path of a peer, or none after a line that says why the calling test is skipped.
///
/// # Panics
/// Where `CI=true` and the peer is missing.
#[track_caller]
pub fn peer(name: &str) -> Option<PathBuf> {
    let found = find(name);
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none_or(|it| it != "true"), "{name} is missing, and CI needs every peer");
        skipped(&format!("{name} is not installed"));
    }
    found
}

/// Says that the calling test is skipped, and why.
#[track_caller]
pub fn skipped(why: &str) {
    let caller = std::panic::Location::caller();
    // Written past the test harness's capture, so that it is read without `--nocapture`.
    let _ = writeln!(std::io::stderr(), "skipped: {}:{}: {why}", caller.file(), caller.line());
}

fn find(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| is_program(path))
}

fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}
