//! Rows that were removed. A serial number has its row from before its first use, and no row is ever taken out; SQLite counts them
//! without a gap. So a number that was planned, and perhaps signed, is missed though no entry of the log has it yet. The last row
//! leaves no gap until the next certificate.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension as _};

use crate::store::trouble::{Trouble, TroubleCode, Troubles};

/// What there is to do about a row that is gone.
const COMPARE: &str = "somebody has changed the index, and a certificate of that number may be about; see which it was by a backup of the \
                       store, and revoke it there:\npki --store BACKUP check";

/// Tells the gaps that are not made by certificates of the log, in hexadecimal, which are told by themselves.
///
/// # Errors
/// SQLite's.
pub(super) fn compare(connection: &Connection, lost: &HashSet<&str>, troubles: &mut Troubles) -> rusqlite::Result<()> {
    let (rows, last): (i64, i64) =
        connection.query_row("SELECT count(*), coalesce(max(id), 0) FROM certificate", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let removed = last.saturating_sub(rows);
    if removed <= 0 || removed <= without_row(connection, lost)? {
        return Ok(());
    }
    let gaps = "SELECT before + 1, id - 1 FROM (SELECT id, lag(id, 1, 0) OVER (ORDER BY id) AS before FROM certificate) \
                WHERE id > before + 1 ORDER BY id";
    let mut query = connection.prepare(gaps)?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        troubles.push(gap(row.get(0)?, row.get(1)?));
    }
    Ok(())
}

/// How many of these certificates have no row at all.
fn without_row(connection: &Connection, lost: &HashSet<&str>) -> rusqlite::Result<i64> {
    let mut query = connection.prepare("SELECT 1 FROM certificate WHERE serial = unhex(?1)")?;
    let mut count = 0;
    for serial in lost {
        let is_there = query.query_row([serial], |_| Ok(())).optional()?;
        count += i64::from(is_there.is_none());
    }
    Ok(count)
}

fn gap(from: i64, to: i64) -> Trouble {
    let which = if from == to { format!("row {from}") } else { format!("rows {from} to {to}") };
    let message = format!(
        "{which} of the certificates' table: removed, with a serial number that was reserved and perhaps signed in each"
    );
    Trouble::new(TroubleCode::SerialMissing, "the serial numbers of the index", message).next(COMPARE)
}
