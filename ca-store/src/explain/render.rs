//! A report as text: the cause first, the chain as a tree with the broken link marked, the fix, then who refuses.
//!
//! The text is for any terminal or log; nothing in it rests on colour alone, and every text from outside was escaped
//! when it was put into the report.

use serde_json::Value;

use crate::finding::{Finding, Severity};

use super::{ChainEntry, Report, Verdict};

/// Whether to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    colour: bool,
}

impl Style {
    /// Text alone.
    pub fn plain() -> Style {
        Style { colour: false }
    }

    /// With ANSI colours.
    pub fn colour() -> Style {
        Style { colour: true }
    }

    fn paint(self, ansi: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{ansi}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    pub(crate) fn faint(self, text: &str) -> String {
        self.paint("2", text)
    }

    fn graded(self, severity: Severity, text: &str) -> String {
        self.paint(
            match severity {
                Severity::Error => "1;31",
                Severity::Warning => "1;33",
                Severity::Note => "36",
            },
            text,
        )
    }
}

/// The whole report, ending with a line feed.
pub fn text(report: &Report, style: Style) -> String {
    let parts = [
        heading(report, style),
        cause(report, style),
        tree(report, style),
        fix(report, style),
        others(report, style),
        endpoint(report, style),
        clients(report, style),
        rustls(report),
    ];
    let mut text = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n");
    text.push('\n');
    text
}

fn heading(report: &Report, style: Style) -> String {
    match (report.verdict, &report.cause) {
        (Verdict::Valid, None) => format!("{}: nothing to mend", style.paint("1;32", "valid")),
        (Verdict::Valid, Some(cause)) => {
            format!("{}, but: {}", style.paint("1;32", "valid"), style.graded(cause.severity, cause.code.as_str()))
        }
        (Verdict::Invalid, cause) => format!(
            "{}: {}",
            style.paint("1;31", "invalid"),
            style.bold(cause.as_ref().map_or("see below", |c| c.code.as_str()))
        ),
    }
}

fn cause(report: &Report, style: Style) -> String {
    let Some(cause) = &report.cause else { return String::new() };
    format!("\n  {}\n{}", cause.message, evidence(cause, style))
}

fn evidence(finding: &Finding, style: Style) -> String {
    let width = finding.evidence.keys().map(String::len).max().unwrap_or(0);
    let lines = finding.evidence.iter().map(|(name, value)| {
        let label = format!("{:width$}", name.replace('_', " "));
        format!("    {}  {}\n", style.paint("2", &label), shown(value))
    });
    lines.collect()
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if text.is_empty() => "(none)".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "(none)".to_owned(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// The root on top, as a tree grows in every drawing of a PKI; the link that is broken is marked.
fn tree(report: &Report, style: Style) -> String {
    if report.chain.is_empty() {
        return String::new();
    }
    let marked = report.cause.as_ref().and_then(|cause| cause.certificate);
    let mut lines = vec![style.bold("Chain")];
    let mut depth = 0;
    if report.path_end != "anchored" {
        lines.push(format!("  {}", style.graded(Severity::Error, "✗ no trust anchor above")));
        depth = 1;
    }
    for (index, entry) in report.chain.iter().enumerate().rev() {
        lines.push(entry_line(entry, depth, (marked == Some(index)).then_some(report), style));
        depth += 1;
    }
    lines.join("\n") + "\n"
}

fn entry_line(entry: &ChainEntry, depth: usize, marked: Option<&Report>, style: Style) -> String {
    let branch = if depth == 0 { "  ".to_owned() } else { format!("  {}└─ ", "   ".repeat(depth - 1)) };
    let trusted = if entry.trusted { ", trusted" } else { "" };
    let until = entry.not_after.split('T').next().unwrap_or_default();
    let line = format!("{branch}{} ({}{trusted}, until {until}; {})", entry.subject, entry.role, entry.source);
    match marked.and_then(|report| report.cause.as_ref()) {
        Some(cause) => format!("{line}  {}", style.graded(cause.severity, &format!("✗ {}", cause.code))),
        None => line,
    }
}

fn fix(report: &Report, style: Style) -> String {
    let Some(cause) = report.cause.as_ref().filter(|cause| !cause.fix.is_empty()) else { return String::new() };
    let lines: String = cause
        .fix
        .lines()
        .map(|line| format!("  {}\n", if line.starts_with('#') { style.paint("2", line) } else { line.to_owned() }))
        .collect();
    format!("{}\n{lines}", style.bold("What to type"))
}

fn others(report: &Report, style: Style) -> String {
    let rest: Vec<&Finding> =
        report.findings.iter().filter(|finding| report.cause.as_ref() != Some(*finding)).collect();
    if rest.is_empty() {
        return String::new();
    }
    let lines: String = rest
        .iter()
        .map(|finding| {
            let severity = match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "note",
            };
            let follows = finding.follows_from.map(|code| format!(" (follows from {code})")).unwrap_or_default();
            format!("  {} {}: {}{follows}\n", style.graded(finding.severity, severity), finding.code, finding.message)
        })
        .collect();
    format!("{}\n{lines}", style.bold("Also seen"))
}

/// What was seen of a live endpoint; what is not known has no line.
fn endpoint(report: &Report, style: Style) -> String {
    let Some(seen) = report.endpoint.as_ref().filter(|seen| seen.address.is_some()) else { return String::new() };
    let others = seen.addresses.iter().filter(|at| Some(&at.address) != seen.address.as_ref());
    let others: Vec<String> = others
        .map(|at| if at.connected { at.address.clone() } else { format!("{} (no answer)", at.address) })
        .collect();
    let agreed = [&seen.version, &seen.cipher, &seen.alpn].into_iter().flatten().cloned().collect::<Vec<_>>();
    let wanted = match (seen.client_certificate_wanted, &seen.accepted_cas[..]) {
        (false, _) => String::new(),
        (true, []) => "wanted, of any CA".to_owned(),
        (true, names) => format!("wanted, of {}", names.join("; ")),
    };
    let rows = [
        ("address", seen.address.clone().unwrap_or_default()),
        ("also at", others.join(", ")),
        ("speaks", seen.protocol.unwrap_or_default().to_owned()),
        ("upgraded by", seen.starttls.map(|name| format!("STARTTLS ({name})")).unwrap_or_default()),
        ("agreed on", agreed.join(", ")),
        ("takes", seen.versions.join(", ")),
        ("client cert", wanted),
        ("its clock", seen.time.clone().unwrap_or_default()),
    ];
    let shown = rows.iter().filter(|(_, value)| !value.is_empty());
    let lines: String =
        shown.map(|(label, value)| format!("  {}  {value}\n", style.paint("2", &format!("{label:11}")))).collect();
    format!("{}\n{lines}", style.bold("Endpoint"))
}

fn clients(report: &Report, style: Style) -> String {
    let refusing: Vec<_> = report.clients.iter().filter(|client| client.verdict == "rejects").collect();
    let accepting: Vec<&str> =
        report.clients.iter().filter(|client| client.verdict == "accepts").map(|client| client.client).collect();
    if refusing.is_empty() {
        return format!("{}: every client\n", style.bold("Accepted by"));
    }
    if accepting.is_empty() && refusing.iter().all(|client| client.error.is_empty()) {
        return format!("{}: nobody\n", style.bold("Accepted by"));
    }
    let lines: String = refusing.iter().map(|client| format!("  {:15} {}\n", client.client, client.error)).collect();
    let accepted = if accepting.is_empty() { "nobody".to_owned() } else { accepting.join(", ") };
    format!("{}\n{lines}{}: {accepted}\n", style.bold("Who refuses, and says"), style.bold("Accepted by"))
}

fn rustls(report: &Report) -> String {
    let Some(verdict) = report.rustls.as_ref().filter(|verdict| verdict["agrees"] == false) else {
        return String::new();
    };
    format!("rustls, asked just now, differs: {}\n", verdict["why"].as_str().unwrap_or_default())
}
