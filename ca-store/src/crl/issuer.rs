//! The CAs that sign lists, with their keys.

use std::path::Path;

use time::{Duration, OffsetDateTime};

use super::ListInPlace;
use crate::authority::Authority;
use crate::error::Error;
use crate::key::{Passphrase, PrivateKey};
use crate::request::CrlRequest;
use crate::store::lists::{ListAuthority, Named, Which};
use crate::store::named::pki;
use crate::store::writer::Writer;
use crate::store::{Index, ListMade, Store};
use crate::validity::rfc3339;

/// How long before its end a list is spoken of that cannot be made here: time to fetch a key.
const REMINDED: Duration = Duration::days(30);

/// A CA that is about to sign lists.
#[derive(Debug)]
pub(super) struct Issuer {
    pub(super) row: ListAuthority,
    pub(super) authority: Authority,
    pub(super) key: PrivateKey,
    /// Whether leaves are issued by it, or were: not so a root with a CA below it.
    pub(super) issues: bool,
}

/// Who signs, and what should be known of those who cannot.
pub(super) struct Issuers {
    pub(super) issuers: Vec<Issuer>,
    pub(super) notes: Vec<String>,
}

/// Opens the keys: of all CAs that have one here, or of the root alone whose key is given. Nothing is locked or reserved before
/// all of them are known to work: a passphrase may be typed.
///
/// # Errors
/// [`Error::NoCaKey`] where no key is here, [`Error::IssuerExpired`] where all CAs have ended, [`Error::CaKeyMismatch`], and what a key says that does not open.
pub(super) fn open(store: &Store, request: &CrlRequest, now: OffsetDateTime) -> Result<Issuers, Error> {
    let index = store.index()?;
    let rows = index.list_authorities()?;
    let below = rows.iter().any(|row| !row.is_root);
    let (mut issuers, mut notes) = (Vec::new(), Vec::new());
    for row in rows {
        let authority = authority_of(&index, &row)?;
        // What an expired CA signs is valid nowhere, and nothing that it signed is either.
        if authority.validity.not_after() < now {
            continue;
        }
        let key = match &request.root_key {
            Some(_) if !row.is_root => continue,
            Some(file) => given_key(store, file, &authority, request.passphrase.as_ref())?,
            None => store.ca_key(&authority, request.passphrase.as_ref())?,
        };
        let issues = !row.is_root || !below;
        match key {
            Some(key) => issuers.push(Issuer { row, authority, key, issues }),
            None if request.root_key.is_none() => {
                notes.extend(note_on_missing(store, &index, (&row, &authority), now)?);
            }
            None => {}
        }
    }
    match (issuers.is_empty(), &request.root_key) {
        (false, _) => Ok(Issuers { issuers, notes }),
        (true, Some(key)) => Err(Error::CaKeyMismatch { key: key.clone(), certificate: store.root_pem_path() }),
        (true, None) => Err(nobody_signs(store, now)?),
    }
}

/// Why no CA can sign a list.
fn nobody_signs(store: &Store, now: OffsetDateTime) -> Result<Error, Error> {
    let chain = store.chain()?;
    let (ca, not_after) = (chain[0].name.clone(), chain[0].validity.not_after());
    Ok(if not_after < now {
        Error::IssuerExpired { ca, not_after: rfc3339(not_after) }
    } else {
        store.no_ca_key(&chain)
    })
}

/// The complete lists of CAs that have not ended, the first to end first; without those of which `made` says that they were made
/// just now.
pub(super) fn in_place(
    store: &Store,
    index: &Index,
    now: OffsetDateTime,
    made: impl Fn(i64) -> bool,
) -> Result<Vec<ListInPlace>, Error> {
    let mut lists = Vec::new();
    for row in index.list_authorities()?.into_iter().filter(|row| !made(row.id)) {
        let authority = authority_of(index, &row)?;
        let Some(list) = index.last_list(row.id, 0)? else { continue };
        if authority.validity.not_after() >= now {
            let key_here = !store.keys_beside(&authority)?.is_empty();
            let (ca, ListMade { number, next_update, .. }) = (authority.name.to_string(), list);
            lists.push(ListInPlace { ca, number, next_update, key_here });
        }
    }
    lists.sort_by_key(|list| list.next_update);
    Ok(lists)
}

fn authority_of(index: &Index, row: &ListAuthority) -> Result<Authority, Error> {
    Authority::from_der(&row.certificate).map_err(|reason| index.damaged(&format!("of CA {}: {reason}", row.id)))
}

/// Takes what others may have changed before the lock was taken.
pub(super) fn refresh(issuers: &mut [Issuer], writer: &Writer) -> Result<(), Error> {
    let rows = writer.index().list_authorities()?;
    for issuer in issuers {
        if let Some(row) = rows.iter().find(|row| row.id == issuer.row.id) {
            issuer.row = row.clone();
        }
    }
    Ok(())
}

/// The key in `file`, if it is this CA's.
fn given_key(
    store: &Store,
    file: &Path,
    authority: &Authority,
    passphrase: Option<&Passphrase>,
) -> Result<Option<PrivateKey>, Error> {
    Ok(store.given_ca_key(file, authority, passphrase)?.map(|opened| opened.key))
}

/// A CA without key has no new list: nothing to tell while its last one is good for long yet, and names all that is revoked.
fn note_on_missing(
    store: &Store,
    index: &Index,
    (row, authority): (&ListAuthority, &Authority),
    now: OffsetDateTime,
) -> Result<Option<String>, Error> {
    let current = match index.last_list(row.id, 0)? {
        Some(list) if revoked_since(index, row, &list)? => {
            format!("its list in place, good until {}, does not name what was revoked since", rfc3339(list.next_update))
        }
        Some(list) if list.next_update > now + REMINDED => return Ok(None),
        Some(list) => format!("its list in place is good until {}", rfc3339(list.next_update)),
        None => "it has no list, and servers that look up every certificate of a chain, as nginx does, need one".into(),
    };
    let name = authority.name.as_str();
    let command = row.is_root.then(|| pki(store.dir(), "crl --root-key FILE"));
    let how = command.map(|command| format!("; with the key at hand: {command}")).unwrap_or_default();
    Ok(Some(format!("the key of {name:?} is not here: {current}{how}")))
}

/// Whether something was revoked, or a hold lifted, after this list was made.
fn revoked_since(index: &Index, row: &ListAuthority, list: &ListMade) -> Result<bool, Error> {
    let mut found = false;
    let named = Named { authority: row.id, partition: 0, which: Which::ChangedSince(list.number) };
    index.each_named(&named, |_, _, _| found = true)?;
    Ok(found)
}
