//! What stands between the plain bytes of a connection and its socket: nothing, or TLS, or a WebSocket on either.
//!
//! rustls is used without its buffers: an idle connection holds keys and counters and not a byte of room, a read is
//! decrypted where it lies, and what is written goes from one buffer that all connections share to the socket.

use super::limits::WRITE;
use super::websocket::WebSocket;
use rustls::Error;
use rustls::server::{ServerConnectionData, UnbufferedServerConnection};
use rustls::unbuffered::{ConnectionState, EncodeError, EncodeTlsData, EncryptError, UnbufferedStatus};
use std::{fmt, io};

/// One connection's way of writing and reading.
pub(super) enum Codec {
    /// As it is.
    Plain,
    /// TLS after its handshake.
    Tls(Box<Tls>),
    /// In messages of a WebSocket, which go over the other.
    WebSocket(Box<WebSocket>, Box<Codec>),
}

/// TLS, and what it has not used of what came: the beginning of a record. rustls remembers places in it, so every call
/// gets it, those that only write too.
pub(super) struct Tls {
    connection: UnbufferedServerConnection,
    incoming: Vec<u8>,
}

impl Tls {
    pub(super) fn new(connection: UnbufferedServerConnection, incoming: Vec<u8>) -> Tls {
        Tls { connection, incoming }
    }
}

impl fmt::Debug for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Codec::Plain => "Plain",
            Codec::Tls(_) => "Tls",
            Codec::WebSocket(..) => "WebSocket",
        })
    }
}

impl Codec {
    /// Puts what goes on the wire for `plain` behind the first `at` bytes of `wire`; where it ends.
    pub(super) fn encode(&mut self, plain: &[u8], wire: &mut Vec<u8>, at: usize) -> io::Result<usize> {
        match self {
            Codec::Plain => Ok(put(plain, wire, at)),
            Codec::Tls(tls) => tls.encrypt(Some(plain), wire, at),
            Codec::WebSocket(socket, below) => {
                let mut frames = Vec::new();
                socket.encode(plain, &mut frames);
                below.encode_in_records(&frames, wire, at)
            }
        }
    }

    /// The same for the notice that nothing more will be said.
    pub(super) fn close(&mut self, wire: &mut Vec<u8>, at: usize) -> io::Result<usize> {
        match self {
            Codec::Plain => Ok(at),
            Codec::Tls(tls) => tls.encrypt(None, wire, at),
            Codec::WebSocket(socket, below) => {
                let mut frames = Vec::new();
                socket.close(&mut frames);
                let at = below.encode_in_records(&frames, wire, at)?;
                below.close(wire, at)
            }
        }
    }

    /// Hands out what `bytes` from the socket say, and adds what TLS itself has to answer to `answer`. False if the peer
    /// says that no more will come.
    pub(super) fn decode(
        &mut self,
        bytes: &mut [u8],
        mut plain: impl FnMut(&[u8]),
        answer: &mut Vec<u8>,
    ) -> io::Result<bool> {
        match self {
            Codec::Plain => {
                plain(bytes);
                Ok(true)
            }
            Codec::Tls(tls) => tls.decrypt(bytes, plain, answer),
            Codec::WebSocket(socket, below) => {
                let (mut inside, mut frames) = (Vec::new(), Vec::new());
                // Boxed, as this calls itself: a WebSocket lies on TLS or on nothing.
                let collect: &mut dyn FnMut(&[u8]) = &mut |bytes| inside.extend_from_slice(bytes);
                let open = below.decode(bytes, collect, answer)?;
                let decoded = socket.decode(&inside, plain, &mut frames);
                let end = below.encode_in_records(&frames, answer, answer.len())?;
                answer.truncate(end);
                Ok(open && !decoded?)
            }
        }
    }

    /// Puts a WebSocket on it.
    pub(super) fn wrap(&mut self, socket: WebSocket) {
        let below = std::mem::replace(self, Codec::Plain);
        *self = Codec::WebSocket(Box::new(socket), Box::new(below));
    }

    /// As [`Codec::decode`], for what was decrypted before the WebSocket was put on it.
    pub(super) fn decode_inside(
        &mut self,
        inside: &[u8],
        plain: impl FnMut(&[u8]),
        answer: &mut Vec<u8>,
    ) -> io::Result<()> {
        let Codec::WebSocket(socket, below) = self else { return Ok(()) };
        let mut frames = Vec::new();
        let decoded = if inside.is_empty() { Ok(false) } else { socket.decode(inside, plain, &mut frames) };
        let end = below.encode_in_records(&frames, answer, answer.len())?;
        answer.truncate(end);
        decoded.map(drop)
    }

    /// As [`Codec::encode`], however much it is: frames are longer than the lines in them.
    fn encode_in_records(&mut self, plain: &[u8], wire: &mut Vec<u8>, at: usize) -> io::Result<usize> {
        plain.chunks(WRITE).try_fold(at, |at, record| self.encode(record, wire, at))
    }
}

impl Tls {
    /// Lets TLS write a text, or that no more will come, into `wire` from `at` on, in as much room as it asks for; where it
    /// ends.
    fn encrypt(&mut self, plain: Option<&[u8]>, wire: &mut Vec<u8>, mut at: usize) -> io::Result<usize> {
        let start = at;
        loop {
            let UnbufferedStatus { discard, state } = self.connection.process_tls_records(&mut self.incoming);
            let state = match state {
                Ok(state) => state,
                // The alert that says why nothing more is said.
                Err(_) if at > start => return Ok(at),
                Err(error) => return Err(of_tls(error)),
            };
            let end = match state {
                ConnectionState::WriteTraffic(mut traffic) => loop {
                    let written = match plain {
                        Some(plain) => traffic.encrypt(plain, room(wire, at)),
                        None => traffic.queue_close_notify(room(wire, at)),
                    };
                    match written {
                        Ok(length) => break Some(at + length),
                        Err(EncryptError::InsufficientSize(size)) => wire.resize(at + size.required_size, 0),
                        Err(EncryptError::EncryptExhausted) => return Err(of_tls(Error::EncryptError)),
                    }
                },
                // A change of keys that the peer asked for.
                ConnectionState::EncodeTlsData(mut data) => {
                    at = encode_handshake(&mut data, wire, at)?;
                    None
                }
                ConnectionState::TransmitTlsData(data) => {
                    data.done();
                    None
                }
                ConnectionState::PeerClosed => None,
                _ => return Err(io::ErrorKind::BrokenPipe.into()),
            };
            self.incoming.drain(..discard);
            if let Some(end) = end {
                return Ok(end);
            }
        }
    }

    fn decrypt(&mut self, bytes: &mut [u8], plain: impl FnMut(&[u8]), answer: &mut Vec<u8>) -> io::Result<bool> {
        let Tls { connection, incoming } = self;
        if incoming.is_empty() {
            let (used, open) = decrypt(connection, bytes, plain, answer)?;
            *incoming = bytes[used..].to_vec();
            return Ok(open);
        }
        incoming.extend_from_slice(bytes);
        let (used, open) = decrypt(connection, incoming, plain, answer)?;
        incoming.drain(..used);
        if incoming.is_empty() {
            // An idle connection keeps no room for what it once said.
            *incoming = Vec::new();
        }
        Ok(open)
    }
}

fn put(bytes: &[u8], wire: &mut Vec<u8>, at: usize) -> usize {
    wire.truncate(at);
    wire.extend_from_slice(bytes);
    wire.len()
}

fn room(wire: &mut [u8], at: usize) -> &mut [u8] {
    let at = at.min(wire.len());
    &mut wire[at..]
}

/// Puts a message of TLS itself into `wire` from `at` on; where it ends.
pub(super) fn encode_handshake(
    data: &mut EncodeTlsData<'_, ServerConnectionData>,
    wire: &mut Vec<u8>,
    at: usize,
) -> io::Result<usize> {
    loop {
        match data.encode(room(wire, at)) {
            Ok(length) => return Ok(at + length),
            Err(EncodeError::InsufficientSize(size)) => wire.resize(at + size.required_size, 0),
            Err(error @ EncodeError::AlreadyEncoded) => return Err(io::Error::other(error)),
        }
    }
}

/// How much of `bytes` was used, and whether more may come.
fn decrypt(
    connection: &mut UnbufferedServerConnection,
    bytes: &mut [u8],
    mut plain: impl FnMut(&[u8]),
    answer: &mut Vec<u8>,
) -> io::Result<(usize, bool)> {
    let mut used = 0;
    loop {
        let UnbufferedStatus { discard, state } = connection.process_tls_records(&mut bytes[used..]);
        let end = match state.map_err(of_tls)? {
            ConnectionState::ReadTraffic(mut traffic) => {
                while let Some(record) = traffic.next_record() {
                    plain(record.map_err(of_tls)?.payload);
                }
                None
            }
            ConnectionState::EncodeTlsData(mut data) => {
                let end = encode_handshake(&mut data, answer, answer.len())?;
                answer.truncate(end);
                None
            }
            ConnectionState::TransmitTlsData(data) => {
                data.done();
                None
            }
            ConnectionState::PeerClosed | ConnectionState::Closed => Some(false),
            _ => Some(true),
        };
        used += discard;
        if let Some(open) = end {
            return Ok((used, open));
        }
    }
}

fn of_tls(error: Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::pki_types::{PrivateKeyDer, ServerName};
    use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig};
    use std::io::{Read, Write};
    use std::sync::Arc;

    /// Both ends of TLS after their handshake.
    fn pair() -> (Codec, ClientConnection) {
        let provider = ca_store::handshake::provider();
        let key = rcgen::KeyPair::generate().expect("a key");
        let params = rcgen::CertificateParams::new(["localhost".to_owned()]).expect("a name");
        let certificate = params.self_signed(&key).expect("a certificate").der().clone();
        let mut roots = RootCertStore::empty();
        roots.add(certificate.clone()).expect("an anchor");
        let server = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
            .expect("a key that fits");
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connection = UnbufferedServerConnection::new(Arc::new(server)).expect("a server");
        let mut server = Codec::Tls(Box::new(Tls::new(connection, Vec::new())));
        let name = ServerName::try_from("localhost").expect("a name");
        let mut client = ClientConnection::new(Arc::new(client), name).expect("a client");
        while client.is_handshaking() || client.wants_write() {
            let answer = hear(&mut server, &said(&mut client)).1;
            told(&mut client, &answer);
        }
        (server, client)
    }

    fn said(client: &mut ClientConnection) -> Vec<u8> {
        let mut wire = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut wire).expect("memory takes everything");
        }
        wire
    }

    fn told(client: &mut ClientConnection, mut wire: &[u8]) -> String {
        let mut text = String::new();
        while !wire.is_empty() {
            client.read_tls(&mut wire).expect("memory can be read");
            let state = client.process_new_packets().expect("well-formed");
            let mut plain = vec![0; state.plaintext_bytes_to_read()];
            client.reader().read_exact(&mut plain).expect("as many as were told");
            text += &String::from_utf8_lossy(&plain);
        }
        text
    }

    /// What the server reads in these bytes, and what it answers.
    fn hear(server: &mut Codec, wire: &[u8]) -> (String, Vec<u8>) {
        let (mut plain, mut answer) = (Vec::new(), Vec::new());
        let heard = server.decode(&mut wire.to_vec(), |part| plain.extend_from_slice(part), &mut answer);
        assert!(heard.expect("well-formed"), "open");
        (String::from_utf8_lossy(&plain).into_owned(), answer)
    }

    fn say(server: &mut Codec, text: &str) -> Vec<u8> {
        let mut wire = vec![0; 4];
        let end = server.encode(text.as_bytes(), &mut wire, 4).expect("encoded");
        wire[4..end].to_vec()
    }

    #[test]
    fn what_comes_in_pieces_is_read_whole_and_writing_goes_on_between_them() {
        let (mut server, mut client) = pair();
        client.writer().write_all(b"NICK alice\r\n").expect("taken");
        // A message of TLS itself after it, so that every kind of record is cut somewhere.
        client.refresh_traffic_keys().expect("after the handshake");
        client.writer().write_all(b"PING 1\r\n").expect("taken");
        let mut heard = String::new();
        for byte in said(&mut client) {
            heard += &hear(&mut server, &[byte]).0;
            let wire = say(&mut server, "x");
            assert_eq!(told(&mut client, &wire), "x");
        }
        assert_eq!(heard, "NICK alice\r\nPING 1\r\n");
        let Codec::Tls(tls) = &server else { panic!("made with TLS") };
        assert_eq!(tls.incoming.capacity(), 0, "an idle connection holds no bytes");
    }

    #[test]
    fn a_long_text_is_written_in_several_records_and_the_end_is_told() {
        let (mut server, mut client) = pair();
        let long = "y".repeat(40_000);
        let wire = say(&mut server, &long);
        assert_eq!(told(&mut client, &wire), long);
        let mut wire = Vec::new();
        let end = server.close(&mut wire, 0).expect("told");
        client.read_tls(&mut &wire[..end]).expect("memory can be read");
        assert!(client.process_new_packets().expect("well-formed").peer_has_closed());
    }
}
