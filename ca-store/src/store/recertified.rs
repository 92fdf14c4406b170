//! CAs that are certified again: one key and one name, and a certificate after the other. The CA keeps its place in the index, and
//! with it its revocation lists and all that it has issued; the certificate that it had is kept beside it.

use std::path::PathBuf;

use rusqlite::{Row, params};
use time::OffsetDateTime;

use crate::error::Error;
use crate::key::PrivateKey;
use crate::plan::CertificatePlan;
use crate::store::atomic;
use crate::store::authorities::AuthorityRow;
use crate::store::files::certificate_pem;
use crate::store::index::Index;
use crate::store::layout::{self, PUBLIC_MODE};
use crate::store::log::{Operation, Signer};
use crate::store::writer::Writer;

/// How the names of files begin with certificates that CAs had before.
const FORMER: &str = "former";

/// A certificate that a CA had, was to have, or almost had.
#[derive(Debug, Clone)]
pub(crate) struct Recertified {
    /// Its place in the index.
    pub(crate) id: i64,
    /// The CA's place.
    authority: i64,
    role: String,
    state: String,
    /// The CA's name.
    pub(crate) name: String,
    /// The certificate, of one that the CA had.
    pub(crate) certificate: Option<Vec<u8>>,
}

impl Recertified {
    /// Whether it was planned, and what became of it is not recorded.
    pub(crate) fn is_planned(&self) -> bool {
        self.state == "planned"
    }
}

impl Index {
    /// All of them, in the order in which they were planned.
    pub(crate) fn recertified(&self) -> Result<Vec<Recertified>, Error> {
        self.run(|connection| {
            let query = "SELECT it.id, it.authority, ca.role, it.state, ca.name, it.certificate FROM recertified it \
                         JOIN authority ca ON ca.id = it.authority ORDER BY it.id";
            connection.prepare(query)?.query_map([], recertified)?.collect()
        })
    }

    /// Records the certificate that is about to be signed for a CA that has one.
    fn plan_recertified(&self, ca: i64, plan: &CertificatePlan, now: OffsetDateTime) -> Result<i64, Error> {
        self.change(&[], None, |change| {
            change.execute(
                "INSERT INTO recertified (authority, state, serial, not_after, planned) VALUES (?1, 'planned', ?2, ?3, ?4)",
                params![
                    ca,
                    plan.serial().octets(),
                    plan.validity().not_after().unix_timestamp(),
                    now.unix_timestamp()
                ],
            )?;
            Ok(change.last_insert_rowid())
        })
    }

    /// Gives the planned certificate to its CA; the one that it had takes the planned one's row. What its last list named when
    /// it was taken over is named as long as the longer of the two lasts.
    fn recertify(&self, id: i64, der: &[u8], operation: Operation, signer: &Signer<'_>) -> Result<(), Error> {
        self.change(&[operation], Some(signer), |change| {
            let (ca, serial, not_after): (i64, Vec<u8>, i64) = change.query_row(
                "SELECT authority, serial, not_after FROM recertified WHERE id = ?1",
                [id],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )?;
            let former = "UPDATE recertified SET state = 'former', (serial, not_after, certificate) = \
                          (SELECT ca.serial, ca.not_after, ca.certificate FROM authority ca WHERE ca.id = authority) \
                          WHERE id = ?1";
            change.execute(former, [id])?;
            let renewed = "UPDATE authority SET serial = ?2, not_after = ?3, certificate = ?4 WHERE id = ?1";
            change.execute(renewed, params![ca, serial, not_after, der])?;
            let named = "UPDATE certificate SET not_after = max(not_after, ?2) \
                         WHERE authority = ?1 AND state = 'withdrawn' AND crl_before IS NOT NULL";
            change.execute(named, params![ca, not_after])
        })?;
        Ok(())
    }

    fn withdraw_recertified(&self) -> Result<(), Error> {
        let give_up = "UPDATE recertified SET state = 'withdrawn' WHERE state = 'planned'";
        self.change(&[], None, |change| change.execute(give_up, []))?;
        Ok(())
    }
}

fn recertified(row: &Row<'_>) -> rusqlite::Result<Recertified> {
    Ok(Recertified {
        id: row.get(0)?,
        authority: row.get(1)?,
        role: row.get(2)?,
        state: row.get(3)?,
        name: row.get(4)?,
        certificate: row.get(5)?,
    })
}

impl Writer {
    /// Records the certificate that is about to be signed for a CA that has one, and gives its place. One whose making was cut
    /// short is given up.
    pub(crate) fn plan_recertified(&self, ca: i64, plan: &CertificatePlan, now: OffsetDateTime) -> Result<i64, Error> {
        self.give_up_recertified()?;
        self.index.plan_recertified(ca, plan, now)
    }

    /// Writes a CA's new certificate, records it in one step, and puts it into the place of the one before; gives where that is
    /// kept. `signer` is a CA with its key.
    pub(crate) fn recertify(
        &self,
        (ca, id): (&AuthorityRow, i64),
        der: &[u8],
        operation: Operation,
        (authority, key): (i64, &PrivateKey),
    ) -> Result<PathBuf, Error> {
        let path = self.other(ca.role, ca.id).with_extension("pem");
        atomic::replace(&path, certificate_pem(der).as_bytes(), PUBLIC_MODE)?;
        atomic::replace(&self.dir.join(layout::MOVING), &[], PUBLIC_MODE)?;
        self.index.recertify(id, der, operation, &Signer { authority, key })?;
        self.settle()?;
        Ok(self.former_path(id))
    }

    /// Gives the certificates up that CAs were to have, with the files of them. Only a CA that is current is certified again, and
    /// its certificate's place is another.
    pub(crate) fn give_up_recertified(&self) -> Result<(), Error> {
        let all = self.index.recertified()?;
        let planned: Vec<_> = all.iter().filter(|it| it.is_planned()).collect();
        for it in &planned {
            let path = layout::other_authority(&self.dir, &it.role, it.authority);
            atomic::remove(&path.with_extension("pem"))?;
        }
        if planned.is_empty() { Ok(()) } else { self.index.withdraw_recertified() }
    }

    /// Writes the certificates that CAs had before, where they are not there.
    pub(super) fn keep_former(&self) -> Result<(), Error> {
        for former in self.index.recertified()? {
            let path = self.former_path(former.id);
            match &former.certificate {
                Some(der) if !path.exists() => atomic::replace(&path, certificate_pem(der).as_bytes(), PUBLIC_MODE)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn former_path(&self, id: i64) -> PathBuf {
        layout::other_authority(&self.dir, FORMER, id).with_extension("pem")
    }
}
