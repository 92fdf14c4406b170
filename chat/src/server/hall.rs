//! The thread on which everybody who is in talks: their connections and the core's driver.
//!
//! One thread is what makes a turn: every socket that has something is read, then the driver runs the core over all of
//! it, then each client is written to once. No lock is waited for and no other thread is woken on the way of a message.
//! Handshakes, which cost a thousand times a message, go on elsewhere and don't hold the chat up.

use std::io;
use std::thread;
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The thread, as long as this is there.
#[derive(Debug)]
pub(super) struct Hall {
    handle: Handle,
    _end: oneshot::Sender<()>,
}

impl Hall {
    /// Starts the thread. Where the system gives none, everybody talks on the caller's runtime.
    pub(super) fn open() -> Hall {
        let (end, ended) = oneshot::channel();
        let handle = start(ended).unwrap_or_else(|error| {
            tracing::warn!(%error, "no-thread-for-the-chat");
            Handle::current()
        });
        Hall { handle, _end: end }
    }

    /// Runs a task here.
    pub(super) fn spawn<T: Send + 'static>(&self, task: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        self.handle.spawn(task)
    }

    /// Brings a socket from another runtime here.
    pub(super) fn bring(&self, stream: TcpStream) -> io::Result<TcpStream> {
        let stream = stream.into_std()?;
        let _here = self.handle.enter();
        TcpStream::from_std(stream)
    }
}

fn start(ended: oneshot::Receiver<()>) -> io::Result<Handle> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    thread::Builder::new().name("chat".to_owned()).spawn(move || {
        let _ = runtime.block_on(ended);
        // A password that is being worked on does not hold the process.
        runtime.shutdown_background();
    })?;
    Ok(handle)
}
