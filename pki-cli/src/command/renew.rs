//! `pki renew`

use std::path::Path;

use time::OffsetDateTime;

use super::flags::CaPassphrase;
use super::open;
use crate::exit::Exit;
use crate::output::Output;
use crate::render::CertificateIssued;
use crate::request;

/// Issue a certificate again: same names and purpose, new dates; or with more names
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pki renew chat.example.test
  pki renew chat.example.test --add www.example.test --add 192.0.2.7
  pki renew chat.example.test --rekey --days 30")]
pub(crate) struct Args {
    /// The certificate's name, or its serial number
    pub(crate) name: String,
    /// A name that it shall have besides those that it has; for a client, an e-mail address
    #[arg(long, value_name = "NAME")]
    pub(crate) add: Vec<String>,
    /// Makes a new key; otherwise the key is kept
    #[arg(long)]
    pub(crate) rekey: bool,
    /// Days that it lives [default: as many as the last time]
    #[arg(long, value_name = "N")]
    pub(crate) days: Option<u32>,
    #[command(flatten)]
    pub(crate) passphrase: CaPassphrase,
}

pub(crate) fn run(args: &Args, store: &Path, out: Output) -> anyhow::Result<Exit> {
    let request = request::renew(args)?;
    let issued = ca_store::renew(&open(store)?, &request, OffsetDateTime::now_utc())?;
    out.show(&CertificateIssued { issued, store: store.to_owned() })
}
