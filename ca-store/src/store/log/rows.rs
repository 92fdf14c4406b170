//! The certificates of the index beside their entries in the log, and beside themselves: what a column says of a certificate has
//! to be what the certificate says.

use rusqlite::{Connection, Row};
use time::OffsetDateTime;

use super::expected::{Expected, Logged, LoggedRevocation};
use crate::facts::{self, GeneralName};
use crate::shell::quote;
use crate::store::log::restore::Restorable;
use crate::store::log::traces;
use crate::store::trouble::{MAX_TROUBLES, Trouble, TroubleCode, Troubles};
use crate::validity::rfc3339;

/// An issued certificate, as it is compared.
struct Compared {
    serial: Vec<u8>,
    name: String,
    subject: Option<String>,
    issuer: Option<String>,
    sans: String,
    not_before: Option<i64>,
    not_after: Option<i64>,
    sha256: Option<Vec<u8>>,
    der: Vec<u8>,
    replaced_by: Option<Vec<u8>>,
    revoked: Option<i64>,
    reason: Option<String>,
}

/// The columns of [`Compared`], in the order of [`read`].
const COLUMNS: &str =
    "serial, name, subject, issuer, sans, not_before, not_after, sha256, certificate, replaced_by, revoked, reason";

fn read(row: &Row<'_>) -> rusqlite::Result<Compared> {
    Ok(Compared {
        serial: row.get(0)?,
        name: row.get(1)?,
        subject: row.get(2)?,
        issuer: row.get(3)?,
        sans: row.get::<_, Option<String>>(4)?.unwrap_or_default(),
        not_before: row.get(5)?,
        not_after: row.get(6)?,
        sha256: row.get(7)?,
        der: row.get::<_, Option<Vec<u8>>>(8)?.unwrap_or_default(),
        replaced_by: row.get(9)?,
        revoked: row.get(10)?,
        reason: row.get(11)?,
    })
}

/// What came of comparing.
pub(crate) struct Comparison {
    /// How many certificates there are.
    pub(crate) certificates: u64,
    /// What is wrong.
    pub(crate) troubles: Troubles,
    /// Rows that can be put back.
    pub(crate) restorable: Vec<Restorable>,
}

/// Compares all of them; `troubles` is what was found before.
///
/// # Errors
/// SQLite's.
pub(crate) fn compare(
    connection: &Connection,
    mut expected: Expected,
    troubles: Troubles,
) -> rusqlite::Result<Comparison> {
    let mut comparison = Comparison { certificates: 0, troubles, restorable: Vec::new() };
    traces::compare(connection, &expected, &mut comparison.troubles)?;
    compare_authorities(connection, &mut expected, &mut comparison)?;
    let query = format!("SELECT {COLUMNS} FROM certificate WHERE state = 'issued' ORDER BY id");
    let mut query = connection.prepare(&query)?;
    for row in query.query_map([], read)? {
        comparison.row(&row?, &mut expected);
    }
    compare_plans(connection, &mut expected, &mut comparison)?;
    let mut lost: Vec<_> = expected.certificates.into_iter().map(|(serial, logged)| (logged.entry, serial)).collect();
    lost.extend(expected.revocations.into_iter().map(|(serial, logged)| (logged.entry, serial)));
    lost.sort_unstable();
    comparison.troubles.extend(lost.iter().map(|(entry, serial)| missing(*entry, serial)));
    Ok(comparison)
}

impl Comparison {
    fn row(&mut self, row: &Compared, expected: &mut Expected) {
        self.certificates += 1;
        let serial = facts::hex(&row.serial);
        self.revocation(&row.serial, &row.revocation(), expected);
        let Some(logged) = expected.certificates.remove(&serial) else {
            self.troubles.push(row.unlogged());
            self.troubles.extend(row.beside_itself());
            return;
        };
        let columns: Vec<Trouble> = row.successor(&logged).into_iter().chain(row.beside_itself()).collect();
        match row.certificate(&logged) {
            Some(trouble) => self.troubles.push(trouble),
            None if !columns.is_empty() => self.put_back(Restorable::Columns {
                serial: row.serial.clone(),
                der: row.der.clone(),
                replaced_by: logged.replaced_by.clone(),
            }),
            None => {}
        }
        self.troubles.extend(columns);
    }

    fn revocation(&mut self, serial: &[u8], found: &Revocation<'_>, expected: &mut Expected) {
        let logged = expected.revocations.remove(&facts::hex(serial));
        let Some(trouble) = found.beside(logged.as_ref()) else { return };
        self.troubles.push(trouble);
        if let Some(LoggedRevocation { at, reason, .. }) = logged {
            self.put_back(Restorable::Revocation { serial: serial.to_vec(), at, reason });
        }
    }

    /// As many as troubles are told: what is mended is told.
    fn put_back(&mut self, row: Restorable) {
        if self.restorable.len() < MAX_TROUBLES {
            self.restorable.push(row);
        }
    }
}

fn missing(entry: i64, serial: &str) -> Trouble {
    let message = format!("entry {entry} of the log has it, and the index has not: it was removed");
    Trouble::new(TroubleCode::CertificateMissing, format!("the certificate {serial}"), message)
        .next(format!("see what a backup of the store says of it:\npki --store BACKUP show {serial}"))
}

impl Compared {
    fn place(&self) -> String {
        format!("the certificate {} of {:?}", facts::hex(&self.serial), self.name)
    }

    fn trouble(&self, code: TroubleCode, message: impl Into<String>) -> Trouble {
        Trouble::new(code, self.place(), message)
    }

    /// The command that shows it, or does something else to it.
    fn command(&self, what: &str) -> String {
        format!("pki {what} {}", facts::hex(&self.serial))
    }

    fn unlogged(&self) -> Trouble {
        let message = "the log has no entry of it: it was put into the index behind the store's back";
        let next = format!("see what it is; if nobody knows of it, revoke it:\n{}", self.command("show"));
        self.trouble(TroubleCode::CertificateUnlogged, message).next(format!("{next}\n{}", self.command("revoke")))
    }

    /// Whether it is the certificate that the log has.
    fn certificate(&self, logged: &Logged) -> Option<Trouble> {
        let sha256 = facts::hex(&facts::sha256(&self.der));
        if sha256 == logged.sha256 {
            return None;
        }
        let message = format!("it is not the certificate of entry {} of the log", logged.entry);
        let trouble = self.trouble(TroubleCode::CertificateDiffers, message).between(&logged.sha256, sha256);
        Some(trouble.next(self.in_backup()))
    }

    fn in_backup(&self) -> String {
        format!("see what a backup of the store says of it:\npki --store BACKUP show {}", facts::hex(&self.serial))
    }

    fn successor(&self, logged: &Logged) -> Option<Trouble> {
        let successor = self.replaced_by.as_deref().map(facts::hex);
        if successor == logged.replaced_by {
            return None;
        }
        let word = |serial: Option<&String>| serial.cloned().unwrap_or_else(|| "none".to_owned());
        let trouble = self.trouble(TroubleCode::ColumnDiffers, "its successor is not the one of the log");
        Some(trouble.between(word(logged.replaced_by.as_ref()), word(successor.as_ref())).next(REPAIR))
    }

    fn revocation(&self) -> Revocation<'_> {
        Revocation { place: self.place(), at: self.revoked, reason: self.reason.as_deref() }
    }

    /// The columns beside the certificate.
    fn beside_itself(&self) -> Vec<Trouble> {
        let Ok(certificate) = facts::Certificate::from_der(&self.der) else {
            let message = "the index holds no certificate for it";
            return vec![self.trouble(TroubleCode::CertificateDiffers, message).next(self.in_backup())];
        };
        let text = |value: Option<i64>| value.map(|value| value.to_string());
        let pairs = [
            ("serial", certificate.serial_hex(), Some(facts::hex(&self.serial))),
            ("subject", certificate.subject.to_string(), self.subject.clone()),
            ("issuer", certificate.issuer.to_string(), self.issuer.clone()),
            ("sans", names(&certificate).join(" "), Some(self.readable_names())),
            ("not_before", certificate.validity.not_before.unix_timestamp().to_string(), text(self.not_before)),
            ("not_after", certificate.validity.not_after.unix_timestamp().to_string(), text(self.not_after)),
            ("sha256", certificate.sha256_hex(), self.sha256.as_deref().map(facts::hex)),
        ];
        let differ = pairs.into_iter().filter(|(_, expected, found)| found.as_deref() != Some(expected));
        differ.map(|(column, expected, found)| self.column(column, expected, found)).collect()
    }

    fn column(&self, column: &str, expected: String, found: Option<String>) -> Trouble {
        let message = format!("the column {column} is not what the certificate says");
        let trouble = self.trouble(TroubleCode::ColumnDiffers, message);
        trouble.between(expected, found.unwrap_or_else(|| "nothing".to_owned())).next(REPAIR)
    }

    /// The names of the index that [`names`] can tell of a certificate.
    fn readable_names(&self) -> String {
        self.sans.lines().filter(|name| !name.starts_with(crate::san::UPN)).collect::<Vec<_>>().join(" ")
    }
}

/// What mends it.
const REPAIR: &str = "pki check --repair";

/// The names of a certificate, as the index writes them: all but user principal names, whose octets are not read.
fn names(certificate: &facts::Certificate) -> Vec<String> {
    let names = certificate.subject_alt_names().unwrap_or_default().iter().filter_map(|name| match name {
        GeneralName::Dns(text) | GeneralName::Email(text) | GeneralName::Uri(text) => Some(text.clone()),
        GeneralName::Ip(address) => Some(address.to_string()),
        _ => None,
    });
    names.collect()
}

/// The column of names as it has to be: those of the certificate, and of the column the user principal names.
pub(crate) fn names_as_kept(certificate: &facts::Certificate, column: &str) -> String {
    let unread = column.lines().filter(|name| name.starts_with(crate::san::UPN)).map(str::to_owned);
    names(certificate).into_iter().chain(unread).collect::<Vec<_>>().join("\n")
}

/// What the index says of a certificate's revocation, a CA's too.
struct Revocation<'a> {
    place: String,
    at: Option<i64>,
    reason: Option<&'a str>,
}

impl Revocation<'_> {
    fn beside(&self, logged: Option<&LoggedRevocation>) -> Option<Trouble> {
        let said = |at: i64, reason: &str| format!("revoked at {}, {reason}", time(at));
        let found = self.at.map(|at| said(at, self.reason.unwrap_or("without a reason")));
        let expected = logged.map(|logged| said(logged.at, &logged.reason));
        if found == expected {
            return None;
        }
        let word = |said: Option<String>| said.unwrap_or_else(|| "not revoked".to_owned());
        let (code, message, next) = match logged {
            Some(logged) => {
                let message = format!("entry {} of the log revoked it, and the index says otherwise", logged.entry);
                (TroubleCode::RevocationTakenBack, message, REPAIR.to_owned())
            }
            None => {
                let message = "the index calls it revoked, and no entry of the log says so".to_owned();
                let next = "somebody has changed the index; see what a backup of the store says of it:\npki --store BACKUP list";
                (TroubleCode::RevocationUnlogged, message, next.to_owned())
            }
        };
        Some(Trouble::new(code, self.place.clone(), message).between(word(expected), word(found)).next(next))
    }
}

fn time(seconds: i64) -> String {
    OffsetDateTime::from_unix_timestamp(seconds).map_or_else(|_| seconds.to_string(), rfc3339)
}

/// Numbers that were revoked though no certificate of them was recorded.
fn compare_plans(
    connection: &Connection,
    expected: &mut Expected,
    comparison: &mut Comparison,
) -> rusqlite::Result<()> {
    let query = "SELECT serial, revoked, reason FROM certificate WHERE state != 'issued' \
                 AND (revoked IS NOT NULL OR not_after IS NOT NULL) ORDER BY id";
    let mut query = connection.prepare(query)?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let (serial, at, reason): (Vec<u8>, Option<i64>, Option<String>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let place = format!("the serial number {}", facts::hex(&serial));
        comparison.revocation(&serial, &Revocation { place, at, reason: reason.as_deref() }, expected);
    }
    Ok(())
}

/// The CAs of the index beside those of the log.
fn compare_authorities(
    connection: &Connection,
    expected: &mut Expected,
    comparison: &mut Comparison,
) -> rusqlite::Result<()> {
    let query = "SELECT name, certificate, serial, revoked, reason FROM authority WHERE state != 'planned' AND certificate IS NOT NULL ORDER BY id";
    let mut query = connection.prepare(query)?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let (name, der, serial): (String, Option<Vec<u8>>, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let reason: Option<String> = row.get(4)?;
        let place = format!("the CA {}", quote(&name));
        let revocation = Revocation { place: place.clone(), at: row.get(3)?, reason: reason.as_deref() };
        comparison.revocation(&serial, &revocation, expected);
        if !expected.authorities.remove(&facts::hex(&facts::sha256(&der.unwrap_or_default()))) {
            let message = "the log has no entry of its certificate: it was put into the index behind the store's back";
            let next = "compare it with the root that the clients have:\npki inspect ca/root.pem";
            comparison.troubles.push(Trouble::new(TroubleCode::AuthorityUnlogged, place, message).next(next));
        }
    }
    let mut lost: Vec<_> = expected.authorities.drain().collect();
    lost.sort_unstable();
    comparison.troubles.extend(lost.iter().map(|sha256| authority_missing(sha256)));
    Ok(())
}

fn authority_missing(sha256: &str) -> Trouble {
    let message = "the log has it, and the index has not: it was removed";
    let next = "see what a backup of the store says of it:\npki --store BACKUP log";
    Trouble::new(TroubleCode::AuthorityMissing, format!("the CA with the SHA-256 {sha256}"), message).next(next)
}
