//! What was committed goes from the write-ahead log into the database beside those who write, not by them.
//!
//! SQLite would do it in the commit that fills the log's first thousand pages. It waits for the disk then, ten
//! milliseconds and more, and the whole chat would wait with it.

use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, JoinHandle};

use super::PATIENCE;
use crate::limits::archive::{COMMITS, LOG_BYTES, LOOK};

/// The thread that does it; it ends with this.
#[derive(Debug)]
pub(super) struct Checkpoints {
    commits: Arc<AtomicU64>,
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpoints {
    /// Starts it, for the database that `writer` has open. Where it can't be started the writer goes on doing it.
    pub(super) fn start(path: &Path, writer: &Connection) -> Option<Checkpoints> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).ok()?;
        connection.busy_timeout(PATIENCE).ok()?;
        let commits = Arc::new(AtomicU64::new(0));
        let (stop, stopped) = mpsc::channel();
        let log = log_of(path);
        let counted = commits.clone();
        let work = move || run(&connection, &log, &counted, &stopped);
        let thread = thread::Builder::new().name("checkpoint".to_owned()).spawn(work).ok()?;
        writer.pragma_update(None, "wal_autocheckpoint", 0).ok()?;
        Some(Checkpoints { commits, stop: Some(stop), thread: Some(thread) })
    }

    /// Something was committed.
    pub(super) fn count(&self) {
        self.commits.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn log_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

fn run(connection: &Connection, log: &Path, commits: &AtomicU64, stopped: &mpsc::Receiver<()>) {
    let mut done = 0;
    while stopped.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
        let now = commits.load(Ordering::Relaxed);
        if now - done < COMMITS {
            continue;
        }
        done = now;
        checkpoint(connection, "PRAGMA wal_checkpoint(PASSIVE)");
        if log.metadata().is_ok_and(|log| log.len() > LOG_BYTES) {
            checkpoint(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
        }
    }
}

fn checkpoint(connection: &Connection, pragma: &str) {
    if let Err(error) = connection.query_row(pragma, [], |_| Ok(())) {
        tracing::error!(%error, "history-failed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::{Archive, Bounds};
    use crate::core::keep::{Keep, RecordKind};

    #[test]
    fn what_was_committed_goes_into_the_database_without_the_writer() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut archive = Archive::open(folder.path(), Bounds::default()).expect("opened");
        let database = folder.path().join("chat.sqlite");
        let before = database.metadata().expect("made").len();
        // As many commits as it takes: each is a page and more.
        while database.metadata().expect("there").len() < before + 64 * 1024 {
            for number in 0..COMMITS {
                let (kind, value) = (RecordKind::ALL[0], "x".repeat(1_000));
                archive.keep(&Keep::Put { kind, key: format!("{number}-{before}"), value }).expect("kept");
                archive.commit().expect("committed");
            }
        }
        assert_eq!(archive.records().expect("read").len(), usize::try_from(COMMITS).expect("few"));
    }
}
