//! One client of the load generator: a socket, TLS without buffers of its own, and lines.
//!
//! Every client reads into the generator's one large buffer, so that a record of 16 KiB is one read, and an idle
//! client holds little.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;

use mio::net::TcpStream;
use rustls::client::UnbufferedClientConnection;
use rustls::pki_types::ServerName;
use rustls::unbuffered::{ConnectionState, EncodeError, EncryptError, UnbufferedStatus};
use rustls::{ClientConfig, Error};

use crate::material::HOST;

/// Room for what TLS adds to a write of ours, and for any handshake message.
const RECORD: usize = 17 * 1024;

/// One connection.
pub(crate) struct Client {
    pub(crate) socket: TcpStream,
    tls: UnbufferedClientConnection,
    /// A record that is not complete yet.
    incoming: Vec<u8>,
    /// Encrypted and not written.
    outgoing: Vec<u8>,
    /// Said before the handshake was over.
    waiting: Vec<u8>,
    /// A line that is not complete yet.
    line: Vec<u8>,
    closed: bool,
}

impl Client {
    /// Begins to connect.
    pub(crate) fn connect(address: SocketAddr, config: &Arc<ClientConfig>) -> io::Result<Client> {
        let socket = TcpStream::connect(address)?;
        let name = ServerName::try_from(HOST).map_err(io::Error::other)?;
        let tls = UnbufferedClientConnection::new(config.clone(), name).map_err(io::Error::other)?;
        let (incoming, outgoing, waiting, line) = Default::default();
        Ok(Client { socket, tls, incoming, outgoing, waiting, line, closed: false })
    }

    /// Sends a line with its CR LF.
    pub(crate) fn send(&mut self, line: &[u8]) -> io::Result<()> {
        self.waiting.extend_from_slice(line);
        self.drive(&mut [], &mut |_| {})?;
        self.flush()
    }

    /// Writes what waits, as far as the socket takes it. Also begins the handshake.
    pub(crate) fn write(&mut self) -> io::Result<()> {
        self.drive(&mut [], &mut |_| {})?;
        self.flush()
    }

    /// Reads what is there and hands out each line; false at the end.
    pub(crate) fn read(&mut self, buffer: &mut [u8], mut on_line: impl FnMut(&[u8])) -> io::Result<bool> {
        while !self.closed {
            let kept = self.incoming.len();
            buffer[..kept].copy_from_slice(&self.incoming);
            let length = match self.socket.read(&mut buffer[kept..]) {
                Ok(0) => return Ok(false),
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(true),
                Err(error) => return Err(error),
            };
            let there = &mut buffer[..kept + length];
            let used = self.drive(there, &mut on_line)?;
            self.incoming.clear();
            self.incoming.extend_from_slice(&buffer[used..kept + length]);
            self.flush()?;
            if kept + length < buffer.len() {
                return Ok(!self.closed);
            }
        }
        Ok(false)
    }

    /// Runs TLS until it needs more from the server; how much of `bytes` it has used.
    fn drive(&mut self, bytes: &mut [u8], on_line: &mut impl FnMut(&[u8])) -> io::Result<usize> {
        let Client { tls, outgoing, waiting, line, closed, .. } = self;
        let mut used = 0;
        loop {
            let UnbufferedStatus { discard, state } = tls.process_tls_records(&mut bytes[used..]);
            let more = match state.map_err(io::Error::other)? {
                ConnectionState::ReadTraffic(mut traffic) => {
                    while let Some(record) = traffic.next_record() {
                        split(record.map_err(io::Error::other)?.payload, line, on_line);
                    }
                    true
                }
                ConnectionState::EncodeTlsData(mut data) => {
                    append(outgoing, |room| match data.encode(room) {
                        Ok(length) => Ok(length),
                        Err(EncodeError::InsufficientSize(_)) => Err(Error::General("a flight too large".to_owned())),
                        Err(error) => Err(Error::General(error.to_string())),
                    })?;
                    true
                }
                ConnectionState::TransmitTlsData(data) => {
                    data.done();
                    true
                }
                ConnectionState::WriteTraffic(mut traffic) => {
                    if !waiting.is_empty() {
                        append(outgoing, |room| {
                            let refused = |error: EncryptError| Error::General(error.to_string());
                            traffic.encrypt(waiting, room).map_err(refused)
                        })?;
                        waiting.clear();
                    }
                    false
                }
                ConnectionState::BlockedHandshake => false,
                _ => {
                    *closed = true;
                    false
                }
            };
            used += discard;
            if !more {
                return Ok(used);
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        while !self.outgoing.is_empty() {
            match self.socket.write(&self.outgoing) {
                Ok(length) => drop(self.outgoing.drain(..length)),
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::NotConnected) => break,
                Err(error) => return Err(error),
            }
        }
        if self.outgoing.is_empty() {
            self.outgoing = Vec::new();
        }
        Ok(())
    }
}

/// Lets TLS write behind what waits already.
fn append(outgoing: &mut Vec<u8>, write: impl FnOnce(&mut [u8]) -> Result<usize, Error>) -> io::Result<()> {
    let before = outgoing.len();
    outgoing.resize(before + RECORD, 0);
    let written = write(&mut outgoing[before..]).map_err(io::Error::other)?;
    outgoing.truncate(before + written);
    Ok(())
}

/// Hands out the whole lines in `bytes`, without their CR LF, and keeps the rest.
fn split(mut bytes: &[u8], unfinished: &mut Vec<u8>, on_line: &mut impl FnMut(&[u8])) {
    while let Some(end) = memchr::memchr(b'\n', bytes) {
        let (line, rest) = (&bytes[..end], &bytes[end + 1..]);
        if unfinished.is_empty() {
            on_line(line.strip_suffix(b"\r").unwrap_or(line));
        } else {
            unfinished.extend_from_slice(line);
            on_line(unfinished.strip_suffix(b"\r").unwrap_or(unfinished));
            unfinished.clear();
        }
        bytes = rest;
    }
    unfinished.extend_from_slice(bytes);
}
