//! A program run to its end: within a time, with bounded output, in an environment of its own.

use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

/// How long a client may take. Java and Go compile their source first, which takes seconds on a busy machine; the
/// others take tenths.
const DEADLINE: Duration = Duration::from_secs(20);
/// How often the end of a program is looked for.
const PAUSE: Duration = Duration::from_millis(5);
/// How long its last words are waited for once it has ended; a child of its own may hold the pipe open.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// The most that is kept of its output. openssl prints the whole chain, some 20 KiB; the rest is read and dropped.
const MAX_OUTPUT: u64 = 256 << 10;

/// What a program left behind.
#[derive(Debug)]
pub(crate) struct Output {
    /// It ended with status 0.
    pub(crate) succeeded: bool,
    /// Standard error, then standard output, as far as they are kept.
    pub(crate) text: String,
}

/// A program on the path.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    on_path(name).next()
}

/// The programs of this name: on the path, and of Python those that pyenv keeps. What it puts on the path for them runs the version alone
/// that is chosen at the time.
pub(super) fn find_all(name: &str) -> impl Iterator<Item = PathBuf> {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".pyenv"));
    let root = std::env::var_os("PYENV_ROOT").map(PathBuf::from).or_else(home);
    let kept = root.filter(|_| name.starts_with("python")).map(|root| of_pyenv(&root, name));
    on_path(name).chain(kept.unwrap_or_default())
}

fn on_path(name: &str) -> impl Iterator<Item = PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).map(|folder| folder.join(name)).collect();
    folders.into_iter().filter(|path| runs(path))
}

/// The most versions of Python that are looked at.
const MAX_VERSIONS: usize = 16;

fn of_pyenv(root: &Path, name: &str) -> Vec<PathBuf> {
    let versions = std::fs::read_dir(root.join("versions")).into_iter().flatten().flatten();
    let mut programs: Vec<PathBuf> =
        versions.map(|it| it.path().join("bin").join(name)).filter(|it| runs(it)).collect();
    programs.sort();
    programs.truncate(MAX_VERSIONS);
    programs
}

fn runs(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}

/// None where it cannot be started or does not end in time; it is then ended by force. What the user's environment
/// says of proxies, certificates and settings does not reach it: the question is about these files.
pub(super) fn run(program: &Path, arguments: &[OsString], home: &Path) -> Option<Output> {
    run_for(program, arguments, home, DEADLINE)
}

/// As [`run`], for as long as `patience` says.
pub(crate) fn run_for(program: &Path, arguments: &[OsString], home: &Path, patience: Duration) -> Option<Output> {
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(home)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .env("LANG", "C.UTF-8")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    let (stderr, stdout) = (collect(child.stderr.take()?), collect(child.stdout.take()?));
    let end = Instant::now() + patience;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => {
                let text = [stderr, stdout].map(|words| words.recv_timeout(LAST_WORDS).unwrap_or_default()).concat();
                return Some(Output { succeeded: status.success(), text });
            }
            Ok(None) if Instant::now() < end => std::thread::sleep(PAUSE),
            _ => break,
        }
    }
    // It may have ended by itself in between, and then there is nothing to kill.
    let _ = child.kill();
    let _ = child.wait();
    None
}

fn collect(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut kept = pipe.take(MAX_OUTPUT);
        let mut bytes = Vec::new();
        // What came before a broken pipe is still worth reading; nobody waits where the receiver is gone.
        let _ = kept.read_to_end(&mut bytes);
        let _ = std::io::copy(kept.get_mut(), &mut std::io::sink());
        let _ = send.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receive
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::of_pyenv;

    #[test]
    fn a_python_that_is_not_the_chosen_one_is_found_where_pyenv_keeps_it() {
        let root = tempfile::TempDir::new().expect("a folder for temporary files");
        for (version, mode) in [("3.13.0", 0o755), ("3.14.1", 0o644), ("3.9.18", 0o755)] {
            let folder = root.path().join("versions").join(version).join("bin");
            std::fs::create_dir_all(&folder).expect("it is new");
            let name = if version == "3.9.18" { "python3.9" } else { "python3.13" };
            std::fs::write(folder.join(name), "").expect("it is new");
            std::fs::set_permissions(folder.join(name), std::fs::Permissions::from_mode(mode)).expect("it is there");
        }
        let found = of_pyenv(root.path(), "python3.13");
        assert_eq!(found, [root.path().join("versions/3.13.0/bin/python3.13")]);
        assert!(of_pyenv(&root.path().join("none"), "python3.13").is_empty());
    }
}
