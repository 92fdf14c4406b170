//! The certificates of the index beside their entries in the log, and beside themselves: what a column says of a certificate has
//! to be what the certificate says.

use rusqlite::{Connection, Row};
use time::OffsetDateTime;

use super::expected::{Expected, Logged, LoggedRevocation};
use crate::facts::{self, GeneralName};
use crate::shell::quote;
use crate::store::trouble::{Trouble, TroubleCode, Troubles};
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

/// Compares all of them, and gives how many there were.
///
/// # Errors
/// SQLite's.
pub(crate) fn compare(
    connection: &Connection,
    mut expected: Expected,
    troubles: &mut Troubles,
) -> rusqlite::Result<u64> {
    compare_authorities(connection, &mut expected, troubles)?;
    let mut query =
        connection.prepare(&format!("SELECT {COLUMNS} FROM certificate WHERE state = 'issued' ORDER BY id"))?;
    let mut count = 0;
    for row in query.query_map([], read)? {
        let row = row?;
        count += 1;
        let serial = facts::hex(&row.serial);
        let revocation = expected.revocations.remove(&serial);
        troubles.extend(row.revocation().beside(revocation));
        match expected.certificates.remove(&serial) {
            Some(logged) => row.beside(&logged, troubles),
            None => troubles.push(row.unlogged()),
        }
        row.beside_itself(troubles);
    }
    let mut lost: Vec<_> = expected.certificates.into_iter().map(|(serial, logged)| (logged.entry, serial)).collect();
    lost.extend(expected.revocations.into_iter().map(|(serial, logged)| (logged.entry, serial)));
    lost.sort_unstable();
    lost.iter().for_each(|(entry, serial)| troubles.push(missing(*entry, serial)));
    Ok(count)
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

    fn beside(&self, logged: &Logged, troubles: &mut Troubles) {
        let sha256 = facts::hex(&facts::sha256(&self.der));
        if sha256 != logged.sha256 {
            let message = format!("it is not the certificate of entry {} of the log", logged.entry);
            let next = format!(
                "see what a backup of the store says of it:\npki --store BACKUP {}",
                &self.command("show")[4..]
            );
            troubles.push(
                self.trouble(TroubleCode::CertificateDiffers, message).between(&logged.sha256, sha256).next(next),
            );
        }
        let successor = self.replaced_by.as_deref().map(facts::hex);
        if successor != logged.replaced_by {
            let message = "its successor is not the one of the log";
            let word = |serial: &Option<String>| serial.clone().unwrap_or_else(|| "none".to_owned());
            let trouble = self.trouble(TroubleCode::ColumnDiffers, message);
            troubles.push(trouble.between(word(&logged.replaced_by), word(&successor)).next(REPAIR));
        }
    }

    fn revocation(&self) -> Revocation<'_> {
        Revocation { place: self.place(), at: self.revoked, reason: self.reason.as_deref() }
    }

    /// The columns beside the certificate.
    fn beside_itself(&self, troubles: &mut Troubles) {
        let Ok(certificate) = facts::Certificate::from_der(&self.der) else {
            let next = format!(
                "see what a backup of the store says of it:\npki --store BACKUP {}",
                &self.command("show")[4..]
            );
            troubles.push(
                self.trouble(TroubleCode::CertificateDiffers, "the index holds no certificate for it").next(next),
            );
            return;
        };
        let text = |value: Option<i64>| value.map(|value| value.to_string());
        let pairs = [
            ("serial", certificate.serial_hex(), Some(facts::hex(&self.serial))),
            ("subject", certificate.subject.to_string(), self.subject.clone()),
            ("issuer", certificate.issuer.to_string(), self.issuer.clone()),
            ("sans", names(&certificate), Some(self.readable_names())),
            ("not_before", certificate.validity.not_before.unix_timestamp().to_string(), text(self.not_before)),
            ("not_after", certificate.validity.not_after.unix_timestamp().to_string(), text(self.not_after)),
            ("sha256", certificate.sha256_hex(), self.sha256.as_deref().map(facts::hex)),
        ];
        for (column, expected, found) in pairs {
            if found.as_deref() != Some(&expected) {
                let message = format!("the column {column} is not what the certificate says");
                let found = found.unwrap_or_else(|| "nothing".to_owned());
                troubles.push(self.trouble(TroubleCode::ColumnDiffers, message).between(expected, found).next(REPAIR));
            }
        }
    }

    /// The names of the index that [`names`] can tell of a certificate.
    fn readable_names(&self) -> String {
        self.sans.lines().filter(|name| !name.starts_with(crate::san::UPN)).collect::<Vec<_>>().join(" ")
    }
}

/// What mends it.
const REPAIR: &str = "pki check --repair";

/// The names of a certificate, as the index writes them: all but user principal names, whose octets are not read.
fn names(certificate: &facts::Certificate) -> String {
    let names = certificate.subject_alt_names().unwrap_or_default().iter().filter_map(|name| match name {
        GeneralName::Dns(text) | GeneralName::Email(text) | GeneralName::Uri(text) => Some(text.clone()),
        GeneralName::Ip(address) => Some(address.to_string()),
        _ => None,
    });
    names.collect::<Vec<_>>().join(" ")
}

/// What the index says of a certificate's revocation, a CA's too.
struct Revocation<'a> {
    place: String,
    at: Option<i64>,
    reason: Option<&'a str>,
}

impl Revocation<'_> {
    fn beside(&self, logged: Option<LoggedRevocation>) -> Option<Trouble> {
        let said = |at: i64, reason: &str| format!("revoked at {}, {reason}", time(at));
        let found = self.at.map(|at| said(at, self.reason.unwrap_or("without a reason")));
        let expected = logged.as_ref().map(|logged| said(logged.at, &logged.reason));
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

/// The CAs of the index beside those of the log.
fn compare_authorities(
    connection: &Connection,
    expected: &mut Expected,
    troubles: &mut Troubles,
) -> rusqlite::Result<()> {
    let query = "SELECT name, certificate, serial, revoked, reason FROM authority WHERE state != 'planned' ORDER BY id";
    let mut query = connection.prepare(query)?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let (name, der, serial): (String, Option<Vec<u8>>, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let reason: Option<String> = row.get(4)?;
        let place = format!("the CA {}", quote(&name));
        let revocation = Revocation { place: place.clone(), at: row.get(3)?, reason: reason.as_deref() };
        troubles.extend(revocation.beside(expected.revocations.remove(&facts::hex(&serial))));
        if !expected.authorities.remove(&facts::hex(&facts::sha256(&der.unwrap_or_default()))) {
            let message = "the log has no entry of its certificate: it was put into the index behind the store's back";
            let next = "compare it with the root that the clients have:\npki inspect ca/root.pem";
            troubles.push(Trouble::new(TroubleCode::AuthorityUnlogged, place, message).next(next));
        }
    }
    let mut lost: Vec<_> = expected.authorities.drain().collect();
    lost.sort_unstable();
    troubles.extend(lost.iter().map(|sha256| authority_missing(sha256)));
    Ok(())
}

fn authority_missing(sha256: &str) -> Trouble {
    let message = "the log has it, and the index has not: it was removed";
    let next = "see what a backup of the store says of it:\npki --store BACKUP log";
    Trouble::new(TroubleCode::AuthorityMissing, format!("the CA with the SHA-256 {sha256}"), message).next(next)
}
