//! The look of `pki issue batch`.

use std::io::{self, Write};
use std::path::PathBuf;

use ca_store::batch::{BatchReport, Faults};
use ca_store::facts::escape;
use serde_json::{Value, json};

use super::{field, typed};
use crate::exit::Exit;
use crate::outcome::Outcome;
use crate::output::Output;

/// Rows were wrong, and nothing was issued.
pub(crate) struct BatchRefused {
    pub(crate) manifest: String,
    pub(crate) rows: u64,
    pub(crate) faults: Faults,
}

impl BatchRefused {
    /// Says which; with `--json` on standard output.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub(crate) fn tell(&self, out: Output) -> anyhow::Result<()> {
        if out.json {
            return out.json(&json!({"rows": self.rows, "issued": 0, "faults": self.faults}));
        }
        let (bad, rows) = (self.faults.count, self.rows);
        let message = format!("{bad} of {rows} rows of {} cannot be issued, and none was:", self.manifest);
        super::error(out, &message, None, None);
        list(&self.faults, out);
        Ok(())
    }
}

/// A batch was carried out.
pub(crate) struct BatchCarriedOut {
    pub(crate) report: BatchReport,
    pub(crate) to_stdout: bool,
    pub(crate) store: PathBuf,
}

impl BatchCarriedOut {
    /// Shows the result. Where the certificates went to standard output, it is a message.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub(crate) fn tell(&self, out: Output) -> anyhow::Result<Exit> {
        if self.to_stdout {
            out.note(&format!("issued {}", counted(self.report.issued)));
        } else {
            out.show(self)?;
        }
        self.tell_faults(out);
        let whole = self.report.skipped.is_empty() && self.report.missing.is_empty();
        Ok(if whole { Exit::Done } else { Exit::Bad })
    }

    fn tell_faults(&self, out: Output) {
        let report = &self.report;
        if !report.skipped.is_empty() {
            let message = format!("{} rows were not issued:", report.skipped.count);
            super::error(out, &message, None, None);
            list(&report.skipped, out);
        }
        if !report.missing.is_empty() {
            let message = format!(
                "{} certificates of this batch were issued, and their files are not all there; bring them back from a copy, \
                 or make new ones with a new key:",
                report.missing.count
            );
            super::error(out, &message, None, None);
            list(&report.missing, out);
        }
    }

    fn place(&self) -> String {
        match &self.report.target {
            Some(path) => typed(path),
            None => typed(&self.store.join("certs")),
        }
    }
}

impl Outcome for BatchCarriedOut {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let report = &self.report;
        if report.was_finished {
            writeln!(out, "This batch is finished: nothing was left to issue")?;
        } else {
            writeln!(out, "Batch issued: {}", counted(report.issued))?;
        }
        field(out, "rows", &report.rows.to_string())?;
        if report.before > 0 {
            field(out, "before", &counted(report.before))?;
        }
        field(out, "in", &self.place())
    }

    fn json(&self) -> Value {
        let report = &self.report;
        json!({
            "rows": report.rows,
            "issued": report.issued,
            "before": report.before,
            "target": report.target.clone().unwrap_or_else(|| self.store.join("certs")),
            "was_finished": report.was_finished,
            "skipped": report.skipped,
            "missing": report.missing,
        })
    }
}

fn counted(certificates: u64) -> String {
    if certificates == 1 { "1 certificate".to_owned() } else { format!("{certificates} certificates") }
}

/// Each with its line, and what is right below it.
fn list(faults: &Faults, out: Output) {
    for fault in &faults.shown {
        out.note(&format!("  line {}: {}", fault.line, escape(&fault.reason)));
        for fix in fault.fix.iter().flat_map(|fix| fix.lines()) {
            out.note(&format!("    {}", escape(fix)));
        }
    }
    let more = faults.count - faults.shown.len() as u64;
    if more > 0 {
        out.note(&format!("  and {more} more"));
    }
}
