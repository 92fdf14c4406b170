//! What Redis answers, and how its connection fares.

use std::mem;

use super::{Link, Member, Phase, Reading, Waiting, waiting};
use crate::bus::limits::{REFRESH_MS, REFUSED_MS, RETRY_MS, SETTLE_MS};
use crate::bus::request::{Position, Proposal, Reply, Request};
use crate::bus::{Happened, charter};

impl Member {
    /// Redis can be asked. `process` is the word by which its process is told from another.
    pub fn connected(&mut self, now: i64, process: &str) {
        self.is_another |= self.process != process;
        process.clone_into(&mut self.process);
        self.link = match self.phase {
            Phase::Waiting(_) | Phase::Member => Link::Unchecked,
            _ => Link::Up,
        };
        self.next_refresh = now;
    }

    /// Redis cannot be reached, or the call that was on its way will not be answered: why.
    pub fn lost(&mut self, why: String) {
        self.link = Link::Down;
        for request in mem::take(&mut self.in_flight).into_iter().rev() {
            self.put_back(request);
        }
        self.tell_lost(why);
    }

    /// Takes the replies to [`Member::requests`], one each.
    pub fn replied(&mut self, now: i64, replies: Vec<Reply>) {
        self.note_delay(now);
        for (request, reply) in mem::take(&mut self.in_flight).into_iter().zip(replies) {
            self.take(now, request, reply);
        }
    }

    fn take(&mut self, now: i64, request: Request, reply: Reply) {
        match request {
            Request::Join(_) => self.take_join(now, reply),
            Request::Refresh { .. } => self.take_refresh(now, reply),
            Request::Propose { proposals, .. } => self.take_proposed(now, &proposals, reply),
            Request::TakeSnapshot { sequence, .. } => self.take_snapshot(now, sequence, reply),
            Request::Records { .. } => self.take_records(now, reply),
            Request::Buried => self.take_buried(now, reply),
            Request::HistoryOps { .. } => self.take_history(now, reply),
            Request::Leave { .. } if self.leaving.is_some() => self.phase = Phase::Over,
            Request::Leave { .. } if !matches!(reply, Reply::Failed { .. }) => self.has_left(),
            Request::TakeTicket { reply: Some(to), .. } => {
                let Reply::Text(found) = reply else { return };
                // Whoever asked may have gone; a ticket is good once all the same.
                let _ = to.send(found);
            }
            other => {
                if let Reply::Failed { why } = reply {
                    self.queue_at = now + RETRY_MS;
                    self.put_back(other);
                    self.tell_lost(why);
                }
            }
        }
    }

    /// What is worth doing though it was lost once; each of these may be done twice.
    fn put_back(&mut self, request: Request) {
        let keep = match &request {
            Request::Snapshot { .. } | Request::Record { .. } => true,
            Request::HistoryOp { .. } | Request::PutTicket { .. } => true,
            Request::Leave { .. } => self.is_member() && self.leaving.is_none(),
            asked => waiting::asks(asked) && matches!(self.phase, Phase::Waiting(_)),
        };
        if keep {
            self.queue.push_front(request);
        }
    }

    fn take_join(&mut self, now: i64, reply: Reply) {
        let at = match reply {
            Reply::Joined { seat, sequence, at_ms, others } => {
                self.entrance.former = seat.node;
                self.entrance.read = self.entrance.read.max(sequence);
                let membership = self.reading.membership + 1;
                self.reading = Reading { membership, seat, after: Position { sequence, after: 0 } };
                self.next_refresh = now + REFRESH_MS;
                self.is_another = false;
                return self.wait(Waiting::new(now, sequence, at_ms, others));
            }
            Reply::Refused { protocol, charter, names } => {
                let here = (self.entrance.protocol, self.entrance.charter.as_str());
                self.tell_refused(charter::refusal(here, (&protocol, &charter), &names));
                now + REFUSED_MS
            }
            Reply::Failed { why } => {
                self.tell_lost(why);
                now + RETRY_MS
            }
            _ => now + SETTLE_MS,
        };
        self.phase = Phase::Joining { at };
    }

    fn tell_refused(&mut self, why: String) {
        if self.told_refused.as_ref() != Some(&why) {
            self.told_refused = Some(why.clone());
            self.happened.push(Happened::Refused { why });
        }
    }

    fn take_refresh(&mut self, now: i64, reply: Reply) {
        self.next_refresh = now + REFRESH_MS;
        match reply {
            Reply::Fine { last } => self.is_still_member(last),
            Reply::Failed { why } => self.tell_lost(why),
            other => self.take_end(now, &other),
        }
    }

    /// Nothing was missed. What is open and not in the order is proposed again.
    fn is_still_member(&mut self, last: u64) {
        if mem::replace(&mut self.link, Link::Up) == Link::Unchecked {
            self.open.resend_after(last);
        }
        self.is_another = false;
        if self.told_lost.take().is_some() && self.is_member() {
            self.happened.push(Happened::Back);
        }
    }

    fn take_proposed(&mut self, now: i64, proposals: &[Proposal], reply: Reply) {
        match reply {
            Reply::Failed { why } => {
                self.open.remove(proposals);
                let not_taken =
                    |it: &Proposal| Happened::NotTaken { number: it.number, why: why.clone(), is_out: false };
                let refused = proposals.iter().map(not_taken);
                self.happened.extend(refused);
            }
            Reply::Wait => {
                self.open.resend_after(proposals.first().map_or(0, |it| it.number - 1));
                self.propose_at = now + SETTLE_MS;
            }
            other => self.take_end(now, &other),
        }
    }

    /// It left to join anew. The inbox has what was ordered before.
    fn has_left(&mut self) {
        if self.is_member() {
            self.phase = Phase::Dying { empty_reads: 0 };
        }
    }

    /// What the script says to who is no member. The inbox has what was ordered before.
    fn take_end(&mut self, now: i64, reply: &Reply) {
        let is_known = matches!(self.phase, Phase::Waiting(_) | Phase::Member);
        match reply {
            Reply::Dead if self.is_member() => {
                self.link = Link::Up;
                self.phase = Phase::Dying { empty_reads: 0 };
            }
            Reply::Dead | Reply::Gone if is_known => self.out(now),
            _ => {}
        }
    }
}
