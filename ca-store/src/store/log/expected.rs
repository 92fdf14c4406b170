//! What the index has to hold, as the entries of the log say.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Entry, Kind};

/// A certificate, as the log has it.
#[derive(Debug)]
pub(crate) struct Logged {
    /// The entry that it came with.
    pub(crate) entry: i64,
    pub(crate) sha256: String,
    /// The name that it is known by.
    pub(crate) name: Option<Box<str>>,
    pub(crate) replaced_by: Option<String>,
}

/// A revocation, as the log has it.
#[derive(Debug)]
pub(crate) struct LoggedRevocation {
    /// The entry that says so.
    pub(crate) entry: i64,
    pub(crate) at: i64,
    pub(crate) reason: String,
}

/// A revocation list, as the log has it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LoggedList {
    /// The entry that says so.
    pub(crate) entry: i64,
    /// When it was made.
    pub(crate) time: i64,
    /// The number of the list that it changes, if it is a delta.
    pub(crate) base: Option<i64>,
    /// The partition that it is about; 0: all certificates of its CA.
    pub(crate) partition: i64,
}

/// What became of the CAs.
#[derive(Debug)]
pub(crate) enum Generation {
    /// These were made or taken over, by the SHA-256 of their certificates.
    Made(Vec<String>),
    /// The root of this name is trusted no more.
    Finished(String),
}

/// A CA that was taken over with its last list.
#[derive(Debug)]
pub(crate) struct Imported {
    /// Of its certificate.
    pub(crate) sha256: String,
    /// Of its last list; 0 where that had none.
    pub(crate) crl_number: i64,
}

/// All that the log says of the index: certificates by serial number, and the hashes of CAs' certificates.
#[derive(Debug, Default)]
pub(crate) struct Expected {
    pub(crate) certificates: HashMap<String, Logged>,
    pub(crate) authorities: HashSet<String>,
    /// In the order in which they followed each other.
    pub(crate) generations: Vec<Generation>,
    pub(crate) imported: Option<Imported>,
    /// By serial number; CAs can be revoked too.
    pub(crate) revocations: HashMap<String, LoggedRevocation>,
    /// Serial numbers whose hold was lifted.
    pub(crate) released: HashSet<String>,
    /// Serial numbers that were given up.
    pub(crate) withdrawn: HashSet<String>,
    /// Lists by their numbers, by their CA's name.
    pub(crate) lists: HashMap<String, HashMap<i64, LoggedList>>,
    /// The greatest number up to each entry that is about a list, by the CA's name.
    reached: HashMap<String, Vec<(i64, i64)>>,
    /// Numbers of lists that a repair has recorded, of whatever CA.
    pub(crate) settled_lists: HashSet<i64>,
    /// Where certificates say that lists are found: partitions and address, as they were set.
    pub(crate) points: Vec<(i64, String)>,
    /// When the log of an index that was brought up to date began.
    pub(crate) began: Option<i64>,
}

/// What is read of an entry's detail.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Detail {
    name: Option<Box<str>>,
    serial: Option<String>,
    sha256: Option<String>,
    replaces: Option<String>,
    replaced_by: Option<String>,
    revoked: Option<String>,
    reason: Option<String>,
    authorities: Vec<String>,
    finished: Option<String>,
    crl_number: Option<i64>,
    ca: Option<String>,
    number: Option<i64>,
    base: Option<i64>,
    partition: Option<i64>,
    crl: Option<i64>,
    partitions: Option<i64>,
    url: Option<String>,
    from: Option<i64>,
}

impl Expected {
    /// Takes in one entry. One that does not read was changed, and that is told elsewhere.
    pub(crate) fn learn(&mut self, kind: Option<Kind>, entry: &Entry) {
        let detail: Detail = serde_json::from_str(&entry.detail).unwrap_or_default();
        let detail = self.learn_traces(kind, entry, detail);
        if !detail.authorities.is_empty() {
            self.authorities.extend(detail.authorities.iter().cloned());
            self.generations.push(Generation::Made(detail.authorities));
        }
        let Some(serial) = detail.serial else { return };
        if let Some(replaced) = detail.replaces.and_then(|replaced| self.certificates.get_mut(&replaced)) {
            replaced.replaced_by = Some(serial.clone());
        }
        let revoked = detail.revoked.and_then(|time| OffsetDateTime::parse(&time, &Rfc3339).ok());
        if let Some(at) = revoked.map(OffsetDateTime::unix_timestamp) {
            let revocation = LoggedRevocation { entry: entry.id, at, reason: detail.reason.unwrap_or_default() };
            self.revocations.insert(serial.clone(), revocation);
        }
        match kind {
            Some(Kind::Release) => {
                self.revocations.remove(&serial);
                self.released.insert(serial.clone());
            }
            Some(Kind::Withdraw) => {
                self.withdrawn.insert(serial.clone());
            }
            _ => {}
        }
        if let Some(sha256) = detail.sha256.filter(|_| kind.is_some_and(Kind::makes_certificate)) {
            let logged = Logged { entry: entry.id, sha256, name: detail.name, replaced_by: detail.replaced_by };
            self.certificates.entry(serial).or_insert(logged);
        }
    }

    /// The number that the lists of this CA had reached before an entry of the log.
    pub(crate) fn reached_before(&self, ca: &str, entry: i64) -> i64 {
        let reached = self.reached.get(ca).map(Vec::as_slice).unwrap_or_default();
        let before = reached.partition_point(|(at, _)| *at < entry);
        before.checked_sub(1).map_or(0, |last| reached[last].1)
    }

    /// Takes in what is about no certificate.
    fn learn_traces(&mut self, kind: Option<Kind>, entry: &Entry, mut detail: Detail) -> Detail {
        match kind {
            Some(Kind::Crl) => {
                let (ca, number) = (detail.ca.take().unwrap_or_default(), detail.number.unwrap_or_default());
                let reached = self.reached.entry(ca.clone()).or_default();
                let greatest = reached.last().map_or(number, |(_, before)| number.max(*before));
                reached.push((entry.id, greatest));
                let (entry, time, base) = (entry.id, entry.time, detail.base);
                let list = LoggedList { entry, time, base, partition: detail.partition.unwrap_or_default() };
                self.lists.entry(ca).or_default().insert(number, list);
            }
            Some(Kind::Repair) => self.settled_lists.extend(detail.crl),
            Some(Kind::CrlPoints) => {
                let points = (detail.partitions.unwrap_or_default(), detail.url.take().unwrap_or_default());
                // Set anew by every timer, it is still one.
                if !self.points.contains(&points) {
                    self.points.push(points);
                }
            }
            // Format 1 had no log; later ones were brought up to date with theirs.
            Some(Kind::Migrate) if detail.from == Some(1) => self.began = Some(entry.time),
            Some(Kind::Rollover) => self.generations.extend(detail.finished.take().map(Generation::Finished)),
            // The CA that issues is the first.
            Some(Kind::Import) => {
                let imported = |sha256| Imported { sha256, crl_number: detail.crl_number.unwrap_or(0) };
                self.imported = detail.authorities.first().cloned().map(imported);
            }
            _ => {}
        }
        detail
    }
}
