//! The chain as a tree.

use super::super::layout::{columns, cut, hang};
use super::super::picture::{self, Drawing, Link, Node, Row};
use super::super::screen::{Section, Turn};
use super::super::style::Style;
use super::sign;
use crate::explain::{ChainEntry, Report};
use crate::facts::escape;
use crate::finding::Finding;

/// The least of a subject that is shown on a line, so that one knows which certificate it is.
const MIN_SUBJECT: usize = 12;

/// A line a certificate, or all that is said of each.
pub(super) fn section(report: &Report, style: Style) -> Section {
    let Some(drawing) = picture::drawings(report).into_iter().next() else { return Section::none() };
    Section::always(tree(&drawing, true, style)).or(Turn::Chain, tree(&drawing, false, style))
}

/// The server's chain where the client's is the one that matters.
pub(super) fn other_section(report: &Report, style: Style) -> Section {
    let Some(drawing) = picture::drawings(report).into_iter().nth(1) else { return Section::none() };
    Section::at_times(Turn::Endpoint, tree(&drawing, true, style)).or(Turn::Rest, tree(&drawing, false, style))
}

/// The root on top, as a tree grows in every drawing of a PKI; the link that is broken is drawn broken.
fn tree(drawing: &Drawing<'_>, short: bool, style: Style) -> String {
    let rows = &drawing.rows;
    let mut text = format!("{}\n", style.bold(drawing.title));
    for (depth, row) in rows.iter().enumerate() {
        let below = rows.get(depth + 1).map(|row| row.link);
        text.push_str(&row_lines(row, depth, below, short, style));
    }
    text
}

fn row_lines(row: &Row<'_>, depth: usize, below: Option<Link<'_>>, short: bool, style: Style) -> String {
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
    if short {
        return format!("{mark}{}", node_line(&row.node, &format!("{indent}{branch}"), style));
    }
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

/// What it is, cut to one line.
fn node_line(node: &Node<'_>, first: &str, style: Style) -> String {
    let plain = match node {
        Node::Certificate(entry, mark) => {
            let mark = mark.map(|it| (it, format!("{} ", sign(it)), format!("  {}", it.code)));
            let (cross, code) = mark.as_ref().map_or(("", ""), |(_, cross, code)| (cross.as_str(), code.as_str()));
            let facts = format!(" ({})", facts(entry));
            let room = style.width().saturating_sub(columns(first) + columns(cross) + columns(&facts) + columns(code));
            let subject = cut(&escape(&entry.subject), room.max(MIN_SUBJECT));
            let code = mark.as_ref().map(|(it, ..)| style.graded(it.severity, code)).unwrap_or_default();
            return format!("{first}{cross}{subject}{facts}{code}\n");
        }
        Node::Missing(subject, _) => format!("[ missing: {} ]", escape(subject)),
        Node::Stranger(subject, source) => format!("[ not its issuer: {} ({}) ]", escape(subject), escape(source)),
        Node::NoAnchor => "[ missing: a trust anchor ]".to_owned(),
        Node::Elided(count) => format!("… {count} more certificates"),
    };
    cut(&format!("{first}{plain}"), style.width()) + "\n"
}

fn node_lines(node: &Node<'_>, first: &str, rest: &str, style: Style) -> String {
    let width = style.width();
    match node {
        Node::Certificate(entry, mark) => certificate_lines(entry, *mark, first, rest, style),
        Node::Missing(subject, _) => hang(first, rest, &format!("[ missing: {} ]", escape(subject)), width),
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
pub(in super::super) fn facts(entry: &ChainEntry) -> String {
    let trusted = if entry.trusted { ", trusted" } else { "" };
    let until = entry.not_after.split('T').next().unwrap_or_default();
    format!("{}{trusted}, until {until}", entry.role)
}
