//! A batch that was interrupted is settled before it goes on: certificates that reached the target whole are recorded, and the
//! serial numbers of the others of their group are given up. So no row is issued twice, and nothing torn stays.

use std::fs::File;
use std::io::{Seek as _, SeekFrom};
use std::path::Path;

use super::stream::{self, Found};
use super::{StreamForm, Target};
use crate::error::{AtPath as _, Error};
use crate::key::PrivateKey;
use crate::serial::Serial;
use crate::store::entry::Record;
use crate::store::log::Signer;
use crate::store::writer::Writer;
use crate::store::{BatchRow, CERT_FILE, KEY_FILE, OpenAuthority, Unfinished, certs_of};

/// Settles what was cut short; gives the batch with the octets of the target that are acknowledged now.
///
/// # Errors
/// [`Error::BatchTargetLost`], or what the store and the disk say.
pub(super) fn settle(
    writer: &Writer,
    batch: BatchRow,
    target: &Target,
    authority: &OpenAuthority,
) -> Result<BatchRow, Error> {
    let unfinished = writer.index().unfinished(batch.id)?;
    let (found, length) = match target {
        Target::Store => (in_folders(&certs_of(writer.dir()), &unfinished), 0),
        Target::Folder(base) => (in_folders(base, &unfinished), 0),
        Target::File(path, form) => in_file(path, *form, &batch, &unfinished)?,
        Target::Stream(..) => (Vec::new(), 0),
    };
    if !unfinished.is_empty() {
        record(writer, &batch, (&unfinished, &found), length, &authority.key)?;
    }
    Ok(BatchRow { length, ..batch })
}

fn record(
    writer: &Writer,
    batch: &BatchRow,
    (unfinished, found): (&[Unfinished], &[Found]),
    length: u64,
    key: &PrivateKey,
) -> Result<(), Error> {
    let der = |serial: Serial| found.iter().find(|found| found.serial == serial).map(|found| &found.der);
    let (mut issued, mut withdrawn) = (Vec::new(), Vec::new());
    for row in unfinished {
        match der(row.serial).and_then(|der| Record::from_der(row.serial, der).ok()) {
            Some(record) => issued.push((row.name.clone(), record)),
            None => withdrawn.push(row.clone()),
        }
    }
    let signer = Signer { authority: writer.issuing_authority()?, key };
    writer.index().settle((batch.id, length), &issued, &withdrawn, &signer)
}

/// Folders appear whole, by rename.
fn in_folders(base: &Path, unfinished: &[Unfinished]) -> Vec<Found> {
    let read = |row: &Unfinished| {
        let folder = base.join(&row.name);
        let der = stream::der_of(&std::fs::read(folder.join(CERT_FILE.name)).ok()?)?;
        let fits = stream::serial_of(&der) == Some(row.serial) && folder.join(KEY_FILE.name).is_file();
        fits.then_some(Found { serial: row.serial, der, end: 0 })
    };
    unfinished.iter().filter_map(read).collect()
}

/// What stands behind the acknowledged octets, and where the last whole item of it ends.
fn in_file(
    path: &Path,
    form: StreamForm,
    batch: &BatchRow,
    unfinished: &[Unfinished],
) -> Result<(Vec<Found>, u64), Error> {
    let lost = |found| Error::BatchTargetLost { path: path.to_owned(), expected: batch.length, found };
    let length = path.metadata().map_or(0, |metadata| metadata.len());
    if length < batch.length {
        return Err(lost(length));
    }
    if unfinished.is_empty() || batch.finished {
        return Ok((Vec::new(), batch.length));
    }
    let Ok(mut file) = File::open(path) else { return Ok((Vec::new(), batch.length)) };
    file.seek(SeekFrom::Start(batch.length)).at("read", path)?;
    let wanted = |serial| unfinished.iter().any(|row| row.serial == serial);
    let found = stream::read_back(form, file, wanted);
    let end = batch.length + found.last().map_or(0, |found| found.end);
    Ok((found, end))
}
