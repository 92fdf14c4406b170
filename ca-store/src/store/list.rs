//! What was issued, one certificate after the other: a list of a million takes no more memory than one of ten.

use rusqlite::types::Value;
use time::OffsetDateTime;

use crate::error::Error;
use crate::name::fold;
use crate::store::Store;
use crate::store::entry::{IndexEntry, Status};
use crate::store::index::{COLUMNS, Index, read};

/// Which certificates are listed; all, unless something is said.
#[derive(Debug, Clone, Default)]
pub struct ListQuery {
    /// Those of this CA: of its name or SHA-256, or for `old` of all but the one that issues.
    pub issued_by: Option<String>,
    /// Those whose names fit, whatever the letter case; `*` stands for any characters.
    pub name: Option<String>,
    /// Those in use that end at this time or before, the first to end first.
    pub ends_by: Option<OffsetDateTime>,
    /// Those that stand so at this time.
    pub status: Option<(Status, OffsetDateTime)>,
    /// At most so many.
    pub limit: Option<u32>,
}

impl Store {
    /// Gives each certificate that fits to `each`, by name and then by age, until that returns false.
    ///
    /// # Errors
    /// [`Error::NoSuchCa`], or [`Error::Index`] and its kin.
    pub fn list(&self, query: &ListQuery, mut each: impl FnMut(IndexEntry) -> bool) -> Result<(), Error> {
        let index = Index::open_for_reading(&self.dir, &self.on_wait)?;
        let (sql, values) = statement(&index, query)?;
        let damaged = index.run(|connection| {
            let mut statement = connection.prepare(&sql)?;
            let mut rows = statement.query(rusqlite::params_from_iter(values))?;
            while let Some(row) = rows.next()? {
                match read(row) {
                    Ok(entry) => {
                        if !each(entry) {
                            break;
                        }
                    }
                    Err(reason) => return Ok(Some(reason)),
                }
            }
            Ok(None)
        })?;
        damaged.map_or(Ok(()), |reason| Err(index.damaged(&reason)))
    }
}

fn statement(index: &Index, query: &ListQuery) -> Result<(String, Vec<Value>), Error> {
    let (mut conditions, mut values) = (vec!["state = 'issued'".to_owned()], Vec::new());
    if let Some(ca) = &query.issued_by {
        let all = index.authorities()?;
        let known = || Error::NoSuchCa { ca: ca.clone(), known: all.names() };
        // Places in the index, which are numbers of its own.
        let ids: Vec<_> = all.called(ca).ok_or_else(known)?.iter().map(i64::to_string).collect();
        conditions.push(format!("authority IN ({})", ids.join(", ")));
    }
    if let Some(pattern) = &query.name {
        let (operator, pattern) = matching(&fold(pattern));
        values.push(Value::Text(pattern));
        conditions.push(format!("folded {operator} ?{}", values.len()));
    }
    if let Some(end) = query.ends_by {
        values.push(Value::Integer(end.unix_timestamp()));
        conditions.push(format!("not_after <= ?{} AND replaced_by IS NULL AND revoked IS NULL", values.len()));
    }
    if let Some((status, now)) = query.status {
        // Ends are whole seconds, and this one is over.
        let over = now.unix_timestamp() + i64::from(now.nanosecond() > 0);
        conditions.push(match status {
            Status::Valid => format!("revoked IS NULL AND not_after >= {over}"),
            Status::Expired => format!("revoked IS NULL AND not_after < {over}"),
            Status::Revoked => "revoked IS NOT NULL".to_owned(),
        });
    }
    let order = if query.ends_by.is_some() { "not_after, id" } else { "folded, id" };
    let limit = query.limit.map(|limit| format!(" LIMIT {limit}")).unwrap_or_default();
    let conditions = conditions.join(" AND ");
    Ok((format!("SELECT {COLUMNS} FROM certificate WHERE {conditions} ORDER BY {order}{limit}"), values))
}

/// How names are compared with a folded pattern. Only the star means more than itself, and without one a name is found at once, where
/// GLOB would look at all that begin with it.
fn matching(pattern: &str) -> (&'static str, String) {
    if pattern.contains('*') {
        ("GLOB", pattern.replace('[', "[[]").replace('?', "[?]"))
    } else {
        ("=", pattern.to_owned())
    }
}
