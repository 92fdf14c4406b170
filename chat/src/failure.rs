//! The one place that decides how a failure reads, which exit code it has, and what to type next.

use anstyle::{AnsiColor, Style};
use ca_store::ErrorKind;
use ca_store::explain::{Report, render};
use ca_store::finding::{Code, quote, quote_file};
use ca_store::store::named;
use chat::archive::ArchiveError;
use chat::client::link::LinkError;
use chat::config::{ConfigError, SettingsError};
use chat::server::{Asked, ListenError};
use chat::tls::client::ConnectError;
use chat::tls::material::MaterialError;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use crate::command::owner;
use crate::machine;

/// The exit codes that scripts rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, and the answer is bad: a certificate was refused.
    Bad = 1,
    Usage = 2,
    Input = 3,
    Store = 4,
    Network = 5,
    Bug = 70,
}

/// Why a command ended without what was asked for.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
    causes: Vec<String>,
    hints: Vec<String>,
    report: Option<Box<Report>>,
    port_taken: bool,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), causes: Vec::new(), hints: Vec::new(), report: None, port_taken: false }
    }

    /// With what to type next.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// With this in place of what it would advise.
    pub(crate) fn hinted_only(mut self, hint: impl Into<String>) -> Self {
        self.hints = vec![hint.into()];
        self
    }

    /// With the flags that say by what, and for what, its `pki diagnose` judges: each with a space before it.
    pub(crate) fn asked(mut self, flags: &str) -> Self {
        self.hints.iter_mut().filter(|hint| hint.starts_with("pki diagnose ")).for_each(|hint| hint.push_str(flags));
        self
    }

    /// With its commands going to the store that was named.
    pub(crate) fn for_store(mut self, dir: &Path) -> Self {
        for hint in &mut self.hints {
            *hint = named::command(hint, dir);
        }
        let findings = self.report.iter_mut().flat_map(|report| report.cause.iter_mut().chain(&mut report.findings));
        findings.for_each(|finding| finding.fix = named::lines(&finding.fix, dir));
        self
    }

    /// At a line of a file, where that is known.
    pub(crate) fn at(mut self, place: Option<(&Path, usize)>) -> Self {
        if let Some((path, line)) = place {
            self.message = format!("{}:{line}: {}", path.display(), self.message);
        }
        self
    }

    /// Another process has the port that was to be listened on.
    pub(crate) fn is_port_taken(&self) -> bool {
        self.port_taken
    }

    /// The message and its causes, for a log.
    pub(crate) fn in_one_line(&self) -> String {
        std::iter::once(&self.message).chain(&self.causes).cloned().collect::<Vec<_>>().join(": ")
    }

    fn of(exit: Exit, error: &dyn std::error::Error) -> Self {
        let mut failure = Self::new(exit, error.to_string());
        let mut source = error.source();
        while let Some(cause) = source {
            // A cause that its error has worded already would stand there twice.
            if !failure.message.contains(&cause.to_string()) {
                failure.causes.push(cause.to_string());
            }
            source = cause.source();
        }
        failure
    }

    /// Writes it to standard error and gives the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        // A closed standard error leaves the exit code as the only way to tell.
        let _ = self.write(&mut anstream::stderr().lock());
        ExitCode::from(self.exit as u8)
    }

    /// The message; where a report follows that has the same words, its code.
    fn headline(&self) -> String {
        match self.report.as_ref().and_then(|report| report.cause.as_ref()) {
            Some(cause) if cause.message == self.message => format!("not connected: {}", cause.code),
            _ => self.message.clone(),
        }
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let (error, hint) = (AnsiColor::Red.on_default().bold(), Style::new().bold());
        writeln!(out, "{error}error:{error:#} {}", self.headline())?;
        for cause in &self.causes {
            writeln!(out, "  because: {cause}")?;
        }
        if let Some(report) = &self.report {
            writeln!(out)?;
            write!(out, "{}", render::text(report, report_style()))?;
        }
        for line in &self.hints {
            writeln!(out, "{hint}hint:{hint:#} {line}")?;
        }
        out.flush()
    }
}

fn report_style() -> render::Style {
    let colour = io::stderr().is_terminal() && machine::takes_colour();
    let style = if colour { render::Style::colour() } else { render::Style::plain() };
    terminal_size::terminal_size_of(io::stderr()).map_or(style, |(columns, _)| style.wide(columns.0.into()))
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let failure = Self::of(Exit::Input, &error);
        match &error {
            ConfigError::Unreadable { path, source } => failure.hint(look_at(path, source)),
            ConfigError::Invalid { path, line, .. } => {
                failure.hint(format!("sed -n {line}p {} shows the line; docs/cli.md has the keys", shell(path)))
            }
            ConfigError::TooLong { path } => failure.hint(format!("ls -l {}", shell(path))),
            _ => failure,
        }
    }
}

fn shell(path: &Path) -> String {
    quote_file(&path.display().to_string())
}

/// What shows why a file can't be read: whose it is, or what there is in its place.
fn look_at(path: &Path, source: &io::Error) -> String {
    let whose = (source.kind() == io::ErrorKind::PermissionDenied).then(|| owner::whose(path)).flatten();
    whose.unwrap_or_else(|| {
        let there = path.ancestors().skip(1).find(|folder| folder.is_dir());
        let looked_at = if path.exists() { path } else { there.unwrap_or(Path::new(".")) };
        format!("ls -la {} shows what is there", shell(looked_at))
    })
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        let failure = Self::of(Exit::Usage, &error);
        match error {
            SettingsError::BusWithoutUrl => failure.hint("chat serve --bus redis://127.0.0.1:6379"),
            SettingsError::BusWithoutTrust { place } => failure
                .hint(format!("chat serve --bus rediss://{place} --bus-bundle FILE"))
                .hint("pki issue client NODE && pki export bundle NODE writes the file"),
            SettingsError::BusWithoutTls { place } => {
                failure.hint(format!("chat serve --bus rediss://{place} --bus-bundle FILE"))
            }
            SettingsError::BusTwoPasswords => {
                failure.hint("chat serve --bus redis://HOST:PORT --bus-password-file FILE")
            }
            SettingsError::Bus { meant, .. } => failure.hint(format!("chat serve --bus {}", quote(&meant))),
            SettingsError::PlaintextNotLoopback { address } => failure
                .hint(format!("chat serve --plaintext 127.0.0.1:{}, or TLS there: --listen {address}", address.port())),
            SettingsError::Name { .. } => failure.hint("chat serve --name chat.example.test"),
            SettingsError::MetricsNotLoopback { address } => {
                failure.hint(format!("chat serve --metrics 127.0.0.1:{}", address.port()))
            }
            SettingsError::GuestChannel { mask } => failure.hint(format!("join = [\"#{}\"]", mask.escape_debug())),
            SettingsError::PortsWithoutTls => failure.hint("chat serve --listen '[::]:6697' --assign-ports 7000-7099"),
            SettingsError::BundleAndMore => failure.hint("chat serve --bundle FILE, and a later list with --crl FILE"),
            SettingsError::BesideStore { .. } => failure
                .hint("the store's root is believed, and its list counts: pki crl makes it")
                .hint("or all from files: chat serve --cert FILE --key FILE --trust FILE --crl FILE"),
            SettingsError::StoreAndFiles => {
                failure.hint("chat serve --cert FILE --key FILE --trust FILE, or chat serve --store DIR")
            }
            _ => failure,
        }
    }
}

impl From<ArchiveError> for Failure {
    fn from(error: ArchiveError) -> Self {
        let failure = Self::of(Exit::Store, &error);
        match &error {
            ArchiveError::Io { path, source } if source.kind() == io::ErrorKind::PermissionDenied => {
                failure.hint(owner::whose(path).unwrap_or_else(|| "another folder: --data DIR".to_owned()))
            }
            ArchiveError::Full { path } => {
                let folder = path.parent().unwrap_or(path).display().to_string();
                failure.hint(format!("make room there: df -h {}", quote_file(&folder)))
            }
            ArchiveError::InUse { .. } => failure.hint("a folder of its own: --data DIR"),
            ArchiveError::TooNew { .. } => failure.hint("the version that wrote it, or another folder: --data DIR"),
            _ => failure.hint("another folder: --data DIR"),
        }
    }
}

impl From<MaterialError> for Failure {
    fn from(error: MaterialError) -> Self {
        let failure = Self::of(Exit::Input, &error);
        match &error {
            MaterialError::Unreadable { path, source } => failure.hint(look_at(path, source)),
            MaterialError::KeyOpen { path, .. } => failure.hint(format!("chmod 600 {}", shell(path))),
            MaterialError::KeyEncrypted { path } => {
                failure.hint(format!("openssl pkey -in {} -out plain.pem && chmod 600 plain.pem", shell(path)))
            }
            MaterialError::KeyMismatch { certificate, key } => {
                failure.hint(format!("pki diagnose --chain {} --key {}", shell(certificate), shell(key)))
            }
            MaterialError::BundleLocked { .. } => {
                failure.hint("put its password on the first line of a file: --passphrase-file FILE")
            }
            MaterialError::BundleLacks { .. } => failure.hint("pki export bundle NAME writes one that is whole"),
            MaterialError::NothingThere { path, .. }
            | MaterialError::Damaged { path, .. }
            | MaterialError::Unusable { path, .. } => {
                failure.hint(format!("pki inspect {} tells what it is", shell(path)))
            }
            _ => failure,
        }
    }
}

impl From<ListenError> for Failure {
    fn from(error: ListenError) -> Self {
        let failure = Self::of(Exit::Network, &error);
        let port = error.address.port();
        match error.source.kind() {
            io::ErrorKind::AddrInUse => Self { port_taken: true, ..failure }
                .hint(format!("which process it is: ss -ltnp 'sport = :{port}'"))
                .hint(another_port(&error, 0)),
            io::ErrorKind::PermissionDenied => failure.hint(another_port(&error, 6697)),
            io::ErrorKind::AddrNotAvailable => failure.hint("the addresses of this machine: ip address"),
            _ => failure,
        }
    }
}

/// As it is typed, or written in the configuration where there is no flag for it.
fn another_port(error: &ListenError, port: u16) -> String {
    let address = std::net::SocketAddr::new(error.address.ip(), port);
    match error.asked {
        Asked::Flag(flag) => format!("another port: {flag} {address}"),
        Asked::Key(key) => format!("another port, below [listen] in the configuration: {key} = [\"{address}\"]"),
    }
}

impl From<ca_store::Error> for Failure {
    fn from(error: ca_store::Error) -> Self {
        let exit = match error.kind() {
            ErrorKind::Usage => Exit::Usage,
            ErrorKind::Input => Exit::Input,
            ErrorKind::Store => Exit::Store,
            ErrorKind::Network => Exit::Network,
            ErrorKind::Bug => Exit::Bug,
        };
        let failure = Self::of(exit, &error);
        match error.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

impl From<ConnectError> for Failure {
    fn from(error: ConnectError) -> Self {
        let failure = Self::of(Exit::Usage, &error);
        match error {
            ConnectError::Explained(report) => Self { exit: exit_of(&report), report: Some(report), ..failure },
            ConnectError::Material(error) => error.into(),
            ConnectError::Host { .. } => failure.hint("chat connect chat.example.test:6697"),
            _ => failure,
        }
    }
}

/// What never got as far as a certificate is the network's.
fn exit_of(report: &Report) -> Exit {
    match report.cause.as_ref().map(|cause| cause.code) {
        Some(
            Code::ConnectionRefused
            | Code::ConnectionTimeout
            | Code::ConnectionClosed
            | Code::HostNotFound
            | Code::NotTls
            | Code::TlsVersionMismatch
            | Code::CipherSuiteMismatch,
        ) => Exit::Network,
        _ => Exit::Bad,
    }
}

impl From<LinkError> for Failure {
    fn from(error: LinkError) -> Self {
        let failure = Self::of(Exit::Network, &error);
        match error {
            LinkError::Silent => failure.hint("the server's log says why: look there for handshake-failed or refused"),
            _ => failure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(failure: &Failure) -> String {
        let mut out = Vec::new();
        failure.write(&mut out).expect("written");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_taken_port_names_the_way_to_the_process_and_the_flag() {
        let address = "127.0.0.1:6697".parse().expect("an address");
        for (asked, advice) in [
            (Asked::Flag("--listen"), "another port: --listen 127.0.0.1:0"),
            (Asked::Flag("--metrics"), "another port: --metrics 127.0.0.1:0"),
            (Asked::Key("websocket"), "below [listen] in the configuration: websocket = [\"127.0.0.1:0\"]"),
        ] {
            let failure = Failure::from(ListenError { address, asked, source: io::ErrorKind::AddrInUse.into() });
            assert_eq!(failure.exit, Exit::Network);
            let text = text(&failure);
            assert!(text.contains("ss -ltnp") && text.contains(advice), "{text}");
        }
    }

    #[test]
    fn a_file_that_is_not_there_has_the_command_that_shows_what_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let shown = folder.path().display().to_string();
        for path in [folder.path().join("none.toml"), folder.path().join("none/none.toml"), folder.path().to_owned()] {
            let missing = || io::Error::from(io::ErrorKind::NotFound);
            for failure in [
                Failure::from(ConfigError::Unreadable { path: path.clone(), source: missing() }),
                Failure::from(MaterialError::Unreadable { path: path.clone(), source: missing() }),
            ] {
                assert!(text(&failure).contains(&format!("ls -la {shown} shows")), "{}", text(&failure));
            }
        }
        let problem = "nothing".to_owned();
        let failure = Failure::from(ConfigError::Invalid { path: "my chat.toml".into(), line: 3, problem });
        assert!(text(&failure).contains("sed -n 3p 'my chat.toml'"), "{}", text(&failure));
    }

    #[test]
    fn commands_go_to_the_store_that_was_named() {
        let failure = Failure::new(Exit::Store, "nothing there").hint("pki issue client alice").hint("or --trust FILE");
        let text = text(&failure.for_store(Path::new("my store")));
        assert!(
            text.contains("pki --store 'my store' issue client alice\n") && text.contains(" or --trust FILE\n"),
            "{text}"
        );
    }

    #[test]
    fn an_open_key_has_the_command_that_closes_it() {
        let failure = Failure::from(MaterialError::KeyOpen { path: "my key.pem".into(), mode: 0o644 });
        assert!(text(&failure).contains("chmod 600 'my key.pem'"), "{}", text(&failure));
        assert_eq!(failure.exit, Exit::Input);
    }
}
