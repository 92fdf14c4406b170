//! Extensions: understood, well formed, where they belong, and as critical as they must be (RFC 5280 section 4.2).

use std::collections::BTreeSet;

use super::host_names::asked_is_common_name;
use crate::explain::{Case, Presented, Purpose};
use crate::facts::{Certificate, Extension, ExtensionValue, KeyUsage, escape, oid_name};
use crate::finding::{Code, Finding, Severity};

/// Section 4.2: a certificate with a critical extension that is not understood MUST be rejected.
pub(super) fn unknown_critical(case: &Case<'_>) -> Vec<Finding> {
    case.path
        .certificates()
        .flat_map(|(index, p)| {
            let unknown = p.certificate.extensions.iter().filter(|e| e.critical && !is_processed(&e.oid));
            unknown.map(move |e| {
                let message = format!(
                    "`{}` has the critical extension {}: a client that does not understand it must refuse it",
                    p.certificate.subject,
                    oid_name(&e.oid)
                );
                Finding::new(Code::UnknownCriticalExtension, message)
                    .about(index)
                    .shown_by("subject", p.certificate.subject.to_string())
                    .shown_by("oid", e.oid.clone())
                    .reissued(case)
            })
        })
        .collect()
}

/// The extensions that path validation processes (RFC 5280 section 6.1 and 4.2.1.1, 4.2.1.2, 4.2.1.13): what is parsed for
/// show alone, such as authorityInfoAccess, is not understood in this sense.
fn is_processed(oid: &str) -> bool {
    const PROCESSED: [&str; 12] = [
        "2.5.29.14",
        "2.5.29.15",
        "2.5.29.17",
        "2.5.29.19",
        "2.5.29.30",
        "2.5.29.31",
        "2.5.29.32",
        "2.5.29.33",
        "2.5.29.35",
        "2.5.29.36",
        "2.5.29.37",
        "2.5.29.54",
    ];
    PROCESSED.contains(&oid)
}

/// Extensions of RFC 5280 that not every client processes (section 4.2 lets them be): policies and their limits, of which rustls knows
/// nothing, and where revocation lists are, which Java and NSS do not know as critical.
const NOT_BY_ALL: [&str; 5] = ["2.5.29.32", "2.5.29.33", "2.5.29.36", "2.5.29.54", "2.5.29.31"];

/// The same of an extension that the standard has and that not every client understands.
pub(super) fn critical_policies(case: &Case<'_>) -> Vec<Finding> {
    case.path
        .certificates()
        .filter_map(|(index, p)| {
            let found = p.certificate.extensions.iter().find(|e| e.critical && NOT_BY_ALL.contains(&e.oid.as_str()))?;
            let name = oid_name(&found.oid);
            let message = format!(
                "{name} of `{}` is critical, and clients that do not process it refuse the certificate",
                p.certificate.subject
            );
            Some(
                Finding::new(Code::UnknownCriticalExtension, message)
                    .about(index)
                    .graded(Severity::Warning)
                    .shown_by("subject", p.certificate.subject.to_string())
                    .shown_by("extension", name)
                    .shown_by("oid", found.oid.clone())
                    .reissued(case),
            )
        })
        .collect()
}

/// RFC 5280 section 4.2: an extension has the syntax that its own section defines.
pub(super) fn malformed(case: &Case<'_>) -> Vec<Finding> {
    case.path
        .certificates()
        .flat_map(|(index, p)| {
            p.certificate.extensions.iter().filter_map(move |e| {
                let ExtensionValue::Malformed(error) = &e.value else { return None };
                let message = format!(
                    "the extension {} of `{}` breaks its own definition: {}",
                    oid_name(&e.oid),
                    p.certificate.subject,
                    escape(error)
                );
                let finding = Finding::new(Code::ExtensionMalformed, message).graded(severity_of(&e.oid));
                // What some clients look at where they can make nothing of the SAN.
                let finding = if index == 0 && e.oid == "2.5.29.17" {
                    finding.shown_by("common_name_covers", asked_is_common_name(case, &p.certificate))
                } else {
                    finding
                };
                Some(
                    finding
                        .about(index)
                        .shown_by("subject", p.certificate.subject.to_string())
                        .shown_by("extension", oid_name(&e.oid))
                        .shown_by("fault", escape(error))
                        .shown_by("critical", if e.critical { "yes" } else { "no" })
                        .shown_by("oid", e.oid.clone())
                        .reissued(case),
                )
            })
        })
        .collect()
}

/// RFC 5280 section 4.2: extnValue holds the DER of the one value that the extension's section defines. Most clients read that value and
/// no further; of an extension that nobody knows, nothing can be said.
pub(super) fn octets_behind(case: &Case<'_>) -> Vec<Finding> {
    let extensions =
        case.path.certificates().flat_map(|(index, p)| p.certificate.extensions.iter().map(move |e| (index, p, e)));
    let known = |e: &Extension| !matches!(e.value, ExtensionValue::Unknown | ExtensionValue::Malformed(_));
    extensions
        .filter(|(_, _, e)| e.octets_behind > 0 && known(e))
        .map(|(index, p, e)| {
            let (name, subject) = (oid_name(&e.oid), &p.certificate.subject);
            let message = format!(
                "the extension {name} of `{subject}` goes on behind its value: expected one value, found {} octets more \
                 (RFC 5280 section 4.2)",
                e.octets_behind
            );
            Finding::new(Code::ExtensionMalformed, message)
                .about(index)
                .graded(if READ_BY_NONE.contains(&e.oid.as_str()) { Severity::Note } else { Severity::Error })
                .shown_by("subject", subject.to_string())
                .shown_by("extension", name)
                .shown_by("fault", "octets behind the value")
                .shown_by("octets_behind", e.octets_behind)
                .shown_by("critical", if e.critical { "yes" } else { "no" })
                .shown_by("oid", e.oid.clone())
                .reissued(case)
        })
        .collect()
}

/// Where no client minds what comes behind: access to information, timestamps, tlsFeature and Netscape's types and comments.
const READ_BY_NONE: [&str; 6] = [
    "1.3.6.1.5.5.7.1.1",
    "1.3.6.1.5.5.7.1.11",
    "1.3.6.1.4.1.11129.2.4.2",
    "1.3.6.1.5.5.7.1.24",
    "2.16.840.1.113730.1.1",
    "2.16.840.1.113730.1.13",
];

/// RFC 7633 section 4.2.3.1: a server whose certificate has the feature `status_request` sends the state of that certificate (OCSP) in its
/// handshake. Of files it can't be told whether it will; what a live server sends is seen in its handshake.
pub(super) fn unseen_staple(case: &Case<'_>) -> Vec<Finding> {
    let leaf = &case.path.leaf().certificate;
    let is_asked = case.question.purpose != Purpose::Client && case.evidence.endpoint.is_none();
    if !is_asked || !leaf.must_staple() {
        return Vec::new();
    }
    let message = format!(
        "`{}` demands that its server staples an answer of OCSP (must-staple): GnuTLS refuses a server that does not, and nothing here says \
         that it will",
        leaf.subject
    );
    let finding = Finding::new(Code::StapleMissing, message).about(0);
    let finding = finding.shown_by("tls_feature", "status_request").shown_by("stapled", "not asked");
    vec![finding.reissued(case)]
}

/// Of signed timestamps only those ask who look for a public log's, and these take none for broken ones.
fn severity_of(oid: &str) -> Severity {
    if oid == "1.3.6.1.4.1.11129.2.4.2" { Severity::Warning } else { Code::ExtensionMalformed.severity() }
}

/// What reads well and says what its own section forbids.
pub(super) fn against_their_section(case: &Case<'_>) -> Vec<Finding> {
    case.path
        .certificates()
        .flat_map(|(index, p)| {
            p.certificate.extensions.iter().filter_map(move |e| {
                let (fault, section) = forbidden(&e.value)?;
                let (name, subject) = (oid_name(&e.oid), &p.certificate.subject);
                let message = format!("{name} of `{subject}`: {fault} (RFC 5280 section {section})");
                Some(
                    Finding::new(Code::ExtensionMalformed, message)
                        .about(index)
                        .shown_by("subject", subject.to_string())
                        .shown_by("extension", name)
                        .shown_by("fault", fault)
                        .shown_by("critical", if e.critical { "yes" } else { "no" })
                        .shown_by("oid", e.oid.clone())
                        .reissued(case),
                )
            })
        })
        .collect()
}

fn forbidden(value: &ExtensionValue) -> Option<(&'static str, &'static str)> {
    match value {
        ExtensionValue::CertificatePolicies(list) if list.is_empty() => {
            Some(("expected at least one policy, found none", "4.2.1.4"))
        }
        ExtensionValue::CertificatePolicies(list) => {
            let policies: BTreeSet<&String> = list.iter().collect();
            (policies.len() < list.len()).then_some(("expected each policy once, found one twice", "4.2.1.4"))
        }
        ExtensionValue::PolicyConstraints { require_explicit: None, inhibit_mapping: None } => {
            Some(("expected requireExplicitPolicy or inhibitPolicyMapping, found neither", "4.2.1.11"))
        }
        _ => None,
    }
}

/// Whether an extension has to be critical.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Must {
    BeCritical,
    NotBeCritical,
}

/// SAN, key identifiers: what OpenSSL's strict checks (check_extensions() in x509_vfy.c) and Python 3.13 look at.
const STRICTLY_CHECKED: [(&str, Must); 3] =
    [("2.5.29.14", Must::NotBeCritical), ("2.5.29.17", Must::BeCritical), ("2.5.29.35", Must::NotBeCritical)];

/// The rules of RFC 5280 section 4.2, each by its own section. basicConstraints has a code of its own.
const CRITICALITY: &[(&str, Must, &str)] = &[
    ("2.5.29.35", Must::NotBeCritical, "4.2.1.1"),
    ("2.5.29.14", Must::NotBeCritical, "4.2.1.2"),
    ("2.5.29.9", Must::NotBeCritical, "4.2.1.8"),
    ("2.5.29.30", Must::BeCritical, "4.2.1.10"),
    ("2.5.29.36", Must::BeCritical, "4.2.1.11"),
    ("2.5.29.54", Must::BeCritical, "4.2.1.14"),
    ("2.5.29.46", Must::NotBeCritical, "4.2.1.15"),
    ("1.3.6.1.5.5.7.1.1", Must::NotBeCritical, "4.2.2.1"),
    ("1.3.6.1.5.5.7.1.11", Must::NotBeCritical, "4.2.2.2"),
];

/// RFC 5280 section 4.2: each extension's section says whether it MUST be critical, or MUST NOT be.
pub(super) fn criticality(case: &Case<'_>) -> Vec<Finding> {
    let each = case.path.certificates().flat_map(|(index, p)| {
        p.certificate.extensions.iter().filter_map(move |e| Some((index, p, e, demanded(&p.certificate, e, index)?)))
    });
    each.filter(|(_, _, e, (must, ..))| (*must == Must::BeCritical) != e.critical)
        .map(|(index, p, e, (must, document, section))| {
            let (expected, found) = match must {
                Must::BeCritical => ("critical", "not critical"),
                Must::NotBeCritical => ("not critical", "critical"),
            };
            let (name, rule) = (oid_name(&e.oid), format!("{document} section {section}"));
            let message = format!("{name} of `{}` is {found}: expected {expected} ({rule})", p.certificate.subject);
            Finding::new(Code::ExtensionCriticality, message)
                .about(index)
                .graded(if STRICTLY_CHECKED.contains(&(e.oid.as_str(), must)) {
                    Severity::Warning
                } else {
                    Severity::Note
                })
                .shown_by("extension", name)
                .shown_by("expected", expected)
                .shown_by("found", found)
                .shown_by("rule", rule)
                .reissued(case)
        })
        .collect()
}

/// What is demanded of an extension, by which document and section.
fn demanded(
    certificate: &Certificate,
    extension: &Extension,
    index: usize,
) -> Option<(Must, &'static str, &'static str)> {
    const RFC: &str = "RFC 5280";
    const BASELINE: &str = "Baseline Requirements";
    match extension.oid.as_str() {
        // The SAN stands in for an empty subject, and then must be understood.
        "2.5.29.17" if certificate.subject.is_empty() => Some((Must::BeCritical, RFC, "4.2.1.6")),
        // Extended key usage and SAN of a leaf.
        "2.5.29.37" if index == 0 && extension.critical => Some((Must::NotBeCritical, BASELINE, "7.1.2.7.6")),
        "2.5.29.15" if index > 0 && certificate.is_ca() => Some((Must::BeCritical, BASELINE, "7.1.2.10.7")),
        "2.5.29.17" if index == 0 && extension.critical => Some((Must::NotBeCritical, BASELINE, "7.1.2.7.12")),
        oid => CRITICALITY.iter().find(|(known, ..)| *known == oid).map(|(_, must, section)| (*must, RFC, *section)),
    }
}

/// Extensions that belong to CAs alone, or that contradict each other (sections 4.2, 4.2.1.3, 4.2.1.9 to 4.2.1.11, 4.2.1.14).
pub(super) fn out_of_place(case: &Case<'_>) -> Vec<Finding> {
    case.path
        .certificates()
        .flat_map(|(index, p)| misplaced(&p.certificate).into_iter().map(move |what| (index, p, what)))
        .map(|(index, p, (name, why))| {
            Finding::new(Code::ExtensionNotAllowed, format!("{name} of `{}`: {why}", p.certificate.subject))
                .about(index)
                .graded(if [SIGNS_WITHOUT_CA, LIMIT_WITHOUT_CA].contains(&why) {
                    Severity::Warning
                } else {
                    Severity::Note
                })
                .shown_by("extension", name)
                .shown_by("rule", why)
                .reissued(case)
        })
        .collect()
}

/// What OpenSSL's strict checks refuse as well.
const SIGNS_WITHOUT_CA: &str = "keyCertSign is for CAs (RFC 5280 section 4.2.1.3)";
const LIMIT_WITHOUT_CA: &str = "a path length is for CAs (RFC 5280 section 4.2.1.9)";

/// The extension, and the rule that it breaks.
fn misplaced(certificate: &Certificate) -> Vec<(&'static str, &'static str)> {
    let ca = certificate.basic_constraints().is_some_and(|constraints| constraints.ca);
    let has = |oid: &str| certificate.extension(oid).is_some();
    let usage = certificate.key_usage();
    let signs = usage.is_some_and(KeyUsage::key_cert_sign);
    let limited = certificate.basic_constraints().is_some_and(|constraints| constraints.path_len.is_some());
    let rules = [
        (!ca && has("2.5.29.30"), "nameConstraints", "only a CA may have it (RFC 5280 section 4.2.1.10)"),
        (!ca && has("2.5.29.36"), "policyConstraints", "only a CA may have it (RFC 5280 section 4.2.1.11)"),
        (!ca && has("2.5.29.33"), "policyMappings", "only a CA may have it (RFC 5280 section 4.2.1.5)"),
        (!ca && has("2.5.29.54"), "inhibitAnyPolicy", "only a CA may have it (RFC 5280 section 4.2.1.14)"),
        (!ca && signs, "keyUsage", SIGNS_WITHOUT_CA),
        (limited && !ca, "basicConstraints", LIMIT_WITHOUT_CA),
        (usage.is_some_and(|usage| usage.names().is_empty()), "keyUsage", "no use at all (RFC 5280 section 4.2.1.3)"),
    ];
    rules.into_iter().filter(|(broken, ..)| *broken).map(|(_, name, why)| (name, why)).collect()
}

/// Section 4.2: a certificate MUST NOT include more than one instance of an extension.
fn repeated(presented: &Presented) -> Option<&Extension> {
    let extensions = &presented.certificate.extensions;
    extensions
        .iter()
        .enumerate()
        .find(|(at, e)| extensions[..*at].iter().any(|known| known.oid == e.oid))
        .map(|(_, e)| e)
}

/// What OpenSSL reads of every certificate before it looks at anything else (ossl_x509v3_cache_extensions() in v3_purp.c).
const READ_BY_ALL: [&str; 9] = [
    "2.5.29.14",
    "2.5.29.15",
    "2.5.29.17",
    "2.5.29.19",
    "2.5.29.30",
    "2.5.29.31",
    "2.5.29.35",
    "2.5.29.37",
    "2.16.840.1.113730.1.1",
];

/// RFC 5280 section 4.2: an extension MUST NOT be there twice.
pub(super) fn duplicates(case: &Case<'_>) -> Vec<Finding> {
    case.path
        .certificates()
        .filter_map(|(index, p)| {
            let twice = repeated(p)?;
            let name = oid_name(&twice.oid);
            let message =
                format!("`{}` has {name} twice: which one holds differs from client to client", p.certificate.subject);
            Some(
                Finding::new(Code::ExtensionMalformed, message)
                    .about(index)
                    .graded(Severity::Error)
                    .shown_by("fault", "there twice")
                    .shown_by(
                        "read_by",
                        if READ_BY_ALL.contains(&twice.oid.as_str()) { "OpenSSL as well" } else { "some" },
                    )
                    .shown_by("oid", twice.oid.clone())
                    .reissued(case),
            )
        })
        .collect()
}
