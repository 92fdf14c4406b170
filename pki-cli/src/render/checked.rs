//! The look of `pki check`.

use std::io::{self, Write};
use std::path::PathBuf;

use ca_store::facts::escape;
use ca_store::store::{CertificateReport, CheckReport, UnfinishedBatch};
use serde_json::{Value, json};

use super::{field, named, trouble};
use crate::outcome::Outcome;

/// What came of looking at a store.
pub(crate) struct Checked {
    pub(crate) report: CheckReport,
    pub(crate) repair: bool,
    pub(crate) store: PathBuf,
}

impl Checked {
    fn verdict(&self) -> &'static str {
        match (self.report.troubles.is_empty(), self.report.is_sound()) {
            (true, true) => "sound",
            (_, true) => "repaired",
            _ => "troubled",
        }
    }
}

impl Outcome for Checked {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let CheckReport { certificates, entries, troubles, more, batches } = &self.report;
        trouble::write_all(out, troubles, *more)?;
        let left = troubles.iter().filter(|trouble| trouble.repaired.is_none()).count() as u64 + more;
        let said = match self.verdict() {
            "sound" => "the store is sound".to_owned(),
            "repaired" => format!("the store is sound again: {} repaired", troubles.len()),
            _ if self.repair => format!("{left} left, which need you"),
            _ => format!("{left} found"),
        };
        for batch in batches {
            let (UnfinishedBatch { manifest, rows, done, .. }, command) =
                (batch, named::command(&batch.command(), &self.store));
            writeln!(out, "a batch is not finished, {done} of {rows} rows: its manifest has the SHA-256 {manifest}")?;
            writeln!(out, "  go on with: {}", escape(&command))?;
        }
        writeln!(out, "{said}: {certificates} certificates, {entries} entries of the log")
    }

    fn json(&self) -> Value {
        let mut value = json!({ "verdict": self.verdict() });
        if let (Some(fields), Value::Object(report)) = (value.as_object_mut(), json!(self.report)) {
            fields.extend(report);
        }
        value
    }
}

/// How a certificate stands with the store.
pub(crate) struct CertificateChecked {
    pub(crate) report: CertificateReport,
}

impl Outcome for CertificateChecked {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let report = &self.report;
        writeln!(out, "{}: {}", word(report), report.message)?;
        field(out, "subject", &report.subject)?;
        field(out, "serial", &report.serial)?;
        field(out, "sha256", &report.sha256)?;
        for (label, value) in [("signed by", &report.authority), ("known as", &report.name)] {
            if let Some(value) = value {
                field(out, label, value)?;
            }
        }
        match report.entry {
            Some(entry) => field(out, "log", &format!("entry {entry}")),
            None => Ok(()),
        }
    }

    fn json(&self) -> Value {
        json!(self.report)
    }
}

fn word(report: &CertificateReport) -> String {
    json!(report.standing).as_str().map(escape).unwrap_or_default()
}
