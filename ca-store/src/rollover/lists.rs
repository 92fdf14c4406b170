//! Revocation lists in a roll-over: where the new CAs' certificates say that their issuer's list is, and the lists of the new CAs.

use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use crate::crl::{make_crls, place};
use crate::error::Error;
use crate::key::Passphrase;
use crate::request::CrlRequest;
use crate::store::Store;
use crate::store::lists::ListPoints;
use crate::store::named::pki;
use crate::store::writer::Writer;
use crate::uri::Uri;

/// Where the lists are that tell of new CAs.
pub(super) struct Points {
    /// Of the root that there is.
    of_root: Vec<Uri>,
    /// Of the root that is about to be made.
    of_new_root: Vec<Uri>,
}

impl Points {
    /// Those below the root `root`. A new one is the first CA that is planned next, and keeps the folders of the old one.
    ///
    /// # Errors
    /// [`Error::Index`] and its kin.
    pub(super) fn read(writer: &Writer, root: i64) -> Result<Points, Error> {
        let of_root = writer.index().list_points(root)?;
        let of_new_root = ListPoints { stem: format!("root-{}", writer.index().next_authority()?), ..of_root.clone() };
        Ok(Points { of_root: newest(&of_root)?, of_new_root: newest(&of_new_root)? })
    }

    pub(super) fn of_root(&self) -> Vec<Uri> {
        self.of_root.clone()
    }

    pub(super) fn of_new_root(&self) -> Vec<Uri> {
        self.of_new_root.clone()
    }
}

/// CAs are in no partition.
fn newest(points: &ListPoints) -> Result<Vec<Uri>, Error> {
    let mut points = points.of_partition(0, false)?;
    points.truncate(1);
    Ok(points)
}

/// What became of the lists.
#[derive(Debug, Default)]
pub(super) struct Renewed {
    /// The file that servers read, where it was made anew.
    pub(super) bundle: Option<PathBuf>,
    /// What the user should know.
    pub(super) notes: Vec<String>,
}

/// The CA that issues stands first in what servers read, and those of before behind it.
pub(super) fn put_in_order(store: &Store, writer: &Writer) -> Result<(), Error> {
    if !place::bundle_is_current(store.dir(), writer.index())? {
        place::bundle(writer)?;
    }
    Ok(())
}

/// Makes the lists anew where the store has any: whoever looks up every certificate of a chain refuses a new CA's until it has a
/// list. The new generation is in force by now, so what keeps a list from being made is told and no error.
pub(super) fn renew(
    store: &Store,
    root_key: Option<&Path>,
    passphrase: Option<Passphrase>,
    now: OffsetDateTime,
) -> Renewed {
    match attempt(store, root_key, passphrase, now) {
        Ok(renewed) => renewed,
        Err(error) => {
            let command = pki(store.dir(), "crl");
            let note =
                format!("the revocation lists of the new generation are not made yet ({error}): {command} makes them");
            Renewed { bundle: None, notes: vec![note] }
        }
    }
}

/// What is told where they are in the order of before.
pub(super) fn not_in_order(store: &Store, error: &Error) -> String {
    let command = pki(store.dir(), "check");
    format!("the revocation lists were not put in order at once ({error}): {command} tells whether they are now")
}

fn attempt(
    store: &Store,
    root_key: Option<&Path>,
    passphrase: Option<Passphrase>,
    now: OffsetDateTime,
) -> Result<Renewed, Error> {
    if !store.index()?.has_lists()? {
        return Ok(Renewed::default());
    }
    // First the root's whose key is outside: what is said of keys that are missing is said by the second.
    if let Some(key) = root_key {
        let request =
            CrlRequest { root_key: Some(key.to_owned()), passphrase: passphrase.clone(), ..CrlRequest::default() };
        make_crls(store, &request, now)?;
    }
    let made = make_crls(store, &CrlRequest { passphrase, ..CrlRequest::default() }, now)?;
    Ok(Renewed { bundle: Some(made.bundle), notes: made.notes })
}
