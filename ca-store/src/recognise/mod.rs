//! From the text of an error alone to what may be behind it, the likeliest first.
//!
//! ```text
//! text ─► records ─► folded ─► phrases + marks ─► rows of the tables ─► weights ─► candidates
//! ```
//!
//! One text stands for many causes, so the answer is a list, and each candidate comes with the command or file that decides.
//! All of it is a pure function of the text; the tables are data, a file a family of clients. Time and memory are bounded by
//! [`MAX_TEXT_BYTES`] and [`MAX_TEXT_LINES`]: each byte is looked at a fixed number of times, whatever the tables hold.

mod decide;
mod encoding;
mod marks;
mod names;
mod normalise;
mod own;
mod phrases;
mod rank;
mod record;
pub mod render;
mod rule;
mod table;
mod weigh;

#[cfg(test)]
mod tests;

pub use encoding::{MAX_ENCODED_BYTES, decoded};
pub use record::{MAX_TEXT_BYTES, MAX_TEXT_LINES};
pub use weigh::{alone, weigh};

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use crate::explain::PeerName;
use crate::facts::escape;
use crate::finding::Code;

use rank::Reading;

/// Candidates that are listed: beyond them a guess says nothing.
pub const MAX_CANDIDATES: usize = 10;

/// Lines that are shown of a log: the most telling ones.
const MAX_SHOWN_LINES: usize = 5;

/// Characters that are shown of a line.
const MAX_SHOWN_CHARS: usize = 300;

/// Kinds of records that are told apart; a log with more kinds of errors is beyond an answer from its text.
const MAX_KINDS: usize = 256;

/// How often a kind counts at the most, as a logarithm: port scanners repeat themselves more than any mistake does.
const MAX_REPEATS: f64 = 3.0;

/// How much less than the first a candidate may weigh: below that, vague words stand beside ones that say what is wrong.
const FAINT: f64 = 1.0 / 40.0;

/// Whether the evidence beside the text speaks for a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It is the cause.
    Cause,
    /// It was found as well.
    Found,
    /// Nothing that was given decides it.
    Open,
    /// What was given rules it out.
    RuledOut,
}

/// What may be behind a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// The cause.
    pub code: Code,
    /// The command or file that tells whether it is this one.
    pub decide: String,
    /// Whether the evidence speaks for it; [`Standing::Open`] where there is none.
    pub standing: Standing,
}

/// A line of the text that told something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Its number, from 1.
    pub line: usize,
    /// How often the same is said.
    pub times: usize,
    /// The line, escaped and cut to a screen's few lines.
    pub text: String,
}

/// What a text says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recognised {
    /// The program that wrote it, where its manner of speaking tells.
    pub client: Option<&'static str>,
    /// The lines that told most, the most telling first.
    pub lines: Vec<Line>,
    /// Whether the text was longer than what is read.
    pub cut: bool,
    /// What may be behind it, the likeliest first; empty where the text says nothing that is known.
    #[serde(skip)]
    pub candidates: Vec<Candidate>,
}

/// One kind of record, and how often it comes.
struct Kind {
    reading: Reading,
    times: usize,
}

/// Recognises a text: an error message, or a log with one in it. `asked` is the name that was asked for, where it is known.
pub fn recognise(text: &str, asked: Option<&PeerName>) -> Recognised {
    let name = asked.map(|name| name.to_string().to_lowercase());
    let kinds = kinds(text, name.as_deref());
    let host = name.or_else(|| names::asked(&normalise::plain(&shown_lines(text, &kinds))).map(str::to_owned));
    let ranked = ranked(&kinds);
    let candidate = |code| Candidate { code, decide: decide::command(code, host.as_deref()), standing: Standing::Open };
    Recognised {
        client: kinds.iter().find_map(|kind| kind.reading.client),
        lines: kinds.iter().take(MAX_SHOWN_LINES).map(|kind| line(text, kind)).collect(),
        cut: record::is_cut(text),
        candidates: ranked.into_iter().take(MAX_CANDIDATES).map(candidate).collect(),
    }
}

/// The kinds of records that say something, the most telling first, then the most frequent.
fn kinds(text: &str, asked: Option<&str>) -> Vec<Kind> {
    let mut places: HashMap<Vec<usize>, usize> = HashMap::new();
    let mut kinds: Vec<Kind> = Vec::new();
    for reading in record::records(text).iter().filter_map(|record| rank::read(record, asked)) {
        match places.get(&reading.rows) {
            Some(place) => kinds[*place].times += 1,
            None if kinds.len() < MAX_KINDS => {
                places.insert(reading.rows.clone(), kinds.len());
                kinds.push(Kind { reading, times: 1 });
            }
            None => {}
        }
    }
    kinds.sort_by(|a, b| b.reading.telling.total_cmp(&a.reading.telling).then(b.times.cmp(&a.times)));
    kinds
}

/// The causes of all kinds together, the weightiest first.
fn ranked(kinds: &[Kind]) -> Vec<Code> {
    let mut weights: BTreeMap<Code, f64> = BTreeMap::new();
    for kind in kinds {
        // Counts are far below 2^52.
        #[allow(clippy::cast_precision_loss)]
        let times = 1.0 + (kind.times as f64).ln().min(MAX_REPEATS);
        for (code, weight) in &kind.reading.weights {
            *weights.entry(*code).or_insert(0.0) += weight * times;
        }
    }
    let mut ranked: Vec<(Code, f64)> = weights.into_iter().collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    let least = ranked.first().map_or(0.0, |(_, first)| first * FAINT);
    ranked.into_iter().filter(|(_, weight)| *weight >= least).map(|(code, _)| code).collect()
}

fn line(text: &str, kind: &Kind) -> Line {
    let whole = text.lines().nth(kind.reading.line - 1).unwrap_or_default();
    let shown: String = whole.trim().chars().take(MAX_SHOWN_CHARS).collect();
    let more = if shown.len() < whole.trim().len() { "…" } else { "" };
    Line { line: kind.reading.line, times: kind.times, text: escape(&shown) + more }
}

fn shown_lines(text: &str, kinds: &[Kind]) -> String {
    kinds.iter().take(1).filter_map(|kind| text.lines().nth(kind.reading.line - 1)).collect()
}
