//! From bytes to an explanation: evidence, the paths that it allows, what is wrong on them, who refuses, a report.
//!
//! ```text
//! Evidence + Question ─► path::search ─► Case ─► finding::check ─► root_cause ─► clients ─► Report ─► render
//! ```
//!
//! All of it is a pure function: the time of the question is an argument, and nothing here opens a file or a socket.

mod budget;
mod client_beside;
mod client_chain;
mod compare;
mod evidence;
mod files;
pub mod folder;
mod gather;
mod held;
mod matching;
mod misplaced;
mod outcome;
mod own_revocation;
mod path;
pub mod render;
mod report;
mod swap;

pub(crate) use budget::exceeded;
pub use budget::{Bound, Budget, MAX_CHECKS_BESIDE, MAX_DEPTH, MAX_PATHS, MAX_SIGNATURE_CHECKS, MAX_STEPS};
pub use client_chain::ClientChain;
pub use compare::RustlsVerdict;
pub use evidence::{
    Acquainted, CaFile, Evidence, IssuedBefore, KeyFile, Origin, OtherStore, PeerName, PeerNameError, PeerTime,
    Presented, Profile, Purpose, Question, Situation,
};
pub use gather::{MAX_NEIGHBOUR_BYTES, MAX_NEIGHBOURS};
pub use held::HeldCa;
pub use matching::{dns_covers, wildcard_of};
pub use own_revocation::{OwnRevocation, Saying};
pub use path::{Case, End, Path, Step};
pub(crate) use report::rfc3339;
pub use report::{Asked, ChainEntry, ClientVerdict, Ran, Report, Verdict};

use crate::facts::Certificate;
use crate::finding::{self, Finding, Severity};
use outcome::Mended;

#[cfg(test)]
mod tests;

/// Answers the question from the evidence: what is wrong, why, what mends it, and who refuses.
pub fn diagnose(evidence: &Evidence, question: &Question) -> Report {
    let mut report = report_on(evidence, question, outcome::MAX_FOLLOWED);
    report.cause.iter_mut().chain(&mut report.findings).for_each(|it| files::name_flags_of_client(it, evidence));
    let mut endpoint = evidence.endpoint.clone();
    if let Some(chain) = endpoint.as_mut().and_then(|it| it.client_chain.as_mut()) {
        *chain = chain.under(report.cause.as_ref());
    }
    Report { endpoint, ..report }
}

/// `fixes`: how many of them are followed, one upon the other.
fn report_on(evidence: &Evidence, question: &Question, fixes: usize) -> Report {
    let search = path::search(evidence, question);
    let Some((path, findings)) = judged(&search, evidence, question, true) else {
        let found = finding::root_cause(files::completed(evidence, question));
        let mended = found.0.as_ref().filter(|_| fixes > 0).and_then(|it| Mended::by_files(evidence, question, it));
        return followed(report::without_chain(found, question), mended, question, fixes);
    };
    let case = Case { evidence, question, path, budget: &search.budget };
    let (cause, mut findings) = with_observed(evidence, question, Some(path), findings);
    let rustls = question.compare.then(|| compare::rustls_verdict(&case));
    for finding in &mut findings {
        finding.certificate = finding.certificate.filter(|index| *index < path.steps.len());
    }
    let mended = cause.as_ref().filter(|_| fixes > 0).and_then(|cause| Mended::by(&case, cause));
    followed(report::write(&case, cause, findings, rustls), mended, question, fixes)
}

/// The report with what comes of its fix.
fn followed(mut report: Report, mended: Option<Mended>, question: &Question, fixes: usize) -> Report {
    if let Some(mended) = mended {
        let after = report_on(&mended.evidence, &outcome::asked_of(question), fixes - 1);
        mended.tell(&mut report, after);
    }
    report
}

/// The verdict and the cause alone, as [`diagnose`] has them, for those who ask about many chains. A note is never the
/// cause, so what can only be one is not looked for.
pub fn judge(evidence: &Evidence, question: &Question) -> (Verdict, Option<Finding>) {
    let search = path::search(evidence, question);
    let (path, findings) = judged(&search, evidence, question, false).unzip();
    let (cause, findings) = with_observed(evidence, question, path, findings.unwrap_or_default());
    (report::verdict_of(&findings), cause)
}

/// What the fix of the cause takes in the place of the certificate and key that were given, where that is at hand already: another
/// certificate with its key, or the same with the CAs that it lacks.
#[derive(Debug, Clone)]
pub struct Proposed {
    /// The certificates, the leaf first.
    pub chain: Vec<Certificate>,
    /// The file that the fix leaves them in.
    pub chain_file: String,
    /// The file of the leaf's private key.
    pub key_file: String,
}

/// What the fix of the cause takes in the place of what was given, so that it can be tried before it is proposed.
pub fn proposed(evidence: &Evidence, question: &Question) -> Option<Proposed> {
    let search = path::search(evidence, question);
    let (path, findings) = judged(&search, evidence, question, true)?;
    let case = Case { evidence, question, path, budget: &search.budget };
    let (cause, _) = with_observed(evidence, question, Some(path), findings);
    finding::proposed(&case, &cause?)
}

fn with_observed(
    evidence: &Evidence,
    question: &Question,
    path: Option<&Path<'_>>,
    mut findings: Vec<Finding>,
) -> (Option<Finding>, Vec<Finding>) {
    findings.extend(files::completed(evidence, question));
    files::weigh_ca_files(&mut findings, evidence, question, path);
    files::hang_from_ca_file(&mut findings, evidence);
    finding::root_cause(findings)
}

/// The path with the fewest errors, and what was found on it. The search gives the anchored ones first.
fn judged<'a>(
    search: &'a path::Search<'a>,
    evidence: &Evidence,
    question: &Question,
    remarks: bool,
) -> Option<(&'a Path<'a>, Vec<Finding>)> {
    let mut best: Option<(usize, &Path<'_>, Vec<Finding>)> = None;
    for path in &search.paths {
        let case = Case { evidence, question, path, budget: &search.budget };
        let mut findings = finding::check(&case, remarks);
        let errors = errors(&findings);
        if errors == 0 && matches!(path.end, End::Anchored) {
            return Some((path, findings));
        }
        if best.as_ref().is_none_or(|(fewest, ..)| errors < *fewest) {
            // A path that was cut short says so by itself.
            let cut = search.cut.filter(|_| !matches!(path.end, End::CutShort(_)));
            findings.extend(cut.map(|bound| exceeded(&case, bound)));
            best = Some((errors, path, findings));
        }
    }
    best.map(|(_, path, findings)| (path, findings))
}

fn errors(findings: &[Finding]) -> usize {
    findings.iter().filter(|finding| finding.severity == Severity::Error).count()
}
