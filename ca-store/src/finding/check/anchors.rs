//! What is trusted, and should not be, or is damaged (RFC 5280 section 6.1.1 (d)).

use super::trust::{looks_like_ca, top};
use crate::explain::{Case, End, MAX_DEPTH, Presented};
use crate::facts::{Certificate, SignatureCheck};
use crate::finding::fix::{ask_again, is_client, neighbour_issuer, quote_file, reissue};
use crate::finding::{Code, Finding, Severity};
use crate::handshake::CA_SETTINGS;

/// An anchor that says it signed itself, and neither its own key nor another of that name did: a changed byte. Clients
/// that check the signatures of anchors refuse it, and mostly its key is not the one that signed below. Where it is, the
/// path holds all the same (RFC 5280 section 6.1.1 (d): of an anchor only name and key count).
pub(super) fn damaged_anchor(case: &Case<'_>) -> Vec<Finding> {
    let others_bad = |anchor: &Certificate| {
        let namesakes = case.evidence.pool().map(|(p, _)| &p.certificate).filter(|p| p.der() != anchor.der());
        namesakes
            .filter(|p| p.subject.same_as(&anchor.issuer))
            .all(|p| case.budget.verify(anchor, &p.public_key) == Some(SignatureCheck::Bad))
    };
    // Its own key is tried first, outside of the budget: that is one signature an anchor, however large the store is.
    let damaged = case.evidence.trust.iter().find(|p| {
        let anchor = &p.certificate;
        anchor.is_ca() && is_changed(anchor) && others_bad(anchor)
    });
    damaged
        .map(|p| {
            let message = format!(
                "the CA file's certificate `{}` ({}) is damaged: no key of that name verifies its signature",
                p.certificate.subject, p.source
            );
            // X509_check_issued() of OpenSSL: a root has one name, and its key's identifier where it names one.
            let id = p.certificate.authority_key_identifier();
            let is_root = p.certificate.is_self_issued()
                && id.is_none_or(|id| p.certificate.subject_key_identifier().is_none_or(|own| own == id));
            let anchors = case.path.end == End::Anchored && case.path.top().certificate.der() == p.certificate.der();
            Finding::new(Code::CertificateCorrupt, message)
                .graded(if anchors { Severity::Warning } else { Severity::Error })
                .shown_by("sha256", p.certificate.sha256_hex())
                .shown_by("source", p.source.clone())
                .shown_by("still_a_root", if is_root { "yes" } else { "no" })
                .mended_by(format!(
                    "# copy the CA file again from where it came, and compare its fingerprint; or issue anew:\n{}",
                    reissue(case, Code::CertificateCorrupt)
                ))
        })
        .into_iter()
        .collect()
}

/// By its names or by its key's identifier it says that it signed itself, and its key did not.
pub(super) fn is_changed(anchor: &Certificate) -> bool {
    let id = anchor.authority_key_identifier();
    let is_own = anchor.is_self_issued() || id.is_some() && id == anchor.subject_key_identifier();
    is_own && anchor.verified_by(&anchor.public_key) == SignatureCheck::Bad
}

/// The server's own certificate stands among the anchors in place of its CA's (RFC 5280 section 6.1.1 (d)).
pub(super) fn leaf_as_anchor(case: &Case<'_>) -> Vec<Finding> {
    let leaf = &case.path.leaf().certificate;
    let alone = case.path.end == End::Anchored && case.path.steps.len() == 1;
    if !alone {
        return Vec::new();
    }
    if leaf.is_self_signed() {
        if looks_like_ca(case, leaf) {
            return Vec::new();
        }
        let message = format!(
            "`{}` is signed by its own key and trusted by name: it works where each client is told of it, and nowhere else",
            leaf.subject
        );
        return vec![
            Finding::new(Code::SelfSignedLeaf, message)
                .about(0)
                .graded(Severity::Warning)
                .shown_by("subject", leaf.subject.to_string())
                .shown_by("key_sha256", leaf.public_key.sha256_hex())
                .shown_by(
                    "says",
                    leaf.basic_constraints().map_or("nothing", |b| if b.ca { "CA:TRUE" } else { "CA:FALSE" }),
                )
                .shown_by(
                    "may_sign",
                    if leaf.key_usage().is_none_or(crate::facts::KeyUsage::key_cert_sign) { "yes" } else { "no" },
                )
                .reissued(case),
        ];
    }
    if leaf.is_ca() {
        return Vec::new();
    }
    let message = format!(
        "the server's own certificate `{}` was given as the CA file: expected the certificate of `{}`",
        leaf.subject, leaf.issuer
    );
    vec![
        Finding::new(Code::LeafAsTrustAnchor, message)
            .about(0)
            .shown_by("trust_anchor", leaf.subject.to_string())
            .shown_by("expected", leaf.issuer.to_string())
            .shown_by("self_issued", if leaf.is_self_issued() { "yes" } else { "no" })
            .shown_by(
                "authority_key_id",
                leaf.authority_key_identifier().map_or_else(|| "absent".to_owned(), crate::facts::hex),
            )
            .shown_by("cas_sent", cas_sent(case))
            .mended_by(root_instead(case, leaf)),
    ]
}

/// Whether CAs are sent, too: GnuTLS leaves a root at the end away, and finds what is left among what is trusted.
fn cas_sent(case: &Case<'_>) -> &'static str {
    let sent = &case.evidence.chain;
    let is_ca = |p: &Presented| p.certificate.is_ca();
    let is_root_at_end = |at: usize, p: &Presented| at + 1 == sent.len() && p.certificate.is_self_issued();
    match sent.iter().any(is_ca) {
        true if sent.iter().enumerate().any(|(at, p)| is_ca(p) && !is_root_at_end(at, p)) => "yes",
        true => "a root alone",
        false => "no",
    }
}

/// The root that lies beside the files, by way of what lies there or was sent: of an endpoint the CAs between may be nowhere else.
pub(crate) fn root_above<'a>(case: &Case<'a>, leaf: &Certificate) -> Option<&'a Presented> {
    let above = |child: &Certificate| {
        let issuer = neighbour_issuer(case, child).or_else(|| sent_issuer(case, child));
        issuer.filter(|_| !child.is_self_issued())
    };
    // Cross-certificates may issue each other.
    let upwards = std::iter::successors(above(leaf), |issuer| above(&issuer.certificate)).take(MAX_DEPTH);
    upwards.last().filter(|top| top.certificate.is_self_issued())
}

/// A CA that was sent and issued `child`.
fn sent_issuer<'a>(case: &Case<'a>, child: &Certificate) -> Option<&'a Presented> {
    let named = |sent: &&Presented| {
        let issuer = &sent.certificate;
        issuer.is_ca() && issuer.der() != child.der() && child.issuer.same_as(&issuer.subject)
    };
    let mut sent = case.evidence.chain.iter().filter(named);
    sent.find(|it| case.budget.verify_beside(child, &it.certificate.public_key) == Some(SignatureCheck::Good))
}

/// The root above, where it was sent or lies beside the files, else a new issue.
fn root_instead(case: &Case<'_>, leaf: &Certificate) -> String {
    match root_above(case, leaf).and_then(|p| p.file.as_deref()) {
        Some(file) => as_ca_file(case, file),
        None => reissue(case, Code::LeafAsTrustAnchor),
    }
}

/// What shows that this file is enough, and who is to have it.
pub(super) fn as_ca_file(case: &Case<'_>, file: &str) -> String {
    let (again, file) = (ask_again(case, None, None, Some(file)), quote_file(file));
    match is_client(case) {
        // What a client shows is judged by the server.
        true => format!("{again}\n# then let the server trust {file} ({CA_SETTINGS})"),
        false => format!("{again}\n# then give clients {file} as their CA file"),
    }
}

/// An intermediate as anchor: RFC 5280 allows it, and OpenSSL without `-partial_chain` does not.
pub(super) fn intermediate_as_anchor(case: &Case<'_>) -> Vec<Finding> {
    let (index, anchor) = top(case);
    if case.path.end != End::Anchored || anchor.is_self_issued() || index == 0 || is_changed(anchor) {
        return Vec::new();
    }
    let message = format!(
        "only the intermediate `{}` is trusted: clients that want a self-signed root go on to look for `{}`",
        anchor.subject, anchor.issuer
    );
    let fix = match neighbour_issuer(case, anchor).and_then(|p| p.file.as_deref()) {
        Some(file) => as_ca_file(case, file),
        None => format!("# give clients the root `{}` as their CA file", anchor.issuer),
    };
    vec![
        Finding::new(Code::IntermediateAsTrustAnchor, message)
            .about(index)
            .shown_by("trust_anchor", anchor.subject.to_string())
            .shown_by("root", anchor.issuer.to_string())
            .mended_by(fix),
    ]
}
