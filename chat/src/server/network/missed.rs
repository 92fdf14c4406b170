//! What this node's people missed is asked of all other nodes, and of each again that is slow: nobody is to go without because one of
//! them was busy.

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::Instant;

use super::Found;
use crate::core::ClientId;
use crate::core::keep::{HistoryQuery, Said};
use crate::core::network::Read;
use crate::server::limits::{MISSED, MISSED_TRIES};

/// Questions of the node itself are numbered from here, those of clients from 1.
const FIRST: u64 = 1 << 63;

/// What people of this node missed of a channel.
#[derive(Debug, Clone)]
pub(in crate::server) struct Wanted {
    pub(in crate::server) query: HistoryQuery,
    /// Who waits for it.
    pub(in crate::server) waiting: Vec<ClientId>,
}

/// A question to which not all have answered.
#[derive(Debug)]
struct Open {
    wanted: Wanted,
    /// The place in the order up to which the others' answers count.
    asked_at: Read,
    found: Vec<Said>,
    left: BTreeSet<u32>,
    /// Whether one of them went before it had answered.
    is_one_gone: bool,
    until: Instant,
    tries: u32,
}

/// A question that has ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) wanted: Wanted,
    pub(super) asked_at: Read,
    pub(super) found: Vec<Said>,
    pub(super) is_whole: bool,
}

/// A question that some have not answered in time: its number, what it is, and who they are.
type Again = (u64, HistoryQuery, Vec<u32>);

/// Questions that wait for other nodes.
#[derive(Debug, Default)]
pub(super) struct Missed {
    open: BTreeMap<u64, Open>,
    last: u64,
}

impl Missed {
    /// Begins to wait for these nodes; the question's number.
    pub(super) fn begin(&mut self, wanted: Wanted, asked_at: Read, peers: BTreeSet<u32>) -> u64 {
        self.last += 1;
        let until = Instant::now() + MISSED;
        let (found, left, is_one_gone, tries) = (Vec::new(), peers, false, 1);
        self.open.insert(FIRST + self.last, Open { wanted, asked_at, found, left, is_one_gone, until, tries });
        FIRST + self.last
    }

    /// A node tells what it has; the end, if it was the last to be waited for.
    pub(super) fn told(&mut self, from: u32, id: u64, found: Found, last: bool) -> Option<Ended> {
        let open = self.open.get_mut(&id)?;
        if let Found::History(entries) = found {
            open.found.extend(entries);
        }
        if last {
            open.left.remove(&from);
        }
        if open.left.is_empty() { self.open.remove(&id).map(Open::end) } else { None }
    }

    /// A node is gone: nobody waits for it any more.
    pub(super) fn lost(&mut self, node: u32) -> Vec<Ended> {
        for open in self.open.values_mut() {
            open.is_one_gone |= open.left.remove(&node);
        }
        self.take(|open| open.left.is_empty())
    }

    /// This node is given up: it asks anew when it is back.
    pub(super) fn give_up(&mut self) {
        self.open.clear();
    }

    /// Those that have waited long enough: who is to be asked again what, and what has an end all the same.
    pub(super) fn late(&mut self, now: Instant) -> (Vec<Again>, Vec<Ended>) {
        let ended = self.take(|open| open.until <= now && open.tries >= MISSED_TRIES);
        let late = self.open.iter_mut().filter(|(_, open)| open.until <= now);
        let again = late.map(|(id, open)| {
            (open.until, open.tries) = (now + MISSED, open.tries + 1);
            (*id, open.wanted.query.clone(), open.left.iter().copied().collect())
        });
        (again.collect(), ended)
    }

    /// When the first has waited long enough.
    pub(super) fn until(&self) -> Option<Instant> {
        self.open.values().map(|open| open.until).min()
    }

    fn take(&mut self, ready: impl Fn(&Open) -> bool) -> Vec<Ended> {
        let ready: Vec<u64> = self.open.iter().filter(|(_, open)| ready(open)).map(|(id, _)| *id).collect();
        ready.into_iter().filter_map(|id| self.open.remove(&id)).map(Open::end).collect()
    }
}

impl Open {
    fn end(self) -> Ended {
        let Open { wanted, asked_at, found, left, is_one_gone, .. } = self;
        Ended { wanted, asked_at, found, is_whole: left.is_empty() && !is_one_gone }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::Now;
    use crate::core::keep::{Buffer, Place};

    fn wanted() -> Wanted {
        let query = HistoryQuery { buffer: Buffer::channel("#a"), place: Place::Latest(None), limit: 9, events: false };
        Wanted { query, waiting: vec![ClientId(1)] }
    }

    fn said(number: u64) -> Said {
        Said {
            msgid: crate::core::keep::name_of("w", number, 1, 1),
            at: Now { unix_ms: 1 },
            buffer: Buffer::channel("#a"),
            account: None,
            bot: false,
            tags: String::new(),
            line: ":a!b@c PRIVMSG #a :x".to_owned(),
            event: false,
        }
    }

    #[test]
    fn who_is_slow_is_asked_again_and_who_is_gone_is_not_waited_for() {
        let mut missed = Missed::default();
        let id = missed.begin(wanted(), Read::default(), BTreeSet::from([2, 3, 4]));
        assert!(missed.told(2, id, Found::History(vec![said(1)]), false).is_none());
        assert!(missed.told(2, id, Found::History(vec![said(2)]), true).is_none());
        let late = missed.until().unwrap();
        let (again, ended) = missed.late(late);
        assert!(ended.is_empty() && again[0].0 == id && again[0].2 == [3, 4], "{again:?}");
        assert!(missed.late(late).0.is_empty(), "it has time again");
        assert!(missed.lost(3).is_empty());
        let ended = missed.told(4, id, Found::History(vec![said(3)]), true).unwrap();
        assert!(!ended.is_whole && ended.found.len() == 3, "what only the third had is missing: {ended:?}");
    }

    #[test]
    fn a_node_that_never_answers_is_waited_for_no_longer_than_that() {
        let mut missed = Missed::default();
        missed.begin(wanted(), Read::default(), BTreeSet::from([2]));
        let ends = (1..=MISSED_TRIES).map(|_| missed.late(missed.until().unwrap()).1).collect::<Vec<_>>();
        let (last, before) = ends.split_last().unwrap();
        assert!(before.iter().all(Vec::is_empty), "{ends:?}");
        assert!(last.len() == 1 && !last[0].is_whole && missed.until().is_none(), "{ends:?}");
    }
}
