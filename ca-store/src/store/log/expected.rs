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

/// All that the log says of the index: certificates by serial number, and the hashes of CAs' certificates.
#[derive(Debug, Default)]
pub(crate) struct Expected {
    pub(crate) certificates: HashMap<String, Logged>,
    pub(crate) authorities: HashSet<String>,
    /// By serial number; CAs can be revoked too.
    pub(crate) revocations: HashMap<String, LoggedRevocation>,
}

/// What is read of an entry's detail.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Detail {
    serial: Option<String>,
    sha256: Option<String>,
    replaces: Option<String>,
    replaced_by: Option<String>,
    revoked: Option<String>,
    reason: Option<String>,
    authorities: Vec<String>,
}

impl Expected {
    /// Takes in one entry. One that does not read was changed, and that is told elsewhere.
    pub(crate) fn learn(&mut self, kind: Option<Kind>, entry: &Entry) {
        let detail: Detail = serde_json::from_str(&entry.detail).unwrap_or_default();
        self.authorities.extend(detail.authorities);
        let Some(serial) = detail.serial else { return };
        if let Some(replaced) = detail.replaces.and_then(|replaced| self.certificates.get_mut(&replaced)) {
            replaced.replaced_by = Some(serial.clone());
        }
        let revoked = detail.revoked.and_then(|time| OffsetDateTime::parse(&time, &Rfc3339).ok());
        if let Some(at) = revoked.map(OffsetDateTime::unix_timestamp) {
            let revocation = LoggedRevocation { entry: entry.id, at, reason: detail.reason.unwrap_or_default() };
            self.revocations.insert(serial.clone(), revocation);
        }
        if kind == Some(Kind::Release) {
            self.revocations.remove(&serial);
        }
        if let Some(sha256) = detail.sha256.filter(|_| kind.is_some_and(Kind::makes_certificate)) {
            let logged = Logged { entry: entry.id, sha256, replaced_by: detail.replaced_by };
            self.certificates.entry(serial).or_insert(logged);
        }
    }
}
