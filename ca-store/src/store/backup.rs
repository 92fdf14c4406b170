//! `pki backup`: a copy of the whole store, taken between two changes, that is a store itself. A plain copy taken in the middle
//! of a change may have files that its index does not know yet, or an index without its latest pages.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::error::{AtPath as _, Error, InTheWayOf};
use crate::store::layout::{FOLDER_MODE, INDEX, SECRET_MODE, is_draft, is_kept};
use crate::store::log::{Kind, Operation};
use crate::store::{Store, atomic, fault};

/// A copy that was made.
#[derive(Debug, serde::Serialize)]
pub struct Backup {
    /// Where it is: a folder, or an archive.
    pub path: PathBuf,
    /// Files in it.
    pub files: u64,
    /// Their octets.
    pub octets: u64,
    /// Certificates in it.
    pub certificates: u64,
    /// The last entry of the log in it, and its hash: what `pki log verify --expect` takes.
    pub mark: Option<String>,
    /// Folders of certificates that are not in the store (`--out`), and so not in the copy.
    pub elsewhere: Vec<PathBuf>,
}

impl Store {
    /// Copies the store to `target`, a folder; or a tar archive, if its name ends so.
    ///
    /// # Errors
    /// [`Error::OutputExists`] where something is there, [`Error::BackupInside`] where it is in the store itself, or what the
    /// store and the disk say; `target` is then not there.
    pub fn backup(&self, target: &Path) -> Result<Backup, Error> {
        let target = std::path::absolute(target).at("find", target)?;
        self.refuse_target(&target)?;
        let writer = self.write()?;
        // As with all that leaves the store: a copy that the log does not have must not exist. It holds this entry itself.
        let operation = Operation::new(Kind::Backup).with("to", target.display().to_string());
        writer.index().change(&[operation], None, |_| Ok(()))?;
        let archive = target.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("tar"));
        let draft = atomic::draft_of(&target);
        let folder = if archive { atomic::draft_of(&target.with_extension("store")) } else { draft.clone() };
        let made = self.copy_into(&folder, &target).and_then(|made| {
            if archive {
                pack(&folder, &draft)?;
            }
            atomic::rename(&draft, &target)?;
            atomic::sync_folder(atomic::parent_of(&target)).map(|()| made)
        });
        if archive || made.is_err() {
            // The first error is the one to report.
            let _ = atomic::remove_leftover(&folder);
        }
        if archive && made.is_err() {
            let _ = atomic::remove_leftover(&draft);
        }
        made
    }

    fn refuse_target(&self, target: &Path) -> Result<(), Error> {
        if fs::symlink_metadata(target).is_ok() {
            return Err(Error::OutputExists { path: target.to_owned(), of: InTheWayOf::Whole });
        }
        let parent = atomic::parent_of(target);
        let there = parent.ancestors().find_map(|path| path.canonicalize().ok());
        let store = self.dir().canonicalize().at("find", self.dir())?;
        match there {
            Some(there) if there.starts_with(&store) => {
                Err(Error::BackupInside { path: target.to_owned(), dir: store })
            }
            _ => atomic::ensure_folder(parent),
        }
    }

    fn copy_into(&self, folder: &Path, target: &Path) -> Result<Backup, Error> {
        atomic::remove_leftover(folder)?;
        let mut copy = Copy { files: 0, octets: 0 };
        copy.folder(self.dir(), folder, true)?;
        let index = folder.join(INDEX);
        let told = self.copy_index(&index)?;
        copy.files += 1;
        copy.octets += fs::metadata(&index).at("look at", &index)?.len();
        atomic::sync_folder(folder)?;
        let (certificates, mark, elsewhere) = told;
        Ok(Backup { path: target.to_owned(), files: copy.files, octets: copy.octets, certificates, mark, elsewhere })
    }

    /// SQLite writes the copy of the index itself, whole and without holes; what is told of it is asked of the copy.
    fn copy_index(&self, to: &Path) -> Result<(u64, Option<String>, Vec<PathBuf>), Error> {
        let from = self.dir().join(INDEX);
        // Made first, so that it is its owner's alone from the beginning.
        atomic::create(to, &[], SECRET_MODE)?;
        let name = to.to_str().ok_or_else(|| Error::OutputNotText { path: to.to_owned() })?;
        fault::point("copy the index to", to)?;
        let copied = Connection::open(&from).and_then(|source| source.execute("VACUUM INTO ?1", [name]));
        copied.map_err(|source| Error::Index { path: from, source })?;
        let told = ask(to).map_err(|source| Error::Index { path: to.to_owned(), source })?;
        atomic::sync(&File::open(to).at("open", to)?, to)?;
        Ok(told)
    }
}

/// Sets the copy to the mode in which an index is used, and asks it what it holds.
fn ask(index: &Path) -> rusqlite::Result<(u64, Option<String>, Vec<PathBuf>)> {
    let copy = Connection::open(index)?;
    let certificates: i64 =
        copy.query_row("SELECT count(*) FROM certificate WHERE state = 'issued'", [], |row| row.get(0))?;
    let mark = copy.query_row("SELECT max(id) || ':' || lower(hex(hash)) FROM log", [], |row| row.get(0))?;
    let query = "SELECT DISTINCT folder FROM certificate WHERE folder IS NOT NULL AND state = 'issued' \
                 AND replaced_by IS NULL ORDER BY folder";
    let mut query = copy.prepare(query)?;
    let folders = query.query_map([], |row| row.get::<_, String>(0).map(PathBuf::from))?.collect::<Result<_, _>>()?;
    copy.pragma_update(None, "journal_mode", "wal")?;
    Ok((certificates.unsigned_abs(), mark, folders))
}

/// What was copied.
struct Copy {
    files: u64,
    octets: u64,
}

impl Copy {
    /// Copies a folder and all below it, with their modes; of the store's own folder not the lock and the index.
    fn folder(&mut self, from: &Path, to: &Path, is_store: bool) -> Result<(), Error> {
        fault::point("make the folder", to)?;
        DirBuilder::new().mode(FOLDER_MODE).create(to).at("make the folder", to)?;
        for entry in fs::read_dir(from).at("look into", from)? {
            let entry = entry.at("look into", from)?;
            let (name, path) = (entry.file_name(), entry.path());
            let text = name.to_string_lossy();
            if is_draft(&text) || is_store && !is_kept(&text) {
                continue;
            }
            let kind = entry.file_type().at("look at", &path)?;
            if kind.is_dir() {
                self.folder(&path, &to.join(&name), false)?;
            } else if kind.is_file() {
                self.file(&path, &to.join(&name))?;
            }
        }
        atomic::sync_folder(to)
    }

    fn file(&mut self, from: &Path, to: &Path) -> Result<(), Error> {
        let mut source = File::open(from).at("read", from)?;
        let mode = source.metadata().at("look at", from)?.permissions().mode() & 0o777;
        fault::point("create", to)?;
        let mut copy = OpenOptions::new().write(true).create_new(true).mode(mode).open(to).at("create", to)?;
        fault::point("write", to)?;
        self.octets += io::copy(&mut source, &mut copy).at("write", to)?;
        self.files += 1;
        atomic::sync(&copy, to)
    }
}

/// Packs a copy into an archive, whose one folder is `pki`. It holds private keys, so it is its owner's alone.
fn pack(folder: &Path, archive: &Path) -> Result<(), Error> {
    atomic::remove_leftover(archive)?;
    fault::point("create", archive)?;
    let mut options = OpenOptions::new();
    let file = options.write(true).create_new(true).mode(SECRET_MODE).open(archive).at("create", archive)?;
    let mut builder = tar::Builder::new(BufWriter::new(file));
    fault::point("write", archive)?;
    builder.append_dir_all("pki", folder).at("write", archive)?;
    let mut writer = builder.into_inner().at("write", archive)?;
    writer.flush().at("write", archive)?;
    atomic::sync(writer.get_ref(), archive)
}
