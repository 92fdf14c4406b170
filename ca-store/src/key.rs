//! Keys: made, read, written. The only module besides `store` that asks the system for randomness, and the only one that
//! sees private keys as octets; they are wiped from memory when dropped.

mod passphrase;
mod sealed;

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use aws_lc_rs::signature::Ed25519KeyPair;
use pkcs8::{LineEnding, SecretDocument};
use rcgen::{KeyPair, PublicKeyData, RsaKeySize, SignatureAlgorithm, SubjectPublicKeyInfo};
use rustls::pki_types::PrivatePkcs8KeyDer;
use zeroize::{Zeroize, Zeroizing};

pub use passphrase::Passphrase;
pub use sealed::{Kdf, PBKDF2_ROUNDS, Seal};

use crate::error::Error;
use crate::facts;

/// The kinds of keys that are made here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyKind {
    /// ECDSA on NIST P-256: read by every TLS client, and the fastest to sign and verify.
    #[default]
    EcdsaP256,
    /// ECDSA on NIST P-384.
    EcdsaP384,
    /// Ed25519 (RFC 8410); browsers do not take it.
    Ed25519,
    /// RSA with 2048 bits.
    #[serde(rename = "rsa-2048")]
    Rsa2048,
    /// RSA with 3072 bits.
    #[serde(rename = "rsa-3072")]
    Rsa3072,
    /// RSA with 4096 bits.
    #[serde(rename = "rsa-4096")]
    Rsa4096,
}

impl KeyKind {
    /// All of them, the default first.
    pub const ALL: [KeyKind; 6] = [
        KeyKind::EcdsaP256,
        KeyKind::EcdsaP384,
        KeyKind::Ed25519,
        KeyKind::Rsa2048,
        KeyKind::Rsa3072,
        KeyKind::Rsa4096,
    ];

    /// The name on the command line and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            KeyKind::EcdsaP256 => "ecdsa-p256",
            KeyKind::EcdsaP384 => "ecdsa-p384",
            KeyKind::Ed25519 => "ed25519",
            KeyKind::Rsa2048 => "rsa-2048",
            KeyKind::Rsa3072 => "rsa-3072",
            KeyKind::Rsa4096 => "rsa-4096",
        }
    }

    /// The kind of a key that was read, where it is one of these.
    pub fn of(kind: &facts::KeyKind) -> Option<KeyKind> {
        Some(match kind {
            facts::KeyKind::EcdsaP256 => KeyKind::EcdsaP256,
            facts::KeyKind::EcdsaP384 => KeyKind::EcdsaP384,
            facts::KeyKind::Ed25519 => KeyKind::Ed25519,
            facts::KeyKind::Rsa(2048) => KeyKind::Rsa2048,
            facts::KeyKind::Rsa(3072) => KeyKind::Rsa3072,
            facts::KeyKind::Rsa(4096) => KeyKind::Rsa4096,
            _ => return None,
        })
    }

    fn algorithm(self) -> &'static SignatureAlgorithm {
        match self {
            KeyKind::EcdsaP256 => &rcgen::PKCS_ECDSA_P256_SHA256,
            KeyKind::EcdsaP384 => &rcgen::PKCS_ECDSA_P384_SHA384,
            KeyKind::Ed25519 => &rcgen::PKCS_ED25519,
            KeyKind::Rsa2048 | KeyKind::Rsa3072 | KeyKind::Rsa4096 => &rcgen::PKCS_RSA_SHA256,
        }
    }
}

/// Bits of the shortest RSA key that signs here (NIST SP 800-131A, table 2).
pub const MIN_CA_RSA_BITS: usize = 2048;

/// What a key of this kind signs with; none for kinds that do not sign here. Keys made elsewhere may be of kinds that are
/// not made here.
fn algorithm_of(kind: &facts::KeyKind) -> Option<&'static SignatureAlgorithm> {
    match kind {
        facts::KeyKind::EcdsaP521 => Some(&rcgen::PKCS_ECDSA_P521_SHA512),
        facts::KeyKind::Rsa(bits) if *bits >= MIN_CA_RSA_BITS => Some(&rcgen::PKCS_RSA_SHA256),
        kind => KeyKind::of(kind).map(KeyKind::algorithm),
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for KeyKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        KeyKind::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| {
            let names = KeyKind::ALL.map(KeyKind::as_str).join(", ");
            format!("expected one of {names}")
        })
    }
}

/// A public key that a certificate can be made for.
#[derive(Debug, Clone)]
pub struct PublicKey(SubjectPublicKeyInfo);

impl PublicKey {
    /// Octets of a key identifier.
    pub const KEY_ID_OCTETS: usize = 20;

    /// Reads a subjectPublicKeyInfo; none if its algorithm is not one that rcgen can write again.
    pub fn from_spki(spki: &[u8]) -> Option<PublicKey> {
        SubjectPublicKeyInfo::from_der(spki).ok().map(PublicKey)
    }

    /// The key identifier: the leftmost 160 bits of SHA-256 over the subjectPublicKey's bits (RFC 7093, 2, method 1). It is
    /// as long as the SHA-1 of RFC 5280, 4.2.1.2, and SHA-1 is used nowhere.
    pub fn key_id(&self) -> Vec<u8> {
        facts::sha256(self.0.der_bytes())[..Self::KEY_ID_OCTETS].to_vec()
    }

    /// The subjectPublicKey's bits.
    pub fn bits(&self) -> &[u8] {
        self.0.der_bytes()
    }

    /// Whether it is an RSA key.
    pub fn is_rsa(&self) -> bool {
        *self.0.algorithm() == rcgen::PKCS_RSA_SHA256
    }

    /// Its kind, where it is one that is made here.
    pub fn kind(&self) -> Option<KeyKind> {
        if self.is_rsa() {
            return KeyKind::of(&facts::KeyKind::Rsa(facts::modulus_bits(self.bits())));
        }
        let kinds = [KeyKind::EcdsaP256, KeyKind::EcdsaP384, KeyKind::Ed25519];
        kinds.into_iter().find(|kind| kind.algorithm() == self.0.algorithm())
    }

    pub(crate) fn info(&self) -> &SubjectPublicKeyInfo {
        &self.0
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

/// A private key. Has no `Debug` that shows it, and is wiped when dropped.
pub struct PrivateKey(KeyPair);

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(…)")
    }
}

impl Drop for PrivateKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl PrivateKey {
    /// Makes a new key.
    ///
    /// # Errors
    /// [`Error::Crypto`] where the crypto library has no randomness.
    pub fn generate(kind: KeyKind) -> Result<PrivateKey, Error> {
        let pair = match kind {
            KeyKind::EcdsaP256 | KeyKind::EcdsaP384 => KeyPair::generate_for(kind.algorithm()),
            KeyKind::Ed25519 => return generate_ed25519(),
            KeyKind::Rsa2048 => KeyPair::generate_rsa_for(kind.algorithm(), RsaKeySize::_2048),
            KeyKind::Rsa3072 => KeyPair::generate_rsa_for(kind.algorithm(), RsaKeySize::_3072),
            KeyKind::Rsa4096 => KeyPair::generate_rsa_for(kind.algorithm(), RsaKeySize::_4096),
        };
        pair.map(PrivateKey).map_err(crypto("making a key"))
    }

    /// Reads the PKCS#8 PEM of a key, encrypted or not; `path` is for messages.
    ///
    /// # Errors
    /// [`Error::KeyMalformed`], [`Error::KeyEncrypted`] or [`Error::PassphraseWrong`].
    pub fn from_pem(pem: &[u8], passphrase: Option<&Passphrase>, path: &Path) -> Result<PrivateKey, Error> {
        let malformed = |found: &str| Error::KeyMalformed { path: path.to_owned(), found: found.to_owned() };
        let text = std::str::from_utf8(pem).map_err(|_| malformed("octets that are no text"))?;
        let (label, document) = SecretDocument::from_pem(text).map_err(|error| malformed(&error.to_string()))?;
        let document = match (label, passphrase) {
            ("PRIVATE KEY", _) => document,
            ("ENCRYPTED PRIVATE KEY", None) => return Err(Error::KeyEncrypted { path: path.to_owned() }),
            ("ENCRYPTED PRIVATE KEY", Some(passphrase)) => sealed::open(&document, passphrase, path)?,
            (label, _) => return Err(malformed(&format!("a block labelled {label:?}"))),
        };
        PrivateKey::from_pkcs8(document.as_bytes()).map_err(|found| malformed(&found))
    }

    /// Reads PKCS#8 in DER.
    ///
    /// # Errors
    /// What was found instead.
    fn from_pkcs8(der: &[u8]) -> Result<PrivateKey, String> {
        let facts = facts::PrivateKey::from_der(der).map_err(|error| error.to_string())?;
        let algorithm =
            algorithm_of(&facts.kind).ok_or_else(|| format!("a key that does not sign here, {}", facts.kind))?;
        let pair = KeyPair::from_pkcs8_der_and_sign_algo(&PrivatePkcs8KeyDer::from(der), algorithm);
        pair.map(PrivateKey).map_err(|error| format!("a damaged key: {error}"))
    }

    /// Reads PKCS#8, SEC1 or PKCS#1 in DER.
    ///
    /// # Errors
    /// What was found instead.
    pub(crate) fn from_any_form(der: &[u8]) -> Result<PrivateKey, String> {
        let document = crate::import::pkcs8_of(der).ok_or("a key of a form or kind that is not known here")?;
        PrivateKey::from_pkcs8(&document)
    }

    /// PKCS#8 in PEM: plain, or sealed with a passphrase as PBES2.
    ///
    /// # Errors
    /// [`Error::Crypto`].
    pub fn to_pem(&self, seal: Option<&Seal>) -> Result<Zeroizing<String>, Error> {
        if let Some(seal) = seal {
            return sealed::write(self.0.serialized_der(), seal);
        }
        let document = SecretDocument::try_from(self.0.serialized_der()).map_err(crypto("encoding a key"))?;
        document.to_pem("PRIVATE KEY", LineEnding::LF).map_err(crypto("encoding a key"))
    }

    /// The public half.
    ///
    /// # Errors
    /// [`Error::Crypto`].
    pub fn public_key(&self) -> Result<PublicKey, Error> {
        let spki = self.0.subject_public_key_info();
        SubjectPublicKeyInfo::from_der(&spki).map(PublicKey).map_err(crypto("reading a public key"))
    }

    pub(crate) fn pair(&self) -> &KeyPair {
        &self.0
    }
}

/// Version 1 of PKCS#8, without the public key beside it: OpenSSL 3.0 does not read version 2.
fn generate_ed25519() -> Result<PrivateKey, Error> {
    const WHAT: &str = "making an Ed25519 key";
    let pair = Ed25519KeyPair::generate().map_err(crypto(WHAT))?;
    let document = pair.to_pkcs8v1().map_err(crypto(WHAT))?;
    let der = PrivatePkcs8KeyDer::from(document.as_ref());
    KeyPair::from_pkcs8_der_and_sign_algo(&der, &rcgen::PKCS_ED25519).map(PrivateKey).map_err(crypto(WHAT))
}

/// Octets from the system's generator, through the crypto library.
///
/// # Errors
/// [`Error::Crypto`] where there is no randomness.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut octets = [0; N];
    aws_lc_rs::rand::fill(&mut octets).map_err(crypto("asking for randomness"))?;
    Ok(octets)
}

/// What the crypto libraries' errors become.
pub(crate) fn crypto<E: fmt::Display>(what: &'static str) -> impl FnOnce(E) -> Error {
    move |error| Error::Crypto { what, reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_back_as_written() {
        let path = Path::new("key.pem");
        for kind in [KeyKind::EcdsaP256, KeyKind::EcdsaP384, KeyKind::Ed25519, KeyKind::Rsa2048] {
            let key = PrivateKey::generate(kind).unwrap();
            let pem = key.to_pem(None).unwrap();
            assert!(pem.starts_with("-----BEGIN PRIVATE KEY-----\n"));
            let again = PrivateKey::from_pem(pem.as_bytes(), None, path).unwrap();
            assert_eq!(again.public_key().unwrap(), key.public_key().unwrap(), "{kind}");
        }
    }

    #[test]
    fn a_passphrase_is_needed_once_it_was_given() {
        let path = Path::new("key.pem");
        let key = PrivateKey::generate(KeyKind::EcdsaP256).unwrap();
        let passphrase = Passphrase::new("correct horse".into());
        for kdf in Kdf::ALL {
            let pem = key.to_pem(Some(&Seal { passphrase: passphrase.clone(), kdf })).unwrap();
            let read = |passphrase: Option<&Passphrase>| PrivateKey::from_pem(pem.as_bytes(), passphrase, path);
            assert!(read(Some(&passphrase)).is_ok());
            assert!(matches!(read(None), Err(Error::KeyEncrypted { .. })));
            assert!(matches!(read(Some(&Passphrase::new("wrong".into()))), Err(Error::PassphraseWrong { .. })));
        }
    }

    #[test]
    fn what_is_no_key_is_told() {
        for text in ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "\u{feff}x"] {
            let read = PrivateKey::from_pem(text.as_bytes(), None, Path::new("k"));
            assert!(matches!(read, Err(Error::KeyMalformed { .. })), "{text}");
        }
    }

    #[test]
    fn nothing_shows_a_key() {
        let key = PrivateKey::generate(KeyKind::EcdsaP256).unwrap();
        assert_eq!(format!("{key:?} {:?}", Passphrase::new("secret".into())), "PrivateKey(…) Passphrase(…)");
    }
}
