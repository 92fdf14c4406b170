//! Several nodes with a bus that puts everything in order and loses nothing: what users of different nodes see of each other.

mod cut;
mod founded;
mod missed;
mod names;
mod random;
mod together;

use std::collections::{BTreeMap, VecDeque};

use super::{START_MS, identity, settings};
use crate::archive::{Archive, Bounds};
use crate::core::accounts::{AccountSettings, FEWEST_ITERATIONS};
use crate::core::keep::{Answer, Buffer, Keep, Page, PageQuery, Position, Question, Stretch, taken_back};
use crate::core::limits::CATCH_UP_LINES;
use crate::core::network::{Change, NodeId, Ordered, Proposal, Reach, Read, Snapshot, together};
use crate::core::{Action, Actions, ClientId, Core, Event, Joined, Now, Operator, Password, Right, Settings};

/// What lies in a node's inbox.
#[derive(Debug, Clone)]
enum Entry {
    Ordered(Ordered),
    Joined(NodeId, String, Now),
    Left(NodeId, u64, Now),
}

/// A node, and what the bus has for it.
struct Node {
    core: Core,
    archive: Archive,
    inbox: VecDeque<Entry>,
    asked: VecDeque<(ClientId, Question)>,
    connections: u64,
    /// Its proposals that were never put in order, while it was cut off.
    unsent: Vec<Proposal>,
    cut: bool,
}

/// A network of nodes, numbered from 1.
pub(super) struct Net {
    nodes: BTreeMap<u32, Node>,
    now: Now,
    sequence: u64,
    names: BTreeMap<String, ClientId>,
    seen: Vec<String>,
    snapshots: BTreeMap<u32, String>,
    /// Questions are left open.
    is_mute: bool,
    /// Proposals are not put in order.
    is_full: bool,
    /// Whether a client is not read, where that has changed.
    held: BTreeMap<ClientId, bool>,
    /// Bytes that somebody has room for, where that is not without end.
    rooms: BTreeMap<ClientId, usize>,
    /// A node has not answered what was missed.
    is_silent: bool,
    /// What the first did to its history while another was away.
    history_ops: Vec<Keep>,
    /// With what the nodes' names end.
    domain: &'static str,
    keeps_history: bool,
}

/// A node's settings.
pub(super) fn of_node(number: u32) -> Settings {
    let operator = Operator {
        name: "root".to_owned(),
        password: Some(Password::new("pw".to_owned())),
        fingerprint: None,
        rights: Right::ALL.into_iter().collect(),
    };
    let accounts = AccountSettings { registration: true, iterations: FEWEST_ITERATIONS, ..AccountSettings::default() };
    let (name, description) = (format!("n{number}.test"), format!("n{number}.test itself"));
    Settings { name, description, history: true, operators: vec![operator], accounts, ..settings() }
}

impl Net {
    pub(super) fn of(nodes: u32) -> Net {
        Net::in_domain(nodes, ".test")
    }

    /// The same where nothing that is said is kept.
    fn without_history(nodes: u32) -> Net {
        let mut net = Net { keeps_history: false, ..Net::of(0) };
        (1..=nodes).for_each(|number| net.join(number));
        net
    }

    /// One of nodes that are called `n1`, `n2` and so on, and this after it.
    fn in_domain(nodes: u32, domain: &'static str) -> Net {
        let mut net = Net {
            nodes: BTreeMap::new(),
            now: Now { unix_ms: START_MS },
            sequence: 0,
            names: BTreeMap::new(),
            seen: Vec::new(),
            snapshots: BTreeMap::new(),
            is_mute: false,
            is_full: false,
            held: BTreeMap::new(),
            rooms: BTreeMap::new(),
            is_silent: false,
            history_ops: Vec::new(),
            domain,
            keeps_history: true,
        };
        (1..=nodes).for_each(|number| net.join(number));
        net
    }

    /// A node comes in; the first founds the network, the others are told how things stand.
    fn join(&mut self, number: u32) {
        let first = self.nodes.values().all(|node| node.cut);
        self.sequence += 1;
        let at = self.now;
        let name = format!("n{number}{}", self.domain);
        let entry = Entry::Joined(NodeId(number), name.clone(), at);
        let core = Core::new(Settings { name, history: self.keeps_history, ..of_node(number) }, &[]);
        let archive = Archive::in_memory(Bounds::default()).unwrap();
        let new = || Node {
            core,
            archive,
            inbox: VecDeque::new(),
            asked: VecDeque::new(),
            connections: 0,
            unsent: Vec::new(),
            cut: false,
        };
        self.nodes.entry(number).or_insert_with(new).cut = false;
        self.nodes.values_mut().filter(|node| !node.cut).for_each(|node| node.inbox.push_back(entry.clone()));
        // What came before, the joiner knows; it reads on when it has heard how things stood then.
        self.nodes.get_mut(&number).unwrap().inbox.clear();
        self.deliver();
        let snapshot = self.snapshots.remove(&number).map(|text| serde_json::from_str::<Snapshot>(&text).unwrap());
        assert_eq!(snapshot.is_none(), first);
        let records = self.nodes.values().next().unwrap().archive.records().unwrap();
        let (node, at) = (NodeId(number), at);
        let taken_back = self.catch_up_on_history(number);
        let joined = Joined { node, at, first_number: 1, snapshot, records, taken_back };
        self.event(number, Event::Joined(Box::new(joined)));
        self.deliver();
    }

    /// Does to its history what the others did while it was away; what was taken back.
    fn catch_up_on_history(&mut self, number: u32) -> Vec<(Buffer, String)> {
        let node = self.nodes.get_mut(&number).unwrap();
        self.history_ops.iter().for_each(|keep| node.archive.keep(keep).unwrap());
        taken_back(&std::mem::take(&mut self.history_ops))
    }

    fn event(&mut self, number: u32, event: Event) {
        let Some(node) = self.nodes.get_mut(&number) else { return };
        let mut actions = Actions::new();
        node.core.handle(self.now, event, &mut actions);
        let actions: Vec<Action> = actions.drain().collect();
        actions.into_iter().for_each(|action| self.carry_out(number, action));
        self.answer_all(number);
    }

    fn answer_all(&mut self, number: u32) {
        if self.is_mute {
            return;
        }
        while let Some((client, question)) = self.nodes.get_mut(&number).and_then(|node| node.asked.pop_front()) {
            let answer = match question {
                Question::Random { length } => Answer::Random(vec![7; length]),
                Question::Derive(asked) => crate::server::derive(asked),
                Question::LastMessages(clients) => {
                    let told = self.nodes.values().flat_map(|node| node.core.last_messages(&clients));
                    Answer::LastMessages(told.collect())
                }
                Question::Missed { buffer, waiting } => self.missed(number, buffer, &waiting),
                question => self.nodes.get_mut(&number).unwrap().archive.answer(&question).unwrap(),
            };
            self.event(number, Event::Answered { client, answer: Box::new(answer) });
        }
    }

    /// The next of what all nodes have, the others as far as they are by now.
    fn missed(&self, number: u32, buffer: Buffer, waiting: &[(ClientId, Position)]) -> Answer {
        let room = |client: &ClientId| self.rooms.get(client).copied().unwrap_or(usize::MAX);
        let room: BTreeMap<ClientId, usize> =
            waiting.iter().map(|(client, _)| (*client, room(client))).filter(|(_, room)| *room > 0).collect();
        let after = waiting.iter().filter(|(client, _)| room.contains_key(client)).map(|(_, upto)| *upto).min();
        let Some(after) = after else {
            return Answer::Missed { buffer, stretch: Stretch::default(), is_whole: true, room };
        };
        let query = PageQuery { buffer: buffer.clone(), after, newest: CATCH_UP_LINES };
        let found = |node: &Node| match node.archive.answer(&Question::Page(query.clone())).unwrap() {
            Answer::Page(found) => found,
            _ => Page::default(),
        };
        let others = self.nodes.iter().filter(|(other, node)| **other != number && !node.cut);
        let others = others.map(|(_, node)| found(node)).collect();
        let asked_at = Read { at: self.now, sequence: self.sequence };
        let stretch = together(after, asked_at, others, found(&self.nodes[&number]));
        Answer::Missed { buffer, stretch, is_whole: !self.is_silent, room }
    }

    fn carry_out(&mut self, number: u32, action: Action) {
        let is_torn = self.nodes.values().any(|node| node.cut);
        let node = self.nodes.get_mut(&number).unwrap();
        match action {
            Action::Send { client, line } => {
                assert_eq!(client.node(), NodeId(number), "a node writes to its own clients only");
                let line = std::str::from_utf8(&line).unwrap().strip_suffix("\r\n").unwrap().to_owned();
                let name = self.names.iter().find(|(_, id)| **id == client).map_or("?", |(name, _)| name);
                self.seen.push(format!("{name} < {line}"));
            }
            Action::Close { client, .. } => {
                let name = self.names.iter().find(|(_, id)| **id == client).map_or("?", |(name, _)| name);
                self.seen.push(format!("{name} closed"));
            }
            Action::Keep(keep) => {
                node.archive.keep(&keep).unwrap();
                if is_torn && number == 1 && matches!(*keep, Keep::Redacted { .. } | Keep::Moved { .. }) {
                    self.history_ops.push(*keep);
                }
            }
            Action::Ask { client, question } => node.asked.push_back((client, *question)),
            Action::Propose(proposal) if node.cut || self.is_full => node.unsent.push(*proposal),
            Action::Propose(proposal) => self.order(number, *proposal),
            Action::Describe { node: joiner } => {
                let text = serde_json::to_string(&node.core.snapshot()).unwrap();
                self.snapshots.insert(joiner.0, text);
            }
            Action::Listen { client, listens } => drop(self.held.insert(client, !listens)),
            Action::WakeAt { .. } | Action::Reload | Action::Log(_) => {}
        }
    }

    /// What the bus does with a proposal; the change crosses it as text.
    fn order(&mut self, origin: u32, proposal: Proposal) {
        self.sequence += 1;
        self.now.unix_ms += 1;
        let text = serde_json::to_string(&proposal.change).unwrap();
        let Proposal { number, reach, .. } = proposal;
        for (name, node) in self.nodes.iter_mut().filter(|(_, node)| !node.cut) {
            let reached = match &reach {
                Reach::Everyone => true,
                Reach::Nodes(nodes) => *name == origin || nodes.contains(&NodeId(*name)),
            };
            if reached {
                let change: Change = serde_json::from_str(&text).unwrap();
                let (sequence, at, reach) = (self.sequence, self.now, reach.clone());
                let origin = NodeId(origin);
                node.inbox.push_back(Entry::Ordered(Ordered { sequence, at, origin, number, reach, change }));
            }
        }
    }

    /// One node takes the next entry of its inbox.
    fn step(&mut self, number: u32) -> bool {
        let Some(entry) = self.nodes.get_mut(&number).and_then(|node| node.inbox.pop_front()) else { return false };
        let event = match entry {
            Entry::Ordered(ordered) => Event::Ordered(Box::new(ordered)),
            Entry::Joined(node, name, at) => Event::NodeJoined {
                description: format!("{name} itself"),
                node,
                name,
                version: "chat-0.1.0".to_owned(),
                at,
            },
            Entry::Left(node, sequence, at) => Event::NodeLeft { node, reason: "lost".to_owned(), at, sequence },
        };
        self.event(number, event);
        true
    }

    /// Until every node has taken everything.
    fn deliver(&mut self) {
        let numbers: Vec<u32> = self.nodes.keys().copied().collect();
        while numbers.iter().filter(|number| self.step(**number)).count() > 0 {}
    }

    fn connect(&mut self, name: &str, number: u32, account: Option<&str>) {
        let node = self.nodes.get_mut(&number).unwrap();
        node.connections += 1;
        let client = NodeId(number).client(node.connections);
        self.names.insert(name.to_owned(), client);
        let identity = account.map(identity);
        let host = "::1".to_owned();
        self.event(number, Event::Accepted { client, host, secure: true, identity, may_move: false });
    }

    /// Typed, and not carried over the bus yet.
    fn type_line(&mut self, name: &str, line: &str) {
        let client = self.names[name];
        self.event(client.node().0, Event::Line { client, line: line.as_bytes().to_vec() });
    }

    fn line(&mut self, name: &str, line: &str) {
        self.type_line(name, line);
        self.deliver();
    }

    fn user(&mut self, name: &str, number: u32, capabilities: &str, account: Option<&str>) {
        self.connect(name, number, account);
        if !capabilities.is_empty() {
            self.line(name, &format!("CAP REQ :{capabilities}"));
            self.line(name, "CAP END");
        }
        self.line(name, &format!("NICK {name}"));
        self.line(name, &format!("USER {name} 0 * :{name}"));
        self.seen.clear();
    }

    fn lose(&mut self, name: &str) {
        let client = self.names[name];
        self.event(client.node().0, Event::Gone { client, reason: "lost".to_owned() });
    }

    /// The others give a node up.
    fn give_up(&mut self, number: u32) {
        self.nodes.get_mut(&number).unwrap().cut = true;
        self.sequence += 1;
        let entry = Entry::Left(NodeId(number), self.sequence, self.now);
        self.nodes.values_mut().filter(|node| !node.cut).for_each(|node| node.inbox.push_back(entry.clone()));
    }

    /// It hears so, and comes again.
    fn come_back(&mut self, number: u32) {
        let unsent = std::mem::take(&mut self.nodes.get_mut(&number).unwrap().unsent);
        self.event(number, Event::Reached);
        for proposal in unsent {
            self.event(number, Event::NotMade { number: proposal.number, why: "the bus was away".to_owned() });
        }
        self.event(number, Event::GivenUp);
        self.join(number);
    }

    fn seen(&mut self) -> Vec<String> {
        std::mem::take(&mut self.seen)
    }

    /// What one of them saw.
    fn seen_by(&mut self, name: &str) -> Vec<String> {
        let start = format!("{name} < ");
        self.seen().iter().filter_map(|line| line.strip_prefix(&start).map(str::to_owned)).collect()
    }

    /// What all nodes know has to be the same.
    fn check(&self) {
        let mut pictures = self.nodes.values().filter(|node| !node.cut).map(|node| picture(&node.core));
        let first = pictures.next().unwrap();
        for picture in pictures {
            if let Some(difference) = first_difference(&first, &picture) {
                panic!("{difference}");
            }
        }
    }
}

/// Where two pictures part.
pub(super) fn first_difference(one: &str, other: &str) -> Option<String> {
    let differs = one.lines().zip(other.lines()).enumerate().find(|(_, (one, other))| one != other);
    let at = differs.map(|(at, _)| at).or((one.len() != other.len()).then_some(usize::MAX))?;
    let around = |text: &str| text.lines().skip(at.saturating_sub(12)).take(16).collect::<Vec<_>>().join("\n");
    Some(format!("{}\n-- but --\n{}", around(one), around(other)))
}

/// All that every node of a network has to know in the same way.
pub(super) fn picture(core: &Core) -> String {
    let state = &core.state;
    let mut registered: Vec<String> = state.registered.names();
    registered.sort_unstable();
    let snapshot = serde_json::to_string_pretty(&core.snapshot()).unwrap();
    format!("{snapshot}\n{registered:?}\n{:?}", state.counts.without_here())
}
