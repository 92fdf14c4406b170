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

    /// The certificates of CAs that are revoked, whatever is below them: of this store's own all that each has had, whenever that
    /// was, since the list of its root may wait for a key that is elsewhere; of CAs that were signed on request those that were
    /// revoked at `since` or later.
    ///
    /// # Errors
    /// [`Error::Index`] and its kin.
    pub fn revoked_cas(&self, since: OffsetDateTime) -> Result<Vec<Vec<u8>>, Error> {
        self.index()?.run(|connection| {
            let mut statement = connection.prepare(REVOKED_CAS)?;
            let rows = statement.query_map(params![since.unix_timestamp()], |row| row.get(0))?;
            rows.collect()
        })
    }
}

/// With a CA all of its certificates are revoked, as lists have it.
const REVOKED_CAS: &str = "\
    SELECT certificate FROM authority WHERE revoked IS NOT NULL AND certificate IS NOT NULL UNION ALL \
    SELECT former.certificate FROM recertified former JOIN authority ca ON ca.id = former.authority \
    WHERE ca.revoked IS NOT NULL AND former.state = 'former' UNION ALL \
    SELECT certificate FROM certificate \
    WHERE revoked IS NOT NULL AND revoked >= ?1 AND purpose = 'intermediate' AND state = 'issued'";
