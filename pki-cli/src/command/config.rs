//! `pki config`

use std::path::{Path, PathBuf};

use anyhow::bail;
use ca_store::Error;
use ca_store::facts::{Block, BlockKind, Certificate, Input, MAX_INPUT_BYTES, PrivateKey, escape};
use ca_store::finding::FileError;
use ca_store::profile::Purpose;
use ca_store::program_config::{self, Installation, Program};
use ca_store::san::San;
use ca_store::store::{IndexEntry, named};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::json;

use super::{misused, open};
use crate::endpoint::Endpoint;
use crate::evidence;
use crate::exit::Exit;
use crate::output::Output;

/// Print the lines that make a program use a certificate
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pki config nginx www.example.test --mtls > /etc/nginx/conf.d/www.example.test.conf
  pki config postgres db.example.test --mtls --dir /etc/postgresql/tls
  pki config curl alice
  pki config irssi alice --host chat.example.test
  pki config weechat --bundle alice.bundle.pem --host chat.example.test:6697
  pki config python chat.example.test --mtls")]
pub(crate) struct Args {
    /// The program
    #[arg(value_name = "PROGRAM", value_parser = programs())]
    program: Program,
    /// The certificate's name, or its serial number
    #[arg(value_name = "NAME", required_unless_present = "bundle")]
    name: Option<String>,
    /// The file that was made by `pki export bundle`, in place of NAME: irssi, weechat and hexchat take it as it is, and no store is needed
    #[arg(long, value_name = "FILE", conflicts_with_all = ["name", "mtls", "dir"])]
    bundle: Option<PathBuf>,
    /// The chat that irssi, weechat and hexchat connect to, on port 6697 where none is named [default: the word HOST, to be replaced]
    #[arg(long, value_name = "HOST[:PORT]", value_parser = host, conflicts_with = "listen")]
    host: Option<Endpoint>,
    /// Lets in only clients that show a certificate of this CA
    #[arg(long)]
    mtls: bool,
    /// Where the server listens [default: the program's own port, on all addresses that it takes by itself]
    #[arg(long, value_name = "[ADDR:]PORT", value_parser = place)]
    listen: Option<String>,
    /// The folder for copies of the files, which the lines then name, with the commands that make them
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl Args {
    /// Whether the one file is all that is asked for.
    pub(crate) fn is_of_bundle(&self) -> bool {
        self.bundle.is_some()
    }
}

fn programs() -> impl TypedValueParser<Value = Program> {
    PossibleValuesParser::new(Program::ALL.map(Program::as_str)).try_map(|name| name.parse::<Program>())
}

/// A port, or an address (one of IPv6 in brackets) and a port.
fn place(text: &str) -> Result<String, String> {
    let (address, port) = text.rsplit_once(':').unwrap_or(("", text));
    let bare = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(address);
    let known = bare.is_empty() || bare.parse::<std::net::IpAddr>().is_ok();
    match port.parse::<u16>() {
        Ok(1..) if known => Ok(text.to_owned()),
        _ => Err("expected a port such as 8443, or an address and a port such as 127.0.0.1:8443".to_owned()),
    }
}

/// The port of IRC over TLS (IANA: `ircs-u`).
const IRCS: u16 = 6697;

/// A host, on the port of IRC over TLS where none is named. It is typed into programs of which each has signs of its own: what is
/// neither a DNS name nor an address has none of these.
fn host(text: &str) -> Result<Endpoint, String> {
    let alone = text.parse::<std::net::IpAddr>().map(|address| Endpoint { host: address.to_string(), port: IRCS });
    let bare = || format!("{text}:{IRCS}");
    let endpoint = alone.or_else(|_| text.parse::<Endpoint>()).or_else(|error| bare().parse().map_err(|_| error))?;
    match San::parse_host(&endpoint.host) {
        Ok(San::Dns(name)) if name.is_wildcard() => Err("expected one host, found a wildcard".to_owned()),
        Ok(host) => Ok(Endpoint { host: host.to_string(), ..endpoint }),
        Err(fault) => Err(format!("expected a host such as chat.example.test or [::1]: {fault}")),
    }
}

/// Why a flag that was given would change nothing of what is printed.
fn idle_flag(args: &Args, asked: &Installation) -> Option<String> {
    let program = args.program;
    let connects = !program.serves_with(asked.purpose);
    let who =
        if program.is_client() { format!("{program} connects") } else { format!("{:?} is a client's", asked.name) };
    if args.mtls && connects {
        let what = "--mtls makes a server ask clients for a certificate";
        return Some(format!("{what}, and {who}: the lines for it show one without"));
    }
    if args.dir.is_some() && connects {
        let what = "--dir is for servers, which read copies as a user of their own";
        return Some(format!("{what}, and {who}: it reads the files where they are"));
    }
    if args.listen.is_some() && !program.is_server() {
        let instead = match (program.is_irc(), connects) {
            (true, _) => format!("{who}: to where, is said by --host HOST[:PORT]"),
            (false, true) => format!("{who}: to where, is said in its own words"),
            (false, false) => format!("the last line for {program} says that itself"),
        };
        return Some(format!("--listen is where a server listens, and {instead}"));
    }
    None
}

pub(crate) fn run(args: &Args, store: &Path, out: Output) -> anyhow::Result<Exit> {
    if !args.program.is_irc() && (args.host.is_some() || args.bundle.is_some()) {
        let text =
            format!("--host and --bundle are for irssi, weechat and hexchat; for {} expected NAME alone", args.program);
        return Ok(misused(&text, out));
    }
    let asked = match (&args.bundle, &args.name) {
        (Some(bundle), _) => match of_bundle(args, bundle)? {
            Ok(asked) => asked,
            Err(fault) => return Ok(unusable(bundle, &fault, out)),
        },
        (None, name) => of_store(args, name.as_deref().unwrap_or_default(), store)?,
    };
    if let Some(text) = idle_flag(args, &asked) {
        return Ok(misused(&format!("{text}; expected pki config {} NAME without it", args.program), out));
    }
    let lines = program_config::lines(args.program, &asked)?;
    if out.json {
        out.json(&json!({"program": args.program.as_str(), "name": asked.name, "mtls": args.mtls, "lines": lines}))?;
        return Ok(Exit::Done);
    }
    // Names and paths of our own store hold no control characters, and a configuration is taken as it stands.
    out.text(&format!("{}\n", lines.join("\n")))?;
    Ok(Exit::Done)
}

fn of_store(args: &Args, name: &str, store: &Path) -> anyhow::Result<Installation> {
    let store = open(store)?;
    let entry = store.show(name)?;
    let files = store.files_of(&entry);
    let has_key = files.privkey.exists();
    if !has_key && entry.key_here == Some(true) {
        return Err(Error::KeyLost { name: entry.name, key: files.privkey }.into());
    }
    Ok(Installation {
        store: named::option(store.dir()),
        hosts: hosts(&entry),
        purpose: entry.purpose,
        fullchain: absolute(&files.fullchain),
        privkey: absolute(&files.privkey),
        has_key,
        ca: absolute(&files.ca),
        crl: store.crl_path().as_deref().map(absolute),
        joined: absolute(Path::new(&format!("{}.{}.pem", entry.name, args.program))),
        folder: args.dir.as_deref().map(absolute),
        bundled: false,
        host: args.host.as_ref().map(|host| host.host.clone()),
        listen: listen(args),
        mtls: args.mtls,
        name: entry.name,
    })
}

/// The names that a server is called by; a certificate may have others besides, such as URIs.
fn hosts(entry: &IndexEntry) -> Vec<String> {
    let hosts: Vec<String> = entry.sans.iter().filter(|san| San::parse_host(san).is_ok()).cloned().collect();
    if hosts.is_empty() { vec![entry.name.clone()] } else { hosts }
}

/// What is said about where to connect has its place where a server's address has.
fn listen(args: &Args) -> Option<String> {
    args.host.as_ref().map(|host| host.port.to_string()).or_else(|| args.listen.clone())
}

/// The one file that somebody was given, without a store.
fn of_bundle(args: &Args, bundle: &Path) -> anyhow::Result<Result<Installation, String>> {
    let name = match name_in(bundle) {
        Ok(name) => name,
        Err(fault) => return Ok(Err(fault)),
    };
    let file = absolute(bundle);
    if file.display().to_string().contains(char::is_control) {
        bail!("{}: expected a path without control characters, since it is typed into {}", shown(bundle), args.program);
    }
    Ok(Ok(Installation {
        store: None,
        name,
        hosts: Vec::new(),
        purpose: Purpose::Client,
        fullchain: file.clone(),
        privkey: file.clone(),
        has_key: true,
        ca: file.clone(),
        crl: None,
        joined: file,
        folder: None,
        bundled: true,
        host: args.host.as_ref().map(|host| host.host.clone()),
        listen: listen(args),
        mtls: false,
    }))
}

/// The file is none that an IRC client can read.
fn unusable(bundle: &Path, fault: &str, out: Output) -> Exit {
    let text = format!(
        "{} {fault}: expected the PEM file that is made, where the CA is, without a password by",
        shown(bundle)
    );
    crate::render::error(out, &text, Some("pki export bundle NAME"), None);
    Exit::Input
}

/// id-kp-clientAuth and anyExtendedKeyUsage (RFC 5280, 4.2.1.12).
const FOR_CLIENTS: [&str; 2] = ["1.3.6.1.5.5.7.3.2", "2.5.29.37.0"];

/// Whose certificate it is, or what is wrong. The file has to be one that a program can read as it is: PEM, with an open key and a root.
fn name_in(bundle: &Path) -> Result<String, String> {
    let bytes = evidence::read(bundle).map_err(unreadable)?;
    let blocks = Input::read(&bytes).blocks;
    let of_kind = |kind| blocks.iter().filter(move |block: &&Block| block.kind == kind);
    let key = of_kind(BlockKind::PrivateKey).find_map(|block| PrivateKey::from_der(&block.der).ok()?.public_key);
    let key = key.ok_or("has no private key that lies open")?;
    let certificates: Vec<Certificate> =
        of_kind(BlockKind::Certificate).filter_map(|block| Certificate::from_der(&block.der).ok()).collect();
    let own = certificates.iter().find(|one| one.public_key.same_as(&key)).ok_or("has no certificate of its key")?;
    if !certificates.iter().any(|one| one.is_self_signed()) {
        return Err("has no root".to_owned());
    }
    if own.extended_key_usage().is_some_and(|purposes| !purposes.iter().any(|it| FOR_CLIENTS.contains(&&**it))) {
        return Err("holds a certificate for servers, and a client needs one for clients".to_owned());
    }
    Ok(own.subject.common_name().map_or_else(|| own.subject.to_string(), str::to_owned))
}

/// Why nothing of the file could be read.
fn unreadable(error: FileError) -> String {
    match error {
        FileError::Missing => "does not exist".to_owned(),
        FileError::Directory => "is a folder".to_owned(),
        FileError::Denied => "may not be read by you".to_owned(),
        FileError::TooLarge => format!("is longer than {MAX_INPUT_BYTES} octets"),
        FileError::Other(words) => format!("cannot be read ({words})"),
    }
}

fn shown(path: &Path) -> String {
    escape(&path.display().to_string())
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
