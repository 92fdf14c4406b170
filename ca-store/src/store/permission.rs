//! Permissions, checked when reading too: a key that others could read is not the owner's alone any more.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::error::{AtPath as _, Error};
use crate::store::layout::{FOLDER_MODE, SECRET_MODE};

/// Bits of group and others.
const OTHERS: u32 = 0o077;

/// Refuses a folder that others than its owner may enter.
///
/// # Errors
/// [`Error::Permissions`] or [`Error::Io`].
pub(crate) fn check_folder(path: &Path) -> Result<(), Error> {
    check(path, FOLDER_MODE, "others could look into the store, or change it")
}

/// Refuses a private file that others than its owner may read.
///
/// # Errors
/// [`Error::Permissions`] or [`Error::Io`].
pub(crate) fn check_secret(path: &Path) -> Result<(), Error> {
    check(path, SECRET_MODE, "others could read what only its owner may")
}

/// Refuses a link in the place of something that is the store's own: what it leads to is somebody else's, or will be.
///
/// # Errors
/// [`Error::LinkInStore`].
pub(crate) fn refuse_link(path: &Path) -> Result<(), Error> {
    match is_link(path) {
        true => Err(Error::LinkInStore { path: path.to_owned() }),
        false => Ok(()),
    }
}

/// Whether a link is there, also one that leads nowhere.
pub(crate) fn is_link(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|found| found.is_symlink())
}

fn check(path: &Path, expected: u32, reason: &'static str) -> Result<(), Error> {
    let found = std::fs::metadata(path).at("look at", path)?.permissions().mode() & 0o7777;
    if found & OTHERS != 0 {
        return Err(Error::Permissions { path: path.to_owned(), found, expected, reason });
    }
    Ok(())
}
