//! The certificates of the index beside their entries in the log, and beside themselves: what a column says of a certificate has
//! to be what the certificate says.

use rusqlite::{Connection, Row};
use time::OffsetDateTime;

use super::authorities::{self, Owns};
use super::chain::unread;
use super::expected::{Expected, Logged, LoggedRevocation};
use super::placed::{self, Placed};
use crate::facts::{self, GeneralName};
use crate::name::fold;
use crate::store::log::restore::Restorable;
use crate::store::log::{gaps, traces};
use crate::store::trouble::{MAX_TROUBLES, Trouble, TroubleCode, Troubles};
use crate::validity::rfc3339;

/// An issued certificate, as it is compared.
struct Compared {
    serial: Vec<u8>,
    name: String,
    folded: String,
    purpose: String,
    authority: i64,
    partition: i64,
    common_name: Option<String>,
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
    crl_before: Option<i64>,
}

/// The columns of [`Compared`], in the order of [`read`].
const COLUMNS: &str = "serial, name, subject, issuer, sans, not_before, not_after, sha256, certificate, replaced_by, revoked, reason, folded, \
     purpose, authority, partition, crl_before, common_name";

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
        folded: row.get(12)?,
        purpose: row.get(13)?,
        authority: row.get(14)?,
        partition: row.get(15)?,
        crl_before: row.get(16)?,
        common_name: row.get(17)?,
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
    let owns = Owns::read(connection)?;
    let compared = traces::compare(connection, &expected, &mut comparison);
    comparison.unless_unread(compared)?;
    let compared = authorities::compare(connection, &owns, &mut expected, &mut comparison);
    comparison.unless_unread(compared)?;
    compare_certificates(connection, &owns, &mut expected, &mut comparison)?;
    let compared = compare_numbers(connection, &owns, &mut expected, &mut comparison);
    comparison.unless_unread(compared)?;
    let mut lost: Vec<_> = expected.certificates.into_iter().map(|(serial, logged)| (logged.entry, serial)).collect();
    lost.extend(expected.revocations.into_iter().map(|(serial, logged)| (logged.entry, serial)));
    lost.sort_unstable();
    let serials = lost.iter().map(|(_, serial)| serial.as_str()).collect();
    gaps::compare(connection, &serials, &mut comparison.troubles)?;
    comparison.troubles.extend(lost.iter().map(|(entry, serial)| missing(*entry, serial)));
    Ok(comparison)
}

fn compare_certificates(
    connection: &Connection,
    owns: &Owns,
    expected: &mut Expected,
    comparison: &mut Comparison,
) -> rusqlite::Result<()> {
    let query = format!("SELECT {COLUMNS} FROM certificate WHERE state = 'issued' ORDER BY id");
    let mut query = connection.prepare(&query)?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        match read(row) {
            Ok(row) => comparison.row(&row, owns, expected),
            Err(fault) => comparison.unread_row(&row.get::<_, Vec<u8>>(0).unwrap_or_default(), &fault, expected),
        }
    }
    Ok(())
}

impl Comparison {
    /// A certificate's row with a field of another type.
    fn unread_row(&mut self, serial: &[u8], fault: &rusqlite::Error, expected: &mut Expected) {
        let serial = facts::hex(serial);
        expected.certificates.remove(&serial);
        expected.revocations.remove(&serial);
        let trouble = Trouble::new(TroubleCode::ColumnDiffers, format!("the certificate {serial}"), unread(fault));
        let next = format!("see what a backup of the store says of it:\npki --store BACKUP show {serial}");
        self.troubles.push(trouble.next(next));
    }

    /// A field of another type ends what was being compared, and is told.
    fn unless_unread(&mut self, compared: rusqlite::Result<()>) -> rusqlite::Result<()> {
        let Err(fault @ rusqlite::Error::InvalidColumnType(..)) = compared else { return compared };
        let next =
            "somebody has changed the index; see what a backup of the store says of it:\npki --store BACKUP check";
        self.troubles.push(Trouble::new(TroubleCode::IndexDamaged, "index.sqlite", unread(&fault)).next(next));
        Ok(())
    }

    fn row(&mut self, row: &Compared, owns: &Owns, expected: &mut Expected) {
        self.certificates += 1;
        let serial = facts::hex(&row.serial);
        self.revocation(&row.serial, &row.revocation(owns), expected);
        let logged = expected.certificates.remove(&serial);
        let Ok(certificate) = facts::Certificate::from_der(&row.der) else {
            self.troubles.extend(logged.is_none().then(|| row.unlogged()));
            self.troubles.push(row.lost());
            return;
        };
        let placed = placed::due(&certificate, (row.authority, row.partition), owns, expected);
        let beside_itself = row.beside_itself(&certificate, placed);
        let Some(logged) = logged else {
            self.troubles.push(row.unlogged());
            self.troubles.extend(beside_itself);
            return;
        };
        let columns: Vec<Trouble> = row.beside_entry(&logged).into_iter().chain(beside_itself).collect();
        match row.certificate(&logged) {
            Some(trouble) => self.troubles.push(trouble),
            None if !columns.is_empty() => self.put_back(Restorable::Columns {
                serial: row.serial.clone(),
                der: row.der.clone(),
                name: logged.name.as_deref().unwrap_or(&row.name).to_owned(),
                replaced_by: logged.replaced_by.clone(),
                placed,
            }),
            None => {}
        }
        self.troubles.extend(columns);
    }

    pub(super) fn revocation(&mut self, serial: &[u8], found: &Revocation<'_>, expected: &mut Expected) {
        let logged = expected.revocations.remove(&facts::hex(serial));
        let found = found.beside(logged.as_ref()).or_else(|| found.beside_lists(logged.as_ref()?, expected));
        let Some(trouble) = found else { return };
        self.troubles.push(trouble);
        if let Some(LoggedRevocation { at, reason, .. }) = logged {
            self.put_back(Restorable::Revocation { serial: serial.to_vec(), at, reason });
        }
    }

    /// As many as troubles are told: what is mended is told.
    pub(super) fn put_back(&mut self, row: Restorable) {
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

    fn lost(&self) -> Trouble {
        let message = "the index holds no certificate for it";
        self.trouble(TroubleCode::CertificateDiffers, message).next(self.in_backup())
    }

    fn in_backup(&self) -> String {
        format!("see what a backup of the store says of it:\npki --store BACKUP show {}", facts::hex(&self.serial))
    }

    /// The columns beside its entry.
    fn beside_entry(&self, logged: &Logged) -> Vec<Trouble> {
        let name = logged.name.as_deref().unwrap_or(&self.name);
        let pairs = [("name", name.to_owned(), &self.name), ("folded", fold(name), &self.folded)];
        let differ = pairs.into_iter().filter(|(_, expected, found)| expected != *found);
        let names = differ.map(|(column, expected, found)| {
            let message = format!("the column {column} is not what entry {} of the log says", logged.entry);
            self.trouble(TroubleCode::ColumnDiffers, message).between(expected, found).next(REPAIR)
        });
        names.chain(self.successor(logged)).collect()
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

    fn revocation<'a>(&'a self, owns: &'a Owns) -> Revocation<'a> {
        Revocation {
            place: self.place(),
            at: self.revoked,
            reason: self.reason.as_deref(),
            crl_before: self.crl_before,
            ca: owns.name_of(self.authority),
        }
    }

    /// The columns beside the certificate.
    fn beside_itself(&self, certificate: &facts::Certificate, placed: Placed) -> Vec<Trouble> {
        let text = |value: Option<i64>| value.map(|value| value.to_string());
        let common_name = certificate.subject.common_name().unwrap_or_default().to_owned();
        let pairs = [
            ("serial", certificate.serial_hex(), Some(facts::hex(&self.serial))),
            ("subject", certificate.subject.to_string(), self.subject.clone()),
            ("issuer", certificate.issuer.to_string(), self.issuer.clone()),
            ("common_name", common_name, Some(self.common_name.clone().unwrap_or_default())),
            ("sans", names(certificate).join(" "), Some(self.readable_names())),
            ("not_before", certificate.validity.not_before.unix_timestamp().to_string(), text(self.not_before)),
            ("not_after", certificate.validity.not_after.unix_timestamp().to_string(), text(self.not_after)),
            ("sha256", certificate.sha256_hex(), self.sha256.as_deref().map(facts::hex)),
            ("purpose", placed.purpose.as_str().to_owned(), Some(self.purpose.clone())),
            ("authority", placed.authority.to_string(), Some(self.authority.to_string())),
            ("partition", placed.partition.to_string(), Some(self.partition.to_string())),
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
pub(super) const REPAIR: &str = "pki check --repair";

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
pub(super) struct Revocation<'a> {
    pub(super) place: String,
    pub(super) at: Option<i64>,
    pub(super) reason: Option<&'a str>,
    /// The number that the lists of its issuer had reached, as the index says.
    pub(super) crl_before: Option<i64>,
    /// Its issuer.
    pub(super) ca: Option<&'a str>,
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

    /// One that is put before a list which it came after is in no delta to that list, and sooner in no list at all. One that
    /// is put behind a later list is in more of them than it has to be: a repair does that too.
    fn beside_lists(&self, logged: &LoggedRevocation, expected: &Expected) -> Option<Trouble> {
        let reached = expected.reached_before(self.ca?, logged.entry);
        // Nothing is there where the revocation is older than the column: it came before every list that the log knows.
        if self.crl_before.unwrap_or_default() >= reached {
            return None;
        }
        let message =
            format!("the column crl_before is earlier than the list that entry {} of the log follows", logged.entry);
        let found = self.crl_before.map_or_else(|| "nothing".to_owned(), |before| before.to_string());
        let trouble = Trouble::new(TroubleCode::ColumnDiffers, self.place.clone(), message);
        Some(trouble.between(format!("{reached} or more"), found).next(REPAIR))
    }
}

fn time(seconds: i64) -> String {
    OffsetDateTime::from_unix_timestamp(seconds).map_or_else(|_| seconds.to_string(), rfc3339)
}

/// A number that was revoked though no certificate of it was recorded.
struct Number {
    serial: Vec<u8>,
    revoked: Option<i64>,
    reason: Option<String>,
    state: String,
    authority: i64,
    partition: i64,
    not_after: Option<i64>,
    crl_before: Option<i64>,
}

/// Compares those numbers.
fn compare_numbers(
    connection: &Connection,
    owns: &Owns,
    expected: &mut Expected,
    comparison: &mut Comparison,
) -> rusqlite::Result<()> {
    let query = "SELECT serial, revoked, reason, state, authority, partition, not_after, crl_before FROM certificate \
                 WHERE state != 'issued' AND (revoked IS NOT NULL OR not_after IS NOT NULL) ORDER BY id";
    let mut query = connection.prepare(query)?;
    let rows = query.query_map([], |row| {
        let (serial, revoked, reason, state) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        let (authority, partition, not_after, crl_before) = (row.get(4)?, row.get(5)?, row.get(6)?, row.get(7)?);
        Ok(Number { serial, revoked, reason, state, authority, partition, not_after, crl_before })
    })?;
    for row in rows {
        let row = row?;
        let revocation = Revocation {
            place: row.place(),
            at: row.revoked,
            reason: row.reason.as_deref(),
            crl_before: row.crl_before,
            ca: owns.name_of(row.authority),
        };
        comparison.revocation(&row.serial, &revocation, expected);
        row.beside_its_ca(owns, expected, comparison);
    }
    Ok(())
}

impl Number {
    fn place(&self) -> String {
        format!("the serial number {}", facts::hex(&self.serial))
    }

    /// One that was revoked before its CA was taken over is on that CA's list as long as that lives.
    fn beside_its_ca(&self, owns: &Owns, expected: &Expected, comparison: &mut Comparison) {
        if self.state != "withdrawn" || expected.withdrawn.contains(&facts::hex(&self.serial)) {
            return;
        }
        let Some(own) = expected.imported.as_ref().and_then(|imported| owns.with_sha256(&imported.sha256)) else {
            return;
        };
        let not_after = own.last;
        let pairs = [
            ("authority", own.id, Some(self.authority)),
            ("partition", 0, Some(self.partition)),
            ("not_after", not_after, self.not_after),
        ];
        let differ = pairs.into_iter().filter(|(_, expected, found)| *found != Some(*expected));
        let word = |found: Option<i64>| found.map_or_else(|| "nothing".to_owned(), |found| found.to_string());
        let troubles = differ.map(|(column, expected, found)| {
            let message = format!("the column {column} is not that of the CA whose last list named it");
            let trouble = Trouble::new(TroubleCode::ColumnDiffers, self.place(), message);
            trouble.between(expected.to_string(), word(found)).next(REPAIR)
        });
        let troubles: Vec<Trouble> = troubles.collect();
        if !troubles.is_empty() {
            comparison.troubles.extend(troubles);
            let serial = self.serial.clone();
            comparison.put_back(Restorable::Before { serial, authority: own.id, not_after });
        }
    }
}
