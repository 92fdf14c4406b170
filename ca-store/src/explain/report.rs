//! The report: plain data, in the shape that scripts rely on.

use serde::Serialize;
use serde_json::{Value, json};

use crate::clients::{self, KeptOut};
use crate::finding::{Finding, Severity};
use crate::handshake::EndpointFacts;
use crate::recognise::Candidate;

use super::{Case, End, Purpose, Question, RustlsVerdict};

/// Whether the chain is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// No finding of severity error.
    Valid,
    /// At least one.
    Invalid,
}

/// A certificate of the path.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChainEntry {
    /// `leaf`, `intermediate` or `root`.
    pub role: &'static str,
    /// Its subject, escaped.
    pub subject: String,
    /// Its fingerprint.
    pub sha256: String,
    /// The file or peer, with the position.
    pub source: String,
    /// Its issuer, escaped.
    pub issuer: String,
    /// Its last second (RFC 3339).
    pub not_after: String,
    /// It is a trust anchor.
    pub trusted: bool,
}

/// What one client makes of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClientVerdict {
    /// Its name, as the table of clients has it.
    pub client: &'static str,
    /// `accepts` or `rejects`.
    pub verdict: &'static str,
    /// What it prints where it refuses; empty where it accepts.
    pub error: String,
    /// What it did when it was run on this machine, where it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ran: Option<Ran>,
}

/// What a client did when it was run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ran {
    /// `accepts` or `rejects`.
    pub verdict: &'static str,
    /// The line of its output that tells, escaped and bounded.
    pub output: String,
    /// Whether its verdict is the one that the table of clients foretold.
    pub agrees: bool,
}

/// What was asked: a report is read later, and by others.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Asked {
    /// The names that the leaf must cover, escaped; empty where none was asked for.
    pub names: Vec<String>,
    /// `server`, `client` or `any`.
    pub purpose: &'static str,
    /// The time of the judgement (RFC 3339).
    pub at: String,
}

impl Asked {
    pub(crate) fn of(question: &Question) -> Asked {
        Asked {
            names: question.names.iter().map(ToString::to_string).collect(),
            purpose: match question.purpose {
                Purpose::Server => "server",
                Purpose::Client => "client",
                Purpose::Any => "any",
            },
            at: rfc3339(question.at),
        }
    }
}

/// All that is said of one question.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Whether the chain is good.
    pub verdict: Verdict,
    /// What was asked.
    pub asked: Asked,
    /// The one thing to mend first.
    pub cause: Option<Finding>,
    /// The path that was judged, from the leaf upwards.
    pub chain: Vec<ChainEntry>,
    /// Why the path goes no further: `anchored`, `self-signed`, `no-issuer`, or `cut-short` by a bound; empty where there is no path.
    pub path_end: &'static str,
    /// What was seen of a live endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<EndpointFacts>,
    /// Everything that was found, the cause first.
    pub findings: Vec<Finding>,
    /// Who accepts and who refuses.
    pub clients: Vec<ClientVerdict>,
    /// Why clients that should have been run were not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_run: Option<String>,
    /// rustls's own verdict, and where it differs from ours, why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rustls: Option<Value>,
    /// Causes that an error's text may stand for, most likely first.
    pub candidates: Vec<Candidate>,
}

impl Report {
    /// Whether something that was given could not be read.
    pub fn has_unreadable_input(&self) -> bool {
        self.findings.iter().any(Finding::is_unreadable_input)
    }
}

pub(super) fn write(
    case: &Case<'_>,
    cause: Option<Finding>,
    findings: Vec<Finding>,
    rustls: Option<RustlsVerdict>,
) -> Report {
    let verdict = verdict_of(&findings);
    Report {
        verdict,
        asked: Asked::of(case.question),
        not_run: None,
        clients: clients::verdicts(&findings, case.question, anchor(case), KeptOut::of_case(case).as_ref()),
        rustls: rustls.map(|theirs| beside(verdict, cause.as_ref(), is_of_client(case, cause.as_ref()), &theirs)),
        chain: entries(case),
        path_end: match case.path.end {
            End::Anchored => "anchored",
            End::SelfSigned => "self-signed",
            End::NoIssuer => "no-issuer",
            End::CutShort(_) => "cut-short",
        },
        endpoint: None,
        cause,
        findings,
        candidates: Vec::new(),
    }
}

/// A report where there is not even a leaf: only what was found on the way.
pub(super) fn without_chain((cause, findings): (Option<Finding>, Vec<Finding>), question: &Question) -> Report {
    Report {
        verdict: verdict_of(&findings),
        asked: Asked::of(question),
        not_run: None,
        clients: clients::verdicts(&findings, question, None, None),
        rustls: None,
        chain: Vec::new(),
        path_end: "",
        endpoint: None,
        cause,
        findings,
        candidates: Vec::new(),
    }
}

fn anchor(case: &Case<'_>) -> Option<usize> {
    (case.path.end == End::Anchored).then(|| case.path.steps.len() - 1)
}

pub(super) fn verdict_of(findings: &[Finding]) -> Verdict {
    let broken = findings.iter().any(|finding| finding.severity == Severity::Error);
    if broken { Verdict::Invalid } else { Verdict::Valid }
}

/// Whether it is the client's certificate that the cause is about.
fn is_of_client(case: &Case<'_>, cause: Option<&Finding>) -> bool {
    let shown = case.evidence.endpoint.as_ref().and_then(|it| it.client_chain.as_ref());
    shown.is_some_and(|shown| shown.under(cause).has_cause)
}

fn beside(ours: Verdict, cause: Option<&Finding>, of_client: bool, theirs: &RustlsVerdict) -> Value {
    // rustls is asked about the server's certificates alone; of the connection and of the client's it cannot know.
    let beyond = of_client || cause.is_some_and(|finding| finding.code.is_of_connection());
    let agree = beyond || (ours == Verdict::Valid) == theirs.accepts;
    let why = match (agree, theirs.accepts) {
        (true, _) => String::new(),
        (false, true) => theirs.why_it_accepts(cause.map(|finding| finding.code)),
        (false, false) => format!("rustls is stricter: {}", theirs.error),
    };
    json!({
        "accepts": theirs.accepts,
        "error": theirs.error,
        "agrees": agree,
        "why": why,
        "certificates_left_out": theirs.certificates_left_out,
    })
}

fn entries(case: &Case<'_>) -> Vec<ChainEntry> {
    let anchored = case.path.end == End::Anchored;
    let last = case.path.steps.len() - 1;
    case.path
        .certificates()
        .map(|(index, presented)| {
            let certificate = &presented.certificate;
            ChainEntry {
                role: role(index, index == last, certificate),
                subject: certificate.subject.to_string(),
                issuer: certificate.issuer.to_string(),
                sha256: certificate.sha256_hex(),
                source: presented.source.clone(),
                not_after: rfc3339(certificate.validity.not_after),
                trusted: anchored && index == last,
            }
        })
        .collect()
}

fn role(index: usize, last: bool, certificate: &crate::facts::Certificate) -> &'static str {
    match index {
        0 => "leaf",
        _ if last && certificate.is_self_issued() => "root",
        _ => "intermediate",
    }
}

/// RFC 3339 in UTC, to the second.
pub(crate) fn rfc3339(time: time::OffsetDateTime) -> String {
    let time = time.to_offset(time::UtcOffset::UTC).replace_nanosecond(0).unwrap_or(time);
    time.format(&time::format_description::well_known::Rfc3339).unwrap_or_else(|_| time.unix_timestamp().to_string())
}
