//! When a row of a table holds.

use crate::finding::{Code, Finding, Role, Severity};

/// A condition; all of a row's have to hold.
#[derive(PartialEq, Eq)]
pub(super) enum When {
    /// It is graded so.
    Severity(Severity),
    /// It is about the trust anchor.
    Anchor,
    /// It is about what the trust anchor issued.
    BelowAnchor,
    /// It is about the leaf.
    Leaf,
    /// It is about what issued the leaf.
    AboveLeaf,
    /// It is about the file of what the server sends.
    Chain,
    /// It is about a file of revocation lists.
    Crl,
    /// Its evidence has this value.
    Shows(&'static str, &'static str),
    /// Its evidence lists this value among others.
    Lists(&'static str, &'static str),
}

/// An extension that is well formed, and a constraint in it that is none: most clients tell it as a name that is not permitted.
pub(super) const CONSTRAINT: When = When::Shows("part", "a constraint");

/// What a table says of a code.
pub(super) struct Row {
    pub(super) code: Code,
    pub(super) when: &'static [When],
    pub(super) text: &'static str,
}

pub(super) const fn row(code: Code, when: &'static [When], text: &'static str) -> Row {
    Row { code, when, text }
}

impl Row {
    /// Whether it speaks of this finding; `anchor` is the place of the trust anchor, where there is one.
    pub(super) fn fits(&self, finding: &Finding, anchor: Option<usize>) -> bool {
        self.code == finding.code && self.when.iter().all(|when| when.holds(finding, anchor))
    }
}

impl When {
    pub(super) fn holds(&self, finding: &Finding, anchor: Option<usize>) -> bool {
        match self {
            When::Anchor => anchor.is_some() && finding.certificate == anchor,
            When::BelowAnchor => anchor.is_some() && finding.certificate.map(|index| index + 1) == anchor,
            When::Leaf => finding.certificate == Some(0),
            When::AboveLeaf => finding.certificate == Some(1),
            When::Severity(severity) => finding.severity == *severity,
            When::Chain => shows(finding, "given_as", Role::Chain.flag()),
            When::Crl => shows(finding, "given_as", Role::Crl.flag()),
            When::Shows(name, value) => shows(finding, name, value),
            When::Lists(name, value) => lists(finding, name, value),
        }
    }
}

fn shows(finding: &Finding, name: &str, value: &str) -> bool {
    finding.evidence.get(name).is_some_and(|shown| shown.as_str() == Some(value))
}

fn lists(finding: &Finding, name: &str, value: &str) -> bool {
    let listed = finding.evidence.get(name).and_then(|listed| listed.as_array());
    listed.is_some_and(|listed| listed.iter().any(|it| it.as_str() == Some(value)))
}

/// The codes of rows that never hold, since one above them holds whenever they would.
#[cfg(test)]
pub(super) fn hidden(rows: &[&Row]) -> Vec<String> {
    let hides =
        |above: &Row, row: &Row| above.code == row.code && above.when.iter().all(|when| row.when.contains(when));
    let is_hidden = |at: &usize| rows[..*at].iter().any(|above| hides(above, rows[*at]));
    (0..rows.len()).filter(is_hidden).map(|at| format!("{} {:?}", rows[at].code, rows[at].text)).collect()
}
