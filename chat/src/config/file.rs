//! The configuration file: TOML, in which a key that means nothing here is an error, never a silence.

use serde::{Deserialize, Deserializer};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

use super::MutualTls;
use super::accounts::AccountsSection;
use super::bus::BusSection;
use super::guests::GuestsSection;
use super::sts::StsSection;
use super::{place, words};
use crate::core::{Password, Right};
use crate::limits::settings::LARGEST_FILE;
use crate::tls::identity::AccountField;

/// A configuration file as it was written. Every key is optional.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConfigFile {
    /// The server's name, as clients see it and as its certificate is filed.
    pub name: Option<String>,
    /// The network's name.
    pub network: Option<String>,
    /// What the server says about itself.
    pub description: Option<String>,
    /// The lines of the message of the day.
    pub motd: Vec<String>,
    /// What a client has to send with `PASS`.
    #[serde(deserialize_with = "password")]
    pub password: Option<Password>,
    /// Where to listen.
    pub listen: ListenSection,
    /// Which certificate to show and whom to trust.
    pub tls: TlsSection,
    /// Who of those with a certificate may come in.
    pub access: AccessSection,
    /// The bounds that may be changed.
    pub limits: LimitsSection,
    /// What is kept of the conversations.
    pub history: HistorySection,
    /// Who may become an IRC operator.
    pub operator: Vec<OperatorSection>,
    /// What is allowed with accounts that have a password.
    pub accounts: AccountsSection,
    /// What is allowed without an account.
    pub guests: GuestsSection,
    /// Whether clients are told to come over TLS only.
    pub sts: Option<StsSection>,
    /// By which Redis this server is one of several.
    pub bus: BusSection,
}

/// `[listen]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ListenSection {
    /// Addresses that speak TLS; an empty list means none.
    pub tls: Option<Vec<SocketAddr>>,
    /// Loopback addresses that speak plain text.
    pub plaintext: Vec<SocketAddr>,
    /// Addresses that speak IRC over WebSocket: plain on loopback, over TLS elsewhere.
    pub websocket: Vec<SocketAddr>,
    /// Addresses that speak it over TLS on loopback too.
    pub websocket_tls: Vec<SocketAddr>,
    /// Origins of pages that may join over WebSocket, besides those of the server's own host; `*` for all.
    pub origins: Vec<String>,
}

/// `[tls]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TlsSection {
    /// The store that holds certificate, key, trust and revocation list.
    pub store: Option<PathBuf>,
    /// The server's certificate chain, instead of a store.
    pub certificate: Option<PathBuf>,
    /// Its private key.
    pub key: Option<PathBuf>,
    /// Certificate, key and trust in one file, instead of either.
    pub bundle: Option<PathBuf>,
    /// A file whose first line opens the bundle.
    pub passphrase_file: Option<PathBuf>,
    /// The CA certificates that clients' certificates must lead to.
    pub trust: Option<PathBuf>,
    /// Their revocation list.
    pub crl: Option<PathBuf>,
    /// Whether clients must show a certificate.
    pub mtls: Option<MutualTls>,
    /// Which fields of a certificate are the account: the first of them that it has.
    pub account: Option<Vec<AccountField>>,
}

/// `[access]`: patterns of accounts (`*` and `?`), or SHA-256 fingerprints of certificates.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AccessSection {
    /// Who may come in; empty: everyone.
    pub allow: Vec<String>,
    /// Who may not, even when allowed above.
    pub deny: Vec<String>,
}

/// `[limits]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsSection {
    /// The longest nickname.
    pub nick_length: Option<usize>,
    /// Connections at once from one address; 0: no limit.
    pub clients_per_address: Option<usize>,
    /// Lines a second that one client may send in the long run; 0: no limit.
    pub commands_per_second: Option<u32>,
    /// Seconds in which a client must have registered.
    pub registration_timeout: Option<u32>,
}

/// `[[operator]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatorSection {
    /// The name to give with `OPER`.
    pub name: String,
    /// The password to give with it.
    #[serde(default, deserialize_with = "password")]
    pub password: Option<Password>,
    /// The SHA-256 fingerprint of the certificate to show.
    pub fingerprint: Option<String>,
    /// What the operator may do.
    pub rights: Vec<RightName>,
}

/// A right by its name.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RightName {
    /// Closing anybody's connection.
    Kill,
    /// Announcements to all who want them.
    Wallops,
    /// Reading the configuration again.
    Rehash,
    /// Seeing secret channels and invisible users.
    Auspex,
    /// Giving people another host to be seen with.
    ChgHost,
}

impl From<RightName> for Right {
    fn from(name: RightName) -> Right {
        match name {
            RightName::Kill => Right::Kill,
            RightName::Wallops => Right::Wallops,
            RightName::Rehash => Right::Rehash,
            RightName::Auspex => Right::Auspex,
            RightName::ChgHost => Right::ChgHost,
        }
    }
}

/// A password goes from the file's text into memory that is wiped.
fn password<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Password>, D::Error> {
    Option::<String>::deserialize(deserializer).map(|text| text.map(Password::new))
}

/// `[history]`
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HistorySection {
    /// Where it is kept.
    pub store: HistoryStore,
    /// Days after which an entry goes.
    pub days: Option<u32>,
    /// Entries of one conversation; the oldest go first.
    pub entries: Option<u32>,
    /// Entries of all conversations.
    pub total: Option<u32>,
}

/// Where conversations are kept.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum HistoryStore {
    /// In the data folder.
    #[default]
    Disk,
    /// In memory: gone when the server ends.
    Memory,
    /// Not at all.
    Off,
}

/// Why a configuration file is not usable.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file can't be read.
    #[error("{}: can't be read", path.display())]
    Unreadable {
        /// Where it was looked for.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is too long to be a configuration.
    #[error("{}: longer than the {LARGEST_FILE} bytes that a configuration may have", path.display())]
    TooLong {
        /// Which file.
        path: PathBuf,
    },
    /// The text is not TOML, or has a key or value that has no meaning here.
    #[error("{}:{line}: {problem}", path.display())]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What was found and what was expected.
        problem: String,
    },
}

impl ConfigFile {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// Fails where the file can't be read, isn't TOML, or holds a key that this server does not have.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let unreadable = |source| ConfigError::Unreadable { path: path.to_owned(), source };
        let size = std::fs::metadata(path).map_err(unreadable)?.len();
        if size > LARGEST_FILE {
            return Err(ConfigError::TooLong { path: path.to_owned() });
        }
        // It may hold passwords.
        let text = Zeroizing::new(std::fs::read_to_string(path).map_err(unreadable)?);
        Self::parse(&text, path)
    }

    /// Checks the text of a file; `path` is for messages alone.
    ///
    /// # Errors
    /// As [`ConfigFile::read`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        toml::from_str(text).map_err(|error| ConfigError::Invalid {
            path: path.to_owned(),
            line: place::line_of(text, error.span().map_or(0, |span| span.start)),
            problem: words::problem(&error, text),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        ConfigFile::parse(text, Path::new("chat.toml")).expect_err("must be refused").to_string()
    }

    #[test]
    fn every_supported_key_is_read() {
        let text = r#"
            name = "chat.example.test"
            network = "ExampleNet"
            description = "a test"
            motd = ["one", "two"]
            password = "sesame"
            [listen]
            tls = ["0.0.0.0:6697"]
            plaintext = ["127.0.0.1:6667"]
            [tls]
            mtls = "required"
            [access]
            allow = ["*@example.test"]
            [limits]
            nick_length = 20
            commands_per_second = 5
            [accounts]
            registration = true
            before_connect = false
            email_required = true
            sasl_over_plaintext = true
            password_cost = "lowest"
            [sts]
            duration = 2592000
            [history]
            store = "off"
            [[operator]]
            name = "root"
            password = "open sesame"
            fingerprint = "00"
            rights = ["kill", "wallops", "rehash", "auspex"]
        "#;
        let file = ConfigFile::parse(text, Path::new("chat.toml")).expect("valid");
        assert_eq!(file.name.as_deref(), Some("chat.example.test"));
        assert_eq!(file.listen.tls.as_ref().map(Vec::len), Some(1));
        assert_eq!(file.tls.mtls, Some(MutualTls::Required));
        assert_eq!(file.limits.nick_length, Some(20));
        assert_eq!(file.access.allow, ["*@example.test"]);
        assert_eq!(
            (file.accounts.before_connect, file.accounts.password_cost),
            (Some(false), crate::config::accounts::PasswordCost::Lowest)
        );
        assert_eq!((&*file.operator[0].name, file.operator[0].rights.len()), ("root", 4));
        assert!(!format!("{file:?}").contains("sesame"), "no password is shown");
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let message = refused("name = \"a\"\nnetwrok = \"b\"\n");
        assert!(message.starts_with("chat.toml:2: "), "{message}");
        assert!(message.contains("netwrok"), "{message}");
    }

    #[test]
    fn a_wrong_type_is_named_with_its_line() {
        let message = refused("[limits]\nnick_length = \"long\"\n");
        assert!(message.starts_with("chat.toml:2: "), "{message}");
    }

    #[test]
    fn text_that_is_not_toml_is_refused_with_its_line() {
        assert!(refused("name = \n").starts_with("chat.toml:1: "));
    }
}
