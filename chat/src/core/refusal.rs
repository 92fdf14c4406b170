//! Why a command was not carried out, as a numeric to answer with.

use crate::wire::numeric::Numeric;

/// What a command's handler returns.
pub(super) type Outcome = Result<(), Refusal>;

/// A numeric of the 4xx or 5xx kind, its parameters and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) numeric: Numeric,
    pub(super) parameters: Vec<String>,
    text: Option<String>,
}

impl Refusal {
    /// With the numeric's own text.
    pub(super) fn new(numeric: Numeric) -> Refusal {
        Refusal { numeric, parameters: Vec::new(), text: None }
    }

    /// Adds a parameter.
    pub(super) fn with(mut self, parameter: impl Into<String>) -> Refusal {
        self.parameters.push(parameter.into());
        self
    }

    /// Says more than the numeric's own text.
    pub(super) fn because(mut self, text: impl Into<String>) -> Refusal {
        self.text = Some(text.into());
        self
    }

    pub(super) fn text(&self) -> &str {
        self.text.as_deref().unwrap_or_else(|| self.numeric.text())
    }
}
