//! Serial numbers that were reserved, and whose certificate the index does not hold: never used, planned and perhaps signed, or
//! written and not recorded. Those of a batch that was cut short are told together.

use std::fs;
use std::path::{Path, PathBuf};

use super::remedy::Remedy;
use super::{Findings, REPAIR};
use crate::error::Error;
use crate::facts;
use crate::serial::Serial;
use crate::store::index::Index;
use crate::store::layout::{CERT, CERTS};
use crate::store::trouble::{Trouble, TroubleCode};
use crate::store::{Store, atomic};

/// A serial number without a certificate.
#[derive(Debug, Clone)]
pub(super) struct Unfinished {
    pub(super) serial: Serial,
    pub(super) name: String,
    pub(super) planned: bool,
    pub(super) folder: PathBuf,
    pub(super) replaces: Option<Serial>,
    /// Whether the number was revoked all the same.
    pub(super) revoked: bool,
}

/// Tells of each of them.
///
/// # Errors
/// [`Error::Index`].
pub(super) fn check(store: &Store, index: &Index, findings: &mut Findings) -> Result<(), Error> {
    for row in rows(store, index)? {
        let place = format!("the serial number {} for {:?}", row.serial, row.name);
        let written = if row.planned { written(index, &row)? } else { None };
        let (code, message) = match (row.planned, &written) {
            (false, _) => (TroubleCode::SerialUnused, "it was reserved and nothing was signed with it"),
            (true, None) => {
                (TroubleCode::PlanUnfinished, "its certificate was planned and perhaps signed, and is in no file")
            }
            (true, Some(_)) => (TroubleCode::NotIndexed, "its certificate was written, and not recorded in the index"),
        };
        let trouble = Trouble::new(code, place, message).next(REPAIR);
        findings.unfinished.insert(row.folder.clone());
        let remedy = match (written, out_of_reach(&row)) {
            (Some(der), _) => Remedy::Finish(row, der),
            (None, None) => Remedy::Withdraw(row),
            (None, Some(why)) => {
                let next = format!(
                    "its certificate may be there, and it cannot be looked at: {why}\nbring it back, or revoke the number, \
                     then\n{REPAIR}\npki revoke {}",
                    row.serial
                );
                findings.push(trouble.next(next), None);
                continue;
            }
        };
        findings.push(trouble, Some(remedy));
    }
    Ok(())
}

/// Why it cannot be told whether the files of a plan were written, if so: where they were to be was a folder then.
fn out_of_reach(row: &Unfinished) -> Option<String> {
    let above = row.folder.parent().filter(|_| row.planned && !row.revoked)?;
    fs::read_dir(above).err().map(|why| format!("{}: {why}", above.display()))
}

/// Serial number, name, whether it is planned, folder, serial number that is replaced, whether it is revoked.
type Row = (Vec<u8>, String, bool, Option<String>, Option<Vec<u8>>, bool);

fn rows(store: &Store, index: &Index) -> Result<Vec<Unfinished>, Error> {
    let rows: Vec<Row> = index.run(|connection| {
        let query = "SELECT serial, name, state = 'planned', folder, replaces, revoked IS NOT NULL \
                     FROM certificate WHERE state IN ('reserved', 'planned') AND (batch IS NULL OR batch NOT IN \
                     (SELECT id FROM batch WHERE state = 'begun')) ORDER BY id";
        let mut query = connection.prepare(query)?;
        let read = |row: &rusqlite::Row<'_>| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
        };
        query.query_map([], read)?.collect()
    })?;
    let unfinished = |(serial, name, planned, folder, replaces, revoked): Row| {
        let own = store.dir().join(CERTS).join(&name);
        Some(Unfinished {
            serial: Serial::from_octets(&serial)?,
            planned,
            folder: folder.map_or(own, PathBuf::from),
            replaces: replaces.and_then(|serial| Serial::from_octets(&serial)),
            name,
            revoked,
        })
    };
    let damaged = || index.damaged("a row has a serial number that is none");
    rows.into_iter().map(|row| unfinished(row).ok_or_else(damaged)).collect()
}

/// The certificate of this serial number, if it was written whole, in its place or still beside it, and is by a CA of this
/// store.
fn written(index: &Index, row: &Unfinished) -> Result<Option<Vec<u8>>, Error> {
    let place = row.folder.join(CERT.name);
    for path in [atomic::draft_of(&place), place] {
        let Some(certificate) = certificate_of(&path).filter(|found| found.serial == row.serial.octets()) else {
            continue;
        };
        if super::certificate::issuer(index, &certificate)?.is_some() {
            return Ok(Some(certificate.der().to_vec()));
        }
    }
    Ok(None)
}

/// The first certificate of a file.
pub(super) fn certificate_of(path: &Path) -> Option<facts::Certificate> {
    let bytes = fs::read(path).ok()?;
    let input = facts::Input::read(&bytes);
    let block = input.blocks.iter().find(|block| block.kind == facts::BlockKind::Certificate)?;
    facts::Certificate::from_der(&block.der).ok()
}
