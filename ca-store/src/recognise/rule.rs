//! A row of the tables: which words a client says, and what is behind them, the most frequent cause first.

use crate::finding::Code;

/// How much a message says. A factor of 8 lets no number of vague words outweigh one that tells more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// That it failed, and hardly why: `handshake failure`.
    Vague,
    /// What the program saw.
    Plain,
    /// Words that one fault alone brings about, or nearly.
    Exact,
}

impl Weight {
    /// In numbers.
    pub(super) fn factor(self) -> f64 {
        match self {
            Weight::Vague => 1.0,
            Weight::Plain => 8.0,
            Weight::Exact => 64.0,
        }
    }
}

/// Numbers that stand for words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Number {
    /// OpenSSL's `X509_V_ERR_…` (`openssl verify`, "Diagnostics").
    X509(u16),
    /// A TLS alert's description (RFC 8446, section 6).
    Alert(u16),
}

impl Number {
    /// The mark that the number leaves in a text.
    pub(super) fn mark(self) -> String {
        match self {
            Number::X509(number) => format!("@x509-{number}"),
            Number::Alert(number) => format!("@alert-{number}"),
        }
    }
}

/// One row. Phrases are in the form of [`normalise::folded`](super::normalise::folded); those that begin with `@` are marks,
/// which [`marks`](super::marks) finds beside the words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    /// Any one of these must be there …
    pub(super) any: &'static [&'static str],
    /// … or this number …
    pub(super) number: Option<Number>,
    /// … and all of these.
    pub(super) when: &'static [&'static str],
    /// How much it says.
    pub(super) weight: Weight,
    /// What is behind it, the most frequent first.
    pub(super) causes: &'static [Code],
}

/// A row of ordinary weight.
pub(super) const fn says(any: &'static [&'static str], causes: &'static [Code]) -> Rule {
    Rule { any, number: None, when: &[], weight: Weight::Plain, causes }
}

/// A row of an OpenSSL verification error.
pub(super) const fn x509(number: u16, any: &'static [&'static str], causes: &'static [Code]) -> Rule {
    Rule { any, number: Some(Number::X509(number)), when: &[], weight: Weight::Plain, causes }
}

/// A row of a TLS alert.
pub(super) const fn alert(number: u16, any: &'static [&'static str], causes: &'static [Code]) -> Rule {
    Rule { any, number: Some(Number::Alert(number)), when: &[], weight: Weight::Plain, causes }
}

impl Rule {
    /// Only with all of these: such a row stands before the ones that ask for less.
    pub(super) const fn when(self, when: &'static [&'static str]) -> Rule {
        Rule { when, ..self }
    }

    /// It says exactly what is wrong.
    pub(super) const fn exact(self) -> Rule {
        Rule { weight: Weight::Exact, ..self }
    }

    /// It hardly says more than that it failed.
    pub(super) const fn vague(self) -> Rule {
        Rule { weight: Weight::Vague, ..self }
    }
}
