//! The text of `--error`: as typed, or a log from standard input.

use std::io::{self, Read as _};
use std::path::Path;

use ca_store::explain::PeerName;
use ca_store::explain::render;
use ca_store::explain::{Evidence, Question, Report};
use ca_store::finding::quote_file;
use ca_store::recognise::{self, MAX_ENCODED_BYTES, Recognised};
use serde::Serialize;

use crate::exit::Exit;
use crate::output::Output;
use crate::report_file::ReportFiles;

/// Reads and recognises what was given: the text itself, or with `-` standard input, within [`MAX_ENCODED_BYTES`].
///
/// # Errors
/// Where standard input cannot be read.
pub(crate) fn recognised(given: &str, asked: Option<&PeerName>, out: Output) -> io::Result<Recognised> {
    if given != "-" {
        if Path::new(given).is_file() {
            let file = quote_file(given);
            out.note(&format!(
                "--error takes the text itself, and {file} is a file here; to read it: pki diagnose --error - < {file}"
            ));
        }
        return Ok(recognise::recognise(given, asked));
    }
    let mut bytes = Vec::new();
    io::stdin().lock().take(MAX_ENCODED_BYTES as u64).read_to_end(&mut bytes)?;
    Ok(recognise::recognise(&recognise::decoded(&bytes), asked))
}

/// The report's fields, and beside them what was read of the text.
#[derive(Serialize)]
struct WithText<'a> {
    #[serde(flatten)]
    report: &'a Report,
    text: &'a Recognised,
}

/// Shows what the text alone says.
///
/// # Errors
/// Where standard output cannot be written.
pub(crate) fn show_alone(
    recognised: &Recognised,
    question: &Question,
    files: &ReportFiles,
    out: Output,
) -> anyhow::Result<Exit> {
    let report = recognise::alone(recognised, question);
    let printed = files.write_with(&report, recognise::render::appendix(recognised).as_slice(), out)?;
    if out.json {
        out.json(&WithText { report: &report, text: recognised })?;
    } else if !printed {
        out.text(&recognise::render::alone(recognised, files.style(out)))?;
    }
    Ok(Exit::Bad)
}

/// Shows a report that has decided, with the text's candidates weighed by it.
///
/// # Errors
/// Where standard output cannot be written.
pub(crate) fn show_beside(
    recognised: &Recognised,
    mut report: Report,
    evidence: &Evidence,
    files: &ReportFiles,
    out: Output,
) -> anyhow::Result<Exit> {
    recognise::weigh(&mut report, recognised, evidence);
    let printed = files.write_with(&report, recognise::render::appendix(recognised).as_slice(), out)?;
    if out.json {
        out.json(&WithText { report: &report, text: recognised })?;
    } else if !printed {
        let style = files.style(out);
        let beside = recognise::render::beside(recognised, &report.candidates, style);
        out.text(&crate::command::text_with(&report, render::Section::none(), beside, style))?;
    }
    Ok(crate::command::exit_of(&report))
}
