//! Whether a server has the private key of the certificate that it sends (RFC 8446 section 4.4.3, RFC 5246 section 7.4.3).

use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::CertificateDer;
use rustls::{CertificateError, DigitallySignedStruct, Error};

use crate::facts::{Certificate, PublicKey};

/// Checks the signature of a TLS 1.2 handshake.
pub(super) fn of_tls12(
    provider: &CryptoProvider,
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
) -> Result<(), Error> {
    let verified = verify_tls12_signature(message, certificate, signed, &provider.signature_verification_algorithms);
    verified.map(drop).or_else(|error| by_key_alone(provider, message, certificate, signed, error))
}

/// Checks the signature of a TLS 1.3 handshake.
pub(super) fn of_tls13(
    provider: &CryptoProvider,
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
) -> Result<(), Error> {
    let verified = verify_tls13_signature(message, certificate, signed, &provider.signature_verification_algorithms);
    verified.map(drop).or_else(|error| by_key_alone(provider, message, certificate, signed, error))
}

/// rustls reads the whole certificate before it looks at the signature, and refuses many a certificate for another
/// fault: version 1, an extension that it cannot read. Such a server may well have the key, and the key alone says so.
fn by_key_alone(
    provider: &CryptoProvider,
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
    error: Error,
) -> Result<(), Error> {
    if matches!(error, Error::InvalidCertificate(CertificateError::BadSignature)) {
        return Err(error);
    }
    match Certificate::from_der(certificate) {
        Ok(read) if proves(provider, &read.public_key, message, signed) => Ok(()),
        _ => Err(error),
    }
}

/// Whether the key verifies the signature by one of the algorithms that the scheme stands for.
fn proves(provider: &CryptoProvider, key: &PublicKey, message: &[u8], signed: &DigitallySignedStruct) -> bool {
    let known = provider.signature_verification_algorithms.mapping;
    let algorithms =
        known.iter().filter(|(scheme, _)| *scheme == signed.scheme).flat_map(|(_, algorithms)| *algorithms);
    algorithms
        .filter(|algorithm| key.algorithm_identifier() == Some(algorithm.public_key_alg_id().as_ref()))
        .any(|algorithm| algorithm.verify_signature(&key.bits, message, signed.signature()).is_ok())
}
