//! The last revocation list of a CA that was made elsewhere: what it has revoked stays so, and its numbers go on.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::authority::Authority;
use crate::error::Error;
use crate::facts::{
    BlockKind, Crl, Input, IssuingDistributionPoint, MAX_INPUT_BYTES, PointName, SignatureCheck, der_in_place,
};
use crate::store::{MAX_SERIAL, RevokedBefore, without_zeros};

/// Numbers of lists that are gone on from: as many again are left to count with. RFC 5280, 5.2.3, allows 20 octets.
const MAX_NUMBER: i64 = i64::MAX / 2;

/// A list that was looked at.
#[derive(Debug)]
pub(super) struct LastList {
    crl: Crl,
    /// Its number; none where it has none (RFC 5280, 5.2.3, asks for one).
    pub(super) number: Option<i64>,
    /// How many it names.
    pub(super) entries: u64,
}

/// Reads the complete list of this CA.
///
/// # Errors
/// [`Error::InputUnreadable`], [`Error::InputMalformed`], or [`Error::ListRefused`] with the reason.
pub(super) fn read(path: &Path, ca: &Authority) -> Result<LastList, Error> {
    let refused = |reason: String| Error::ListRefused { path: path.to_owned(), ca: ca.name.to_string(), reason };
    let crl = of_ca(lists(path)?, ca).map_err(refused)?;
    refuse_part(&crl).map_err(refused)?;
    let number = crl.number.as_deref().map(number).transpose().map_err(refused)?;
    let entries = count(&crl).map_err(refused)?;
    Ok(LastList { crl, number, entries })
}

/// All lists of a file: a store's own holds those of several CAs.
fn lists(path: &Path) -> Result<Vec<Crl>, Error> {
    let malformed = |found: &str| Error::InputMalformed {
        path: path.to_owned(),
        expected: "revocation list",
        found: found.to_owned(),
    };
    let blocks = match der_in_place(bytes(path)?, "X509 CRL") {
        Ok(der) => vec![der],
        Err(bytes) => {
            let blocks = Input::read(&bytes).blocks.into_iter().filter(|block| block.kind == BlockKind::Crl);
            blocks.map(|block| block.der.to_vec()).collect()
        }
    };
    if blocks.is_empty() {
        return Err(malformed("no list is in it"));
    }
    let read = |der| Crl::from_vec(der).map_err(|_| malformed("one that does not read"));
    blocks.into_iter().map(read).collect()
}

fn bytes(path: &Path) -> Result<Vec<u8>, Error> {
    let unreadable = |source| Error::InputUnreadable { what: "the revocation list", path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(MAX_INPUT_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_INPUT_BYTES {
        let found = format!("more than {} MiB", MAX_INPUT_BYTES >> 20);
        return Err(Error::InputMalformed { path: path.to_owned(), expected: "revocation list", found });
    }
    Ok(bytes)
}

/// The list that the CA has signed.
fn of_ca(lists: Vec<Crl>, ca: &Authority) -> Result<Crl, String> {
    let mut others = Vec::new();
    for crl in lists {
        if !crl.issuer.same_as(&ca.certificate.subject) {
            others.push(crl.issuer.to_string());
            continue;
        }
        return match crl.verified_by(&ca.certificate.public_key) {
            SignatureCheck::Good => Ok(crl),
            SignatureCheck::Bad => {
                Err("its signature is not by this CA's key: it was changed, or is of another CA of this name"
                    .to_owned())
            }
            SignatureCheck::Unsupported => {
                Err("its signature's algorithm is not one that can be checked here".to_owned())
            }
        };
    }
    Err(format!("it is of {}", others.join(", ")))
}

/// A part of what a CA has revoked would be taken for the whole.
fn refuse_part(crl: &Crl) -> Result<(), String> {
    if let Some(base) = &crl.delta_of {
        return Err(format!(
            "it is a delta, which says what has changed since list number {base} (hexadecimal): give the last complete list"
        ));
    }
    if let Some(oid) = crl.unknown_critical.first() {
        return Err(format!("its extension {oid} is critical, and is not known here"));
    }
    let Some(point) = &crl.distribution else { return Ok(()) };
    let IssuingDistributionPoint { only_leaves, only_cas, only_attributes, indirect, some_reasons, .. } = point;
    if *indirect {
        return Err("it may name certificates of other CAs (indirectCRL)".to_owned());
    }
    match *only_leaves || *only_cas || *only_attributes || *some_reasons {
        true => Err("it is about some of the CA's certificates or reasons alone (issuingDistributionPoint)".to_owned()),
        false => Ok(()),
    }
}

fn number(hexadecimal: &str) -> Result<i64, String> {
    let number = i64::from_str_radix(hexadecimal, 16).ok().filter(|number| (0..=MAX_NUMBER).contains(number));
    number.ok_or_else(|| {
        format!("its number {hexadecimal} (hexadecimal) is above {MAX_NUMBER:x}, from where none is gone on")
    })
}

fn count(crl: &Crl) -> Result<u64, String> {
    let mut read = 0;
    for entry in crl.entries() {
        let serial = without_zeros(&entry.serial);
        if serial.len() > MAX_SERIAL {
            return Err(format!("entry {} has a serial number of more than {MAX_SERIAL} octets", read + 1));
        }
        if entry.is_removal() {
            return Err(format!("entry {} lifts a hold, as only a delta does", read + 1));
        }
        read += 1;
    }
    match crl.count() as u64 {
        count if count == read => Ok(count),
        _ => Err(format!("its entry {} does not read", read + 1)),
    }
}

impl LastList {
    /// What the index is to hold of it.
    pub(super) fn revoked_before<'a>(&'a self, authority: i64, ca: &Authority) -> RevokedBefore<'a> {
        RevokedBefore {
            authority,
            not_after: ca.validity.not_after(),
            number: self.number.unwrap_or(0),
            crl: &self.crl,
        }
    }

    /// SHA-256 of it, in hexadecimal.
    pub(super) fn sha256(&self) -> String {
        self.crl.sha256_hex()
    }

    /// What should be known of it.
    pub(super) fn notes(&self) -> Vec<String> {
        let numberless = "the list has no number (cRLNumber): the next one is number 1".to_owned();
        let names = self.crl.distribution.as_ref().and_then(|point| point.names.as_ref());
        let of_point = |names: &Vec<PointName>| {
            let names = names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            format!("the list is that of one distribution point ({names}): what lists of others name is not taken over")
        };
        self.number.is_none().then_some(numberless).into_iter().chain(names.map(of_point)).collect()
    }
}
