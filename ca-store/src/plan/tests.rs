use super::*;
use crate::key::{KeyKind, PrivateKey};
use crate::profile;
use crate::rehearse::rehearse_authorities;
use crate::sign::sign;
use time::macros::datetime;

const NOW: OffsetDateTime = datetime!(2030-01-01 12:00 UTC);

fn serial(octet: u8) -> Serial {
    Serial::from_random([octet; Serial::OCTETS])
}

/// A root that issues, with limits, and its key.
fn authority(name: &str, dns: &[&str], days: u32) -> (Authority, PrivateKey) {
    let key = PrivateKey::generate(KeyKind::EcdsaP256).unwrap();
    let dns: Vec<_> = dns.iter().map(ToString::to_string).collect();
    let draft = CaDraft {
        name: &CommonName::parse(name).unwrap(),
        attributes: &SubjectAttributes::default(),
        public_key: &key.public_key().unwrap(),
        serial: serial(1),
        validity: Validity::new(NOW, days, None).unwrap(),
        profile: profile::root(0),
        constraints: &NameConstraints::parse(&dns, &[]).unwrap(),
    };
    let checked = rehearse_authorities(vec![CertificatePlan::root(draft)], NOW).unwrap();
    let signed = sign(checked.into_iter().next().unwrap(), &key).unwrap();
    (Authority::from_der(signed.der()).unwrap(), key)
}

fn server(names: &[&str], ca: &Authority, days: u32) -> Result<CertificatePlan, Error> {
    let names: Vec<_> = names.iter().map(ToString::to_string).collect();
    let key = PrivateKey::generate(KeyKind::EcdsaP256)?.public_key()?;
    let terms = Terms { purpose: Purpose::Server, days, serial: serial(2), now: NOW };
    CertificatePlan::leaf(&Names::of_server(&names, None)?, key, std::slice::from_ref(ca), &terms)
}

#[test]
fn a_subject_of_the_issuers_is_refused_whatever_the_letter_case() {
    let (ca, _) = authority("Chat.Example.Test", &[], 100);
    let error = server(&["chat.example.test", "other.test"], &ca, 90).unwrap_err();
    assert!(matches!(&error, Error::SubjectIsIssuers { ca, .. } if ca == "Chat.Example.Test"));
    assert!(error.hint().unwrap().contains("pki issue server chat.example.test other.test --common-name ''"));
    assert!(server(&["other.test", "chat.example.test"], &ca, 90).is_ok());
}

#[test]
fn the_issuers_own_key_is_refused() {
    let (ca, key) = authority("Example Root CA", &[], 100);
    let names = Names::of_client("alice", &[]).unwrap();
    let terms = Terms { purpose: Purpose::Client, days: 1, serial: serial(2), now: NOW };
    let plan = CertificatePlan::leaf(&names, key.public_key().unwrap(), &[ca], &terms);
    assert!(matches!(plan, Err(Error::KeyIsIssuers { .. })));
}

#[test]
fn names_outside_the_limits_are_refused() {
    let (ca, _) = authority("Example Root CA", &["example.test"], 100);
    assert!(server(&["chat.example.test", "192.0.2.7"], &ca, 90).is_ok());
    let error = server(&["chat.example.test", "chat.example.org"], &ca, 90).unwrap_err();
    assert!(matches!(error, Error::NameNotPermitted { name, .. } if name == "chat.example.org"));
}

#[test]
fn a_plan_ends_with_its_issuer_and_says_so() {
    let (ca, _) = authority("Example Root CA", &[], 30);
    let plan = server(&["a.test"], &ca, 90).unwrap();
    assert_eq!(plan.validity().not_after(), ca.validity.not_after());
    assert!(plan.notes()[0].contains("30 days") || plan.notes()[0].contains("90 days"));
}

#[test]
fn an_expired_issuer_issues_nothing() {
    let (mut ca, _) = authority("Example Root CA", &[], 30);
    ca.validity = Validity::from_bounds(NOW - time::Duration::days(9), NOW - time::Duration::days(1));
    assert!(matches!(server(&["a.test"], &ca, 90), Err(Error::IssuerExpired { .. })));
}

#[test]
fn long_lives_are_noted_for_the_clients_that_refuse_them() {
    let (ca, _) = authority("Example Root CA", &[], 3650);
    for (days, notes, word) in [(90, 0, ""), (397, 0, ""), (398, 1, "397"), (825, 1, "397"), (826, 1, "825")] {
        let plan = server(&["a.test"], &ca, days).unwrap();
        assert_eq!(plan.notes().len(), notes, "{days}");
        assert!(plan.notes().iter().all(|note| note.contains(word)));
    }
}

#[test]
fn what_a_plan_says_of_its_purpose() {
    use crate::profile::{ExtendedKeyUsage, KeyUsage};
    let (ca, _) = authority("Example Root CA", &[], 3650);
    let plan = server(&["a.test"], &ca, 90).unwrap();
    assert_eq!(plan.profile().key_usage, [KeyUsage::DigitalSignature]);
    assert_eq!(plan.profile().extended_key_usage, [ExtendedKeyUsage::ServerAuth]);
    assert_eq!(plan.authority_key_id(), ca.key_id);
    assert_eq!(plan.issuer().der(), ca.certificate.subject.der());
    assert!(!plan.profile().is_authority());
}
