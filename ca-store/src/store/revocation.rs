//! What the index knows of revocation: which certificates are revoked, and which lists have said so.

use rusqlite::{OptionalExtension as _, Row, params};
use time::OffsetDateTime;

use crate::error::Error;
use crate::facts::{Certificate, hex};
use crate::name::fold;
use crate::reason::Reason;
use crate::serial;
use crate::store::entry::IndexEntry;
use crate::store::index::Index;
use crate::store::log::Operation;
use crate::validity::rfc3339;

/// A revocation that is recorded: since when and why, or with none that the hold is lifted.
pub(crate) type Revocation<'a> = (&'a Revocable, Option<(OffsetDateTime, Reason)>);

/// A certificate that a list can name: one that was issued, or that of a CA below another.
#[derive(Debug, Clone)]
pub(crate) struct Revocable {
    /// The name that it is known by.
    pub(crate) name: String,
    /// Its serial number.
    pub(crate) serial: Vec<u8>,
    /// Its last second.
    pub(crate) not_after: OffsetDateTime,
    /// Since when it is revoked, and why.
    pub(crate) revoked: Option<(OffsetDateTime, Reason)>,
    /// Whether it is a CA's.
    pub(crate) is_authority: bool,
    /// Where it is kept.
    kept: Kept,
}

/// The two tables that certificates are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    Certificate,
    Authority,
}

impl Kept {
    /// What records a revocation there.
    fn set_revoked(self) -> &'static str {
        match self {
            Kept::Certificate => {
                "UPDATE certificate SET revoked = ?2, reason = ?3, \
                 crl_before = (SELECT crl_number FROM authority WHERE id = certificate.authority) WHERE serial = ?1"
            }
            Kept::Authority => {
                "UPDATE authority SET revoked = ?2, reason = ?3, \
                 crl_before = (SELECT above.crl_number FROM authority above WHERE above.id = authority.issuer) \
                 WHERE serial = ?1"
            }
        }
    }
}

/// A list that is in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListMade {
    /// Its number.
    pub number: i64,
    /// Since when it holds.
    pub this_update: OffsetDateTime,
    /// When the next is due.
    pub next_update: OffsetDateTime,
}

impl From<IndexEntry> for Revocable {
    fn from(entry: IndexEntry) -> Revocable {
        Revocable {
            revoked: entry.revoked.map(|at| (at, entry.reason.unwrap_or_default())),
            is_authority: Certificate::from_der(&entry.der).is_ok_and(|certificate| certificate.is_ca()),
            name: entry.name,
            serial: entry.serial.octets().to_vec(),
            not_after: entry.not_after,
            kept: Kept::Certificate,
        }
    }
}

impl Index {
    /// The CA below another that has this name, whatever the letter case, or this serial number, of its certificate or of one
    /// that it had before. Of several of one name it is the newest; a root can be revoked by nobody.
    pub(crate) fn revocable_authority(&self, name_or_serial: &str) -> Result<Option<Revocable>, Error> {
        let serials: Vec<String> = serial::typed(name_or_serial).iter().map(|serial| hex(serial)).collect();
        self.run(|connection| {
            let query = "SELECT name, serial, not_after, revoked, reason, (SELECT group_concat(hex(former.serial)) \
                         FROM recertified former WHERE former.authority = authority.id AND former.state = 'former') \
                         FROM authority WHERE state != 'planned' AND issuer IS NOT NULL AND issuer != id ORDER BY id DESC";
            let mut query = connection.prepare(query)?;
            let mut rows = query.query_map([], |row| Ok((authority(row)?, row.get::<_, Option<String>>(5)?)))?;
            let digits = |of: &str| of.trim_start_matches('0').to_ascii_lowercase();
            let is_meant = |of: &str| serials.iter().any(|serial| digits(serial) == digits(of));
            let found = rows.find(|row| {
                row.as_ref().map_or(true, |(ca, former)| {
                    ca.name.eq_ignore_ascii_case(name_or_serial)
                        || is_meant(&hex(&ca.serial))
                        || former.iter().flat_map(|former| former.split(',')).any(is_meant)
                })
            });
            Ok(found.transpose()?.map(|(ca, _)| ca))
        })
    }

    /// A certificate that was planned and perhaps signed, and was not recorded; or that its CA had revoked before it was taken
    /// over.
    pub(crate) fn revocable_plan(&self, serial: &[u8]) -> Result<Option<Revocable>, Error> {
        self.run(|connection| {
            let query = "SELECT name, serial, not_after, revoked, reason FROM certificate \
                         WHERE serial = ?1 AND state != 'issued' AND not_after IS NOT NULL";
            let found = connection.query_row(query, [serial], authority).optional()?;
            Ok(found.map(|plan| Revocable { is_authority: false, kept: Kept::Certificate, ..plan }))
        })
    }

    /// Records revocations in one transaction, so that none of a name's certificates is left out by a kill between them; and
    /// beside each the number of the last list of its issuer, so that a delta knows what has changed since.
    pub(crate) fn set_revoked(&self, revocations: &[Revocation<'_>]) -> Result<(), Error> {
        let operation = |(certificate, revoked): &Revocation<'_>| {
            Operation::revoked(&certificate.name, hex(&certificate.serial), *revoked)
        };
        self.change_many(revocations.iter().map(operation), None, |index| {
            for (certificate, revoked) in revocations {
                let (at, reason) = (revoked.map(|it| it.0.unix_timestamp()), revoked.map(|it| it.1.as_str()));
                let mut change = index.prepare_cached(certificate.kept.set_revoked())?;
                change.execute(params![certificate.serial, at, reason])?;
            }
            Ok(())
        })
    }

    /// All other certificates of this name that clients take at `now` unless they are revoked, the newest first.
    pub(crate) fn kin(&self, of: &Revocable, now: OffsetDateTime) -> Result<Vec<Revocable>, Error> {
        self.run(|connection| {
            let query = "SELECT name, serial, not_after, revoked, reason FROM certificate \
                         WHERE folded = ?1 AND state = 'issued' AND not_after >= ?2 AND serial != ?3 ORDER BY id DESC";
            let wanted = params![fold(&of.name), now.unix_timestamp(), of.serial];
            let leaf =
                |row: &Row<'_>| Ok(Revocable { is_authority: false, kept: Kept::Certificate, ..authority(row)? });
            connection.prepare(query)?.query_map(wanted, leaf)?.collect()
        })
    }

    /// The serial numbers of those others of this name that are not revoked, and that whoever has its key can use.
    pub(crate) fn alive_of_its_key(&self, of: &Revocable, now: OffsetDateTime) -> Result<Vec<String>, Error> {
        let own = self.run(|connection| {
            let query = "SELECT certificate FROM certificate WHERE serial = ?1 AND certificate IS NOT NULL";
            connection.query_row(query, [&of.serial], |row| row.get::<_, Vec<u8>>(0)).optional()
        })?;
        let Some(own) = own.and_then(|der| Certificate::from_der(&der).ok()) else { return Ok(Vec::new()) };
        let same_key = |der: &[u8]| Certificate::from_der(der).is_ok_and(|kin| kin.public_key.same_as(&own.public_key));
        self.run(|connection| {
            let query = "SELECT serial, certificate FROM certificate WHERE folded = ?1 AND state = 'issued' \
                         AND revoked IS NULL AND not_after >= ?2 AND serial != ?3 ORDER BY id DESC";
            let mut query = connection.prepare(query)?;
            let mut rows = query.query(params![fold(&of.name), now.unix_timestamp(), of.serial])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                if same_key(row.get_ref(1)?.as_blob()?) {
                    found.push(hex(&row.get::<_, Vec<u8>>(0)?));
                }
            }
            Ok(found)
        })
    }

    /// Refuses a CA that is revoked: what it issues is valid nowhere.
    ///
    /// # Errors
    /// [`Error::IssuerRevoked`].
    pub(crate) fn refuse_revoked_ca(&self, id: i64) -> Result<(), Error> {
        let found = self.run(|connection| {
            let query = "SELECT name, serial, not_after, revoked, reason FROM authority \
                         WHERE id = ?1 AND revoked IS NOT NULL";
            connection.prepare_cached(query)?.query_row([id], authority).optional()
        })?;
        match found {
            Some(Revocable { name, revoked: Some((at, reason)), .. }) => {
                Err(Error::IssuerRevoked { ca: name, at: rfc3339(at), reason })
            }
            _ => Ok(()),
        }
    }

    /// The CA that issued `certificate`.
    pub(crate) fn issuer_of(&self, certificate: &Revocable) -> Result<Option<i64>, Error> {
        let query = match certificate.kept {
            Kept::Certificate => "SELECT authority FROM certificate WHERE serial = ?1",
            Kept::Authority => "SELECT issuer FROM authority WHERE serial = ?1",
        };
        let issuer = self.run(|connection| {
            connection.query_row(query, [&certificate.serial], |row| row.get::<_, Option<i64>>(0)).optional()
        })?;
        Ok(issuer.flatten())
    }

    /// The newest complete list of a CA that is in its place; of a partition, or with 0 of all its certificates.
    pub(crate) fn last_list(&self, authority: i64, partition: u32) -> Result<Option<ListMade>, Error> {
        self.run(|connection| {
            let query = "SELECT number, this_update, next_update FROM crl WHERE authority = ?1 AND partition = ?2 \
                         AND base IS NULL AND state = 'written' ORDER BY number DESC LIMIT 1";
            connection.query_row(query, params![authority, partition], list).optional()
        })
    }
}

fn authority(row: &Row<'_>) -> rusqlite::Result<Revocable> {
    let at = |seconds| OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let reason = row.get::<_, Option<String>>(4)?.and_then(|reason| reason.parse().ok()).unwrap_or_default();
    Ok(Revocable {
        name: row.get(0)?,
        serial: row.get(1)?,
        not_after: at(row.get(2)?),
        revoked: row.get::<_, Option<i64>>(3)?.map(|seconds| (at(seconds), reason)),
        is_authority: true,
        kept: Kept::Authority,
    })
}

fn list(row: &Row<'_>) -> rusqlite::Result<ListMade> {
    let at = |seconds| OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    Ok(ListMade { number: row.get(0)?, this_update: at(row.get(1)?), next_update: at(row.get(2)?) })
}
