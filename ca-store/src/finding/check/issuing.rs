//! What a CA may do (RFC 5280 sections 4.2.1.3, 4.2.1.9 and 6.1.4).

use crate::explain::{Case, End, Evidence, Presented, Verdict, judge};
use crate::facts::Certificate;
use crate::finding::fix::{ask_again, in_place, quote_file, reissue};
use crate::finding::{Code, Finding, Severity};

use super::trust::serves_as_leaf;

/// The certificates above the leaf, with whether each is the topmost.
pub(super) fn issuers<'a>(case: &Case<'a>) -> impl Iterator<Item = (usize, &'a Presented, bool)> {
    let path = case.path;
    let last = path.steps.len() - 1;
    path.certificates().skip(1).map(move |(index, presented)| (index, presented, index == last))
}

/// A trust anchor is a name and a key (section 6.1.1 (d)); clients differ on how far they look at the rest of it.
fn grade(anchor: bool) -> Severity {
    if anchor { Severity::Warning } else { Severity::Error }
}

/// Section 6.1.4 (k) and (n): version 3, cA TRUE, and keyCertSign where there is a keyUsage.
pub(super) fn issuer_may_issue(case: &Case<'_>) -> Vec<Finding> {
    let found = issuers(case).filter_map(|(index, presented, anchor)| {
        let issuer = &presented.certificate;
        let (code, severity, message) = why_not_issue(issuer, anchor)?;
        let constraints = issuer.basic_constraints().map(|it| if it.ca { "CA:TRUE" } else { "CA:FALSE" });
        let usage = issuer.key_usage().map(|usage| usage.names().join(", "));
        Some(
            Finding::new(code, message)
                .about(index)
                .graded(severity)
                .shown_by("subject", issuer.subject.to_string())
                .shown_by("basic_constraints", constraints.unwrap_or("absent"))
                .shown_by("key_usage", usage.unwrap_or_else(|| "absent".to_owned()))
                .shown_by("extensions", has_extensions(issuer))
                .reissued(case),
        )
    });
    found.collect()
}

fn has_extensions(certificate: &Certificate) -> &'static str {
    if certificate.extensions.is_empty() { "absent" } else { "present" }
}

/// Section 4.1: Version is v1(0), v2(1) or v3(2). A program that counts from one writes a fourth, which nobody has defined.
pub(super) fn undefined_version(case: &Case<'_>) -> Vec<Finding> {
    case.path
        .certificates()
        .filter(|(_, p)| p.certificate.version > 3)
        .map(|(index, p)| {
            let certificate = &p.certificate;
            let message = format!(
                "`{}` says that it is an X.509 certificate of version {}: expected version 3, which is written as 2",
                certificate.subject, certificate.version
            );
            Finding::new(Code::CertificateCorrupt, message)
                .about(index)
                .shown_by("fault", "version")
                .shown_by("version", certificate.version)
                .shown_by("expected", 3)
                .reissued(case)
        })
        .collect()
}

/// What keeps a certificate from issuing others, how grave it is, and how it is told; none where it may.
fn why_not_issue(issuer: &Certificate, anchor: bool) -> Option<(Code, Severity, String)> {
    let (subject, version) = (&issuer.subject, issuer.version);
    let usage = issuer.key_usage();
    Some(match issuer.basic_constraints() {
        _ if version < 3 => (
            Code::Version1,
            grade(anchor),
            format!("`{subject}` is an X.509 version {version} certificate, which cannot say that it is a CA"),
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
        Some(_) if usage.is_some_and(|usage| !usage.key_cert_sign()) => {
            (Code::KeyCertSignMissing, Severity::Error, format!("`{subject}` is a CA whose keyUsage lacks keyCertSign"))
        }
        Some(_) if usage.is_none() => (
            Code::KeyCertSignMissing,
            Severity::Warning,
            format!("`{subject}` is a CA without keyUsage: expected keyCertSign, which strict clients ask for"),
        ),
        Some(_) => return None,
    })
}

/// Section 4.1.2.1: extensions make a certificate one of version 3; without them a leaf has no SAN, no usage, no purpose.
pub(super) fn leaf_version(case: &Case<'_>) -> Vec<Finding> {
    let leaf = &case.path.leaf().certificate;
    // A root that stands alone is judged as the CA that it is.
    if leaf.version >= 3 || leaf.is_self_issued() {
        return Vec::new();
    }
    let message = format!(
        "`{}` is an X.509 version {} certificate, which can have no extensions: expected version 3 with a SAN",
        leaf.subject, leaf.version
    );
    vec![
        Finding::new(Code::Version1, message)
            .about(0)
            .shown_by("version", leaf.version)
            .shown_by("extensions", has_extensions(leaf))
            .shown_by("expected", 3)
            .reissued(case),
    ]
}

/// Section 4.2.1.9: a conforming CA MUST mark basicConstraints as critical.
pub(super) fn constraints_critical(case: &Case<'_>) -> Vec<Finding> {
    case.path
        .certificates()
        .filter(|(_, p)| p.certificate.extension("2.5.29.19").is_some_and(|e| !e.critical) && p.certificate.is_ca())
        .map(|(index, p)| {
            let message = format!(
                "basicConstraints of `{}` is not critical: strict clients refuse the CA",
                p.certificate.subject
            );
            Finding::new(Code::BasicConstraintsNotCritical, message)
                .about(index)
                .shown_by("subject", p.certificate.subject.to_string())
                .shown_by("expected", "critical")
                .shown_by("critical", false)
                .reissued(case)
        })
        .collect()
}

/// RFC 5280 section 4.2.1.9: cA says that the key may verify the signatures of certificates, which is no business of a server or
/// client (Baseline Requirements section 7.1.2.7.8: cA MUST be FALSE). RFC 5280 section 6.1.5 lets such a leaf pass.
pub(super) fn leaf_is_ca(case: &Case<'_>) -> Vec<Finding> {
    let leaf = &case.path.leaf().certificate;
    if !leaf.basic_constraints().is_some_and(|constraints| constraints.ca) {
        return Vec::new();
    }
    let present = |is_there: bool| if is_there { "present" } else { "absent" };
    let bare = leaf.subject_alt_names().is_none() && leaf.extended_key_usage().is_none();
    if bare && !serves_as_leaf(case, leaf) {
        let found: Vec<String> = case.evidence.chain.iter().map(|p| p.certificate.subject.to_string()).collect();
        let message =
            format!("only CAs here: the first certificate, `{}`, is one, and no leaf is beside it", leaf.subject);
        return vec![
            Finding::new(Code::LeafMissing, message)
                .about(0)
                .shown_by("expected", "a certificate that says CA:FALSE or has a SAN")
                .shown_by("found", found)
                .shown_by("key_usage", present(leaf.key_usage().is_some()))
                .mended_by(leaf_first(case)),
        ];
    }
    let message =
        format!("`{}` is used as a leaf and says CA:TRUE: whoever holds its key can issue certificates", leaf.subject);
    vec![
        Finding::new(Code::LeafIsCa, message)
            .about(0)
            .shown_by("basic_constraints", "CA:TRUE")
            .shown_by("expected", "CA:FALSE")
            .shown_by("key_usage", present(leaf.key_usage().is_some()))
            .shown_by("path_length", path_length_of(leaf))
            .shown_by("extended_key_usage", present(leaf.extended_key_usage().is_some()))
            .reissued(case),
    ]
}

/// RFC 5280 section 4.2.1.9: a path length MUST NOT be there where keyUsage does not assert keyCertSign.
fn path_length_of(leaf: &Certificate) -> &'static str {
    let limited = leaf.basic_constraints().is_some_and(|constraints| constraints.path_len.is_some());
    match leaf.key_usage() {
        Some(usage) if limited && !usage.key_cert_sign() => "without keyCertSign",
        _ if limited => "present",
        _ => "absent",
    }
}

/// The most certificates of one key that are tried: renewals keep it for years, and one of them is current.
const MAX_LEAVES: usize = 16;

/// Whether nothing is wrong with that leaf and what was sent behind it.
fn is_good_before(case: &Case<'_>, leaf: &Presented) -> bool {
    let chain = std::iter::once(leaf).chain(&case.evidence.chain).cloned().collect();
    let joined = Evidence { chain, observed: Vec::new(), ..case.evidence.clone() };
    judge(&joined, case.question).0 == Verdict::Valid
}

/// The leaf that goes with the key, put before what was sent, where it lies beside the files; else a new issue.
fn leaf_first(case: &Case<'_>) -> String {
    let key = case.evidence.key.as_ref().and_then(|file| file.key.public_key.as_ref());
    let fits = |p: &&Presented| key.is_some_and(|key| key.same_as(&p.certificate.public_key)) && !p.certificate.is_ca();
    let leaves = || case.evidence.neighbours.iter().filter(fits).take(MAX_LEAVES);
    let leaf = leaves().find(|leaf| is_good_before(case, leaf)).or_else(|| leaves().next());
    let leaf = leaf.and_then(|p| p.file.as_deref());
    let (Some(leaf), Some(chain)) = (leaf, case.evidence.situation.chain_file.as_deref()) else {
        return reissue(case, Code::LeafMissing);
    };
    let out = case.evidence.situation.mend_file();
    format!(
        "cat {} {} > {out}\n{}\n{}",
        quote_file(leaf),
        quote_file(chain),
        ask_again(case, Some(out), None, None),
        in_place(case, out)
    )
}

/// Section 6.1.4 (l) and (m): CAs below, self-issued ones not counted.
pub(super) fn path_length(case: &Case<'_>) -> Vec<Finding> {
    issuers(case)
        .filter_map(|(index, presented, _)| {
            let limit = presented.certificate.basic_constraints().and_then(|constraints| constraints.path_len)?;
            let all = &case.path.steps[1..index];
            let below = all.iter().filter(|step| !step.presented.certificate.is_self_issued()).count();
            if all.len() <= limit as usize {
                return None;
            }
            let exceeded = below > limit as usize;
            let subject = &presented.certificate.subject;
            let allowed = match limit {
                0 => "no CA".to_owned(),
                1 => "one CA".to_owned(),
                more => format!("{more} CAs"),
            };
            let message = if exceeded {
                format!("`{subject}` allows {allowed} below it: found {below}")
            } else {
                format!(
                    "`{subject}` allows {allowed} below it: found {}, of which self-issued ones do not count, though GnuTLS, Go and \
                     rustls count them all",
                    all.len()
                )
            };
            Some(
                Finding::new(Code::PathLengthExceeded, message)
                    .about(index)
                    .graded(if exceeded { Severity::Error } else { Severity::Warning })
                    .shown_by("path_len", limit)
                    .shown_by("cas_below", below)
                    .shown_by("self_issued_below", all.len() - below)
                    .reissued(case),
            )
        })
        .collect()
}

/// The verifier's own limit of intermediates: RFC 5280 section 6.2 lets an implementation restrict paths further, self-issued ones
/// not counted, as section 4.2.1.9 counts.
pub(super) fn depth(case: &Case<'_>) -> Vec<Finding> {
    let above = &case.path.steps[1..];
    // The anchor is no intermediate, whoever issued it.
    let anchored = usize::from(case.path.end == End::Anchored && !above.is_empty());
    let between =
        above[..above.len() - anchored].iter().filter(|step| !step.presented.certificate.is_self_issued()).count();
    let Some(limit) = case.question.max_depth.filter(|limit| between > *limit) else {
        return deeper_than_clients(case, between).into_iter().collect();
    };
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

/// The most intermediates that rustls follows (webpki's MAX_SUB_CA_COUNT).
const MOST_FOR_RUSTLS: usize = 6;
/// The most certificates that Java takes from a server (jdk.tls.maxCertificateChainLength).
const MOST_SENT_FOR_JAVA: usize = 10;
/// The most that GnuTLS takes (DEFAULT_MAX_VERIFY_DEPTH).
const MOST_SENT_FOR_GNUTLS: usize = 16;
/// The most intermediates that NSS follows (CERT_MAX_CERT_CHAIN, with the root), and Chromium as measured.
const MOST_FOR_BROWSERS: usize = 19;
/// The most that Go follows: it checks 100 signatures (maxChainSignatureChecks).
const MOST_FOR_GO: usize = 99;

/// A chain that is sound, and longer than some clients follow by themselves.
fn deeper_than_clients(case: &Case<'_>, between: usize) -> Option<Finding> {
    let sent = (between + 1).max(sent_of(case));
    let clients = match between {
        _ if between > MOST_FOR_GO => "rustls, Java, GnuTLS, NSS, Chromium and Go",
        _ if between > MOST_FOR_BROWSERS => "rustls, Java, GnuTLS, NSS and Chromium",
        _ if sent > MOST_SENT_FOR_GNUTLS => "rustls, Java and GnuTLS",
        _ if sent > MOST_SENT_FOR_JAVA => "rustls and Java",
        _ if between > MOST_FOR_RUSTLS => "rustls",
        _ => return None,
    };
    let message =
        format!("{between} CAs stand between the leaf and the root, which is more than {clients} will follow");
    Some(
        Finding::new(Code::VerifyDepthExceeded, message)
            .graded(Severity::Warning)
            .shown_by("intermediates", between)
            .shown_by("too_many_for", clients)
            .reissued(case),
    )
}

/// How many of the path are in what the server sends: with the root, if it is.
fn sent_of(case: &Case<'_>) -> usize {
    let is_sent = |p: &Presented| case.evidence.chain.iter().any(|sent| sent.certificate.der() == p.certificate.der());
    case.path.certificates().filter(|(_, presented)| is_sent(presented)).count()
}
