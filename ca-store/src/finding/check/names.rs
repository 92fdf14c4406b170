//! Names of issuers.

use crate::explain::{Case, Presented};
use crate::facts::{Certificate, Name, NameMatch, escape};
use crate::finding::fix::leaf_covers;
use crate::finding::{Code, Finding, Severity};

use super::trust::key_evidence;

/// A certificate with its CA's subject. RFC 5280 section 4.1.2.6 calls that self-issued; OpenSSL's family calls it
/// self-signed and stops, unless the AKI tells the two apart or the issuer's algorithm cannot be its own.
pub(super) fn same_subject(case: &Case<'_>) -> Vec<Finding> {
    let leaf = case.path.links().next().and_then(|(_, leaf, issuer)| same_subject_leaf(case, leaf, issuer));
    leaf.or_else(|| same_subject_ca(case)).into_iter().collect()
}

fn same_subject_leaf(case: &Case<'_>, leaf: &Presented, issuer: &Presented) -> Option<Finding> {
    let (child, issuer) = (&leaf.certificate, &issuer.certificate);
    if !carries_issuers_name(child, issuer) {
        return None;
    }
    let apart = told_apart(child);
    let severity = if apart.is_some() { Severity::Warning } else { Severity::Error };
    let consequence =
        apart.map_or("OpenSSL, and all that use it, take it for self-signed and refuse it", |apart| apart.1);
    let message = format!(
        "the certificate carries its CA's name, `{}`, and is signed by another key than its own: {consequence}",
        child.subject
    );
    Some(
        key_evidence(Finding::new(Code::SameSubjectAsIssuer, message), child, issuer)
            .shown_by("told_apart_by", apart.map_or("nothing", |apart| apart.0))
            .shown_by("spelling", if child.subject.der() == issuer.subject.der() { "identical" } else { "differs" })
            .about(0)
            .graded(severity)
            .reissued(case),
    )
}

/// A CA with the name of the CA above it: as a CA's new key under its old name it is sound (RFC 4210 section 4.4), where the AKIs say which
/// of the two is meant. OpenSSL looks among trusted certificates first: without the AKI of what the lower one issued it takes the upper
/// one for its issuer, and without that of the lower one takes that for self-signed.
fn same_subject_ca(case: &Case<'_>) -> Option<Finding> {
    let (index, child, issuer) = case
        .path
        .links()
        .skip(1)
        .find(|(_, child, issuer)| carries_issuers_name(&child.certificate, &issuer.certificate))?;
    let (_, below) = case.path.certificates().find(|(place, _)| place + 1 == index)?;
    let (child, issuer, below) = (&child.certificate, &issuer.certificate, &below.certificate);
    let missing_from = match (told_apart(child).is_some(), is_not_by(below, issuer)) {
        (true, true) => return None,
        (true, false) => "what it issued",
        (false, true) => "the CA",
        (false, false) => "both",
    };
    let message = format!(
        "the CA `{}` carries the name of the CA above it, and has another key; the authority key identifier that tells the two apart is \
         missing from {missing_from}: OpenSSL, and all that use it, take one for the other and refuse the chain",
        child.subject
    );
    Some(
        key_evidence(Finding::new(Code::SameSubjectAsIssuer, message), child, issuer)
            .shown_by("told_apart_by", "nothing")
            .shown_by("missing_from", missing_from)
            .shown_by("newest", if is_newer(child, issuer) { "the lower" } else { "the upper" })
            .about(index)
            .reissued(case),
    )
}

/// Which of two of one name NSS takes for the issuer of what names neither by its key: what is trusted, where both began at once.
fn is_newer(sent: &Certificate, trusted: &Certificate) -> bool {
    sent.validity.not_before > trusted.validity.not_before
}

/// One name, and two keys.
fn carries_issuers_name(child: &Certificate, issuer: &Certificate) -> bool {
    child.is_self_issued() && !child.public_key.same_as(&issuer.public_key)
}

/// Whether something in a certificate keeps OpenSSL from taking this one, whose name fits, for its issuer.
fn is_not_by(certificate: &Certificate, other: &Certificate) -> bool {
    let ids = certificate.authority_key_identifier().zip(other.subject_key_identifier());
    ids.is_some_and(|(aki, ski)| aki != ski)
        || certificate.authority_serial().is_some_and(|serial| *serial != other.serial)
        || certificate.signature_algorithm.family != other.public_key.kind.family()
}

/// What keeps OpenSSL from taking the leaf for self-signed, if anything does: `X509_check_issued(leaf, leaf)` compares
/// the AKI with the leaf's own key identifier and serial number, and the signature's algorithm with the leaf's own key.
fn told_apart(child: &Certificate) -> Option<(&'static str, &'static str)> {
    let key_differs =
        child.authority_key_identifier().zip(child.subject_key_identifier()).is_some_and(|(aki, ski)| aki != ski);
    let serial_differs = child.authority_serial().is_some_and(|serial| *serial != child.serial);
    let algorithm_differs = child.signature_algorithm.family != child.public_key.kind.family();
    if key_differs || serial_differs {
        let why = "its authority key identifier tells the two apart, so that current clients accept it";
        Some(("authority key identifier", why))
    } else if algorithm_differs {
        let why = "its key is of another kind than the one that signed it, so that most current clients accept it";
        Some(("kind of key", why))
    } else {
        None
    }
}

/// One key for two certificates: who has the server's key is the CA (RFC 5280 section 9).
pub(super) fn same_key(case: &Case<'_>) -> Vec<Finding> {
    let users = case.path.certificates().filter_map(|(index, child)| {
        let owner = case.path.certificates().skip(index + 1).map(|(_, issuer)| issuer);
        Some((index, child, owner.into_iter().find(|issuer| uses_key(&child.certificate, &issuer.certificate))?))
    });
    users.map(|(index, child, issuer)| {
        let whose = if child.certificate.is_ca() { "the lower CA's key" } else { "this server's key" };
        let message = format!(
            "`{}` uses the key of its CA `{}`: whoever holds {whose} can issue certificates in the name of the CA above",
            child.certificate.subject, issuer.certificate.subject
        );
        key_evidence(Finding::new(Code::SameKeyAsIssuer, message).about(index).graded(Severity::Warning), &child.certificate, &issuer.certificate).reissued(case)
    }).collect()
}

/// A CA of the same name is the same CA, in another certificate of its own.
fn uses_key(child: &Certificate, issuer: &Certificate) -> bool {
    let same_ca = child.is_ca() && child.subject.same_as(&issuer.subject);
    child.public_key.same_as(&issuer.public_key) && !same_ca
}

/// A root that is called as the host is: harmless alone, and the first half of `same-subject-as-issuer`.
pub(super) fn root_like_host(case: &Case<'_>) -> Vec<Finding> {
    let (index, top) = (case.path.steps.len() - 1, &case.path.top().certificate);
    let Some(common_name) = top.subject.common_name().filter(|_| index > 0) else { return Vec::new() };
    let leaf = &case.path.leaf().certificate;
    let is_asked = case.question.names.iter().any(|name| name.to_string().eq_ignore_ascii_case(common_name));
    if !is_asked && !leaf_covers(leaf, common_name) {
        return Vec::new();
    }
    let message = format!(
        "the root's common name `{}` is the name of a host: give a CA a name of its own, such as `Example Root CA`",
        escape(common_name)
    );
    let new_name = format!(
        "# harmless by itself; a new CA would be made with\n# pki init-ca --name {}",
        crate::finding::quote("Example Root CA")
    );
    vec![
        Finding::new(Code::RootNamedLikeHost, message)
            .about(index)
            .shown_by("root", top.subject.to_string())
            .shown_by("leaf", leaf.subject.to_string())
            .mended_by(new_name),
    ]
}

/// Issuer and subject are one name spelled in two ways (RFC 5280 section 7.1 compares without regard to either).
pub(super) fn issuer_spelling(case: &Case<'_>) -> Vec<Finding> {
    case.path
        .links()
        .filter_map(|(index, child, issuer)| {
            let (code, how) = match child.certificate.issuer.compare(&issuer.certificate.subject) {
                NameMatch::Encoding => (Code::IssuerNameEncoding, "in other ASN.1 string types"),
                NameMatch::Case => (Code::IssuerNameCase, "in other letter case or spacing"),
                _ => return None,
            };
            let message = format!(
                "`{}` names its issuer as `{}`, which calls itself `{}` {how}: byte for byte these are two names",
                child.certificate.subject, child.certificate.issuer, issuer.certificate.subject
            );
            Some(
                key_evidence(Finding::new(code, message).about(index), &child.certificate, &issuer.certificate)
                    .shown_by(
                        "differs_from",
                        if index + 2 == case.path.steps.len() { "the topmost" } else { "an intermediate" },
                    )
                    .shown_by("string_types", string_types(&child.certificate.issuer, &issuer.certificate.subject))
                    .shown_by("issuer_der", crate::facts::hex(child.certificate.issuer.der()))
                    .shown_by("issuer_subject_der", crate::facts::hex(issuer.certificate.subject.der()))
                    .reissued(case),
            )
        })
        .collect()
}

/// PrintableString and UTF8String are one text to Java (AVA.toRFC2253CanonicalString()), and what is written in another type is another.
fn string_types(one: &Name, other: &Name) -> &'static str {
    const COMMON: [u32; 2] = [12, 19];
    let mut pairs = one.attributes().zip(other.attributes());
    let differ = pairs.any(|(a, b)| {
        a.string_type != b.string_type && !(COMMON.contains(&a.string_type) && COMMON.contains(&b.string_type))
    });
    if differ { "older ones" } else { "those in use" }
}

/// RFC 5280 section 4.1.2.4: the issuer field MUST contain a non-empty distinguished name.
pub(super) fn empty_issuer(case: &Case<'_>) -> Vec<Finding> {
    let nameless = case.path.certificates().find(|(_, p)| p.certificate.issuer.is_empty());
    nameless
        .map(|(index, presented)| {
            let message = format!(
                "the CA above `{}` has an empty name: expected at least a common name",
                presented.certificate.subject
            );
            Finding::new(Code::EmptyIssuerName, message)
                .about(index)
                .shown_by("expected", "a name of at least one attribute")
                .shown_by("issuer", presented.certificate.issuer.to_string())
                .reissued(case)
        })
        .into_iter()
        .collect()
}
