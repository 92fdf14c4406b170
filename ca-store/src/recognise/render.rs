//! Candidates as text: what was read, then the likeliest causes, numbered, each with what decides.

use std::fmt::Write as _;

use crate::explain::render::Style;

use super::{Candidate, Recognised, Standing};

/// What a text alone says. Nothing was judged, and that is said.
pub fn alone(recognised: &Recognised, style: Style) -> String {
    let heading = match recognised.candidates.first() {
        None => format!(
            "{}: no known error message of a TLS client or server is in this text",
            style.bold("not recognised")
        ),
        Some(_) => format!("{}: what the text alone says; no chain was judged", style.bold("likely causes")),
    };
    let hint = if recognised.candidates.is_empty() { UNPLACED } else { DECIDE };
    format!("{heading}\n{}{}\n{hint}", lines(recognised, style), list(&recognised.candidates, style))
}

/// What a text says beside a report, which has decided.
pub fn beside(recognised: &Recognised, candidates: &[Candidate], style: Style) -> String {
    if recognised.candidates.is_empty() {
        return format!("{}\n  no known error message is in the text that was given\n", style.bold("The text"));
    }
    format!(
        "{}\n{}{}",
        style.bold("The text, beside what was found"),
        lines(recognised, style),
        list(candidates, style)
    )
}

const UNPLACED: &str = "What to type\n  pki diagnose HOST:PORT\n  pki diagnose --chain CHAIN.pem --trust CA.pem --name HOST\n  \
    # or give more of the text: the lines before and after, and the server's log of the same minute\n";

const DECIDE: &str =
    "With --chain, --key and --trust, or HOST:PORT, beside --error, these decide and the cause is named.\n";

fn lines(recognised: &Recognised, style: Style) -> String {
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
    text
}

/// Candidates that are shown in full: a screen's worth.
const SHOWN_IN_FULL: usize = 5;

fn list(candidates: &[Candidate], style: Style) -> String {
    let mut text = String::new();
    let (full, rest) = candidates.split_at(candidates.len().min(SHOWN_IN_FULL));
    for (number, candidate) in (1..).zip(full) {
        let code = candidate.code;
        let _ = write!(
            text,
            "\n {number:2}. {}{}\n     {}\n",
            style.bold(code.as_str()),
            standing(candidate),
            code.summary()
        );
        if matches!(candidate.standing, Standing::Open) {
            let _ = writeln!(text, "     {}", candidate.decide);
        }
    }
    if !rest.is_empty() {
        let codes: Vec<String> = rest.iter().map(|it| format!("{}{}", it.code, standing(it))).collect();
        let _ = writeln!(text, "\n  less likely: {}", codes.join(", "));
    }
    text
}

fn standing(candidate: &Candidate) -> &'static str {
    match candidate.standing {
        Standing::Cause => "  ← the cause",
        Standing::Found => "  (found as well)",
        Standing::Open => "",
        Standing::RuledOut => "  (ruled out)",
    }
}
