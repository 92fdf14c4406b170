//! The order and completeness of what was sent (RFC 8446 section 4.4.2, RFC 5246 section 7.4.2).

use std::collections::HashSet;

use crate::explain::{Case, End, Origin, Presented};
use crate::finding::fix::rewrite;
use crate::finding::{Code, Finding, Severity};

/// The places in the chain file of the certificates on the path, from the leaf upwards.
fn places(case: &Case<'_>) -> Vec<usize> {
    let sent = |presented: &Presented| {
        case.evidence.chain.iter().position(|p| p.certificate.der() == presented.certificate.der())
    };
    case.path.steps.iter().filter_map(|step| sent(step.presented)).collect()
}

/// RFC 5246 section 7.4.2 and RFC 8446 section 4.4.2: the sender's certificate comes first, and each following one certifies the one
/// before it (a MUST of the former, a SHOULD of the latter). A chain that begins with another than the
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

/// How many certificates that are sent in vain are told one by one; of more, how many there are.
const MAX_TOLD: usize = 8;

/// The places in the chain of the first of each certificate, and of those that are there again.
fn places_of_kinds(chain: &[Presented]) -> (Vec<usize>, Vec<usize>) {
    let mut known = HashSet::new();
    (0..chain.len()).partition(|place| known.insert(chain[*place].certificate.der()))
}

/// A finding for each place, and on the last that is told how many more there are.
fn told(places: &[usize], tell: impl Fn(usize) -> Finding) -> Vec<Finding> {
    let mut findings: Vec<Finding> = places.iter().take(MAX_TOLD).map(|place| tell(*place)).collect();
    let more = places.len() - findings.len();
    if let Some(last) = findings.pop_if(|_| more > 0) {
        let message = format!("{}; {more} more are like it", last.message);
        findings.push(Finding { message, ..last.shown_by("more", more) });
    }
    findings
}

/// Certificates on no path: sent in vain (RFC 5246 section 7.4.2 asks for the chain alone, RFC 8446 section 4.4.2 lets clients
/// cope with more). Of a search that was cut short nobody knows what the others are for.
pub(super) fn extra(case: &Case<'_>) -> Vec<Finding> {
    if matches!(case.path.end, End::CutShort(_)) {
        return Vec::new();
    }
    let chain = &case.evidence.chain;
    let (mut places, _) = places_of_kinds(chain);
    places.retain(|place| !on_path(case, &chain[*place]) && !on_another_path(case, &chain[*place]));
    told(&places, |place| {
        let p = &chain[place];
        let message =
            format!("`{}` ({}) belongs to no path of this chain: it can be left away", p.certificate.subject, p.source);
        Finding::new(Code::ChainExtra, message)
            .shown_by("subject", p.certificate.subject.to_string())
            .shown_by("source", p.source.clone())
            .mended_by(rewrite(case))
    })
    .into_iter()
    .map(|finding| too_many(finding, chain.len()))
    .collect()
}

/// The most certificates that Java takes in a handshake (`jdk.tls.maxCertificateChainLength`), and the most that GnuTLS verifies
/// (DEFAULT_MAX_VERIFY_DEPTH): who sends more than a path needs is refused by them for the number alone.
const MOST_FOR_JAVA: usize = 10;
const MOST_FOR_GNUTLS: usize = 16;

/// A whole bundle of CAs behind the leaf is no longer harmless.
fn too_many(finding: Finding, sent: usize) -> Finding {
    let whose = match sent {
        sent if sent > MOST_FOR_GNUTLS => "Java and GnuTLS",
        sent if sent > MOST_FOR_JAVA => "Java",
        _ => return finding,
    };
    let message = format!("{}; {sent} certificates are sent, more than {whose} will take", finding.message);
    Finding { message, ..finding }.graded(Severity::Warning).shown_by("sent", sent).shown_by("too_many_for", whose)
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

/// The same certificate twice: each of the list certifies the one before it (RFC 8446 section 4.4.2, RFC 5246 section 7.4.2), and
/// once is enough for that.
pub(super) fn duplicate(case: &Case<'_>) -> Vec<Finding> {
    let chain = &case.evidence.chain;
    told(&places_of_kinds(chain).1, |place| {
        let p = &chain[place];
        let message = format!("`{}` is there twice ({}): once is enough", p.certificate.subject, p.source);
        Finding::new(Code::ChainDuplicate, message)
            .shown_by("subject", p.certificate.subject.to_string())
            .shown_by("source", p.source.clone())
            .mended_by(rewrite(case))
    })
    .into_iter()
    .map(|finding| too_many(finding, chain.len()))
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
