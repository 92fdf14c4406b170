//! What is kept, on every node the same: handed to a node that comes, and merged with what it had.

use serde::{Deserialize, Serialize};

use crate::archive::Archive;
use crate::core::keep::{Keep, Record, RecordKind};
use crate::core::network::Snapshot;

/// How things stand on a node.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::server) struct State {
    pub(in crate::server) core: Snapshot,
    pub(in crate::server) records: Vec<Record>,
}

/// The name of a fact on the bus: no kind has a space.
pub(in crate::server) fn field(kind: RecordKind, key: &str) -> String {
    format!("{} {key}", kind.name())
}

/// The fact of such a name.
fn of_field(field: &str) -> Option<(RecordKind, String)> {
    let (kind, key) = field.split_once(' ')?;
    let kind = RecordKind::ALL.into_iter().find(|known| known.name() == kind)?;
    Some((kind, key.to_owned()))
}

/// What a node that comes has to change so that it keeps what the others do.
#[derive(Debug, Default)]
pub(in crate::server) struct Merged {
    /// To be kept or forgotten here.
    pub(in crate::server) changes: Vec<Keep>,
    /// Known here alone: the others never heard of it.
    pub(in crate::server) news: Vec<Record>,
}

/// What Redis has of what outlives all nodes.
#[derive(Debug, Clone, Copy)]
pub(in crate::server) struct Outlived<'a> {
    /// By name: what it says, or that it is over.
    pub(in crate::server) records: &'a [(String, Option<String>)],
    /// This node was away for so long that Redis has forgotten what went over meanwhile: what nobody else knows did.
    pub(in crate::server) is_news_over: bool,
}

/// Compares what this node keeps with what the others do, or where it is the first, with what outlived them.
pub(in crate::server) fn merge(
    archive: &Archive,
    state: Option<&State>,
    outlived: Outlived<'_>,
) -> Result<Merged, crate::archive::ArchiveError> {
    let own = archive.records()?;
    let theirs: Vec<Record> = match state {
        Some(state) => state.records.clone(),
        None => outlived.records.iter().filter_map(|(name, value)| record(name, value.as_deref()?)).collect(),
    };
    let known = |record: &Record| theirs.iter().any(|other| (other.kind, &other.key) == (record.kind, &record.key));
    let over = |record: &Record| {
        let name = field(record.kind, &record.key);
        outlived.is_news_over || outlived.records.iter().any(|(known, _)| *known == name)
    };
    let mut merged = Merged::default();
    for record in own {
        if known(&record) {
            continue;
        }
        match over(&record) {
            true => merged.changes.push(Keep::Forget { kind: record.kind, key: record.key }),
            false => merged.news.push(record),
        }
    }
    let put = |Record { kind, key, value }| Keep::Put { kind, key, value };
    merged.changes.extend(theirs.into_iter().map(put));
    Ok(merged)
}

fn record(name: &str, value: &str) -> Option<Record> {
    let (kind, key) = of_field(name)?;
    Some(Record { kind, key, value: value.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::Bounds;

    #[test]
    fn what_the_others_forgot_is_forgotten_and_what_they_never_knew_is_news() {
        let mut archive = Archive::in_memory(Bounds::default()).expect("memory");
        for (key, value) in [("old", "1"), ("new", "1"), ("both", "1")] {
            let (key, value) = (key.to_owned(), value.to_owned());
            archive.keep(&Keep::Put { kind: RecordKind::Account, key, value }).expect("kept");
        }
        let outlived = [("account old".to_owned(), None), ("account both".to_owned(), Some("2".to_owned()))];
        let outlived = Outlived { records: &outlived, is_news_over: false };
        let merged = merge(&archive, None, outlived).expect("read");
        let kind = RecordKind::Account;
        let expected = [
            Keep::Forget { kind, key: "old".to_owned() },
            Keep::Put { kind, key: "both".to_owned(), value: "2".to_owned() },
        ];
        assert_eq!(merged.changes, expected);
        assert_eq!(merged.news, [Record { kind, key: "new".to_owned(), value: "1".to_owned() }]);
        // Who was away for longer than it is known what is over brings nothing back.
        let merged = merge(&archive, None, Outlived { is_news_over: true, ..outlived }).expect("read");
        assert!(merged.news.is_empty());
        assert!(merged.changes.contains(&Keep::Forget { kind, key: "new".to_owned() }), "{:?}", merged.changes);
    }
}
