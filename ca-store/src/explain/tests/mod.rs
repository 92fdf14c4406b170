//! Path building and judging on chains that are made here, hostile ones among them.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    SanType,
};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use super::{Evidence, MAX_SIGNATURE_CHECKS, PeerName, Question, Report, Verdict, diagnose};
use crate::finding::Code;

mod policies;
mod profiles;
mod revocation;

const NOW: OffsetDateTime = datetime!(2026-06-01 12:00 UTC);
const HOST: &str = "chat.example.test";

/// A CA to issue with: what it says, and its key.
struct Ca {
    params: CertificateParams,
    key: KeyPair,
    der: Vec<u8>,
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = NOW - Duration::days(1);
    params.not_after = NOW + Duration::days(1);
    params.use_authority_key_identifier_extension = true;
    params
}

fn ca_params(name: &str) -> CertificateParams {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

fn root(name: &str) -> Ca {
    let (params, key) = (ca_params(name), KeyPair::generate().unwrap());
    let der = params.self_signed(&key).unwrap().der().to_vec();
    Ca { params, key, der }
}

impl Ca {
    fn issuer(&self) -> Issuer<'_, &KeyPair> {
        Issuer::from_params(&self.params, &self.key)
    }

    /// Another CA below this one; with a key of its own, or with that of a CA that it cross-signs.
    fn intermediate(&self, name: &str, key: Option<&Ca>) -> Ca {
        let key =
            key.map_or_else(|| KeyPair::generate().unwrap(), |ca| KeyPair::try_from(ca.key.serialize_der()).unwrap());
        let params = ca_params(name);
        let der = params.signed_by(&key, &self.issuer()).unwrap().der().to_vec();
        Ca { params, key, der }
    }

    fn leaf(&self, change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
        let mut params = params(HOST);
        params.subject_alt_names = vec![SanType::DnsName(HOST.try_into().unwrap())];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        change(&mut params);
        params.signed_by(&KeyPair::generate().unwrap(), &self.issuer()).unwrap().der().to_vec()
    }
}

fn judge(chain: &[&[u8]], trust: &[&[u8]], at: OffsetDateTime) -> Report {
    let evidence = Evidence::from_ders(chain.iter().copied(), "peer", trust.iter().copied(), "trust").unwrap();
    diagnose(&evidence, &Question::server(Some(PeerName::Dns(HOST.to_owned())), at))
}

fn cause(report: &Report) -> Option<Code> {
    report.cause.as_ref().map(|finding| finding.code)
}

#[test]
fn a_sound_chain_is_valid_in_any_order_of_the_intermediates_and_rustls_agrees() {
    let root = root("Root");
    let upper = root.intermediate("Upper", None);
    let lower = upper.intermediate("Lower", None);
    let leaf = lower.leaf(|_| ());
    let report = judge(&[&leaf, &lower.der, &upper.der], &[&root.der], NOW);
    assert_eq!((report.verdict, cause(&report)), (Verdict::Valid, None), "{:?}", report.findings);
    let roles: Vec<_> = report.chain.iter().map(|entry| entry.role).collect();
    assert_eq!(roles, ["leaf", "intermediate", "intermediate", "root"]);
    assert_eq!(report.rustls.as_ref().unwrap()["accepts"], true);
    let report = judge(&[&leaf, &upper.der, &lower.der], &[&root.der], NOW);
    assert_eq!((report.verdict, cause(&report)), (Verdict::Valid, Some(Code::ChainOrder)));
}

#[test]
fn both_bounds_of_the_validity_belong_to_it() {
    let root = root("Root");
    let leaf = root.leaf(|_| ());
    let (first, last) = (NOW - Duration::days(1), NOW + Duration::days(1));
    for (at, expected) in [
        (first - Duration::SECOND, Some(Code::NotYetValid)),
        (first, None),
        (last, None),
        (last + Duration::milliseconds(999), None),
        (last + Duration::SECOND, Some(Code::Expired)),
    ] {
        assert_eq!(cause(&judge(&[&leaf], &[&root.der], at)), expected, "{at}");
    }
}

#[test]
fn of_two_paths_the_good_one_counts() {
    let (old, new) = (root("Old Root"), root("New Root"));
    let issuing = new.intermediate("Issuing", None);
    let cross = old.intermediate("Issuing", Some(&issuing));
    let leaf = issuing.leaf(|_| ());
    for trust in [&old, &new] {
        let report = judge(&[&leaf, &cross.der, &issuing.der], &[&trust.der], NOW);
        assert_eq!(report.verdict, Verdict::Valid, "{:?}", report.findings);
    }
}

#[test]
fn a_loop_of_cross_signatures_ends() {
    let (a, b) = (root("A"), root("B"));
    let a_by_b = b.intermediate("A", Some(&a));
    let b_by_a = a.intermediate("B", Some(&b));
    let report = judge(&[&a.leaf(|_| ()), &a_by_b.der, &b_by_a.der], &[&root("Elsewhere").der], NOW);
    assert_eq!(cause(&report), Some(Code::RootNotTrusted));
}

#[test]
fn many_cas_of_one_name_end_in_a_finding_within_the_budget() {
    let real = root("Root");
    let decoys: Vec<Ca> = (0..MAX_SIGNATURE_CHECKS + 20).map(|_| root("Root")).collect();
    let leaf = real.leaf(|_| ());
    let chain: Vec<&[u8]> = std::iter::once(leaf.as_slice()).chain(decoys.iter().map(|ca| ca.der.as_slice())).collect();
    let report = judge(&chain, &[&root("Elsewhere").der], NOW);
    assert_eq!(report.verdict, Verdict::Invalid);
    assert!(report.findings.iter().any(|finding| finding.code == Code::PathBudgetExceeded), "{:?}", report.findings);
}

#[test]
fn a_chain_deeper_than_the_bound_is_refused_and_not_followed() {
    let top = root("CA 0");
    let mut cas = vec![];
    let mut issuer = &top;
    for depth in 1..=super::MAX_DEPTH + 2 {
        cas.push(issuer.intermediate(&format!("CA {depth}"), None));
        issuer = cas.last().unwrap();
    }
    let leaf = issuer.leaf(|_| ());
    let chain: Vec<&[u8]> =
        std::iter::once(leaf.as_slice()).chain(cas.iter().rev().map(|ca| ca.der.as_slice())).collect();
    let report = judge(&chain, &[&top.der], NOW);
    assert_eq!(report.verdict, Verdict::Invalid);
    assert_eq!(report.chain.len(), super::MAX_DEPTH);
}

#[test]
fn self_issued_cas_do_not_count_for_the_path_length() {
    let mut limited = ca_params("Root");
    limited.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let key = KeyPair::generate().unwrap();
    let der = limited.self_signed(&key).unwrap().der().to_vec();
    let root = Ca { params: limited, key, der };
    let new_key_old_name = root.intermediate("Root", None);
    let report = judge(&[&new_key_old_name.leaf(|_| ()), &new_key_old_name.der], &[&root.der], NOW);
    assert_eq!(report.verdict, Verdict::Valid, "{:?}", report.findings);
    let lower = root.intermediate("Lower", None);
    let report = judge(&[&lower.leaf(|_| ()), &lower.der], &[&root.der], NOW);
    assert_eq!(cause(&report), Some(Code::PathLengthExceeded));
}

#[test]
fn a_leaf_with_its_cas_name_is_refused_only_where_nothing_tells_the_two_apart() {
    let root = root(HOST);
    let bare = root.leaf(|params| params.use_authority_key_identifier_extension = false);
    let report = judge(&[&bare], &[&root.der], NOW);
    assert_eq!((report.verdict, cause(&report)), (Verdict::Invalid, Some(Code::SameSubjectAsIssuer)));
    let refusing: Vec<_> = report.clients.iter().filter(|c| c.verdict == "rejects").map(|c| c.client).collect();
    assert_eq!(refusing, ["openssl", "openssl-strict", "curl", "python-3.11", "python-3.13", "node", "nss"]);
    assert!(report.clients[0].error.contains("18:self-signed certificate"));
    let told_apart = root.leaf(|params| params.is_ca = IsCa::ExplicitNoCa);
    let report = judge(&[&told_apart], &[&root.der], NOW);
    assert_eq!((report.verdict, cause(&report)), (Verdict::Valid, Some(Code::SameSubjectAsIssuer)));
    assert!(report.clients.iter().all(|client| client.verdict == "accepts"));
}

#[test]
fn text_from_a_certificate_cannot_steer_the_terminal() {
    let root = root("Root\u{1b}[2J");
    let leaf =
        root.leaf(|params| params.distinguished_name.push(DnType::OrganizationName, "x\r\ninjected: line\u{202e}"));
    let report = judge(&[&leaf], &[], NOW);
    let text = super::render::text(&report, super::render::Style::plain());
    assert!(!text.contains(['\u{1b}', '\r', '\u{202e}']), "{text:?}");
    assert!(!text.lines().any(|line| line.starts_with("injected")));
}
