//! `pki sign`

use std::io::{self, BufRead as _, IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

use ca_store::Asking;
use ca_store::profile::Purpose;
use ca_store::shell::{quote, quote_file};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use time::OffsetDateTime;

use super::flags::{CaPassphrase, RootKey};
use super::open;
use crate::exit::{self, Exit};
use crate::outcome::Outcome as _;
use crate::output::Output;
use crate::render::{CertificateIssued, RequestReviewed, error};
use crate::{passphrase, request};

/// Octets of an answer that are read: nobody types more than `yes`.
const MAX_ANSWER: u64 = 64;

/// Sign a request that somebody else made, after showing what becomes of it
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pki sign app.csr --profile server
  pki sign app.csr --profile server --name app.example.test --name 192.0.2.7 --yes
  pki sign alice.csr --profile client --name alice --name alice@example.test
  pki sign department.csr --profile intermediate

Without a terminal and without --yes nothing is signed: what would be is shown, with exit status 2. A request for a name \
whose certificate was signed from a request takes its place.")]
pub(crate) struct Args {
    /// The request (PKCS#10, PEM or DER)
    pub(crate) csr: PathBuf,
    /// What the certificate is for
    #[arg(long, value_parser = profiles())]
    pub(crate) profile: Purpose,
    /// A name in place of those of the request; repeatable: further hosts, for a client its e-mail addresses
    #[arg(long = "name", value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// Days that it lives [default: 90, an intermediate 3650, unless ca.toml says otherwise]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) days: Option<u32>,
    /// Writes the files into this folder instead of the store's
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Signs without asking
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) root_key: RootKey,
    #[command(flatten)]
    pub(crate) passphrase: CaPassphrase,
}

fn profiles() -> impl TypedValueParser<Value = Purpose> {
    let all = [Purpose::Server, Purpose::Client, Purpose::Intermediate].map(Purpose::as_str);
    PossibleValuesParser::new(all).try_map(|name| name.parse().map_err(|()| "no profile"))
}

pub(crate) fn run(args: &Args, store: &Path, out: Output) -> anyhow::Result<Exit> {
    let opened = open(store)?;
    let now = OffsetDateTime::now_utc();
    let reviewed = match ca_store::review(&opened, &request::sign(args), now) {
        Ok(reviewed) => reviewed,
        Err(refused) => return Ok(refuse(refused, store, out)),
    };
    let shown = RequestReviewed { review: reviewed.review().clone() };
    if !out.json {
        out.show(&shown)?;
    }
    if !args.yes {
        if !io::stdin().is_terminal() {
            return unattended(args, store, &shown, out);
        }
        if !agreed(out)? {
            out.note("nothing was signed");
            return Ok(Exit::Bad);
        }
    }
    let passphrase = passphrase::given(&args.passphrase)?;
    let issued = reviewed.sign(&opened, passphrase.as_ref(), now)?;
    out.show(&CertificateIssued { issued, store: store.to_owned() })
}

/// What is to be typed in place of a name is about the request.
fn refuse(refused: ca_store::Error, store: &Path, out: Output) -> Exit {
    let hint = refused.hint_to(Asking::Sign);
    let refused = anyhow::Error::from(refused);
    error(out, &exit::message(&refused), hint.as_deref(), Some(store));
    exit::of(&refused).unwrap_or(Exit::Bug)
}

fn agreed(out: Output) -> anyhow::Result<bool> {
    out.ask("Sign it? [y/N] ");
    let mut answer = String::new();
    io::stdin().lock().take(MAX_ANSWER).read_line(&mut answer)?;
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}

/// Nobody is there to be asked.
fn unattended(args: &Args, store: &Path, shown: &RequestReviewed, out: Output) -> anyhow::Result<Exit> {
    if out.json {
        out.json(&serde_json::json!({"signed": null, "review": shown.json()}))?;
    }
    let names: String = args.names.iter().map(|name| format!(" --name {}", quote(name))).collect();
    let days = args.days.map(|days| format!(" --days {days}")).unwrap_or_default();
    let to =
        args.out.as_ref().map(|dir| format!(" --out {}", quote_file(&dir.display().to_string()))).unwrap_or_default();
    let csr = quote_file(&args.csr.display().to_string());
    let file = args.passphrase.passphrase_file.as_ref();
    let unlock = file.map(|file| format!(" --passphrase-file {}", quote_file(&file.display().to_string())));
    let unlock = unlock.unwrap_or_default();
    let root = args.root_key.root_key.as_ref();
    let root = root.map(|file| format!(" --root-key {}", quote_file(&file.display().to_string()))).unwrap_or_default();
    let command = format!("pki sign {csr} --profile {}{names}{days}{to}{root}{unlock} --yes", args.profile);
    error(out, "nothing was signed: standard input is no terminal to ask at", Some(&command), Some(store));
    Ok(Exit::Usage)
}
