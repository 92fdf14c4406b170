//! Where the CA's key is used, a group at a time: reserve, sign, deliver, record.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::Opening;
use super::check::{Checked, taken_error};
use super::deliver::Delivery;
use super::fault::Faults;
use super::stream::Item;
use crate::error::Error;
use crate::profile::Purpose;
use crate::rehearse::CheckedPlan;
use crate::san::FolderName;
use crate::sign::sign;
use crate::store::entry::Record;
use crate::store::lists::ListPoints;
use crate::store::log::Signer;
use crate::store::writer::{Paused, Writer};
use crate::store::{BatchRow, ChainPem, Contents, GroupRow};

/// How long the store's lock is held at most before others are let in.
const HOLD: Duration = Duration::from_secs(1);
/// For how long they are let in: longer than a waiting writer sleeps between two looks.
const BREATH: Duration = Duration::from_millis(15);

/// What was produced.
#[derive(Debug)]
pub(super) struct Produced {
    pub(super) issued: u64,
    pub(super) skipped: Faults,
}

impl Produced {
    /// Nothing yet, of a batch of the store in this folder.
    pub(super) fn none(store: &Path) -> Produced {
        Produced { issued: 0, skipped: Faults::in_folder(store) }
    }
}

/// A row that may be signed.
pub(super) struct Ready {
    pub(super) line: u64,
    pub(super) name: FolderName,
    pub(super) purpose: Purpose,
    pub(super) days: u32,
    pub(super) partition: u32,
    pub(super) key: Zeroizing<String>,
    pub(super) checked: CheckedPlan,
}

/// What the index holds of certificates, each with its name.
type Records = Vec<(String, Record)>;

/// The store, while its lock is held and while others are let in.
enum Access {
    Held(Writer, Instant),
    Open(Paused),
}

/// Where the CA's key is used.
pub(super) struct Office<'a> {
    opening: &'a Opening<'a>,
    /// The issuing CA's place in the index.
    authority: i64,
    /// None only where taking the lock has failed, which ends the batch.
    access: Option<Access>,
    delivery: Delivery,
    batch: BatchRow,
    chain: ChainPem,
    progress: &'a (dyn Fn(u64, u64) + Sync),
    done: u64,
    rows: u64,
    /// Rows whose names were taken before it went on.
    taken: u64,
    pub(super) produced: Produced,
}

impl<'a> Office<'a> {
    /// Goes on where `checked` says.
    ///
    /// # Errors
    /// [`Error::NoCa`] or [`Error::Index`].
    pub(super) fn open(
        opening: &'a Opening<'a>,
        checked: &Checked,
        writer: Writer,
        delivery: Delivery,
        batch: BatchRow,
        progress: &'a (dyn Fn(u64, u64) + Sync),
    ) -> Result<Office<'a>, Error> {
        writer.index().expect_many()?;
        Ok(Office {
            opening,
            authority: writer.issuing_authority()?,
            access: Some(Access::Held(writer, Instant::now())),
            delivery,
            batch,
            chain: ChainPem::new(&opening.authority.chain),
            progress,
            done: checked.done,
            rows: checked.rows,
            taken: checked.taken.count,
            produced: Produced::none(opening.store.dir()),
        })
    }

    /// Where certificates say that revocation lists are found.
    ///
    /// # Errors
    /// [`Error::Index`].
    pub(super) fn points(&self) -> Result<ListPoints, Error> {
        match self.access.as_ref().expect("nothing was taken yet") {
            Access::Held(writer, _) => writer.index().list_points(self.authority),
            Access::Open(paused) => paused.index().list_points(self.authority),
        }
    }

    /// Reserves, signs, delivers and records a group.
    pub(super) fn issue(&mut self, ready: Vec<Ready>) -> Result<(), Error> {
        let (writer, since) = self.take()?;
        let ready = self.reserve(&writer, ready)?;
        let (items, records) = self.sign(ready)?;
        self.delivery.deliver(&items)?;
        let batch = (self.batch.id, self.delivery.length());
        let signer = Signer { authority: self.authority, key: &self.opening.authority.key };
        writer.index().record_group(batch, &records, &signer)?;
        self.put_back(writer, since);
        self.produced.issued += records.len() as u64;
        (self.progress)(self.done + self.produced.issued, self.rows);
        Ok(())
    }

    fn take(&mut self) -> Result<(Writer, Instant), Error> {
        match self.access.take().expect("a batch that lost the lock has ended") {
            Access::Held(writer, since) => Ok((writer, since)),
            Access::Open(paused) => Ok((paused.go_on(self.opening.store)?, Instant::now())),
        }
    }

    fn put_back(&mut self, writer: Writer, since: Instant) {
        self.access = Some(if since.elapsed() < HOLD {
            Access::Held(writer, since)
        } else {
            let paused = writer.pause();
            thread::sleep(BREATH);
            Access::Open(paused)
        });
    }

    /// Reserves the serial numbers on disk; rows whose names were given away meanwhile are left out.
    fn reserve(&mut self, writer: &Writer, ready: Vec<Ready>) -> Result<Vec<Ready>, Error> {
        // Between two groups others may change the store, and revoke the CA as well.
        writer.index().refuse_revoked_ca(self.authority)?;
        let rows: Vec<_> = ready.iter().map(|row| self.group_row(row)).collect();
        let taken = writer.index().plan_group(self.batch.id, self.authority, &rows, self.opening.now)?;
        drop(rows);
        let mut reserved = Vec::with_capacity(ready.len());
        for (row, taken) in ready.into_iter().zip(taken) {
            match taken {
                None => reserved.push(row),
                Some(taken) => self.produced.skipped.add_error(row.line, &taken_error(&row.name, taken)),
            }
        }
        Ok(reserved)
    }

    fn group_row<'r>(&self, row: &'r Ready) -> GroupRow<'r> {
        GroupRow {
            plan: row.checked.plan(),
            name: &row.name,
            purpose: row.purpose,
            days: row.days,
            partition: row.partition,
            folder: self.delivery.folder(&row.name),
        }
    }

    fn sign(&self, ready: Vec<Ready>) -> Result<(Vec<Item>, Records), Error> {
        let (mut items, mut records) = (Vec::with_capacity(ready.len()), Vec::with_capacity(ready.len()));
        for row in ready {
            let signed = sign(row.checked, &self.opening.authority.key)?;
            let contents = Contents::below(signed.der(), &self.chain, Some(row.key));
            let record = Record::of(&signed)
                .map_err(|error| Error::Crypto { what: "reading a new certificate back", reason: error.to_string() })?;
            records.push((row.name.to_string(), record));
            items.push(Item { name: row.name, serial: signed.plan().serial(), contents });
        }
        Ok((items, records))
    }

    /// Ends the target, and records that every row is issued.
    pub(super) fn finish(mut self) -> Result<Produced, Error> {
        let (writer, _) = self.take()?;
        self.delivery.finish()?;
        let operation = self.opening.operation("finished", &self.batch).with("issued", self.produced.issued);
        let operation = operation.with("before", self.done).with("skipped", self.taken + self.produced.skipped.count);
        let signer = Signer { authority: self.authority, key: &self.opening.authority.key };
        writer.index().finish_batch((self.batch.id, self.delivery.length()), operation, &signer)?;
        Ok(self.produced)
    }
}
