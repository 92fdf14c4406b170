//! A CA that lies beside a question's files with its private key: found, and looked at as if it were to be taken over.

use time::OffsetDateTime;

use super::checks;
use super::list::can_be_gone_on_from;
use crate::authority::Authority;
use crate::explain::{Evidence, HeldCa, Presented, Report};
use crate::facts::{Certificate, SignatureCheck, hex, sha256};
use crate::finding::{Code, Severity};
use crate::rehearse::{failings, rehearse_chain};
use crate::store::Store;

/// The most CAs with a key that are looked at; each is rehearsed, and a folder of more is a test's.
const MAX_HELD: usize = 8;

/// The user's own CAs: each can be taken over as it is, and its key is there. One whose root is trusted comes before others,
/// then one that stands in the chain, then one below a root, as that root's key is best left where it is. What the report says
/// of the CA itself, a new certificate from it would have again.
pub fn held_cas(evidence: &Evidence, report: &Report, now: OffsetDateTime) -> Vec<HeldCa> {
    let mut held: Vec<Line<'_>> = with_key(evidence, report).filter_map(|ca| Line::of(evidence, report, ca)).collect();
    held.sort_by_key(|line| (!line.trusted, !line.in_chain, line.root.is_none()));
    held.truncate(MAX_HELD);
    held.into_iter().filter_map(|line| line.held(evidence, report, now)).collect()
}

/// What is wrong with the CA of a store, in what it issues; nothing where that cannot be told.
pub fn faults_of(store: &Store, now: OffsetDateTime) -> Vec<Code> {
    let found = store.chain().and_then(|chain| failings(&chain, now)).unwrap_or_default();
    found.into_iter().map(|failing| failing.finding.code).collect()
}

/// A CA's certificate that is the first of its file, and the file of its key.
struct WithKey<'a> {
    certificate: &'a Certificate,
    file: &'a str,
    key: &'a str,
}

/// The CAs whose key is at hand. A key that is a server's as well is in other hands already, and what serves as a leaf is no CA.
fn with_key<'a>(evidence: &'a Evidence, report: &'a Report) -> impl Iterator<Item = WithKey<'a>> {
    let leaves = || evidence.chain.iter().map(|it| &it.certificate).filter(|certificate| !certificate.is_ca());
    let no_leaf = report.findings.iter().any(|finding| finding.code == Code::LeafMissing);
    let leaf = report.chain.first().filter(|_| !no_leaf).map(|entry| entry.sha256.as_str());
    firsts(evidence).filter_map(move |(file, certificate)| {
        let served = leaf == Some(certificate.sha256_hex().as_str())
            || leaves().any(|leaf| leaf.public_key.same_as(&certificate.public_key));
        let keys = evidence.neighbour_keys.iter().chain(&evidence.key);
        let is_its = |public: &_| certificate.public_key.same_as(public);
        let key = keys.into_iter().find(|it| it.key.public_key.as_ref().is_some_and(is_its));
        let key = key.filter(|_| certificate.is_ca() && !served)?;
        Some(WithKey { certificate, file, key: &key.file })
    })
}

/// Everything that was read from a file.
fn read(evidence: &Evidence) -> impl Iterator<Item = &Presented> {
    evidence.trust.iter().chain(&evidence.chain).chain(&evidence.untrusted).chain(&evidence.neighbours)
}

/// Each certificate that a file begins with, once: a CA is taken over by the first of its file.
fn firsts(evidence: &Evidence) -> impl Iterator<Item = (&str, &Certificate)> {
    let mut files: Vec<(&str, &Certificate)> = Vec::new();
    for presented in read(evidence) {
        if let Some(file) = presented.file.as_deref().filter(|file| files.iter().all(|(known, _)| known != file)) {
            files.push((file, &presented.certificate));
        }
    }
    let mut known: Vec<&Certificate> = Vec::new();
    files.retain(|(_, certificate)| {
        let is_new = known.iter().all(|it| it.der() != certificate.der());
        known.push(certificate);
        is_new
    });
    files.into_iter()
}

/// A CA with its key, and the root above it.
struct Line<'a> {
    ca: WithKey<'a>,
    /// Its root's certificate with the file, where it is no root itself.
    root: Option<(&'a Certificate, &'a str)>,
    trusted: bool,
    in_chain: bool,
}

impl<'a> Line<'a> {
    /// None for a CA of the store, which issues by itself.
    fn of(evidence: &'a Evidence, report: &Report, ca: WithKey<'a>) -> Option<Line<'a>> {
        let own = ca.certificate;
        if evidence.situation.own_cas.iter().any(|known| known.der() == own.der()) {
            return None;
        }
        let root = match own.is_self_signed() {
            true => None,
            false => Some(root_of(evidence, own)?),
        };
        let top = root.map_or(own, |(root, _)| root);
        let trusted = evidence.trust.iter().any(|anchor| anchor.certificate.der() == top.der());
        let in_chain = report.chain.iter().skip(1).any(|entry| entry.sha256 == own.sha256_hex());
        Some(Line { ca, root, trusted, in_chain })
    }

    fn held(&self, evidence: &Evidence, report: &Report, now: OffsetDateTime) -> Option<HeldCa> {
        let certificates = [Some(self.ca.certificate), self.root.map(|(root, _)| root)];
        let authorities = certificates.into_iter().flatten().map(|certificate| {
            let fits = checks::fits(certificate, now);
            Authority::from_der(certificate.der()).ok().filter(|_| fits)
        });
        let authorities: Vec<Authority> = authorities.collect::<Option<_>>()?;
        rehearse_chain(&authorities, now).ok()?;
        let would_be = failings(&authorities, now).ok()?.into_iter().map(|failing| failing.finding.code);
        Some(HeldCa {
            certificate: self.ca.file.to_owned(),
            key: self.ca.key.to_owned(),
            chain: self.root.map(|(_, file)| file.to_owned()),
            list: last_list(evidence, self.ca.certificate),
            trusted: self.trusted,
            faults: would_be.chain(said_of(&authorities, report)).collect(),
            authorities,
            store: None,
            issued: None,
            is_open_to_others: false,
            passphrase_file: None,
        })
    }
}

fn root_of<'a>(evidence: &'a Evidence, ca: &Certificate) -> Option<(&'a Certificate, &'a str)> {
    let is_its = |root: &Certificate| {
        root.is_self_signed()
            && ca.issuer.same_as(&root.subject)
            && ca.verified_by(&root.public_key) == SignatureCheck::Good
    };
    let root = read(evidence).find(|it| it.file.is_some() && is_its(&it.certificate))?;
    Some((&root.certificate, root.file.as_deref()?))
}

/// What the report finds in these CAs' own certificates. What they do to certificates below them, the rehearsal has shown.
fn said_of(authorities: &[Authority], report: &Report) -> Vec<Code> {
    let of_below = |code| matches!(code, Code::PathLengthExceeded | Code::NameConstraintViolated | Code::IssuerPurpose);
    let theirs = |index: usize| {
        let entry = report.chain.get(index);
        entry.is_some_and(|entry| authorities.iter().any(|ca| hex(&sha256(ca.certificate.der())) == entry.sha256))
    };
    let found = report.findings.iter().filter(|it| it.severity != Severity::Note && it.certificate.is_some_and(theirs));
    found.map(|it| it.code).filter(|code| !of_below(*code)).collect()
}

/// The complete list of this CA among those that were given, if there is just one: its revocations and its number are gone on from.
fn last_list(evidence: &Evidence, ca: &Certificate) -> Option<String> {
    let mut own = evidence.crls.iter().filter(|(crl, _)| crl.issuer.same_as(&ca.subject));
    let (crl, file) = own.next().filter(|_| own.next().is_none())?;
    let signed = crl.verified_by(&ca.public_key) == SignatureCheck::Good;
    (signed && can_be_gone_on_from(crl)).then(|| file.clone())
}
