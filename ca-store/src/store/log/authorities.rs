//! The CAs of the index beside their certificates, and beside the log: who they are, who signed them, and whether they were
//! replaced since.

use std::collections::HashMap;

use rusqlite::{Connection, Row};

use super::expected::{Expected, Generation};
use super::restore::{AuthorityColumns, Restorable};
use super::rows::{Comparison, REPAIR, Revocation};
use crate::authority::Authority;
use crate::facts::{self, Certificate, SignatureCheck};
use crate::serial::without_zeros;
use crate::shell::quote;
use crate::store::authorities::Role;
use crate::store::trouble::{Trouble, TroubleCode};

/// A CA by what its own certificate says; of its row there is nothing but its place.
pub(super) struct Own {
    pub(super) id: i64,
    pub(super) ca: Authority,
    pub(super) role: Role,
    sha256: String,
    /// The SHA-256 of the certificates that it had before.
    former: Vec<String>,
    /// The last second of the certificate that lasts longest.
    pub(super) last: i64,
}

/// The CAs whose certificates the index holds and can read.
pub(super) struct Owns(Vec<Own>);

impl Owns {
    /// Reads the certificates.
    ///
    /// # Errors
    /// SQLite's.
    pub(super) fn read(connection: &Connection) -> rusqlite::Result<Owns> {
        let query = "SELECT id, certificate FROM authority WHERE certificate IS NOT NULL ORDER BY id";
        let mut query = connection.prepare(query)?;
        let mut rows = query.query([])?;
        let mut read = Vec::new();
        while let Some(row) = rows.next()? {
            let der: Vec<u8> = row.get(1).unwrap_or_default();
            // One that does not read is not the one of the log, and told as that.
            let Ok(ca) = Authority::from_der(&der) else { continue };
            read.push((row.get(0)?, ca, facts::hex(&facts::sha256(&der))));
        }
        let roles: Vec<Role> = read.iter().map(|(_, ca, _)| role(&ca.certificate, &read)).collect();
        let own = |((id, ca, sha256), role): ((i64, Authority, String), Role)| {
            let last = ca.validity.not_after().unix_timestamp();
            Own { id, ca, role, sha256, former: Vec::new(), last }
        };
        let mut owns: Vec<Own> = read.into_iter().zip(roles).map(own).collect();
        for (id, der) in former(connection)? {
            let Some(own) = owns.iter_mut().find(|own| own.id == id) else { continue };
            own.former.push(facts::hex(&facts::sha256(&der)));
            let not_after = Certificate::from_der(&der).map(|it| it.validity.not_after.unix_timestamp());
            own.last = own.last.max(not_after.unwrap_or(own.last));
        }
        Ok(Owns(owns))
    }

    /// The CA at this place.
    pub(super) fn at(&self, id: i64) -> Option<&Own> {
        self.0.iter().find(|own| own.id == id)
    }

    /// The name of the CA at this place, by which the log has its lists.
    pub(super) fn name_of(&self, id: i64) -> Option<&str> {
        self.at(id).map(|own| own.ca.name.as_str())
    }

    /// The CA that has this certificate, or had it before it was certified again.
    pub(super) fn with_sha256(&self, sha256: &str) -> Option<&Own> {
        self.0.iter().find(|own| own.has_had(sha256))
    }

    /// The CA that issued a certificate, by its issuer and authorityKeyIdentifier; of several that do the one at `claimed`.
    pub(super) fn issuer_of(&self, certificate: &Certificate, claimed: i64) -> Option<&Own> {
        let fits = |own: &&Own| own.role != Role::Cross && own.is_named_by(certificate);
        self.at(claimed).filter(fits).or_else(|| self.0.iter().find(fits))
    }

    /// The root that signed a CA; a root's own is itself.
    fn above(&self, own: &Own) -> Option<i64> {
        let certificate = &own.ca.certificate;
        let signed = |above: &&Own| {
            above.role == Role::Root
                && above.ca.certificate.subject.same_as(&certificate.issuer)
                && certificate.verified_by(&above.ca.certificate.public_key) == SignatureCheck::Good
        };
        self.0.iter().find(signed).map(|above| above.id)
    }

    /// Whether each CA of the log has to be ready still: who issued below a root does so until the next one does, and an old
    /// root is trusted until its roll-over is finished, with the certificate that leads to it.
    fn are_ready<'a>(&self, generations: &'a [Generation]) -> HashMap<&'a str, bool> {
        let role = |sha256: &str| self.with_sha256(sha256).map(|own| own.role);
        let mut ready: HashMap<&str, bool> = HashMap::new();
        for generation in generations {
            match generation {
                Generation::Made(made) => {
                    if made.iter().any(|sha256| role(sha256) == Some(Role::Issuing)) {
                        retire(&mut ready, |sha256| role(sha256) == Some(Role::Issuing));
                    }
                    ready.extend(made.iter().map(|sha256| (sha256.as_str(), true)));
                }
                Generation::Finished(old) => retire(&mut ready, |sha256| {
                    self.with_sha256(sha256).is_some_and(|own| match own.role {
                        Role::Root => own.ca.name == *old,
                        Role::Cross => true,
                        Role::Issuing => false,
                    })
                }),
            }
        }
        ready
    }
}

fn retire(ready: &mut HashMap<&str, bool>, which: impl Fn(&str) -> bool) {
    for (_, ready) in ready.iter_mut().filter(|(sha256, _)| which(sha256)) {
        *ready = false;
    }
}

/// The certificates that CAs had before they were certified again, each with its CA's place.
fn former(connection: &Connection) -> rusqlite::Result<Vec<(i64, Vec<u8>)>> {
    let query = "SELECT authority, certificate FROM recertified \
                 WHERE state = 'former' AND certificate IS NOT NULL ORDER BY id";
    connection.prepare(query)?.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// What a CA is for: a certificate of a root's name and key that another has signed leads across to it.
fn role(certificate: &Certificate, all: &[(i64, Authority, String)]) -> Role {
    if certificate.is_self_signed() {
        return Role::Root;
    }
    let is_its_root = |(_, other, _): &(i64, Authority, String)| {
        let other = &other.certificate;
        other.subject.same_as(&certificate.subject)
            && other.public_key.same_as(&certificate.public_key)
            && other.is_self_signed()
    };
    if all.iter().any(is_its_root) { Role::Cross } else { Role::Issuing }
}

impl Own {
    fn has_had(&self, sha256: &str) -> bool {
        self.sha256 == sha256 || self.former.iter().any(|former| former == sha256)
    }

    /// A CA that was made elsewhere may have no subjectKeyIdentifier, and then its name has to do.
    fn is_named_by(&self, certificate: &Certificate) -> bool {
        let own = &self.ca.certificate;
        let key_id = own.subject_key_identifier().zip(certificate.authority_key_identifier());
        own.subject.same_as(&certificate.issuer) && key_id.is_none_or(|(own, theirs)| own == theirs)
    }

    /// The file name of its lists, without ending.
    pub(super) fn stem(&self) -> String {
        format!("{}-{}", self.role.as_str(), self.id)
    }
}

/// A CA's row, as it is compared.
struct Compared {
    id: i64,
    role: String,
    state: String,
    name: String,
    serial: Vec<u8>,
    not_after: i64,
    key_id: Option<Vec<u8>>,
    issuer: Option<i64>,
    crl_number: i64,
    revoked: Option<i64>,
    reason: Option<String>,
    der: Vec<u8>,
    crl_before: Option<i64>,
}

/// The columns of [`Compared`], in the order of [`read`].
const COLUMNS: &str =
    "id, role, state, name, serial, not_after, key_id, issuer, crl_number, revoked, reason, certificate, crl_before";

fn read(row: &Row<'_>) -> rusqlite::Result<Compared> {
    Ok(Compared {
        id: row.get(0)?,
        role: row.get(1)?,
        state: row.get(2)?,
        name: row.get(3)?,
        serial: row.get(4)?,
        not_after: row.get(5)?,
        key_id: row.get(6)?,
        issuer: row.get(7)?,
        crl_number: row.get(8)?,
        revoked: row.get(9)?,
        reason: row.get(10)?,
        der: row.get(11)?,
        crl_before: row.get(12)?,
    })
}

/// The CAs of the index beside those of the log.
///
/// # Errors
/// SQLite's.
pub(super) fn compare(
    connection: &Connection,
    owns: &Owns,
    expected: &mut Expected,
    comparison: &mut Comparison,
) -> rusqlite::Result<()> {
    let generations = std::mem::take(&mut expected.generations);
    let ready = owns.are_ready(&generations);
    let query =
        format!("SELECT {COLUMNS} FROM authority WHERE state != 'planned' AND certificate IS NOT NULL ORDER BY id");
    let mut query = connection.prepare(&query)?;
    let rows: Vec<Compared> = query.query_map([], read)?.collect::<rusqlite::Result<_>>()?;
    for row in rows {
        let place = format!("the CA {}", quote(&row.name));
        let revocation = Revocation {
            place: place.clone(),
            at: row.revoked,
            reason: row.reason.as_deref(),
            crl_before: row.crl_before,
            ca: row.issuer.and_then(|issuer| owns.name_of(issuer)),
        };
        comparison.revocation(&row.serial, &revocation, expected);
        let sha256 = facts::hex(&facts::sha256(&row.der));
        if !expected.authorities.remove(&sha256) {
            comparison.troubles.push(unlogged(place));
        } else if let Some(own) = owns.at(row.id) {
            let due = row.due(own, owns, ready.get(sha256.as_str()).copied(), last_list(connection, own, expected)?);
            row.beside(due, comparison);
        }
    }
    for (id, der) in former(connection)? {
        let sha256 = facts::hex(&facts::sha256(&der));
        if !expected.authorities.remove(&sha256) {
            let name = owns.name_of(id).unwrap_or_default();
            comparison.troubles.push(unlogged(format!("a certificate that the CA {} had", quote(name))));
        }
    }
    let mut lost: Vec<_> = expected.authorities.drain().collect();
    lost.sort_unstable();
    comparison.troubles.extend(lost.iter().map(|sha256| missing(sha256)));
    Ok(())
}

/// The last number that was reserved for a list of a CA: the greatest of those in the log and in the index, and of the list that
/// it was taken over with.
fn last_list(connection: &Connection, own: &Own, expected: &Expected) -> rusqlite::Result<i64> {
    let mut query = connection.prepare_cached("SELECT coalesce(max(number), 0) FROM crl WHERE authority = ?1")?;
    let reserved: i64 = query.query_row([own.id], |row| row.get(0))?;
    let logged = expected.lists.get(&own.ca.name).and_then(|lists| lists.keys().copied().max());
    let imported = expected.imported.as_ref().filter(|imported| own.has_had(&imported.sha256));
    Ok(reserved.max(logged.unwrap_or(0)).max(imported.map_or(0, |imported| imported.crl_number)))
}

impl Compared {
    /// The row as it has to be.
    fn due(&self, own: &Own, owns: &Owns, ready: Option<bool>, last_list: i64) -> AuthorityColumns {
        let state = ready.map_or(self.state.as_str(), |ready| if ready { "ready" } else { "retired" });
        // None, or its own, for a root.
        let above = owns.above(own).filter(|above| *above != own.id || self.issuer.is_some());
        let is_root = own.role == Role::Root;
        AuthorityColumns {
            id: self.id,
            role: own.role,
            state: state.to_owned(),
            name: own.ca.name.clone(),
            serial: self.serial_due(&own.ca.certificate),
            not_after: own.ca.certificate.validity.not_after.unix_timestamp(),
            key_id: own.ca.key_id.clone(),
            issuer: if is_root { above } else { above.or(self.issuer) },
            // A root's certificate from the root before it signs no list: it is the same CA.
            crl_number: if own.role == Role::Cross { self.crl_number } else { last_list },
        }
    }

    /// A zero before a high bit may be there or not.
    fn serial_due(&self, certificate: &Certificate) -> Vec<u8> {
        let is_same = without_zeros(&self.serial) == without_zeros(&certificate.serial);
        if is_same { self.serial.clone() } else { certificate.serial.clone() }
    }

    fn beside(&self, due: AuthorityColumns, comparison: &mut Comparison) {
        let troubles: Vec<Trouble> = self.columns(&due).into_iter().chain(self.list_number(&due)).collect();
        if !troubles.is_empty() {
            comparison.troubles.extend(troubles);
            comparison.put_back(Restorable::Authority(Box::new(due)));
        }
    }

    fn columns(&self, due: &AuthorityColumns) -> Vec<Trouble> {
        const CERTIFICATE: &str = "the certificate";
        let place = |id: Option<i64>| id.map_or_else(|| "none".to_owned(), |id| id.to_string());
        let key_id = self.key_id.as_deref().map_or_else(|| "nothing".to_owned(), facts::hex);
        let pairs = [
            ("role", CERTIFICATE, due.role.as_str().to_owned(), self.role.clone()),
            ("state", "the log", due.state.clone(), self.state.clone()),
            ("name", CERTIFICATE, due.name.clone(), self.name.clone()),
            ("serial", CERTIFICATE, facts::hex(&due.serial), facts::hex(&self.serial)),
            ("not_after", CERTIFICATE, due.not_after.to_string(), self.not_after.to_string()),
            ("key_id", CERTIFICATE, facts::hex(&due.key_id), key_id),
            ("issuer", CERTIFICATE, place(due.issuer), place(self.issuer)),
        ];
        let differ = pairs.into_iter().filter(|(_, _, expected, found)| expected != found);
        let told = differ.map(|(column, by, expected, found)| {
            let message = format!("the column {column} is not what {by} says");
            let place = format!("the CA {}", quote(&due.name));
            Trouble::new(TroubleCode::ColumnDiffers, place, message).between(expected, found).next(REPAIR)
        });
        told.collect()
    }

    fn list_number(&self, due: &AuthorityColumns) -> Option<Trouble> {
        let (code, message) = match self.crl_number.cmp(&due.crl_number) {
            std::cmp::Ordering::Equal => return None,
            std::cmp::Ordering::Less => (
                TroubleCode::ListNumberLowered,
                "the next list would have a number that was used already: clients would not take it for the newer one",
            ),
            std::cmp::Ordering::Greater => (
                TroubleCode::ListNumberRaised,
                "the last number of a list is above all that were reserved: numbers run out that way",
            ),
        };
        let trouble = Trouble::new(code, format!("the lists of {}", quote(&due.name)), message);
        Some(trouble.between(due.crl_number.to_string(), self.crl_number.to_string()).next(REPAIR))
    }
}

fn unlogged(place: String) -> Trouble {
    let message = "the log has no entry of its certificate: it was put into the index behind the store's back";
    let next = "compare it with the root that the clients have:\npki inspect ca/root.pem";
    Trouble::new(TroubleCode::AuthorityUnlogged, place, message).next(next)
}

fn missing(sha256: &str) -> Trouble {
    let message = "the log has it, and the index has not: it was removed";
    let next = "see what a backup of the store says of it:\npki --store BACKUP log";
    Trouble::new(TroubleCode::AuthorityMissing, format!("the CA with the SHA-256 {sha256}"), message).next(next)
}
