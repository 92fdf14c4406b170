//! `pki revoke`

use std::path::Path;

use ca_store::reason::Reason;
use ca_store::request::RevokeRequest;
use time::OffsetDateTime;

use super::open;
use crate::exit::Exit;
use crate::output::Output;
use crate::render::CertificateRevoked;

/// Revoke a certificate; `pki crl` then tells the world
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pki revoke alice
  pki revoke chat.example.test --reason keyCompromise
  pki revoke 4f0c2a61b7d35e8890a1c2d3e4f50617 --reason superseded
  pki revoke bob --reason certificateHold
  pki revoke bob --reason removeFromCRL

Reasons (RFC 5280, 5.3.1): keyCompromise, cACompromise, affiliationChanged, superseded, cessationOfOperation, \
certificateHold (until it is lifted), removeFromCRL (lifts a hold), privilegeWithdrawn. key-compromise is read as well.

By name a hold is put on, lifted or made final for all of its certificates at once.")]
pub(crate) struct Args {
    /// The name, for the certificate in use and all older ones of it, on hold or not, or a serial number, for that one alone
    #[arg(value_name = "NAME|SERIAL")]
    name: String,
    /// Why; clients are told [default: unspecified]
    #[arg(long, value_name = "REASON", default_value = "unspecified", hide_default_value = true)]
    reason: Reason,
}

pub(crate) fn run(args: &Args, store: &Path, out: Output) -> anyhow::Result<Exit> {
    let request = RevokeRequest { name: args.name.clone(), reason: args.reason };
    let revoked = ca_store::revoke(&open(store)?, &request, OffsetDateTime::now_utc())?;
    out.show(&CertificateRevoked { revoked, store: store.to_owned() })
}
