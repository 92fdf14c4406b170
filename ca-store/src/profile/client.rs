use super::{BasicConstraints, ExtendedKeyUsage, KeyUsage, Profile};

/// A TLS client: it signs the handshake's CertificateVerify, whatever its key (RFC 8446, 4.4.3; RFC 5246, 7.4.8).
pub fn client() -> Profile {
    Profile {
        key_usage: &[KeyUsage::DigitalSignature],
        extended_key_usage: &[ExtendedKeyUsage::ClientAuth],
        basic_constraints: BasicConstraints::EndEntity,
    }
}
