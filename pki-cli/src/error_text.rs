//! The text of `--error`: as typed, or a log from standard input.

use std::io::{self, Read as _};

use ca_store::explain::PeerName;
use ca_store::explain::render::Style;
use ca_store::explain::{Evidence, Report};
use ca_store::recognise::{self, MAX_TEXT_BYTES, Recognised};
use serde::Serialize;

use crate::exit::Exit;
use crate::output::Output;

/// Reads and recognises what was given: the text itself, or with `-` standard input, within [`MAX_TEXT_BYTES`].
///
/// # Errors
/// Where standard input cannot be read.
pub(crate) fn recognised(given: &str, asked: Option<&PeerName>) -> io::Result<Recognised> {
    if given != "-" {
        return Ok(recognise::recognise(given, asked));
    }
    let mut bytes = Vec::new();
    // One byte more than is read tells that there is more.
    io::stdin().lock().take(MAX_TEXT_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    // A log in another encoding than UTF-8 still has its messages in ASCII.
    Ok(recognise::recognise(&String::from_utf8_lossy(&bytes), asked))
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
pub(crate) fn show_alone(recognised: &Recognised, out: Output) -> anyhow::Result<Exit> {
    if out.json {
        out.json(&WithText { report: &recognise::alone(recognised), text: recognised })?;
    } else {
        out.text(&recognise::render::alone(recognised, style(out)))?;
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
    out: Output,
) -> anyhow::Result<Exit> {
    recognise::weigh(&mut report, recognised, evidence);
    if out.json {
        out.json(&WithText { report: &report, text: recognised })?;
        return Ok(crate::command::exit_of(&report));
    }
    let exit = crate::command::show(&report, out)?;
    out.text("\n")?;
    out.text(&recognise::render::beside(recognised, &report.candidates, style(out)))?;
    Ok(exit)
}

fn style(out: Output) -> Style {
    if out.colour() { Style::colour() } else { Style::plain() }
}
