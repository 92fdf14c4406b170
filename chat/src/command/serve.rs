//! `chat serve`.

use ca_store::key::Passphrase;
use chat::archive::Archive;
use chat::config::{ConfigFile, Credentials, HistoryStore, MutualTls, ServeSettings};
use chat::core::{Limits, Now, Settings};
use chat::server::{Kind, Listener, Server};
use chat::tls::bundle::{self, Bundle};
use chat::tls::material::{self, Credential};
use chat::tls::server::{ClientTrust, ServerTls};
use rustls::pki_types::CertificateDer;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use super::{data, store};
use crate::args::Serve;
use crate::failure::{Exit, Failure};
use crate::{logging, machine};

/// Serves until told to stop.
pub(crate) fn run(arguments: &Serve) -> Result<(), Failure> {
    let file = arguments.config.as_deref().map(ConfigFile::read).transpose()?.unwrap_or_default();
    let settings = ServeSettings::merge(&arguments.flags(), file, &machine::host_name())?;
    logging::start("info");
    let tls = if settings.tls.is_empty() { None } else { Some(load_tls(&settings)?) };
    if let Some(tls) = &tls {
        tell(&settings, tls);
    }
    super::block_on(tokio::runtime::Builder::new_multi_thread(), serve(settings, tls, arguments.data.as_deref()))
}

/// What clients will meet: the certificate, whom the server believes, and whether it asks.
fn tell(settings: &ServeSettings, tls: &ServerTls) {
    let believed = match settings.mtls {
        MutualTls::Off => "asks clients for no certificate".to_owned(),
        mode => {
            let how = if mode == MutualTls::Required { "requires" } else { "asks for" };
            format!("{how} client certificates of {}", tls.anchors().1.display())
        }
    };
    store::said(&format!("{} shows {} and {believed}", settings.name, tls.certificate_source().display()));
}

async fn serve(settings: ServeSettings, tls: Option<ServerTls>, data: Option<&Path>) -> Result<(), Failure> {
    // Before anything is announced: who starts the server may stop it at once.
    let stop = stop_signal()?;
    let history = settings.history;
    let server = listen(settings, tls, || data::open(data, history))?;
    announce(&server)?;
    server.run(stop).await;
    Ok(())
}

/// Opens all listeners, and then what is kept: a second server by mistake meets the taken port first.
pub(super) fn listen(
    settings: ServeSettings,
    tls: Option<ServerTls>,
    archive: impl FnOnce() -> Result<Archive, Failure>,
) -> Result<Server, Failure> {
    let mut listeners = Vec::new();
    for endpoint in &settings.tls {
        listeners.extend(Listener::open(*endpoint, Kind::Tls)?);
    }
    for address in &settings.plaintext {
        let endpoint = chat::config::settings::Endpoint { address: *address, may_be_missing: false };
        listeners.extend(Listener::open(endpoint, Kind::Plaintext)?);
    }
    let access = settings.access.clone();
    Ok(Server::new(listeners, tls, access, core_settings(settings), archive()?))
}

/// Scripts read these lines to learn the ports.
pub(super) fn announce(server: &Server) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let written = server
        .addresses()
        .try_for_each(|(address, _)| writeln!(out, "listening on {address}"))
        .and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new(Exit::Bug, format!("standard output can't be written: {error}")))
        }
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn stop_signal() -> Result<impl Future<Output = String>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let failed = |error| Failure::new(Exit::Bug, format!("the system gave no way to be stopped: {error}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
        "Server is shutting down".to_owned()
    })
}

#[cfg(not(unix))]
fn stop_signal() -> Result<impl Future<Output = String>, Failure> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
        "Server is shutting down".to_owned()
    })
}

fn core_settings(settings: ServeSettings) -> Settings {
    let defaults = Limits::default();
    let wanted = settings.limits;
    let limits = Limits {
        nick_length: wanted.nick_length.unwrap_or(defaults.nick_length),
        clients_per_address: wanted.clients_per_address.unwrap_or(defaults.clients_per_address),
        commands_per_second: wanted.commands_per_second.unwrap_or(defaults.commands_per_second),
        registration_timeout: wanted.registration_timeout.unwrap_or(defaults.registration_timeout),
        ..defaults
    };
    let started = OffsetDateTime::now_utc();
    Settings {
        name: settings.name,
        network: settings.network,
        description: settings.description,
        motd: settings.motd,
        version: concat!("chat-", env!("CARGO_PKG_VERSION")).to_owned(),
        instance: chat::server::random_word(),
        history: settings.history.store != HistoryStore::Off,
        created: started.format(&Rfc2822).unwrap_or_default(),
        started: Now { unix_ms: started.unix_timestamp() * 1000 },
        limits,
        password: settings.password,
        operators: settings.operators,
        reserved: Vec::new(),
    }
}

/// Certificate, key and trust, from the store or from files.
pub(super) fn load_tls(settings: &ServeSettings) -> Result<ServerTls, Failure> {
    match &settings.credentials {
        Credentials::Store(dir) => {
            from_store(dir.as_deref(), &settings.name, std::slice::from_ref(&settings.name), settings.mtls)
        }
        Credentials::Bundle { file, passphrase_file, crl } => {
            let passphrase = passphrase_file.as_deref().map(Passphrase::from_file).transpose()?;
            from_bundle(bundle::read(file, passphrase.as_ref())?, crl.as_deref(), settings.mtls)
        }
        Credentials::Files { certificate, key, trust, crl } => {
            let trust = client_trust(trust.as_deref(), crl.as_deref(), settings.mtls)?;
            server_tls(certificate, key, settings.mtls, trust)
        }
    }
}

/// From the store's certificate for `name`, issued for `names` where there is none.
pub(super) fn from_store(
    dir: Option<&Path>,
    name: &str,
    names: &[String],
    mtls: MutualTls,
) -> Result<ServerTls, Failure> {
    let store = store::open(dir).map_err(|failure| failure.hint(store::issue_server(names)))?;
    let files = store::server_files(&store, name, names)?;
    let trust = client_trust(Some(&store.root_pem_path()), store.crl_path().as_deref(), mtls)?;
    let mut cas = store.ca_certificates()?;
    cas.pop();
    let at_hand = cas.into_iter().map(CertificateDer::from).collect();
    server_tls(&files.fullchain, &files.privkey, mtls, ClientTrust { at_hand, ..trust })
}

fn from_bundle(bundle: Bundle, crl: Option<&Path>, mtls: MutualTls) -> Result<ServerTls, Failure> {
    let source = bundle.credential.source.clone();
    let revocation_lists = crl.map_or(Ok(bundle.revocation_lists), material::revocation_lists)?;
    let lists_source = Some(crl.map_or_else(|| source.clone(), Path::to_owned));
    let at_hand = bundle.credential.chain.iter().skip(1).cloned().collect();
    warn_if_expired(&bundle.credential);
    let trust =
        ClientTrust { anchors: bundle.anchors, at_hand, revocation_lists, source: source.clone(), lists_source };
    Ok(ServerTls::new(bundle.credential, &source, mtls, trust)?)
}

fn server_tls(certificate: &Path, key: &Path, mtls: MutualTls, trust: ClientTrust) -> Result<ServerTls, Failure> {
    let credential = material::credential(certificate, key)?;
    warn_if_expired(&credential);
    Ok(ServerTls::new(credential, key, mtls, trust)?)
}

fn client_trust(trust: Option<&Path>, crl: Option<&Path>, mtls: MutualTls) -> Result<ClientTrust, Failure> {
    let source: PathBuf = trust.map(Path::to_owned).unwrap_or_default();
    let anchors = match (trust, mtls) {
        (_, MutualTls::Off) => Vec::new(),
        (Some(trust), _) => material::certificates(trust)?,
        (None, _) => {
            return Err(Failure::new(
                Exit::Usage,
                "clients are asked for a certificate, and nothing says which CA to believe",
            )
            .hint("the CA that issues them: --trust FILE")
            .hint("or ask for none: --mtls off"));
        }
    };
    let revocation_lists = crl.map(material::revocation_lists).transpose()?.unwrap_or_default();
    Ok(ClientTrust { anchors, at_hand: Vec::new(), revocation_lists, source, lists_source: crl.map(Path::to_owned) })
}

/// Served all the same: a client that looks will refuse it, and the log should have said so before.
fn warn_if_expired(credential: &Credential) {
    let Some(leaf) = credential.chain.first() else { return };
    let Ok(certificate) = ca_store::facts::Certificate::from_der(leaf) else { return };
    if certificate.validity.not_after < OffsetDateTime::now_utc() {
        let not_after = certificate.validity.not_after;
        tracing::warn!(file = %credential.source.display(), %not_after, "the server's own certificate has expired; renew it with: pki renew NAME");
    }
}
