//! A conversation page by page, the oldest message first: how nodes tell each other what somebody has missed.

use serde::{Deserialize, Serialize};

use super::{Buffer, Said, place_of};
use crate::core::Now;
use crate::core::limits::{CATCH_UP_PAGE_BYTES, CATCH_UP_TAGS};

/// Where a message lies: by its time, which never goes back even where another network follows, by its place in the order, and by its
/// number among those of that place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// When it was put there.
    pub at: Now,
    /// Its place in the order.
    pub sequence: u64,
    /// Its number there.
    pub number: u64,
}

impl Position {
    /// Where a message lies.
    pub fn of(said: &Said) -> Position {
        Position::named(&said.msgid, said.at)
    }

    /// Where a message lies that has this identifier.
    pub fn named(msgid: &str, at: Now) -> Position {
        let (sequence, number, _) = place_of(msgid).unwrap_or_default();
        Position { at, sequence, number }
    }
}

/// Which page of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageQuery {
    /// Which conversation.
    pub buffer: Buffer,
    /// The page begins with the first message behind this place.
    pub after: Position,
    /// Of the whole conversation only so many of the last messages count.
    pub newest: usize,
}

/// Some messages of a conversation that follow each other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Oldest first; events are none.
    pub entries: Vec<Said>,
    /// Whether the conversation goes on behind them.
    pub goes_on: bool,
    /// The last of those that lie behind the place that was asked for, and don't count any more.
    pub left_out: Option<Position>,
}

impl Page {
    /// The page behind a place, of messages that come by their time: those of one time may come in any order.
    ///
    /// # Errors
    /// The first of the messages that can't be read.
    pub fn of<E>(messages: impl Iterator<Item = Result<Said, E>>, after: Position) -> Result<Page, E> {
        let (mut page, mut bytes, mut of_one_time) = (Page::default(), 0, Vec::<Said>::new());
        for said in messages {
            let said = said?;
            if of_one_time.first().is_some_and(|first| first.at != said.at)
                && !page.take(&mut bytes, std::mem::take(&mut of_one_time))
            {
                return Ok(page);
            }
            of_one_time.extend(Some(said).filter(|said| Position::of(said) > after));
        }
        page.take(&mut bytes, of_one_time);
        Ok(page)
    }

    /// Takes messages that were said at one time; false where the page is full, and the conversation goes on with them.
    fn take(&mut self, bytes: &mut usize, mut of_one_time: Vec<Said>) -> bool {
        of_one_time.sort_by_key(Position::of);
        for said in of_one_time {
            if *bytes >= CATCH_UP_PAGE_BYTES {
                self.goes_on = true;
                return false;
            }
            *bytes += cost(&said);
            self.entries.push(said);
        }
        true
    }
}

/// Some messages of a channel that follow each other, with nothing missing between them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stretch {
    /// The place behind which it begins.
    pub from: Position,
    /// Oldest first, each once.
    pub entries: Vec<Said>,
    /// The place up to which it is all that was said; none where it reaches to this moment.
    pub to: Option<Position>,
    /// Whether messages between `from` and the first are left out, as too many came after them.
    pub is_shortened: bool,
}

/// Bytes that a message takes when it is told again, at the most but for tags that are longer than usual: each of several lines has
/// its prefix.
pub fn cost(said: &Said) -> usize {
    let prefix = said.line.find('\n').unwrap_or_default();
    let further = said.line.matches('\n').count() * (prefix + CATCH_UP_TAGS);
    said.line.len() + said.tags.len() + CATCH_UP_TAGS + further
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::keep::name_of;

    fn said(sequence: u64, at: i64, length: usize) -> Said {
        Said {
            msgid: name_of("w", sequence, 1, at),
            at: Now { unix_ms: at },
            buffer: Buffer::channel("#a"),
            account: None,
            bot: false,
            tags: String::new(),
            line: "x".repeat(length),
            event: false,
        }
    }

    /// The places of a page's messages, and whether it goes on.
    fn page(messages: &[Said], after: Position) -> (Vec<u64>, bool) {
        let Ok(page) = Page::of(messages.iter().cloned().map(Ok::<_, ()>), after) else { panic!("it can be read") };
        (page.entries.iter().map(|said| Position::of(said).sequence).collect(), page.goes_on)
    }

    #[test]
    fn pages_follow_each_other_without_gap_or_overlap_also_within_one_time() {
        let half = CATCH_UP_PAGE_BYTES / 2;
        let all = [said(2, 5, half), said(1, 5, half), said(3, 5, half), said(4, 6, half), said(5, 7, 1)];
        let first = page(&all, Position::default());
        assert_eq!(first, (vec![1, 2], true));
        let second = page(&all, Position::of(&all[0]));
        assert_eq!(second, (vec![3, 4], true));
        assert_eq!(page(&all, Position::of(&all[3])), (vec![5], false));
        assert_eq!(page(&all, Position::of(&all[4])), (vec![], false));
    }

    #[test]
    fn a_message_that_is_longer_than_a_page_is_one_by_itself() {
        let all = [said(1, 5, 3 * CATCH_UP_PAGE_BYTES), said(2, 6, 1)];
        assert_eq!(page(&all, Position::default()), (vec![1], true));
    }
}
