//! RSASSA-PSS (RFC 8017 section 8.1) as certificates name it (RFC 4055 section 3.1).

use aws_lc_rs::signature::{
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters,
    RsaPssSaltLength::Custom, RsaPublicKeyComponents,
};

use super::der;

/// The parameters of RSASSA-PSS that a signature depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PssParameters {
    /// What the message is hashed with.
    pub digest: &'static str,
    /// What the mask (MGF1) is made with; the standards recommend the same digest.
    pub mask_digest: &'static str,
    /// The octets of salt; the standards recommend as many as the digest has.
    pub salt: u16,
}

/// id-sha224 to id-sha512 are of this arc, by their last octet (RFC 4055 section 2.1).
const SHA2_ARC: [u8; 8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02];
/// What is left out is SHA-1 and 20 octets (RFC 4055 section 3.1).
const DEFAULT_DIGEST: &str = "SHA-1";
const DEFAULT_SALT: u16 = 20;

impl PssParameters {
    /// From the content of RSASSA-PSS-params: `[0]` hash, `[1]` mask, `[2]` salt; what follows decides nothing.
    pub(super) fn read(mut fields: &[u8]) -> PssParameters {
        let mut read = PssParameters { digest: DEFAULT_DIGEST, mask_digest: DEFAULT_DIGEST, salt: DEFAULT_SALT };
        while let Some(field) = der::element(fields) {
            match field.tag {
                0xa0 => read.digest = digest(field.content),
                0xa1 => read.mask_digest = mask_digest(field.content),
                0xa2 => read.salt = integer(field.content),
                _ => {}
            }
            fields = field.rest;
        }
        read
    }

    /// Whether it is one of the three that TLS has a signature scheme for (RFC 8446 section 4.2.3): one digest of SHA-256,
    /// SHA-384 or SHA-512 throughout, and a salt of its length.
    pub fn is_of_tls(&self) -> bool {
        self.digest == self.mask_digest && digest_octets(self.digest) == Some(self.salt)
    }

    /// What the library checks it with; `None` where its mask has another digest, or the digest is none of the three.
    fn verifier(&self) -> Option<RsaParameters> {
        let usual = match self.digest {
            _ if self.digest != self.mask_digest => return None,
            "SHA-256" => RSA_PSS_2048_8192_SHA256,
            "SHA-384" => RSA_PSS_2048_8192_SHA384,
            "SHA-512" => RSA_PSS_2048_8192_SHA512,
            _ => return None,
        };
        Some(usual.with_pss_salt_length(Custom(self.salt)))
    }

    /// Whether the RSAPublicKey verifies the signature; `None` where that cannot be checked here.
    pub(super) fn verifies(&self, rsa_public_key: &[u8], message: &[u8], signature: &[u8]) -> Option<bool> {
        let verifier = self.verifier()?;
        let bits = u32::try_from(super::modulus_bits(rsa_public_key)).ok()?;
        if !(verifier.min_modulus_len()..=verifier.max_modulus_len()).contains(&bits) {
            return None;
        }
        let n = der::element(der::sequence(rsa_public_key)?)?;
        let e = der::element(n.rest)?;
        let key = RsaPublicKeyComponents { n: unsigned(n.content), e: unsigned(e.content) };
        Some(key.verify(&verifier, message, signature).is_ok())
    }
}

impl std::fmt::Display for PssParameters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RSA-PSS with {}", self.digest)?;
        if self.digest != self.mask_digest {
            write!(f, " and a mask by {}", self.mask_digest)?;
        }
        if digest_octets(self.digest).is_some_and(|octets| octets != self.salt) {
            write!(f, " and a salt of {} octets", self.salt)?;
        }
        Ok(())
    }
}

fn digest_octets(digest: &str) -> Option<u16> {
    match digest {
        "SHA-256" => Some(32),
        "SHA-384" => Some(48),
        "SHA-512" => Some(64),
        _ => None,
    }
}

/// An AlgorithmIdentifier of a digest.
fn digest(algorithm: &[u8]) -> &'static str {
    let oid = der::sequence(algorithm).and_then(der::element);
    match oid.and_then(|oid| oid.content.strip_prefix(&SHA2_ARC)) {
        Some([1]) => "SHA-256",
        Some([2]) => "SHA-384",
        Some([3]) => "SHA-512",
        Some(_) => "SHA-224",
        None => DEFAULT_DIGEST,
    }
}

/// The AlgorithmIdentifier of MGF1, whose parameter is that of a digest (RFC 4055 section 2.2).
fn mask_digest(algorithm: &[u8]) -> &'static str {
    let oid = der::sequence(algorithm).and_then(der::element);
    oid.map_or(DEFAULT_DIGEST, |oid| digest(oid.rest))
}

/// An INTEGER; one that is too long for a salt is longer than every key.
fn integer(field: &[u8]) -> u16 {
    let octets = der::element(field).map_or(&[][..], |integer| unsigned(integer.content));
    let value = octets.iter().try_fold(0u16, |value, octet| value.checked_mul(256)?.checked_add(u16::from(*octet)));
    value.unwrap_or(u16::MAX)
}

/// Without the leading zeros of an INTEGER.
fn unsigned(octets: &[u8]) -> &[u8] {
    &octets[octets.iter().take_while(|octet| **octet == 0).count()..]
}

#[cfg(test)]
mod tests {
    use super::PssParameters;

    /// RSASSA-PSS-params as `openssl x509` writes them with `rsa_padding_mode:pss` and RSA of 2048 bits.
    const LONGEST: &[u8] = &[
        0xa0, 0x0f, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0xa1,
        0x1c, 0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08, 0x30, 0x0d, 0x06, 0x09,
        0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0xa2, 0x04, 0x02, 0x02, 0x00, 0xde,
    ];

    #[test]
    fn digest_mask_and_salt_are_read_each_by_itself() {
        let read = PssParameters::read(LONGEST);
        assert_eq!(read, PssParameters { digest: "SHA-256", mask_digest: "SHA-256", salt: 222 });
        assert!(!read.is_of_tls() && PssParameters { salt: 32, ..read }.is_of_tls());
        assert_eq!(read.to_string(), "RSA-PSS with SHA-256 and a salt of 222 octets");
        // Without its mask, it is that of SHA-1; without anything, all is of SHA-1.
        let without_mask = PssParameters::read(&[&LONGEST[..17], &LONGEST[47..]].concat());
        assert_eq!(without_mask, PssParameters { mask_digest: "SHA-1", ..read });
        assert_eq!(PssParameters::read(&[]), PssParameters { digest: "SHA-1", mask_digest: "SHA-1", salt: 20 });
    }

    #[test]
    fn what_is_cut_off_or_no_number_ends_in_parameters_that_fit_nothing() {
        for cut in 0..LONGEST.len() {
            PssParameters::read(&LONGEST[..cut]);
        }
        let huge = PssParameters::read(&[0xa2, 0x05, 0x02, 0x03, 0x01, 0x00, 0x00]);
        assert_eq!(huge.salt, u16::MAX);
        assert_eq!(huge.verifies(&[0x30, 0x00], b"", b""), None);
    }
}
