//! `pki list`

use std::path::Path;

use ca_store::store::{ListQuery, Status};
use time::OffsetDateTime;

use super::open;
use crate::exit::Exit;
use crate::output::Output;
use crate::render::Listing;
use crate::within::Within;

/// List what was issued
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pki list
  pki list --name '*.example.test'
  pki list --expiring 30d
  pki list --status revoked
  pki list --issued-by old
  pki list --issued-by 'Example Issuing CA' --json")]
pub(crate) struct Args {
    /// Lists what this CA issued, given by its name or its certificate's SHA-256; `old`: every CA but the one that issues now
    #[arg(long, value_name = "CA")]
    issued_by: Option<String>,
    /// Lists names that fit, whatever the letter case; * stands for any characters
    #[arg(long, value_name = "PATTERN")]
    name: Option<String>,
    /// Lists what is in use and ends within this time, the first to end first: hours, days or weeks (12h, 30d, 4w)
    #[arg(long, value_name = "TIME")]
    expiring: Option<Within>,
    /// Lists what stands so now
    #[arg(long, value_name = "STATUS")]
    status: Option<Standing>,
    /// Lists at most so many
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
}

/// How a certificate stands.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Standing {
    Valid,
    Expired,
    Revoked,
}

impl From<Standing> for Status {
    fn from(standing: Standing) -> Status {
        match standing {
            Standing::Valid => Status::Valid,
            Standing::Expired => Status::Expired,
            Standing::Revoked => Status::Revoked,
        }
    }
}

pub(crate) fn run(args: &Args, store: &Path, out: Output) -> anyhow::Result<Exit> {
    let now = OffsetDateTime::now_utc();
    let query = ListQuery {
        issued_by: args.issued_by.clone(),
        name: args.name.clone(),
        ends_by: args.expiring.as_ref().map(|within| now + within.span()),
        status: args.status.map(|status| (status.into(), now)),
        limit: args.limit,
    };
    let mut listing = Listing::new(out, now);
    let mut failed = None;
    open(store)?.list(&query, |entry| {
        let added = listing.add(&entry);
        let goes_on = added.is_ok();
        failed = added.err();
        goes_on
    })?;
    failed.map_or(Ok(()), Err)?;
    listing.end()?;
    Ok(Exit::Done)
}
