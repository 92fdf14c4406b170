//! An entry of an inbox, read and written: `TIME ORIGIN NUMBER KIND` and a text.

use super::request::Entry;
use super::{Body, Ordered, Reach};

/// What an entry is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Part of the order.
    Ordered(Ordered),
    /// Text from another node.
    Whisper {
        /// Which.
        from: u32,
        /// The text.
        text: String,
    },
    /// There is a snapshot for the joining at this place.
    Snapshot {
        /// Which.
        sequence: u64,
    },
}

/// What an entry is; none where it is nothing that this version knows.
pub(super) fn read(entry: Entry) -> Option<Found> {
    let Entry { position, header, body } = entry;
    let mut words = header.splitn(4, ' ');
    let at_ms = words.next()?.parse().ok()?;
    let origin = words.next()?.parse().ok()?;
    let number = words.next()?.parse().ok()?;
    let kind = words.next()?;
    let ordered = |reach, body| Ordered { sequence: position.sequence, at_ms, origin, number, reach, body };
    Some(match kind {
        "w" => Found::Whisper { from: origin, text: body },
        "s" => Found::Snapshot { sequence: body.parse().ok()? },
        "j" => {
            let (name, rest) = two_lines(&body)?;
            let (version, description) = two_lines(&rest)?;
            Found::Ordered(ordered(Reach::Everyone, Body::Joined { node: origin, name, version, description }))
        }
        "l" => {
            let (name, reason) = two_lines(&body)?;
            Found::Ordered(ordered(Reach::Everyone, Body::Left { node: origin, name, reason }))
        }
        reach => Found::Ordered(ordered(read_reach(reach)?, Body::Change(body))),
    })
}

fn two_lines(body: &str) -> Option<(String, String)> {
    body.split_once('\n').map(|(first, second)| (first.to_owned(), second.to_owned()))
}

fn read_reach(text: &str) -> Option<Reach> {
    if text == "*" {
        return Some(Reach::Everyone);
    }
    let nodes: Result<Vec<u32>, _> = text.split(',').map(str::parse).collect();
    nodes.ok().map(Reach::Nodes)
}

/// Whom something goes to, as the script takes it: `*`, or numbers in order, each once.
pub(super) fn write_reach(reach: &Reach, origin: u32) -> String {
    let Reach::Nodes(nodes) = reach else { return "*".to_owned() };
    let mut nodes = nodes.clone();
    nodes.push(origin);
    nodes.sort_unstable();
    nodes.dedup();
    let nodes: Vec<String> = nodes.iter().map(u32::to_string).collect();
    nodes.join(",")
}

/// A text on one line, as names and reasons have to be.
pub(super) fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::request::Position;

    #[test]
    fn an_entry_is_read_as_the_script_writes_it() {
        let entry = |header: &str, body: &str| {
            let position = Position { sequence: 7, after: 0 };
            read(Entry { position, header: header.to_owned(), body: body.to_owned() })
        };
        let Some(Found::Ordered(it)) = entry("1700000000000 2 5 1,2", "x y") else { panic!("not read") };
        assert_eq!((it.sequence, it.at_ms, it.origin, it.number), (7, 1_700_000_000_000, 2, 5));
        assert_eq!((it.reach, it.body), (Reach::Nodes(vec![1, 2]), Body::Change("x y".to_owned())));
        assert_eq!(entry("1 2 0 w", "hello"), Some(Found::Whisper { from: 2, text: "hello".to_owned() }));
        assert_eq!(entry("1 2 0 s", "9"), Some(Found::Snapshot { sequence: 9 }));
        for bad in ["", "1 2 3", "x 1 1 *", "1 2 3 ?", "1 2 0 s"] {
            assert_eq!(entry(bad, "b"), None, "{bad}");
        }
    }

    #[test]
    fn the_origin_is_always_among_those_it_goes_to() {
        assert_eq!(write_reach(&Reach::Nodes(vec![3, 1, 3]), 2), "1,2,3");
        assert_eq!(write_reach(&Reach::Everyone, 2), "*");
    }
}
