//! How each client's own reader takes a CA file that is not as it should be: what it gets out of it, or at what it stops.
//!
//! These are readings of octets, apart from ours: a fault is told once, and what a client does with it depends on where in the file it
//! stands, before or behind which other blocks. Measured with the clients of [`super::CLIENTS`] on some four hundred files.

mod base64;
mod gnutls;
mod go;
mod java;
mod nss;
mod openssl;
mod rustls;
#[cfg(test)]
mod tests;

use crate::facts::{Certificate, announced_length};

pub(super) use openssl::Settings;

/// The longest file that is read so: all roots of the world are a quarter of it, and six readers go over it.
const MAX_READ: usize = 1 << 20;

/// Why a program takes nothing of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// Nothing in it is seen as a certificate, and the program says so.
    Nothing,
    /// A file without an octet, where that is another thing.
    Empty,
    /// A BEGIN or END line.
    Boundary,
    /// The file ends within a block.
    Cut,
    /// Base64.
    Base64,
    /// The DER of a block is not what its label says.
    Content,
}

/// A certificate that a program has read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) der: Vec<u8>,
    /// OpenSSL's settings behind it.
    pub(super) settings: Option<Settings>,
}

impl Read {
    /// The certificate that the DER is, and nothing else.
    fn whole(der: &[u8]) -> Option<Read> {
        Read::beginning(der).filter(|(_, behind)| behind.is_empty()).map(|(read, _)| read)
    }

    /// The certificate that the DER begins with, and what is behind it.
    fn beginning(der: &[u8]) -> Option<(Read, &[u8])> {
        let (der, behind) = der.split_at_checked(announced_length(der)?)?;
        Certificate::from_der(der).ok()?;
        Some((Read { der: der.to_vec(), settings: None }, behind))
    }
}

/// What a program makes of a file.
type Reading = Result<Vec<Read>, Stop>;

/// Which reader a client has, of those that are known.
pub(super) fn of(client: &str) -> Option<fn(&[u8]) -> Reading> {
    Some(match client {
        "openssl" | "openssl-strict" | "curl" | "python-3.11" | "python-3.13" => openssl::file,
        "node" => openssl::one_by_one,
        "wget" | "gnutls" => gnutls::file,
        "java" => java::file,
        "rustls" | "rustls-aws-lc" => rustls::file,
        "go" => go::file,
        "nss" | "chromium" => nss::file,
        _ => return None,
    })
}

/// The certificates that any of the readers gets out of a file, each once.
pub(crate) fn by_any(text: &[u8]) -> Vec<Vec<u8>> {
    let mut found: Vec<Vec<u8>> = Vec::new();
    for reader in [openssl::file, openssl::one_by_one, gnutls::file, java::file, rustls::file, go::file, nss::file] {
        for read in reader(text).unwrap_or_default() {
            if !found.contains(&read.der) {
                found.push(read.der);
            }
        }
    }
    found
}

/// Whether a file is short enough to be read so.
pub(crate) fn is_read(octets: &[u8]) -> bool {
    octets.len() <= MAX_READ
}

/// Where the needle begins in the text, from a place on.
fn find(text: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    memchr::memmem::find(text.get(from..)?, needle).map(|at| from + at)
}
