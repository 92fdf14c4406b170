//! The look of `pki issue batch`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ca_store::batch::{BatchReport, Faults, RowFault};
use ca_store::facts::escape;
use serde::Serialize;
use serde::ser::SerializeStruct as _;

use super::{field, named, typed};
use crate::exit::Exit;
use crate::output::Output;

/// Rows were wrong, and nothing was issued.
pub(crate) struct BatchRefused {
    pub(crate) manifest: String,
    pub(crate) rows: u64,
    pub(crate) faults: Faults,
    pub(crate) store: PathBuf,
}

impl BatchRefused {
    /// Says which; with `--json` on standard output.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub(crate) fn tell(&self, out: Output) -> anyhow::Result<()> {
        if out.json {
            return out.json(&Refused { rows: self.rows, issued: 0, faults: told(&self.faults, &self.store) });
        }
        let (bad, rows) = (self.faults.count, self.rows);
        let message = format!("{bad} of {rows} rows of {} cannot be issued, and none was:", self.manifest);
        super::error(out, &message, None, None);
        told(&self.faults, &self.store).list(out);
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
        } else if out.json {
            out.json(&self.json())?;
        } else {
            let mut text = Vec::new();
            self.text(&mut text)?;
            out.text(&String::from_utf8_lossy(&text))?;
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
            told(&report.skipped, &self.store).list(out);
        }
        if !report.missing.is_empty() {
            let message = format!(
                "{} certificates of this batch were issued, and their files are not all there; bring them back from a copy, \
                 or make new ones with a new key:",
                report.missing.count
            );
            super::error(out, &message, None, None);
            told(&report.missing, &self.store).list(out);
        }
    }

    fn place(&self) -> String {
        match &self.report.target {
            Some(path) => typed(path),
            None => typed(&self.store.join("certs")),
        }
    }
}

impl BatchCarriedOut {
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

    fn json(&self) -> CarriedOut<'_> {
        let report = &self.report;
        CarriedOut {
            rows: report.rows,
            issued: report.issued,
            before: report.before,
            target: report.target.clone().unwrap_or_else(|| self.store.join("certs")),
            was_finished: report.was_finished,
            skipped: told(&report.skipped, &self.store),
            missing: told(&report.missing, &self.store),
        }
    }
}

/// The JSON of a batch whose rows are wrong. Faults are written as they are read: there may be millions.
#[derive(Serialize)]
struct Refused<'a> {
    rows: u64,
    issued: u64,
    faults: Told<'a>,
}

/// The JSON of a batch that was carried out.
#[derive(Serialize)]
struct CarriedOut<'a> {
    rows: u64,
    issued: u64,
    before: u64,
    target: PathBuf,
    was_finished: bool,
    skipped: Told<'a>,
    missing: Told<'a>,
}

/// Faults with commands for the store that was named.
struct Told<'a> {
    faults: &'a Faults,
    store: &'a Path,
}

fn told<'a>(faults: &'a Faults, store: &'a Path) -> Told<'a> {
    Told { faults, store }
}

impl Told<'_> {
    fn each(&self) -> impl Iterator<Item = RowFault> + '_ {
        let named = |fix: String| named::lines(&fix, self.store);
        self.faults.iter().map(move |fault| RowFault { fix: fault.fix.map(named), ..fault })
    }

    /// Each with its line, and what is right below it.
    fn list(&self, out: Output) {
        let mut shown = 0;
        for fault in self.each() {
            shown += 1;
            out.note(&format!("  line {}: {}", fault.line, escape(&fault.reason)));
            for fix in fault.fix.iter().flat_map(|fix| fix.lines()) {
                out.note(&format!("    {}", escape(fix)));
            }
        }
        if shown < self.faults.count {
            out.note(&format!(
                "  and {} more, for which there was no room in {}",
                self.faults.count - shown,
                typed(self.store)
            ));
        }
    }
}

/// One after the other.
struct Shown<'a>(&'a Told<'a>);

impl Serialize for Shown<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.each())
    }
}

impl Serialize for Told<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Faults", 2)?;
        fields.serialize_field("count", &self.faults.count)?;
        fields.serialize_field("shown", &Shown(self))?;
        fields.end()
    }
}

fn counted(certificates: u64) -> String {
    if certificates == 1 { "1 certificate".to_owned() } else { format!("{certificates} certificates") }
}
