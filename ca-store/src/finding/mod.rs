//! Findings: what is wrong, how grave it is, what shows it, and the command that mends it.

mod cause;
pub(crate) mod check;
mod code;
pub(crate) mod file;
pub(crate) mod fix;
mod profile;

pub use cause::root_cause;
pub(crate) use check::check;
pub use code::Code;
pub use file::{FileError, Role};
pub(crate) use fix::proposed;
pub use fix::{issues_anew, quote, quote_file};
pub(crate) use profile::grade;
pub use profile::profile_rows;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::explain::Case;

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The chain is invalid: a MUST of the rule is broken, or every client refuses.
    Error,
    /// Valid by the rules, and some current client refuses it all the same; or a SHOULD is broken.
    Warning,
    /// Harmless.
    Note,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// What kind of thing.
    pub code: Code,
    /// How grave it is here.
    pub severity: Severity,
    /// Which certificate of the report's chain it is about.
    pub certificate: Option<usize>,
    /// What was expected and what was found, for a person.
    pub message: String,
    /// The values of both sides, by name.
    pub evidence: Map<String, Value>,
    /// What to type: shell lines, with comments that begin with `#`.
    pub fix: String,
    /// The code that this only follows from: once that one is mended, look again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follows_from: Option<Code>,
}

impl Finding {
    /// A finding of the code's own severity, about no certificate in particular.
    pub fn new(code: Code, message: impl Into<String>) -> Finding {
        Finding {
            code,
            severity: code.severity(),
            certificate: None,
            message: message.into(),
            evidence: Map::new(),
            fix: String::new(),
            follows_from: None,
        }
    }

    /// Whether something that was given could not be read.
    pub fn is_unreadable_input(&self) -> bool {
        self.severity == Severity::Error && self.code.is_of_file()
    }

    /// About that certificate of the chain.
    #[must_use]
    pub fn about(mut self, certificate: usize) -> Finding {
        self.certificate = Some(certificate);
        self
    }

    /// Of another severity than the code's own.
    #[must_use]
    pub fn graded(mut self, severity: Severity) -> Finding {
        self.severity = severity;
        self
    }

    /// With a value that shows it.
    #[must_use]
    pub fn shown_by(mut self, name: &str, value: impl Into<Value>) -> Finding {
        self.evidence.insert(name.to_owned(), value.into());
        self
    }

    /// Mended by a new certificate from a CA that has not got this fault itself.
    #[must_use]
    pub(crate) fn reissued(self, case: &Case<'_>) -> Finding {
        let fix = fix::reissue(case, self.code);
        self.mended_by(fix)
    }

    /// With what to type.
    #[must_use]
    pub fn mended_by(mut self, fix: impl Into<String>) -> Finding {
        self.fix = fix.into();
        self
    }
}
