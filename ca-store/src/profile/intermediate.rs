use super::{BasicConstraints, KeyUsage, Profile};

/// The CA that issues below a root: it signs end entities and no further CA (RFC 5280, 4.2.1.9).
pub fn intermediate() -> Profile {
    Profile {
        key_usage: &[KeyUsage::KeyCertSign, KeyUsage::CrlSign],
        extended_key_usage: &[],
        basic_constraints: BasicConstraints::Authority { path_length: Some(0) },
    }
}
