//! `pki list`

use std::path::Path;

use time::OffsetDateTime;

use super::open;
use crate::exit::Exit;
use crate::output::Output;
use crate::render::Listed;

/// List what was issued
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  pki list\n  pki list --issued-by old\n  pki list --issued-by 'Example Issuing CA' --json"
)]
pub(crate) struct Args {
    /// Lists what this CA issued, given by its name or its certificate's SHA-256; `old`: every CA but the one that issues now
    #[arg(long, value_name = "CA")]
    issued_by: Option<String>,
}

pub(crate) fn run(args: &Args, store: &Path, out: Output) -> anyhow::Result<Exit> {
    let store = open(store)?;
    let entries = match &args.issued_by {
        Some(ca) => store.list_issued_by(ca)?,
        None => store.list()?,
    };
    out.show(&Listed { entries, now: OffsetDateTime::now_utc() })
}
