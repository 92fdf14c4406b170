//! Free ports for servers that cannot choose one themselves.

use std::net::{Ipv4Addr, SocketAddr};

use socket2::{Domain, Socket, Type};

/// A port of loopback that is kept for one test: bound, and not listened on. A server that sets `SO_REUSEADDR`, as all
/// do, can listen there all the same, while the system gives the port to nobody who asks for just any.
pub struct FreePort {
    port: u16,
    _bound: Socket,
}

impl FreePort {
    /// Takes one.
    ///
    /// # Panics
    /// Where the machine has no port left.
    pub fn take() -> FreePort {
        let bound = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        bound.set_reuse_address(true).expect("an option that every system has");
        bound.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).expect("a port is left");
        let address = bound.local_addr().ok().and_then(|it| it.as_socket()).expect("a bound socket has an address");
        FreePort { port: address.port(), _bound: bound }
    }

    /// Its number.
    pub fn number(&self) -> u16 {
        self.port
    }

    /// `127.0.0.1:PORT`
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}
