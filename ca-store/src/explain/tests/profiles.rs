//! The same chains under each profile.

use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, SanType};

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
