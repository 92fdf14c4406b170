//! The files of certificates in use beside the index.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use super::Findings;
use super::remedy::Remedy;
use crate::error::Error;
use crate::facts;
use crate::shell::quote;
use crate::store::index::Index;
use crate::store::layout::{CA_FILE, CERT, CERTS, CHAIN, FULLCHAIN, PRIVKEY, SECRET_MODE};
use crate::store::permission::is_link;
use crate::store::trouble::{Trouble, TroubleCode};
use crate::store::{Store, holds_no_key};

/// A certificate in use.
#[derive(Debug, Clone)]
pub(super) struct Used {
    pub(super) name: String,
    pub(super) authority: i64,
    pub(super) folder: PathBuf,
    /// Whether that is the store's own.
    pub(super) own: bool,
    /// Whether its key belongs there; none: that is not known.
    pub(super) key_here: Option<bool>,
    pub(super) der: Vec<u8>,
}

/// Compares the files of every certificate that is in use: issued, not replaced, not revoked, not expired. Those that a batch
/// has put into one file or stream have none.
///
/// # Errors
/// [`Error::Index`].
pub(super) fn check(store: &Store, index: &Index, now: OffsetDateTime, findings: &mut Findings) -> Result<(), Error> {
    index.run(|connection| {
        let mut known = connection.prepare(
            "SELECT certificate FROM authority WHERE certificate IS NOT NULL UNION \
             SELECT certificate FROM recertified WHERE certificate IS NOT NULL",
        )?;
        let known: HashSet<Vec<u8>> = known.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        let query = "SELECT name, authority, folder, certificate, key_here FROM certificate WHERE state = 'issued' \
                     AND replaced_by IS NULL AND revoked IS NULL AND not_after >= ?1 \
                     AND (batch IS NULL OR batch NOT IN (SELECT id FROM batch WHERE form != 'folders')) ORDER BY id";
        let mut query = connection.prepare(query)?;
        let mut rows = query.query([now.unix_timestamp()])?;
        while let Some(row) = rows.next()? {
            let name: String = row.get(0)?;
            let elsewhere: Option<String> = row.get(2)?;
            let own = elsewhere.is_none();
            let folder = elsewhere.map_or_else(|| store.dir().join(CERTS).join(&name), PathBuf::from);
            let der: Option<Vec<u8>> = row.get(3)?;
            let (authority, key_here) = (row.get(1)?, row.get(4)?);
            let used = Used { name, authority, folder, own, key_here, der: der.unwrap_or_default() };
            if !findings.unfinished.contains(&used.folder) {
                used.check(&known, findings);
            }
        }
        Ok(())
    })
}

impl Used {
    fn check(&self, known: &HashSet<Vec<u8>>, findings: &mut Findings) {
        if is_link(&self.folder) && self.own {
            // It is named among what is in `certs/`, and nothing is written through it.
            return;
        }
        if !self.folder.is_dir() {
            let message = "the folder of its files is not there; the index has the certificate, and nobody has the key";
            let next = format!("issue it again, with a new key:\npki renew {} --rekey", quote(&self.name));
            let trouble = Trouble::new(TroubleCode::FilesMissing, self.folder.display().to_string(), message);
            findings.push(trouble.next(next), None);
            return;
        }
        for file in [CERT, FULLCHAIN, CHAIN, CA_FILE] {
            let path = self.folder.join(file.name);
            let found = blocks(&path);
            let own = usize::from(file.name == CERT.name || file.name == FULLCHAIN.name);
            let (code, message) = match found {
                None => (TroubleCode::FilesMissing, "it is not there"),
                Some(blocks) if self.fits(&blocks, own, known) => continue,
                Some(_) => (TroubleCode::FilesDiffer, "it does not hold what the index has"),
            };
            let trouble = Trouble::new(code, path.display().to_string(), message);
            findings.push(trouble, Some(Remedy::WriteFiles(self.clone())));
            break;
        }
        self.check_key(findings);
    }

    /// The first `own` blocks are this certificate, the others CAs of this store.
    fn fits(&self, blocks: &[Vec<u8>], own: usize, known: &HashSet<Vec<u8>>) -> bool {
        let (mine, above) = blocks.split_at(own.min(blocks.len()));
        !blocks.is_empty() && mine.iter().all(|der| *der == self.der) && above.iter().all(|der| known.contains(der))
    }

    fn check_key(&self, findings: &mut Findings) {
        let path = self.folder.join(PRIVKEY.name);
        let place = path.display().to_string();
        let Ok(found) = fs::metadata(&path) else {
            if self.key_here == Some(true) {
                let message = "the private key was made here, and is not there any more";
                self.key_trouble(TroubleCode::KeyMissing, place, message, findings);
            }
            return;
        };
        let mode = found.permissions().mode() & 0o7777;
        // Those in the store are looked at with all that is in it.
        if !self.own && mode & 0o077 != 0 {
            let message = "others than its owner can read it: others may have it by now";
            let trouble = Trouble::new(TroubleCode::WrongMode, place.clone(), message)
                .between(format!("{SECRET_MODE:04o}"), format!("{mode:04o}"));
            findings.push(trouble, Some(Remedy::SetMode(path.clone(), SECRET_MODE)));
        }
        if key_fits(&path, &self.der) == Some(false) {
            let message = "it is not the key of the certificate beside it";
            self.key_trouble(TroubleCode::KeyDiffers, place, message, findings);
        } else if holds_nothing(&path) {
            let message = "it holds no private key that can be read";
            self.key_trouble(TroubleCode::KeyDiffers, place, message, findings);
        }
    }

    fn key_trouble(&self, code: TroubleCode, place: String, message: &str, findings: &mut Findings) {
        let name = quote(&self.name);
        let next = format!("bring the right one back from a backup, or make a new one:\npki renew {name} --rekey");
        findings.push(Trouble::new(code, place, message).next(next), None);
    }
}

/// The blocks of a file; none where it is not there.
fn blocks(path: &Path) -> Option<Vec<Vec<u8>>> {
    let bytes = fs::read(path).ok()?;
    Some(facts::Input::read(&bytes).blocks.iter().map(|block| block.der.to_vec()).collect())
}

/// Whether a file can be read and has no key in it.
fn holds_nothing(key: &Path) -> bool {
    fs::read(key).map(zeroize::Zeroizing::new).is_ok_and(|pem| holds_no_key(&facts::Input::read(&pem)))
}

/// Whether the key in a file is the certificate's; none where that cannot be seen.
pub(super) fn key_fits(key: &Path, certificate: &[u8]) -> Option<bool> {
    let pem = zeroize::Zeroizing::new(fs::read(key).ok()?);
    let input = facts::Input::read(&pem);
    let key = input.blocks.first().and_then(|block| facts::PrivateKey::from_der(&block.der).ok())?.public_key?;
    let certificate = facts::Certificate::from_der(certificate).ok()?;
    Some(key.same_as(&certificate.public_key))
}
