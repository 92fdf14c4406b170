//! The CAs of a store as its index knows them: generations of roots and issuing CAs, and what signs one across to the other.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use time::OffsetDateTime;

use crate::authority::{Authority, Chain};
use crate::error::Error;
use crate::facts;
use crate::key::PrivateKey;
use crate::name::fold;
use crate::plan::CertificatePlan;
use crate::store::index::Index;
use crate::store::log::{Operation, Signer};
use crate::store::revoked_before::RevokedBefore;

/// Hexadecimal digits of a SHA-256 that name a CA: as many as people read out.
const SHORTEST_HASH: usize = 8;

/// What a CA is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Clients trust it.
    Root,
    /// It issues, below a root.
    Issuing,
    /// A root's name and key, signed by the root before it: with this certificate those who trust the old one trust what is
    /// issued below the new one.
    Cross,
}

impl Role {
    /// Its name in the index, and in the names of files.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Role::Root => "root",
            Role::Issuing => "issuing",
            Role::Cross => "cross",
        }
    }
}

/// A CA as the index knows it.
#[derive(Debug, Clone)]
pub(crate) struct AuthorityRow {
    pub(crate) id: i64,
    pub(crate) role: Role,
    /// Whether its certificate is there, and it was not retired.
    pub(crate) ready: bool,
    pub(crate) name: String,
    pub(crate) not_after: i64,
    /// The CA that signed it; itself or none for a root.
    pub(crate) issuer: Option<i64>,
    pub(crate) certificate: Option<Vec<u8>>,
}

impl AuthorityRow {
    fn is_root(&self) -> bool {
        self.role == Role::Root
    }
}

/// A CA that is about to be made or taken over.
#[derive(Debug)]
pub(crate) struct PlannedAuthority<'a> {
    pub(crate) role: Role,
    pub(crate) name: String,
    pub(crate) serial: Vec<u8>,
    pub(crate) not_after: OffsetDateTime,
    pub(crate) key_id: &'a [u8],
    pub(crate) issuer: Above,
    /// The CA whose place it takes, and whose addresses of revocation lists it keeps.
    pub(crate) replaces: Option<i64>,
}

impl<'a> PlannedAuthority<'a> {
    /// A CA that is made of this plan.
    pub(crate) fn of(plan: &'a CertificatePlan, role: Role, issuer: Above, replaces: Option<i64>) -> Self {
        PlannedAuthority {
            role,
            name: plan.subject().map(ToString::to_string).unwrap_or_default(),
            serial: plan.serial().octets().to_vec(),
            not_after: plan.validity().not_after(),
            key_id: plan.subject_key_id(),
            issuer,
            replaces,
        }
    }
}

/// Who signs a planned CA.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Above {
    /// Itself.
    Nobody,
    /// One that is planned with it, by its position among them.
    Planned(usize),
    /// One that there is.
    Row(i64),
}

/// What becomes of CAs in one step.
#[derive(Debug)]
pub(crate) struct Generation<'a> {
    /// These are made, each with its certificate.
    pub(crate) ready: &'a [(i64, &'a [u8])],
    /// These issue no more and are trusted no more.
    pub(crate) retired: &'a [i64],
    /// What one of them had revoked before it was taken over.
    pub(crate) revoked: Option<&'a RevokedBefore<'a>>,
}

/// All CAs of a store.
#[derive(Debug)]
pub(crate) struct Authorities(pub(crate) Vec<AuthorityRow>);

impl Authorities {
    /// The CA that issues: the newest one below a root, or the newest root.
    pub(crate) fn issuing(&self) -> Option<&AuthorityRow> {
        let newest = |role| self.0.iter().filter(|row| row.ready && row.role == role).max_by_key(|row| row.id);
        newest(Role::Issuing).or_else(|| newest(Role::Root))
    }

    /// The root above the one that issues.
    pub(crate) fn root(&self) -> Option<&AuthorityRow> {
        let issuing = self.issuing()?;
        if issuing.is_root() {
            return Some(issuing);
        }
        self.0.iter().find(|row| row.is_root() && Some(row.id) == issuing.issuer)
    }

    /// The root that is trusted beside the current one, until its roll-over is finished.
    pub(crate) fn old_root(&self) -> Option<&AuthorityRow> {
        let root = self.root()?;
        self.0.iter().filter(|row| row.is_root() && row.ready && row.id != root.id).max_by_key(|row| row.id)
    }

    /// The current root's certificate from the root before it.
    pub(crate) fn cross(&self) -> Option<&AuthorityRow> {
        let old = self.old_root()?;
        let crosses = self.0.iter().filter(|row| row.role == Role::Cross && row.ready && row.issuer == Some(old.id));
        crosses.max_by_key(|row| row.id)
    }

    /// A root, and the CAs that issued below it.
    pub(crate) fn below(&self, root: i64) -> Vec<i64> {
        let is_below = |row: &&AuthorityRow| row.id == root || row.role == Role::Issuing && row.issuer == Some(root);
        self.0.iter().filter(is_below).map(|row| row.id).collect()
    }

    /// The CAs that are meant: by name, by the beginning of their certificate's SHA-256, or as all that issue no more.
    pub(crate) fn called(&self, text: &str) -> Option<Vec<i64>> {
        let made = self.0.iter().filter(|row| row.certificate.is_some() && row.role != Role::Cross);
        if text == "old" {
            let issuing = self.issuing()?.id;
            return Some(made.filter(|row| row.id != issuing).map(|row| row.id).collect());
        }
        let hash = text.replace(':', "").to_ascii_lowercase();
        let is_hash = hash.len() >= SHORTEST_HASH && hash.bytes().all(|octet| octet.is_ascii_hexdigit());
        let sha256 = |row: &AuthorityRow| row.certificate.as_deref().map(|der| facts::hex(&facts::sha256(der)));
        let is_meant = |row: &&AuthorityRow| {
            fold(&row.name) == fold(text) || is_hash && sha256(row).is_some_and(|own| own.starts_with(&hash))
        };
        let meant: Vec<i64> = made.filter(is_meant).map(|row| row.id).collect();
        (!meant.is_empty()).then_some(meant)
    }

    /// Those of this name, whatever the letter case.
    pub(crate) fn named(&self, name: &str) -> Vec<i64> {
        let made = self.0.iter().filter(|row| row.certificate.is_some() && row.role != Role::Cross);
        made.filter(|row| fold(&row.name) == fold(name)).map(|row| row.id).collect()
    }

    /// The CA in this place of the index; none where it has no certificate that reads.
    pub(crate) fn authority(&self, id: i64) -> Option<Authority> {
        self.0.iter().find(|row| row.id == id).and_then(|row| read(row).ok())
    }

    /// The names of all that issue, or did.
    pub(crate) fn names(&self) -> Vec<String> {
        let made = self.0.iter().filter(|row| row.certificate.is_some() && row.role != Role::Cross);
        made.map(|row| row.name.clone()).collect()
    }

    /// The CAs above what is issued now, read; none where there is no CA.
    ///
    /// # Errors
    /// What does not fit in which certificate.
    pub(crate) fn chain(&self) -> Result<Option<Chain>, String> {
        let (Some(issuing), Some(root)) = (self.issuing(), self.root()) else { return Ok(None) };
        let mut authorities = vec![read(issuing)?];
        if !issuing.is_root() {
            authorities.push(read(root)?);
        }
        let der = |row: Option<&AuthorityRow>| row.and_then(|row| row.certificate.clone());
        Ok(Some(Chain::new(authorities, der(self.cross()), der(self.old_root()))))
    }
}

/// The CA of a row.
///
/// # Errors
/// What does not fit.
pub(crate) fn read(row: &AuthorityRow) -> Result<Authority, String> {
    let der = row.certificate.as_deref().ok_or_else(|| format!("CA {} has no certificate", row.id))?;
    Authority::from_der(der).map_err(|reason| format!("the certificate of CA {} does not read: {reason}", row.id))
}

impl Index {
    /// The CAs, in the order in which they were made.
    pub(crate) fn authorities(&self) -> Result<Authorities, Error> {
        let rows = self.run(|connection| {
            let query =
                "SELECT id, role, state = 'ready', name, not_after, issuer, certificate FROM authority ORDER BY id";
            connection.prepare(query)?.query_map([], row)?.collect()
        })?;
        Ok(Authorities(rows))
    }

    /// The CA that issues: the newest one below a root, or the root itself.
    pub(crate) fn issuing_authority(&self) -> Result<Option<i64>, Error> {
        self.run(|connection| {
            let query = "SELECT id FROM authority WHERE state = 'ready' AND role != 'cross' \
                         ORDER BY role = 'issuing' DESC, id DESC LIMIT 1";
            connection.query_row(query, [], |row| row.get(0)).optional()
        })
    }

    /// The place of the CA that is planned next, as long as the lock is held: no row is ever removed.
    pub(crate) fn next_authority(&self) -> Result<i64, Error> {
        self.run(|connection| {
            connection.query_row("SELECT coalesce(max(id), 0) + 1 FROM authority", [], |row| row.get(0))
        })
    }

    /// Whether this certificate is that of the CA which issues.
    pub(crate) fn is_issuing(&self, der: &[u8]) -> Result<bool, Error> {
        self.run(|connection| {
            let query = "SELECT certificate = ?1 FROM authority WHERE state = 'ready' AND role != 'cross' \
                         ORDER BY role = 'issuing' DESC, id DESC LIMIT 1";
            Ok(connection.query_row(query, [der], |row| row.get(0)).optional()?.unwrap_or(false))
        })
    }

    /// The names of certificates in use that these CAs issued: neither replaced nor revoked nor expired.
    pub(crate) fn in_use_of(&self, authorities: &[i64], now: OffsetDateTime) -> Result<Vec<String>, Error> {
        self.run(|connection| {
            let query = "SELECT name FROM certificate WHERE authority = ?1 AND state = 'issued' AND replaced_by IS NULL \
                         AND revoked IS NULL AND not_after >= ?2 ORDER BY folded";
            let mut query = connection.prepare(query)?;
            let mut names = Vec::new();
            for id in authorities {
                let found = query.query_map(params![id, now.unix_timestamp()], |row| row.get(0))?;
                names.extend(found.collect::<rusqlite::Result<Vec<String>>>()?);
            }
            Ok(names)
        })
    }

    /// Records the CAs that are about to be made, and gives their places. Those whose making was interrupted are given up, and
    /// stay in the index without a certificate: their serial numbers may have been signed.
    pub(crate) fn plan_authorities(
        &self,
        planned: &[PlannedAuthority<'_>],
        now: OffsetDateTime,
    ) -> Result<Vec<i64>, Error> {
        self.change(&[], None, |change| {
            change.execute("UPDATE authority SET state = 'retired', certificate = NULL WHERE state = 'planned'", [])?;
            let mut ids = Vec::with_capacity(planned.len());
            for authority in planned {
                let issuer = match authority.issuer {
                    Above::Nobody => None,
                    Above::Planned(position) => ids.get(position).copied(),
                    Above::Row(id) => Some(id),
                };
                insert(change, authority, issuer, now)?;
                ids.push(change.last_insert_rowid());
            }
            Ok(ids)
        })
    }

    /// Records that CAs are made, and that others have done their work; `key` is that of the CA `signer`.
    pub(crate) fn change_generation(
        &self,
        generation: &Generation<'_>,
        operation: Operation,
        signer: Option<(i64, &PrivateKey)>,
    ) -> Result<(), Error> {
        let signer = signer.map(|(authority, key)| Signer { authority, key });
        let revoked = generation.revoked.into_iter().flat_map(RevokedBefore::operations);
        self.change_many(std::iter::once(operation).chain(revoked), signer.as_ref(), |change| {
            if let Some(revoked) = generation.revoked {
                revoked.record(change, OffsetDateTime::now_utc())?;
            }
            for (id, der) in generation.ready {
                let ready = "UPDATE authority SET state = 'ready', certificate = ?2 WHERE id = ?1";
                change.execute(ready, params![id, der])?;
            }
            for id in generation.retired {
                change.execute("UPDATE authority SET state = 'retired' WHERE id = ?1", [id])?;
            }
            Ok(())
        })
    }
}

fn insert(
    change: &Connection,
    authority: &PlannedAuthority<'_>,
    issuer: Option<i64>,
    now: OffsetDateTime,
) -> rusqlite::Result<()> {
    change.execute(
        "INSERT INTO authority (role, state, name, serial, not_after, planned, key_id, issuer, partitions, crl_url) \
         SELECT ?1, 'planned', ?2, ?3, ?4, ?5, ?6, ?7, coalesce(max(partitions), 0), max(crl_url) \
         FROM authority WHERE id = ?8",
        params![
            authority.role.as_str(),
            authority.name,
            authority.serial,
            authority.not_after.unix_timestamp(),
            now.unix_timestamp(),
            authority.key_id,
            issuer,
            authority.replaces,
        ],
    )?;
    Ok(())
}

fn row(row: &Row<'_>) -> rusqlite::Result<AuthorityRow> {
    let role = match row.get::<_, String>(1)?.as_str() {
        "root" => Role::Root,
        "issuing" => Role::Issuing,
        _ => Role::Cross,
    };
    Ok(AuthorityRow {
        id: row.get(0)?,
        role,
        ready: row.get(2)?,
        name: row.get(3)?,
        not_after: row.get(4)?,
        issuer: row.get(5)?,
        certificate: row.get(6)?,
    })
}
