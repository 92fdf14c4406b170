//! A question about history is answered from what all nodes have of it, as each kept what it had somebody to hear; one about users
//! from what their own nodes know.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use tokio::time::Instant;

use super::parts::{Parts, Piece};
use super::{Asked, Found};
use crate::core::keep::{Answer, Buffer, Place, Point, Said, place_of};
use crate::core::{ClientId, Now};
use crate::server::limits::{GATHER, GATHER_TRIES, GATHERS};

/// A question that other nodes were asked.
#[derive(Debug)]
struct Gather {
    client: ClientId,
    asked: Asked,
    found: Vec<Found>,
    parts: Parts,
    /// Those who have not answered.
    left: BTreeSet<u32>,
    until: Instant,
    tries: u32,
}

/// A question that some have not answered in time: its number, how often it was asked then, what it is, and who they are.
pub(in crate::server) type Again = (u64, u32, Asked, Vec<u32>);

/// Questions that wait for other nodes.
#[derive(Debug, Default)]
pub(in crate::server) struct Gathers {
    open: BTreeMap<u64, Gather>,
    last: u64,
}

impl Gathers {
    /// Begins to wait for the answers of these nodes; its number, or nothing where too many wait already.
    pub(in crate::server) fn begin(
        &mut self,
        client: ClientId,
        asked: Asked,
        own: Found,
        peers: &BTreeSet<u32>,
    ) -> Option<u64> {
        if self.open.len() >= GATHERS {
            return None;
        }
        self.last += 1;
        let (found, left, until) = (vec![own], peers.clone(), Instant::now() + GATHER);
        let parts = Parts::default();
        self.open.insert(self.last, Gather { client, asked, found, parts, left, until, tries: 1 });
        Some(self.last)
    }

    /// A node tells what it has; the answer, if it was the last to be waited for.
    pub(in crate::server) fn told(&mut self, from: u32, id: u64, piece: Piece) -> Option<(ClientId, Answer)> {
        let gather = self.open.get_mut(&id).filter(|gather| gather.waits_for(from, &piece))?;
        gather.found.extend(gather.parts.told(from, piece)?);
        gather.left.remove(&from);
        if gather.left.is_empty() { self.open.remove(&id).map(Gather::end) } else { None }
    }

    /// A node is gone: nobody waits for it any more.
    pub(in crate::server) fn lost(&mut self, node: u32) -> Vec<(ClientId, Answer)> {
        for gather in self.open.values_mut() {
            gather.left.remove(&node);
        }
        self.take(|gather| gather.left.is_empty())
    }

    /// Nobody can be waited for any more.
    pub(in crate::server) fn give_up(&mut self) -> Vec<(ClientId, Answer)> {
        self.take(|_| true)
    }

    /// Those that have waited long enough: who is to be asked again what, and what is answered with what there is.
    pub(in crate::server) fn late(&mut self, now: Instant) -> (Vec<Again>, Vec<(ClientId, Answer)>) {
        let ended = self.take(|gather| gather.until <= now && gather.tries >= GATHER_TRIES);
        let late = self.open.iter_mut().filter(|(_, gather)| gather.until <= now);
        let again = late.map(|(id, gather)| {
            (gather.until, gather.tries) = (now + GATHER, gather.tries + 1);
            (*id, gather.tries, gather.asked.clone(), gather.left.iter().copied().collect())
        });
        (again.collect(), ended)
    }

    /// When the first has waited long enough.
    pub(in crate::server) fn until(&self) -> Option<Instant> {
        self.open.values().map(|gather| gather.until).min()
    }

    fn take(&mut self, ready: impl Fn(&Gather) -> bool) -> Vec<(ClientId, Answer)> {
        let ready: Vec<u64> = self.open.iter().filter(|(_, gather)| ready(gather)).map(|(id, _)| *id).collect();
        ready.into_iter().filter_map(|id| self.open.remove(&id)).map(Gather::end).collect()
    }
}

impl Gather {
    fn waits_for(&self, node: u32, piece: &Piece) -> bool {
        self.left.contains(&node) && (1..=self.tries).contains(&piece.asking)
    }

    fn end(self) -> (ClientId, Answer) {
        let answer = match self.asked {
            Asked::History(asked) => Answer::History(history(&asked.place, asked.limit, self.found)),
            Asked::Conversations(asked) => Answer::Conversations(conversations(asked.limit, asked.newest, self.found)),
            // For how long somebody was silent is left out where its node does not say so.
            Asked::LastMessages(_) => return (self.client, Answer::LastMessages(last_messages(self.found))),
            Asked::Page(_) => Answer::Unavailable,
        };
        let answer = if self.left.is_empty() { answer } else { Answer::Incomplete(Box::new(answer)) };
        (self.client, answer)
    }
}

/// Entries of several nodes as one, each once, in their order, and no more than were asked for.
fn history(place: &Place, limit: usize, found: Vec<Found>) -> Vec<Said> {
    let entries = found.into_iter().flat_map(|found| match found {
        Found::History(entries) => entries,
        _ => Vec::new(),
    });
    let mut known = HashSet::new();
    let mut all: Vec<Said> = entries.filter(|said| known.insert(said.msgid.clone())).collect();
    all.sort_by_key(position);
    let all: Vec<Said> = all.into_iter().filter(|said| lies_in(place, said)).collect();
    cut(place, limit, all)
}

/// Where an entry lies: by its time, and in the network's order.
fn position(said: &Said) -> (i64, u64, u64) {
    let (sequence, number, _) = place_of(&said.msgid).unwrap_or((0, 0, 0));
    (said.at.unix_ms, sequence, number)
}

/// Where a point lies, if it says so itself.
fn point(point: &Point) -> Option<(i64, u64, u64)> {
    match point {
        Point::At(at) => Some((at.unix_ms, 0, 0)),
        Point::Msgid(msgid) => place_of(msgid).map(|(sequence, number, at)| (at, sequence, number)),
    }
}

/// A node that does not have the entry that a point names goes by its time alone, and may tell a little more.
fn lies_in(place: &Place, said: &Said) -> bool {
    let (after, before) = match place {
        Place::Latest(None) | Place::Around(_) => (None, None),
        Place::Latest(Some(from)) | Place::After(from) => (Some(from), None),
        Place::Before(to) => (None, Some(to)),
        Place::Between(one, other) if point(one) <= point(other) => (Some(one), Some(other)),
        Place::Between(one, other) => (Some(other), Some(one)),
    };
    let named = |it: &&Point| matches!(it, Point::Msgid(_));
    let late_enough = after.filter(named).and_then(point).is_none_or(|from| position(said) > from);
    let early_enough = before.filter(named).and_then(point).is_none_or(|to| position(said) < to);
    late_enough && early_enough
}

fn cut(place: &Place, limit: usize, mut all: Vec<Said>) -> Vec<Said> {
    let too_many = all.len().saturating_sub(limit);
    match place {
        Place::Latest(_) | Place::Before(_) => drop(all.drain(..too_many)),
        Place::Between(one, other) if point(one) > point(other) => drop(all.drain(..too_many)),
        Place::After(_) | Place::Between(..) => all.truncate(limit),
        Place::Around(middle) => {
            let at = point(middle);
            let before = all.iter().filter(|said| at.is_some_and(|at| position(said) < at)).count();
            let first = before.saturating_sub(limit / 2);
            all.drain(..first);
            all.truncate(limit);
        }
    }
    all
}

/// Conversations of several nodes, each with the last of its times.
fn conversations(limit: usize, newest: bool, found: Vec<Found>) -> Vec<(Buffer, Now)> {
    let mut last: BTreeMap<Buffer, Now> = BTreeMap::new();
    for found in found {
        let Found::Conversations(found) = found else { continue };
        for (buffer, at) in found {
            let known = last.entry(buffer).or_insert(at);
            *known = at.max(*known);
        }
    }
    let mut all: Vec<(Buffer, Now)> = last.into_iter().collect();
    all.sort_by_key(|(_, at)| *at);
    let too_many = all.len().saturating_sub(limit);
    if newest {
        all.drain(..too_many);
    }
    all.truncate(limit);
    all
}

/// Each user is of one node only.
fn last_messages(found: Vec<Found>) -> Vec<(ClientId, Now)> {
    let each = found.into_iter().map(|found| match found {
        Found::LastMessages(found) => found,
        _ => Vec::new(),
    });
    each.flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::keep::HistoryQuery;

    fn said(sequence: u64, at: i64) -> Said {
        Said {
            msgid: crate::core::keep::name_of("w", sequence, 1, at),
            at: Now { unix_ms: at },
            buffer: Buffer::channel("#a"),
            account: None,
            bot: false,
            tags: String::new(),
            line: format!(":a!b@c PRIVMSG #a :{sequence}"),
            event: false,
        }
    }

    fn sequences(place: &Place, limit: usize) -> Vec<u64> {
        let one = (1..=6).map(|number| said(number, 100)).collect();
        let other = (4..=9).map(|number| said(number, if number > 6 { 101 } else { 100 })).collect();
        let found = vec![Found::History(other), Found::History(one)];
        let found = history(place, limit, found);
        found.iter().filter_map(|said| place_of(&said.msgid)).map(|(sequence, ..)| sequence).collect()
    }

    #[test]
    fn pieces_of_several_nodes_make_one() {
        let named = |sequence, at| Point::Msgid(said(sequence, at).msgid);
        let table = [
            (Place::Latest(None), 3, vec![7, 8, 9]),
            (Place::Before(named(5, 100)), 2, vec![3, 4]),
            (Place::After(named(5, 100)), 2, vec![6, 7]),
            (Place::Around(named(5, 100)), 4, vec![3, 4, 5, 6]),
            (Place::Between(named(2, 100), named(8, 101)), 3, vec![3, 4, 5]),
            (Place::Between(named(8, 101), named(2, 100)), 3, vec![5, 6, 7]),
            (Place::Latest(Some(named(8, 101))), 9, vec![9]),
        ];
        for (place, limit, expected) in table {
            assert_eq!(sequences(&place, limit), expected, "{place:?}");
        }
    }

    fn latest() -> HistoryQuery {
        HistoryQuery { buffer: Buffer::channel("#a"), place: Place::Latest(None), limit: 9, events: false }
    }

    #[test]
    fn nobody_waits_for_a_node_that_is_gone() {
        let mut gathers = Gathers::default();
        let peers = BTreeSet::from([2, 3]);
        let begin = |gathers: &mut Gathers| {
            let (asked, own) = (Asked::History(latest()), Found::History(vec![said(1, 1)]));
            gathers.begin(ClientId(7), asked, own, &peers).expect("there is room")
        };
        let piece = |asking, number, of| Piece { asking, number, of, found: Found::History(vec![said(2, 2)]) };
        let id = begin(&mut gathers);
        assert!(gathers.told(2, id, piece(1, 0, 1)).is_none());
        let ended = gathers.lost(3);
        assert!(matches!(&ended[..], [(ClientId(7), Answer::History(found))] if found.len() == 2), "{ended:?}");
        assert!(gathers.told(3, id, piece(1, 0, 1)).is_none());
    }

    #[test]
    fn who_has_not_told_all_is_asked_again_and_half_an_answer_is_called_so() {
        let mut gathers = Gathers::default();
        let (asked, own) = (Asked::History(latest()), Found::History(vec![said(1, 1)]));
        let id = gathers.begin(ClientId(7), asked, own, &BTreeSet::from([2, 3])).expect("there is room");
        let piece = |asking, number, of, at| Piece { asking, number, of, found: Found::History(vec![said(at, 2)]) };
        assert!(gathers.told(2, id, piece(1, 0, 1, 2)).is_none());
        assert!(gathers.told(3, id, piece(1, 1, 2, 4)).is_none(), "the first piece of two is missing");
        let (again, ended) = gathers.late(gathers.until().unwrap());
        assert!(ended.is_empty() && again.len() == 1 && again[0].1 == 2 && again[0].3 == [3], "{again:?}");
        assert!(gathers.told(3, id, piece(9, 0, 2, 3)).is_none(), "it was never asked so often");
        let (_, ended) = gathers.late(gathers.until().unwrap());
        let [(ClientId(7), Answer::Incomplete(answer))] = &ended[..] else { panic!("{ended:?}") };
        let Answer::History(found) = &**answer else { panic!("{answer:?}") };
        assert_eq!(found.iter().map(|it| it.at.unix_ms).collect::<Vec<_>>(), [1, 2], "half is not told as whole");
        assert!(gathers.until().is_none());
    }
}
