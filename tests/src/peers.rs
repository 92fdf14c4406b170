//! Programs that we did not write, which judge what ours make.
//!
//! A machine without one of them skips the tests that need it and says so; where `CI` is `true` a missing peer fails
//! the test, for there a skipped judge would pass unseen.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The path of a peer, or none after a line that says why the calling test is skipped.
///
/// # Panics
/// Where `CI=true` and the peer is missing.
#[track_caller]
pub fn peer(name: &str) -> Option<PathBuf> {
    let found = find(name);
    if found.is_none() {
        assert!(!is_ci(), "{name} is missing, and CI needs every peer");
        skipped(&format!("{name} is not installed"));
    }
    found
}

/// Python with its package `cryptography`: the one of the path, or else the system's, to which package managers give it.
///
/// # Panics
/// Where `CI=true` and there is none.
#[track_caller]
pub fn python_with_cryptography() -> Option<PathBuf> {
    let asks = |python: &PathBuf| {
        let asked = Command::new(python).args(["-c", "import cryptography"]).stderr(Stdio::null()).status();
        asked.is_ok_and(|status| status.success())
    };
    let found = find("python3").into_iter().chain([PathBuf::from("/usr/bin/python3")]).find(asks);
    if found.is_none() {
        assert!(!is_ci(), "python3-cryptography is missing, and CI needs every peer");
        skipped("Python has no cryptography");
    }
    found
}

fn is_ci() -> bool {
    std::env::var_os("CI").is_some_and(|it| it == "true")
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
