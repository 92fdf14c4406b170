//! `pki passphrase`

use std::path::{Path, PathBuf};

use ca_store::key::{Kdf, Passphrase, Seal};
use ca_store::{PassphraseChange, change_passphrase};

use super::flags::{CaPassphrase, RootKey, kdfs};
use super::open;
use crate::exit::Exit;
use crate::output::Output;
use crate::passphrase;
use crate::render::PassphraseChanged;

/// Change the passphrase of the CA's private keys, give them one, or take it away
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pki passphrase                                          asks for the old one and, twice, for the new one
  pki passphrase --passphrase-file old.txt --new-passphrase-file new.txt
  pki passphrase --passphrase-file old.txt --remove
  pki passphrase --root-key /media/usb/root.key --new-passphrase-file new.txt

With --root-key the passphrase of that file is changed, and of no other.")]
pub(crate) struct Args {
    #[command(flatten)]
    passphrase: CaPassphrase,
    #[command(flatten)]
    root_key: RootKey,
    /// A file whose first line is the new passphrase [default: it is asked for]
    #[arg(long, value_name = "F", conflicts_with_all = ["new_passphrase_fd", "remove"])]
    new_passphrase_file: Option<PathBuf>,
    /// Reads the new passphrase's line from this open file descriptor
    #[arg(long, value_name = "N", conflicts_with = "remove")]
    new_passphrase_fd: Option<u32>,
    /// Leaves the keys unencrypted
    #[arg(long, conflicts_with = "kdf")]
    remove: bool,
    /// How an encrypted key's key is made of the passphrase
    #[arg(long, value_name = "KDF", default_value = "scrypt", value_parser = kdfs())]
    kdf: Kdf,
}

pub(crate) fn run(args: &Args, store: &Path, out: Output) -> anyhow::Result<Exit> {
    let store = open(store)?;
    let old = match passphrase::given(&args.passphrase)? {
        None => store
            .encrypted_key(args.root_key.root_key.as_deref())?
            .map(|key| passphrase::ask(&key))
            .transpose()?
            .flatten(),
        given => given,
    };
    let new = match args.remove {
        true => None,
        false => Some(Seal { passphrase: new_passphrase(args)?, kdf: args.kdf }),
    };
    let change = PassphraseChange { old, new, root_key: args.root_key.root_key.clone() };
    let changed = change_passphrase(&store, &change)?;
    out.show(&PassphraseChanged { changed, encrypted: change.new.is_some() })
}

fn new_passphrase(args: &Args) -> Result<Passphrase, ca_store::Error> {
    match (&args.new_passphrase_file, args.new_passphrase_fd) {
        (Some(file), _) => Passphrase::from_file(file),
        (None, Some(number)) => Passphrase::from_descriptor(number),
        (None, None) => passphrase::ask_twice("New passphrase of the CA's private keys"),
    }
}
