//! What a server is provided with: its settings, certificate, key, trust and revocation, read at the start and whenever they change.

use ca_store::facts::Crl;
use ca_store::finding::{quote, quote_file};
use ca_store::key::Passphrase;
use ca_store::store::{OwnRevocations, Store, named};
use chat::config::{
    ConfigFile, Credentials, Flags, HistoryStore, MutualTls, ServeSettings, SettingsError, line_of_error,
};
use chat::core::{Limits, Now, Settings};
use chat::server::reload::Source;
use chat::server::{Admission, Read};
use chat::tls::bundle::{self, Bundle};
use chat::tls::identity::without_zeros;
use chat::tls::material;
use chat::tls::server::{ClientTrust, ServerTls};
use rustls::pki_types::CertificateDer;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;
use zeroize::Zeroizing;

use super::{own_certificate, store};
use crate::failure::{Exit, Failure};
use crate::machine;

/// Flags, the configuration file, and what they made together when they were read last.
#[derive(Debug)]
pub(super) struct Provisions {
    flags: Flags,
    config: Option<PathBuf>,
    /// Those with which the server was started.
    started: ServeSettings,
    current: Mutex<ServeSettings>,
}

impl Provisions {
    /// Reads the configuration.
    pub(super) fn read(flags: Flags, config: Option<PathBuf>) -> Result<Self, Failure> {
        let started = read(&flags, config.as_deref())?;
        let current = Mutex::new(started.clone());
        Ok(Self { flags, config, started, current })
    }

    /// The settings that hold.
    pub(super) fn current(&self) -> ServeSettings {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the core goes by at the start.
    pub(super) fn core(&self) -> Settings {
        core_settings(&self.current())
    }

    /// Whether [`Provisions::first`] issues a certificate. All that would keep it from being served, and can be seen before, is told
    /// here: what is issued cannot be taken back.
    pub(super) fn will_issue(&self) -> Result<bool, Failure> {
        let settings = self.current();
        match &settings.credentials {
            Credentials::Store(dir) if settings.needs_tls() => {
                let (store, _) = trusted_store(dir.as_deref(), &settings)?;
                let names = std::slice::from_ref(&settings.name);
                Ok(store::issued_server_files(&store, &settings.name, names)?.is_none())
            }
            _ => Ok(false),
        }
    }

    /// Everything for the first time; what is wrong has its exit code and hints.
    pub(super) fn first(&self) -> Result<Read, Failure> {
        let settings = self.current();
        Read::first(self, || admission(&settings), core_settings(&settings))
    }
}

impl Source for Provisions {
    fn admission(&self) -> Result<Admission, String> {
        admission(&self.current()).map_err(|failure| failure.in_one_line())
    }

    fn settings(&self) -> Result<Settings, String> {
        let settings = read(&self.flags, self.config.as_deref()).map_err(|failure| failure.in_one_line())?;
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = settings.clone();
        if listens_elsewhere(&self.started, &settings) {
            tracing::warn!("listen-changed: where the server listens is read at its start; it needs a restart");
        }
        if self.started.name != settings.name {
            let (name, wanted) = (&self.started.name, &settings.name);
            tracing::warn!(name, wanted, "name-changed: the server's name is read at its start; it needs a restart");
        }
        Ok(core_settings(&settings))
    }

    fn files(&self) -> Vec<PathBuf> {
        let settings = self.current();
        if !settings.needs_tls() {
            return Vec::new();
        }
        match settings.credentials {
            Credentials::Store(dir) => store_files(dir.as_deref(), &settings.name),
            Credentials::Bundle { file, crl, .. } => [Some(file), crl].into_iter().flatten().collect(),
            Credentials::Files { certificate, key, trust, crl } => {
                [Some(certificate), Some(key), trust, crl].into_iter().flatten().collect()
            }
        }
    }
}

/// Whether what is fixed for a server's life would be another.
fn listens_elsewhere(before: &ServeSettings, now: &ServeSettings) -> bool {
    let addresses = |settings: &ServeSettings| {
        let ServeSettings { tls, plaintext, websocket, websocket_tls, metrics, assign_ports, origins, .. } = settings;
        let plain = (plaintext.clone(), websocket.clone(), websocket_tls.clone());
        (tls.clone(), plain, *metrics, assign_ports.clone(), origins.clone())
    };
    addresses(before) != addresses(now)
}

fn read(flags: &Flags, config: Option<&Path>) -> Result<ServeSettings, Failure> {
    let file = config.map(ConfigFile::read).transpose()?.unwrap_or_default();
    let merged = ServeSettings::merge(flags, file, &machine::host_name());
    merged.map(without_store).map_err(|error| {
        let place = config.and_then(|path| Some((path, line_in(path, &error)?)));
        Failure::from(error).at(place)
    })
}

/// The line of the configuration that an error is about, read once more: it was good enough to be parsed.
fn line_in(path: &Path, error: &SettingsError) -> Option<usize> {
    let text = Zeroizing::new(std::fs::read_to_string(path).ok()?);
    line_of_error(&text, error)
}

/// Who asks for plain text, says nothing of TLS and has no store gets what was asked for, and is told what not.
fn without_store(settings: ServeSettings) -> ServeSettings {
    let Credentials::Store(dir) = &settings.credentials else { return settings };
    let asked = !settings.plaintext.is_empty() || !settings.websocket.is_empty();
    match store::folder(dir.as_deref()) {
        Ok(folder) if asked && settings.has_usual_tls() && !Store::exists(&folder) => {
            store::said(&format!("no TLS, since there is no store in {}: on loopback alone", folder.display()));
            ServeSettings { tls: Vec::new(), ..settings }
        }
        _ => settings,
    }
}

/// Every change of the store shows in its index, and in the files that it writes for this server.
fn store_files(dir: Option<&Path>, name: &str) -> Vec<PathBuf> {
    let Ok(store) = store::open(dir) else { return Vec::new() };
    let mut files: Vec<PathBuf> = store.index_files().into_iter().collect();
    files.push(store.root_pem_path());
    files.extend(store.crl_path());
    if let Ok(issued) = store.issued_files(name) {
        files.extend([issued.fullchain, issued.privkey]);
    }
    files
}

fn admission(settings: &ServeSettings) -> Result<Admission, Failure> {
    let access = settings.access.clone();
    if !settings.needs_tls() {
        return Ok(Admission { access, ..Admission::default() });
    }
    let tls = Some(load_tls(settings)?.with_account_of(&settings.account));
    let admission = Admission { tls, access, ..Admission::default() };
    match &settings.credentials {
        Credentials::Store(dir) if settings.mtls != MutualTls::Off => without_revoked(dir.as_deref(), admission),
        _ => Ok(admission),
    }
}

/// With what the store has revoked since its list was made: it acts at once, whenever the next list comes.
fn without_revoked(dir: Option<&Path>, admission: Admission) -> Result<Admission, Failure> {
    let store = store::open(dir)?;
    let made = store.crl_path().and_then(|path| list_made(&path)).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let revoked = store.revoked_since(made)?.iter().map(|serial| without_zeros(serial).to_vec()).collect();
    let revoked_cas = store.revoked_cas(made)?.into_iter().map(CertificateDer::from).collect();
    Ok(Admission { revoked, revoked_cas, ..admission })
}

/// Since when the oldest of the lists holds; none where there is no list that can be read.
fn list_made(path: &Path) -> Option<OffsetDateTime> {
    let lists = material::revocation_lists(path).ok()?;
    let made = lists.iter().map(|list| Crl::from_der(list).ok().map(|crl| crl.this_update));
    made.min().flatten()
}

/// What the core goes by.
fn core_settings(settings: &ServeSettings) -> Settings {
    let defaults = Limits::default();
    let wanted = &settings.limits;
    let limits = Limits {
        nick_length: wanted.nick_length.unwrap_or(defaults.nick_length),
        clients_per_address: wanted.clients_per_address.unwrap_or(defaults.clients_per_address),
        commands_per_second: wanted.commands_per_second.unwrap_or(defaults.commands_per_second),
        registration_timeout: wanted.registration_timeout.unwrap_or(defaults.registration_timeout),
        ..defaults
    };
    let started = OffsetDateTime::now_utc();
    Settings {
        name: settings.name.clone(),
        network: settings.network.clone(),
        description: settings.description.clone(),
        motd: settings.motd.clone(),
        version: concat!("chat-", env!("CARGO_PKG_VERSION")).to_owned(),
        instance: chat::server::random_word(),
        history: settings.history.store != HistoryStore::Off,
        created: started.format(&Rfc2822).unwrap_or_default(),
        started: Now { unix_ms: started.unix_timestamp() * 1000 },
        limits,
        accounts: settings.accounts,
        admitted: settings.access.accounts(),
        guests: settings.guests.clone(),
        sts: settings.sts,
        password: settings.password.clone(),
        operators: settings.operators.clone(),
        reserved: Vec::new(),
    }
}

/// Certificate, key and trust, from the store or from files.
fn load_tls(settings: &ServeSettings) -> Result<ServerTls, Failure> {
    match &settings.credentials {
        Credentials::Store(dir) => from_store(dir.as_deref(), settings),
        Credentials::Bundle { file, passphrase_file, crl } => {
            let passphrase = passphrase_file.as_deref().map(Passphrase::from_file).transpose()?;
            from_bundle(bundle::read(file, passphrase.as_ref())?, crl.as_deref(), settings)
        }
        Credentials::Files { certificate, key, trust, crl } => {
            let typed = trust.as_deref();
            let trust = client_trust(typed, crl.as_deref(), settings.mtls)
                .map_err(|failure| meant(failure, (certificate, key), typed, settings))?;
            server_tls((certificate, key), settings, trust, None)
        }
    }
}

/// From the store's certificate for the server's name, issued where there is none.
fn from_store(dir: Option<&Path>, settings: &ServeSettings) -> Result<ServerTls, Failure> {
    let (store, trust) = trusted_store(dir, settings)?;
    let names = std::slice::from_ref(&settings.name);
    let files = store::server_files(&store, &settings.name, names)?.told();
    let recorded = OwnRevocations::of(store);
    server_tls((&files.fullchain, &files.privkey), settings, trust, Some(&recorded))
}

/// The store, and whom the server believes by it.
fn trusted_store(dir: Option<&Path>, settings: &ServeSettings) -> Result<(Store, ClientTrust), Failure> {
    let folder = store::folder(dir)?;
    let issue = || named::command(&store::issue_server(std::slice::from_ref(&settings.name)), &folder);
    let store = store::open(dir).map_err(|failure| failure.hint(issue()))?;
    let trust = client_trust(Some(&store.root_pem_path()), store.crl_path().as_deref(), settings.mtls)?;
    let mut cas = store.ca_certificates()?;
    cas.pop();
    let at_hand = cas.into_iter().map(CertificateDer::from).collect();
    Ok((store, ClientTrust { at_hand, ..trust }))
}

fn from_bundle(bundle: Bundle, crl: Option<&Path>, settings: &ServeSettings) -> Result<ServerTls, Failure> {
    let source = bundle.credential.source.clone();
    let revocation_lists = crl.map_or(Ok(bundle.revocation_lists), material::revocation_lists)?;
    let lists_source = Some(crl.map_or_else(|| source.clone(), Path::to_owned));
    let at_hand = bundle.credential.chain.iter().skip(1).cloned().collect();
    let trust =
        ClientTrust { anchors: bundle.anchors, at_hand, revocation_lists, source: source.clone(), lists_source };
    let fault = own_certificate::look_at(&bundle.credential, settings, &trust, None);
    Ok(ServerTls::new(bundle.credential, &source, settings.mtls, trust)?.with_fault(fault))
}

fn server_tls(
    (certificate, key): (&Path, &Path),
    settings: &ServeSettings,
    trust: ClientTrust,
    recorded: Option<&OwnRevocations>,
) -> Result<ServerTls, Failure> {
    let trusted = if trust.source.as_os_str().is_empty() { None } else { Some(trust.source.as_path()) };
    let credential = material::credential(certificate, key)
        .map_err(|error| Failure::from(error).asked(&judged(trusted, settings)))?;
    let fault = own_certificate::look_at(&credential, settings, &trust, recorded);
    Ok(ServerTls::new(credential, key, settings.mtls, trust)?.with_fault(fault))
}

/// How `pki diagnose` judges the server's certificate: by the trust at hand, for the server's name.
fn judged(trust: Option<&Path>, settings: &ServeSettings) -> String {
    let trust = trust.map(|file| format!(" --trust {}", quote_file(&file.display().to_string())));
    format!("{} --name {}", trust.unwrap_or_default(), quote(&settings.name))
}

/// A file of trust that is of no use may have what was meant beside it: that is looked for there.
fn meant(
    failure: Failure,
    (certificate, key): (&Path, &Path),
    trust: Option<&Path>,
    settings: &ServeSettings,
) -> Failure {
    let Some(file) = trust.filter(|file| material::certificates(file).is_err()) else { return failure };
    let [certificate, key] = [certificate, key].map(|file| quote_file(&file.display().to_string()));
    let by = judged(Some(file), settings);
    failure.hint(format!("pki diagnose --chain {certificate} --key {key}{by} tells what was meant"))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> ServeSettings {
        let file = ConfigFile::parse(text, Path::new("chat.toml")).expect("valid TOML");
        ServeSettings::merge(&Flags::default(), file, "chat.example.test").expect("a server")
    }

    #[test]
    fn another_listener_needs_a_restart_and_another_motto_does_not() {
        let before = settings("motd = [\"before\"]\n[listen]\ntls = [\"127.0.0.1:6697\"]\n");
        let motd = settings("motd = [\"after\"]\n[listen]\ntls = [\"127.0.0.1:6697\"]\n");
        let port = settings("motd = [\"before\"]\n[listen]\ntls = [\"127.0.0.1:6698\"]\n");
        let page = settings("[listen]\ntls = [\"127.0.0.1:6697\"]\nwebsocket = [\"127.0.0.1:0\"]\n");
        assert!(!listens_elsewhere(&before, &motd));
        assert!(listens_elsewhere(&before, &port) && listens_elsewhere(&before, &page));
    }
}
