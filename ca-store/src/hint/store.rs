//! What to type where the store cannot be used as it is.

use crate::error::Error;
use crate::shell::{quote, quote_file};

pub(super) fn of(error: &Error) -> Option<String> {
    Some(match error {
        Error::StoreMissing { .. } | Error::NoCa { .. } => "pki init-ca --name 'Example Root CA'".into(),
        Error::CaFileLost { .. } => "the index has the certificate, and writes it again:\npki check --repair".into(),
        Error::IndexLost { .. } | Error::IndexDamaged { .. } => BRING_INDEX_BACK.into(),
        Error::Index { source, .. } => return of_index(source),
        Error::KeyNotCertificates { name, .. } => format!("make a new key for it:\npki renew {} --rekey", quote(name)),
        Error::KeyLost { name, .. } => {
            format!("bring it back from a backup, or make a new one:\npki renew {} --rekey", quote(name))
        }
        Error::Leftover { path } => {
            let path = quote_file(&path.display().to_string());
            format!("move it away, and repeat the command:\nmv {path} {path}.cut-short")
        }
        Error::BatchTargetLost { .. } => "bring the file back from where it was moved or copied to, and repeat the \
             command; or make new keys for its certificates, one by one:\npki renew NAME --rekey"
            .into(),
        Error::NotAStore { dir, .. } => format!(
            "give a folder that is new, or empty:\npki --store {} init-ca --name 'Example Root CA'",
            quote_file(&dir.join("pki").display().to_string())
        ),
        Error::NoStoreFolder => "give the folder with --store DIR or PKI_STORE=DIR".into(),
        Error::StoreHasCa { .. } => "issue from it, or make another CA in a folder of its own:\n\
             pki issue server chat.example.test\n\
             pki --store DIR init-ca --name 'Another Root CA'"
            .into(),
        Error::StrayCaFile { path, .. } => format!(
            "if the index was lost, bring it back from a backup; if the file is not wanted, move it away:\nmv {0} {0}.old",
            quote_file(&path.display().to_string())
        ),
        Error::StoreLocked { path, .. } => {
            format!("see which process it is:\nfuser -v {}", quote_file(&path.display().to_string()))
        }
        Error::Permissions { path, expected, .. } => {
            format!("chmod {expected:o} {}", quote_file(&path.display().to_string()))
        }
        Error::LinkInStore { path } => link_replaced(path),
        Error::CaKeyReplaced { .. } => "repeat the command, with the passphrase that it has now".into(),
        Error::CaReplaced { .. } => "repeat the command".into(),
        Error::StoreTooNew { .. } => "use the program that made the store, or a later one".into(),
        Error::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => {
            "make room on the file system and repeat the command; nothing was lost".into()
        }
        Error::Io { source, .. } if source.kind() == std::io::ErrorKind::ReadOnlyFilesystem => READ_ONLY.into(),
        Error::Io { source, path, .. } if source.kind() == std::io::ErrorKind::PermissionDenied => {
            // What does not exist yet belongs to nobody: its folder does.
            let there = path.ancestors().find(|path| path.exists()).unwrap_or(path);
            format!("see whose it is:\nls -ld {}", quote_file(&there.display().to_string()))
        }
        Error::RenewalGainsNothing { .. } => "a new CA has to take over first:\npki rollover".into(),
        Error::IssuerRevoked { .. } => "make a new CA below the same root:\npki rollover --intermediate".into(),
        Error::IssuerExpired { .. } => {
            "certify it again with the same key, the root first where that has expired too, and give \
             its certificate to those who have the old one:\n\
             pki rollover --root --same-key\npki rollover --intermediate --same-key"
                .into()
        }
        Error::NothingBelowRoot { .. } => "pki rollover --root --same-key".into(),
        Error::IssuerSerialNamed { .. } => {
            "make a new root with a new key, and a CA below it:\npki rollover --root".into()
        }
        _ => return None,
    })
}

/// Without its index a store cannot be told from a forgery of it: it is not made anew from the files.
const BRING_INDEX_BACK: &str = "bring it back from a backup of the store, and see what that lacks:\npki check";

/// What only reads needs no change of the file system.
const READ_ONLY: &str = "the file system is mounted for reading alone, and what only reads goes on (list, show, verify, export); to \
                         change the store, mount it for writing, or use a copy of it:\ncp -a STORE DIR\npki --store DIR check";

/// By SQLite's own code.
fn of_index(source: &rusqlite::Error) -> Option<String> {
    use rusqlite::ErrorCode::{CannotOpen, DatabaseCorrupt, DiskFull, NotADatabase, ReadOnly, SystemIoFailure};
    if matches!(source, rusqlite::Error::InvalidColumnType(..)) {
        return Some("somebody has changed it; see what it should hold:\npki log verify".into());
    }
    Some(match source.sqlite_error_code()? {
        DiskFull => "make room on the file system and repeat the command; nothing was lost".into(),
        // Files that the index needs while it is open are made longer by other means, whose failures tell no more.
        SystemIoFailure => {
            "the file system is full, or fails: make room and repeat the command, nothing was lost; whether the \
                            store is sound is told by\npki check"
                .into()
        }
        NotADatabase | DatabaseCorrupt => BRING_INDEX_BACK.into(),
        ReadOnly | CannotOpen => {
            "the store cannot be written to; where changes wait in index.sqlite-wal, not even reading can do \
             without. Copy it to where you can write, and use the copy:\ncp -a STORE DIR\npki --store DIR check"
                .into()
        }
        _ => return None,
    })
}

/// What puts a copy of what a link leads to in its place.
pub(crate) fn link_replaced(path: &std::path::Path) -> String {
    let link = quote_file(&path.display().to_string());
    format!(
        "put a copy of what it leads to in its place:\ncp -aL {link} {link}.copy && rm {link} && mv {link}.copy {link}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_refuses_is_told_with_a_way_on() {
        let dir = tempfile::tempdir().unwrap();
        for (kind, way) in [
            (std::io::ErrorKind::StorageFull, "make room"),
            (std::io::ErrorKind::ReadOnlyFilesystem, "cp -a STORE DIR"),
            (std::io::ErrorKind::PermissionDenied, "ls -ld"),
        ] {
            let path = dir.path().join("lock");
            let hint = of(&Error::Io { action: "open the lock", path, source: kind.into() });
            assert!(hint.is_some_and(|hint| hint.contains(way)), "{kind}");
        }
    }
}
