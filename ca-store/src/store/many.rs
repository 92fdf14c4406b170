//! Many folders of certificates at once, under one flush: files are written beside their places, the file system is flushed
//! once, and then the folders are renamed. A sync for each file would cost more than all the rest.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::error::{AtPath as _, Error};
use crate::store::files::Contents;
use crate::store::layout::FOLDER_MODE;
use crate::store::{atomic, fault};

/// Makes these folders in `base`, with their files. All of them are on disk when it returns. The caller holds the lock.
///
/// # Errors
/// [`Error::Io`]; folders that were renamed already stay, and hold everything.
pub(crate) fn create_folders(base: &Path, folders: &[(&str, &Contents)]) -> Result<(), Error> {
    let mut drafts: Vec<(PathBuf, PathBuf)> = Vec::with_capacity(folders.len());
    for (name, contents) in folders {
        let path = base.join(name);
        let draft = atomic::draft_of(&path);
        drafts.push((draft, path));
        let (draft, _) = &drafts[drafts.len() - 1];
        if let Err(error) = write_draft(draft, contents) {
            remove(&drafts);
            return Err(error);
        }
    }
    flush(base)?;
    for (draft, path) in &drafts {
        atomic::rename(draft, path)?;
    }
    atomic::sync_folder(base)
}

fn write_draft(draft: &Path, contents: &Contents) -> Result<(), Error> {
    atomic::remove_leftover(draft)?;
    fault::point("make the folder", draft)?;
    DirBuilder::new().mode(FOLDER_MODE).create(draft).at("make the folder", draft)?;
    for (file, text) in contents.files() {
        let path = draft.join(file.name);
        fault::point("create", &path)?;
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(file.mode).open(&path).at("create", &path)?;
        fault::point("write", &path)?;
        file.write_all(text.as_bytes()).at("write", &path)?;
    }
    Ok(())
}

/// The first error is the one to report; drafts that stay are removed by the next writer.
fn remove(drafts: &[(PathBuf, PathBuf)]) {
    for (draft, _) in drafts {
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
