//! Batches that were cut short. Their certificates may be in a file elsewhere, so nothing of them is given up before that was
//! read.

use std::path::PathBuf;

use serde::Serialize;
use time::OffsetDateTime;

use super::Findings;
use super::remedy::Remedy;
use crate::batch::unreadable;
use crate::error::Error;
use crate::shell::quote;
use crate::store::index::Index;
use crate::store::layout::CERTS;
use crate::store::lock::Lock;
use crate::store::trouble::{Trouble, TroubleCode};
use crate::store::{CutBatch, Store, Unfinished};
use crate::validity::rfc3339;

/// A batch that did not come to its end.
#[derive(Debug, Serialize)]
pub struct UnfinishedBatch {
    /// SHA-256 of its manifest, in hexadecimal.
    pub manifest: String,
    /// Where its certificates go, if not into the store.
    pub target: Option<String>,
    /// Rows of its manifest.
    pub rows: u64,
    /// Rows whose certificates are recorded.
    pub done: u64,
}

impl UnfinishedBatch {
    /// What goes on with it.
    pub fn command(&self) -> String {
        command(self.target.as_deref())
    }
}

fn command(target: Option<&str>) -> String {
    let to = target.map(|target| format!(" --to {}", quote(target))).unwrap_or_default();
    format!("pki issue batch MANIFEST{to}")
}

/// Tells of each of them, unless a batch is at work.
///
/// # Errors
/// [`Error::Index`].
pub(super) fn check(store: &Store, index: &Index, now: OffsetDateTime, findings: &mut Findings) -> Result<(), Error> {
    if Lock::batch_is_held(store.dir()) {
        return Ok(());
    }
    for batch in index.cut_batches()? {
        half_done(store, index, &batch, now, findings)?;
        let CutBatch { row, manifest: Some(manifest), rows, issued } = batch else { continue };
        findings.batches.push(UnfinishedBatch { manifest, target: row.target, rows, done: issued });
    }
    Ok(())
}

/// What the batch had planned and has not recorded.
fn half_done(
    store: &Store,
    index: &Index,
    batch: &CutBatch,
    now: OffsetDateTime,
    findings: &mut Findings,
) -> Result<(), Error> {
    let (row, unfinished) = (&batch.row, index.unfinished(batch.row.id)?);
    let is_in_folders = row.form == "folders";
    if !is_in_folders && row.target.is_none() && unfinished.iter().any(|row| may_be_used(row, now)) {
        sent_out(batch, unfinished.iter().filter(|row| may_be_used(row, now)), findings);
        return Ok(());
    }
    if unfinished.iter().all(|row| row.revoked) {
        return Ok(());
    }
    let base = row.target.as_ref().map_or_else(|| store.dir().join(CERTS), PathBuf::from);
    let folders = unfinished.iter().filter(|_| is_in_folders).map(|row| base.join(&row.name));
    let folders: Vec<PathBuf> = folders.collect();
    findings.unfinished.extend(folders.iter().cloned());

    let message = format!(
        "it was cut short with {} of {} rows recorded; {} more were planned and perhaps signed",
        batch.issued,
        batch.rows,
        unfinished.len()
    );
    let trouble = Trouble::new(TroubleCode::BatchUnfinished, place(batch), message);
    match unreadable(store.dir(), row) {
        Some(why) => {
            let next = format!(
                "their certificates may be there, and it cannot be read: {why}\nbring it back, and go on with\n{}",
                command(row.target.as_deref())
            );
            findings.push(trouble.next(next), None);
        }
        None => findings.push(trouble, Some(Remedy::SettleBatch(row.clone(), folders))),
    }
    Ok(())
}

/// Whether a certificate of that number, if there is one, is taken by clients.
fn may_be_used(row: &Unfinished, now: OffsetDateTime) -> bool {
    !row.revoked && row.not_after.is_none_or(|end| end >= now)
}

/// What went into a stream cannot be read back, so nobody here knows how much of the last group has come out of it. The numbers
/// are kept until they are revoked or their certificates have expired: given up, one of them could not be revoked any more.
fn sent_out<'a>(batch: &CutBatch, rows: impl Iterator<Item = &'a Unfinished>, findings: &mut Findings) {
    for row in rows {
        let until = row.not_after.map(|end| format!(", valid until {}", rfc3339(end))).unwrap_or_default();
        let message = format!(
            "{} was cut short before it was recorded: its certificate{until}, may have come out of the stream, with its key",
            place(batch)
        );
        let next = format!("unless whoever read the stream has lost it, revoke it:\npki revoke {}", row.serial);
        let place = format!("the serial number {} for {:?}", row.serial, row.name);
        findings.push(Trouble::new(TroubleCode::PlanUnfinished, place, message).next(next), None);
    }
}

fn place(batch: &CutBatch) -> String {
    match (&batch.manifest, &batch.row.target) {
        (Some(manifest), Some(target)) => format!("the batch {manifest} into {target}"),
        (Some(manifest), None) => format!("the batch {manifest}"),
        (None, _) => format!("batch {} into a stream", batch.row.id),
    }
}
