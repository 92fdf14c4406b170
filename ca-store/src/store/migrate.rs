//! Old formats of the index brought up to date, each step in one transaction: a crash leaves the old one whole.

use rusqlite::{Connection, params};
use time::OffsetDateTime;

use crate::facts::{self, Certificate};
use crate::store::index::FORMAT;
use crate::store::log::{self, Kind, Operation};
use crate::validity::rfc3339;

/// The tables of the format that is written.
pub(crate) const SCHEMA: &str = include_str!("schema.sql");

/// A step that brings an index up to date; the caller holds the store's lock.
type Step = fn(&Connection) -> rusqlite::Result<()>;

/// What an index of an earlier format needs; none where it is of another.
pub(crate) fn step_from(format: i64) -> Option<Step> {
    match format {
        1 => Some(from_1),
        2 => Some(from_2),
        _ => None,
    }
}

/// Format 2 knew one certificate of each CA.
///
/// # Errors
/// SQLite's; the index is then as it was.
fn from_2(connection: &Connection) -> rusqlite::Result<()> {
    let change = connection.unchecked_transaction()?;
    let table = SCHEMA.split_inclusive(';').find(|statement| statement.contains("CREATE TABLE recertified "));
    change.execute_batch(table.unwrap_or_default())?;
    log::append(&change, [Operation::new(Kind::Migrate).with("from", 2).with("to", FORMAT)])?;
    change.pragma_update(None, "user_version", FORMAT)?;
    change.commit()
}

/// Format 1 knew one generation of CAs, and no revocation lists. The caller holds the store's lock.
///
/// # Errors
/// SQLite's; the index is then as it was.
fn from_1(connection: &Connection) -> rusqlite::Result<()> {
    let steps = include_str!("migrate_from_1.sql").replace("--SCHEMA--", SCHEMA);
    let change = connection.unchecked_transaction()?;
    change.execute_batch(&steps)?;
    for (id, der) in authorities(&change)? {
        let certificate = der.and_then(|der| Certificate::from_der(&der).ok());
        let key_id = certificate.as_ref().and_then(|certificate| certificate.subject_key_identifier());
        change.execute("UPDATE authority SET key_id = ?2 WHERE id = ?1", params![id, key_id])?;
    }
    log::append(&change, adopted(&change)?)?;
    change.pragma_update(None, "user_version", FORMAT)?;
    change.commit()
}

fn authorities(connection: &Connection) -> rusqlite::Result<Vec<(i64, Option<Vec<u8>>)>> {
    let mut query = connection.prepare("SELECT id, certificate FROM authority")?;
    query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// The log begins with what was there before it: that it was, and each certificate by its hash.
fn adopted(connection: &Connection) -> rusqlite::Result<Vec<Operation>> {
    let ders = authorities(connection)?;
    let query = "SELECT name, serial, certificate, replaced_by, revoked, reason FROM certificate \
                 WHERE state = 'issued' ORDER BY id";
    let mut query = connection.prepare(query)?;
    let rows = query.query_map([], |row| {
        let (serial, der): (Vec<u8>, Vec<u8>) = (row.get(1)?, row.get(2)?);
        let operation = Operation::new(Kind::Adopt).with("name", row.get::<_, String>(0)?);
        let operation = operation.with("serial", facts::hex(&serial)).with("sha256", facts::hex(&facts::sha256(&der)));
        let operation = match row.get::<_, Option<Vec<u8>>>(3)? {
            Some(successor) => operation.with("replaced_by", facts::hex(&successor)),
            None => operation,
        };
        let at = row.get::<_, Option<i64>>(4)?.and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok());
        let Some(at) = at else { return Ok(operation) };
        let reason = row.get::<_, Option<String>>(5)?.unwrap_or_default();
        Ok(operation.with("revoked", rfc3339(at)).with("reason", reason))
    })?;
    let certificates = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let cas = ders.iter().filter_map(|(_, der)| der.as_deref());
    let first = Operation::authorities(Kind::Migrate, cas).with("from", 1).with("to", FORMAT);
    Ok(std::iter::once(first.with("certificates", certificates.len())).chain(certificates).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn format_1_is_brought_up_to_date() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(include_str!("migrate_test_1.sql")).unwrap();
        from_1(&connection).unwrap();
        let count = |query: &str| connection.query_row(query, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(count("SELECT count(*) FROM authority"), 3);
        assert_eq!(count("SELECT count(*) FROM authority WHERE state = 'ready' AND issuer = 2"), 2);
        assert_eq!(count("SELECT count(*) FROM certificate WHERE authority = 3 AND state = 'issued'"), 1);
        assert_eq!(count("PRAGMA user_version"), FORMAT);
        assert_eq!(count("SELECT count(*) FROM log"), 2);
        assert_eq!(
            count("SELECT count(*) FROM log WHERE operation = 'adopt' AND detail LIKE '%\"serial\":\"41%03\"%'"),
            1
        );
        assert_eq!(tables(&connection), tables(&fresh()));
    }

    #[test]
    fn format_2_is_brought_up_to_date() {
        let connection = fresh();
        connection.execute_batch("DROP TABLE recertified; PRAGMA user_version = 2").unwrap();
        step_from(2).unwrap()(&connection).unwrap();
        assert_eq!(tables(&connection), tables(&fresh()));
        let asked = |query: &str| connection.query_row(query, [], |row| row.get::<_, String>(0)).unwrap();
        assert_eq!(asked("SELECT detail FROM log"), format!(r#"{{"from":2,"to":{FORMAT}}}"#));
        assert_eq!(connection.pragma_query_value(None, "user_version", |row| row.get(0)), Ok(FORMAT));
        assert!(step_from(FORMAT).is_none());
    }

    fn fresh() -> Connection {
        let fresh = Connection::open_in_memory().unwrap();
        fresh.execute_batch(SCHEMA).unwrap();
        fresh
    }

    fn tables(connection: &Connection) -> String {
        let query =
            "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name)";
        connection.query_row(query, [], |row| row.get(0)).unwrap()
    }
}
