//! SCRAM-SHA-256 as the client plays it (RFC 5802, RFC 7677): a login that does not tell the password, and in which the
//! server has to prove that it knows what belongs to it.
//!
//! Chance comes from outside: the client's nonce is an argument.

use std::num::NonZeroU32;

use aws_lc_rs::{constant_time, digest, hmac, pbkdf2};
use zeroize::Zeroizing;

use super::secret::Secret;
use crate::limits::client::MOST_SCRAM_ROUNDS;
use crate::wire::{base64, saslprep};

/// Octets of a key: those of SHA-256.
const KEY: usize = 32;

/// The fewest rounds that a server may ask for (RFC 7677, section 4): fewer would make the proof easier to guess from.
const FEWEST_ROUNDS: u32 = 4_096;

/// No channel binding, and nobody to act for (RFC 5802, section 7, `gs2-header`).
const GS2_HEADER: &str = "n,,";

/// Why a login can't go on.
pub(super) type Problem = String;

/// What the client says first.
#[derive(Debug)]
pub(super) struct First {
    bare: String,
    nonce: String,
}

impl First {
    /// For an account, with a nonce that nobody can foresee: printable ASCII without a comma.
    pub(super) fn new(account: &str, nonce: String) -> Self {
        let name = account.replace('=', "=3D").replace(',', "=2C");
        Self { bare: format!("n={name},r={nonce}"), nonce }
    }

    /// As it is sent.
    pub(super) fn message(&self) -> String {
        format!("{GS2_HEADER}{}", self.bare)
    }

    /// The answer to the server's challenge, `r=…,s=…,i=…`.
    pub(super) fn prove(&self, challenge: &[u8], password: &Secret) -> Result<Proof, Problem> {
        let text = std::str::from_utf8(challenge).map_err(|_| malformed())?;
        let Challenge { nonce, salt, rounds } = Challenge::parse(text)?;
        // Somebody else's answer, or one of before.
        if nonce.len() <= self.nonce.len() || !nonce.starts_with(&self.nonce) {
            return Err("the server's challenge belongs to another login".to_owned());
        }
        let mut salted = Zeroizing::new([0; KEY]);
        let password = saslprep::prepared(password.expose());
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, &salt, password.as_bytes(), &mut *salted);
        let last = format!("c={},r={nonce}", base64::encode(GS2_HEADER.as_bytes()));
        let signed = format!("{},{text},{last}", self.bare);
        Ok(Proof::of(&salted, &signed, &last))
    }
}

/// What the server asks for.
struct Challenge<'a> {
    nonce: &'a str,
    salt: Vec<u8>,
    rounds: NonZeroU32,
}

impl<'a> Challenge<'a> {
    /// A mandatory extension, `m=`, would come first, and none is known here.
    fn parse(text: &'a str) -> Result<Self, Problem> {
        let mut attributes = text.split(',');
        let mut next =
            |name| attributes.next().and_then(|attribute| attribute.strip_prefix(name)).ok_or_else(malformed);
        let (nonce, salt, rounds) = (next("r=")?, next("s=")?, next("i=")?);
        let salt = base64::decode(salt).filter(|salt| !salt.is_empty()).ok_or_else(malformed)?;
        let rounds: u32 = rounds.parse().map_err(|_| malformed())?;
        let fits = (FEWEST_ROUNDS..=MOST_SCRAM_ROUNDS).contains(&rounds);
        let rounds = NonZeroU32::new(rounds).filter(|_| fits).ok_or_else(|| {
            format!("the server asks for {rounds} rounds of work; expected {FEWEST_ROUNDS} to {MOST_SCRAM_ROUNDS}")
        })?;
        Ok(Self { nonce, salt, rounds })
    }
}

/// The client's proof, and what the server has to prove in turn.
#[derive(Debug)]
pub(super) struct Proof {
    /// As it is sent: `c=…,r=…,p=…`.
    pub(super) message: String,
    server_signature: [u8; KEY],
}

impl Proof {
    fn of(salted_password: &[u8; KEY], signed: &str, last: &str) -> Self {
        let client_key = hmac_of(salted_password, b"Client Key");
        let stored_key = digest::digest(&digest::SHA256, &*client_key);
        let mut proof = hmac_of(stored_key.as_ref(), signed.as_bytes());
        proof.iter_mut().zip(client_key.iter()).for_each(|(octet, key)| *octet ^= key);
        let server_key = hmac_of(salted_password, b"Server Key");
        Self {
            message: format!("{last},p={}", base64::encode(&*proof)),
            server_signature: *hmac_of(&*server_key, signed.as_bytes()),
        }
    }

    /// Checks `v=…`: only who knows what belongs to the password can have made it.
    pub(super) fn check(&self, last: &[u8]) -> Result<(), Problem> {
        let text = std::str::from_utf8(last).map_err(|_| malformed())?;
        if let Some(error) = text.strip_prefix("e=") {
            return Err(format!("the server refuses: {error}"));
        }
        let signature = text.split(',').next().and_then(|attribute| attribute.strip_prefix("v="));
        let signature = signature.and_then(base64::decode).ok_or_else(malformed)?;
        constant_time::verify_slices_are_equal(&signature, &self.server_signature).map_err(|_| {
            "the server does not know this account's password: it is not the one that it says it is".to_owned()
        })
    }
}

fn malformed() -> Problem {
    "the server's message is not one of SCRAM-SHA-256".to_owned()
}

fn hmac_of(key: &[u8], message: &[u8]) -> Zeroizing<[u8; KEY]> {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message);
    let mut octets = Zeroizing::new([0; KEY]);
    octets.copy_from_slice(tag.as_ref());
    octets
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// RFC 7677, section 3: user `user`, password `pencil`.
    pub(in crate::client) const NONCE: &str = "rOprNGfwEbeRWgbNEkqO";
    pub(in crate::client) const CHALLENGE: &str =
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    pub(in crate::client) const PROOF: &str =
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    pub(in crate::client) const SIGNATURE: &str = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    pub(in crate::client) fn secret(text: &str) -> Secret {
        Secret::new(Zeroizing::new(text.to_owned()))
    }

    fn first() -> First {
        First::new("user", NONCE.to_owned())
    }

    #[test]
    fn the_exchange_of_rfc_7677_is_played() {
        assert_eq!(first().message(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        let proof = first().prove(CHALLENGE.as_bytes(), &secret("pencil")).expect("a sound challenge");
        assert_eq!(proof.message, PROOF);
        assert_eq!(proof.check(SIGNATURE.as_bytes()), Ok(()));
    }

    #[test]
    fn a_server_that_does_not_know_the_password_is_found_out() {
        let proof = first().prove(CHALLENGE.as_bytes(), &secret("pencil")).expect("a sound challenge");
        let another = SIGNATURE.replace("6rr", "6rs");
        for last in [&*another, "v=", "v=AAAA", "", "e=other-error", "r=x", "\u{fffd}"] {
            assert!(proof.check(last.as_bytes()).is_err(), "{last:?}");
        }
        assert!(proof.check(b"e=invalid-proof").is_err_and(|problem| problem.contains("invalid-proof")));
    }

    #[test]
    fn a_challenge_that_is_not_for_us_or_no_challenge_is_refused() {
        for challenge in [
            CHALLENGE.replace("r=rOp", "r=rOq"),
            format!("r={NONCE},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"),
            CHALLENGE.replace("i=4096", "i=4095"),
            CHALLENGE.replace("i=4096", "i=4294967295"),
            CHALLENGE.replace("i=4096", "i=0"),
            CHALLENGE.replace("i=4096", "i=x"),
            CHALLENGE.replace("s=W22ZaJ0SNY7soEsUEjb6gQ==", "s="),
            CHALLENGE.replace("s=W22", "s=*22"),
            format!("m=x,{CHALLENGE}"),
            String::new(),
        ] {
            assert!(first().prove(challenge.as_bytes(), &secret("pencil")).is_err(), "{challenge}");
        }
    }

    #[test]
    fn commas_and_equals_signs_in_a_name_are_written_as_such() {
        assert_eq!(First::new("a,=b", "x".to_owned()).message(), "n,,n=a=2C=3Db,r=x");
    }

    proptest::proptest! {
        #[test]
        fn no_message_makes_it_stumble(challenge in "r=rOprNGfwEbeRWgbNEkqO[a-z,=si0-9]{0,20}", last in proptest::collection::vec(0u8.., 0..40)) {
            proptest::prop_assert!(first().prove(challenge.as_bytes(), &secret("pencil")).is_err());
            proptest::prop_assert!(first().prove(&last, &secret("pencil")).is_err());
        }
    }
}
