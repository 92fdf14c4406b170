//! Whether the log is whole: every entry hashed, chained and counted, up to its signed head and beyond; and whether the index
//! says what the log says.

use rusqlite::Connection;
use serde::Serialize;
use time::OffsetDateTime;

use super::chain::{COLUMNS, ORIGIN, read, unread};
use super::expected::Expected;
use super::head::{self, Head};
use super::restore::Restorable;
use super::{Entry, Kind, rows};
use crate::error::Error;
use crate::facts;
use crate::store::Store;
use crate::store::index::Index;
use crate::store::trouble::{Trouble, TroubleCode, Troubles};
use crate::validity::rfc3339;

/// What came of verifying a log.
#[derive(Debug, Serialize)]
pub struct LogReport {
    /// How many entries it has.
    pub entries: i64,
    /// The last one's hash, in hexadecimal; with the number, what to write down to know this log again.
    pub hash: String,
    /// The signed head.
    pub head: Option<HeadReport>,
    /// Entries after the signed head: chained, but not under a signature yet.
    pub unsigned: i64,
    /// Certificates that were compared with their entries.
    pub certificates: u64,
    /// What is wrong, the chain first.
    pub troubles: Vec<Trouble>,
    /// How much more is wrong.
    pub more: u64,
    /// Whether the log itself is whole, so that the index can be put right by it.
    #[serde(skip)]
    pub(crate) chain_is_whole: bool,
    /// Rows that can be put back.
    #[serde(skip)]
    pub(crate) restorable: Vec<Restorable>,
}

/// A signed head, as it is told.
#[derive(Debug, Serialize)]
pub struct HeadReport {
    /// The entry that it covers, with all before.
    pub entry: i64,
    /// That entry's hash, in hexadecimal.
    pub hash: String,
    /// The CA that signed it.
    pub authority: String,
    /// SHA-256 of that CA's certificate, in hexadecimal: for who compares it with one kept elsewhere.
    pub authority_sha256: String,
    /// When it was signed, RFC 3339.
    pub signed: String,
}

/// An entry that somebody wrote down, to see later whether the log still has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogMark {
    /// Its number.
    pub entry: i64,
    /// Its hash, in hexadecimal.
    pub hash: String,
}

impl std::str::FromStr for LogMark {
    type Err = String;

    fn from_str(text: &str) -> Result<LogMark, String> {
        let fault = || "expected an entry's number and hash, as pki log verify prints them: 12:5f2a…".to_owned();
        let (entry, hash) = text.split_once(':').ok_or_else(fault)?;
        let hexadecimal = hash.len() == 64 && hash.bytes().all(|octet| octet.is_ascii_hexdigit());
        let entry = entry.parse().ok().filter(|entry| *entry > 0 && hexadecimal).ok_or_else(fault)?;
        Ok(LogMark { entry, hash: hash.to_ascii_lowercase() })
    }
}

impl Store {
    /// Verifies the log, and the index beside it; `mark` is an entry that has to be in it.
    ///
    /// # Errors
    /// [`Error::Index`] and its kin. What is found wrong is no error: it is in the report.
    pub fn verify_log(&self, mark: Option<&LogMark>) -> Result<LogReport, Error> {
        let index = Index::open_for_reading(self.dir(), &self.on_wait)?;
        verify(&index, mark)
    }
}

/// As [`Store::verify_log`], of an open index.
///
/// # Errors
/// [`Error::Index`].
pub(crate) fn verify(index: &Index, mark: Option<&LogMark>) -> Result<LogReport, Error> {
    // One transaction: a writer in between must not look like damage.
    index.run(|connection| {
        let reading = connection.unchecked_transaction()?;
        let report = verify_within(&reading, mark)?;
        reading.finish()?;
        Ok(report)
    })
}

fn verify_within(connection: &Connection, mark: Option<&LogMark>) -> rusqlite::Result<LogReport> {
    let heads = head::all(connection)?;
    let mut walk = Walk { heads: &heads.read, unread: heads.unread.as_deref(), mark, ..Walk::new() };
    let mut query = connection.prepare(&format!("SELECT {COLUMNS} FROM log ORDER BY id"))?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        match read(row) {
            Ok(entry) => walk.step(&entry),
            Err(fault) => walk.unreadable(row.get(0)?, row.get(7).unwrap_or_default(), &fault),
        }
    }
    walk.end(connection)?;
    let head = heads.read.last().map(|head| told(connection, head)).transpose()?.flatten();
    let chain_is_whole = walk.troubles.told.is_empty();
    let compared = rows::compare(connection, walk.expected, walk.troubles)?;
    Ok(LogReport {
        entries: walk.last,
        hash: facts::hex(&walk.previous),
        unsigned: walk.last.saturating_sub(heads.read.last().map_or(0, |head| head.entry.min(walk.last))),
        head,
        certificates: compared.certificates,
        troubles: compared.troubles.told,
        more: compared.troubles.untold,
        chain_is_whole,
        restorable: compared.restorable,
    })
}

/// From entry to entry.
struct Walk<'a> {
    heads: &'a [Head],
    /// Why a head does not read.
    unread: Option<&'a str>,
    mark: Option<&'a LogMark>,
    last: i64,
    previous: Vec<u8>,
    needs_head: bool,
    met: Vec<i64>,
    expected: Expected,
    troubles: Troubles,
}

/// What there is to do about a log that was changed.
const COMPARE: &str =
    "somebody has changed the index; see what a backup of the store says of it:\npki --store BACKUP log verify";

impl Walk<'_> {
    fn new() -> Self {
        Walk {
            heads: &[],
            unread: None,
            mark: None,
            last: 0,
            previous: ORIGIN.to_vec(),
            needs_head: false,
            met: Vec::new(),
            expected: Expected::default(),
            troubles: Troubles::default(),
        }
    }

    fn step(&mut self, entry: &Entry) {
        let place = format!("entry {} of the log", entry.id);
        if entry.id != self.last + 1 {
            self.missing(entry.id);
        } else if entry.previous != self.previous {
            let message = format!("entry {} does not follow entry {}: one of them is another", entry.id, self.last);
            self.tell(
                Trouble::new(TroubleCode::LinkBroken, place.clone(), message),
                &self.previous.clone(),
                &entry.previous,
            );
        }
        let due = entry.hash_due();
        if entry.hash != due {
            let message = "it is not what was written: a field or its number was changed".to_owned();
            self.tell(Trouble::new(TroubleCode::EntryChanged, place.clone(), message), &entry.hash, &due);
        }
        self.meet(entry.id, &entry.hash);
        self.learn(entry, place);
        (self.last, self.previous) = (entry.id, entry.hash.clone());
    }

    /// An entry with a field of another type: what it says is not known, and what follows on it can be.
    fn unreadable(&mut self, id: i64, hash: Vec<u8>, fault: &rusqlite::Error) {
        if id != self.last + 1 {
            self.missing(id);
        }
        let message = format!("it is not what was written: {}", unread(fault));
        let trouble = Trouble::new(TroubleCode::EntryChanged, format!("entry {id} of the log"), message);
        self.troubles.push(trouble.next(COMPARE));
        self.meet(id, &hash);
        (self.last, self.previous) = (id, hash);
    }

    fn tell(&mut self, trouble: Trouble, expected: &[u8], found: &[u8]) {
        self.troubles.push(trouble.between(facts::hex(expected), facts::hex(found)).next(COMPARE));
    }

    fn missing(&mut self, found: i64) {
        let (from, to) = (self.last + 1, found.saturating_sub(1));
        let which = if from >= to { format!("entry {from}") } else { format!("entries {from} to {to}") };
        let message = format!("{which} of the log: removed, or given another number");
        let trouble = Trouble::new(TroubleCode::EntryMissing, format!("entry {from} of the log"), message);
        self.troubles.push(trouble.between(from.to_string(), found.to_string()).next(COMPARE));
    }

    /// Heads, and the mark, that stand at this entry.
    fn meet(&mut self, id: i64, hash: &[u8]) {
        for head in self.heads.iter().filter(|head| head.entry == id) {
            self.met.push(head.entry);
            if head.hash != hash {
                let message = "it is not the entry that was signed";
                let place = format!("entry {id} of the log");
                self.troubles.push(
                    Trouble::new(TroubleCode::TailMissing, place, message)
                        .between(facts::hex(&head.hash), facts::hex(hash))
                        .next(COMPARE),
                );
            }
        }
        if let Some(mark) = self.mark.filter(|mark| mark.entry == id && mark.hash == facts::hex(hash)) {
            self.met.push(-mark.entry);
        }
    }

    fn learn(&mut self, entry: &Entry, place: String) {
        let kind = entry.operation.parse::<Kind>().ok();
        self.needs_head |= kind.is_some_and(Kind::needs_key);
        if kind == Some(Kind::Alarm) {
            let message =
                format!("the log did not reach its signed head when the next was to be signed: {}", entry.detail);
            self.troubles.push(Trouble::new(TroubleCode::Alarm, place, message).next(COMPARE));
        }
        self.expected.learn(kind, entry);
    }

    /// What can be said only once the last entry is known.
    fn end(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        for head in self.heads.iter().filter(|head| !self.met.contains(&head.entry)) {
            let message =
                format!("the log was cut short: it ends with entry {}, and a signed head says more", self.last);
            self.troubles.push(
                Trouble::new(TroubleCode::TailMissing, format!("entry {} of the log", head.entry), message)
                    .between(format!("at least {} entries", head.entry), format!("{} entries", self.last))
                    .next(COMPARE),
            );
        }
        if let Some(reason) = self.unread {
            let message = format!("it is not what was signed: {reason}");
            self.troubles.push(Trouble::new(TroubleCode::HeadForged, "the head of the log", message).next(COMPARE));
        }
        if self.heads.is_empty() && self.unread.is_none() && self.needs_head {
            let message = "no head is signed, though a CA's key was used: it was taken away, perhaps with entries";
            self.troubles.push(Trouble::new(TroubleCode::HeadMissing, "the head of the log", message).next(COMPARE));
        }
        if let Some(mark) = self.mark.filter(|mark| !self.met.contains(&-mark.entry)) {
            let message = format!("the log does not have the entry that was expected, {}:{}", mark.entry, mark.hash);
            let place = format!("entry {} of the log", mark.entry);
            self.troubles.push(Trouble::new(TroubleCode::HeadUnexpected, place, message).next(COMPARE));
        }
        for head in self.heads {
            if !is_signed(connection, head)? {
                let message = "its signature is not by the CA that it names";
                self.troubles.push(Trouble::new(TroubleCode::HeadForged, "the head of the log", message).next(COMPARE));
            }
        }
        Ok(())
    }
}

fn is_signed(connection: &Connection, head: &Head) -> rusqlite::Result<bool> {
    let certificate = authority(connection, head.authority)?;
    Ok(certificate.is_some_and(|certificate| head.is_signed_by(&certificate.public_key)))
}

fn authority(connection: &Connection, id: i64) -> rusqlite::Result<Option<facts::Certificate>> {
    let ders: Vec<Option<Vec<u8>>> = {
        let mut query = connection.prepare_cached("SELECT certificate FROM authority WHERE id = ?1")?;
        query.query_map([id], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?
    };
    Ok(ders.into_iter().flatten().next().and_then(|der| facts::Certificate::from_der(&der).ok()))
}

fn told(connection: &Connection, head: &Head) -> rusqlite::Result<Option<HeadReport>> {
    Ok(authority(connection, head.authority)?.map(|certificate| HeadReport {
        entry: head.entry,
        hash: facts::hex(&head.hash),
        authority: certificate.subject.common_name().unwrap_or_default().to_owned(),
        authority_sha256: certificate.sha256_hex(),
        signed: OffsetDateTime::from_unix_timestamp(head.time).map(rfc3339).unwrap_or_default(),
    }))
}
