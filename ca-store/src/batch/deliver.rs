//! Groups of certificates on their way out: into folders or one file, on disk when [`Delivery::deliver`] returns, or into a
//! stream.

use std::fs::{File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use super::stream::{self, Item};
use super::{StreamForm, Target};
use crate::error::{AtPath as _, Error, InTheWayOf};
use crate::san::FolderName;
use crate::store::{
    SECRET_MODE, Store, check_secret, check_target, create_folders, ensure_folder, fault_point, sync_parent,
};

/// An open target.
pub(super) enum Delivery {
    /// A folder each.
    Folders {
        /// Where they are.
        base: PathBuf,
        /// Whether that is the store's own place for them.
        own: bool,
    },
    /// One file.
    File { file: File, path: PathBuf, form: StreamForm, length: u64 },
    /// A stream.
    Stream(Box<dyn Write + Send>, StreamForm),
}

/// Refuses a file that is there already, for a new batch writes over nothing; and what cannot be written at all, before a batch
/// is known by this target.
///
/// # Errors
/// [`Error::OutputExists`] or [`Error::OutputUnwritable`].
pub(super) fn refuse_occupied(target: &Target) -> Result<(), Error> {
    match target {
        Target::File(path, _) if path.symlink_metadata().is_ok() => {
            Err(Error::OutputExists { path: path.clone(), of: InTheWayOf::Whole })
        }
        Target::File(path, _) => check_target(crate::store::parent_of(path)),
        Target::Folder(path) => check_target(path),
        Target::Store | Target::Stream(..) => Ok(()),
    }
}

impl Delivery {
    /// Opens the target, of which `length` octets hold what was acknowledged.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Permissions`].
    pub(super) fn open(store: &Store, target: Target, length: u64) -> Result<Delivery, Error> {
        Ok(match target {
            Target::Store => Delivery::folders(store.certs_dir(), true)?,
            Target::Folder(path) => Delivery::folders(path, false)?,
            Target::File(path, form) => {
                let file = open_file(&path, length)?;
                Delivery::File { file, path, form, length }
            }
            Target::Stream(stream, form) => Delivery::Stream(stream, form),
        })
    }

    fn folders(base: PathBuf, own: bool) -> Result<Delivery, Error> {
        ensure_folder(&base)?;
        Ok(Delivery::Folders { base, own })
    }

    /// What the index is to say of where the files of `name` are.
    pub(super) fn folder(&self, name: &FolderName) -> Option<String> {
        match self {
            Delivery::Folders { base, own: false } => Some(base.join(name.as_str()).display().to_string()),
            _ => None,
        }
    }

    /// Writes a group. What goes into folders or a file is on disk when this returns.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(super) fn deliver(&mut self, items: &[Item]) -> Result<(), Error> {
        let now = u64::try_from(OffsetDateTime::now_utc().unix_timestamp()).unwrap_or(0);
        let form = match self {
            Delivery::Folders { base, .. } => {
                let folders: Vec<_> = items.iter().map(|item| (item.name.as_str(), &item.contents)).collect();
                return create_folders(base, &folders);
            }
            Delivery::File { form, .. } | Delivery::Stream(_, form) => *form,
        };
        let octets = stream::encode(form, items, now)
            .map_err(|error| Error::Crypto { what: "encoding a group", reason: error.to_string() })?;
        self.write(&octets)
    }

    /// Writes what stands behind the last item.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(super) fn finish(&mut self) -> Result<(), Error> {
        match self {
            Delivery::Folders { .. } => Ok(()),
            Delivery::File { form, .. } | Delivery::Stream(_, form) => {
                let end = stream::end(*form);
                self.write(end)
            }
        }
    }

    fn write(&mut self, octets: &[u8]) -> Result<(), Error> {
        match self {
            Delivery::Folders { .. } => Ok(()),
            Delivery::File { file, path, length, .. } => {
                fault_point("write", path)?;
                file.write_all(octets).at("write", path)?;
                fault_point("sync", path)?;
                file.sync_data().at("sync", path)?;
                *length += octets.len() as u64;
                Ok(())
            }
            Delivery::Stream(stream, _) => {
                let path = Path::new("standard output");
                fault_point("write", path)?;
                stream.write_all(octets).and_then(|()| stream.flush()).at("write", path)
            }
        }
    }

    /// Octets that are in the file.
    pub(super) fn length(&self) -> u64 {
        match self {
            Delivery::File { length, .. } => *length,
            _ => 0,
        }
    }
}

/// The file with its end right behind what was acknowledged; its owner's alone, since it holds private keys.
fn open_file(path: &Path, length: u64) -> Result<File, Error> {
    let mut options = OpenOptions::new();
    options.write(true).mode(SECRET_MODE);
    if path.symlink_metadata().is_err() {
        ensure_folder(crate::store::parent_of(path))?;
        fault_point("create", path)?;
        let file = options.create_new(true).open(path).at("create", path)?;
        sync_parent(path)?;
        return Ok(file);
    }
    check_secret(path)?;
    let mut file = options.open(path).at("open", path)?;
    fault_point("cut", path)?;
    file.set_len(length).at("cut", path)?;
    file.seek(SeekFrom::Start(length)).at("write", path)?;
    Ok(file)
}
