//! A program that keeps running: a server, or a client that is talked to. Its lines are collected as they come, so a
//! test waits for what a program says, never for time to pass.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::sandbox::DEADLINE;

/// A running program. Dropping it ends it.
pub struct Running {
    shown: String,
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Arc<Lines>,
}

impl Running {
    /// Starts a command as it is; [`crate::Sandbox::start`] makes most.
    ///
    /// # Panics
    /// Where it can't be started.
    pub fn start(mut command: Command) -> Running {
        let shown = format!("{command:?}");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|why| panic!("{shown}: {why}"));
        let lines = Arc::new(Lines::default());
        lines.collect(child.stdout.take().expect("stdout was asked for as a pipe"));
        lines.collect(child.stderr.take().expect("stderr was asked for as a pipe"));
        let stdin = child.stdin.take();
        Running { shown, child, stdin, lines }
    }

    /// The address after `listening on`.
    #[track_caller]
    pub fn address(&self) -> SocketAddr {
        let line = self.line("listening on ");
        let address =
            line.rsplit("listening on ").next().and_then(|it| it.split_whitespace().next()).unwrap_or_default();
        address.parse().unwrap_or_else(|why| panic!("{line:?} ends in no address: {why}"))
    }

    /// The first line, on either output and whenever it was printed, that contains this text.
    #[track_caller]
    pub fn line(&self, text: &str) -> String {
        self.first(&format!("a line with {text:?}"), |line| line.contains(text))
    }

    /// The first line that contains all of these texts.
    #[track_caller]
    pub fn line_with(&self, texts: &[&str]) -> String {
        self.first(&format!("a line with all of {texts:?}"), |line| texts.iter().all(|text| line.contains(text)))
    }

    #[track_caller]
    fn first(&self, wanted: &str, fits: impl Fn(&str) -> bool) -> String {
        self.lines.wait(fits).unwrap_or_else(|printed| {
            panic!("expected {wanted} within {DEADLINE:?}\n$ {}\n{}", self.shown, printed.join("\n"))
        })
    }

    /// Everything printed so far, in the order in which it was read.
    pub fn printed(&self) -> Vec<String> {
        self.lines.lock().printed.clone()
    }

    /// Types a line.
    #[track_caller]
    pub fn types(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().expect("nothing is typed after the end of the input");
        writeln!(stdin, "{line}").and_then(|()| stdin.flush()).unwrap_or_else(|why| {
            panic!("{line:?} could not be typed: {why}\n{}", self.lines.lock().printed.join("\n"))
        });
    }

    /// Ends the program's input.
    pub fn ends_input(&mut self) {
        self.stdin = None;
    }

    /// What a chat server with `--metrics` counts under a name.
    #[track_caller]
    pub fn counted(&self, name: &str) -> u64 {
        let told = self.line("what is counted is at ");
        let place = told.rsplit("http://").next().and_then(|it| it.split('/').next()).expect("an address");
        let mut stream = TcpStream::connect(place).expect("it listens");
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").expect("it reads");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("it answers");
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("no {name} in\n{text}"))
    }

    /// Sends a signal by its name, `TERM` say.
    pub fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    /// Waits for the program to end by itself; gives its exit code and everything it printed.
    #[track_caller]
    pub fn ends(mut self) -> (i32, Vec<String>) {
        assert!(self.lines.wait_for_end(), "still running after {DEADLINE:?}\n$ {}\n{}", self.shown, self.text());
        let status: ExitStatus = self.child.wait().expect("a child can be waited for");
        let code = status.code().unwrap_or_else(|| panic!("ended by a signal: {status}\n{}", self.text()));
        (code, self.printed())
    }

    fn text(&self) -> String {
        self.printed().join("\n")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has often ended already; then there is nothing left to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal with the system's own `kill`: the standard library can only send `KILL`, and that to no one else's
/// child.
pub(crate) fn signal(process: u32, name: &str) {
    let status = Command::new("kill").arg(format!("-{name}")).arg(process.to_string()).status();
    assert!(status.is_ok_and(|it| it.success()), "process {process} could not be sent {name}");
}

/// The lines of both outputs, and how many outputs are still open.
#[derive(Default)]
struct Lines {
    state: Mutex<Printed>,
    changed: Condvar,
}

#[derive(Default)]
struct Printed {
    printed: Vec<String>,
    open: usize,
}

impl Lines {
    fn lock(&self) -> MutexGuard<'_, Printed> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn collect(self: &Arc<Lines>, output: impl Read + Send + 'static) {
        self.lock().open += 1;
        let lines = Arc::clone(self);
        std::thread::spawn(move || {
            for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
                lines.lock().printed.push(String::from_utf8_lossy(&line).trim_end().to_owned());
                lines.changed.notify_all();
            }
            lines.lock().open -= 1;
            lines.changed.notify_all();
        });
    }

    /// The first line that fits; everything printed, when the deadline passes or the program ends without one.
    fn wait(&self, fits: impl Fn(&str) -> bool) -> Result<String, Vec<String>> {
        let found = |state: &Printed| state.printed.iter().find(|line| fits(line)).cloned();
        let state = self.wait_until(|state| found(state).is_some() || state.open == 0);
        found(&state).ok_or_else(|| state.printed.clone())
    }

    fn wait_for_end(&self) -> bool {
        self.wait_until(|state| state.open == 0).open == 0
    }

    fn wait_until(&self, done: impl Fn(&Printed) -> bool) -> MutexGuard<'_, Printed> {
        let end = Instant::now() + DEADLINE;
        let mut state = self.lock();
        while !done(&state) {
            let left = end.saturating_duration_since(Instant::now());
            if left == Duration::ZERO {
                break;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        state
    }
}
