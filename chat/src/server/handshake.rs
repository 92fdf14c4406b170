//! The TLS handshake of one connection, and one line in the log for each that fails.

use rustls::pki_types::CertificateDer;
use std::io;
use std::net::SocketAddr;
use time::OffsetDateTime;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::connection::linger;
use super::limits::{FLUSH, HANDSHAKE};
use crate::core::Identity;
use crate::tls::identity::{self, AccountField};
use crate::tls::refusal::{Refusal, Trouble};
use crate::tls::server::ServerTls;

/// The content type of a handshake record (RFC 8446, section 5.1): the first byte of every ClientHello.
const HANDSHAKE_RECORD: u8 = 22;

/// What of a stranger's first bytes is looked at: enough to tell `GET / HTTP` and `CAP LS` apart.
const FIRST_BYTES: usize = 16;

/// What a client reads that speaks plain text to a port of TLS.
const SPEAK_TLS: &[u8] = b"ERROR :This port speaks TLS: connect with TLS (in irssi: /connect -tls)\r\n";

/// A handshake that went well.
pub(super) struct Secured {
    pub(super) stream: TlsStream<TcpStream>,
    /// Who the verified certificate says the client is; `None` without a certificate.
    pub(super) identity: Option<Identity>,
    /// What it showed, leaf first.
    pub(super) chain: Vec<CertificateDer<'static>>,
}

/// Runs a handshake. A failure is logged, the client gets to read the alert, and the connection is over.
pub(super) async fn handshake(tls: &ServerTls, stream: TcpStream, peer: SocketAddr) -> Option<Secured> {
    match timeout(HANDSHAKE, first_bytes(&stream)).await {
        Ok(Ok(first)) if first.first() == Some(&HANDSHAKE_RECORD) => {}
        Ok(Ok(first)) if first.is_empty() => return failed(peer, &Refusal::before_tls(Trouble::Closed)),
        Ok(Ok(first)) => {
            say_speak_tls(stream).await;
            return failed(peer, &Refusal::before_tls(Trouble::NotTls(first)));
        }
        Ok(Err(error)) => return failed(peer, &Refusal::before_tls(Trouble::Network(error))),
        Err(_) => return failed(peer, &Refusal::before_tls(Trouble::TimedOut(HANDSHAKE))),
    }
    accept(tls, stream, peer).await
}

async fn accept(tls: &ServerTls, stream: TcpStream, peer: SocketAddr) -> Option<Secured> {
    let connection = tls.connection();
    let accepting = TlsAcceptor::from(connection.config.clone()).accept(stream).into_fallible();
    let trouble = match timeout(HANDSHAKE, accepting).await {
        Ok(Ok(stream)) => return Some(secured(stream, tls.account_fields())),
        Ok(Err((error, stream))) => {
            end_after_alert(stream).await;
            Trouble::from(error)
        }
        Err(_) => Trouble::TimedOut(HANDSHAKE),
    };
    let (anchors, source) = tls.anchors();
    failed(peer, &Refusal::explain(trouble, &connection.presented(), anchors, source, OffsetDateTime::now_utc()))
}

fn secured(stream: TlsStream<TcpStream>, fields: &[AccountField]) -> Secured {
    let chain = stream.get_ref().1.peer_certificates().map(<[_]>::to_vec).unwrap_or_default();
    let identity = chain.first().map(|leaf| identity::of_certificate(leaf, fields));
    Secured { stream, identity, chain }
}

fn failed(peer: SocketAddr, refusal: &Refusal) -> Option<Secured> {
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

/// Looks at the first bytes without taking them.
async fn first_bytes(stream: &TcpStream) -> io::Result<Vec<u8>> {
    let mut bytes = [0; FIRST_BYTES];
    let length = stream.peek(&mut bytes).await?;
    Ok(bytes[..length].to_vec())
}

async fn say_speak_tls(mut stream: TcpStream) {
    let _ = timeout(FLUSH, stream.write_all(SPEAK_TLS)).await;
    end_after_alert(stream).await;
}

/// The alert is on its way: closes our side alone, and lets the peer read it.
async fn end_after_alert<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S) {
    let _ = timeout(FLUSH, stream.shutdown()).await;
    linger(&mut stream).await;
}
