//! Public keys: what kind, how long, and the bits that signatures are checked with.

use std::sync::{Arc, OnceLock};

use aws_lc_rs::signature::{self as lc, ParsedPublicKey, VerificationAlgorithm};
use x509_parser::asn1_rs::Tag;
use x509_parser::public_key::PublicKey as Parsed;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::oid::dotted;
use super::oid_name;
use super::{der, hex, sha256};

/// A subjectPublicKeyInfo (RFC 5280 section 4.1.2.7).
#[derive(Debug, Clone)]
pub struct PublicKey {
    /// What kind of key it is.
    pub kind: KeyKind,
    /// The whole subjectPublicKeyInfo.
    pub spki: Vec<u8>,
    /// The subjectPublicKey alone: a point, an RSAPublicKey, or raw octets.
    pub bits: Vec<u8>,
    /// The key as the cryptographic library has it, made when it first verifies something.
    prepared: Arc<OnceLock<Option<ParsedPublicKey>>>,
}

/// 1.2.840.113549.1.1.10, as DER has it.
const ID_RSASSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];

/// The octets of an Ed25519 key (RFC 8032 section 5.1.5).
const ED25519_LEN: usize = 32;

/// Kinds of keys, as far as TLS clients tell them apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA with a modulus of so many bits.
    Rsa(usize),
    /// An ECDSA key on NIST P-256.
    EcdsaP256,
    /// An ECDSA key on NIST P-384.
    EcdsaP384,
    /// An ECDSA key on NIST P-521.
    EcdsaP521,
    /// An elliptic curve of another name, in dotted form.
    OtherCurve(String),
    /// A curve written out instead of named (forbidden by RFC 5480 section 2.1.1).
    ExplicitCurve,
    /// Ed25519 (RFC 8410).
    Ed25519,
    /// Ed448 (RFC 8410).
    Ed448,
    /// DSA with a prime of so many bits.
    Dsa(usize),
    /// Anything else, in dotted form.
    Other(String),
}

impl KeyKind {
    /// The family that a signature algorithm goes with.
    pub fn family(&self) -> &'static str {
        match self {
            KeyKind::Rsa(_) => "RSA",
            KeyKind::EcdsaP256
            | KeyKind::EcdsaP384
            | KeyKind::EcdsaP521
            | KeyKind::OtherCurve(_)
            | KeyKind::ExplicitCurve => "EC",
            KeyKind::Ed25519 => "Ed25519",
            KeyKind::Ed448 => "Ed448",
            KeyKind::Dsa(_) => "DSA",
            KeyKind::Other(_) => "other",
        }
    }
}

impl std::fmt::Display for KeyKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            KeyKind::Rsa(bits) => write!(f, "RSA {bits}"),
            KeyKind::EcdsaP256 => f.write_str("ECDSA P-256"),
            KeyKind::EcdsaP384 => f.write_str("ECDSA P-384"),
            KeyKind::EcdsaP521 => f.write_str("ECDSA P-521"),
            KeyKind::OtherCurve(oid) => write!(f, "EC on curve {}", oid_name(oid)),
            KeyKind::ExplicitCurve => f.write_str("EC with explicit parameters"),
            KeyKind::Ed25519 => f.write_str("Ed25519"),
            KeyKind::Ed448 => f.write_str("Ed448"),
            KeyKind::Dsa(bits) => write!(f, "DSA {bits}"),
            KeyKind::Other(oid) => write!(f, "key of algorithm {oid}"),
        }
    }
}

/// Whether the short form of a point is that of the long one: its first coordinate, and whether the second is odd.
fn is_point_of(short: &[u8], long: &[u8]) -> bool {
    let ([sign @ (2 | 3), x @ ..], [4, xy @ ..]) = (short, long) else { return false };
    xy.len() == 2 * x.len() && xy.starts_with(x) && xy.last().is_some_and(|last| last & 1 == sign & 1)
}

impl PublicKey {
    pub(crate) fn read(info: &SubjectPublicKeyInfo<'_>) -> PublicKey {
        PublicKey::new(kind(info), info.raw.to_vec(), info.subject_public_key.data.to_vec())
    }

    pub(super) fn new(kind: KeyKind, spki: Vec<u8>, bits: Vec<u8>) -> PublicKey {
        PublicKey { kind, spki, bits, prepared: Arc::default() }
    }

    /// Whether it verifies the signature by that algorithm. A key that verifies many is read once.
    pub(super) fn verifies(
        &self,
        algorithm: &'static dyn VerificationAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        let prepared = self.prepared.get_or_init(|| ParsedPublicKey::new(algorithm, &self.bits).ok());
        let by_it = prepared.as_ref().filter(|key| std::ptr::addr_eq(key.algorithm(), algorithm));
        match by_it {
            Some(key) => key.verify_sig(message, signature).is_ok(),
            None => algorithm.verify_sig(&self.bits, message, signature).is_ok(),
        }
    }

    /// Why no program can use it, where that can be told: what it should be, and is not.
    pub fn fault(&self) -> Option<&'static str> {
        let on = |algorithm: &'static dyn VerificationAlgorithm| {
            self.prepared.get_or_init(|| ParsedPublicKey::new(algorithm, &self.bits).ok()).is_some()
        };
        let (is_sound, expected) = match &self.kind {
            KeyKind::EcdsaP256 => (on(&lc::ECDSA_P256_SHA256_ASN1), "expected a point on the curve P-256"),
            KeyKind::EcdsaP384 => (on(&lc::ECDSA_P384_SHA384_ASN1), "expected a point on the curve P-384"),
            KeyKind::EcdsaP521 => (on(&lc::ECDSA_P521_SHA512_ASN1), "expected a point on the curve P-521"),
            KeyKind::Ed25519 => (self.bits.len() == ED25519_LEN, "expected 32 octets"),
            KeyKind::Rsa(_) => (rsa_numbers(&self.bits).is_some(), "expected a modulus and an exponent above zero"),
            _ => return None,
        };
        (!is_sound).then_some(expected)
    }

    /// The public exponent of an RSA key, big end first.
    pub(crate) fn rsa_exponent(&self) -> Option<&[u8]> {
        matches!(self.kind, KeyKind::Rsa(_)).then(|| rsa_numbers(&self.bits))?.map(|[_, exponent]| exponent)
    }

    /// A subjectPublicKeyInfo that stands alone.
    pub fn from_spki(spki: &[u8]) -> Option<PublicKey> {
        use x509_parser::prelude::FromDer as _;
        SubjectPublicKeyInfo::from_der(spki).ok().map(|(_, info)| PublicKey::read(&info))
    }

    /// SHA-256 of the subjectPublicKeyInfo, in hexadecimal: what tells two keys apart.
    pub fn sha256_hex(&self) -> String {
        hex(&sha256(&self.spki))
    }

    /// Whether the two are one key. Only the family and the bits count: parameters may be absent or NULL for RSA, and a
    /// curve may be named here and written out there.
    pub fn same_as(&self, other: &PublicKey) -> bool {
        let same_bits =
            || self.bits == other.bits || is_point_of(&self.bits, &other.bits) || is_point_of(&other.bits, &self.bits);
        self.kind.family() == other.kind.family() && same_bits()
    }

    /// Whether it is a point of a curve without its second coordinate (SEC 1 section 2.3.3).
    pub fn is_compressed(&self) -> bool {
        self.kind.family() == "EC" && matches!(self.bits.first(), Some(2 | 3))
    }

    /// The content of its AlgorithmIdentifier, by which an algorithm knows the keys that it can use.
    pub(crate) fn algorithm_identifier(&self) -> Option<&[u8]> {
        der::sequence(&self.spki).and_then(der::element).map(|identifier| identifier.content)
    }

    /// Whether it is an RSA key that says it is for RSASSA-PSS alone (RFC 4055 section 1.2).
    pub fn is_pss_only(&self) -> bool {
        let algorithm = der::sequence(&self.spki).and_then(der::sequence).and_then(der::element);
        algorithm.is_some_and(|oid| oid.content == ID_RSASSA_PSS)
    }
}

fn kind(info: &SubjectPublicKeyInfo<'_>) -> KeyKind {
    match dotted(&info.algorithm.algorithm).as_str() {
        "1.2.840.113549.1.1.1" | "1.2.840.113549.1.1.10" => KeyKind::Rsa(modulus_bits(&info.subject_public_key.data)),
        "1.2.840.10045.2.1" => curve(info),
        "1.3.101.112" => KeyKind::Ed25519,
        "1.3.101.113" => KeyKind::Ed448,
        "1.2.840.10040.4.1" => KeyKind::Dsa(match info.parsed() {
            Ok(Parsed::DSA(_)) => dsa_bits(info),
            _ => 0,
        }),
        other => KeyKind::Other(other.to_owned()),
    }
}

/// The bits of the modulus of an RSAPublicKey (RFC 8017 appendix A.1.1).
pub(crate) fn modulus_bits(rsa_public_key: &[u8]) -> usize {
    der::sequence(rsa_public_key).and_then(der::element).map_or(0, |modulus| integer_bits(modulus.content))
}

/// Modulus and exponent of an RSAPublicKey, both above zero.
fn rsa_numbers(rsa_public_key: &[u8]) -> Option<[&[u8]; 2]> {
    let modulus = der::sequence(rsa_public_key).and_then(der::element)?;
    let numbers = [modulus.content, der::element(modulus.rest)?.content];
    numbers.iter().all(|octets| octets[..1] < [0x80][..] && integer_bits(octets) > 0).then_some(numbers)
}

fn dsa_bits(info: &SubjectPublicKeyInfo<'_>) -> usize {
    let parameters = info.algorithm.parameters.as_ref().map_or(&[][..], |any| any.data);
    der::element(parameters).map_or(0, |prime| integer_bits(prime.content))
}

fn integer_bits(octets: &[u8]) -> usize {
    let significant: &[u8] = &octets[octets.iter().take_while(|octet| **octet == 0).count()..];
    significant.first().map_or(0, |first| significant.len() * 8 - first.leading_zeros() as usize)
}

/// ECParameters (RFC 5480 section 2.1.1): a named curve, or the curve itself.
fn curve(info: &SubjectPublicKeyInfo<'_>) -> KeyKind {
    let Some(parameters) = &info.algorithm.parameters else { return KeyKind::OtherCurve("(none)".to_owned()) };
    let Some(named) = parameters.as_oid().ok().filter(|_| parameters.tag() == Tag::Oid) else {
        return KeyKind::ExplicitCurve;
    };
    match dotted(&named).as_str() {
        "1.2.840.10045.3.1.7" => KeyKind::EcdsaP256,
        "1.3.132.0.34" => KeyKind::EcdsaP384,
        "1.3.132.0.35" => KeyKind::EcdsaP521,
        other => KeyKind::OtherCurve(other.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyKind, PublicKey};

    #[test]
    fn a_key_that_is_no_point_or_no_numbers_is_none() {
        let fault = |kind: KeyKind, bits: &[u8]| PublicKey::new(kind, Vec::new(), bits.to_vec()).fault();
        let point = rcgen::PublicKeyData::der_bytes(&rcgen::KeyPair::generate().unwrap()).to_vec();
        assert_eq!(fault(KeyKind::EcdsaP256, &point), None);
        let [mut off, mut padded] = [point.clone(), point.clone()];
        off[64] ^= 1;
        padded.push(0);
        for bits in [&off[..], &padded, &point[..64], &[0], &[]] {
            assert_eq!(fault(KeyKind::EcdsaP256, bits), Some("expected a point on the curve P-256"));
        }
        assert!(fault(KeyKind::EcdsaP384, &point).is_some());
        let rsa = |numbers: &[u8]| fault(KeyKind::Rsa(8), &[&[0x30, 6], numbers].concat());
        assert_eq!(rsa(&[2, 1, 0x7f, 2, 1, 3]), None);
        assert!(rsa(&[2, 1, 0x80, 2, 1, 3]).is_some() && rsa(&[2, 1, 0x7f, 2, 1, 0]).is_some());
        assert!(fault(KeyKind::Ed25519, &[7; 31]).is_some() && fault(KeyKind::Ed25519, &[7; 32]).is_none());
    }

    #[test]
    fn a_point_is_the_same_in_its_short_and_its_long_form() {
        let of = |bits: &[u8]| PublicKey::new(KeyKind::EcdsaP256, Vec::new(), bits.to_vec());
        let long = of(&[4, 7, 8, 9, 11]);
        for (short, same) in [([3, 7, 8], true), ([2, 7, 8], false), ([3, 7, 9], false)] {
            assert_eq!((long.same_as(&of(&short)), of(&short).same_as(&long)), (same, same), "{short:?}");
            assert!(of(&short).is_compressed() && !long.is_compressed());
        }
        assert!(!long.same_as(&of(&[3, 7, 8, 9])) && !long.same_as(&of(&[])));
    }
}
