//! Renewals that a crash cut short, finished or taken back: the serial number and the plan are in the index, and the files
//! tell how far it went.

use std::path::PathBuf;

use crate::error::Error;
use crate::san::FolderName;
use crate::serial::Serial;
use crate::store::entry::Record;
use crate::store::index::Index;
use crate::store::log::Signer;
use crate::store::writer::Writer;
use crate::store::{OpenAuthority, files, folder_of};

/// A renewal that was planned and is not in the index.
struct Unfinished {
    serial: Serial,
    name: String,
    folder: Option<PathBuf>,
    replaces: Serial,
}

/// Serial number, name, folder, and the serial number that is replaced.
type Row = (Vec<u8>, String, Option<String>, Vec<u8>);

impl Writer {
    /// Finishes every renewal whose certificate was written whole, and takes back the others, whose files are then those of
    /// before. Under the lock nobody else is in the middle of one.
    ///
    /// # Errors
    /// [`Error::Io`], or [`Error::Index`] and its kin.
    pub(crate) fn finish_renewals(&self, authority: &OpenAuthority) -> Result<(), Error> {
        for renewal in self.index().unfinished_renewals()? {
            let own = FolderName::parse(&renewal.name).ok().map(|name| folder_of(self.dir(), &name));
            let Some(folder) = renewal.folder.clone().or(own) else { continue };
            match files::resume(&folder, renewal.serial)? {
                Some(der) => self.record_found(&renewal, &der, authority)?,
                None => self.withdraw(renewal.serial)?,
            }
        }
        Ok(())
    }

    fn record_found(&self, renewal: &Unfinished, der: &[u8], authority: &OpenAuthority) -> Result<(), Error> {
        let record = Record::from_der(renewal.serial, der)
            .map_err(|error| Error::Crypto { what: "reading a certificate back", reason: error.to_string() })?;
        let signer = Signer { authority: self.issuing_authority()?, key: &authority.key };
        self.index().record_issued(&renewal.name, &record, Some(renewal.replaces), &signer)
    }
}

impl Index {
    fn unfinished_renewals(&self) -> Result<Vec<Unfinished>, Error> {
        let rows: Vec<Row> = self.run(|connection| {
            let query = "SELECT serial, name, folder, replaces FROM certificate \
                         WHERE state = 'planned' AND replaces IS NOT NULL ORDER BY id";
            let mut query = connection.prepare(query)?;
            query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?.collect()
        })?;
        let read = |(serial, name, folder, replaces): Row| {
            let (serial, replaces) = (Serial::from_octets(&serial)?, Serial::from_octets(&replaces)?);
            Some(Unfinished { serial, name, folder: folder.map(PathBuf::from), replaces })
        };
        rows.into_iter()
            .map(|row| read(row).ok_or_else(|| self.damaged("a planned renewal has a serial number that is none")))
            .collect()
    }
}
