//! What every form of a report shows, in the order of showing: findings with what follows from them, clients that say
//! the same, and sections that are there at times.

use serde_json::{Map, Value};

use crate::explain::{ClientVerdict, Ran, Report, Verdict};
use crate::facts::escape;
use crate::finding::{Finding, Severity};
use crate::handshake::EndpointFacts;

/// A finding, and what only follows from it.
pub(super) struct Group<'a> {
    pub(super) finding: &'a Finding,
    pub(super) consequences: Vec<&'a Finding>,
}

/// The findings that stand by themselves, the cause first, each with its consequences.
pub(super) fn groups(report: &Report) -> Vec<Group<'_>> {
    let all = &report.findings;
    let source_of = |finding: &Finding| {
        let source = finding.follows_from.filter(|_| report.cause.as_ref() != Some(finding))?;
        all.iter().position(|other| other.code == source && !std::ptr::eq(other, finding))
    };
    // The first of a line of consequences; what is on a line that bites its own tail stands by itself.
    let origin = |start: usize| {
        let step = |index: usize, _| source_of(&all[index]).ok_or(index);
        (0..all.len()).try_fold(start, step).map_or_else(|end| end, |_| start)
    };
    let mut groups: Vec<(usize, Group<'_>)> = Vec::new();
    for (index, finding) in all.iter().enumerate().filter(|(index, _)| origin(*index) == *index) {
        groups.push((index, Group { finding, consequences: Vec::new() }));
    }
    for (index, finding) in all.iter().enumerate() {
        let from = origin(index);
        if let Some((_, group)) = groups.iter_mut().find(|(start, _)| from == *start && index != from) {
            group.consequences.push(finding);
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// The group of the cause, the others that matter, and the harmless ones.
pub(super) fn sorted(report: &Report) -> (Option<Group<'_>>, Vec<Group<'_>>, Vec<Group<'_>>) {
    let mut groups = groups(report);
    let cause = report.cause.as_ref().and_then(|cause| groups.iter().position(|group| group.finding == cause));
    let cause = cause.map(|index| groups.remove(index));
    let (notes, others) = groups.into_iter().partition(|group| group.finding.severity == Severity::Note);
    (cause, others, notes)
}

/// Clients that refuse in the same words, in the order of the table.
pub(super) fn refusing(report: &Report) -> Vec<(Vec<&'static str>, &str)> {
    let mut groups: Vec<(Vec<&'static str>, &str)> = Vec::new();
    for client in report.clients.iter().filter(|client| client.verdict == "rejects") {
        match groups.iter_mut().find(|(_, error)| *error == client.error) {
            Some((names, _)) => names.push(client.client),
            None => groups.push((vec![client.client], &client.error)),
        }
    }
    groups
}

/// Clients that accept.
pub(super) fn accepting(report: &Report) -> Vec<&'static str> {
    report.clients.iter().filter(|client| client.verdict == "accepts").map(|client| client.client).collect()
}

/// Clients that were run here.
pub(super) fn ran(report: &Report) -> impl Iterator<Item = &ClientVerdict> {
    report.clients.iter().filter(|client| client.ran.is_some())
}

/// What a client printed here, beside what was foretold: nothing where that says the same.
pub(super) fn other_words<'a>(client: &ClientVerdict, ran: &'a Ran) -> &'a str {
    let same = !client.error.is_empty() && ran.output.contains(&client.error);
    if same { "" } else { &ran.output }
}

/// What a client prints, made safe, on one line.
pub(super) fn one_line(words: &str) -> String {
    escape(&words.trim_end().lines().collect::<Vec<_>>().join("; "))
}

/// What rustls itself says of the same certificates, where it was asked.
pub(super) fn rustls(report: &Report) -> Option<String> {
    let verdict = report.rustls.as_ref()?;
    let words = |key: &str| verdict[key].as_str().unwrap_or_default();
    let said = match (verdict["agrees"] == true, verdict["accepts"] == true) {
        (false, _) => format!("differs: {}", words("why")),
        (true, true) => "accepts these certificates".to_owned(),
        (true, false) => format!("refuses these certificates: {}", words("error")),
    };
    let asked = match verdict["certificates_left_out"].as_u64() {
        Some(count) if count > 0 => {
            format!("asked as well about this path alone, without the {count} other certificates at hand,")
        }
        _ => "asked as well,".to_owned(),
    };
    Some(format!("rustls, {asked} {said}"))
}

/// Whether anything was judged: of an error's text alone it is known only what it may stand for.
pub(super) fn is_judged(report: &Report) -> bool {
    report.verdict == Verdict::Valid
        || report.cause.is_some()
        || !report.findings.is_empty()
        || !report.chain.is_empty()
}

/// The verdict in a word or two.
pub(super) fn verdict(report: &Report) -> &'static str {
    match report.verdict {
        _ if !is_judged(report) => "not judged",
        Verdict::Valid => "valid",
        Verdict::Invalid => "invalid",
    }
}

/// The severity as it is written.
pub(super) fn grade(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// What was asked, in words: `for chat.example.test, as a server, on 2026-06-01 12:00 UTC`.
pub(super) fn asked(report: &Report) -> String {
    let asked = &report.asked;
    let names = if asked.names.is_empty() { String::new() } else { format!("for {}, ", asked.names.join(" and ")) };
    let purpose = match asked.purpose {
        "any" => String::new(),
        purpose => format!("as a {purpose}, "),
    };
    let minute: String = asked.at.replace('T', " ").chars().take(16).collect();
    format!("{names}{purpose}on {minute} UTC")
}

/// Fields of the report that have a place of their own in every form. Candidates are written below the text of a report, beside the
/// words that they were read from.
const PLACED: &[&str] = &[
    "verdict",
    "asked",
    "cause",
    "chain",
    "path_end",
    "findings",
    "clients",
    "rustls",
    "not_run",
    "endpoint",
    "candidates",
];

/// Values with their labels; a label is empty where there is none.
pub(super) type Entry = Vec<(String, String)>;

/// What else the report has: a title and entries for each field that is there and not empty.
pub(super) fn extra(report: &Report) -> Vec<(String, Vec<Entry>)> {
    let Ok(Value::Object(fields)) = serde_json::to_value(report) else { return Vec::new() };
    let rest = fields.into_iter().filter(|(name, value)| !PLACED.contains(&name.as_str()) && !is_empty(value));
    let endpoint = report.endpoint.as_ref().and_then(endpoint).map(|rows| ("Endpoint".to_owned(), vec![rows]));
    endpoint.into_iter().chain(rest.map(|(name, value)| (title(&name), entries(&value)))).collect()
}

/// What was seen of a live endpoint, where one answered; what is not known has no line.
fn endpoint(seen: &EndpointFacts) -> Option<Entry> {
    let address = seen.address.as_ref()?;
    let others = seen.addresses.iter().filter(|at| at.address != *address);
    let others: Vec<String> = others
        .map(|at| if at.connected { at.address.clone() } else { format!("{} (no answer)", at.address) })
        .collect();
    let agreed = [&seen.version, &seen.cipher, &seen.alpn].into_iter().flatten().cloned().collect::<Vec<_>>();
    let wanted = match (seen.client_certificate_wanted, &seen.accepted_cas[..]) {
        (false, _) => String::new(),
        (true, []) => "wanted; it names no CA".to_owned(),
        (true, names) => format!("wanted, of {}", names.join("; ")),
    };
    let rows = [
        ("address", address.clone()),
        ("also at", others.join(", ")),
        ("speaks", seen.protocol.unwrap_or_default().to_owned()),
        ("upgraded by", seen.starttls.map(|name| format!("STARTTLS ({name})")).unwrap_or_default()),
        ("agreed on", agreed.join(", ")),
        ("takes", seen.versions.join(", ")),
        ("client cert", wanted),
        ("its clock", seen.time.clone().unwrap_or_default()),
    ];
    Some(
        rows.into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(label, value)| (label.to_owned(), value))
            .collect(),
    )
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// A value as entries of labelled lines: a list has an entry an item.
fn entries(value: &Value) -> Vec<Entry> {
    match value {
        Value::Array(items) => items.iter().map(lines).collect(),
        other => vec![lines(other)],
    }
}

fn lines(value: &Value) -> Entry {
    match value {
        Value::Object(map) => labelled(map),
        other => vec![(String::new(), super::evidence::plain(other))],
    }
}

fn labelled(map: &Map<String, Value>) -> Entry {
    let told = map.iter().filter(|(_, value)| !is_empty(value));
    told.map(|(name, value)| (escape(&name.replace('_', " ")), super::evidence::plain(value))).collect()
}

fn title(name: &str) -> String {
    let words = escape(&name.replace('_', " "));
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
