//! Flags that several commands share.

use std::path::PathBuf;

use ca_store::explain::{Profile, Purpose};
use ca_store::key::{Kdf, KeyKind};
use ca_store::subject::{AttributeValue, SubjectAttribute, SubjectAttributes};
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::passphrase::FILE_VARIABLE;

/// What server and client certificates have in common.
#[derive(Debug, clap::Args)]
pub(crate) struct Terms {
    /// Days that it lives [default: 90, unless ca.toml says otherwise]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) days: Option<u32>,
    /// The kind of its key [default: ecdsa-p256, unless ca.toml says otherwise]
    #[arg(long, value_name = "KIND", conflicts_with = "csr", value_parser = key_kinds())]
    pub(crate) key: Option<KeyKind>,
    /// Signs this request (PKCS#10, PEM or DER) instead of making a key
    #[arg(long, value_name = "FILE")]
    pub(crate) csr: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) subject: Subject,
    /// Writes the files into this folder instead of the store's
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) passphrase: CaPassphrase,
}

/// What a subject says besides its common name. Without them it is as ca.toml says.
#[derive(Debug, clap::Args)]
pub(crate) struct Subject {
    /// The subject's organization (O)
    #[arg(long, value_name = "O", value_parser = attribute(SubjectAttribute::Organization))]
    organization: Option<AttributeValue>,
    /// The subject's organizational unit (OU)
    #[arg(long, value_name = "OU", value_parser = attribute(SubjectAttribute::OrganizationalUnit))]
    organizational_unit: Option<AttributeValue>,
    /// The subject's country (C): two letters
    #[arg(long, value_name = "C", value_parser = attribute(SubjectAttribute::Country))]
    country: Option<AttributeValue>,
    /// The subject's state or province (ST)
    #[arg(long, value_name = "ST", value_parser = attribute(SubjectAttribute::State))]
    state: Option<AttributeValue>,
    /// The subject's locality (L)
    #[arg(long, value_name = "L", value_parser = attribute(SubjectAttribute::Locality))]
    locality: Option<AttributeValue>,
}

impl Subject {
    /// Those that were typed.
    pub(crate) fn attributes(&self) -> SubjectAttributes {
        let all = [&self.organization, &self.organizational_unit, &self.country, &self.state, &self.locality];
        all.into_iter().flatten().cloned().collect()
    }
}

fn attribute(kind: SubjectAttribute) -> impl TypedValueParser<Value = AttributeValue> {
    move |text: &str| kind.parse(text)
}

/// The passphrase of the CA's private key. Never an argument: those can be seen by every user of the machine.
#[derive(Debug, clap::Args)]
pub(crate) struct CaPassphrase {
    /// A file whose first line is the passphrase of the CA's private keys [env: PKI_PASSPHRASE_FILE, or the passphrase
    /// itself in PKI_PASSPHRASE; else it is asked for on a terminal]
    #[arg(long, value_name = "F", alias = "password-file", conflicts_with = "passphrase_fd")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Reads the passphrase's line from this open file descriptor
    #[arg(long, value_name = "N", alias = "password-fd")]
    pub(crate) passphrase_fd: Option<u32>,
}

impl CaPassphrase {
    /// The arguments for a unit of systemd, which has nobody's environment: the file that was named, here or there.
    ///
    /// # Errors
    /// Where there is no current folder to name it from.
    pub(crate) fn for_a_unit(&self) -> std::io::Result<Vec<String>> {
        let named = std::env::var_os(FILE_VARIABLE).filter(|file| !file.is_empty()).map(PathBuf::from);
        let Some(file) = self.passphrase_file.clone().or(named) else { return Ok(Vec::new()) };
        Ok(vec!["--passphrase-file".to_owned(), std::path::absolute(file)?.display().to_string()])
    }
}

/// The private key of a root that is kept apart from the store.
#[derive(Debug, clap::Args)]
pub(crate) struct RootKey {
    /// The root's private key, where it is kept apart from the store
    #[arg(long, value_name = "FILE")]
    pub(crate) root_key: Option<PathBuf>,
}

/// How a new passphrase becomes the key that encrypts.
pub(crate) fn kdfs() -> impl TypedValueParser<Value = Kdf> {
    PossibleValuesParser::new(Kdf::ALL.map(Kdf::as_str)).try_map(|name| name.parse::<Kdf>())
}

/// The names of [`KeyKind`], so that help and completion list them.
pub(crate) fn key_kinds() -> impl TypedValueParser<Value = KeyKind> {
    PossibleValuesParser::new(KeyKind::ALL.map(KeyKind::as_str)).try_map(|name| name.parse::<KeyKind>())
}

/// Whose rules decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum AskedProfile {
    /// RFC 5280, and what mainstream clients ask of a private CA
    Private,
    /// RFC 5280 alone
    Rfc5280,
    /// RFC 5280 and the CA/Browser Forum's Baseline Requirements
    Webpki,
}

impl AskedProfile {
    /// Its word; none for the one that is used anyway.
    pub(crate) fn flag(self) -> Option<&'static str> {
        Profile::from(self).flag()
    }
}

impl From<AskedProfile> for Profile {
    fn from(asked: AskedProfile) -> Profile {
        match asked {
            AskedProfile::Private => Profile::Private,
            AskedProfile::Rfc5280 => Profile::Rfc5280,
            AskedProfile::Webpki => Profile::Webpki,
        }
    }
}

/// What a certificate is to be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum AskedPurpose {
    Server,
    Client,
    Any,
}

impl From<AskedPurpose> for Purpose {
    fn from(asked: AskedPurpose) -> Purpose {
        match asked {
            AskedPurpose::Server => Purpose::Server,
            AskedPurpose::Client => Purpose::Client,
            AskedPurpose::Any => Purpose::Any,
        }
    }
}
