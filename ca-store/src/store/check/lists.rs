//! Revocation lists: numbers without a list, lists that are not the ones that were recorded.

use std::fs;
use std::path::Path;

use rusqlite::params;

use super::Findings;
use super::remedy::Remedy;
use crate::crl::place;
use crate::error::Error;
use crate::facts::{Certificate, Crl, SignatureCheck};
use crate::store::Store;
use crate::store::index::Index;
use crate::store::layout::{CRL, CRLS, list_file};
use crate::store::lists::ListAuthority;
use crate::store::log::{Kind, Operation};
use crate::store::trouble::{Trouble, TroubleCode};

/// The number of a list that is not recorded.
#[derive(Debug)]
pub(super) struct UnfinishedList {
    authority: i64,
    number: i64,
    /// Whether the list is in its place all the same.
    placed: bool,
}

/// The last list of its kind.
struct Last {
    partition: u32,
    delta: bool,
    number: i64,
    written: bool,
}

/// Looks at the last list of each kind, of every CA, and at the file that servers read.
///
/// # Errors
/// [`Error::Index`] or [`Error::Io`].
pub(super) fn check(store: &Store, index: &Index, findings: &mut Findings) -> Result<(), Error> {
    for authority in index.list_authorities()? {
        for last in last_lists(index, authority.id)? {
            let path = store.dir().join(CRLS).join(list_file(&authority.points.stem, last.partition, last.delta));
            beside_file(&authority, &last, &path, findings);
        }
    }
    if !place::bundle_is_current(store.dir(), index)? {
        let message = "it does not hold the current complete lists";
        let path = store.dir().join(CRL).display().to_string();
        findings.push(Trouble::new(TroubleCode::ListDiffers, path, message), Some(Remedy::WriteBundle));
    }
    Ok(())
}

fn last_lists(index: &Index, authority: i64) -> Result<Vec<Last>, Error> {
    index.run(|connection| {
        // Of a group SQLite gives the row that has the greatest number.
        let query = "SELECT partition, base IS NOT NULL AS delta, max(number), state = 'written' FROM crl \
                     WHERE authority = ?1 AND state != 'withdrawn' GROUP BY partition, delta";
        let mut query = connection.prepare(query)?;
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Last { partition: row.get(0)?, delta: row.get(1)?, number: row.get(2)?, written: row.get(3)? })
        };
        query.query_map([authority], read)?.collect()
    })
}

fn beside_file(authority: &ListAuthority, last: &Last, path: &Path, findings: &mut Findings) {
    let list = fs::read(path).ok().and_then(|der| Crl::from_vec(der).ok());
    let placed = list.as_ref().is_some_and(|list| is_it(list, authority, last.number));
    let place = path.display().to_string();
    match (last.written, placed) {
        (true, true) => {}
        (true, false) => {
            let found = list.and_then(|list| list.number).unwrap_or_else(|| "no list".to_owned());
            let message = "it is not the list that was recorded last, or not signed by its CA";
            let next = if last.delta { "pki crl --delta" } else { "pki crl" };
            let trouble = Trouble::new(TroubleCode::ListDiffers, place, message).next(next);
            findings.push(trouble.between(format!("{:x}", last.number), found), None);
        }
        (false, placed) => {
            let message = if placed {
                "the list is in its place and not recorded"
            } else {
                "a number was reserved for it, and the list is not in its place: none was made, or none was kept"
            };
            let unfinished = UnfinishedList { authority: authority.id, number: last.number, placed };
            let trouble =
                Trouble::new(TroubleCode::ListUnfinished, format!("{place}, number {}", last.number), message);
            findings.push(trouble, Some(Remedy::SettleList(unfinished)));
        }
    }
}

fn is_it(list: &Crl, authority: &ListAuthority, number: i64) -> bool {
    let Ok(ca) = Certificate::from_der(&authority.certificate) else { return false };
    list.number.as_deref() == Some(&format!("{number:x}")) && list.verified_by(&ca.public_key) == SignatureCheck::Good
}

impl UnfinishedList {
    /// Records the list, or gives its number up: it is not used again either way.
    pub(super) fn settle(&self, index: &Index) -> Result<String, Error> {
        let (state, done) = match self.placed {
            true => ("written", "recorded"),
            false => ("withdrawn", "its number was given up, and the next pki crl makes a list with another"),
        };
        let operation = Operation::new(Kind::Repair).with("crl", self.number).with("state", state);
        index.change(&[operation], None, |index| {
            let change = "UPDATE crl SET state = ?3 WHERE authority = ?1 AND number = ?2";
            index.execute(change, params![self.authority, self.number, state])
        })?;
        Ok(done.to_owned())
    }
}
