//! Before a node has joined its network: who comes is told so, instead of being left to wait.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::Poll;

use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::sleep;

use super::admission::Admission;
use super::codec::Codec;
use super::entrance::{closing_link, last_word};
use super::handshake::handshake;
use super::limits::{ACCEPT_PAUSE, JOIN_PATIENCE, WAITING_ROOM};
use super::listener::{Kind, Listener};
use super::metrics::Metrics;

/// What they are told.
const NOT_YET: &str = "this server waits for its network: try again in a moment, or another server of it";

/// Turns away whoever comes, until this is dropped. Those who come in the moment that joining takes just wait.
pub(super) async fn turn_away_all(listeners: &[Listener], admission: &Arc<Admission>, metrics: &Metrics) -> Infallible {
    sleep(JOIN_PATIENCE).await;
    let room = Arc::new(Semaphore::new(WAITING_ROOM));
    loop {
        let place = room.clone().acquire_owned().await;
        match next(listeners).await {
            Ok((stream, peer, kind)) => {
                let (admission, metrics) = (admission.clone(), metrics.clone());
                tokio::spawn(async move {
                    turn_away(stream, peer, kind, &admission, &metrics).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "accept-failed");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// The next who comes to any of them.
async fn next(listeners: &[Listener]) -> io::Result<(TcpStream, SocketAddr, Kind)> {
    std::future::poll_fn(|context| {
        for listener in listeners {
            if let Poll::Ready(accepted) = listener.socket.poll_accept(context) {
                return Poll::Ready(accepted.map(|(stream, peer)| (stream, peer, listener.kind)));
            }
        }
        Poll::Pending
    })
    .await
}

async fn turn_away(stream: TcpStream, peer: SocketAddr, kind: Kind, admission: &Admission, metrics: &Metrics) {
    tracing::warn!(%peer, code = "not-joined-yet", "refused");
    let word = match kind {
        Kind::Tls | Kind::Plaintext => closing_link(peer, NOT_YET),
        Kind::WebSocket | Kind::WebSocketTls => unavailable(),
    };
    let (stream, codec) = match (kind, &admission.tls) {
        (Kind::Plaintext | Kind::WebSocket, _) => (stream, Codec::Plain),
        (Kind::Tls | Kind::WebSocketTls, None) => return,
        (Kind::Tls | Kind::WebSocketTls, Some(tls)) => match handshake(tls, stream, peer, metrics).await {
            Some(secured) => (secured.stream, secured.codec),
            None => return,
        },
    };
    last_word(stream, codec, &word).await;
}

/// The same in HTTP (RFC 9110, sections 15.6.4 and 10.2.3).
fn unavailable() -> String {
    let length = NOT_YET.len();
    format!(
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n\r\n{NOT_YET}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_told_in_http_when_to_come_again() {
        let answer = unavailable();
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.starts_with("HTTP/1.1 503 ") && head.contains("\r\nRetry-After: 5\r\n"), "{head}");
        assert!(head.contains(&format!("\r\nContent-Length: {}", body.len())), "{answer}");
        assert_eq!(body, NOT_YET);
    }
}
