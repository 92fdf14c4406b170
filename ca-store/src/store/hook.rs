//! Commands that are to run after a renewal. One is written down before the certificate is signed, and taken off the list
//! once it has done its work, so that a failure or a crash in between is made good the next time.

use rusqlite::{OptionalExtension as _, params};
use time::OffsetDateTime;

use crate::error::Error;
use crate::serial::Serial;
use crate::store::Store;
use crate::store::entry::IndexEntry;
use crate::store::index::Index;
use crate::store::writer::Writer;

/// A command that a renewal left to be run.
#[derive(Debug, Clone)]
pub struct PendingHook {
    /// The certificate in use.
    pub entry: IndexEntry,
    /// The command, for `sh -c`.
    pub command: String,
    /// How often it has failed.
    pub failures: u32,
}

impl Store {
    /// The commands that renewals left to be run, for certificates that are still in use.
    ///
    /// # Errors
    /// [`Error::Index`] and its kin.
    pub fn pending_hooks(&self) -> Result<Vec<PendingHook>, Error> {
        let index = Index::open_for_reading(&self.dir, &self.on_wait)?;
        let mut hooks = Vec::new();
        for (serial, command, failures) in index.hooks()? {
            let entry = Serial::from_octets(&serial).map(|serial| index.by_serial(serial)).transpose()?.flatten();
            let in_use = entry.filter(|entry| entry.replaced_by.is_none() && entry.revoked.is_none());
            hooks.extend(in_use.map(|entry| PendingHook { entry, command, failures }));
        }
        Ok(hooks)
    }

    /// Takes the command of this certificate off the list: it has done its work.
    ///
    /// # Errors
    /// [`Error::StoreLocked`], or [`Error::Index`] and its kin.
    pub fn hook_done(&self, serial: Serial) -> Result<(), Error> {
        self.write()?.index().forget_hook(serial)
    }

    /// Keeps the command of this certificate on the list, as `command`, with the reason why it failed.
    ///
    /// # Errors
    /// As [`Store::hook_done`].
    pub fn hook_failed(&self, serial: Serial, command: &str, message: &str) -> Result<(), Error> {
        self.write()?.index().keep_hook(serial, command, message)
    }
}

impl Writer {
    /// Writes down the command that is to run once the certificate with this serial number is there.
    pub(crate) fn plan_hook(&self, serial: Serial, command: &str, now: OffsetDateTime) -> Result<(), Error> {
        self.index().plan_hook(serial, command, now)
    }

    /// The command that is still to run for this certificate.
    pub(crate) fn hook_of(&self, serial: Serial) -> Result<Option<String>, Error> {
        self.index().hook_of(serial)
    }
}

impl Index {
    fn hooks(&self) -> Result<Vec<(Vec<u8>, String, u32)>, Error> {
        self.run(|connection| {
            let mut query = connection.prepare("SELECT serial, command, failures FROM hook ORDER BY since, serial")?;
            query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
        })
    }

    fn plan_hook(&self, serial: Serial, command: &str, now: OffsetDateTime) -> Result<(), Error> {
        self.change(&[], None, |change| {
            change.execute(
                "INSERT INTO hook (serial, command, since) VALUES (?1, ?2, ?3)",
                params![serial.octets(), command, now.unix_timestamp()],
            )
        })?;
        Ok(())
    }

    fn hook_of(&self, serial: Serial) -> Result<Option<String>, Error> {
        self.run(|connection| {
            let query = "SELECT command FROM hook WHERE serial = ?1";
            connection.query_row(query, [serial.octets()], |row| row.get(0)).optional()
        })
    }

    /// With it go the commands of certificates that are replaced, whose successors have theirs, or were never signed.
    fn forget_hook(&self, serial: Serial) -> Result<(), Error> {
        self.change(&[], None, |change| {
            change.execute(
                "DELETE FROM hook WHERE serial = ?1 OR serial IN (SELECT hook.serial FROM hook JOIN certificate USING \
                 (serial) WHERE replaced_by IS NOT NULL OR state = 'withdrawn')",
                [serial.octets()],
            )
        })?;
        Ok(())
    }

    fn keep_hook(&self, serial: Serial, command: &str, message: &str) -> Result<(), Error> {
        self.change(&[], None, |change| {
            change.execute(
                "UPDATE hook SET command = ?2, failures = failures + 1, message = ?3 WHERE serial = ?1",
                params![serial.octets(), command, message],
            )
        })?;
        Ok(())
    }
}
