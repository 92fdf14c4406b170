//! `pki trust install`, `uninstall` and `status`

use std::path::{Path, PathBuf};

use ca_store::Error;
use ca_store::facts::{BlockKind, Certificate, Input};
use ca_store::finding::FileError;
use ca_store::store::{Store, TrustChange};

use super::open;
use crate::evidence;
use crate::exit::Exit;
use crate::output::Output;
use crate::render::{Step, StoreRow, Trusted};
use crate::trust::{Anchor, Found, Kind, Place, Places, Refusal, Scope};

/// Make this machine's programs trust the root, or see which do
///
/// What is changed for the store's root is in its log before it is; with a FILE no store is used.
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
    // A root that is given as a file is no store's.
    let store = if asked.file.is_none() { Some(open(store)?) } else { None };
    let (file, anchors) = anchors(asked, store.as_ref())?;
    let Places { places, missed } = scope(asked).places();
    let looks: Vec<Look<'_>> = places
        .iter()
        .flat_map(|place| anchors.iter().map(move |anchor| Look::new(place.as_ref(), anchor, action)))
        .collect();
    let log = store.filter(|_| !dry_run).map(|store| Log { store, action });
    let is_logged = log.as_ref().map_or(Ok(None), |log| log.begin(&looks))?;
    let rows: Vec<StoreRow> = looks.iter().map(|look| look.row(action, dry_run)).collect();
    log.map_or(Ok(()), |log| log.end(&looks, &rows))?;
    let exit = if !rows.is_empty() && rows.iter().all(StoreRow::is_well) { Exit::Done } else { Exit::Bad };
    out.show(&Trusted { action: action.as_str(), file, anchors: anchors.clone(), rows, missed, is_logged })?;
    Ok(exit)
}

/// A store and a root, and what is to be done there.
struct Look<'a> {
    place: &'a dyn Place,
    anchor: &'a Anchor,
    found: Result<Found, Refusal>,
    /// Whether it is to be changed.
    due: bool,
}

impl<'a> Look<'a> {
    fn new(place: &'a dyn Place, anchor: &'a Anchor, action: Action) -> Look<'a> {
        let found = place.find(anchor);
        let due = found.as_ref().is_ok_and(|found| action.changes(found));
        Look { place, anchor, found, due }
    }

    fn row(&self, action: Action, dry_run: bool) -> StoreRow {
        let step = match &self.found {
            Ok(found) => action.step(self.place, self.anchor, found, dry_run),
            Err(refusal) => refused(refusal),
        };
        let (kind, path) = (self.place.kind(), self.place.path().to_owned());
        StoreRow { kind, path, sha256: self.anchor.sha256.clone(), step }
    }
}

/// The log of the store whose roots these are.
struct Log {
    store: Store,
    action: Action,
}

impl Log {
    /// Before anything is changed; whether the log could be written, where there is something to tell.
    fn begin(&self, looks: &[Look<'_>]) -> Result<Option<bool>, Error> {
        let due: Vec<_> = looks.iter().filter(|look| look.due).collect();
        match due.is_empty() {
            true => Ok(None),
            false => Ok(Some(self.store.log_trust(&self.change(&due))?.is_logged())),
        }
    }

    /// Which of them were not changed after all.
    fn end(&self, looks: &[Look<'_>], rows: &[StoreRow]) -> Result<(), Error> {
        let failed = |row: &StoreRow| matches!(row.step, Step::NeedsRoot | Step::Failed(_));
        let due = looks.iter().zip(rows).filter(|(look, row)| look.due && failed(row));
        let left: Vec<_> = due.map(|(look, _)| look).collect();
        match left.is_empty() {
            true => Ok(()),
            false => self.store.log_untouched(&self.change(&left)).map(drop),
        }
    }

    fn change<'l>(&self, looks: &[&'l Look<'_>]) -> TrustChange<'l> {
        let mut change = TrustChange { action: self.action.as_str(), roots: Vec::new(), stores: Vec::new() };
        for look in looks {
            let (root, store) = (look.anchor.sha256.as_str(), look.place.path());
            if !change.roots.contains(&root) {
                change.roots.push(root);
            }
            if !change.stores.contains(&store) {
                change.stores.push(store);
            }
        }
        change
    }
}

fn scope(asked: &Asked) -> Scope {
    let root = asked.root.clone().unwrap_or_else(|| PathBuf::from("/"));
    let root = std::path::absolute(&root).unwrap_or(root);
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    Scope { home: home.filter(|_| asked.root.is_none()), root, only: asked.only.clone() }
}

/// The roots, and the file that they are in.
fn anchors(asked: &Asked, store: Option<&Store>) -> Result<(PathBuf, Vec<Anchor>), Error> {
    let own = || store.map(Store::root_pem_path).unwrap_or_default();
    let path = asked.file.clone().unwrap_or_else(own);
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

impl Action {
    fn as_str(self) -> &'static str {
        match self {
            Action::Install => "install",
            Action::Uninstall => "uninstall",
            Action::Status => "status",
        }
    }

    /// Whether a store where this was found is to be changed.
    fn changes(self, found: &Found) -> bool {
        match self {
            Action::Install => matches!(found, Found::Absent | Found::Unfinished),
            Action::Uninstall => matches!(found, Found::Ours | Found::Unfinished),
            Action::Status => false,
        }
    }

    fn step(self, place: &dyn Place, anchor: &Anchor, found: &Found, dry_run: bool) -> Step {
        match (self, found) {
            (Action::Install, Found::Absent | Found::Unfinished) => {
                let change = || place.install(anchor).map_or_else(|it| refused(&it), |()| Step::Installed);
                if dry_run { Step::Would(place.command(anchor, true)) } else { change() }
            }
            (Action::Uninstall, Found::Ours | Found::Unfinished) => {
                let change = || place.remove(anchor).map_or_else(|it| refused(&it), |()| Step::Removed);
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

fn refused(refusal: &Refusal) -> Step {
    match refusal {
        Refusal::NeedsRoot => Step::NeedsRoot,
        Refusal::Failed(reason) => Step::Failed(reason.clone()),
    }
}
