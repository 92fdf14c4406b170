//! The look of `pki trust`.

use std::io::{self, Write};
use std::path::PathBuf;

use ca_store::facts::escape;
use ca_store::shell::quote_file;
use serde_json::{Value, json};

use super::{field, typed};
use crate::outcome::Outcome;
use crate::trust::{Anchor, Kind};

/// Columns of a store's kind, and of what became of it.
const KIND: usize = 8;
const STEP: usize = 34;

/// What became of one store and one root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// It trusts the root; whether by our doing.
    Trusts {
        ours: bool,
    },
    /// It does not.
    Lacks,
    Installed,
    Removed,
    /// Not taken out: somebody else put it there.
    Left,
    /// It was not there.
    Gone,
    /// What would be done, as a command.
    Would(String),
    /// Only the root user can change it.
    NeedsRoot,
    Failed(String),
}

/// One store and one root.
#[derive(Debug)]
pub(crate) struct StoreRow {
    pub(crate) kind: Kind,
    pub(crate) path: PathBuf,
    pub(crate) sha256: String,
    pub(crate) step: Step,
}

/// What became of all of them.
pub(crate) struct Trusted {
    pub(crate) action: &'static str,
    /// The roots' file.
    pub(crate) file: PathBuf,
    pub(crate) anchors: Vec<Anchor>,
    pub(crate) rows: Vec<StoreRow>,
    /// Stores that are there and could not be looked into.
    pub(crate) missed: Vec<String>,
    /// Whether the log of the store whose roots these are has it, where there is something to tell.
    pub(crate) is_logged: Option<bool>,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Kind::System => "system",
            Kind::Nss => "nss",
            Kind::Java => "java",
        }
    }
}

impl StoreRow {
    /// Whether it is as it was asked for.
    pub(crate) fn is_well(&self) -> bool {
        !matches!(self.step, Step::Lacks | Step::NeedsRoot | Step::Failed(_))
    }

    fn words(&self) -> &'static str {
        match &self.step {
            Step::Trusts { ours: true } => "trusts it, installed by pki",
            Step::Trusts { ours: false } => "trusts it, not installed by pki",
            Step::Lacks => "does not trust it",
            Step::Installed => "installed",
            Step::Removed => "removed",
            Step::Left => "left: not installed by pki",
            Step::Gone => "not there",
            Step::Would(_) => "would be changed",
            Step::NeedsRoot => "needs root's rights: not changed",
            Step::Failed(_) => "not changed",
        }
    }

    fn result(&self) -> &'static str {
        match &self.step {
            Step::Trusts { .. } => "trusted",
            Step::Lacks => "not-trusted",
            Step::Installed => "installed",
            Step::Removed => "removed",
            Step::Left => "left",
            Step::Gone => "absent",
            Step::Would(_) => "would-change",
            Step::NeedsRoot => "needs-root",
            Step::Failed(_) => "failed",
        }
    }

    /// Whether it trusts the root now, where that is known.
    fn trusts(&self) -> Option<bool> {
        match &self.step {
            Step::Trusts { .. } | Step::Installed | Step::Left => Some(true),
            Step::Lacks | Step::Removed | Step::Gone => Some(false),
            Step::Would(_) | Step::NeedsRoot | Step::Failed(_) => None,
        }
    }

    fn json(&self) -> Value {
        let by = match &self.step {
            Step::Trusts { ours: true } | Step::Installed => Some("pki"),
            Step::Trusts { ours: false } | Step::Left => Some("other"),
            _ => None,
        };
        let (command, reason) = match &self.step {
            Step::Would(command) => (Some(command), None),
            Step::Failed(reason) => (None, Some(reason)),
            _ => (None, None),
        };
        json!({
            "store": self.kind,
            "path": self.path,
            "result": self.result(),
            "trusted": self.trusts(),
            "installed_by": by,
            "command": command,
            "reason": reason,
        })
    }
}

impl Outcome for Trusted {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        for anchor in &self.anchors {
            writeln!(out, "{}", escape(&anchor.certificate.subject.to_string()))?;
            field(out, "sha256", &anchor.sha256)?;
            field(out, "may name", &speaks_for(anchor))?;
            for row in self.rows.iter().filter(|row| row.sha256 == anchor.sha256) {
                let path = escape(&row.path.display().to_string());
                writeln!(out, "  {:KIND$} {:STEP$} {path}", row.kind.as_str(), row.words())?;
                if let Step::Would(text) | Step::Failed(text) = &row.step {
                    writeln!(out, "           {}", escape(text))?;
                }
            }
        }
        writeln!(out, "Not reached")?;
        self.not_reached().iter().try_for_each(|line| writeln!(out, "  {}", escape(line)))?;
        let next = self.next();
        if next.is_empty() {
            return Ok(());
        }
        writeln!(out, "Next")?;
        next.iter().try_for_each(|line| writeln!(out, "  {}", escape(line)))
    }

    fn json(&self) -> Value {
        let of = |anchor: &Anchor| {
            let stores = self.rows.iter().filter(|row| row.sha256 == anchor.sha256).map(StoreRow::json);
            json!({
                "subject": anchor.certificate.subject.to_string(),
                "sha256": anchor.sha256,
                "stores": stores.collect::<Vec<_>>(),
            })
        };
        json!({
            "action": self.action,
            "file": self.file,
            "roots": self.anchors.iter().map(of).collect::<Vec<_>>(),
            "not_reached": self.not_reached(),
            "next": self.next(),
            "logged": self.is_logged,
        })
    }

    fn warnings(&self) -> Vec<String> {
        let why = "the store cannot be written, so its log does not have this change";
        if self.is_logged == Some(false) { vec![why.to_owned()] } else { Vec::new() }
    }
}

impl Trusted {
    /// Every machine has more stores than anyone can reach: those that are known, and how each is told of the root.
    fn not_reached(&self) -> Vec<String> {
        let file = typed(&self.file);
        let known = [
            format!("Python's certifi (pip, requests): REQUESTS_CA_BUNDLE={file}, or SSL_CERT_FILE={file}"),
            format!("Node's built-in list: NODE_EXTRA_CA_CERTS={file}"),
            "containers, virtual machines, other users' browser profiles: each has stores of its own".to_owned(),
            "programs that run already: they have read their store, and see a change when they start again".to_owned(),
        ];
        self.missed.iter().cloned().chain(known).collect()
    }

    /// The command for what needs the root user's rights.
    fn next(&self) -> Vec<String> {
        let mut kinds: Vec<&str> =
            self.rows.iter().filter(|row| row.step == Step::NeedsRoot).map(|row| row.kind.as_str()).collect();
        kinds.dedup();
        if kinds.is_empty() {
            return Vec::new();
        }
        let program =
            std::env::current_exe().map_or_else(|_| "pki".to_owned(), |path| quote_file(&path.display().to_string()));
        vec![format!("sudo {program} trust {} {} --only {}", self.action, typed(&self.file), kinds.join(","))]
    }
}

/// What whoever has its key could pose as.
fn speaks_for(anchor: &Anchor) -> String {
    let permitted = anchor.certificate.name_constraints().map(|constraints| constraints.permitted.as_slice());
    match permitted.unwrap_or_default() {
        [] => "every server there is: whoever has its key can pose as any of them to this machine".to_owned(),
        names => names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}
