//! A CA's certificate with a throwaway key in place of its own: all else is as it is, also what is not known here. So what it
//! would issue can be looked at before its key has signed anything.

use rcgen::{KeyPair, PublicKeyData as _, SigningKey as _};

use crate::facts::der::{element, sequence, wrapped};

/// AlgorithmIdentifier of ecdsa-with-SHA256 (RFC 5758, 3.2), which throwaway keys sign with.
const ECDSA_WITH_SHA256: [u8; 12] = [0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 0x03;
/// The tag of a version that is written (RFC 5280, 4.1: [0] EXPLICIT).
const VERSION: u8 = 0xa0;
/// Places in tbsCertificate, behind the version: serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo.
const SIGNATURE: usize = 1;
const PUBLIC_KEY: usize = 5;

/// The certificate `der` with the key `own`, signed by `issuer`; none where it is no certificate.
pub(super) fn of(der: &[u8], own: &KeyPair, issuer: &KeyPair) -> Option<Vec<u8>> {
    let mut rest = sequence(sequence(der)?)?;
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let part = element(rest)?;
        parts.push(part.whole);
        rest = part.rest;
    }
    let behind = usize::from(parts.first()?.first() == Some(&VERSION));
    let key = own.subject_public_key_info();
    *parts.get_mut(behind + SIGNATURE)? = &ECDSA_WITH_SHA256;
    *parts.get_mut(behind + PUBLIC_KEY)? = &key;
    let tbs = wrapped(SEQUENCE, &parts);
    let signature = issuer.sign(&tbs).ok()?;
    // No unused bits.
    let signature = wrapped(BIT_STRING, &[&[0], signature.as_slice()]);
    Some(wrapped(SEQUENCE, &[&tbs, &ECDSA_WITH_SHA256, &signature]))
}
