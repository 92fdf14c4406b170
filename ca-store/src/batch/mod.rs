//! Many certificates from one manifest.
//!
//! ```text
//! manifest ─► check: every row ─► groups: keys, plans, rehearsals ─► reserve ─► sign ─► deliver, one sync ─► index
//!             nothing is issued   several at once                    a group at a time, in the manifest's order
//!             where one is bad
//! ```
//!
//! A batch is known by the SHA-256 of its manifest. Interrupted and started again it first settles what was cut short
//! (`resume`), then issues the rows that are left.

mod check;
mod csv;
mod deliver;
mod fault;
mod line;
mod manifest;
mod office;
mod produce;
mod resume;
mod row;
mod stream;

use std::fmt;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use crate::error::Error;
use crate::facts;
use crate::key::{KeyKind, Passphrase};
use crate::settings::Settings;
use crate::store::log::{Kind, Operation, Signer};
use crate::store::writer::Writer;
use crate::store::{BatchRow, OpenAuthority, Store};
use check::Checked;
use deliver::Delivery;
use manifest::Manifest;
use office::Produced;

pub(crate) use resume::{settle_cut_short, unreadable};

pub use fault::{Faults, MAX_KEPT, RowFault};
pub use line::MAX_LINE;
pub use manifest::{MAX_MANIFEST, MAX_ROWS};
pub use produce::GROUP;

/// How certificates stand in one file or stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamForm {
    /// A JSON object on each line.
    Jsonl,
    /// A folder for each certificate in a tar archive.
    Tar,
}

impl StreamForm {
    /// `jsonl` or `tar`.
    pub fn as_str(self) -> &'static str {
        match self {
            StreamForm::Jsonl => "jsonl",
            StreamForm::Tar => "tar",
        }
    }
}

/// Where the certificates go.
pub enum Target {
    /// The store's own folders.
    Store,
    /// A folder each, in this one.
    Folder(PathBuf),
    /// One file.
    File(PathBuf, StreamForm),
    /// A stream that nothing can be read back from, so a batch into it cannot be resumed.
    Stream(Box<dyn Write + Send>, StreamForm),
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.form(), self.path())
    }
}

impl Target {
    fn form(&self) -> &'static str {
        match self {
            Target::Store | Target::Folder(_) => "folders",
            Target::File(_, form) | Target::Stream(_, form) => form.as_str(),
        }
    }

    fn path(&self) -> Option<&Path> {
        match self {
            Target::Folder(path) | Target::File(path, _) => Some(path),
            Target::Store | Target::Stream(..) => None,
        }
    }

    /// Whether a batch into it is remembered, so that it can be gone on with.
    fn is_remembered(&self) -> bool {
        !matches!(self, Target::Stream(..))
    }
}

/// What is asked for besides the rows.
#[derive(Debug)]
pub struct BatchRequest {
    /// What the manifest is called in messages.
    pub name: String,
    /// Days for rows that say nothing; none: as the store's owner has laid down, or 90.
    pub days: Option<u32>,
    /// The kind of key for rows that say nothing; none: as the store's owner has laid down, or P-256.
    pub key: Option<KeyKind>,
    /// Opens the CA's private key.
    pub passphrase: Option<Passphrase>,
}

/// What became of a batch.
#[derive(Debug)]
pub enum BatchOutcome {
    /// Rows are wrong, and nothing was issued.
    Refused {
        /// Rows in the manifest.
        rows: u64,
        /// The wrong ones.
        faults: Faults,
    },
    /// It was carried out.
    Done(BatchReport),
}

/// A batch that was carried out.
#[derive(Debug)]
pub struct BatchReport {
    /// Rows in the manifest.
    pub rows: u64,
    /// Certificates that were issued now.
    pub issued: u64,
    /// Certificates that it had issued before.
    pub before: u64,
    /// Rows that could not be issued, since something else took their names while the batch ran.
    pub skipped: Faults,
    /// Certificates that it had issued and whose files are not all there any more.
    pub missing: Faults,
    /// Where they are, if not in the store's own folders or on a stream.
    pub target: Option<PathBuf>,
    /// Whether it was finished before it was started this time.
    pub was_finished: bool,
}

/// Issues a certificate for each row of a manifest, which is CSV or JSON Lines, into `target`, after all of them were checked.
/// `progress` is told how many rows are on disk, and how many there are.
///
/// # Errors
/// [`Error::ManifestRefused`], [`Error::BatchDiffers`], [`Error::BatchTargetLost`], or what the store and the disk say. A
/// batch that ends so is gone on with by the same call.
pub fn issue_batch(
    store: &Store,
    manifest: &mut dyn Read,
    mut target: Target,
    request: &BatchRequest,
    now: OffsetDateTime,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<BatchOutcome, Error> {
    let _alone = store.lock_batches()?;
    make_absolute(&mut target)?;
    let manifest = Manifest::read(manifest, &request.name, store.dir())?;
    let writer = store.write()?;
    let authority = store.open_authority(request.passphrase.as_ref())?;
    let opening =
        Opening { store, manifest: &manifest, authority: &authority, request, settings: store.settings()?, now };
    opening.carry_out(writer, target, progress)
}

/// The index outlives the working directory.
fn make_absolute(target: &mut Target) -> Result<(), Error> {
    let (Target::Folder(path) | Target::File(path, _)) = target else { return Ok(()) };
    if path.to_str().is_none() {
        return Err(Error::OutputNotText { path: path.clone() });
    }
    *path = std::path::absolute(&*path).map_err(|source| Error::Io { action: "find", path: path.clone(), source })?;
    Ok(())
}

/// A batch of which it is not known yet whether it is new.
struct Opening<'a> {
    store: &'a Store,
    manifest: &'a Manifest,
    authority: &'a OpenAuthority,
    request: &'a BatchRequest,
    settings: Settings,
    now: OffsetDateTime,
}

impl Opening<'_> {
    fn carry_out(
        &self,
        writer: Writer,
        target: Target,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<BatchOutcome, Error> {
        let known = if target.is_remembered() { writer.index().batch(&self.manifest.hash)? } else { None };
        let known = known.map(|batch| self.compared(batch, &target)).transpose()?;
        let signer = Signer { authority: writer.issuing_authority()?, key: &self.authority.key };
        let begun = known.map(|batch| resume::settle(&writer, batch, &target, Some(&signer))).transpose()?;
        let terms = begun.clone().unwrap_or_else(|| self.terms(&target));
        let checked = self.check(&writer, &terms, begun.is_some(), &target)?;
        if !checked.faults.is_empty() {
            return Ok(BatchOutcome::Refused { rows: checked.rows, faults: checked.faults });
        }
        if begun.as_ref().is_some_and(|batch| batch.finished) {
            return Ok(BatchOutcome::Done(report(checked, &Produced::none(self.store.dir()), &target, true)));
        }
        let batch = self.begin(&writer, terms, begun, &checked, &target)?;
        let path = target.path().map(Path::to_owned);
        let delivery = Delivery::open(self.store, target, batch.length)?;
        let produced = produce::run(self, &checked, writer, delivery, batch, progress)?;
        Ok(BatchOutcome::Done(BatchReport { target: path, ..report(checked, &produced, &Target::Store, false) }))
    }

    fn terms(&self, target: &Target) -> BatchRow {
        BatchRow {
            id: 0,
            form: target.form().to_owned(),
            target: target.path().map(|path| path.display().to_string()),
            days: self.request.days,
            key: self.request.key,
            finished: false,
            length: 0,
        }
    }

    /// A batch goes on as it was begun.
    fn compared(&self, batch: BatchRow, target: &Target) -> Result<BatchRow, Error> {
        let asked = self.terms(target);
        let place = |target: &Option<String>| flag("--to", target.as_deref());
        let days = |days: Option<u32>| flag("--days", days);
        let key = |key: Option<KeyKind>| flag("--key", key);
        let finished = batch.finished;
        let differs = |begun, asked| Err(Error::BatchDiffers { finished, begun, asked });
        if batch.target != asked.target || batch.form != asked.form {
            return differs(place(&batch.target), place(&asked.target));
        }
        if asked.days.is_some() && asked.days != batch.days {
            return differs(days(batch.days), days(asked.days));
        }
        if asked.key.is_some() && asked.key != batch.key {
            return differs(key(batch.key), key(asked.key));
        }
        Ok(batch)
    }

    fn check(&self, writer: &Writer, terms: &BatchRow, resumed: bool, target: &Target) -> Result<Checked, Error> {
        let folders = match target {
            Target::Store => Some(self.store.certs_dir()),
            Target::Folder(path) => Some(path.clone()),
            Target::File(..) | Target::Stream(..) => None,
        };
        check::check(
            self.manifest,
            &check::Against {
                index: writer.index(),
                chain: &self.authority.chain,
                terms,
                settings: &self.settings,
                now: self.now,
                batch: resumed.then_some(terms.id),
                folders: folders.as_deref(),
                store: self.store.dir(),
            },
        )
    }

    /// Records that the batch begins, unless it did before.
    fn begin(
        &self,
        writer: &Writer,
        terms: BatchRow,
        begun: Option<BatchRow>,
        checked: &Checked,
        target: &Target,
    ) -> Result<BatchRow, Error> {
        if let Some(begun) = begun {
            writer.index().resume_batch(self.operation("resumed", &begun).with("before", checked.done))?;
            return Ok(begun);
        }
        deliver::refuse_occupied(target)?;
        let manifest = target.is_remembered().then_some(&self.manifest.hash);
        let operation = self.operation("begun", &terms).with("rows", checked.rows);
        let id = writer.index().begin_batch(manifest, &terms, (checked.rows, operation), self.now)?;
        Ok(BatchRow { id, ..terms })
    }

    /// What the log has of it, as it is begun, gone on with or finished.
    fn operation(&self, state: &'static str, batch: &BatchRow) -> Operation {
        let to = batch.target.as_deref().unwrap_or(if batch.form == "folders" { "certs" } else { "-" });
        Operation::new(Kind::Batch)
            .with("state", state)
            .with("manifest", facts::hex(&self.manifest.hash))
            .with("form", batch.form.as_str())
            .with("to", to)
    }
}

/// `with FLAG VALUE`, or that it is not there.
fn flag(name: &str, value: Option<impl fmt::Display>) -> String {
    value.map_or_else(|| format!("without {name}"), |value| format!("with {name} {value}"))
}

fn report(checked: Checked, produced: &Produced, target: &Target, was_finished: bool) -> BatchReport {
    let mut skipped = checked.taken;
    skipped.append(&produced.skipped);
    BatchReport {
        rows: checked.rows,
        issued: produced.issued,
        before: checked.done,
        skipped,
        missing: checked.missing,
        target: target.path().map(Path::to_owned),
        was_finished,
    }
}
