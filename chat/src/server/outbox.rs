//! What waits to be written to one client: bounded, and never in the way of others.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::limits::WRITE;
use crate::core::limits::QUEUE_BYTES;

/// The queue between the core, which only adds, and the connection, which takes and writes.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    queue: Mutex<Queue>,
    wake: Notify,
    ended: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    lines: VecDeque<Arc<[u8]>>,
    bytes: usize,
    end: End,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum End {
    #[default]
    Open,
    AfterFlush,
    AtOnce,
}

/// The client reads too slowly: its queue is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full;

/// What the connection has to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The buffer has bytes to write.
    Write,
    /// Everything was written, and no more will come.
    End,
}

impl Outbox {
    /// Adds a line without waking the connection; [`Outbox::wake`] does that once for many.
    pub(super) fn push(&self, line: Arc<[u8]>) -> Result<(), Full> {
        let mut queue = self.lock();
        if queue.end != End::Open {
            return Ok(());
        }
        if queue.bytes + line.len() > QUEUE_BYTES {
            return Err(Full);
        }
        queue.bytes += line.len();
        queue.lines.push_back(line);
        Ok(())
    }

    /// Has the connection look at its queue.
    pub(super) fn wake(&self) {
        self.wake.notify_one();
    }

    /// No more lines; the connection ends when those that wait are written.
    pub(super) fn finish(&self) {
        self.end(End::AfterFlush);
    }

    /// The connection ends now, and what waits is dropped.
    pub(super) fn abort(&self) {
        self.end(End::AtOnce);
    }

    fn end(&self, end: End) {
        let mut queue = self.lock();
        queue.end = end;
        if end == End::AtOnce {
            queue.lines = VecDeque::new();
            queue.bytes = 0;
        }
        drop(queue);
        self.wake();
        self.ended.notify_one();
    }

    /// Waits until there is something to write, and packs as much as one record takes into `buffer`.
    pub(super) async fn next(&self, buffer: &mut Vec<u8>) -> Next {
        loop {
            if let Some(next) = self.take(buffer) {
                return next;
            }
            self.wake.notified().await;
        }
    }

    /// Returns when the connection has to end without writing more: at once after an abort, else a while after its end.
    pub(super) async fn overdue(&self, patience: Duration) {
        while self.lock().end == End::Open {
            self.ended.notified().await;
        }
        let aborted = async {
            while self.lock().end != End::AtOnce {
                self.ended.notified().await;
            }
        };
        let _ = timeout(patience, aborted).await;
    }

    fn take(&self, buffer: &mut Vec<u8>) -> Option<Next> {
        let mut queue = self.lock();
        while let Some(line) = queue.lines.front() {
            if !buffer.is_empty() && buffer.len() + line.len() > WRITE {
                break;
            }
            buffer.extend_from_slice(line);
            queue.bytes -= line.len();
            queue.lines.pop_front();
        }
        if queue.lines.is_empty() {
            // An idle client keeps no room for the burst that it once got.
            queue.lines = VecDeque::new();
        }
        match (buffer.is_empty(), queue.end) {
            (_, End::AtOnce) | (true, End::AfterFlush) => Some(Next::End),
            (false, _) => Some(Next::Write),
            (true, End::Open) => None,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(length: usize) -> Arc<[u8]> {
        vec![b'x'; length].into()
    }

    #[tokio::test]
    async fn what_waits_is_packed_into_one_write() {
        let outbox = Outbox::default();
        for _ in 0..3 {
            outbox.push(line(100)).expect("room");
        }
        let mut buffer = Vec::new();
        assert_eq!(outbox.next(&mut buffer).await, Next::Write);
        assert_eq!(buffer.len(), 300);
    }

    #[tokio::test]
    async fn a_write_is_at_most_a_record() {
        let outbox = Outbox::default();
        for _ in 0..40 {
            outbox.push(line(512)).expect("room");
        }
        outbox.finish();
        let mut sizes = Vec::new();
        let mut buffer = Vec::new();
        while outbox.next(&mut buffer).await == Next::Write {
            sizes.push(buffer.len());
            buffer.clear();
        }
        assert_eq!(sizes, [WRITE, 40 * 512 - WRITE]);
    }

    #[tokio::test]
    async fn a_slow_reader_meets_the_bound_and_can_be_cut_off() {
        let outbox = Outbox::default();
        let pushed = std::iter::repeat_with(|| outbox.push(line(512))).take_while(Result::is_ok).count();
        assert_eq!(pushed, QUEUE_BYTES / 512);
        outbox.abort();
        outbox.overdue(Duration::from_secs(3600)).await;
        assert_eq!(outbox.next(&mut Vec::new()).await, Next::End);
    }

    #[tokio::test]
    async fn nothing_is_added_after_the_end() {
        let outbox = Outbox::default();
        outbox.push(line(10)).expect("room");
        outbox.finish();
        outbox.push(line(10)).expect("ignored");
        let mut buffer = Vec::new();
        assert_eq!(outbox.next(&mut buffer).await, Next::Write);
        assert_eq!(buffer.len(), 10);
        buffer.clear();
        assert_eq!(outbox.next(&mut buffer).await, Next::End);
    }
}
