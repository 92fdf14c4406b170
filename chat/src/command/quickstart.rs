//! `chat quickstart`: everything on this machine, in one command.

use ca_store::facts::escape;
use ca_store::finding::{quote, quote_file};
use ca_store::request::InitCaRequest;
use ca_store::store::{Store, named};
use chat::client::core::Profile;
use chat::client::view::{Entry, Kind};
use chat::config::settings::DEFAULT_TLS_PORT;
use chat::config::{Flags, MutualTls};
use chat::server::{Asked, ListenError, Server};
use chat::tls::asked::Typed;
use chat::tls::client::Target;
use chat::tls::material;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use time::OffsetDateTime;
use tokio::sync::oneshot;

use super::conversation::Look;
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
    let look = Look::new(arguments.plain);
    logging::start(if look.is_screen() { "off" } else { "warn" });
    if let Some(port) = arguments.port {
        must_be_free(port)?;
    }
    let who = machine::as_nickname(&machine::user_name()).to_ascii_lowercase();
    let prepared = prepare(&folder, &who)?;
    super::block_on(tokio::runtime::Builder::new_multi_thread(), start(arguments, look, prepared))
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
    /// What was made now.
    made: Vec<String>,
}

fn prepare(folder: &Path, who: &str) -> Result<Prepared, Failure> {
    let ca = make_ca(folder, who)?;
    ca.iter().for_each(|note| said(note));
    let store = Store::open(folder)?;
    let server = store::server_files(&store, HOST, &server_names())?;
    let client = store::client_files(&store, who)?;
    let made = [ca, server.note.clone(), client.note.clone()].into_iter().flatten().collect();
    server.told();
    let files = client.told();
    Ok(Prepared {
        who: who.to_owned(),
        folder: folder.to_owned(),
        certificate: files.fullchain,
        key: files.privkey,
        root: store.root_pem_path(),
        made,
    })
}

/// The CA, named so that nobody takes it for a host; none where there is one already.
fn make_ca(folder: &Path, who: &str) -> Result<Option<String>, Failure> {
    if Store::exists(folder) {
        return Ok(None);
    }
    let request = InitCaRequest {
        intermediate: Some(format!("{who}'s Issuing CA")),
        ..InitCaRequest::new(format!("{who}'s Root CA"))
    };
    ca_store::init_ca(folder, request, OffsetDateTime::now_utc())?;
    let shown = escape(&folder.display().to_string());
    Ok(Some(format!("made a certificate authority, \"{who}'s Root CA\", in {shown}")))
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

async fn start(arguments: Quickstart, look: Look, prepared: Prepared) -> Result<(), Failure> {
    let (server, told) = match listen(&prepared.folder, arguments.port.unwrap_or(DEFAULT_TLS_PORT)) {
        Err(failure) if failure.is_port_taken() && arguments.port.is_none() => {
            if prepared.target(DEFAULT_TLS_PORT)?.connect().await.is_ok() {
                let note = format!("a chat of yours is running already on {HOST}:{DEFAULT_TLS_PORT}; you join it");
                let welcome = tell(look, &prepared, vec![note], DEFAULT_TLS_PORT);
                return enter(arguments, look, &prepared, DEFAULT_TLS_PORT, welcome).await;
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
    let welcome = tell(look, &prepared, told, address.port());
    let (stop, stopped) = oneshot::channel::<()>();
    let until_left = async {
        let _ = stopped.await;
        "the host has left".to_owned()
    };
    let serving = tokio::spawn(server.run(until_left, || {}));
    let result = enter(arguments, look, &prepared, address.port(), welcome).await;
    let _ = stop.send(());
    let _ = serving.await;
    result
}

/// What was made, how it stands, and how others come in: beside the talk on a pipe; in it on a screen, which hides what stood there
/// before. `/welcome` says it again.
fn tell(look: Look, prepared: &Prepared, notes: Vec<String>, port: u16) -> Vec<String> {
    let standing: Vec<String> = notes.into_iter().chain(how_to_join(prepared, port)).collect();
    if !look.is_screen() {
        standing.iter().for_each(|line| said(line));
    }
    prepared.made.iter().cloned().chain(standing).collect()
}

async fn enter(
    arguments: Quickstart,
    look: Look,
    prepared: &Prepared,
    port: u16,
    welcome: Vec<String>,
) -> Result<(), Failure> {
    let target = prepared.target(port)?;
    let nick = arguments.nick.or_else(|| Some(machine::as_nickname(&prepared.who)));
    let profile = connect::profile(nick, vec![CHANNEL.to_owned()], target.credential.as_ref())?;
    let lines = if look.is_screen() { welcome.as_slice() } else { &[] };
    let greeting = lines.iter().map(|line| Entry::new(Kind::Answer, line.clone())).collect();
    conversation::enter(target, Profile { welcome, ..profile }, look, greeting).await
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
            typed: Typed::default(),
            taken: Vec::new(),
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
    serve::listen(provisions, |_, _| (), |_| data::open_or_memory())
}

/// How it stands, and how others come in. Lines to be typed are short, for a screen breaks long ones.
fn how_to_join(prepared: &Prepared, port: u16) -> Vec<String> {
    let Prepared { who, folder, .. } = prepared;
    let (pki, chat) = (program("pki"), program("chat"));
    let store = store_option(folder);
    let place = if port == DEFAULT_TLS_PORT { HOST.to_owned() } else { format!("{HOST}:{port}") };
    vec![
        format!("certificates are required on {HOST}:{port}; you are {who}, in {CHANNEL}"),
        "others on this machine come in with a certificate of their own:".to_owned(),
        format!("  {pki} issue client NAME{store}"),
        format!("  {chat} connect {place}{store} --as NAME --join '{CHANNEL}'"),
        "or with irssi or weechat, by the lines that this prints for either:".to_owned(),
        format!("  {pki} config irssi {} --host {place}{store}", quote(who)),
        "from other machines they come to a server that is started by itself:".to_owned(),
        format!("  {chat} serve --name HOST --mtls required{store}"),
        format!("  {pki} export bundle NAME{store}     # the one file that each is given"),
        format!("  {chat} connect HOST --bundle NAME.bundle.pem"),
        "/welcome says this again, /help lists the commands, /quit ends the chat".to_owned(),
    ]
}

/// How others name the store; nothing where they need not. What the environment says here is not said in their terminals.
fn store_option(folder: &Path) -> String {
    let is_named_here = std::env::var_os("PKI_STORE").is_some_and(|named| !named.is_empty());
    if named::option(folder).is_none() && !is_named_here {
        return String::new();
    }
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    format!(" --store {}", quote_file(&folder.display().to_string()))
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
