//! Revoking: at once in the index, by whoever may write the store. The CA's key is not needed; the next list needs it.

use time::OffsetDateTime;

use crate::error::Error;
use crate::facts::hex;
use crate::name::fold;
use crate::reason::Reason;
use crate::request::RevokeRequest;
use crate::serial::without_zeros;
use crate::store::writer::Writer;
use crate::store::{Kin, ListMade, Revocable, Store};
use crate::validity::rfc3339;

/// What became of a certificate that was to be revoked.
#[derive(Debug)]
pub struct Revoked {
    /// The name that it is known by.
    pub name: String,
    /// Its serial number, in hexadecimal.
    pub serial: String,
    /// What was done.
    pub change: Change,
    /// Since when it is revoked; of one whose hold was lifted, since when it had been on hold.
    pub at: OffsetDateTime,
    /// Why it is revoked.
    pub reason: Reason,
    /// The serial numbers of the other certificates of its name that were revoked with it.
    pub also: Vec<String>,
    /// The list of its CA that is in its place, which does not know of a change yet.
    pub list: Option<ListMade>,
    /// Of a CA's certificate, what has to follow.
    pub ca: Option<RevokedCa>,
    /// What the user should know besides.
    pub notes: Vec<String>,
}

/// What follows where a CA of the store is revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RevokedCa {
    /// It is the one that issues: nothing can be issued until another takes its place.
    pub issues: bool,
    /// The root's key, which signs the list that names it, is in the store.
    pub has_root_key: bool,
}

/// What a revocation changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is revoked now.
    Revoked,
    /// It was revoked before, and stays so as it was.
    Already,
    /// It was on hold, and is revoked for good now.
    HoldMadeFinal,
    /// It was on hold, and can be used again.
    HoldLifted,
}

/// Revokes a certificate, or lifts its hold.
///
/// # Errors
/// [`Error::NotIssued`], [`Error::ReasonRefused`], or what the store and the disk say.
pub fn revoke(store: &Store, request: &RevokeRequest, now: OffsetDateTime) -> Result<Revoked, Error> {
    let writer = store.write()?;
    let certificate = writer.find_revocable(&request.name)?;
    refuse_reason(&certificate, request.reason)?;
    let change = change(&certificate, request.reason)?;
    let (at, reason) = match (change, certificate.revoked) {
        (Change::Already, Some(before)) => before,
        // What was signed since it was put on hold is no better than what is signed from now on.
        (Change::HoldMadeFinal, Some((at, _))) => (at, request.reason),
        (Change::HoldLifted, Some((at, _))) => (at, request.reason),
        _ => (now, request.reason),
    };
    let list = match change {
        Change::Already => writer.last_list_about(&certificate)?,
        Change::HoldLifted => writer.set_revoked(&certificate, None)?,
        Change::Revoked | Change::HoldMadeFinal => writer.set_revoked(&certificate, Some((at, reason)))?,
    };
    let kin = match change {
        Change::HoldLifted => Vec::new(),
        _ => writer.index().alive_of_its_name(&certificate, now)?,
    };
    let with_it = takes_its_kin(&certificate, request);
    let also = if with_it { revoke_kin(&writer, &kin, reason, now)? } else { Vec::new() };
    let note = if with_it { None } else { note_on_kin(&kin) };
    Ok(Revoked {
        ca: certificate.is_authority.then(|| revoked_ca(store, &certificate)).transpose()?,
        notes: notes(&certificate, request.reason, change, now).into_iter().chain(note).collect(),
        also,
        name: certificate.name,
        serial: hex(&certificate.serial),
        change,
        at,
        reason,
        list,
    })
}

fn revoked_ca(store: &Store, certificate: &Revocable) -> Result<RevokedCa, Error> {
    let chain = store.chain()?;
    Ok(RevokedCa {
        issues: without_zeros(&chain[0].certificate.serial) == without_zeros(&certificate.serial),
        has_root_key: !store.keys_beside(chain.root())?.is_empty(),
    })
}

/// A name means whoever it stands for: an older certificate of it, of the same key or of the one before, would let the same
/// person in. A serial number means one certificate. A hold is lifted one by one, and so it is put one by one; a CA's key has certificates
/// of several CAs.
fn takes_its_kin(certificate: &Revocable, request: &RevokeRequest) -> bool {
    let by_name = fold(&certificate.name) == fold(&request.name);
    by_name && !certificate.is_authority && request.reason != Reason::CertificateHold
}

fn revoke_kin(writer: &Writer, kin: &[Kin], reason: Reason, now: OffsetDateTime) -> Result<Vec<String>, Error> {
    for Kin { serial, .. } in kin {
        let other = writer.find_revocable(serial)?;
        writer.set_revoked(&other, Some((now, reason)))?;
    }
    Ok(kin.iter().map(|kin| kin.serial.clone()).collect())
}

/// What the request means for a certificate that may be revoked already.
fn change(certificate: &Revocable, reason: Reason) -> Result<Change, Error> {
    match (certificate.revoked, reason) {
        (None, Reason::RemoveFromCrl) => {
            Err(refused(certificate, reason, "it lifts a hold, and this certificate is not revoked"))
        }
        (None, _) => Ok(Change::Revoked),
        (Some((_, Reason::CertificateHold)), Reason::RemoveFromCrl) => Ok(Change::HoldLifted),
        (Some((_, Reason::CertificateHold)), Reason::CertificateHold) => Ok(Change::Already),
        (Some((_, Reason::CertificateHold)), _) => Ok(Change::HoldMadeFinal),
        (Some(_), Reason::RemoveFromCrl) => {
            Err(refused(certificate, reason, "it lifts a hold, and this certificate is revoked for good"))
        }
        (Some(_), _) => Ok(Change::Already),
    }
}

/// Reasons that say nothing true of such a certificate.
fn refuse_reason(certificate: &Revocable, reason: Reason) -> Result<(), Error> {
    let why = match reason {
        Reason::AaCompromise => "it is about attribute authorities, and this CA has none",
        Reason::CaCompromise if !certificate.is_authority => {
            "it is about the key of a CA, and this certificate is none: keyCompromise says it of other keys"
        }
        Reason::KeyCompromise if certificate.is_authority => {
            "of a CA's key the reason is cACompromise, by which clients know that what it signed is in doubt"
        }
        Reason::CertificateHold if certificate.is_authority => {
            "a CA on hold would take all that it issued with it and give it back again, which clients do not follow"
        }
        _ => return Ok(()),
    };
    Err(refused(certificate, reason, why))
}

fn refused(certificate: &Revocable, reason: Reason, why: &'static str) -> Error {
    Error::ReasonRefused { name: certificate.name.clone(), reason, why }
}

/// A list names certificates, not keys: whoever has the key goes on with another certificate of it.
fn note_on_kin(kin: &[Kin]) -> Option<String> {
    let kin = kin.iter().filter(|kin| kin.same_key);
    let commands: Vec<String> = kin.map(|kin| format!("pki revoke {}", kin.serial)).collect();
    (!commands.is_empty()).then(|| {
        format!(
            "clients still take {} of the same key; if it is the key that must not be used any more, revoke each: {}",
            match commands.len() {
                1 => "another certificate".to_owned(),
                several => format!("{several} other certificates"),
            },
            commands.join("; ")
        )
    })
}

fn notes(certificate: &Revocable, asked: Reason, change: Change, now: OffsetDateTime) -> Vec<String> {
    let mut notes = Vec::new();
    if let (Change::Already, Some((_, reason))) = (change, certificate.revoked)
        && asked != reason
        && asked != Reason::Unspecified
    {
        notes.push(format!("the reason stays {reason}, as it was told first"));
    }
    if certificate.not_after < now {
        notes.push(format!("it expired at {}: clients refuse it whatever a list says", rfc3339(certificate.not_after)));
    }
    notes
}
