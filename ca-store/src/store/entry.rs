//! One certificate, as the index tells of it.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;
use serde::ser::SerializeStruct as _;
use time::OffsetDateTime;

use crate::facts;
use crate::profile::Purpose;
use crate::reason::Reason;
use crate::serial::Serial;
use crate::sign::Signed;
use crate::validity::rfc3339;

/// Whether a certificate can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Within its dates and not revoked.
    Valid,
    /// Past its end.
    Expired,
    /// Withdrawn by its CA.
    Revoked,
}

impl Status {
    /// `valid`, `expired` or `revoked`.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Valid => "valid",
            Status::Expired => "expired",
            Status::Revoked => "revoked",
        }
    }
}

/// Why nobody should accept what a CA has issued, whatever its dates say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distrust {
    /// The CA that issued it is revoked.
    CaRevoked,
    /// The root above it is trusted no more: its roll-over is finished.
    RootRetired,
}

impl Distrust {
    /// As the index's query says it.
    pub(crate) fn of(word: &str) -> Option<Distrust> {
        match word {
            "ca" => Some(Distrust::CaRevoked),
            "root" => Some(Distrust::RootRetired),
            _ => None,
        }
    }
}

impl fmt::Display for Distrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Distrust::CaRevoked => "its CA is revoked",
            Distrust::RootRetired => "its root is trusted no more",
        })
    }
}

/// One issued certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexEntry {
    /// The name that it is known by, and its folder's.
    pub name: String,
    /// Its serial number.
    pub serial: Serial,
    /// Its subject, as RFC 4514 writes it.
    pub subject: String,
    /// Its issuer, likewise.
    pub issuer: String,
    /// The subject's common name.
    pub common_name: Option<String>,
    /// Its names.
    pub sans: Vec<String>,
    /// What it is for.
    pub purpose: Purpose,
    /// Days that were asked for.
    pub days: u32,
    /// Its first second.
    pub not_before: OffsetDateTime,
    /// Its last second.
    pub not_after: OffsetDateTime,
    /// SHA-256 of its DER, in hexadecimal.
    pub sha256: String,
    /// The certificate.
    pub der: Vec<u8>,
    /// Where its files are, if not in the store.
    pub folder: Option<PathBuf>,
    /// Whether its private key belongs among its files: it was made here. `false` where it came with a request, or went out
    /// with a batch; none where that is not known, for the certificate was issued before it was recorded.
    pub key_here: Option<bool>,
    /// The certificate that has taken its place.
    pub replaced_by: Option<Serial>,
    /// When it was revoked.
    pub revoked: Option<OffsetDateTime>,
    /// Why it was revoked.
    pub reason: Option<Reason>,
    /// Why it is not trusted though it is not revoked itself.
    pub distrust: Option<Distrust>,
}

impl IndexEntry {
    /// Whether it can be used at `now`.
    pub fn status(&self, now: OffsetDateTime) -> Status {
        match self.revoked {
            Some(_) => Status::Revoked,
            None if self.not_after < now => Status::Expired,
            None => Status::Valid,
        }
    }

    /// As JSON has it, with its status at `now`.
    pub fn at(&self, now: OffsetDateTime) -> EntryAt<'_> {
        EntryAt { entry: self, now }
    }
}

/// An entry with the time at which its status is told.
#[derive(Debug, Clone, Copy)]
pub struct EntryAt<'a> {
    entry: &'a IndexEntry,
    now: OffsetDateTime,
}

impl Serialize for EntryAt<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entry = self.entry;
        let mut fields = serializer.serialize_struct("IndexEntry", 15)?;
        fields.serialize_field("name", &entry.name)?;
        fields.serialize_field("serial", &entry.serial.to_string())?;
        fields.serialize_field("subject", &entry.subject)?;
        fields.serialize_field("sans", &entry.sans)?;
        fields.serialize_field("purpose", &entry.purpose)?;
        fields.serialize_field("status", entry.status(self.now).as_str())?;
        fields.serialize_field("not_before", &rfc3339(entry.not_before))?;
        fields.serialize_field("not_after", &rfc3339(entry.not_after))?;
        fields.serialize_field("issuer", &entry.issuer)?;
        fields.serialize_field("sha256", &entry.sha256)?;
        fields.serialize_field("folder", &entry.folder)?;
        fields.serialize_field("replaced_by", &entry.replaced_by.map(|serial| serial.to_string()))?;
        fields.serialize_field("revoked", &entry.revoked.map(rfc3339))?;
        fields.serialize_field("reason", &entry.reason.map(Reason::as_str))?;
        fields.serialize_field("trusted", &entry.distrust.is_none())?;
        fields.end()
    }
}

/// What is recorded of a certificate once it is signed.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) serial: Serial,
    pub(crate) subject: String,
    pub(crate) issuer: String,
    pub(crate) sha256: [u8; 32],
    pub(crate) der: Vec<u8>,
}

impl Record {
    pub(crate) fn of(signed: &Signed) -> Result<Record, facts::Malformed> {
        Record::from_der(signed.plan().serial(), signed.der())
    }

    pub(crate) fn from_der(serial: Serial, der: &[u8]) -> Result<Record, facts::Malformed> {
        let certificate = facts::Certificate::from_der(der)?;
        Ok(Record {
            serial,
            subject: certificate.subject.to_string(),
            issuer: certificate.issuer.to_string(),
            sha256: facts::sha256(der),
            der: der.to_vec(),
        })
    }
}
