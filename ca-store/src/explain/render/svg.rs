//! The chain as a picture: one certificate a box, the root on top, and the broken link drawn broken.

use crate::explain::{ChainEntry, Report};
use crate::finding::{Finding, Severity};

use super::layout::{columns, cut, cut_start, wrap_anywhere};
use super::markup::escape;
use super::picture::{self, Drawing, Link, Node, Row};
use super::view;

/// Width of the picture: a telephone shows it at its own size.
const WIDTH: usize = 380;
/// Space around everything.
const MARGIN: usize = 2;
/// Between a box and its words.
const PADDING: usize = 14;
/// From a line of words to the next.
const LINE: usize = 18;
/// A box's height without the lines of its subject, where one line of facts is below them.
const FRAME: usize = 54;
/// Between two boxes, where the link is drawn.
const GAP: usize = 34;
/// The same, where the link is marked.
const MARKED_GAP: usize = 52;
/// Columns of a fixed-width font of 13 pixels (7.8 each) that fit into a box.
const COLUMNS: usize = 44;
/// Columns of 12 pixels.
const SMALL_COLUMNS: usize = 48;
/// The most lines of a subject; all of it is in the box's title.
const MAX_LINES: usize = 3;
/// Columns of the first line of a box, where the role and a code stand beside each other: letters of 12 pixels, the role's as wide.
const HEAD_COLUMNS: usize = 46;
/// Of a line that says whose chain is below it, with the space between them.
const HEADING: usize = 24;
/// Where links are drawn.
const AXIS: usize = 36;

/// Light and dark, by what the reader prefers. In the page this holds for the picture alone: every rule names it.
const STYLE: &str = include_str!("svg.css");

/// The picture, as a file of its own or as part of a page. It loads nothing and runs nothing.
pub fn svg(report: &Report) -> String {
    let drawings = picture::drawings(report);
    let mut drawn = String::new();
    let mut y = MARGIN;
    for (index, drawing) in drawings.iter().enumerate() {
        if drawings.len() > 1 {
            y += if index == 0 { 0 } else { GAP };
            drawn.push_str(&words("whose", MARGIN, y + 14, drawing.title));
            y += HEADING;
        }
        let (elements, end) = chain(&drawing.rows, y);
        drawn.push_str(&elements);
        y = end;
    }
    if drawings.is_empty() {
        drawn = words("quiet", MARGIN + PADDING, y + 24, "there is no chain to draw");
        y += 40;
    }
    let height = y + MARGIN;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chain\" role=\"img\" aria-labelledby=\"chain-title chain-description\" \
         viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\">\n\
         <title id=\"chain-title\">{}</title>\n<desc id=\"chain-description\">{}</desc>\n<style>{STYLE}</style>\n\
         <rect class=\"ground\" width=\"{WIDTH}\" height=\"{height}\"/>\n{drawn}</svg>\n",
        escape(&title(report)),
        escape(&description(&drawings)),
    )
}

/// A chain whose drawing begins at `y`, and where it ends.
fn chain(rows: &[Row<'_>], mut y: usize) -> (String, usize) {
    let mut drawn = String::new();
    for row in rows {
        drawn.push_str(&link(row.link, y));
        y += gap(row.link);
        let (element, height) = node(&row.node, y);
        drawn.push_str(&element);
        y += height;
    }
    (drawn, y)
}

fn title(report: &Report) -> String {
    let cause = report.cause.as_ref().map(|cause| format!(": {}", cause.code)).unwrap_or_default();
    format!("Certificate chain, {}{cause}", view::verdict(report))
}

/// The picture in words, for those who do not see it.
fn description(drawings: &[Drawing<'_>]) -> String {
    let told: Vec<String> = drawings
        .iter()
        .map(|it| match drawings.len() {
            1 => format!("From the top down: {}.", told(&it.rows)),
            _ => format!("{}, from the top down: {}.", it.title, told(&it.rows)),
        })
        .collect();
    if told.is_empty() { "No certificate was found.".to_owned() } else { told.join(" ") }
}

fn told(rows: &[Row<'_>]) -> String {
    let told = rows.iter().map(|row| {
        let link = match row.link {
            Link::Top => String::new(),
            Link::Whole => "signed by it: ".to_owned(),
            Link::Doubted(finding) => format!("link in doubt, {}: ", finding.code),
            Link::Broken(Some(finding)) => format!("broken link, {}: ", finding.code),
            Link::Broken(None) => "broken link: ".to_owned(),
        };
        format!("{link}{}", node_title(&row.node))
    });
    told.collect::<Vec<_>>().join("; ")
}

fn gap(link: Link<'_>) -> usize {
    match link {
        Link::Top => 0,
        Link::Whole => GAP,
        Link::Doubted(_) | Link::Broken(_) => MARKED_GAP,
    }
}

/// The line down from the box above, which ends at `y`.
fn link(link: Link<'_>, y: usize) -> String {
    let (middle, end) = (y + MARKED_GAP / 2, y + gap(link));
    match link {
        Link::Top => String::new(),
        Link::Whole => format!("<path class=\"link\" d=\"M{AXIS} {y}V{end}m-4 -7l4 7l4 -7\"/>\n"),
        Link::Doubted(finding) => marked_link("doubt", y, end, middle, finding.code.as_str(), &EXCLAMATION),
        Link::Broken(Some(finding)) => marked_link("broken", y, end, middle, finding.code.as_str(), &CROSS),
        Link::Broken(None) => marked_link("broken", y, end, middle, "nothing trusted above", &CROSS),
    }
}

/// Strokes around a middle: a cross, and an exclamation mark.
const CROSS: [&str; 2] = ["m-4 -4l8 8", "m4 -4l-8 8"];
const EXCLAMATION: [&str; 2] = ["m0 -5v6", "m0 4v1.5"];

fn marked_link(class: &str, y: usize, end: usize, middle: usize, code: &str, strokes: &[&str; 2]) -> String {
    let [one, other] = strokes;
    format!(
        "<g class=\"{class}\"><path class=\"cut\" d=\"M{AXIS} {y}V{}M{AXIS} {}V{end}\"/>\
         <circle cx=\"{AXIS}\" cy=\"{middle}\" r=\"10\"/><path class=\"sign\" d=\"M{AXIS} {middle}{one}M{AXIS} {middle}{other}\"/>{}</g>\n",
        middle - 10,
        middle + 10,
        words("code", AXIS + 20, middle + 4, code).trim_end(),
    )
}

/// A node that begins at `y`, and its height.
fn node(node: &Node<'_>, y: usize) -> (String, usize) {
    match node {
        Node::Certificate(entry, mark) => certificate(entry, *mark, y),
        Node::Missing(subject, found) => {
            let facts = found.map_or_else(
                || vec!["no certificate of this subject is at hand".to_owned()],
                |source| fact_lines("found in", " ", source),
            );
            boxed("gap", "missing", None, subject, &facts, y, node)
        }
        Node::Stranger(subject, source) => {
            boxed("gap", "not its issuer", None, subject, &fact_lines("", "", source), y, node)
        }
        Node::NoAnchor => {
            let facts = ["what is below is not trusted by itself".to_owned()];
            boxed("gap", "missing", None, "a trust anchor", &facts, y, node)
        }
        Node::Elided(count) => (words("quiet", AXIS + 20, y + 22, &format!("… {count} more certificates")), 32),
    }
}

fn certificate(entry: &ChainEntry, mark: Option<&Finding>, y: usize) -> (String, usize) {
    let class = match mark {
        Some(finding) if finding.severity == Severity::Error => "node broken",
        Some(_) => "node doubt",
        None if entry.trusted => "node trusted",
        None => "node",
    };
    let role = if entry.trusted { format!("{}, trusted", entry.role) } else { entry.role.to_owned() };
    let until = format!("until {}", entry.not_after.split('T').next().unwrap_or_default());
    let facts = fact_lines(&until, " · ", &entry.source);
    boxed(class, &role, mark, &entry.subject, &facts, y, &Node::Certificate(entry, mark))
}

/// What is said first and the source, on one line where both fit; of a long source the end, where the file's name and the number are.
fn fact_lines(first: &str, apart: &str, source: &str) -> Vec<String> {
    let source = crate::facts::escape(source);
    let together = format!("{first}{apart}{source}");
    if columns(&together) <= SMALL_COLUMNS {
        return vec![together];
    }
    let lines = [first.to_owned(), cut_start(&source, SMALL_COLUMNS)];
    lines.into_iter().filter(|line| !line.is_empty()).collect()
}

fn boxed(
    class: &str,
    role: &str,
    mark: Option<&Finding>,
    subject: &str,
    facts: &[String],
    y: usize,
    node: &Node<'_>,
) -> (String, usize) {
    let lines = subject_lines(subject);
    let x = MARGIN + PADDING;
    let mut inside = words("role", x, y + 20, role);
    let code = mark.map(coded);
    // Side by side where both fit, else under each other.
    let below = code.as_ref().is_some_and(|code| columns(role) + 2 + columns(code) > HEAD_COLUMNS);
    let head = if below { LINE } else { 0 };
    let height = FRAME - LINE + head + LINE * (lines.len() + facts.len());
    if let Some(code) = code {
        let place = if below { format!("x=\"{x}\"") } else { format!("x=\"{}\" text-anchor=\"end\"", WIDTH - x) };
        inside.push_str(&format!("<text class=\"code\" {place} y=\"{}\">{}</text>\n", y + 20 + head, escape(&code)));
    }
    for (index, line) in lines.iter().enumerate() {
        inside.push_str(&words("subject", x, y + head + 40 + LINE * index, line));
    }
    for (index, line) in (lines.len() + 1..).zip(facts) {
        inside.push_str(&words("quiet", x, y + head + 24 + LINE * index, line));
    }
    let element = format!(
        "<g class=\"{class}\"><title>{}</title>\n<rect x=\"{MARGIN}\" y=\"{y}\" width=\"{}\" height=\"{height}\" rx=\"8\"/>\n{inside}</g>\n",
        escape(&node_title(node)),
        WIDTH - 2 * MARGIN,
    );
    (element, height)
}

fn coded(finding: &Finding) -> String {
    let sign = if finding.severity == Severity::Error { '✗' } else { '!' };
    format!("{sign} {}", finding.code)
}

/// The subject in as few lines as it fits in; of a longer one the beginning, and the end, where the common name is.
fn subject_lines(subject: &str) -> Vec<String> {
    let mut lines = wrap_anywhere(&crate::facts::escape(subject), COLUMNS);
    if lines.len() > MAX_LINES {
        let end = lines.split_off(lines.len() + 1 - MAX_LINES);
        let first = cut(&lines[0], COLUMNS - 2);
        lines = vec![format!("{} …", first.trim_end_matches('…'))];
        lines.extend(end);
    }
    lines
}

/// All that is known of a node, on one line.
fn node_title(node: &Node<'_>) -> String {
    match node {
        Node::Certificate(entry, mark) => {
            let mark = mark.map(|it| format!("; {}", it.code)).unwrap_or_default();
            format!("{}, {}, from {}{mark}", entry.subject, super::text::facts(entry), entry.source)
        }
        Node::Missing(subject, None) => format!("missing: {subject}"),
        Node::Missing(subject, Some(source)) => format!("missing: {subject}, found in {source}"),
        Node::Stranger(subject, source) => format!("not its issuer: {subject}, from {source}"),
        Node::NoAnchor => "missing: a trust anchor".to_owned(),
        Node::Elided(count) => format!("{count} more certificates"),
    }
}

fn words(class: &str, x: usize, y: usize, text: &str) -> String {
    format!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>\n", escape(text))
}
