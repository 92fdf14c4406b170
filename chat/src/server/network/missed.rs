//! What this node's people missed is asked of all other nodes page by page, and of each again that is slow: nobody is to go without
//! because one of them was busy.

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::Instant;

use super::Found;
use super::parts::{Parts, Piece};
use crate::core::ClientId;
use crate::core::keep::{Buffer, Keep, Page, PageQuery, Position};
use crate::core::network::Read;
use crate::server::limits::{MISSED, MISSED_REST, MISSED_TRIES};

/// Questions of the node itself are numbered from here, those of clients from 1.
const FIRST: u64 = 1 << 63;

/// What people of this node missed of a channel.
#[derive(Debug, Clone)]
pub(in crate::server) struct Wanted {
    pub(in crate::server) query: PageQuery,
    /// Who waits for it, and up to which place each has heard all.
    pub(in crate::server) waiting: Vec<(ClientId, Position)>,
}

/// A question to which not all have answered.
#[derive(Debug)]
struct Open {
    wanted: Wanted,
    /// The place in the order up to which the others' answers count.
    asked_at: Read,
    found: Vec<Page>,
    parts: Parts,
    left: BTreeSet<u32>,
    /// Whether one of them went before it had answered, or was not asked as it is too slow.
    is_one_missing: bool,
    /// What was taken back meanwhile: an answer that was given before may still have it.
    taken_back: BTreeSet<String>,
    /// The conversation is over, and told to nobody any more.
    is_over: bool,
    until: Instant,
    tries: u32,
}

/// A question that has ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) wanted: Wanted,
    pub(super) asked_at: Read,
    pub(super) found: Vec<Page>,
    pub(super) is_whole: bool,
}

/// A question that some have not answered in time: its number, how often it was asked then, what it is, and who they are.
type Again = (u64, u32, PageQuery, Vec<u32>);

/// Questions that wait for other nodes.
#[derive(Debug, Default)]
pub(super) struct Missed {
    open: BTreeMap<u64, Open>,
    last: u64,
    /// Nodes that have not answered, however often they were asked, and until when they are not waited for.
    silent: BTreeMap<u32, Instant>,
}

impl Missed {
    /// Whether a question has such a number.
    pub(super) fn is_own(id: u64) -> bool {
        id >= FIRST
    }

    /// Begins to wait for these nodes: the question's number, and which of them are to be asked. The end, where none is.
    pub(super) fn begin(
        &mut self,
        wanted: Wanted,
        asked_at: Read,
        peers: &BTreeSet<u32>,
    ) -> Result<(u64, Vec<u32>), Box<Ended>> {
        let now = Instant::now();
        self.silent.retain(|node, until| *until > now && peers.contains(node));
        let left: BTreeSet<u32> = peers.iter().copied().filter(|node| !self.silent.contains_key(node)).collect();
        let asked: Vec<u32> = left.iter().copied().collect();
        let is_one_missing = asked.len() < peers.len();
        let open = Open {
            wanted,
            asked_at,
            found: Vec::new(),
            parts: Parts::default(),
            left,
            is_one_missing,
            taken_back: BTreeSet::new(),
            is_over: false,
            until: now + MISSED,
            tries: 1,
        };
        if asked.is_empty() {
            return Err(Box::new(open.end()));
        }
        self.last += 1;
        self.open.insert(FIRST + self.last, open);
        Ok((FIRST + self.last, asked))
    }

    /// A node tells what it has; the end, if it was the last to be waited for.
    pub(super) fn told(&mut self, from: u32, id: u64, piece: Piece) -> Option<Ended> {
        let open = self.open.get_mut(&id)?;
        if !open.left.contains(&from) || !(1..=open.tries).contains(&piece.asking) {
            return None;
        }
        let page = Found::page(open.parts.told(from, piece)?)?;
        open.found.push(page);
        open.left.remove(&from);
        if open.left.is_empty() { self.open.remove(&id).map(Open::end) } else { None }
    }

    /// What happens to a history while its pages are on their way: what is taken back is not told again. A conversation that has
    /// another name, or is over, is asked for anew by who asked.
    pub(super) fn note(&mut self, keep: &Keep) {
        match keep {
            Keep::Redacted { msgid, .. } => {
                self.open.values_mut().for_each(|open| open.taken_back.extend([msgid.clone()]));
            }
            Keep::Moved { from: buffer, .. } => self.forget(buffer),
            Keep::Dropped { buffer } => {
                let of_it = self.open.values_mut().filter(|open| open.wanted.query.buffer == *buffer);
                of_it.for_each(|open| open.is_over = true);
            }
            _ => {}
        }
    }

    fn forget(&mut self, buffer: &Buffer) {
        self.open.retain(|_, open| open.wanted.query.buffer != *buffer);
    }

    /// A node is gone: nobody waits for it any more.
    pub(super) fn lost(&mut self, node: u32) -> Vec<Ended> {
        for open in self.open.values_mut() {
            open.is_one_missing |= open.left.remove(&node);
        }
        self.take(|open| open.left.is_empty())
    }

    /// This node is given up: it asks anew when it is back.
    pub(super) fn give_up(&mut self) {
        self.open.clear();
    }

    /// Those that have waited long enough: who is to be asked again what, and what has an end all the same.
    pub(super) fn late(&mut self, now: Instant) -> (Vec<Again>, Vec<Ended>) {
        let is_over = |open: &Open| open.until <= now && open.tries >= MISSED_TRIES;
        let silent = self.open.values().filter(|open| is_over(open)).flat_map(|open| &open.left);
        self.silent.extend(silent.map(|node| (*node, now + MISSED_REST)));
        let ended = self.take(is_over);
        let late = self.open.iter_mut().filter(|(_, open)| open.until <= now);
        let again = late.map(|(id, open)| {
            (open.until, open.tries) = (now + MISSED, open.tries + 1);
            (*id, open.tries, open.wanted.query.clone(), open.left.iter().copied().collect())
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
        let Open { wanted, asked_at, mut found, left, is_one_missing, taken_back, is_over, .. } = self;
        for page in &mut found {
            page.entries.retain(|said| !taken_back.contains(&said.msgid));
        }
        found.retain(|_| !is_over);
        Ended { wanted, asked_at, found, is_whole: left.is_empty() && !is_one_missing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::Now;
    use crate::core::keep::{Said, name_of};

    fn wanted() -> Wanted {
        let query = PageQuery { buffer: Buffer::channel("#a"), after: Position::default(), newest: 9 };
        Wanted { query, waiting: vec![(ClientId(1), Position::default())] }
    }

    fn said(number: u64) -> Said {
        Said {
            msgid: name_of("w", number, 1, 1),
            at: Now { unix_ms: 1 },
            buffer: Buffer::channel("#a"),
            account: None,
            bot: false,
            tags: String::new(),
            line: ":a!b@c PRIVMSG #a :x".to_owned(),
            event: false,
        }
    }

    fn piece(asking: u32, number: u32, of: u32, said: Said) -> Piece {
        Piece { asking, number, of, found: Found::Page(Page { entries: vec![said], ..Page::default() }) }
    }

    fn begin(missed: &mut Missed, peers: impl IntoIterator<Item = u32>) -> u64 {
        missed.begin(wanted(), Read::default(), &peers.into_iter().collect()).expect("some are asked").0
    }

    fn sequences(ended: &Ended) -> Vec<u64> {
        let all = ended.found.iter().flat_map(|page| &page.entries);
        all.map(|said| Position::of(said).sequence).collect()
    }

    #[test]
    fn who_is_slow_is_asked_again_and_who_is_gone_is_not_waited_for() {
        let mut missed = Missed::default();
        let id = begin(&mut missed, [2, 3, 4]);
        assert!(missed.told(2, id, piece(1, 0, 2, said(1))).is_none());
        assert!(missed.told(2, id, piece(1, 1, 2, said(2))).is_none());
        let late = missed.until().unwrap();
        let (again, ended) = missed.late(late);
        assert!(ended.is_empty() && again[0].0 == id && again[0].3 == [3, 4], "{again:?}");
        assert!(missed.late(late).0.is_empty(), "it has time again");
        assert!(missed.lost(3).is_empty());
        let ended = missed.told(4, id, piece(2, 0, 1, said(3))).unwrap();
        assert!(!ended.is_whole && sequences(&ended) == [1, 2, 3], "what only the third had is missing: {ended:?}");
    }

    #[test]
    fn a_piece_that_was_lost_is_asked_for_again_and_none_counts_twice() {
        let mut missed = Missed::default();
        let id = begin(&mut missed, [2]);
        assert!(missed.told(2, id, piece(1, 1, 2, said(2))).is_none(), "half is not the whole");
        assert!(missed.told(2, id, piece(1, 1, 2, said(2))).is_none());
        missed.late(missed.until().unwrap());
        assert!(missed.told(2, id, piece(2, 0, 2, said(1))).is_none());
        let ended = missed.told(2, id, piece(1, 0, 2, said(1))).unwrap();
        assert!(ended.is_whole && sequences(&ended) == [1, 2], "{ended:?}");
        assert!(missed.told(2, id, piece(2, 1, 2, said(2))).is_none());
    }

    #[test]
    fn a_node_that_never_answers_is_waited_for_no_longer_than_that_and_not_at_once_again() {
        let mut missed = Missed::default();
        begin(&mut missed, [2]);
        let ends = (1..=MISSED_TRIES).map(|_| missed.late(missed.until().unwrap()).1).collect::<Vec<_>>();
        let (last, before) = ends.split_last().unwrap();
        assert!(before.iter().all(Vec::is_empty), "{ends:?}");
        assert!(last.len() == 1 && !last[0].is_whole && missed.until().is_none(), "{ends:?}");
        let next = missed.begin(wanted(), Read::default(), &BTreeSet::from([2]));
        assert!(next.is_err_and(|ended| !ended.is_whole), "it is not asked, and its answer is missing");
    }

    #[test]
    fn what_is_taken_back_while_its_page_is_on_its_way_is_not_told() {
        let mut missed = Missed::default();
        let id = begin(&mut missed, [2, 3]);
        missed.told(2, id, piece(1, 0, 1, said(1)));
        let buffer = Buffer::channel("#a");
        missed.note(&Keep::Redacted { buffer: buffer.clone(), msgid: said(2).msgid });
        let page = Found::Page(Page { entries: vec![said(2), said(3)], ..Page::default() });
        let ended = missed.told(3, id, Piece { asking: 1, number: 0, of: 1, found: page }).unwrap();
        assert_eq!(sequences(&ended), [1, 3]);
        let id = begin(&mut missed, [2]);
        missed.note(&Keep::Dropped { buffer: buffer.clone() });
        assert_eq!(sequences(&missed.told(2, id, piece(1, 0, 1, said(1))).unwrap()), [0; 0]);
        let id = begin(&mut missed, [2]);
        missed.note(&Keep::Moved { from: buffer, to: Buffer::channel("#b") });
        assert!(missed.told(2, id, piece(1, 0, 1, said(1))).is_none());
    }
}
