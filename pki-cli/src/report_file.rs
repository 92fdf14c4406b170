//! How much of a report is shown, and files of it that people open: `--all`, `--html` and `--svg`.

use std::ffi::OsStr;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use ca_store::explain::render::Appendix;
use ca_store::explain::{Report, render};
use ca_store::facts::escape;

use crate::output::Output;

/// What a file that we may write over begins with: a page or a picture of ours.
const OWN: [&[u8]; 2] = [b"<!DOCTYPE html>", b"<svg "];

/// How much of the report is shown, and where to write it besides.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct ReportFiles {
    /// Shows all of the report, also what does not fit the terminal
    #[arg(long)]
    all: bool,
    /// Writes the report as a page into this file; `-` is standard output
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Writes the picture of the chain into this file; `-` is standard output
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

impl ReportFiles {
    /// How the report is to look on standard output.
    pub(crate) fn style(&self, out: Output) -> render::Style {
        out.style(self.all)
    }

    fn files(&self) -> impl Iterator<Item = &Path> {
        self.html.iter().chain(&self.svg).map(PathBuf::as_path)
    }

    /// Why this cannot be done, before any work is: two results for one output, or a file that is something else.
    ///
    /// # Errors
    /// In words for the user.
    pub(crate) fn check(&self, out: Output) -> Result<(), String> {
        let printed = self.files().filter(|file| is_stdout(file)).count() + usize::from(out.json);
        if printed > 1 {
            return Err(
                "expected one result on standard output, found several: give --html and --svg file names".into()
            );
        }
        if self.html.is_some() && self.html == self.svg && printed == 0 {
            return Err("expected two files, found the same for --html and --svg".into());
        }
        self.files().filter(|file| !is_stdout(file)).try_for_each(may_write)
    }

    /// The same for a command that takes several inputs: a page is of one.
    ///
    /// # Errors
    /// In words for the user.
    pub(crate) fn check_for(&self, inputs: usize, out: Output) -> Result<(), String> {
        if inputs > 1 && self.files().next().is_some() {
            return Err(format!("expected one file to go with --html or --svg, found {inputs}"));
        }
        self.check(out)
    }

    /// Writes what was asked for, and tells whether one of them took the place of the text.
    ///
    /// # Errors
    /// Where a file or standard output cannot be written.
    pub(crate) fn write(&self, report: &Report, out: Output) -> anyhow::Result<bool> {
        self.write_with(report, &[], out)
    }

    /// The same, with what the page is to say besides the report.
    ///
    /// # Errors
    /// As [`ReportFiles::write`].
    pub(crate) fn write_with(&self, report: &Report, more: &[Appendix], out: Output) -> anyhow::Result<bool> {
        let page = write_form(self.html.as_deref(), || render::html_with(report, more), out)?;
        let picture = write_form(self.svg.as_deref(), || render::svg(report), out)?;
        Ok(page || picture)
    }
}

/// Whether it went to standard output.
fn write_form(file: Option<&Path>, form: impl FnOnce() -> String, out: Output) -> anyhow::Result<bool> {
    let Some(file) = file else { return Ok(false) };
    if is_stdout(file) {
        out.text(&form())?;
        return Ok(true);
    }
    put(file, &form(), out)?;
    Ok(false)
}

fn is_stdout(file: &Path) -> bool {
    file.as_os_str() == OsStr::new("-")
}

fn put(file: &Path, text: &str, out: Output) -> anyhow::Result<()> {
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))?;
    out.note(&format!("wrote {}", escape(&file.to_string_lossy())));
    Ok(())
}

/// A file that is there is written over only if it is a report: a slip must not cost a key.
fn may_write(file: &Path) -> Result<(), String> {
    let Ok(mut open) = fs::File::open(file) else { return Ok(()) };
    if !open.metadata().is_ok_and(|it| it.is_file() && it.len() > 0) {
        return Ok(());
    }
    let mut start = [0; 15];
    let length = open.read(&mut start).unwrap_or(0);
    if OWN.iter().any(|own| start[..length].starts_with(own)) {
        return Ok(());
    }
    Err(format!("{} is there, and is no report: give the name of a new file", escape(&file.to_string_lossy())))
}
