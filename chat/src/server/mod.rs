//! The server's edge: sockets, TLS, and one task that owns the [`Core`].
//!
//! ```text
//! listener ─► handshake ─► connection ─► Message ─► driver (owns the core) ─► outbox ─► connection
//! ```
//!
//! A connection is one task. It waits for the core when that is busy, which slows its own peer; the core never waits
//! for a connection.

mod admission;
mod connection;
mod driver;
mod handshake;
pub mod limits;
mod listener;
mod live;
mod outbox;
mod ports;
pub mod reload;
mod secrets;

use rustls::pki_types::{CertificateDer, UnixTime};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;

pub use admission::Admission;
use admission::Refused;
use connection::{Introduction, talk};
use driver::{Driver, Message};
use handshake::{Secured, handshake};
pub use listener::{Kind, ListenError, Listener};
use live::Live;
pub use ports::PortRange;
use reload::{Source, Stamps};
pub use secrets::{derive, random_word};

use crate::archive::{Archive, ArchiveError};
use crate::core::keep::Record;
use crate::core::{ClientId, Core, Event, Identity, Settings};
use crate::tls::server::ServerTls;

/// A server that listens and is ready to run.
pub struct Server {
    listeners: Vec<Listener>,
    source: Arc<dyn Source>,
    /// The source's files, as they were when `admission` was read.
    seen: Stamps,
    admission: Admission,
    settings: Settings,
    archive: Archive,
    records: Vec<Record>,
    asked: Arc<Notify>,
    ports: Option<PortRange>,
}

/// What a server begins with, read from its source.
#[derive(Debug)]
pub struct Read {
    seen: Stamps,
    /// Certificates, trust and revocation.
    pub admission: Admission,
    settings: Settings,
}

impl Read {
    /// Reads a source for the first time. Its files' stamps are taken before, so that no change between is missed.
    ///
    /// # Errors
    /// As the closures, which read what [`Source::admission`] and [`Source::settings`] read, and say more of what is wrong.
    pub fn first<S: Source, E>(
        source: &S,
        admission: impl FnOnce() -> Result<Admission, E>,
        settings: Settings,
    ) -> Result<Read, E> {
        let seen = Stamps::of(source);
        Ok(Read { seen, admission: admission()?, settings })
    }
}

/// Has a server read everything again.
#[derive(Debug, Clone)]
pub struct Reload(Arc<Notify>);

impl Reload {
    /// Once, however often it is called before that has begun.
    pub fn ask(&self) {
        self.0.notify_one();
    }
}

/// What the tasks of all connections share.
#[derive(Debug)]
struct Shared {
    admission: RwLock<Arc<Admission>>,
    live: Arc<Live>,
    /// Whether clients may have a port of their own.
    assigns_ports: bool,
    core: mpsc::Sender<Message>,
    next_client: AtomicU64,
    connections: Arc<Semaphore>,
    handshakes: Semaphore,
    stopping: watch::Receiver<bool>,
}

impl Server {
    /// A server on `listeners`, with what was read of its source and whatever that says later.
    ///
    /// # Errors
    /// Where what is kept can't be read.
    pub fn new<S: Source>(
        listeners: Vec<Listener>,
        source: S,
        read: Read,
        archive: Archive,
    ) -> Result<Self, ArchiveError> {
        let Read { seen, admission, settings } = read;
        let asked = Arc::new(Notify::new());
        let records = archive.records()?;
        let source = Arc::new(source);
        Ok(Self { listeners, source, seen, admission, settings, archive, records, asked, ports: None })
    }

    /// With ports of their own for clients that ask for one.
    #[must_use]
    pub fn assigning(mut self, ports: PortRange) -> Self {
        self.ports = Some(ports);
        self
    }

    /// The way to have everything read again.
    pub fn reload(&self) -> Reload {
        Reload(self.asked.clone())
    }

    /// The addresses it listens on.
    pub fn addresses(&self) -> impl Iterator<Item = (SocketAddr, Kind)> {
        self.listeners.iter().map(|listener| (listener.address(), listener.kind))
    }

    /// Serves until `stop` is there, then tells all clients its text and ends within [`limits::SHUTDOWN`].
    pub async fn run(self, stop: impl Future<Output = String>) {
        let (core, messages) = mpsc::channel(limits::EVENTS);
        let (stopping, watching) = watch::channel(false);
        let (asks, requests) = mpsc::channel(limits::PORT_REQUESTS);
        if self.archive.is_on_disk() {
            tokio::spawn(look_now_and_then(core.downgrade()));
        }
        let driver = Driver::new(
            Core::new(self.settings, &self.records),
            self.archive,
            core.downgrade(),
            Reload(self.asked.clone()),
            asks,
        );
        let driver = tokio::spawn(driver.run(messages));
        let shared = Arc::new(Shared {
            admission: RwLock::new(Arc::new(self.admission)),
            live: Arc::default(),
            assigns_ports: self.ports.is_some(),
            core: core.clone(),
            next_client: AtomicU64::new(1),
            connections: Arc::new(Semaphore::new(limits::CONNECTIONS)),
            handshakes: Semaphore::new(limits::HANDSHAKES),
            stopping: watching,
        });
        tokio::spawn(reload::watch(shared.clone(), self.source, self.asked, self.seen));
        if let Some(ports) = self.ports {
            tokio::spawn(ports::assign(shared.clone(), ports, requests));
        }
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

/// Has the core's task look whether another program has changed what is kept, until that task has ended.
async fn look_now_and_then(core: mpsc::WeakSender<Message>) {
    loop {
        tokio::time::sleep(limits::LOOK_AT_ARCHIVE).await;
        let Some(core) = core.upgrade() else { return };
        if core.send(Message::Look).await.is_err() {
            return;
        }
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
    match kind {
        Kind::Tls => serve_tls(&shared, stream, peer).await,
        Kind::Plaintext => {
            talk(stream, shared.introduce(peer, false, None), shared.core.clone(), shared.stopping.clone()).await;
        }
    }
    drop(permit);
}

async fn serve_tls(shared: &Shared, stream: TcpStream, peer: SocketAddr) {
    let mut stopping = shared.stopping.clone();
    let admission = shared.admission();
    let Some(tls) = &admission.tls else { return };
    let secured = tokio::select! {
        secured = shared.handshake(tls, stream, peer) => secured,
        _ = stopping.wait_for(|stopping| *stopping) => return,
    };
    let Some(Secured { stream, identity, chain }) = secured else { return };
    shared.welcome(stream, peer, identity, chain, admission, shared.assigns_ports).await;
}

/// TLS has let them in, this server does not: they are told so.
async fn turn_away(mut stream: TlsStream<TcpStream>, peer: SocketAddr, refused: &Refused) {
    tracing::warn!(%peer, code = refused.code, reason = ?refused.reason, "refused");
    let told = format!("ERROR :Closing Link: {} ({refused})\r\n", peer.ip());
    let _ = timeout(limits::FLUSH, stream.write_all(told.as_bytes())).await;
    let _ = timeout(limits::FLUSH, stream.shutdown()).await;
    connection::linger(&mut stream).await;
}

impl Shared {
    fn admission(&self) -> Arc<Admission> {
        self.admission.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn replace_admission(&self, admission: Arc<Admission>) {
        *self.admission.write().unwrap_or_else(PoisonError::into_inner) = admission;
    }

    /// Lets a client in whom TLS has verified, if it is admitted, and speaks with it to its end.
    async fn welcome(
        &self,
        stream: TlsStream<TcpStream>,
        peer: SocketAddr,
        identity: Option<Identity>,
        chain: Vec<CertificateDer<'static>>,
        admission: Arc<Admission>,
        may_move: bool,
    ) {
        let introduction = Introduction { may_move, ..self.introduce(peer, true, identity) };
        let Some(identity) = introduction.identity.clone() else {
            return talk(stream, introduction, self.core.clone(), self.stopping.clone()).await;
        };
        // What is believed may have changed since the handshake began: this client goes on the list of those who are here
        // first, and is judged by what holds then.
        let place = self.live.enter(introduction.client, chain.clone(), identity.clone());
        let current = self.admission();
        let admitted = match Arc::ptr_eq(&current, &admission) {
            true => chain.first().map_or(Ok(()), |leaf| current.admits(leaf, &identity)),
            false => current.still_admits(&chain, &identity, UnixTime::now()),
        };
        drop((admission, current, chain));
        match admitted {
            Ok(()) => talk(stream, introduction, self.core.clone(), self.stopping.clone()).await,
            Err(refused) => turn_away(stream, peer, &refused).await,
        }
        drop(place);
    }

    async fn handshake(&self, tls: &ServerTls, stream: TcpStream, peer: SocketAddr) -> Option<Secured> {
        let _permit = self.handshakes.acquire().await.ok()?;
        handshake(tls, stream, peer).await
    }

    fn introduce(&self, peer: SocketAddr, secure: bool, identity: Option<Identity>) -> Introduction {
        let client = ClientId(self.next_client.fetch_add(1, Ordering::Relaxed));
        Introduction { client, host: host_text(peer), secure, identity, may_move: false }
    }
}

/// The peer's address as a host name of IRC: one that begins with `:` would end the parameters of a message.
fn host_text(peer: SocketAddr) -> String {
    let address = peer.ip().to_canonical().to_string();
    if address.starts_with(':') { format!("0{address}") } else { address }
}
