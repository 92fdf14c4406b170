//! Batches that were cut short. Their certificates may be in a file elsewhere, so nothing of them is given up before that was
//! read.

use std::path::PathBuf;

use serde::Serialize;

use super::Findings;
use super::remedy::Remedy;
use crate::batch::unreadable;
use crate::error::Error;
use crate::shell::quote;
use crate::store::index::Index;
use crate::store::layout::CERTS;
use crate::store::lock::Lock;
use crate::store::trouble::{Trouble, TroubleCode};
use crate::store::{CutBatch, Store};

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
pub(super) fn check(store: &Store, index: &Index, findings: &mut Findings) -> Result<(), Error> {
    if Lock::batch_is_held(store.dir()) {
        return Ok(());
    }
    for batch in index.cut_batches()? {
        half_done(store, index, &batch, findings)?;
        let CutBatch { row, manifest: Some(manifest), rows, issued } = batch else { continue };
        findings.batches.push(UnfinishedBatch { manifest, target: row.target, rows, done: issued });
    }
    Ok(())
}

/// What the batch had planned and has not recorded.
fn half_done(store: &Store, index: &Index, batch: &CutBatch, findings: &mut Findings) -> Result<(), Error> {
    let (row, unfinished) = (&batch.row, index.unfinished(batch.row.id)?);
    if unfinished.is_empty() {
        return Ok(());
    }
    let is_in_folders = row.form == "folders";
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

fn place(batch: &CutBatch) -> String {
    match (&batch.manifest, &batch.row.target) {
        (Some(manifest), Some(target)) => format!("the batch {manifest} into {target}"),
        (Some(manifest), None) => format!("the batch {manifest}"),
        (None, _) => format!("batch {} into a stream", batch.row.id),
    }
}
