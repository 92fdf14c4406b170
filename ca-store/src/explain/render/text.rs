//! A report as text: the cause first, the chain as a tree with the broken link marked, the fix, then who refuses.
//!
//! The text is for any terminal or log, and nothing in it rests on colour alone.

use crate::explain::{ChainEntry, ClientVerdict, Report, Verdict};
use crate::facts::escape;
use crate::finding::{Finding, Severity};

use super::evidence::{self, Item, Shown};
use super::layout::{columns, cut, cut_middle, hang, pad};
use super::picture::{self, Link, Node, Row};
use super::style::Style;
use super::view::{self, Group};

/// The most lines of values that are shown of the cause; a page has all of them.
const MAX_VALUE_LINES: usize = 6;
/// The most findings of a section, so that what to type stays on the same screen; a page has all of them.
const MAX_FINDINGS: usize = 6;
/// The most consequences of a finding; they are mended with it.
const MAX_CONSEQUENCES: usize = 4;
/// The widest list of clients that has its words beside it; a longer one has them below.
const MAX_NAMES: usize = 24;

/// The whole report, ending with a line feed.
pub fn text(report: &Report, style: Style) -> String {
    let (cause, others, notes) = view::sorted(report);
    let parts = [
        heading(report, style),
        because(report, cause.as_ref(), style),
        tree(report, style),
        fix(report, style),
        also(&others, &notes, style),
        clients(report, style),
        ran(report, style),
        extra(report, style),
        rustls(report, style),
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
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

/// The cause in a sentence, what shows it, and what goes with it once it is mended.
fn because(report: &Report, group: Option<&Group<'_>>, style: Style) -> String {
    let Some(cause) = &report.cause else { return String::new() };
    let sentence = hang("  ", "  ", &escape(&cause.message), style.width());
    let consequences = group.map(|group| consequences("  ", &group.consequences, style)).unwrap_or_default();
    format!("{sentence}{}{consequences}", values(cause, style))
}

/// The first few, a line each; the others go away as well, and are counted.
fn consequences(indent: &str, findings: &[&Finding], style: Style) -> String {
    let shown = findings.iter().take(MAX_CONSEQUENCES).map(|it| consequence(indent, it, style)).collect::<String>();
    match findings.len().saturating_sub(MAX_CONSEQUENCES) {
        0 => shown,
        more => format!("{shown}{indent}↳ and {more} more that follow from it (--json has all)\n"),
    }
}

/// One line: it goes away with what it follows from.
fn consequence(indent: &str, finding: &Finding, style: Style) -> String {
    let text = format!("{indent}↳ hence {}: {}", finding.code, escape(&finding.message));
    cut(&text, style.width()) + "\n"
}

/// The values of both sides under each other, what tells first.
fn values(finding: &Finding, style: Style) -> String {
    let items = evidence::items(finding);
    let lines = |item: &Item| if matches!(item, Item::Differ(..)) { 2 } else { 1 };
    let mut room = MAX_VALUE_LINES;
    let fits = |item: &&Item| {
        let fits = lines(item) <= room;
        room = room.saturating_sub(lines(item));
        fits
    };
    let shown: Vec<&Item> = items.iter().take_while(fits).collect();
    let width = shown.iter().flat_map(|item| labels(item)).map(|label| columns(&label)).max().unwrap_or(0);
    let mut text: String = shown.iter().map(|item| value_lines(item, width, style)).collect();
    if shown.len() < items.len() {
        text.push_str(&format!("    … and {} more\n", items.len() - shown.len()));
    }
    text
}

fn labels(item: &Item) -> Vec<String> {
    match item {
        Item::One(it) => vec![it.label.clone()],
        Item::Same(one, other) => vec![format!("{} = {}", one.label, other.label)],
        Item::Differ(one, other) => vec![one.label.clone(), format!("≠ {}", other.label)],
    }
}

fn value_lines(item: &Item, width: usize, style: Style) -> String {
    let line = |label: &str, value: &str| {
        let indent = " ".repeat(width + 6);
        let first = format!("    {}  ", style.dim(&pad(label, width)));
        hang(&first, &indent, value, style.width())
    };
    match (item, &labels(item)[..]) {
        (Item::One(it) | Item::Same(it, _), [label, ..]) => line(label, &it.value),
        (Item::Differ(one, other), [left, right]) => {
            format!("{}{}{}", line(left, &one.value), line(right, &other.value), carets(one, other, width, style))
        }
        _ => String::new(),
    }
}

/// `^` under what differs, where most is the same and both stand on one line.
fn carets(one: &Shown, other: &Shown, width: usize, style: Style) -> String {
    let fits = |it: &Shown| it.value.is_ascii() && width + 6 + it.value.len() <= style.width();
    match evidence::difference(&one.value, &other.value) {
        Some((_, range)) if fits(one) && fits(other) => {
            let marks = "^".repeat(range.len().max(1));
            format!("{}{}\n", " ".repeat(width + 6 + range.start), style.graded(Severity::Warning, &marks))
        }
        _ => String::new(),
    }
}

/// The root on top, as a tree grows in every drawing of a PKI; the link that is broken is drawn broken.
fn tree(report: &Report, style: Style) -> String {
    let rows = picture::rows(report);
    if rows.is_empty() {
        return String::new();
    }
    let mut text = format!("{}\n", style.bold("Chain"));
    for (depth, row) in rows.iter().enumerate() {
        let below = rows.get(depth + 1).map(|row| row.link);
        text.push_str(&row_lines(row, depth, below, style));
    }
    text
}

fn row_lines(row: &Row<'_>, depth: usize, below: Option<Link<'_>>, style: Style) -> String {
    let indent = format!("  {}", "   ".repeat(depth.saturating_sub(1)));
    let branch = match row.link {
        Link::Top => "",
        Link::Whole => "└─ ",
        Link::Doubted(_) | Link::Broken(_) => "└╌ ",
    };
    let mark = match row.link {
        Link::Doubted(finding) => format!("{indent}╎  {}\n", marked(finding, style)),
        Link::Broken(Some(finding)) => format!("{indent}╎  {}\n", marked(finding, style)),
        Link::Broken(None) => format!("{indent}╎  {}\n", style.bad("✗ nothing trusted above")),
        Link::Top | Link::Whole => String::new(),
    };
    // Lines that do not fit go on beside the link to the next certificate.
    let beside = match below {
        Some(Link::Whole) => "│  ",
        Some(_) => "╎  ",
        None => "   ",
    };
    let column = if depth == 0 { "  ".to_owned() } else { format!("{indent}   ") };
    format!("{mark}{}", node_lines(&row.node, &format!("{indent}{branch}"), &format!("{column}{beside}"), style))
}

/// `✗ code` where it is broken, `! code` where only some clients mind.
fn marked(finding: &Finding, style: Style) -> String {
    style.graded(finding.severity, &format!("{} {}", sign(finding), finding.code))
}

fn sign(finding: &Finding) -> &'static str {
    if finding.severity == Severity::Error { "✗" } else { "!" }
}

fn node_lines(node: &Node<'_>, first: &str, rest: &str, style: Style) -> String {
    let width = style.width();
    match node {
        Node::Certificate(entry, mark) => certificate_lines(entry, *mark, first, rest, style),
        Node::Missing(subject) => hang(first, rest, &format!("[ missing: {} ]", escape(subject)), width),
        Node::Stranger(subject, source) => {
            hang(first, rest, &format!("[ not its issuer: {} ({}) ]", escape(subject), escape(source)), width)
        }
        Node::NoAnchor => hang(first, rest, "[ missing: a trust anchor ]", width),
        Node::Elided(count) => format!("{first}… {count} more certificates\n"),
    }
}

/// Subject and facts on one line where they fit, else below each other.
fn certificate_lines(entry: &ChainEntry, mark: Option<&Finding>, first: &str, rest: &str, style: Style) -> String {
    let facts = format!("({}; {})", facts(entry), escape(&entry.source));
    let cross = mark.map(|it| format!("{} ", sign(it))).unwrap_or_default();
    let code = mark.map(|it| format!("  {}", it.code)).unwrap_or_default();
    let subject = escape(&entry.subject);
    let painted = mark.map(|it| style.graded(it.severity, &code)).unwrap_or_default();
    let line = format!("{first}{cross}{subject} {facts}{code}");
    if columns(&line) <= style.width() {
        return format!("{first}{cross}{subject} {facts}{painted}\n");
    }
    let subject = hang(&format!("{first}{cross}"), rest, &subject, style.width());
    let facts = hang(rest, rest, &facts, style.width());
    format!("{subject}{}{painted}\n", facts.trim_end_matches('\n'))
}

/// `root, trusted, until 2030-01-01`
pub(super) fn facts(entry: &ChainEntry) -> String {
    let trusted = if entry.trusted { ", trusted" } else { "" };
    let until = entry.not_after.split('T').next().unwrap_or_default();
    format!("{}{trusted}, until {until}", entry.role)
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

/// What else was found; harmless things last, a line each.
fn also(others: &[Group<'_>], notes: &[Group<'_>], style: Style) -> String {
    let shown = others.iter().map(|group| group_lines(group, style));
    let mut lines: Vec<String> = shown.chain(notes.iter().map(|group| note_line(group.finding, style))).collect();
    if lines.is_empty() {
        return String::new();
    }
    // One finding may stand for many of its kind.
    let more = |group: &Group<'_>| group.finding.evidence.get("more")?.as_u64();
    let untold: u64 = others.iter().skip(MAX_FINDINGS).filter_map(more).sum();
    let hidden = untold + lines.len().saturating_sub(MAX_FINDINGS) as u64;
    lines.truncate(MAX_FINDINGS);
    if hidden > 0 {
        lines.push(format!("  … and {hidden} more\n"));
    }
    format!("{}\n{}", style.bold("Also seen"), lines.concat())
}

fn note_line(finding: &Finding, style: Style) -> String {
    let text = cut(&format!("{}: {}", finding.code, escape(&finding.message)), style.width() - 7);
    format!("  {} {text}\n", style.graded(finding.severity, view::grade(finding.severity)))
}

fn group_lines(group: &Group<'_>, style: Style) -> String {
    let finding = group.finding;
    let grade = style.graded(finding.severity, view::grade(finding.severity));
    let text = format!("{}: {}", finding.code, escape(&finding.message));
    let own = hang(&format!("  {grade} "), "    ", &text, style.width());
    own + &consequences("    ", &group.consequences, style)
}

/// Every client by name: those that refuse with their words, those that say the same together.
fn clients(report: &Report, style: Style) -> String {
    let refusing = view::refusing(report);
    let names = |names: &[&str]| hang("", "  ", &names.join(", "), style.width());
    let accepting = view::accepting(report);
    if refusing.is_empty() {
        let all = format!("{} all: {}", style.bold("Accepted by"), accepting.join(", "));
        return if accepting.is_empty() { String::new() } else { hang("", "  ", &all, style.width()) };
    }
    if accepting.is_empty() && refusing.iter().all(|(_, error)| error.is_empty()) {
        // There is nothing that they could speak of.
        return String::new();
    }
    let width = refusing.iter().map(|(names, _)| names.join(", ").len()).filter(|it| *it <= MAX_NAMES).max();
    let lines: String =
        refusing.iter().map(|(names, error)| refusal(names, error, width.unwrap_or(0), style)).collect();
    let accepted = if accepting.is_empty() { "nobody" } else { &accepting.join(", ") };
    let accepted = names(&[&format!("{}: {accepted}", style.bold("Accepted by"))]);
    format!("{}\n{lines}{accepted}", style.bold("Who refuses, and says"))
}

/// A line; longer words are cut in their middle, for the beginning says who speaks and the end says what is wrong.
fn refusal(names: &[&str], error: &str, width: usize, style: Style) -> String {
    let names = names.join(", ");
    let words = cut_middle(&escape(&error.replace('\n', "; ")), style.width() - width - 4);
    if names.len() > width {
        let indent = " ".repeat(width + 4);
        return format!("{}{indent}{words}\n", hang("  ", "  ", &names, style.width()));
    }
    format!("  {}  {words}\n", pad(&names, width))
}

/// What the clients of this machine did, beside what the table foretold.
fn ran(report: &Report, style: Style) -> String {
    let lines: String = view::ran(report).map(|client| ran_lines(client, style)).collect();
    let not_run = report.not_run.as_ref().map(|why| hang("  ", "  ", &escape(why), style.width()));
    let lines = lines + &not_run.unwrap_or_default();
    if lines.is_empty() { lines } else { format!("{}\n{lines}", style.bold("Asked on this machine")) }
}

fn ran_lines(client: &ClientVerdict, style: Style) -> String {
    let Some(ran) = &client.ran else { return String::new() };
    let beside = if ran.agrees { "as foretold".to_owned() } else { style.bad("✗ not as foretold") };
    let words = view::other_words(client, ran);
    let output = if words.is_empty() { String::new() } else { format!(": {}", escape(words)) };
    let text = format!("{}, {beside}{output}", ran.verdict);
    hang(&format!("  {}  ", pad(client.client, 14)), &" ".repeat(18), &text, style.width())
}

/// Sections that are there at times. Candidates are written below the report, beside the text that they were read from.
fn extra(report: &Report, style: Style) -> String {
    let sections =
        view::extra(report).into_iter().filter(|(title, _)| title != "Candidates").map(|(title, entries)| {
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
