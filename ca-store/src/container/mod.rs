//! What lies packed or locked in a file: PKCS#7, PKCS#12, Java key stores and encrypted keys, opened with a passphrase
//! where one is given. Bytes and passphrase in, blocks out; nothing here reads a file.

mod jks;
mod pkcs12;
mod pkcs7;
mod sealed_key;
#[cfg(test)]
mod tests;

use zeroize::Zeroizing;

use crate::facts::{Block, BlockKind, Fault, Input, Lock, PrivateKey, kind_of_der};
use crate::key::Passphrase;

/// The most that is read of a PKCS#12 file or a Java key store: those in use hold a few dozen KiB, and the work of
/// opening one grows with what stands in it.
pub const MAX_STORE_BYTES: usize = 1 << 20;
/// The most rounds of a key derivation that one file may ask for in all. The files in use ask for up to 600,000
/// (OWASP Password Storage Cheat Sheet), and this many take a few seconds.
pub const MAX_ROUNDS: u64 = 10_000_000;

/// What came out of a container.
struct Opened {
    blocks: Vec<Block>,
    faults: Vec<Fault>,
}

impl Opened {
    /// Nothing could be taken out; the container itself stays, so that what it is can be told.
    fn closed(block: &Block, faults: Vec<Fault>) -> Opened {
        Opened { blocks: vec![block.clone()], faults }
    }
}

/// Opens what is packed or locked in a file. An empty passphrase is tried first, then the one that was given.
#[must_use]
pub fn open(input: Input, passphrase: Option<&Passphrase>) -> Input {
    let mut out = Input { blocks: Vec::with_capacity(input.blocks.len()), faults: input.faults };
    for block in input.blocks {
        let opened = match block.kind {
            // By its label alone.
            BlockKind::Pkcs7 if kind_of_der(&block.der) == BlockKind::Certificate => {
                Opened { blocks: vec![Block { kind: BlockKind::Other, ..block }], faults: Vec::new() }
            }
            BlockKind::Pkcs7 => pkcs7::open(&block),
            BlockKind::Pkcs12 => pkcs12::open(&block, passphrase),
            BlockKind::JavaKeyStore => jks::open(&block, passphrase),
            // By its label alone: nothing encrypts it.
            BlockKind::EncryptedKey if block.cipher.is_none() && PrivateKey::from_der(&block.der).is_ok() => {
                Opened { blocks: vec![Block { kind: BlockKind::PrivateKey, ..block }], faults: Vec::new() }
            }
            BlockKind::EncryptedKey => sealed_key::open(&block, passphrase),
            BlockKind::PrivateKey if sealed_key::is_sealed(&block.der) => sealed_key::open(&block, passphrase),
            _ => Opened { blocks: vec![block], faults: Vec::new() },
        };
        out.blocks.extend(opened.blocks);
        out.faults.extend(opened.faults);
    }
    out
}

/// The passphrases to try, in their order.
fn passphrases(given: Option<&Passphrase>) -> impl Iterator<Item = &str> {
    [""].into_iter().chain(given.map(Passphrase::expose))
}

/// What it means that no passphrase fits.
fn refused(given: Option<&Passphrase>) -> Lock {
    if given.is_some() { Lock::WrongPassphrase } else { Lock::NeedsPassphrase }
}

fn certificate(der: &[u8], container: &Block) -> Block {
    Block {
        label: "CERTIFICATE".to_owned(),
        kind: BlockKind::Certificate,
        der: Zeroizing::new(der.to_vec()),
        line: container.line,
        cipher: None,
        has_settings: false,
    }
}

/// A key that came out of a container, under the label that its form asks for.
fn private_key(der: Zeroizing<Vec<u8>>, container: &Block) -> Block {
    let label = PrivateKey::form(&der).unwrap_or("PRIVATE KEY").to_owned();
    Block { label, kind: BlockKind::PrivateKey, der, line: container.line, cipher: None, has_settings: false }
}

/// Containers keep no order: the key's certificate first, then each issuer after what it issued, as servers want it.
fn in_order(keys: &[Block], mut certificates: Vec<Block>) -> Vec<Block> {
    use crate::facts::Certificate;
    let parsed = |block: &Block| Certificate::from_der(&block.der).ok();
    let own: Vec<_> =
        keys.iter().filter_map(|key| PrivateKey::from_der(&key.der).ok().and_then(|key| key.public_key)).collect();
    let is_own = |block: &Block| parsed(block).is_some_and(|c| own.iter().any(|key| key.same_as(&c.public_key)));
    let mut ordered: Vec<Block> = Vec::with_capacity(certificates.len());
    let mut next = certificates.iter().position(is_own);
    while let Some(index) = next {
        let block = certificates.remove(index);
        let issuer = parsed(&block).map(|c| c.issuer.clone());
        next = certificates.iter().position(|other| {
            issuer.as_ref().is_some_and(|issuer| parsed(other).is_some_and(|c| c.subject.same_as(issuer)))
        });
        ordered.push(block);
    }
    ordered.extend(certificates);
    ordered
}
