//! Signature algorithms, and whether a key verifies a signature.

use aws_lc_rs::signature::{self as lc, RsaParameters, VerificationAlgorithm};
use x509_parser::x509::AlgorithmIdentifier;

use super::oid::dotted;
use super::{KeyKind, PssParameters, PublicKey};

/// A signatureAlgorithm (RFC 5280 section 4.1.1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureAlgorithm {
    /// Dotted form.
    pub oid: String,
    /// The digest, where the algorithm names one: `SHA-256`, `MD5` …
    pub digest: &'static str,
    /// The family of keys that it goes with, as [`KeyKind::family`] has it.
    pub family: &'static str,
    /// What else RSASSA-PSS depends on, where it is that.
    pub pss: Option<PssParameters>,
}

/// What came of checking a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureCheck {
    /// The key verifies it.
    Good,
    /// It does not.
    Bad,
    /// The algorithm is not one that can be checked here, such as MD5 or Ed448, or the key cannot be used.
    Unsupported,
}

/// Object identifier, digest and key family of every algorithm known here (RFC 4055, 5758, 8410; NIST for SHA-3).
const ALGORITHMS: &[(&str, &str, &str)] = &[
    ("1.2.840.113549.1.1.2", "MD2", "RSA"),
    ("1.2.840.113549.1.1.4", "MD5", "RSA"),
    ("1.2.840.113549.1.1.5", "SHA-1", "RSA"),
    ("1.2.840.113549.1.1.11", "SHA-256", "RSA"),
    ("1.2.840.113549.1.1.12", "SHA-384", "RSA"),
    ("1.2.840.113549.1.1.13", "SHA-512", "RSA"),
    ("1.2.840.113549.1.1.14", "SHA-224", "RSA"),
    ("1.2.840.10045.4.1", "SHA-1", "EC"),
    ("1.2.840.10045.4.3.1", "SHA-224", "EC"),
    ("1.2.840.10045.4.3.2", "SHA-256", "EC"),
    ("1.2.840.10045.4.3.3", "SHA-384", "EC"),
    ("1.2.840.10045.4.3.4", "SHA-512", "EC"),
    ("1.3.101.112", "", "Ed25519"),
    ("1.3.101.113", "", "Ed448"),
    ("1.2.840.10040.4.3", "SHA-1", "DSA"),
    ("2.16.840.1.101.3.4.3.2", "SHA-256", "DSA"),
    ("2.16.840.1.101.3.4.3.9", "SHA3-224", "EC"),
    ("2.16.840.1.101.3.4.3.10", "SHA3-256", "EC"),
    ("2.16.840.1.101.3.4.3.11", "SHA3-384", "EC"),
    ("2.16.840.1.101.3.4.3.12", "SHA3-512", "EC"),
    ("2.16.840.1.101.3.4.3.13", "SHA3-224", "RSA"),
    ("2.16.840.1.101.3.4.3.14", "SHA3-256", "RSA"),
    ("2.16.840.1.101.3.4.3.15", "SHA3-384", "RSA"),
    ("2.16.840.1.101.3.4.3.16", "SHA3-512", "RSA"),
];
/// The curve of Bitcoin, which the library has besides those of TLS.
const SECP256K1: &str = "1.3.132.0.10";
const RSASSA_PSS: &str = "1.2.840.113549.1.1.10";

impl SignatureAlgorithm {
    pub(crate) fn read(algorithm: &AlgorithmIdentifier<'_>) -> SignatureAlgorithm {
        let oid = dotted(&algorithm.algorithm);
        if oid == RSASSA_PSS {
            let pss = PssParameters::read(algorithm.parameters.as_ref().map_or(&[][..], |any| any.data));
            return SignatureAlgorithm { oid, digest: pss.digest, family: "RSA", pss: Some(pss) };
        }
        let (digest, family) =
            ALGORITHMS.iter().find(|row| row.0 == oid).map_or(("", "other"), |&(_, digest, family)| (digest, family));
        SignatureAlgorithm { oid, digest, family, pss: None }
    }

    /// Whether `key` verifies `signature` over `message`.
    pub fn check(&self, key: &PublicKey, message: &[u8], signature: &[u8]) -> SignatureCheck {
        if self.family != key.kind.family() {
            return if self.family == "other" { SignatureCheck::Unsupported } else { SignatureCheck::Bad };
        }
        if let Some(pss) = self.pss.filter(|pss| !pss.is_of_tls()) {
            return match pss.verifies(&key.bits, message, signature) {
                None => SignatureCheck::Unsupported,
                Some(true) => SignatureCheck::Good,
                Some(false) => SignatureCheck::Bad,
            };
        }
        match self.verifier(&key.kind) {
            None => SignatureCheck::Unsupported,
            Some(verifier) if key.verifies(verifier, message, signature) => SignatureCheck::Good,
            // Nothing that such a key is said to have signed is known to be bad.
            Some(_) if key.fault().is_some() => SignatureCheck::Unsupported,
            Some(_) => SignatureCheck::Bad,
        }
    }

    fn verifier(&self, key: &KeyKind) -> Option<&'static dyn VerificationAlgorithm> {
        Some(match (key, self.digest) {
            (KeyKind::Rsa(bits), _) => return self.rsa_verifier(*bits).map(|verifier| verifier as _),
            (KeyKind::EcdsaP256, "SHA-256") => &lc::ECDSA_P256_SHA256_ASN1,
            (KeyKind::EcdsaP256, "SHA-384") => &lc::ECDSA_P256_SHA384_ASN1,
            (KeyKind::EcdsaP256, "SHA-512") => &lc::ECDSA_P256_SHA512_ASN1,
            (KeyKind::EcdsaP256, "SHA-1") => &lc::ECDSA_P256_SHA1_ASN1,
            (KeyKind::EcdsaP384, "SHA-256") => &lc::ECDSA_P384_SHA256_ASN1,
            (KeyKind::EcdsaP384, "SHA-384") => &lc::ECDSA_P384_SHA384_ASN1,
            (KeyKind::EcdsaP384, "SHA-512") => &lc::ECDSA_P384_SHA512_ASN1,
            (KeyKind::EcdsaP384, "SHA3-384") => &lc::ECDSA_P384_SHA3_384_ASN1,
            (KeyKind::EcdsaP521, "SHA-1") => &lc::ECDSA_P521_SHA1_ASN1,
            (KeyKind::EcdsaP521, "SHA-224") => &lc::ECDSA_P521_SHA224_ASN1,
            (KeyKind::EcdsaP521, "SHA-256") => &lc::ECDSA_P521_SHA256_ASN1,
            (KeyKind::EcdsaP521, "SHA-384") => &lc::ECDSA_P521_SHA384_ASN1,
            (KeyKind::EcdsaP521, "SHA-512") => &lc::ECDSA_P521_SHA512_ASN1,
            (KeyKind::EcdsaP521, "SHA3-512") => &lc::ECDSA_P521_SHA3_512_ASN1,
            (KeyKind::OtherCurve(curve), "SHA-256") if curve == SECP256K1 => &lc::ECDSA_P256K1_SHA256_ASN1,
            (KeyKind::Ed25519, _) => &lc::ED25519,
            _ => return None,
        })
    }

    /// Too short a key is told as such, so its signatures have to be checkable as far as the library goes; a key beyond its
    /// bounds proves nothing either way.
    fn rsa_verifier(&self, bits: usize) -> Option<&'static RsaParameters> {
        let verifier = match (self.pss.is_some(), self.digest) {
            (true, "SHA-256") => &lc::RSA_PSS_2048_8192_SHA256,
            (true, "SHA-384") => &lc::RSA_PSS_2048_8192_SHA384,
            (true, "SHA-512") => &lc::RSA_PSS_2048_8192_SHA512,
            (false, "SHA-1") => &lc::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
            (false, "SHA-256") => &lc::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
            (false, "SHA-384") => &lc::RSA_PKCS1_2048_8192_SHA384,
            (false, "SHA-512") => &lc::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
            _ => return None,
        };
        let range = verifier.min_modulus_len()..=verifier.max_modulus_len();
        u32::try_from(bits).is_ok_and(|bits| range.contains(&bits)).then_some(verifier)
    }
}

impl std::fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(pss) = &self.pss {
            return pss.fmt(f);
        }
        match (self.family, self.digest) {
            ("other", _) => write!(f, "algorithm {}", self.oid),
            ("EC", digest) => write!(f, "ECDSA with {digest}"),
            (family, "") => f.write_str(family),
            (family, digest) => write!(f, "{family} with {digest}"),
        }
    }
}
