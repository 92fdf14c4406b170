//! The index's part in revocation lists: numbers that are reserved before a key is used, what a list names, and where it is
//! found.

use rusqlite::{Row, Rows, params};
use time::OffsetDateTime;

use crate::error::Error;
use crate::reason::Reason;
use crate::serial::Serial;
use crate::store::index::Index;
use crate::store::layout;
use crate::store::log::{Kind, Operation, Signer};
use crate::uri::Uri;

/// A CA that signs lists, as the index knows it.
#[derive(Debug, Clone)]
pub(crate) struct ListAuthority {
    /// Its place in the index.
    pub(crate) id: i64,
    /// Whether it is a root.
    pub(crate) is_root: bool,
    /// Whether it issues no longer.
    pub(crate) is_retired: bool,
    /// Its certificate.
    pub(crate) certificate: Vec<u8>,
    /// Where its lists are found.
    pub(crate) points: ListPoints,
}

/// Where the lists of a CA are found, and into how many it is partitioned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListPoints {
    /// The name of its files, without ending.
    pub(crate) stem: String,
    /// Partitions of certificates from now on; 0: none.
    pub(crate) partitions: u32,
    /// Partitions that certificates may be in, of now and before.
    pub(crate) partitions_ever: u32,
    /// Folders that certificates of now and before point into, the newest first.
    pub(crate) urls: Vec<String>,
}

impl ListPoints {
    /// The partition of a certificate that is issued now. Serial numbers are random, so all fill alike.
    pub(crate) fn partition_of(&self, serial: Serial) -> u32 {
        Self::partition_among(self.partitions, serial)
    }

    /// Likewise, among so many.
    pub(crate) fn partition_among(partitions: u32, serial: Serial) -> u32 {
        match partitions {
            0 => 0,
            partitions => (u128::from_be_bytes(*serial.octets()) % u128::from(partitions)) as u32 + 1,
        }
    }

    /// Where a certificate that is issued now says that its list is found; empty: it does not say.
    ///
    /// # Errors
    /// As [`ListPoints::of_partition`].
    pub(crate) fn of_new(&self, serial: Serial) -> Result<Vec<Uri>, Error> {
        let mut points = self.of_partition(self.partition_of(serial), false)?;
        points.truncate(1);
        Ok(points)
    }

    /// Where the list of a partition is found, by each address that a certificate may have: the newest first.
    ///
    /// # Errors
    /// [`Error::CrlUrlRefused`], which was refused before it was kept.
    pub(crate) fn of_partition(&self, partition: u32, delta: bool) -> Result<Vec<Uri>, Error> {
        let file = layout::list_file(&self.stem, partition, delta);
        let uri = |url: &String| {
            Uri::parse(&format!("{url}/{file}")).map_err(|fault| Error::CrlUrlRefused { url: url.clone(), fault })
        };
        self.urls.iter().map(uri).collect()
    }
}

/// Which certificates a list names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Named {
    /// Of this CA.
    pub(crate) authority: i64,
    /// Of this partition; 0: of all.
    pub(crate) partition: u32,
    /// Which of those that were ever revoked.
    pub(crate) which: Which,
}

/// The content of complete lists and of deltas.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Which {
    /// Those that are revoked. One that had expired when the last complete list was made, and was named in that, is named no
    /// more (RFC 5280, 3.3): expired before this second, and revoked before this list.
    Complete { expired_before: i64, list: i64 },
    /// Those whose standing has changed since the list of this number.
    ChangedSince(i64),
}

/// A list that is about to be made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListReservation {
    pub(crate) authority: i64,
    pub(crate) partition: u32,
    pub(crate) base: Option<i64>,
    pub(crate) this_update: OffsetDateTime,
    pub(crate) next_update: OffsetDateTime,
}

impl Index {
    /// The CAs that sign lists: roots and issuing ones, of now and before, the one that issues first.
    pub(crate) fn list_authorities(&self) -> Result<Vec<ListAuthority>, Error> {
        self.run(|connection| {
            let query = format!(
                "{POINTS} WHERE state IN ('ready', 'retired') AND role IN ('root', 'issuing') AND certificate IS NOT NULL \
                 ORDER BY state = 'ready' DESC, role = 'issuing' DESC, id DESC"
            );
            connection.prepare(&query)?.query_map([], list_authority)?.collect()
        })
    }

    /// Where the lists of a CA are found.
    pub(crate) fn list_points(&self, authority: i64) -> Result<ListPoints, Error> {
        self.run(|connection| {
            let mut query = connection.prepare_cached(POINTS_NOW)?;
            query.query_row([authority], points)
        })
    }

    /// Whether lists are asked for: one was made, or certificates say where one is found.
    pub(crate) fn has_lists(&self) -> Result<bool, Error> {
        let query = "SELECT EXISTS (SELECT 1 FROM crl WHERE state = 'written') \
                     OR EXISTS (SELECT 1 FROM authority WHERE crl_url IS NOT NULL)";
        self.run(|connection| connection.query_row(query, [], |row| row.get(0)))
    }

    /// Sets where certificates say that lists are found, from now on, of all CAs that issue them.
    pub(crate) fn set_list_points(&self, authority: i64, points: &ListPoints) -> Result<(), Error> {
        let operation = Operation::new(Kind::CrlPoints)
            .with("authority", authority)
            .with("partitions", points.partitions)
            .with("url", points.urls.first().map_or("", String::as_str));
        self.change(&[operation], None, |index| {
            let change = "UPDATE authority SET partitions = ?2, crl_url = ?3 WHERE id = ?1";
            index.execute(change, params![authority, points.partitions, points.urls.join("\n")])
        })?;
        Ok(())
    }

    /// Whether a delta was ever made of these lists, so that the complete ones have to say where it is found.
    pub(crate) fn has_deltas(&self, authority: i64, partition: u32) -> Result<bool, Error> {
        self.run(|connection| {
            let query =
                "SELECT EXISTS (SELECT 1 FROM crl WHERE authority = ?1 AND partition = ?2 AND base IS NOT NULL)";
            connection.query_row(query, params![authority, partition], |row| row.get(0))
        })
    }

    /// Reserves the next number of a CA's lists: from here on it is never used again, whatever happens.
    pub(crate) fn reserve_list(&self, list: &ListReservation) -> Result<i64, Error> {
        self.refuse_last_number(list.authority)?;
        self.change(&[], None, |change| {
            let number: i64 = change.query_row(
                "UPDATE authority SET crl_number = crl_number + 1 WHERE id = ?1 RETURNING crl_number",
                [list.authority],
                |row| row.get(0),
            )?;
            change.execute(
                "INSERT INTO crl (authority, number, base, partition, state, this_update, next_update) \
                 VALUES (?1, ?2, ?3, ?4, 'reserved', ?5, ?6)",
                params![
                    list.authority,
                    number,
                    list.base,
                    list.partition,
                    list.this_update.unix_timestamp(),
                    list.next_update.unix_timestamp(),
                ],
            )?;
            Ok(number)
        })
    }

    /// Refuses to count on where no number is left: only a hand in the index brings a CA there.
    fn refuse_last_number(&self, authority: i64) -> Result<(), Error> {
        let last: i64 = self.run(|connection| {
            connection.query_row("SELECT crl_number FROM authority WHERE id = ?1", [authority], |row| row.get(0))
        })?;
        match last.checked_add(1) {
            Some(_) => Ok(()),
            None => Err(self.damaged(&format!(
                "{last} was the number of a list, and none is above it: pki check --repair counts on from the log"
            ))),
        }
    }

    /// Records that a list is in its place; the key that signed it signs the log.
    pub(crate) fn record_list(&self, number: i64, operation: Operation, signer: &Signer<'_>) -> Result<(), Error> {
        self.change(&[operation], Some(signer), |index| {
            let change = "UPDATE crl SET state = 'written' WHERE authority = ?1 AND number = ?2";
            index.execute(change, params![signer.authority, number])
        })?;
        Ok(())
    }

    /// Gives each certificate that a list names: serial number, since when (none: it is on hold no longer), and why. They
    /// come as they lie in an index that holds all of this, so that no certificate is read, and no more than one is held.
    pub(crate) fn each_named(
        &self,
        named: &Named,
        mut each: impl FnMut(&[u8], Option<i64>, Reason),
    ) -> Result<(), Error> {
        let bounds = match named.which {
            Which::Complete { expired_before, list } => [expired_before, list],
            Which::ChangedSince(base) => [0, base],
        };
        self.run(|connection| {
            let mut query = connection.prepare(&leaves(named))?;
            give(query.query(params![named.authority, bounds[0], bounds[1], named.partition])?, &mut each)?;
            // The certificates of CAs are in no partition.
            if named.partition > 0 {
                return Ok(());
            }
            let mut query = connection.prepare(&cas(named))?;
            give(query.query(params![named.authority, bounds[0], bounds[1]])?, &mut each)
        })
    }
}

/// The certificates of leaves, and of CAs that were signed on request.
fn leaves(named: &Named) -> String {
    // SQLite would choose the index by itself most of the time; a list of a million entries must not hang on it.
    let index = match named.which {
        Which::Complete { .. } => "certificate_revoked",
        Which::ChangedSince(_) => "certificate_changed",
    };
    let partition = if named.partition == 0 { "partition >= ?4" } else { "partition = ?4" };
    let condition = condition(named.which);
    format!(
        "SELECT serial, revoked, reason FROM certificate INDEXED BY {index} \
         WHERE authority = ?1 AND {partition} AND {condition}"
    )
}

/// The certificates of this store's own CAs: with a CA all are revoked that it has had, for they are of one key.
fn cas(named: &Named) -> String {
    let condition = condition(named.which);
    format!(
        "SELECT serial, revoked, reason FROM ( \
           SELECT serial, not_after, revoked, reason, crl_before FROM authority WHERE issuer = ?1 AND id != ?1 UNION ALL \
           SELECT former.serial, former.not_after, ca.revoked, ca.reason, ca.crl_before FROM recertified former \
           JOIN authority ca ON ca.id = former.authority \
           WHERE former.state = 'former' AND ca.issuer = ?1 AND ca.id != ?1) \
         WHERE {condition}"
    )
}

fn condition(which: Which) -> &'static str {
    match which {
        Which::Complete { .. } => "revoked IS NOT NULL AND NOT (not_after < ?2 AND coalesce(crl_before, 0) < ?3)",
        Which::ChangedSince(_) => "crl_before >= max(?2, ?3)",
    }
}

fn give(mut rows: Rows<'_>, each: &mut impl FnMut(&[u8], Option<i64>, Reason)) -> rusqlite::Result<()> {
    while let Some(row) = rows.next()? {
        let revoked: Option<i64> = row.get(1)?;
        let reason = match revoked {
            None => Reason::RemoveFromCrl,
            Some(_) => row.get_ref(2)?.as_str_or_null()?.and_then(Reason::named).unwrap_or_default(),
        };
        each(row.get_ref(0)?.as_blob()?, revoked, reason);
    }
    Ok(())
}

/// The columns of a [`ListAuthority`], in the order of [`list_authority`].
const POINTS: &str = "SELECT id, role, state, certificate, partitions, crl_url, \
                      (SELECT coalesce(max(partition), 0) FROM crl WHERE crl.authority = authority.id) FROM authority";

/// Likewise for who issues, and needs not to know of partitions that were.
const POINTS_NOW: &str = "SELECT id, role, state, certificate, partitions, crl_url, 0 FROM authority WHERE id = ?1";

fn list_authority(row: &Row<'_>) -> rusqlite::Result<ListAuthority> {
    Ok(ListAuthority {
        id: row.get(0)?,
        is_root: row.get::<_, String>(1)? == "root",
        is_retired: row.get::<_, String>(2)? == "retired",
        certificate: row.get(3)?,
        points: points(row)?,
    })
}

fn points(row: &Row<'_>) -> rusqlite::Result<ListPoints> {
    let partitions: u32 = row.get(4)?;
    let urls: Option<String> = row.get(5)?;
    Ok(ListPoints {
        stem: format!("{}-{}", row.get::<_, String>(1)?, row.get::<_, i64>(0)?),
        partitions,
        partitions_ever: partitions.max(row.get(6)?),
        urls: urls.iter().flat_map(|urls| urls.lines()).map(str::to_owned).collect(),
    })
}
