//! The file that the server should send, beside what it does send.

use std::path::Path;

use ca_store::clients::COMPARED_WITH;
use ca_store::explain::{self, Evidence, Question, Verdict};
use ca_store::facts::{Certificate, escape};
use ca_store::finding::{Code, Finding, Role, Severity, quote, quote_file};
use ca_store::handshake::Asked;

use crate::evidence;

/// The file is in order and newer than what is sent, or in order where that is not: the server has not read it.
pub(super) fn stale(file: &Path, served: &Evidence, question: &Question, asked: Asked<'_>) -> Option<Finding> {
    let mut on_disk = Evidence { trust: served.trust.clone(), crls: served.crls.clone(), ..Evidence::default() };
    evidence::add(&mut on_disk, Role::Chain, file);
    let question = Question { compare: false, ..question.clone() };
    let name = file.to_string_lossy();
    let (Some(new), Some(old)) = (on_disk.chain.first(), served.chain.first()) else {
        let fault = on_disk.observed.into_iter().next();
        return fault.map(|fault| not_compared(fault, file, served, &question, asked));
    };
    let (new, old) = (&new.certificate, &old.certificate);
    let valid = |evidence: &Evidence| explain::diagnose(evidence, &question).verdict == Verdict::Valid;
    if new.der() == old.der() || !valid(&on_disk) {
        return None;
    }
    let alone = Evidence { observed: Vec::new(), ..served.clone() };
    let severity = match (valid(&alone), new.validity.not_before > old.validity.not_before) {
        (false, _) => Severity::Error,
        (true, true) => Severity::Warning,
        // The server has a newer one than the file: nothing is stale but the file.
        (true, false) => return None,
    };
    let until = |certificate: &Certificate| certificate.validity.not_after.date().to_string();
    let message = format!(
        "{} does not send the certificate of {}: expected one until {} (serial {}), found one until {} (serial {})",
        escape(asked.endpoint),
        escape(&name),
        until(new),
        new.serial_hex(),
        until(old),
        old.serial_hex()
    );
    let finding = Finding::new(Code::StaleCertificateServed, message)
        .about(0)
        .graded(severity)
        .shown_by("served_sha256", old.sha256_hex())
        .shown_by("file_sha256", new.sha256_hex())
        .shown_by("file", escape(&name));
    Some(finding.mended_by(format!(
        "# on the server: let it read its files again (systemctl reload nginx, apachectl graceful, a restart where there is no reload), and see that its settings name this file; then\n{} --chain {}",
        asked.again(),
        quote(&name)
    )))
}

/// A file that cannot be compared with what is sent. No client reads it: how the endpoint itself stands is told beside it, and what is
/// wrong there comes first.
fn not_compared(fault: Finding, file: &Path, served: &Evidence, question: &Question, asked: Asked<'_>) -> Finding {
    if fault.severity == Severity::Note {
        return fault;
    }
    let (verdict, cause) = explain::judge(served, question);
    let refused = cause.filter(|_| verdict == Verdict::Invalid);
    let itself = match &refused {
        Some(cause) => format!("is refused by itself ({})", cause.code),
        None => "is in order by itself".to_owned(),
    };
    let severity = if refused.is_some() { Severity::Warning } else { fault.severity };
    let again = asked.again();
    let fix = match fault.code {
        Code::FileMissing | Code::FileIsDirectory => format!(
            "# name the file that the server's settings name (nginx: ssl_certificate, Apache: SSLCertificateFile), where it lies; or leave it out:\n{again}"
        ),
        _ => format!(
            "# what is wrong with the file, and what mends it:\npki diagnose --chain {}\n# and of the endpoint alone:\n{again}",
            quote_file(&file.to_string_lossy())
        ),
    };
    let message = format!(
        "{}; so it is compared with nothing, and what {} sends {itself}",
        fault.message,
        escape(asked.endpoint)
    );
    Finding { message, severity, ..fault }.shown_by(COMPARED_WITH, escape(asked.endpoint)).mended_by(fix)
}
