//! What the index holds of operations that leave no certificate, beside their entries in the log: numbers that were given up,
//! holds that were lifted, lists, and where certificates say that these are found. Entries behind the signed head can be cut off
//! by whoever can write the index; what they did is still in it, unless he knows all of these places.

use rusqlite::{Connection, params};

use super::expected::{Expected, LoggedList};
use super::restore::Restorable;
use super::rows::{Comparison, REPAIR};
use crate::authority::Authority;
use crate::facts;
use crate::shell::quote;
use crate::store::trouble::{Trouble, TroubleCode, Troubles};

/// What there is to do about a trace without an entry.
const COMPARE: &str = "somebody has cut the log, or changed the index; see what a backup of the store says of it:\npki --store BACKUP log verify";

/// Compares all of them. Revocations that the log has are still among what is `expected`.
///
/// # Errors
/// SQLite's.
pub(super) fn compare(
    connection: &Connection,
    expected: &Expected,
    comparison: &mut Comparison,
) -> rusqlite::Result<()> {
    given_up(connection, expected, &mut comparison.troubles)?;
    lifted(connection, expected, &mut comparison.troubles)?;
    // A root's certificate from the root before it signs no list: it is the same CA.
    let query = "SELECT id, certificate, partitions, crl_url FROM authority \
                 WHERE certificate IS NOT NULL AND role != 'cross' ORDER BY id";
    let mut query = connection.prepare(query)?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        // One that does not read is told where certificates are compared.
        let Ok(authority) = Authority::from_der(&row.get::<_, Vec<u8>>(1)?) else { continue };
        let name = authority.name.to_string();
        lists(connection, (row.get(0)?, &name), expected, comparison)?;
        points(&name, (row.get(2)?, row.get(3)?), expected, &mut comparison.troubles);
    }
    Ok(())
}

fn tell(troubles: &mut Troubles, code: TroubleCode, place: String, message: impl Into<String>) {
    troubles.push(Trouble::new(code, place, message).next(COMPARE));
}

/// Numbers that were given up. An index that was brought up to date has some from before there was a log.
fn given_up(connection: &Connection, expected: &Expected, troubles: &mut Troubles) -> rusqlite::Result<()> {
    let query =
        "SELECT serial FROM certificate WHERE state = 'withdrawn' AND crl_before IS NULL AND reserved > ?1 ORDER BY id";
    let mut query = connection.prepare(query)?;
    let mut rows = query.query(params![expected.began.unwrap_or(i64::MIN)])?;
    while let Some(row) = rows.next()? {
        let serial = facts::hex(row.get_ref(0)?.as_blob()?);
        if !expected.withdrawn.contains(&serial) {
            let message = "the index calls it given up, and no entry of the log says so";
            tell(troubles, TroubleCode::WithdrawalUnlogged, format!("the serial number {serial}"), message);
        }
    }
    Ok(())
}

/// Revocations that are no more, though the index remembers at which list they were.
fn lifted(connection: &Connection, expected: &Expected, troubles: &mut Troubles) -> rusqlite::Result<()> {
    // A CA may have been certified again since, with another serial number.
    let former = "(SELECT group_concat(lower(hex(former.serial))) FROM recertified former WHERE former.authority = authority.id)";
    for (table, before) in [("certificate", "NULL"), ("authority", former)] {
        let query = format!(
            "SELECT serial, {before} FROM {table} WHERE crl_before IS NOT NULL AND revoked IS NULL ORDER BY id"
        );
        let mut query = connection.prepare(&query)?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let serial = facts::hex(row.get_ref(0)?.as_blob()?);
            let before: Option<String> = row.get(1)?;
            let mut serials = before.iter().flat_map(|before| before.split(',')).chain([serial.as_str()]);
            // One that the log calls revoked is told as taken back.
            if !serials.any(|it| expected.released.contains(it) || expected.revocations.contains_key(it)) {
                let message = "it was revoked and is so no more, and no entry of the log says either";
                tell(troubles, TroubleCode::ReleaseUnlogged, format!("the certificate {serial}"), message);
            }
        }
    }
    Ok(())
}

/// The lists of a CA: its place in the index, and its name.
fn lists(
    connection: &Connection,
    (id, name): (i64, &str),
    expected: &Expected,
    comparison: &mut Comparison,
) -> rusqlite::Result<()> {
    let mut lost = expected.lists.get(name).cloned().unwrap_or_default();
    let mut query = connection.prepare_cached(
        "SELECT number, state = 'withdrawn' FROM crl WHERE authority = ?1 AND state != 'reserved' ORDER BY number",
    )?;
    let mut rows = query.query([id])?;
    while let Some(row) = rows.next()? {
        let (number, is_given_up): (i64, bool) = (row.get(0)?, row.get(1)?);
        let is_logged = if is_given_up { lost.contains_key(&number) } else { lost.remove(&number).is_some() };
        if !is_logged && !expected.settled_lists.contains(&number) {
            let message = "the index has it, and no entry of the log says so";
            tell(&mut comparison.troubles, TroubleCode::ListUnlogged, list(number, name), message);
        }
    }
    let mut lost: Vec<(i64, LoggedList)> = lost.into_iter().collect();
    lost.sort_unstable_by_key(|(number, _)| *number);
    for (number, logged) in lost {
        let message = format!("entry {} of the log has it, and the index has not", logged.entry);
        let trouble = Trouble::new(TroubleCode::ListMissing, list(number, name), message);
        comparison.troubles.push(trouble.next(REPAIR));
        comparison.put_back(Restorable::List { authority: id, number, list: logged });
    }
    Ok(())
}

fn list(number: i64, name: &str) -> String {
    format!("list {number} of {}", quote(name))
}

/// Where the lists of a CA are found. One of a new generation has what was set for the one before.
fn points(name: &str, (partitions, urls): (i64, Option<String>), expected: &Expected, troubles: &mut Troubles) {
    let url = urls.as_deref().and_then(|urls| urls.lines().next()).unwrap_or_default();
    let is_logged = expected.points.iter().any(|(count, logged)| *count == partitions && logged == url);
    if (partitions, url) != (0, "") && !is_logged {
        let message = "where its lists are found was changed, and no entry of the log says so";
        let place = format!("the lists of {}", quote(name));
        let trouble = Trouble::new(TroubleCode::PointsUnlogged, place, message);
        let last = expected.points.last().map_or_else(|| "nothing".to_owned(), |(count, url)| said(*count, url));
        troubles.push(trouble.between(last, said(partitions, url)).next(COMPARE));
    }
}

fn said(partitions: i64, url: &str) -> String {
    format!("{url:?}, {partitions} partitions")
}
