//! One client's connection: bytes to lines for the core. What the core answers goes out by the [`Link`].
//!
//! A connection is one small task. It waits for its socket and holds no buffer while it does: bytes are read into one
//! that all connections of the thread share.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};
use tokio::net::tcp::OwnedReadHalf;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use super::driver::Message;
use super::limits::{FLUSH, LINGER, LINGER_BYTES, LINGER_READ, READ};
use super::link::{Condition, Link};
use crate::core::{ClientId, Event};
use crate::wire::line::{LineSplitter, TooLong};

thread_local! {
    /// Where bytes are read; all connections of a thread share it.
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; READ]);
}

/// What a peer's leaving is called.
const CLOSED: &str = "Connection closed";

/// A client that is being listened to.
#[derive(Debug)]
pub(super) struct Connection {
    client: ClientId,
    reader: OwnedReadHalf,
    link: Arc<Link>,
    splitter: LineSplitter,
    core: mpsc::Sender<Message>,
    /// What the core had no room for. No more is read before it has: that slows this peer down and nobody else.
    unheard: VecDeque<Event>,
    /// Why nothing more will come, once what came before is told.
    over: Option<String>,
}

/// Why a connection ended.
enum Ended {
    /// The peer closed it, or it broke: the core has to hear of it.
    ByPeer(String),
    /// The core closed it.
    ByCore,
}

impl Connection {
    /// A connection of which the core has heard. `said` is what came with the handshake.
    pub(super) fn new(
        client: ClientId,
        reader: OwnedReadHalf,
        link: Arc<Link>,
        core: mpsc::Sender<Message>,
        said: &[u8],
    ) -> Connection {
        let mut splitter = LineSplitter::for_clients();
        splitter.push(said);
        Connection { client, reader, link, splitter, core, unheard: VecDeque::new(), over: None }
    }

    /// Listens until one of both sides ends it.
    pub(super) async fn talk(mut self, stopping: watch::Receiver<bool>) {
        let ended = std::future::poll_fn(|context| self.poll(context)).await;
        // Apart, so that a connection that goes on holds no room for its end.
        Box::pin(self.end(ended, stopping)).await;
    }

    async fn end(mut self, ended: Ended, mut stopping: watch::Receiver<bool>) {
        if let Ended::ByPeer(reason) = ended {
            let gone = Event::Gone { client: self.client, reason };
            if self.core.send(Message::Happened(gone)).await.is_err() {
                return;
            }
        }
        // What the peer asked for before it closed its side is still answered. A peer that does not read its last words
        // holds nothing any longer.
        let link = self.link.clone();
        let _ = timeout(FLUSH, std::future::poll_fn(|context| link.poll_ended(context))).await;
        link.shut_down();
        tokio::select! {
            () = linger(&mut self.reader) => {}
            _ = stopping.wait_for(|stopping| *stopping) => {}
        }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Ended> {
        match self.link.tend(context) {
            Condition::Open => {}
            // Woken when that changes; a peer that is gone is noticed then, or when it is written to.
            Condition::Deaf => return Poll::Pending,
            Condition::Ended => return Poll::Ready(Ended::ByCore),
            Condition::Broken(error) => return Poll::Ready(Ended::ByPeer(format!("Write error: {error}"))),
        }
        loop {
            self.collect_lines();
            if !self.tell() {
                // The driver runs on this thread too, and has its turn before this task's next.
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            if let Some(reason) = self.over.take() {
                return Poll::Ready(Ended::ByPeer(reason));
            }
            match ready!(BUFFER.with_borrow_mut(|buffer| self.read(context, buffer))) {
                Ok(Read::Some) => {}
                Ok(Read::Full) => {
                    self.collect_lines();
                    // Whoever sends so much waits until others were heard.
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Err(reason) => self.over = Some(reason),
            }
        }
    }

    fn read(&mut self, context: &mut Context<'_>, buffer: &mut [u8]) -> Poll<Result<Read, String>> {
        let mut room = ReadBuf::new(buffer);
        let result = ready!(Pin::new(&mut self.reader).poll_read(context, &mut room));
        let length = room.filled().len();
        Poll::Ready(match result {
            Err(error) => Err(format!("Read error: {error}")),
            // Many clients close the socket without the TLS notice; to people that is the same.
            Ok(()) if length == 0 => Err(CLOSED.to_owned()),
            Ok(()) => self.take(&mut buffer[..length]).map(|()| Read::of(length)),
        })
    }

    fn take(&mut self, bytes: &mut [u8]) -> Result<(), String> {
        let splitter = &mut self.splitter;
        match self.link.decode(bytes, |plain| splitter.push(plain)) {
            Ok(true) => Ok(()),
            Ok(false) => Err(CLOSED.to_owned()),
            Err(error) => Err(format!("Read error: {error}")),
        }
    }

    fn collect_lines(&mut self) {
        let client = self.client;
        while let Some(line) = self.splitter.next_line() {
            self.unheard.push_back(match line {
                Ok(line) => Event::Line { client, line },
                Err(TooLong { tags }) => Event::LineTooLong { client, tags },
            });
        }
    }

    /// Tells the core what was read; false if it has no room for all.
    fn tell(&mut self) -> bool {
        while let Some(event) = self.unheard.pop_front() {
            match self.core.try_send(Message::Happened(event)) {
                Ok(()) => {}
                Err(TrySendError::Full(Message::Happened(event))) => {
                    self.unheard.push_front(event);
                    return false;
                }
                Err(_) => {
                    self.over = Some("Server closed".to_owned());
                    break;
                }
            }
        }
        // An idle connection keeps no room for what it once said.
        self.unheard = VecDeque::new();
        true
    }
}

/// How much a read brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Read {
    /// All that there is.
    Some,
    /// As much as is taken at once; there may be more.
    Full,
}

impl Read {
    fn of(length: usize) -> Read {
        if length < READ { Read::Some } else { Read::Full }
    }
}

/// Reads on for a moment and throws away what comes, so that the peer gets to read our last words.
pub(super) async fn linger<R: AsyncRead + Unpin>(reader: &mut R) {
    let drain = async {
        let mut buffer = vec![0; LINGER_READ];
        let mut left = LINGER_BYTES;
        while let Ok(length @ 1..) = reader.read(&mut buffer).await {
            left = left.saturating_sub(length);
            if left == 0 {
                return;
            }
        }
    };
    let _ = timeout(LINGER, drain).await;
}
