//! Terminals for programs that want one: a screen of tmux's with a keyboard, and one of a size to be filled.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::sandbox::DEADLINE;
use crate::{Outcome, Sandbox};

/// A program on a screen. Dropping it ends the program.
pub struct Screen<'a> {
    sandbox: &'a Sandbox,
    tmux: PathBuf,
    socket: PathBuf,
}

impl Screen<'_> {
    /// Starts a command of the shell on a screen of its own; `name` tells it from the sandbox's others.
    pub fn start<'a>(sandbox: &'a Sandbox, tmux: PathBuf, name: &str, command: &str) -> Screen<'a> {
        let screen = Screen { sandbox, tmux, socket: sandbox.file(format!("{name}.tmux")) };
        screen.tmux(&["-f", "/dev/null", "new-session", "-d", "-x", "180", "-y", "40", command]);
        screen
    }

    /// Types a line.
    pub fn types(&self, line: &str) {
        self.types_only(line);
        self.presses("Enter");
    }

    /// Types these characters, and no Enter.
    pub fn types_only(&self, text: &str) {
        self.tmux(&["send-keys", "-l", text]);
    }

    /// Presses a key by tmux's name for it: `Tab`, `PPage`.
    pub fn presses(&self, key: &str) {
        self.tmux(&["send-keys", key]);
    }

    /// Pastes a text, told to be pasted where the program asked to be told.
    pub fn pastes(&self, text: &str) {
        self.tmux(&["set-buffer", text]);
        self.tmux(&["paste-buffer", "-p"]);
    }

    /// Gives the screen another size.
    pub fn resizes(&self, columns: u16, rows: u16) {
        self.tmux(&["resize-window", "-x", &columns.to_string(), "-y", &rows.to_string()]);
    }

    /// Waits until a row has this text; all rows as they are then.
    ///
    /// # Panics
    /// Where no row has it within [`DEADLINE`].
    #[track_caller]
    pub fn shows(&self, text: &str) -> Vec<String> {
        let end = Instant::now() + DEADLINE;
        loop {
            let rows = self.rows();
            if rows.iter().any(|row| row.contains(text)) {
                return rows;
            }
            assert!(Instant::now() < end, "expected {text:?} on the screen:\n{}", rows.join("\n"));
        }
    }

    fn rows(&self) -> Vec<String> {
        self.tmux(&["capture-pane", "-p"]).lines().map(|row| row.trim_end().to_owned()).collect()
    }

    #[track_caller]
    fn tmux(&self, arguments: &[&str]) -> String {
        let (socket, tmux) = (self.socket.display().to_string(), self.tmux.display().to_string());
        let all = ["TERM=xterm", tmux.as_str(), "-S", socket.as_str()].into_iter().chain(arguments.iter().copied());
        self.sandbox.run("env", all).exits(0).stdout
    }
}

impl Drop for Screen<'_> {
    fn drop(&mut self) {
        // Where it has ended by itself there is nothing to end.
        let _ = std::process::Command::new(&self.tmux).arg("-S").arg(&self.socket).arg("kill-server").output();
    }
}

/// Runs a program to its end on a terminal of that size; what it shows is on standard output, messages as well.
#[track_caller]
pub fn shown_on<S: AsRef<OsStr>>(
    sandbox: &Sandbox,
    python: &Path,
    (rows, columns): (usize, usize),
    command: impl IntoIterator<Item = S>,
) -> Outcome {
    let size = ["-c".to_owned(), TERMINAL.to_owned(), rows.to_string(), columns.to_string()].map(OsString::from);
    sandbox.run(python, size.into_iter().chain(command.into_iter().map(|word| word.as_ref().to_owned())))
}

/// Of a pseudo-terminal the standard library knows nothing.
const TERMINAL: &str = "\
import fcntl, os, pty, struct, sys, termios
child, terminal = pty.fork()
if child == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack('HHHH', int(sys.argv[1]), int(sys.argv[2]), 0, 0))
    os.execvp(sys.argv[3], sys.argv[3:])
while True:
    try:
        data = os.read(terminal, 65536)
    except OSError:
        break
    if not data:
        break
    sys.stdout.buffer.write(data)
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
";

/// The lines as they stand on a terminal at last: without colours, and without what was erased again.
pub fn lines_of(shown: &str) -> Vec<String> {
    let last = |line: &str| line.rsplit("\u{1b}[2K").next().unwrap_or_default().trim_end_matches('\r').to_owned();
    shown.lines().map(last).map(|line| unpainted(&line)).collect()
}

/// Rows that the lines take, where each has so many columns.
pub fn rows_of(lines: &[String], columns: usize) -> usize {
    lines.iter().map(|line| line.chars().count().div_ceil(columns).max(1)).sum()
}

fn unpainted(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or("", |(_, rest)| rest))
}
