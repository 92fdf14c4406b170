//! `pki rollover`

use std::path::{Path, PathBuf};

use ca_store::key::KeyKind;
use ca_store::{Generation, finish_rollover, recertify, rollover};
use time::OffsetDateTime;

use super::flags::{CaPassphrase, RootKey, key_kinds};
use super::open;
use crate::exit::Exit;
use crate::output::Output;
use crate::render::{Recertified, RolledOver, RolloverFinished};
use crate::request;

/// Replace the issuing CA or the root by a new one, or its certificate alone, without shutting anybody out on the way
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pki rollover --intermediate
  pki rollover --root --name 'Example Root CA 2' --root-key /media/usb/root.key --root-key-out /media/usb/root2.key
  pki list --issued-by old
  pki rollover --finish
  pki rollover --root --same-key --days 3650

docs/rollover.md says step by step when the old root may go.")]
#[command(group = clap::ArgGroup::new("step").required(true).args(["root", "intermediate", "finish"]))]
pub(crate) struct Args {
    /// Makes a new root and a CA below it; the old root signs the new one, and both are trusted until --finish
    #[arg(long)]
    pub(crate) root: bool,
    /// Makes a new CA below the root; it issues from then on
    #[arg(long)]
    pub(crate) intermediate: bool,
    /// Ends the roll-over of a root: the old one is trusted no more
    #[arg(long, conflicts_with_all = ["name", "issuing", "key", "days", "root_key", "root_key_out", "passphrase_file", "passphrase_fd", "same_key"])]
    pub(crate) finish: bool,
    /// Finishes though certificates that lead to the old root alone are in use
    #[arg(long, requires = "finish")]
    pub(crate) even_in_use: bool,
    /// Makes the CA's certificate alone anew: the same name and key, a new serial number and life. What it issued stays valid, for
    /// who has the old certificate and for who has the new one
    #[arg(long, conflicts_with_all = ["name", "issuing", "key", "root_key_out", "allow_host_like_name"])]
    pub(crate) same_key: bool,
    /// The new CA's name [default: the old one's with a number]
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// With --root: the name of the CA that issues below it [default: the old one's with a number]
    #[arg(long, value_name = "NAME", requires = "root")]
    pub(crate) issuing: Option<String>,
    /// The kind of the new keys [default: the old ones']
    #[arg(long, value_name = "KIND", value_parser = key_kinds())]
    pub(crate) key: Option<KeyKind>,
    /// Days that the new certificates live
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = ca_store::profile::DEFAULT_CA_DAYS)]
    pub(crate) days: u32,
    #[command(flatten)]
    pub(crate) root_key: RootKey,
    /// Writes the new root's private key into this file and not into the store
    #[arg(long, value_name = "FILE", requires = "root")]
    pub(crate) root_key_out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) passphrase: CaPassphrase,
    /// Allows a name that reads like a host's; no certificate may then have that common name
    #[arg(long)]
    pub(crate) allow_host_like_name: bool,
}

impl Args {
    pub(crate) fn generation(&self) -> Generation {
        if self.root { Generation::Root } else { Generation::Intermediate }
    }
}

pub(crate) fn run(args: &Args, dir: &Path, out: Output) -> anyhow::Result<Exit> {
    let (store, now) = (open(dir)?, OffsetDateTime::now_utc());
    if args.finish {
        let finished = finish_rollover(&store, args.even_in_use, now)?;
        return out.show(&RolloverFinished { finished, root_pem: store.root_pem_path() });
    }
    if args.same_key {
        let recertified = recertify(&store, &request::recertify(args)?, now)?;
        return out.show(&Recertified { recertified, store: dir.to_owned() });
    }
    let rolled = rollover(&store, request::rollover(args)?, now)?;
    out.show(&RolledOver { rolled, store: dir.to_owned() })
}
