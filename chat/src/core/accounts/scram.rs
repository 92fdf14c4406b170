//! SCRAM-SHA-256 as the server plays it (RFC 5802, RFC 7677): what is kept of a password, and a login without telling it.
//!
//! Chance comes from outside: the server's part of the nonce is an argument.

use std::fmt;

use aws_lc_rs::{constant_time, digest, hmac};
use zeroize::Zeroizing;

use crate::core::keep::Derived;
use crate::wire::base64;

/// Octets of a key: those of SHA-256.
const KEY: usize = 32;

/// What is kept of a password. It lets a server check one, and lets nobody log in (RFC 5802, section 3).
#[derive(Clone, PartialEq, Eq)]
pub struct Verifier {
    /// The salt.
    pub salt: Vec<u8>,
    /// How many rounds of PBKDF2 made it.
    pub iterations: u32,
    stored_key: [u8; KEY],
    server_key: [u8; KEY],
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Verifier({} iterations)", self.iterations)
    }
}

impl Verifier {
    /// From a salted password.
    pub fn of(derived: &Derived) -> Verifier {
        let client_key = hmac_of(&derived.salted_password, b"Client Key");
        Verifier {
            salt: derived.salt.clone(),
            iterations: derived.iterations,
            stored_key: sha256(&*client_key),
            server_key: *hmac_of(&derived.salted_password, b"Server Key"),
        }
    }

    /// One that no password fits, which looks like the others: nobody learns from a challenge which accounts there are.
    pub(in crate::core) fn decoy(secret: &[u8], account: &str, iterations: u32) -> Verifier {
        let salt = hmac_of(secret, account.as_bytes())[..16].to_vec();
        Verifier { salt, iterations, stored_key: [0; KEY], server_key: [0; KEY] }
    }

    /// Whether a salted password is that of which this was made.
    pub(in crate::core) fn fits(&self, derived: &Derived) -> bool {
        let stored_key = sha256(&*hmac_of(&derived.salted_password, b"Client Key"));
        constant_time::verify_slices_are_equal(&stored_key, &self.stored_key).is_ok()
    }

    /// As it is kept: four words.
    pub(super) fn words(&self) -> [(&'static str, String); 4] {
        [
            ("iterations", self.iterations.to_string()),
            ("salt", base64::encode(&self.salt)),
            ("stored-key", base64::encode(&self.stored_key)),
            ("server-key", base64::encode(&self.server_key)),
        ]
    }

    /// From those words.
    pub(super) fn from_words<'a>(word: impl Fn(&str) -> Option<&'a str>) -> Option<Verifier> {
        let octets = |name| base64::decode(word(name)?);
        Some(Verifier {
            salt: octets("salt")?,
            iterations: word("iterations")?.parse().ok().filter(|iterations| *iterations > 0)?,
            stored_key: octets("stored-key")?.try_into().ok()?,
            server_key: octets("server-key")?.try_into().ok()?,
        })
    }
}

/// Why a login ended without success.
pub(in crate::core) type Problem = &'static str;

const MALFORMED: Problem = "the message is not one of SCRAM";

/// What a client says first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::core) struct ClientFirst {
    gs2_header: String,
    bare: String,
    nonce: String,
    /// Who it wants to be, if it says so.
    pub(in crate::core) authzid: Option<String>,
    /// Whose password it has.
    pub(in crate::core) username: String,
}

impl ClientFirst {
    /// Reads `n,,n=user,r=nonce`.
    pub(in crate::core) fn parse(message: &[u8]) -> Result<ClientFirst, Problem> {
        let text = std::str::from_utf8(message).map_err(|_| MALFORMED)?;
        let mut parts = text.splitn(3, ',');
        let (binding, authzid, bare) = (parts.next(), parts.next(), parts.next().ok_or(MALFORMED)?);
        match binding {
            Some("n" | "y") => {}
            Some(binding) if binding.starts_with("p=") => return Err("channel binding is not offered here"),
            _ => return Err(MALFORMED),
        }
        let authzid = match authzid {
            Some("") => None,
            Some(authzid) => Some(name(authzid.strip_prefix("a=").ok_or(MALFORMED)?)?),
            None => return Err(MALFORMED),
        };
        let mut attributes = bare.split(',');
        // A mandatory extension, m=, would come first, and none is known here.
        let username = attributes.next().and_then(|it| it.strip_prefix("n=")).ok_or(MALFORMED)?;
        let nonce = attributes.next().and_then(|it| it.strip_prefix("r=")).ok_or(MALFORMED)?;
        if nonce.is_empty() || !nonce.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(MALFORMED);
        }
        Ok(ClientFirst {
            gs2_header: text[..text.len() - bare.len()].to_owned(),
            bare: bare.to_owned(),
            nonce: nonce.to_owned(),
            authzid,
            username: name(username)?,
        })
    }

    /// The server's answer to it.
    pub(in crate::core) fn challenge(self, verifier: Verifier, server_nonce: &str) -> Challenge {
        let nonce = format!("{}{server_nonce}", self.nonce);
        let server_first = format!("r={nonce},s={},i={}", base64::encode(&verifier.salt), verifier.iterations);
        Challenge { first: self, nonce, server_first, verifier }
    }
}

/// `=2C` is a comma and `=3D` an equals sign; no other `=` may be in a name (RFC 5802, section 5.1).
fn name(written: &str) -> Result<String, Problem> {
    let plain = written.replace("=2C", ",").replace("=3D", "\u{0}");
    if plain.is_empty() || plain.contains('=') { Err(MALFORMED) } else { Ok(plain.replace('\u{0}', "=")) }
}

/// A challenge that waits for the client's proof.
#[derive(Debug)]
pub(in crate::core) struct Challenge {
    first: ClientFirst,
    nonce: String,
    /// What is sent.
    pub(in crate::core) server_first: String,
    verifier: Verifier,
}

impl Challenge {
    /// Checks `c=…,r=…,p=…`; gives the server's own proof, `v=…`, if it holds.
    pub(in crate::core) fn finish(&self, message: &[u8]) -> Result<String, Problem> {
        let text = std::str::from_utf8(message).map_err(|_| MALFORMED)?;
        let (without_proof, proof) = text.rsplit_once(",p=").ok_or(MALFORMED)?;
        let mut attributes = without_proof.split(',');
        let binding = attributes.next().and_then(|it| it.strip_prefix("c=")).ok_or(MALFORMED)?;
        let nonce = attributes.next().and_then(|it| it.strip_prefix("r=")).ok_or(MALFORMED)?;
        if base64::decode(binding).as_deref() != Some(self.first.gs2_header.as_bytes()) || nonce != self.nonce {
            return Err("the message belongs to another login");
        }
        let proof: [u8; KEY] = base64::decode(proof).and_then(|proof| proof.try_into().ok()).ok_or(MALFORMED)?;
        let signed = format!("{},{},{without_proof}", self.first.bare, self.server_first);
        self.check(&proof, signed.as_bytes())
    }

    fn check(&self, proof: &[u8; KEY], signed: &[u8]) -> Result<String, Problem> {
        let signature = hmac_of(&self.verifier.stored_key, signed);
        let mut client_key = Zeroizing::new(*proof);
        client_key.iter_mut().zip(signature.iter()).for_each(|(octet, mask)| *octet ^= mask);
        let stored_key = sha256(&*client_key);
        constant_time::verify_slices_are_equal(&stored_key, &self.verifier.stored_key)
            .map_err(|_| super::WRONG_PASSWORD)?;
        Ok(format!("v={}", base64::encode(&*hmac_of(&self.verifier.server_key, signed))))
    }
}

fn hmac_of(key: &[u8], message: &[u8]) -> Zeroizing<[u8; KEY]> {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message);
    let mut octets = Zeroizing::new([0; KEY]);
    octets.copy_from_slice(tag.as_ref());
    octets
}

fn sha256(message: &[u8]) -> [u8; KEY] {
    let mut octets = [0; KEY];
    octets.copy_from_slice(digest::digest(&digest::SHA256, message).as_ref());
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7677, section 3: user `user`, password `pencil`.
    const CLIENT_FIRST: &str = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
    const SERVER_NONCE: &str = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    const SERVER_FIRST: &str = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    const CLIENT_FINAL: &str =
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    const SERVER_FINAL: &str = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    fn verifier() -> Verifier {
        let salted = base64::decode("xKSVEDI6tPlSysH6mUQZOeeOp01r6B3fcJbodRPcYV0=").unwrap();
        let salt = base64::decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        Verifier::of(&Derived { salt, iterations: 4096, salted_password: Zeroizing::new(salted) })
    }

    #[test]
    fn the_exchange_of_rfc_7677_is_played() {
        let first = ClientFirst::parse(CLIENT_FIRST.as_bytes()).unwrap();
        assert_eq!((&*first.username, &first.authzid), ("user", &None));
        let challenge = first.challenge(verifier(), SERVER_NONCE);
        assert_eq!(challenge.server_first, SERVER_FIRST);
        assert_eq!(challenge.finish(CLIENT_FINAL.as_bytes()).as_deref(), Ok(SERVER_FINAL));
    }

    #[test]
    fn a_proof_of_another_password_nonce_or_binding_is_refused() {
        let challenge = || ClientFirst::parse(CLIENT_FIRST.as_bytes()).unwrap().challenge(verifier(), SERVER_NONCE);
        for (what, final_message) in [
            ("proof", CLIENT_FINAL.replace("p=dH", "p=dI")),
            ("nonce", CLIENT_FINAL.replace("$k0", "$k1")),
            ("binding", CLIENT_FINAL.replace("c=biws", "c=eSws")),
            ("no proof", CLIENT_FINAL.replace(",p=", ",q=")),
        ] {
            assert!(challenge().finish(final_message.as_bytes()).is_err(), "{what}");
        }
        let decoy = Verifier::decoy(b"secret", "user", 4096);
        let challenge = ClientFirst::parse(CLIENT_FIRST.as_bytes()).unwrap().challenge(decoy, SERVER_NONCE);
        assert!(challenge.finish(CLIENT_FINAL.as_bytes()).is_err());
    }

    #[test]
    fn first_messages_are_read_to_the_letter() {
        let parsed = |text: &str| ClientFirst::parse(text.as_bytes()).map(|first| (first.username, first.authzid));
        assert_eq!(parsed("y,a=al,n=a=2Cl=3D,r=x"), Ok(("a,l=".to_owned(), Some("al".to_owned()))));
        for bad in
            ["", "n", "n,,", "n,,n=al", "n,,n=,r=x", "n,,n=a=l,r=x", "n,,r=x,n=al", "n,,m=1,n=al,r=x", "x,,n=al,r=x"]
        {
            assert_eq!(parsed(bad), Err(MALFORMED), "{bad}");
        }
        assert!(parsed("p=tls-exporter,,n=al,r=x").is_err());
    }

    #[test]
    fn no_key_is_shown() {
        assert_eq!(format!("{:?}", verifier()), "Verifier(4096 iterations)");
    }

    proptest::proptest! {
        #[test]
        fn no_message_makes_it_stumble(first in "[ny],(a=[a-z=,]{0,4})?,[nrm=,a-c2CD3]{0,20}", last in proptest::collection::vec(0u8.., 0..80)) {
            if let Ok(first) = ClientFirst::parse(first.as_bytes()) {
                let challenge = first.challenge(verifier(), SERVER_NONCE);
                proptest::prop_assert!(challenge.finish(&last).is_err());
            }
            proptest::prop_assert!(ClientFirst::parse(&last).is_err() || !last.is_empty());
        }
    }
}
