//! The driver's part in questions between nodes: what one does not know, or has missed, it asks of the others.

use std::collections::BTreeSet;

use tokio::time::Instant;

use super::missed::{Ended, Missed};
use super::parts::Piece;
use super::room::rooms;
use super::{Asked, Found, Link, Wanted, Whisper};
use crate::bus::{self, Command};
use crate::core::keep::{Answer, Buffer, Keep, Page, PageQuery, Position, Question, Stretch, cost};
use crate::core::limits::CATCH_UP_LINES;
use crate::core::network::together;
use crate::core::{ClientId, Event, NOBODY};
use crate::server::driver::Driver;
use crate::server::link::queued;

impl Driver {
    /// Asks the other nodes too, if there are any and they may know more. False: the archive here is all there is.
    pub(in crate::server) fn ask_others(&mut self, client: ClientId, question: &Question) -> bool {
        let Some(asked) = Asked::of(question) else { return false };
        let peers = self.network.iter().flat_map(|link| &link.peers).copied();
        let peers: BTreeSet<u32> = peers.filter(|node| asked.concerns(*node)).collect();
        if peers.is_empty() {
            return false;
        }
        let own = self.found_here(question);
        let Some(link) = &mut self.network else { return false };
        match link.gathers.begin(client, asked.clone(), Found::of(own.clone()), &peers) {
            Some(id) => whisper(link, peers.into_iter().collect(), &Whisper::Ask { id, asking: 1, asked }),
            None => {
                let answer = Box::new(Answer::Incomplete(Box::new(own)));
                self.handle_next(Event::Answered { client, answer });
            }
        }
        true
    }

    pub(super) fn whispered(&mut self, from: u32, text: &str) {
        match serde_json::from_str::<Whisper>(text) {
            Ok(Whisper::Ask { id, asking, asked }) => self.answer_node(from, id, asking, asked),
            Ok(Whisper::AskPort { id, fingerprint }) => self.open_port_for(from, id, fingerprint),
            Ok(Whisper::TellPort { id, port }) => self.told_port(from, id, port),
            Ok(Whisper::Tell { id, asking, number, of, found }) => {
                self.node_answers(from, id, Piece { asking, number, of, found });
            }
            Err(error) => tracing::warn!(%error, from, "whisper-unreadable"),
        }
    }

    /// Tells a node what there is here of what it asks. What can't be known now is not told as nothing: it asks again.
    fn answer_node(&mut self, node: u32, id: u64, asking: u32, asked: Asked) {
        let answer = self.found_here(&asked.into_question());
        let Some(link) = self.network.as_mut().filter(|_| !matches!(answer, Answer::Unavailable)) else { return };
        let pieces = Found::of(answer).pieces();
        let of = u32::try_from(pieces.len()).unwrap_or(u32::MAX);
        for (number, found) in (0..).zip(pieces) {
            whisper(link, vec![node], &Whisper::Tell { id, asking, number, of, found });
        }
    }

    fn node_answers(&mut self, from: u32, id: u64, piece: Piece) {
        let Some(link) = &mut self.network else { return };
        if Missed::is_own(id) {
            let ended = link.missed.told(from, id, piece);
            ended.into_iter().for_each(|ended| self.tells_missed(ended));
        } else if let Some((client, answer)) = link.gathers.told(from, id, piece) {
            self.answered(client, answer);
        }
    }

    /// Asks those again who have not answered, and answers what has waited long enough for them.
    pub(in crate::server) fn answer_late(&mut self) {
        let now = Instant::now();
        let Some(link) = &mut self.network else { return };
        let (again, late) = link.gathers.late(now);
        for (id, asking, asked, nodes) in again {
            whisper(link, nodes, &Whisper::Ask { id, asking, asked });
        }
        let (again, ended) = link.missed.late(now);
        for (id, asking, query, nodes) in again {
            whisper(link, nodes, &Whisper::Ask { id, asking, asked: Asked::Page(query) });
        }
        late.into_iter().for_each(|(client, answer)| self.answered(client, answer));
        ended.into_iter().for_each(|ended| self.tells_missed(ended));
        self.open_late_ports(now);
    }

    /// Asks all nodes for the next of what this one's people have missed: of those who have room for it, who is furthest behind.
    pub(in crate::server) fn ask_missed(&mut self, buffer: Buffer, waiting: Vec<(ClientId, Position)>) {
        let held = waiting.iter().map(|(client, _)| (*client, self.held(*client)));
        let room = rooms(held, usize::MAX, queued());
        let after = waiting.iter().filter(|(client, _)| room.contains_key(client)).map(|(_, upto)| *upto).min();
        let Some(after) = after else {
            let (stretch, is_whole) = (Stretch::default(), true);
            let answer = Box::new(Answer::Missed { buffer, stretch, is_whole, room });
            return self.handle_next(Event::Answered { client: NOBODY, answer });
        };
        let query = PageQuery { buffer, after, newest: CATCH_UP_LINES };
        let Some(link) = &mut self.network else { return };
        match link.missed.begin(Wanted { query: query.clone(), waiting }, link.read, &link.peers) {
            Ok((id, nodes)) => whisper(link, nodes, &Whisper::Ask { id, asking: 1, asked: Asked::Page(query) }),
            Err(ended) => {
                let answer = self.missed(*ended);
                self.handle_next(answer);
            }
        }
    }

    pub(super) fn tells_missed(&mut self, ended: Ended) {
        let answer = self.missed(ended);
        self.handle(answer);
    }

    /// The answer with what there is here at this moment: it is the next event of the core.
    fn missed(&mut self, ended: Ended) -> Event {
        let Ended { wanted: Wanted { query, waiting }, asked_at, found, is_whole } = ended;
        let (buffer, after) = (query.buffer.clone(), query.after);
        let (own, is_known) = match self.found_here(&Question::Page(query)) {
            Answer::Page(own) => (own, true),
            _ => (Page::default(), false),
        };
        let known: BTreeSet<String> = own.entries.iter().map(|said| said.msgid.clone()).collect();
        let stretch = together(after, asked_at, found, own);
        // From here on it is in this node's history, too, and not gone with the others.
        let news = stretch.entries.iter().filter(|said| !known.contains(&said.msgid));
        news.for_each(|said| self.keep_here(&Keep::Said(Box::new(said.clone()))));
        let held = waiting.into_iter().map(|(client, _)| (client, self.held(client)));
        let room = rooms(held, stretch.entries.iter().map(cost).sum::<usize>().max(1), queued());
        let is_whole = is_whole && is_known;
        Event::Answered { client: NOBODY, answer: Box::new(Answer::Missed { buffer, stretch, is_whole, room }) }
    }
}

pub(super) fn whisper(link: &mut Link, nodes: Vec<u32>, whisper: &Whisper) {
    if let Ok(text) = serde_json::to_string(whisper) {
        link.tell(Command::Whisper { to: bus::Reach::Nodes(nodes), text });
    }
}
