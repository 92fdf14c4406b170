//! Sockets that wait for clients.

use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::SocketAddr;
use tokio::net::TcpListener;

use super::limits::BACKLOG;
use crate::config::settings::Endpoint;

/// What is spoken on a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// TLS.
    Tls,
    /// Plain text, on loopback.
    Plaintext,
    /// WebSocket, on loopback.
    WebSocket,
    /// WebSocket over TLS.
    WebSocketTls,
}

impl Kind {
    fn asked(self) -> Asked {
        match self {
            Kind::Tls => Asked::Flag("--listen"),
            Kind::Plaintext => Asked::Flag("--plaintext"),
            Kind::WebSocket => Asked::Key("websocket"),
            Kind::WebSocketTls => Asked::Key("websocket_tls"),
        }
    }
}

/// A socket that listens.
#[derive(Debug)]
pub struct Listener {
    pub(super) socket: TcpListener,
    pub(super) kind: Kind,
    address: SocketAddr,
}

/// How an address to listen on is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// By this flag.
    Flag(&'static str),
    /// By this key of the configuration's `[listen]`, for which there is no flag.
    Key(&'static str),
}

/// Why an address can't be listened on.
#[derive(Debug, thiserror::Error)]
#[error("can't listen on {address}: {}", explain(source))]
pub struct ListenError {
    /// Which address.
    pub address: SocketAddr,
    /// What asked for it.
    pub asked: Asked,
    /// What the system said.
    pub source: io::Error,
}

impl Listener {
    /// The address, with the port that the system chose where 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What is spoken there.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Listens on an endpoint; `None` where it may be missing and the machine has no such family.
    ///
    /// # Errors
    /// Fails where the address is taken, not this machine's, or not allowed.
    pub fn open(endpoint: Endpoint, kind: Kind) -> Result<Option<Self>, ListenError> {
        let (address, asked) = (endpoint.address, kind.asked());
        match listen(address) {
            Ok(socket) => {
                let address = socket.local_addr().map_err(|source| ListenError { address, asked, source })?;
                Ok(Some(Self { socket, kind, address }))
            }
            Err(error) if endpoint.may_be_missing && is_missing_family(&error) => {
                tracing::info!(%address, "not listening: this machine has no IPv6");
                Ok(None)
            }
            Err(source) => Err(ListenError { address, asked, source }),
        }
    }
}

pub(super) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        // Otherwise `[::]` would take the IPv4 port too on some systems, and the second listener find it in use.
        socket.set_only_v6(true)?;
    }
    // Without it, a restart would wait for the last connections' TIME_WAIT. On Windows it would let others take the
    // port.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// No IPv6 in the kernel (no such address family), or none on any interface (no such address).
fn is_missing_family(error: &io::Error) -> bool {
    const EAFNOSUPPORT: [i32; 3] = [97, 47, 10047];
    error.kind() == io::ErrorKind::AddrNotAvailable
        || error.kind() == io::ErrorKind::Unsupported
        || error.raw_os_error().is_some_and(|code| EAFNOSUPPORT.contains(&code))
}

fn explain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => "another process has the port".to_owned(),
        io::ErrorKind::PermissionDenied => "ports below 1024 are for privileged processes".to_owned(),
        io::ErrorKind::AddrNotAvailable => "this machine has no such address".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(address: &str) -> Endpoint {
        Endpoint { address: address.parse().expect("an address"), may_be_missing: false }
    }

    #[tokio::test]
    async fn a_taken_port_is_told_apart() {
        let first = Listener::open(endpoint("127.0.0.1:0"), Kind::Tls).expect("free").expect("there");
        let taken = Endpoint { address: first.address(), may_be_missing: true };
        let error = Listener::open(taken, Kind::Tls).expect_err("taken");
        assert_eq!(error.source.kind(), io::ErrorKind::AddrInUse);
        assert!(error.to_string().contains("another process has the port"));
    }

    #[tokio::test]
    async fn an_address_of_another_machine_is_refused() {
        let error = Listener::open(endpoint("192.0.2.1:0"), Kind::Tls).expect_err("not ours");
        assert!(error.to_string().contains("no such address"), "{error}");
    }
}
