//! Which of several certificates of a folder is the one that is reported on.

use crate::finding::{Code, Severity};

use super::pair::Set;

/// What is better comes first, by the first field that differs.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    of_another_name: bool,
    of_another_purpose: bool,
    has_issued: bool,
    /// What works needs no report where something else does not.
    not_missed: bool,
    unusable: bool,
    without_key: bool,
    /// Whoever looks through a folder looks for what a server is given.
    is_clients: bool,
    errors: usize,
    unlinked: bool,
    ends: std::cmp::Reverse<String>,
}

impl Set {
    /// Whether it is for the name and the purpose that were asked about.
    fn is_wanted(&self) -> bool {
        !self.of_another_name && !self.of_another_purpose
    }

    pub(super) fn rank(&self) -> Rank {
        let errors = self.report.findings.iter().filter(|finding| finding.severity == Severity::Error).count();
        Rank {
            of_another_name: self.of_another_name,
            of_another_purpose: self.of_another_purpose,
            has_issued: self.has_issued,
            not_missed: !self.is_missed,
            unusable: !self.pair.is_usable(),
            without_key: self.pair.key_file.is_none(),
            is_clients: self.is_clients,
            errors,
            unlinked: !self.is_linked,
            ends: std::cmp::Reverse(self.pair.not_after.clone()),
        }
    }
}

/// The most of the others that are named.
const MAX_NAMED: usize = 3;

/// Which of several is reported on, why, and which of the others cannot be used: a report that finds nothing is of one alone.
pub(super) fn told(sets: &[Set]) -> String {
    let [_, others @ ..] = sets else { return String::new() };
    let unusable: Vec<&Set> = others.iter().filter(|set| set.is_wanted() && !set.pair.is_usable()).collect();
    let why = why_first(sets);
    if unusable.is_empty() {
        return why;
    }
    let named = unusable.iter().take(MAX_NAMED).map(|set| {
        let fault = set.pair.cause.map_or("its key is not here", Code::as_str);
        format!("`{}` ({fault})", set.pair.subject)
    });
    let more = unusable.len().saturating_sub(MAX_NAMED);
    let more = (more > 0).then(|| format!("{more} more"));
    let named: Vec<String> = named.chain(more).collect();
    let they_are = if unusable.len() == 1 { "it is" } else { "they are" };
    format!("{why}; of the others, {} cannot be used as {they_are}: {}", unusable.len(), named.join(", "))
}

/// Why the first of several comes before the second: the first thing in which they differ.
fn why_first(sets: &[Set]) -> String {
    let [first, second, ..] = sets else { return String::new() };
    let (best, next) = (first.rank(), second.rank());
    let alone = sets.iter().filter(|set| set.pair.is_usable()).count() == 1;
    let why = if best.of_another_name != next.of_another_name {
        "it is for the name that is asked for".to_owned()
    } else if best.of_another_purpose != next.of_another_purpose {
        "it was made for what is asked about".to_owned()
    } else if best.has_issued != next.has_issued {
        "its key signed none of the others".to_owned()
    } else if best.not_missed != next.not_missed {
        "it cannot be used as it is, and nothing here is in its place".to_owned()
    } else if best.unusable != next.unusable && alone {
        "it is the only one that can be used as it is".to_owned()
    } else if best.unusable != next.unusable {
        "it can be used as it is".to_owned()
    } else if best.without_key != next.without_key {
        "its key is here".to_owned()
    } else if best.is_clients != next.is_clients {
        "it is a server's".to_owned()
    } else if best.errors != next.errors {
        format!("it has the fewest errors: {} and not {}", best.errors, next.errors)
    } else if best.unlinked != next.unlinked {
        "a link leads to it, as to what is in use".to_owned()
    } else {
        let day = |set: &Set| set.pair.not_after.split('T').next().unwrap_or_default().to_owned();
        format!("of those that are alike it is valid longest, until {}", day(first))
    };
    format!("of {} certificates `{}` is the one that is reported on: {why}", sets.len(), first.pair.subject)
}
