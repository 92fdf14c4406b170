//! The lock that a writer holds for the whole of a change. The system releases it when the process ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{AtPath as _, Error};
use crate::store::layout::{BATCH_LOCK, LOCK, SECRET_MODE};

/// How long a writer waits for another: longer than any single change takes, RSA-4096 and a slow disk included.
pub const LOCK_PATIENCE: Duration = Duration::from_secs(60);

/// How often a waiting writer looks: often enough not to be noticed, seldom enough to cost nothing.
const LOCK_LOOK: Duration = Duration::from_millis(10);

/// The held lock; dropping it releases.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of the store `dir`, calling `on_wait` once if another process holds it.
    ///
    /// # Errors
    /// [`Error::StoreLocked`] after [`LOCK_PATIENCE`], or [`Error::Io`].
    pub(crate) fn take(dir: &Path, on_wait: &dyn Fn(&Path)) -> Result<Lock, Error> {
        Lock::take_file(&dir.join(LOCK), LOCK_PATIENCE, on_wait)
    }

    /// Takes the lock of batches, of which there is one at a time in a store; waits for another to its end.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(crate) fn take_for_batch(dir: &Path, on_wait: &dyn Fn(&Path)) -> Result<Lock, Error> {
        Lock::take_file(&dir.join(BATCH_LOCK), Duration::MAX, on_wait)
    }

    /// Whether a batch is at work in the store `dir`: its rows are its own.
    pub(crate) fn batch_is_held(dir: &Path) -> bool {
        let file = File::open(dir.join(BATCH_LOCK));
        file.is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
    }

    fn take_file(path: &Path, patience: Duration, on_wait: &dyn Fn(&Path)) -> Result<Lock, Error> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(SECRET_MODE);
        let file = options.open(path).at("open the lock", path)?;
        match file.try_lock() {
            Ok(()) => return Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => on_wait(path),
            Err(TryLockError::Error(error)) => return Err(error).at("lock", path),
        }
        wait(file, path, patience)
    }
}

fn wait(file: File, path: &Path, patience: Duration) -> Result<Lock, Error> {
    let begun = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Lock { _file: file }),
            Err(TryLockError::Error(error)) => return Err(error).at("lock", path),
            Err(TryLockError::WouldBlock) if begun.elapsed() >= patience => {
                return Err(Error::StoreLocked { path: path.to_owned(), seconds: patience.as_secs() });
            }
            Err(TryLockError::WouldBlock) => thread::sleep(LOCK_LOOK),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn a_second_writer_waits_and_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let (first, waited) = (Cell::new(Some(Lock::take(dir.path(), &|_| ()).unwrap())), Cell::new(0));
        let second = Lock::take(dir.path(), &|_| {
            waited.set(waited.get() + 1);
            first.take();
        });
        assert!(second.is_ok());
        assert_eq!(waited.get(), 1);
    }

    #[test]
    fn patience_has_an_end() {
        let dir = tempfile::tempdir().unwrap();
        let _held = Lock::take(dir.path(), &|_| ()).unwrap();
        let path = dir.path().join(LOCK);
        let again = wait(File::options().write(true).open(&path).unwrap(), &path, Duration::ZERO);
        assert!(matches!(again, Err(Error::StoreLocked { .. })));
    }
}
