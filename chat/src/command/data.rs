//! The folder in which a server keeps what outlives it.

use ca_store::store::Store;
use chat::archive::{Archive, ArchiveError, Bounds};
use chat::config::HistoryStore;
use chat::config::file::HistorySection;
use std::fs::DirBuilder;
use std::path::{Path, PathBuf};

use super::owner;
use crate::failure::{Exit, Failure};

/// Opens what is kept. Accounts and channels are on disk wherever a folder is named or conversations are on disk; otherwise
/// nothing is written at all.
pub(super) fn open(folder: Option<&Path>, history: HistorySection) -> Result<Archive, Failure> {
    let bounds = bounds(history);
    if folder.is_none() && history.store != HistoryStore::Disk {
        return Ok(Archive::in_memory(bounds)?);
    }
    let folder = own_folder(folder)?;
    make_folder(&folder)?;
    Ok(Archive::open(&folder, bounds)?)
}

/// The folder asked for, or the platform's, if the chat may keep its state there.
fn own_folder(folder: Option<&Path>) -> Result<PathBuf, Failure> {
    let folder = folder.map_or_else(default_folder, |folder| Ok(folder.to_owned()))?;
    owner::must_be_own(&folder)?;
    if Store::exists(&folder) {
        let text = format!("{}: this is a CA's store, and the chat's state has no place in it", folder.display());
        return Err(Failure::new(Exit::Store, text).hint("a folder of its own: --data DIR; the store is --store DIR"));
    }
    Ok(folder)
}

/// As [`open`], in memory where another server has the folder.
pub(super) fn open_or_memory() -> Result<Archive, Failure> {
    let folder = default_folder()?;
    make_folder(&folder)?;
    match Archive::open(&folder, Bounds::default()) {
        Err(ArchiveError::InUse { .. }) => Ok(Archive::in_memory(Bounds::default())?),
        opened => Ok(opened?),
    }
}

/// Opens what is kept beside a server that may run, or begins it.
pub(super) fn open_beside(folder: Option<&Path>) -> Result<Archive, Failure> {
    let folder = own_folder(folder)?;
    make_folder(&folder)?;
    Ok(Archive::open_beside(&folder)?)
}

/// As [`open_beside`], and begins nothing.
pub(super) fn open_kept(folder: Option<&Path>) -> Result<Archive, Failure> {
    let folder = own_folder(folder)?;
    if !Archive::is_in(&folder) {
        let text = format!("{}: expected the folder of a chat's state, found none", folder.display());
        return Err(Failure::new(Exit::Store, text)
            .hint("the folder that the server keeps it in: --data DIR")
            .hint("the first account makes one: chat account add NAME"));
    }
    Ok(Archive::open_beside(&folder)?)
}

fn bounds(history: HistorySection) -> Bounds {
    let usual = Bounds::default();
    Bounds {
        days: history.days.unwrap_or(usual.days),
        entries: history.entries.unwrap_or(usual.entries),
        total: history.total.unwrap_or(usual.total),
    }
}

/// The platform's place for data of a user's programs (XDG Base Directory specification).
pub(super) fn default_folder() -> Result<PathBuf, Failure> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let data = match std::env::consts::OS {
        "macos" => variable("HOME").map(|home| home.join("Library/Application Support")),
        "windows" => variable("APPDATA"),
        _ => variable("XDG_DATA_HOME").or_else(|| variable("HOME").map(|home| home.join(".local/share"))),
    };
    data.map(|data| data.join("chat")).ok_or_else(|| {
        Failure::new(Exit::Usage, "neither XDG_DATA_HOME nor HOME says where the chat's state can be kept")
            .hint("name a folder: --data DIR")
    })
}

fn make_folder(path: &Path) -> Result<(), Failure> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| {
        Failure::new(Exit::Store, format!("{}: the folder for the chat's state can't be made: {error}", path.display()))
            .hint("another folder: --data DIR")
    })
}
