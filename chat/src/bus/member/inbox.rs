//! What a node reads.

use super::{Member, Phase};
use crate::bus::entry::{Found, read};
use crate::bus::limits::ENTRIES_PER_TRIM;
use crate::bus::request::Entry;
use crate::bus::{Body, Happened, Ordered};

/// Reads in vain after which a node's end is not in its inbox: the first may have begun before the end was written.
const EMPTY_READS: u32 = 2;

impl Member {
    /// Takes entries of the inbox of a membership, which follow those read before; none where a read waited in vain.
    pub fn read(&mut self, now: i64, membership: u64, entries: Vec<Entry>) {
        if membership != self.reading.membership || matches!(self.phase, Phase::Joining { .. } | Phase::Over) {
            return;
        }
        if entries.is_empty() {
            return self.read_nothing(now);
        }
        self.read_since_refresh += entries.len();
        if self.read_since_refresh >= ENTRIES_PER_TRIM {
            self.next_refresh = now;
        }
        let mut ordered = Vec::with_capacity(entries.len());
        let is_out = entries.into_iter().any(|entry| self.ends_with(entry, &mut ordered));
        if !ordered.is_empty() {
            self.happened.push(Happened::Ordered(ordered));
        }
        if is_out {
            self.out(now);
        }
    }

    /// A node that was declared dead finds its end in its inbox, unless that has gone.
    fn read_nothing(&mut self, now: i64) {
        let Phase::Dying { empty_reads } = &mut self.phase else { return };
        *empty_reads += 1;
        if *empty_reads >= EMPTY_READS {
            self.out(now);
        }
    }

    /// Takes one entry, and says whether this membership ends with it.
    fn ends_with(&mut self, entry: Entry, ordered: &mut Vec<Ordered>) -> bool {
        if entry.position <= self.reading.after {
            return false;
        }
        self.reading.after = entry.position;
        self.entrance.read = self.entrance.read.max(entry.position.sequence);
        let own = self.reading.seat.node;
        match read(entry) {
            Some(Found::Ordered(Ordered { body: Body::Left { node, .. }, .. })) if node == own => return true,
            Some(Found::Ordered(it)) => {
                if it.origin == own && matches!(it.body, Body::Change(_)) {
                    self.open.seen(it.number);
                }
                if matches!(self.phase, Phase::Waiting(_)) {
                    return self.holds_in_vain(it);
                }
                ordered.push(it);
            }
            Some(Found::Snapshot { sequence }) => self.snapshot_is_there(sequence),
            Some(Found::Whisper { from, text }) if self.is_member() => {
                // Who asks is answered with all that it knew to be in the order when it asked.
                if !ordered.is_empty() {
                    self.happened.push(Happened::Ordered(std::mem::take(ordered)));
                }
                self.happened.push(Happened::Whispered { from, text });
            }
            // A whisper before the state is there is lost, as whispers may be. What this version cannot read is from a
            // later one of the same protocol, which may add what others can do without.
            Some(Found::Whisper { .. }) | None => {}
        }
        false
    }
}
