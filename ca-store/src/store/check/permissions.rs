//! Modes and owners: what has to be its owner's alone, and is not. Looked at before the store is opened, which refuses one that
//! others can enter.

use std::fs::{self, Metadata, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::Path;

use crate::error::{AtPath as _, Error};
use crate::shell::quote_file;
use crate::store::layout::{FOLDER_MODE, PUBLIC_MODE, mode_of};
use crate::store::trouble::{Trouble, TroubleCode};

/// Bits that nobody but the owner may have.
const OTHERS: u32 = 0o077;

/// Bits that make no difference to who may do what with a public file.
const PUBLIC_OTHERS: u32 = 0o022;

/// Looks at the mode and the owner of everything in the store `dir`, and sets them right where `repair` says so.
///
/// # Errors
/// [`Error::Io`] where something cannot be looked at, or set right.
pub fn check_permissions(dir: &Path, repair: bool) -> Result<Vec<Trouble>, Error> {
    let mut walk = Walk { owner: fs::metadata(dir).at("look at", dir)?.uid(), repair, troubles: Vec::new() };
    walk.visit(dir, DEPTH)?;
    Ok(walk.troubles)
}

/// Folders below one another: the store, `certs/`, and a certificate's.
const DEPTH: usize = 3;

struct Walk {
    owner: u32,
    repair: bool,
    troubles: Vec<Trouble>,
}

impl Walk {
    fn visit(&mut self, path: &Path, depth: usize) -> Result<(), Error> {
        let found = match fs::symlink_metadata(path) {
            // SQLite's side files go with the last connection.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            found => found.at("look at", path)?,
        };
        if found.is_symlink() {
            return Ok(());
        }
        self.owner(path, &found)?;
        self.mode(path, &found)?;
        if found.is_dir() && depth > 0 {
            for entry in fs::read_dir(path).at("look into", path)? {
                self.visit(&entry.at("look into", path)?.path(), depth - 1)?;
            }
        }
        Ok(())
    }

    fn owner(&mut self, path: &Path, found: &Metadata) -> Result<(), Error> {
        if found.uid() == self.owner {
            return Ok(());
        }
        let message = "it belongs to another user than the store";
        let trouble = Trouble::new(TroubleCode::WrongOwner, shown(path), message)
            .between(format!("user {}", self.owner), format!("user {}", found.uid()))
            .next(format!("as root:\nchown {} {}", self.owner, quote_file(&shown(path))));
        let owner = self.owner;
        self.tell(trouble, "given to the store's owner", || {
            chown(path, Some(owner), None).at("change the owner of", path)
        })
    }

    fn mode(&mut self, path: &Path, found: &Metadata) -> Result<(), Error> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let due = if found.is_dir() { Some(FOLDER_MODE) } else { mode_of(&name) };
        let Some(due) = due else { return Ok(()) };
        let forbidden = if due == PUBLIC_MODE { PUBLIC_OTHERS } else { OTHERS };
        let mode = found.mode() & 0o7777;
        if mode & forbidden == 0 && mode & 0o400 != 0 {
            return Ok(());
        }
        let message = if forbidden == OTHERS {
            "others than its owner can use it: if it is a private key, others may have it by now"
        } else {
            "others than its owner can change it"
        };
        let trouble = Trouble::new(TroubleCode::WrongMode, shown(path), message)
            .between(format!("{due:04o}"), format!("{mode:04o}"))
            .next(super::REPAIR);
        let set = || fs::set_permissions(path, Permissions::from_mode(due)).at("set the permissions of", path);
        self.tell(trouble, "set right", set)
    }

    fn tell(
        &mut self,
        mut trouble: Trouble,
        done: &str,
        repair: impl FnOnce() -> Result<(), Error>,
    ) -> Result<(), Error> {
        if self.repair {
            repair()?;
            trouble.repaired = Some(done.to_owned());
            trouble.next.clear();
        }
        self.troubles.push(trouble);
        Ok(())
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
