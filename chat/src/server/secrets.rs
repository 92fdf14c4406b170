//! What of the core's questions needs chance or time: random octets, and passwords made into what is kept of them.

use aws_lc_rs::{constant_time, pbkdf2, rand};
use std::num::NonZeroU32;
use zeroize::Zeroizing;

use crate::core::keep::{Answer, Derive, Derived};
use crate::wire::saslprep;

/// Octets of a salt: twice what RFC 8018, section 4.1, asks for.
const SALT: usize = 16;

/// Octets of a salted password: those of SHA-256 (RFC 5802, section 2.2).
const SALTED_PASSWORD: usize = 32;

/// Octets that nobody can foresee.
pub(super) fn random(length: usize) -> Answer {
    octets(length).map_or(Answer::Unavailable, Answer::Random)
}

/// A word of letters and digits that no other run has: 64 bits of chance.
pub fn random_word() -> String {
    let octets = octets(8).unwrap_or_default();
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// A word that nobody can guess: 256 bits of chance.
pub(super) fn secret_word() -> Option<String> {
    Some(octets(32)?.iter().map(|octet| format!("{octet:02x}")).collect())
}

/// Whether two words are the same, in a time that does not tell where they differ.
pub(super) fn same(one: &str, other: &str) -> bool {
    constant_time::verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

/// `Hi(password, salt, i)` of RFC 5802, which is PBKDF2 with HMAC-SHA-256.
pub fn derive(derive: Derive) -> Answer {
    let Some(salt) = derive.salt.or_else(|| octets(SALT)) else { return Answer::Unavailable };
    let Some(rounds) = NonZeroU32::new(derive.iterations) else { return Answer::Unavailable };
    let mut salted_password = Zeroizing::new(vec![0; SALTED_PASSWORD]);
    let password = saslprep::prepared(&derive.password);
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, &salt, password.as_bytes(), &mut salted_password);
    Answer::Derived(Derived { salt, iterations: derive.iterations, salted_password })
}

fn octets(length: usize) -> Option<Vec<u8>> {
    let mut octets = vec![0; length];
    rand::fill(&mut octets).ok()?;
    Some(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_derived_as_rfc_7677_shows() {
        let salt = vec![0x5b, 0x6d, 0x99, 0x68, 0x9d, 0x12, 0x35, 0x8e, 0xec, 0xa0, 0x4b, 0x14, 0x12, 0x36, 0xfa, 0x81];
        let asked = Derive { password: Zeroizing::new("pencil".to_owned()), salt: Some(salt), iterations: 4096 };
        let Answer::Derived(derived) = derive(asked) else { panic!("not derived") };
        let hex: String = derived.salted_password.iter().map(|octet| format!("{octet:02x}")).collect();
        assert_eq!(hex, "c4a49510323ab4f952cac1fa99441939e78ea74d6be81ddf7096e87513dc615d");
    }

    #[test]
    fn words_differ() {
        assert_ne!(random_word(), random_word());
        assert_eq!(random_word().len(), 16);
    }
}
