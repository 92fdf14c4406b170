//! Java key stores in Java's own forms, JKS and JCEKS. Their certificates are in the clear. Newer Java writes PKCS#12
//! under the same file names.
//!
//! The form is described in the sources of OpenJDK, `sun.security.provider.JavaKeyStore`: a magic number, version 2, the
//! entries, and a SHA-1 over passphrase, the words `Mighty Aphrodite`, and everything before it.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use zeroize::Zeroizing;

use super::{MAX_STORE_BYTES, Opened, certificate, in_order, passphrases, private_key, refused};
use crate::facts::{Block, Fault, Lock, element, sequence};
use crate::key::Passphrase;

/// What keeps one from making the checksum without a passphrase.
const SALT: &[u8] = b"Mighty Aphrodite";
/// Octets of a SHA-1.
const DIGEST: usize = 20;
/// Entries of one store: a store of all the world's roots has about 150.
const MAX_ENTRIES: u32 = 10_000;
/// The kinds of entries.
const KEY: u32 = 1;
const TRUSTED: u32 = 2;
const MAGIC_JKS: u32 = 0xfeed_feed;

struct Store<'a> {
    keys: Vec<&'a [u8]>,
    certificates: Vec<&'a [u8]>,
}

/// Takes the certificates out, and with the right passphrase the keys.
pub(super) fn open(container: &Block, passphrase: Option<&Passphrase>) -> Opened {
    let der = &container.der;
    let closed = |why: &str| Opened::closed(container, vec![Fault::Jks(Lock::Unreadable(why.to_owned()))]);
    if der.len() > MAX_STORE_BYTES {
        return closed("it is larger than a key store may be here");
    }
    let Some(store) = read(der) else { return closed("it is cut off, or of a form that is not known") };
    let fits = passphrases(passphrase).find(|passphrase| seal(passphrase, der).is_some_and(|fits| fits));
    let keys: Vec<Block> = fits
        .map(|passphrase| store.keys.iter().filter_map(|sealed| unseal(sealed, passphrase)).collect::<Vec<_>>())
        .unwrap_or_default()
        .into_iter()
        .map(|der| private_key(der, container))
        .collect();
    let certificates = store.certificates.iter().map(|der| certificate(der, container)).collect();
    let lock = match fits {
        // Certificates are read without a passphrase, so that one is missed only for a key.
        None if passphrase.is_some() || !store.keys.is_empty() => refused(passphrase),
        Some(_) if keys.len() < store.keys.len() => Lock::Unreadable("a key in it has a passphrase of its own".into()),
        _ => Lock::Open,
    };
    let no_key = store.keys.is_empty().then_some(Fault::NoPrivateKey);
    let certificates = in_order(&keys, certificates);
    Opened {
        blocks: keys.into_iter().chain(certificates).collect(),
        faults: [Fault::Jks(lock)].into_iter().chain(no_key).collect(),
    }
}

fn read(bytes: &[u8]) -> Option<Store<'_>> {
    let mut cursor = Cursor(bytes.get(..bytes.len().checked_sub(DIGEST)?)?);
    let magic = cursor.number()?;
    let version = cursor.number()?;
    let entries = cursor.number().filter(|entries| *entries <= MAX_ENTRIES && version == 2)?;
    let mut store = Store { keys: Vec::new(), certificates: Vec::new() };
    for _ in 0..entries {
        let kind = cursor.number()?;
        cursor.text()?;
        cursor.take(8)?;
        match kind {
            KEY => {
                store.keys.push(cursor.octets()?);
                for _ in 0..cursor.number().filter(|length| *length <= MAX_ENTRIES)? {
                    store.certificates.push(cursor.certificate()?);
                }
            }
            TRUSTED => store.certificates.push(cursor.certificate()?),
            _ => return None,
        }
    }
    (magic == MAGIC_JKS || cursor.0.is_empty()).then_some(store)
}

struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_be_bytes)
    }

    fn text(&mut self) -> Option<&'a [u8]> {
        let length = self.take(2)?;
        self.take(usize::from(u16::from_be_bytes([length[0], length[1]])))
    }

    fn octets(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        self.take(usize::try_from(length).ok()?)
    }

    fn certificate(&mut self) -> Option<&'a [u8]> {
        self.text()?;
        self.octets()
    }
}

/// A passphrase as Java hashes it: UTF-16, high octet first.
fn wide(passphrase: &str) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(passphrase.encode_utf16().flat_map(u16::to_be_bytes).collect())
}

/// Whether the passphrase is the store's.
fn seal(passphrase: &str, bytes: &[u8]) -> Option<bool> {
    let (content, sum) = bytes.split_at_checked(bytes.len().checked_sub(DIGEST)?)?;
    let hashed = Zeroizing::new([&wide(passphrase)[..], SALT, content].concat());
    Some(digest(&SHA1_FOR_LEGACY_USE_ONLY, &hashed).as_ref() == sum)
}

/// The key's own protection, in the octets of an EncryptedPrivateKeyInfo: a salt, the key under a key stream of SHA-1,
/// and a SHA-1 over passphrase and key. A JCEKS key is protected otherwise, and is left alone.
fn unseal(sealed: &[u8], passphrase: &str) -> Option<Zeroizing<Vec<u8>>> {
    let algorithm = element(sequence(sealed)?)?;
    let protected = element(algorithm.rest).filter(|octets| octets.tag == 0x04)?.content;
    let (salt, rest) = protected.split_at_checked(DIGEST)?;
    let (cipher, sum) = rest.split_at_checked(rest.len().checked_sub(DIGEST)?)?;
    let passphrase = wide(passphrase);
    let hash = |more: &[u8]| {
        let hashed = Zeroizing::new([&passphrase[..], more].concat());
        digest(&SHA1_FOR_LEGACY_USE_ONLY, &hashed)
    };
    let mut block = salt.to_vec();
    let mut key = Zeroizing::new(Vec::with_capacity(cipher.len()));
    for chunk in cipher.chunks(DIGEST) {
        block = hash(&block).as_ref().to_vec();
        key.extend(chunk.iter().zip(&block).map(|(a, b)| a ^ b));
    }
    (hash(&key).as_ref() == sum).then_some(key)
}
