//! What nodes say to each other outside of the order: questions about history, and their answers.

use serde::{Deserialize, Serialize};

use crate::bus::limits::WHISPER_BYTES;
use crate::core::keep::{Answer, Buffer, ConversationsQuery, HistoryQuery, Page, PageQuery, Question, Said};
use crate::core::{ClientId, Now};

/// A word from one node to others.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::server) enum Whisper {
    /// What do you have of this?
    Ask {
        /// The asker's own number of the question.
        id: u64,
        /// How often it was asked by now.
        asking: u32,
        /// The question.
        asked: Asked,
    },
    /// Open a port for a client of mine.
    AskPort {
        /// The asker's own number of the question.
        id: u64,
        /// SHA-256 of the client's certificate, in lower-case hex; none where it showed none.
        fingerprint: Option<String>,
    },
    /// It is open, or there is none.
    TellPort {
        /// The question's number.
        id: u64,
        /// Number, ticket, and seconds for which it waits.
        port: Option<(u16, String, u64)>,
    },
    /// A part of the answer.
    Tell {
        /// The question's number.
        id: u64,
        /// To which asking of it.
        asking: u32,
        /// The part's number, from 0.
        number: u32,
        /// How many parts there are.
        of: u32,
        /// What there is.
        found: Found,
    },
}

/// A question about what other nodes know better.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::server) enum Asked {
    /// A piece of a conversation.
    History(HistoryQuery),
    /// A page of one.
    Page(PageQuery),
    /// Which conversations there were.
    Conversations(ConversationsQuery),
    /// When these users said something last.
    LastMessages(Vec<ClientId>),
}

/// What a node has of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::server) enum Found {
    /// Entries, oldest first.
    History(Vec<Said>),
    /// A page of a conversation.
    Page(Page),
    /// Conversations with the time of their last message.
    Conversations(Vec<(Buffer, Now)>),
    /// Users of this node with the time of their last message.
    LastMessages(Vec<(ClientId, Now)>),
}

impl Asked {
    /// A question that other nodes may know more about.
    pub(in crate::server) fn of(question: &Question) -> Option<Asked> {
        match question {
            Question::History(asked) => Some(Asked::History(asked.clone())),
            Question::Conversations(asked) => Some(Asked::Conversations(asked.clone())),
            Question::LastMessages(clients) => Some(Asked::LastMessages(clients.clone())),
            _ => None,
        }
    }

    /// Whether a node may know something of it.
    pub(in crate::server) fn concerns(&self, node: u32) -> bool {
        match self {
            Asked::History(_) | Asked::Page(_) | Asked::Conversations(_) => true,
            Asked::LastMessages(clients) => clients.iter().any(|client| client.node().0 == node),
        }
    }

    /// The question as it is answered here.
    pub(in crate::server) fn into_question(self) -> Question {
        match self {
            Asked::History(asked) => Question::History(asked),
            Asked::Page(asked) => Question::Page(asked),
            Asked::Conversations(asked) => Question::Conversations(asked),
            Asked::LastMessages(clients) => Question::LastMessages(clients),
        }
    }
}

impl Found {
    /// Nothing is found where there is no answer.
    pub(in crate::server) fn of(answer: Answer) -> Found {
        match answer {
            Answer::Conversations(found) => Found::Conversations(found),
            Answer::History(found) => Found::History(found),
            Answer::Page(found) => Found::Page(found),
            Answer::LastMessages(found) => Found::LastMessages(found),
            _ => Found::History(Vec::new()),
        }
    }

    /// In pieces that fit the bus.
    pub(in crate::server) fn pieces(self) -> Vec<Found> {
        match self {
            Found::Conversations(all) => split(all, Found::Conversations),
            Found::History(all) => split(all, Found::History),
            Found::LastMessages(all) => split(all, Found::LastMessages),
            Found::Page(Page { entries, goes_on, left_out }) => {
                split(entries, |entries| Found::Page(Page { entries, goes_on, left_out }))
            }
        }
    }

    /// Put together again; none where they are no pages.
    pub(in crate::server) fn page(pieces: Vec<Found>) -> Option<Page> {
        pieces.into_iter().try_fold(Page::default(), |mut page, piece| {
            let Found::Page(Page { entries, goes_on, left_out }) = piece else { return None };
            page.entries.extend(entries);
            Some(Page { goes_on, left_out, ..page })
        })
    }
}

/// Octets of an entry as it is written, and of the comma behind it.
fn weight<T: Serialize>(entry: &T) -> usize {
    serde_json::to_string(entry).map_or(WHISPER_BYTES, |text| text.len() + 1)
}

fn split<T: Serialize>(all: Vec<T>, found: impl Fn(Vec<T>) -> Found) -> Vec<Found> {
    let (mut pieces, mut piece, mut size) = (Vec::new(), Vec::new(), 0);
    for entry in all {
        let more = weight(&entry);
        if size + more > WHISPER_BYTES - 256 && !piece.is_empty() {
            pieces.push(found(std::mem::take(&mut piece)));
            size = 0;
        }
        size += more;
        piece.push(entry);
    }
    pieces.push(found(piece));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_fits_the_bus_and_nothing_is_lost() {
        let said = |number: usize| Said {
            msgid: format!("word-{number}-1-z"),
            at: Now { unix_ms: 1 },
            buffer: Buffer::channel("#a"),
            account: None,
            bot: false,
            tags: String::new(),
            line: format!(":a!b@c PRIVMSG #a :{}", "\u{2}".repeat(400)),
            event: false,
        };
        let all: Vec<Said> = (0..300).map(said).collect();
        let pieces = Found::History(all.clone()).pieces();
        let fits = |found: &Found| {
            let text = serde_json::to_string(&Whisper::Tell {
                id: u64::MAX,
                asking: 1,
                number: 100,
                of: 100,
                found: found.clone(),
            });
            text.is_ok_and(|text| text.len() <= WHISPER_BYTES)
        };
        assert!(pieces.len() > 2 && pieces.iter().all(fits));
        let found = pieces.into_iter().flat_map(|piece| match piece {
            Found::History(found) => found,
            _ => Vec::new(),
        });
        assert_eq!(found.collect::<Vec<_>>(), all);
    }
}
