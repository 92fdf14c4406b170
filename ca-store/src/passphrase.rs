//! Another passphrase for the CA's private keys. All of them are opened before one is written; each is replaced whole, so
//! that a crash leaves every key with the old passphrase or with the new one, and the same change can be made again.

use std::path::PathBuf;

use crate::error::Error;
use crate::key::{Passphrase, PrivateKey, Seal};
use crate::store::Store;

/// From what to what.
#[derive(Debug)]
pub struct PassphraseChange {
    /// The passphrase that the keys have; none where they have none.
    pub old: Option<Passphrase>,
    /// The new one; none leaves the keys unencrypted.
    pub new: Option<Seal>,
}

/// A key of the store, after the change.
#[derive(Debug)]
pub struct ChangedKey {
    /// Its file.
    pub path: PathBuf,
    /// Whether it was as asked for already: a change that was cut short is made to its end.
    pub was_so: bool,
}

/// Changes the passphrase of all private keys of CAs that the store holds.
///
/// # Errors
/// [`Error::NoCaKey`], [`Error::KeyEncrypted`] or [`Error::PassphraseWrong`] before anything is changed, and what the disk
/// says.
pub fn change_passphrase(store: &Store, change: &PassphraseChange) -> Result<Vec<ChangedKey>, Error> {
    let writer = store.write()?;
    let paths = store.ca_key_paths()?;
    let opened = paths.into_iter().map(|path| open(path, change)).collect::<Result<Vec<_>, _>>()?;
    for (path, key) in &opened {
        if let Some(key) = key {
            writer.replace_ca_key(path, key, change.new.as_ref())?;
        }
    }
    writer.log_passphrase(change.new.as_ref())?;
    Ok(opened.into_iter().map(|(path, key)| ChangedKey { path, was_so: key.is_none() }).collect())
}

/// The key; none where its file is as asked for already.
fn open(path: PathBuf, change: &PassphraseChange) -> Result<(PathBuf, Option<PrivateKey>), Error> {
    let pem = Store::read_private_key(&path)?;
    let new = change.new.as_ref().map(|seal| &seal.passphrase);
    let read = |passphrase| PrivateKey::from_pem(&pem, passphrase, &path);
    let key = match read(change.old.as_ref()) {
        // A key without a passphrase opens with any.
        Ok(_) if new.is_none() && read(None).is_ok() => None,
        Err(Error::PassphraseWrong { .. } | Error::KeyEncrypted { .. }) if new.is_some() && read(new).is_ok() => None,
        read => Some(read?),
    };
    Ok((path, key))
}
