//! `pki init-ca`

use std::path::{Path, PathBuf};

use ca_store::facts::{BlockKind, Input};
use ca_store::key::{Kdf, KeyKind};
use ca_store::shell::quote_file;
use ca_store::{import_ca, init_ca_waiting};
use time::OffsetDateTime;

use super::flags::{CaPassphrase, Subject, kdfs, key_kinds};
use crate::exit::Exit;
use crate::output::Output;
use crate::render::{CaCreated, Progress, error, waiting};
use crate::{evidence, passphrase, request};

/// Make a certificate authority in a new store
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pki init-ca --name 'Example Root CA'
  pki init-ca --name 'Example Root CA' --intermediate 'Example Issuing CA' --permit-dns example.test
  pki init-ca --name 'Example Root CA' --organization 'Example Ltd' --country GB
  pki init-ca --name 'Example Root CA' --passphrase-file passphrase.txt
  pki init-ca --name 'Example Root CA' --intermediate 'Example Issuing CA' --root-key-out /media/usb/root.key
  pki init-ca --import ca.crt ca.key --crl ca.crl
  pki init-ca --import issuing.pem issuing.key --chain root.pem --passphrase-file passphrase.txt
  pki init-ca --import ca.p12 --passphrase-file password.txt")]
pub(crate) struct Args {
    /// The root's name: an authority's, not a host's
    #[arg(long, required_unless_present = "import")]
    pub(crate) name: Option<String>,
    /// Takes over a CA that was made elsewhere: its certificate, and its private key in any form; one file that holds both is named once
    #[arg(long, num_args = 1..=2, value_names = ["CERT", "KEY"], conflicts_with_all = ["name", "intermediate", "key", "days", "permit_dns", "permit_ip", "root_key_out", "allow_host_like_name", "passphrase_prompt", "organization", "organizational_unit", "country", "state", "locality"])]
    pub(crate) import: Option<Vec<PathBuf>>,
    /// With --import: the root above it, where it is no root itself
    #[arg(long, value_name = "FILE", requires = "import", conflicts_with = "name")]
    pub(crate) chain: Option<PathBuf>,
    /// With --import: its last complete revocation list (64 MiB at most). What it names stays revoked, and the next list has a
    /// higher number
    #[arg(long, value_name = "FILE", requires = "import", conflicts_with = "name")]
    pub(crate) crl: Option<PathBuf>,
    /// Puts a CA of this name below the root; it does the issuing
    #[arg(long, value_name = "NAME")]
    pub(crate) intermediate: Option<String>,
    #[command(flatten)]
    pub(crate) subject: Subject,
    /// The kind of its keys
    #[arg(long, value_name = "KIND", default_value = "ecdsa-p256", value_parser = key_kinds())]
    pub(crate) key: KeyKind,
    /// Days that it lives
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = ca_store::profile::DEFAULT_CA_DAYS)]
    pub(crate) days: u32,
    /// Issues only for this DNS name and those below it; repeatable
    #[arg(long, value_name = "SUFFIX")]
    pub(crate) permit_dns: Vec<String>,
    /// Issues only for addresses of this block; repeatable
    #[arg(long, value_name = "CIDR")]
    pub(crate) permit_ip: Vec<String>,
    #[command(flatten)]
    pub(crate) passphrase: CaPassphrase,
    /// Asks for a passphrase on the terminal, twice, and encrypts the keys with it
    #[arg(long, conflicts_with_all = ["passphrase_file", "passphrase_fd"])]
    pub(crate) passphrase_prompt: bool,
    /// How an encrypted key's key is made of the passphrase
    #[arg(long, value_name = "KDF", default_value = "scrypt", value_parser = kdfs())]
    pub(crate) kdf: Kdf,
    /// Writes the root's private key into this file and not into the store: later it is needed only to roll over and for
    /// the root's revocation list
    #[arg(long, value_name = "FILE")]
    pub(crate) root_key_out: Option<PathBuf>,
    /// Allows a name that reads like a host's; no certificate may then have that common name
    #[arg(long)]
    pub(crate) allow_host_like_name: bool,
}

pub(crate) fn run(args: &Args, store: &Path, out: Output) -> anyhow::Result<Exit> {
    if let Some([certificate, rest @ ..]) = args.import.as_deref() {
        if rest.is_empty() && is_without_key(certificate) {
            return Ok(keyless(certificate, store, out));
        }
        let key = rest.first().unwrap_or(certificate);
        let request = request::import_ca(args, certificate, key)?;
        let (now, progress) = (OffsetDateTime::now_utc(), Progress::start());
        let told = |done, all| progress.tell(done, all);
        let imported = import_ca(store, &request, now, &passphrase::ask, &waiting, &told);
        progress.end();
        let imported = imported?;
        return out.show(&CaCreated { created: imported.ca, notes: imported.notes, lists: Some(imported.lists) });
    }
    let request = request::init_ca(args)?;
    let created = init_ca_waiting(store, request, OffsetDateTime::now_utc(), &waiting)?;
    out.show(&CaCreated { created, notes: Vec::new(), lists: None })
}

/// Whether certificates are in the file and nothing else.
fn is_without_key(file: &Path) -> bool {
    let Ok(bytes) = evidence::read(file) else { return false };
    let blocks = Input::read(&bytes).blocks;
    !blocks.is_empty() && blocks.iter().all(|block| block.kind == BlockKind::Certificate)
}

fn keyless(file: &Path, store: &Path, out: Output) -> Exit {
    let file = file.display().to_string();
    let message = format!("{file}: expected a CA's certificate with its private key, found no key");
    let hint = format!(
        "the key's file is named after the certificate's; one that holds both is named once:\n\
         pki init-ca --import {} KEY",
        quote_file(&file)
    );
    error(out, &message, Some(&hint), Some(store));
    Exit::Input
}
