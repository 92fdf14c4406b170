//! The lines that make a program use a certificate of the store: its configuration, or its code. Pure: paths and names in,
//! lines out. Each is held by a test in which the program itself runs on them.

mod code;
mod irc;
mod server;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::error::Error;
use crate::profile::Purpose;
use crate::shell::{quote, quote_file};

/// The programs that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// The web server and proxy.
    Nginx,
    /// The Apache HTTP Server, with mod_ssl.
    Apache,
    /// The proxy.
    Haproxy,
    /// The PostgreSQL server.
    Postgres,
    /// Redis, and Valkey after it.
    Redis,
    /// curl's configuration file.
    Curl,
    /// Python's `ssl` module.
    Python,
    /// Node's `https` and `tls` modules.
    Node,
    /// The IRC client.
    Weechat,
    /// The IRC client.
    Irssi,
    /// The IRC client.
    Hexchat,
}

impl Program {
    /// All of them: servers, then clients and languages.
    pub const ALL: [Program; 11] = [
        Program::Nginx,
        Program::Apache,
        Program::Haproxy,
        Program::Postgres,
        Program::Redis,
        Program::Curl,
        Program::Python,
        Program::Node,
        Program::Weechat,
        Program::Irssi,
        Program::Hexchat,
    ];

    /// The name on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Program::Nginx => "nginx",
            Program::Apache => "apache",
            Program::Haproxy => "haproxy",
            Program::Postgres => "postgres",
            Program::Redis => "redis",
            Program::Curl => "curl",
            Program::Python => "python",
            Program::Node => "node",
            Program::Weechat => "weechat",
            Program::Irssi => "irssi",
            Program::Hexchat => "hexchat",
        }
    }

    /// Whether it can only serve, so that a client's certificate is of no use to it.
    pub fn is_server(self) -> bool {
        !self.is_client() && !matches!(self, Program::Python | Program::Node)
    }

    /// Whether it can only connect.
    pub fn is_client(self) -> bool {
        self == Program::Curl || self.is_irc()
    }

    /// Whether it serves where it has a certificate for this; languages do either.
    pub fn serves_with(self, purpose: Purpose) -> bool {
        self.is_server() || !self.is_client() && purpose == Purpose::Server
    }

    /// Whether it is a client for IRC, which takes a bundle as it is.
    pub fn is_irc(self) -> bool {
        matches!(self, Program::Weechat | Program::Irssi | Program::Hexchat)
    }

    /// Whether certificate, chain and key have to be in one file.
    fn takes_joined(self) -> bool {
        matches!(self, Program::Haproxy | Program::Weechat)
    }

    /// The user that reads the private key, where that is not the one who starts the program.
    fn reads_key_as(self) -> Option<&'static str> {
        match self {
            Program::Postgres => Some("postgres"),
            Program::Redis => Some("redis"),
            _ => None,
        }
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Program {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Program::ALL.into_iter().find(|program| program.as_str() == text).ok_or_else(|| {
            let names = Program::ALL.map(Program::as_str).join(", ");
            format!("expected one of {names}")
        })
    }
}

/// What is to be set up.
#[derive(Debug, Clone)]
pub struct Installation {
    /// How the store is named in commands: `--store DIR`; none where it is found without.
    pub store: Option<String>,
    /// The name that the certificate is known by.
    pub name: String,
    /// Its DNS names and addresses.
    pub hosts: Vec<String>,
    /// What it is for.
    pub purpose: Purpose,
    /// The certificate, and the CAs between.
    pub fullchain: PathBuf,
    /// The private key.
    pub privkey: PathBuf,
    /// Whether it is there: the key of a request's certificate is where that was made.
    pub has_key: bool,
    /// The root.
    pub ca: PathBuf,
    /// The CA's revocation list, where there is one.
    pub crl: Option<PathBuf>,
    /// Certificate, chain and key in one file, for the program that takes nothing else.
    pub joined: PathBuf,
    /// The folder that the files are copied to; the lines then name them there.
    pub folder: Option<PathBuf>,
    /// All of it is in one file: the bundle that somebody was given.
    pub bundled: bool,
    /// The server that it connects to, where that is known.
    pub host: Option<String>,
    /// Where it listens: `ADDR:PORT` or `PORT`; the program's own port where it is not said.
    pub listen: Option<String>,
    /// Whether clients have to show a certificate.
    pub mtls: bool,
}

/// The lines for `program`; those that begin with its comment sign say what has to be done besides.
///
/// # Errors
/// [`Error::NotForServers`] where a server is to be set up with a client's certificate, or anything with a CA's;
/// [`Error::NotForClients`] where an IRC client is to log in with a server's.
pub fn lines(program: Program, asked: &Installation) -> Result<Vec<String>, Error> {
    let of_ca = asked.purpose == Purpose::Intermediate;
    if of_ca || program.is_server() && asked.purpose == Purpose::Client {
        return Err(Error::NotForServers { name: asked.name.clone(), program: program.as_str() });
    }
    if program.is_irc() && asked.purpose == Purpose::Server {
        return Err(Error::NotForClients { name: asked.name.clone(), program: program.as_str() });
    }
    let placed = placed(asked);
    let lines = match program {
        Program::Nginx => server::nginx(&placed),
        Program::Apache => server::apache(&placed),
        Program::Haproxy => server::haproxy(&placed),
        Program::Postgres => server::postgres(&placed),
        Program::Redis => server::redis(&placed),
        Program::Curl => code::curl(&placed),
        Program::Python => code::python(&placed),
        Program::Node => code::node(&placed),
        Program::Weechat => irc::weechat(&placed),
        Program::Irssi => irc::irssi(&placed),
        Program::Hexchat => irc::hexchat(&placed),
    };
    let comment = if program == Program::Node { "// " } else { "# " };
    let notes = if asked.has_key { Vec::new() } else { key_elsewhere(&asked.privkey) };
    Ok(notes.into_iter().chain(access(program, asked)).map(|line| format!("{comment}{line}")).chain(lines).collect())
}

/// That the key has to be brought, and where to.
fn key_elsewhere(expected: &Path) -> Vec<String> {
    vec![
        "the store has no private key for this certificate: it is where the request was made, or where a batch put it."
            .to_owned(),
        "Bring it, readable by its owner alone, to where it is expected:".to_owned(),
        format!("  install -m 0600 YOUR.key {}", typed(expected)),
    ]
}

/// With the paths where the files will be.
fn placed(asked: &Installation) -> Installation {
    let Some(folder) = &asked.folder else { return asked.clone() };
    let at = |path: &Path| folder.join(path.file_name().unwrap_or_default());
    Installation {
        fullchain: at(&asked.fullchain),
        privkey: at(&asked.privkey),
        ca: at(&asked.ca),
        crl: asked.crl.as_deref().map(at),
        joined: at(&asked.joined),
        ..asked.clone()
    }
}

/// Who has to be able to read the files, and the commands that see to it.
fn access(program: Program, asked: &Installation) -> Vec<String> {
    if program == Program::Hexchat {
        return irc::hexchat_files(asked);
    }
    if asked.bundled {
        return Vec::new();
    }
    let user = program.reads_key_as();
    if let Some(folder) = &asked.folder {
        return copying(program, asked, folder, user.unwrap_or("root"));
    }
    match (program, user) {
        (_, Some(user)) => vec![
            format!(
                "{program} reads the private key as the user {user}, who can read neither a store nor a key of yours:"
            ),
            format!(
                "print the lines for copies of its own with {}",
                asked.pki(&format!("config {program} {} --dir DIR", quote(&asked.name)))
            ),
        ],
        (Program::Haproxy | Program::Weechat, None) => vec![join_command(asked, &asked.joined)],
        (Program::Nginx | Program::Apache, None) => {
            vec![format!(
                "{program} reads the private key as root, before it drops its rights: it may stay yours alone"
            )]
        }
        _ => Vec::new(),
    }
}

fn join_command(asked: &Installation, to: &Path) -> String {
    format!("now and after each renewal: {}", export_joined(asked, &typed(to)))
}

/// The command that writes certificate, chain and key into one file, which is a word of a shell.
fn export_joined(asked: &Installation, file: &str) -> String {
    asked.pki(&format!("export haproxy {} --force --out {file}", quote(&asked.name)))
}

/// Copies with owner and mode: PostgreSQL takes a key only of its own user or root's, readable by the group at most.
fn copying(program: Program, asked: &Installation, folder: &Path, user: &str) -> Vec<String> {
    let to = typed(folder);
    let mut lines = vec!["now and after each renewal, as root:".to_owned(), format!("  install -d -m 0755 {to}")];
    if program.takes_joined() {
        lines.push(format!("  {}", export_joined(asked, &typed(&folder.join(file_name(&asked.joined))))));
        lines.push(format!("  install -m 0644 {} {to}", typed(&asked.ca)));
        return lines;
    }
    let public: Vec<String> =
        [&asked.fullchain, &asked.ca].into_iter().chain(&asked.crl).map(|path| typed(path)).collect();
    lines.push(format!("  install -m 0644 {} {to}", public.join(" ")));
    lines.push(format!("  install -m 0600 -o {user} {} {to}", typed(&asked.privkey)));
    lines
}

fn file_name(path: &Path) -> &Path {
    path.file_name().map_or(path, Path::new)
}

/// A path as a word of a shell.
fn typed(path: &Path) -> String {
    quote_file(&path.display().to_string())
}

/// A word of nginx's, Apache's, HAProxy's and Redis's configuration: in double quotes where there is more in it than a
/// plain path.
pub(crate) fn word(path: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+@=,".contains(c);
    match path.chars().all(plain) {
        true => path.to_owned(),
        false => format!("\"{}\"", path.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}

/// A path as [`word`].
fn path_word(path: &Path) -> String {
    word(&path.display().to_string())
}

impl Installation {
    /// A command to the store.
    fn pki(&self, arguments: &str) -> String {
        match &self.store {
            Some(option) => format!("pki {option} {arguments}"),
            None => format!("pki {arguments}"),
        }
    }

    /// What is said where there is no list to read: who is revoked later would come in.
    fn no_list(&self) -> String {
        let list = self.pki("crl");
        format!("nobody who is revoked is refused yet: make a list with {list}, and print these lines again")
    }

    /// `ADDR:PORT` or `PORT`, split.
    fn listen_or(&self, port: &str) -> (Option<String>, String) {
        let text = self.listen.as_deref().unwrap_or(port);
        match text.rsplit_once(':') {
            Some((address, port)) if !address.is_empty() => (Some(address.to_owned()), port.to_owned()),
            Some((_, port)) => (None, port.to_owned()),
            None => (None, text.to_owned()),
        }
    }
}
