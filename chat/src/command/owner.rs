//! Whose a data folder is. What another user makes in it, its server could not open.

use ca_store::finding::quote;
use std::path::Path;

use crate::failure::{Exit, Failure};

/// Refuses a folder of another user before anything is made in it. Who is no administrator and may write there all the same
/// has been let in by its owner.
#[cfg(unix)]
pub(super) fn must_be_own(folder: &Path) -> Result<(), Failure> {
    use rustix::fs::{Access, access};
    use std::os::unix::fs::MetadataExt;

    let me = rustix::process::geteuid();
    let Ok(metadata) = std::fs::metadata(folder) else { return Ok(()) };
    let let_in = !me.is_root() && access(folder, Access::WRITE_OK | Access::EXEC_OK).is_ok();
    if metadata.uid() == me.as_raw() || let_in {
        return Ok(());
    }
    Err(of_another(folder, &name_of(metadata.uid())))
}

/// Elsewhere the system's own lists say who may do what.
#[cfg(not(unix))]
pub(super) fn must_be_own(_folder: &Path) -> Result<(), Failure> {
    Ok(())
}

#[cfg(unix)]
fn of_another(folder: &Path, owner: &str) -> Failure {
    Failure::new(Exit::Store, format!("{}: the folder is {owner}'s, and nothing was made in it", folder.display()))
        .hint(as_user(owner, std::env::args().skip(1)))
}

/// Why a file could not be opened, where that is for lack of permission: the file, or what of the way to it is there, is another's.
#[cfg(unix)]
pub(crate) fn whose(path: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt;

    let me = rustix::process::geteuid().as_raw();
    let (there, owner) = path.ancestors().find_map(|there| Some((there, std::fs::metadata(there).ok()?.uid())))?;
    let owner = (owner != me).then(|| name_of(owner))?;
    let command = as_user(&owner, std::env::args().skip(1));
    Some(format!("{} is {owner}'s: {command}", there.display()))
}

#[cfg(not(unix))]
pub(crate) fn whose(_path: &Path) -> Option<String> {
    None
}

/// The same command, as its owner types it.
#[cfg(unix)]
fn as_user(owner: &str, arguments: impl Iterator<Item = String>) -> String {
    let words = ["sudo", "-u", owner, "chat"].map(quote).into_iter().chain(arguments.map(|argument| quote(&argument)));
    words.collect::<Vec<_>>().join(" ")
}

/// The user's name, or its number as sudo takes it.
#[cfg(unix)]
fn name_of(uid: u32) -> String {
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    name_in(&users, uid).unwrap_or_else(|| format!("#{uid}"))
}

/// From the system's list: `name:password:uid:…`.
#[cfg(unix)]
fn name_in(users: &str, uid: u32) -> Option<String> {
    let is_it = |line: &&str| line.split(':').nth(2).and_then(|number| number.parse().ok()) == Some(uid);
    users.lines().find(is_it)?.split(':').next().map(str::to_owned)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn ones_own_folder_and_one_that_is_not_there_yet_will_do() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(must_be_own(folder.path()).is_ok());
        assert!(must_be_own(&folder.path().join("later")).is_ok());
        assert_eq!(whose(&folder.path().join("later/file")), None);
    }

    #[test]
    fn a_folder_of_another_user_is_refused_with_the_command() {
        let folder = tempfile::tempdir().expect("a folder");
        let another = std::fs::metadata(folder.path()).expect("there").uid() + 1;
        // Only the administrator can give a folder away.
        if std::os::unix::fs::chown(folder.path(), Some(another), None).is_ok() {
            assert!(must_be_own(folder.path()).is_err());
            assert!(whose(&folder.path().join("file")).is_some_and(|told| told.contains("sudo -u")));
        }
        let told = of_another(Path::new("/var/lib/chat"), "chat").in_one_line();
        assert_eq!(told, "/var/lib/chat: the folder is chat's, and nothing was made in it");
        let typed = ["account", "add", "two words"].map(str::to_owned);
        assert_eq!(as_user("chat", typed.into_iter()), "sudo -u chat chat account add 'two words'");
    }

    #[test]
    fn users_are_called_by_their_names() {
        let users = "root:x:0:0:root:/root:/bin/sh\nchat:x:105:105::/var/lib/chat:/usr/sbin/nologin\n";
        assert_eq!(name_in(users, 105).as_deref(), Some("chat"));
        assert_eq!(name_in(users, 7), None);
    }
}
