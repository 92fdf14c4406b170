//! `pki check`

use std::path::{Path, PathBuf};

use ca_store::store::{CheckReport, CheckRequest, Standing, Store, check_permissions};
use time::OffsetDateTime;

use super::flags::CaPassphrase;
use super::open;
use crate::exit::Exit;
use crate::output::Output;
use crate::passphrase;
use crate::render::{CertificateChecked, Checked, named};

/// Find what is half done, damaged or changed in the store, and mend it
///
/// Names serial numbers that were reserved and not used, certificates that were planned and perhaps signed, files that are
/// missing or differ from the index, keys that are not their certificates', what a crash left behind, wrong permissions, and
/// everything that `pki log verify` finds. Exit status 1 where something is found that was not mended.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pki check
  pki check --repair
  pki check --certificate cert.pem           whether this store issued it, and it is in the log")]
pub(crate) struct Args {
    /// Finishes or withdraws what is half done, and writes again what the index still has; no certificate or key is lost
    #[arg(long, conflicts_with = "certificate")]
    repair: bool,
    /// Tells whether the certificate in this file was issued by this store and is in its log
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    #[command(flatten)]
    passphrase: CaPassphrase,
}

pub(crate) fn run(args: &Args, store: &Path, out: Output) -> anyhow::Result<Exit> {
    if let Some(file) = &args.certificate {
        let report = open(store)?.check_certificate(file)?;
        let ours = matches!(report.standing, Standing::Issued | Standing::Authority);
        let exit = if ours { Exit::Done } else { Exit::Bad };
        return out.show(&CertificateChecked { report }).map(|shown| shown.max(exit));
    }
    let mut report = check(args, store)?;
    named::troubles(&mut report.troubles, store);
    let exit = if report.is_sound() { Exit::Done } else { Exit::Bad };
    out.show(&Checked { report, repair: args.repair, store: store.to_owned() }).map(|shown| shown.max(exit))
}

/// Permissions first: a store that others can enter is not opened.
fn check(args: &Args, store: &Path) -> anyhow::Result<CheckReport> {
    if !Store::exists(store) {
        open(store)?;
    }
    let before = check_permissions(store, args.repair)?;
    let request = CheckRequest { repair: args.repair, passphrase: passphrase::given(&args.passphrase)? };
    let opened = open(store).and_then(|store| store.check(before.clone(), &request, OffsetDateTime::now_utc()));
    match opened {
        Err(ca_store::Error::Permissions { .. }) if !before.is_empty() => Ok(CheckReport::unopened(before)),
        opened => Ok(opened?),
    }
}
