//! DER and PEM turned into plain data.
//!
//! Everything here is a pure function of bytes. Nothing is judged: a certificate with a negative serial number or a
//! broken extension is read as far as it goes, and what could not be read is kept beside what could, because the
//! broken part is what [`crate::finding`] has to talk about.

mod base64;
mod block;
mod boundary;
mod certificate;
mod crl;
mod csr;
pub(crate) mod der;
mod distinguished_name;
mod distribution;
mod escape;
mod extension;
mod fault;
mod foreign;
mod general_name;
mod input;
mod large;
mod netscape;
mod oid;
mod pem;
mod private_key;
mod pss;
mod public_key;
mod shape;
mod signature;
mod sound;
mod syntax;
mod unseen;
mod wrapping;

pub use block::{Block, BlockKind};
pub(crate) use block::{begins_as_certificate, kind_of_der};
pub use certificate::{Certificate, Content, Spelling, TimeForm, Validity};
pub use crl::{Crl, IssuingDistributionPoint, RevokedEntry};
pub use csr::CertificateRequest;
pub(crate) use der::{announced_length, element, sequence, wrapped};
pub use distinguished_name::{Attribute, Name, NameMatch};
pub use distribution::PointName;
pub use escape::escape;
pub(crate) use escape::steers;
pub use extension::{BasicConstraints, Extension, ExtensionValue, KeyUsage, NameConstraints, PolicyMapping, oid_name};
pub use fault::{Damage, Fault, Indent, Lock};
pub use general_name::GeneralName;
pub use input::{Input, MAX_INPUT_BYTES};
pub(crate) use large::der_in_place;
pub use netscape::CertType;
pub use pem::{MAX_BLOCKS, MAX_FAULTS_OF_A_KIND, to_pem};
pub use private_key::{PrivateKey, PrivateKeyError};
pub use pss::PssParameters;
pub(crate) use public_key::modulus_bits;
pub use public_key::{KeyKind, PublicKey};
pub use signature::{SignatureAlgorithm, SignatureCheck};
pub(crate) use sound::{SoundBlock, blocks as sound_blocks};
pub use unseen::Unseen;
pub use wrapping::Wrapping;

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
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 0x0f)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

/// SHA-256, as fingerprints are given.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    let mut out = [0; 32];
    out.copy_from_slice(digest.as_ref());
    out
}
