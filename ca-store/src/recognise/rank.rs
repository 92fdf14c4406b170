//! From what a record says to its causes, by how likely they are.

use std::collections::BTreeMap;

use crate::finding::Code;

use super::marks;
use super::normalise::folded;
use super::own;
use super::phrases::{Found, INDEX, Resolved};
use super::record::Record;
use super::rule::Weight;
use super::table::CLIENTS;

/// How much of its predecessor's weight the next cause of a row has. Two rows that agree on a second cause so outweigh a
/// first one that only one of them names.
const NEXT: f64 = 0.75;

/// What one record says.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    /// The rows that speak, by their place in the index.
    pub(super) rows: Vec<usize>,
    /// Causes and their weight.
    pub(super) weights: BTreeMap<Code, f64>,
    /// The weight of all rows: how telling the record is.
    pub(super) telling: f64,
    /// The program that speaks, where its manner tells it.
    pub(super) client: Option<&'static str>,
    /// The line that tells most, from 1.
    pub(super) line: usize,
}

/// Reads a record; `None` where no row speaks. `asked` is the name asked for, where it is known from elsewhere.
pub(super) fn read(record: &Record<'_>, asked: Option<&str>) -> Option<Reading> {
    let lines: Vec<String> = record.lines.iter().map(|line| folded(line)).collect();
    let text = lines.join(" ");
    let mut found = INDEX.spoken_in(&text);
    let own: Vec<(usize, Code)> = (0..)
        .zip(&record.lines)
        .flat_map(|(at, line)| own::codes(line).into_iter().map(move |code| (at, code)))
        .collect();
    if found.is_empty() && !marks::is_an_alert(&text) {
        return of_own(record, &own);
    }
    let first = found.values().min().copied().unwrap_or(0);
    for id in marks::of(&record.lines.join(" "), asked).iter().filter_map(|mark| INDEX.id(mark)) {
        found.entry(id).or_insert(first);
    }
    for (mark, at) in INDEX.groups_of(&found) {
        found.entry(mark).or_insert(at);
    }
    let rows = speaking(&found);
    let Some(best) = rows.iter().max_by(|a, b| factor(**a).total_cmp(&factor(**b)).then(b.cmp(a))) else {
        return of_own(record, &own);
    };
    let at = INDEX.rules[*best].any.iter().filter_map(|id| found.get(id)).max().copied().unwrap_or(first);
    Some(Reading {
        weights: with_own(weights(&rows), &own),
        telling: rows.iter().map(|row| factor(*row)).sum(),
        client: client(&found),
        line: record.first + line_at(&lines, at),
        rows,
    })
}

/// A record that says nothing but codes of our own.
fn of_own(record: &Record<'_>, own: &[(usize, Code)]) -> Option<Reading> {
    let (at, first) = own.first()?;
    Some(Reading {
        weights: with_own(BTreeMap::new(), own),
        telling: Weight::Exact.factor(),
        client: None,
        line: record.first + at,
        // No row has this place, and another code has another.
        rows: vec![INDEX.rules.len() + *first as usize],
    })
}

/// A code that is named is what was found, whatever the words beside it may mean elsewhere.
fn with_own(mut weights: BTreeMap<Code, f64>, own: &[(usize, Code)]) -> BTreeMap<Code, f64> {
    for (_, code) in own {
        *weights.entry(*code).or_insert(0.0) += 2.0 * Weight::Exact.factor();
    }
    weights
}

/// The rows whose words are there, without those that a more particular row replaces.
fn speaking(found: &Found) -> Vec<usize> {
    let whole = |row: &usize| INDEX.rules[*row].when.iter().all(|id| found.contains_key(id));
    let rows: Vec<usize> = INDEX.speaking_of(found).into_iter().filter(whole).collect();
    let replaced = |row: &usize| rows.iter().any(|other| replaces(&INDEX.rules[*other], &INDEX.rules[*row], found));
    rows.iter().filter(|row| !replaced(row)).copied().collect()
}

/// Whether a row speaks of the same words and asks for more besides.
fn replaces(row: &Resolved, other: &Resolved, found: &Found) -> bool {
    row.when.len() > other.when.len()
        && other.when.iter().all(|id| row.when.contains(id))
        && row.any.iter().any(|id| found.contains_key(id) && other.any.contains(id))
}

fn factor(row: usize) -> f64 {
    INDEX.rules[row].rule.weight.factor()
}

fn weights(rows: &[usize]) -> BTreeMap<Code, f64> {
    let mut weights = BTreeMap::new();
    for row in rows {
        let mut weight = factor(*row);
        for code in INDEX.rules[*row].rule.causes {
            *weights.entry(*code).or_insert(0.0) += weight;
            weight *= NEXT;
        }
    }
    weights
}

fn client(found: &Found) -> Option<&'static str> {
    let marked = |mark| INDEX.id(mark).is_some_and(|id| found.contains_key(&id));
    CLIENTS.iter().find(|client| marked(client.mark)).map(|client| client.name)
}

/// Which of the lines, joined by spaces, a place is in.
fn line_at(lines: &[String], at: usize) -> usize {
    let mut end = 0;
    let before = lines.iter().take_while(|line| {
        end += line.len() + 1;
        end <= at
    });
    before.count()
}
