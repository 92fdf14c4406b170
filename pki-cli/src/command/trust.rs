//! `pki trust install`, `uninstall` and `status`

use std::path::{Path, PathBuf};

use ca_store::Error;
use ca_store::facts::{BlockKind, Certificate, Input};
use ca_store::finding::FileError;

use super::open;
use crate::evidence;
use crate::exit::Exit;
use crate::output::Output;
use crate::render::{Step, StoreRow, Trusted};
use crate::trust::{Anchor, Found, Kind, Place, Places, Refusal, Scope};

/// Make this machine's programs trust the root, or see which do
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Put the root into this machine's stores
    #[command(
        long_about = "Put the root into this machine's stores: the system's, those of Firefox's and Chromium's profiles, Java's.\n\nA store that needs the root user's rights is left as it is, and the command that changes it is printed; the others are changed all the same.",
        after_help = "\
Examples:
  pki trust install
  pki trust install --dry-run
  pki trust install ca.pem --only nss,java
  sudo pki trust install /home/alice/.local/share/pki/ca/root.pem --only system"
    )]
    Install(ChangeArgs),
    /// Take out what install put there, and nothing else
    #[command(after_help = "Examples:\n  pki trust uninstall\n  pki trust uninstall ca.pem --only system")]
    Uninstall(ChangeArgs),
    /// Tell which of this machine's stores trust the root
    #[command(after_help = "Examples:\n  pki trust status\n  pki trust status ca.pem --json")]
    Status(Asked),
}

#[derive(Debug, clap::Args)]
struct ChangeArgs {
    #[command(flatten)]
    asked: Asked,
    /// Changes nothing, and says what would be done
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, clap::Args)]
struct Asked {
    /// The file with the root, PEM or DER [default: the store's]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Only stores of this kind; several are separated by commas
    #[arg(long, value_name = "KIND", value_enum, value_delimiter = ',', hide_possible_values = false)]
    only: Vec<Kind>,
    /// The folder that is taken for / : a mounted image, say. Users' profiles are then left alone
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

/// What is done with a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Install,
    Uninstall,
    Status,
}

pub(crate) fn run(args: &Args, store: &Path, out: Output) -> anyhow::Result<Exit> {
    let (action, asked, dry_run) = match &args.what {
        What::Install(args) => (Action::Install, &args.asked, args.dry_run),
        What::Uninstall(args) => (Action::Uninstall, &args.asked, args.dry_run),
        What::Status(asked) => (Action::Status, asked, true),
    };
    let (file, anchors) = anchors(asked, store)?;
    let Places { places, missed } = scope(asked).places();
    let rows: Vec<StoreRow> = places
        .iter()
        .flat_map(|place| anchors.iter().map(move |anchor| row(place.as_ref(), anchor, action, dry_run)))
        .collect();
    let exit = if !rows.is_empty() && rows.iter().all(StoreRow::is_well) { Exit::Done } else { Exit::Bad };
    out.show(&Trusted { action: action.as_str(), file, anchors, rows, missed })?;
    Ok(exit)
}

fn scope(asked: &Asked) -> Scope {
    let root = asked.root.clone().unwrap_or_else(|| PathBuf::from("/"));
    let root = std::path::absolute(&root).unwrap_or(root);
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    Scope { home: home.filter(|_| asked.root.is_none()), root, only: asked.only.clone() }
}

/// The roots, and the file that they are in.
fn anchors(asked: &Asked, store: &Path) -> Result<(PathBuf, Vec<Anchor>), Error> {
    let path = match &asked.file {
        Some(file) => file.clone(),
        None => open(store)?.root_pem_path(),
    };
    let malformed =
        |found: &str| Error::InputMalformed { path: path.clone(), expected: "CA certificate", found: found.to_owned() };
    let bytes = evidence::read(&path).map_err(|error| match error {
        FileError::Missing => malformed("no such file"),
        FileError::Denied => malformed("permission denied"),
        FileError::Directory => malformed("a folder"),
        _ => malformed("a file that cannot be read"),
    })?;
    let blocks = Input::read(&bytes).blocks.into_iter().filter(|block| block.kind == BlockKind::Certificate);
    let read: Result<Vec<Certificate>, _> = blocks.map(|block| Certificate::from_der(&block.der)).collect();
    let certificates = read.map_err(|error| malformed(&error.to_string()))?;
    if let Some(other) = certificates.iter().find(|certificate| !certificate.is_ca()) {
        return Err(malformed(&format!(
            "the certificate of {}, which is no CA's: trusting it would let it in and nothing else",
            other.subject
        )));
    }
    if certificates.is_empty() {
        return Err(malformed("none"));
    }
    let file = std::path::absolute(&path).unwrap_or(path);
    Ok((file, certificates.into_iter().map(Anchor::new).collect()))
}

fn row(place: &dyn Place, anchor: &Anchor, action: Action, dry_run: bool) -> StoreRow {
    let found = place.find(anchor);
    let step = match found {
        Ok(found) => action.step(place, anchor, &found, dry_run),
        Err(refusal) => refused(refusal),
    };
    StoreRow { kind: place.kind(), path: place.path().to_owned(), sha256: anchor.sha256.clone(), step }
}

impl Action {
    fn as_str(self) -> &'static str {
        match self {
            Action::Install => "install",
            Action::Uninstall => "uninstall",
            Action::Status => "status",
        }
    }

    fn step(self, place: &dyn Place, anchor: &Anchor, found: &Found, dry_run: bool) -> Step {
        match (self, found) {
            (Action::Install, Found::Absent | Found::Unfinished) => {
                let change = || place.install(anchor).map_or_else(refused, |()| Step::Installed);
                if dry_run { Step::Would(place.command(anchor, true)) } else { change() }
            }
            (Action::Uninstall, Found::Ours | Found::Unfinished) => {
                let change = || place.remove(anchor).map_or_else(refused, |()| Step::Removed);
                if dry_run { Step::Would(place.command(anchor, false)) } else { change() }
            }
            (Action::Uninstall, Found::Theirs) => Step::Left,
            (Action::Uninstall, _) => Step::Gone,
            (_, Found::Ours) => Step::Trusts { ours: true },
            (_, Found::Theirs) => Step::Trusts { ours: false },
            (Action::Install, Found::Untrusted) => Step::Failed("it is there without trust, put there by somebody else, and was left so: what is changed here could not be undone exactly".to_owned()),
            (Action::Status, _) => Step::Lacks,
        }
    }
}

fn refused(refusal: Refusal) -> Step {
    match refusal {
        Refusal::NeedsRoot => Step::NeedsRoot,
        Refusal::Failed(reason) => Step::Failed(reason),
    }
}
