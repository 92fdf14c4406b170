//! The files of a CA that was made elsewhere, in whatever form they are.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use zeroize::Zeroizing;

use super::AskPassphrase;
use crate::container;
use crate::error::Error;
use crate::facts::{self, Block, BlockKind, Certificate, Fault, Input, Lock};
use crate::key::{Passphrase, PrivateKey};
use crate::store::{MAX_REQUEST_FILE, Store};

/// What the certificate files hold.
#[derive(Debug)]
pub(super) struct Found {
    /// The CA's own certificate.
    pub(super) own: Certificate,
    /// Certificates that may stand above it.
    pub(super) above: Vec<Certificate>,
    /// Its file, where that is PEM and holds nothing else.
    pub(super) own_file: Option<Vec<u8>>,
}

/// Reads the CA's certificate, and what may stand above it: the rest of its file, and the chain's. A PKCS#12 file holds its
/// certificates under the password of its key.
pub(super) fn certificates(own: &Path, chain: Option<&Path>, passphrase: Option<&Passphrase>) -> Result<Found, Error> {
    let bytes = read(own)?;
    let blocks = certificates_in(&bytes, own, passphrase)?;
    let is_alone = blocks.len() == 1 && blocks[0].line > 0;
    let mut certificates = blocks.iter().map(|block| parse(block, own)).collect::<Result<Vec<_>, _>>()?;
    if let Some(path) = chain {
        let blocks = certificates_in(&read(path)?, path, passphrase)?;
        certificates.extend(blocks.iter().map(|block| parse(block, path)).collect::<Result<Vec<_>, _>>()?);
    }
    let own = certificates.remove(0);
    Ok(Found { own, above: certificates, own_file: is_alone.then_some(bytes) })
}

fn certificates_in(bytes: &[u8], path: &Path, passphrase: Option<&Passphrase>) -> Result<Vec<Block>, Error> {
    let input = container::open(Input::read(bytes), passphrase);
    let is_key = |block: &Block| matches!(block.kind, BlockKind::PrivateKey | BlockKind::EncryptedKey);
    let has_key = input.blocks.iter().any(is_key);
    let blocks: Vec<Block> = input.blocks.into_iter().filter(|block| block.kind == BlockKind::Certificate).collect();
    if !blocks.is_empty() {
        return Ok(blocks);
    }
    let locked = input.faults.iter().find_map(|fault| match fault {
        Fault::Pkcs12(Lock::NeedsPassphrase) => Some(Error::KeyEncrypted { path: path.to_owned() }),
        Fault::Pkcs12(Lock::WrongPassphrase) => Some(Error::PassphraseWrong { path: path.to_owned() }),
        _ => None,
    });
    let found = match has_key {
        true => "a private key is in it, and no certificate: the certificate is named first, and its key after it",
        false => "no certificate is in it",
    };
    Err(locked.unwrap_or_else(|| malformed(path, "CA certificate (PEM, DER or PKCS#12)", found.to_owned())))
}

fn parse(block: &Block, path: &Path) -> Result<Certificate, Error> {
    Certificate::from_der(&block.der).map_err(|error| malformed(path, "CA certificate", error.to_string()))
}

fn malformed(path: &Path, expected: &'static str, found: String) -> Error {
    Error::InputMalformed { path: path.to_owned(), expected, found }
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let unreadable = |source| Error::InputUnreadable { what: "the CA certificate", path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(MAX_REQUEST_FILE).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

/// Reads the CA's key, and gives the passphrase that it is to have here: the one that was given, or that it took.
pub(super) fn key(
    path: &Path,
    given: Option<&Passphrase>,
    ask: AskPassphrase<'_>,
) -> Result<(PrivateKey, Option<Passphrase>), Error> {
    let bytes = Store::read_private_key(path)?;
    match open(&bytes, given, path) {
        Err(Error::KeyEncrypted { path }) => {
            let asked = ask(&path)?;
            open(&bytes, asked.as_ref(), &path).map(|key| (key, asked))
        }
        opened => Ok((opened?, given.cloned())),
    }
}

fn open(bytes: &[u8], passphrase: Option<&Passphrase>, path: &Path) -> Result<PrivateKey, Error> {
    let input = container::open(Input::read(bytes), passphrase);
    if let Some(block) = input.blocks.iter().find(|block| block.kind == BlockKind::PrivateKey) {
        return PrivateKey::from_any_form(&block.der)
            .map_err(|found| Error::KeyMalformed { path: path.to_owned(), found });
    }
    let lock = input.faults.iter().find_map(|fault| match fault {
        Fault::EncryptedKey { lock, .. } => Some(lock),
        _ => None,
    });
    Err(match lock {
        Some(Lock::NeedsPassphrase) => Error::KeyEncrypted { path: path.to_owned() },
        Some(Lock::WrongPassphrase) => Error::PassphraseWrong { path: path.to_owned() },
        Some(Lock::Unreadable(why)) => Error::KeyMalformed { path: path.to_owned(), found: why.clone() },
        _ => Error::KeyMalformed { path: path.to_owned(), found: "no private key".to_owned() },
    })
}

/// PKCS#8 (RFC 5958, 2) of a key in SEC1's or PKCS#1's form: its algorithm stands in its public half.
pub(crate) fn pkcs8_of(der: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    const VERSION_0: [u8; 3] = [0x02, 0x01, 0x00];
    if facts::PrivateKey::form(der)? == "PRIVATE KEY" {
        return Some(Zeroizing::new(der.to_vec()));
    }
    let public = facts::PrivateKey::from_der(der).ok()?.public_key?;
    let algorithm = facts::element(facts::sequence(&public.spki)?)?;
    let key = Zeroizing::new(facts::wrapped(0x04, &[der]));
    Some(Zeroizing::new(facts::wrapped(0x30, &[&VERSION_0, algorithm.whole, &key])))
}
