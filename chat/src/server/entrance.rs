//! From a connection that may be made to one that talks: who it is, whether it is admitted, and its move to the hall.

use rustls::pki_types::UnixTime;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use super::Shared;
use super::admission::{Admission, Refused};
use super::codec::Codec;
use super::connection::{Connection, linger};
use super::driver::Message;
use super::handshake::Secured;
use super::limits::FLUSH;
use super::link::Link;
use super::listener::Kind;
use super::live::Place;
use super::metrics::{Counted, Metrics};
use super::ports::Port;
use super::websocket::WebSocket;
use crate::core::{ClientId, Event, Identity};

/// What a connection holds to its end.
#[derive(Debug)]
pub(super) struct Held {
    permit: OwnedSemaphorePermit,
    counted: Counted,
    place: Option<Place>,
    /// The port that was assigned to it.
    port: Option<Port>,
}

impl Held {
    pub(super) fn new(permit: OwnedSemaphorePermit, port: Option<Port>, metrics: &Metrics) -> Held {
        Held { permit, counted: Counted::new(metrics), place: None, port }
    }
}

/// What is known of a client before its first line.
#[derive(Debug)]
struct Introduction {
    client: ClientId,
    /// The peer's address without its port.
    host: String,
    secure: bool,
    identity: Option<Identity>,
    /// Whether it may be given a port of its own.
    may_move: bool,
}

/// A connection as it comes in.
struct Arrival {
    stream: TcpStream,
    codec: Codec,
    /// What was said already.
    said: Vec<u8>,
    /// What the codec has answered to that.
    answer: Vec<u8>,
}

impl Arrival {
    /// In a WebSocket, if the listener is one: what was said already is the beginning of it.
    fn of(kind: Kind, stream: TcpStream, codec: Codec, said: Vec<u8>, origins: &Arc<[String]>) -> Arrival {
        let mut arrival = Arrival { stream, codec, said, answer: Vec::new() };
        if matches!(kind, Kind::WebSocket | Kind::WebSocketTls) {
            arrival.codec.wrap(WebSocket::new(origins.clone()));
            let said = std::mem::take(&mut arrival.said);
            // A request that is refused is seen to be so by whoever made it, and the connection ends with its next word.
            let _ =
                arrival.codec.decode_inside(&said, |line| arrival.said.extend_from_slice(line), &mut arrival.answer);
        }
        arrival
    }
}

impl Shared {
    /// Lets a client in that speaks plain text.
    pub(super) async fn welcome_plain(&self, stream: TcpStream, peer: SocketAddr, held: Held, kind: Kind) {
        let arrival = Arrival::of(kind, stream, Codec::Plain, Vec::new(), &self.origins);
        self.let_in(self.introduce(peer, false, None), arrival, held).await;
    }

    /// Lets a client in whom TLS has verified, if it is admitted.
    pub(super) async fn welcome(
        &self,
        secured: Secured,
        peer: SocketAddr,
        admission: Arc<Admission>,
        mut held: Held,
        kind: Kind,
    ) {
        let Secured { stream, codec, said, identity, chain } = secured;
        let arrival = Arrival::of(kind, stream, codec, said, &self.origins);
        let may_move = self.assigns_ports && held.port.is_none();
        let introduction = Introduction { may_move, ..self.introduce(peer, true, identity) };
        let Some(identity) = introduction.identity.clone() else {
            return self.let_in(introduction, arrival, held).await;
        };
        // What is believed may have changed since the handshake began: this client goes on the list of those who are here
        // first, and is judged by what holds then.
        held.place = Some(self.live.enter(introduction.client, chain.clone(), identity.clone()));
        let current = self.admission();
        let admitted = match Arc::ptr_eq(&current, &admission) {
            true => current.admits(&chain, &identity, UnixTime::now()),
            false => current.still_admits(&chain, &identity, UnixTime::now()),
        };
        drop((admission, current, chain));
        match admitted {
            Ok(()) => self.let_in(introduction, arrival, held).await,
            Err(refused) => {
                // From here on nobody else finds this client unwelcome: its refusal is logged once.
                if held.place.take().is_none_or(Place::give_up) {
                    tell_of(peer, &refused);
                }
                last_word(arrival.stream, arrival.codec, &closing_link(peer, &refused)).await;
            }
        }
    }

    /// From here on the client talks, and this task is done with it.
    async fn let_in(&self, introduction: Introduction, arrival: Arrival, held: Held) {
        let Introduction { client, host, secure, identity, may_move } = introduction;
        let Arrival { stream, codec, said, answer } = arrival;
        let (reader, writer) = match self.hall.bring(stream) {
            Ok(stream) => stream.into_split(),
            Err(error) => return tracing::warn!(%error, "accept-failed"),
        };
        let link = Arc::new(Link::new(writer, codec, answer));
        let event = Event::Accepted { client, host, secure, identity, may_move };
        if self.core.send(Message::Opened { client, link: link.clone(), event }).await.is_err() {
            return;
        }
        // Who was found unwelcome before the core knew of him was put out in vain.
        if held.place.as_ref().is_some_and(|place| !place.is_held()) {
            let reason = "your certificate is not accepted any longer".to_owned();
            let _ = self.core.send(Message::Happened(Event::Dismissed { client, reason })).await;
        }
        let connection = Connection::new(client, reader, link, self.core.clone(), &said);
        let stopping = self.stopping.clone();
        self.hall.spawn(async move {
            connection.talk(stopping).await;
            let Held { permit, counted, place, port } = held;
            drop((place, port, counted, permit));
        });
    }

    fn introduce(&self, peer: SocketAddr, secure: bool, identity: Option<Identity>) -> Introduction {
        let client = ClientId(self.next_client.fetch_add(1, Ordering::Relaxed));
        Introduction { client, host: host_text(peer), secure, identity, may_move: false }
    }
}

/// TLS has let them in, this server does not: they are told so.
pub(super) async fn turn_away(stream: TcpStream, codec: Codec, peer: SocketAddr, refused: &Refused) {
    tell_of(peer, refused);
    last_word(stream, codec, &closing_link(peer, refused)).await;
}

fn tell_of(peer: SocketAddr, refused: &Refused) {
    tracing::warn!(%peer, code = refused.code, reason = ?refused.reason, "refused");
}

/// What IRC says before it ends a connection.
pub(super) fn closing_link(peer: SocketAddr, why: impl fmt::Display) -> String {
    format!("ERROR :Closing Link: {} ({why})\r\n", peer.ip())
}

/// Says this, and ends the connection so that it is read.
pub(super) async fn last_word(mut stream: TcpStream, mut codec: Codec, word: &str) {
    let mut wire = Vec::new();
    let end = codec.encode(word.as_bytes(), &mut wire, 0).and_then(|end| codec.close(&mut wire, end));
    let _ = timeout(FLUSH, stream.write_all(&wire[..end.unwrap_or(0)])).await;
    let _ = timeout(FLUSH, stream.shutdown()).await;
    linger(&mut stream).await;
}

/// The peer's address as a host name of IRC: one that begins with `:` would end the parameters of a message.
fn host_text(peer: SocketAddr) -> String {
    let address = peer.ip().to_canonical().to_string();
    if address.starts_with(':') { format!("0{address}") } else { address }
}
