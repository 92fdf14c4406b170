//! Issuing and renewing: lock, reserve, plan, rehearse, record, sign, write, index.

mod review;

use std::path::{Path, PathBuf};

use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::authority::Authority;
use crate::csr::{Receipt, SigningRequest};
use crate::error::Error;
use crate::facts;
use crate::key::{self, KeyKind, Passphrase, PrivateKey, PublicKey};
use crate::name::CommonName;
use crate::plan::{CertificatePlan, Terms};
use crate::profile::Purpose;
use crate::reason::Reason;
use crate::rehearse::{CheckedPlan, rehearse, rehearse_delegate};
use crate::request::{IssueRequest, RenewRequest};
use crate::san::{FolderName, Names, San};
use crate::serial::Serial;
use crate::settings::Rules;
use crate::sign::sign;
use crate::store::writer::Writer;
use crate::store::{
    IndexEntry, IssuedFiles, OpenAuthority, Store, check_target, folder_of, holds_no_key, read_request,
};
use crate::uri::Uri;
use crate::validity::{Validity, rfc3339};

pub use review::{Review, Reviewed, review};

/// A certificate that was issued.
#[derive(Debug)]
pub struct Issued {
    /// The name that it is known by.
    pub name: String,
    /// What it is for.
    pub purpose: Purpose,
    /// Its serial number.
    pub serial: Serial,
    /// The subject's common name.
    pub common_name: Option<String>,
    /// Its issuer's common name.
    pub issuer: String,
    /// All of its issuer's name, as RFC 4514 writes it.
    pub issuer_name: String,
    /// Its names.
    pub sans: Vec<San>,
    /// Its life.
    pub validity: Validity,
    /// SHA-256 of the certificate, in hexadecimal.
    pub sha256: String,
    /// Where its files are.
    pub files: IssuedFiles,
    /// Whether a private key was written.
    pub key_written: bool,
    /// What of a request was taken and dropped.
    pub receipt: Option<Receipt>,
    /// The certificate that it takes the place of.
    pub replaces: Option<Serial>,
    /// The command that is now to be run; [`Store::hook_done`] takes it off the list.
    pub hook: Option<String>,
    /// What the user should know besides.
    pub notes: Vec<String>,
}

/// What is to be made: a request that was checked, and the key that it is for.
struct Order {
    names: Names,
    purpose: Purpose,
    days: u32,
    /// What the store's owner has laid down for it.
    rules: Rules,
    key: SubjectKey,
    /// The folder for the files, if not the store's own.
    folder: Option<PathBuf>,
    replaces: Option<Serial>,
    receipt: Option<Receipt>,
    /// The command to run afterwards.
    hook: Option<String>,
}

/// The key of the certificate: made here, or known by its public half alone.
enum SubjectKey {
    Made(PrivateKey),
    /// Whether the store should have the private one; none: that is not known.
    Public(PublicKey, Option<bool>),
}

impl SubjectKey {
    fn public_key(&self) -> Result<PublicKey, Error> {
        match self {
            SubjectKey::Made(key) => key.public_key(),
            SubjectKey::Public(key, _) => Ok(key.clone()),
        }
    }

    fn pem(&self) -> Result<Option<Zeroizing<String>>, Error> {
        match self {
            SubjectKey::Made(key) => key.to_pem(None).map(Some),
            SubjectKey::Public(..) => Ok(None),
        }
    }

    fn is_here(&self) -> Option<bool> {
        match self {
            SubjectKey::Made(_) => Some(true),
            SubjectKey::Public(_, here) => *here,
        }
    }
}

/// Issues a certificate.
///
/// # Errors
/// Names that will not do, a request that does not read, a name that has a certificate ([`Error::AlreadyIssued`]), a plan or
/// rehearsal that shows the certificate would not work, or what the store and the disk say. The CA's key is used only after
/// all of these.
pub fn issue(store: &Store, request: IssueRequest, now: OffsetDateTime) -> Result<Issued, Error> {
    let settings = store.settings()?;
    let order = order(&request, settings.of(request.purpose))?;
    let passphrase = request.passphrase;
    let authority = store.open_authority(passphrase.as_ref())?;
    let writer = store.write()?;
    refuse_issued(&writer, order.names.folder())?;
    refuse_occupied(store, &order)?;
    carry_out(store, &writer, order, &authority, now)
}

/// Issues a certificate in place of one that there is, with the same names (or more of them) and purpose. The old one
/// stays in the index.
///
/// # Errors
/// [`Error::NotIssued`], and those of [`issue`].
pub fn renew(store: &Store, request: &RenewRequest, now: OffsetDateTime) -> Result<Issued, Error> {
    Renewer::open(store, request.passphrase.as_ref())?.renew(request, now)
}

/// Renews several certificates with a CA key that is opened once.
#[derive(Debug)]
pub struct Renewer<'a> {
    store: &'a Store,
    authority: OpenAuthority,
}

impl Renewer<'_> {
    /// Opens the CA's key.
    ///
    /// # Errors
    /// [`Error::NoCaKey`], [`Error::KeyEncrypted`] and what else keeps the key closed.
    pub fn open<'a>(store: &'a Store, passphrase: Option<&Passphrase>) -> Result<Renewer<'a>, Error> {
        Ok(Renewer { store, authority: store.open_authority(passphrase)? })
    }

    /// As [`renew`], but for the passphrase, which has done its work. Renewals that were cut short are put right first.
    ///
    /// # Errors
    /// As [`renew`].
    pub fn renew(&self, request: &RenewRequest, now: OffsetDateTime) -> Result<Issued, Error> {
        let (writer, entry) = self.in_use(&request.name)?;
        self.replace(&writer, &entry, request, now)
    }

    /// As [`Renewer::renew`], if the certificate that is in use still ends at `until` or before: another process may have
    /// renewed it meanwhile, or a renewal that was cut short may be finished by this.
    ///
    /// # Errors
    /// As [`renew`], and [`Error::RenewalGainsNothing`] where the new certificate would end no later than the old one.
    pub fn renew_due(
        &self,
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
    fn in_use(&self, name: &str) -> Result<(Writer, IndexEntry), Error> {
        let writer = self.store.write()?;
        writer.finish_renewals(&self.authority)?;
        let found = writer.find(name)?;
        let entry = if found.replaced_by.is_some() { writer.find(&found.name)? } else { found };
        Ok((writer, entry))
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

fn order(request: &IssueRequest, rules: &Rules) -> Result<Order, Error> {
    let csr = request.csr.as_deref().map(read_csr).transpose()?;
    let names = names(request, csr.as_ref())?;
    let key = match &csr {
        Some(csr) => SubjectKey::Public(csr.public_key().clone(), Some(false)),
        None => SubjectKey::Made(PrivateKey::generate(request.key.unwrap_or_else(|| rules.default_key()))?),
    };
    Ok(Order {
        receipt: csr.map(|csr| csr.receipt(&names, request.purpose)),
        names,
        purpose: request.purpose,
        days: request.days.unwrap_or_else(|| rules.default_days()),
        rules: rules.clone(),
        key,
        folder: request.out.as_deref().map(absolute).transpose()?,
        replaces: None,
        hook: None,
    })
}

fn read_csr(path: &Path) -> Result<SigningRequest, Error> {
    SigningRequest::parse(&read_request(path)?, path)
}

fn names(request: &IssueRequest, csr: Option<&SigningRequest>) -> Result<Names, Error> {
    match (request.purpose, request.names.as_slice(), csr) {
        (Purpose::Server, [], Some(csr)) => Names::of_server(&csr.hosts(), request.common_name.as_deref()),
        (Purpose::Server, names, _) => Names::of_server(names, request.common_name.as_deref()),
        (Purpose::Client, [name], _) => Names::of_client(name, request.email.as_slice()),
        (Purpose::Client, names, _) if names.len() > 1 => Err(Error::TooManyNames { found: names.len(), most: 1 }),
        (purpose, _, _) => Err(Error::NameMissing { purpose }),
    }
}

/// The index outlives the working directory.
fn absolute(path: &Path) -> Result<PathBuf, Error> {
    if path.to_str().is_none() {
        return Err(Error::OutputNotText { path: path.to_owned() });
    }
    std::path::absolute(path).map_err(|source| Error::Io { action: "find", path: path.to_owned(), source })
}

fn order_again(store: &Store, entry: &IndexEntry, request: &RenewRequest) -> Result<Order, Error> {
    let rules = store.settings()?.of(entry.purpose).clone();
    let damaged = |reason: String| Error::IndexDamaged { path: store.dir().join("index.sqlite"), reason };
    let fault = |fault| damaged(format!("{:?}: {fault}", entry.name));
    let folder = FolderName::parse(&entry.name).map_err(fault)?;
    let common_name = entry.common_name.as_deref().map(CommonName::parse).transpose().map_err(fault)?;
    let sans = entry.sans.iter().map(|san| San::parse(san)).collect::<Result<_, _>>().map_err(fault)?;
    Ok(Order {
        names: Names::again(folder, common_name, sans).with_more(&request.add, entry.purpose)?,
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

fn refuse_issued(writer: &Writer, name: &FolderName) -> Result<(), Error> {
    let Some(entry) = writer.current(name.as_str())? else { return Ok(()) };
    if entry.name != name.as_str() {
        return Err(Error::NameFallsTogether { name: name.to_string(), existing: entry.name });
    }
    if let Some(at) = entry.revoked {
        let reason = entry.reason.unwrap_or_default();
        return Err(Error::RevokedBefore { name: entry.name, at: rfc3339(at), reason });
    }
    Err(Error::AlreadyIssued { name: entry.name, purpose: entry.purpose, not_after: rfc3339(entry.not_after) })
}

/// A key that may be in other hands is not certified again, and a hold is not gone round.
fn refuse_revoked(entry: &IndexEntry, request: &RenewRequest) -> Result<(), Error> {
    let Some(at) = entry.revoked.map(rfc3339) else { return Ok(()) };
    let (name, reason) = (entry.name.clone(), entry.reason.unwrap_or_default());
    match reason {
        Reason::CertificateHold => Err(Error::OnHold { name, at }),
        _ if request.rekey || reason.leaves_key_usable() => Ok(()),
        _ => Err(Error::KeyRevoked { name, at, reason }),
    }
}

fn refuse_occupied(store: &Store, order: &Order) -> Result<(), Error> {
    let folder = folder(store, order);
    if order.folder.is_none() {
        crate::store::refuse_link(&folder)?;
    }
    match crate::store::refuse_existing(&folder) {
        Err(Error::OutputExists { .. }) if order.folder.is_none() => Err(Error::Leftover { path: folder }),
        found => found,
    }
}

fn folder(store: &Store, order: &Order) -> PathBuf {
    order.folder.clone().unwrap_or_else(|| folder_of(store.dir(), order.names.folder()))
}

fn carry_out(
    store: &Store,
    writer: &Writer,
    order: Order,
    authority: &OpenAuthority,
    now: OffsetDateTime,
) -> Result<Issued, Error> {
    if let Some(folder) = &order.folder {
        check_target(folder)?;
    }
    match order.purpose {
        Purpose::Server | Purpose::Client => writer.refuse_stale(&authority.chain)?,
        Purpose::Intermediate => writer.refuse_stale_root(authority.chain.root())?,
    }
    let serial = Serial::from_random(key::random()?);
    reserve(writer, &order, serial, now)?;
    let points = writer.crl_points(writer.authority_for(order.purpose)?, serial)?;
    let checked = match prepare(&order, &authority.chain, serial, points, now) {
        Ok(checked) => checked,
        Err(error) => {
            writer.withdraw(serial)?;
            return Err(error);
        }
    };
    writer.record_plan(checked.plan())?;
    if let Some(command) = &order.hook {
        writer.plan_hook(serial, command, now)?;
    }
    let signed = sign(checked, &authority.key)?;
    let contents = crate::store::Contents::new(signed.der(), &authority.chain, order.key.pem()?);
    let folder = folder(store, &order);
    let files = match order.replaces {
        None => writer.write_new(&contents, &folder, order.folder.is_none())?,
        Some(_) => writer.write_over(&contents, &folder)?,
    };
    writer.record_issued(order.names.folder().as_str(), &signed, order.replaces, &authority.key)?;
    Ok(report(order, signed.plan(), signed.der(), files))
}

fn reserve(writer: &Writer, order: &Order, serial: Serial, now: OffsetDateTime) -> Result<(), Error> {
    let folder = order.folder.as_ref().map(|folder| folder.to_string_lossy());
    writer.reserve(&crate::store::Reservation {
        serial,
        authority: writer.authority_for(order.purpose)?,
        name: order.names.folder(),
        purpose: order.purpose,
        days: order.days,
        folder: folder.as_deref(),
        replaces: order.replaces,
        key_here: order.key.is_here(),
        now,
    })
}

/// From order to checked plan, below `chain`, the issuer first: nothing here can sign, or write.
fn prepare(
    order: &Order,
    chain: &[Authority],
    serial: Serial,
    points: Vec<Uri>,
    now: OffsetDateTime,
) -> Result<CheckedPlan, Error> {
    let terms = Terms { purpose: order.purpose, days: order.days, serial, now };
    let plan = match order.purpose {
        Purpose::Server | Purpose::Client => {
            CertificatePlan::leaf(&order.names, order.key.public_key()?, chain, &terms)?
        }
        Purpose::Intermediate => CertificatePlan::delegate(&order.names, &order.key.public_key()?, &chain[0], &terms)?,
    };
    let plan = plan.governed_by(&order.rules, order.names.folder(), order.purpose)?.with_crl_points(points);
    match order.purpose {
        Purpose::Server | Purpose::Client => rehearse(plan, order.purpose, chain, now),
        Purpose::Intermediate => rehearse_delegate(plan, &chain[0], now),
    }
}

fn report(order: Order, plan: &CertificatePlan, der: &[u8], files: IssuedFiles) -> Issued {
    Issued {
        name: order.names.folder().to_string(),
        purpose: order.purpose,
        serial: plan.serial(),
        common_name: plan.subject().map(ToString::to_string),
        issuer: plan.issuer().common_name().map_or_else(|| plan.issuer().to_string(), str::to_owned),
        issuer_name: plan.issuer().to_string(),
        sans: plan.sans().to_vec(),
        validity: plan.validity(),
        sha256: facts::hex(&facts::sha256(der)),
        files,
        key_written: matches!(order.key, SubjectKey::Made(_)),
        receipt: order.receipt,
        replaces: order.replaces,
        hook: order.hook,
        notes: plan.notes().to_vec(),
    }
}
