//! How much is kept: by age, a conversation and in all.

use rusqlite::{Connection, params};

use crate::core::Now;
use crate::core::keep::Buffer;
use crate::limits::archive::{DAYS, ENTRIES, SLACK, STEP, TOTAL};

/// How much is kept at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Days after which an entry goes.
    pub days: u32,
    /// Entries of one conversation; the oldest go first.
    pub entries: u32,
    /// Entries of all conversations.
    pub total: u32,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds { days: DAYS, entries: ENTRIES, total: TOTAL }
    }
}

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

impl Bounds {
    /// Looks after an insertion whether something has to go. `kept` counts the conversation's entries.
    pub(super) fn after_insert(
        &self,
        connection: &Connection,
        buffer: &Buffer,
        kept: i64,
        now: Now,
    ) -> rusqlite::Result<()> {
        let excess = kept - i64::from(self.entries);
        if excess >= i64::from(SLACK.min(self.entries / 4 + 1)) {
            drop_oldest(connection, buffer, kept, excess)?;
        }
        if kept % i64::from(SLACK) == 0 { self.look_at_all(connection, now) } else { Ok(()) }
    }

    /// What is too old goes, and the oldest where there is too much in all.
    fn look_at_all(&self, connection: &Connection, now: Now) -> rusqlite::Result<()> {
        let too_old = now.unix_ms - i64::from(self.days) * DAY_MS;
        forget(connection, "at < ?1 ORDER BY at LIMIT ?2", too_old, STEP.into())?;
        let total: i64 = connection.query_row("SELECT ifnull(sum(kept), 0) FROM conversation", [], |row| row.get(0))?;
        let excess = (total - i64::from(self.total)).clamp(0, i64::from(STEP));
        forget(connection, "at >= ?1 ORDER BY at LIMIT ?2", i64::MIN, excess)
    }
}

/// The oldest go. Where events are most of it, the oldest of them: who joins and parts without end pushes out nothing that
/// people said.
fn drop_oldest(connection: &Connection, buffer: &Buffer, kept: i64, count: i64) -> rusqlite::Result<()> {
    let events: i64 = connection
        .prepare_cached("SELECT count(*) FROM message WHERE buffer = ?1 AND event = 1")?
        .query_row(params![buffer.as_str()], |row| row.get(0))?;
    let only_events = events > kept / 2;
    let deleted = connection
        .prepare_cached(
            "DELETE FROM message WHERE seq IN (SELECT seq FROM message WHERE buffer = ?1 AND event >= ?3 \
             ORDER BY at, seq LIMIT ?2)",
        )?
        .execute(params![buffer.as_str(), count, only_events])?;
    count_off(connection, buffer, deleted)
}

/// So many entries of a conversation are gone.
pub(super) fn count_off(connection: &Connection, buffer: &Buffer, deleted: usize) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE conversation SET kept = kept - ?2 WHERE buffer = ?1")?
        .execute(params![buffer.as_str(), i64::try_from(deleted).unwrap_or(i64::MAX)])
        .map(drop)
}

/// Deletes the messages of a condition, and counts them off their conversations, which go when nothing is left of them.
fn forget(connection: &Connection, which: &str, bound: i64, limit: i64) -> rusqlite::Result<()> {
    if limit == 0 {
        return Ok(());
    }
    let chosen = format!("SELECT seq, buffer FROM message WHERE {which}");
    let mut statement = connection.prepare_cached(&chosen)?;
    let rows =
        statement.query_map(params![bound, limit], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
    for row in rows.collect::<rusqlite::Result<Vec<_>>>()? {
        let (seq, buffer) = row;
        connection.prepare_cached("DELETE FROM message WHERE seq = ?1")?.execute([seq])?;
        connection.prepare_cached("UPDATE conversation SET kept = kept - 1 WHERE buffer = ?1")?.execute([&buffer])?;
        connection.prepare_cached("DELETE FROM conversation WHERE buffer = ?1 AND kept <= 0")?.execute([&buffer])?;
    }
    Ok(())
}
