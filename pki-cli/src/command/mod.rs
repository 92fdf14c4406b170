//! A file a command.

pub(crate) mod backup;
pub(crate) mod batch;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod crl;
pub(crate) mod diagnose;
pub(crate) mod export;
pub(crate) mod flags;
pub(crate) mod init_ca;
pub(crate) mod inspect;
pub(crate) mod issue;
pub(crate) mod list;
pub(crate) mod log;
pub(crate) mod man;
pub(crate) mod passphrase;
pub(crate) mod renew;
pub(crate) mod request;
pub(crate) mod revoke;
pub(crate) mod rollover;
pub(crate) mod show;
pub(crate) mod sign;
pub(crate) mod trust;
pub(crate) mod verify;

use std::path::Path;

use ca_store::explain::render::{self, Section, Style};
use ca_store::explain::{Report, Verdict};
use ca_store::store::Store;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::exit::Exit;
use crate::output::Output;
use crate::report_file;

/// A time as it is typed.
fn rfc3339(text: &str) -> Result<OffsetDateTime, String> {
    OffsetDateTime::parse(text, &Rfc3339)
        .map_err(|error| format!("expected a time such as 2026-03-01T12:00:00Z: {error}"))
}

/// A report in the forms that were asked for, and the exit status that it stands for.
pub(crate) fn show(report: &Report, files: &report_file::ReportFiles, out: Output) -> anyhow::Result<Exit> {
    let printed = files.write(report, out)?;
    if out.json {
        out.json(report)?;
    } else if !printed {
        out.text(&render::text(report, files.style(out)))?;
    }
    Ok(exit_of(report))
}

/// The report as text, right below its heading what it is of, and below it what else is to be said: all on one screen.
pub(crate) fn text_with(report: &Report, of: Section, more: impl IntoIterator<Item = Section>, style: Style) -> String {
    let mut sections = render::sections(report, style);
    sections.insert(1, of);
    sections.extend(more);
    render::joined(&sections, style)
}

/// The exit status that a report stands for.
pub(crate) fn exit_of(report: &Report) -> Exit {
    if report.verdict == Verdict::Valid { Exit::Done } else { Exit::Bad }
}

/// What was typed fits together, but for this: said like every error, with the status of wrong usage.
fn misused(message: &str, out: Output) -> Exit {
    crate::render::error(out, message, None, None);
    Exit::Usage
}

/// The store; a change that has to wait for another process says so.
fn open(dir: &Path) -> Result<Store, ca_store::Error> {
    let mut store = Store::open(dir)?;
    store.on_wait(crate::render::waiting);
    store.on_encrypted(crate::passphrase::ask);
    Ok(store)
}
