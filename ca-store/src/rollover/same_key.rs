//! A CA's certificate made anew for the same key and name, as XCA calls it: renewed with the same key. What it has issued goes on
//! as it was, below either certificate: names, key identifiers and signatures fit both.

use std::path::PathBuf;

use time::OffsetDateTime;

use super::lists::Points;
use super::{Generation, refuse_expired, root_key};
use crate::authority::{Authority, Chain};
use crate::error::Error;
use crate::facts;
use crate::init_ca::{CreatedAuthority, created};
use crate::key::{self, Passphrase};
use crate::plan::CertificatePlan;
use crate::profile::DEFAULT_CA_DAYS;
use crate::rehearse::{CheckedPlan, rehearse_authorities};
use crate::serial::Serial;
use crate::sign::{Signed, sign};
use crate::store::log::{Kind, Operation};
use crate::store::writer::Writer;
use crate::store::{Authorities, AuthorityRow, OpenedKey, Store};
use crate::validity::{Validity, rfc3339};

/// A CA's certificate that is to be made anew.
#[derive(Debug)]
pub struct RecertifyRequest {
    /// Whose.
    pub generation: Generation,
    /// Days that the new one lives.
    pub days: u32,
    /// The root's private key, where it is not in the store.
    pub root_key: Option<PathBuf>,
    /// Opens the root's key.
    pub passphrase: Option<Passphrase>,
}

impl RecertifyRequest {
    /// For ten years, by the key in the store.
    pub fn new(generation: Generation) -> RecertifyRequest {
        RecertifyRequest { generation, days: DEFAULT_CA_DAYS, root_key: None, passphrase: None }
    }
}

/// A certificate that was made anew.
#[derive(Debug)]
pub struct Recertified {
    /// Whose it is.
    pub generation: Generation,
    /// What it says.
    pub authority: CreatedAuthority,
    /// Where it is.
    pub file: PathBuf,
    /// What the one before said.
    pub former: CreatedAuthority,
    /// Where that one is kept.
    pub former_file: PathBuf,
    /// Whether that one had ended already, so that nobody takes what is below it any more.
    pub former_ended: bool,
    /// Certificates in use below it, of this store.
    pub in_use: usize,
    /// The file with every root that is trusted.
    pub root_pem: PathBuf,
    /// What the user should know besides.
    pub notes: Vec<String>,
}

/// Certifies the CA that issues, or the root, again: with the same name, key and extensions, another serial number and another
/// life. It takes the place of the one before, which is kept.
///
/// # Errors
/// [`Error::NothingBelowRoot`], [`Error::NoRootKey`], [`Error::IssuerSerialNamed`], [`Error::IssuerRevoked`],
/// [`Error::IssuerExpired`] where the root above has ended, [`Error::RehearsalFailed`], and what the store and the disk say.
pub fn recertify(store: &Store, request: &RecertifyRequest, now: OffsetDateTime) -> Result<Recertified, Error> {
    let chain = store.chain()?;
    let again = Again { generation: request.generation, chain: &chain, now };
    again.refuse_nothing_below()?;
    let opened = root_key(store, &chain, request.root_key.as_deref(), request.passphrase.as_ref())?;
    let writer = store.write()?;
    writer.refuse_stale(&chain)?;
    writer.refuse_stale_root(chain.root())?;
    let all = writer.authorities()?;
    let (row, root) = again.rows(&all).ok_or_else(|| Error::NoCa { dir: store.dir().to_owned() })?;
    writer.index().refuse_revoked_ca(row.id)?;
    refuse_named_by_serial(row, &all, now)?;
    let plan = again.plan(request.days, &Points::read(&writer, root.id)?)?;
    let notes = again.notes(&plan, request.days);
    let checked = again.rehearse(plan)?;
    let (signed, former_file) = carry_out(&writer, (row, root), checked, &opened, now)?;
    let (ca, place) = (again.ca(), writer.place_of(row));
    Ok(Recertified {
        generation: request.generation,
        authority: CreatedAuthority { name: ca.name.clone(), ..created(&signed, ca.key_kind) },
        file: place,
        former: described(ca),
        former_file,
        former_ended: ca.validity.not_after() < now,
        in_use: writer.in_use_of(&all.below(row.id), now)?.len(),
        root_pem: store.root_pem_path(),
        notes,
    })
}

/// The plan recorded, the signature, the file, and last the index.
fn carry_out(
    writer: &Writer,
    (row, root): (&AuthorityRow, &AuthorityRow),
    checked: CheckedPlan,
    opened: &OpenedKey,
    now: OffsetDateTime,
) -> Result<(Signed, PathBuf), Error> {
    let id = writer.plan_recertified(row.id, checked.plan(), now)?;
    let signed = sign(checked, &opened.key)?;
    let operation = Operation::authorities(Kind::Rollover, [signed.der()]).with("same_key", row.name.clone());
    let former = writer.recertify((row, id), signed.der(), operation, (root.id, &opened.key))?;
    Ok((signed, former))
}

/// What is certified again: nothing here can sign, or write.
struct Again<'a> {
    generation: Generation,
    chain: &'a Chain,
    now: OffsetDateTime,
}

impl Again<'_> {
    fn ca(&self) -> &Authority {
        match self.generation {
            Generation::Root => self.chain.root(),
            Generation::Intermediate => &self.chain[0],
        }
    }

    fn refuse_nothing_below(&self) -> Result<(), Error> {
        match self.generation {
            Generation::Root => Ok(()),
            Generation::Intermediate if self.chain.len() > 1 => refuse_expired(self.chain.root(), self.now),
            Generation::Intermediate => Err(Error::NothingBelowRoot { root: self.chain.root().name.clone() }),
        }
    }

    /// The CA's row, and its root's.
    fn rows<'r>(&self, all: &'r Authorities) -> Option<(&'r AuthorityRow, &'r AuthorityRow)> {
        let root = all.root()?;
        match self.generation {
            Generation::Root => Some((root, root)),
            Generation::Intermediate => Some((all.issuing()?, root)),
        }
    }

    fn plan(&self, days: u32, points: &Points) -> Result<CertificatePlan, Error> {
        let root = self.chain.root();
        let serial = Serial::from_random(key::random()?);
        match self.generation {
            Generation::Root => {
                let life = Validity::new(self.now, days, None)?;
                Ok(CertificatePlan::recertified(root, root, (serial, life)))
            }
            Generation::Intermediate => {
                let life = Validity::new(self.now, days, Some(root.validity))?;
                let plan = CertificatePlan::recertified(self.ca(), root, (serial, life));
                Ok(plan.with_crl_points(points.of_root()))
            }
        }
    }

    /// Looks at it as clients do that know each of the roots which are trusted. Where all has expired, the root comes first, and
    /// what is below it is not looked at.
    fn rehearse(&self, plan: CertificatePlan) -> Result<CheckedPlan, Error> {
        let (issuing, root) = (&self.chain[0], self.chain.root());
        let is_alive = issuing.validity.not_after() >= self.now;
        let line = match self.generation {
            Generation::Root if self.chain.len() > 1 && is_alive => {
                vec![CertificatePlan::again(issuing, root), plan]
            }
            Generation::Root => vec![plan],
            Generation::Intermediate => {
                self.rehearse_to_old_root(&plan)?;
                vec![plan, CertificatePlan::again(root, root)]
            }
        };
        let mut checked = rehearse_authorities(line, self.now)?;
        let planned = match self.generation {
            Generation::Root => checked.pop(),
            Generation::Intermediate => checked.drain(..).next(),
        };
        planned.ok_or_else(|| Error::NothingBelowRoot { root: root.name.clone() })
    }

    /// While two roots are trusted, what is issued must lead to both.
    fn rehearse_to_old_root(&self, plan: &CertificatePlan) -> Result<(), Error> {
        let Some([cross, old]) = self.chain.line_to_old_root(self.now) else { return Ok(()) };
        let above = [CertificatePlan::again(&cross, &old), CertificatePlan::again(&old, &old)];
        rehearse_authorities(std::iter::once(plan.clone()).chain(above).collect(), self.now).map(drop)
    }

    fn notes(&self, plan: &CertificatePlan, days: u32) -> Vec<String> {
        let (ends, before) = (plan.validity().not_after(), self.ca().validity.not_after());
        let root = self.chain.root();
        // A root of the same number of days, made a moment before, cuts off less than one.
        let is_cut = plan.validity().days() + 1 < i64::from(days);
        if self.generation == Generation::Intermediate && is_cut {
            return vec![format!(
                "it ends with its root {:?} at {}: pki rollover --root --same-key gives that one a longer life first",
                root.name,
                rfc3339(ends)
            )];
        }
        let note = format!("it ends at {}, and the one before no earlier ({})", rfc3339(ends), rfc3339(before));
        if ends <= before { vec![note] } else { Vec::new() }
    }
}

/// Refuses where a CA below was signed by a program that puts the issuer's serial number into the authorityKeyIdentifier: for
/// OpenSSL and its kin the new certificate would not be its issuer's (X509_check_issued).
fn refuse_named_by_serial(row: &AuthorityRow, all: &Authorities, now: OffsetDateTime) -> Result<(), Error> {
    let is_below = |it: &&AuthorityRow| it.issuer == Some(row.id) && it.id != row.id;
    let alive = all.0.iter().filter(is_below).filter(|it| it.not_after >= now.unix_timestamp());
    for below in alive {
        let certificate = below.certificate.as_deref().and_then(|der| facts::Certificate::from_der(der).ok());
        if certificate.is_some_and(|certificate| certificate.authority_serial().is_some()) {
            return Err(Error::IssuerSerialNamed { ca: row.name.clone(), below: below.name.clone() });
        }
    }
    Ok(())
}

fn described(ca: &Authority) -> CreatedAuthority {
    CreatedAuthority {
        name: ca.name.clone(),
        key: ca.key_kind,
        serial: ca.certificate.serial_hex(),
        validity: ca.validity,
        sha256: ca.certificate.sha256_hex(),
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;
    use time::macros::datetime;

    use super::*;
    use crate::crl::make_crls;
    use crate::init_ca::init_ca;
    use crate::request::{CrlRequest, InitCaRequest};
    use crate::rollover::{RolloverRequest, rollover};

    const MADE: OffsetDateTime = datetime!(2026-01-01 00:00 UTC);

    /// A root and a CA below it that end after thirty days.
    fn short_lived(dir: &std::path::Path) -> Store {
        let request =
            InitCaRequest { intermediate: Some("Issuing CA".into()), days: 30, ..InitCaRequest::new("Root CA") };
        init_ca(dir, request, MADE).unwrap();
        Store::open(dir).unwrap()
    }

    #[test]
    fn cas_that_have_ended_are_certified_again_the_root_first() {
        let dir = tempfile::tempdir().unwrap();
        let store = short_lived(dir.path());
        let later = MADE + Duration::days(40);
        let again = |generation| recertify(&store, &RecertifyRequest::new(generation), later);
        let lists = || make_crls(&store, &CrlRequest::default(), later);
        assert!(matches!(lists(), Err(Error::IssuerExpired { ca, .. }) if ca == "Issuing CA"));
        assert!(matches!(again(Generation::Intermediate), Err(Error::IssuerExpired { ca, .. }) if ca == "Root CA"));
        for generation in [Generation::Root, Generation::Intermediate] {
            let made = again(generation).unwrap();
            assert!(made.authority.validity.not_after() > later && made.former.validity.not_after() < later);
            assert!(made.former_ended);
        }
        assert_eq!(lists().unwrap().lists.len(), 2);
    }

    #[test]
    fn an_old_root_that_has_ended_holds_up_nothing() {
        for same_key in [false, true] {
            let dir = tempfile::tempdir().unwrap();
            let store = short_lived(dir.path());
            rollover(&store, RolloverRequest::new(Generation::Root), MADE + Duration::days(1)).unwrap();
            let later = MADE + Duration::days(40);
            if same_key {
                recertify(&store, &RecertifyRequest::new(Generation::Intermediate), later).unwrap();
            } else {
                rollover(&store, RolloverRequest::new(Generation::Intermediate), later).unwrap();
            }
            assert!(store.chain().unwrap()[0].validity.not_after() > later);
        }
    }
}
