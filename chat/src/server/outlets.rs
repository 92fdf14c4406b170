//! What one turn of the core has to say, until it may be said: to each client in one piece.
//!
//! All lines of a turn lie in one list, and those of a client are chained in it: a line for a thousand clients costs a
//! thousand small entries and no allocation.

use std::ops::Range;
use std::sync::Arc;

use super::limits::{LINES_A_TURN, WRITE, WRITTEN_TOGETHER};
use super::link::{self, Full, Link};
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
    /// Where the lines of clients that are written to together are put, each client's in one piece.
    pieces: Vec<u8>,
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

    /// Adds a line to a client's. Gives it back if a record of lines waits already, which has to be flushed first.
    pub(super) fn add(&mut self, client: ClientId, line: Arc<[u8]>) -> Result<(), Arc<[u8]>> {
        let Some(outlet) = self.clients.get_mut(&client) else { return Ok(()) };
        let Ok(number) = u32::try_from(self.lines.len()) else { return Ok(()) };
        if outlet.bytes > 0 && outlet.bytes + line.len() > WRITE {
            return Err(line);
        }
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
        Ok(())
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

    /// Bytes that wait for a client, those of this turn included.
    pub(super) fn held(&self, client: ClientId) -> usize {
        self.clients.get(&client).map_or(0, |outlet| outlet.bytes + outlet.link.held())
    }

    /// Whether the turn has to end here.
    pub(super) fn are_full(&self) -> bool {
        self.lines.len() > LINES_A_TURN
    }

    /// Writes what a client has waiting.
    pub(super) fn flush(&mut self, client: ClientId) -> Result<(), Full> {
        if self.flush_together(&[client]).is_empty() { Ok(()) } else { Err(Full) }
    }

    /// Writes what these clients have waiting; whose queue is full.
    fn flush_together(&mut self, group: &[ClientId]) -> Vec<ClientId> {
        self.pieces.clear();
        let taken: Vec<_> = group.iter().filter_map(|client| self.take(*client)).collect();
        let pieces = taken.iter().map(|(_, link, place)| (&**link, &self.pieces[place.clone()]));
        let written = link::write_to_each(pieces);
        let full = taken.iter().zip(written).filter(|(_, written)| written.is_err());
        let full: Vec<ClientId> = full.map(|((client, ..), _)| *client).collect();
        group.iter().filter(|client| !full.contains(client)).for_each(|client| self.finish_if_ending(*client));
        full
    }

    /// Puts a client's lines together; none where there are none.
    fn take(&mut self, client: ClientId) -> Option<(ClientId, Arc<Link>, Range<usize>)> {
        let outlet = self.clients.get_mut(&client).filter(|outlet| outlet.first != NONE)?;
        let start = self.pieces.len();
        let mut next = outlet.first;
        while let Some(pending) = self.lines.get(next as usize) {
            self.pieces.extend_from_slice(&pending.line);
            next = pending.next;
        }
        (outlet.first, outlet.last, outlet.bytes) = (NONE, NONE, 0);
        Some((client, outlet.link.clone(), start..self.pieces.len()))
    }

    fn finish_if_ending(&mut self, client: ClientId) {
        if self.clients.get(&client).is_some_and(|outlet| outlet.ending)
            && let Some(outlet) = self.clients.remove(&client)
        {
            outlet.link.finish();
        }
    }

    /// Whether something waits.
    pub(super) fn wait(&self) -> bool {
        !self.touched.is_empty()
    }

    /// Writes what all clients have waiting; whose queue is full.
    pub(super) fn flush_all(&mut self) -> Vec<ClientId> {
        let mut full = Vec::new();
        let mut touched = std::mem::take(&mut self.touched);
        for group in touched.chunks(WRITTEN_TOGETHER) {
            self.fetch(group);
            let mut rest = group;
            while !rest.is_empty() {
                let (together, later) = rest.split_at(self.count_together(rest));
                full.extend(self.flush_together(together));
                rest = later;
            }
        }
        touched.clear();
        self.touched = touched;
        self.lines.clear();
        full
    }

    /// How many of the first of these get a record's worth between them, one at least: long pieces gain nothing from each other, and
    /// push each other out of the caches.
    fn count_together(&self, group: &[ClientId]) -> usize {
        let mut bytes = 0;
        let fitting = group.iter().take_while(|client| {
            bytes += self.clients.get(client).map_or(0, |outlet| outlet.bytes);
            bytes <= WRITE
        });
        fitting.count().max(1)
    }

    /// Of a few thousand clients each lies in a memory of its own, far from the processor: waiting for one after the other would
    /// take as long as the rest of a write.
    fn fetch(&self, group: &[ClientId]) {
        group.iter().filter_map(|client| self.clients.get(client)).for_each(|outlet| outlet.link.fetch());
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
            outlets.add(client, line(text)).expect("room");
        }
        outlets.end(one);
        assert!(outlets.wait() && outlets.flush_all().is_empty() && !outlets.wait());
        outlets.add(one, line("never")).expect("nobody to keep it for");
        outlets.add(two, line("e")).expect("room");
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
    async fn long_pieces_go_out_by_themselves_and_short_ones_together() {
        let mut outlets = Outlets::default();
        let clients: Vec<ClientId> = (0..4).map(ClientId).collect();
        let mut peers = Vec::new();
        for client in &clients {
            peers.push(enter(&mut outlets, *client).await);
        }
        let long = line(&"x".repeat(WRITE - 1));
        for (client, text) in clients.iter().zip([line("a"), line("b"), long.clone(), line("c")]) {
            outlets.add(*client, text).expect("room");
        }
        let counts = [0, 1, 2, 3].map(|first| outlets.count_together(&clients[first..]));
        assert_eq!(counts, [2, 2, 2, 1]);
        assert!(outlets.flush_all().is_empty());
        outlets.finish_all();
        drop(outlets);
        let read = peers.iter_mut().map(|peer| {
            let mut text = String::new();
            peer.read_to_string(&mut text).expect("closed cleanly");
            text
        });
        assert_eq!(read.collect::<Vec<_>>(), ["a", "b", std::str::from_utf8(&long).expect("text"), "c"]);
    }

    #[tokio::test]
    async fn a_record_of_lines_is_all_that_waits_for_a_client() {
        let mut outlets = Outlets::default();
        let client = ClientId(1);
        let _peer = enter(&mut outlets, client).await;
        let long = line(&"x".repeat(512));
        let mut count = 0;
        while outlets.add(client, long.clone()).is_ok() {
            count += 1;
        }
        assert_eq!(count, WRITE / 512);
        outlets.flush(client).expect("the socket takes a record");
        assert!(outlets.add(client, long).is_ok());
    }
}
