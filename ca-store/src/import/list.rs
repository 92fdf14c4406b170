//! The last revocation list of a CA that was made elsewhere: what it has revoked stays so, and its numbers go on.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::authority::Authority;
use crate::error::Error;
use crate::facts::{BlockKind, Crl, Input, IssuingDistributionPoint, MAX_INPUT_BYTES, SignatureCheck, der_in_place};
use crate::serial::{MAX_SERIAL, without_zeros};
use crate::store::{Progress, RevokedBefore};
use crate::validity::rfc3339;

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

/// Reads the complete list of this CA; of several that one with the greatest number.
///
/// # Errors
/// [`Error::InputUnreadable`], [`Error::InputMalformed`], or [`Error::ListRefused`] with the reason.
pub(super) fn read(path: &Path, ca: &Authority) -> Result<LastList, Error> {
    let refused = |reason: String| Error::ListRefused { path: path.to_owned(), ca: ca.name.to_string(), reason };
    of_ca(lists(path)?, ca).and_then(last).map_err(refused)
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

/// The lists of this CA, each signed by it.
fn of_ca(lists: Vec<Crl>, ca: &Authority) -> Result<Vec<Crl>, String> {
    let (own, others): (Vec<Crl>, Vec<Crl>) =
        lists.into_iter().partition(|crl| crl.issuer.same_as(&ca.certificate.subject));
    if own.is_empty() {
        let others: Vec<String> = others.iter().map(|crl| crl.issuer.to_string()).collect();
        return Err(format!("it is of {}", others.join(", ")));
    }
    own.iter().try_for_each(|crl| refuse_unsigned(crl, ca))?;
    Ok(own)
}

fn refuse_unsigned(crl: &Crl, ca: &Authority) -> Result<(), String> {
    match crl.verified_by(&ca.certificate.public_key) {
        SignatureCheck::Good => Ok(()),
        SignatureCheck::Bad => {
            Err("its signature is not by this CA's key: it was changed, or is of another CA of this name".to_owned())
        }
        SignatureCheck::Unsupported => Err("its signature's algorithm is not one that can be checked here".to_owned()),
    }
}

/// The list whose revocations and number are gone on from.
fn last(lists: Vec<Crl>) -> Result<LastList, String> {
    let mut lists = lists.into_iter().map(looked_at).collect::<Result<Vec<_>, _>>()?;
    lists.sort_by_key(|list| list.number);
    let last = lists.pop().ok_or("no list is in it")?;
    lists.iter().try_for_each(|earlier| refuse_rival(earlier, &last))?;
    Ok(last)
}

fn looked_at(crl: Crl) -> Result<LastList, String> {
    refuse_part(&crl)?;
    let number = crl.number.as_deref().map(number).transpose()?;
    let entries = count(&crl)?;
    Ok(LastList { crl, number, entries })
}

/// Whether what it revoked and its number are gone on from.
pub(super) fn can_be_gone_on_from(crl: &Crl) -> bool {
    refuse_part(crl).is_ok() && crl.number.as_deref().map(number).transpose().is_ok() && count(crl).is_ok()
}

/// Two lists of which neither takes the other's place: what one of them has revoked would be lost.
fn refuse_rival(earlier: &LastList, last: &LastList) -> Result<(), String> {
    let both = || format!("two lists of this CA are in it, {} and {}", earlier.called(), last.called());
    if earlier.points() != last.points() {
        return Err(format!(
            "{}, of different distribution points: what one of them has revoked would be lost",
            both()
        ));
    }
    let is_last_later = earlier.number < last.number && earlier.crl.this_update <= last.crl.this_update;
    if !is_last_later && earlier.sha256() != last.sha256() {
        let reason = "their numbers and times do not say which is the later one: give a file with that one alone";
        return Err(format!("{}, and {reason}", both()));
    }
    Ok(())
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
    pub(super) fn revoked_before<'a>(
        &'a self,
        authority: i64,
        ca: &Authority,
        progress: Progress<'a>,
    ) -> RevokedBefore<'a> {
        RevokedBefore {
            authority,
            not_after: ca.validity.not_after(),
            number: self.number.unwrap_or(0),
            crl: &self.crl,
            progress,
        }
    }

    /// SHA-256 of it, in hexadecimal.
    pub(super) fn sha256(&self) -> String {
        self.crl.sha256_hex()
    }

    /// By which it is told from another.
    fn called(&self) -> String {
        let at = rfc3339(self.crl.this_update);
        let number = self.crl.number.as_ref();
        number.map_or_else(|| format!("one of {at}"), |number| format!("number {number} (hexadecimal) of {at}"))
    }

    /// The distribution points that it is about; none: it says nothing of any.
    fn points(&self) -> Option<Vec<String>> {
        let names = self.crl.distribution.as_ref().and_then(|point| point.names.as_ref());
        names.map(|names| names.iter().map(ToString::to_string).collect())
    }

    /// What should be known of it.
    pub(super) fn notes(&self) -> Vec<String> {
        let numberless = "the list has no number (cRLNumber): the next one is number 1".to_owned();
        let of_point = |names: Vec<String>| {
            let names = names.join(", ");
            format!("the list is that of one distribution point ({names}): what lists of others name is not taken over")
        };
        self.number.is_none().then_some(numberless).into_iter().chain(self.points().map(of_point)).collect()
    }
}
