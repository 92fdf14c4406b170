//! Where the programs under test are, freshly built.
//!
//! Cargo builds a package's binaries for that package's own integration tests only, and `CARGO_BIN_EXE_…` does not
//! reach across packages. A test of this crate could therefore run a binary that is missing or, worse, stale. So the
//! first test that needs a program runs `cargo build --workspace --bins` itself, into the same target folder and
//! profile as the running test. Where everything is up to date that costs a fraction of a second, and Cargo has
//! released its lock on the folder before it starts a test.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The folder with `pki` and `chat` in it, built on the first call.
pub fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = profile_folder();
        build(&folder);
        folder
    })
}

/// `pki`, the certificate authority.
pub fn pki() -> PathBuf {
    folder().join("pki")
}

/// `chat`, the server and client.
pub fn chat() -> PathBuf {
    folder().join("chat")
}

/// The workspace's root folder.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this crate lies in a folder of the workspace")
}

/// Cargo, as the one that runs this test names itself.
pub fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// `target/debug` or `target/release`, whichever the running test or bench was built into: a test lies in its `deps`,
/// a bench binary directly in it.
fn profile_folder() -> PathBuf {
    let running = std::env::current_exe().expect("a running program knows its own path");
    let folder = running.parent().expect("a program lies in a folder");
    if folder.ends_with("deps") { folder.parent().expect("deps lies in a profile's folder") } else { folder }.to_owned()
}

fn build(folder: &Path) {
    let target = folder.parent().expect("a profile's folder lies in the target folder");
    let mut command = Command::new(cargo());
    command.current_dir(workspace()).args(["build", "--quiet", "--workspace", "--bins", "--target-dir"]).arg(target);
    if folder.ends_with("release") {
        command.arg("--release");
    }
    let output = command.output().expect("cargo can be started");
    assert!(
        output.status.success(),
        "{command:?} could not build the programs under test:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
