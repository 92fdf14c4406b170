//! One handshake with a live endpoint, to see what it does: no verdict is made of it here, and no data is sent.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{
    AlertDescription, ClientConfig, ClientConnection, DigitallySignedStruct, Error, ProtocolVersion, SignatureScheme,
};

use super::provider;

/// How long connecting and the whole handshake may take. Browsers give up after tens of seconds; a person who asks
/// what is wrong does not wait so long, and a handshake across the world takes less than two.
pub const TIMEOUT: Duration = Duration::from_secs(10);
/// How long the answer to our farewell may take. It brings the alert of a server that refuses the client (TLS 1.3).
pub const FAREWELL_TIMEOUT: Duration = Duration::from_secs(3);
/// The most that is read of one peer: a chain of the greatest length that TLS allows, three times over.
const MAX_BYTES: usize = 3 << 24;
/// The octets that are kept of what the peer said first, to tell what it speaks.
const GREETING: usize = 256;

/// Whom to ask, and what to show.
#[derive(Debug)]
pub struct ProbeOptions {
    /// Where to connect.
    pub host: String,
    /// Where to connect.
    pub port: u16,
    /// The name to ask for.
    pub server_name: ServerName<'static>,
    /// The client's certificate and key, where there is one to show.
    pub client: Option<Arc<CertifiedKey>>,
}

/// What happened.
#[derive(Debug, Default)]
pub struct Observation {
    /// The address that was connected to.
    pub address: Option<SocketAddr>,
    /// What the server sent, leaf first.
    pub chain: Vec<CertificateDer<'static>>,
    /// The protocol version agreed upon.
    pub version: Option<ProtocolVersion>,
    /// The server asked for a client certificate.
    pub client_certificate_wanted: bool,
    /// The subjects of the CAs that it named with its request, as DER.
    pub wanted_issuers: Vec<Vec<u8>>,
    /// A client certificate was shown.
    pub client_certificate_shown: bool,
    /// What the peer said first.
    pub greeting: Vec<u8>,
    /// What ended it, if not we.
    pub failure: Option<ProbeError>,
}

/// Why there was no complete handshake.
#[derive(Debug)]
pub enum ProbeError {
    /// The name does not resolve.
    HostNotFound(io::Error),
    /// Nothing listens there.
    Refused(io::Error),
    /// No answer in time.
    TimedOut,
    /// The peer closed without an alert.
    Closed,
    /// The peer speaks something else than TLS.
    NotTls,
    /// The peer sent a fatal alert.
    Alert(AlertDescription),
    /// Something else, in the library's words.
    Other(String),
}

/// Connects, shakes hands, takes leave, and tells what was seen.
pub fn probe(options: &ProbeOptions) -> Observation {
    let mut observation = Observation::default();
    observation.failure = run(options, &mut observation).err();
    observation
}

fn run(options: &ProbeOptions, seen: &mut Observation) -> Result<(), ProbeError> {
    let tcp = connect(options, seen)?;
    let watcher = Arc::new(Watcher::new(options.client.clone()));
    let mut tls = ClientConnection::new(config(&watcher)?, options.server_name.clone()).map_err(other)?;
    let mut wire = Wire { tcp, deadline: Instant::now() + TIMEOUT, greeting: Vec::new(), total: 0 };
    let result = shake(&mut tls, &mut wire);
    seen.version = tls.protocol_version();
    seen.greeting = std::mem::take(&mut wire.greeting);
    watcher.report(seen);
    result.map_err(|error| classify(&error, seen))?;
    farewell(&mut tls, &mut wire)
}

fn connect(options: &ProbeOptions, seen: &mut Observation) -> Result<TcpStream, ProbeError> {
    let addresses = (options.host.as_str(), options.port).to_socket_addrs().map_err(ProbeError::HostNotFound)?;
    let mut last = ProbeError::HostNotFound(io::Error::new(io::ErrorKind::NotFound, "no address"));
    for address in addresses {
        match TcpStream::connect_timeout(&address, TIMEOUT) {
            Ok(tcp) => {
                seen.address = Some(address);
                return Ok(tcp);
            }
            Err(error) if error.kind() == io::ErrorKind::TimedOut => last = ProbeError::TimedOut,
            Err(error) => last = ProbeError::Refused(error),
        }
    }
    Err(last)
}

fn config(watcher: &Arc<Watcher>) -> Result<Arc<ClientConfig>, ProbeError> {
    let builder =
        ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions().map_err(other)?;
    let verified = builder.dangerous().with_custom_certificate_verifier(watcher.clone());
    Ok(Arc::new(verified.with_client_cert_resolver(watcher.clone())))
}

fn shake(tls: &mut ClientConnection, wire: &mut Wire) -> io::Result<()> {
    while tls.is_handshaking() {
        tls.complete_io(wire)?;
    }
    Ok(())
}

/// In TLS 1.3 the client is done before the server has judged its certificate (RFC 8446 section 4.4.4, appendix E.1.2).
/// We say good-bye and read until the server does the same or says why it will not have us.
fn farewell(tls: &mut ClientConnection, wire: &mut Wire) -> Result<(), ProbeError> {
    tls.send_close_notify();
    let _ = tls.complete_io(wire);
    wire.deadline = wire.deadline.min(Instant::now() + FAREWELL_TIMEOUT);
    loop {
        match tls.read_tls(wire) {
            Ok(0) | Err(_) => return Ok(()),
            Ok(_) => match tls.process_new_packets() {
                Ok(state) if state.peer_has_closed() => return Ok(()),
                // What the server wants to say is not ours to read; it must only not pile up.
                Ok(state) => drop(tls.reader().read(&mut vec![0; state.plaintext_bytes_to_read().min(1 << 14)])),
                Err(Error::AlertReceived(alert)) => return Err(ProbeError::Alert(alert)),
                Err(_) => return Ok(()),
            },
        }
    }
}

#[allow(clippy::needless_pass_by_value, reason = "the shape that map_err takes")]
fn other(error: Error) -> ProbeError {
    ProbeError::Other(error.to_string())
}

fn classify(error: &io::Error, seen: &Observation) -> ProbeError {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    match (tls, error.kind()) {
        (Some(Error::AlertReceived(alert)), _) => ProbeError::Alert(*alert),
        _ if speaks_plainly(&seen.greeting) => ProbeError::NotTls,
        (Some(error), _) => ProbeError::Other(error.to_string()),
        (None, io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => ProbeError::TimedOut,
        (
            None,
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::ConnectionAborted,
        ) => ProbeError::Closed,
        _ => ProbeError::Other(error.to_string()),
    }
}

/// A TLS record begins with its type, 20 to 23, and major version 3 (RFC 8446 section 5.1).
fn speaks_plainly(greeting: &[u8]) -> bool {
    match greeting {
        [] => false,
        [kind] => !(20..=23).contains(kind),
        [kind, major, ..] => !((20..=23).contains(kind) && *major == 3),
    }
}

/// The socket, with one deadline for all of it and a memory of what came first.
struct Wire {
    tcp: TcpStream,
    deadline: Instant,
    greeting: Vec<u8>,
    total: usize,
}

impl Wire {
    fn remaining(&self) -> io::Result<Duration> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || self.total > MAX_BYTES { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
    }
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.tcp.set_read_timeout(Some(self.remaining()?))?;
        let count = self.tcp.read(buffer)?;
        self.total += count;
        let room = GREETING.saturating_sub(self.greeting.len());
        self.greeting.extend_from_slice(&buffer[..count.min(room)]);
        Ok(count)
    }
}

impl Write for Wire {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.tcp.set_write_timeout(Some(self.remaining()?))?;
        self.tcp.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tcp.flush()
    }
}

/// Lets every certificate pass, because the chain is judged afterwards and nothing is ever sent over the connection,
/// and remembers what the server showed and asked for.
#[derive(Debug)]
struct Watcher {
    provider: Arc<CryptoProvider>,
    client: Option<Arc<CertifiedKey>>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    chain: Vec<CertificateDer<'static>>,
    wanted: bool,
    issuers: Vec<Vec<u8>>,
    shown: bool,
}

impl Watcher {
    fn new(client: Option<Arc<CertifiedKey>>) -> Watcher {
        Watcher { provider: provider(), client, seen: Mutex::default() }
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn report(&self, observation: &mut Observation) {
        let seen = std::mem::take(&mut *self.seen());
        observation.chain = seen.chain;
        observation.client_certificate_wanted = seen.wanted;
        observation.wanted_issuers = seen.issuers;
        observation.client_certificate_shown = seen.shown;
    }
}

impl ServerCertVerifier for Watcher {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.seen().chain =
            std::iter::once(end_entity).chain(intermediates).map(|der| der.clone().into_owned()).collect();
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

impl ResolvesClientCert for Watcher {
    fn resolve(&self, root_hint_subjects: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let mut seen = self.seen();
        seen.wanted = true;
        seen.issuers = root_hint_subjects.iter().map(|subject| subject.to_vec()).collect();
        seen.shown = self.client.is_some();
        self.client.clone()
    }

    fn has_certs(&self) -> bool {
        // Asked before the server speaks; the truth is told in `resolve`.
        true
    }
}
