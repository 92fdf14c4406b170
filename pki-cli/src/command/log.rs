//! `pki log`

use std::path::Path;

use ca_store::store::{LogMark, LogQuery};

use super::open;
use crate::exit::Exit;
use crate::output::Output;
use crate::render::{LogVerified, Logged, named};

/// What was done with this store, by whom and when
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
#[command(
    after_help = "Examples:\n  pki log\n  pki log chat.example.test\n  pki log --limit 20 --json\n  pki log verify"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: Option<What>,
    /// Only what is about this certificate
    #[arg(value_name = "NAME|SERIAL")]
    about: Option<String>,
    /// Only the last so many entries
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    Verify(VerifyArgs),
}

/// Find out whether the log is whole, and whether the index says what it says
///
/// Finds entries that were changed, removed or reordered, a log that was cut short of its signed head, certificates and
/// revocations that differ from their entries or have none, lists, lifted holds and numbers given up without an entry, and columns of the index that do not say what the certificate says.
/// Exit status 1 where anything is found.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pki log verify
  pki log verify --json
  pki log verify --expect 12:5f2a…           what an earlier `pki log verify` printed, and somebody wrote down")]
struct VerifyArgs {
    /// An entry that the log must have, by its number and hash: finds a store that was put back whole to an earlier state
    #[arg(long, value_name = "ENTRY:HASH")]
    expect: Option<LogMark>,
}

pub(crate) fn run(args: &Args, store: &Path, out: Output) -> anyhow::Result<Exit> {
    if let Some(What::Verify(args)) = &args.what {
        let mut report = open(store)?.verify_log(args.expect.as_ref())?;
        named::troubles(&mut report.troubles, store);
        let exit = if report.troubles.is_empty() { Exit::Done } else { Exit::Bad };
        return out.show(&LogVerified { report }).map(|shown| shown.max(exit));
    }
    let query = LogQuery { about: args.about.clone(), limit: args.limit };
    let entries = open(store)?.log(&query)?;
    out.show(&Logged { entries })
}
