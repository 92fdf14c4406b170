//! A request that somebody else made, looked at before it is signed: what it asks for, what of it is taken, changed and
//! dropped, and what the certificate would be. It is planned and rehearsed here, so that a refusal comes before the question.

use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use super::renew::refuse_revoked;
use super::{Issued, absolute};
use super::{Order, SubjectKey, carry_out, enter, prepare, read_csr, refuse_issued, refuse_occupied};
use crate::authority::Authority;
use crate::csr::make::of_authority;
use crate::csr::{Receipt, SigningRequest};
use crate::error::Error;
use crate::facts::{self, GeneralName};
use crate::key::Passphrase;
use crate::name::fold;
use crate::plan::CertificatePlan;
use crate::profile::{DEFAULT_CA_DAYS, Purpose};
use crate::request::{RenewRequest, SignRequest};
use crate::san::Names;
use crate::serial::Serial;
use crate::settings::Rules;
use crate::store::{IndexEntry, OpenAuthority, Store};

/// A request that was looked at, and can be signed.
pub struct Reviewed {
    order: Order,
    root_key: Option<PathBuf>,
    review: Review,
}

/// What a request asks for, and what would come of it.
#[derive(Debug, Clone)]
pub struct Review {
    /// The request's file.
    pub path: PathBuf,
    /// The subject that it asks for, as RFC 4514 writes it.
    pub subject: String,
    /// The names that it asks for, each with its kind.
    pub names: Vec<String>,
    /// Its key, in words.
    pub key: String,
    /// What becomes of its parts.
    pub receipt: Receipt,
    /// What would be signed.
    pub plan: CertificatePlan,
    /// For what.
    pub purpose: Purpose,
    /// The certificate that it would take the place of.
    pub replaces: Option<Serial>,
}

/// Looks at a request; no private key is touched, and nothing is written.
///
/// # Errors
/// A request that does not read or whose key is not accepted, names that will not do, and all that [`issue`](super::issue)
/// refuses.
pub fn review(store: &Store, request: &SignRequest, now: OffsetDateTime) -> Result<Reviewed, Error> {
    let csr = read_csr(&request.csr)?;
    let rules = store.settings()?.of(request.purpose).clone();
    let names = names(store, request, &csr)?.with_attributes(rules.attributes.clone());
    let chain = store.chain()?;
    let replaced = current(store, &names)?.map(|entry| may_replace(store, entry, &csr, request.purpose)).transpose()?;
    let order = Order {
        receipt: Some(csr.receipt(&names, request.purpose)),
        purpose: request.purpose,
        days: request.days.unwrap_or_else(|| default_days(&rules, request.purpose, chain.root(), now)),
        rules,
        key: SubjectKey::Public(csr.public_key().clone(), Some(false)),
        folder: match &replaced {
            Some(entry) => entry.folder.clone(),
            None => request.out.as_deref().map(absolute).transpose()?,
        },
        replaces: replaced.map(|entry| entry.serial),
        hook: None,
        names,
    };
    // The serial number and the way to the list are the signature's; all else is decided here.
    let serial = Serial::from_random([0; Serial::OCTETS]);
    let plan = prepare(&order, above(&chain, request.purpose), serial, Vec::new(), now)?.plan().clone();
    let review = Review {
        path: request.csr.clone(),
        subject: csr.facts().subject.to_string(),
        names: csr.facts().subject_alt_names().iter().map(ToString::to_string).collect(),
        key: csr.facts().public_key.kind.to_string(),
        receipt: order.receipt.clone().unwrap_or_default(),
        plan,
        purpose: request.purpose,
        replaces: order.replaces,
    };
    Ok(Reviewed { order, root_key: request.root_key.clone(), review })
}

impl Reviewed {
    /// What was found.
    pub fn review(&self) -> &Review {
        &self.review
    }

    /// Signs it: as it was read then, whatever the file holds now.
    ///
    /// # Errors
    /// As [`issue`](super::issue).
    pub fn sign(self, store: &Store, passphrase: Option<&Passphrase>, now: OffsetDateTime) -> Result<Issued, Error> {
        let order = self.order;
        let (authority, writer) = match order.purpose {
            Purpose::Intermediate => (open_root(store, self.root_key.as_deref(), passphrase)?, store.write()?),
            Purpose::Server | Purpose::Client => enter(store, passphrase)?,
        };
        if order.purpose != Purpose::Intermediate {
            writer.finish_renewals(&authority)?;
        }
        let current = writer.current(order.names.folder().as_str())?;
        match order.replaces {
            Some(replaces) if current.as_ref().is_some_and(|entry| entry.serial == replaces) => {}
            _ => {
                refuse_issued(&writer, order.names.folder())?;
                refuse_occupied(store, &order)?;
            }
        }
        carry_out(store, &writer, order, &authority, now)
    }
}

/// The CAs that sign for this purpose: another CA is signed by the root, since the one that issues may have none below it.
fn above(chain: &[Authority], purpose: Purpose) -> &[Authority] {
    match purpose {
        Purpose::Intermediate => &chain[chain.len() - 1..],
        Purpose::Server | Purpose::Client => chain,
    }
}

/// The root with its key: of the store, or the one that is given.
fn open_root(store: &Store, given: Option<&Path>, passphrase: Option<&Passphrase>) -> Result<OpenAuthority, Error> {
    let chain = store.chain()?.of_root();
    let root = chain.root();
    let opened = match given {
        None => store
            .opened_ca_key(root, passphrase)?
            .ok_or_else(|| Error::NoRootKey { name: root.name.clone(), dir: store.dir().to_owned() })?,
        Some(path) => store
            .given_ca_key(path, root, passphrase)?
            .ok_or_else(|| Error::CaKeyMismatch { key: path.to_owned(), certificate: store.root_pem_path() })?,
    };
    Ok(OpenAuthority { key: opened.key, chain })
}

/// A CA whose life is not asked for ends with the root at the latest, of which there is then nothing to say.
fn default_days(rules: &Rules, purpose: Purpose, root: &Authority, now: OffsetDateTime) -> u32 {
    match (purpose, rules.days) {
        (Purpose::Intermediate, None) => {
            let left = u32::try_from((root.validity.not_after() - now).whole_days()).unwrap_or_default();
            rules.at_most(DEFAULT_CA_DAYS.min(left.max(1)))
        }
        _ => rules.default_days(),
    }
}

fn names(store: &Store, request: &SignRequest, csr: &SigningRequest) -> Result<Names, Error> {
    let asked = request.names.as_slice();
    match (request.purpose, asked) {
        (Purpose::Server, []) => Names::of_server(&csr.hosts(), None),
        (Purpose::Server, names) => Names::of_server(names, None),
        (Purpose::Client, []) => {
            let emails = emails(csr);
            let name = csr.facts().subject.common_name().or(emails.first().map(String::as_str));
            Names::of_client(name.ok_or(Error::NameMissing { purpose: Purpose::Client })?, &emails)
        }
        (Purpose::Client, [name, emails @ ..]) => Names::of_client(name, emails),
        (Purpose::Intermediate, [_, _, ..]) => Err(Error::TooManyNames { found: asked.len(), most: 1 }),
        (Purpose::Intermediate, _) => {
            let name = asked.first().map(String::as_str).or(csr.facts().subject.common_name());
            authority_names(store, name.ok_or(Error::NameMissing { purpose: Purpose::Intermediate })?)
        }
    }
}

fn emails(csr: &SigningRequest) -> Vec<String> {
    let email = |name: &GeneralName| match name {
        GeneralName::Email(text) => Some(text.clone()),
        _ => None,
    };
    csr.facts().subject_alt_names().iter().filter_map(email).collect()
}

/// A CA's name, and none of this store's CAs' own.
fn authority_names(store: &Store, text: &str) -> Result<Names, Error> {
    let names = of_authority(text)?;
    if let Some(ca) = store.chain()?.iter().find(|ca| fold(&ca.name) == fold(text)) {
        let own = &ca.name;
        let reason = format!("a CA of this store is called {own:?} (compared without letter case, as OpenSSL does)");
        return Err(Error::AuthorityNameRefused { name: text.to_owned(), reason });
    }
    Ok(names)
}

fn current(store: &Store, names: &Names) -> Result<Option<IndexEntry>, Error> {
    match store.show(names.folder().as_str()) {
        Ok(entry) => Ok(Some(entry)),
        Err(Error::NotIssued { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a request may take the place of what there is: of the same name and purpose, and with the key elsewhere. What has
/// its key in the store is renewed, and keeps it.
fn may_replace(store: &Store, entry: IndexEntry, csr: &SigningRequest, purpose: Purpose) -> Result<IndexEntry, Error> {
    let same_key = facts::Certificate::from_der(&entry.der)
        .is_ok_and(|certificate| certificate.public_key.same_as(&csr.facts().public_key));
    if entry.purpose != purpose || store.files_of(&entry).privkey.exists() {
        let not_after = crate::validity::rfc3339(entry.not_after);
        return Err(Error::AlreadyIssued { name: entry.name, purpose: entry.purpose, not_after });
    }
    refuse_revoked(&entry, &RenewRequest { rekey: !same_key, ..RenewRequest::new(&*entry.name) })?;
    Ok(entry)
}
