//! Flags and file made one: everything a server needs to know before it opens a socket, checked.

use serde::Deserialize;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use super::ConfigFile;
use super::bus::BusChoice;
use super::credentials::{Credentials, credentials};
use super::endpoint;
pub use super::endpoint::{DEFAULT_TLS_PORT, Endpoint};
use super::file::{HistorySection, LimitsSection, OperatorSection};
use crate::core::{AccountSettings, GuestSettings, Operator, Password, Right, Sts};
use crate::limits::settings::{LONGEST_NAME, LONGEST_TEXT};
use crate::tls::access::{Access, PatternError};
use crate::tls::identity::AccountField;

/// Whether clients are asked for a certificate.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum MutualTls {
    /// Not asked for.
    Off,
    /// Asked for; a valid one logs in, none makes a guest, an invalid one is refused.
    #[default]
    Optional,
    /// Nobody gets past the handshake without a valid one.
    Required,
}

/// What was typed; each wins over the file's key of the same meaning.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `--store`
    pub store: Option<PathBuf>,
    /// `--cert`
    pub certificate: Option<PathBuf>,
    /// `--key`
    pub key: Option<PathBuf>,
    /// `--bundle`
    pub bundle: Option<PathBuf>,
    /// `--passphrase-file`
    pub passphrase_file: Option<PathBuf>,
    /// `--trust`
    pub trust: Option<PathBuf>,
    /// `--crl`
    pub crl: Option<PathBuf>,
    /// `--name`
    pub name: Option<String>,
    /// `--listen`
    pub listen: Vec<SocketAddr>,
    /// `--plaintext`
    pub plaintext: Vec<SocketAddr>,
    /// `--metrics`
    pub metrics: Option<SocketAddr>,
    /// `--assign-ports`
    pub assign_ports: Option<RangeInclusive<u16>>,
    /// `--mtls`
    pub mtls: Option<MutualTls>,
    /// `--bus`
    pub bus: Option<String>,
    /// `--bus-password-file`
    pub bus_password_file: Option<PathBuf>,
    /// `--bus-bundle`
    pub bus_bundle: Option<PathBuf>,
}

/// A server's settings, checked.
#[derive(Clone, Debug)]
pub struct ServeSettings {
    /// The server's name.
    pub name: String,
    /// The network's name.
    pub network: String,
    /// What the server says about itself.
    pub description: String,
    /// The lines of the message of the day.
    pub motd: Vec<String>,
    /// The connection password.
    pub password: Option<Password>,
    /// What is allowed with accounts that have a password.
    pub accounts: AccountSettings,
    /// What is allowed without an account.
    pub guests: GuestSettings,
    /// What clients are told about coming over TLS only.
    pub sts: Option<Sts>,
    /// Who may become an IRC operator.
    pub operators: Vec<Operator>,
    /// Where TLS is spoken.
    pub tls: Vec<Endpoint>,
    /// Ports that are given to clients of their own.
    pub assign_ports: Option<RangeInclusive<u16>>,
    /// Where plain text is spoken: loopback only.
    pub plaintext: Vec<SocketAddr>,
    /// Where WebSockets are taken as they are: loopback only.
    pub websocket: Vec<SocketAddr>,
    /// Where they are taken over TLS.
    pub websocket_tls: Vec<SocketAddr>,
    /// Whose pages may join over them.
    pub origins: Vec<String>,
    /// Where what is counted is told: loopback only.
    pub metrics: Option<SocketAddr>,
    /// By which Redis it is a node of a network; none for a server by itself.
    pub bus: Option<BusChoice>,
    /// Where the certificate comes from.
    pub credentials: Credentials,
    /// Whether clients must show one.
    pub mtls: MutualTls,
    /// Which fields of a client's certificate are its account.
    pub account: Vec<AccountField>,
    /// Who of those with a certificate may come in.
    pub access: Access,
    /// The bounds that may be changed.
    pub limits: LimitsSection,
    /// What is kept of the conversations.
    pub history: HistorySection,
}

/// Why flags and file together make no server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// A plain-text listener that others could reach.
    #[error("plain text is for loopback addresses only, and {address} is not one")]
    PlaintextNotLoopback {
        /// The address asked for.
        address: SocketAddr,
    },
    /// Numbers that others could read.
    #[error("metrics are for loopback addresses only, and {address} is not one: they tell who talks here")]
    MetricsNotLoopback {
        /// The address asked for.
        address: SocketAddr,
    },
    /// A certificate without its key, or the other way round.
    #[error("{given} is given without {missing}")]
    HalfACredential {
        /// The flag that is there.
        given: &'static str,
        /// The flag that is missing.
        missing: &'static str,
    },
    /// Both a store and files.
    #[error("both a store and certificate files are given; the server takes one of the two")]
    StoreAndFiles,
    /// A file for what a store has itself.
    #[error("{given} is given beside a store, which has its own; the server takes one of the two")]
    BesideStore {
        /// The flag or key.
        given: &'static str,
    },
    /// A bundle beside another source of the certificate.
    #[error(
        "a bundle holds certificate, key and trust, and another source of them is given as well; the server takes one"
    )]
    BundleAndMore,
    /// Ports are assigned by certificate or ticket, which plain text would show to others.
    #[error("ports are assigned over TLS, and nothing listens with TLS")]
    PortsWithoutTls,
    /// Nothing to listen on.
    #[error("nothing to listen on: the configuration has `listen.tls = []` and no `listen.plaintext`")]
    NoListener,
    /// A name that can't stand in a message.
    #[error("the server name \"{}\" can't be used: expected letters, digits, `-`, `.` or `:`, at most 63", name.escape_debug())]
    Name {
        /// The name asked for.
        name: String,
    },
    /// A text that can't stand in a line of the protocol.
    #[error("`{key}` holds a control character or more than {LONGEST_TEXT} bytes; it must be one short line")]
    Text {
        /// Which key.
        key: &'static str,
    },
    /// An entry of `[access]` that is neither a pattern of accounts nor a fingerprint.
    #[error(transparent)]
    Access(#[from] PatternError),
    /// An operator that nobody could become, or whose name can't be typed.
    #[error("`operator` \"{}\": {problem}", name.escape_debug())]
    Operator {
        /// The name of it.
        name: String,
        /// What is wrong.
        problem: &'static str,
    },
    /// A mask that no channel fits.
    #[error("`guests.join` has \"{}\", which no channel fits: a channel begins with #", mask.escape_debug())]
    GuestChannel {
        /// What was found.
        mask: String,
    },
    /// A Redis that can't be found by what was given.
    #[error("the bus: {problem}")]
    Bus {
        /// What was expected and found.
        problem: String,
        /// The address that was meant, most likely.
        meant: String,
    },
    /// What belongs to a bus, and none.
    #[error("a password or a bundle for the bus is given, and no bus: expected `--bus URL`, or `url` in `[bus]`")]
    BusWithoutUrl,
    /// TLS without a certificate to believe.
    #[error(
        "the bus at {place} is spoken to over TLS, and nothing says which certificate to believe and to show: expected the bundle \
         of a client certificate, as `--bus-bundle FILE` or as `bundle` in `[bus]`"
    )]
    BusWithoutTrust {
        /// Where it is.
        place: String,
    },
    /// A certificate for a connection without TLS.
    #[error("a bundle is given for the bus at {place}, and `redis://` uses none: expected `rediss://`, which is TLS")]
    BusWithoutTls {
        /// Where it is.
        place: String,
    },
    /// One password too many.
    #[error("the bus has a password in its URL and a password file; it takes one of the two, best the file")]
    BusTwoPasswords,
    /// A history of nothing.
    #[error("`history.{key}` is 0; expected 1 or more, or `history.store = \"off\"` to keep nothing")]
    EmptyHistory {
        /// Which key.
        key: &'static str,
    },
    /// A limit outside what works.
    #[error("`limits.{key}` is {found}; expected {expected}")]
    Limit {
        /// Which key.
        key: &'static str,
        /// The value found.
        found: u64,
        /// What would do.
        expected: &'static str,
    },
}

impl ServeSettings {
    /// Puts flags over the file's keys, and defaults under both. `host_name` is this machine's.
    ///
    /// # Errors
    /// Fails where they contradict each other, or ask for plain text that others could reach.
    pub fn merge(flags: &Flags, file: ConfigFile, host_name: &str) -> Result<Self, SettingsError> {
        let name = flags.name.clone().or(file.name).unwrap_or_else(|| host_name.to_owned());
        let network = file.network.unwrap_or_else(|| "chat".to_owned());
        let description = file.description.unwrap_or_else(|| "a chat over mutual TLS".to_owned());
        let (websocket, elsewhere): (Vec<_>, Vec<_>) =
            file.listen.websocket.into_iter().partition(|address| address.ip().is_loopback());
        let websocket_tls = [elsewhere, file.listen.websocket_tls].concat();
        let plaintext = if flags.plaintext.is_empty() { file.listen.plaintext } else { flags.plaintext.clone() };
        let tls = endpoint::tls(&flags.listen, file.listen.tls);
        let mtls = flags.mtls.or(file.tls.mtls).unwrap_or_default();
        let account = file.tls.account.clone().unwrap_or_else(|| AccountField::USUAL.to_vec());
        let credentials = credentials(flags, file.tls)?;
        let settings = Self {
            name,
            network,
            description,
            motd: file.motd,
            password: file.password,
            accounts: file.accounts.into(),
            guests: file.guests.into(),
            sts: file.sts.map(Sts::from),
            operators: file.operator.into_iter().map(operator).collect::<Result<_, _>>()?,
            tls,
            assign_ports: flags.assign_ports.clone(),
            plaintext,
            websocket,
            websocket_tls,
            origins: file.listen.origins,
            metrics: flags.metrics,
            bus: super::bus::choose(flags, file.bus)?,
            credentials,
            mtls,
            account,
            access: Access::parse(&file.access.allow, &file.access.deny)?,
            limits: file.limits,
            history: file.history,
        };
        settings.checked()
    }

    /// Whether TLS is spoken where it is unless something is said of it.
    pub fn has_usual_tls(&self) -> bool {
        self.tls == endpoint::default_endpoints() && self.websocket_tls.is_empty() && self.assign_ports.is_none()
    }

    /// Whether a certificate is needed.
    pub fn needs_tls(&self) -> bool {
        !self.tls.is_empty() || !self.websocket_tls.is_empty()
    }

    fn checked(self) -> Result<Self, SettingsError> {
        if let Some(address) = self.plaintext.iter().find(|address| !address.ip().is_loopback()) {
            return Err(SettingsError::PlaintextNotLoopback { address: *address });
        }
        if let Some(address) = self.metrics.filter(|address| !address.ip().is_loopback()) {
            return Err(SettingsError::MetricsNotLoopback { address });
        }
        if !self.needs_tls() && self.plaintext.is_empty() && self.websocket.is_empty() {
            return Err(SettingsError::NoListener);
        }
        if let Some(mask) = self.guests.join.iter().find(|mask| !mask.starts_with(['#', '*', '?'])) {
            return Err(SettingsError::GuestChannel { mask: mask.clone() });
        }
        if self.tls.is_empty() && self.assign_ports.is_some() {
            return Err(SettingsError::PortsWithoutTls);
        }
        if !is_server_name(&self.name) {
            return Err(SettingsError::Name { name: self.name });
        }
        self.check_texts()?;
        self.check_limits()?;
        Ok(self)
    }

    fn check_texts(&self) -> Result<(), SettingsError> {
        let bad = |text: &String| text.len() > LONGEST_TEXT || text.chars().any(char::is_control);
        let texts = [("network", &self.network), ("description", &self.description)];
        if let Some((key, _)) = texts.into_iter().find(|(_, text)| bad(text)) {
            return Err(SettingsError::Text { key });
        }
        // The network's name is a token of 005, so a space would end it.
        if self.network.contains(' ') {
            return Err(SettingsError::Text { key: "network" });
        }
        match self.motd.iter().any(bad) {
            true => Err(SettingsError::Text { key: "motd" }),
            false => Ok(()),
        }
    }

    fn check_limits(&self) -> Result<(), SettingsError> {
        let limit = |key, value: Option<u64>, low, high, expected| match value {
            Some(found) if !(low..=high).contains(&found) => Err(SettingsError::Limit { key, found, expected }),
            _ => Ok(()),
        };
        let nick_length = self.limits.nick_length.map(|length| length as u64);
        limit("nick_length", nick_length, 1, 64, "1 to 64")?;
        let timeout = self.limits.registration_timeout.map(u64::from);
        limit("registration_timeout", timeout, 1, 600, "1 to 600 seconds")?;
        let history = [("days", self.history.days), ("entries", self.history.entries), ("total", self.history.total)];
        match history.into_iter().find(|(_, value)| *value == Some(0)) {
            Some((key, _)) => Err(SettingsError::EmptyHistory { key }),
            None => Ok(()),
        }
    }
}

fn operator(section: OperatorSection) -> Result<Operator, SettingsError> {
    let OperatorSection { name, password, fingerprint, rights } = section;
    let hex: Option<String> = fingerprint.map(|text| text.replace(':', "").to_ascii_lowercase());
    let is_hex = |hex: &String| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    let problem = match (&password, &hex) {
        _ if name.is_empty() || name.starts_with(':') || name.contains([' ', '\r', '\n', '\0']) => {
            "the name must be one word"
        }
        (None, None) => "it needs a `password` or a certificate's `fingerprint`",
        (_, Some(hex)) if !is_hex(hex) => {
            "`fingerprint` is not the 64 hex digits of a SHA-256 fingerprint (pki show NAME tells it)"
        }
        _ => {
            let rights = rights.into_iter().map(Right::from).collect();
            return Ok(Operator { name, password, fingerprint: hex, rights });
        }
    };
    Err(SettingsError::Operator { name, problem })
}

fn is_server_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b':');
    !name.is_empty() && name.len() <= LONGEST_NAME && !name.starts_with(':') && name.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn merged(flags: &Flags, text: &str) -> Result<ServeSettings, SettingsError> {
        let file = ConfigFile::parse(text, Path::new("chat.toml")).expect("valid TOML");
        ServeSettings::merge(flags, file, "host.example.test")
    }

    #[test]
    fn defaults_are_both_families_on_6697_and_optional_certificates() {
        let settings = merged(&Flags::default(), "").expect("defaults work");
        let addresses: Vec<String> = settings.tls.iter().map(|endpoint| endpoint.address.to_string()).collect();
        assert_eq!(addresses, ["[::]:6697", "0.0.0.0:6697"]);
        assert_eq!(settings.mtls, MutualTls::Optional);
        assert_eq!(settings.name, "host.example.test");
        assert_eq!(settings.credentials, Credentials::Store(None));
    }

    #[test]
    fn a_flag_wins_over_the_file() {
        let flags = Flags {
            name: Some("typed.example.test".into()),
            listen: vec!["127.0.0.1:0".parse().expect("address")],
            mtls: Some(MutualTls::Off),
            ..Flags::default()
        };
        let text = "name = \"file.example.test\"\n[listen]\ntls = [\"0.0.0.0:7000\"]\n[tls]\nmtls = \"required\"\n";
        let settings = merged(&flags, text).expect("valid");
        assert_eq!(settings.name, "typed.example.test");
        assert_eq!(settings.tls[0].address.to_string(), "127.0.0.1:0");
        assert_eq!(settings.mtls, MutualTls::Off);
    }

    #[test]
    fn typed_files_set_the_files_store_aside() {
        let flags = Flags { certificate: Some("c.pem".into()), key: Some("k.pem".into()), ..Flags::default() };
        let settings = merged(&flags, "[tls]\nstore = \"/store\"\n").expect("valid");
        assert!(matches!(settings.credentials, Credentials::Files { .. }));
    }

    #[test]
    fn a_bundle_is_the_only_source_of_what_it_holds() {
        let flags = Flags { bundle: Some("b.pem".into()), ..Flags::default() };
        let settings = merged(&flags, "[tls]\nstore = \"/store\"\n").expect("valid");
        assert!(matches!(settings.credentials, Credentials::Bundle { .. }));
        let settings = merged(&flags, "[tls]\ncrl = \"revoked.pem\"\n").expect("valid");
        let Credentials::Bundle { crl, .. } = settings.credentials else { panic!("a bundle was typed") };
        assert_eq!(crl, Some("revoked.pem".into()), "whom the file refuses is refused by whichever bundle");
        let settings =
            merged(&Flags::default(), "[tls]\nbundle = \"b.p12\"\npassphrase_file = \"p\"\n").expect("valid");
        assert!(matches!(settings.credentials, Credentials::Bundle { passphrase_file: Some(_), .. }));
        let both = merged(&Flags::default(), "[tls]\nbundle = \"b.p12\"\nstore = \"/store\"\n");
        assert!(matches!(both, Err(SettingsError::BundleAndMore)));
    }

    #[test]
    fn a_mask_of_channels_that_none_fits_is_refused() {
        let refused = merged(&Flags::default(), "[guests]\njoin = [\"#lobby\", \"help\"]\n");
        assert!(matches!(refused, Err(SettingsError::GuestChannel { .. })), "{refused:?}");
        assert!(merged(&Flags::default(), "[guests]\njoin = [\"#lobby\", \"*\"]\n").is_ok());
    }

    #[test]
    fn plain_text_never_leaves_the_machine() {
        let flags = Flags { plaintext: vec!["192.0.2.1:6667".parse().expect("address")], ..Flags::default() };
        assert!(matches!(merged(&flags, ""), Err(SettingsError::PlaintextNotLoopback { .. })));
    }

    #[test]
    fn contradictions_are_refused() {
        let both = Flags { store: Some("s".into()), certificate: Some("c".into()), ..Flags::default() };
        assert!(matches!(merged(&both, ""), Err(SettingsError::StoreAndFiles)));
        let half = Flags { certificate: Some("c".into()), ..Flags::default() };
        assert!(matches!(merged(&half, ""), Err(SettingsError::HalfACredential { .. })));
        for store in [None, Some("s".into())] {
            for (trust, crl) in [(Some("t".into()), None), (None, Some("c".into()))] {
                let beside = Flags { store: store.clone(), trust, crl, ..Flags::default() };
                assert!(matches!(merged(&beside, ""), Err(SettingsError::BesideStore { .. })), "{beside:?}");
            }
        }
        let typed = Flags { store: Some("s".into()), ..Flags::default() };
        assert!(merged(&typed, "[tls]\ncrl = \"c\"\n").is_ok(), "a typed store sets the file's aside");
        assert!(matches!(merged(&Flags::default(), "[listen]\ntls = []\n"), Err(SettingsError::NoListener)));
    }

    #[test]
    fn operators_have_a_name_and_a_proof() {
        let text = |rest: &str| format!("[[operator]]\nrights = []\n{rest}\n");
        let fingerprint = "AB:".repeat(31) + "AB";
        let file = text(&format!("name = \"o\"\nfingerprint = \"{fingerprint}\""));
        let settings = merged(&Flags::default(), &file).expect("valid");
        assert_eq!(settings.operators[0].fingerprint, Some("ab".repeat(32)));
        for rest in ["name = \"o\"", "name = \"two words\"\npassword = \"p\"", "name = \"o\"\nfingerprint = \"ab12\""] {
            let refused = merged(&Flags::default(), &text(rest));
            assert!(matches!(refused, Err(SettingsError::Operator { .. })), "{rest}");
        }
    }

    #[test]
    fn names_and_texts_fit_a_line_of_the_protocol() {
        for name in ["", "two words", ":colon", "new\nline"] {
            let flags = Flags { name: Some(name.into()), ..Flags::default() };
            assert!(matches!(merged(&flags, ""), Err(SettingsError::Name { .. })), "{name:?}");
        }
        assert!(matches!(merged(&Flags::default(), "network = \"two words\"\n"), Err(SettingsError::Text { .. })));
        assert!(matches!(merged(&Flags::default(), "[limits]\nnick_length = 0\n"), Err(SettingsError::Limit { .. })));
    }
}
