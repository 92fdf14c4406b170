//! What the index lost or was told wrong, put back as a whole log and the certificates themselves have it.

use rusqlite::{Connection, params};

use super::rows::names_as_kept;
use super::{Kind, Operation, Signer};
use crate::error::Error;
use crate::facts;
use crate::serial::Serial;
use crate::store::index::Index;

/// A row that can be put back.
#[derive(Debug, Clone)]
pub(crate) enum Restorable {
    /// The columns of a certificate, taken from itself, and its successor, from the log.
    Columns { serial: Vec<u8>, der: Vec<u8>, replaced_by: Option<String> },
    /// A revocation of a certificate, perhaps a CA's: when, and why.
    Revocation { serial: Vec<u8>, at: i64, reason: String },
}

impl Restorable {
    fn operation(&self) -> Operation {
        let (Restorable::Columns { serial, .. } | Restorable::Revocation { serial, .. }) = self;
        let what = if matches!(self, Restorable::Columns { .. }) { "columns" } else { "revocation" };
        Operation::new(Kind::Repair).with("what", what).with("serial", facts::hex(serial))
    }

    fn put_back(&self, change: &Connection) -> rusqlite::Result<()> {
        match self {
            Restorable::Columns { serial, der, replaced_by } => {
                let Ok(certificate) = facts::Certificate::from_der(der) else { return Ok(()) };
                put_back_columns(change, serial, &certificate, replaced_by.as_deref())
            }
            Restorable::Revocation { serial, at, reason } => {
                for table in ["certificate", "authority"] {
                    let issuer = if table == "certificate" { "certificate.authority" } else { "authority.issuer" };
                    let update = format!(
                        "UPDATE {table} SET revoked = ?2, reason = ?3, crl_before = \
                         (SELECT above.crl_number FROM authority above WHERE above.id = {issuer}) WHERE serial = ?1"
                    );
                    change.execute(&update, params![serial, at, reason])?;
                }
                Ok(())
            }
        }
    }
}

fn put_back_columns(
    change: &Connection,
    serial: &[u8],
    certificate: &facts::Certificate,
    replaced_by: Option<&str>,
) -> rusqlite::Result<()> {
    let sans: Option<String> =
        change.query_row("SELECT sans FROM certificate WHERE serial = ?1", [serial], |row| row.get(0))?;
    let update = "UPDATE certificate SET subject = ?2, issuer = ?3, sans = ?4, not_before = ?5, not_after = ?6, sha256 = ?7, \
                  replaced_by = ?8 WHERE serial = ?1";
    change.execute(
        update,
        params![
            serial,
            certificate.subject.to_string(),
            certificate.issuer.to_string(),
            names_as_kept(certificate, sans.as_deref().unwrap_or_default()),
            certificate.validity.not_before.unix_timestamp(),
            certificate.validity.not_after.unix_timestamp(),
            facts::sha256(certificate.der()),
            replaced_by.and_then(Serial::from_hex).map(|serial| *serial.octets()),
        ],
    )?;
    Ok(())
}

/// Puts these rows back, in one transaction, each with an entry in the log.
///
/// # Errors
/// [`Error::Index`] or [`Error::Crypto`].
pub(crate) fn restore(index: &Index, rows: &[Restorable], signer: Option<&Signer<'_>>) -> Result<(), Error> {
    let operations: Vec<Operation> = rows.iter().map(Restorable::operation).collect();
    index.change(&operations, signer, |change| rows.iter().try_for_each(|row| row.put_back(change)))
}
