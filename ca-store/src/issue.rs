//! Issuing and renewing: lock, reserve, plan, rehearse, record, sign, write, index.

mod renew;
mod review;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::authority::Authority;
use crate::csr::{Receipt, SigningRequest};
use crate::error::Error;
use crate::facts;
use crate::key::{self, Passphrase, PrivateKey, PublicKey};
use crate::plan::{CertificatePlan, Terms};
use crate::profile::Purpose;
use crate::reason::Reason;
use crate::rehearse::{CheckedPlan, rehearse, rehearse_delegate};
use crate::request::IssueRequest;
use crate::san::{FolderName, Names, San};
use crate::serial::Serial;
use crate::settings::Rules;
use crate::sign::sign;
use crate::store::writer::Writer;
use crate::store::{IssuedFiles, OpenAuthority, Store, check_target, folder_of, read_request};
use crate::uri::Uri;
use crate::validity::{Validity, rfc3339};

pub use renew::{Renewer, renew};
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
pub fn issue(store: &Store, request: &IssueRequest, now: OffsetDateTime) -> Result<Issued, Error> {
    let settings = store.settings()?;
    let order = order(request, settings.of(request.purpose))?;
    let (authority, writer) = enter(store, request.passphrase.as_ref())?;
    refuse_issued(&writer, order.names.folder())?;
    refuse_occupied(store, &order)?;
    carry_out(store, &writer, order, &authority, now)
}

/// How often the CA is opened again because another process has replaced it: who rolls over does so once in years.
const OPENINGS: usize = 3;

/// The CA that issues with its key, and the lock. A passphrase may be typed, so the key is opened before the lock is taken; where
/// another process has replaced the CA by then, the new one is opened.
fn enter(store: &Store, passphrase: Option<&Passphrase>) -> Result<(OpenAuthority, Writer), Error> {
    for _ in 1..OPENINGS {
        match enter_once(store, passphrase) {
            Err(Error::CaReplaced { .. }) => {}
            entered => return entered,
        }
    }
    enter_once(store, passphrase)
}

fn enter_once(store: &Store, passphrase: Option<&Passphrase>) -> Result<(OpenAuthority, Writer), Error> {
    let authority = store.open_authority(passphrase)?;
    let writer = store.write()?;
    writer.refuse_stale(&authority.chain)?;
    Ok((authority, writer))
}

fn order(request: &IssueRequest, rules: &Rules) -> Result<Order, Error> {
    let csr = request.csr.as_deref().map(read_csr).transpose()?;
    let attributes = request.attributes.clone().or(&rules.attributes);
    let names = names(request, csr.as_ref())?.with_attributes(attributes);
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

fn refuse_issued(writer: &Writer, name: &FolderName) -> Result<(), Error> {
    let Some(entry) = writer.current(name.as_str())? else { return Ok(()) };
    if entry.name != name.as_str() {
        return Err(Error::NameFallsTogether { name: name.to_string(), existing: entry.name });
    }
    if let Some(at) = entry.revoked {
        return Err(revoked_before(entry.name, at, entry.reason.unwrap_or_default()));
    }
    Err(Error::AlreadyIssued { name: entry.name, purpose: entry.purpose, not_after: rfc3339(entry.not_after) })
}

/// The name's certificate is revoked: what leads on depends on whether that is for good.
pub(crate) fn revoked_before(name: String, at: OffsetDateTime, reason: Reason) -> Error {
    let at = rfc3339(at);
    match reason {
        Reason::CertificateHold => Error::OnHold { name, at },
        reason => Error::RevokedBefore { name, at, reason },
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
