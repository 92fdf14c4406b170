//! A private key that is kept apart from the store, in a file of the user's.

use std::io::ErrorKind;
use std::path::Path;

use crate::error::Error;
use crate::store::atomic;
use crate::store::layout::SECRET_MODE;

/// Refuses a file that is there, or that would lie in the store `dir`.
///
/// # Errors
/// [`Error::KeyOutExists`], [`Error::KeyOutInStore`], or [`Error::OutputUnwritable`] where its folder is not there.
pub(crate) fn check_key_out(dir: &Path, path: &Path) -> Result<(), Error> {
    if path.symlink_metadata().is_ok() {
        return Err(Error::KeyOutExists { path: path.to_owned() });
    }
    let folder = atomic::parent_of(path).canonicalize();
    let folder = folder.map_err(|source| Error::OutputUnwritable { path: path.to_owned(), source })?;
    // A store that is not there yet contains nothing.
    match dir.canonicalize() {
        Ok(store) if folder.starts_with(&store) => Err(Error::KeyOutInStore { path: path.to_owned() }),
        _ => Ok(()),
    }
}

/// Writes a private key, its owner's alone from the first moment, and sees it to the disk.
///
/// # Errors
/// [`Error::KeyOutExists`] or [`Error::OutputUnwritable`].
pub(crate) fn write_key_out(path: &Path, pem: &str) -> Result<(), Error> {
    let written =
        atomic::create(path, pem.as_bytes(), SECRET_MODE).and_then(|()| atomic::sync_folder(atomic::parent_of(path)));
    written.map_err(|error| match error {
        Error::Io { source, .. } if source.kind() == ErrorKind::AlreadyExists => {
            Error::KeyOutExists { path: path.to_owned() }
        }
        Error::Io { source, .. } => Error::OutputUnwritable { path: path.to_owned(), source },
        error => error,
    })
}
