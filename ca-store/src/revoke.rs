//! Revoking: at once in the index, by whoever may write the store. The CA's key is not needed; the next list needs it.

use time::OffsetDateTime;

use crate::error::Error;
use crate::facts::hex;
use crate::name::fold;
use crate::reason::Reason;
use crate::request::RevokeRequest;
use crate::san::San;
use crate::serial::without_zeros;
use crate::shell::quote;
use crate::store::named::pki;
use crate::store::writer::Writer;
use crate::store::{ListMade, Revocable, Revocation, Store};
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
    /// The serial numbers of the other certificates of its name that were changed with it: revoked, or their hold lifted.
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
    /// Certificates in use that it has issued: neither replaced nor revoked nor expired.
    pub in_use: usize,
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

/// Serial numbers that are told one by one where a person reads them: a certificate renewed every day has hundreds of older ones.
pub const MAX_TOLD: usize = 8;

/// Revokes a certificate, or lifts its hold; by a name, all certificates of it that clients take.
///
/// # Errors
/// [`Error::NotIssued`], [`Error::ReasonRefused`], or what the store and the disk say.
pub fn revoke(store: &Store, request: &RevokeRequest, now: OffsetDateTime) -> Result<Revoked, Error> {
    let writer = store.write()?;
    let found = writer.find_revocable(&request.name)?;
    refuse_reason(&found, request.reason)?;
    let by_name = means_all(&found, &request.name);
    let kin = if by_name { writer.index().kin(&found, now)? } else { Vec::new() };
    let (certificate, change, kin) = foremost(found, kin, request.reason)?;
    let (at, reason) = standing(&certificate, change, request.reason, now);
    let mut revocations: Vec<Revocation<'_>> = recorded(&certificate, change, (at, reason)).into_iter().collect();
    revocations.extend(with_it(&kin, reason_of_kin(change, request.reason, reason), now));
    let also = revocations.iter().filter(|(of, _)| of.serial != certificate.serial).map(|(of, _)| hex(&of.serial));
    let also: Vec<String> = also.collect();
    if !revocations.is_empty() {
        writer.index().set_revoked(&revocations)?;
    }
    let note = match by_name || change == Change::HoldLifted {
        true => None,
        false => note_on_kin(store, &certificate, &writer.index().alive_of_its_key(&certificate, now)?),
    };
    Ok(Revoked {
        ca: certificate.is_authority.then(|| revoked_ca(store, &writer, &certificate, now)).transpose()?,
        list: writer.last_list_about(&certificate)?,
        notes: notes(&certificate, request.reason, change, now).into_iter().chain(note).collect(),
        also,
        name: certificate.name,
        serial: hex(&certificate.serial),
        change,
        at,
        reason,
    })
}

/// A name means whoever it stands for: an older certificate of it, of the same key or of the one before, would let the same
/// person in. A serial number means one certificate. A CA's key has certificates of several CAs.
fn means_all(found: &Revocable, typed: &str) -> bool {
    let name = fold(&found.name);
    let is_name = |text: &str| fold(text) == name;
    !found.is_authority && (is_name(typed) || San::parse(typed).is_ok_and(|san| is_name(&san.to_string())))
}

/// The certificate that the answer is about, what becomes of it, and the older ones: the one in use, unless it is no hold of its
/// own that is to be lifted.
fn foremost(
    found: Revocable,
    mut kin: Vec<Revocable>,
    asked: Reason,
) -> Result<(Revocable, Change, Vec<Revocable>), Error> {
    let refused = match change(&found, asked) {
        Ok(change) => return Ok((found, change, kin)),
        Err(refused) => refused,
    };
    let Some(held) = kin.iter().position(|kin| change(kin, asked).is_ok()) else { return Err(refused) };
    let held = kin.remove(held);
    let change = change(&held, asked)?;
    Ok((held, change, kin))
}

/// Since when and why it is revoked after the change; where a hold was lifted, since when it was one.
fn standing(certificate: &Revocable, change: Change, asked: Reason, now: OffsetDateTime) -> (OffsetDateTime, Reason) {
    match (change, certificate.revoked) {
        (Change::Already, Some(before)) => before,
        // What was signed since it was put on hold is no better than what is signed from now on.
        (Change::HoldMadeFinal | Change::HoldLifted, Some((at, _))) => (at, asked),
        _ => (now, asked),
    }
}

fn recorded(certificate: &Revocable, change: Change, standing: (OffsetDateTime, Reason)) -> Option<Revocation<'_>> {
    match change {
        Change::Already => None,
        Change::HoldLifted => Some((certificate, None)),
        Change::Revoked | Change::HoldMadeFinal => Some((certificate, Some(standing))),
    }
}

/// The older ones that the request changes: what is revoked for good stays as it is, and a hold is lifted or made final with
/// that of the one in use.
fn with_it(kin: &[Revocable], reason: Reason, now: OffsetDateTime) -> impl Iterator<Item = Revocation<'_>> {
    kin.iter().filter_map(move |kin| {
        let change = change(kin, reason).ok()?;
        recorded(kin, change, standing(kin, change, reason, now))
    })
}

/// Where no reason is told and the one in use has one already, that is why the name is revoked.
fn reason_of_kin(change: Change, asked: Reason, before: Reason) -> Reason {
    if change == Change::Already && asked == Reason::Unspecified { before } else { asked }
}

fn revoked_ca(
    store: &Store,
    writer: &Writer,
    certificate: &Revocable,
    now: OffsetDateTime,
) -> Result<RevokedCa, Error> {
    let (chain, all) = (store.chain()?, writer.index().authorities()?);
    // The list that names it is its own issuer's, which may be the root of a generation before.
    let issuer = writer.index().issuer_of(certificate)?.and_then(|id| all.authority(id));
    Ok(RevokedCa {
        issues: without_zeros(&chain[0].certificate.serial) == without_zeros(&certificate.serial),
        in_use: writer.index().in_use_of(&all.named(&certificate.name), now)?.len(),
        has_root_key: !store.keys_beside(issuer.as_ref().unwrap_or(chain.root()))?.is_empty(),
    })
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
fn note_on_kin(store: &Store, certificate: &Revocable, kin: &[String]) -> Option<String> {
    let command = |serial: &String| pki(store.dir(), &format!("revoke {serial}"));
    let mut commands: Vec<String> = kin.iter().take(MAX_TOLD).map(command).collect();
    if kin.len() > MAX_TOLD {
        let list = pki(store.dir(), &format!("list --name {}", quote(&certificate.name)));
        commands.push(format!("and {} more: {list}", kin.len() - MAX_TOLD));
    }
    let others = match kin.len() {
        0 => return None,
        1 => "another certificate".to_owned(),
        several => format!("{several} other certificates"),
    };
    Some(format!(
        "clients still take {others} of the same key; if it is the key that must not be used any more, revoke each: {}",
        commands.join("; ")
    ))
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
