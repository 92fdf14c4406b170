//! What a CA had revoked before it was taken over: serial numbers of certificates that this store has never seen.

use rusqlite::{Connection, params};
use time::OffsetDateTime;

use crate::facts::{Crl, RevokedEntry, hex};
use crate::reason::Reason;
use crate::serial::without_zeros;
use crate::store::log::Operation;

/// The last revocation list of a CA that is taken over. Its entries were looked at before.
#[derive(Debug)]
pub(crate) struct RevokedBefore<'a> {
    /// The CA's place in the index.
    pub(crate) authority: i64,
    /// The CA's last second. When the certificates end is not known; none of them is good for longer.
    pub(crate) not_after: OffsetDateTime,
    /// The number from which the CA's lists go on.
    pub(crate) number: i64,
    pub(crate) crl: &'a Crl,
    /// How far it came.
    pub(crate) progress: Progress<'a>,
}

/// Told how much is done, and how much there is.
#[derive(Clone, Copy)]
pub(crate) struct Progress<'a>(pub(crate) &'a dyn Fn(u64, u64));

impl std::fmt::Debug for Progress<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Progress")
    }
}

/// Entries between two looks at how far it came.
const STEP: u64 = 1024;
/// Each entry is put into the index, and then into the log: it counts as a half each time.
const PASSES: u64 = 2;

impl RevokedBefore<'_> {
    /// What the log has of it, an entry a serial number.
    pub(crate) fn operations(&self) -> impl Iterator<Item = Operation> {
        let all = self.crl.count() as u64;
        (all..).zip(self.crl.entries()).map(move |(done, entry)| {
            self.tell(done, all);
            let serial = hex(without_zeros(&entry.serial));
            Operation::revoked(&serial, serial.clone(), Some((entry.at, reason(&entry))))
        })
    }

    fn tell(&self, done: u64, all: u64) {
        if done.is_multiple_of(STEP) {
            (self.progress.0)(done / PASSES, all);
        }
    }

    /// Puts the numbers into the index. They are given up, as what was never signed here, and revoked.
    pub(super) fn record(&self, change: &Connection, now: OffsetDateTime) -> rusqlite::Result<()> {
        change.execute("UPDATE authority SET crl_number = ?2 WHERE id = ?1", params![self.authority, self.number])?;
        // A careless CA lists a number twice; the last entry counts.
        let mut insert = change.prepare(
            "INSERT INTO certificate (serial, state, name, folded, purpose, days, reserved, authority, not_after, revoked, \
             reason, crl_before) VALUES (?1, 'withdrawn', ?2, ?2, 'server', 0, ?3, ?4, ?5, ?6, ?7, ?8) \
             ON CONFLICT (serial) DO UPDATE SET revoked = excluded.revoked, reason = excluded.reason",
        )?;
        let all = self.crl.count() as u64;
        for (done, entry) in (0..).zip(self.crl.entries()) {
            self.tell(done, all);
            let serial = without_zeros(&entry.serial);
            insert.execute(params![
                serial,
                hex(serial),
                now.unix_timestamp(),
                self.authority,
                self.not_after.unix_timestamp(),
                entry.at.unix_timestamp(),
                reason(&entry).as_str(),
                self.number,
            ])?;
        }
        Ok(())
    }
}

fn reason(entry: &RevokedEntry) -> Reason {
    entry.reason.as_deref().and_then(Reason::named).unwrap_or_default()
}
