//! A report as one page that needs nothing else: no network, no script; for light and dark, for a desk and a telephone.

use std::fmt::Write as _;

use crate::explain::{ClientVerdict, Report, Verdict};
use crate::finding::{Finding, Severity};
use crate::recognise::{Candidate, Standing};

use super::evidence::{self, Item, Shown};
use super::markup::{escape, lines, sentence, value};
use super::view::{self, Group};

const STYLE: &str = include_str!("html.css");

/// Nothing is loaded and nothing runs, whatever a certificate says: the browser is told so as well.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// What a page says besides the report, below it. Texts from outside are to be escaped for a terminal already.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Appendix {
    /// Its title.
    pub title: &'static str,
    /// A sentence that is to be read before the report; empty where there is none.
    pub lead: String,
    /// A table for each thing: labels, and the values beside them.
    pub tables: Vec<Vec<(String, String)>>,
    /// Lines that are to be copied as they stand, each with what they are for.
    pub listings: Vec<(String, Vec<String>)>,
}

/// The page.
pub fn html(report: &Report) -> String {
    html_with(report, &[])
}

/// The page, and below the report what else is to be said.
pub fn html_with(report: &Report, more: &[Appendix]) -> String {
    let (cause, others, notes) = view::sorted(report);
    let parts = [
        more.iter().map(lead).collect(),
        header(report, cause.as_ref()),
        picture_and_evidence(report),
        fix(report),
        also(&others, &notes),
        clients(report),
        extra(report),
        more.iter().enumerate().map(appendix).collect(),
        candidates(&report.candidates),
        footer(report),
    ];
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta name=\"color-scheme\" content=\"light dark\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\"/>\n\
         <meta name=\"referrer\" content=\"no-referrer\"/>\n\
         <title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{}</main>\n</body>\n</html>\n",
        escape(&title(report)),
        parts.concat(),
    )
}

fn title(report: &Report) -> String {
    let cause = report.cause.as_ref().map(|cause| format!(": {}", cause.code)).unwrap_or_default();
    let names = &report.asked.names;
    let names = if names.is_empty() { String::new() } else { format!(" · {}", names.join(", ")) };
    format!("{}{cause}{names}", view::verdict(report))
}

/// What the report is of, where that is one of several.
fn lead(more: &Appendix) -> String {
    if more.lead.is_empty() { String::new() } else { format!("<p class=\"lead\">{}</p>\n", sentence(&more.lead)) }
}

/// The verdict, the cause in a sentence, what was asked, and what goes with the cause.
fn header(report: &Report, group: Option<&Group<'_>>) -> String {
    let (class, sign) = match (report.verdict, &report.cause) {
        _ if !view::is_judged(report) => ("doubt", "?"),
        (Verdict::Valid, None) => ("good", "✓"),
        (Verdict::Valid, Some(_)) => ("doubt", "!"),
        (Verdict::Invalid, _) => ("bad", "✗"),
    };
    let code = report.cause.as_ref().map(|cause| format!(" <code class=\"code\">{}</code>", cause.code));
    let said = report.cause.as_ref().map_or_else(|| without_cause(report).to_owned(), |cause| sentence(&cause.message));
    let consequences = group.map(|group| consequences(&group.consequences)).unwrap_or_default();
    format!(
        "<header>\n<p class=\"verdict\"><span class=\"badge {class}\"><span aria-hidden=\"true\">{sign}</span> {}</span>{}</p>\n\
         <h1>{said}</h1>\n<p class=\"quiet\">Asked {}.{}</p>\n{consequences}</header>\n",
        view::verdict(report),
        code.unwrap_or_default(),
        escape(&view::asked(report)),
        whose(report),
    )
}

/// The question is about the server; its cause may be about what it is shown.
fn whose(report: &Report) -> &'static str {
    let client = report.endpoint.as_ref().and_then(|it| it.client_chain.as_ref());
    match client.is_some_and(|it| it.has_cause) {
        true => {
            " What is told here is about the client certificate that was to be shown, and not about what the server sends."
        }
        false => "",
    }
}

/// What is said where there is no cause to be told.
fn without_cause(report: &Report) -> &'static str {
    match (view::is_judged(report), &report.candidates[..]) {
        (true, _) => "Nothing to mend.",
        (false, []) => "No known error message of a TLS client or server is in this text; no chain was judged.",
        (false, _) => "What the text alone may stand for, the likeliest first; no chain was judged.",
    }
}

fn consequences(findings: &[&Finding]) -> String {
    if findings.is_empty() {
        return String::new();
    }
    let items: String = findings.iter().map(|finding| format!("<li>{}</li>\n", told(finding))).collect();
    format!("<p class=\"quiet\">Goes away with it:</p>\n<ul class=\"hence\">\n{items}</ul>\n")
}

fn told(finding: &Finding) -> String {
    format!("<code class=\"code\">{}</code>: {}", finding.code, sentence(&finding.message))
}

fn picture_and_evidence(report: &Report) -> String {
    let picture = if super::picture::drawings(report).is_empty() {
        String::new()
    } else {
        section("chain", "Chain", &format!("<figure>{}</figure>\n", super::svg(report)))
    };
    let evidence = report.cause.as_ref().filter(|cause| !cause.evidence.is_empty());
    let evidence = evidence.map(|cause| section("evidence", "What shows it", &table(cause))).unwrap_or_default();
    if picture.is_empty() && evidence.is_empty() {
        return String::new();
    }
    format!("<div class=\"columns\">\n{picture}{evidence}</div>\n")
}

fn section(id: &str, title: &str, content: &str) -> String {
    format!("<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{}</h2>\n{content}</section>\n", escape(title))
}

/// The values of both sides under each other, what tells first.
fn table(finding: &Finding) -> String {
    let rows: String = evidence::items(finding).iter().map(rows).collect();
    format!("<table class=\"evidence\">\n{rows}</table>\n")
}

fn rows(item: &Item) -> String {
    match item {
        Item::One(it) => format!("<tbody>\n{}</tbody>\n", row(it, "", &escape(&it.value))),
        Item::Same(one, other) => {
            let label = Shown { label: format!("{} = {}", one.label, other.label), value: one.value.clone() };
            format!("<tbody>\n{}</tbody>\n", row(&label, "", &escape(&one.value)))
        }
        Item::Differ(one, other) => {
            let (left, right) = marked(&one.value, &other.value);
            let sign = "<abbr title=\"differs from the value above\">≠</abbr> ";
            format!("<tbody class=\"differ\">\n{}{}</tbody>\n", row(one, "", &left), row(other, sign, &right))
        }
    }
}

fn row(shown: &Shown, sign: &str, value: &str) -> String {
    format!("<tr><th scope=\"row\">{sign}{}</th><td><code>{value}</code></td></tr>\n", escape(&shown.label))
}

/// Both values with what differs marked: a part where most is the same, else all of it.
fn marked(one: &str, other: &str) -> (String, String) {
    let whole = |text: &str| format!("<mark>{}</mark>", escape(text));
    let part = |text: &str, range: std::ops::Range<usize>| {
        format!("{}{}{}", escape(&text[..range.start]), whole(&text[range.clone()]), escape(&text[range.end..]))
    };
    match evidence::difference(one, other) {
        Some((left, right)) => (part(one, left), part(other, right)),
        None => (whole(one), whole(other)),
    }
}

fn fix(report: &Report) -> String {
    let Some(cause) = report.cause.as_ref().filter(|cause| !cause.fix.is_empty()) else { return String::new() };
    section("fix", "What to type", &commands(&cause.fix, "fix"))
}

/// Commands in a box of their own. A line that does not fit goes on below, set in, so that all of it is seen on any screen and on paper;
/// what is copied is one line still.
fn commands(fix: &str, labelled_by: &str) -> String {
    block(fix, &format!("aria-labelledby=\"{labelled_by}\""))
}

fn block(fix: &str, label: &str) -> String {
    let line = |line: &str| {
        let class = if line.starts_with('#') { "line quiet" } else { "line" };
        format!("<span class=\"{class}\">{}\n</span>", escape(line))
    };
    let lines: String = fix.lines().map(line).collect();
    format!("<pre role=\"group\" {label}><code>{lines}</code></pre>\n")
}

fn also(others: &[Group<'_>], notes: &[Group<'_>]) -> String {
    if others.is_empty() && notes.is_empty() {
        return String::new();
    }
    let items: String = others.iter().chain(notes).map(finding).collect();
    section("also", "Also seen", &format!("<ul class=\"findings\">\n{items}</ul>\n"))
}

fn finding(group: &Group<'_>) -> String {
    let it = group.finding;
    let class = match it.severity {
        Severity::Error => "bad",
        Severity::Warning => "doubt",
        Severity::Note => "plain",
    };
    format!(
        "<li><span class=\"badge {class}\">{}</span> {}\n{}{}</li>\n",
        view::grade(it.severity),
        told(it),
        consequences(&group.consequences),
        details(it),
    )
}

/// Evidence and fix of a finding that is not the cause, folded away.
fn details(finding: &Finding) -> String {
    if finding.evidence.is_empty() && finding.fix.is_empty() {
        return String::new();
    }
    let values = if finding.evidence.is_empty() { String::new() } else { table(finding) };
    let fix = if finding.fix.is_empty() { String::new() } else { block(&finding.fix, "aria-label=\"what to type\"") };
    format!("<details><summary>what shows and mends it</summary>\n{values}{fix}</details>\n")
}

/// Who refuses first, each with what it prints; then who accepts.
fn clients(report: &Report) -> String {
    if report.clients.is_empty() {
        return String::new();
    }
    let ran = view::ran(report).next().is_some();
    let (refusing, accepting): (Vec<_>, Vec<_>) = report.clients.iter().partition(|client| client.verdict == "rejects");
    let not_run = report.not_run.as_ref().map(|why| format!("<p class=\"quiet\">{}</p>\n", sentence(why)));
    let not_run = not_run.unwrap_or_default();
    if refusing.is_empty() && !ran {
        let names = format!("<p>{}</p>\n", escape(&view::accepting(report).join(", ")));
        return section("clients", "Every client accepts", &(names + &not_run));
    }
    let here = if ran { "<th scope=\"col\">On this machine</th>" } else { "" };
    let rows: String = refusing.iter().chain(&accepting).map(|client| client_row(client, ran)).collect();
    let title = match (refusing.len(), accepting.len()) {
        (0, _) => "Every client accepts".to_owned(),
        (_, 0) => "Every client refuses".to_owned(),
        (refused, accepted) => format!("{refused} clients refuse, {accepted} accept"),
    };
    let table = format!(
        "<table class=\"clients\">\n<thead><tr><th scope=\"col\">Client</th><th scope=\"col\">Verdict</th>\
         <th scope=\"col\">What it prints</th>{here}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n{not_run}"
    );
    section("clients", &title, &table)
}

fn client_row(client: &ClientVerdict, ran: bool) -> String {
    let (class, sign, word) =
        if client.verdict == "accepts" { ("good", "✓", "accepts") } else { ("bad", "✗", "refuses") };
    let words = if client.error.is_empty() { String::new() } else { format!("<code>{}</code>", lines(&client.error)) };
    let here = if ran { here(client) } else { String::new() };
    format!(
        "<tr><th scope=\"row\">{}</th><td class=\"{class}\"><span aria-hidden=\"true\">{sign}</span> {word}</td><td>{words}</td>{here}</tr>\n",
        escape(client.client)
    )
}

/// On a telephone there is no heading over the column: a word in the cell stands for it.
fn here(client: &ClientVerdict) -> String {
    let Some(ran) = &client.ran else { return "<td class=\"absent quiet\">not run</td>".to_owned() };
    let word = if ran.verdict == "accepts" { "accepts" } else { "refuses" };
    let words = view::other_words(client, ran);
    let beside = match (ran.agrees, words) {
        (true, "") => "as foretold",
        (true, _) => "as foretold, in other words",
        (false, _) => "<strong class=\"bad\">✗ not as foretold</strong>",
    };
    let words = if words.is_empty() { String::new() } else { format!("<br/><code>{}</code>", lines(words)) };
    format!("<td><span class=\"narrow quiet\">on this machine: </span>{word}, {beside}{words}</td>")
}

/// Causes that a text may stand for, each with what it means and what decides whether it is that one.
fn candidates(candidates: &[Candidate]) -> String {
    if candidates.is_empty() {
        return String::new();
    }
    let items: String = candidates.iter().map(candidate).collect();
    section("candidates", "What the text may stand for", &format!("<ol class=\"candidates\">\n{items}</ol>\n"))
}

fn candidate(candidate: &Candidate) -> String {
    let (class, standing) = match candidate.standing {
        Standing::Cause => ("bad", "the cause"),
        Standing::Found => ("doubt", "found as well"),
        Standing::Open => ("", ""),
        Standing::RuledOut => ("plain", "ruled out"),
    };
    let badge =
        if standing.is_empty() { String::new() } else { format!(" <span class=\"badge {class}\">{standing}</span>") };
    let decide = match candidate.standing {
        Standing::Open => block(&candidate.decide, "aria-label=\"what decides\""),
        _ => String::new(),
    };
    let (code, summary) = (candidate.code, sentence(candidate.code.summary()));
    format!("<li><code class=\"code\">{code}</code>{badge}<br/>{summary}\n{decide}</li>\n")
}

/// Sections that are there at times.
fn extra(report: &Report) -> String {
    let mut text = String::new();
    for (index, (title, entries)) in view::extra(report).iter().enumerate() {
        let lists: String = entries.iter().map(|entry| list(entry)).collect();
        text.push_str(&section(&format!("more-{index}"), title, &lists));
    }
    text
}

fn appendix((index, more): (usize, &Appendix)) -> String {
    let tables: String = more.tables.iter().map(|table| list(table)).collect();
    let listings = more.listings.iter().enumerate().map(|(place, (purpose, lines))| {
        let id = format!("besides-{index}-{place}");
        format!("<h3 id=\"{id}\">{}</h3>\n{}", escape(purpose), commands(&lines.join("\n"), &id))
    });
    section(&format!("besides-{index}"), more.title, &(tables + &listings.collect::<String>()))
}

fn list(entry: &[(String, String)]) -> String {
    let mut rows = String::new();
    for (label, text) in entry {
        let label = if label.is_empty() { "·" } else { label };
        let _ = writeln!(rows, "<tr><th scope=\"row\">{}</th><td>{}</td></tr>", escape(label), value(text));
    }
    format!("<table class=\"evidence\">\n<tbody>\n{rows}</tbody>\n</table>\n")
}

fn footer(report: &Report) -> String {
    let rustls = view::rustls(report).map(|words| format!("<p>{}</p>\n", sentence(&words)));
    format!(
        "<footer class=\"quiet\">\n{}<p>Written by <code>pki diagnose</code>. The words of clients are those of the versions that were measured; others may word it differently.</p>\n</footer>\n",
        rustls.unwrap_or_default()
    )
}
