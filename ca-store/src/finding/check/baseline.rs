//! What the CA/Browser Forum's Baseline Requirements ask beyond RFC 5280. The checks run under every profile, since what
//! they find is worth a note; how grave it is, the profile says.

use crate::explain::Case;
use crate::facts::{Certificate, ExtensionValue, GeneralName, KeyKind, PublicKey, escape, oid_name};
use crate::finding::{Code, Finding};

const ANY_PURPOSE: &str = "2.5.29.37.0";

/// Section 7.1.4.3: a common name MUST be a character-for-character copy of one of the SAN's entries.
pub(super) fn common_name(case: &Case<'_>) -> Vec<Finding> {
    let leaf = &case.path.leaf().certificate;
    let (Some(name), Some(sans)) = (leaf.subject.common_name(), leaf.subject_alt_names()) else { return Vec::new() };
    let is_host = case.question.purpose != crate::explain::Purpose::Client;
    if !is_host || sans.iter().any(|san| copies(name, san)) {
        return Vec::new();
    }
    let listed: Vec<String> = sans.iter().take(crate::san::MAX_NAMES).map(ToString::to_string).collect();
    let message = format!("the common name `{}` is no copy of an entry of the SAN", escape(name));
    vec![
        Finding::new(Code::CommonNameNotInSan, message)
            .about(0)
            .shown_by("common_name", escape(name))
            .shown_by("subject_alt_names", listed)
            .reissued(case),
    ]
}

/// Addresses as RFC 3986 section 3.2.2 and RFC 5952 section 4 write them.
fn copies(name: &str, san: &GeneralName) -> bool {
    match san {
        GeneralName::Dns(text) | GeneralName::Email(text) => text == name,
        GeneralName::Ip(address) => address.to_string() == name,
        _ => false,
    }
}

/// Section 6.1.1.3, 6.1.5 and 6.1.6: RSA of at least 2048 bits and a multiple of 8 with an odd exponent above 1, P-256, P-384 or P-521.
pub(super) fn key(case: &Case<'_>) -> Vec<Finding> {
    case.path
        .certificates()
        .filter(|(_, p)| !listed(&p.certificate.public_key))
        .map(|(index, p)| {
            let kind = &p.certificate.public_key.kind;
            let message = format!(
                "`{}` has a key of {kind}: expected RSA of 2048 bits or more and a multiple of 8 with an odd exponent, or ECDSA on P-256, P-384 or P-521",
                p.certificate.subject
            );
            Finding::new(Code::KeyNotAllowed, message).about(index).shown_by("key", kind.to_string()).reissued(case)
        })
        .collect()
}

fn listed(key: &PublicKey) -> bool {
    match key.kind {
        KeyKind::Rsa(bits) => {
            bits >= 2048 && bits.is_multiple_of(8) && key.rsa_exponent().is_some_and(is_odd_and_above_one)
        }
        KeyKind::EcdsaP256 | KeyKind::EcdsaP384 | KeyKind::EcdsaP521 => true,
        _ => false,
    }
}

/// Section 7.1.3.2.2: a CA's key on a curve signs with the digest of its length and with no other.
pub(super) fn digest_of_curve(case: &Case<'_>) -> Vec<Finding> {
    case.path
        .links()
        .filter_map(|(index, child, issuer)| {
            let (algorithm, kind) = (&child.certificate.signature_algorithm, &issuer.certificate.public_key.kind);
            let expected = match kind {
                KeyKind::EcdsaP256 => "SHA-256",
                KeyKind::EcdsaP384 => "SHA-384",
                KeyKind::EcdsaP521 => "SHA-512",
                _ => return None,
            };
            if algorithm.family != "EC" || algorithm.digest == expected {
                return None;
            }
            let message = format!(
                "`{}` is signed by {algorithm} with a key of {kind}: expected {expected}",
                child.certificate.subject
            );
            let finding = Finding::new(Code::KeyNotAllowed, message).about(index).shown_by("key", kind.to_string());
            let told = finding.shown_by("signature", algorithm.to_string()).shown_by("expected", expected);
            Some(told.shown_by("rule", "Baseline Requirements section 7.1.3.2.2").reissued(case))
        })
        .collect()
}

fn is_odd_and_above_one(exponent: &[u8]) -> bool {
    exponent.last().is_some_and(|last| last & 1 == 1) && exponent != [1]
}

/// Section 7.1.2.11.1: authorityKeyIdentifier holds a key identifier and nothing else, a root's is its own.
pub(super) fn authority_key_identifier(case: &Case<'_>) -> Vec<Finding> {
    let top = case.path.steps.len() - 1;
    case.path
        .certificates()
        .filter_map(|(index, p)| Some((index, p, beyond_key_identifier(&p.certificate, index == top)?)))
        .map(|(index, p, why)| {
            let message = format!("authorityKeyIdentifier of `{}`: {why}", p.certificate.subject);
            Finding::new(Code::ExtensionNotAllowed, message)
                .about(index)
                .shown_by("extension", "authorityKeyIdentifier")
                .shown_by("rule", why)
                .reissued(case)
        })
        .collect()
}

fn beyond_key_identifier(certificate: &Certificate, is_top: bool) -> Option<&'static str> {
    let found = certificate.extensions.iter().find_map(|e| match &e.value {
        ExtensionValue::AuthorityKeyIdentifier { key_identifier, issuer, serial } => {
            Some((key_identifier, issuer.is_some(), serial))
        }
        _ => None,
    });
    let (key, issuer, serial) = found?;
    if issuer || serial.is_some() {
        return Some(
            "authorityCertIssuer and authorityCertSerialNumber have no place in it (Baseline Requirements section 7.1.2.11.1)",
        );
    }
    if key.is_none() {
        return Some("it lacks the key identifier (Baseline Requirements section 7.1.2.11.1)");
    }
    // What issued itself below another is a cross-sign or a roll-over.
    let own = is_top && certificate.is_self_issued() && certificate.is_ca();
    (own && key.as_deref() != certificate.subject_key_identifier())
        .then_some("a root's must be its own subjectKeyIdentifier (Baseline Requirements section 7.1.2.1.3)")
}

const NO_ANY: &str = "a leaf names its purposes one by one (Baseline Requirements section 7.1.2.7.10)";
const NO_OTHER: &str = "a server's has no purpose but TLS (Baseline Requirements section 7.1.2.7.10)";
/// Signing of code, e-mail, timestamps, OCSP, and precertificates.
const FOREIGN_PURPOSES: [&str; 5] =
    ["1.3.6.1.5.5.7.3.3", "1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.9", "1.3.6.1.4.1.11129.2.4.4"];

/// Sections 7.1.2.1.2 and 7.1.2.7.10: no extendedKeyUsage on a root, no anyExtendedKeyUsage on a leaf.
pub(super) fn purposes(case: &Case<'_>) -> Vec<Finding> {
    let root = case.path.steps.len() - 1;
    let of = |index: usize, why: &'static str| {
        let subject = &case.path.steps[index].presented.certificate.subject;
        Finding::new(Code::ExtensionNotAllowed, format!("extendedKeyUsage of `{subject}`: {why}"))
            .about(index)
            .shown_by("extension", oid_name("2.5.29.37"))
            .shown_by("rule", why)
            .reissued(case)
    };
    let top = &case.path.top().certificate;
    let on_root = root > 0 && top.is_self_issued() && top.extended_key_usage().is_some();
    let leaf = case.path.leaf().certificate.extended_key_usage().unwrap_or_default();
    let root = on_root.then(|| of(root, "a root has none (Baseline Requirements section 7.1.2.1.2)"));
    let any = leaf.iter().any(|purpose| purpose == ANY_PURPOSE).then_some(NO_ANY);
    let other = leaf.iter().any(|purpose| FOREIGN_PURPOSES.contains(&purpose.as_str())).then_some(NO_OTHER);
    root.into_iter().chain(any.or(other).map(|why| of(0, why))).collect()
}
