//! A terminal for programs that want one: a screen of tmux's, with a keyboard.

use std::path::PathBuf;

use crate::Sandbox;

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
        self.tmux(&["send-keys", "-l", line]);
        self.tmux(&["send-keys", "Enter"]);
    }

    fn tmux(&self, arguments: &[&str]) {
        let (socket, tmux) = (self.socket.display().to_string(), self.tmux.display().to_string());
        let all = ["TERM=xterm", tmux.as_str(), "-S", socket.as_str()].into_iter().chain(arguments.iter().copied());
        self.sandbox.run("env", all).exits(0);
    }
}

impl Drop for Screen<'_> {
    fn drop(&mut self) {
        // Where it has ended by itself there is nothing to end.
        let _ = std::process::Command::new(&self.tmux).arg("-S").arg(&self.socket).arg("kill-server").output();
    }
}
