//! From being joined to knowing the state: a snapshot of another node, the records, the history.

use super::{Member, Phase};
use crate::bus::limits::SNAPSHOT_WAIT_MS;
use crate::bus::request::{Position, Reply, Request};
use crate::bus::{Body, Happened, Ordered, Welcome};

/// How far a joining node is.
#[derive(Debug)]
pub(super) struct Waiting {
    /// Where its state will be from, and when that was.
    sequence: u64,
    at_ms: i64,
    /// The place up to which it is forgotten what is over.
    buried: u64,
    /// Who may send a snapshot.
    others: Vec<u32>,
    /// When it joins anew, for want of one.
    until: i64,
    needs_snapshot: bool,
    snapshot: Option<String>,
    records: Vec<(String, Option<String>)>,
    history_ops: Vec<String>,
    /// What came meanwhile.
    held: Vec<Ordered>,
}

impl Waiting {
    pub(super) fn new(now: i64, sequence: u64, at_ms: i64, others: Vec<u32>) -> Waiting {
        let needs_snapshot = !others.is_empty();
        let until = now + SNAPSHOT_WAIT_MS;
        let (snapshot, records, history_ops, held) = (None, Vec::new(), Vec::new(), Vec::new());
        Waiting { sequence, at_ms, buried: 0, others, until, needs_snapshot, snapshot, records, history_ops, held }
    }

    /// When it joins anew; never, once it has its state.
    pub(super) fn deadline(&self) -> i64 {
        if self.needs_snapshot { self.until } else { i64::MAX }
    }
}

/// Whether this is asked by a waiting node alone.
pub(super) fn asks(request: &Request) -> bool {
    matches!(
        request,
        Request::TakeSnapshot { .. } | Request::Records { .. } | Request::Buried | Request::HistoryOps { .. }
    )
}

impl Member {
    /// After joining: what is there, then.
    pub(super) fn wait(&mut self, waiting: Waiting) {
        if !waiting.needs_snapshot {
            self.enqueue(Request::Records { cursor: "0".to_owned() });
        }
        self.phase = Phase::Waiting(waiting);
    }

    /// Another node has sent a snapshot.
    pub(super) fn snapshot_is_there(&mut self, of: u64) {
        let Phase::Waiting(waiting) = &self.phase else { return };
        if waiting.needs_snapshot && waiting.sequence == of {
            let node = self.reading.seat.node;
            self.enqueue(Request::TakeSnapshot { node, sequence: of });
        }
    }

    /// Keeps what came meanwhile, and says whether it is no use to wait: all who may send a snapshot are gone.
    pub(super) fn holds_in_vain(&mut self, ordered: Ordered) -> bool {
        let Phase::Waiting(waiting) = &mut self.phase else { return true };
        if let Body::Left { node, .. } = ordered.body {
            waiting.others.retain(|other| *other != node);
        }
        waiting.held.push(ordered);
        waiting.needs_snapshot && waiting.others.is_empty()
    }

    /// Takes the snapshot, or joins anew where it is gone.
    pub(super) fn take_snapshot(&mut self, now: i64, of: u64, reply: Reply) {
        let Phase::Waiting(waiting) = &mut self.phase else { return };
        if !waiting.needs_snapshot || waiting.sequence != of {
            return;
        }
        let Reply::Text(Some(text)) = reply else { return self.join_anew(now) };
        (waiting.snapshot, waiting.needs_snapshot) = (Some(text), false);
        self.enqueue(Request::Records { cursor: "0".to_owned() });
    }

    /// Takes a page of the records.
    pub(super) fn take_records(&mut self, now: i64, reply: Reply) {
        let Phase::Waiting(waiting) = &mut self.phase else { return };
        let Reply::Page { next, items } = reply else { return self.join_anew(now) };
        waiting.records.extend(items.into_iter().map(|(key, value)| (key, record(&value))));
        self.enqueue(match next {
            Some(cursor) => Request::Records { cursor },
            None => Request::Buried,
        });
    }

    /// Takes the place up to which marks of records were dropped.
    pub(super) fn take_buried(&mut self, now: i64, reply: Reply) {
        let history = self.history.as_ref().filter(|mark| mark.network == self.reading.seat.network);
        let from = history.map_or("-".to_owned(), |mark| Position { sequence: mark.sequence, after: 0 }.to_string());
        let Phase::Waiting(waiting) = &mut self.phase else { return };
        let Reply::Text(text) = reply else { return self.join_anew(now) };
        waiting.buried = text.and_then(|text| text.parse().ok()).unwrap_or(0);
        self.enqueue(Request::HistoryOps { from });
    }

    /// Takes a page of the history; after the last one, the chat is told.
    pub(super) fn take_history(&mut self, now: i64, reply: Reply) {
        let Phase::Waiting(waiting) = &mut self.phase else { return };
        let Reply::Page { next, items } = reply else { return self.join_anew(now) };
        waiting.history_ops.extend(items.into_iter().map(|(_, text)| text));
        if let Some(from) = next {
            return self.enqueue(Request::HistoryOps { from });
        }
        let Phase::Waiting(waiting) = std::mem::replace(&mut self.phase, Phase::Member) else { return };
        (self.told_lost, self.told_refused) = (None, None);
        // At once, so that others may ask this node for the state.
        self.next_refresh = now;
        self.happened.push(Happened::Joined(Welcome {
            node: self.reading.seat.node,
            network: self.reading.seat.network.clone(),
            number_from: self.number_from,
            sequence: waiting.sequence,
            at_ms: waiting.at_ms,
            snapshot: waiting.snapshot,
            records: waiting.records,
            buried: waiting.buried,
            history_ops: waiting.history_ops,
        }));
        if !waiting.held.is_empty() {
            self.happened.push(Happened::Ordered(waiting.held));
        }
    }
}

/// What a record says after its sequence: something, or that it is over.
fn record(text: &str) -> Option<String> {
    text.trim_start_matches(|it: char| it.is_ascii_digit()).strip_prefix(' ').map(str::to_owned)
}
