//! The same chains under each profile.

use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, SanType};

use time::Duration;
use time::macros::datetime;

use super::{Ca, HOST, NOW, ca_params};
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
fn an_entry_that_is_no_host_name_beside_a_good_one_is_refused_by_the_letter_alone() {
    let root = sound_root();
    let (long_label, long_name) = ("a".repeat(64) + ".example.test", vec!["a".repeat(60); 5].join("."));
    for (entry, is_name) in [
        ("a_b.example.test", false),
        ("192.0.2.1", false),
        ("-a.example.test", false),
        ("a.example-.test", false),
        (&long_label, false),
        (&long_name, false),
        ("*.a-b.example.test", true),
        ("xn--bcher-kva.example.test", true),
    ] {
        let name = SanType::DnsName(entry.try_into().unwrap());
        let leaf = root.leaf(|leaf| leaf.subject_alt_names.push(name));
        let by_the_letter = if is_name { None } else { Some(Code::SanMalformed) };
        assert_eq!(causes(&root, &leaf), [None, by_the_letter, by_the_letter], "{entry}");
    }
}

#[test]
fn a_ca_says_what_its_key_is_for() {
    let mut params = ca_params("Root");
    params.use_authority_key_identifier_extension = false;
    params.key_usages = Vec::new();
    let root = with_key(params);
    assert_eq!(
        causes(&root, &root.leaf(|_| ())),
        [None, Some(Code::KeyCertSignMissing), Some(Code::KeyCertSignMissing)]
    );
}

#[test]
fn a_public_servers_certificate_is_for_tls_alone() {
    let root = sound_root();
    for (purpose, of_public) in [
        (ExtendedKeyUsagePurpose::ClientAuth, None),
        (ExtendedKeyUsagePurpose::EmailProtection, Some(Code::ExtensionNotAllowed)),
        (ExtendedKeyUsagePurpose::CodeSigning, Some(Code::ExtensionNotAllowed)),
    ] {
        let leaf = root.leaf(|leaf| leaf.extended_key_usages.push(purpose.clone()));
        assert_eq!(causes(&root, &leaf), [None, None, of_public], "{purpose:?}");
    }
}

/// Baseline Requirements section 7.1.2.1.3 is of roots: what issued itself below another names the key that signed it.
#[test]
fn a_roll_over_names_the_key_of_the_other_root() {
    let old = sound_root();
    let new = old.intermediate("Root", None);
    let leaf = new.leaf(|_| ());
    let evidence = Evidence::from_ders([leaf.as_slice(), &new.der], "peer", [old.der.as_slice()], "trust").unwrap();
    let asked = Question::server(Some(PeerName::Dns(HOST.to_owned())), NOW);
    let report = diagnose(&evidence, &Question { profile: Profile::Webpki, ..asked });
    assert_eq!(report.verdict, Verdict::Valid, "{:?}", report.findings);
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

/// Baseline Requirements section 7.1.3.2.2; every client takes the other digests too, but for SHA-512 in ring.
#[test]
fn a_public_ca_signs_with_the_digest_of_its_curve() {
    for (curve, digest, of_public) in [
        (&rcgen::PKCS_ECDSA_P256_SHA256, "SHA-256", None),
        (&rcgen::PKCS_ECDSA_P384_SHA384, "SHA-384", None),
        (&rcgen::PKCS_ECDSA_P521_SHA256, "SHA-256", Some(Code::KeyNotAllowed)),
        (&rcgen::PKCS_ECDSA_P521_SHA512, "SHA-512", None),
    ] {
        let mut params = ca_params("Root");
        params.use_authority_key_identifier_extension = false;
        let key = KeyPair::generate_for(curve).unwrap();
        let der = params.self_signed(&key).unwrap().der().to_vec();
        let root = Ca { params, key, der };
        assert_eq!(causes(&root, &root.leaf(|_| ())), [None, None, of_public], "{digest}");
    }
}

/// RFC 5280 section 4.1.2.5.1: a UTCTime is of 1950 or later; rustls reads none before 1970.
#[test]
fn a_validity_from_1950_on_is_one() {
    let root = sound_root();
    let leaf = root.leaf(|leaf| leaf.not_before = datetime!(1950-01-01 00:00 UTC));
    assert_eq!(causes(&root, &leaf)[..2], [None; 2]);
}
