//! PKCS#12 (RFC 7292), which Windows, macOS, browsers and Java write.

use p12_keystore::{Pkcs12Archive, error::Error};
use zeroize::Zeroizing;

use super::{MAX_ROUNDS, MAX_STORE_BYTES, Opened, certificate, in_order, passphrases, private_key, refused};
use crate::facts::{Block, Fault, Lock, element, escape, sequence};
use crate::key::Passphrase;

/// Password-based encryption that is given up (RFC 7292 appendix C; RFC 8018 section A.3), by the octets of its
/// identifier, and whether OpenSSL 3 opens it without its legacy provider, where RC2, RC4 and single DES live.
const LEGACY: &[(&[u8], &str, bool)] = &[
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x06", "40-bit RC2", false),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x05", "128-bit RC2", false),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x02", "40-bit RC4", false),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x01", "128-bit RC4", false),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0a", "DES", false),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x03", "DES", false),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x03", "3DES", true),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x04", "3DES", true),
];
/// How deep the structure is followed when its rounds are counted; what is in use has about twelve levels.
const MAX_DEPTH: usize = 32;

/// Takes keys and certificates out.
pub(super) fn open(container: &Block, passphrase: Option<&Passphrase>) -> Opened {
    let legacy = legacy(&container.der);
    let archive = match archive(&container.der, passphrase) {
        Ok(archive) => archive,
        Err(lock) => {
            return Opened::closed(container, [Fault::Pkcs12(lock)].into_iter().chain(legacy).collect());
        }
    };
    let keys: Vec<Block> =
        archive.keys.iter().map(|bag| private_key(Zeroizing::new(bag.key.as_der().to_vec()), container)).collect();
    let certificates = archive.certs.iter().map(|bag| certificate(bag.cert.as_der(), container)).collect();
    let no_key = keys.is_empty().then_some(Fault::NoPrivateKey);
    let certificates = in_order(&keys, certificates);
    Opened {
        blocks: keys.into_iter().chain(certificates).collect(),
        faults: [Fault::Pkcs12(Lock::Open)].into_iter().chain(legacy).chain(no_key).collect(),
    }
}

fn archive(der: &[u8], passphrase: Option<&Passphrase>) -> Result<Pkcs12Archive, Lock> {
    if der.len() > MAX_STORE_BYTES {
        return Err(Lock::Unreadable(format!("it is larger than {} KiB", MAX_STORE_BYTES >> 10)));
    }
    if rounds(der, 0) > MAX_ROUNDS {
        return Err(Lock::Unreadable(format!("it asks for more than {MAX_ROUNDS} rounds of key derivation")));
    }
    for passphrase in passphrases(passphrase) {
        match Pkcs12Archive::from_pkcs12(der, passphrase) {
            Ok(archive) => return Ok(archive),
            // Without a MAC a wrong passphrase shows in the padding, or in what comes out.
            Err(Error::MacError(_) | Error::UnpadError | Error::Pkcs5Error(_)) => {}
            Err(Error::DerError(_)) if is_der(der) => {}
            Err(error) => return Err(Lock::Unreadable(escape(&error.to_string()))),
        }
    }
    Err(refused(passphrase))
}

fn is_der(der: &[u8]) -> bool {
    sequence(der).is_some()
}

/// The first legacy algorithm that is named, the gravest first.
fn legacy(der: &[u8]) -> Option<Fault> {
    let named = |oid: &[u8]| contains(der, &[&[0x06, u8::try_from(oid.len()).unwrap_or(0)], oid].concat());
    let found = LEGACY.iter().find(|(oid, ..)| named(oid));
    found.map(|(_, algorithm, still_read)| Fault::LegacyEncryption { algorithm, still_read: *still_read })
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// At least the rounds that opening it takes: the INTEGER behind each salt (PBEParameter and PBKDF2-params, RFC 8018
/// appendix A; MacData, RFC 7292 section 4). What is encrypted is not looked into.
fn rounds(der: &[u8], depth: usize) -> u64 {
    let (mut sum, mut salted, mut rest) = (0u64, false, der);
    while let Some(item) = element(rest) {
        match item.tag {
            0x02 if salted && item.content.len() <= 8 => sum = sum.saturating_add(number(item.content)),
            // An OCTET STRING may wrap further structure: the AuthenticatedSafe lies in one.
            0x04 | 0x30 | 0x31 | 0xa0 if depth < MAX_DEPTH => {
                sum = sum.saturating_add(rounds(item.content, depth + 1));
            }
            _ => {}
        }
        salted = item.tag == 0x04;
        rest = item.rest;
    }
    sum
}

fn number(octets: &[u8]) -> u64 {
    octets.iter().fold(0, |sum, octet| sum << 8 | u64::from(*octet))
}
