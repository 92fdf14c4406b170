//! What the nodes have of a channel, put together: as far as all of them have told.

use std::collections::HashSet;

use super::Read;
use crate::core::keep::{Page, Position, Said, Stretch};

/// The pages behind a place of the other nodes and of this one as one. What others have counts up to the place in the order at which
/// they were asked; what came later this node has itself, and was told to apply in its turn.
pub fn together(from: Position, asked_at: Read, others: Vec<Page>, own: Page) -> Stretch {
    let ends = others.iter().filter_map(|page| end(page).filter(|end| Read::of(*end) <= asked_at));
    let to = ends.chain(end(&own)).min();
    let left_out = others.iter().chain([&own]).filter_map(|page| page.left_out).max();
    let others = others.into_iter().flat_map(|page| page.entries);
    let others = others.filter(|said| Read::of(Position::of(said)) <= asked_at);
    let mut known = HashSet::new();
    let all = own.entries.into_iter().chain(others).filter(|said| {
        let place = Position::of(said);
        to.is_none_or(|to| place <= to) && left_out.is_none_or(|it| place > it) && known.insert(said.msgid.clone())
    });
    let mut entries: Vec<Said> = all.collect();
    entries.sort_by_key(Position::of);
    Stretch { from, entries, to, is_shortened: left_out.is_some_and(|it| it > from) }
}

/// The place up to which a page tells all; none where nothing is behind it.
fn end(page: &Page) -> Option<Position> {
    page.entries.last().filter(|_| page.goes_on).map(Position::of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::Now;
    use crate::core::keep::{Buffer, name_of};

    fn said(sequence: u64) -> Said {
        Said {
            msgid: name_of("w", sequence, 1, 7),
            at: Now { unix_ms: 7 },
            buffer: Buffer::channel("#a"),
            account: None,
            bot: false,
            tags: String::new(),
            line: String::new(),
            event: false,
        }
    }

    fn page(sequences: &[u64], goes_on: bool) -> Page {
        Page { entries: sequences.iter().map(|it| said(*it)).collect(), goes_on, left_out: None }
    }

    fn asked_at(sequence: u64) -> Read {
        Read { at: Now { unix_ms: 7 }, sequence }
    }

    fn told(stretch: &Stretch) -> (Vec<u64>, Option<u64>) {
        let sequences = stretch.entries.iter().map(|said| Position::of(said).sequence).collect();
        (sequences, stretch.to.map(|to| to.sequence))
    }

    #[test]
    fn it_reaches_as_far_as_all_have_told_and_has_each_message_once() {
        let from = Position::default();
        let others = || vec![page(&[1, 3, 5], true), page(&[2, 3], false)];
        assert_eq!(told(&together(from, asked_at(9), others(), page(&[4, 6], false))), (vec![1, 2, 3, 4, 5], Some(5)));
        assert_eq!(told(&together(from, asked_at(9), others(), page(&[2], true))), (vec![1, 2], Some(2)));
        // What others read after they were asked comes here in its turn, or has come.
        assert_eq!(told(&together(from, asked_at(4), others(), page(&[6], false))), (vec![1, 2, 3, 6], None));
    }

    #[test]
    fn what_one_node_leaves_out_is_left_out_of_all() {
        let left_out = Some(Position::of(&said(3)));
        let others = vec![Page { left_out, ..page(&[4, 6], false) }, page(&[1, 5], false)];
        let stretch = together(Position::default(), asked_at(9), others, Page::default());
        assert_eq!((told(&stretch), stretch.is_shortened), ((vec![4, 5, 6], None), true));
    }
}
