use super::{BasicConstraints, KeyUsage, Profile};

/// A self-signed root (RFC 5280, 4.2.1.3 and 4.2.1.9). `cas_below` is how many CAs stand in a line below it; one more is
/// allowed, so that a later roll-over can put a cross-signed CA between.
///
/// No digitalSignature: a root signs certificates and revocation lists, and never a handshake.
pub fn root(cas_below: u8) -> Profile {
    Profile {
        key_usage: &[KeyUsage::KeyCertSign, KeyUsage::CrlSign],
        extended_key_usage: &[],
        basic_constraints: BasicConstraints::Authority { path_length: cas_below + 1 },
    }
}
