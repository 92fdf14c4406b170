//! `pki log`

use std::path::Path;

use ca_store::store::LogQuery;

use super::open;
use crate::exit::Exit;
use crate::output::Output;
use crate::render::Logged;

/// What was done with this store, by whom and when
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  pki log\n  pki log chat.example.test\n  pki log --limit 20 --json")]
pub(crate) struct Args {
    /// Only what is about this certificate
    #[arg(value_name = "NAME|SERIAL")]
    about: Option<String>,
    /// Only the last so many entries
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
}

pub(crate) fn run(args: &Args, store: &Path, out: Output) -> anyhow::Result<Exit> {
    let query = LogQuery { about: args.about.clone(), limit: args.limit };
    let entries = open(store)?.log(&query)?;
    out.show(&Logged { entries })
}
