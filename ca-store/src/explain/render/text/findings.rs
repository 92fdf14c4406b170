//! What goes away with the cause, and what else was found.

use super::super::layout::{cut, hang};
use super::super::screen::{Section, Turn};
use super::super::style::Style;
use super::super::view::{self, Group};
use crate::facts::escape;
use crate::finding::{Finding, Severity};

/// The most findings of a section, so that what to type stays on the same screen; a page has all of them.
const MAX_FINDINGS: usize = 6;
/// The most consequences of a finding; they are mended with it.
const MAX_CONSEQUENCES: usize = 4;

/// What follows from the cause: the codes on one line, or a line each, or all that is said of each.
pub(super) fn consequences_section(group: Option<&Group<'_>>, style: Style) -> Section {
    let Some(group) = group.filter(|group| !group.consequences.is_empty()) else { return Section::none() };
    let mut codes: Vec<&str> = group.consequences.iter().map(|finding| finding.code.as_str()).collect();
    codes.dedup();
    let short = cut(&format!("  ↳ hence {}", codes.join(", ")), style.width()) + "\n";
    let all = &group.consequences;
    Section::always(short)
        .or(Turn::Consequences, consequences("  ", all, true, style))
        .or(Turn::Rest, consequences("  ", all, false, style))
}

/// The first few; the others go away as well, and are counted.
fn consequences(indent: &str, findings: &[&Finding], short: bool, style: Style) -> String {
    let most = style.most(MAX_CONSEQUENCES);
    let shown = findings.iter().take(most).map(|it| consequence(indent, it, short, style)).collect::<String>();
    match findings.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown}{indent}↳ and {more} more that follow from it (--json has all)\n"),
    }
}

/// It goes away with what it follows from; where `short`, as much as one line takes.
fn consequence(indent: &str, finding: &Finding, short: bool, style: Style) -> String {
    let text = format!("{}: {}", finding.code, escape(&finding.message));
    let first = format!("{indent}↳ hence ");
    if short {
        return cut(&(first + &text), style.width()) + "\n";
    }
    hang(&first, &format!("{indent}    "), &text, style.width())
}

/// What else was found: how much of each grade, or a line each, or all that is said of it; harmless things last.
pub(super) fn section(others: &[Group<'_>], notes: &[Group<'_>], style: Style) -> Section {
    let all = || others.iter().chain(notes);
    if all().next().is_none() {
        return Section::none();
    }
    let title = style.bold(TITLE);
    let lines = |lines: Vec<String>| format!("{title}\n{}", few(lines, others, style));
    let short = all().map(|group| note_line(group.finding, style)).collect();
    let full = all().map(|group| group_lines(group, style)).collect();
    Section::at_times(Turn::Counts, graded(&all().map(|group| group.finding).collect::<Vec<_>>(), style))
        .or(Turn::Others, lines(short))
        .or(Turn::Rest, lines(full))
}

const TITLE: &str = "Also seen";

/// `Also seen: 1 error (expired), 2 notes (chain-has-root, aki-missing)`, cut to a line.
fn graded(findings: &[&Finding], style: Style) -> String {
    let of = |severity: Severity| {
        let codes: Vec<&str> =
            findings.iter().filter(|it| it.severity == severity).map(|it| it.code.as_str()).collect();
        let plural = if codes.len() == 1 { "" } else { "s" };
        let told = format!("{} {}{plural} ({})", codes.len(), view::grade(severity), codes.join(", "));
        (!codes.is_empty()).then_some(told)
    };
    let all: Vec<String> = [Severity::Error, Severity::Warning, Severity::Note].into_iter().filter_map(of).collect();
    let rest = cut(&format!(": {}", all.join(", ")), style.width().saturating_sub(TITLE.len()));
    format!("{}{rest}\n", style.bold(TITLE))
}

/// The first of them, and how many there are besides.
fn few(mut lines: Vec<String>, others: &[Group<'_>], style: Style) -> String {
    let most = style.most(MAX_FINDINGS);
    // One finding may stand for many of its kind.
    let more = |group: &Group<'_>| group.finding.evidence.get("more")?.as_u64();
    let untold: u64 = others.iter().skip(most).filter_map(more).sum();
    let hidden = untold + lines.len().saturating_sub(most) as u64;
    lines.truncate(most);
    if hidden > 0 {
        lines.push(format!("  … and {hidden} more\n"));
    }
    lines.concat()
}

fn note_line(finding: &Finding, style: Style) -> String {
    let grade = view::grade(finding.severity);
    let text = format!("{}: {}", finding.code, escape(&finding.message));
    let text = cut(&text, style.width().saturating_sub(grade.len() + 3));
    format!("  {} {text}\n", style.graded(finding.severity, grade))
}

fn group_lines(group: &Group<'_>, style: Style) -> String {
    let finding = group.finding;
    let grade = style.graded(finding.severity, view::grade(finding.severity));
    let text = format!("{}: {}", finding.code, escape(&finding.message));
    let own = hang(&format!("  {grade} "), "    ", &text, style.width());
    own + &consequences("    ", &group.consequences, false, style)
}
