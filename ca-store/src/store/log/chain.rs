//! Entries and how they hang together.

use std::sync::OnceLock;

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use time::OffsetDateTime;

use super::{Entry, Operation};
use crate::facts;
use crate::store::system;

/// What the first entry has for the hash of the one before.
pub(crate) const ORIGIN: [u8; 32] = [0; 32];

/// Stands before what is hashed, so that the hash of an entry is never that of anything else.
const DOMAIN: &[u8] = b"pki log entry 1\n";

/// The greatest number of an entry that is gone on from: as many again are left to count with. No log comes near it by itself.
pub(crate) const MAX_ENTRY: i64 = i64::MAX / 2;

/// The columns of an [`Entry`], in the order of [`read`].
pub(crate) const COLUMNS: &str = "id, time, user, host, operation, detail, previous, hash";

/// The end of the log: the number of its last entry, and that one's hash.
pub(crate) type Tip = (i64, Vec<u8>);

/// Appends these operations. The caller has begun the transaction that makes the change.
///
/// # Errors
/// SQLite's.
pub(crate) fn append(change: &Connection, operations: impl IntoIterator<Item = Operation>) -> rusqlite::Result<()> {
    let mut operations = operations.into_iter().peekable();
    if operations.peek().is_none() {
        return Ok(());
    }
    let (mut id, mut previous) = tip(change)?.unwrap_or((0, ORIGIN.to_vec()));
    let (user, host) = who();
    let time = OffsetDateTime::now_utc().unix_timestamp();
    let insert = format!("INSERT INTO log ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    let mut insert = change.prepare_cached(&insert)?;
    for operation in operations {
        id += 1;
        let detail = serde_json::Value::Object(operation.detail).to_string();
        let kind = operation.kind.as_str();
        let hash = hash_of((id, time), [user, host, kind, &detail], &previous).to_vec();
        insert.execute(params![id, time, user, host, kind, detail, previous, hash])?;
        previous = hash;
    }
    Ok(())
}

/// The end of the log; none where it is empty.
pub(crate) fn tip(connection: &Connection) -> rusqlite::Result<Option<Tip>> {
    let mut query = connection.prepare_cached("SELECT id, hash FROM log ORDER BY id DESC LIMIT 1")?;
    query.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()
}

/// The user and the machine, asked once: neither changes while a program runs.
fn who() -> (&'static str, &'static str) {
    static WHO: OnceLock<(String, String)> = OnceLock::new();
    let (user, host) = WHO.get_or_init(|| {
        let unknown = || "unknown".to_owned();
        (system::user_name().unwrap_or_else(unknown), system::host_name().unwrap_or_else(unknown))
    });
    (user, host)
}

/// SHA-256 over every field, each text with its length before it, so that nothing can move from one to the next unseen.
fn hash_of((id, time): (i64, i64), texts: [&str; 4], previous: &[u8]) -> [u8; 32] {
    let mut encoding = DOMAIN.to_vec();
    encoding.extend(id.to_be_bytes());
    encoding.extend(time.to_be_bytes());
    for text in texts {
        encoding.extend((text.len() as u64).to_be_bytes());
        encoding.extend(text.as_bytes());
    }
    encoding.extend(previous);
    facts::sha256(&encoding)
}

impl Entry {
    /// The hash that it has to have.
    pub(crate) fn hash_due(&self) -> [u8; 32] {
        let texts = [&self.user, &self.host, &self.operation, &self.detail].map(String::as_str);
        hash_of((self.id, self.time), texts, &self.previous)
    }
}

/// Reads a row of [`COLUMNS`].
///
/// # Errors
/// SQLite's, where a column holds something of another type; [`unread`] says it in words.
pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        id: row.get(0)?,
        time: row.get(1)?,
        user: row.get(2)?,
        host: row.get(3)?,
        operation: row.get(4)?,
        detail: row.get(5)?,
        previous: row.get(6)?,
        hash: row.get(7)?,
    })
}

/// What keeps a row from being read, for people.
pub(crate) fn unread(fault: &rusqlite::Error) -> String {
    match fault {
        rusqlite::Error::InvalidColumnType(_, column, kind) => {
            format!("its field {column} holds {}, which it never does", kind.to_string().to_lowercase())
        }
        other => format!("it does not read: {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::log::Kind;
    use crate::store::migrate::SCHEMA;

    #[test]
    fn each_entry_holds_the_hash_of_the_one_before() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(SCHEMA).unwrap();
        for number in 0..3 {
            let operation = Operation::new(Kind::Backup).with("to", format!("{number}"));
            append(&connection, [operation.clone(), operation]).unwrap();
        }
        let mut query = connection.prepare(&format!("SELECT {COLUMNS} FROM log ORDER BY id")).unwrap();
        let entries: Vec<Entry> = query.query_map([], read).unwrap().collect::<Result<_, _>>().unwrap();
        assert_eq!(entries.iter().map(|entry| entry.id).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
        let mut previous = ORIGIN.to_vec();
        for entry in &entries {
            assert_eq!(entry.previous, previous);
            assert_eq!(entry.hash, entry.hash_due());
            previous = entry.hash.clone();
        }
    }

    #[test]
    fn nothing_moves_from_one_field_to_the_next() {
        let hash = |texts| hash_of((1, 2), texts, &ORIGIN);
        assert_ne!(hash(["ab", "c", "", ""]), hash(["a", "bc", "", ""]));
        assert_ne!(hash(["a", "", "", ""]), hash(["", "a", "", ""]));
    }
}
