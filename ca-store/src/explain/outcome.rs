//! What comes of a fix, found out before it is typed: the same question is asked of what the fix makes. Where that is refused still,
//! the report says so at once, and nobody mends twice.

use crate::clients::{CLIENT, USED_BY};
use crate::finding::check::{joined_file, missing, root_above, root_beside};
use crate::finding::{Code, Finding, Severity, issues_anew, quote, quote_file};
use crate::handshake::hangs_on_trust;

use super::{Case, Evidence, Presented, Question, Report, Situation, Verdict, files};

/// How many fixes are followed, one upon the other: an intermediate is joined, a root trusted, and what is wrong then is told.
pub(super) const MAX_FOLLOWED: usize = 3;
/// The most octets of revocation lists that are looked at again.
const MAX_LISTS: usize = 1 << 20;

/// What the fix of the cause makes.
pub(super) struct Mended {
    pub(super) evidence: Evidence,
    /// What was done, for a sentence that begins with `once`.
    done: &'static str,
    /// Whether a CA issues anew that is trusted by this fix alone.
    is_needed: bool,
}

impl Mended {
    /// By the fix of a file's fault: the same certificates in another form, or in their places.
    pub(super) fn by_files(evidence: &Evidence, question: &Question, cause: &Finding) -> Option<Mended> {
        if is_too_long(evidence) {
            return None;
        }
        let mended = files::once_mended(evidence, question, cause)?;
        let done = if cause.code == Code::FilesSwapped { "each is in its place" } else { "that is mended" };
        Some(Mended { evidence: mended, done, is_needed: false })
    }

    /// By the fix of this cause, where it only brings together what there is already: what is issued anew is rehearsed by itself.
    pub(super) fn by(case: &Case<'_>, cause: &Finding) -> Option<Mended> {
        let of_files = Mended::by_files(case.evidence, case.question, cause);
        if of_files.is_some() {
            return of_files;
        }
        // What was found elsewhere, as of the client's chain, is followed there; this one is the server's.
        let is_elsewhere = |it: &Finding| (it.code, &it.message) == (cause.code, &cause.message);
        if case.evidence.observed.iter().any(is_elsewhere) {
            return None;
        }
        if case.evidence.neighbours.is_empty() || is_too_long(case.evidence) {
            return None;
        }
        match cause.code {
            Code::MissingIntermediate => {
                Some(Mended { evidence: joined(case, &missing(case)?), done: "joined", is_needed: false })
            }
            Code::RootNotTrusted | Code::IntermediateAsTrustAnchor => trusting(case, root_beside(case)?),
            Code::LeafAsTrustAnchor => trusting(case, root_above(case, &case.path.leaf().certificate)?),
            _ => None,
        }
    }

    /// The fix without a look that asks the endpoint, which wants the client's certificate first; one at files is good by itself.
    fn without_asking(&self, fix: &str) -> String {
        let asking = asking(&self.evidence.situation);
        let is_look = |line: &&str| asking.as_ref().is_some_and(|asking| line.starts_with(asking) && !writes(line));
        fix.lines().filter(|line| !is_look(line)).collect::<Vec<_>>().join("\n")
    }

    /// Adds to a report what is said of it.
    pub(super) fn tell(&self, report: &mut Report, after: Report) {
        let Some((first, next)) = report.cause.as_mut().zip(after.cause) else { return };
        let done = self.done;
        let still =
            if after.verdict == Verdict::Invalid { "it is refused still" } else { "some clients refuse it still" };
        let told = format!("# once {done}, {still}: {}: {}", next.code, next.message);
        // What is wanting beside the files may be had from others, who sent them; and what is issued may be judged by a mended copy.
        let copies = format!("{}/", self.evidence.situation.mend_folder());
        let is_wanting = first.code.is_of_file() && (hangs_on_trust(next.code) || next.fix.contains(&copies));
        let in_its_place = issues_anew(&next.fix) && !is_of_client(&next) && !self.is_needed && !is_wanting;
        first.fix = match (after.verdict, in_its_place) {
            (Verdict::Valid, _) => format!("{}\n{told}", first.fix),
            // The new certificate comes with the CAs above it.
            (Verdict::Invalid, true) => format!("{told}\n# what mends it all:\n{}", next.fix),
            (Verdict::Invalid, false) if is_of_client(&next) => {
                format!("{}\n{told}\n{}", self.without_asking(&first.fix), next.fix)
            }
            (Verdict::Invalid, false) => {
                let before = without_look(&first.fix, &next.fix);
                let before = if before.is_empty() { before } else { before + "\n" };
                format!("{before}{told}\n{}", next.fix)
            }
        };
        let first = first.clone();
        report
            .findings
            .iter_mut()
            .filter(|it| it.code == first.code)
            .take(1)
            .for_each(|it| it.fix.clone_from(&first.fix));
        let is_new = |it: &Finding| report.findings.iter().all(|known| known.code != it.code);
        let unseen = after.findings.into_iter().filter(|it| it.severity != Severity::Note).filter(is_new);
        let mildest = if report.verdict == Verdict::Valid { Severity::Warning } else { Severity::Error };
        let unseen: Vec<Finding> = unseen.map(|it| foretold(it, done, first.code, mildest)).collect();
        let place =
            report.findings.iter().position(|it| it.severity == Severity::Note).unwrap_or(report.findings.len());
        report.findings.splice(place..place, unseen);
    }
}

/// Whether its revocation lists are not looked at again.
fn is_too_long(evidence: &Evidence) -> bool {
    evidence.crls.iter().map(|(crl, _)| crl.der().len()).sum::<usize>() > MAX_LISTS
}

/// What is refused still needs no look: it would end with 1, and what is behind it is to be typed all the same. What clients are given
/// is said once, at the end.
fn without_look(fix: &str, next: &str) -> String {
    let is_said_again = |line: &&str| line.starts_with("# then give clients ") && next.contains(" its clients ");
    let mut lines: Vec<&str> = fix.lines().filter(|line| !is_said_again(line)).collect();
    let is_look = |line: &&str| line.starts_with("pki diagnose ") && !writes(line);
    if let Some(look) = lines.iter().rposition(is_look) {
        lines.remove(look);
    }
    lines.join("\n")
}

/// Whether it is about the client's certificate, which mends nothing of the server's.
fn is_of_client(finding: &Finding) -> bool {
    use Code as C;
    let of_both = matches!(
        finding.code,
        C::ClientCertificateMissing | C::ClientCertificateNotOffered | C::ClientCertificateRefused
    );
    of_both || finding.evidence.get(USED_BY).is_some_and(|whose| whose == CLIENT)
}

/// It is about a chain that is not there yet, so about no certificate of this one.
fn foretold(finding: Finding, done: &str, by: Code, mildest: Severity) -> Finding {
    let message = format!("once {done}: {}", finding.message);
    let severity = finding.severity.max(mildest);
    Finding { message, severity, certificate: None, ..finding }.shown_by("once_mended", by.as_str())
}

fn joined(case: &Case<'_>, missing: &[&Presented]) -> Evidence {
    let mut evidence = case.evidence.clone();
    evidence.chain.extend(missing.iter().map(|it| (*it).clone()));
    // It is a file that is asked about then, and no addresses.
    evidence.observed.retain(|it| it.code != Code::AddressMismatch);
    evidence.situation.chain_file = Some(joined_file(case, missing));
    evidence
}

fn trusting(case: &Case<'_>, root: &Presented) -> Option<Mended> {
    let mut evidence = case.evidence.clone();
    let file = root.file.as_deref()?;
    evidence.observed.iter_mut().for_each(|it| it.fix = asked_by(&it.fix, &case.evidence.situation, file));
    evidence.trust = vec![root.clone()];
    let situation = &mut evidence.situation;
    situation.trust_files = vec![root.file.clone()?];
    situation.trust_is_new = true;
    situation.system_trust = false;
    for ca in &mut situation.held {
        ca.trusted = ca.authorities.last().is_some_and(|top| top.certificate.der() == root.certificate.der());
    }
    // What is trusted now issues first.
    situation.held.sort_by_key(|ca| !ca.trusted);
    let is_needed = situation.held.first().is_some_and(|ca| ca.trusted);
    Some(Mended { evidence, done: "it is trusted", is_needed })
}

/// Whether it leaves mended copies, whatever it finds.
fn writes(line: &str) -> bool {
    line.ends_with(" || true")
}

/// How a line begins that asks the endpoint.
fn asking(situation: &Situation) -> Option<String> {
    situation.endpoint.as_ref().map(|endpoint| format!("pki diagnose {} ", quote(endpoint)))
}

/// What asks the endpoint again in a fix, by the trust that there is then in place of the one that was typed.
fn asked_by(fix: &str, situation: &Situation, root: &str) -> String {
    let Some(start) = asking(situation) else { return fix.to_owned() };
    let typed = situation.trust_files.iter().map(|file| format!(" --trust {} ", quote_file(file)));
    let typed: Vec<String> = typed.chain([" --system-trust ".to_owned()]).collect();
    let line = |line: &str| match format!("{line} ").strip_prefix(&start) {
        Some(rest) => {
            let rest = typed.iter().fold(format!(" {rest}"), |rest, flag| rest.replacen(flag, " ", 1));
            format!("{start}--trust {}{}", quote_file(root), rest.trim_end())
        }
        None => line.to_owned(),
    };
    fix.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// The question, for what there is not yet.
pub(super) fn asked_of(question: &Question) -> Question {
    Question { compare: false, ..question.clone() }
}

#[cfg(test)]
mod tests {
    use super::{Situation, asked_by};

    #[test]
    fn an_endpoint_is_asked_again_by_the_trust_that_was_offered() {
        let situation = Situation {
            endpoint: Some("h:1".to_owned()),
            trust_files: vec!["old.pem".to_owned()],
            system_trust: true,
            ..Situation::default()
        };
        for (line, then) in [
            ("pki diagnose h:1 --trust old.pem --client-chain c", "pki diagnose h:1 --trust new.pem --client-chain c"),
            ("pki diagnose h:1 --system-trust", "pki diagnose h:1 --trust new.pem"),
            ("pki diagnose h:1", "pki diagnose h:1 --trust new.pem"),
            ("pki diagnose h:1 --trust old.pem.2", "pki diagnose h:1 --trust new.pem --trust old.pem.2"),
            ("pki diagnose h:12 --name h", "pki diagnose h:12 --name h"),
            ("pki issue client a", "pki issue client a"),
        ] {
            assert_eq!(asked_by(line, &situation, "new.pem"), then);
        }
    }
}
