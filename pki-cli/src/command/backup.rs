//! `pki backup`

use std::path::{Path, PathBuf};

use super::open;
use crate::exit::Exit;
use crate::output::Output;
use crate::render::BackedUp;

/// Copy the whole store, private keys and all, as it is between two changes
///
/// The copy is a store: `pki --store DIR` works with it. A plain copy of the folder (cp, rsync) taken while something is issued
/// may be of a change that is half done.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pki backup /media/backup/pki-2026-03-01
  pki backup pki-2026-03-01.tar
  pki --store /media/backup/pki-2026-03-01 check")]
pub(crate) struct Args {
    /// The folder to make, or the archive (.tar); it must not be there yet
    #[arg(value_name = "DIR|FILE.tar")]
    target: PathBuf,
}

pub(crate) fn run(args: &Args, store: &Path, out: Output) -> anyhow::Result<Exit> {
    let backup = open(store)?.backup(&args.target)?;
    out.show(&BackedUp { backup })
}
