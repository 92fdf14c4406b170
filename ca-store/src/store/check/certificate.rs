//! Whether a certificate is one of this store's.

use std::path::Path;

use rusqlite::OptionalExtension as _;
use serde::Serialize;

use super::unfinished::certificate_of;
use crate::error::Error;
use crate::facts::{self, SignatureCheck};
use crate::store::Store;
use crate::store::index::Index;

/// How a certificate stands with a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Issued by it, and in its log.
    Issued,
    /// A CA of its own.
    Authority,
    /// Signed by one of its CAs, with a serial number that it has reserved, and never recorded: a crash, or somebody with the
    /// key.
    Unrecorded,
    /// Signed by one of its CAs, and unknown to it: signed behind its back.
    BehindItsBack,
    /// In its index, and not in its log: put there behind its back.
    Unlogged,
    /// Not signed by any of its CAs.
    Foreign,
}

/// What is known of a certificate.
#[derive(Debug, Serialize)]
pub struct CertificateReport {
    /// How it stands.
    pub standing: Standing,
    /// Its serial number, in hexadecimal.
    pub serial: String,
    /// SHA-256 of its DER, in hexadecimal.
    pub sha256: String,
    /// Its subject.
    pub subject: String,
    /// The CA of this store that signed it.
    pub authority: Option<String>,
    /// The name that the store knows it by.
    pub name: Option<String>,
    /// The entry of the log that it came with.
    pub entry: Option<i64>,
    /// What this means.
    pub message: String,
}

impl Store {
    /// Whether the first certificate of a file is one of this store's.
    ///
    /// # Errors
    /// [`Error::InputMalformed`], [`Error::InputUnreadable`], or [`Error::Index`] and its kin.
    pub fn check_certificate(&self, file: &Path) -> Result<CertificateReport, Error> {
        std::fs::metadata(file).map_err(|source| Error::InputUnreadable {
            what: "the certificate",
            path: file.to_owned(),
            source,
        })?;
        let certificate = certificate_of(file).ok_or_else(|| Error::InputMalformed {
            path: file.to_owned(),
            expected: "certificate",
            found: "no block of it is one that reads".to_owned(),
        })?;
        let index = Index::open_for_reading(self.dir(), &self.on_wait)?;
        report(&index, &certificate)
    }
}

/// The row of a serial number: state, name, SHA-256 of what it holds.
type Row = (String, String, Option<Vec<u8>>);

fn report(index: &Index, certificate: &facts::Certificate) -> Result<CertificateReport, Error> {
    let authority = issuer(index, certificate)?;
    let row: Option<Row> = index.run(|connection| {
        let query = "SELECT state, name, certificate FROM certificate WHERE serial = ?1";
        connection.query_row(query, [&certificate.serial], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()
    })?;
    let entry = entry(index, certificate)?;
    let own = is_authority(index, certificate)?;
    let (standing, message) = stand(certificate, authority.is_some(), own, row.as_ref(), entry);
    Ok(CertificateReport {
        standing,
        serial: certificate.serial_hex(),
        sha256: certificate.sha256_hex(),
        subject: certificate.subject.to_string(),
        authority,
        name: row.map(|(_, name, _)| name),
        entry,
        message: message.to_owned(),
    })
}

fn stand(
    certificate: &facts::Certificate,
    signed: bool,
    own: bool,
    row: Option<&Row>,
    entry: Option<i64>,
) -> (Standing, &'static str) {
    let issued = row.filter(|(state, _, der)| state == "issued" && der.as_deref() == Some(certificate.der()));
    match (own, signed, issued, entry) {
        (true, ..) => (Standing::Authority, "it is a CA of this store"),
        (_, false, ..) => (Standing::Foreign, "no CA of this store has signed it"),
        (_, true, Some(_), Some(_)) => (Standing::Issued, "it was issued by this store and is in its log"),
        (_, true, Some(_), None) => (
            Standing::Unlogged,
            "it is in the index and has no entry in the log: it was put there behind the store's back",
        ),
        _ if row.is_some_and(|(state, ..)| state != "issued") => (
            Standing::Unrecorded,
            "a CA of this store has signed it, with a serial number that was reserved and never recorded: a command was cut \
             short, or somebody has used the key and the number",
        ),
        _ => (
            Standing::BehindItsBack,
            "a CA of this store has signed it, and the store has never heard of it: whoever did that has the CA's key",
        ),
    }
}

/// The entry of the log that has this certificate by its hash.
fn entry(index: &Index, certificate: &facts::Certificate) -> Result<Option<i64>, Error> {
    index.run(|connection| {
        let query = "SELECT id FROM log WHERE json_valid(detail) AND detail ->> 'sha256' = ?1 ORDER BY id LIMIT 1";
        connection.query_row(query, [certificate.sha256_hex()], |row| row.get(0)).optional()
    })
}

fn is_authority(index: &Index, certificate: &facts::Certificate) -> Result<bool, Error> {
    index.run(|connection| {
        let query = "SELECT EXISTS (SELECT 1 FROM authority WHERE certificate = ?1) \
                     OR EXISTS (SELECT 1 FROM recertified WHERE certificate = ?1)";
        connection.query_row(query, [certificate.der()], |row| row.get(0))
    })
}

/// The CA of this store whose key has signed a certificate.
///
/// # Errors
/// [`Error::Index`].
pub(super) fn issuer(index: &Index, certificate: &facts::Certificate) -> Result<Option<String>, Error> {
    let cas: Vec<(String, Vec<u8>)> = index.run(|connection| {
        let query = "SELECT name, certificate FROM authority WHERE certificate IS NOT NULL ORDER BY id DESC";
        connection.prepare(query)?.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
    })?;
    let signed = |der: &[u8]| {
        let ca = facts::Certificate::from_der(der).ok();
        ca.is_some_and(|ca| certificate.verified_by(&ca.public_key) == SignatureCheck::Good)
    };
    Ok(cas.into_iter().find(|(_, der)| signed(der)).map(|(name, _)| name))
}
