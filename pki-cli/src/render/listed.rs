//! The look of `pki list`.

use ca_store::facts::escape;
use ca_store::store::{IndexEntry, Status};
use time::OffsetDateTime;

use crate::output::{Lines, Output};

/// How a row is told at this time.
struct Listed {
    now: OffsetDateTime,
}

/// A line of the table.
struct Row {
    /// Name, purpose, status, last day, and serial number.
    cells: [String; 5],
    /// What stands behind the last day where there is room for it.
    left: String,
}

/// The heading of the list.
const HEADING: [&str; 5] = ["NAME", "PURPOSE", "STATUS", "ENDS", "SERIAL"];
/// Which of them is the last day; behind it comes the serial number.
const ENDS: usize = 3;

/// How much of a row stands in its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// All of it.
    Whole,
    /// All but the days that are left.
    Short,
    /// Likewise, with the last day and the serial number in a line of their own below.
    Below,
}

/// Rows that are looked at before the first is written, to find the widths of the columns; the rest is written as it comes.
const LOOKED_AT: usize = 1000;

/// The list on its way to standard output: no more of it is kept than [`LOOKED_AT`] rows.
pub(crate) struct Listing {
    out: Lines,
    json: bool,
    now: OffsetDateTime,
    /// Columns of the terminal; none: it may be as wide as it is.
    room: Option<usize>,
    /// Rows that wait for their widths.
    waiting: Vec<Row>,
    layout: Layout,
    widths: [usize; 5],
    count: usize,
}

impl Listing {
    pub(crate) fn new(out: Output, now: OffsetDateTime) -> Listing {
        let (widths, layout) = (HEADING.map(str::len), Layout::Whole);
        Listing {
            out: out.buffered(),
            json: out.json,
            now,
            room: out.columns(),
            waiting: Vec::new(),
            layout,
            widths,
            count: 0,
        }
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
            return self.write(&row);
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
        let waiting = std::mem::take(&mut self.waiting);
        let widths = |layout| widths(&waiting, layout);
        let fits = |layout: &Layout| self.room.is_none_or(|room| columns(&widths(*layout), *layout) <= room);
        self.layout = [Layout::Whole, Layout::Short].into_iter().find(fits).unwrap_or(Layout::Below);
        self.widths = widths(self.layout);
        let heading = Row { cells: HEADING.map(str::to_owned), left: String::new() };
        self.out.line(&heading.line(self.layout, &self.widths))?;
        waiting.iter().try_for_each(|row| self.write(row))
    }

    fn write(&mut self, row: &Row) -> anyhow::Result<()> {
        self.out.line(&row.line(self.layout, &self.widths))?;
        match (self.layout, &row.cells) {
            (Layout::Below, [.., ends, serial]) => self.out.line(&format!("  ends {ends}  serial {serial}")),
            _ => Ok(()),
        }
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
    fn row(&self, entry: &IndexEntry) -> Row {
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
        let left = match status {
            Status::Valid => format!(" ({} days)", (entry.not_after - self.now).whole_days()),
            _ => String::new(),
        };
        let cells = [
            escape(&entry.name),
            entry.purpose.to_string(),
            format!("{}{why}{distrust}{replaced}", status.as_str()),
            entry.not_after.date().to_string(),
            entry.serial.to_string(),
        ];
        Row { cells, left }
    }
}

impl Row {
    fn cell(&self, column: usize, layout: Layout) -> String {
        let left = if column == ENDS && layout == Layout::Whole { self.left.as_str() } else { "" };
        format!("{}{left}", self.cells[column])
    }

    fn line(&self, layout: Layout, widths: &[usize; 5]) -> String {
        let cell = |column: usize| format!("{:width$}", self.cell(column, layout), width = widths[column]);
        let cells: Vec<String> = (0..shown(layout)).map(cell).collect();
        cells.join("  ").trim_end().to_owned()
    }
}

/// Columns that stand in a row's own line.
fn shown(layout: Layout) -> usize {
    if layout == Layout::Below { ENDS } else { HEADING.len() }
}

fn widths(rows: &[Row], layout: Layout) -> [usize; 5] {
    let widest = |column: usize| rows.iter().map(move |row| row.cell(column, layout).chars().count()).max();
    std::array::from_fn(|column| widest(column).unwrap_or_default().max(HEADING[column].len()))
}

/// How many columns of a terminal the lines take.
fn columns(widths: &[usize; 5], layout: Layout) -> usize {
    let shown = &widths[..shown(layout)];
    shown.iter().sum::<usize>() + 2 * (shown.len() - 1)
}
