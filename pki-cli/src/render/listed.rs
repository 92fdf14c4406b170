//! The look of `pki list`.

use ca_store::facts::escape;
use ca_store::store::{IndexEntry, Status};
use time::OffsetDateTime;

use crate::output::{Lines, Output};

/// How a row is told at this time.
struct Listed {
    now: OffsetDateTime,
}

/// The heading of the list.
const HEADING: [&str; 5] = ["NAME", "PURPOSE", "STATUS", "ENDS", "SERIAL"];

/// Rows that are looked at before the first is written, to find the widths of the columns; the rest is written as it comes.
const LOOKED_AT: usize = 1000;

/// The list on its way to standard output: no more of it is kept than [`LOOKED_AT`] rows.
pub(crate) struct Listing {
    out: Lines,
    json: bool,
    now: OffsetDateTime,
    /// Rows that wait for their widths.
    waiting: Vec<[String; 5]>,
    widths: Vec<usize>,
    count: usize,
}

impl Listing {
    pub(crate) fn new(out: Output, now: OffsetDateTime) -> Listing {
        let widths = HEADING.map(str::len).to_vec();
        Listing { out: out.buffered(), json: out.json, now, waiting: Vec::new(), widths, count: 0 }
    }

    /// The next certificate.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub(crate) fn add(&mut self, entry: &IndexEntry) -> anyhow::Result<()> {
        self.count += 1;
        if self.json {
            return self.add_json(entry);
        }
        let row = Listed { now: self.now }.row(entry);
        if self.count > LOOKED_AT {
            return self.out.line(&row_text(&row, &self.widths));
        }
        for (width, cell) in self.widths.iter_mut().zip(&row) {
            *width = cell.chars().count().max(*width);
        }
        self.waiting.push(row);
        if self.count == LOOKED_AT { self.write_waiting() } else { Ok(()) }
    }

    /// An element of one array, indented as a whole document would be.
    fn add_json(&mut self, entry: &IndexEntry) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(&entry.at(self.now))?;
        let before = if self.count == 1 { "[\n  " } else { ",\n  " };
        self.out.text(&format!("{before}{}", text.replace('\n', "\n  ")))
    }

    fn write_waiting(&mut self) -> anyhow::Result<()> {
        self.out.line(&row_text(&HEADING.map(str::to_owned), &self.widths))?;
        for row in std::mem::take(&mut self.waiting) {
            self.out.line(&row_text(&row, &self.widths))?;
        }
        Ok(())
    }

    /// The end of the list.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub(crate) fn end(mut self) -> anyhow::Result<()> {
        match (self.json, self.count) {
            (true, 0) => self.out.line("[]")?,
            (true, _) => self.out.line("\n]")?,
            (false, 0) => self.out.line("nothing was issued yet, or nothing fits")?,
            (false, 1..LOOKED_AT) => self.write_waiting()?,
            (false, _) => {}
        }
        self.out.end()
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
        let distrust = match (status, entry.distrust) {
            (Status::Valid, Some(distrust)) => format!(", but {distrust}"),
            _ => String::new(),
        };
        let ends = match status {
            Status::Valid => format!("{} ({} days)", entry.not_after.date(), (entry.not_after - self.now).whole_days()),
            _ => entry.not_after.date().to_string(),
        };
        [
            escape(&entry.name),
            entry.purpose.to_string(),
            format!("{}{why}{distrust}{replaced}", status.as_str()),
            ends,
            entry.serial.to_string(),
        ]
    }
}

fn row_text(row: &[String; 5], widths: &[usize]) -> String {
    let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
    cells.join("  ").trim_end().to_owned()
}
