//! What is wrong with rows: all of it, whatever their number, within a bound of memory.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Faults that are kept in memory; those beyond are kept in a file without a name, a line each. A million bad rows of one
/// mistake would take some 300 MiB.
pub const MAX_KEPT: usize = 1000;

/// A row that is not issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowFault {
    /// Its line in the manifest.
    pub line: u64,
    /// What is wrong with it.
    pub reason: String,
    /// What would be right.
    pub fix: Option<String>,
}

/// The rows that are not issued.
#[derive(Debug)]
pub struct Faults {
    /// How many rows.
    pub count: u64,
    kept: Vec<RowFault>,
    /// Where the file for the rest is made.
    folder: PathBuf,
    rest: Option<File>,
    /// Whether that could not be written: those from there on are counted alone.
    cut: bool,
}

impl Faults {
    /// None yet; a file for many is made in `folder`, where nobody else finds it.
    pub(super) fn in_folder(folder: &Path) -> Faults {
        Faults { count: 0, kept: Vec::new(), folder: folder.to_owned(), rest: None, cut: false }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(super) fn add(&mut self, line: u64, reason: String, fix: Option<String>) {
        self.push(RowFault { line, reason, fix });
    }

    pub(super) fn add_error(&mut self, line: u64, error: &Error) {
        self.add(line, error.to_string(), error.hint());
    }

    /// Takes in those of another, behind its own.
    pub(super) fn append(&mut self, others: &Faults) {
        others.iter().for_each(|fault| self.push(fault));
        // Those that only were counted.
        self.count += others.count - others.iter().count() as u64;
    }

    fn push(&mut self, fault: RowFault) {
        self.count += 1;
        if self.kept.len() < MAX_KEPT {
            self.kept.push(fault);
        } else if !self.cut {
            // What is wrong with the rows is said all the same where a disk is full: how many of them, and the first.
            self.cut = self.write(&fault).is_err();
        }
    }

    fn write(&mut self, fault: &RowFault) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(fault)?;
        line.push(b'\n');
        if self.rest.is_none() {
            self.rest = Some(tempfile::tempfile_in(&self.folder)?);
        }
        self.rest.as_mut().map_or(Ok(()), |file| file.write_all(&line))
    }

    /// All of them, in the manifest's order; fewer than [`Faults::count`] only where there was no room for them.
    pub fn iter(&self) -> impl Iterator<Item = RowFault> + '_ {
        let rest =
            self.rest.as_ref().and_then(|mut file| file.seek(SeekFrom::Start(0)).ok().map(|_| BufReader::new(file)));
        let lines = rest.into_iter().flat_map(BufReader::lines);
        let read = lines.map_while(|line| serde_json::from_str(&line.ok()?).ok());
        self.kept.iter().cloned().chain(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_them_come_back_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let mut faults = Faults::in_folder(dir.path());
        for line in 0..MAX_KEPT as u64 + 500 {
            faults.add(line, format!("\"reason\"\n{line}"), (line % 2 == 0).then(|| "fix".to_owned()));
        }
        for _ in ["once", "again"] {
            assert!(faults.iter().map(|fault| fault.line).eq(0..faults.count));
        }
        assert_eq!(faults.iter().last().unwrap().reason, format!("\"reason\"\n{}", faults.count - 1));
        let mut all = Faults::in_folder(dir.path());
        all.append(&faults);
        all.append(&faults);
        assert_eq!((all.count, all.iter().count() as u64), (2 * faults.count, 2 * faults.count));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "the file has no name");
    }

    #[test]
    fn without_room_for_all_the_first_are_kept_and_all_are_counted() {
        let mut faults = Faults::in_folder(Path::new("/nonexistent"));
        (0..MAX_KEPT as u64 + 5).for_each(|line| faults.add(line, String::new(), None));
        assert_eq!((faults.count, faults.iter().count()), (MAX_KEPT as u64 + 5, MAX_KEPT));
        let mut all = Faults::in_folder(Path::new("/nonexistent"));
        all.append(&faults);
        assert_eq!((all.count, all.iter().count()), (MAX_KEPT as u64 + 5, MAX_KEPT));
    }
}
