//! `pki issue batch`

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use ca_store::batch::{BatchOutcome, BatchRequest, StreamForm, Target};
use ca_store::key::KeyKind;
use time::OffsetDateTime;

use super::flags::{CaPassphrase, key_kinds};
use super::{misused, open};
use crate::exit::Exit;
use crate::output::Output;
use crate::passphrase;
use crate::render::{BatchCarriedOut, BatchRefused, Progress};

/// `pki issue batch`
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The first line of a CSV manifest names its columns; key and days may be left out or empty:
  purpose,names,key,days
  server,chat.example.test 192.0.2.7,ecdsa-p256,90
  client,alice alice@example.test
A JSON Lines manifest has an object with the same keys on each line; names may be a list.

A manifest has at most 5,000,000 rows and 1 GiB, a line at most 64 KiB. All rows are checked before one is issued, and every bad \
one is told by its line. One batch runs at a time in a store.

Interrupted and started again with the same manifest and target, a batch goes on where it was.

Examples:
  pki issue batch hosts.csv
  pki issue batch hosts.csv --to /srv/certificates
  pki issue batch devices.jsonl --to devices.tar
  generate-manifest | pki issue batch - --to - --format jsonl | import-certificates")]
pub(crate) struct BatchArgs {
    /// The manifest, CSV or JSON Lines; - reads standard input
    #[arg(value_name = "FILE.csv|FILE.jsonl|-")]
    manifest: PathBuf,
    /// A folder for a folder each, one file for all, or - for standard output [default: the store's own folders]
    #[arg(long, value_name = "DIR|FILE.tar|FILE.jsonl|-")]
    to: Option<PathBuf>,
    /// What is written to standard output; a batch into it cannot be resumed
    #[arg(long, value_name = "jsonl|tar", value_parser = ["jsonl", "tar"])]
    format: Option<String>,
    /// Days for rows that name none [default: 90]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    days: Option<u32>,
    /// The kind of key for rows that name none [default: ecdsa-p256]
    #[arg(long, value_name = "KIND", value_parser = key_kinds())]
    key: Option<KeyKind>,
    #[command(flatten)]
    passphrase: CaPassphrase,
}

/// Endings of files that are neither a folder nor of a form that is written.
const OTHER_FILES: [&str; 9] = ["json", "csv", "pem", "zip", "gz", "tgz", "xz", "zst", "bz2"];

pub(crate) fn run(args: &BatchArgs, store: &Path, out: Output) -> anyhow::Result<Exit> {
    let target = match target(args) {
        Ok(target) => target,
        Err(reason) => return Ok(misused(&reason, out)),
    };
    let to_stdout = matches!(target, Target::Stream(..));
    if to_stdout && out.json {
        return Ok(misused("with --to - the certificates go to standard output, and --json has no place there", out));
    }
    let request = BatchRequest {
        name: args.manifest.display().to_string(),
        days: args.days,
        key: args.key,
        passphrase: passphrase::given(&args.passphrase)?,
    };
    let store = open(store)?;
    let mut manifest = manifest(&args.manifest)?;
    let progress = Progress::start();
    let told = |done, rows| progress.tell(done, rows);
    let outcome = ca_store::issue_batch(&store, &mut *manifest, target, &request, OffsetDateTime::now_utc(), &told);
    progress.end();
    let (outcome, manifest) = (outcome?, request.name);
    match outcome {
        BatchOutcome::Refused { rows, faults } => {
            let refused = BatchRefused { manifest, rows, faults, store: store.dir().to_owned() };
            refused.tell(out)?;
            Ok(Exit::Input)
        }
        BatchOutcome::Done(report) => {
            let carried_out = BatchCarriedOut { report, to_stdout, store: store.dir().to_owned() };
            carried_out.tell(out)
        }
    }
}

/// Where the certificates go; or what does not fit together.
fn target(args: &BatchArgs) -> Result<Target, String> {
    let stdout = args.to.as_deref() == Some(Path::new("-"));
    match (args.format.as_deref(), &args.to) {
        (Some(_), _) if !stdout => {
            Err("--format is for standard output, --to -: a file's form is told by its name".into())
        }
        (None, Some(_)) if stdout => {
            Err("say what is to be written to standard output: --format jsonl or --format tar".into())
        }
        (Some("tar"), _) => Ok(Target::Stream(Box::new(io::stdout()), StreamForm::Tar)),
        (Some(_), _) => Ok(Target::Stream(Box::new(io::stdout()), StreamForm::Jsonl)),
        (None, None) => Ok(Target::Store),
        (None, Some(path)) => named(path),
    }
}

fn named(path: &Path) -> Result<Target, String> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    match ending.as_str() {
        _ if path.is_dir() => Ok(Target::Folder(path.to_owned())),
        "tar" => Ok(Target::File(path.to_owned(), StreamForm::Tar)),
        "jsonl" => Ok(Target::File(path.to_owned(), StreamForm::Jsonl)),
        other if OTHER_FILES.contains(&other) => Err(format!(
            "--to {}: expected a folder, a file that ends with .tar or .jsonl, or -; to compress: --to - --format tar | gzip",
            path.display()
        )),
        _ => Ok(Target::Folder(path.to_owned())),
    }
}

fn manifest(path: &Path) -> Result<Box<dyn Read>, ca_store::Error> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin()));
    }
    match File::open(path) {
        Ok(file) => Ok(Box::new(file)),
        Err(source) => Err(ca_store::Error::InputUnreadable { what: "the manifest", path: path.to_owned(), source }),
    }
}
