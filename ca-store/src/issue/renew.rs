//! Renewing: the same names and purpose under a new serial number, in place of the certificate that is in use.

use time::OffsetDateTime;

use super::{Issued, Order, SubjectKey, carry_out, enter};
use crate::error::Error;
use crate::facts;
use crate::key::{KeyKind, Passphrase, PrivateKey, PublicKey};
use crate::name::CommonName;
use crate::profile::Purpose;
use crate::reason::Reason;
use crate::request::RenewRequest;
use crate::san::{FolderName, Names, San};
use crate::settings::Rules;
use crate::store::writer::Writer;
use crate::store::{IndexEntry, OpenAuthority, Store, holds_no_key};
use crate::subject::SubjectAttributes;
use crate::validity::rfc3339;

/// Issues a certificate in place of one that there is, with the same names (or more of them) and purpose. The old one
/// stays in the index.
///
/// # Errors
/// [`Error::NotIssued`], and those of [`issue`](super::issue()).
pub fn renew(store: &Store, request: &RenewRequest, now: OffsetDateTime) -> Result<Issued, Error> {
    Renewer::open(store, request.passphrase.as_ref())?.renew(request, now)
}

/// Renews several certificates with a CA key that is opened once.
#[derive(Debug)]
pub struct Renewer<'a> {
    store: &'a Store,
    passphrase: Option<Passphrase>,
    authority: OpenAuthority,
}

impl Renewer<'_> {
    /// Opens the CA's key.
    ///
    /// # Errors
    /// [`Error::NoCaKey`], [`Error::KeyEncrypted`] and what else keeps the key closed.
    pub fn open<'a>(store: &'a Store, passphrase: Option<&Passphrase>) -> Result<Renewer<'a>, Error> {
        Ok(Renewer { store, passphrase: passphrase.cloned(), authority: store.open_authority(passphrase)? })
    }

    /// As [`renew`], but for the passphrase, which has done its work. Renewals that were cut short are put right first.
    ///
    /// # Errors
    /// As [`renew`].
    pub fn renew(&mut self, request: &RenewRequest, now: OffsetDateTime) -> Result<Issued, Error> {
        let (writer, entry) = self.in_use(&request.name)?;
        self.replace(&writer, &entry, request, now)
    }

    /// As [`Renewer::renew`], if the certificate that is in use still ends at `until` or before: another process may have
    /// renewed it meanwhile, or a renewal that was cut short may be finished by this.
    ///
    /// # Errors
    /// As [`renew`], and [`Error::RenewalGainsNothing`] where the new certificate would end no later than the old one.
    pub fn renew_due(
        &mut self,
        request: &RenewRequest,
        until: OffsetDateTime,
        now: OffsetDateTime,
    ) -> Result<Option<Issued>, Error> {
        let (writer, entry) = self.in_use(&request.name)?;
        if entry.not_after > until || entry.revoked.is_some() {
            return Ok(None);
        }
        refuse_no_gain(&entry, &self.authority)?;
        self.replace(&writer, &entry, request, now).map(Some)
    }

    /// The certificate in use, under the lock. A serial number may be that of one which was replaced.
    fn in_use(&mut self, name: &str) -> Result<(Writer, IndexEntry), Error> {
        let writer = self.enter()?;
        writer.finish_renewals(&self.authority)?;
        let found = writer.find(name)?;
        let entry = if found.replaced_by.is_some() { writer.find(&found.name)? } else { found };
        Ok((writer, entry))
    }

    /// The lock; with the CA opened again where another process has replaced it meanwhile.
    fn enter(&mut self) -> Result<Writer, Error> {
        let writer = self.store.write()?;
        match writer.refuse_stale(&self.authority.chain) {
            Ok(()) => return Ok(writer),
            Err(Error::CaReplaced { .. }) => drop(writer),
            Err(error) => return Err(error),
        }
        let (authority, writer) = enter(self.store, self.passphrase.as_ref())?;
        self.authority = authority;
        Ok(writer)
    }

    fn replace(
        &self,
        writer: &Writer,
        entry: &IndexEntry,
        request: &RenewRequest,
        now: OffsetDateTime,
    ) -> Result<Issued, Error> {
        if entry.purpose == Purpose::Intermediate {
            return Err(Error::RenewedFromRequest { name: entry.name.clone() });
        }
        refuse_revoked(entry, request)?;
        let mut order = order_again(self.store, entry, request)?;
        order.hook = request.hook.clone().map_or_else(|| writer.hook_of(entry.serial), |hook| Ok(Some(hook)))?;
        carry_out(self.store, writer, order, &self.authority, now)
    }
}

/// A certificate that lives as long as its CA can only be signed again to the same end, day after day.
fn refuse_no_gain(entry: &IndexEntry, authority: &OpenAuthority) -> Result<(), Error> {
    let issuer = &authority.chain[0];
    if issuer.validity.not_after() > entry.not_after {
        return Ok(());
    }
    let not_after = rfc3339(issuer.validity.not_after());
    Err(Error::RenewalGainsNothing { name: entry.name.clone(), ca: issuer.name.to_string(), not_after })
}

fn order_again(store: &Store, entry: &IndexEntry, request: &RenewRequest) -> Result<Order, Error> {
    let rules = store.settings()?.of(entry.purpose).clone();
    let damaged = |reason: String| Error::IndexDamaged { path: store.dir().join("index.sqlite"), reason };
    let fault = |fault| damaged(format!("{:?}: {fault}", entry.name));
    let folder = FolderName::parse(&entry.name).map_err(fault)?;
    let old = facts::Certificate::from_der(&entry.der).map_err(|error| damaged(error.to_string()))?;
    // Of the certificate itself: who can write the index must not choose who somebody is from the next renewal on.
    let common_name = old.subject.common_name().map(CommonName::parse).transpose().map_err(fault)?;
    let sans = entry.sans.iter().map(|san| San::parse(san)).collect::<Result<_, _>>().map_err(fault)?;
    Ok(Order {
        names: Names::again(folder, common_name, sans)
            .with_attributes(SubjectAttributes::of(&old.subject).or(&rules.attributes))
            .with_more(&request.add, entry.purpose)?,
        purpose: entry.purpose,
        days: request.days.unwrap_or_else(|| rules.at_most(entry.days)),
        key: key_again(store, entry, request.rekey, &rules)?,
        rules,
        folder: entry.folder.clone(),
        replaces: Some(entry.serial),
        receipt: None,
        hook: None,
    })
}

/// The key of the old certificate, or a new one of its kind. A certificate made from a request has its key elsewhere, and
/// keeps it without this store ever seeing it.
fn key_again(store: &Store, entry: &IndexEntry, rekey: bool, rules: &Rules) -> Result<SubjectKey, Error> {
    let damaged = |reason: String| Error::IndexDamaged { path: store.dir().join("index.sqlite"), reason };
    let old = facts::Certificate::from_der(&entry.der).map_err(|error| damaged(error.to_string()))?;
    store.own_files(entry)?;
    if rekey {
        let kind = KeyKind::of(&old.public_key.kind).filter(|kind| rules.allows_key(*kind));
        let kind = kind.unwrap_or_else(|| rules.default_key());
        return PrivateKey::generate(kind).map(SubjectKey::Made);
    }
    refuse_foreign_key(store, entry, &old)?;
    PublicKey::from_spki(&old.public_key.spki)
        .map(|key| SubjectKey::Public(key, entry.key_here))
        .ok_or_else(|| damaged(format!("the key of {:?} is of an unknown kind", entry.name)))
}

/// A key is kept only where it is the certificate's: a renewal that was cut short may have put another one there.
fn refuse_foreign_key(store: &Store, entry: &IndexEntry, old: &facts::Certificate) -> Result<(), Error> {
    let path = store.files_of(entry).privkey;
    if !path.exists() {
        return match entry.key_here {
            Some(true) => Err(Error::KeyLost { key: path, name: entry.name.clone() }),
            Some(false) | None => Ok(()),
        };
    }
    let pem = Store::read_private_key(&path)?;
    let input = facts::Input::read(&pem);
    let key = input.blocks.first().and_then(|block| facts::PrivateKey::from_der(&block.der).ok());
    if entry.key_here == Some(true) && holds_no_key(&input) {
        return Err(Error::KeyLost { key: path, name: entry.name.clone() });
    }
    match key.and_then(|key| key.public_key) {
        Some(found) if !found.same_as(&old.public_key) => {
            Err(Error::KeyNotCertificates { key: path, name: entry.name.clone() })
        }
        _ => Ok(()),
    }
}

/// A key that may be in other hands is not certified again, and a hold is not gone round.
pub(super) fn refuse_revoked(entry: &IndexEntry, request: &RenewRequest) -> Result<(), Error> {
    let Some(at) = entry.revoked.map(rfc3339) else { return Ok(()) };
    let (name, reason) = (entry.name.clone(), entry.reason.unwrap_or_default());
    match reason {
        Reason::CertificateHold => Err(Error::OnHold { name, at }),
        _ if request.rekey || reason.leaves_key_usable() => Ok(()),
        _ => Err(Error::KeyRevoked { name, at, reason }),
    }
}
