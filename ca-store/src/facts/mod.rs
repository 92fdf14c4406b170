//! DER and PEM turned into plain data.
//!
//! Everything here is a pure function of bytes. Nothing is judged: a certificate with a negative serial number or a
//! broken extension is read as far as it goes, and what could not be read is kept beside what could, because the
//! broken part is what [`crate::finding`] has to talk about.

mod block;
mod certificate;
mod crl;
mod csr;
mod der;
mod distinguished_name;
mod escape;
mod extension;
mod fault;
mod general_name;
mod pem;
mod private_key;
mod public_key;
mod signature;

pub use block::{Block, BlockKind};
pub use certificate::{Certificate, TimeForm, Validity};
pub use crl::{Crl, IssuingDistributionPoint, RevokedEntry};
pub use csr::CertificateRequest;
pub(crate) use der::announced_length;
pub use distinguished_name::{Attribute, Name, NameMatch};
pub use escape::escape;
pub use extension::{BasicConstraints, Extension, ExtensionValue, KeyUsage, NameConstraints, PolicyMapping, oid_name};
pub use fault::Fault;
pub use general_name::GeneralName;
pub use pem::{Input, MAX_BLOCKS, MAX_INPUT_BYTES, to_pem};
pub use private_key::{PrivateKey, PrivateKeyError};
pub use public_key::{KeyKind, PublicKey};
pub use signature::{SignatureAlgorithm, SignatureCheck};

/// Bytes that are not what their label or place says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, found {found}")]
pub struct Malformed {
    /// What should stand there, such as `an X.509 certificate (RFC 5280 section 4.1)`.
    pub expected: &'static str,
    /// What stood there instead, escaped.
    pub found: String,
}

/// Lower-case hexadecimal without separators.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// SHA-256, as fingerprints are given.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    let mut out = [0; 32];
    out.copy_from_slice(digest.as_ref());
    out
}
