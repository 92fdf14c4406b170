//! A connection as the core's driver and the connection's own task share it: the way out.
//!
//! The driver writes at once, as nearly always the socket takes it: then nothing is queued and no task is woken. What a
//! socket does not take waits here, bounded, and the connection's task writes it when there is room.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::net::Shutdown;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use socket2::SockRef;
use tokio::net::tcp::OwnedWriteHalf;

use super::codec::Codec;
use super::limits::{ALL_QUEUES, FAIR_QUEUE, WRITE};
use crate::core::limits::QUEUE_BYTES;

thread_local! {
    /// Where what is written is encoded; all connections of a thread share it.
    static WIRE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The way out of one connection.
#[derive(Debug)]
pub(super) struct Link {
    socket: OwnedWriteHalf,
    state: Mutex<State>,
}

/// Bytes that wait for all clients together.
static QUEUED: AtomicUsize = AtomicUsize::new(0);

/// How many bytes wait for all clients.
pub(super) fn queued() -> usize {
    QUEUED.load(Ordering::Relaxed)
}

#[derive(Debug)]
struct State {
    codec: Codec,
    /// Encoded, and not taken by the socket yet.
    unsent: Vec<u8>,
    /// Plain, in pieces of a record at most, behind that.
    waiting: VecDeque<Vec<u8>>,
    waiting_bytes: usize,
    /// What of [`QUEUED`] is this client's.
    counted: usize,
    end: End,
    /// The core has more of this client's lines than it can carry out: no more are to be read.
    is_deaf: bool,
    broken: Option<io::Error>,
    /// The connection's task.
    task: Option<Waker>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Open,
    AfterFlush,
    AtOnce,
}

/// What is written to one client, between its encoding and its sending.
struct Letter<'a> {
    link: &'a Link,
    state: MutexGuard<'a, State>,
    content: Content,
}

enum Content {
    /// Nothing, or nobody would get it any more.
    Nothing,
    /// It waits behind what waits already, where there was room.
    Queued(Result<(), Full>),
    /// Where it lies, ready for the socket.
    Encoded(io::Result<Range<usize>>),
}

/// Writes to several clients, to each as much as its socket takes, and keeps the rest; what became of each. A piece is a record's
/// worth at most, and no client is there twice.
///
/// All are encoded before the first is sent: the system's way through its network code takes what we know of the next client, and
/// our own code, out of the processor's caches.
pub(super) fn write_to_each<'a>(pieces: impl Iterator<Item = (&'a Link, &'a [u8])>) -> Vec<Result<(), Full>> {
    WIRE.with_borrow_mut(|wire| {
        let mut at = 0;
        let letters: Vec<Letter<'_>> = pieces.map(|(link, plain)| link.encode(plain, wire, &mut at)).collect();
        letters.into_iter().map(|letter| letter.send(wire)).collect()
    })
}

impl Letter<'_> {
    fn send(mut self, wire: &[u8]) -> Result<(), Full> {
        let outcome = match self.content {
            Content::Nothing => return Ok(()),
            Content::Queued(queued) => queued,
            Content::Encoded(place) => {
                let written = place.and_then(|place| {
                    let bytes = &wire[place];
                    let sent = self.link.send(bytes)?;
                    self.state.unsent.extend_from_slice(&bytes[sent..]);
                    Ok(())
                });
                self.link.settle(&mut self.state, written);
                Ok(())
            }
        };
        self.state.count();
        outcome
    }
}

/// The client reads too slowly: its queue is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full;

/// How a connection is, seen from its task.
#[derive(Debug)]
pub(super) enum Condition {
    /// The core may still write.
    Open,
    /// The same, and it wants to hear nothing for now.
    Deaf,
    /// The core has said its last word.
    Ended,
    /// The socket takes no more.
    Broken(io::Error),
}

impl Link {
    /// `unsent` is what the codec has to say before anything else.
    pub(super) fn new(socket: OwnedWriteHalf, codec: Codec, unsent: Vec<u8>) -> Link {
        let state = State {
            codec,
            unsent,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            counted: 0,
            end: End::Open,
            is_deaf: false,
            broken: None,
            task: None,
        };
        Link { socket, state: Mutex::new(state) }
    }

    /// Encodes what is to be written behind the first `at` bytes of `wire`, and moves `at` to its end. Nobody else writes to this
    /// client before it is sent.
    fn encode(&self, plain: &[u8], wire: &mut Vec<u8>, at: &mut usize) -> Letter<'_> {
        let mut state = self.lock();
        let content = if state.end != End::Open || state.broken.is_some() || plain.is_empty() {
            Content::Nothing
        } else if !state.unsent.is_empty() {
            Content::Queued(state.queue(plain))
        } else {
            let start = *at;
            Content::Encoded(state.codec.encode(plain, wire, start).map(|end| {
                *at = end;
                start..end
            }))
        };
        Letter { link: self, state, content }
    }

    /// Bytes that wait for the client to read more.
    pub(super) fn held(&self) -> usize {
        let state = self.lock();
        state.unsent.len() + state.waiting_bytes
    }

    /// Whether what the client says is to be read. Until then it waits in the client's socket, and slows nobody else down.
    pub(super) fn listen(&self, listens: bool) {
        let mut state = self.lock();
        state.is_deaf = !listens;
        if let (true, Some(task)) = (listens, &state.task) {
            task.wake_by_ref();
        }
    }

    /// No more will be written; the connection ends when what waits is.
    pub(super) fn finish(&self) {
        self.end(End::AfterFlush);
    }

    /// The connection ends now, and what waits is dropped.
    pub(super) fn abort(&self) {
        self.end(End::AtOnce);
    }

    fn end(&self, end: End) {
        let mut state = self.lock();
        state.end = end;
        if end == End::AtOnce {
            state.unsent = Vec::new();
            state.waiting = VecDeque::new();
            state.waiting_bytes = 0;
            state.count();
        }
        if let Some(task) = state.task.take() {
            task.wake();
        }
    }

    /// Writes what waits as far as there is room; the task is woken when there is more of it, or when the core has ended
    /// the connection.
    pub(super) fn tend(&self, context: &Context<'_>) -> Condition {
        let mut state = self.lock();
        match &mut state.task {
            Some(task) => task.clone_from(context.waker()),
            None => state.task = Some(context.waker().clone()),
        }
        let _ = self.flush(&mut state);
        state.count();
        match (state.broken.take(), state.end) {
            (Some(error), _) => Condition::Broken(error),
            (None, End::Open) if state.is_deaf => Condition::Deaf,
            (None, End::Open) => Condition::Open,
            (None, _) => Condition::Ended,
        }
    }

    /// Ready when the core has ended the connection and everything is written, or nothing can be any more.
    pub(super) fn poll_ended(&self, context: &Context<'_>) -> Poll<()> {
        match self.tend(context) {
            Condition::Open | Condition::Deaf => Poll::Pending,
            Condition::Broken(_) => Poll::Ready(()),
            Condition::Ended if self.lock().unsent.is_empty() => Poll::Ready(()),
            Condition::Ended => Poll::Pending,
        }
    }

    /// Reads what came from the socket; false if the peer says that no more will come.
    pub(super) fn decode(&self, bytes: &mut [u8], plain: impl FnMut(&[u8])) -> io::Result<bool> {
        let mut state = self.lock();
        let State { codec, unsent, .. } = &mut *state;
        let before = unsent.len();
        let decoded = codec.decode(bytes, plain, unsent);
        if state.unsent.len() > before {
            let _ = self.flush(&mut state);
        }
        decoded
    }

    /// Says that nothing more will come, and closes our side.
    pub(super) fn shut_down(&self) {
        let mut state = self.lock();
        if state.unsent.is_empty() {
            let _ = WIRE.with_borrow_mut(|wire| {
                let length = state.codec.close(wire, 0)?;
                self.send(&wire[..length])
            });
        }
        let _ = SockRef::from(self.socket.as_ref()).shutdown(Shutdown::Write);
    }

    /// Has what the next write needs first come from memory, without waiting for it: of clients that are about to be written to, all
    /// can be on their way at the same time.
    pub(super) fn fetch(&self) {
        std::hint::black_box(SockRef::from(self.socket.as_ref()));
    }

    /// Writes until the socket is full; how much it took.
    fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut sent = 0;
        while sent < bytes.len() {
            match self.send_once(&bytes[sent..]) {
                Ok(length) => sent += length,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(sent)
    }

    /// Asks the socket itself. The runtime looks first at what it knows of the socket, which lies elsewhere in memory and is
    /// nearly always that there is room; where there is none, it is asked after all, so that it knows and wakes the task.
    fn send_once(&self, bytes: &[u8]) -> io::Result<usize> {
        match SockRef::from(self.socket.as_ref()).send(bytes) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.socket.try_write(bytes),
            sent => sent,
        }
    }

    /// After a write by the driver: what is left is the task's, and so is a failure.
    fn settle(&self, state: &mut State, written: io::Result<()>) {
        if let Err(error) = written {
            state.break_off(error);
        } else if !state.unsent.is_empty() {
            let _ = self.flush(state);
        }
    }

    fn flush(&self, state: &mut State) -> Poll<()> {
        while state.has_unsent() {
            match self.send(&state.unsent) {
                Ok(sent) => drop(state.unsent.drain(..sent)),
                Err(error) => state.break_off(error),
            }
            if state.unsent.is_empty() {
                continue;
            }
            // The task may not have come to its first turn; then it asks by itself.
            let Some(task) = &state.task else { return Poll::Pending };
            if let Err(error) = ready!(self.socket.as_ref().poll_write_ready(&mut Context::from_waker(task))) {
                state.break_off(error);
            }
        }
        Poll::Ready(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn queue(&mut self, plain: &[u8]) -> Result<(), Full> {
        let bytes = self.unsent.len() + self.waiting_bytes + plain.len();
        if is_too_much(bytes, queued()) {
            return Err(Full);
        }
        self.waiting_bytes += plain.len();
        match self.waiting.back_mut() {
            Some(last) if last.len() + plain.len() <= WRITE => last.extend_from_slice(plain),
            _ => self.waiting.push_back(plain.to_vec()),
        }
        Ok(())
    }

    /// Whether there is something encoded to send; encodes the next piece where there is one.
    fn has_unsent(&mut self) -> bool {
        if !self.unsent.is_empty() {
            return true;
        }
        let Some(next) = self.waiting.pop_front() else {
            // An idle client keeps no room for the burst that it once got.
            self.unsent = Vec::new();
            self.waiting = VecDeque::new();
            return false;
        };
        self.waiting_bytes -= next.len();
        match self.codec.encode(&next, &mut self.unsent, 0) {
            Ok(length) => self.unsent.truncate(length),
            Err(error) => self.break_off(error),
        }
        !self.unsent.is_empty()
    }

    /// Keeps the sum of all queues in step with this one.
    fn count(&mut self) {
        let held = self.unsent.len() + self.waiting_bytes;
        if held != self.counted {
            QUEUED.fetch_add(held.wrapping_sub(self.counted), Ordering::Relaxed);
            self.counted = held;
        }
    }

    /// Nothing can be written any more; the task hears why.
    fn break_off(&mut self, error: io::Error) {
        self.unsent = Vec::new();
        self.waiting = VecDeque::new();
        self.waiting_bytes = 0;
        self.broken = Some(error);
        if let Some(task) = self.task.take() {
            task.wake();
        }
    }
}

/// Whether so many bytes may not wait for one client while so many wait for all. Where many are slow at once, those who lag most
/// give way before the memory does.
fn is_too_much(bytes: usize, all: usize) -> bool {
    bytes > if all > ALL_QUEUES { FAIR_QUEUE } else { QUEUE_BYTES }
}

impl Drop for State {
    fn drop(&mut self) {
        QUEUED.fetch_sub(self.counted, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use tokio::net::{TcpListener, TcpStream};

    /// A link, and the peer's end of its socket.
    async fn linked() -> (Link, std::net::TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let peer = std::net::TcpStream::connect(listener.local_addr().expect("bound")).expect("listening");
        let (stream, _) = listener.accept().await.expect("connected");
        let (reader, writer) = TcpStream::into_split(stream);
        drop(reader);
        (Link::new(writer, Codec::Plain, Vec::new()), peer)
    }

    impl Link {
        fn write(&self, plain: &[u8]) -> Result<(), Full> {
            write_to_each([(self, plain)].into_iter()).into_iter().collect()
        }
    }

    async fn ended(link: &Link) {
        std::future::poll_fn(|context| link.poll_ended(context)).await;
    }

    /// Writes pieces until the queue is full; how many bytes were taken.
    fn fill(link: &Link) -> usize {
        let piece = |number: usize| [u8::try_from(number % 251).expect("a byte"); WRITE];
        (0..).map(piece).take_while(|piece| link.write(piece).is_ok()).count() * WRITE
    }

    #[test]
    fn where_too_much_waits_in_all_each_may_have_less() {
        assert!(!is_too_much(QUEUE_BYTES, ALL_QUEUES) && is_too_much(QUEUE_BYTES + 1, 0));
        assert!(!is_too_much(FAIR_QUEUE, ALL_QUEUES + 1) && is_too_much(FAIR_QUEUE + 1, ALL_QUEUES + 1));
    }

    #[tokio::test]
    async fn a_link_is_deaf_until_it_is_to_listen_and_hears_its_end_all_the_same() {
        let (link, _peer) = linked().await;
        let condition = || std::future::poll_fn(|context| Poll::Ready(link.tend(context)));
        link.listen(false);
        assert!(matches!(condition().await, Condition::Deaf));
        link.listen(true);
        assert!(matches!(condition().await, Condition::Open));
        link.listen(false);
        link.finish();
        assert!(matches!(condition().await, Condition::Ended));
    }

    #[tokio::test]
    async fn what_is_counted_goes_with_the_connection() {
        let (link, peer) = linked().await;
        fill(&link);
        let counted = link.lock().counted;
        assert!(counted > QUEUE_BYTES / 2 && queued() >= counted);
        link.abort();
        assert_eq!(link.lock().counted, 0);
        drop(peer);
    }

    #[tokio::test]
    async fn what_the_socket_takes_is_not_queued() {
        let (link, mut peer) = linked().await;
        link.write(b"PING\r\n").expect("room");
        assert!(link.lock().unsent.is_empty() && link.lock().waiting.is_empty());
        link.finish();
        link.write(b"never\r\n").expect("ignored after the end");
        ended(&link).await;
        link.shut_down();
        let mut read = String::new();
        peer.read_to_string(&mut read).expect("closed cleanly");
        assert_eq!(read, "PING\r\n");
    }

    #[tokio::test]
    async fn what_is_written_together_reaches_each_and_who_is_full_or_gone_holds_nobody_up() {
        let ((one, mut to_one), (slow, _peer), (gone, _)) = (linked().await, linked().await, linked().await);
        fill(&slow);
        gone.abort();
        let (two, mut to_two) = linked().await;
        let long = [b'x'; WRITE];
        let pieces = [(&one, &b"1\r\n"[..]), (&slow, &long), (&gone, b"never\r\n"), (&two, b"2\r\n")];
        assert_eq!(write_to_each(pieces.into_iter()), [Ok(()), Err(Full), Ok(()), Ok(())]);
        for (link, peer, text) in [(&one, &mut to_one, "1\r\n"), (&two, &mut to_two, "2\r\n")] {
            link.shut_down();
            let mut read = String::new();
            peer.read_to_string(&mut read).expect("closed cleanly");
            assert_eq!(read, text);
        }
    }

    #[tokio::test]
    async fn a_reader_that_does_not_read_meets_the_bound_and_can_be_cut_off() {
        let (link, _peer) = linked().await;
        fill(&link);
        let queued = link.held();
        assert!(queued <= QUEUE_BYTES && queued + WRITE > QUEUE_BYTES, "{queued}");
        link.abort();
        ended(&link).await;
    }

    #[tokio::test]
    async fn what_waited_comes_in_order_once_the_peer_reads() {
        let (link, mut peer) = linked().await;
        let written = fill(&link);
        link.finish();
        let reader = std::thread::spawn(move || {
            let mut read = Vec::new();
            peer.read_to_end(&mut read).map(|_| read)
        });
        ended(&link).await;
        link.shut_down();
        let read = reader.join().expect("no panic").expect("closed cleanly");
        assert_eq!(read.len(), written);
        assert!(
            read.chunks(WRITE)
                .enumerate()
                .all(|(number, piece)| piece.iter().all(|byte| usize::from(*byte) == number % 251))
        );
        assert_eq!(link.lock().waiting.capacity(), 0);
    }

    #[tokio::test]
    async fn a_peer_that_is_gone_is_noticed() {
        let (link, peer) = linked().await;
        SockRef::from(&peer).set_linger(Some(std::time::Duration::ZERO)).expect("an option of every system");
        drop(peer);
        let broken = std::future::poll_fn(|context| {
            let _ = link.write(b"PING\r\n");
            match link.tend(context) {
                Condition::Broken(error) => Poll::Ready(error),
                _ => {
                    context.waker().wake_by_ref();
                    Poll::Pending
                }
            }
        });
        let error = broken.await;
        assert!(matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe), "{error}");
    }
}
