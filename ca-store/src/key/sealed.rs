//! Private keys encrypted with a passphrase: PKCS#8's EncryptedPrivateKeyInfo with PBES2 (RFC 5958, 3; RFC 8018, 6.2).

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use pkcs8::pkcs5::{pbes2, scrypt};
use pkcs8::{EncryptedPrivateKeyInfoRef, LineEnding, PrivateKeyInfoRef, SecretDocument};
use zeroize::Zeroizing;

use super::{Passphrase, crypto, random};
use crate::error::Error;

/// How a key is made of a passphrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kdf {
    /// scrypt (RFC 7914): takes memory as well as time, which makes guessing dear.
    #[default]
    Scrypt,
    /// PBKDF2 with HMAC-SHA-256 (RFC 8018, 5.2): for readers that know nothing else.
    Pbkdf2,
}

impl Kdf {
    /// Both, the default first.
    pub const ALL: [Kdf; 2] = [Kdf::Scrypt, Kdf::Pbkdf2];

    /// The name on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Kdf::Scrypt => "scrypt",
            Kdf::Pbkdf2 => "pbkdf2",
        }
    }
}

impl fmt::Display for Kdf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Kdf {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Kdf::ALL.into_iter().find(|kdf| kdf.as_str() == text).ok_or_else(|| "expected scrypt or pbkdf2".to_owned())
    }
}

/// What a private key is encrypted with.
#[derive(Debug, Clone)]
pub struct Seal {
    /// The passphrase.
    pub passphrase: Passphrase,
    /// What makes a key of it.
    pub kdf: Kdf,
}

impl Seal {
    /// With scrypt.
    pub fn new(passphrase: Passphrase) -> Seal {
        Seal { passphrase, kdf: Kdf::default() }
    }
}

/// scrypt's cost: 2^14 blocks of 1 KiB take 16 MiB, the largest power of two below the 32 MiB that OpenSSL allows when it
/// reads such a key; five passes make up for it (OWASP Password Storage Cheat Sheet names this set).
const SCRYPT_LOG_N: u8 = 14;
const SCRYPT_R: u32 = 8;
const SCRYPT_P: u32 = 5;
/// Rounds of PBKDF2 with HMAC-SHA-256 (OWASP Password Storage Cheat Sheet, as of 2023 and after).
pub const PBKDF2_ROUNDS: u32 = 600_000;
/// Octets of salt (NIST SP 800-132, 5.1 asks for at least 128 bits).
const SALT_OCTETS: usize = 16;
/// Octets of an AES block.
const IV_OCTETS: usize = 16;

/// The PEM of a key's PKCS#8, encrypted with AES-256-CBC.
pub(super) fn write(der: &[u8], seal: &Seal) -> Result<Zeroizing<String>, Error> {
    const WHAT: &str = "encrypting a key";
    let scheme = parameters(seal.kdf)?;
    let sealed = PrivateKeyInfoRef::try_from(der)
        .and_then(|key| key.encrypt_with_params(scheme, seal.passphrase.expose().as_bytes()));
    sealed.map_err(crypto(WHAT))?.to_pem("ENCRYPTED PRIVATE KEY", LineEnding::LF).map_err(crypto(WHAT))
}

fn parameters(kdf: Kdf) -> Result<pbes2::Parameters, Error> {
    const WHAT: &str = "choosing the key derivation";
    let (salt, iv) = (random::<SALT_OCTETS>()?, random::<IV_OCTETS>()?);
    match kdf {
        Kdf::Scrypt => {
            let cost = scrypt::Params::new(SCRYPT_LOG_N, SCRYPT_R, SCRYPT_P).map_err(crypto(WHAT))?;
            pbes2::Parameters::generate_scrypt_aes256cbc(cost, &salt, iv).map_err(crypto(WHAT))
        }
        Kdf::Pbkdf2 => {
            pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(PBKDF2_ROUNDS, &salt, iv).map_err(crypto(WHAT))
        }
    }
}

/// The PKCS#8 in an EncryptedPrivateKeyInfo; `path` is for messages.
pub(super) fn open(document: &SecretDocument, passphrase: &Passphrase, path: &Path) -> Result<SecretDocument, Error> {
    let info = EncryptedPrivateKeyInfoRef::try_from(document.as_bytes())
        .map_err(|error| Error::KeyMalformed { path: path.to_owned(), found: error.to_string() })?;
    info.decrypt(passphrase.expose().as_bytes()).map_err(|_| Error::PassphraseWrong { path: path.to_owned() })
}
