//! `chat quickstart`: everything on this machine, in one command.

use ca_store::finding::quote_file;
use ca_store::request::InitCaRequest;
use ca_store::store::Store;
use chat::client::view::{Entry, Kind};
use chat::config::settings::DEFAULT_TLS_PORT;
use chat::config::{Flags, MutualTls};
use chat::server::{Asked, ListenError, Server};
use chat::tls::client::Target;
use chat::tls::material;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use time::OffsetDateTime;
use tokio::sync::oneshot;

use super::provisions::Provisions;
use super::store::said;
use super::{connect, conversation, data, serve, store};
use crate::args::Quickstart;
use crate::failure::{Exit, Failure};
use crate::{logging, machine};

/// The server's name: what every client on this machine can ask for.
const HOST: &str = "localhost";

/// The channel that one is put in.
const CHANNEL: &str = "#lobby";

const FREE_PORT: &str = "any free port: --port 0";

/// Makes what is missing, serves, and enters.
pub(crate) fn run(arguments: Quickstart) -> Result<(), Failure> {
    let folder = store::folder(arguments.store.as_deref())?;
    // On a full screen, lines of the log would be drawn over the talk.
    logging::start(if connect::is_screen(arguments.plain) { "off" } else { "warn" });
    if let Some(port) = arguments.port {
        must_be_free(port)?;
    }
    let who = machine::as_nickname(&machine::user_name()).to_ascii_lowercase();
    let prepared = prepare(&folder, &who)?;
    super::block_on(tokio::runtime::Builder::new_multi_thread(), start(arguments, prepared))
}

/// Tries the port that was asked for before anything is made: whoever else has it, nothing is left behind.
fn must_be_free(port: u16) -> Result<(), Failure> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let tried = TcpListener::bind(address).map(drop);
    tried.map_err(|source| {
        let failure = Failure::from(ListenError { address, asked: Asked::Flag("--port"), source });
        if failure.is_port_taken() { failure.hinted_only(FREE_PORT) } else { failure }
    })
}

/// What is in the store, made where it was missing.
struct Prepared {
    who: String,
    folder: PathBuf,
    certificate: PathBuf,
    key: PathBuf,
    root: PathBuf,
}

fn prepare(folder: &Path, who: &str) -> Result<Prepared, Failure> {
    make_ca(folder, who)?;
    let store = Store::open(folder)?;
    store::server_files(&store, HOST, &server_names())?;
    let files = store::client_files(&store, who)?;
    Ok(Prepared {
        who: who.to_owned(),
        folder: folder.to_owned(),
        certificate: files.fullchain,
        key: files.privkey,
        root: store.root_pem_path(),
    })
}

/// The CA, named so that nobody takes it for a host.
fn make_ca(folder: &Path, who: &str) -> Result<(), Failure> {
    if Store::exists(folder) {
        return Ok(());
    }
    let request = InitCaRequest {
        intermediate: Some(format!("{who}'s Issuing CA")),
        ..InitCaRequest::new(format!("{who}'s Root CA"))
    };
    ca_store::init_ca(folder, request, OffsetDateTime::now_utc())?;
    said(&format!("made a certificate authority, \"{who}'s Root CA\", in {}", folder.display()));
    Ok(())
}

/// What clients on this machine ask for. The host name is left out where it can't be in a certificate.
fn server_names() -> Vec<String> {
    let mut names = vec![HOST.to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    let host = machine::host_name();
    if host != HOST && ca_store::name::DnsName::parse_host(&host).is_ok() {
        names.push(host);
    }
    names
}

async fn start(arguments: Quickstart, prepared: Prepared) -> Result<(), Failure> {
    let (server, told) = match listen(&prepared.folder, arguments.port.unwrap_or(DEFAULT_TLS_PORT)) {
        Err(failure) if failure.is_port_taken() && arguments.port.is_none() => {
            if prepared.target(DEFAULT_TLS_PORT)?.connect().await.is_ok() {
                return join(arguments, &prepared).await;
            }
            let note = format!("something else listens on port {DEFAULT_TLS_PORT}; this chat has a free one");
            (listen(&prepared.folder, 0)?, vec![note])
        }
        Err(failure) if failure.is_port_taken() => return Err(failure.hinted_only(FREE_PORT)),
        listening => (listening?, Vec::new()),
    };
    let Some(address) = server.addresses().next().map(|(address, _)| address) else {
        return Err(Failure::new(Exit::Network, "no listener was opened"));
    };
    serve::announce(&server)?;
    let greeting = tell(&arguments, told.into_iter().chain(how_to_join(&prepared, address)));
    let (stop, stopped) = oneshot::channel::<()>();
    let until_left = async {
        let _ = stopped.await;
        "the host has left".to_owned()
    };
    let serving = tokio::spawn(server.run(until_left, || {}));
    let result = enter(arguments, &prepared, address.port(), greeting).await;
    let _ = stop.send(());
    let _ = serving.await;
    result
}

/// A chat on this store's certificates is running already: a second one would be a room of its own.
async fn join(arguments: Quickstart, prepared: &Prepared) -> Result<(), Failure> {
    let note = format!("a chat of yours is running already on {HOST}:{DEFAULT_TLS_PORT}; you join it");
    let greeting = tell(&arguments, std::iter::once(note));
    enter(arguments, prepared, DEFAULT_TLS_PORT, greeting).await
}

/// Beside the talk on a pipe; in it on a screen, which hides what stood there before.
fn tell(arguments: &Quickstart, lines: impl Iterator<Item = String>) -> Vec<Entry> {
    if connect::is_screen(arguments.plain) {
        return lines.map(|line| Entry::new(Kind::Answer, line)).collect();
    }
    lines.for_each(|line| said(&line));
    Vec::new()
}

async fn enter(arguments: Quickstart, prepared: &Prepared, port: u16, greeting: Vec<Entry>) -> Result<(), Failure> {
    let target = prepared.target(port)?;
    let nick = arguments.nick.or_else(|| Some(machine::as_nickname(&prepared.who)));
    let profile = connect::profile(nick, vec![CHANNEL.to_owned()], target.credential.as_ref())?;
    conversation::enter(target, profile, arguments.plain, greeting).await
}

impl Prepared {
    /// The chat on this machine, with the certificate that was made for who runs it.
    fn target(&self, port: u16) -> Result<Target, Failure> {
        Ok(Target {
            host: HOST.to_owned(),
            port,
            anchors: material::certificates(&self.root)?,
            anchors_source: self.root.clone(),
            credential: Some(material::credential(&self.certificate, &self.key)?),
            shown: Vec::new(),
            store_has_ca: true,
        })
    }
}

fn listen(folder: &Path, port: u16) -> Result<Server, Failure> {
    let flags = Flags {
        store: Some(folder.to_owned()),
        name: Some(HOST.to_owned()),
        listen: vec![SocketAddr::from((Ipv4Addr::LOCALHOST, port))],
        mtls: Some(MutualTls::Required),
        ..Flags::default()
    };
    let provisions = Provisions::read(flags, None)?;
    let read = provisions.first()?;
    serve::listen(provisions, read, data::open_or_memory)
}

/// How it stands, and how others come in.
fn how_to_join(prepared: &Prepared, address: SocketAddr) -> Vec<String> {
    let Prepared { who, folder, certificate, key, root } = prepared;
    let shell = |path: &Path| quote_file(&path.display().to_string());
    let (folder, certificate, key, root) = (shell(folder), shell(certificate), shell(key), shell(root));
    let port = address.port();
    let (pki, chat) = (program("pki"), program("chat"));
    vec![
        format!("certificates required on {address}; you are {who}, in {CHANNEL}; /help lists the commands"),
        "others on this machine join with a certificate of their own:".to_owned(),
        format!("  {pki} issue client NAME --store {folder}"),
        format!("  {chat} connect {HOST}:{port} --store {folder} --as NAME --join '{CHANNEL}'"),
        "or with any IRC client; irssi, with your certificate:".to_owned(),
        format!("  /connect -tls -tls_verify -tls_cafile {root} -tls_cert {certificate} -tls_pkey {key} {HOST} {port}"),
    ]
}

/// How a program of ours is typed: by its name where the path leads to it, else by the folder that this one lies in. In a
/// build folder it may not have been built yet.
fn program(name: &str) -> String {
    let on_path = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(name).is_file()));
    match std::env::current_exe().map(|own| own.with_file_name(name)) {
        Ok(beside) if !on_path && beside.is_file() => quote_file(&beside.display().to_string()),
        Ok(beside) if !on_path && beside.iter().any(|part| part == "target") => {
            format!("cargo run --release --bin {name} --")
        }
        _ => name.to_owned(),
    }
}
