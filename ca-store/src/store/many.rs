//! Many folders of certificates at once, under one flush: files are written beside their places, the file system is flushed
//! once, and then the folders are renamed. A sync for each file would cost more than all the rest.

use std::fs::{self, DirBuilder, File};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::thread;

use rustix::fs::{Mode, OFlags};

use crate::error::{AtPath as _, Error};
use crate::store::files::Contents;
use crate::store::layout::FOLDER_MODE;
use crate::store::{atomic, fault};

/// Threads that write: making a file is the kernel's work, and two folders are made side by side. More of them wait for the
/// same journal.
const WRITERS: usize = 2;

/// A folder under the name that it has until it is whole, and under its own.
struct Draft<'a> {
    draft: PathBuf,
    path: PathBuf,
    contents: &'a Contents,
}

/// Makes these folders in `base`, with their files. All of them are on disk when it returns. The caller holds the lock.
///
/// # Errors
/// [`Error::Io`]; folders that were renamed already stay, and hold everything.
pub(crate) fn create_folders(base: &Path, folders: &[(&str, &Contents)]) -> Result<(), Error> {
    let drafts: Vec<_> = folders.iter().map(|(name, contents)| Draft::of(&base.join(name), contents)).collect();
    if let Err(error) = write_drafts(&drafts) {
        remove(&drafts);
        return Err(error);
    }
    flush(base)?;
    for Draft { draft, path, .. } in &drafts {
        atomic::rename(draft, path)?;
    }
    atomic::sync_folder(base)
}

/// Writes them side by side; the error is that of the first folder, in their order, that could not be written.
fn write_drafts(drafts: &[Draft<'_>]) -> Result<(), Error> {
    let share = drafts.len().div_ceil(WRITERS).max(1);
    let write = |drafts: &[Draft<'_>]| drafts.iter().try_for_each(Draft::write);
    thread::scope(|scope| {
        let mut shares = drafts.chunks(share);
        let first = shares.next().unwrap_or_default();
        let others: Vec<_> = shares.map(|share| scope.spawn(move || write(share))).collect();
        let first = write(first);
        others.into_iter().fold(first, |written, other| {
            let other = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            written.and(other)
        })
    })
}

impl Draft<'_> {
    fn of<'a>(path: &Path, contents: &'a Contents) -> Draft<'a> {
        Draft { draft: atomic::draft_of(path), path: path.to_owned(), contents }
    }

    fn write(&self) -> Result<(), Error> {
        make_folder(&self.draft)?;
        let folder = File::open(&self.draft).at("open the folder", &self.draft)?;
        for (file, text) in self.contents.files() {
            let path = self.draft.join(file.name);
            fault::point("create", &path)?;
            let mut file = create_in(&folder, file.name, file.mode).at("create", &path)?;
            fault::point("write", &path)?;
            file.write_all(text.as_bytes()).at("write", &path)?;
        }
        Ok(())
    }
}

/// Makes a folder in place of what an interrupted writer left there.
fn make_folder(draft: &Path) -> Result<(), Error> {
    fault::point("make the folder", draft)?;
    let make = || DirBuilder::new().mode(FOLDER_MODE).create(draft);
    match make() {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            atomic::remove_leftover(draft)?;
            make().at("make the folder", draft)
        }
        made => made.at("make the folder", draft),
    }
}

/// Creates a file in an open folder, so that the way to it is not looked up again for each.
fn create_in(folder: &File, name: &str, mode: u32) -> std::io::Result<File> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = rustix::fs::openat(folder, name, flags, Mode::from_raw_mode(mode))?;
    Ok(File::from(file))
}

/// The first error is the one to report; drafts that stay are removed by the next writer.
fn remove(drafts: &[Draft<'_>]) {
    for Draft { draft, .. } in drafts {
        let _ = fs::remove_dir_all(draft);
    }
}

/// Everything that was written to the file system of `folder` is on disk when this returns.
fn flush(folder: &Path) -> Result<(), Error> {
    fault::point("flush the file system of", folder)?;
    let open = File::open(folder).at("open the folder", folder)?;
    #[cfg(target_os = "linux")]
    rustix::fs::syncfs(&open).map_err(std::io::Error::from).at("flush the file system of", folder)?;
    #[cfg(not(target_os = "linux"))]
    {
        drop(open);
        rustix::fs::sync();
    }
    Ok(())
}
