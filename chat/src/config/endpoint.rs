//! Where to listen.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

/// The port of IRC over TLS (IANA: `ircs-u`).
pub const DEFAULT_TLS_PORT: u16 = 6697;

/// An address to listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The address.
    pub address: SocketAddr,
    /// Whether the server goes on without it: true for the IPv6 half of the default pair, since many machines and
    /// containers have no IPv6.
    pub may_be_missing: bool,
}

/// Where TLS is spoken: what was typed, else what the file says, else both families.
pub(super) fn tls(flags: &[SocketAddr], file: Option<Vec<SocketAddr>>) -> Vec<Endpoint> {
    let exactly = |addresses: &[SocketAddr]| {
        addresses.iter().map(|address| Endpoint { address: *address, may_be_missing: false }).collect()
    };
    match (flags, file) {
        ([], None) => default_endpoints(),
        ([], Some(addresses)) => exactly(&addresses),
        (addresses, _) => exactly(addresses),
    }
}

pub(super) fn default_endpoints() -> Vec<Endpoint> {
    let v4 = SocketAddr::from((Ipv4Addr::UNSPECIFIED, DEFAULT_TLS_PORT));
    let v6 = SocketAddr::from((Ipv6Addr::UNSPECIFIED, DEFAULT_TLS_PORT));
    vec![Endpoint { address: v6, may_be_missing: true }, Endpoint { address: v4, may_be_missing: false }]
}
