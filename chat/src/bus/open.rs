//! The proposals of a node that it has not yet seen in the order.

use std::collections::VecDeque;

use super::limits::{BYTES_PER_CALL, OPEN_BYTES, OPEN_PROPOSALS, PROPOSALS_PER_CALL};
use super::request::Proposal;

/// Open proposals by rising numbers, those at the front given to Redis already.
#[derive(Debug, Default)]
pub(super) struct Open {
    proposals: VecDeque<Proposal>,
    bytes: usize,
    sent: usize,
}

impl Open {
    /// Whether one more of this length is within the bounds.
    pub(super) fn has_room(&self, length: usize) -> bool {
        self.proposals.len() < OPEN_PROPOSALS && self.bytes + length <= OPEN_BYTES
    }

    pub(super) fn push(&mut self, proposal: Proposal) {
        self.bytes += proposal.change.len();
        self.proposals.push_back(proposal);
    }

    /// Whether some are not yet given to Redis.
    pub(super) fn is_waiting(&self) -> bool {
        self.sent < self.proposals.len()
    }

    /// The next ones for one call, which count as given to Redis.
    pub(super) fn send(&mut self) -> Vec<Proposal> {
        let mut bytes = 0;
        let fits = |proposal: &&Proposal| {
            bytes += proposal.change.len();
            bytes <= BYTES_PER_CALL
        };
        let waiting = self.proposals.range(self.sent..).take(PROPOSALS_PER_CALL);
        let batch: Vec<Proposal> = waiting.take_while(fits).cloned().collect();
        self.sent += batch.len();
        batch
    }

    /// None counts as given to Redis any more but those up to this number, which the script has said it has.
    pub(super) fn resend_after(&mut self, last: u64) {
        self.sent = self.proposals.partition_point(|it| it.number <= last);
    }

    /// The one with this number, and whatever is before it, has been seen in the order.
    pub(super) fn seen(&mut self, number: u64) {
        while let Some(first) = self.proposals.pop_front_if(|it| it.number <= number) {
            self.bytes -= first.change.len();
            self.sent = self.sent.saturating_sub(1);
        }
    }

    /// Takes those of a call that Redis refused out.
    pub(super) fn remove(&mut self, refused: &[Proposal]) {
        let (Some(first), Some(last)) = (refused.first(), refused.last()) else { return };
        let begin = self.proposals.partition_point(|it| it.number < first.number);
        let end = self.proposals.partition_point(|it| it.number <= last.number);
        self.bytes -= self.proposals.drain(begin..end).map(|it| it.change.len()).sum::<usize>();
        self.sent = self.sent.saturating_sub(end - begin);
    }

    /// Takes all, and gives their numbers.
    pub(super) fn clear(&mut self) -> Vec<u64> {
        (self.bytes, self.sent) = (0, 0);
        self.proposals.drain(..).map(|it| it.number).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::Reach;

    fn open(numbers: std::ops::RangeInclusive<u64>) -> Open {
        let mut open = Open::default();
        for number in numbers {
            open.push(Proposal { number, reach: Reach::Everyone, change: "change".into() });
        }
        open
    }

    fn numbers(batch: &[Proposal]) -> Vec<u64> {
        batch.iter().map(|it| it.number).collect()
    }

    #[test]
    fn each_is_sent_once_until_it_has_to_be_sent_again() {
        let mut open = open(1..=5);
        assert_eq!(numbers(&open.send()), [1, 2, 3, 4, 5]);
        assert!(!open.is_waiting() && open.send().is_empty());
        open.seen(2);
        open.resend_after(3);
        let batch = open.send();
        assert_eq!(numbers(&batch), [4, 5]);
        open.remove(&batch);
        assert_eq!(open.clear(), [3]);
        assert_eq!((open.bytes, open.sent), (0, 0));
    }

    #[test]
    fn calls_and_what_is_open_have_bounds() {
        let mut open = open(1..=OPEN_PROPOSALS as u64);
        assert!(!open.has_room(1));
        assert_eq!(open.send().len(), PROPOSALS_PER_CALL);
        assert_eq!(open.send().first().unwrap().number, PROPOSALS_PER_CALL as u64 + 1);
        assert!(!Open::default().has_room(OPEN_BYTES + 1));
    }
}
