//! `pki list`

use std::path::Path;

use time::OffsetDateTime;

use super::open;
use crate::exit::Exit;
use crate::output::Output;
use crate::render::Listed;

/// List what was issued
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  pki list\n  pki list --json")]
pub(crate) struct Args {}

pub(crate) fn run(store: &Path, out: Output) -> anyhow::Result<Exit> {
    let entries = open(store)?.list()?;
    out.show(&Listed { entries, now: OffsetDateTime::now_utc() })
}
