//! From checked rows to groups that may be signed. Several threads make keys, plans and rehearsals of a group each; the office,
//! which has the CA's key, takes one at a time, in the manifest's order.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::Opening;
use super::check::{Checked, Mark};
use super::deliver::Delivery;
use super::manifest::Rows;
use super::office::{Office, Produced, Ready};
use super::row::Row;
use crate::error::Error;
use crate::key::{self, KeyKind, PrivateKey};
use crate::plan::{CertificatePlan, Terms};
use crate::rehearse::Rehearsal;
use crate::serial::Serial;
use crate::store::BatchRow;
use crate::store::lists::ListPoints;
use crate::store::writer::Writer;

/// P-256 rows of a group, which is on disk as a whole: enough that a sync is shared by many, few enough that a group is there
/// several times a second, and that its keys and certificates take a few MiB.
pub const GROUP: u32 = 500;

/// Threads beside the processors: one waits for the disk while the others work.
const WAITING: usize = 1;

/// Issues every row that is due.
///
/// # Errors
/// What the store, the disk or the crypto library says. Groups that were delivered before stay.
pub(super) fn run(
    opening: &Opening<'_>,
    checked: &Checked,
    writer: Writer,
    delivery: Delivery,
    batch: BatchRow,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Produced, Error> {
    let office = Office::open(opening, checked, writer, delivery, batch.clone(), progress)?;
    let line = Line {
        opening,
        terms: batch,
        points: office.points()?,
        rehearsal: Rehearsal::of(&opening.authority.chain)?,
        source: Mutex::new(Source { rows: opening.manifest.rows()?, marks: &checked.marks, position: 0, tickets: 0 }),
        end: Mutex::new(End { turn: 0, stopped: None, abandoned: false, office }),
        turned: Condvar::new(),
    };
    let threads = thread::available_parallelism().map_or(1, usize::from) + WAITING;
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| line.work());
        }
    });
    let end = line.end.into_inner().unwrap_or_else(PoisonError::into_inner);
    match end.stopped {
        Some(error) => Err(error),
        None => end.office.finish(),
    }
}

/// What the threads share.
struct Line<'a> {
    opening: &'a Opening<'a>,
    terms: BatchRow,
    /// Where certificates say that revocation lists are found, as it is when the batch begins.
    points: ListPoints,
    rehearsal: Rehearsal,
    source: Mutex<Source<'a>>,
    end: Mutex<End<'a>>,
    turned: Condvar,
}

/// Where rows come from.
struct Source<'a> {
    rows: Rows<'a>,
    marks: &'a [Mark],
    position: usize,
    tickets: u64,
}

/// Rows that are delivered together, in their turn.
struct Group {
    ticket: u64,
    rows: Vec<Row>,
}

/// Where groups go, one after the other.
struct End<'a> {
    turn: u64,
    stopped: Option<Error>,
    /// A thread has panicked, and its turn will never come.
    abandoned: bool,
    office: Office<'a>,
}

impl<'a> Line<'a> {
    fn work(&self) {
        let _watch = Watch(self);
        loop {
            let group = lock(&self.source).group(|row| self.weight(row));
            let outcome = match group {
                Ok(Some(group)) => self.group(&group),
                Ok(None) => return,
                Err(error) => Err(error),
            };
            if let Err(error) = outcome {
                return self.stop(error);
            }
            if self.is_stopped() {
                return;
            }
        }
    }

    fn group(&self, group: &Group) -> Result<(), Error> {
        let (mut ready, mut faults) = (Vec::with_capacity(group.rows.len()), Vec::new());
        for row in &group.rows {
            match self.ready(row) {
                Ok(row) => ready.push(row),
                Err(error @ Error::Crypto { .. }) => return Err(error),
                Err(error) => faults.push((row.line, error)),
            }
        }
        let Some(mut end) = self.wait_for_turn(group.ticket) else { return Ok(()) };
        for (line, error) in faults {
            end.office.produced.skipped.add_error(line, &error);
        }
        end.office.issue(ready)?;
        end.turn += 1;
        self.turned.notify_all();
        Ok(())
    }

    fn weight(&self, row: &Row) -> u32 {
        weight_of(row.terms(&self.terms, self.opening.settings.of(row.purpose)).1)
    }

    /// Key, plan and rehearsal. Nothing here uses the CA's key.
    fn ready(&self, row: &Row) -> Result<Ready, Error> {
        let rules = self.opening.settings.of(row.purpose);
        let names = row.names()?.with_attributes(rules.attributes.clone());
        let (days, kind) = row.terms(&self.terms, rules);
        let key = PrivateKey::generate(kind)?;
        let (serial, now) = (Serial::from_random(key::random()?), self.opening.now);
        let terms = Terms { purpose: row.purpose, days, serial, now };
        let plan = CertificatePlan::leaf(&names, key.public_key()?, &self.opening.authority.chain, &terms)?;
        let plan = plan.governed_by(rules, names.folder(), row.purpose)?.with_crl_points(self.points.of_new(serial)?);
        let checked = self.rehearsal.rehearse(plan, row.purpose, now)?;
        Ok(Ready {
            line: row.line,
            name: names.folder().clone(),
            purpose: row.purpose,
            days,
            partition: self.points.partition_of(serial),
            key: key.to_pem(None)?,
            checked,
        })
    }

    fn wait_for_turn(&self, ticket: u64) -> Option<MutexGuard<'_, End<'a>>> {
        let waits = |end: &mut End<'a>| end.turn != ticket && end.stopped.is_none() && !end.abandoned;
        let end = self.turned.wait_while(lock(&self.end), waits).unwrap_or_else(PoisonError::into_inner);
        (end.turn == ticket && end.stopped.is_none()).then_some(end)
    }

    fn stop(&self, error: Error) {
        let mut end = lock(&self.end);
        end.stopped.get_or_insert(error);
        self.turned.notify_all();
    }

    fn is_stopped(&self) -> bool {
        lock(&self.end).stopped.is_some()
    }
}

/// Wakes those who wait for the turn of a thread that panics.
struct Watch<'a, 'b>(&'a Line<'b>);

impl Drop for Watch<'_, '_> {
    fn drop(&mut self) {
        if thread::panicking() {
            lock(&self.0.end).abandoned = true;
            self.0.turned.notify_all();
        }
    }
}

/// A panic elsewhere ends the batch anyway, and is told by the thread that it was in.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Source<'_> {
    /// The next rows that are due, as many as are made in about the time of [`GROUP`] P-256 ones.
    fn group(&mut self, weight_of: impl Fn(&Row) -> u32) -> Result<Option<Group>, Error> {
        let (mut rows, mut weight) = (Vec::new(), 0);
        while weight < GROUP {
            let Some(reading) = self.rows.next()? else { break };
            let due = self.marks.get(self.position).is_none_or(|mark| *mark == Mark::Due);
            self.position += 1;
            // Rows that do not read were refused by the check of this very copy.
            if let (true, Ok(row)) = (due, reading) {
                weight += weight_of(&row);
                rows.push(row);
            }
        }
        if rows.is_empty() {
            return Ok(None);
        }
        self.tickets += 1;
        Ok(Some(Group { ticket: self.tickets - 1, rows }))
    }
}

/// How long a key takes to make, in P-256 rows.
fn weight_of(kind: KeyKind) -> u32 {
    match kind {
        KeyKind::EcdsaP256 | KeyKind::Ed25519 => 1,
        KeyKind::EcdsaP384 => 5,
        KeyKind::Rsa2048 => 100,
        KeyKind::Rsa3072 => 250,
        KeyKind::Rsa4096 => GROUP,
    }
}
