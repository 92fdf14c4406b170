//! What was done to the histories of nodes that were away: taken back, renamed, dropped.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::core::keep::Keep;

/// Something that every node does to its history, with the place in the order at which it was done. Every node notes it, so it comes
/// several times, and perhaps late.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct HistoryOp {
    /// The network's word.
    pub(super) word: String,
    /// The place in its order.
    pub(super) sequence: u64,
    /// What is done.
    pub(super) keep: Keep,
}

/// What a node has still to do that has applied the order up to this mark: each once, in the order.
///
/// Places of another network can't be compared with the mark. A message that was taken back there is taken back here too, as its
/// identifier is no other's; a name may be another channel's by now, and is left alone.
pub(super) fn missed(ops: &[String], mark: Option<&(String, u64)>) -> Vec<Keep> {
    let ops = ops.iter().filter_map(|text| serde_json::from_str::<HistoryOp>(text).ok());
    let mut missed: BTreeMap<(String, u64, String), Keep> = BTreeMap::new();
    for HistoryOp { word, sequence, keep } in ops {
        let known = mark.filter(|(known, _)| *known == word).map(|(_, sequence)| *sequence);
        let is_new = known.map_or(matches!(keep, Keep::Redacted { .. }), |known| sequence > known);
        if is_new {
            // A change may do several things, in the order of their names at worst.
            let name = serde_json::to_string(&keep).unwrap_or_default();
            missed.insert((word, sequence, name), keep);
        }
    }
    missed.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::keep::Buffer;

    fn op(word: &str, sequence: u64, keep: &Keep) -> String {
        let op = HistoryOp { word: word.to_owned(), sequence, keep: keep.clone() };
        serde_json::to_string(&op).expect("text")
    }

    #[test]
    fn what_was_applied_is_not_done_again_however_late_its_copy_comes() {
        let buffer = |name: &str| Buffer::channel(name);
        let renamed = Keep::Moved { from: buffer("#a"), to: buffer("#b") };
        let dropped = Keep::Dropped { buffer: buffer("#c") };
        let redacted = Keep::Redacted { buffer: buffer("#d"), msgid: "w-1-1-1".to_owned() };
        let ops = [
            op("w", 7, &dropped),
            op("w", 5, &renamed),
            op("w", 7, &dropped),
            op("old", 99, &redacted),
            op("old", 99, &renamed),
        ];
        let at = |sequence| ("w".to_owned(), sequence);
        assert_eq!(missed(&ops, Some(&at(4))), [redacted.clone(), renamed, dropped.clone()]);
        assert_eq!(missed(&ops, Some(&at(5))), [redacted.clone(), dropped]);
        let only = std::slice::from_ref(&redacted);
        assert_eq!(missed(&ops, Some(&at(7))), only);
        assert_eq!(missed(&ops, None), only);
    }
}
