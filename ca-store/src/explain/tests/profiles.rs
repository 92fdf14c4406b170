//! The same chains under each profile.

use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, SanType};

use time::Duration;
use time::macros::datetime;

use super::{Ca, HOST, NOW, ca_params, root};
use crate::explain::{Evidence, PeerName, Profile, Question, Verdict, diagnose};
use crate::finding::Code;

/// The causes under `private`, `rfc5280` and `webpki`; none where the chain is valid.
type Causes = [Option<Code>; 3];

fn causes(root: &Ca, leaf: &[u8]) -> Causes {
    let evidence = Evidence::from_ders([leaf], "peer", [root.der.as_slice()], "trust").unwrap();
    [Profile::Private, Profile::Rfc5280, Profile::Webpki].map(|profile| {
        let question = Question { profile, ..Question::server(Some(PeerName::Dns(HOST.to_owned())), NOW) };
        let report = diagnose(&evidence, &question);
        report.cause.filter(|_| report.verdict == Verdict::Invalid).map(|cause| cause.code)
    })
}

/// A root that all profiles accept: its AKI, if any, is its own.
fn sound_root() -> Ca {
    let mut params = ca_params("Root");
    params.use_authority_key_identifier_extension = false;
    with_key(params)
}

fn with_key(params: CertificateParams) -> Ca {
    let key = KeyPair::generate().unwrap();
    let der = params.self_signed(&key).unwrap().der().to_vec();
    Ca { params, key, der }
}

#[test]
fn a_sound_chain_is_valid_under_every_profile() {
    let root = sound_root();
    assert_eq!(causes(&root, &root.leaf(|_| ())), [None; 3]);
}

#[test]
fn profiles_differ_where_the_table_says_so() {
    let root = sound_root();
    let cases: [(&str, Vec<u8>, Causes); 5] = [
        ("no purposes", root.leaf(|leaf| leaf.extended_key_usages = Vec::new()), [None, None, Some(Code::EkuMissing)]),
        (
            "any purpose",
            root.leaf(|leaf| leaf.extended_key_usages.push(ExtendedKeyUsagePurpose::Any)),
            [None, None, Some(Code::ExtensionNotAllowed)],
        ),
        (
            "another common name",
            root.leaf(|leaf| leaf.distinguished_name.push(rcgen::DnType::CommonName, "elsewhere.example.test")),
            [None, None, Some(Code::CommonNameNotInSan)],
        ),
        (
            "no AKI",
            root.leaf(|leaf| leaf.use_authority_key_identifier_extension = false),
            [None, Some(Code::AkiMissing), Some(Code::AkiMissing)],
        ),
        (
            "a CA as leaf",
            root.leaf(|leaf| {
                leaf.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
                leaf.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
            }),
            [None, None, Some(Code::LeafIsCa)],
        ),
    ];
    for (what, leaf, expected) in cases {
        assert_eq!(causes(&root, &leaf), expected, "{what}");
    }
}

#[test]
fn an_underscore_in_another_entry_is_refused_by_the_letter_alone() {
    let root = root("Root");
    let leaf = root.leaf(|leaf| leaf.subject_alt_names.push(SanType::DnsName("a_b.example.test".try_into().unwrap())));
    let [private, rfc5280, _] = causes(&root, &leaf);
    assert_eq!((private, rfc5280), (None, Some(Code::SanMalformed)));
}

/// Baseline Requirements section 6.3.2, by the certificate's own day of issue; both its ends belong to the time.
#[test]
fn public_cas_certify_for_ever_shorter_and_others_as_they_like() {
    let mut params = ca_params("Root");
    params.use_authority_key_identifier_extension = false;
    (params.not_before, params.not_after) = (datetime!(2009-01-01 0:00 UTC), datetime!(2049-01-01 0:00 UTC));
    let root = with_key(params);
    for (issued, days) in [
        (datetime!(2018-03-01 0:00 UTC), 825),
        (datetime!(2020-09-01 0:00 UTC), 398),
        (datetime!(2026-03-15 0:00 UTC), 200),
        (datetime!(2027-03-15 0:00 UTC), 100),
        (datetime!(2029-03-15 0:00 UTC), 47),
    ] {
        let at = issued + Duration::days(1);
        for (seconds, expected) in [(-1, None), (0, Some(Code::ValidityLong))] {
            let leaf = root.leaf(|leaf| {
                leaf.not_before = issued;
                leaf.not_after = issued + Duration::days(days) + Duration::seconds(seconds);
            });
            let evidence = Evidence::from_ders([leaf.as_slice()], "peer", [root.der.as_slice()], "trust").unwrap();
            for (profile, expected) in [(Profile::Private, None), (Profile::Rfc5280, None), (Profile::Webpki, expected)]
            {
                let question = Question { profile, ..Question::server(Some(PeerName::Dns(HOST.to_owned())), at) };
                let report = diagnose(&evidence, &question);
                let cause = report.cause.filter(|_| report.verdict == Verdict::Invalid).map(|cause| cause.code);
                assert_eq!(cause, expected, "{issued} {days} {seconds} {profile:?}");
            }
        }
    }
    // What was issued before there was a limit has none.
    let old = root.leaf(|leaf| {
        leaf.not_before = datetime!(2010-01-01 0:00 UTC);
        leaf.not_after = datetime!(2040-01-01 0:00 UTC);
    });
    assert_eq!(causes(&root, &old), [None; 3]);
}
