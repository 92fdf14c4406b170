//! What a command that has ended left behind, and the questions a test asks of it.

use std::process::ExitStatus;

use serde_json::Value;

/// A finished command: its exit status and both its outputs.
#[derive(Debug)]
pub struct Outcome {
    command: String,
    status: ExitStatus,
    /// Everything written to standard output.
    pub stdout: String,
    /// Everything written to standard error.
    pub stderr: String,
}

impl Outcome {
    pub(crate) fn new(command: String, status: ExitStatus, stdout: &[u8], stderr: &[u8]) -> Outcome {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        Outcome { command, status, stdout: text(stdout), stderr: text(stderr) }
    }

    /// The exit code; a command that a signal ended has none, and that is never what a test wants.
    pub fn code(&self) -> i32 {
        self.status.code().unwrap_or_else(|| panic!("ended by a signal\n{self}"))
    }

    /// Whether the command ended with code 0.
    pub fn succeeded(&self) -> bool {
        self.status.success()
    }

    /// Holds the command to this exit code.
    #[track_caller]
    pub fn exits(self, expected: i32) -> Outcome {
        assert_eq!(self.code(), expected, "expected exit code {expected}\n{self}");
        self
    }

    /// Holds the command to having said this, on either output.
    #[track_caller]
    pub fn says(self, expected: &str) -> Outcome {
        assert!(self.text().contains(expected), "expected to read {expected:?}\n{self}");
        self
    }

    /// Holds the command to not having said this, on either output.
    #[track_caller]
    pub fn does_not_say(self, unexpected: &str) -> Outcome {
        assert!(!self.text().contains(unexpected), "expected not to read {unexpected:?}\n{self}");
        self
    }

    /// Standard output as the one JSON document it must be.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|why| panic!("stdout is not one JSON document: {why}\n{self}"))
    }

    /// Both outputs, one after the other.
    pub fn text(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Outcome { command, status, stdout, stderr } = self;
        write!(f, "$ {command}\n{status}\n--- stdout\n{stdout}\n--- stderr\n{stderr}")
    }
}
