//! Certificate policies (RFC 5280 section 6.1, with the policy graph of RFC 9618 in place of the tree, which may grow
//! exponentially). The user asks for no policy of his own; a path that requires one must have one.

use std::collections::BTreeSet;

use crate::explain::Case;
use crate::facts::{Certificate, ExtensionValue, PolicyMapping, oid_name};
use crate::finding::{Code, Finding, Severity};

const ANY_POLICY: &str = "2.5.29.32.0";

/// The policies that hold for all certificates so far.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Valid {
    any: bool,
    named: BTreeSet<String>,
}

/// The counters of section 6.1.2 (d) to (f): after so many more certificates the rule holds.
#[derive(Debug, Clone, Copy)]
struct Counters {
    explicit: usize,
    any: usize,
    mapping: usize,
}

/// Section 6.1.5 (g): where an explicit policy is required, the set of valid ones must not be empty.
pub(super) fn policies(case: &Case<'_>) -> Vec<Finding> {
    // The anchor is no part of the path that is processed (section 6.1).
    let anchored = usize::from(matches!(case.path.end, crate::explain::End::Anchored));
    let last = case.path.steps.len() - anchored;
    let path: Vec<(usize, &Certificate)> =
        case.path.certificates().take(last.max(1)).map(|(index, p)| (index, &p.certificate)).collect();
    let Some((index, required_by)) = first_without(&path) else {
        return required_by_anchor(case).into_iter().collect();
    };
    let subject = &path[index].1.subject;
    let found =
        policies_of(path[index].1).map(|set| set.iter().map(|oid| oid_name(oid).to_owned()).collect::<Vec<_>>());
    let message = format!(
        "`{}` requires a certificate policy for all below it, and none is valid down to `{subject}`",
        path[required_by].1.subject
    );
    vec![
        Finding::new(Code::PolicyViolated, message)
            .about(path[index].0)
            .shown_by("required_by", path[required_by].1.subject.to_string())
            .shown_by("critical", if is_critical(path[required_by].1) { "yes" } else { "no" })
            .shown_by("policies", found.unwrap_or_default())
            .reissued(case),
    ]
}

/// Chromium processes a root's own policyConstraints as it does those of other CAs; section 6.1 leaves them out.
fn required_by_anchor(case: &Case<'_>) -> Option<Finding> {
    let path: Vec<(usize, &Certificate)> = case.path.certificates().map(|(index, p)| (index, &p.certificate)).collect();
    let top = path.len() - 1;
    if top == 0 || case.path.end != crate::explain::End::Anchored || constraint(path[top].1) == (None, None) {
        return None;
    }
    let (index, _) = first_without_below(&path[..top], Some(path[top].1))?;
    let (subject, anchor) = (&path[index].1.subject, &path[top].1.subject);
    let message = format!(
        "the trust anchor `{anchor}` requires a certificate policy, and none is valid down to `{subject}`: RFC 5280 section 6.1 asks \
         nothing of an anchor, and Chromium refuses it"
    );
    let finding = Finding::new(Code::PolicyViolated, message).about(index).graded(Severity::Warning);
    Some(finding.shown_by("required_by", anchor.to_string()).shown_by("fault", BY_ANCHOR).reissued(case))
}

/// How a policy is told that an anchor requires.
const BY_ANCHOR: &str = "required by the trust anchor";

/// Section 6.1.4 (a), and 4.2.1.5: anyPolicy is mapped to nothing, and nothing to it.
pub(super) fn any_policy_mapped(case: &Case<'_>) -> Vec<Finding> {
    // Of the anchor and the leaf no mapping is processed.
    let last = case.path.steps.len() - usize::from(matches!(case.path.end, crate::explain::End::Anchored));
    let is_of_any = |mapping: &&PolicyMapping| [&mapping.issuer, &mapping.subject].iter().any(|oid| *oid == ANY_POLICY);
    case.path
        .certificates()
        .take(last)
        .skip(1)
        .filter_map(|(index, p)| Some((index, &p.certificate, mappings_of(&p.certificate).iter().find(is_of_any)?)))
        .map(|(index, certificate, mapping)| {
            let (from, to) = (oid_name(&mapping.issuer), oid_name(&mapping.subject));
            let message = format!(
                "`{}` maps the policy {from} to {to}: anyPolicy can't be mapped (RFC 5280 section 4.2.1.5)",
                certificate.subject
            );
            Finding::new(Code::PolicyViolated, message)
                .about(index)
                .shown_by("subject", certificate.subject.to_string())
                .shown_by("fault", "anyPolicy is mapped")
                .shown_by("mapped", format!("{from} to {to}"))
                .reissued(case)
        })
        .collect()
}

/// Whether who does not know the limit of policies has to refuse the certificate (RFC 5280 section 4.2).
fn is_critical(certificate: &Certificate) -> bool {
    certificate.extension("2.5.29.36").is_some_and(|extension| extension.critical)
}

/// The first certificate, from the top, at which a required policy is not there any more, and who required it.
fn first_without(path: &[(usize, &Certificate)]) -> Option<(usize, usize)> {
    first_without_below(path, None)
}

/// The same below an anchor whose own policies and constraints count; where it names no policy it may issue under any.
fn first_without_below(path: &[(usize, &Certificate)], anchor: Option<&Certificate>) -> Option<(usize, usize)> {
    let length = path.len();
    let mut valid = Valid { any: true, named: BTreeSet::new() };
    let mut counters = Counters { explicit: length + 1, any: length + 1, mapping: length + 1 };
    let mut required_by = length - 1;
    if let Some(anchor) = anchor {
        valid = policies_of(anchor).map_or_else(|| valid.clone(), |_| narrowed(&valid, anchor, true));
        counters = next(counters, anchor);
    }
    for position in (0..length).rev() {
        let certificate = path[position].1;
        let leaf = position == 0;
        valid = narrowed(&valid, certificate, counters.any > 0 || (!leaf && certificate.is_self_issued()));
        if counters.explicit == 0 && !valid.any && valid.named.is_empty() {
            return Some((position, required_by));
        }
        if leaf {
            break;
        }
        map(&mut valid, certificate, counters.mapping > 0);
        let before = counters.explicit;
        counters = next(counters, certificate);
        if counters.explicit < before.saturating_sub(1) {
            required_by = position;
        }
    }
    // Section 6.1.5 (a) and (b): the leaf may require one for itself.
    let leaf = path[0].1;
    let explicit = counters.explicit.saturating_sub(1) == 0 || constraint(leaf).0 == Some(0);
    (explicit && !valid.any && valid.named.is_empty())
        .then_some((0, if constraint(leaf).0 == Some(0) { 0 } else { required_by }))
}

/// Section 6.1.3 (d) to (f).
fn narrowed(above: &Valid, certificate: &Certificate, any_allowed: bool) -> Valid {
    let Some(own) = policies_of(certificate) else { return Valid { any: false, named: BTreeSet::new() } };
    let own_any = any_allowed && own.contains(ANY_POLICY);
    let named = own.iter().filter(|oid| *oid != ANY_POLICY && (above.any || above.named.contains(*oid)));
    let mut named: BTreeSet<String> = named.cloned().collect();
    if own_any {
        named.extend(above.named.iter().cloned());
    }
    Valid { any: above.any && own_any, named }
}

/// Section 6.1.4 (b): mapped policies take the place of those that they are mapped from; where mapping is inhibited, a
/// mapped policy is gone.
fn map(valid: &mut Valid, certificate: &Certificate, allowed: bool) {
    let mappings = mappings_of(certificate);
    let holds = |valid: &Valid, from: &str| valid.any || valid.named.contains(from);
    let mapped: Vec<String> =
        mappings.iter().filter(|m| allowed && holds(valid, &m.issuer)).map(|m| m.subject.clone()).collect();
    for mapping in mappings {
        valid.named.remove(&mapping.issuer);
    }
    valid.named.extend(mapped);
}

/// Section 6.1.4 (h) to (j).
fn next(counters: Counters, certificate: &Certificate) -> Counters {
    let step = usize::from(!certificate.is_self_issued());
    let (require, inhibit_mapping) = constraint(certificate);
    let least =
        |counter: usize, asked: Option<u32>| counter.saturating_sub(step).min(asked.map_or(usize::MAX, |n| n as usize));
    Counters {
        explicit: least(counters.explicit, require),
        mapping: least(counters.mapping, inhibit_mapping),
        any: least(counters.any, inhibit_any(certificate)),
    }
}

fn policies_of(certificate: &Certificate) -> Option<BTreeSet<String>> {
    certificate.extensions.iter().find_map(|e| match &e.value {
        ExtensionValue::CertificatePolicies(list) => Some(list.iter().cloned().collect()),
        _ => None,
    })
}

fn mappings_of(certificate: &Certificate) -> &[PolicyMapping] {
    let found = certificate.extensions.iter().find_map(|e| match &e.value {
        ExtensionValue::PolicyMappings(list) => Some(list.as_slice()),
        _ => None,
    });
    found.unwrap_or_default()
}

fn constraint(certificate: &Certificate) -> (Option<u32>, Option<u32>) {
    let found = certificate.extensions.iter().find_map(|e| match e.value {
        ExtensionValue::PolicyConstraints { require_explicit, inhibit_mapping } => {
            Some((require_explicit, inhibit_mapping))
        }
        _ => None,
    });
    found.unwrap_or((None, None))
}

fn inhibit_any(certificate: &Certificate) -> Option<u32> {
    certificate.extensions.iter().find_map(|e| match e.value {
        ExtensionValue::InhibitAnyPolicy(skip) => Some(skip),
        _ => None,
    })
}
