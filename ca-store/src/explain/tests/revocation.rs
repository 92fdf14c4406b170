//! Revocation lists of every kind against one leaf.

use rcgen::{
    CertificateParams, CertificateRevocationListParams, CrlDistributionPoint, CrlIssuingDistributionPoint, CrlScope,
    KeyIdMethod, KeyUsagePurpose, RevocationReason, RevokedCertParams, SerialNumber,
};
use time::Duration;

use super::{Ca, HOST, NOW, cause, root};
use crate::explain::{Evidence, PeerName, Question, Report, Verdict, diagnose};
use crate::facts::Crl;
use crate::finding::Code;

const SERIAL: u64 = 4711;

fn list(serials: &[u64]) -> CertificateRevocationListParams {
    let entry = |serial: &u64| RevokedCertParams {
        serial_number: SerialNumber::from(*serial),
        revocation_time: NOW - Duration::hours(2),
        reason_code: Some(RevocationReason::KeyCompromise),
        invalidity_date: None,
    };
    CertificateRevocationListParams {
        this_update: NOW - Duration::hours(1),
        next_update: NOW + Duration::hours(1),
        crl_number: SerialNumber::from(1u64),
        issuing_distribution_point: None,
        revoked_certs: serials.iter().map(entry).collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    }
}

fn ca() -> Ca {
    let mut ca = root("Root");
    ca.params.key_usages.push(KeyUsagePurpose::CrlSign);
    ca.der = ca.params.self_signed(&ca.key).unwrap().der().to_vec();
    ca
}

fn signed(ca: &Ca, list: &CertificateRevocationListParams) -> Vec<u8> {
    list.signed_by(&ca.issuer()).unwrap().der().to_vec()
}

fn leaf(ca: &Ca, change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
    ca.leaf(|params| {
        params.serial_number = Some(SerialNumber::from(SERIAL));
        change(params);
    })
}

fn judge(leaf: &[u8], ca: &Ca, lists: &[Vec<u8>]) -> Report {
    let mut evidence = Evidence::from_ders([leaf], "peer", [ca.der.as_slice()], "trust").unwrap();
    evidence.crls = lists.iter().map(|der| (Crl::from_der(der).unwrap(), "list.crl".to_owned())).collect();
    diagnose(&evidence, &Question::server(Some(PeerName::Dns(HOST.to_owned())), NOW))
}

fn found(ca: &Ca, list: &CertificateRevocationListParams) -> Option<Code> {
    cause(&judge(&leaf(ca, |_| ()), ca, &[signed(ca, list)]))
}

#[test]
fn a_list_is_believed_where_it_is_fresh_and_signed_by_the_issuer() {
    let ca = ca();
    assert_eq!(found(&ca, &list(&[1, 2])), None);
    assert_eq!(found(&ca, &list(&[1, SERIAL])), Some(Code::Revoked));
    let stale =
        |serials: &[u64]| CertificateRevocationListParams { next_update: NOW - Duration::SECOND, ..list(serials) };
    assert_eq!(found(&ca, &stale(&[])), Some(Code::CrlExpired));
    // A revocation is not taken back because the list that tells of it is old.
    assert_eq!(found(&ca, &stale(&[SERIAL])), Some(Code::Revoked));
    let early = CertificateRevocationListParams {
        this_update: NOW + Duration::hours(1),
        next_update: NOW + Duration::hours(2),
        ..list(&[])
    };
    assert_eq!(found(&ca, &early), Some(Code::CrlNotYetValid));
}

#[test]
fn a_list_of_another_ca_or_key_says_nothing() {
    let ours = ca();
    let stranger = Ca {
        params: {
            let mut p = ours.params.clone();
            p.distinguished_name.push(rcgen::DnType::CommonName, "Other");
            p
        },
        ..ca()
    };
    let subject = leaf(&ours, |_| ());
    assert_eq!(cause(&judge(&subject, &ours, &[signed(&stranger, &list(&[SERIAL]))])), Some(Code::CrlNotApplicable));
    assert_eq!(cause(&judge(&subject, &ours, &[signed(&ca(), &list(&[SERIAL]))])), Some(Code::CrlSignatureInvalid));
}

#[test]
fn one_good_list_beside_a_stale_one_is_enough() {
    let ca = ca();
    let stale = CertificateRevocationListParams { next_update: NOW - Duration::SECOND, ..list(&[]) };
    assert_eq!(cause(&judge(&leaf(&ca, |_| ()), &ca, &[signed(&ca, &stale), signed(&ca, &list(&[]))])), None);
}

#[test]
fn a_ca_that_may_not_sign_lists_is_told() {
    let mut plain = ca();
    plain.params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    plain.der = plain.params.self_signed(&plain.key).unwrap().der().to_vec();
    let by_another = Ca {
        der: plain.der.clone(),
        key: rcgen::KeyPair::try_from(plain.key.serialize_der()).unwrap(),
        params: ca().params,
    };
    let der = signed(&by_another, &list(&[]));
    assert_eq!(cause(&judge(&leaf(&plain, |_| ()), &plain, &[der])), Some(Code::CrlSignMissing));
}

#[test]
fn a_partition_is_for_the_certificates_that_name_it() {
    let ca = ca();
    let point = |uri: &str, scope| CertificateRevocationListParams {
        issuing_distribution_point: Some(CrlIssuingDistributionPoint {
            distribution_point: CrlDistributionPoint { uris: vec![uri.to_owned()] },
            scope,
        }),
        ..list(&[])
    };
    let subject = leaf(&ca, |params| {
        params.crl_distribution_points = vec![CrlDistributionPoint { uris: vec!["http://crl.test/1".to_owned()] }];
    });
    let judged = |list: &CertificateRevocationListParams| cause(&judge(&subject, &ca, &[signed(&ca, list)]));
    assert_eq!(judged(&point("http://crl.test/1", None)), None);
    assert_eq!(judged(&point("http://crl.test/1", Some(CrlScope::UserCertsOnly))), None);
    assert_eq!(judged(&point("http://crl.test/2", None)), Some(Code::CrlNotApplicable));
    assert_eq!(judged(&point("http://crl.test/1", Some(CrlScope::CaCertsOnly))), Some(Code::CrlNotApplicable));
}

#[test]
fn a_list_without_number_or_end_is_used_and_noted() {
    let ca = ca();
    let leaf = leaf(&ca, |_| ());
    let mut evidence = Evidence::from_ders([leaf.as_slice()], "peer", [ca.der.as_slice()], "trust").unwrap();
    let mut crl = Crl::from_der(&signed(&ca, &list(&[]))).unwrap();
    (crl.number, crl.next_update) = (None, None);
    evidence.crls = vec![(crl, "list.crl".to_owned())];
    let report = diagnose(&evidence, &Question::server(Some(PeerName::Dns(HOST.to_owned())), NOW));
    let noted = report.findings.iter().filter(|finding| finding.code == Code::CrlMalformed);
    let missing: Vec<_> = noted.filter_map(|finding| finding.evidence["missing"].as_str()).collect();
    assert_eq!((report.verdict, missing), (Verdict::Valid, vec!["cRLNumber", "nextUpdate"]), "{:#?}", report.findings);
}
