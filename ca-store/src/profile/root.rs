use super::{BasicConstraints, KeyUsage, Profile};

/// A root's certificate from the root before it (RFC 5280, 3.2 calls it a cross-certificate): what the root may do, but that
/// the other root stands above, so `cas_below` is all that may follow.
pub fn cross(cas_below: u8) -> Profile {
    Profile { basic_constraints: BasicConstraints::Authority { path_length: Some(cas_below) }, ..root(cas_below) }
}

/// A self-signed root (RFC 5280, 4.2.1.3 and 4.2.1.9). `cas_below` is how many CAs stand in a line below it; one more is
/// allowed, so that a later roll-over can put a cross-signed CA between.
///
/// No digitalSignature: a root signs certificates and revocation lists, and never a handshake.
pub fn root(cas_below: u8) -> Profile {
    Profile {
        key_usage: &[KeyUsage::KeyCertSign, KeyUsage::CrlSign],
        extended_key_usage: &[],
        basic_constraints: BasicConstraints::Authority { path_length: Some(cas_below + 1) },
    }
}
