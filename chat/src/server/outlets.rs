//! What one turn of the core has to say, until it may be said: to each client in one piece.
//!
//! All lines of a turn lie in one list, and those of a client are chained in it: a line for a thousand clients costs a
//! thousand small entries and no allocation.

use std::sync::Arc;

use super::limits::{LINES_A_TURN, WRITE};
use super::link::{Full, Link};
use crate::core::{ByClient, ClientId};

/// The end of a chain.
const NONE: u32 = u32::MAX;

/// The ways out of all clients.
#[derive(Debug, Default)]
pub(super) struct Outlets {
    clients: ByClient<Outlet>,
    lines: Vec<Pending>,
    /// Whom this turn concerns.
    touched: Vec<ClientId>,
    /// Where a client's lines are put together.
    piece: Vec<u8>,
}

/// One client's.
#[derive(Debug)]
struct Outlet {
    link: Arc<Link>,
    first: u32,
    last: u32,
    bytes: usize,
    /// The core's last word to this client is among its lines.
    ending: bool,
}

/// A line of this turn, and the next of the same client.
#[derive(Debug)]
struct Pending {
    line: Arc<[u8]>,
    next: u32,
}

impl Outlets {
    pub(super) fn insert(&mut self, client: ClientId, link: Arc<Link>) {
        self.clients.insert(client, Outlet { link, first: NONE, last: NONE, bytes: 0, ending: false });
    }

    /// Adds a line to a client's; false if a record of lines waits already, which has to be flushed first.
    #[must_use]
    pub(super) fn has_room(&self, client: ClientId, line: &[u8]) -> bool {
        self.clients.get(&client).is_none_or(|outlet| outlet.bytes == 0 || outlet.bytes + line.len() <= WRITE)
    }

    /// Adds a line to a client's.
    pub(super) fn add(&mut self, client: ClientId, line: Arc<[u8]>) {
        let Some(outlet) = self.clients.get_mut(&client) else { return };
        let Ok(number) = u32::try_from(self.lines.len()) else { return };
        outlet.bytes += line.len();
        match outlet.first {
            NONE => {
                outlet.first = number;
                self.touched.push(client);
            }
            _ => self.lines[outlet.last as usize].next = number,
        }
        outlet.last = number;
        self.lines.push(Pending { line, next: NONE });
    }

    /// After its lines of this turn a client gets no more.
    pub(super) fn end(&mut self, client: ClientId) {
        if let Some(outlet) = self.clients.get_mut(&client) {
            outlet.ending = true;
            self.touched.push(client);
        }
    }

    /// A client is read no more, or again.
    pub(super) fn listen(&self, client: ClientId, listens: bool) {
        if let Some(outlet) = self.clients.get(&client) {
            outlet.link.listen(listens);
        }
    }

    /// Whether the turn has to end here.
    pub(super) fn are_full(&self) -> bool {
        self.lines.len() > LINES_A_TURN
    }

    /// Writes what a client has waiting.
    pub(super) fn flush(&mut self, client: ClientId) -> Result<(), Full> {
        let Some(outlet) = self.clients.get_mut(&client) else { return Ok(()) };
        self.piece.clear();
        let mut next = outlet.first;
        while let Some(pending) = self.lines.get(next as usize) {
            self.piece.extend_from_slice(&pending.line);
            next = pending.next;
        }
        (outlet.first, outlet.last, outlet.bytes) = (NONE, NONE, 0);
        let written = outlet.link.write(&self.piece);
        if written.is_ok() && outlet.ending {
            outlet.link.finish();
            self.clients.remove(&client);
        }
        written
    }

    /// Whether something waits.
    pub(super) fn wait(&self) -> bool {
        !self.touched.is_empty()
    }

    /// Writes what all clients have waiting; whose queue is full.
    pub(super) fn flush_all(&mut self) -> Vec<ClientId> {
        let mut full = Vec::new();
        let mut touched = std::mem::take(&mut self.touched);
        for client in touched.drain(..) {
            if self.flush(client).is_err() {
                full.push(client);
            }
        }
        self.touched = touched;
        self.lines.clear();
        full
    }

    /// Drops a client's queue and its connection.
    pub(super) fn cut_off(&mut self, client: ClientId) {
        if let Some(outlet) = self.clients.remove(&client) {
            outlet.link.abort();
        }
    }

    /// Nobody gets any more.
    pub(super) fn finish_all(&mut self) {
        self.clients.drain().for_each(|(_, outlet)| outlet.link.finish());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::codec::Codec;
    use std::io::Read;
    use tokio::net::TcpListener;

    fn line(text: &str) -> Arc<[u8]> {
        text.as_bytes().into()
    }

    /// Adds a client; the peer's end of its socket.
    async fn enter(outlets: &mut Outlets, client: ClientId) -> std::net::TcpStream {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let peer = std::net::TcpStream::connect(listener.local_addr().expect("bound")).expect("listening");
        let (stream, _) = listener.accept().await.expect("connected");
        let (_, writer) = stream.into_split();
        outlets.insert(client, Arc::new(Link::new(writer, Codec::Plain, Vec::new())));
        peer
    }

    #[tokio::test]
    async fn each_client_gets_its_lines_in_order_and_after_its_last_word_nothing() {
        let mut outlets = Outlets::default();
        let (one, two) = (ClientId(1), ClientId(2));
        let (mut first, mut second) = (enter(&mut outlets, one).await, enter(&mut outlets, two).await);
        for (client, text) in [(one, "a"), (two, "b"), (one, "c"), (two, "d")] {
            outlets.add(client, line(text));
        }
        outlets.end(one);
        assert!(outlets.wait() && outlets.flush_all().is_empty() && !outlets.wait());
        outlets.add(one, line("never"));
        outlets.add(two, line("e"));
        assert!(outlets.flush_all().is_empty());
        outlets.finish_all();
        // The last holder of a link closes its socket.
        drop(outlets);
        let (mut to_one, mut to_two) = (String::new(), String::new());
        first.read_to_string(&mut to_one).expect("closed cleanly");
        second.read_to_string(&mut to_two).expect("closed cleanly");
        assert_eq!((&*to_one, &*to_two), ("ac", "bde"));
    }

    #[tokio::test]
    async fn a_record_of_lines_is_all_that_waits_for_a_client() {
        let mut outlets = Outlets::default();
        let client = ClientId(1);
        let _peer = enter(&mut outlets, client).await;
        let long = line(&"x".repeat(512));
        let mut count = 0;
        while outlets.has_room(client, &long) {
            outlets.add(client, long.clone());
            count += 1;
        }
        assert_eq!(count, WRITE / 512);
        outlets.flush(client).expect("the socket takes a record");
        assert!(outlets.has_room(client, &long));
    }
}
