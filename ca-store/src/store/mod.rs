//! The store: a folder with the CA, every certificate it issued, and an index of them. Reading needs no lock; a change
//! goes through `writer::Writer`, which holds one. `docs/store-format.md` describes it file by file.

pub(crate) mod atomic;
mod authorities;
mod backup;
mod batch;
mod birth;
mod ca_files;
mod check;
pub(crate) mod entry;
mod export;
pub(crate) mod fault;
mod files;
mod hook;
mod index;
mod key_out;
pub(crate) mod layout;
mod leaving;
mod list;
pub(crate) mod lists;
mod lock;
pub(crate) mod log;
mod many;
mod mend;
mod migrate;
pub mod named;
mod permission;
pub(crate) mod recertified;
mod revocation;
mod revoked;
mod revoked_before;
mod system;
mod trouble;
mod watch;
pub(crate) mod writer;

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::authority::Chain;
use crate::error::{AtPath as _, Error};
use crate::explain::IssuedBefore;
use crate::key::Passphrase;
use crate::profile::Purpose;
use crate::san::{FolderName, San};
use crate::serial::{self, Serial};
use crate::settings::Settings;

pub(crate) use atomic::{ensure_folder, parent_of};
pub(crate) use authorities::{Above, Authorities, AuthorityRow, Generation, PlannedAuthority, Role};
pub use backup::Backup;
pub use batch::Delivered;
pub(crate) use batch::{BatchRow, CutBatch, GroupRow, NameStanding, Taken, Unfinished};
pub(crate) use ca_files::{MadeAuthority, OpenAuthority, OpenedKey};
pub use check::{CertificateReport, CheckReport, CheckRequest, Standing, UnfinishedBatch, check_permissions};
pub use entry::{Distrust, EntryAt, IndexEntry, Status};
pub(crate) use export::holds_no_key;
pub use export::{Readers, check_new, write_out};
pub(crate) use fault::point as fault_point;
pub(crate) use files::{ChainPem, Contents, missing_file, refuse_existing};
pub use files::{IssuedFiles, certificate_pem};
pub use hook::PendingHook;
pub(crate) use index::{Index, Reservation};
pub(crate) use key_out::{check_key_out, write_key_out};
pub(crate) use layout::{CERT as CERT_FILE, FOLDER_MODE, PRIVKEY as KEY_FILE, SECRET_MODE};
pub use leaving::{Leaving, Noted, TrustChange, write_export};
pub use list::ListQuery;
pub use lock::LOCK_PATIENCE;
pub use log::HeadReport as LogHead;
pub use log::{Entry as LogEntry, Kind as LogKind, LogMark, LogQuery, LogReport};
pub(crate) use many::create_folders;
pub(crate) use permission::{check_secret, check_target, refuse_link};
pub use revocation::ListMade;
pub(crate) use revocation::{Revocable, Revocation};
pub use revoked::OwnRevocations;
pub(crate) use revoked_before::{Progress, RevokedBefore};
pub(crate) use system::read_request;
pub use system::{MAX_REQUEST_FILE, host_name};
pub use trouble::{MAX_TROUBLES, Trouble, TroubleCode};

/// Names that [`Store::issued_before`] looks up: a fix needs the first, and a certificate rarely has more than a few.
const MAX_ASKED: usize = 16;

/// An opened store.
pub struct Store {
    dir: PathBuf,
    on_wait: Box<dyn Fn(&Path) + Send + Sync>,
    on_encrypted: Box<Ask>,
}

/// Asks whoever uses the program for the passphrase of a key; none where nobody can be asked.
type Ask = dyn Fn(&Path) -> Result<Option<Passphrase>, Error> + Send + Sync;

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("dir", &self.dir).finish_non_exhaustive()
    }
}

impl Store {
    /// The folder of the store unless told otherwise: `$PKI_STORE`, or `pki` in the platform's data folder.
    ///
    /// # Errors
    /// [`Error::NoStoreFolder`].
    pub fn default_dir() -> Result<PathBuf, Error> {
        system::default_dir()
    }

    /// Whether there is a store in `dir`.
    pub fn exists(dir: &Path) -> bool {
        Index::exists(dir)
    }

    /// Opens the store in `dir`, and checks that it is its owner's alone. The index is opened only when it is needed.
    ///
    /// # Errors
    /// [`Error::StoreMissing`], [`Error::IndexLost`], [`Error::Permissions`], or [`Error::Io`] where it may not be looked into.
    pub fn open(dir: &Path) -> Result<Store, Error> {
        match fs::metadata(dir.join(layout::INDEX)) {
            Ok(found) if found.is_file() => {}
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                return Err(error).at("look into the store", dir);
            }
            _ if layout::is_left_of_store(dir) => return Err(Error::IndexLost { dir: dir.to_owned() }),
            _ => return Err(Error::StoreMissing { dir: dir.to_owned() }),
        }
        permission::check_folder(dir)?;
        Ok(Store { dir: dir.to_owned(), on_wait: Box::new(|_| ()), on_encrypted: Box::new(|_| Ok(None)) })
    }

    /// Calls `announce` with the lock's path when a change has to wait for another process.
    pub fn on_wait(&mut self, announce: impl Fn(&Path) + Send + Sync + 'static) {
        self.on_wait = Box::new(announce);
    }

    /// The index, to be read.
    pub(crate) fn index(&self) -> Result<Index, Error> {
        Index::open_for_reading(&self.dir, &self.on_wait)
    }

    /// Calls `ask` with a key's path when it is encrypted and no passphrase was given.
    pub fn on_encrypted(&mut self, ask: impl Fn(&Path) -> Result<Option<Passphrase>, Error> + Send + Sync + 'static) {
        self.on_encrypted = Box::new(ask);
    }

    /// Waits until no other batch runs in this store, and keeps others waiting.
    pub(crate) fn lock_batches(&self) -> Result<lock::Lock, Error> {
        lock::Lock::take_for_batch(&self.dir, &self.on_wait)
    }

    /// Where the folders of its certificates are.
    pub(crate) fn certs_dir(&self) -> PathBuf {
        certs_of(&self.dir)
    }

    /// The store's folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The CA certificates in DER: the issuing one first and the root last, and between them what leads from the root to one
    /// before it.
    ///
    /// # Errors
    /// [`Error::NoCa`], [`Error::Index`] and its kin.
    pub fn ca_certificates(&self) -> Result<Vec<Vec<u8>>, Error> {
        let chain = self.chain()?;
        Ok(chain.sent().chain([chain.root().certificate.der()]).map(<[u8]>::to_vec).collect())
    }

    /// The CAs above what is issued now.
    ///
    /// # Errors
    /// As [`Store::ca_certificates`].
    pub fn chain(&self) -> Result<Chain, Error> {
        let index = Index::open_for_reading(&self.dir, &self.on_wait)?;
        let chain = index.authorities()?.chain().map_err(|reason| index.damaged(&reason))?;
        chain.ok_or_else(|| Error::NoCa { dir: self.dir.clone() })
    }

    /// The file that clients and servers trust.
    pub fn root_pem_path(&self) -> PathBuf {
        self.dir.join(layout::ROOT.certificate)
    }

    /// Where what servers read of its revocation lists is, once there are any.
    pub fn crl_place(&self) -> PathBuf {
        self.dir.join(layout::CRL)
    }

    /// The files with the certificates of its CAs, of now and before.
    pub fn ca_certificate_paths(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.dir.join(layout::CA)).into_iter().flatten().flatten();
        let is_certificate =
            |path: &PathBuf| path.extension().is_some_and(|end| end == "pem") && !path.ends_with(layout::CRL);
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_certificate).collect();
        paths.sort();
        paths
    }

    /// What its owner has laid down in `ca.toml`.
    ///
    /// # Errors
    /// [`Error::SettingsMalformed`] or [`Error::Io`].
    pub fn settings(&self) -> Result<Settings, Error> {
        system::read_settings(&self.dir.join(layout::SETTINGS))
    }

    /// The revocation list, where there is one.
    pub fn crl_path(&self) -> Option<PathBuf> {
        Some(self.dir.join(layout::CRL)).filter(|path| path.exists())
    }

    /// Whether it holds the key of the CA that issues, and it can be used without asking: there, the owner's alone, and not
    /// encrypted.
    pub fn can_sign(&self) -> bool {
        self.issuing_key_begins(b"-----BEGIN PRIVATE KEY-----")
    }

    /// Whether it holds that key under a passphrase.
    pub fn can_sign_with_passphrase(&self) -> bool {
        self.issuing_key_begins(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    }

    fn issuing_key_begins(&self, line: &[u8]) -> bool {
        let Ok(paths) = self.chain().and_then(|chain| self.keys_beside(&chain[0])) else { return false };
        paths.first().is_some_and(|path| Self::read_private_key(path).is_ok_and(|pem| pem.starts_with(line)))
    }

    /// Reads a private key's PEM, if nobody but its owner can read it.
    ///
    /// # Errors
    /// [`Error::Permissions`] or [`Error::Io`].
    pub fn read_private_key(path: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
        check_secret(path)?;
        fs::read(path).map(Zeroizing::new).at("read the private key", path)
    }

    /// The files of the certificate of this name; their folder and key are their owner's alone.
    ///
    /// # Errors
    /// [`Error::NotIssued`], [`Error::Permissions`] or [`Error::Io`].
    pub fn issued_files(&self, name: &str) -> Result<IssuedFiles, Error> {
        let entry = self.show(name)?;
        let files = self.own_files(&entry)?;
        if entry.folder.is_none() {
            permission::check_folder(&files.folder)?;
        }
        if files.privkey.exists() {
            check_secret(&files.privkey)?;
        }
        Ok(files)
    }

    /// Where a batch has put `entry`, if it has no folder of its own.
    ///
    /// # Errors
    /// [`Error::Index`] and its kin.
    pub fn delivered(&self, entry: &IndexEntry) -> Result<Option<Delivered>, Error> {
        Index::open_for_reading(&self.dir, &self.on_wait)?.delivered(entry.serial)
    }

    /// Where the files of `entry` are.
    pub fn files_of(&self, entry: &IndexEntry) -> IssuedFiles {
        let folder = match &entry.folder {
            Some(folder) => folder.clone(),
            None => self.dir.join(layout::CERTS).join(&entry.name),
        };
        IssuedFiles::in_folder(&folder)
    }

    /// The same, to be read or written: through a link in the store nothing is.
    ///
    /// # Errors
    /// [`Error::LinkInStore`].
    pub(crate) fn own_files(&self, entry: &IndexEntry) -> Result<IssuedFiles, Error> {
        let files = self.files_of(entry);
        if entry.folder.is_none() {
            [&files.folder, &files.privkey].into_iter().try_for_each(|path| refuse_link(path))?;
        }
        Ok(files)
    }

    /// The certificates in use that end at `until` or before, the first to end first. One that was revoked is not in use, and
    /// a CA is not renewed by its own store's clock.
    ///
    /// # Errors
    /// [`Error::Index`] and its kin.
    pub fn due(&self, until: OffsetDateTime) -> Result<Vec<IndexEntry>, Error> {
        Index::open_for_reading(&self.dir, &self.on_wait)?.due(until)
    }

    /// The certificate in use of this name, or the one with this serial number in hexadecimal.
    ///
    /// # Errors
    /// [`Error::NotIssued`], or [`Error::Index`] and its kin.
    pub fn show(&self, name_or_serial: &str) -> Result<IndexEntry, Error> {
        let index = Index::open_for_reading(&self.dir, &self.on_wait)?;
        find(&index, name_or_serial)?
            .ok_or_else(|| Error::NotIssued { name: name_or_serial.to_owned(), dir: self.dir.clone() })
    }

    /// What was issued for each of these names, for fixes that would issue it again. Names that are none are passed over.
    ///
    /// # Errors
    /// [`Error::Index`] and its kin.
    pub fn issued_before(&self, names: &[String]) -> Result<Vec<IssuedBefore>, Error> {
        let index = Index::open_for_reading(&self.dir, &self.on_wait)?;
        let found = names.iter().take(MAX_ASKED).filter_map(|name| index.current(name).transpose());
        let entries = found.collect::<Result<Vec<_>, _>>()?;
        Ok(entries.iter().map(|entry| self.before(entry)).collect())
    }

    fn before(&self, entry: &IndexEntry) -> IssuedBefore {
        let files = self.files_of(entry);
        IssuedBefore {
            name: entry.name.clone(),
            names: entry.sans.clone(),
            client: entry.purpose == Purpose::Client,
            folder: files.folder.display().to_string(),
            has_key: files.privkey.exists(),
            revoked: entry.revoked.is_some(),
        }
    }
}

/// By name as it was typed, by name as certificates have it (`Bücher.example`), or by serial number.
fn find(index: &Index, text: &str) -> Result<Option<IndexEntry>, Error> {
    if let Some(entry) = index.current(text)? {
        return Ok(Some(entry));
    }
    for serial in serial::typed(text).iter().filter_map(|octets| Serial::from_octets(octets)) {
        if let Some(entry) = index.by_serial(serial)? {
            return Ok(Some(entry));
        }
    }
    match San::parse(text) {
        Ok(san) => index.current(&san.to_string()),
        Err(_) => Ok(None),
    }
}

/// The folder of `name` in the store `dir`.
pub(crate) fn folder_of(dir: &Path, name: &FolderName) -> PathBuf {
    layout::folder(dir, name)
}

/// Where the folders of the certificates of the store `dir` are.
pub(crate) fn certs_of(dir: &Path) -> PathBuf {
    dir.join(layout::CERTS)
}

/// Makes the rename or creation of `path` last.
///
/// # Errors
/// [`Error::Io`].
pub(crate) fn sync_parent(path: &Path) -> Result<(), Error> {
    atomic::sync_folder(parent_of(path))
}
