//! The log, read.

use rusqlite::{Connection, params};
use serde::Serialize;
use serde::ser::SerializeStruct as _;
use time::OffsetDateTime;

use super::Entry;
use super::chain::{COLUMNS, read};
use crate::error::Error;
use crate::facts;
use crate::san::San;
use crate::serial::{self, Serial};
use crate::store::Store;
use crate::store::index::Index;
use crate::validity::rfc3339;

/// Which entries are wanted.
#[derive(Debug, Clone, Default)]
pub struct LogQuery {
    /// Those about the certificate of this name, or with this serial number.
    pub about: Option<String>,
    /// The last so many.
    pub limit: Option<u32>,
}

impl Store {
    /// The entries that are asked for, the newest last.
    ///
    /// # Errors
    /// [`Error::Index`] and its kin.
    pub fn log(&self, query: &LogQuery) -> Result<Vec<Entry>, Error> {
        let index = Index::open_for_reading(self.dir(), &self.on_wait)?;
        let mut entries = index.run(|connection| select(connection, query))?;
        entries.reverse();
        Ok(entries)
    }
}

fn select(connection: &Connection, query: &LogQuery) -> rusqlite::Result<Vec<Entry>> {
    let limit = query.limit.map_or(-1, i64::from);
    let Some(about) = &query.about else {
        let mut statement = connection.prepare(&format!("SELECT {COLUMNS} FROM log ORDER BY id DESC LIMIT ?1"))?;
        return statement.query_map([limit], read)?.collect();
    };
    let (name, serial) = words(about);
    // A detail that was damaged is no JSON; `pki log verify` is who tells of it.
    let mut statement = connection.prepare(&format!(
        "SELECT {COLUMNS} FROM log WHERE json_valid(detail) AND (detail ->> 'name' IN (?1, ?2) COLLATE NOCASE \
         OR detail ->> 'serial' = ?3 OR detail ->> 'replaces' = ?3) ORDER BY id DESC LIMIT ?4"
    ))?;
    statement.query_map(params![about, name, serial, limit], read)?.collect()
}

/// What was typed, as certificates have it: a name, and a serial number.
fn words(about: &str) -> (String, Option<String>) {
    let name = San::parse(about).map_or_else(|_| about.to_owned(), |san| san.to_string());
    let serials = serial::typed(about);
    // One of ours, if it can be read as one: what is typed in decimal could be a longer one in hexadecimal.
    let own = serials.iter().find(|octets| Serial::from_octets(octets).is_some());
    (name, own.or(serials.first()).map(|octets| facts::hex(octets)))
}

impl Serialize for Entry {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Entry", 8)?;
        fields.serialize_field("entry", &self.id)?;
        fields.serialize_field("time", &self.time().map(rfc3339))?;
        fields.serialize_field("user", &self.user)?;
        fields.serialize_field("host", &self.host)?;
        fields.serialize_field("operation", &self.operation)?;
        let detail = serde_json::from_str(&self.detail).unwrap_or_else(|_| self.detail.clone().into());
        fields.serialize_field::<serde_json::Value>("detail", &detail)?;
        fields.serialize_field("previous", &facts::hex(&self.previous))?;
        fields.serialize_field("hash", &facts::hex(&self.hash))?;
        fields.end()
    }
}

impl Entry {
    /// When it was written; none where the index holds no time that is one.
    pub fn time(&self) -> Option<OffsetDateTime> {
        OffsetDateTime::from_unix_timestamp(self.time).ok()
    }
}
