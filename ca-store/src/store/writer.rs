//! Changes to a store, made under its lock, in the order that leaves a trace of everything: the serial is reserved on disk
//! before the CA's key is used, the plan is recorded before it is signed, the files appear by rename, and the index last.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use crate::authority::Authority;
use crate::error::{AtPath as _, Error};
use crate::key::{PrivateKey, Seal};
use crate::plan::CertificatePlan;
use crate::profile::Purpose;
use crate::serial::{self, Serial};
use crate::sign::Signed;
use crate::store::entry::{IndexEntry, Record};
use crate::store::files::{self, Contents, IssuedFiles};
use crate::store::index::{Index, Reservation};
use crate::store::layout::{self, FOLDER_MODE};
use crate::store::lock::Lock;
use crate::store::log::{self, Operation, Signer};
use crate::store::revocation::{ListMade, Revocable};
use crate::store::{Store, atomic, fault, find, permission};
use crate::uri::Uri;
use crate::validity::rfc3339;

/// A store that is being changed. Others wait until it is dropped.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(super) dir: PathBuf,
    pub(super) index: Index,
    _lock: Lock,
}

impl Store {
    /// Begins a change: takes the lock, opens the index.
    pub(crate) fn write(&self) -> Result<Writer, Error> {
        let lock = Lock::take(&self.dir, &self.on_wait)?;
        let writer = Writer { dir: self.dir.clone(), index: Index::open(&self.dir)?, _lock: lock };
        if writer.is_moving() {
            writer.settle()?;
        }
        Ok(writer)
    }
}

/// A change that lets others in for a moment.
#[derive(Debug)]
pub(crate) struct Paused {
    dir: PathBuf,
    index: Index,
}

impl Paused {
    /// The index, to be read.
    pub(crate) fn index(&self) -> &Index {
        &self.index
    }

    /// Takes the lock again.
    pub(crate) fn go_on(self, store: &Store) -> Result<Writer, Error> {
        let lock = Lock::take(&self.dir, &store.on_wait)?;
        Ok(Writer { dir: self.dir, index: self.index, _lock: lock })
    }
}

impl Writer {
    /// Lets go of the lock, and keeps the index open.
    pub(crate) fn pause(self) -> Paused {
        Paused { dir: self.dir, index: self.index }
    }

    /// The store's folder.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The index that is being changed.
    pub(crate) fn index(&self) -> &Index {
        &self.index
    }

    /// Begins a store in `dir`, or goes on with one that has no CA yet.
    pub(crate) fn found(dir: &Path, on_wait: &dyn Fn(&Path)) -> Result<Writer, Error> {
        claim(dir)?;
        let lock = Lock::take(dir, on_wait)?;
        let index = if Index::exists(dir) { open_or_begin_again(dir)? } else { Index::create(dir)? };
        Ok(Writer { dir: dir.to_owned(), index, _lock: lock })
    }

    /// Refuses a store that has a CA, or files that look like one.
    pub(crate) fn refuse_ca(&self) -> Result<(), Error> {
        let known = self.index.authorities()?.0;
        if let Some(root) = known.iter().find(|row| row.ready) {
            let not_after = OffsetDateTime::from_unix_timestamp(root.not_after).map(rfc3339).unwrap_or_default();
            return Err(Error::StoreHasCa { dir: self.dir.clone(), name: root.name.clone(), not_after });
        }
        if !known.is_empty() {
            // An interrupted beginning: nothing was issued from it, and it is written over.
            return Ok(());
        }
        let files = [layout::ROOT, layout::ISSUING].into_iter().flat_map(|files| [files.certificate, files.key]);
        match files.map(|name| self.dir.join(name)).find(|path| path.exists()) {
            Some(path) => Err(Error::StrayCaFile { path, index: self.dir.join(layout::INDEX) }),
            None => Ok(()),
        }
    }

    /// Appends to the log that the keys are encrypted with another passphrase now, or with none; or that of a root which is
    /// kept apart.
    pub(crate) fn log_passphrase(&self, seal: Option<&Seal>, root_key: Option<&Path>) -> Result<(), Error> {
        let kdf = seal.map_or("none", |seal| seal.kdf.as_str());
        let operation = Operation::new(log::Kind::Passphrase).with("kdf", kdf);
        let operation = match root_key {
            Some(path) => operation.with("root_key", path.display().to_string()),
            None => operation,
        };
        self.index.change(&[operation], None, |_| Ok(()))
    }

    /// The certificate of this name, whatever the letter case.
    pub(crate) fn current(&self, name: &str) -> Result<Option<IndexEntry>, Error> {
        self.index.current(name)
    }

    /// The certificate of this name or serial number.
    pub(crate) fn find(&self, name_or_serial: &str) -> Result<IndexEntry, Error> {
        find(&self.index, name_or_serial)?
            .ok_or_else(|| Error::NotIssued { name: name_or_serial.to_owned(), dir: self.dir.clone() })
    }

    /// The certificate of this name or serial number, a CA's too, and one that was planned and perhaps signed.
    pub(crate) fn find_revocable(&self, name_or_serial: &str) -> Result<Revocable, Error> {
        if let Some(entry) = find(&self.index, name_or_serial)? {
            return Ok(entry.into());
        }
        if let Some(authority) = self.index.revocable_authority(name_or_serial)? {
            return Ok(authority);
        }
        for serial in serial::typed(name_or_serial) {
            if let Some(planned) = self.index.revocable_plan(&serial)? {
                return Ok(planned);
            }
        }
        Err(Error::NotIssued { name: name_or_serial.to_owned(), dir: self.dir.clone() })
    }

    /// The newest list of a certificate's issuer.
    pub(crate) fn last_list_about(&self, certificate: &Revocable) -> Result<Option<ListMade>, Error> {
        match self.index.issuer_of(certificate)? {
            Some(issuer) => self.index.last_list(issuer, 0),
            None => Ok(None),
        }
    }

    /// The CA that issues, by its place in the index.
    pub(crate) fn issuing_authority(&self) -> Result<i64, Error> {
        self.index.issuing_authority()?.ok_or_else(|| Error::NoCa { dir: self.dir.clone() })
    }

    /// Where the certificate with this serial number says that the list is found which names it once it is revoked.
    pub(crate) fn crl_points(&self, authority: i64, serial: Serial) -> Result<Vec<Uri>, Error> {
        self.index.list_points(authority)?.of_new(serial)
    }

    /// Refuses a CA that was opened before another process took the lock, and replaced it.
    pub(crate) fn refuse_stale(&self, chain: &[Authority]) -> Result<(), Error> {
        match self.index.is_issuing(chain[0].certificate.der())? {
            true => Ok(()),
            false => Err(Error::CaReplaced { ca: chain[0].name.clone() }),
        }
    }

    /// Refuses a root that was opened before another process took the lock, and replaced it.
    pub(crate) fn refuse_stale_root(&self, root: &Authority) -> Result<(), Error> {
        let all = self.index.authorities()?;
        match all.root().and_then(|row| row.certificate.as_deref()) == Some(root.certificate.der()) {
            true => Ok(()),
            false => Err(Error::CaReplaced { ca: root.name.clone() }),
        }
    }

    /// The CA that signs certificates for this purpose, by its place in the index.
    pub(crate) fn authority_for(&self, purpose: Purpose) -> Result<i64, Error> {
        match purpose {
            Purpose::Server | Purpose::Client => self.issuing_authority(),
            Purpose::Intermediate => {
                let root = self.index.authorities()?.root().map(|row| row.id);
                root.ok_or_else(|| Error::NoCa { dir: self.dir.clone() })
            }
        }
    }

    /// Reserves a serial number on disk.
    pub(crate) fn reserve(&self, reservation: &Reservation<'_>) -> Result<(), Error> {
        self.index.reserve(reservation)
    }

    /// Records that a serial number stays unused.
    pub(crate) fn withdraw(&self, serial: Serial) -> Result<(), Error> {
        self.index.withdraw(serial)
    }

    /// Records what is about to be signed.
    pub(crate) fn record_plan(&self, plan: &CertificatePlan) -> Result<(), Error> {
        self.index.record_plan(plan)
    }

    /// Writes the files of a certificate into a folder that is made for them.
    pub(crate) fn write_new(&self, contents: &Contents, folder: &Path, own: bool) -> Result<IssuedFiles, Error> {
        if own {
            atomic::ensure_folder(&self.dir.join(layout::CERTS))?;
        }
        if folder.exists() {
            files::refuse_existing(folder)?;
            contents.replace_in(folder)?;
        } else {
            atomic::ensure_folder(folder.parent().unwrap_or(folder))?;
            contents.create_folder(folder)?;
        }
        Ok(IssuedFiles::in_folder(folder))
    }

    /// Writes the files of a certificate over those that it replaces.
    pub(crate) fn write_over(&self, contents: &Contents, folder: &Path) -> Result<IssuedFiles, Error> {
        if folder.parent() == Some(&self.dir.join(layout::CERTS)) {
            permission::refuse_link(folder)?;
        }
        atomic::ensure_folder(folder)?;
        contents.replace_in(folder)?;
        Ok(IssuedFiles::in_folder(folder))
    }

    /// Records the certificate that is known by `name`: the last step. The key of its CA signs the log.
    pub(crate) fn record_issued(
        &self,
        name: &str,
        signed: &Signed,
        replaces: Option<Serial>,
        key: &PrivateKey,
    ) -> Result<(), Error> {
        let record = Record::of(signed)
            .map_err(|error| Error::Crypto { what: "reading a new certificate back", reason: error.to_string() })?;
        let is_authority = signed.plan().profile().is_authority();
        let purpose = if is_authority { Purpose::Intermediate } else { Purpose::Server };
        let signer = Signer { authority: self.authority_for(purpose)?, key };
        self.index.record_issued(name, &record, replaces, &signer)
    }
}

/// An index whose making was cut short has no tables and no rows: it is made again.
fn open_or_begin_again(dir: &Path) -> Result<Index, Error> {
    if Index::is_unfinished(dir)? {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            atomic::remove(&dir.join(format!("{}{suffix}", layout::INDEX)))?;
        }
        return Index::create(dir);
    }
    Index::open(dir)
}

/// Makes the folder of a new store the owner's alone. One that holds other things is not taken over.
fn claim(dir: &Path) -> Result<(), Error> {
    atomic::ensure_folder(dir)?;
    let mut strange = None;
    let mut empty = true;
    for entry in fs::read_dir(dir).at("look into", dir)? {
        let name = entry.at("look into", dir)?.file_name();
        empty = false;
        if !layout::is_own(&name.to_string_lossy()) {
            strange = Some(name);
        }
    }
    if let Some(name) = strange {
        return Err(Error::NotAStore { dir: dir.to_owned(), found: name.to_string_lossy().into_owned() });
    }
    if empty {
        let mode = fs::Permissions::from_mode(FOLDER_MODE);
        fault::point("set the permissions of", dir)?;
        return fs::set_permissions(dir, mode).at("set the permissions of", dir);
    }
    permission::check_folder(dir)
}
