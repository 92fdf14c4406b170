//! A batch that was interrupted is settled before it goes on: certificates that reached the target whole are recorded, and the
//! serial numbers of the others of their group are given up. So no row is issued twice, and nothing torn stays.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Seek as _, SeekFrom};
use std::path::Path;

use super::stream::{self, Found};
use super::{StreamForm, Target};
use crate::error::{AtPath as _, Error};
use crate::serial::Serial;
use crate::store::entry::Record;
use crate::store::log::Signer;
use crate::store::writer::Writer;
use crate::store::{BatchRow, CERT_FILE, KEY_FILE, Unfinished, certs_of};

/// Settles what was cut short; gives the batch with the octets of the target that are acknowledged now.
///
/// # Errors
/// [`Error::BatchTargetLost`], or what the store and the disk say.
pub(super) fn settle(
    writer: &Writer,
    batch: BatchRow,
    target: &Target,
    signer: Option<&Signer<'_>>,
) -> Result<BatchRow, Error> {
    let unfinished = writer.index().unfinished(batch.id)?;
    let (found, length) = match target {
        Target::Store => (in_folders(&certs_of(writer.dir()), &unfinished), 0),
        Target::Folder(base) => (in_folders(base, &unfinished), 0),
        Target::File(path, form) => in_file(path, *form, &batch, &unfinished)?,
        Target::Stream(..) => (Vec::new(), 0),
    };
    if !unfinished.is_empty() {
        record(writer, &batch, (&unfinished, &found), length, signer)?;
    }
    Ok(BatchRow { length, ..batch })
}

/// Settles a batch that nobody goes on with now. What is torn at the end of its file stays until it is gone on with: this may
/// be a copy of the store, and the file that of another, which has come further.
///
/// # Errors
/// As [`settle`].
pub(crate) fn settle_cut_short(writer: &Writer, batch: BatchRow, signer: Option<&Signer<'_>>) -> Result<(), Error> {
    let target = target_of(&batch);
    settle(writer, batch, &target, signer).map(drop)
}

/// Why the target of a batch cannot be read now, if so. It was made before anything was signed, so where it is missing it has
/// been moved away, or its disk is not there; a certificate may be in it.
pub(crate) fn unreadable(store: &Path, batch: &BatchRow) -> Option<String> {
    let missing = |path: &Path, read: io::Result<()>| read.err().map(|why| format!("{}: {why}", path.display()));
    let folder = |path: &Path| missing(path, fs::read_dir(path).map(drop));
    match target_of(batch) {
        Target::Store => folder(&certs_of(store)),
        Target::Folder(path) => folder(&path),
        Target::File(path, _) => match File::open(&path).and_then(|file| file.metadata()) {
            Ok(found) if found.len() < batch.length => {
                Some(format!("{} is shorter than what was written to it", path.display()))
            }
            found => missing(&path, found.map(drop)),
        },
        Target::Stream(..) => None,
    }
}

/// Where the certificates of a batch went.
fn target_of(batch: &BatchRow) -> Target {
    let form = if batch.form == StreamForm::Jsonl.as_str() { StreamForm::Jsonl } else { StreamForm::Tar };
    match (batch.form.as_str(), &batch.target) {
        ("folders", None) => Target::Store,
        ("folders", Some(path)) => Target::Folder(path.into()),
        (_, Some(path)) => Target::File(path.into(), form),
        (_, None) => Target::Stream(Box::new(io::sink()), form),
    }
}

fn record(
    writer: &Writer,
    batch: &BatchRow,
    (unfinished, found): (&[Unfinished], &[Found]),
    length: u64,
    signer: Option<&Signer<'_>>,
) -> Result<(), Error> {
    let der = |serial: Serial| found.iter().find(|found| found.serial == serial).map(|found| &found.der);
    let (mut issued, mut withdrawn) = (Vec::new(), Vec::new());
    for row in unfinished {
        match der(row.serial).and_then(|der| Record::from_der(row.serial, der).ok()) {
            Some(record) => issued.push((row.name.clone(), record)),
            None => withdrawn.push(row.clone()),
        }
    }
    writer.index().settle((batch.id, length), &issued, &withdrawn, signer)
}

/// Folders appear whole, by rename.
fn in_folders(base: &Path, unfinished: &[Unfinished]) -> Vec<Found> {
    let read = |row: &Unfinished| {
        let folder = base.join(&row.name);
        let der = stream::der_of(&fs::read(folder.join(CERT_FILE.name)).ok()?)?;
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
    let mut file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok((Vec::new(), batch.length)),
        opened => opened.at("read", path)?,
    };
    file.seek(SeekFrom::Start(batch.length)).at("read", path)?;
    let wanted = |serial| unfinished.iter().any(|row| row.serial == serial);
    let found = stream::read_back(form, file, wanted);
    let end = batch.length + found.last().map_or(0, |found| found.end);
    Ok((found, end))
}
