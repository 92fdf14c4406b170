//! A folder of its own for each test, and commands that see nothing of the machine but the path to its programs.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::{Outcome, Running, programs};

/// How long a command may take. Generous, since a loaded machine with a debug build can be slow; reached only by a
/// program that hangs, which then fails its test instead of stopping all of them.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// A temporary folder with a home, a place for a store, and the commands run in it.
pub struct Sandbox {
    folder: TempDir,
}

impl Default for Sandbox {
    fn default() -> Sandbox {
        Sandbox::new()
    }
}

impl Sandbox {
    /// An empty sandbox.
    pub fn new() -> Sandbox {
        let folder = TempDir::with_prefix("pki-test-").expect("a temporary folder can be made");
        std::fs::create_dir(folder.path().join("home")).expect("a fresh folder can be written");
        Sandbox { folder }
    }

    /// A sandbox whose store holds a CA: `Test Root CA`, with `Test Issuing CA` below it.
    pub fn with_ca() -> Sandbox {
        let sandbox = Sandbox::new();
        sandbox.pki(["init-ca", "--name", "Test Root CA", "--intermediate", "Test Issuing CA"]).exits(0);
        sandbox
    }

    /// The sandbox's folder, which is the working folder of its commands.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A file in the sandbox, whether it exists or not.
    pub fn file(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path().join(name)
    }

    /// Where `PKI_STORE` points.
    pub fn store(&self) -> PathBuf {
        self.file("store")
    }

    /// A file of a certificate that the store has issued: `issued("NAME", "cert.pem")`.
    pub fn issued(&self, name: &str, file: &str) -> PathBuf {
        self.store().join("certs").join(name).join(file)
    }

    /// A file's text.
    #[track_caller]
    pub fn read(&self, name: impl AsRef<Path>) -> String {
        let path = self.file(name);
        std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
    }

    /// Writes a file into the sandbox and gives its path.
    #[track_caller]
    pub fn write(&self, name: impl AsRef<Path>, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.file(name);
        std::fs::write(&path, content).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        path
    }

    /// Runs `pki` to its end.
    #[track_caller]
    pub fn pki<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Outcome {
        self.run(programs::pki(), arguments)
    }

    /// Runs `chat` to its end, with nothing on standard input.
    #[track_caller]
    pub fn chat<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Outcome {
        self.run(programs::chat(), arguments)
    }

    /// Runs a program to its end, with nothing on standard input.
    #[track_caller]
    pub fn run<S: AsRef<OsStr>>(&self, program: impl AsRef<OsStr>, arguments: impl IntoIterator<Item = S>) -> Outcome {
        self.run_with_input(program, arguments, "")
    }

    /// Runs a program to its end; it reads `input`, then the end of the file.
    #[track_caller]
    pub fn run_with_input<S: AsRef<OsStr>>(
        &self,
        program: impl AsRef<OsStr>,
        arguments: impl IntoIterator<Item = S>,
        input: &str,
    ) -> Outcome {
        let mut command = self.command(program);
        command.args(arguments);
        complete(command, input)
    }

    /// Types these lines into a shell that stops at the first failing one.
    #[track_caller]
    pub fn shell(&self, lines: &str) -> Outcome {
        self.run("sh", ["-e", "-c", lines])
    }

    /// Starts a program that keeps running.
    #[track_caller]
    pub fn start<S: AsRef<OsStr>>(
        &self,
        program: impl AsRef<OsStr>,
        arguments: impl IntoIterator<Item = S>,
    ) -> Running {
        let mut command = self.command(program);
        command.args(arguments);
        Running::start(command)
    }

    /// Starts `chat serve` on a free loopback port.
    #[track_caller]
    pub fn serve<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Running {
        let listening = ["serve", "--listen", "127.0.0.1:0"].map(OsString::from);
        self.start(
            programs::chat(),
            listening.into_iter().chain(arguments.into_iter().map(|it| it.as_ref().to_owned())),
        )
    }

    /// A command as the sandbox runs it. Of the environment only `PATH` (with our programs before all others) is kept:
    /// a stray `SSL_CERT_FILE`, `PKI_STORE` or `NO_COLOR` would otherwise decide a test.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.path())
            .env_clear()
            .env("PATH", search_path())
            .env("HOME", self.file("home"))
            .env("USER", "alice")
            .env("LANG", "C.UTF-8")
            .env("PKI_STORE", self.store());
        command
    }
}

fn search_path() -> OsString {
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(programs::folder().to_owned()).chain(std::env::split_paths(&inherited));
    std::env::join_paths(folders).expect("folders that came from a PATH fit into one")
}

/// Runs a command to its end within [`DEADLINE`], feeding it `input`.
#[track_caller]
pub fn complete(mut command: Command, input: &str) -> Outcome {
    let shown = format!("{command:?}");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|why| panic!("{shown}: {why}"));
    let mut stdin = child.stdin.take().expect("stdin was asked for as a pipe");
    let input = input.to_owned();
    // A program that ends without reading its input closes the pipe: no fault of the test's.
    std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let process = child.id();
    let (ended, end) = std::sync::mpsc::channel();
    std::thread::spawn(move || ended.send(child.wait_with_output()));
    let Ok(output) = end.recv_timeout(DEADLINE) else {
        crate::running::signal(process, "KILL");
        panic!("still running after {DEADLINE:?}, ended by force: {shown}");
    };
    let output = output.unwrap_or_else(|why| panic!("{shown}: {why}"));
    Outcome::new(shown, output.status, &output.stdout, &output.stderr)
}
