//! Files and folders that appear whole or not at all: written under another name, synced, renamed, and the folder synced.
//! The caller holds the store's lock, so what an interrupted writer left under the other name can be removed.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{BufWriter, ErrorKind, IntoInnerError, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::error::{AtPath as _, Error};
use crate::store::fault;
use crate::store::layout::FOLDER_MODE;

/// Octets that are written at once of a file that comes piece by piece.
const PIECE: usize = 64 << 10;

/// Puts `bytes` into `path` with `mode`, in place of what is there.
///
/// # Errors
/// [`Error::Io`]; `path` is then as it was.
pub(crate) fn replace(path: &Path, bytes: &[u8], mode: u32) -> Result<(), Error> {
    let draft = draft_of(path);
    remove_leftover(&draft)?;
    let written = create(&draft, bytes, mode).and_then(|()| rename(&draft, path));
    if written.is_err() {
        // The first error is the one to report; a draft that stays is removed by the next writer.
        let _ = fs::remove_file(&draft);
    }
    written?;
    sync_folder(parent_of(path))
}

/// Writes `bytes` beside `path`, where [`place`] takes them from.
///
/// # Errors
/// [`Error::Io`].
pub(crate) fn stage(path: &Path, bytes: &[u8], mode: u32) -> Result<(), Error> {
    let draft = draft_of(path);
    remove_leftover(&draft)?;
    create(&draft, bytes, mode)
}

/// Puts what was staged for `path` in its place, where anything was. The caller syncs the folder.
///
/// # Errors
/// [`Error::Io`].
pub(crate) fn place(path: &Path) -> Result<(), Error> {
    match rename(&draft_of(path), path) {
        Err(Error::Io { source, .. }) if source.kind() == ErrorKind::NotFound => Ok(()),
        renamed => renamed,
    }
}

/// Removes what was staged for `path`.
///
/// # Errors
/// [`Error::Io`].
pub(crate) fn unstage(path: &Path) -> Result<(), Error> {
    remove_leftover(&draft_of(path))
}

/// As [`replace`], of a file that is written piece by piece.
///
/// # Errors
/// [`Error::Io`], or what `fill` says; `path` is then as it was.
pub(crate) fn replace_with(
    path: &Path,
    mode: u32,
    fill: impl FnOnce(&mut BufWriter<File>) -> Result<(), Error>,
) -> Result<(), Error> {
    let draft = draft_of(path);
    remove_leftover(&draft)?;
    let written = fill_file(&draft, mode, fill).and_then(|()| rename(&draft, path));
    if written.is_err() {
        let _ = fs::remove_file(&draft);
    }
    written?;
    sync_folder(parent_of(path))
}

fn fill_file(
    path: &Path,
    mode: u32,
    fill: impl FnOnce(&mut BufWriter<File>) -> Result<(), Error>,
) -> Result<(), Error> {
    fault::point("create", path)?;
    let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path).at("create", path)?;
    let mut writer = BufWriter::with_capacity(PIECE, file);
    fill(&mut writer)?;
    fault::point("write", path)?;
    let file = writer.into_inner().map_err(IntoInnerError::into_error).at("write", path)?;
    sync(&file, path)
}

/// Makes the folder `path` with these files in it, which must not be there yet.
///
/// # Errors
/// [`Error::Io`]; `path` is then not there.
pub(crate) fn create_folder(path: &Path, files: &[(&str, &[u8], u32)]) -> Result<(), Error> {
    let draft = draft_of(path);
    remove_leftover(&draft)?;
    let written = fill(&draft, files).and_then(|()| rename(&draft, path));
    if written.is_err() {
        let _ = fs::remove_dir_all(&draft);
    }
    written?;
    sync_folder(parent_of(path))
}

fn fill(folder: &Path, files: &[(&str, &[u8], u32)]) -> Result<(), Error> {
    fault::point("make the folder", folder)?;
    DirBuilder::new().mode(FOLDER_MODE).create(folder).at("make the folder", folder)?;
    for (name, bytes, mode) in files {
        create(&folder.join(name), bytes, *mode)?;
    }
    sync_folder(folder)
}

/// Creates a file that is not there yet, with its mode from the start, and syncs it.
///
/// # Errors
/// [`Error::Io`].
pub(crate) fn create(path: &Path, bytes: &[u8], mode: u32) -> Result<(), Error> {
    fault::point("create", path)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path).at("create", path)?;
    fault::point("write", path)?;
    file.write_all(bytes).at("write", path)?;
    sync(&file, path)
}

/// Puts a file's content on disk.
///
/// # Errors
/// [`Error::Io`].
pub(crate) fn sync(file: &File, path: &Path) -> Result<(), Error> {
    fault::point("sync", path)?;
    file.sync_all().at("sync", path)
}

/// Renames, over what is there. The caller syncs the folder.
///
/// # Errors
/// [`Error::Io`].
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), Error> {
    fault::point("rename to", to)?;
    fs::rename(from, to).at("rename to", to)
}

/// Makes a folder and those above it, where they are missing.
///
/// # Errors
/// [`Error::Io`].
pub(crate) fn ensure_folder(path: &Path) -> Result<(), Error> {
    if path.is_dir() {
        return Ok(());
    }
    fault::point("make the folder", path)?;
    DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(path).at("make the folder", path)?;
    sync_folder(parent_of(path))
}

/// Makes what happened to the entries of a folder last.
///
/// # Errors
/// [`Error::Io`].
pub(crate) fn sync_folder(path: &Path) -> Result<(), Error> {
    fault::point("sync the folder", path)?;
    File::open(path).and_then(|folder| folder.sync_all()).at("sync the folder", path)
}

/// The folder that `path` lies in.
pub(crate) fn parent_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The name under which `path` is written: hidden, in the same folder, so that the rename stays on one file system.
pub(crate) fn draft_of(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    parent_of(path).join(format!(".{name}.new"))
}

/// Removes a file that may not be there.
///
/// # Errors
/// [`Error::Io`].
pub(crate) fn remove(path: &Path) -> Result<(), Error> {
    fault::point("remove", path)?;
    match fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed.at("remove", path),
    }
}

/// Removes a draft, a file or a whole folder, that may not be there.
///
/// # Errors
/// [`Error::Io`].
pub(crate) fn remove_leftover(draft: &Path) -> Result<(), Error> {
    let is_folder = match fs::symlink_metadata(draft) {
        Ok(found) => found.is_dir(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).at("remove", draft),
    };
    fault::point("remove", draft)?;
    if is_folder { fs::remove_dir_all(draft) } else { fs::remove_file(draft) }.at("remove", draft)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn files_are_replaced_whole_with_their_mode() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key.pem");
        fs::write(draft_of(&path), "left by a crash").unwrap();
        for text in ["first", "second"] {
            replace(&path, text.as_bytes(), 0o600).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn folders_appear_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("alice");
        fs::create_dir(draft_of(&path)).unwrap();
        create_folder(&path, &[("a", b"1", 0o644), ("b", b"2", 0o600)]).unwrap();
        assert_eq!(fs::read(path.join("b")).unwrap(), b"2");
        assert!(create_folder(&path, &[("a", b"3", 0o644)]).is_err());
        assert_eq!(fs::read(path.join("a")).unwrap(), b"1");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
