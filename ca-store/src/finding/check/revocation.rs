//! Revocation lists (RFC 5280 section 6.3.3), where any were given.

use crate::explain::{Case, Presented, rfc3339};
use crate::facts::{Crl, SignatureCheck, escape};
use crate::finding::fix::reissue;
use crate::finding::{Code, Finding};

/// The leaf against each list of its issuer. Lists of others say nothing of it, and then none was given that applies.
pub(super) fn revoked(case: &Case<'_>) -> Vec<Finding> {
    let Some((_, leaf, issuer)) = case.path.links().next() else { return Vec::new() };
    if case.evidence.crls.is_empty() {
        return Vec::new();
    }
    let own: Vec<_> =
        case.evidence.crls.iter().filter(|(crl, _)| crl.issuer.same_as(&issuer.certificate.subject)).collect();
    if own.is_empty() {
        return vec![not_applicable(case, leaf, issuer)];
    }
    own.into_iter().flat_map(|(crl, file)| judge(case, leaf, issuer, crl, file)).collect()
}

fn not_applicable(case: &Case<'_>, leaf: &Presented, issuer: &Presented) -> Finding {
    let owners: Vec<String> = case.evidence.crls.iter().map(|(crl, _)| crl.issuer.to_string()).collect();
    let message = format!(
        "no CRL that was given is of `{}`, which issued `{}`: found those of {}",
        issuer.certificate.subject,
        leaf.certificate.subject,
        owners.join(", ")
    );
    Finding::new(Code::CrlNotApplicable, message)
        .about(0)
        .shown_by("expected", issuer.certificate.subject.to_string())
        .shown_by("found", owners)
        .mended_by(format!("# give the CRL of {} with --crl", issuer.certificate.subject))
}

fn judge(case: &Case<'_>, leaf: &Presented, issuer: &Presented, crl: &Crl, file: &str) -> Vec<Finding> {
    let now = case.question.at;
    let file = escape(file);
    let fresh = format!("# get the current CRL of {} and give it with --crl", crl.issuer);
    let mut findings = Vec::new();
    if crl.verified_by(&issuer.certificate.public_key) != SignatureCheck::Good {
        let message = format!("the CRL {file} is not signed by the key of `{}`", issuer.certificate.subject);
        return vec![Finding::new(Code::CrlSignatureInvalid, message).about(1).mended_by(fresh)];
    }
    if crl.next_update.is_some_and(|next| next < now) {
        let next = crl.next_update.map(rfc3339).unwrap_or_default();
        let message = format!("the CRL {file} is out of date: the next one was due on {next}");
        findings.push(Finding::new(Code::CrlExpired, message).shown_by("next_update", next).mended_by(fresh.clone()));
    }
    if crl.this_update > now {
        let this = rfc3339(crl.this_update);
        let message = format!("the CRL {file} holds from {this} only");
        findings.push(Finding::new(Code::CrlNotYetValid, message).shown_by("this_update", this).mended_by(fresh));
    }
    if let Some(entry) = crl.entry(&leaf.certificate.serial) {
        let reason = entry.reason.as_deref().unwrap_or("no reason given");
        let message = format!(
            "`{}` was revoked on {} ({reason}), says the CRL {file}",
            leaf.certificate.subject,
            rfc3339(entry.at)
        );
        findings.push(
            Finding::new(Code::Revoked, message)
                .about(0)
                .shown_by("serial", leaf.certificate.serial_hex())
                .shown_by("revoked_at", rfc3339(entry.at))
                .shown_by("reason", reason)
                .mended_by(reissue(case)),
        );
    }
    findings
}
