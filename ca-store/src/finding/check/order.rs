//! The order and completeness of what was sent (RFC 8446 section 4.4.2, RFC 5246 section 7.4.2).

use crate::explain::{Case, Origin, Presented};
use crate::finding::fix::rewrite;
use crate::finding::{Code, Finding, Severity};

/// The places in the chain file of the certificates on the path, from the leaf upwards.
fn places(case: &Case<'_>) -> Vec<usize> {
    let sent = |presented: &Presented| {
        case.evidence.chain.iter().position(|p| p.certificate.der() == presented.certificate.der())
    };
    case.path.steps.iter().filter_map(|step| sent(step.presented)).collect()
}

/// The leaf comes first, and each certificate certifies the one before it. A chain that begins with another than the
/// leaf cannot be loaded beside the leaf's key; a later disorder is forgiven by current clients.
pub(super) fn chain_order(case: &Case<'_>) -> Vec<Finding> {
    let places = places(case);
    let Some((&leaf, rest)) = places.split_first() else { return Vec::new() };
    let subject = &case.path.leaf().certificate.subject;
    let (severity, message) = if leaf != 0 {
        let first = &case.evidence.chain[0].certificate.subject;
        (
            Severity::Error,
            format!(
                "the chain begins with `{first}`: expected the leaf `{subject}` first, found it at place {}",
                leaf + 1
            ),
        )
    } else if rest.windows(2).any(|pair| pair[0] > pair[1]) {
        (
            Severity::Warning,
            "the CA certificates stand in the wrong order: expected each to certify the one before it".to_owned(),
        )
    } else {
        return Vec::new();
    };
    let found: Vec<String> = case.evidence.chain.iter().map(|p| p.certificate.subject.to_string()).collect();
    let expected: Vec<String> =
        case.path.steps.iter().map(|step| step.presented.certificate.subject.to_string()).collect();
    vec![
        Finding::new(Code::ChainOrder, message)
            .about(0)
            .graded(severity)
            .shown_by("expected", expected)
            .shown_by("found", found)
            .mended_by(rewrite(case)),
    ]
}

fn unused<'a>(case: &Case<'a>) -> impl Iterator<Item = (usize, &'a Presented)> {
    let used = places(case);
    case.evidence.chain.iter().enumerate().filter(move |(index, _)| !used.contains(index))
}

/// Certificates on no path: sent in vain.
pub(super) fn extra(case: &Case<'_>) -> Vec<Finding> {
    let first_of_its_kind = |index: usize, p: &Presented| {
        !case.evidence.chain[..index].iter().any(|known| known.certificate.der() == p.certificate.der())
    };
    unused(case)
        .filter(|(index, p)| first_of_its_kind(*index, p) && !on_path(case, p) && !on_another_path(case, p))
        .map(|(_, p)| {
            let message = format!(
                "`{}` ({}) belongs to no path of this chain: it can be left away",
                p.certificate.subject, p.source
            );
            Finding::new(Code::ChainExtra, message)
                .shown_by("subject", p.certificate.subject.to_string())
                .shown_by("source", p.source.clone())
                .mended_by(rewrite(case))
        })
        .collect()
}

/// A cross-certificate or a former one: the name and key of a CA on the path (RFC 4158 section 2.4.2).
fn on_another_path(case: &Case<'_>, presented: &Presented) -> bool {
    case.path.steps.iter().skip(1).any(|step| {
        let known = &step.presented.certificate;
        known.subject.same_as(&presented.certificate.subject)
            && known.public_key.same_as(&presented.certificate.public_key)
    })
}

fn on_path(case: &Case<'_>, presented: &Presented) -> bool {
    case.path.steps.iter().any(|step| step.presented.certificate.der() == presented.certificate.der())
}

/// The same certificate twice.
pub(super) fn duplicate(case: &Case<'_>) -> Vec<Finding> {
    let chain = &case.evidence.chain;
    let again =
        |index: usize| chain[..index].iter().any(|known| known.certificate.der() == chain[index].certificate.der());
    (0..chain.len())
        .filter(|index| again(*index))
        .map(|index| {
            let message = format!(
                "`{}` is there twice ({}): once is enough",
                chain[index].certificate.subject, chain[index].source
            );
            Finding::new(Code::ChainDuplicate, message)
                .shown_by("subject", chain[index].certificate.subject.to_string())
                .shown_by("source", chain[index].source.clone())
                .mended_by(rewrite(case))
        })
        .collect()
}

/// RFC 8446 section 4.4.2: the root MAY be left away, as the client must have it anyway.
pub(super) fn root_sent(case: &Case<'_>) -> Vec<Finding> {
    let top = case.path.steps.len() - 1;
    let root = case.path.top();
    let sent = case.evidence.chain.iter().any(|p| p.certificate.der() == root.certificate.der());
    let trusted = case.path.steps[top].origin == Origin::Trust
        || case.evidence.trust.iter().any(|p| p.certificate.der() == root.certificate.der());
    if top == 0 || !sent || !trusted || !root.certificate.is_self_issued() {
        return Vec::new();
    }
    let message = format!("the root `{}` is sent along: harmless, and no client needs it", root.certificate.subject);
    vec![
        Finding::new(Code::ChainHasRoot, message)
            .about(top)
            .shown_by("root", root.certificate.subject.to_string())
            .shown_by("sent", case.evidence.chain.len())
            .mended_by(rewrite(case)),
    ]
}
