//! Signed heads: the end of the log under a CA's signature. Who can write the index but has no key can append to the log, but
//! can neither change what came before the last head nor cut the log short of it unseen.
//!
//! One head is kept, the last. Keeping earlier ones would weaken it: whoever cuts the log short would only have to take away the
//! later heads, and an earlier one would vouch for what is left.

use rcgen::SigningKey as _;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use time::OffsetDateTime;

use super::chain;
use super::{Kind, Operation, append};
use crate::error::Error;
use crate::facts::{self, SignatureAlgorithm, SignatureCheck};
use crate::key::{PrivateKey, crypto};

/// Stands before what is signed. No certificate, request or revocation list begins with it: those begin with the octet of a
/// SEQUENCE, so a head's signature is never one of theirs.
const DOMAIN: &[u8] = b"pki log head 1\n";

/// Who signs a head: a CA, by its place in the index, and its key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signer<'a> {
    pub(crate) authority: i64,
    pub(crate) key: &'a PrivateKey,
}

/// A signed head.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) entry: i64,
    pub(crate) hash: Vec<u8>,
    pub(crate) authority: i64,
    pub(crate) time: i64,
    pub(crate) signature: Vec<u8>,
}

impl Head {
    /// Whether `key` made its signature.
    pub(crate) fn is_signed_by(&self, key: &facts::PublicKey) -> bool {
        // The digests that `key::KeyKind` signs with.
        let digest = if key.kind == facts::KeyKind::EcdsaP384 { "SHA-384" } else { "SHA-256" };
        let algorithm = SignatureAlgorithm { oid: String::new(), digest, family: key.kind.family(), pss: None };
        algorithm.check(key, &message(self.entry, &self.hash), &self.signature) == SignatureCheck::Good
    }
}

/// What kept an entry or a head from being written.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The database.
    Index(rusqlite::Error),
    /// What the index holds, and should not.
    Damaged(String),
    /// Anything else.
    Other(Error),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Fault {
        Fault::Index(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        Fault::Other(error)
    }
}

/// Appends these operations, and with a signer the head that covers them. The caller has begun the transaction that makes the
/// change.
///
/// # Errors
/// [`Fault`]; the caller takes the transaction back.
pub(crate) fn record(
    change: &Connection,
    operations: impl IntoIterator<Item = Operation>,
    signer: Option<&Signer<'_>>,
) -> Result<(), Fault> {
    let before = chain::tip(change)?.map_or(0, |(id, _)| id);
    if before > chain::MAX_ENTRY {
        let reason = format!("its log ends with entry {before}, and no log is that long: pki log verify tells more");
        return Err(Fault::Damaged(reason));
    }
    append(change, operations)?;
    if let Some(signer) = signer {
        sign(change, before, signer)?;
    }
    Ok(())
}

/// Signs the end of the log and puts this head in place of the last one. Where the log does not reach the last one, or there
/// should have been one up to the entry `before` and is not, that is appended first: the new signature must not hide it.
fn sign(change: &Connection, before: i64, signer: &Signer<'_>) -> Result<(), Fault> {
    let Heads { read, unread } = all(change)?;
    let alarm = match read.last() {
        _ if unread.is_some() => unread.map(|reason| Operation::new(Kind::Alarm).with("found", reason)),
        Some(head) => alarm_of(change, head)?,
        None if needs_head(change, before)? => Some(Operation::new(Kind::Alarm).with("found", "no signed head")),
        None => None,
    };
    append(change, alarm)?;
    let Some((entry, hash)) = chain::tip(change)? else { return Ok(()) };
    let signed = signer.key.pair().sign(&message(entry, &hash));
    let signature = signed.map_err(crypto("signing the log"))?;
    let time = OffsetDateTime::now_utc().unix_timestamp();
    keep(change, &Head { entry, hash, authority: signer.authority, time, signature })?;
    Ok(())
}

fn message(entry: i64, hash: &[u8]) -> Vec<u8> {
    [DOMAIN, &entry.to_be_bytes(), hash].concat()
}

fn keep(change: &Connection, head: &Head) -> rusqlite::Result<()> {
    change.prepare_cached("DELETE FROM log_head")?.execute([])?;
    let insert = "INSERT INTO log_head (entry, hash, authority, time, signature) VALUES (?1, ?2, ?3, ?4, ?5)";
    change.prepare_cached(insert)?.execute(params![
        head.entry,
        head.hash,
        head.authority,
        head.time,
        head.signature
    ])?;
    Ok(())
}

fn alarm_of(change: &Connection, head: &Head) -> rusqlite::Result<Option<Operation>> {
    let mut query = change.prepare_cached("SELECT hash FROM log WHERE id = ?1")?;
    let found: Option<Vec<u8>> = query.query_row([head.entry], |row| Ok(row.get(0).unwrap_or_default())).optional()?;
    if found.as_ref() == Some(&head.hash) {
        return Ok(None);
    }
    let found = found.map_or("no such entry".to_owned(), |hash| facts::hex(&hash));
    let alarm = Operation::new(Kind::Alarm).with("entry", head.entry).with("signed", facts::hex(&head.hash));
    Ok(Some(alarm.with("found", found)))
}

/// Whether one of the entries up to `before` was made with a CA's key, so that a head has to be there.
pub(crate) fn needs_head(connection: &Connection, before: i64) -> rusqlite::Result<bool> {
    let mut query = connection.prepare_cached("SELECT DISTINCT operation FROM log WHERE id <= ?1")?;
    let names = query.query_map([before], |row| Ok(row.get::<_, String>(0).unwrap_or_default()))?;
    let kinds = names.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().filter_map(|name| name.parse::<Kind>().ok());
    Ok(kinds.into_iter().any(Kind::needs_key))
}

/// The signed heads: there is one, unless somebody else has written others.
#[derive(Debug, Default)]
pub(crate) struct Heads {
    pub(crate) read: Vec<Head>,
    /// Why one does not read.
    pub(crate) unread: Option<String>,
}

/// Reads them.
pub(crate) fn all(connection: &Connection) -> rusqlite::Result<Heads> {
    let mut query =
        connection.prepare_cached("SELECT entry, hash, authority, time, signature FROM log_head ORDER BY entry")?;
    let mut rows = query.query([])?;
    let mut heads = Heads::default();
    while let Some(row) = rows.next()? {
        match read(row) {
            Ok(head) => heads.read.push(head),
            Err(fault) => heads.unread = Some(chain::unread(&fault)),
        }
    }
    Ok(heads)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Head> {
    let (entry, hash, authority) = (row.get(0)?, row.get(1)?, row.get(2)?);
    Ok(Head { entry, hash, authority, time: row.get(3)?, signature: row.get(4)? })
}
