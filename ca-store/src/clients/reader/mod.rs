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

/// A reader, and the clients whose it is.
struct Reader {
    clients: &'static [&'static str],
    read: fn(&[u8]) -> Reading,
}

const READERS: [Reader; 7] = [
    Reader { clients: &["openssl", "openssl-strict", "curl", "python-3.11", "python-3.13"], read: openssl::file },
    Reader { clients: &["node"], read: openssl::one_by_one },
    Reader { clients: &["wget", "gnutls"], read: gnutls::file },
    Reader { clients: &["java"], read: java::file },
    Reader { clients: &["rustls", "rustls-aws-lc"], read: rustls::file },
    Reader { clients: &["go"], read: go::file },
    Reader { clients: &["nss", "chromium"], read: nss::file },
];

/// What each reader makes of one file: read once, however often it is asked for.
#[derive(Debug)]
pub struct Readings(Vec<Reading>);

impl Readings {
    /// Reads a file with every reader; none where it is longer than [`MAX_READ`].
    pub(crate) fn of(text: &[u8]) -> Option<Readings> {
        (text.len() <= MAX_READ).then(|| Readings(READERS.iter().map(|reader| (reader.read)(text)).collect()))
    }

    /// What a client's reader makes of it, where that is known.
    pub(super) fn by(&self, client: &str) -> Option<&Reading> {
        self.0.get(READERS.iter().position(|reader| reader.clients.contains(&client))?)
    }

    /// The certificates that any of the readers gets out of it, each once.
    pub(crate) fn certificates(&self) -> Vec<&[u8]> {
        let mut found: Vec<&[u8]> = Vec::new();
        for read in self.0.iter().flatten().flatten() {
            if !found.contains(&&*read.der) {
                found.push(&read.der);
            }
        }
        found
    }
}

/// Where the needle begins in the text, from a place on.
fn find(text: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    memchr::memmem::find(text.get(from..)?, needle).map(|at| from + at)
}
