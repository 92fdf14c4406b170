//! Making revocation lists: settle what is made, reserve a number, name the revoked, sign, read back, put in place.
//!
//! ```text
//! request ─► issuers ─► for each list: reserve ─► entries ─► sign ─► read back ─► place ─► record
//!            with keys                  the disk   streamed   the key  no key      the disk
//! ```

mod encode;
mod issuer;
pub(crate) mod place;

use std::path::PathBuf;

use time::{Duration, OffsetDateTime};

use crate::error::Error;
use crate::facts::{self, Crl, SignatureCheck, hex};
use crate::request::CrlRequest;
use crate::store::Store;
use crate::store::lists::{ListReservation, Named, Which};
use crate::store::log::{Kind, Operation, Signer};
use crate::store::writer::Writer;
use crate::uri::{Uri, UriFault};
use encode::{Draft, Heading};
use issuer::{Issuer, Issuers};

/// Partitions of one CA: a million certificates in a thousand lists make lists of 50 KB, and fewer clients gain by more.
pub const MAX_PARTITIONS: u32 = 1000;
/// Days that a list can be good for: as long as a CA lives.
const MAX_DAYS: i64 = 3650;
/// How long lists are good for unless told otherwise: time to mend a timer that failed over a week-end.
const DEFAULT_LIFE: Duration = Duration::days(7);
/// A delta, which is made to be young.
const DEFAULT_DELTA_LIFE: Duration = Duration::days(1);
/// The list of a root that has a CA below it: its key is fetched twice a year.
const DEFAULT_ROOT_LIFE: Duration = Duration::days(180);

/// The lists that were made.
#[derive(Debug)]
pub struct CrlsMade {
    /// Each list.
    pub lists: Vec<CrlMade>,
    /// The current complete lists of all CAs, in PEM.
    pub bundle: PathBuf,
    /// What was written besides, where it was asked for.
    pub copies: Vec<PathBuf>,
    /// Complete lists that were made before and are still in their place, the first to end first.
    pub others: Vec<ListInPlace>,
    /// What the user should know besides.
    pub notes: Vec<String>,
}

/// A complete list that is in its place, where servers read it, until it ends.
#[derive(Debug)]
pub struct ListInPlace {
    /// Whose list it is.
    pub ca: String,
    /// Its number.
    pub number: i64,
    /// When it ends.
    pub next_update: OffsetDateTime,
    /// Whether the key that makes the next one lies in the store.
    pub key_here: bool,
}

/// A list that was made.
#[derive(Debug)]
pub struct CrlMade {
    /// Whose list it is.
    pub ca: String,
    /// Its number.
    pub number: i64,
    /// The number of the list that it changes, if it is a delta.
    pub base: Option<i64>,
    /// The partition that it is about; 0: all certificates of its CA.
    pub partition: u32,
    /// How many certificates it names.
    pub entries: usize,
    /// Since when it holds.
    pub this_update: OffsetDateTime,
    /// When the next is due.
    pub next_update: OffsetDateTime,
    /// Its file, in DER.
    pub file: PathBuf,
    /// Where clients look for it.
    pub urls: Vec<Uri>,
}

/// One list of a CA.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    partition: u32,
    delta: bool,
}

/// Makes the lists of every CA whose key is here; or with a root's key from elsewhere, that root's.
///
/// # Errors
/// What speaks against the request, the keys that cannot be used, and what the store and the disk say. Lists that were put in
/// their place before stay there.
pub fn make_crls(store: &Store, request: &CrlRequest, now: OffsetDateTime) -> Result<CrlsMade, Error> {
    refuse_life(request)?;
    let Issuers { mut issuers, notes } = issuer::open(store, request, now)?;
    let writer = store.write()?;
    issuer::refresh(&mut issuers, &writer)?;
    set_points(&writer, &mut issuers, request)?;
    let mut lists = Vec::new();
    for issuer in &issuers {
        for wanted in wanted(issuer, request.delta) {
            lists.push(make(&writer, issuer, wanted, request, now)?);
        }
    }
    let bundle = place::bundle(&writer)?;
    let copies = place::copies(&bundle, &lists, request)?;
    let made = |id| !request.delta && issuers.iter().any(|issuer| issuer.row.id == id);
    let others = issuer::in_place(store, writer.index(), now, made)?;
    Ok(CrlsMade { lists, bundle, copies, others, notes })
}

/// The lists in their place that only a key from elsewhere makes again: no timer does.
///
/// # Errors
/// [`Error::Index`] and its kin.
pub fn lists_made_by_hand(store: &Store, now: OffsetDateTime) -> Result<Vec<ListInPlace>, Error> {
    let mut lists = issuer::in_place(store, &store.index()?, now, |_| false)?;
    lists.retain(|list| !list.key_here);
    Ok(lists)
}

fn refuse_life(request: &CrlRequest) -> Result<(), Error> {
    match request.life {
        Some(life) if life < Duration::HOUR || life > Duration::days(MAX_DAYS) => {
            Err(Error::CrlLifeOutOfRange { hours: life.whole_hours().unsigned_abs(), most: MAX_DAYS.unsigned_abs() })
        }
        _ => Ok(()),
    }
}

/// Changes where certificates say that lists are, from now on. Earlier addresses stay with the lists, for the certificates
/// that name them.
fn set_points(writer: &Writer, issuers: &mut [Issuer], request: &CrlRequest) -> Result<(), Error> {
    let url = request.url.as_deref().map(folder_url).transpose()?;
    if let Some(found) = request.partitions.filter(|found| *found > MAX_PARTITIONS) {
        return Err(Error::TooManyPartitions { found, most: MAX_PARTITIONS });
    }
    for issuer in issuers.iter_mut().filter(|issuer| !issuer.row.is_retired) {
        let mut points = issuer.row.points.clone();
        if let Some(url) = &url {
            points.urls.retain(|known| known != url);
            points.urls.insert(0, url.clone());
        }
        // A root above an issuing CA has few certificates, all of CAs: there is nothing to part.
        if let Some(partitions) = request.partitions.filter(|_| issuer.issues) {
            points.partitions = partitions;
            points.partitions_ever = points.partitions_ever.max(partitions);
        }
        if points.partitions > 0 && points.urls.is_empty() {
            return Err(Error::CrlUrlMissing);
        }
        if points != issuer.row.points {
            writer.index().set_list_points(issuer.row.id, &points)?;
            issuer.row.points = points;
        }
    }
    Ok(())
}

/// The address of a folder, without a slash at its end.
fn folder_url(text: &str) -> Result<String, Error> {
    let refused = |fault| Error::CrlUrlRefused { url: text.to_owned(), fault };
    let url = text.trim_end_matches('/');
    let uri = Uri::parse_location(url).map_err(refused)?;
    if !uri.scheme().eq_ignore_ascii_case("http") || url.contains(['?', '#']) {
        return Err(refused(UriFault::NotFetched));
    }
    Ok(url.to_owned())
}

/// The lists of a CA: one of all its certificates, and one of each partition that certificates may be in.
fn wanted(issuer: &Issuer, delta: bool) -> Vec<Wanted> {
    // Who has a root's list made has it made seldom: it is a complete one each time.
    if delta && !issuer.issues {
        return Vec::new();
    }
    (0..=issuer.row.points.partitions_ever).map(|partition| Wanted { partition, delta }).collect()
}

fn make(
    writer: &Writer,
    issuer: &Issuer,
    wanted: Wanted,
    request: &CrlRequest,
    now: OffsetDateTime,
) -> Result<CrlMade, Error> {
    let (index, id, Wanted { partition, delta }) = (writer.index(), issuer.row.id, wanted);
    let last = index.last_list(id, partition)?;
    let base = match (delta, last) {
        (false, _) => None,
        (true, Some(last)) => Some(last.number),
        (true, None) => return Err(Error::CrlBaseMissing { ca: issuer.authority.name.to_string() }),
    };
    let next_update = now + request.life.unwrap_or_else(|| default_life(issuer, delta));
    let reservation = ListReservation { authority: id, partition, base, this_update: now, next_update };
    let number = index.reserve_list(&reservation)?;
    let which = match (base, last) {
        (Some(base), _) => Which::ChangedSince(base),
        (None, last) => Which::Complete {
            expired_before: last.map_or(0, |last| last.this_update.unix_timestamp()),
            list: last.map_or(0, |last| last.number),
        },
    };
    let list = List { issuer, wanted, reservation, number };
    let draft = list.fill(writer, which)?;
    let entries = draft.entries();
    let crl = list.rehearse(draft.sign(&issuer.key)?, entries)?;
    let file = place::list(writer, &issuer.row.points, wanted, crl.der())?;
    index.record_list(number, list.operation(&crl, entries), &Signer { authority: id, key: &issuer.key })?;
    Ok(CrlMade {
        ca: issuer.authority.name.to_string(),
        number,
        base,
        partition,
        entries,
        this_update: now,
        next_update,
        file,
        urls: issuer.row.points.of_partition(partition, delta)?,
    })
}

fn default_life(issuer: &Issuer, delta: bool) -> Duration {
    match (delta, issuer.issues) {
        (true, _) => DEFAULT_DELTA_LIFE,
        (false, true) => DEFAULT_LIFE,
        (false, false) => DEFAULT_ROOT_LIFE,
    }
}

/// A list whose number is reserved.
struct List<'a> {
    issuer: &'a Issuer,
    wanted: Wanted,
    reservation: ListReservation,
    number: i64,
}

impl List<'_> {
    /// Names the revoked.
    fn fill(&self, writer: &Writer, which: Which) -> Result<Draft, Error> {
        let (points, Wanted { partition, delta }) = (&self.issuer.row.points, self.wanted);
        let own = if partition == 0 { Vec::new() } else { points.of_partition(partition, false)? };
        // A delta says nothing of deltas (RFC 5280, 5.2.6), and where none was ever made there is none to find.
        let has_deltas = !delta && writer.index().has_deltas(self.reservation.authority, partition)?;
        let deltas = if has_deltas { points.of_partition(partition, true)? } else { Vec::new() };
        let mut draft = Draft::new(&self.heading(&own, &deltas));
        let now = self.reservation.this_update;
        let named = Named { authority: self.reservation.authority, partition, which };
        writer.index().each_named(&named, |serial, at, reason| {
            let at = at.and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok()).unwrap_or(now);
            draft.push(serial, at, reason);
        })?;
        Ok(draft)
    }

    fn heading<'a>(&'a self, partition: &'a [Uri], deltas: &'a [Uri]) -> Heading<'a> {
        let authority = &self.issuer.authority;
        Heading {
            issuer: authority.certificate.subject.der(),
            key_id: &authority.key_id,
            key_kind: authority.key_kind,
            number: self.number,
            life: (self.reservation.this_update, self.reservation.next_update),
            base: self.reservation.base,
            partition,
            deltas,
        }
    }

    /// Reads the list back as any client would, before it is put in place of one that works.
    fn rehearse(&self, der: Vec<u8>, entries: usize) -> Result<Crl, Error> {
        let fault = |fault: String| Error::CrlRehearsalFailed { ca: self.issuer.authority.name.to_string(), fault };
        let crl = Crl::from_vec(der).map_err(|_| fault("it is no list".to_owned()))?;
        if crl.verified_by(&self.issuer.authority.certificate.public_key) != SignatureCheck::Good {
            return Err(fault("its signature is not its CA's".to_owned()));
        }
        let numbers = (crl.number.as_deref(), crl.delta_of.as_deref());
        let (number, base) = (format!("{:x}", self.number), self.reservation.base.map(|base| format!("{base:x}")));
        if numbers != (Some(&number), base.as_deref()) {
            return Err(fault(format!("its numbers are {numbers:?}")));
        }
        match crl.count() {
            found if found == entries => Ok(crl),
            found => Err(fault(format!("it has {found} entries of {entries}"))),
        }
    }

    fn operation(&self, crl: &Crl, entries: usize) -> Operation {
        Operation::new(Kind::Crl)
            .with("ca", self.issuer.authority.name.as_str())
            .with("number", self.number)
            .with("base", self.reservation.base)
            .with("partition", self.wanted.partition)
            .with("entries", entries)
            .with("sha256", hex(&facts::sha256(crl.der())))
    }
}

#[cfg(test)]
mod tests;
