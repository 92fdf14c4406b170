//! A TLS server on loopback that sends the chain as it stands, for as long as clients are run against it.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use ca_store::explain::Evidence;
use ca_store::facts::{BlockKind, Input, escape};
use ca_store::handshake;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{InconsistentKeys, ServerConfig, ServerConnection, StreamOwned};

/// How long one read or write may take. A client on the same machine that is silent for longer is stuck.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The most connections that are served: each client makes one, and wget and curl try a second time at most.
const MAX_CONNECTIONS: usize = 64;
/// The most of a request that is read; a client's is some 100 octets.
const MAX_REQUEST: usize = 4096;
/// Enough for clients of HTTP; the others have closed before.
const ANSWER: &[u8] = b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// A running server; dropping it ends it.
#[derive(Debug)]
pub(super) struct Server {
    address: SocketAddr,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts it with the chain and key that were given.
    ///
    /// # Errors
    /// In words: why a server cannot use them, or cannot be started.
    pub(super) fn start(evidence: &Evidence, key: &Path) -> Result<Server, String> {
        let config = Arc::new(config(evidence, key)?);
        let failed = |error: io::Error| format!("no server could be started on loopback: {error}");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let ended = Arc::new(AtomicBool::new(false));
        let watched = Arc::clone(&ended);
        let thread = std::thread::spawn(move || serve(&listener, &config, &watched));
        Ok(Server { address, ended, thread: Some(thread) })
    }

    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Release);
        // A last connection wakes it; where that fails it is not waiting.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(listener: &TcpListener, config: &Arc<ServerConfig>, ended: &AtomicBool) {
    for stream in listener.incoming().take(MAX_CONNECTIONS).flatten() {
        if ended.load(Ordering::Acquire) {
            return;
        }
        let config = Arc::clone(config);
        // That a client goes away in the middle is what is asked about.
        std::thread::spawn(move || answer(stream, config).ok());
    }
}

fn answer(stream: TcpStream, config: Arc<ServerConfig>) -> io::Result<()> {
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    let connection = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut stream = StreamOwned::new(connection, stream);
    let read = stream.read(&mut [0; MAX_REQUEST])?;
    if read > 0 {
        stream.write_all(ANSWER)?;
    }
    stream.conn.send_close_notify();
    stream.flush()
}

fn config(evidence: &Evidence, key: &Path) -> Result<ServerConfig, String> {
    let chain: Vec<CertificateDer<'static>> =
        evidence.chain.iter().map(|it| CertificateDer::from(it.certificate.der().to_vec())).collect();
    if chain.is_empty() {
        return Err("the chain holds no certificate that a server could send".to_owned());
    }
    let shown = escape(&key.to_string_lossy());
    let key = private_key(key).ok_or_else(|| format!("{shown} holds no key that a server could use"))?;
    let key = handshake::provider()
        .key_provider
        .load_private_key(key)
        .map_err(|error| format!("our server takes no such key as that in {shown}: {error}"))?;
    let certified = CertifiedKey::new(chain, key);
    if certified.keys_match() == Err(rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) {
        return Err(format!(
            "no server starts with these files: {shown} is not the key of the chain's first certificate"
        ));
    }
    ServerConfig::builder_with_provider(handshake::provider())
        .with_safe_default_protocol_versions()
        .map(|builder| builder.with_no_client_auth().with_cert_resolver(Arc::new(Always(Arc::new(certified)))))
        .map_err(|error| format!("no server could be started: {error}"))
}

/// The key as rustls takes it over; the bytes that were read are wiped.
fn private_key(file: &Path) -> Option<PrivateKeyDer<'static>> {
    let bytes = crate::evidence::read(file).ok()?;
    let input = Input::read(&bytes);
    let block = input.blocks.iter().find(|block| block.kind == BlockKind::PrivateKey)?;
    PrivateKeyDer::try_from(block.der.to_vec()).ok()
}

/// One chain for every name: what is sent is what was given.
#[derive(Debug)]
struct Always(Arc<CertifiedKey>);

impl ResolvesServerCert for Always {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}
