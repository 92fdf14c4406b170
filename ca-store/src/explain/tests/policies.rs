//! Certificate policies: required, inhibited, mapped.

use rcgen::{CertificateParams, CustomExtension};

use super::{Ca, NOW, ca_params, cause, judge, root};
use crate::finding::Code;

const ANY: &[u8] = &[0x55, 0x1d, 0x20, 0x00];
/// 1.2.3.4
const GOLD: &[u8] = &[0x2a, 0x03, 0x04];
/// 1.2.3.5
const SILVER: &[u8] = &[0x2a, 0x03, 0x05];

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    [&[tag, u8::try_from(content.len()).expect("a short element")][..], content].concat()
}

fn extension(last_arc: u64, content: &[u8]) -> CustomExtension {
    CustomExtension::from_oid_content(&[2, 5, 29, last_arc], tlv(0x30, content))
}

fn policies(params: &mut CertificateParams, oids: &[&[u8]]) {
    let list: Vec<u8> = oids.iter().flat_map(|oid| tlv(0x30, &tlv(0x06, oid))).collect();
    params.custom_extensions.push(extension(32, &list));
}

fn mapping(params: &mut CertificateParams, from: &[u8], to: &[u8]) {
    let pair = tlv(0x30, &[tlv(0x06, from), tlv(0x06, to)].concat());
    let mut extension = extension(33, &pair);
    extension.set_criticality(true);
    params.custom_extensions.push(extension);
}

/// requireExplicitPolicy is `[0]`, inhibitPolicyMapping `[1]`.
fn constraint(params: &mut CertificateParams, field: u8, skip: u8) {
    let mut extension = extension(36, &tlv(0x80 | field, &[skip]));
    extension.set_criticality(true);
    params.custom_extensions.push(extension);
}

fn inhibit_any(params: &mut CertificateParams, skip: u8) {
    let content = tlv(0x02, &[skip]);
    let mut extension = CustomExtension::from_oid_content(&[2, 5, 29, 54], content);
    extension.set_criticality(true);
    params.custom_extensions.push(extension);
}

/// An intermediate and a leaf below one root, each changed.
fn chain(ca: impl FnOnce(&mut CertificateParams), leaf: impl FnOnce(&mut CertificateParams)) -> Option<Code> {
    let root = root("Root");
    let mut params = ca_params("Issuing");
    ca(&mut params);
    let key = rcgen::KeyPair::generate().unwrap();
    let der = params.signed_by(&key, &root.issuer()).unwrap().der().to_vec();
    let issuing = Ca { params, key, der };
    // That rustls refuses a critical policyConstraints, whatever it says, is a warning and no matter here.
    cause(&judge(&[&issuing.leaf(leaf), &issuing.der], &[&root.der], NOW)).filter(|code| *code == Code::PolicyViolated)
}

#[test]
fn a_policy_that_nobody_requires_may_be_missing() {
    assert_eq!(chain(|_| (), |_| ()), None);
    assert_eq!(chain(|ca| policies(ca, &[GOLD]), |leaf| policies(leaf, &[SILVER])), None);
}

#[test]
fn a_required_policy_must_hold_down_to_the_leaf() {
    let required = |ca: &mut CertificateParams, oids: &[&[u8]]| {
        policies(ca, oids);
        constraint(ca, 0, 0);
    };
    for (of_ca, of_leaf, expected) in [
        (&[GOLD][..], &[GOLD][..], None),
        (&[ANY], &[GOLD], None),
        (&[GOLD], &[ANY], None),
        (&[GOLD], &[SILVER], Some(Code::PolicyViolated)),
        (&[GOLD], &[], Some(Code::PolicyViolated)),
    ] {
        let leaf = |leaf: &mut CertificateParams| {
            if !of_leaf.is_empty() {
                policies(leaf, of_leaf);
            }
        };
        assert_eq!(chain(|ca| required(ca, of_ca), leaf), expected, "{of_ca:?} {of_leaf:?}");
    }
}

#[test]
fn any_policy_counts_until_it_is_inhibited() {
    let found = chain(
        |ca| {
            policies(ca, &[GOLD]);
            constraint(ca, 0, 0);
            inhibit_any(ca, 0);
        },
        |leaf| policies(leaf, &[ANY]),
    );
    assert_eq!(found, Some(Code::PolicyViolated));
}

#[test]
fn a_mapped_policy_takes_the_place_of_the_other() {
    let mapped = |ca: &mut CertificateParams| {
        policies(ca, &[GOLD]);
        constraint(ca, 0, 0);
        mapping(ca, GOLD, SILVER);
    };
    assert_eq!(chain(mapped, |leaf| policies(leaf, &[SILVER])), None);
    assert_eq!(chain(mapped, |leaf| policies(leaf, &[GOLD])), Some(Code::PolicyViolated));
}

#[test]
fn any_policy_is_never_mapped_by_a_ca() {
    for (from, to) in [(ANY, SILVER), (GOLD, ANY)] {
        let mapped = |ca: &mut CertificateParams| {
            policies(ca, &[ANY]);
            mapping(ca, from, to);
        };
        assert_eq!(chain(mapped, |leaf| policies(leaf, &[SILVER])), Some(Code::PolicyViolated), "{from:?} {to:?}");
        // A leaf's mapping is asked for nothing.
        assert_eq!(chain(|_| (), |leaf| mapping(leaf, from, to)), None);
    }
}

/// Measured with Chromium; section 6.1 begins below the anchor, and the others with it.
#[test]
fn what_a_root_requires_is_asked_by_chromium_alone() {
    type Change = fn(&mut CertificateParams);
    let cases: [(Change, Change, bool); 6] = [
        (|root| constraint(root, 0, 0), |_| (), true),
        (|root| constraint(root, 0, 1), |_| (), true),
        (|root| constraint(root, 0, 2), |_| (), false),
        (|root| constraint(root, 0, 0), |leaf| policies(leaf, &[GOLD]), false),
        (
            |root| {
                constraint(root, 0, 0);
                policies(root, &[SILVER]);
            },
            |leaf| policies(leaf, &[GOLD]),
            true,
        ),
        (|root| constraint(root, 1, 0), |_| (), false),
    ];
    for (at, (of_root, of_leaf, refused)) in cases.into_iter().enumerate() {
        let mut params = ca_params("Root");
        of_root(&mut params);
        let key = rcgen::KeyPair::generate().unwrap();
        let der = params.self_signed(&key).unwrap().der().to_vec();
        let root = Ca { params, key, der };
        let report = judge(&[&root.leaf(of_leaf)], &[&root.der], NOW);
        let chromium = report.clients.iter().find(|it| it.client == "chromium").unwrap().verdict == "rejects";
        assert_eq!((report.verdict, chromium), (crate::explain::Verdict::Valid, refused), "{at}");
    }
}
