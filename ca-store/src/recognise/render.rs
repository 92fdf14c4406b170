//! Candidates as text: what was read, then the likeliest causes, numbered, each with what decides.

use std::fmt::Write as _;

use crate::explain::render::{Appendix, Section, Style, Turn, cut, joined};

use super::{Candidate, Line, Recognised, Standing};

/// What a text alone says. Nothing was judged, and that is said.
pub fn alone(recognised: &Recognised, style: Style) -> String {
    let heading = match recognised.candidates.first() {
        None => format!(
            "{}: no known error message of a TLS client or server is in this text",
            style.bold("not recognised")
        ),
        Some(_) => format!("{}: what the text alone says; no chain was judged", style.bold("likely causes")),
    };
    let hint = if recognised.candidates.is_empty() {
        Section::always(UNPLACED)
    } else {
        Section::at_times(Turn::Rest, DECIDE)
    };
    let mut sections = vec![Section::always(heading + "\n"), lines(recognised, style).close()];
    sections.extend(list(&recognised.candidates, style));
    sections.push(hint);
    joined(&sections, style)
}

/// What a text says beside a report, which has decided: sections that come below those of the report.
pub fn beside(recognised: &Recognised, candidates: &[Candidate], style: Style) -> Vec<Section> {
    if recognised.candidates.is_empty() {
        let nothing = "no known error message is in the text that was given";
        return vec![Section::always(format!("{}\n  {nothing}\n", style.bold("The text")))];
    }
    let title = Section::always(style.bold("The text, beside what was found") + "\n");
    [title, lines(recognised, style).close()].into_iter().chain(list(candidates, style)).collect()
}

/// The lines that told something, for a page; nothing where none did.
pub fn appendix(recognised: &Recognised) -> Option<Appendix> {
    let client = recognised.client.map(|client| ("written by".to_owned(), client.to_owned()));
    let line = |line: &Line| {
        let times = if line.times > 1 { format!(" ({} times)", line.times) } else { String::new() };
        (format!("line {}{times}", line.line), line.text.clone())
    };
    let cut = recognised.cut.then(|| ("not read".to_owned(), "what is beyond its beginning".to_owned()));
    let rows: Vec<_> = client.into_iter().chain(recognised.lines.iter().map(line)).chain(cut).collect();
    (!rows.is_empty()).then(|| Appendix { title: "The text", tables: vec![rows], ..Appendix::default() })
}

const UNPLACED: &str = "What to type\n  pki diagnose HOST:PORT\n  pki diagnose --chain CHAIN.pem --trust CA.pem --name HOST\n  \
    # or give more of the text: the lines before and after, and the server's log of the same minute\n";

const DECIDE: &str =
    "With --chain, --key and --trust, or HOST:PORT, beside --error, these decide and the cause is named.\n";

fn lines(recognised: &Recognised, style: Style) -> Section {
    let mut text = String::new();
    if let Some(client) = recognised.client {
        let _ = writeln!(text, "  written by {client}");
    }
    for line in &recognised.lines {
        let times = if line.times > 1 { format!(" ({} times)", line.times) } else { String::new() };
        let _ = writeln!(text, "  {} {}{times}", style.dim(&format!("line {}:", line.line)), line.text);
    }
    if recognised.cut {
        let _ =
            writeln!(text, "  only its beginning was read; for the end: tail -n 100000 LOG | pki diagnose --error -");
    }
    let first = recognised.lines.first().map(|line| format!("  line {}: {}", line.line, line.text));
    let first = first.map(|line| cut(&line, style.width()) + "\n").unwrap_or_default();
    Section::always(first).or(Turn::Evidence, text)
}

/// Candidates that are shown in full: a screen's worth.
const SHOWN_IN_FULL: usize = 5;

fn list(candidates: &[Candidate], style: Style) -> Vec<Section> {
    let (full, rest) = candidates.split_at(candidates.len().min(SHOWN_IN_FULL));
    let mut sections: Vec<Section> = (1..).zip(full).map(|(number, it)| candidate(number, it, style)).collect();
    if !rest.is_empty() {
        let codes: Vec<String> = rest.iter().map(|it| format!("{}{}", it.code, standing(it))).collect();
        sections.push(Section::at_times(Turn::Others, format!("  less likely: {}\n", codes.join(", "))));
    }
    sections
}

/// The code, or with it what it means and what decides whether it is that one.
fn candidate(number: usize, candidate: &Candidate, style: Style) -> Section {
    let code = format!(" {number:2}. {}{}\n", style.bold(candidate.code.as_str()), standing(candidate));
    let mut full = format!("{code}     {}\n", candidate.code.summary());
    if matches!(candidate.standing, Standing::Open) {
        let _ = writeln!(full, "     {}", candidate.decide);
    }
    Section::always(code).or(Turn::Candidates, full)
}

fn standing(candidate: &Candidate) -> &'static str {
    match candidate.standing {
        Standing::Cause => "  ← the cause",
        Standing::Found => "  (found as well)",
        Standing::Open => "",
        Standing::RuledOut => "  (ruled out)",
    }
}
