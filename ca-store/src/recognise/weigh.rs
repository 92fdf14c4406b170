//! The candidates of a text beside what files or an endpoint show: these decide.

use crate::explain::{Asked, Evidence, Question, Report, Verdict};
use crate::finding::Code;

use super::{Candidate, Recognised, Standing, decide};

/// The report of a text alone: nothing was judged. It is `invalid` because an error is what the text reports, and the
/// candidates say what it may be; there is no cause, for a text does not decide.
pub fn alone(recognised: &Recognised, question: &Question) -> Report {
    Report {
        verdict: Verdict::Invalid,
        asked: Asked::of(question),
        not_run: None,
        endpoint: None,
        cause: None,
        chain: Vec::new(),
        path_end: "",
        findings: Vec::new(),
        clients: Vec::new(),
        rustls: None,
        candidates: recognised.candidates.clone(),
    }
}

/// Puts the candidates into a report of files or an endpoint: its cause first, then what it found besides, then what is
/// left open, and last what the evidence rules out. The order within each is the text's.
pub fn weigh(report: &mut Report, recognised: &Recognised, evidence: &Evidence) {
    let cause = report.cause.as_ref().map(|cause| cause.code);
    let standing = |code| match code {
        _ if Some(code) == cause => Standing::Cause,
        _ if report.findings.iter().any(|finding| finding.code == code) => Standing::Found,
        _ if is_decided(code, evidence) => Standing::RuledOut,
        _ => Standing::Open,
    };
    let mut candidates: Vec<Candidate> = recognised
        .candidates
        .iter()
        .map(|candidate| Candidate { standing: standing(candidate.code), ..candidate.clone() })
        .collect();
    if let Some(code) = cause.filter(|code| candidates.iter().all(|candidate| candidate.code != *code)) {
        candidates.push(Candidate { code, decide: decide::command(code, None), standing: Standing::Cause });
    }
    candidates.sort_by_key(|candidate| candidate.standing as u8);
    report.candidates = candidates;
}

/// Whether what was given would have shown that cause. Without a chain nothing of a chain is decided, without a key nothing of
/// a key, and what lies at the other machine (its clock, its stores, what is between) no file shows.
fn is_decided(code: Code, evidence: &Evidence) -> bool {
    let (chain, key) = (!evidence.chain.is_empty(), evidence.key.is_some());
    match decide::shown_by(code) {
        decide::Shown::Chain => chain,
        decide::Shown::Trust => chain && !evidence.trust.is_empty(),
        decide::Shown::Key => chain && key,
        decide::Shown::Crl => chain && !evidence.crls.is_empty(),
        decide::Shown::Endpoint => evidence.situation.endpoint.is_some(),
        decide::Shown::File => chain,
        decide::Shown::Elsewhere => false,
    }
}
