//! Certificates, keys and revocation lists, from files into the types of rustls.

use crate::limits::tls::{LARGEST_CRL, LARGEST_FILE};
use ca_store::handshake::provider;
use rustls::InconsistentKeys;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// A certificate chain with its private key.
pub struct Credential {
    /// Leaf first.
    pub chain: Vec<CertificateDer<'static>>,
    /// The leaf's key.
    pub key: PrivateKeyDer<'static>,
    /// Where the chain was read, for messages.
    pub source: PathBuf,
}

impl Credential {
    /// Another one of the same, for another connection.
    pub fn copy(&self) -> Self {
        Self { chain: self.chain.clone(), key: self.key.clone_key(), source: self.source.clone() }
    }
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Credential").field("source", &self.source).finish_non_exhaustive()
    }
}

/// Why a file is of no use here.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MaterialError {
    /// The file can't be read.
    #[error("{}: can't be read", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is larger than anything of its kind.
    #[error("{}: larger than {limit} bytes, so hardly {expected}", path.display())]
    TooLarge {
        /// Which file.
        path: PathBuf,
        /// The bound.
        limit: u64,
        /// What should be in it.
        expected: &'static str,
    },
    /// The file holds something else.
    #[error("{}: expected {expected} in PEM, found none", path.display())]
    NothingThere {
        /// Which file.
        path: PathBuf,
        /// What should be in it.
        expected: &'static str,
    },
    /// The PEM is damaged.
    #[error("{}: expected {expected} in PEM, found damage: {problem}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What should be in it.
        expected: &'static str,
        /// What the reader said, escaped.
        problem: String,
    },
    /// The private key needs a passphrase, for which nobody is there to ask.
    #[error("{}: the private key is encrypted, and a server has nobody to ask for the passphrase", path.display())]
    KeyEncrypted {
        /// Which file.
        path: PathBuf,
    },
    /// Others than the owner may read the key.
    #[error("{}: others can read this private key (mode {mode:04o}, expected 0600)", path.display())]
    KeyOpen {
        /// Which file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The key is not that of the certificate.
    #[error("the private key in {} is not that of the certificate in {}", key.display(), certificate.display())]
    KeyMismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
    /// A bundle needs a password, and none or a wrong one was given.
    #[error("{}: {problem}", path.display())]
    BundleLocked {
        /// Which file.
        path: PathBuf,
        /// Which of the two it is.
        problem: &'static str,
    },
    /// A bundle without one of its parts.
    #[error("{}: expected a bundle of certificate, private key and root; it has no {missing}", path.display())]
    BundleLacks {
        /// Which file.
        path: PathBuf,
        /// What is not in it.
        missing: &'static str,
    },
    /// The certificate or list can't be used.
    #[error("{}: {problem}", path.display())]
    Unusable {
        /// Which file.
        path: PathBuf,
        /// What rustls said, escaped.
        problem: String,
    },
}

/// Reads certificates, one or more, in PEM.
///
/// # Errors
/// Fails where the file can't be read or holds none.
pub fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, MaterialError> {
    let expected = "a certificate";
    let bytes = read_bounded(path, LARGEST_FILE, expected)?;
    sections(&bytes, path, expected)
}

/// Reads revocation lists, one or more, in PEM, or one in DER.
///
/// # Errors
/// Fails where the file can't be read or holds none.
pub fn revocation_lists(path: &Path) -> Result<Vec<CertificateRevocationListDer<'static>>, MaterialError> {
    let expected = "a revocation list";
    let bytes = read_bounded(path, LARGEST_CRL, expected)?;
    // CRLs are handed out in DER as often as in PEM (RFC 5280, section 4.2.1.13); a SEQUENCE begins with 0x30.
    if bytes.first() == Some(&0x30) {
        return Ok(vec![CertificateRevocationListDer::from(bytes.to_vec())]);
    }
    sections(&bytes, path, expected)
}

/// Reads a certificate chain and its private key. The key's file must be its owner's alone.
///
/// # Errors
/// Fails where a file can't be read, holds something else, or the key can be read by others.
pub fn credential(certificate: &Path, key: &Path) -> Result<Credential, MaterialError> {
    let chain = certificates(certificate)?;
    let credential = Credential { chain, key: private_key(key)?, source: certificate.to_owned() };
    let Credential { chain, key: secret, .. } = credential.copy();
    match CertifiedKey::from_der(chain, secret, &provider()) {
        Err(rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
            Err(MaterialError::KeyMismatch { certificate: certificate.to_owned(), key: key.to_owned() })
        }
        // What else may be wrong with it, whoever uses it says.
        _ => Ok(credential),
    }
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, MaterialError> {
    let expected = "a private key";
    check_mode(path)?;
    let bytes = read_bounded(path, LARGEST_FILE, expected)?;
    PrivateKeyDer::from_pem_slice(&bytes).map_err(|error| match error {
        pem::Error::NoItemsFound if holds_encrypted_key(&bytes) => {
            MaterialError::KeyEncrypted { path: path.to_owned() }
        }
        error => fault(error, path, expected),
    })
}

fn holds_encrypted_key(bytes: &[u8]) -> bool {
    let marker = b"-----BEGIN ENCRYPTED PRIVATE KEY-----";
    bytes.windows(marker.len()).any(|window| window == marker)
}

#[cfg(unix)]
pub(super) fn check_mode(path: &Path) -> Result<(), MaterialError> {
    use std::os::unix::fs::MetadataExt;
    let unreadable = |source| MaterialError::Unreadable { path: path.to_owned(), source };
    let mode = std::fs::metadata(path).map_err(unreadable)?.mode() & 0o7777;
    // A group may read it: that is how a service's key is shared with its user. Others never.
    match mode & 0o027 {
        0 => Ok(()),
        _ => Err(MaterialError::KeyOpen { path: path.to_owned(), mode }),
    }
}

#[cfg(not(unix))]
pub(super) fn check_mode(_path: &Path) -> Result<(), MaterialError> {
    Ok(())
}

pub(super) fn read_bounded(
    path: &Path,
    limit: u64,
    expected: &'static str,
) -> Result<Zeroizing<Vec<u8>>, MaterialError> {
    let unreadable = |source| MaterialError::Unreadable { path: path.to_owned(), source };
    let file = File::open(path).map_err(unreadable)?;
    // Room for all of it at once: a buffer that grows would leave copies of a key behind.
    let size = file.metadata().map_err(unreadable)?.len().min(limit);
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1));
    file.take(limit + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    match bytes.len() as u64 > limit {
        true => Err(MaterialError::TooLarge { path: path.to_owned(), limit, expected }),
        false => Ok(bytes),
    }
}

fn sections<T: PemObject>(bytes: &[u8], path: &Path, expected: &'static str) -> Result<Vec<T>, MaterialError> {
    let items: Result<Vec<T>, _> = T::pem_slice_iter(bytes).collect();
    match items {
        Ok(items) if items.is_empty() => Err(MaterialError::NothingThere { path: path.to_owned(), expected }),
        Ok(items) => Ok(items),
        Err(error) => Err(fault(error, path, expected)),
    }
}

fn fault(error: pem::Error, path: &Path, expected: &'static str) -> MaterialError {
    let path = path.to_owned();
    match error {
        pem::Error::NoItemsFound => MaterialError::NothingThere { path, expected },
        // What the reader quotes is the file's text: a key's file must not end up in a message.
        pem::Error::MissingSectionEnd { .. } => {
            MaterialError::Damaged { path, expected, problem: "its END line is missing".to_owned() }
        }
        pem::Error::IllegalSectionStart { .. } => {
            MaterialError::Damaged { path, expected, problem: "its BEGIN line is malformed".to_owned() }
        }
        error => MaterialError::Damaged { path, expected, problem: error.to_string().escape_debug().to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str, mode: u32) -> (tempfile::TempDir, PathBuf) {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file.pem");
        std::fs::write(&path, text).expect("written");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("mode set");
        (folder, path)
    }

    #[test]
    fn a_key_that_others_can_read_is_refused_before_it_is_read() {
        for (mode, refused) in [(0o600, false), (0o400, false), (0o640, false), (0o644, true), (0o660, true)] {
            let (_folder, path) = written("no key at all", mode);
            let error = private_key(&path).expect_err("never a key");
            assert_eq!(matches!(error, MaterialError::KeyOpen { .. }), refused, "mode {mode:o}");
        }
    }

    #[test]
    fn a_wrong_file_is_told_from_a_damaged_one() {
        let (_folder, path) = written("nothing here\n", 0o600);
        assert!(matches!(certificates(&path), Err(MaterialError::NothingThere { .. })));
        let (_folder, path) = written("-----BEGIN CERTIFICATE-----\nAAAA\n", 0o600);
        assert!(matches!(certificates(&path), Err(MaterialError::Damaged { .. })));
        assert!(matches!(certificates(Path::new("/nonexistent")), Err(MaterialError::Unreadable { .. })));
    }

    #[test]
    fn an_encrypted_key_is_named_as_such() {
        let text = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
        let (_folder, path) = written(text, 0o600);
        assert!(matches!(private_key(&path), Err(MaterialError::KeyEncrypted { .. })));
    }
}
