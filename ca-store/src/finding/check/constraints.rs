//! What a CA may do, and what extensions demand (RFC 5280 sections 4.2.1 and 6.1.4).

use std::net::IpAddr;

use crate::explain::{Case, Presented};
use crate::facts::{Certificate, ExtensionValue, GeneralName, escape, hex};
use crate::finding::fix::reissue;
use crate::finding::{Code, Finding, Severity};

/// The certificates above the leaf, with whether each is the topmost.
fn issuers<'a>(case: &Case<'a>) -> impl Iterator<Item = (usize, &'a Presented, bool)> {
    let last = case.path.steps.len() - 1;
    let steps: Vec<_> = case.path.certificates().collect();
    steps.into_iter().skip(1).map(move |(index, presented)| (index, presented, index == last))
}

/// A trust anchor is a name and a key (section 6.1.1 (d)); clients differ on how far they look at the rest of it.
fn grade(anchor: bool) -> Severity {
    if anchor { Severity::Warning } else { Severity::Error }
}

/// Section 6.1.4 (k) and (n): version 3, cA TRUE, and keyCertSign where there is a keyUsage.
pub(super) fn issuer_may_issue(case: &Case<'_>) -> Vec<Finding> {
    issuers(case)
        .filter_map(|(index, presented, anchor)| {
            let certificate = &presented.certificate;
            let subject = &certificate.subject;
            let usage = certificate.key_usage();
            let (code, severity, message) = match certificate.basic_constraints() {
                _ if certificate.version < 3 => (
                    Code::Version1,
                    grade(anchor),
                    format!(
                        "`{subject}` is an X.509 version {} certificate, which cannot say that it is a CA",
                        certificate.version
                    ),
                ),
                Some(constraints) if !constraints.ca => (
                    Code::IssuerNotCa,
                    Severity::Error,
                    format!("`{subject}` issued a certificate and says CA:FALSE: it may not issue"),
                ),
                None => (
                    Code::BasicConstraintsMissing,
                    grade(anchor),
                    format!("`{subject}` issued a certificate and has no basicConstraints: expected CA:TRUE"),
                ),
                Some(_) if usage.is_some_and(|usage| !usage.key_cert_sign()) => (
                    Code::KeyCertSignMissing,
                    Severity::Error,
                    format!("`{subject}` is a CA whose keyUsage lacks keyCertSign"),
                ),
                Some(_) => return None,
            };
            let constraints = certificate
                .basic_constraints()
                .map_or("absent".to_owned(), |b| format!("CA:{}", if b.ca { "TRUE" } else { "FALSE" }));
            Some(
                Finding::new(code, message)
                    .about(index)
                    .graded(severity)
                    .shown_by("subject", subject.to_string())
                    .shown_by("basic_constraints", constraints)
                    .shown_by(
                        "key_usage",
                        usage.map(|usage| usage.names().join(", ")).unwrap_or_else(|| "absent".to_owned()),
                    )
                    .mended_by(reissue(case)),
            )
        })
        .collect()
}

/// Section 4.2.1.9: a conforming CA MUST mark basicConstraints as critical.
pub(super) fn constraints_critical(case: &Case<'_>) -> Vec<Finding> {
    issuers(case)
        .filter(|(_, p, _)| p.certificate.extension("2.5.29.19").is_some_and(|e| !e.critical) && p.certificate.is_ca())
        .map(|(index, p, _)| {
            let message = format!(
                "basicConstraints of `{}` is not critical: strict clients refuse the CA",
                p.certificate.subject
            );
            Finding::new(Code::BasicConstraintsNotCritical, message)
                .about(index)
                .shown_by("critical", false)
                .mended_by(reissue(case))
        })
        .collect()
}

/// A server or client that may issue certificates itself.
pub(super) fn leaf_is_ca(case: &Case<'_>) -> Vec<Finding> {
    let leaf = &case.path.leaf().certificate;
    if !leaf.basic_constraints().is_some_and(|constraints| constraints.ca) {
        return Vec::new();
    }
    if leaf.subject_alt_names().is_none() && leaf.extended_key_usage().is_none() {
        let message =
            format!("only CAs here: the first certificate, `{}`, is one, and no leaf is beside it", leaf.subject);
        return vec![Finding::new(Code::LeafMissing, message).about(0).mended_by(reissue(case))];
    }
    let message =
        format!("`{}` is used as a leaf and says CA:TRUE: whoever holds its key can issue certificates", leaf.subject);
    vec![
        Finding::new(Code::LeafIsCa, message)
            .about(0)
            .shown_by("basic_constraints", "CA:TRUE")
            .mended_by(reissue(case)),
    ]
}

/// Section 6.1.4 (l) and (m): CAs below, self-issued ones not counted.
pub(super) fn path_length(case: &Case<'_>) -> Vec<Finding> {
    issuers(case)
        .filter_map(|(index, presented, _)| {
            let limit = presented.certificate.basic_constraints().and_then(|constraints| constraints.path_len)?;
            let below =
                case.path.steps[1..index].iter().filter(|step| !step.presented.certificate.is_self_issued()).count();
            if below <= limit as usize {
                return None;
            }
            let message =
                format!("`{}` allows {limit} CAs below it, and {below} are there", presented.certificate.subject);
            Some(
                Finding::new(Code::PathLengthExceeded, message)
                    .about(index)
                    .shown_by("path_len", limit)
                    .shown_by("cas_below", below)
                    .mended_by(reissue(case)),
            )
        })
        .collect()
}

/// The verifier's own limit of intermediates.
pub(super) fn depth(case: &Case<'_>) -> Vec<Finding> {
    let between = case.path.steps.iter().skip(1).filter(|step| !step.presented.certificate.is_self_issued()).count();
    let Some(limit) = case.question.max_depth.filter(|limit| between > *limit) else { return Vec::new() };
    let message = format!("the verifier follows {limit} intermediates, and the chain has {between}");
    vec![
        Finding::new(Code::VerifyDepthExceeded, message)
            .shown_by("max_depth", limit)
            .shown_by("intermediates", between)
            .mended_by(format!(
                "# raise the verifier's limit to at least {between} (nginx: ssl_verify_depth {between};)"
            )),
    ]
}

/// Section 4.2.1.10: every name below must lie within the permitted trees of its kind, and in no excluded one.
pub(super) fn permitted_names(case: &Case<'_>) -> Vec<Finding> {
    issuers(case)
        .flat_map(|(index, presented, anchor)| {
            let constraints = presented.certificate.name_constraints();
            let below = case.path.certificates().take(index);
            let names = below
                .flat_map(|(below, p)| constrained_names(&p.certificate).into_iter().map(move |name| (below, name)));
            let violated = names.filter_map(|(below, name)| Some((below, violation(constraints?, &name)?, name)));
            violated
                .map(|(below, tree, name)| {
                    let message = format!("`{}` may not issue for {name}: {tree}", presented.certificate.subject);
                    let trees = |list: &[GeneralName]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
                    let constraints = constraints.cloned().unwrap_or_default();
                    Finding::new(Code::NameConstraintViolated, message)
                        .about(below)
                        .shown_by("name", name.to_string())
                        .shown_by("constrained_by", if anchor { "trust anchor" } else { "intermediate" })
                        .shown_by("permitted", trees(&constraints.permitted))
                        .shown_by("excluded", trees(&constraints.excluded))
                        .mended_by(reissue(case))
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The names that constraints look at: the SAN, and mailboxes in the subject where there is no SAN.
fn constrained_names(certificate: &Certificate) -> Vec<GeneralName> {
    match certificate.subject_alt_names() {
        Some(names) => names.to_vec(),
        None => certificate
            .subject
            .attributes()
            .filter(|a| a.oid == "1.2.840.113549.1.9.1")
            .map(|a| GeneralName::Email(a.value.clone()))
            .collect(),
    }
}

fn violation(constraints: &crate::facts::NameConstraints, name: &GeneralName) -> Option<String> {
    if let Some(tree) = constraints.excluded.iter().find(|tree| within(name, tree) == Some(true)) {
        return Some(format!("it excludes {tree}"));
    }
    let trees: Vec<&GeneralName> = constraints.permitted.iter().filter(|tree| within(name, tree).is_some()).collect();
    let outside = !trees.is_empty() && !trees.iter().any(|tree| within(name, tree) == Some(true));
    outside.then(|| format!("it permits {}", trees.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")))
}

/// Whether the name lies in the tree; `None` where they are of different kinds.
fn within(name: &GeneralName, tree: &GeneralName) -> Option<bool> {
    match (name, tree) {
        (GeneralName::Dns(name), GeneralName::Dns(tree)) => {
            Some(below_domain(name.strip_prefix("*.").unwrap_or(name), tree))
        }
        (GeneralName::Email(name), GeneralName::Email(tree)) => Some(mailbox_within(name, tree)),
        (GeneralName::Ip(address), GeneralName::IpOctets(network)) => Some(address_within(*address, network)),
        _ => None,
    }
}

/// The domain itself and everything below it; a leading dot leaves the domain itself out.
fn below_domain(name: &str, tree: &str) -> bool {
    let (name, tree) = (name.to_ascii_lowercase(), tree.to_ascii_lowercase());
    tree.is_empty()
        || name == tree
        || name.strip_suffix(tree.trim_start_matches('.')).is_some_and(|head| head.ends_with('.'))
}

/// A mailbox, all mailboxes of a host, or (with a leading dot) of all hosts below a domain.
fn mailbox_within(mailbox: &str, tree: &str) -> bool {
    let host = mailbox.rsplit_once('@').map_or("", |(_, host)| host);
    match tree.strip_prefix('.') {
        _ if tree.contains('@') => mailbox.eq_ignore_ascii_case(tree),
        Some(domain) => below_domain(host, domain) && !host.eq_ignore_ascii_case(domain),
        None => host.eq_ignore_ascii_case(tree),
    }
}

/// Address octets, then mask octets.
fn address_within(address: IpAddr, network: &[u8]) -> bool {
    let octets = match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    let (base, mask) = network.split_at(network.len() / 2);
    base.len() == octets.len()
        && octets.iter().zip(base).zip(mask).all(|((octet, base), mask)| octet & mask == base & mask)
}

/// Section 4.2: a certificate with a critical extension that is not understood MUST be rejected.
pub(super) fn unknown_critical(case: &Case<'_>) -> Vec<Finding> {
    case.path
        .certificates()
        .flat_map(|(index, p)| {
            let unknown =
                p.certificate.extensions.iter().filter(|e| e.critical && matches!(e.value, ExtensionValue::Unknown));
            unknown.map(move |e| {
                let message = format!(
                    "`{}` has the critical extension {}, which clients do not understand",
                    p.certificate.subject, e.oid
                );
                Finding::new(Code::UnknownCriticalExtension, message)
                    .about(index)
                    .shown_by("oid", e.oid.clone())
                    .mended_by(reissue(case))
            })
        })
        .collect()
}

/// An extension that breaks its own definition.
pub(super) fn malformed(case: &Case<'_>) -> Vec<Finding> {
    case.path
        .certificates()
        .flat_map(|(index, p)| {
            p.certificate.extensions.iter().filter_map(move |e| {
                let ExtensionValue::Malformed(error) = &e.value else { return None };
                let message = format!(
                    "the extension {} of `{}` breaks its own definition: {}",
                    crate::facts::oid_name(&e.oid),
                    p.certificate.subject,
                    escape(error)
                );
                Some(
                    Finding::new(Code::ExtensionMalformed, message)
                        .about(index)
                        .shown_by("oid", e.oid.clone())
                        .mended_by(reissue(case)),
                )
            })
        })
        .collect()
}

/// Sections 4.2.1.1 and 4.2.1.2: MUST be there in what a conforming CA issues; path validation does without.
pub(super) fn key_identifiers(case: &Case<'_>) -> Vec<Finding> {
    case.path
        .links()
        .filter_map(|(index, child, issuer)| {
            let (child, issuer) = (&child.certificate, &issuer.certificate);
            let (aki, ski) = (child.authority_key_identifier(), issuer.subject_key_identifier());
            let (code, message, about) = match (aki, ski) {
                _ if child.version < 3 => return None,
                (None, _) => (
                    Code::AkiMissing,
                    format!("`{}` has no authorityKeyIdentifier: strict clients refuse it", child.subject),
                    index,
                ),
                (Some(_), None) if issuer.version == 3 => (
                    Code::SkiMissing,
                    format!("the CA `{}` has no subjectKeyIdentifier: strict clients refuse it", issuer.subject),
                    index + 1,
                ),
                (Some(aki), Some(ski)) if aki != ski => (
                    Code::AkiMismatch,
                    format!(
                        "the authorityKeyIdentifier of `{}` names another key than that of `{}`, which signed it",
                        child.subject, issuer.subject
                    ),
                    index,
                ),
                _ => return None,
            };
            let shown = |id: Option<&[u8]>| id.map_or_else(|| "absent".to_owned(), hex);
            Some(
                Finding::new(code, message)
                    .about(about)
                    .shown_by("authority_key_id", shown(aki))
                    .shown_by("issuer_key_id", shown(ski))
                    .mended_by(reissue(case)),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{GeneralName, within};

    #[test]
    fn names_lie_within_trees_of_their_own_kind_alone() {
        let dns = |text: &str| GeneralName::Dns(text.to_owned());
        let mail = |text: &str| GeneralName::Email(text.to_owned());
        let network = GeneralName::IpOctets(vec![192, 0, 2, 0, 255, 255, 255, 0]);
        for (name, tree, expected) in [
            (dns("a.example.test"), dns("example.test"), Some(true)),
            (dns("EXAMPLE.test"), dns("example.test"), Some(true)),
            (dns("badexample.test"), dns("example.test"), Some(false)),
            (dns("*.example.test"), dns("example.test"), Some(true)),
            (mail("a@example.test"), mail("example.test"), Some(true)),
            (mail("a@b.example.test"), mail("example.test"), Some(false)),
            (mail("a@b.example.test"), mail(".example.test"), Some(true)),
            (GeneralName::Ip([192, 0, 2, 9].into()), network.clone(), Some(true)),
            (GeneralName::Ip([192, 0, 3, 9].into()), network.clone(), Some(false)),
            (dns("a.example.test"), network, None),
        ] {
            assert_eq!(within(&name, &tree), expected, "{name} in {tree}");
        }
    }
}
