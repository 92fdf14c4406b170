//! Certificate, chain, key, trust and revocation list from one file: the PEM or the PKCS#12 that `pki export bundle`
//! writes, and what others write in these forms.
//!
//! What is trust is told by the certificates themselves: those that are self-signed.

use ca_store::container;
use ca_store::facts::{Block, BlockKind, Certificate, Fault, Input, Lock, PrivateKey};
use ca_store::key::Passphrase;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};
use std::path::Path;

use super::material::{Credential, MaterialError, check_mode, read_bounded};
use crate::limits::tls::LARGEST_CRL;

/// What a server or a client needs, of one file.
#[derive(Debug)]
pub struct Bundle {
    /// The certificate, the CAs between, and the key.
    pub credential: Credential,
    /// The roots.
    pub anchors: Vec<CertificateDer<'static>>,
    /// The CA's revocation lists, where there are any.
    pub revocation_lists: Vec<CertificateRevocationListDer<'static>>,
}

/// Reads a bundle, and opens it where it is locked.
///
/// # Errors
/// Fails where a part is missing, where the file is locked, or where others can read the key.
pub fn read(path: &Path, passphrase: Option<&Passphrase>) -> Result<Bundle, MaterialError> {
    let input = Input::read(&read_bounded(path, LARGEST_CRL, "a bundle")?);
    // A key that lies open is to be its owner's alone; one that is sealed may travel.
    if input.blocks.iter().any(|block| block.kind == BlockKind::PrivateKey) {
        check_mode(path)?;
    }
    let opened = container::open(input, passphrase);
    if let Some(problem) = opened.faults.iter().find_map(locked) {
        return Err(MaterialError::BundleLocked { path: path.to_owned(), problem });
    }
    assembled(&opened.blocks, path)
}

fn locked(fault: &Fault) -> Option<&'static str> {
    match fault {
        Fault::Pkcs12(lock) | Fault::Jks(lock) | Fault::EncryptedKey { lock, .. } => match lock {
            Lock::NeedsPassphrase => Some("it is locked, and no password was given"),
            Lock::WrongPassphrase => Some("the password does not open it"),
            _ => None,
        },
        _ => None,
    }
}

fn assembled(blocks: &[Block], path: &Path) -> Result<Bundle, MaterialError> {
    let lacks = |missing| MaterialError::BundleLacks { path: path.to_owned(), missing };
    let of_kind = |kind| blocks.iter().filter(move |block| block.kind == kind);
    let key = of_kind(BlockKind::PrivateKey).next().ok_or_else(|| lacks("private key"))?;
    let certificates: Vec<Certificate> =
        of_kind(BlockKind::Certificate).filter_map(|block| Certificate::from_der(&block.der).ok()).collect();
    let public = PrivateKey::from_der(&key.der).ok().and_then(|key| key.public_key);
    let is_own = |certificate: &&Certificate| public.as_ref().is_some_and(|key| key.same_as(&certificate.public_key));
    let own = certificates.iter().find(is_own).ok_or_else(|| lacks("certificate of its key"))?;
    let (roots, others): (Vec<&Certificate>, Vec<&Certificate>) =
        certificates.iter().partition(|certificate| certificate.is_self_signed());
    if roots.is_empty() {
        return Err(lacks("root"));
    }
    let between = others.into_iter().filter(|certificate| certificate.der() != own.der());
    let der = |certificate: &Certificate| CertificateDer::from(certificate.der().to_vec());
    let private = PrivateKeyDer::try_from(key.der.to_vec()).map_err(|_| lacks("private key of a known form"))?;
    Ok(Bundle {
        credential: Credential {
            chain: std::iter::once(own).chain(between).map(der).collect(),
            key: private,
            source: path.to_owned(),
        },
        anchors: roots.into_iter().map(der).collect(),
        revocation_lists: of_kind(BlockKind::Crl)
            .map(|block| CertificateRevocationListDer::from(block.der.to_vec()))
            .collect(),
    })
}
