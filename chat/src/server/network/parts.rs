//! Answers of other nodes, put together from their pieces: whole when all are there, in whatever order, and however often one comes.

use std::collections::BTreeMap;

use super::Found;
use crate::server::limits::ANSWER_PIECES;

/// A piece of an answer.
#[derive(Debug)]
pub(in crate::server) struct Piece {
    /// To which asking of the question: each may be answered otherwise, and only pieces of one belong together.
    pub(in crate::server) asking: u32,
    /// Its number, from 0.
    pub(in crate::server) number: u32,
    /// How many there are.
    pub(in crate::server) of: u32,
    /// What it says.
    pub(in crate::server) found: Found,
}

/// What has come of answers that are not whole, by node and asking.
#[derive(Debug, Default)]
pub(super) struct Parts(BTreeMap<(u32, u32), BTreeMap<u32, Found>>);

impl Parts {
    /// A piece has come from a node; all of that answer, if nothing of it is missing any more.
    pub(super) fn told(&mut self, from: u32, piece: Piece) -> Option<Vec<Found>> {
        let Piece { asking, number, of, found } = piece;
        if number >= of || of > ANSWER_PIECES {
            return None;
        }
        let known = self.0.entry((from, asking)).or_default();
        known.insert(number, found);
        // An answer whose pieces say different counts is none.
        let is_whole = known.len() == of as usize && known.keys().all(|number| *number < of);
        let whole = is_whole.then(|| std::mem::take(known).into_values().collect());
        if whole.is_some() {
            self.0.retain(|(node, _), _| *node != from);
        }
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{ClientId, Now};

    fn piece(asking: u32, number: u32, of: u32) -> Piece {
        let found = Found::LastMessages(vec![(ClientId(number.into()), Now { unix_ms: 1 })]);
        Piece { asking, number, of, found }
    }

    #[test]
    fn an_answer_is_whole_when_each_of_its_pieces_has_come() {
        let mut parts = Parts::default();
        for (asking, number) in [(1, 2), (1, 0), (1, 2), (2, 1)] {
            assert!(parts.told(7, piece(asking, number, 3)).is_none(), "{asking} {number}");
        }
        assert!(parts.told(8, piece(1, 1, 3)).is_none(), "it is of another node");
        let whole = parts.told(7, piece(1, 1, 3)).map(|found| found.len());
        assert_eq!((whole, parts.0.len()), (Some(3), 1), "what the second asking brought is needed no more");
    }

    #[test]
    fn what_is_no_piece_of_an_answer_is_not_kept() {
        let mut parts = Parts::default();
        for wrong in [piece(1, 3, 3), piece(1, 0, 0), piece(1, 0, ANSWER_PIECES + 1)] {
            assert!(parts.told(7, wrong).is_none());
        }
        assert!(parts.0.is_empty());
    }
}
