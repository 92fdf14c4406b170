//! `pki check`: what is half done, damaged or not as it should be in a store, and what mends it.
//!
//! ```text
//! permissions ─► index ─► CAs ─► lists ─► unfinished serials, batches ─► files ─► what nobody knows ─► log
//!                          each Trouble with its Remedy, where there is one
//! ```
//!
//! Under the lock nobody is in the middle of a change, so what looks half done is.

mod authority;
mod batch;
mod certificate;
mod files;
mod leftover;
mod lists;
mod permissions;
mod recertified;
mod remedy;
mod unfinished;

use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::PathBuf;

use serde::Serialize;
use time::OffsetDateTime;

use crate::error::Error;
use crate::key::Passphrase;
use crate::store::Store;
use crate::store::index::Index;
use crate::store::lock::Lock;
use crate::store::log::{self, LogReport};
use crate::store::trouble::{MAX_TROUBLES, Trouble, TroubleCode};
use crate::store::writer::Writer;
pub use batch::UnfinishedBatch;
pub use certificate::{CertificateReport, Standing};
pub use permissions::check_permissions;
use remedy::Remedy;

/// What is asked of a check.
#[derive(Debug, Default)]
pub struct CheckRequest {
    /// Whether to mend what can be mended.
    pub repair: bool,
    /// Opens the CA's key, which signs the log after a repair; a repair goes without where it has none.
    pub passphrase: Option<Passphrase>,
}

/// What came of a check.
#[derive(Debug, Serialize)]
pub struct CheckReport {
    /// Certificates that were looked at.
    pub certificates: u64,
    /// Entries of the log.
    pub entries: i64,
    /// What was found; of what was mended, how.
    pub troubles: Vec<Trouble>,
    /// How much more was found.
    pub more: u64,
    /// Batches that did not come to their end, and can be gone on with. That alone is no trouble.
    pub batches: Vec<UnfinishedBatch>,
}

impl CheckReport {
    /// Of what was found before the store could be opened, and kept it from being.
    pub fn unopened(troubles: Vec<Trouble>) -> CheckReport {
        CheckReport { certificates: 0, entries: 0, troubles, more: 0, batches: Vec::new() }
    }

    /// Whether all that was found is mended.
    pub fn is_sound(&self) -> bool {
        self.more == 0 && self.troubles.iter().all(|trouble| trouble.repaired.is_some())
    }
}

/// Trouble, and what mends it.
#[derive(Debug)]
struct Found {
    trouble: Trouble,
    remedy: Option<Remedy>,
}

/// What was found so far; as [`Troubles`](crate::store::trouble::Troubles), with remedies.
#[derive(Debug, Default)]
struct Findings {
    found: Vec<Found>,
    more: u64,
    /// Folders of unfinished certificates: what is in them, or beside them as drafts, is told by that.
    unfinished: HashSet<PathBuf>,
    batches: Vec<UnfinishedBatch>,
}

impl Findings {
    fn push(&mut self, trouble: Trouble, remedy: Option<Remedy>) {
        if self.found.len() >= MAX_TROUBLES {
            self.more += 1;
            return;
        }
        let trouble = if remedy.is_some() { trouble.next(REPAIR) } else { trouble };
        self.found.push(Found { trouble, remedy });
    }
}

impl Findings {
    /// Adds, as mended, what was seen and is not found any more.
    fn add_settled(&mut self, seen: Findings) {
        for Found { mut trouble, .. } in seen.found {
            let is_told = |found: &Found| found.trouble.code == trouble.code && found.trouble.place == trouble.place;
            if !self.found.iter().any(is_told) {
                trouble.repaired = Some("finished as the store was opened for a change".to_owned());
                trouble.next.clear();
                self.found.push(Found { trouble, remedy: None });
            }
        }
    }
}

/// What mends whatever has a remedy.
const REPAIR: &str = "pki check --repair";

impl Store {
    /// Looks at everything, and mends what can be mended where that is asked for. `before` is what [`check_permissions`]
    /// found.
    ///
    /// # Errors
    /// [`Error::Index`] and its kin where the store cannot be opened, [`Error::Io`] where it cannot be read or mended. What
    /// is found wrong is no error.
    pub fn check(
        &self,
        before: Vec<Trouble>,
        request: &CheckRequest,
        now: OffsetDateTime,
    ) -> Result<CheckReport, Error> {
        if request.repair {
            let seen = self.seen(now)?;
            let writer = self.write()?;
            let mut mended = self.mend(&writer, request, now)?;
            mended.add_settled(seen);
            return self.report(writer.index(), before, mended);
        }
        let (index, findings) = self.seen_in(now)?;
        self.report(&index, before, findings)
    }

    /// What is found before the store is opened for a change, which puts the files of a roll-over in their places by itself.
    fn seen(&self, now: OffsetDateTime) -> Result<Findings, Error> {
        self.seen_in(now).map(|(_, findings)| findings)
    }

    fn seen_in(&self, now: OffsetDateTime) -> Result<(Index, Findings), Error> {
        let lock = self.lock_if_possible()?;
        let index = match lock {
            Some(_) => Index::open(self.dir())?,
            None => Index::open_for_reading(self.dir(), &self.on_wait)?,
        };
        let findings = self.look(&index, now)?;
        Ok((index, findings))
    }

    /// A copy on a medium that nobody can write has no other writer either.
    fn lock_if_possible(&self) -> Result<Option<Lock>, Error> {
        match Lock::take(self.dir(), &self.on_wait) {
            Ok(lock) => Ok(Some(lock)),
            Err(Error::Io { source, .. })
                if matches!(source.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn look(&self, index: &Index, now: OffsetDateTime) -> Result<Findings, Error> {
        let mut findings = Findings::default();
        integrity(index, &mut findings)?;
        authority::check(self, index, &mut findings)?;
        lists::check(self, index, &mut findings)?;
        unfinished::check(self, index, &mut findings)?;
        batch::check(self, index, now, &mut findings)?;
        files::check(self, index, now, &mut findings)?;
        leftover::check(self, index, &mut findings)?;
        Ok(findings)
    }

    /// What was found, and what the log says; after repairs, still says.
    fn report(&self, index: &Index, before: Vec<Trouble>, findings: Findings) -> Result<CheckReport, Error> {
        let LogReport { entries, certificates, troubles: logged, more, .. } = log::verify(index, None)?;
        let batches = findings.batches;
        let found = findings.found.into_iter().map(|found| found.trouble);
        let troubles = before.into_iter().chain(found).chain(logged).collect();
        Ok(CheckReport { certificates, entries, troubles, more: more + findings.more, batches })
    }

    /// Mends what has a remedy, and looks again: what was finished may show more.
    fn mend(&self, writer: &Writer, request: &CheckRequest, now: OffsetDateTime) -> Result<Findings, Error> {
        /// Rounds: unfinished certificates, then their files; more than these finds nothing new.
        const ROUNDS: usize = 3;
        let authority = self.open_authority(request.passphrase.as_ref()).ok();
        let mender = remedy::Mender { store: self, writer, authority: authority.as_ref() };
        let mut mended = mender.restore_from_log()?;
        for _ in 0..ROUNDS {
            let findings = self.look(writer.index(), now)?;
            let (curable, left): (Vec<_>, Vec<_>) =
                findings.found.into_iter().partition(|found| found.remedy.is_some());
            if curable.is_empty() {
                let found = mended.into_iter().map(|trouble| Found { trouble, remedy: None }).chain(left).collect();
                return Ok(Findings { found, more: findings.more, batches: findings.batches, ..Findings::default() });
            }
            for Found { mut trouble, remedy } in curable {
                trouble.repaired = remedy.map(|remedy| mender.mend(&remedy)).transpose()?;
                trouble.next.clear();
                mended.push(trouble);
            }
        }
        let found = mended.into_iter().map(|trouble| Found { trouble, remedy: None }).collect();
        Ok(Findings { found, ..self.look(writer.index(), now)? })
    }
}

/// SQLite's own check of its file.
fn integrity(index: &Index, findings: &mut Findings) -> Result<(), Error> {
    let lines: Vec<String> = index.run(|connection| {
        let mut query = connection.prepare("PRAGMA integrity_check")?;
        query.query_map([], |row| row.get(0))?.collect()
    })?;
    for line in lines.iter().filter(|line| *line != "ok") {
        let trouble = Trouble::new(TroubleCode::IndexDamaged, "index.sqlite", "the database is damaged")
            .between("ok", line)
            .next("go on with a backup of the store; what it does not know is in certs/:\npki --store BACKUP check");
        findings.push(trouble, None);
    }
    Ok(())
}
