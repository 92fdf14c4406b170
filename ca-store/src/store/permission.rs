//! Permissions, checked when reading too: a key that others could read is not the owner's alone any more.

use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rustix::fs::Access;

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

/// Refuses a folder that files are to be written into and cannot be: before anything is planned for it.
///
/// # Errors
/// [`Error::OutputUnwritable`].
pub(crate) fn check_target(folder: &Path) -> Result<(), Error> {
    let refused = |source| Error::OutputUnwritable { path: folder.to_owned(), source };
    // What is not there yet is made in the nearest that is.
    let there = folder.ancestors().find(|path| path.symlink_metadata().is_ok()).unwrap_or(folder);
    if !there.metadata().map_err(refused)?.is_dir() {
        return Err(refused(ErrorKind::NotADirectory.into()));
    }
    let use_of = Access::WRITE_OK | Access::EXEC_OK;
    rustix::fs::access(there, use_of).map_err(|error| refused(error.into()))
}

/// Whether the files of a store can be changed: not on a medium that nobody can write.
pub(crate) fn is_writable(folder: &Path) -> bool {
    rustix::fs::access(folder, Access::WRITE_OK).is_ok()
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
