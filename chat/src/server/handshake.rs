//! The TLS handshake of one connection, and one line in the log for each that fails.

use rustls::pki_types::CertificateDer;
use rustls::server::{ServerConnectionData, UnbufferedServerConnection};
use rustls::unbuffered::{ConnectionState, EncodeTlsData, UnbufferedStatus};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::codec::{Codec, Tls, encode_handshake};
use super::connection::linger;
use super::limits::{FLUSH, HANDSHAKE, HELLO};
use super::metrics::Metrics;
use crate::core::Identity;
use crate::limits::server::FIRST_BYTES;
use crate::tls::identity::{self, AccountField};
use crate::tls::refusal::{Refusal, Trouble};
use crate::tls::server::ServerTls;

/// The content type of a handshake record (RFC 8446, section 5.1): the first byte of every ClientHello.
const HANDSHAKE_RECORD: u8 = 22;

/// What a client reads that speaks plain text to a port of TLS.
const SPEAK_TLS: &[u8] = b"ERROR :This port speaks TLS: connect with TLS (in irssi: /connect -tls)\r\n";

/// A handshake that went well.
pub(super) struct Secured {
    pub(super) stream: TcpStream,
    pub(super) codec: Codec,
    /// What the client said along with its last flight, decrypted.
    pub(super) said: Vec<u8>,
    /// Who the verified certificate says the client is; `None` without a certificate.
    pub(super) identity: Option<Identity>,
    /// The chain that the client showed, leaf first; empty without a certificate.
    pub(super) chain: Vec<CertificateDer<'static>>,
}

impl Secured {
    /// The client's first line, if it comes within `longest` bytes; what was said after it stays.
    pub(super) async fn line(&mut self, longest: usize) -> Option<String> {
        loop {
            if let Some(end) = self.said.iter().take(longest).position(|byte| *byte == b'\n') {
                let line = self.said.drain(..=end).collect();
                return String::from_utf8(line).ok().map(|line| line.trim_end_matches(['\r', '\n']).to_owned());
            }
            let mut incoming = Vec::new();
            if self.said.len() >= longest || self.stream.read_buf(&mut incoming).await.ok()? == 0 {
                return None;
            }
            let (said, mut answer) = (&mut self.said, Vec::new());
            self.codec.decode(&mut incoming, |plain| said.extend_from_slice(plain), &mut answer).ok()?;
            self.stream.write_all(&answer).await.ok()?;
        }
    }
}

/// Runs a handshake. A failure is logged, the client gets to read the alert, and the connection is over.
pub(super) async fn handshake(
    tls: &ServerTls,
    mut stream: TcpStream,
    peer: SocketAddr,
    metrics: &Metrics,
) -> Option<Secured> {
    let connection = tls.connection();
    let mut shaking = match Shaking::new(&connection.config) {
        Ok(shaking) => shaking,
        Err(error) => return failed(peer, &Refusal::before_tls(Trouble::Tls(error)), metrics),
    };
    let done = timeout(HANDSHAKE, shaking.run(&mut stream)).await;
    let trouble = match done.unwrap_or(Err(Trouble::TimedOut(HANDSHAKE))) {
        Ok(()) => {
            metrics.handshake("ok");
            return Some(shaking.secured(stream, tls.account_fields()));
        }
        Err(trouble) => trouble,
    };
    match &trouble {
        Trouble::NotTls(_) => {
            let _ = timeout(FLUSH, stream.write_all(SPEAK_TLS)).await;
            end_after_alert(stream).await;
        }
        Trouble::Tls(_) => {
            shaking.send_alert(&mut stream).await;
            end_after_alert(stream).await;
        }
        _ => {}
    }
    let (anchors, source) = tls.anchors();
    let refusal = Refusal::explain(trouble, &connection.presented(), anchors, source, OffsetDateTime::now_utc());
    failed(peer, &refusal.or_own(tls.fault()), metrics)
}

/// A handshake under way. Its buffers go with it.
struct Shaking {
    tls: UnbufferedServerConnection,
    incoming: Vec<u8>,
    outgoing: Vec<u8>,
    said: Vec<u8>,
    /// Whether the peer has said anything at all.
    heard: bool,
}

/// What a handshake needs next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Send,
    Read,
    Done,
}

impl Shaking {
    fn new(config: &Arc<rustls::ServerConfig>) -> Result<Shaking, rustls::Error> {
        let tls = UnbufferedServerConnection::new(config.clone())?;
        let incoming = Vec::with_capacity(HELLO);
        Ok(Shaking { tls, incoming, outgoing: Vec::new(), said: Vec::new(), heard: false })
    }

    async fn run(&mut self, stream: &mut TcpStream) -> Result<(), Trouble> {
        self.read(stream).await?;
        if self.incoming.first() != Some(&HANDSHAKE_RECORD) {
            self.incoming.truncate(FIRST_BYTES);
            return Err(Trouble::NotTls(std::mem::take(&mut self.incoming)));
        }
        loop {
            match self.step()? {
                Step::Send => self.send(stream).await.map_err(Trouble::Network)?,
                Step::Read => self.read(stream).await?,
                // What TLS still had to say goes out first: tickets, say.
                Step::Done => return self.send(stream).await.map_err(Trouble::Network),
            }
        }
    }

    async fn read(&mut self, stream: &mut TcpStream) -> Result<(), Trouble> {
        match stream.read_buf(&mut self.incoming).await {
            Ok(0) if !self.heard => Err(Trouble::Untouched),
            Ok(0) => Err(Trouble::Closed),
            Ok(_) => {
                self.heard = true;
                Ok(())
            }
            // Some health checks reset what they opened, to be done with it at once.
            Err(error) if !self.heard && error.kind() == io::ErrorKind::ConnectionReset => Err(Trouble::Untouched),
            Err(error) => Err(Trouble::from(error)),
        }
    }

    async fn send(&mut self, stream: &mut TcpStream) -> io::Result<()> {
        let sent = stream.write_all(&self.outgoing).await;
        self.outgoing.clear();
        sent
    }

    /// Runs TLS until it needs something.
    fn step(&mut self) -> Result<Step, Trouble> {
        loop {
            let UnbufferedStatus { discard, state } = self.tls.process_tls_records(&mut self.incoming);
            let state = match state {
                Ok(state) => state,
                Err(error) => {
                    self.incoming.drain(..discard);
                    return Err(Trouble::Tls(error));
                }
            };
            let step = match state {
                ConnectionState::EncodeTlsData(mut data) => {
                    encode(&mut data, &mut self.outgoing)?;
                    None
                }
                ConnectionState::TransmitTlsData(data) => {
                    data.done();
                    Some(Step::Send)
                }
                ConnectionState::ReadTraffic(mut traffic) => {
                    while let Some(record) = traffic.next_record() {
                        self.said.extend_from_slice(record.map_err(Trouble::Tls)?.payload);
                    }
                    None
                }
                ConnectionState::BlockedHandshake => Some(Step::Read),
                ConnectionState::WriteTraffic(_) => Some(Step::Done),
                // Said along with its last flight: it still reads what it is answered.
                ConnectionState::PeerClosed => None,
                _ => return Err(Trouble::Closed),
            };
            self.incoming.drain(..discard);
            if let Some(step) = step {
                return Ok(step);
            }
        }
    }

    /// What rustls has to tell the peer about its refusal.
    async fn send_alert(&mut self, stream: &mut TcpStream) {
        // The same bytes again: rustls remembers places in them. Asked once more it would come upon the fault again.
        if let Ok(ConnectionState::EncodeTlsData(mut data)) = self.tls.process_tls_records(&mut self.incoming).state
            && encode(&mut data, &mut self.outgoing).is_err()
        {
            return;
        }
        let _ = timeout(FLUSH, self.send(stream)).await;
    }

    fn secured(mut self, stream: TcpStream, fields: &[AccountField]) -> Secured {
        let chain = self.tls.peer_certificates().map(<[_]>::to_vec).unwrap_or_default();
        let identity = chain.first().map(|leaf| identity::of_certificate(leaf, fields));
        // Its room was made for a handshake.
        self.incoming.shrink_to_fit();
        Secured {
            stream,
            codec: Codec::Tls(Box::new(Tls::new(self.tls, self.incoming))),
            said: self.said,
            identity,
            chain,
        }
    }
}

fn encode(data: &mut EncodeTlsData<'_, ServerConnectionData>, outgoing: &mut Vec<u8>) -> Result<(), Trouble> {
    let end = encode_handshake(data, outgoing, outgoing.len()).map_err(Trouble::Network)?;
    outgoing.truncate(end);
    Ok(())
}

fn failed(peer: SocketAddr, refusal: &Refusal, metrics: &Metrics) -> Option<Secured> {
    metrics.handshake(refusal.code.as_str());
    if refusal.is_harmless {
        tracing::debug!(peer = %peer, code = %refusal.code, reason = ?refusal.reason, "handshake-ended");
        return None;
    }
    let (subject, sha256) = refusal.certificate.as_ref().map_or(("-", "-"), |it| (&it.subject, &it.sha256));
    // A field a fact; the texts in quotes are escaped by the quoting, as they may come from a stranger.
    tracing::warn!(
        peer = %peer,
        code = %refusal.code,
        certificate = ?subject,
        sha256 = %sha256,
        reason = ?refusal.reason,
        "handshake-failed"
    );
    None
}

/// The alert is on its way: closes our side alone, and lets the peer read it.
async fn end_after_alert(mut stream: TcpStream) {
    let _ = timeout(FLUSH, stream.shutdown()).await;
    linger(&mut stream).await;
}
