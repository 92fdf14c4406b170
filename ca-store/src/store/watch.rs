//! For programs that run beside the store: what has changed, and who was revoked since a list was made.

use std::path::PathBuf;

use rusqlite::params;
use time::OffsetDateTime;

use crate::error::Error;
use crate::store::Store;
use crate::store::layout::INDEX;

impl Store {
    /// The files that change with every change of the index: the database and its write-ahead log, which is there only at times.
    pub fn index_files(&self) -> [PathBuf; 2] {
        [self.dir().join(INDEX), self.dir().join(format!("{INDEX}-wal"))]
    }

    /// The serial numbers, as certificates have them, of what was revoked at `since` or later and stands so now: those that a
    /// revocation list made before does not name.
    ///
    /// # Errors
    /// [`Error::Index`] and its kin.
    pub fn revoked_since(&self, since: OffsetDateTime) -> Result<Vec<Vec<u8>>, Error> {
        self.index()?.run(|connection| {
            let mut statement =
                connection.prepare("SELECT serial FROM certificate WHERE revoked IS NOT NULL AND revoked >= ?1")?;
            let rows = statement.query_map(params![since.unix_timestamp()], |row| row.get(0))?;
            rows.collect()
        })
    }
}
