//! What the index lost or was told wrong, put back as a whole log and the certificates themselves have it.

use rusqlite::{Connection, params};

use super::expected::LoggedList;
use super::placed::Placed;
use super::rows::names_as_kept;
use super::{Kind, Operation, Signer};
use crate::error::Error;
use crate::facts;
use crate::name::fold;
use crate::serial::Serial;
use crate::store::authorities::Role;
use crate::store::index::Index;

/// A row that can be put back.
#[derive(Debug, Clone)]
pub(crate) enum Restorable {
    /// The columns of a certificate, taken from itself, and its name and successor, from the log.
    Columns { serial: Vec<u8>, der: Vec<u8>, name: String, replaced_by: Option<String>, placed: Placed },
    /// A revocation of a certificate, perhaps a CA's: when, and why.
    Revocation { serial: Vec<u8>, at: i64, reason: String },
    /// Whose list names a number that was revoked before its CA was taken over, and until when.
    Before { serial: Vec<u8>, authority: i64, not_after: i64 },
    /// A list, whose end the log does not have: it counts as ended.
    List { authority: i64, number: i64, list: LoggedList },
    /// The columns of a CA.
    Authority(Box<AuthorityColumns>),
}

/// The columns of a CA as they have to be.
#[derive(Debug, Clone)]
pub(crate) struct AuthorityColumns {
    pub(crate) id: i64,
    pub(crate) role: Role,
    pub(crate) state: String,
    pub(crate) name: String,
    pub(crate) serial: Vec<u8>,
    pub(crate) not_after: i64,
    pub(crate) key_id: Vec<u8>,
    pub(crate) issuer: Option<i64>,
    pub(crate) crl_number: i64,
}

impl AuthorityColumns {
    fn put_back(&self, change: &Connection) -> rusqlite::Result<()> {
        // As with certificates: what another list should have named is a change for the next delta.
        let update = "UPDATE authority SET role = ?2, state = ?3, name = ?4, serial = ?5, not_after = ?6, key_id = ?7, \
                      issuer = ?8, crl_number = ?9, crl_before = CASE WHEN crl_before IS NOT NULL AND issuer IS NOT ?8 \
                      THEN (SELECT above.crl_number FROM authority above WHERE above.id = ?8) ELSE crl_before END \
                      WHERE id = ?1";
        change.execute(
            update,
            params![
                self.id,
                self.role.as_str(),
                self.state,
                self.name,
                self.serial,
                self.not_after,
                self.key_id,
                self.issuer,
                self.crl_number
            ],
        )?;
        Ok(())
    }
}

impl Restorable {
    fn operation(&self) -> Operation {
        let of = |what: &str, serial: &[u8]| {
            Operation::new(Kind::Repair).with("what", what).with("serial", facts::hex(serial))
        };
        match self {
            Restorable::Columns { serial, .. } => of("columns", serial),
            Restorable::Revocation { serial, .. } => of("revocation", serial),
            Restorable::Before { serial, .. } => of("revoked before", serial),
            Restorable::Authority(columns) => of("authority", &columns.serial),
            Restorable::List { authority, number, .. } => {
                let operation = Operation::new(Kind::Repair).with("what", "list");
                operation.with("authority", *authority).with("number", *number)
            }
        }
    }

    /// Takes its name from a certificate for a moment: of two that were exchanged neither can have its own back while the
    /// other has it. No certificate's name has a line feed in it.
    fn lay_down_name(&self, change: &Connection) -> rusqlite::Result<()> {
        if let Restorable::Columns { serial, .. } = self {
            let update = "UPDATE certificate SET folded = char(10) || hex(serial) WHERE serial = ?1";
            change.execute(update, [serial])?;
        }
        Ok(())
    }

    fn put_back(&self, change: &Connection) -> rusqlite::Result<()> {
        match self {
            Restorable::Columns { serial, der, name, replaced_by, placed } => {
                let Ok(certificate) = facts::Certificate::from_der(der) else { return Ok(()) };
                put_back_columns(change, serial, &certificate, replaced_by.as_deref())?;
                put_back_place(change, serial, name, *placed)
            }
            Restorable::Before { serial, authority, not_after } => {
                let update = "UPDATE certificate SET authority = ?2, not_after = ?3, partition = 0, \
                              crl_before = (SELECT crl_number FROM authority WHERE id = ?2) WHERE serial = ?1";
                change.execute(update, params![serial, authority, not_after])?;
                Ok(())
            }
            Restorable::Authority(columns) => columns.put_back(change),
            Restorable::List { authority, number, list } => put_back_list(change, (*authority, *number), list),
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
                  replaced_by = ?8, common_name = ?9 WHERE serial = ?1";
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
            certificate.subject.common_name(),
        ],
    )?;
    Ok(())
}

fn put_back_place(change: &Connection, serial: &[u8], name: &str, placed: Placed) -> rusqlite::Result<()> {
    // The lists of its CA have not named it meanwhile: what is put back there is a change for the next delta.
    // One that is not among these rows may have the name still: it is put back with that one, in the next repair.
    let update = "UPDATE OR IGNORE certificate SET name = ?2, folded = ?3, purpose = ?4, authority = ?5, partition = ?6, \
                  crl_before = CASE WHEN crl_before IS NOT NULL AND (authority, partition) != (?5, ?6) \
                  THEN (SELECT crl_number FROM authority WHERE id = ?5) ELSE crl_before END WHERE serial = ?1";
    let Placed { authority, partition, purpose } = placed;
    change.execute(update, params![serial, name, fold(name), purpose.as_str(), authority, partition])?;
    Ok(())
}

fn put_back_list(change: &Connection, (authority, number): (i64, i64), list: &LoggedList) -> rusqlite::Result<()> {
    let LoggedList { time, base, partition, .. } = *list;
    let put_back = "INSERT INTO crl (authority, number, base, partition, state, this_update, next_update) \
                    VALUES (?1, ?2, ?3, ?4, 'written', ?5, ?5) \
                    ON CONFLICT (authority, number) DO UPDATE SET state = 'written', base = ?3, partition = ?4";
    change.execute(put_back, params![authority, number, base, partition, time])?;
    Ok(())
}

/// Puts these rows back, in one transaction, each with an entry in the log.
///
/// # Errors
/// [`Error::Index`] or [`Error::Crypto`].
pub(crate) fn restore(index: &Index, rows: &[Restorable], signer: Option<&Signer<'_>>) -> Result<(), Error> {
    let operations: Vec<Operation> = rows.iter().map(Restorable::operation).collect();
    index.change(&operations, signer, |change| {
        rows.iter().try_for_each(|row| row.lay_down_name(change))?;
        rows.iter().try_for_each(|row| row.put_back(change))
    })
}
