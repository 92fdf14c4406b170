//! Flags that several commands share.

use std::path::PathBuf;

use ca_store::key::{Kdf, KeyKind};
use clap::builder::{PossibleValuesParser, TypedValueParser};

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
    /// Writes the files into this folder instead of the store's
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) passphrase: CaPassphrase,
}

/// The passphrase of the CA's private key. Never an argument: those can be seen by every user of the machine.
#[derive(Debug, clap::Args)]
pub(crate) struct CaPassphrase {
    /// A file whose first line is the passphrase of the CA's private keys [env: PKI_PASSPHRASE_FILE, or the passphrase
    /// itself in PKI_PASSPHRASE; else it is asked for on a terminal]
    #[arg(long, value_name = "F", conflicts_with = "passphrase_fd")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Reads the passphrase's line from this open file descriptor
    #[arg(long, value_name = "N")]
    pub(crate) passphrase_fd: Option<u32>,
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
