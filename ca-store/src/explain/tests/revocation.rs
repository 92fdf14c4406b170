//! Revocation lists of every kind against one leaf.

use rcgen::{
    CertificateParams, CertificateRevocationListParams, CrlDistributionPoint, CrlIssuingDistributionPoint, CrlScope,
    KeyIdMethod, KeyUsagePurpose, RevocationReason, RevokedCertParams, SerialNumber,
};
use time::Duration;

use super::{Ca, HOST, NOW, cause, root};
use crate::explain::{Evidence, PeerName, Profile, Question, Report, Verdict, diagnose};
use crate::facts::{Certificate, Crl, wrapped};
use crate::finding::{Code, Severity};

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

/// RFC 5280 sections 5.3 and 5.3.2: a list that was made later tells how it was at the time that is asked for.
#[test]
fn a_revocation_after_the_time_that_is_asked_for_does_not_count() {
    let ca = ca();
    let leaf = leaf(&ca, |_| ());
    let at = |hours: i64, invalid_since: Option<i64>, asked: bool| {
        let mut list = list(&[SERIAL]);
        list.revoked_certs[0].invalidity_date = invalid_since.map(|hours| NOW + Duration::hours(hours));
        let mut evidence = Evidence::from_ders([leaf.as_slice()], "peer", [ca.der.as_slice()], "trust").unwrap();
        evidence.crls = vec![(Crl::from_der(&signed(&ca, &list)).unwrap(), "list.crl".to_owned())];
        let time = NOW + Duration::hours(hours);
        evidence.situation.at = asked.then_some(time);
        let question = Question::server(Some(PeerName::Dns(HOST.to_owned())), time);
        let report = diagnose(&evidence, &question);
        report.findings.iter().any(|finding| finding.code == Code::Revoked)
    };
    // The certificate was revoked two hours ago, and the list made one hour ago.
    for (hours, invalid_since, asked, revoked) in [
        (0, None, true, true),
        (-3, None, true, false),
        (-3, Some(-4), true, true),
        (-3, Some(-2), true, false),
        (-3, None, false, true),
    ] {
        assert_eq!(at(hours, invalid_since, asked), revoked, "{hours} hours, {invalid_since:?}, asked: {asked}");
    }
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
    // curl and Node look up the root as well, which is in no partition.
    assert_eq!(judged(&point("http://crl.test/1", None)), Some(Code::CrlMissing));
    assert_eq!(judged(&point("http://crl.test/1", Some(CrlScope::UserCertsOnly))), Some(Code::CrlMissing));
    let complete = [signed(&ca, &point("http://crl.test/1", None)), signed(&ca, &list(&[]))];
    assert_eq!(cause(&judge(&subject, &ca, &complete)), None);
    assert_eq!(judged(&point("http://crl.test/2", None)), Some(Code::CrlNotApplicable));
    assert_eq!(judged(&point("http://crl.test/1", Some(CrlScope::CaCertsOnly))), Some(Code::CrlNotApplicable));
}

/// An Extension whose OCTET STRING holds that.
fn extension(oid: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let criticality: &[u8] = if critical { &[0x01, 0x01, 0xff] } else { &[] };
    wrapped(0x30, &[&wrapped(0x06, &[oid]), criticality, &wrapped(0x04, &[value])])
}

/// A list of the CA with one revoked certificate, of another serial number, that has this extension; and the list's own extensions.
fn by_hand(ca: &Ca, of_entry: &[u8], of_list: &[Vec<u8>]) -> Vec<u8> {
    let time = |time: time::OffsetDateTime| {
        let text =
            time.format(time::macros::format_description!("[year repr:last_two][month][day][hour][minute][second]Z"));
        wrapped(0x17, &[text.unwrap().as_bytes()])
    };
    // ecdsa-with-SHA256, and the issuer as its own certificate has it.
    let algorithm = wrapped(0x30, &[&wrapped(0x06, &[&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]])]);
    let issuer = Certificate::from_der(&ca.der).unwrap().subject.der().to_vec();
    let entry = wrapped(0x30, &[&[0x02, 0x01, 0x63], &time(NOW - Duration::hours(2)), &wrapped(0x30, &[of_entry])]);
    let number = extension(&[0x55, 0x1d, 0x14], false, &[0x02, 0x01, 0x01]);
    let extensions: Vec<&[u8]> = std::iter::once(&number).chain(of_list).map(Vec::as_slice).collect();
    let signed = wrapped(
        0x30,
        &[
            &[0x02, 0x01, 0x01],
            &algorithm,
            &issuer,
            &time(NOW - Duration::hours(1)),
            &time(NOW + Duration::hours(1)),
            &wrapped(0x30, &[&entry]),
            &wrapped(0xa0, &[&wrapped(0x30, &extensions)]),
        ],
    );
    let signature = rcgen::SigningKey::sign(&ca.key, &signed).unwrap();
    wrapped(0x30, &[&signed, &algorithm, &wrapped(0x03, &[&[0], &signature])])
}

/// 1.3.6.1.4.1.99999.9, an extension of nobody's.
const UNKNOWN: [u8; 9] = [0x2b, 0x06, 0x01, 0x04, 0x01, 0x86, 0x8d, 0x1f, 0x09];
const NULL: [u8; 2] = [0x05, 0x00];

/// RFC 5280 section 5.3: such a list says nothing of any certificate, not only of the one that the entry is of.
#[test]
fn a_list_with_a_critical_extension_that_is_not_understood_is_not_used() {
    let ca = ca();
    let subject = leaf(&ca, |_| ());
    let judged = |list: Vec<u8>| judge(&subject, &ca, &[list]);
    let reason = |critical| extension(&[0x55, 0x1d, 0x15], critical, &[0x0a, 0x01, 0x01]);
    for (of_entry, of_list, expected) in [
        (reason(false), vec![], None),
        (reason(true), vec![], None),
        (extension(&UNKNOWN, false, &NULL), vec![], None),
        (extension(&UNKNOWN, true, &NULL), vec![], Some("an entry")),
        // certificateIssuer is of indirect lists, which are not followed.
        (extension(&[0x55, 0x1d, 0x1d], true, &[0x30, 0x00]), vec![], Some("an entry")),
        (reason(false), vec![extension(&UNKNOWN, false, &NULL)], None),
        (reason(false), vec![extension(&UNKNOWN, true, &NULL)], Some("itself")),
    ] {
        let report = judged(by_hand(&ca, &of_entry, &of_list));
        let whose = report.cause.as_ref().and_then(|cause| cause.evidence["whose"].as_str());
        assert_eq!(cause(&report), expected.map(|_| Code::UnknownCriticalExtension), "{:#?}", report.findings);
        assert_eq!(whose, expected, "{:#?}", report.findings);
    }
}

#[test]
fn a_partition_may_be_named_below_its_issuer() {
    let ca = ca();
    let common_name =
        |text: &str| wrapped(0x30, &[&[0x06, 0x03, 0x55, 0x04, 0x03], &wrapped(0x0c, &[text.as_bytes()])]);
    // nameRelativeToCRLIssuer, in the list and in the certificate.
    let point = |text: &str| wrapped(0xa0, &[&wrapped(0xa1, &[&common_name(text)])]);
    let of_certificate = |text: &str| {
        leaf(&ca, |params| {
            let points = wrapped(0x30, &[&wrapped(0x30, &[&point(text)])]);
            params.custom_extensions = vec![rcgen::CustomExtension::from_oid_content(&[2, 5, 29, 31], points)];
        })
    };
    let scope = extension(&[0x55, 0x1d, 0x1c], true, &wrapped(0x30, &[&point("part 1")]));
    let list = by_hand(&ca, &extension(&[0x55, 0x1d, 0x15], false, &[0x0a, 0x01, 0x01]), &[scope]);
    let judged = |subject: &[u8]| judge(subject, &ca, std::slice::from_ref(&list));
    // It applies; that rustls takes no such list, and that curl and Node look up the root, are warnings.
    let named = judged(&of_certificate("part 1"));
    let warned = |code: Code| named.findings.iter().any(|it| it.code == code && it.severity == Severity::Warning);
    assert_eq!(named.verdict, Verdict::Valid, "{:#?}", named.findings);
    assert!(warned(Code::CrlMissing) && warned(Code::CrlNotApplicable), "{:#?}", named.findings);
    for other in [of_certificate("part 2"), leaf(&ca, |_| ())] {
        let report = judged(&other);
        assert_eq!((cause(&report), report.verdict), (Some(Code::CrlNotApplicable), Verdict::Invalid));
    }
}

/// What rustls says beside us, and why it differs.
fn beside(report: &Report) -> (bool, bool, String) {
    let rustls = report.rustls.as_ref().unwrap();
    let text = |name: &str| rustls[name].as_str().unwrap().to_owned();
    let said = if rustls["agrees"] == true { text("error") } else { text("why") };
    (rustls["accepts"] == true, rustls["agrees"] == true, said)
}

#[test]
fn rustls_is_given_the_lists_and_where_it_differs_says_why() {
    let ca = ca();
    let subject = leaf(&ca, |_| ());
    let asked = |list: &CertificateRevocationListParams| beside(&judge(&subject, &ca, &[signed(&ca, list)]));
    assert_eq!(asked(&list(&[1, 2])), (true, true, String::new()));
    assert_eq!(asked(&list(&[SERIAL])), (false, true, "invalid peer certificate: Revoked".to_owned()));
    let stale = CertificateRevocationListParams { next_update: NOW - Duration::SECOND, ..list(&[]) };
    let (accepts, agrees, why) = asked(&stale);
    assert_eq!((accepts, agrees), (true, false));
    assert!(why.contains("dates"), "{why}");
    // A list beyond the bound, in which the leaf stands: ours alone reads it.
    let crowd: Vec<u64> = (10_000..40_000).chain([SERIAL]).collect();
    let (accepts, agrees, why) = asked(&list(&crowd));
    assert_eq!((accepts, agrees), (true, false));
    assert!(why.contains("not given 1 of the revocation lists"), "{why}");
}

/// The issuing CA is on the root's list: seen where every CA has a list, and told where rustls could not be asked.
#[test]
fn rustls_is_asked_about_the_whole_path_where_there_are_lists_for_it() {
    let root = ca();
    let mut issuing = root.intermediate("Issuing", None);
    issuing.params.key_usages.push(KeyUsagePurpose::CrlSign);
    issuing.params.serial_number = Some(SerialNumber::from(SERIAL));
    issuing.der = issuing.params.signed_by(&issuing.key, &root.issuer()).unwrap().der().to_vec();
    let subject = issuing.leaf(|_| ());
    let judged = |lists: &[Vec<u8>]| {
        let mut evidence =
            Evidence::from_ders([&subject[..], &issuing.der], "peer", [root.der.as_slice()], "trust").unwrap();
        evidence.crls = lists.iter().map(|der| (Crl::from_der(der).unwrap(), "list.crl".to_owned())).collect();
        diagnose(&evidence, &Question::server(Some(PeerName::Dns(HOST.to_owned())), NOW))
    };
    let (of_root, of_issuing) = (signed(&root, &list(&[SERIAL])), signed(&issuing, &list(&[])));
    let both = judged(&[of_root, of_issuing.clone()]);
    assert_eq!(cause(&both), Some(Code::Revoked));
    assert_eq!(beside(&both), (false, true, "invalid peer certificate: Revoked".to_owned()));
    let one = judged(&[of_issuing]);
    assert_eq!((one.verdict, cause(&one)), (Verdict::Valid, Some(Code::CrlMissing)), "{:#?}", one.findings);
    assert_eq!(beside(&one), (true, true, String::new()));
}

#[test]
fn a_list_without_number_or_end_is_used_and_told() {
    let ca = ca();
    let leaf = leaf(&ca, |_| ());
    let mut evidence = Evidence::from_ders([leaf.as_slice()], "peer", [ca.der.as_slice()], "trust").unwrap();
    let mut crl = Crl::from_der(&signed(&ca, &list(&[]))).unwrap();
    (crl.number, crl.next_update) = (None, None);
    evidence.crls = vec![(crl, "list.crl".to_owned())];
    let report = diagnose(&evidence, &Question::server(Some(PeerName::Dns(HOST.to_owned())), NOW));
    let noted = report.findings.iter().filter(|finding| finding.code == Code::CrlMalformed);
    let missing: Vec<_> = noted.filter_map(|finding| finding.evidence["missing"].as_str()).collect();
    assert_eq!((report.verdict, missing), (Verdict::Valid, vec!["nextUpdate", "cRLNumber"]), "{:#?}", report.findings);
}

/// What OpenSSL's verification makes of them: "unhandled critical CRL extension" and "unable to get certificate CRL".
#[test]
fn what_some_clients_do_not_use_in_a_list_is_a_warning() {
    let ca = ca();
    let leaf = leaf(&ca, |_| ());
    let changed = |change: fn(&mut Crl)| {
        let mut crl = Crl::from_der(&signed(&ca, &list(&[]))).unwrap();
        change(&mut crl);
        crl
    };
    let sound = || changed(|_| ());
    let of_another = || changed(|crl| crl.authority_key_identifier = Some(vec![7; 20]));
    for (lists, expected) in [
        (vec![sound()], None),
        (vec![changed(|crl| crl.misgraded = vec!["cRLNumber"])], Some(Code::CrlMalformed)),
        (vec![of_another()], Some(Code::CrlNotApplicable)),
        (vec![of_another(), sound()], None),
    ] {
        let mut evidence = Evidence::from_ders([leaf.as_slice()], "peer", [ca.der.as_slice()], "trust").unwrap();
        evidence.crls = lists.into_iter().map(|crl| (crl, "list.crl".to_owned())).collect();
        let report = diagnose(&evidence, &Question::server(Some(PeerName::Dns(HOST.to_owned())), NOW));
        assert_eq!((report.verdict, cause(&report)), (Verdict::Valid, expected), "{:#?}", report.findings);
        let refusing: Vec<&str> =
            report.clients.iter().filter(|it| it.verdict == "rejects").map(|it| it.client).collect();
        let strict = ["openssl", "openssl-strict", "curl", "python-3.11", "python-3.13", "node", "java"];
        assert_eq!(refusing, if expected.is_some() { &strict[..] } else { &[] });
    }
}

/// A tag that a changed octet made another's.
#[test]
fn a_list_that_is_not_of_its_shape_is_none() {
    let ca = ca();
    let sound = signed(&ca, &list(&[]));
    assert!(Crl::from_der(&sound).is_ok());
    // The object identifiers in an algorithm, in a name and in an extension: ECDSA with SHA-256, commonName, authorityKeyIdentifier.
    let names: [&[u8]; 3] =
        [&[0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2], &[0x06, 3, 0x55, 4, 3], &[0x06, 3, 0x55, 0x1d, 0x23]];
    for name in names {
        let mut places = sound.windows(name.len()).enumerate().filter(|(_, octets)| *octets == name).peekable();
        assert!(places.peek().is_some(), "{name:x?}");
        for (at, _) in places {
            let mut changed = sound.clone();
            changed[at] = 0x07;
            assert!(Crl::from_der(&changed).is_err(), "{name:x?} at {at}");
        }
    }
}

#[test]
fn what_a_list_must_not_say_is_an_error_by_the_letter_alone() {
    let ca = ca();
    let leaf = leaf(&ca, |_| ());
    let sound = || Crl::from_der(&signed(&ca, &list(&[]))).unwrap();
    let changed = |change: fn(&mut Crl)| {
        let mut crl = sound();
        change(&mut crl);
        crl
    };
    for (what, crl, is_sound) in [
        ("sound", sound(), true),
        ("no key identifier", changed(|crl| crl.authority_key_identifier = None), false),
        ("20 octets", changed(|crl| crl.number = Some("f".repeat(40))), true),
        ("21 octets", changed(|crl| crl.number = Some("1".repeat(41))), false),
        ("twice", changed(|crl| crl.twice = Some("2.5.29.20".to_owned())), false),
    ] {
        let mut evidence = Evidence::from_ders([leaf.as_slice()], "peer", [ca.der.as_slice()], "trust").unwrap();
        evidence.crls = vec![(crl, "list.crl".to_owned())];
        for (profile, is_judged) in [(Profile::Private, false), (Profile::Rfc5280, true)] {
            let question = Question { profile, ..Question::server(Some(PeerName::Dns(HOST.to_owned())), NOW) };
            let report = diagnose(&evidence, &question);
            let found = report.findings.iter().any(|finding| finding.code == Code::CrlMalformed);
            let expected = if is_judged && !is_sound { Verdict::Invalid } else { Verdict::Valid };
            assert_eq!((found, report.verdict), (!is_sound, expected), "{what} {profile:?}");
        }
    }
}

/// Measured with openssl, curl, wget, gnutls-cli, Python, Node, NSS and rustls.
#[test]
fn a_list_that_some_clients_read_otherwise_is_told() {
    let ca = ca();
    let refusing = |report: &Report| -> Vec<&str> {
        report.clients.iter().filter(|it| it.verdict == "rejects").map(|it| it.client).collect()
    };
    let removed = CertificateRevocationListParams {
        revoked_certs: vec![RevokedCertParams {
            serial_number: SerialNumber::from(SERIAL),
            revocation_time: NOW - Duration::hours(2),
            reason_code: Some(RevocationReason::RemoveFromCrl),
            invalidity_date: None,
        }],
        ..list(&[])
    };
    let report = judge(&leaf(&ca, |_| ()), &ca, &[signed(&ca, &removed)]);
    assert_eq!((report.verdict, cause(&report)), (Verdict::Valid, Some(Code::CrlMalformed)));
    assert_eq!(refusing(&report), ["wget", "gnutls", "rustls", "rustls-aws-lc", "nss"]);
    // As `openssl ca -gencrl` makes one where the configuration names no extensions.
    let mut bare = list(&[]);
    bare.crl_number = SerialNumber::from(7u64);
    let bare = without_extensions(&signed(&ca, &bare), &ca);
    let report = judge(&leaf(&ca, |_| ()), &ca, &[bare]);
    assert_eq!((report.verdict, cause(&report)), (Verdict::Valid, Some(Code::CrlMalformed)));
    assert_eq!(refusing(&report), ["rustls", "rustls-aws-lc"]);
}

/// The list signed anew, without its version and its extensions.
fn without_extensions(list: &[u8], ca: &Ca) -> Vec<u8> {
    use crate::facts::der::{element, sequence, wrapped};
    let whole = sequence(list).unwrap();
    let signed = element(whole).unwrap();
    let algorithm = element(signed.rest).unwrap();
    let mut parts: Vec<&[u8]> = Vec::new();
    let mut rest = signed.content;
    while let Some(part) = element(rest) {
        if !matches!(part.tag, 0x02 | 0xa0) {
            parts.push(part.whole);
        }
        rest = part.rest;
    }
    let body = wrapped(0x30, &parts);
    let signature = rcgen::SigningKey::sign(&ca.key, &body).unwrap();
    wrapped(0x30, &[&body, algorithm.whole, &wrapped(0x03, &[&[0], &signature])])
}
