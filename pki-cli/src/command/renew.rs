//! `pki renew`

use std::path::Path;

use time::OffsetDateTime;

use super::flags::PassphraseFile;
use super::open;
use crate::exit::Exit;
use crate::output::Output;
use crate::render::CertificateIssued;
use crate::request;

/// Issue a certificate again: same names and purpose, new dates
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pki renew chat.example.test
  pki renew chat.example.test --rekey --days 30")]
pub(crate) struct Args {
    /// The certificate's name, or its serial number
    pub(crate) name: String,
    /// Makes a new key; otherwise the key is kept
    #[arg(long)]
    pub(crate) rekey: bool,
    /// Days that it lives [default: as many as the last time]
    #[arg(long, value_name = "N")]
    pub(crate) days: Option<u32>,
    #[command(flatten)]
    pub(crate) passphrase: PassphraseFile,
}

pub(crate) fn run(args: &Args, store: &Path, out: Output) -> anyhow::Result<Exit> {
    let request = request::renew(args)?;
    let issued = ca_store::renew(&open(store)?, &request, OffsetDateTime::now_utc())?;
    out.show(&CertificateIssued { issued, store: store.to_owned() })
}
