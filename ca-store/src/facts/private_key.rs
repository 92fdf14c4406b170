//! Private keys, as far as a question about a certificate needs them: which public key do they belong to?

use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::PrivateKeyDer;
use zeroize::Zeroizing;

use super::{KeyKind, PublicKey, der, public_key::modulus_bits};

/// What is known of a private key. The key itself is read, asked for its public half, and wiped.
#[derive(Debug, Clone)]
pub struct PrivateKey {
    /// Its public half, where the kind is one that can be worked with here.
    pub public_key: Option<PublicKey>,
    /// What kind of key it is.
    pub kind: KeyKind,
}

/// Why a private key could not be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PrivateKeyError {
    /// It needs a passphrase.
    #[error("the private key is encrypted")]
    Encrypted,
    /// It is not a private key.
    #[error("not the DER of a private key (PKCS#8, RFC 5958; SEC1, RFC 5915; PKCS#1, RFC 8017)")]
    Malformed,
}

impl PrivateKey {
    /// The PEM label that the form of the DER asks for: `PRIVATE KEY` (PKCS#8), `EC PRIVATE KEY` (SEC1) or
    /// `RSA PRIVATE KEY` (PKCS#1).
    pub fn form(der: &[u8]) -> Option<&'static str> {
        let version = der::element(der::sequence(der)?).filter(|e| e.tag == 0x02)?;
        match der::element(version.rest)?.tag {
            0x30 => Some("PRIVATE KEY"),
            0x04 => Some("EC PRIVATE KEY"),
            0x02 => Some("RSA PRIVATE KEY"),
            _ => None,
        }
    }

    /// Reads a private key in PKCS#8, SEC1 or PKCS#1 form; the form is told from the bytes.
    ///
    /// # Errors
    /// [`PrivateKeyError::Encrypted`] for an EncryptedPrivateKeyInfo, [`PrivateKeyError::Malformed`] for anything else.
    pub fn from_der(der: &[u8]) -> Result<PrivateKey, PrivateKeyError> {
        if is_encrypted(der) {
            return Err(PrivateKeyError::Encrypted);
        }
        if let Some(public_key) = public_half(der) {
            return Ok(PrivateKey { kind: public_key.kind.clone(), public_key: Some(public_key) });
        }
        rsa_public_half(der)
            .map(|public_key| PrivateKey { kind: public_key.kind.clone(), public_key: Some(public_key) })
            .or_else(|| foreign(der))
            .ok_or(PrivateKeyError::Malformed)
    }
}

fn public_half(der: &[u8]) -> Option<PublicKey> {
    let copy = Zeroizing::new(der.to_vec());
    let key = PrivateKeyDer::try_from(copy.as_slice()).ok()?;
    let signer = any_supported_type(&key).ok()?;
    PublicKey::from_spki(signer.public_key()?.as_ref())
}

/// EncryptedPrivateKeyInfo (RFC 5958 section 3): a SEQUENCE of an AlgorithmIdentifier and an OCTET STRING.
fn is_encrypted(bytes: &[u8]) -> bool {
    let Some(first) = der::sequence(bytes).and_then(der::element) else { return false };
    first.tag == 0x30 && der::element(first.rest).is_some_and(|second| second.tag == 0x04 && second.rest.is_empty())
}

/// The public half of an RSA key that the cryptographic library will not take, because it is too short: modulus and
/// exponent stand in the private key (RFC 8017 appendix A.1.2).
fn rsa_public_half(bytes: &[u8]) -> Option<PublicKey> {
    let outer = der::sequence(bytes)?;
    let version = der::element(outer)?;
    let second = der::element(version.rest)?;
    let pkcs1 = match second.tag {
        0x02 => outer,
        0x30 => der::sequence(der::element(second.rest).filter(|key| key.tag == 0x04)?.content)?,
        _ => return None,
    };
    let version = der::element(pkcs1)?;
    let modulus = der::element(version.rest).filter(|e| e.tag == 0x02)?;
    let exponent = der::element(modulus.rest).filter(|e| e.tag == 0x02)?;
    let body = [modulus.whole, exponent.whole].concat();
    let bits = [&[0x30][..], &length(body.len()), &body].concat();
    Some(PublicKey::new(KeyKind::Rsa(modulus_bits(&bits)), Vec::new(), bits))
}

/// A key of a kind that the cryptographic library does not work with, such as one on another curve, DSA or Ed448: its
/// kind is told by its algorithm, and its public half is known where it stands beside the private one.
fn foreign(bytes: &[u8]) -> Option<PrivateKey> {
    let outer = der::sequence(bytes)?;
    let second = der::element(der::element(outer).filter(|version| version.tag == 0x02)?.rest)?;
    let (algorithm, public) = match second.tag {
        // PrivateKeyInfo (RFC 5958 section 2): the algorithm, then the key, which for a curve is an ECPrivateKey.
        0x30 => {
            let inner = der::element(second.rest).filter(|key| key.tag == 0x04)?;
            (second.whole.to_vec(), der::sequence(inner.content).and_then(embedded_point))
        }
        // ECPrivateKey (RFC 5915 section 3): the curve stands in it.
        0x04 => (wrapped(0x30, &[ID_EC_PUBLIC_KEY, tagged(second.rest, 0xa0)?].concat()), embedded_point(outer)),
        _ => return None,
    };
    let known = public.is_some();
    let bits = public.unwrap_or(&[0]);
    let spki = wrapped(0x30, &[algorithm, wrapped(0x03, bits)].concat());
    let key = PublicKey::from_spki(&spki)?;
    Some(PrivateKey { kind: key.kind.clone(), public_key: known.then_some(key) })
}

/// id-ecPublicKey (RFC 5480 section 2.1.1).
const ID_EC_PUBLIC_KEY: &[u8] = &[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];

/// The content of the BIT STRING publicKey of an ECPrivateKey.
fn embedded_point(ec_private_key: &[u8]) -> Option<&[u8]> {
    let version = der::element(ec_private_key).filter(|version| version.tag == 0x02)?;
    let key = der::element(version.rest).filter(|key| key.tag == 0x04)?;
    der::element(tagged(key.rest, 0xa1)?).filter(|bits| bits.tag == 0x03).map(|bits| bits.content)
}

/// The content of the first element of that tag.
fn tagged(mut octets: &[u8], tag: u8) -> Option<&[u8]> {
    loop {
        let element = der::element(octets)?;
        if element.tag == tag {
            return Some(element.content);
        }
        octets = element.rest;
    }
}

fn wrapped(tag: u8, content: &[u8]) -> Vec<u8> {
    [&[tag][..], &length(content.len()), content].concat()
}

/// A DER length of up to 65,535.
fn length(length: usize) -> Vec<u8> {
    match length.to_be_bytes() {
        [.., 0, low] if low < 0x80 => vec![low],
        [.., 0, low] => vec![0x81, low],
        [.., high, low] => vec![0x82, high, low],
    }
}
