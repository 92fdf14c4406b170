//! `pki crl`

use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use super::flags::{CaPassphrase, RootKey};
use super::open;
use crate::exit::Exit;
use crate::output::Output;
use crate::render::ListsMade;
use crate::request;

/// Make the revocation lists, which tell clients what was revoked
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pki crl
  pki crl --hours 36 --out /etc/nginx/crl.pem
  pki crl --url http://crl.example.test --publish /srv/www/crl
  pki crl --partitions 16 --url http://crl.example.test
  pki crl --delta --hours 6
  pki crl --root-key /media/usb/root.key --days 200

Servers read ca/crl.pem in the store, which has the complete lists of all CAs; ca/crl/ has each list in DER, as it is \
published. With --root-key the root's list is made, and no other.")]
pub(crate) struct Args {
    /// Days that the lists are good for [default: 7; of a root with a CA below it 180; a delta 1]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) days: Option<u32>,
    /// Hours that the lists are good for
    #[arg(long, value_name = "N", conflicts_with = "days")]
    pub(crate) hours: Option<u32>,
    /// Makes lists of what has changed since the last complete ones
    #[arg(long, conflicts_with = "root_key")]
    pub(crate) delta: bool,
    /// Into how many partitions certificates are put from now on, each with a list of its own; 0: none
    #[arg(long, value_name = "N")]
    pub(crate) partitions: Option<u32>,
    /// The folder from which clients fetch lists (http://); certificates say so from now on
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// Writes a copy of ca/crl.pem to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Writes copies of the lists that were made into this folder, in DER, as they are fetched
    #[arg(long, value_name = "DIR")]
    pub(crate) publish: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) root_key: RootKey,
    #[command(flatten)]
    pub(crate) passphrase: CaPassphrase,
}

pub(crate) fn run(args: &Args, store: &Path, out: Output) -> anyhow::Result<Exit> {
    let made = ca_store::crl::make_crls(&open(store)?, &request::crl(args)?, OffsetDateTime::now_utc())?;
    out.show(&ListsMade { made })
}
