//! The look of `pki list`.

use std::io::{self, Write};

use ca_store::facts::escape;
use ca_store::store::{IndexEntry, Status};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::outcome::Outcome;

/// What was issued.
pub(crate) struct Listed {
    pub(crate) entries: Vec<IndexEntry>,
    pub(crate) now: OffsetDateTime,
}

/// The heading of the list.
const HEADING: [&str; 5] = ["NAME", "PURPOSE", "STATUS", "ENDS", "SERIAL"];

impl Outcome for Listed {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.entries.is_empty() {
            return writeln!(out, "nothing was issued yet");
        }
        let rows: Vec<[String; 5]> = self.entries.iter().map(|entry| self.row(entry)).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..HEADING.len()).map(|column| width(column).max(HEADING[column].len())).collect();
        write_row(out, &HEADING.map(str::to_owned), &widths)?;
        rows.iter().try_for_each(|row| write_row(out, row, &widths))
    }

    fn json(&self) -> Value {
        let entries: Vec<_> = self.entries.iter().map(|entry| entry.at(self.now)).collect();
        json!(entries)
    }
}

impl Listed {
    fn row(&self, entry: &IndexEntry) -> [String; 5] {
        let status = entry.status(self.now);
        let replaced = if entry.replaced_by.is_some() { ", replaced" } else { "" };
        let why = match entry.revoked {
            Some(at) => format!(" {} ({})", at.date(), entry.reason.unwrap_or_default()),
            None => String::new(),
        };
        let ends = match status {
            Status::Valid => format!("{} ({} days)", entry.not_after.date(), (entry.not_after - self.now).whole_days()),
            _ => entry.not_after.date().to_string(),
        };
        [
            escape(&entry.name),
            entry.purpose.to_string(),
            format!("{}{why}{replaced}", status.as_str()),
            ends,
            entry.serial.to_string(),
        ]
    }
}

fn write_row(out: &mut dyn Write, row: &[String; 5], widths: &[usize]) -> io::Result<()> {
    let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
    writeln!(out, "{}", cells.join("  ").trim_end())
}
