//! The rehearsal: the plan is signed by throwaway stand-ins of its CAs, read back, and judged by the findings that users
//! see. Only what comes through clean may be signed in earnest.

mod likeness;

use rcgen::{KeyPair, PublicKeyData as _};
use time::OffsetDateTime;

use crate::authority::Authority;
use crate::clients::refusing;
use crate::error::Error;
use crate::explain::{self, Evidence, PeerName, Question};
use crate::finding::{Finding, Severity};
use crate::key::{KeyKind, PrivateKey, PublicKey, crypto};
use crate::plan::{CertificatePlan, Terms};
use crate::profile::Purpose;
use crate::san::{Names, San};
use crate::serial::Serial;
use crate::sign::encode;

/// A plan that came through its rehearsal. Nothing else can be signed, and only this module makes one.
#[derive(Debug)]
pub struct CheckedPlan(CertificatePlan);

impl CheckedPlan {
    /// What was planned.
    pub fn plan(&self) -> &CertificatePlan {
        &self.0
    }

    pub(crate) fn into_plan(self) -> CertificatePlan {
        self.0
    }
}

/// Rehearses a server's or client's certificate below `chain`, the issuer first.
///
/// # Errors
/// [`Error::RehearsalFailed`] with the first finding of severity error.
pub fn rehearse(
    plan: CertificatePlan,
    purpose: Purpose,
    chain: &[Authority],
    now: OffsetDateTime,
) -> Result<CheckedPlan, Error> {
    Rehearsal::of(chain)?.rehearse(plan, purpose, now)
}

/// Stand-ins of a chain of CAs, made once: many certificates are rehearsed below them, each in full.
pub(crate) struct Rehearsal {
    above: Vec<StandIn>,
    cas: Vec<Vec<u8>>,
}

impl Rehearsal {
    /// Of these CAs, the issuing one first and the root last.
    ///
    /// # Errors
    /// [`Error::Crypto`].
    pub(crate) fn of(chain: &[Authority]) -> Result<Rehearsal, Error> {
        Rehearsal::with(stand_ins_of(chain)?)
    }

    fn with(above: Vec<StandIn>) -> Result<Rehearsal, Error> {
        let cas = chain_of(&above)?;
        Ok(Rehearsal { above, cas })
    }

    /// As [`rehearse`].
    ///
    /// # Errors
    /// As [`rehearse`].
    pub(crate) fn rehearse(
        &self,
        plan: CertificatePlan,
        purpose: Purpose,
        now: OffsetDateTime,
    ) -> Result<CheckedPlan, Error> {
        self.judge(&plan, &question(purpose, plan.sans(), now))?;
        Ok(CheckedPlan(plan))
    }

    /// Signs the plan by the stand-in of its issuer, and asks of it.
    fn judge(&self, plan: &CertificatePlan, question: &Question) -> Result<(), Error> {
        let leaf = encode(plan, plan.public_key().info(), &self.above[0].key)?;
        let (root, between) = self.cas.split_last().expect("a chain has at least its root");
        let sent = std::iter::once(leaf.as_slice()).chain(between.iter().map(Vec::as_slice));
        let evidence = Evidence::from_ders(sent, "rehearsal", [root.as_slice()], "rehearsal")
            .map_err(|error| Error::Crypto { what: "reading the rehearsal back", reason: error.to_string() })?;
        let (_, cause) = explain::judge(&evidence, question);
        refuse_error(cause)
    }
}

/// Rehearses new CAs, the issuing one first and the root last, by a certificate that they would issue.
///
/// # Errors
/// As [`rehearse`].
pub(crate) fn rehearse_authorities(
    plans: Vec<CertificatePlan>,
    now: OffsetDateTime,
) -> Result<Vec<CheckedPlan>, Error> {
    let above = plans.iter().map(StandIn::of).collect::<Result<Vec<_>, _>>()?;
    let rehearsal = Rehearsal::with(above)?;
    let chain = rehearsal.cas.iter().map(|der| Authority::from_der(der)).collect::<Result<Vec<_>, _>>();
    let chain = chain.map_err(|reason| Error::Crypto { what: "reading a planned CA back", reason })?;
    let probe = probe(&chain, now)?;
    rehearsal.judge(&probe, &question(Purpose::Server, probe.sans(), now))?;
    Ok(plans.into_iter().map(CheckedPlan).collect())
}

/// Rehearses a CA below `root`, by a certificate that it would issue.
///
/// # Errors
/// As [`rehearse`].
pub(crate) fn rehearse_delegate(
    plan: CertificatePlan,
    root: &Authority,
    now: OffsetDateTime,
) -> Result<CheckedPlan, Error> {
    let above = CertificatePlan::again(root, root);
    rehearse_authorities(vec![plan.clone(), above], now)?;
    Ok(CheckedPlan(plan))
}

/// Rehearses CAs that there are, the issuing one first, by a certificate that they would issue.
///
/// # Errors
/// As [`rehearse`].
pub(crate) fn rehearse_chain(chain: &[Authority], now: OffsetDateTime) -> Result<(), Error> {
    let probe = probe(chain, now)?;
    Rehearsal::of(chain)?.judge(&probe, &question(Purpose::Server, probe.sans(), now))
}

/// What clients would find wrong with these CAs, the issuing one first, in the chain of a certificate that they would issue.
///
/// # Errors
/// [`Error::Crypto`].
pub(crate) fn failings(chain: &[Authority], now: OffsetDateTime) -> Result<Vec<Failing>, Error> {
    const WHAT: &str = "reading the rehearsal back";
    let unread = || Error::Crypto { what: WHAT, reason: "a likeness of a CA does not read".to_owned() };
    let keys = chain.iter().map(|_| KeyPair::generate()).collect::<Result<Vec<_>, _>>();
    let keys = keys.map_err(crypto("making a throwaway key"))?;
    let issuers = keys.iter().skip(1).chain(keys.last());
    let cas = chain.iter().zip(keys.iter().zip(issuers));
    let cas = cas.map(|(ca, (own, issuer))| likeness::of(ca.certificate.der(), own, issuer).ok_or_else(unread));
    let cas = cas.collect::<Result<Vec<_>, _>>()?;
    let probe = probe(chain, now)?;
    let leaf = encode(&probe, probe.public_key().info(), &keys[0])?;
    let (root, between) = cas.split_last().ok_or_else(unread)?;
    let sent = std::iter::once(leaf.as_slice()).chain(between.iter().map(Vec::as_slice));
    let evidence = Evidence::from_ders(sent, "rehearsal", [root.as_slice()], "rehearsal")
        .map_err(|error| Error::Crypto { what: WHAT, reason: error.to_string() })?;
    let report = explain::diagnose(&evidence, &question(Purpose::Server, probe.sans(), now));
    // The leaf is as it should be: an error of it comes from above too.
    let is_of_ca = |finding: &Finding| finding.certificate != Some(0) || finding.severity == Severity::Error;
    let of_cas = report.findings.into_iter().filter(is_of_ca);
    let failings = of_cas.map(|finding| Failing { refusing: refusing(&finding, Some(chain.len())), finding });
    Ok(failings.filter(|it| it.finding.severity != Severity::Note || !it.refusing.is_empty()).collect())
}

/// What is wrong with a CA, and who refuses what it issues for it.
#[derive(Debug)]
pub(crate) struct Failing {
    pub(crate) finding: Finding,
    pub(crate) refusing: Vec<&'static str>,
}

/// A certificate of the kind that the CAs are made for, for a name that they may issue.
fn probe(chain: &[Authority], now: OffsetDateTime) -> Result<CertificatePlan, Error> {
    let domain = chain[0].constraints.dns.first().map_or("example", |tree| tree.domain().as_str());
    // A suffix may be so long that nothing fits before it; then it stands for itself.
    let below = format!("host.{domain}");
    let name = if San::parse_host(&below).is_ok() { below } else { domain.to_owned() };
    let names = Names::of_server(&[name], Some(""))?;
    let key = PrivateKey::generate(KeyKind::EcdsaP256)?.public_key()?;
    let terms = Terms { purpose: Purpose::Server, days: 1, serial: Serial::from_random([0; Serial::OCTETS]), now };
    CertificatePlan::leaf(&names, key, chain, &terms)
}

/// A CA's plan, and a throwaway key in place of the CA's own.
struct StandIn {
    plan: CertificatePlan,
    key: KeyPair,
}

impl StandIn {
    fn of(plan: &CertificatePlan) -> Result<StandIn, Error> {
        let key = KeyPair::generate().map_err(crypto("making a throwaway key"))?;
        Ok(StandIn { plan: plan.clone(), key })
    }
}

fn stand_ins_of(chain: &[Authority]) -> Result<Vec<StandIn>, Error> {
    let issuers = chain.iter().skip(1).chain(chain.last());
    chain.iter().zip(issuers).map(|(ca, issuer)| StandIn::of(&CertificatePlan::again(ca, issuer))).collect()
}

/// The stand-ins' certificates, in their order; the last signs itself.
fn chain_of(above: &[StandIn]) -> Result<Vec<Vec<u8>>, Error> {
    let issuers = above.iter().skip(1).chain(above.last());
    above.iter().zip(issuers).map(|(ca, issuer)| encode(&ca.plan, &ca.key, &issuer.key)).collect()
}

/// An error comes before all else that may be the cause.
fn refuse_error(cause: Option<Finding>) -> Result<(), Error> {
    match cause.filter(|finding| finding.severity == Severity::Error) {
        None => Ok(()),
        Some(finding) => Err(Error::RehearsalFailed {
            code: finding.code.as_str().to_owned(),
            message: finding.message,
            fix: finding.fix,
        }),
    }
}

/// What a peer would ask: a server is looked for by its first name, a wildcard by a host below it.
fn question(purpose: Purpose, sans: &[San], now: OffsetDateTime) -> Question {
    let name = sans.first().map(|san| san.to_string().replacen('*', "host", 1));
    let asked = match purpose {
        Purpose::Server => Question::server(name.and_then(|name| PeerName::parse(&name).ok()), now),
        Purpose::Client => Question::client(now),
        // A CA is judged by what it would issue.
        Purpose::Intermediate => Question::server(None, now),
    };
    // A second opinion that only the list of clients shows would cost time and change nothing.
    Question { compare: false, ..asked }
}

/// Whether `key` is that of `authority`: asked before its key signs anything.
pub(crate) fn is_key_of(key: &PublicKey, authority: &Authority) -> bool {
    key.info().der_bytes() == authority.public_key.bits()
}
