//! Batches in the index: which manifest was begun into which target, how far it came, and groups of rows in one transaction.

use rusqlite::{OptionalExtension as _, params};
use serde::Serialize;
use time::OffsetDateTime;

use crate::error::Error;
use crate::key::KeyKind;
use crate::plan::CertificatePlan;
use crate::profile::Purpose;
use crate::reason::Reason;
use crate::san::{FolderName, San};
use crate::serial::Serial;
use crate::store::entry::Record;
use crate::store::index::Index;
use crate::store::log::{Kind, Operation, Signer};

/// A batch that was begun.
#[derive(Debug, Clone)]
pub(crate) struct BatchRow {
    pub(crate) id: i64,
    /// What its target is: `folders`, `jsonl` or `tar`.
    pub(crate) form: String,
    /// Where that is; none: the store's own folders.
    pub(crate) target: Option<String>,
    /// For rows that say nothing of their own; none: as the store's owner has laid down.
    pub(crate) days: Option<u32>,
    pub(crate) key: Option<KeyKind>,
    pub(crate) finished: bool,
    /// Octets of the target that hold acknowledged rows.
    pub(crate) length: u64,
}

/// Where a batch has put a certificate that has no folder of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delivered {
    /// `jsonl` or `tar`.
    pub form: String,
    /// The file; none: it went out on a stream.
    pub file: Option<String>,
}

/// A batch that did not come to its end.
#[derive(Debug)]
pub(crate) struct CutBatch {
    pub(crate) row: BatchRow,
    /// SHA-256 of its manifest in hexadecimal; none where it went into a stream.
    pub(crate) manifest: Option<String>,
    pub(crate) rows: u64,
    /// Rows whose certificates are recorded.
    pub(crate) issued: u64,
}

/// What is recorded of a row before it is signed.
#[derive(Debug)]
pub(crate) struct GroupRow<'a> {
    pub(crate) plan: &'a CertificatePlan,
    pub(crate) name: &'a FolderName,
    pub(crate) purpose: Purpose,
    pub(crate) days: u32,
    /// The partition of revocation lists that it says it is in.
    pub(crate) partition: u32,
    /// Where its files will be, if not in the store.
    pub(crate) folder: Option<String>,
}

/// The certificate that a name has already.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    pub(crate) name: String,
    pub(crate) purpose: Purpose,
    pub(crate) not_after: OffsetDateTime,
    /// Since when it is revoked, and why.
    pub(crate) revoked: Option<(OffsetDateTime, Reason)>,
}

/// How a row's name stands in the index.
#[derive(Debug, Clone)]
pub(crate) enum NameStanding {
    /// It has no certificate.
    Free,
    /// This batch has issued it.
    Done,
    /// Something else has.
    Taken(Taken),
}

/// A row whose certificate may have been signed and was not recorded.
#[derive(Debug, Clone)]
pub(crate) struct Unfinished {
    pub(crate) serial: Serial,
    pub(crate) name: String,
    /// Until when it would be valid.
    pub(crate) not_after: Option<OffsetDateTime>,
    /// Whether its number was revoked all the same.
    pub(crate) revoked: bool,
}

impl Index {
    /// Makes the index ready for groups: room for the pages of its trees that a group touches, and a checkpoint after some
    /// groups instead of in each.
    pub(crate) fn expect_many(&self) -> Result<(), Error> {
        /// KiB of pages that are kept.
        const CACHE: i64 = 64 << 10;
        /// Pages of the log at which it is carried over: 64 MiB.
        const CHECKPOINT: i64 = 16_384;
        self.run(|index| {
            index.pragma_update(None, "cache_size", -CACHE)?;
            index.pragma_update(None, "wal_autocheckpoint", CHECKPOINT)
        })
    }

    /// The batch of this manifest.
    pub(crate) fn batch(&self, manifest: &[u8; 32]) -> Result<Option<BatchRow>, Error> {
        let query = "SELECT id, form, target, days, key, state = 'finished', length FROM batch WHERE manifest = ?1";
        self.run(|index| index.query_row(query, [manifest], batch_row).optional())
    }

    /// Where a batch has put the certificate of this serial number, if not into a folder.
    pub(crate) fn delivered(&self, serial: Serial) -> Result<Option<Delivered>, Error> {
        let query = "SELECT form, target FROM batch WHERE form != 'folders' \
                     AND id = (SELECT batch FROM certificate WHERE serial = ?1)";
        let read = |row: &rusqlite::Row<'_>| Ok(Delivered { form: row.get(0)?, file: row.get(1)? });
        self.run(|index| index.query_row(query, [serial.octets()], read).optional())
    }

    /// The batches that were begun and did not come to their end. One into a stream cannot be gone on with, and is told where
    /// it has left something half done.
    pub(crate) fn cut_batches(&self) -> Result<Vec<CutBatch>, Error> {
        let query = "SELECT id, form, target, days, key, state = 'finished', length, lower(hex(manifest)), rows, \
                     (SELECT count(*) FROM certificate WHERE certificate.batch = batch.id AND certificate.state = 'issued') \
                     FROM batch WHERE state = 'begun' AND (manifest IS NOT NULL OR EXISTS (SELECT 1 FROM certificate \
                     WHERE certificate.state IN ('reserved', 'planned') AND certificate.batch = batch.id)) ORDER BY id";
        self.run(|index| {
            let read = |row: &rusqlite::Row<'_>| {
                let manifest = row.get::<_, Option<String>>(7)?.filter(|hash| !hash.is_empty());
                let count = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
                Ok(CutBatch { row: batch_row(row)?, manifest, rows: count(8)?, issued: count(9)? })
            };
            index.prepare(query)?.query_map([], read)?.collect()
        })
    }

    /// Records that a batch begins; `batch.id` has no meaning yet, and is returned. Without `manifest` it is not known again.
    pub(crate) fn begin_batch(
        &self,
        manifest: Option<&[u8; 32]>,
        batch: &BatchRow,
        (rows, operation): (u64, Operation),
        now: OffsetDateTime,
    ) -> Result<i64, Error> {
        let insert = "INSERT INTO batch (manifest, state, form, target, days, key, rows, begun) \
                      VALUES (?1, 'begun', ?2, ?3, ?4, ?5, ?6, ?7)";
        let key = batch.key.map(KeyKind::as_str);
        self.change(&[operation], None, |index| {
            let values =
                params![manifest, batch.form, batch.target, batch.days, key, octets(rows), now.unix_timestamp()];
            index.execute(insert, values)?;
            Ok(index.last_insert_rowid())
        })
    }

    /// Records that a batch goes on.
    pub(crate) fn resume_batch(&self, operation: Operation) -> Result<(), Error> {
        self.change(&[operation], None, |_| Ok(()))
    }

    /// Records that every row of a batch is issued; `signer` signs the log.
    pub(crate) fn finish_batch(
        &self,
        (id, length): (i64, u64),
        operation: Operation,
        signer: &Signer<'_>,
    ) -> Result<(), Error> {
        let change = "UPDATE batch SET state = 'finished', length = ?2 WHERE id = ?1";
        self.change(&[operation], Some(signer), |index| index.execute(change, params![id, octets(length)]))?;
        Ok(())
    }

    /// How the name stands; `batch` is the one that asks.
    pub(crate) fn standing(&self, name: &FolderName, batch: Option<i64>) -> Result<NameStanding, Error> {
        self.run(|index| {
            if let Some(batch) = batch {
                let done = "SELECT 1 FROM certificate WHERE folded = ?1 AND state = 'issued' AND batch = ?2";
                if index.prepare_cached(done)?.exists(params![name.folded(), batch])? {
                    return Ok(NameStanding::Done);
                }
            }
            Ok(taken(index, &name.folded())?.map_or(NameStanding::Free, NameStanding::Taken))
        })
    }

    /// The rows of a batch whose certificate was not recorded, in their order.
    pub(crate) fn unfinished(&self, batch: i64) -> Result<Vec<Unfinished>, Error> {
        let query = "SELECT serial, name, not_after, revoked IS NOT NULL FROM certificate \
                     WHERE state IN ('reserved', 'planned') AND batch = ?1 ORDER BY id";
        let read = |row: &rusqlite::Row<'_>| {
            let not_after = row.get::<_, Option<i64>>(2)?.and_then(|end| OffsetDateTime::from_unix_timestamp(end).ok());
            let serial = Serial::from_octets(&row.get::<_, Vec<u8>>(0)?);
            let (name, revoked) = (row.get(1)?, row.get(3)?);
            Ok(serial.map(|serial| Unfinished { serial, name, not_after, revoked }))
        };
        self.run(|index| {
            let rows = index.prepare(query)?.query_map([batch], read)?.collect::<rusqlite::Result<Vec<_>>>()?;
            Ok(rows.into_iter().flatten().collect())
        })
    }

    /// Reserves the serial numbers of a group and records its plans, in one transaction: before any of them is signed. A row
    /// whose name was given away meanwhile is left out, and the certificate that has it is told in its place.
    pub(crate) fn plan_group(
        &self,
        batch: i64,
        authority: i64,
        rows: &[GroupRow<'_>],
        now: OffsetDateTime,
    ) -> Result<Vec<Option<Taken>>, Error> {
        let insert = "INSERT INTO certificate (serial, state, name, folded, purpose, days, reserved, folder, authority, \
                      batch, common_name, sans, not_before, not_after, partition, key_here) \
                      VALUES (?1, 'planned', ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, \
                      (SELECT form = 'folders' FROM batch WHERE id = ?9))";
        self.change(&[], None, |change| {
            let mut insert = change.prepare_cached(insert)?;
            let mut found = Vec::with_capacity(rows.len());
            for row in rows {
                let folded = row.name.folded();
                let taken = taken(change, &folded)?;
                if taken.is_none() {
                    insert.execute(params![
                        row.plan.serial().octets(),
                        row.name.as_str(),
                        folded,
                        row.purpose.as_str(),
                        row.days,
                        now.unix_timestamp(),
                        row.folder,
                        authority,
                        batch,
                        row.plan.subject().map(crate::name::CommonName::as_str),
                        row.plan.sans().iter().map(San::to_string).collect::<Vec<_>>().join("\n"),
                        row.plan.validity().not_before().unix_timestamp(),
                        row.plan.validity().not_after().unix_timestamp(),
                        row.partition,
                    ])?;
                }
                found.push(taken);
            }
            Ok(found)
        })
    }

    /// Records the certificates of a group, and how long the target is with them, in one transaction.
    pub(crate) fn record_group(
        &self,
        (id, length): (i64, u64),
        rows: &[(String, Record)],
        signer: &Signer<'_>,
    ) -> Result<(), Error> {
        self.settle((id, length), rows, &[], Some(signer))
    }

    /// As [`Index::record_group`], with rows that are given up besides.
    pub(crate) fn settle(
        &self,
        (id, length): (i64, u64),
        issued: &[(String, Record)],
        withdrawn: &[Unfinished],
        signer: Option<&Signer<'_>>,
    ) -> Result<(), Error> {
        let mut operations: Vec<_> =
            issued.iter().map(|(name, record)| Operation::issued(name, record, None)).collect();
        operations.extend(withdrawn.iter().map(|row| {
            Operation::new(Kind::Withdraw).with("name", row.name.as_str()).with("serial", row.serial.to_string())
        }));
        let issue = "UPDATE certificate SET state = 'issued', subject = ?2, issuer = ?3, sha256 = ?4, certificate = ?5 \
                     WHERE serial = ?1";
        self.change(&operations, signer, |change| {
            let mut issue = change.prepare_cached(issue)?;
            for (_, record) in issued {
                let serial = record.serial.octets();
                issue.execute(params![serial, record.subject, record.issuer, record.sha256, record.der])?;
            }
            let mut withdraw = change.prepare_cached("UPDATE certificate SET state = 'withdrawn' WHERE serial = ?1")?;
            for row in withdrawn {
                withdraw.execute([row.serial.octets()])?;
            }
            change
                .prepare_cached("UPDATE batch SET length = ?2 WHERE id = ?1")?
                .execute(params![id, octets(length)])?;
            Ok(())
        })
    }
}

/// The first seven columns of a query of batches.
fn batch_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<BatchRow> {
    Ok(BatchRow {
        id: row.get(0)?,
        form: row.get(1)?,
        target: row.get(2)?,
        days: row.get(3)?,
        key: row.get::<_, Option<String>>(4)?.and_then(|key| key.parse().ok()),
        finished: row.get(5)?,
        length: row.get::<_, i64>(6)?.unsigned_abs(),
    })
}

/// SQLite counts up to 2^63 - 1, and no file has so many octets.
fn octets(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn taken(index: &rusqlite::Connection, folded: &str) -> rusqlite::Result<Option<Taken>> {
    let query = "SELECT name, purpose, not_after, revoked, reason FROM certificate \
                 WHERE folded = ?1 AND state = 'issued' AND replaced_by IS NULL";
    let at = |seconds| OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let read = |row: &rusqlite::Row<'_>| {
        let reason = row.get::<_, Option<String>>(4)?.and_then(|reason| reason.parse().ok()).unwrap_or_default();
        Ok(Taken {
            name: row.get(0)?,
            purpose: row.get::<_, String>(1)?.parse().unwrap_or(Purpose::Server),
            not_after: at(row.get(2)?),
            revoked: row.get::<_, Option<i64>>(3)?.map(|seconds| (at(seconds), reason)),
        })
    };
    index.prepare_cached(query)?.query_row([folded], read).optional()
}
