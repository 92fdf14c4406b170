//! Another passphrase for the CA's private keys. All of them are opened before one is written; each is replaced whole, so
//! that a crash leaves every key with the old passphrase or with the new one, and the same change can be made again.

use std::path::{Path, PathBuf};

use crate::authority::Authority;
use crate::error::{AtPath as _, Error};
use crate::key::{Passphrase, PrivateKey, Seal};
use crate::rehearse::is_key_of;
use crate::store::Store;

/// From what to what.
#[derive(Debug)]
pub struct PassphraseChange {
    /// The passphrase that the keys have; none where they have none.
    pub old: Option<Passphrase>,
    /// The new one; none leaves the keys unencrypted.
    pub new: Option<Seal>,
    /// The key of a root that is kept apart from the store: it is changed, and no other.
    pub root_key: Option<PathBuf>,
}

/// A key of the store, after the change.
#[derive(Debug)]
pub struct ChangedKey {
    /// Its file.
    pub path: PathBuf,
    /// Whether it was as asked for already: a change that was cut short is made to its end.
    pub was_so: bool,
}

/// Changes the passphrase of all private keys of CAs that the store holds, or of a root's that is kept apart.
///
/// # Errors
/// [`Error::NoCaKey`], [`Error::CaKeyMismatch`], [`Error::KeyEncrypted`] or [`Error::PassphraseWrong`] before anything is
/// changed, and what the disk says; a key is then as it was, or whole with the new one.
pub fn change_passphrase(store: &Store, change: &PassphraseChange) -> Result<Vec<ChangedKey>, Error> {
    let writer = store.write()?;
    let paths = match &change.root_key {
        // A link would be replaced, and the key that it leads to not.
        Some(path) => vec![path.canonicalize().at("read the private key", path)?],
        None => store.ca_key_paths()?,
    };
    let opened = paths.into_iter().map(|path| open(path, change)).collect::<Result<Vec<_>, _>>()?;
    let apart = opened.first().filter(|_| change.root_key.is_some());
    if let Some(Opened { path, key, .. }) = apart {
        refuse_foreign(store, path, key)?;
    }
    for Opened { path, key, .. } in opened.iter().filter(|opened| !opened.was_so) {
        writer.replace_ca_key(path, key, change.new.as_ref())?;
    }
    writer.log_passphrase(change.new.as_ref(), apart.map(|opened| opened.path.as_path()))?;
    Ok(opened.into_iter().map(|Opened { path, was_so, .. }| ChangedKey { path, was_so }).collect())
}

/// Refuses a key that is no root's of this store, of now or before: what else it opens is not ours to change.
fn refuse_foreign(store: &Store, path: &Path, key: &PrivateKey) -> Result<(), Error> {
    let (index, public) = (store.index()?, key.public_key()?);
    for row in index.list_authorities()?.iter().filter(|row| row.is_root) {
        let root = Authority::from_der(&row.certificate).map_err(|reason| index.damaged(&reason))?;
        if is_key_of(&public, &root) {
            return Ok(());
        }
    }
    Err(Error::CaKeyMismatch { key: path.to_owned(), certificate: store.root_pem_path() })
}

/// A key that was opened.
struct Opened {
    path: PathBuf,
    key: PrivateKey,
    /// Whether its file is as asked for already.
    was_so: bool,
}

fn open(path: PathBuf, change: &PassphraseChange) -> Result<Opened, Error> {
    let pem = Store::read_private_key(&path)?;
    let new = change.new.as_ref().map(|seal| &seal.passphrase);
    let read = |passphrase| PrivateKey::from_pem(&pem, passphrase, &path);
    let (key, was_so) = match read(change.old.as_ref()) {
        // A key without a passphrase opens with any.
        Ok(key) if new.is_none() => (key, read(None).is_ok()),
        Err(error @ (Error::PassphraseWrong { .. } | Error::KeyEncrypted { .. })) => match new.map(|_| read(new)) {
            Some(Ok(key)) => (key, true),
            _ => return Err(error),
        },
        read => (read?, false),
    };
    Ok(Opened { path, key, was_so })
}
