//! What the chat keeps over its own end: conversations, accounts, channels. One SQLite database in the data folder.
//!
//! It is in WAL mode with `synchronous = NORMAL`: what was committed survives the end of the process, however it comes; after
//! a power cut the last moments may be missing, and what is there is whole.

mod bounds;
mod checkpoint;
mod query;

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, params};
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::core::keep::{Answer, Buffer, Keep, Question, Record, RecordKind, Said};
use crate::limits::archive::{PATIENCE, STATEMENTS};
pub use bounds::Bounds;
use checkpoint::Checkpoints;

/// The file in the data folder.
const FILE: &str = "chat.sqlite";

/// The file that a server holds locked while it runs, so that no other uses the same folder.
const LOCK: &str = "chat.lock";

/// The format that is written, kept in `user_version`.
const FORMAT: i64 = 1;

/// The kind of the row that is no fact: how far a node's history is.
const MARK: &str = "network-mark";

/// An open archive.
#[derive(Debug)]
pub struct Archive {
    connection: Connection,
    bounds: Bounds,
    open: bool,
    path: PathBuf,
    /// SQLite's count of what other programs have written.
    seen: i64,
    /// Held as long as the archive is open; none in memory.
    lock: Option<File>,
    /// None in memory, and for a moment beside a server.
    checkpoints: Option<Checkpoints>,
}

/// Why what is kept can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// SQLite refused.
    #[error("{}: the chat's history can't be used: {source}", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// There is no room for more.
    #[error("{}: expected room on its disk, found none: nothing more is kept until there is some", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// The file can't be made or read.
    #[error("{}: the chat's history can't be opened", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another server has it.
    #[error("{}: another server has the chat's history open; each needs a data folder of its own", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// It was written by a later version.
    #[error("{}: the chat's history has format {found}, and this version reads up to {FORMAT}", path.display())]
    TooNew {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
    },
}

impl Archive {
    /// Opens the archive of a data folder, which is there; makes it where there is none.
    ///
    /// # Errors
    /// Fails where another server has it open, a later version wrote it, or the disk refuses.
    pub fn open(folder: &Path, bounds: Bounds) -> Result<Archive, ArchiveError> {
        let path = folder.join(FILE);
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| ArchiveError::Io { path, source }
        };
        let lock_path = folder.join(LOCK);
        let lock = open_secret(&lock_path).map_err(at(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(ArchiveError::InUse { path }),
            Err(TryLockError::Error(source)) => return Err(at(&lock_path)(source)),
        }
        Self::connect(&path, bounds, Some(lock))
    }

    /// Opens the archive of a data folder for a moment, beside a server that may run: SQLite orders the writing.
    ///
    /// # Errors
    /// Where a later version wrote it, or the disk refuses.
    pub fn open_beside(folder: &Path) -> Result<Archive, ArchiveError> {
        Self::connect(&folder.join(FILE), Bounds::default(), None)
    }

    /// Whether there is one in a folder.
    pub fn is_in(folder: &Path) -> bool {
        folder.join(FILE).is_file()
    }

    fn connect(path: &Path, bounds: Bounds, lock: Option<File>) -> Result<Archive, ArchiveError> {
        open_secret(path).map_err(|source| ArchiveError::Io { path: path.to_owned(), source })?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = Connection::open_with_flags(path, flags).and_then(|connection| {
            connection.busy_timeout(PATIENCE)?;
            connection.pragma_update(None, "journal_mode", "wal")?;
            connection.pragma_update(None, "synchronous", "normal")?;
            Ok(connection)
        });
        let connection = opened.map_err(|source| failed(path, source))?;
        Self::prepare(connection, path, bounds, lock)
    }

    /// An archive in memory, gone with the process.
    ///
    /// # Errors
    /// Fails where there is no memory.
    pub fn in_memory(bounds: Bounds) -> Result<Archive, ArchiveError> {
        let path = Path::new(":memory:");
        let connection = Connection::open_in_memory().map_err(|source| failed(path, source))?;
        Self::prepare(connection, path, bounds, None)
    }

    fn prepare(
        connection: Connection,
        path: &Path,
        bounds: Bounds,
        lock: Option<File>,
    ) -> Result<Archive, ArchiveError> {
        let format =
            connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(|source| failed(path, source))?;
        match format {
            0 => create(&connection).map_err(|source| failed(path, source))?,
            FORMAT => {}
            found => return Err(ArchiveError::TooNew { path: path.to_owned(), found }),
        }
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        let seen = others_writing(&connection).map_err(|source| failed(path, source))?;
        let checkpoints = lock.as_ref().and_then(|_| Checkpoints::start(path, &connection));
        Ok(Archive { connection, bounds, open: false, path: path.to_owned(), seen, lock, checkpoints })
    }

    /// Every fact, in the order of kinds and keys.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn records(&self) -> Result<Vec<Record>, ArchiveError> {
        self.read_records().map_err(|source| failed(&self.path, source))
    }

    fn read_records(&self) -> rusqlite::Result<Vec<Record>> {
        let mut statement = self.connection.prepare("SELECT kind, key, value FROM record ORDER BY kind, key")?;
        let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?)))?;
        let mut records = Vec::new();
        for row in rows {
            let (kind, key, value) = row?;
            // A kind that this version does not know stays where it is.
            let known = RecordKind::ALL.into_iter().find(|known| known.name() == kind);
            records.extend(known.map(|kind| Record { kind, key, value }));
        }
        Ok(records)
    }

    /// How far this node's history is in a network: its word, and the last place in its order. None on a server that never
    /// was in one.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn mark(&self) -> Result<Option<(String, u64)>, ArchiveError> {
        self.read_mark().map_err(|source| failed(&self.path, source))
    }

    fn read_mark(&self) -> rusqlite::Result<Option<(String, u64)>> {
        let found: Option<(String, String)> = self
            .connection
            .prepare_cached("SELECT key, value FROM record WHERE kind = ?1")?
            .query_row([MARK], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        Ok(found.and_then(|(word, sequence)| Some((word, sequence.parse().ok()?))))
    }

    /// Sets that, with what the next [`Archive::commit`] makes safe.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn set_mark(&mut self, word: &str, sequence: u64) -> Result<(), ArchiveError> {
        self.write_mark(word, sequence).map_err(|source| failed(&self.path, source))
    }

    fn write_mark(&mut self, word: &str, sequence: u64) -> rusqlite::Result<()> {
        self.begin()?;
        self.connection.prepare_cached("DELETE FROM record WHERE kind = ?1 AND key <> ?2")?.execute([MARK, word])?;
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO record (kind, key, value) VALUES (?1, ?2, ?3)")?
            .execute(params![MARK, word, sequence.to_string()])
            .map(drop)
    }

    fn begin(&mut self) -> rusqlite::Result<()> {
        if !self.open {
            self.connection.execute_batch("BEGIN IMMEDIATE")?;
            self.open = true;
        }
        Ok(())
    }

    /// Its file.
    pub fn file(&self) -> &Path {
        &self.path
    }

    /// Whether other programs can write to it.
    pub fn is_on_disk(&self) -> bool {
        self.lock.is_some()
    }

    /// Whether another program has written since this was asked last. In memory none can.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn changed_elsewhere(&mut self) -> Result<bool, ArchiveError> {
        let count = others_writing(&self.connection).map_err(|source| failed(&self.path, source))?;
        Ok(std::mem::replace(&mut self.seen, count) != count)
    }

    /// Adds something to what the next [`Archive::commit`] makes safe.
    ///
    /// # Errors
    /// As SQLite says; the rest of what waits is not touched.
    pub fn keep(&mut self, keep: &Keep) -> Result<(), ArchiveError> {
        self.write(keep).map_err(|source| failed(&self.path, source))
    }

    fn write(&mut self, keep: &Keep) -> rusqlite::Result<()> {
        self.begin()?;
        match keep {
            Keep::Said(said) => self.say(said),
            Keep::Redacted { buffer, msgid } => self.redact(buffer, msgid),
            Keep::Moved { from, to } => self.move_buffer(from, to),
            Keep::Dropped { buffer } => self.drop_buffer(buffer),
            Keep::Put { kind, key, value } => self
                .connection
                .prepare_cached("INSERT OR REPLACE INTO record (kind, key, value) VALUES (?1, ?2, ?3)")?
                .execute(params![kind.name(), key, value])
                .map(drop),
            Keep::Forget { kind, key } => self
                .connection
                .prepare_cached("DELETE FROM record WHERE kind = ?1 AND key = ?2")?
                .execute(params![kind.name(), key])
                .map(drop),
        }
    }

    /// Makes what waits safe.
    ///
    /// # Errors
    /// As SQLite says; then nothing of it was kept.
    pub fn commit(&mut self) -> Result<(), ArchiveError> {
        self.finish().map_err(|source| failed(&self.path, source))
    }

    fn finish(&mut self) -> rusqlite::Result<()> {
        if !std::mem::take(&mut self.open) {
            return Ok(());
        }
        let committed = self.connection.execute_batch("COMMIT");
        if committed.is_err() && !self.connection.is_autocommit() {
            self.connection.execute_batch("ROLLBACK")?;
        }
        if let Some(checkpoints) = &self.checkpoints {
            checkpoints.count();
        }
        committed
    }

    /// Answers a question about what is kept; what waits for a commit is seen already.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn answer(&self, question: &Question) -> Result<Answer, ArchiveError> {
        self.read(question).map_err(|source| failed(&self.path, source))
    }

    fn read(&self, question: &Question) -> rusqlite::Result<Answer> {
        match question {
            Question::History(asked) => query::history(&self.connection, asked).map(Answer::History),
            Question::Page(asked) => query::page(&self.connection, asked).map(Answer::Page),
            Question::Conversations(asked) => query::conversations(&self.connection, asked).map(Answer::Conversations),
            Question::Record { kind, key } => self.record(*kind, key).map(Answer::Record),
            Question::Missed { .. }
            | Question::Derive(_)
            | Question::Random { .. }
            | Question::Port { .. }
            | Question::LastMessages(_) => Ok(Answer::Unavailable),
        }
    }

    fn record(&self, kind: RecordKind, key: &str) -> rusqlite::Result<Option<String>> {
        self.connection
            .prepare_cached("SELECT value FROM record WHERE kind = ?1 AND key = ?2")?
            .query_row(params![kind.name(), key], |row| row.get(0))
            .optional()
    }

    fn say(&mut self, said: &Said) -> rusqlite::Result<()> {
        let Said { msgid, at, buffer, account, bot, tags, line, event } = said;
        self.connection
            .prepare_cached(
                "INSERT INTO message (msgid, at, buffer, account, bot, tags, line, event) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![msgid, at.unix_ms, buffer.as_str(), account, bot, tags, line, event])?;
        let (one, other) = buffer.as_str().split_once(' ').unzip();
        let last = if *event { 0 } else { at.unix_ms };
        let kept: i64 = self
            .connection
            .prepare_cached(
                "INSERT INTO conversation (buffer, one, other, last, kept) VALUES (?1, ?2, ?3, ?4, 1) \
                 ON CONFLICT (buffer) DO UPDATE SET last = max(last, excluded.last), kept = kept + 1 RETURNING kept",
            )?
            .query_row(params![buffer.as_str(), one, other, last], |row| row.get(0))?;
        self.bounds.after_insert(&self.connection, buffer, kept, *at)
    }

    /// Its row goes: what was taken back is found nowhere.
    fn redact(&self, buffer: &Buffer, msgid: &str) -> rusqlite::Result<()> {
        let deleted = self
            .connection
            .prepare_cached("DELETE FROM message WHERE msgid = ?1 AND buffer = ?2")?
            .execute(params![msgid, buffer.as_str()])?;
        bounds::count_off(&self.connection, buffer, deleted)
    }

    fn drop_buffer(&self, buffer: &Buffer) -> rusqlite::Result<()> {
        self.connection.execute("DELETE FROM message WHERE buffer = ?1", [buffer.as_str()])?;
        self.connection.execute("DELETE FROM conversation WHERE buffer = ?1", [buffer.as_str()]).map(drop)
    }

    fn move_buffer(&self, from: &Buffer, to: &Buffer) -> rusqlite::Result<()> {
        let moved = params![from.as_str(), to.as_str()];
        // A name that was used before has a history of its own, which the two then share.
        self.connection.execute(
            "INSERT INTO conversation (buffer, last, kept) SELECT ?2, last, kept FROM conversation WHERE buffer = ?1 \
             ON CONFLICT (buffer) DO UPDATE SET last = max(last, excluded.last), kept = kept + excluded.kept",
            moved,
        )?;
        self.connection.execute("DELETE FROM conversation WHERE buffer = ?1", params![from.as_str()])?;
        self.connection.execute("UPDATE message SET buffer = ?2 WHERE buffer = ?1", moved).map(drop)
    }
}

fn others_writing(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA data_version", [], |row| row.get(0))
}

fn create(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    connection.execute_batch(include_str!("schema.sql"))?;
    connection.pragma_update(None, "user_version", FORMAT)?;
    connection.execute_batch("COMMIT")
}

fn failed(path: &Path, source: rusqlite::Error) -> ArchiveError {
    let path = path.to_owned();
    match source.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => ArchiveError::Full { path },
        _ => ArchiveError::Database { path, source },
    }
}

/// What people said to each other is for the server alone; SQLite gives its side files the same mode.
#[cfg(unix)]
fn open_secret(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn open_secret(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

#[cfg(test)]
mod tests;
