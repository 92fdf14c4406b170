//! The server's edge: sockets, TLS, and one task that owns the [`Core`].
//!
//! ```text
//! listener ─► handshake ─► connection ─► Message ─► driver (owns the core) ─► outbox ─► connection
//! ```
//!
//! A connection is one task. It waits for the core when that is busy, which slows its own peer; the core never waits
//! for a connection.

mod connection;
mod driver;
mod handshake;
pub mod limits;
mod listener;
mod outbox;
mod secrets;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::time::timeout;

use connection::{Introduction, talk};
use driver::{Driver, Message};
use handshake::{Secured, handshake};
pub use listener::{Kind, ListenError, Listener};
pub use secrets::random_word;

use crate::archive::Archive;
use crate::core::{ClientId, Core, Event, Identity, Settings};
use crate::tls::access::Access;
use crate::tls::server::ServerTls;

/// A server that listens and is ready to run.
#[derive(Debug)]
pub struct Server {
    listeners: Vec<Listener>,
    tls: Option<ServerTls>,
    access: Access,
    settings: Settings,
    archive: Archive,
}

/// What the tasks of all connections share.
#[derive(Debug)]
struct Shared {
    tls: Option<ServerTls>,
    access: Access,
    core: mpsc::Sender<Message>,
    next_client: AtomicU64,
    connections: Arc<Semaphore>,
    handshakes: Semaphore,
    stopping: watch::Receiver<bool>,
}

impl Server {
    /// A server on `listeners`; `tls` is needed where one of them speaks it.
    pub fn new(
        listeners: Vec<Listener>,
        tls: Option<ServerTls>,
        access: Access,
        settings: Settings,
        archive: Archive,
    ) -> Self {
        Self { listeners, tls, access, settings, archive }
    }

    /// The addresses it listens on.
    pub fn addresses(&self) -> impl Iterator<Item = (SocketAddr, Kind)> {
        self.listeners.iter().map(|listener| (listener.address(), listener.kind))
    }

    /// Serves until `stop` is there, then tells all clients its text and ends within [`limits::SHUTDOWN`].
    pub async fn run(self, stop: impl Future<Output = String>) {
        let (core, messages) = mpsc::channel(limits::EVENTS);
        let (stopping, watching) = watch::channel(false);
        let driver = tokio::spawn(Driver::new(Core::new(self.settings), self.archive, core.downgrade()).run(messages));
        let shared = Arc::new(Shared {
            tls: self.tls,
            access: self.access,
            core: core.clone(),
            next_client: AtomicU64::new(1),
            connections: Arc::new(Semaphore::new(limits::CONNECTIONS)),
            handshakes: Semaphore::new(limits::HANDSHAKES),
            stopping: watching,
        });
        for listener in self.listeners {
            tokio::spawn(accept_all(shared.clone(), listener));
        }
        let reason = stop.await;
        let _ = stopping.send(true);
        let _ = core.send(Message::Happened(Event::Shutdown { reason })).await;
        let _ = driver.await;
        wait_for_connections(&shared).await;
    }
}

/// Every connection holds a permit, so all of them are there when none is left.
async fn wait_for_connections(shared: &Shared) {
    let all = u32::try_from(limits::CONNECTIONS).unwrap_or(u32::MAX);
    let _ = timeout(limits::SHUTDOWN, shared.connections.acquire_many(all)).await;
}

async fn accept_all(shared: Arc<Shared>, listener: Listener) {
    let mut stopping = shared.stopping.clone();
    tokio::select! {
        () = accept_each(&shared, &listener) => {}
        _ = stopping.wait_for(|stopping| *stopping) => {}
    }
}

async fn accept_each(shared: &Arc<Shared>, listener: &Listener) {
    loop {
        // The permit comes first: a connection that nobody may serve stays in the kernel's queue.
        let Ok(permit) = shared.connections.clone().acquire_owned().await else { return };
        match listener.socket.accept().await {
            Ok((stream, peer)) => {
                tokio::spawn(serve(shared.clone(), listener.kind, stream, peer, permit));
            }
            Err(error) => {
                tracing::warn!(%error, "accept-failed");
                tokio::time::sleep(limits::ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn serve(shared: Arc<Shared>, kind: Kind, stream: TcpStream, peer: SocketAddr, permit: OwnedSemaphorePermit) {
    // Lines are short and packed already; waiting for more to send would only add delay.
    let _ = stream.set_nodelay(true);
    match (kind, &shared.tls) {
        (Kind::Tls, Some(tls)) => serve_tls(&shared, tls, stream, peer).await,
        _ => talk(stream, shared.introduce(peer, false, None), shared.core.clone(), shared.stopping.clone()).await,
    }
    drop(permit);
}

async fn serve_tls(shared: &Shared, tls: &ServerTls, stream: TcpStream, peer: SocketAddr) {
    let mut stopping = shared.stopping.clone();
    let secured = tokio::select! {
        secured = shared.handshake(tls, stream, peer) => secured,
        _ = stopping.wait_for(|stopping| *stopping) => return,
    };
    let Some(Secured { mut stream, identity }) = secured else { return };
    if let Some(Err(reason)) = identity.as_ref().map(|identity| shared.access.check(identity)) {
        tracing::warn!(%peer, code = "access-denied", ?reason, "refused");
        let told = format!("ERROR :Closing Link: {} (access-denied: {reason})\r\n", peer.ip());
        let _ = timeout(limits::FLUSH, stream.write_all(told.as_bytes())).await;
        let _ = timeout(limits::FLUSH, stream.shutdown()).await;
        return connection::linger(&mut stream).await;
    }
    let introduction = shared.introduce(peer, true, identity);
    talk(stream, introduction, shared.core.clone(), shared.stopping.clone()).await;
}

impl Shared {
    async fn handshake(&self, tls: &ServerTls, stream: TcpStream, peer: SocketAddr) -> Option<Secured> {
        let _permit = self.handshakes.acquire().await.ok()?;
        handshake(tls, stream, peer).await
    }

    fn introduce(&self, peer: SocketAddr, secure: bool, identity: Option<Identity>) -> Introduction {
        let client = ClientId(self.next_client.fetch_add(1, Ordering::Relaxed));
        Introduction { client, host: host_text(peer), secure, identity }
    }
}

/// The peer's address as a host name of IRC: one that begins with `:` would end the parameters of a message.
fn host_text(peer: SocketAddr) -> String {
    let address = peer.ip().to_canonical().to_string();
    if address.starts_with(':') { format!("0{address}") } else { address }
}
