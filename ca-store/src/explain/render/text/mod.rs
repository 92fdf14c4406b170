//! A report as text: the cause first, the chain as a tree with the broken link marked, the fix, then who refuses.
//!
//! The text is for any terminal or log, and nothing in it rests on colour alone.

mod clients;
mod findings;
mod tree;
mod values;

use crate::explain::{Report, Verdict};
use crate::facts::escape;
use crate::finding::{Finding, Severity};

use super::layout::{columns, hang, pad};
use super::screen::{Section, Turn, joined};
use super::style::Style;
use super::view;
pub(super) use tree::facts;

/// The most lines of the cause's sentence on a small screen; names of certificates may be long.
const MAX_SENTENCE_LINES: usize = 3;

/// The whole report, ending with a line feed; on a screen, what fits it.
pub fn text(report: &Report, style: Style) -> String {
    joined(&sections(report, style), style)
}

/// Its sections in the order of showing, so that others can be put below them.
pub fn sections(report: &Report, style: Style) -> Vec<Section> {
    let (cause, others, notes) = view::sorted(report);
    let shown = report.cause.as_ref();
    vec![
        Section::always(heading(report, style)),
        shown.map_or_else(Section::none, |cause| sentence(&cause.message, style)),
        shown.map_or_else(Section::none, |cause| values::section(cause, style)).close(),
        findings::consequences_section(cause.as_ref(), style).close(),
        tree::section(report, style),
        Section::always(fix(report, style)),
        findings::section(&others, &notes, style),
        clients::section(report, style),
        clients::ran_section(report, style),
        tree::other_section(report, style),
        Section::at_times(Turn::Endpoint, extra(report, style)),
        Section::at_times(Turn::Rest, rustls(report, style)),
    ]
}

fn heading(report: &Report, style: Style) -> String {
    let code = |cause: &Finding| style.graded(cause.severity, cause.code.as_str());
    match (report.verdict, &report.cause) {
        (Verdict::Valid, None) => {
            let line = format!("{} {}: nothing to mend", style.good("valid"), view::asked(report));
            hang("", "  ", &line, style.width())
        }
        (Verdict::Valid, Some(cause)) => format!("{}, but: {}\n", style.good("valid"), code(cause)),
        (Verdict::Invalid, Some(cause)) => format!("{}: {}\n", style.bad("invalid"), style.bold(cause.code.as_str())),
        (Verdict::Invalid, None) => format!("{}\n", style.bad("invalid")),
    }
}

/// The cause in a sentence; where there is no room, without its end.
fn sentence(message: &str, style: Style) -> Section {
    let full = hang("  ", "  ", &escape(message), style.width());
    let lines: Vec<&str> = full.lines().collect();
    if lines.len() <= MAX_SENTENCE_LINES {
        return Section::always(full);
    }
    Section::always(format!("{} …\n", lines[..MAX_SENTENCE_LINES].join("\n"))).or(Turn::Evidence, full)
}

fn sign(finding: &Finding) -> &'static str {
    if finding.severity == Severity::Error { "✗" } else { "!" }
}

fn fix(report: &Report, style: Style) -> String {
    let Some(cause) = report.cause.as_ref().filter(|cause| !cause.fix.is_empty()) else { return String::new() };
    let lines: String = cause
        .fix
        .lines()
        .map(escape)
        .map(|line| format!("  {}\n", if line.starts_with('#') { style.dim(&line) } else { line }))
        .collect();
    format!("{}\n{lines}", style.bold("What to type"))
}

/// Sections that are there at times.
fn extra(report: &Report, style: Style) -> String {
    let sections = view::extra(report).into_iter().map(|(title, entries)| {
        let lines: String = entries.iter().map(|entry| entry_lines(entry, style)).collect();
        format!("{}\n{lines}", style.bold(&title))
    });
    sections.collect::<Vec<_>>().join("\n")
}

fn entry_lines(entry: &[(String, String)], style: Style) -> String {
    let width = entry.iter().map(|(label, _)| columns(label)).max().unwrap_or(0);
    let indent = " ".repeat(width + 4);
    let line = |(label, value): &(String, String)| {
        let first = if width == 0 { "  ".to_owned() } else { format!("  {}  ", style.dim(&pad(label, width))) };
        hang(&first, if width == 0 { "  " } else { &indent }, value, style.width())
    };
    entry.iter().map(line).collect()
}

fn rustls(report: &Report, style: Style) -> String {
    view::rustls(report).map(|sentence| hang("", "  ", &escape(&sentence), style.width())).unwrap_or_default()
}
