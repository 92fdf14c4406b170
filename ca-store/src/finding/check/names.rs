//! Names of issuers.

use crate::explain::Case;
use crate::facts::{Certificate, ExtensionValue, NameMatch, escape};
use crate::finding::fix::{leaf_covers, reissue};
use crate::finding::{Code, Finding, Severity};

use super::trust::key_evidence;

/// A leaf with its CA's subject. RFC 5280 section 4.1.2.6 calls that self-issued; OpenSSL's family calls it
/// self-signed and stops, unless the AKI tells the two apart or the issuer's algorithm cannot be the leaf's own.
pub(super) fn same_subject(case: &Case<'_>) -> Vec<Finding> {
    let Some((index, child, issuer)) = case.path.links().next() else { return Vec::new() };
    let (child, issuer) = (&child.certificate, &issuer.certificate);
    if !child.is_self_issued() || child.public_key.same_as(&issuer.public_key) {
        return Vec::new();
    }
    let apart = told_apart(child);
    let severity = if apart.is_some() { Severity::Warning } else { Severity::Error };
    let consequence =
        apart.map_or("OpenSSL, and all that use it, take it for self-signed and refuse it", |apart| apart.1);
    let message = format!(
        "the certificate carries its CA's name, `{}`, and is signed by another key than its own: {consequence}",
        child.subject
    );
    vec![
        key_evidence(Finding::new(Code::SameSubjectAsIssuer, message), child, issuer)
            .shown_by("told_apart_by", apart.map_or("nothing", |apart| apart.0))
            .shown_by("spelling", if child.subject.der() == issuer.subject.der() { "identical" } else { "differs" })
            .about(index)
            .graded(severity)
            .mended_by(reissue(case)),
    ]
}

/// What keeps OpenSSL from taking the leaf for self-signed, if anything does: `X509_check_issued(leaf, leaf)` compares
/// the AKI with the leaf's own key identifier and serial number, and the signature's algorithm with the leaf's own key.
fn told_apart(child: &Certificate) -> Option<(&'static str, &'static str)> {
    let key_differs =
        child.authority_key_identifier().zip(child.subject_key_identifier()).is_some_and(|(aki, ski)| aki != ski);
    let serial_differs = child.extensions.iter().any(|extension| {
        matches!(&extension.value, ExtensionValue::AuthorityKeyIdentifier { serial: Some(serial), .. } if *serial != child.serial)
    });
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
    let links = case.path.links().filter(|(_, child, issuer)| {
        child.certificate.public_key.same_as(&issuer.certificate.public_key) && !child.certificate.is_ca()
    });
    links.map(|(index, child, issuer)| {
        let message = format!(
            "`{}` uses the key of its CA `{}`: whoever holds this server's key can issue certificates in the CA's name",
            child.certificate.subject, issuer.certificate.subject
        );
        key_evidence(Finding::new(Code::SameKeyAsIssuer, message).about(index).graded(Severity::Warning), &child.certificate, &issuer.certificate).mended_by(reissue(case))
    }).collect()
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
                    .shown_by("issuer_der", crate::facts::hex(child.certificate.issuer.der()))
                    .shown_by("issuer_subject_der", crate::facts::hex(issuer.certificate.subject.der()))
                    .mended_by(reissue(case)),
            )
        })
        .collect()
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
                .mended_by(reissue(case))
        })
        .into_iter()
        .collect()
}
