//! Blocks: what a file holds, by label or, in DER, by trying.

use zeroize::Zeroizing;

use super::der;

/// What a block holds, by its label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockKind {
    /// `CERTIFICATE`, `X509 CERTIFICATE`, `TRUSTED CERTIFICATE`
    Certificate,
    /// `PRIVATE KEY`, `EC PRIVATE KEY`, `RSA PRIVATE KEY`
    PrivateKey,
    /// `ENCRYPTED PRIVATE KEY`, or a key with a `Proc-Type` header
    EncryptedKey,
    /// `PUBLIC KEY`
    PublicKey,
    /// `CERTIFICATE REQUEST`
    CertificateRequest,
    /// `X509 CRL`
    Crl,
    /// `PKCS7`
    Pkcs7,
    /// `PKCS12`, or the DER of one
    Pkcs12,
    /// A Java key store (JKS or JCEKS)
    JavaKeyStore,
    /// `OPENSSH PRIVATE KEY` and the like
    OpenSshKey,
    /// Parameters and whatever else stands in files of this kind.
    Other,
}

/// One block.
#[derive(Clone)]
pub struct Block {
    /// The label, escaped.
    pub label: String,
    /// What the label stands for.
    pub kind: BlockKind,
    /// What it encodes. Wiped, as it may be a key.
    pub der: Zeroizing<Vec<u8>>,
    /// The line that its BEGIN stands in, from 1; 0 in a file that is DER.
    pub line: usize,
    /// How the traditional form of a key is encrypted: the value of its `DEK-Info` header (RFC 1421 section 4.6.1.3).
    pub cipher: Option<String>,
    /// OpenSSL's settings of trust were behind the certificate, and are left out.
    pub has_settings: bool,
}

impl std::fmt::Debug for Block {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Block").field("label", &self.label).field("line", &self.line).finish_non_exhaustive()
    }
}

pub(super) fn kind_of_label(label: &str) -> BlockKind {
    match label {
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => BlockKind::Certificate,
        "PRIVATE KEY" | "EC PRIVATE KEY" | "RSA PRIVATE KEY" | "DSA PRIVATE KEY" => BlockKind::PrivateKey,
        "ENCRYPTED PRIVATE KEY" => BlockKind::EncryptedKey,
        "PUBLIC KEY" | "RSA PUBLIC KEY" => BlockKind::PublicKey,
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => BlockKind::CertificateRequest,
        "X509 CRL" => BlockKind::Crl,
        "PKCS7" | "CMS" | "PKCS #7 SIGNED DATA" => BlockKind::Pkcs7,
        "PKCS12" => BlockKind::Pkcs12,
        "OPENSSH PRIVATE KEY" | "SSH2 PUBLIC KEY" => BlockKind::OpenSshKey,
        _ => BlockKind::Other,
    }
}

/// What DER without a label is, by trying.
pub(crate) fn kind_of_der(der: &[u8]) -> BlockKind {
    use super::{Certificate, CertificateRequest, Crl, PrivateKey, PrivateKeyError, PublicKey};
    if Certificate::from_der(der).is_ok() {
        BlockKind::Certificate
    } else if CertificateRequest::from_der(der).is_ok() {
        BlockKind::CertificateRequest
    } else if Crl::from_der(der).is_ok() {
        BlockKind::Crl
    } else if is_pkcs7(der) {
        BlockKind::Pkcs7
    } else if is_pkcs12(der) {
        BlockKind::Pkcs12
    } else if PublicKey::from_spki(der).is_some() {
        BlockKind::PublicKey
    } else {
        match PrivateKey::from_der(der) {
            Ok(_) => BlockKind::PrivateKey,
            Err(PrivateKeyError::Encrypted) => BlockKind::EncryptedKey,
            Err(PrivateKeyError::Malformed) => BlockKind::Other,
        }
    }
}

/// Two SEQUENCEs of more than 255 octets, and the version of X.509 v3 (RFC 5280 section 4.1): what it was, though it is damaged.
pub(crate) fn begins_as_certificate(der: &[u8]) -> bool {
    matches!(der, [0x30, 0x82, _, _, 0x30, 0x82, _, _, 0xa0, 0x03, 0x02, 0x01, 0x02, ..])
}

/// A ContentInfo of type signedData (RFC 2315 section 7).
fn is_pkcs7(der: &[u8]) -> bool {
    const SIGNED_DATA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
    let begins = |content: &[u8]| content.starts_with(&[6, 9]) && content[2..].starts_with(&SIGNED_DATA);
    der::sequence(der).is_some_and(begins) || indefinite(der).is_some_and(begins)
}

/// PFX (RFC 7292 section 4): version 3, then a ContentInfo.
fn is_pkcs12(der: &[u8]) -> bool {
    let begins = |content: &[u8]| content.starts_with(&[0x02, 0x01, 0x03, 0x30]);
    der::sequence(der).is_some_and(begins) || indefinite(der).is_some_and(begins)
}

/// The content of a SEQUENCE of indefinite length (X.690 section 8.1.3.6), which old programs write: BER, not DER.
fn indefinite(bytes: &[u8]) -> Option<&[u8]> {
    bytes.strip_prefix(&[0x30, 0x80])
}
