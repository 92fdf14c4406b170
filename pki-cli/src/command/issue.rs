//! `pki issue server` and `pki issue client`; `pki issue batch` has a file of its own

use std::path::Path;

use time::OffsetDateTime;

use super::batch::BatchArgs;
use super::flags::Terms;
use super::open;
use crate::exit::Exit;
use crate::output::Output;
use crate::render::CertificateIssued;
use crate::request;

/// Issue a certificate
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// For a server: DNS names, wildcards and IP addresses
    Server(ServerArgs),
    /// For a client: a person or a machine
    Client(ClientArgs),
    /// For each row of a manifest
    Batch(BatchArgs),
}

/// `pki issue server`
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pki issue server chat.example.test
  pki issue server '*.example.test' example.test 192.0.2.7 ::1 --days 30
  pki issue server chat.example.test --csr request.csr --out /etc/chat/tls")]
pub(crate) struct ServerArgs {
    /// DNS names, wildcards or IP addresses; the first names the certificate
    // Without any, ca-store says what is missing and shows the command; clap would only repeat the usage.
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// The subject's common name, one of the names; empty leaves it out [default: the first that fits]
    #[arg(long, value_name = "CN")]
    pub(crate) common_name: Option<String>,
    #[command(flatten)]
    pub(crate) terms: Terms,
}

/// `pki issue client`
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "pki issue client [OPTIONS] <NAME>",
    after_help = "\
Examples:
  pki issue client alice
  pki issue client alice --email alice@example.test --days 30
  pki issue client alice@example.test --csr request.csr"
)]
pub(crate) struct ClientArgs {
    /// The client's name
    pub(crate) name: Option<String>,
    /// An e-mail address to stand beside the name
    #[arg(long)]
    pub(crate) email: Option<String>,
    #[command(flatten)]
    pub(crate) terms: Terms,
}

pub(crate) fn run(args: &Args, store: &Path, out: Output) -> anyhow::Result<Exit> {
    let request = match &args.what {
        What::Server(args) => request::issue_server(args)?,
        What::Client(args) => request::issue_client(args)?,
        What::Batch(args) => return super::batch::run(args, store, out),
    };
    let issued = ca_store::issue(&open(store)?, &request, OffsetDateTime::now_utc())?;
    out.show(&CertificateIssued { issued, store: store.to_owned() })
}
