//! The server's edge: sockets, TLS, and one task that owns the [`Core`].
//!
//! ```text
//! listener ─► handshake ─► entrance ─┬► connection ─► Message ─► driver (owns the core) ─► outlets ─► link ─► socket
//!             the command's threads  │  the hall: one thread
//! ```
//!
//! A connection is one task, which reads. It waits for the core when that is busy, which slows its own peer; the core
//! never waits for a connection. At the end of each turn the driver writes, to each client once.

mod admission;
mod codec;
mod connection;
mod descriptors;
mod driver;
mod entrance;
mod hall;
mod handshake;
mod link;
mod listener;
mod live;
mod metrics;
mod network;
mod outlets;
mod ports;
pub mod reload;
mod secrets;
mod waiting_room;
mod websocket;

use crate::limits::server as limits;
use std::net::SocketAddr;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::net::TcpStream;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

pub use admission::Admission;
use driver::{Driver, Message};
use entrance::Held;
use hall::Hall;
use handshake::{Secured, handshake};
pub use listener::{Asked, Kind, ListenError, Listener};
use live::Live;
use metrics::Metrics;
pub use metrics::MetricsListener;
pub use network::Unusable;
pub use ports::PortRange;
use reload::{Source, Stamps};
pub use secrets::{derive, random_word};

use crate::archive::{Archive, ArchiveError};
use crate::bus::{BusSettings, HistoryMark};
use crate::core::keep::Record;
use crate::core::network::NodeId;
use crate::core::{Core, Event, Settings};
use crate::tls::server::ServerTls;

/// A server that listens and is ready to run.
pub struct Server {
    listeners: Vec<Listener>,
    source: Arc<dyn Source>,
    /// The source's files, as they were when `admission` was read.
    seen: Stamps,
    admission: Arc<Admission>,
    settings: Settings,
    archive: Archive,
    records: Vec<Record>,
    asked: Arc<Notify>,
    ports: Option<PortRange>,
    bus: Option<BusSettings>,
    /// Whose pages may join by WebSocket.
    origins: Arc<[String]>,
    metrics: Arc<Metrics>,
    metrics_listener: Option<MetricsListener>,
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
    hall: Hall,
    origins: Arc<[String]>,
    metrics: Arc<Metrics>,
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
        Ok(Self {
            listeners,
            source,
            seen,
            admission: Arc::new(admission),
            settings,
            archive,
            records,
            asked,
            ports: None,
            bus: None,
            origins: Arc::default(),
            metrics: Arc::default(),
            metrics_listener: None,
        })
    }

    /// With pages of these origins let in by WebSocket, besides those of the server's own host.
    #[must_use]
    pub fn with_origins(mut self, origins: Vec<String>) -> Self {
        self.origins = origins.into();
        self
    }

    /// With what is counted told there.
    #[must_use]
    pub fn measured(mut self, listener: Option<MetricsListener>) -> Self {
        self.metrics_listener = listener;
        self
    }

    /// With ports of their own for clients that ask for one.
    #[must_use]
    pub fn assigning(mut self, ports: PortRange) -> Self {
        self.ports = Some(ports);
        self
    }

    /// As a node of a network.
    #[must_use]
    pub fn joining(mut self, bus: Option<BusSettings>) -> Self {
        self.bus = bus;
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

    /// Serves until `stop` is there, then tells all clients its text and ends within [`limits::SHUTDOWN`]. `ready` is called when
    /// clients are let in: on a node of a network, when it has joined.
    ///
    /// # Errors
    /// Where the other nodes refuse this one.
    pub async fn run(mut self, stop: impl Future<Output = String>, ready: impl FnOnce()) -> Result<(), Unusable> {
        let mut stop = std::pin::pin!(stop);
        if let Some(listener) = self.metrics_listener.take() {
            tokio::spawn(listener.serve(self.metrics.clone()));
        }
        let place = match self.bus_settings() {
            None => None,
            Some(bus) => {
                self.metrics.cut_off_from_bus.set(1);
                let seconds = self.metrics.bus_seconds.clone();
                tokio::select! {
                    place = network::join(bus, move |time| seconds.observe(time)) => Some(place?),
                    never = waiting_room::turn_away_all(&self.listeners, &self.admission, &self.metrics) => match never {},
                    _ = &mut stop => return Ok(()),
                }
            }
        };
        ready();
        let mut open = self.open(place);
        let reason = reason_to_end(stop, &mut open.driver).await;
        open.end(reason).await;
        Ok(())
    }

    /// The bus, with how far this node's history is.
    fn bus_settings(&mut self) -> Option<BusSettings> {
        let bus = self.bus.take()?;
        let history = self.archive.mark().ok().flatten();
        let history = history.map(|(network, sequence)| HistoryMark { network, sequence });
        Some(BusSettings { history, ..bus })
    }

    /// Lets clients in.
    fn open(self, place: Option<network::Place>) -> Open {
        let (core, messages) = mpsc::channel(limits::EVENTS);
        let (stopping, watching) = watch::channel(false);
        let (asks, requests) = mpsc::channel(limits::PORT_REQUESTS);
        if self.archive.is_on_disk() {
            tokio::spawn(look_now_and_then(core.downgrade()));
        }
        let mut driver = Driver::new(
            Core::new(self.settings, &self.records),
            self.archive,
            core.downgrade(),
            Reload(self.asked.clone()),
            asks,
            self.metrics.clone(),
        );
        let (hall, room) = (Hall::open(), descriptors::connections());
        let happened = place.map(|place| driver.join(place));
        let here = driver.network.as_ref().map_or(NodeId(0), |link| NodeId(link.here));
        let driver = hall.spawn(driver.run(messages, happened));
        let shared = Arc::new(Shared {
            admission: RwLock::new(self.admission),
            live: Arc::default(),
            assigns_ports: self.ports.is_some(),
            hall,
            origins: self.origins,
            metrics: self.metrics,
            core: core.clone(),
            next_client: AtomicU64::new(here.client(1).0),
            connections: Arc::new(Semaphore::new(room)),
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
        Open { shared, core, stopping, driver, room }
    }
}

/// Waits for what stops the server. A bug that ends the core ends the program as well: it would listen and serve nobody, and whoever
/// watches over it could not know that it has to be started again.
async fn reason_to_end(stop: impl Future<Output = String>, core: &mut JoinHandle<()>) -> String {
    let ended = tokio::select! {
        reason = stop => return reason,
        ended = core => ended,
    };
    match ended {
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        _ => "The chat has ended".to_owned(),
    }
}

/// A server that lets clients in.
struct Open {
    shared: Arc<Shared>,
    core: mpsc::Sender<Message>,
    stopping: watch::Sender<bool>,
    driver: JoinHandle<()>,
    /// How many connections there may be.
    room: usize,
}

impl Open {
    /// Tells everybody why, and waits until they know.
    async fn end(self, reason: String) {
        let _ = self.stopping.send(true);
        let _ = self.core.send(Message::Happened(Event::Shutdown { reason })).await;
        if !self.driver.is_finished() {
            let _ = self.driver.await;
        }
        // Every connection holds a permit, so all of them are there when none is left.
        let all = u32::try_from(self.room).unwrap_or(u32::MAX);
        let _ = timeout(limits::SHUTDOWN, self.shared.connections.acquire_many(all)).await;
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
    shared.metrics.accepted.inc();
    let held = Held::new(permit, None, &shared.metrics);
    match kind {
        Kind::Tls | Kind::WebSocketTls => serve_tls(&shared, stream, peer, held, kind).await,
        Kind::Plaintext | Kind::WebSocket => shared.welcome_plain(stream, peer, held, kind).await,
    }
}

async fn serve_tls(shared: &Shared, stream: TcpStream, peer: SocketAddr, held: Held, kind: Kind) {
    let mut stopping = shared.stopping.clone();
    let admission = shared.admission();
    let Some(tls) = &admission.tls else { return };
    let secured = tokio::select! {
        secured = shared.handshake(tls, stream, peer) => secured,
        _ = stopping.wait_for(|stopping| *stopping) => return,
    };
    if let Some(secured) = secured {
        shared.welcome(secured, peer, admission, held, kind).await;
    }
}

impl Shared {
    fn admission(&self) -> Arc<Admission> {
        self.admission.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn replace_admission(&self, admission: Arc<Admission>) {
        *self.admission.write().unwrap_or_else(PoisonError::into_inner) = admission;
    }

    async fn handshake(&self, tls: &ServerTls, stream: TcpStream, peer: SocketAddr) -> Option<Secured> {
        let _permit = self.handshakes.acquire().await.ok()?;
        let begun = Instant::now();
        let secured = handshake(tls, stream, peer, &self.metrics).await?;
        self.metrics.handshake_seconds.observe(begun.elapsed());
        Some(secured)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_bug_that_ends_the_core_ends_the_program() {
        let ends = tokio::spawn(async {
            let mut core = tokio::spawn(async { panic!("a bug") });
            reason_to_end(std::future::pending(), &mut core).await
        });
        assert!(ends.await.is_err_and(|error| error.is_panic()));
        let mut core = tokio::spawn(std::future::pending());
        assert_eq!(reason_to_end(async { "stopped".to_owned() }, &mut core).await, "stopped");
    }
}
