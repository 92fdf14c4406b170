//! Which phrases of the tables stand in a text: one pass over it, whatever the number of phrases.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::marks;
use super::rule::Rule;
use super::table;

/// A phrase or mark, by its place in the index.
pub(super) type PhraseId = usize;

/// What stands in a text, and where it first begins.
pub(super) type Found = BTreeMap<PhraseId, usize>;

/// A rule with its phrases looked up.
#[derive(Debug)]
pub(super) struct Resolved {
    /// Any one of these …
    pub(super) any: Vec<PhraseId>,
    /// … and all of these.
    pub(super) when: Vec<PhraseId>,
    /// The row.
    pub(super) rule: &'static Rule,
}

/// The tables, ready for use.
#[derive(Debug)]
pub(super) struct Index {
    ids: HashMap<String, PhraseId>,
    automaton: Option<AhoCorasick>,
    /// Phrase of the automaton → its place in `ids`.
    spoken: Vec<PhraseId>,
    /// What is said anyway, and covers the phrases that are part of it.
    idle: BTreeSet<PhraseId>,
    /// Every rule.
    pub(super) rules: Vec<Resolved>,
    /// Phrase or mark → the rules that it may make speak.
    speakers: Vec<Vec<usize>>,
    /// Marks that phrases stand for: a client's name for its manner of speaking.
    groups: Vec<(PhraseId, Vec<PhraseId>)>,
}

/// Built once: the tables do not change.
pub(super) static INDEX: LazyLock<Index> = LazyLock::new(Index::build);

impl Index {
    fn build() -> Index {
        let mut ids = HashMap::new();
        let mut id = |phrase: &str| {
            let next = ids.len();
            *ids.entry(phrase.to_owned()).or_insert(next)
        };
        // Known, so that a text of numbers alone is not passed over as one without any phrase.
        for prefix in marks::prefixes() {
            id(prefix);
        }
        let idle = table::SAID_ANYWAY.iter().map(|it| (*it).to_owned()).chain(marks::sent_alerts());
        let idle = idle.map(|phrase| id(&phrase)).collect();
        let mut rules = Vec::new();
        for rule in table::rules() {
            let numbered = rule.number.map(|number| id(&number.mark()));
            let any = rule.any.iter().map(|phrase| id(phrase)).chain(numbered).collect();
            rules.push(Resolved { any, when: rule.when.iter().map(|phrase| id(phrase)).collect(), rule });
        }
        let groups = table::groups()
            .map(|(mark, phrases)| (id(mark), phrases.iter().map(|phrase| id(phrase)).collect()))
            .collect();
        let (patterns, spoken): (Vec<&String>, Vec<PhraseId>) =
            ids.iter().filter(|(phrase, _)| !phrase.starts_with('@')).map(|(phrase, id)| (phrase, *id)).unzip();
        // Building fails only where the patterns are larger than 2 GiB; a test builds it.
        let automaton = AhoCorasick::new(patterns).ok();
        let mut speakers = vec![Vec::new(); ids.len()];
        for (row, rule) in rules.iter().enumerate() {
            rule.any.iter().for_each(|id: &PhraseId| speakers[*id].push(row));
        }
        Index { automaton, spoken, idle, rules, speakers, groups, ids }
    }

    /// The rules that have any of these phrases, in their order: few of the tables' hundreds.
    pub(super) fn speaking_of(&self, found: &Found) -> BTreeSet<usize> {
        found.keys().flat_map(|id| &self.speakers[*id]).copied().collect()
    }

    /// The place of a phrase or mark that some row names.
    pub(super) fn id(&self, phrase: &str) -> Option<PhraseId> {
        self.ids.get(phrase).copied()
    }

    /// The phrases in a folded text. One that is only part of a longer one at the same place does not count:
    /// `self signed certificate` is not what `self signed certificate in certificate chain` says. For a manner of speaking (a
    /// group) it counts all the same.
    pub(super) fn spoken_in(&self, folded: &str) -> Found {
        let mut matches = self.matches(folded);
        matches.sort_unstable_by_key(|(start, end, _)| (*start, std::cmp::Reverse(*end)));
        let matches = self.without_idle(matches);
        let all = matches.iter().rev().map(|(start, _, id)| (*id, *start)).collect();
        let mut found = BTreeMap::new();
        let mut reached = 0;
        for (start, end, id) in matches {
            if end > reached {
                reached = end;
                found.entry(id).or_insert(start);
            }
        }
        for (mark, at) in self.groups_of(&all) {
            found.entry(mark).or_insert(at);
        }
        found
    }

    /// What is left, in the order of their beginnings, without what is said anyway and all that lies within it.
    fn without_idle(&self, sorted: Vec<(usize, usize, PhraseId)>) -> Vec<(usize, usize, PhraseId)> {
        let mut idle_until = 0;
        let left = sorted.into_iter().filter(|(_, end, id)| {
            if self.idle.contains(id) {
                idle_until = idle_until.max(*end);
            }
            *end > idle_until
        });
        left.collect()
    }

    /// Every phrase at every place.
    fn matches(&self, folded: &str) -> Vec<(usize, usize, PhraseId)> {
        let found = self.automaton.iter().flat_map(|automaton| automaton.find_overlapping_iter(folded));
        found
            .filter(|it| stands_alone(folded, it.start(), it.end()))
            .map(|it| (it.start(), it.end(), self.spoken[it.pattern().as_usize()]))
            .collect()
    }

    /// The groups that these phrases belong to.
    pub(super) fn groups_of(&self, found: &Found) -> Vec<(PhraseId, usize)> {
        let first = |phrases: &Vec<PhraseId>| phrases.iter().filter_map(|id| found.get(id)).min().copied();
        self.groups.iter().filter_map(|(mark, phrases)| Some((*mark, first(phrases)?))).collect()
    }
}

/// Whether a match begins a word, and does not end within a number: `num=2` is not in `num=20`.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let within = |index: usize, test: fn(&u8) -> bool| bytes.get(index).is_some_and(test);
    let begins =
        start == 0 || !(within(start - 1, u8::is_ascii_alphanumeric) && within(start, u8::is_ascii_alphanumeric));
    let ends = !(within(end - 1, u8::is_ascii_digit) && within(end, u8::is_ascii_digit));
    begins && ends
}
