//! The index: one SQLite database in WAL mode that knows every serial ever reserved and holds every certificate whole.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Row, params};
use time::OffsetDateTime;

use crate::error::{AtPath as _, Error};
use crate::name::fold;
use crate::plan::CertificatePlan;
use crate::profile::Purpose;
use crate::san::{FolderName, San};
use crate::serial::Serial;
use crate::store::entry::{Distrust, IndexEntry, Record};
use crate::store::layout::{INDEX, SECRET_MODE};
use crate::store::lock::Lock;
use crate::store::log::{self, Fault, Operation, Signer};
use crate::store::{atomic, birth, fault, migrate, permission};

/// The format that is written, kept in `user_version`.
pub(crate) const FORMAT: i64 = 3;

/// How long SQLite waits for another connection; writers hold the store's lock, so only a checkpoint can be in the way.
const BUSY_PATIENCE: Duration = Duration::from_secs(10);

/// An open index.
#[derive(Debug)]
pub(crate) struct Index {
    connection: Connection,
    path: PathBuf,
}

/// What is known when a serial is reserved.
#[derive(Debug)]
pub(crate) struct Reservation<'a> {
    pub(crate) serial: Serial,
    pub(crate) name: &'a FolderName,
    pub(crate) purpose: Purpose,
    pub(crate) days: u32,
    pub(crate) authority: i64,
    pub(crate) folder: Option<&'a str>,
    pub(crate) replaces: Option<Serial>,
    /// Whether its key is in its folder; none: that is not known.
    pub(crate) key_here: Option<bool>,
    pub(crate) now: OffsetDateTime,
}

impl Index {
    /// Whether the store `dir` has an index.
    pub(crate) fn exists(dir: &Path) -> bool {
        dir.join(INDEX).is_file()
    }

    /// Whether the making of the index was cut short: it has no table yet, whatever else of SQLite's is there.
    ///
    /// # Errors
    /// As [`Index::open`], where it is no database at all.
    pub(crate) fn is_unfinished(dir: &Path) -> Result<bool, Error> {
        let path = dir.join(INDEX);
        permission::check_secret(&path)?;
        let index = Self::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let tables: i64 =
            index.run(|connection| connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)))?;
        Ok(tables == 0)
    }

    /// Makes the index of a new store.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Index`].
    pub(crate) fn create(dir: &Path) -> Result<Index, Error> {
        let path = dir.join(INDEX);
        let image = birth::image(migrate::SCHEMA, FORMAT);
        // SQLite gives its side files the mode of the database, so this one decides for all.
        atomic::replace(&path, image.as_deref().unwrap_or_default(), SECRET_MODE)?;
        let index = Self::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        index.run(|connection| {
            // Nobody else can know of it yet: without shared memory and locks its making takes half the time.
            connection.pragma_update(None, "locking_mode", "exclusive")?;
            connection.pragma_update(None, "synchronous", "full")?;
            if image.is_some() { Ok(()) } else { make_tables(connection) }
        })?;
        Ok(index)
    }

    /// Opens the index for writing; the caller holds the lock.
    ///
    /// # Errors
    /// [`Error::Index`], [`Error::StoreTooNew`], [`Error::Permissions`] or [`Error::IndexDamaged`].
    pub(crate) fn open(dir: &Path) -> Result<Index, Error> {
        let index = Self::open_for_changing(dir)?;
        if let Some(step) = migrate::step_from(index.format()?) {
            fault::point("bring up to date", &index.path)?;
            index.run(step)?;
            fault::point("go on after bringing up to date", &index.path)?;
        }
        index.refuse_format(dir)?;
        Ok(index)
    }

    fn open_for_changing(dir: &Path) -> Result<Index, Error> {
        let path = dir.join(INDEX);
        permission::check_secret(&path)?;
        let index = Self::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        index.run(|connection| connection.pragma_update(None, "synchronous", "full"))?;
        Ok(index)
    }

    /// Opens the index for reading, which needs no lock. One of an earlier format is brought up to date first, and that
    /// needs the lock: `on_wait` is called where another process holds it.
    ///
    /// # Errors
    /// As [`Index::open`].
    pub(crate) fn open_for_reading(dir: &Path, on_wait: &dyn Fn(&Path)) -> Result<Index, Error> {
        let path = dir.join(INDEX);
        permission::check_secret(&path)?;
        let mut index = Self::connect_for_reading(dir, path.clone())?;
        if migrate::step_from(index.format()?).is_some() {
            let _lock = Lock::take(dir, on_wait)?;
            Self::open(dir)?;
            index = Self::connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        }
        index.refuse_format(dir)?;
        Ok(index)
    }

    fn format(&self) -> Result<i64, Error> {
        self.run(|connection| connection.pragma_query_value(None, "user_version", |row| row.get(0)))
    }

    fn refuse_format(&self, dir: &Path) -> Result<(), Error> {
        match self.format()? {
            FORMAT => Ok(()),
            0 => Err(self.damaged("it has no tables: its making was interrupted, or it is of another program")),
            found => Err(Error::StoreTooNew { dir: dir.to_owned(), found, known: FORMAT }),
        }
    }

    /// In WAL mode readers too write, beside the index. Where they cannot, it is read as a file that nobody changes; unless
    /// changes wait in the log beside it, which would not be seen.
    fn connect_for_reading(dir: &Path, path: PathBuf) -> Result<Index, Error> {
        let access = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let waiting = std::fs::metadata(dir.join(format!("{INDEX}-wal"))).is_ok_and(|log| log.len() > 0);
        if waiting || permission::is_writable(dir) {
            return Self::connect(path, access);
        }
        let absolute = std::path::absolute(&path).at("find", &path)?;
        let uri = PathBuf::from(immutable_uri(&absolute));
        let index = Self::connect(uri, access | OpenFlags::SQLITE_OPEN_URI)?;
        Ok(Index { path, ..index })
    }

    fn connect(path: PathBuf, access: OpenFlags) -> Result<Index, Error> {
        let opened = Connection::open_with_flags(&path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .and_then(|connection| connection.busy_timeout(BUSY_PATIENCE).map(|()| connection));
        match opened {
            Ok(connection) => Ok(Index { connection, path }),
            Err(source) => Err(Error::Index { path, source }),
        }
    }

    /// Asks the database.
    ///
    /// # Errors
    /// [`Error::Index`].
    pub(crate) fn run<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, Error> {
        work(&self.connection).map_err(|source| Error::Index { path: self.path.clone(), source })
    }

    /// Makes a change and appends what was done to the log, in one transaction: with `signer`, under a new head. Many changes
    /// may be one such group; each has an operation of its own.
    ///
    /// # Errors
    /// [`Error::Index`] or [`Error::Crypto`]; nothing is then changed or appended.
    pub(crate) fn change<T>(
        &self,
        operations: &[Operation],
        signer: Option<&Signer<'_>>,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        self.change_many(operations.iter().cloned(), signer, work)
    }

    /// As [`Index::change`], of more operations than are to be held at once.
    ///
    /// # Errors
    /// As [`Index::change`].
    pub(crate) fn change_many<T>(
        &self,
        operations: impl IntoIterator<Item = Operation>,
        signer: Option<&Signer<'_>>,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        let attempt = || -> Result<T, Fault> {
            let change = self.connection.unchecked_transaction()?;
            let done = work(&change)?;
            log::record(&change, operations, signer)?;
            fault::point("change", &self.path)?;
            change.commit()?;
            fault::point("go on after a change of", &self.path)?;
            Ok(done)
        };
        attempt().map_err(|fault| match fault {
            Fault::Index(source) => Error::Index { path: self.path.clone(), source },
            Fault::Damaged(reason) => self.damaged(&reason),
            Fault::Other(error) => error,
        })
    }

    pub(crate) fn damaged(&self, reason: &str) -> Error {
        Error::IndexDamaged { path: self.path.clone(), reason: reason.to_owned() }
    }

    /// Reserves a serial: from here on it is never used again, whatever happens.
    pub(crate) fn reserve(&self, reservation: &Reservation<'_>) -> Result<(), Error> {
        self.refuse_revoked_ca(reservation.authority)?;
        let partition = self.list_points(reservation.authority)?.partition_of(reservation.serial);
        self.change(&[], None, |change| {
            change.execute(
                "INSERT INTO certificate (serial, state, name, folded, purpose, days, reserved, folder, replaces, authority, \
                 partition, key_here) VALUES (?1, 'reserved', ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                params![
                    reservation.serial.octets(),
                    reservation.name.as_str(),
                    reservation.name.folded(),
                    reservation.purpose.as_str(),
                    reservation.days,
                    reservation.now.unix_timestamp(),
                    reservation.folder,
                    reservation.replaces.as_ref().map(Serial::octets),
                    reservation.authority,
                    partition,
                    reservation.key_here,
                ],
            )
        })?;
        Ok(())
    }

    /// Records that a reserved serial stays unused.
    pub(crate) fn withdraw(&self, serial: Serial) -> Result<(), Error> {
        let operation = Operation::new(log::Kind::Withdraw).with("serial", serial.to_string());
        self.change(&[operation], None, |change| {
            change.execute("UPDATE certificate SET state = 'withdrawn' WHERE serial = ?1", [serial.octets()])
        })?;
        Ok(())
    }

    /// Records what is about to be signed.
    pub(crate) fn record_plan(&self, plan: &CertificatePlan) -> Result<(), Error> {
        let sans: Vec<String> = plan.sans().iter().map(San::to_string).collect();
        self.change(&[], None, |change| {
            change.execute(
                "UPDATE certificate SET state = 'planned', common_name = ?2, sans = ?3, not_before = ?4, not_after = ?5 \
                 WHERE serial = ?1",
                params![
                    plan.serial().octets(),
                    plan.subject().map(crate::name::CommonName::as_str),
                    sans.join("\n"),
                    plan.validity().not_before().unix_timestamp(),
                    plan.validity().not_after().unix_timestamp(),
                ],
            )
        })?;
        Ok(())
    }

    /// Records the certificate itself, and that it takes the place of another; `signer` signs the log.
    pub(crate) fn record_issued<'s>(
        &self,
        name: &str,
        issued: &Record,
        replaces: Option<Serial>,
        signer: impl Into<Option<&'s Signer<'s>>>,
    ) -> Result<(), Error> {
        self.change(&[Operation::issued(name, issued, replaces)], signer.into(), |change| {
            if let Some(replaced) = replaces {
                change.execute(
                    "UPDATE certificate SET replaced_by = ?2 WHERE serial = ?1",
                    params![replaced.octets(), issued.serial.octets()],
                )?;
            }
            change.execute(
                "UPDATE certificate SET state = 'issued', subject = ?2, issuer = ?3, sha256 = ?4, certificate = ?5 \
                 WHERE serial = ?1",
                params![issued.serial.octets(), issued.subject, issued.issuer, issued.sha256, issued.der],
            )?;
            Ok(())
        })
    }

    /// The certificate of this name that is in use, whatever the letter case.
    pub(crate) fn current(&self, name: &str) -> Result<Option<IndexEntry>, Error> {
        self.one("folded = ?1 AND state = 'issued' AND replaced_by IS NULL", &fold(name))
    }

    /// The certificate with this serial.
    pub(crate) fn by_serial(&self, serial: Serial) -> Result<Option<IndexEntry>, Error> {
        self.one("serial = ?1 AND state = 'issued'", &serial.octets().as_slice())
    }

    fn one(&self, condition: &str, value: &dyn rusqlite::ToSql) -> Result<Option<IndexEntry>, Error> {
        let found = self.run(|connection| {
            let query = format!("SELECT {COLUMNS} FROM certificate WHERE {condition}");
            connection.query_row(&query, [value], |row| Ok(read(row))).optional()
        })?;
        found.map(|entry| entry.map_err(|reason| self.damaged(&reason))).transpose()
    }

    /// The certificates in use that end at `until` or before.
    pub(crate) fn due(&self, until: OffsetDateTime) -> Result<Vec<IndexEntry>, Error> {
        let condition = "not_after <= ?1 AND state = 'issued' AND replaced_by IS NULL AND revoked IS NULL \
                         AND purpose != 'intermediate' ORDER BY not_after, id";
        let rows: Vec<Result<IndexEntry, String>> = self.run(|connection| {
            let mut query = connection.prepare(&format!("SELECT {COLUMNS} FROM certificate WHERE {condition}"))?;
            query.query_map([until.unix_timestamp()], |row| Ok(read(row)))?.collect()
        })?;
        rows.into_iter().collect::<Result<_, _>>().map_err(|reason| self.damaged(&reason))
    }
}

/// The URI of a database that nobody changes (<https://www.sqlite.org/uri.html>).
fn immutable_uri(path: &Path) -> String {
    use std::fmt::Write as _;
    use std::os::unix::ffi::OsStrExt as _;
    let mut uri = "file:".to_owned();
    for octet in path.as_os_str().as_bytes() {
        match octet {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => uri.push(char::from(*octet)),
            // Writing to a string cannot fail.
            _ => drop(write!(uri, "%{octet:02X}")),
        }
    }
    uri + "?immutable=1"
}

fn make_tables(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.execute_batch(&format!("BEGIN; {} PRAGMA user_version = {FORMAT}; COMMIT", migrate::SCHEMA))
}

/// The columns of an [`IndexEntry`], in the order of [`read`].
pub(crate) const COLUMNS: &str = "serial, name, purpose, days, folder, replaced_by, common_name, sans, subject, issuer, not_before, \
                       not_after, sha256, certificate, revoked, reason, key_here, \
                       (SELECT CASE WHEN ca.revoked IS NOT NULL THEN 'ca' WHEN root.state = 'retired' THEN 'root' END \
                       FROM authority ca JOIN authority root ON root.id = coalesce(ca.issuer, ca.id) \
                       WHERE ca.id = certificate.authority)";

pub(crate) fn read(row: &Row<'_>) -> Result<IndexEntry, String> {
    let read = || -> rusqlite::Result<Option<IndexEntry>> {
        let serial = |column: usize| -> rusqlite::Result<Option<Serial>> {
            Ok(row.get::<_, Option<Vec<u8>>>(column)?.and_then(|octets| Serial::from_octets(&octets)))
        };
        let time = |column| Ok::<_, rusqlite::Error>(OffsetDateTime::from_unix_timestamp(row.get(column)?).ok());
        let (Some(own), Ok(purpose)) = (serial(0)?, row.get::<_, String>(2)?.parse()) else { return Ok(None) };
        let (Some(not_before), Some(not_after)) = (time(10)?, time(11)?) else { return Ok(None) };
        Ok(Some(IndexEntry {
            serial: own,
            name: row.get(1)?,
            purpose,
            days: row.get(3)?,
            folder: row.get::<_, Option<String>>(4)?.map(PathBuf::from),
            replaced_by: serial(5)?,
            common_name: row.get(6)?,
            sans: row.get::<_, String>(7)?.lines().map(str::to_owned).collect(),
            subject: row.get(8)?,
            issuer: row.get(9)?,
            not_before,
            not_after,
            sha256: crate::facts::hex(&row.get::<_, Vec<u8>>(12)?),
            der: row.get(13)?,
            revoked: row.get::<_, Option<i64>>(14)?.and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok()),
            reason: row.get::<_, Option<String>>(15)?.and_then(|reason| reason.parse().ok()),
            key_here: row.get(16)?,
            distrust: row.get_ref(17)?.as_str_or_null()?.and_then(Distrust::of),
        }))
    };
    match read() {
        Ok(Some(entry)) => Ok(entry),
        Ok(None) => Err("a row has a serial number, purpose or time that is none".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
