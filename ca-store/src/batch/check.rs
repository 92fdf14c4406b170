//! Every row is checked before anything is issued: names, terms, the CA's limits, names that come twice or have a certificate.

use std::collections::HashMap;
use std::path::Path;

use time::OffsetDateTime;

use super::fault::Faults;
use super::manifest::{MAX_ROWS, Manifest};
use super::row::{COLUMNS, Row};
use crate::authority::Authority;
use crate::error::Error;
use crate::facts;
use crate::issue::revoked_before;
use crate::key::{KeyKind, PrivateKey, PublicKey};
use crate::plan::{CertificatePlan, Terms};
use crate::san::{FolderName, Names};
use crate::serial::Serial;
use crate::settings::Settings;
use crate::store::{BatchRow, Index, NameStanding, Taken, missing_file};
use crate::validity::rfc3339;

/// What rows are held against.
pub(super) struct Against<'a> {
    pub(super) index: &'a Index,
    pub(super) chain: &'a [Authority],
    /// For rows that say nothing.
    pub(super) terms: &'a BatchRow,
    /// What the store's owner has laid down.
    pub(super) settings: &'a Settings,
    pub(super) now: OffsetDateTime,
    /// The batch, where it was begun before.
    pub(super) batch: Option<i64>,
    /// Where the folders of the certificates will be.
    pub(super) folders: Option<&'a Path>,
    /// The store's folder.
    pub(super) store: &'a Path,
}

/// What is to be done with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// It is to be issued.
    Due,
    /// It was issued, or its name was taken by something else after the batch had begun.
    Past,
}

/// A manifest that was checked.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) rows: u64,
    /// Rows that are wrong.
    pub(super) faults: Faults,
    /// Rows that were issued before.
    pub(super) done: u64,
    /// Rows that were issued before and whose files are not all there.
    pub(super) missing: Faults,
    /// Rows whose names were taken after the batch had begun.
    pub(super) taken: Faults,
    /// Of each row; empty for a new batch, in which all are due.
    pub(super) marks: Vec<Mark>,
}

/// Checks every row.
///
/// # Errors
/// What keeps the manifest or the index from being read. What is wrong with rows is in the value.
pub(super) fn check(manifest: &Manifest, against: &Against<'_>) -> Result<Checked, Error> {
    let faults = || Faults::in_folder(against.store);
    let found = Checked { rows: 0, faults: faults(), done: 0, missing: faults(), taken: faults(), marks: Vec::new() };
    let mut checker = Checker { against, keys: HashMap::new(), seen: HashMap::new(), found };
    let mut rows = manifest.rows()?;
    while let Some(reading) = rows.next()? {
        checker.found.rows += 1;
        if checker.found.rows > MAX_ROWS {
            let reason = format!("it has more than {MAX_ROWS} rows: split it");
            return Err(refused(manifest, reason));
        }
        match reading {
            Ok(row) => checker.row(&row)?,
            Err((line, reason)) => checker.found.faults.add(line, reason, None),
        }
    }
    if checker.found.rows == 0 {
        return Err(refused(manifest, "it has no rows".to_owned()));
    }
    Ok(checker.found)
}

fn refused(manifest: &Manifest, reason: String) -> Error {
    Error::ManifestRefused { name: manifest.name.clone(), reason, columns: COLUMNS.join(",") }
}

struct Checker<'a> {
    against: &'a Against<'a>,
    /// A key of each kind that is asked for. Plans are made with them to see whether they can be made; they sign nothing, and
    /// are nobody's.
    keys: HashMap<KeyKind, PublicKey>,
    /// The line of each name: of a digest of it, so that a name's length does not count.
    seen: HashMap<[u8; 16], u32>,
    found: Checked,
}

impl Checker<'_> {
    fn row(&mut self, row: &Row) -> Result<(), Error> {
        let mark = match self.names(row) {
            Ok(names) => self.standing(row, names.folder())?,
            Err(Error::Crypto { what, reason }) => return Err(Error::Crypto { what, reason }),
            Err(error) => {
                self.found.faults.add_error(row.line, &error);
                Mark::Past
            }
        };
        if self.against.batch.is_some() {
            self.found.marks.push(mark);
        }
        Ok(())
    }

    /// As a request of `pki issue` is checked.
    fn names(&mut self, row: &Row) -> Result<Names, Error> {
        let names = row.names()?;
        let rules = self.against.settings.of(row.purpose);
        let (days, kind) = row.terms(self.against.terms, rules);
        let (serial, now) = (Serial::from_random([0; Serial::OCTETS]), self.against.now);
        let terms = Terms { purpose: row.purpose, days, serial, now };
        let plan = CertificatePlan::leaf(&names, self.key(kind)?, self.against.chain, &terms)?;
        plan.governed_by(rules, names.folder(), row.purpose)?;
        Ok(names)
    }

    fn key(&mut self, kind: KeyKind) -> Result<PublicKey, Error> {
        if let Some(key) = self.keys.get(&kind) {
            return Ok(key.clone());
        }
        let key = PrivateKey::generate(kind)?.public_key()?;
        self.keys.insert(kind, key.clone());
        Ok(key)
    }

    fn standing(&mut self, row: &Row, name: &FolderName) -> Result<Mark, Error> {
        if let Some(first) = self.seen_before(name, row.line) {
            let reason =
                format!("{:?} is the name of line {first} already (letter case does not count)", name.as_str());
            self.found.faults.add(row.line, reason, None);
            return Ok(Mark::Past);
        }
        match self.against.index.standing(name, self.against.batch)? {
            NameStanding::Done => self.done(row, name),
            NameStanding::Taken(taken) => self.taken(row, name, taken),
            NameStanding::Free => return Ok(self.free(row, name)),
        }
        Ok(Mark::Past)
    }

    fn seen_before(&mut self, name: &FolderName, line: u64) -> Option<u32> {
        let mut digest = [0; 16];
        digest.copy_from_slice(&facts::sha256(name.folded().as_bytes())[..16]);
        // A manifest has fewer lines than that by its bound on octets.
        self.seen.insert(digest, u32::try_from(line).unwrap_or(u32::MAX))
    }

    fn done(&mut self, row: &Row, name: &FolderName) {
        self.found.done += 1;
        let Some(folder) = self.against.folders.map(|base| base.join(name.as_str())) else { return };
        if let Some(path) = missing_file(&folder) {
            let fix = format!("pki renew {} --rekey", crate::shell::quote(name.as_str()));
            self.found.missing.add(row.line, format!("{} is not there any more", path.display()), Some(fix));
        }
    }

    fn taken(&mut self, row: &Row, name: &FolderName, taken: Taken) {
        let error = taken_error(name, taken);
        match self.against.batch {
            Some(_) => self.found.taken.add_error(row.line, &error),
            None => self.found.faults.add_error(row.line, &error),
        }
    }

    fn free(&mut self, row: &Row, name: &FolderName) -> Mark {
        let occupied = self.against.folders.map(|base| base.join(name.as_str()));
        match occupied.filter(|folder| folder.symlink_metadata().is_ok()) {
            Some(path) => {
                self.found.faults.add_error(row.line, &Error::Leftover { path });
                Mark::Past
            }
            None => Mark::Due,
        }
    }
}

/// As `pki issue` says it.
pub(super) fn taken_error(name: &FolderName, taken: Taken) -> Error {
    if taken.name != name.as_str() {
        return Error::NameFallsTogether { name: name.to_string(), existing: taken.name };
    }
    if let Some((at, reason)) = taken.revoked {
        return revoked_before(taken.name, at, reason);
    }
    Error::AlreadyIssued { name: taken.name, purpose: taken.purpose, not_after: rfc3339(taken.not_after) }
}
