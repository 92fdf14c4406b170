//! What a server counts, in the text form that Prometheus reads (`--metrics`).

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::limits::{ACCEPT_PAUSE, METRICS_CONNECTIONS, METRICS_REQUEST, METRICS_TIME};
use super::link;
use super::listener::{self, Asked, ListenError};

/// What is counted. Cheap to clone: all clones count the same.
#[derive(Clone, Default)]
pub(super) struct Metrics {
    /// Connections that are open, those in a handshake included.
    pub(super) connections: Gauge,
    /// Connections that were accepted.
    pub(super) accepted: Counter,
    /// Handshakes by what became of them.
    handshakes: Family<Outcome, Counter>,
    /// How long the good ones took.
    pub(super) handshake_seconds: Seconds,
    /// Lines that clients sent.
    pub(super) lines: Counter,
    /// Lines that clients were sent.
    pub(super) deliveries: Counter,
    /// Events that wait for the core.
    pub(super) waiting_events: Gauge,
    /// From taking a turn's first event to having written what followed from it.
    pub(super) turn_seconds: Seconds,
    /// Clients that were cut off because they read too slowly.
    pub(super) cut_off: Counter,
    /// Clients whose certificate was revoked, ran out or is welcome no longer.
    pub(super) dismissed: Counter,
    /// Nodes of the network, this one too; 0 on a server by itself.
    pub(super) nodes: Gauge,
    /// 1 while this node is cut off from the others.
    pub(super) cut_off_from_bus: Gauge,
    /// Changes that were put in order for all.
    pub(super) proposals: Counter,
    /// How long the bus's Redis took to answer.
    pub(super) bus_seconds: Seconds,
}

/// `ok`, or the code of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    result: String,
}

/// A histogram of times.
#[derive(Clone, Debug)]
pub(super) struct Seconds(Histogram);

/// Bounds of its buckets, from a tenth of a millisecond to ten seconds.
const BUCKETS: [f64; 11] = [0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1.0, 10.0];

impl Default for Seconds {
    fn default() -> Self {
        Self(Histogram::new(BUCKETS))
    }
}

impl Seconds {
    pub(super) fn observe(&self, time: Duration) {
        self.0.observe(time.as_secs_f64());
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

impl Metrics {
    /// Counts a handshake: `ok`, or the code of what was wrong with it.
    pub(super) fn handshake(&self, result: &str) {
        self.handshakes.get_or_create(&Outcome { result: result.to_owned() }).inc();
    }

    fn registry(&self) -> Registry {
        let mut registry = Registry::with_prefix("chat");
        registry.register("connections", "Open connections, handshakes included", self.connections.clone());
        registry.register("accepted", "Connections accepted", self.accepted.clone());
        registry.register("handshakes", "TLS handshakes by result: ok, or the finding's code", self.handshakes.clone());
        registry.register("handshake_seconds", "Time of good TLS handshakes", self.handshake_seconds.0.clone());
        registry.register("lines", "Lines received", self.lines.clone());
        registry.register("deliveries", "Lines sent", self.deliveries.clone());
        registry.register("waiting_events", "Events that wait for the core", self.waiting_events.clone());
        registry.register("waiting_bytes", "Bytes that wait for clients", waiting_bytes());
        registry.register("turn_seconds", "Time from an event to what follows from it", self.turn_seconds.0.clone());
        registry.register("cut_off", "Clients cut off because they read too slowly", self.cut_off.clone());
        registry.register("dismissed", "Clients put out by revocation, expiry or access lists", self.dismissed.clone());
        registry.register("nodes", "Nodes of the network, 0 without one", self.nodes.clone());
        registry.register("bus_cut", "1 while the bus can't be reached", self.cut_off_from_bus.clone());
        registry.register("proposals", "Changes given to the bus", self.proposals.clone());
        registry.register("bus_seconds", "Time until the bus answered", self.bus_seconds.0.clone());
        registry
    }

    fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = encode(&mut text, &self.registry());
        text
    }
}

/// Known where they wait, and so counted by nobody.
fn waiting_bytes() -> Gauge {
    let gauge: Gauge = Gauge::default();
    gauge.set(i64::try_from(link::queued()).unwrap_or(i64::MAX));
    gauge
}

/// An open connection, as long as this is there.
#[derive(Debug)]
pub(super) struct Counted(Gauge);

impl Counted {
    pub(super) fn new(metrics: &Metrics) -> Counted {
        metrics.connections.inc();
        Counted(metrics.connections.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// A listener for whoever collects them; on loopback, as they tell of who talks here.
#[derive(Debug)]
pub struct MetricsListener(TcpListener);

impl MetricsListener {
    /// Listens; called on a runtime.
    ///
    /// # Errors
    /// Fails where the address is taken, not this machine's, or not allowed.
    pub fn open(address: SocketAddr) -> Result<Self, ListenError> {
        let asked = Asked::Flag("--metrics");
        listener::listen(address).map(Self).map_err(|source| ListenError { address, asked, source })
    }

    /// The address, with the port that the system chose where 0 was asked for.
    ///
    /// # Errors
    /// As the system says.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.0.local_addr()
    }

    /// Answers a few requests side by side: one collector is what there is, and who only connects is not in its way.
    pub(super) async fn serve(self, metrics: Arc<Metrics>) {
        let room = Arc::new(Semaphore::new(METRICS_CONNECTIONS));
        loop {
            // It is never closed, and so never refuses.
            let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
            match self.0.accept().await {
                Ok((stream, _)) => {
                    let metrics = Arc::clone(&metrics);
                    tokio::spawn(async move {
                        let _ = timeout(METRICS_TIME, answer(stream, &metrics)).await;
                        drop(place);
                    });
                }
                Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
            }
        }
    }
}

/// HTTP/1.1 as far as a collector needs it: one request, one answer, the end (RFC 9112).
async fn answer(mut stream: TcpStream, metrics: &Metrics) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut buffer = [0; 1024];
    while !request.windows(4).any(|window| window == b"\r\n\r\n") && request.len() < METRICS_REQUEST {
        let length = stream.read(&mut buffer).await?;
        if length == 0 {
            return Ok(());
        }
        request.extend_from_slice(&buffer[..length]);
    }
    stream.write_all(response(&request, metrics).as_bytes()).await?;
    stream.shutdown().await
}

fn response(request: &[u8], metrics: &Metrics) -> String {
    let first = request.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let mut words = first.split(|byte| *byte == b' ');
    match (words.next(), words.next()) {
        (Some(b"GET"), Some(b"/metrics" | b"/")) => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            written("200 OK", kind, &metrics.text())
        }
        (Some(b"GET"), _) => written("404 Not Found", "text/plain", "the numbers are at /metrics\n"),
        _ => written("405 Method Not Allowed", "text/plain", "GET /metrics\n"),
    }
}

fn written(status: &str, kind: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_by_name_and_result() {
        let metrics = Metrics::default();
        metrics.connections.set(7);
        metrics.deliveries.inc_by(3);
        metrics.handshake("ok");
        metrics.handshake("revoked");
        metrics.handshake("revoked");
        metrics.turn_seconds.observe(Duration::from_micros(300));
        let text = response(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", &metrics);
        for line in [
            "HTTP/1.1 200 OK",
            "chat_connections 7",
            "chat_deliveries_total 3",
            "chat_handshakes_total{result=\"revoked\"} 2",
            "chat_handshakes_total{result=\"ok\"} 1",
            "chat_turn_seconds_bucket{le=\"0.0005\"} 1",
            "chat_turn_seconds_bucket{le=\"0.00025\"} 0",
            "# EOF",
        ] {
            assert!(text.lines().any(|found| found.trim_end() == line), "no {line:?} in\n{text}");
        }
    }

    #[test]
    fn other_questions_are_answered_with_the_right_one() {
        let metrics = Metrics::default();
        assert!(response(b"GET /other HTTP/1.1\r\n\r\n", &metrics).contains("/metrics"));
        assert!(response(b"POST /metrics HTTP/1.1\r\n\r\n", &metrics).starts_with("HTTP/1.1 405"));
        assert!(response(b"\r\n", &metrics).starts_with("HTTP/1.1 405"));
    }
}
