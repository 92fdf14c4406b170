use super::{BasicConstraints, ExtendedKeyUsage, KeyUsage, Profile};

/// A TLS server. keyEncipherment only with an RSA key: an elliptic key cannot encipher, and RFC 8446, 4.4.2.2 asks for
/// digitalSignature alone.
pub fn server(rsa: bool) -> Profile {
    Profile {
        key_usage: if rsa {
            &[KeyUsage::DigitalSignature, KeyUsage::KeyEncipherment]
        } else {
            &[KeyUsage::DigitalSignature]
        },
        extended_key_usage: &[ExtendedKeyUsage::ServerAuth],
        basic_constraints: BasicConstraints::EndEntity,
    }
}
