//! What changes while a server runs: certificates, trust, revocation, the configuration.
//!
//! Files are looked at several times a second by their stamps: that works on every system and file system, for files that are
//! replaced by rename and for those written in place, and costs a few calls of the system.

use ca_store::facts::escape;
use rustls::pki_types::UnixTime;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;
use tokio::sync::Notify;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::Shared;
use super::admission::Admission;
use super::driver::Message;
use super::limits::LOOK;
use crate::core::{Event, Settings};

/// Where a server gets what it may need again.
pub trait Source: Send + Sync + 'static {
    /// Certificates, trust and revocation as they are now.
    ///
    /// # Errors
    /// Says what could not be read, and where.
    fn admission(&self) -> Result<Admission, String>;

    /// Reads the configuration again; the next [`Source::admission`] goes by it.
    ///
    /// # Errors
    /// Says what is wrong with it; then the one before holds.
    fn settings(&self) -> Result<Settings, String>;

    /// The files of the admission: when one of them changes it is read again.
    fn files(&self) -> Vec<PathBuf>;
}

/// What of a file shows that it is another, or was written to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    changed: Option<SystemTime>,
    length: u64,
    identity: u64,
}

fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = std::fs::metadata(path).ok()?;
    Some(Stamp { changed: metadata.modified().ok(), length: metadata.len(), identity: file_identity(&metadata) })
}

#[cfg(unix)]
fn file_identity(metadata: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn file_identity(_metadata: &std::fs::Metadata) -> u64 {
    0
}

fn stamps(source: &dyn Source) -> Vec<(PathBuf, Option<Stamp>)> {
    source.files().into_iter().map(|path| (path.clone(), stamp(&path))).collect()
}

/// Looks after the files, and after who asks for everything to be read again, until the server ends. `seen` are the files' stamps
/// from before they were read for the first time.
pub(super) async fn watch(shared: Arc<Shared>, source: Arc<dyn Source>, asked: Arc<Notify>, seen: Stamps) {
    let mut stopping = shared.stopping.clone();
    let mut look = interval_at(Instant::now() + LOOK, LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut seen = seen.0;
    loop {
        let all = tokio::select! {
            _ = look.tick() => false,
            () = asked.notified() => true,
            _ = stopping.wait_for(|stopping| *stopping) => return,
        };
        let found = stamps(&*source);
        let mut problems = Vec::new();
        if all {
            problems.extend(reconfigure(&shared, &source).await.err());
        }
        if all || found != seen {
            seen = found;
            problems.extend(renew(&shared, &source).await.err());
        }
        if all {
            // Paths are in them, and what stands in files: text that may steer a terminal.
            let problems = problems.iter().map(|problem| escape(problem)).collect();
            let _ = shared.core.send(Message::Happened(Event::ReadAgain { problems })).await;
        }
    }
}

/// The stamps of a source's files at one time.
#[derive(Debug)]
pub(super) struct Stamps(Vec<(PathBuf, Option<Stamp>)>);

impl Stamps {
    pub(super) fn of(source: &dyn Source) -> Stamps {
        Stamps(stamps(source))
    }
}

async fn reconfigure(shared: &Shared, source: &Arc<dyn Source>) -> Result<(), String> {
    match blocking(source, Source::settings).await {
        Ok(settings) => {
            let _ = shared.core.send(Message::Happened(Event::Reconfigured(Box::new(settings)))).await;
            tracing::info!("configuration-read");
            Ok(())
        }
        Err(problem) => {
            tracing::error!(%problem, "configuration-not-read: what was read before holds");
            Err(problem)
        }
    }
}

async fn renew(shared: &Arc<Shared>, source: &Arc<dyn Source>) -> Result<(), String> {
    let admission = match blocking(source, Source::admission).await {
        Ok(admission) => Arc::new(admission),
        Err(problem) => {
            tracing::error!(%problem, "certificates-not-read: what was read before holds");
            return Err(problem);
        }
    };
    shared.replace_admission(admission.clone());
    let own = admission.tls.as_ref().and_then(|tls| tls.own());
    let (serial, not_after) = (own.map(|own| own.serial.as_str()), own.map(|own| own.not_after.as_str()));
    tracing::info!(serial, not_after, "certificates-read");
    let live = shared.live.clone();
    let judged = tokio::task::spawn_blocking(move || live.unwelcome(&admission, UnixTime::now())).await;
    for (client, refused) in judged.unwrap_or_default() {
        shared.metrics.dismissed.inc();
        tracing::warn!(client = client.0, code = refused.code, reason = ?refused.reason, "dismissed");
        let reason = refused.to_string();
        let _ = shared.core.send(Message::Happened(Event::Dismissed { client, reason })).await;
    }
    Ok(())
}

async fn blocking<T: Send + 'static>(
    source: &Arc<dyn Source>,
    read: impl FnOnce(&dyn Source) -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    let source = source.clone();
    tokio::task::spawn_blocking(move || read(&*source)).await.unwrap_or_else(|error| Err(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_written_replaced_or_removed_has_another_stamp() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        assert_eq!(stamp(&path), None);
        std::fs::write(&path, "one").expect("written");
        let first = stamp(&path);
        assert!(first.is_some() && first == stamp(&path));
        let other = folder.path().join("other");
        std::fs::write(&other, "two").expect("written");
        std::fs::rename(&other, &path).expect("replaced");
        assert_ne!(stamp(&path), first);
    }
}
