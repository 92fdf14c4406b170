//! A name server that knows no name and says so at once: ircd-hybrid looks each client's address up, and can't be told not to.

use std::io;
use std::net::UdpSocket;
use std::sync::OnceLock;

/// Where it is. A loopback address of its own, as the usual one's port may be another's.
pub(crate) const ADDRESS: &str = "127.66.0.1";

/// Octets of the longest message that is not of EDNS (RFC 1035, section 2.3.4).
const MESSAGE: usize = 512;
/// Response, recursion desired and available, NXDOMAIN (RFC 1035, section 4.1.1).
const NO_SUCH_NAME: [u8; 2] = [0x81, 0x83];

/// Starts it, once for the whole program.
pub(crate) fn start() -> io::Result<()> {
    static STARTED: OnceLock<Result<(), String>> = OnceLock::new();
    STARTED.get_or_init(|| bind().map_err(|why| why.to_string())).clone().map_err(io::Error::other)
}

fn bind() -> io::Result<()> {
    let socket = UdpSocket::bind((ADDRESS, 53))?;
    std::thread::spawn(move || {
        let mut message = [0; MESSAGE];
        while let Ok((length, peer)) = socket.recv_from(&mut message) {
            if length > 4 {
                message[2..4].copy_from_slice(&NO_SUCH_NAME);
                let _ = socket.send_to(&message[..length], peer);
            }
        }
    });
    Ok(())
}
