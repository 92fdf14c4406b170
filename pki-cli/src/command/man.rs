//! `pki man`

use std::path::PathBuf;

use anyhow::Context as _;
use clap::CommandFactory as _;

use crate::args::Cli;
use crate::exit::Exit;
use crate::output::Output;

/// Print the man page, or write one for each command into a folder
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pki man | man -l -
  pki man ~/.local/share/man/man1")]
pub(crate) struct Args {
    /// The folder for pki.1, pki-init-ca.1 and so on; it is made where it is missing
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

pub(crate) fn run(args: &Args, out: Output) -> anyhow::Result<Exit> {
    match &args.folder {
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut page)?;
            out.text(&String::from_utf8(page)?)?;
        }
        Some(folder) => {
            std::fs::create_dir_all(folder)
                .and_then(|()| clap_mangen::generate_to(Cli::command(), folder))
                .with_context(|| format!("cannot write man pages into {}", folder.display()))?;
        }
    }
    Ok(Exit::Done)
}
