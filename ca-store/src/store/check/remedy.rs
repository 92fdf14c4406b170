//! What mends trouble. Nothing here takes away a certificate, or a key that belongs to one.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use super::files::Used;
use super::lists::UnfinishedList;
use super::unfinished::Unfinished;
use crate::authority::{Authority, Chain};
use crate::batch::settle_cut_short;
use crate::crl::place;
use crate::error::{AtPath as _, Error};
use crate::store::entry::Record;
use crate::store::files::{self, Contents, certificate_pem};
use crate::store::layout::PUBLIC_MODE;
use crate::store::log::{self, Kind, Operation, Signer};
use crate::store::trouble::Trouble;
use crate::store::writer::Writer;
use crate::store::{BatchRow, OpenAuthority, Store, atomic, fault_point};

/// What is to be done.
#[derive(Debug)]
pub(super) enum Remedy {
    /// Record the certificate that was written for a serial number.
    Finish(Unfinished, Vec<u8>),
    /// Give a serial number up.
    Withdraw(Unfinished),
    /// Write the public files of a certificate again.
    WriteFiles(Used),
    /// Write a CA's certificate again.
    WriteAuthority(PathBuf, Vec<u8>),
    /// Give a CA up whose making was cut short.
    WithdrawAuthority(i64),
    /// Give the certificates up that CAs were to have in place of those that they have.
    WithdrawRecertified,
    /// Record a revocation list that is in its place, or give its number up.
    SettleList(UnfinishedList),
    /// Write what servers read of the lists again.
    WriteBundle,
    /// Record the certificates of a batch that reached its target, and give the others up whose folders these were to be.
    SettleBatch(BatchRow, Vec<PathBuf>),
    /// Remove what a crash left.
    RemoveDraft(PathBuf),
    /// Set a file's mode.
    SetMode(PathBuf, u32),
}

/// Who mends.
pub(super) struct Mender<'a> {
    pub(super) store: &'a Store,
    pub(super) writer: &'a Writer,
    /// The issuing CA, where its key can be had: it signs the log.
    pub(super) authority: Option<&'a OpenAuthority>,
}

impl Mender<'_> {
    /// Does it, and gives in words what was done.
    ///
    /// # Errors
    /// [`Error::Io`], or [`Error::Index`] and its kin.
    pub(super) fn mend(&self, remedy: &Remedy) -> Result<String, Error> {
        match remedy {
            Remedy::Finish(row, der) => self.finish(row, der),
            Remedy::Withdraw(row) => self.withdraw(row),
            Remedy::WriteFiles(used) => self.write_files(used),
            Remedy::WriteAuthority(path, der) => {
                atomic::replace(path, certificate_pem(der).as_bytes(), PUBLIC_MODE)?;
                // A root's file holds all that are trusted.
                self.writer.settle()?;
                self.log("certificate", &path.display().to_string())?;
                Ok(format!("{} was written again from the index", path.display()))
            }
            Remedy::WithdrawAuthority(id) => self.withdraw_authority(*id),
            Remedy::WithdrawRecertified => {
                self.writer.give_up_recertified()?;
                Ok("withdrawn: the number is never used again".to_owned())
            }
            Remedy::SettleList(list) => list.settle(self.writer.index()),
            Remedy::WriteBundle => {
                let path = place::bundle(self.writer)?;
                self.log("lists", &path.display().to_string())?;
                Ok(format!("{} was written again from the lists", path.display()))
            }
            Remedy::SettleBatch(batch, folders) => self.settle_batch(batch, folders),
            Remedy::RemoveDraft(path) => {
                atomic::remove_leftover(path)?;
                Ok("removed".to_owned())
            }
            Remedy::SetMode(path, mode) => {
                fault_point("set the permissions of", path)?;
                fs::set_permissions(path, Permissions::from_mode(*mode)).at("set the permissions of", path)?;
                Ok(format!("set to {mode:04o}"))
            }
        }
    }

    /// Appends a repair that changes nothing in the index.
    fn log(&self, what: &'static str, value: &str) -> Result<(), Error> {
        self.writer.index().change(&[Operation::new(Kind::Repair).with(what, value)], None, |_| Ok(()))
    }

    fn with_signer<T>(&self, work: impl FnOnce(Option<&Signer<'_>>) -> Result<T, Error>) -> Result<T, Error> {
        match self.authority {
            Some(open) => {
                let signer = Signer { authority: self.writer.issuing_authority()?, key: &open.key };
                work(Some(&signer))
            }
            None => work(None),
        }
    }

    fn finish(&self, row: &Unfinished, der: &[u8]) -> Result<String, Error> {
        files::resume(&row.folder, row.serial)?;
        let record = Record::from_der(row.serial, der)
            .map_err(|error| Error::Crypto { what: "reading a certificate back", reason: error.to_string() })?;
        self.with_signer(|signer| self.writer.index().record_issued(&row.name, &record, row.replaces, signer))?;
        Ok("finished: its files are in place, and it is in the index".to_owned())
    }

    fn withdraw(&self, row: &Unfinished) -> Result<String, Error> {
        if row.planned && row.folder.is_dir() {
            files::resume(&row.folder, row.serial)?;
        }
        atomic::remove_leftover(&atomic::draft_of(&row.folder))?;
        self.writer.withdraw(row.serial)?;
        Ok("withdrawn: the number is never used again".to_owned())
    }

    fn settle_batch(&self, batch: &BatchRow, folders: &[PathBuf]) -> Result<String, Error> {
        folders.iter().try_for_each(|folder| atomic::remove_leftover(&atomic::draft_of(folder)))?;
        self.with_signer(|signer| settle_cut_short(self.writer, batch.clone(), signer))?;
        Ok("settled: what had reached the target is recorded, the other numbers are given up".to_owned())
    }

    fn write_files(&self, used: &Used) -> Result<String, Error> {
        let chain = self.chain(used.authority)?;
        Contents::new(&used.der, &chain, None).replace_in(&used.folder)?;
        self.log("files", &used.name)?;
        Ok("the certificate and its chain were written again from the index; a key was not touched".to_owned())
    }

    /// The CAs above what this one issued: those of now, or of the generation that it was of.
    fn chain(&self, authority: i64) -> Result<Chain, Error> {
        let (authorities, now) = (self.line(authority)?, self.store.chain()?);
        let is = |ca: Option<&Authority>, der: &[u8]| ca.is_some_and(|ca| ca.certificate.der() == der);
        if is(authorities.first(), now[0].certificate.der()) {
            return Ok(now);
        }
        let other = now.trusted().find(|root| !is(authorities.last(), root)).map(<[u8]>::to_vec);
        Ok(Chain::new(authorities, None, other))
    }

    /// A CA and those above it, the root last.
    fn line(&self, authority: i64) -> Result<Vec<Authority>, Error> {
        let ders: Vec<Vec<u8>> = self.writer.index().run(|connection| {
            let query = "WITH RECURSIVE above (id, issuer, certificate, depth) AS ( \
                           SELECT id, issuer, certificate, 0 FROM authority WHERE id = ?1 UNION ALL \
                           SELECT a.id, a.issuer, a.certificate, depth + 1 FROM authority a JOIN above \
                           ON a.id = above.issuer AND a.id != above.id WHERE depth < 8) \
                         SELECT certificate FROM above ORDER BY depth";
            connection.prepare(query)?.query_map([authority], |row| row.get(0))?.collect()
        })?;
        let read = |der: &Vec<u8>| {
            Authority::from_der(der).map_err(|reason| Error::CaDamaged { path: self.store.root_pem_path(), reason })
        };
        ders.iter().map(read).collect()
    }

    fn withdraw_authority(&self, id: i64) -> Result<String, Error> {
        let operation = Operation::new(Kind::Withdraw).with("authority", id);
        self.writer.index().change(&[operation], None, |change| {
            let give_up =
                "UPDATE authority SET state = 'retired', certificate = NULL WHERE id = ?1 AND state = 'planned'";
            change.execute(give_up, [id])
        })?;
        self.writer.remove_abandoned()?;
        if self.writer.index().issuing_authority()?.is_none() {
            self.writer.remove_beginnings()?;
        }
        Ok("withdrawn: it is made with pki init-ca or pki rollover again".to_owned())
    }

    /// Puts back what the certificates and a whole log say: columns, successors and revocations. Gives what that has mended.
    ///
    /// # Errors
    /// [`Error::Index`] and its kin.
    pub(super) fn restore_from_log(&self) -> Result<Vec<Trouble>, Error> {
        let report = log::verify(self.writer.index(), None)?;
        if report.restorable.is_empty() || !report.chain_is_whole {
            return Ok(Vec::new());
        }
        self.with_signer(|signer| log::restore(self.writer.index(), &report.restorable, signer))?;
        let mended = report.troubles.into_iter().filter(|trouble| trouble.next == super::REPAIR);
        Ok(mended
            .map(|trouble| Trouble {
                next: String::new(),
                repaired: Some("put back as the certificate and the log have it".to_owned()),
                ..trouble
            })
            .collect())
    }
}
