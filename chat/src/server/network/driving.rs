//! The driver's part in a network: what the bus tells is told to the core, and what the core proposes to the bus.

use super::history_op::{HistoryOp, missed};
use super::{Outlived, State, field, merge};
use crate::bus::limits::SLOW_MS;
use crate::bus::{self, Body, Command, Happened, Welcome};
use crate::core::keep::{Keep, RecordKind, taken_back};
use crate::core::network::{Change, NodeId, Ordered, Proposal, Reach, Read};
use crate::core::{Event, Joined, Now};
use crate::server::driver::Driver;

/// What users are told of a reason that is for the administrator: addresses and commands are not for them.
const IN_THE_LOG: &str = "the log of this server says why";

/// What to do about what can't be read.
const ONE_VERSION: &str =
    "run the same version of chat on all nodes; this one leaves the others and comes again in a moment";

impl Driver {
    /// Takes what the bus tells.
    pub(in crate::server) fn happened(&mut self, happened: Happened) {
        self.note_cut(&happened);
        match happened {
            Happened::Joined(welcome) => self.joined(welcome),
            Happened::Ordered(entries) => self.all_ordered(entries),
            Happened::Whispered { from, text } => self.whispered(from, &text),
            Happened::Dropped { why } => tracing::warn!(%why, "not-told"),
            Happened::Lost { why } => {
                tracing::error!(%why, "bus-lost");
                self.handle(Event::CutOff { why: IN_THE_LOG.to_owned() });
            }
            Happened::Refused { why } => {
                tracing::error!(%why, "bus-refused");
                self.handle(Event::CutOff { why: "the others have other settings".to_owned() });
            }
            Happened::Slow { delay_ms } => self.bus_is_slow(delay_ms),
            Happened::Quick { worst_ms } => tracing::info!(worst_ms, "bus-quick"),
            Happened::Back => {
                tracing::info!("bus-back");
                self.handle(Event::Reached);
            }
            Happened::Out { lost } => self.given_up(&lost),
            Happened::NotTaken { number, why, is_out } => self.not_taken(number, &why, is_out),
        }
    }

    /// Remembers whether this node is cut off from the others now.
    fn note_cut(&mut self, happened: &Happened) {
        let Some(link) = &mut self.network else { return };
        match happened {
            Happened::Lost { .. } | Happened::Refused { .. } | Happened::Out { .. } => link.is_cut = true,
            Happened::Back | Happened::Joined(_) => link.is_cut = false,
            _ => {}
        }
    }

    /// Entries of the order; what comes of many of them goes out in between.
    fn all_ordered(&mut self, entries: Vec<bus::Ordered>) {
        for entry in entries {
            self.ordered(entry);
            if self.outlets_are_full() {
                self.end_turn();
            }
        }
    }

    fn not_taken(&mut self, number: u64, why: &str, is_out: bool) {
        tracing::warn!(number, %why, "not-taken");
        let why = if is_out { "this server was cut off from the others" } else { IN_THE_LOG };
        self.handle(Event::NotMade { number, why: why.to_owned() });
    }

    /// People are not told: what they do takes a little longer, and is done.
    fn bus_is_slow(&self, delay_ms: i64) {
        let redis = self.network.as_ref().map_or("", |link| &link.place);
        tracing::warn!(
            redis,
            delay_ms,
            slow_from_ms = SLOW_MS,
            "bus-slow: everything that people say waits for Redis; `redis-cli --latency` shows whether it is Redis or the way to it, \
             `redis-cli slowlog get` what holds Redis up"
        );
    }

    fn joined(&mut self, welcome: Welcome) {
        let Welcome { node, network, number_from, sequence, at_ms, snapshot, records, buried, history_ops } = welcome;
        let at = Now { unix_ms: at_ms };
        let state = snapshot.as_deref().map(serde_json::from_str::<State>).transpose();
        let state = match state {
            Ok(state) => state,
            Err(error) => {
                tracing::error!(%error, "snapshot-unreadable: {ONE_VERSION}");
                return self.cannot_follow();
            }
        };
        tracing::info!(node, network = ?self.network_name(), first = state.is_none(), "joined");
        let mark = self.history_mark();
        let missed = missed(&history_ops, mark.as_ref());
        missed.iter().for_each(|keep| self.keep_here(keep));
        let taken_back = taken_back(&missed);
        let outlived = Outlived { records: &records, is_news_over: mark.is_some_and(|(_, read)| read < buried) };
        let news = self.take_over(state.as_ref(), outlived);
        let records = self.archive_records();
        let first = state.is_none();
        let snapshot = state.map(|state| state.core);
        if let Some(link) = &mut self.network {
            (link.here, link.word, link.sequence) = (node, network, sequence);
            link.read = Read { at, sequence };
            let others = snapshot.iter().flat_map(|it| it.others(NodeId(node)));
            link.names = others.map(|(node, name)| (node.0, name.to_owned())).collect();
            link.peers = link.names.keys().copied().collect();
        }
        // What was taken over is from here: without the mark it would be this node's own, should it end now.
        self.mark();
        self.warn_of_second(node, self.core_name());
        let (node, first_number) = (NodeId(node), number_from);
        let joined = Joined { node, at, first_number, snapshot, records: records.clone(), taken_back };
        self.handle(Event::Joined(Box::new(joined)));
        if first {
            // What only this node knows outlives it from now on.
            for record in news {
                self.record(&field(record.kind, &record.key), Some(record.value));
            }
        } else if !news.is_empty() {
            self.handle(Event::RecordsChanged(records.into_iter().chain(news).collect()));
        }
    }

    /// How far this node's history is: by what it applied since it started, else by what it noted before.
    fn history_mark(&self) -> Option<(String, u64)> {
        let applied =
            self.network.as_ref().filter(|link| link.here != 0).map(|link| (link.word.clone(), link.sequence));
        applied.or_else(|| self.archive().mark().ok().flatten())
    }

    /// Keeps what the others keep; what only this node knows.
    fn take_over(&mut self, state: Option<&State>, outlived: Outlived<'_>) -> Vec<crate::core::keep::Record> {
        match merge(self.archive(), state, outlived) {
            Ok(merged) => {
                merged.changes.iter().for_each(|keep| self.keep_here(keep));
                if state.is_some() {
                    let gone = merged.news.iter().map(|it| Keep::Forget { kind: it.kind, key: it.key.clone() });
                    gone.collect::<Vec<_>>().iter().for_each(|keep| self.keep_here(keep));
                }
                merged.news
            }
            Err(error) => {
                tracing::error!(%error, "history-failed");
                Vec::new()
            }
        }
    }

    fn ordered(&mut self, entry: bus::Ordered) {
        let bus::Ordered { sequence, at_ms, origin, number, reach, body } = entry;
        let at = Now { unix_ms: at_ms };
        if let Some(link) = &mut self.network {
            link.sequence = sequence;
            link.read = Read { at, sequence };
        }
        match body {
            Body::Change(text) => match serde_json::from_str::<Change>(&text) {
                Ok(change) => {
                    let (origin, reach) = (NodeId(origin), reach_of(reach));
                    self.handle(Event::Ordered(Box::new(Ordered { sequence, at, origin, number, reach, change })));
                }
                Err(error) => {
                    tracing::error!(%error, sequence, origin, "change-unreadable: {ONE_VERSION}");
                    self.cannot_follow();
                }
            },
            Body::Joined { node, name, version, description } => {
                self.warn_of_second(node, &name);
                if let Some(link) = self.network.as_mut().filter(|link| link.here != node) {
                    link.peers.insert(node);
                    link.names.insert(node, name.clone());
                }
                tracing::info!(node, ?name, ?version, "node-joined");
                self.handle(Event::NodeJoined { node: NodeId(node), name, version, description, at });
            }
            Body::Left { node, name, reason } => {
                tracing::warn!(node, ?name, ?reason, "node-left");
                let ended = self.network.as_mut().map(|link| {
                    link.peers.remove(&node);
                    link.names.remove(&node);
                    (link.gathers.lost(node), link.missed.lost(node))
                });
                let (answers, missed) = ended.unwrap_or_default();
                answers.into_iter().for_each(|(client, answer)| self.answered(client, answer));
                missed.into_iter().for_each(|ended| self.tells_missed(ended));
                self.handle(Event::NodeLeft { node: NodeId(node), reason, at, sequence });
            }
        }
    }

    /// That a node has the name of another, which may be one that has just ended without a word.
    fn warn_of_second(&self, node: u32, name: &str) {
        let Some(link) = &self.network else { return };
        let others = link.names.iter().filter(|(other, _)| **other != node).map(|(_, other)| &**other);
        let own = (link.here != node).then(|| self.core_name());
        if others.chain(own).any(|other| other == name) {
            tracing::warn!(
                ?name,
                "name-twice: two nodes have one name, or one was started anew; give each its own, `name` in its configuration"
            );
        }
    }

    fn given_up(&mut self, lost: &[u64]) {
        tracing::warn!("given-up: this node was away for too long, or could not follow the others, and joins again");
        for number in lost {
            let why = "this server was cut off from the others before it was sent".to_owned();
            self.handle(Event::NotMade { number: *number, why });
        }
        // Who waits for other nodes is answered with what there is here.
        let answers = self.network.as_mut().map(|link| {
            link.missed.give_up();
            link.gathers.give_up()
        });
        let answers = answers.unwrap_or_default();
        answers.into_iter().for_each(|(client, answer)| self.answered(client, answer));
        self.handle(Event::GivenUp);
    }

    /// What others say can't be read here, so this node does not know what they know: it leaves, and comes again with their state.
    /// What it still reads up to its end is made as well as it can be, so that nobody waits for it in vain.
    fn cannot_follow(&mut self) {
        if let Some(link) = &mut self.network {
            link.is_cut = true;
        }
        self.tell(Command::Rejoin { reason: "it could not read what the others said".to_owned() });
        self.handle(Event::CutOff { why: "it can't read what they say".to_owned() });
    }

    /// Has the bus put a change in order.
    pub(in crate::server) fn propose(&mut self, proposal: Proposal) {
        let Proposal { number, reach, change } = proposal;
        if let Some(link) = &mut self.network {
            link.proposals += 1;
        }
        match serde_json::to_string(&change) {
            Ok(change) if change.len() <= bus::limits::CHANGE_BYTES => {
                let reach = match reach {
                    Reach::Everyone => bus::Reach::Everyone,
                    Reach::Nodes(nodes) => bus::Reach::Nodes(nodes.into_iter().map(|node| node.0).collect()),
                };
                self.tell(Command::Propose { number, reach, change });
            }
            _ => {
                let why = "it is too long to be told to the other servers".to_owned();
                self.handle_next(Event::NotMade { number, why });
            }
        }
    }

    /// Tells a node that came how things stand.
    pub(in crate::server) fn describe(&mut self, node: NodeId) {
        let records = self.archive_records();
        let state = State { core: self.core_snapshot(), records };
        let sequence = self.network.as_ref().map_or(0, |link| link.sequence);
        match serde_json::to_string(&state) {
            Ok(text) => self.tell(Command::Snapshot { node: node.0, sequence, text }),
            Err(error) => tracing::error!(%error, "snapshot-failed"),
        }
    }

    /// What outlives all nodes is told to the bus, too.
    pub(in crate::server) fn keep_everywhere(&mut self, keep: &Keep) {
        if let Some(link) = &mut self.network {
            link.missed.note(keep);
        }
        match keep {
            // That a channel was closed is known to those who are here; marks of what was forgotten would only grow.
            Keep::Said(_)
            | Keep::Put { kind: RecordKind::Closed, .. }
            | Keep::Forget { kind: RecordKind::Closed, .. } => {}
            Keep::Put { kind, key, value } => self.record(&field(*kind, key), Some(value.clone())),
            Keep::Forget { kind, key } => self.record(&field(*kind, key), None),
            Keep::Redacted { .. } | Keep::Moved { .. } | Keep::Dropped { .. } => {
                let Some(link) = &self.network else { return };
                let op = HistoryOp { word: link.word.clone(), sequence: link.sequence, keep: keep.clone() };
                if let Ok(text) = serde_json::to_string(&op) {
                    self.tell(Command::HistoryOp { text });
                }
            }
        }
    }

    fn record(&mut self, key: &str, value: Option<String>) {
        let sequence = self.network.as_ref().map_or(0, |link| link.sequence);
        self.tell(Command::Record { sequence, key: key.to_owned(), value });
    }

    pub(super) fn tell(&mut self, command: Command) {
        if let Some(link) = &mut self.network {
            link.tell(command);
        }
    }
}

fn reach_of(reach: bus::Reach) -> Reach {
    match reach {
        bus::Reach::Everyone => Reach::Everyone,
        bus::Reach::Nodes(nodes) => Reach::Nodes(nodes.into_iter().map(NodeId).collect()),
    }
}
