//! `pki show`

use std::path::Path;

use time::OffsetDateTime;

use super::open;
use crate::exit::Exit;
use crate::output::Output;
use crate::render::Shown;

/// Show one certificate of the store
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  pki show chat.example.test\n  pki show 4f0c2a61b7d35e8890a1c2d3e4f50617 --json")]
pub(crate) struct Args {
    /// The certificate's name, or its serial number as any program prints it
    #[arg(value_name = "NAME|SERIAL")]
    name: String,
}

pub(crate) fn run(args: &Args, store: &Path, out: Output) -> anyhow::Result<Exit> {
    let store = open(store)?;
    let entry = store.show(&args.name)?;
    let (files, delivered) = (store.files_of(&entry), store.delivered(&entry)?);
    out.show(&Shown { entry, files, delivered, now: OffsetDateTime::now_utc() })
}
