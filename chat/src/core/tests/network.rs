//! Several nodes with a bus that puts everything in order and loses nothing: what users of different nodes see of each other.

use std::collections::{BTreeMap, VecDeque};

use proptest::prelude::*;

use super::{START_MS, identity, settings};
use crate::archive::{Archive, Bounds};
use crate::core::accounts::{AccountSettings, FEWEST_ITERATIONS};
use crate::core::keep::{
    Answer, Buffer, HistoryQuery, Keep, Page, PageQuery, Place, Position, Question, RecordKind, Stretch, taken_back,
};
use crate::core::limits::{CATCH_UP_LINES, CATCH_UP_REST_MS, HELD_LINES};
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

#[test]
fn who_writes_faster_than_lines_are_ordered_is_not_read_meanwhile_and_each_line_comes_once() {
    let mut net = Net::of(2);
    for (name, node) in [("al", 1), ("bo", 2)] {
        net.user(name, node, "", None);
        net.line(name, "JOIN #a");
    }
    net.seen();
    let count = HELD_LINES + 2;
    (0..count).for_each(|number| net.type_line("al", &format!("PRIVMSG #a :{number}")));
    let al = net.names["al"];
    assert_eq!(net.held.get(&al), Some(&true));
    net.type_line("al", "QUIT :that was all");
    net.deliver();
    assert_eq!(net.held.get(&al), Some(&false));
    let mut expected: Vec<String> = (0..count).map(|number| format!(":al!al@0::1 PRIVMSG #a :{number}")).collect();
    expected.push(":al!al@0::1 QUIT :Quit: that was all".to_owned());
    assert_eq!(net.seen_by("bo"), expected);
}

#[test]
fn what_was_said_before_the_connection_ended_is_said() {
    let mut net = Net::of(2);
    for (name, node) in [("al", 1), ("bo", 2)] {
        net.user(name, node, "", None);
        net.line(name, "JOIN #a");
    }
    net.seen();
    (0..3).for_each(|number| net.type_line("al", &format!("PRIVMSG #a :{number}")));
    net.lose("al");
    net.deliver();
    let mut expected: Vec<String> = (0..3).map(|number| format!(":al!al@0::1 PRIVMSG #a :{number}")).collect();
    expected.push(":al!al@0::1 QUIT :lost".to_owned());
    assert_eq!(net.seen_by("bo"), expected);
    net.check();
}

#[test]
fn users_of_two_nodes_are_in_one_channel() {
    let mut net = Net::of(3);
    net.user("al", 1, "", None);
    net.user("bo", 2, "", None);
    net.line("al", "JOIN #a");
    net.line("bo", "JOIN #a");
    assert!(net.seen_by("al").contains(&":bo!bo@0::1 JOIN #a".to_owned()));
    net.line("al", "PRIVMSG #a :hello");
    assert_eq!(net.seen_by("bo"), [":al!al@0::1 PRIVMSG #a :hello"]);
    net.line("bo", "PRIVMSG al :hello you");
    assert_eq!(net.seen(), ["al < :bo!bo@0::1 PRIVMSG al :hello you"]);
    net.line("bo", "NAMES #a");
    assert_eq!(net.seen_by("bo")[0], ":n2.test 353 bo = #a :@al bo");
    net.check();
}

#[test]
fn a_nodes_name_is_refused_as_a_nickname_where_it_is_asked_for_and_nowhere_else() {
    let mut net = Net::in_domain(2, "");
    net.user("al", 1, "", None);
    for name in ["N1", "n2"] {
        net.line("al", &format!("NICK {name}"));
        let refused = format!(":n1 433 al {name} :Nickname is already in use: it is the name of a server");
        assert_eq!(net.seen_by("al"), [refused]);
    }
    // As if it had been proposed before that node came: all apply it alike, the new one too.
    net.join(3);
    let change = Change::Line { client: net.names["al"], line: "NICK n3".to_owned() };
    net.order(1, Proposal { number: 1000, reach: Reach::Everyone, change });
    net.deliver();
    assert!(net.seen_by("al")[0].ends_with(" NICK :n3"));
    net.check();
}

#[test]
fn a_nickname_taken_on_two_nodes_at_once_goes_to_one() {
    let mut net = Net::of(2);
    for (name, node) in [("one", 1), ("two", 2)] {
        net.connect(name, node, None);
        net.type_line(name, "NICK same");
        net.type_line(name, "USER u 0 * :u");
    }
    net.deliver();
    let seen = net.seen();
    assert!(seen.iter().any(|line| line.starts_with("one < :n1.test 001 same")), "{seen:#?}");
    assert!(seen.contains(&"two < :n2.test 433 * same :Nickname is already in use".to_owned()), "{seen:#?}");
    net.line("two", "NICK other");
    assert!(net.seen_by("two")[0].starts_with(":n2.test 001 other"));
    net.type_line("one", "NICK third");
    net.type_line("two", "NICK third");
    net.deliver();
    assert!(net.seen_by("two").contains(&":n2.test 433 other third :Nickname is already in use".to_owned()));
    net.check();
}

#[test]
fn how_long_somebody_has_said_nothing_is_told_on_every_node() {
    let mut net = Net::of(3);
    for (name, node) in [("al", 1), ("bo", 2), ("cy", 3)] {
        net.user(name, node, "", None);
        net.line(name, "JOIN #a");
    }
    net.now.unix_ms += 60_000;
    net.line("al", "PRIVMSG #a :the last word");
    net.now.unix_ms += 7_000;
    net.seen();
    let mut pictures = Vec::new();
    for asker in ["al", "bo", "cy"] {
        net.line(asker, "WHOIS al,bo");
        let told = net.seen_by(asker);
        let idle = told.iter().filter(|line| line.contains(" 317 ")).filter_map(|line| line.split_once(asker));
        pictures.push(idle.map(|(_, rest)| rest.to_owned()).collect::<Vec<_>>());
        net.line(asker, "WHO #a %nl");
        let mut rows = net.seen_by(asker);
        rows.sort_unstable();
        let expected = ["al 7", "bo 67", "cy 67"].map(|row| format!(" 354 {asker} {row}"));
        assert!(expected.iter().all(|row| rows.iter().any(|line| line.ends_with(row))), "{rows:#?}");
    }
    assert_eq!(pictures[0].len(), 2, "{pictures:#?}");
    assert!(pictures.iter().all(|picture| *picture == pictures[0]), "{pictures:#?}");
    // Lines behind the question keep their place.
    net.is_mute = true;
    net.line("bo", "WHOIS al");
    net.line("bo", "PING :behind");
    assert!(net.seen().is_empty());
    net.is_mute = false;
    net.answer_all(2);
    net.deliver();
    let told = net.seen_by("bo");
    assert!(told.iter().any(|line| line.contains(" 317 bo al 7 ")), "{told:#?}");
    assert!(told.last().is_some_and(|line| line.contains("PONG") && line.ends_with("behind")), "{told:#?}");
    net.check();
}

#[test]
fn whois_list_links_and_map_tell_of_the_whole_network() {
    let mut net = Net::of(2);
    net.user("al", 1, "", None);
    net.user("bo", 2, "", None);
    net.line("bo", "JOIN #b");
    net.line("bo", "TOPIC #b :ours");
    net.seen();
    net.line("al", "WHOIS bo");
    assert!(net.seen_by("al").contains(&":n1.test 312 al bo n2.test :n2.test itself".to_owned()));
    net.line("al", "LIST");
    assert!(net.seen_by("al").contains(&":n1.test 322 al #b 1 :ours".to_owned()));
    net.line("al", "LINKS");
    let links = net.seen_by("al");
    assert_eq!(links.len(), 3);
    assert_eq!(links[1], ":n1.test 364 al n2.test n1.test :1 n2.test itself");
    net.line("al", "MAP");
    assert_eq!(net.seen_by("al")[1], ":n1.test 006 al :`- n2.test (1 users, chat-0.1.0)");
    net.line("al", "LUSERS");
    let lusers = net.seen_by("al");
    assert_eq!(lusers[0], ":n1.test 251 al :There are 2 users and 0 invisible on 2 servers");
    assert!(lusers.contains(&":n1.test 255 al :I have 1 clients and 1 servers".to_owned()), "{lusers:#?}");
}

#[test]
fn whowas_names_the_node_that_somebody_was_on() {
    let mut net = Net::of(2);
    net.user("al", 1, "", None);
    net.user("bo", 2, "", None);
    net.line("bo", "QUIT");
    net.join(3);
    net.user("cy", 3, "", None);
    for (asker, node) in [("al", 1), ("cy", 3)] {
        net.line(asker, "WHOWAS bo");
        let told = net.seen_by(asker);
        assert!(told[1].starts_with(&format!(":n{node}.test 312 {asker} bo n2.test :20")), "{told:#?}");
    }
    net.check();
}

#[test]
fn who_is_on_another_node_leaves_with_the_end_of_the_certificate() {
    let mut net = Net::of(2);
    net.user("al", 1, "", None);
    net.user("bo", 2, "", Some("bo"));
    net.line("al", "JOIN #a");
    net.line("bo", "JOIN #a");
    net.seen();
    net.now.unix_ms = (identity("bo").not_after_unix + 1) * 1000;
    net.event(2, Event::Tick);
    net.deliver();
    let told = net.seen_by("al");
    assert_eq!(told, [":bo!bo@0::1 QUIT :Your certificate has expired: renew it (pki renew NAME) and connect again"]);
    net.line("al", "NICK bo");
    net.check();
}

/// The numbers of docs/scaling.md.
#[test]
fn a_snapshot_has_some_seven_hundred_bytes_for_each_user() {
    let mut net = Net::of(1);
    let count = 300;
    for number in 0..count {
        let name = format!("somebody{number}");
        net.connect(&name, 1, Some(&name));
        for line in [
            format!("NICK {name}"),
            format!("USER {name} 0 * :Some Body"),
            format!("JOIN #lobby,#channel{}", number / 20),
        ] {
            net.line(&name, &line);
        }
    }
    let bytes = serde_json::to_string(&net.nodes[&1].core.snapshot()).unwrap().len() / count;
    assert!((650..780).contains(&bytes), "{bytes}");
    let users = crate::bus::limits::SNAPSHOT_BYTES / bytes;
    assert!((340_000..420_000).contains(&users), "{users}");
}

#[test]
fn kicks_kills_and_bans_act_across_nodes() {
    let mut net = Net::of(2);
    net.user("al", 1, "", None);
    net.user("bo", 2, "", None);
    net.user("cy", 2, "", None);
    for name in ["al", "bo", "cy"] {
        net.line(name, "JOIN #a");
    }
    net.seen();
    net.line("al", "KICK #a bo :out");
    assert_eq!(net.seen_by("bo"), [":al!al@0::1 KICK #a bo :out"]);
    net.line("al", "MODE #a +b bo!*@*");
    net.seen();
    net.line("bo", "JOIN #a");
    assert!(net.seen_by("bo")[0].starts_with(":n2.test 474 bo #a"));
    net.line("al", "OPER root pw");
    net.line("al", "KILL cy :enough");
    let seen = net.seen();
    assert!(seen.contains(&"cy closed".to_owned()), "{seen:#?}");
    assert!(seen.contains(&"al < :cy!cy@0::1 QUIT :Killed (al (enough))".to_owned()), "{seen:#?}");
    net.check();
}

#[test]
fn monitor_away_and_accounts_cross_nodes() {
    let mut net = Net::of(2);
    net.user("al", 1, "extended-monitor away-notify account-notify", None);
    net.line("al", "MONITOR + bo");
    assert_eq!(net.seen_by("al"), [":n1.test 731 al :bo"]);
    net.user("bo", 2, "", Some("bo@example.test"));
    net.line("bo", "AWAY :out");
    assert_eq!(net.seen_by("al"), [":bo!bo@0::1 AWAY :out"]);
    net.connect("bo2", 1, None);
    net.line("bo2", "NICK bo@example");
    net.line("bo2", "NICK Bo");
    let seen = net.seen_by("bo2");
    assert!(seen[1].contains(" 433 * Bo :Nickname is reserved for the account bo@example.test"), "{seen:#?}");
    net.lose("bo");
    net.deliver();
    assert_eq!(net.seen_by("al"), [":n1.test 731 al :bo"]);
    net.check();
}

#[test]
fn who_watches_from_a_node_that_was_away_is_told_who_is_there() {
    let mut net = Net::of(2);
    for (name, node) in [("al", 1), ("cy", 1), ("bo", 2)] {
        net.user(name, node, "", None);
    }
    net.line("bo", "MONITOR + al,cy,zed");
    net.seen();
    net.event(2, Event::CutOff { why: "away".to_owned() });
    net.give_up(2);
    net.deliver();
    net.user("zed", 1, "", None);
    net.lose("cy");
    net.deliver();
    net.come_back(2);
    let told: Vec<_> = net.seen_by("bo").into_iter().filter(|line| line.contains(" 73")).collect();
    let line = |text: &str| format!(":n2.test {text}");
    let expected = ["731 bo :al", "731 bo :cy", "730 bo :al!al@0::1", "730 bo :zed!zed@0::1"].map(line);
    assert_eq!(told, expected);
    net.check();
}

#[test]
fn what_a_sender_hears_of_its_message_comes_in_its_place() {
    let mut net = Net::of(2);
    net.user("al", 1, "echo-message labeled-response message-tags batch", None);
    net.user("bo", 2, "message-tags", None);
    net.line("al", "JOIN #a");
    net.line("bo", "JOIN #a");
    net.seen();
    net.type_line("al", "@label=x PRIVMSG #a :one");
    net.type_line("al", "PING after");
    assert_eq!(net.seen(), Vec::<String>::new(), "nothing is told before it has its place");
    net.deliver();
    let seen = net.seen();
    let of = |start: &str| seen.iter().filter(|line| line.starts_with(start)).cloned().collect::<Vec<_>>();
    assert!(of("al < ")[0].starts_with("al < @label=x;"), "{seen:#?}");
    assert!(of("al < ")[1].ends_with("PONG n1.test :after"), "{seen:#?}");
    let msgid = |line: &str| line.split("msgid=").nth(1).unwrap().split([' ', ';']).next().unwrap().to_owned();
    assert_eq!(msgid(&of("al < ")[0]), msgid(&of("bo < ")[0]), "a message has one name");
}

#[test]
fn a_message_that_was_overtaken_by_a_join_reaches_the_newcomer() {
    let mut net = Net::of(3);
    net.user("al", 1, "", None);
    net.user("bo", 2, "", None);
    net.user("cy", 3, "", None);
    net.line("al", "JOIN #a");
    net.line("bo", "JOIN #a");
    net.seen();
    // The bus has the JOIN first, and node 1 does not know it yet when al speaks.
    net.type_line("cy", "JOIN #a");
    net.type_line("al", "PRIVMSG #a :hi");
    net.type_line("al", "PRIVMSG #a :again");
    net.deliver();
    let seen = net.seen();
    let said = |name: &str| {
        let of: Vec<_> = seen.iter().filter(|line| line.starts_with(name) && line.contains("PRIVMSG")).collect();
        of.iter().map(|line| line.rsplit(' ').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((said("bo"), said("cy")), (vec![":hi".into(), ":again".into()], vec![":hi".into(), ":again".into()]));
    net.check();
}

#[test]
fn the_users_of_a_node_that_is_gone_are_gone() {
    let mut net = Net::of(2);
    net.user("al", 1, "", None);
    net.user("bo", 2, "", None);
    net.line("al", "JOIN #a");
    net.line("bo", "JOIN #a");
    net.seen();
    net.give_up(2);
    net.deliver();
    assert_eq!(net.seen(), ["al < :bo!bo@0::1 QUIT :n2.test is gone: lost"]);
    net.line("al", "LINKS");
    assert_eq!(net.seen().len(), 2);
}

#[test]
fn who_waits_for_the_others_during_a_cut_is_told_that_the_server_is_here() {
    let mut net = Net::of(2);
    net.user("al", 1, "", None);
    net.line("al", "JOIN #a");
    net.seen();
    // The line is on its way when the way is lost, so nothing is known of it yet.
    net.type_line("al", "PRIVMSG #a :on its way");
    net.event(1, Event::CutOff { why: "connection refused".to_owned() });
    net.type_line("al", "TIME");
    net.seen();
    net.type_line("al", "PING lag");
    assert_eq!(net.seen_by("al"), [":n1.test PONG n1.test :lag"]);
    net.event(1, Event::Reached);
    net.deliver();
    net.type_line("al", "PING after");
    let seen = net.seen_by("al");
    let place =
        |text: &str| seen.iter().position(|line| line.contains(text)).unwrap_or_else(|| panic!("{text}: {seen:#?}"));
    assert!(place(" 391 al ") < place("PONG n1.test :after"), "the rest is in its order: {seen:#?}");
}

#[test]
fn who_was_cut_off_comes_back_with_its_channels_and_perhaps_another_nickname() {
    let mut net = Net::of(2);
    net.user("al", 1, "", None);
    net.user("bo", 2, "", None);
    net.user("cy", 2, "", None);
    net.line("bo", "JOIN #a");
    net.line("cy", "JOIN #a");
    net.line("al", "JOIN #a");
    net.line("bo", "MODE #a +v cy");
    net.seen();
    net.event(2, Event::CutOff { why: "connection refused".to_owned() });
    net.line("bo", "PRIVMSG #a :lost?");
    let refused = net.seen_by("bo");
    assert!(refused[1].contains(" 400 bo PRIVMSG :Not done: this server is cut off"), "{refused:#?}");
    net.give_up(2);
    net.deliver();
    net.user("late", 1, "", None);
    net.line("late", "NICK cy");
    net.line("late", "JOIN #a");
    net.seen();
    net.come_back(2);
    let seen = net.seen();
    for expected in [
        "bo < :al!al@0::1 QUIT :n1.test is gone: cut off",
        "bo < :al!al@0::1 JOIN #a",
        "bo < :cy!late@0::1 JOIN #a",
        "cy < :cy!cy@0::1 NICK :Guest1",
        "cy < :n2.test NOTICE Guest1 :Somebody took your nickname while this server was cut off from the others: you are Guest1 now.",
        "al < :bo!bo@0::1 JOIN #a",
        "al < :n1.test MODE #a +o bo",
        "al < :Guest1!cy@0::1 JOIN #a",
        "al < :n1.test MODE #a +v Guest1",
        "bo < :n2.test NOTICE bo :This server is back with the others. What they said in your channels meanwhile follows.",
        "cy < :n2.test NOTICE Guest1 :This server is back with the others. What they said in your channels meanwhile follows.",
    ] {
        assert!(seen.iter().any(|line| line == expected), "{expected}: {seen:#?}");
    }
    assert!(!seen.iter().any(|line| line.starts_with("cy < :bo!") && line.contains("QUIT")), "{seen:#?}");
    net.line("bo", "PRIVMSG #a :back");
    assert_eq!(net.seen_by("al"), [":bo!bo@0::1 PRIVMSG #a :back"]);
    net.check();
}

/// Two users of the first node and two of the second, which is given up; what is said meanwhile is said on the first.
fn torn() -> Net {
    let mut net = Net::of(2);
    for (name, node) in [("al", 1), ("bo", 2), ("cy", 2)] {
        net.user(name, node, "message-tags echo-message", None);
        net.line(name, "JOIN #a");
    }
    net.line("al", "PRIVMSG #a :before");
    net.event(2, Event::CutOff { why: "connection refused".to_owned() });
    net.give_up(2);
    net.deliver();
    net.seen();
    net
}

/// The texts that somebody of these was told, in order.
fn texts(seen: &[String], name: &str) -> Vec<String> {
    let start = format!("{name} < ");
    let said = seen.iter().filter(|line| line.starts_with(&start) && line.contains(" PRIVMSG #a "));
    said.filter_map(|line| line.rsplit_once(" :")).map(|(_, text)| text.to_owned()).collect()
}

#[test]
fn who_was_cut_off_is_told_what_was_said_meanwhile_once_and_before_the_rest() {
    let mut net = torn();
    net.line("al", "PRIVMSG #a :one");
    net.line("al", "@+tag=x PRIVMSG #a :two");
    net.line("al", "PRIVMSG @#a :for operators");
    net.is_mute = true;
    net.come_back(2);
    net.line("al", "PRIVMSG #a :three");
    net.line("bo", "PRIVMSG #a :four");
    let seen = net.seen();
    assert_eq!((texts(&seen, "bo"), texts(&seen, "cy")), (vec![], vec![]), "nothing overtakes what was missed");
    net.is_mute = false;
    net.answer_all(2);
    net.deliver();
    let seen = net.seen();
    for name in ["bo", "cy"] {
        assert_eq!(texts(&seen, name), ["one", "two", "three", "four"], "{seen:#?}");
    }
    assert!(seen.iter().any(|line| line.starts_with("cy < @msgid=") && line.contains(";+tag=x :al!")), "{seen:#?}");
    net.line("al", "PRIVMSG #a :five");
    assert_eq!(texts(&net.seen(), "bo"), ["five"]);
    net.check();
}

#[test]
fn a_missed_message_of_several_lines_comes_as_its_reader_takes_it() {
    let mut net = torn();
    net.user("dee", 1, "batch draft/multiline message-tags", None);
    net.line("dee", "JOIN #a");
    for line in ["BATCH +r draft/multiline #a", "@batch=r PRIVMSG #a :first", "@batch=r PRIVMSG #a :second", "BATCH -r"]
    {
        net.line("dee", line);
    }
    net.line("al", "PRIVMSG #a :third");
    net.seen();
    net.come_back(2);
    assert_eq!(texts(&net.seen(), "bo"), ["first", "second", "third"]);
}

#[test]
fn what_is_said_goes_to_no_node_that_has_nobody_to_hear_it() {
    let mut net = Net::of(4);
    for (name, node) in [("al", 1), ("bo", 2), ("cy", 3)] {
        net.user(name, node, "", None);
    }
    net.line("al", "JOIN #a");
    net.line("bo", "JOIN #a");
    let waits = |net: &Net| (1..=4).map(|node| net.nodes[&node].inbox.len()).collect::<Vec<_>>();
    net.type_line("al", "PRIVMSG #a :to both");
    assert_eq!(waits(&net), [1, 1, 0, 0]);
    net.deliver();
    net.type_line("al", "PRIVMSG cy :to one");
    assert_eq!(waits(&net), [1, 0, 1, 0]);
    net.deliver();
    net.line("al", "PART #a");
    net.type_line("bo", "PRIVMSG #a :to oneself, and one more keeps it");
    assert_eq!(waits(&net), [0, 1, 1, 0]);
}

/// What decision 27 says a node has to do for channels that it has no members of.
#[test]
fn what_changes_in_a_channel_costs_a_node_without_members_a_short_line_and_nothing_more() {
    let mut net = Net::of(4);
    net.user("al", 1, "", None);
    net.user("bo", 2, "", None);
    net.line("al", "JOIN #a");
    net.seen();
    let lines = [
        ("al", "MODE #a +b *!*@spam.test", 67),
        ("al", "MODE #a +ntk key", 59),
        ("al", "TOPIC #a :What we talk about today", 77),
        ("bo", "JOIN #a key", 54),
        ("al", "MODE #a +v bo", 56),
        ("bo", "PART #a", 50),
    ];
    for (name, line, bytes) in lines {
        net.type_line(name, line);
        let of_fourth: Vec<Entry> = net.nodes[&4].inbox.iter().cloned().collect();
        let [Entry::Ordered(ordered)] = &of_fourth[..] else { panic!("{line}: {of_fourth:?}") };
        assert_eq!(serde_json::to_string(&ordered.change).unwrap().len(), bytes, "{line}");
        net.deliver();
        let seen = net.seen();
        assert!(!seen.is_empty() && seen.iter().all(|line| line.starts_with("al") || line.starts_with("bo")));
    }
    let (buffer, place) = (Buffer::channel("#a"), Place::Latest(None));
    let all = HistoryQuery { buffer, place, limit: 99, events: true };
    let kept = net.nodes[&4].archive.answer(&Question::History(all)).unwrap();
    assert!(matches!(kept, Answer::History(kept) if kept.is_empty()), "nor does it keep any of it");
}

#[test]
fn who_is_cut_off_again_before_it_was_told_is_told_later() {
    let mut net = torn();
    net.line("al", "PRIVMSG #a :one");
    net.is_mute = true;
    net.come_back(2);
    net.line("al", "PRIVMSG #a :two");
    net.give_up(2);
    net.deliver();
    net.line("al", "PRIVMSG #a :three");
    net.nodes.get_mut(&2).unwrap().asked.clear();
    net.is_mute = false;
    net.seen();
    net.come_back(2);
    let seen = net.seen();
    for name in ["bo", "cy"] {
        assert_eq!(texts(&seen, name), ["one", "two", "three"], "{seen:#?}");
    }
}

#[test]
fn who_is_cut_off_again_before_it_is_back_stays_who_it_was() {
    let mut net = torn();
    net.is_full = true;
    net.come_back(2);
    net.event(2, Event::CutOff { why: "the bus is full".to_owned() });
    for proposal in std::mem::take(&mut net.nodes.get_mut(&2).unwrap().unsent) {
        net.event(2, Event::NotMade { number: proposal.number, why: "the bus is full".to_owned() });
    }
    net.is_full = false;
    net.type_line("bo", "NICK robert");
    net.seen();
    net.event(2, Event::Reached);
    net.deliver();
    let seen = net.seen();
    for expected in ["al < @msgid=", " :bo!bo@0::1 JOIN #a", "al < :bo!bo@0::1 NICK :robert"] {
        assert!(seen.iter().any(|line| line.contains(expected)), "{expected}: {seen:#?}");
    }
    assert!(!seen.iter().any(|line| line.contains("ERROR") || line.contains("closed")), "{seen:#?}");
    net.check();
}

#[test]
fn who_is_no_member_any_more_is_told_nothing_and_waits_no_longer() {
    let mut net = torn();
    net.line("al", "PRIVMSG #a :one");
    net.is_mute = true;
    net.come_back(2);
    net.line("cy", "PING behind");
    net.line("al", "MODE #a +o al");
    net.line("al", "OPER root pw");
    net.line("al", "KILL bo :enough");
    net.line("al", "CHANNEL REGISTER #a");
    net.line("al", "KICK #a cy");
    net.seen();
    net.is_mute = false;
    net.answer_all(2);
    net.deliver();
    let seen = net.seen();
    assert_eq!(texts(&seen, "cy"), [""; 0], "{seen:#?}");
    assert!(seen.contains(&"cy < :n2.test PONG n2.test :behind".to_owned()), "{seen:#?}");
}

#[test]
fn of_very_much_that_was_said_meanwhile_the_last_is_told() {
    let mut net = torn();
    for number in 0..CATCH_UP_LINES + 5 {
        net.line("al", &format!("PRIVMSG #a :{number}"));
    }
    net.seen();
    net.come_back(2);
    let seen = net.seen();
    let expected: Vec<String> = (5..CATCH_UP_LINES + 5).map(|number| number.to_string()).collect();
    assert_eq!(texts(&seen, "bo"), expected);
    let warned = "bo < :n2.test NOTICE bo :More was said in #a meanwhile than is told again: what was said before this is in the history.";
    assert_eq!(seen.iter().filter(|line| *line == warned).count(), 1);
}

#[test]
fn who_reads_slowly_is_told_all_by_and_by_and_holds_up_nobody() {
    let mut net = torn();
    for number in 0..10 {
        net.line("al", &format!("PRIVMSG #a :{number}"));
    }
    net.seen();
    // As little as there can be: a message at a time, and then none.
    net.rooms.insert(net.names["bo"], 0);
    net.come_back(2);
    net.line("al", "PRIVMSG #a :live");
    let seen = net.seen();
    assert_eq!((texts(&seen, "bo").len(), texts(&seen, "cy").len()), (0, 11), "{seen:#?}");
    net.type_line("bo", "PING here");
    assert_eq!(net.seen_by("bo"), [":n2.test PONG n2.test :here"], "it is not given up");
    net.line("bo", "PRIVMSG #a :its own");
    assert_eq!(texts(&net.seen(), "cy"), [""; 0], "nothing overtakes what it has missed");
    net.rooms.insert(net.names["bo"], 1);
    net.now.unix_ms += CATCH_UP_REST_MS;
    net.event(2, Event::Tick);
    net.deliver();
    let seen = net.seen();
    let all: Vec<String> =
        (0..10).map(|number| number.to_string()).chain(["live".to_owned(), "its own".to_owned()]).collect();
    assert_eq!(texts(&seen, "bo"), all, "{seen:#?}");
    assert_eq!(texts(&seen, "cy"), ["its own"]);
    assert!(!seen.iter().any(|line| line.contains("More was said")), "{seen:#?}");
    net.check();
}

#[test]
fn a_channel_that_is_renamed_before_all_is_told_keeps_what_was_missed() {
    let mut net = torn();
    net.line("al", "PRIVMSG #a :one");
    net.is_mute = true;
    net.come_back(2);
    net.line("al", "RENAME #a #b");
    net.seen();
    net.is_mute = false;
    net.answer_all(2);
    net.deliver();
    net.line("al", "PRIVMSG #b :two");
    let seen = net.seen_by("bo");
    let said = seen.iter().filter_map(|line| line.split_once(" PRIVMSG #b :")).map(|(_, text)| text);
    assert_eq!(said.collect::<Vec<_>>(), ["one", "two"], "{seen:#?}");
}

#[test]
fn that_a_node_has_not_answered_or_is_gone_is_told_once() {
    let silent = "Not all servers have told what was said in #a meanwhile";
    let warned = |net: &mut Net| {
        let seen = net.seen_by("bo");
        let warned = seen.iter().filter_map(|line| line.strip_prefix(":n2.test NOTICE bo :")).map(str::to_owned);
        warned.filter(|text| text.starts_with(silent)).collect::<Vec<_>>()
    };
    let mut net = torn();
    net.line("al", "PRIVMSG #a :one");
    net.rooms.insert(net.names["bo"], 1);
    net.is_silent = true;
    net.come_back(2);
    assert_eq!(warned(&mut net), [format!("{silent}: ask the history again when they are there.")]);

    // The third had a member, and may have heard what no other did.
    let mut net = Net::of(4);
    for (name, node) in [("al", 1), ("bo", 2), ("cy", 3)] {
        net.user(name, node, "", None);
        net.line(name, "JOIN #a");
    }
    for node in [2, 3, 4] {
        net.event(node, Event::CutOff { why: "connection refused".to_owned() });
        net.give_up(node);
        net.deliver();
    }
    net.come_back(2);
    let gone = format!("{silent} (n3.test is gone): ask the history again when they are there.");
    assert_eq!(warned(&mut net), [gone], "and not that the fourth is, which had none");
}

#[test]
fn an_account_with_a_password_serves_on_every_node_and_stays() {
    let mut net = Net::of(2);
    net.user("al", 1, "", None);
    net.line("al", "REGISTER * * :open sesame");
    assert!(net.seen_by("al")[0].contains("REGISTER SUCCESS al"));
    net.connect("other", 2, None);
    let proof = "AUTHENTICATE AGFsAG9wZW4gc2VzYW1l";
    for line in ["CAP REQ :sasl", "NICK other", "USER o 0 * :o", "AUTHENTICATE PLAIN", proof, "CAP END"] {
        net.line("other", line);
    }
    let seen = net.seen();
    assert!(seen.iter().any(|line| line.starts_with("other < :n2.test 903 ")), "{seen:#?}");
    assert!(seen.iter().all(|line| !line.contains(" 901 ")), "nobody is logged out: {seen:#?}");
    net.line("other", "WHOIS al");
    assert!(net.seen_by("other").contains(&":n2.test 330 other al al :is logged in as".to_owned()));
    net.check();
}

#[test]
fn lines_behind_a_question_are_not_lost_when_a_node_is_given_up() {
    let mut net = Net::of(2);
    net.user("al", 1, "", None);
    net.user("bo", 2, "draft/chathistory batch", None);
    net.line("al", "JOIN #a");
    net.line("bo", "JOIN #a");
    net.is_mute = true;
    net.type_line("bo", "CHATHISTORY LATEST #a * 10");
    net.type_line("bo", "PRIVMSG #a :behind it");
    net.give_up(2);
    net.deliver();
    net.seen();
    // That question is never answered; what it asks when it is back, is.
    net.nodes.get_mut(&2).unwrap().asked.clear();
    net.is_mute = false;
    net.come_back(2);
    assert!(net.seen_by("al").contains(&":bo!bo@0::1 PRIVMSG #a :behind it".to_owned()));
}

#[test]
fn a_channel_that_was_gone_for_the_others_comes_back_as_it_was() {
    let mut net = Net::of(2);
    net.user("al", 1, "", None);
    net.user("bo", 2, "", None);
    net.line("bo", "JOIN #z");
    net.line("bo", "MODE #z +kl key 7");
    net.line("bo", "TOPIC #z :ours");
    for number in 0..100 {
        net.line("bo", &format!("MODE #z +b {}{number}!*@*", "x".repeat(120)));
    }
    net.event(2, Event::CutOff { why: "away".to_owned() });
    net.give_up(2);
    net.deliver();
    net.line("al", "JOIN #z");
    net.line("al", "PART #z");
    net.seen();
    net.come_back(2);
    net.check();
    net.line("al", "JOIN #z");
    assert!(net.seen_by("al")[0].starts_with(":n1.test 475 al #z"), "the key is what it was");
    net.line("al", "JOIN #z key");
    net.line("al", "MODE #z b");
    let seen = net.seen_by("al");
    assert!(seen.iter().any(|line| line.contains(" 332 al #z :ours")), "{seen:#?}");
    assert_eq!(seen.iter().filter(|line| line.contains(" 367 al #z ")).count(), 100);
    net.line("bo", "PRIVMSG #z :there");
    assert_eq!(net.seen_by("al"), [":bo!bo@0::1 PRIVMSG #z :there"]);
}

#[test]
fn another_channel_of_the_same_name_lets_in_who_comes_back_as_by_join_only() {
    let channel = |modes: &str, who: &str| {
        let mut net = Net::of(2);
        net.user("al", 1, "", None);
        net.user("ben", 2, "draft/chathistory batch", None);
        net.user("cy", 2, "", None);
        net.line("ben", "JOIN #own");
        net.line("cy", "JOIN #own");
        net.event(2, Event::CutOff { why: "away".to_owned() });
        net.give_up(2);
        net.deliver();
        net.line("al", "JOIN #own");
        net.line("al", &format!("MODE #own {modes}"));
        net.line("al", "PRIVMSG #own :top secret");
        net.seen();
        net.come_back(2);
        net.check();
        let seen = net.seen_by(who);
        net.line("ben", "CHATHISTORY LATEST #own * 10");
        net.line("al", "PRIVMSG #own :more");
        let later = net.seen_by("ben");
        assert_eq!(later.iter().any(|line| line.contains("top secret") || line.contains("more")), modes == "+t");
        seen
    };
    let out =
        ":n2.test KICK #own ben :Another channel has taken this name while this server was cut off from the others";
    for (modes, numeric) in
        [("+k hush", "475"), ("+i", "473"), ("+l 1", "471"), ("+R", "477"), ("+b *!*@*", "474"), ("+isk hush", "473")]
    {
        let seen = channel(modes, "ben");
        let place = seen.iter().position(|line| line == out).unwrap_or_else(|| panic!("{modes}: {seen:#?}"));
        assert!(seen[place + 1].starts_with(&format!(":n2.test {numeric} ben #own :")), "{modes}: {seen:#?}");
        assert!(!seen.iter().any(|line| line.contains("JOIN #own")), "{modes}: {seen:#?}");
        assert!(channel(modes, "cy").iter().any(|line| line == out), "{modes}: its companion sees it go");
        assert_eq!(channel(modes, "al"), [""; 0], "{modes}");
    }
    assert!(channel("+t", "ben").contains(&":al!al@0::1 JOIN #own".to_owned()));
}

#[test]
fn a_channel_that_is_closed_meanwhile_keeps_the_seats_of_its_own() {
    let mut net = Net::of(2);
    net.user("al", 1, "", None);
    net.user("ben", 2, "", None);
    for line in ["JOIN #own", "MODE #own +ik hush"] {
        net.line("al", line);
    }
    net.line("al", "INVITE ben #own");
    net.line("ben", "JOIN #own");
    net.event(2, Event::CutOff { why: "away".to_owned() });
    net.give_up(2);
    net.deliver();
    net.line("al", "MODE #own -k+kl hush other 1");
    net.seen();
    net.come_back(2);
    let seen = net.seen();
    assert!(seen.contains(&"al < :ben!ben@0::1 JOIN #own".to_owned()), "its own channel keeps its seat: {seen:#?}");
    net.check();
}

#[test]
fn a_ban_puts_out_whose_node_was_cut_off_before_it_and_nobody_else() {
    let mut net = torn_with_silenced();
    net.line("al", "MODE #a +b bo!*@*");
    net.seen();
    net.come_back(2);
    let seen = net.seen();
    let out = "bo < :n2.test KICK #a bo :Banned while this server was cut off from the others";
    assert!(seen.contains(&out.to_owned()), "{seen:#?}");
    assert!(!seen.iter().any(|line| line.contains("KICK #a cy") || line.starts_with("al < ") && line.contains(":bo!")));
    assert!(seen.contains(&"al < :cy!cy@0::1 JOIN #a".to_owned()), "{seen:#?}");
    net.line("cy", "PRIVMSG #a :may I?");
    assert!(net.seen_by("cy")[0].contains(" 404 cy #a "), "it is as silent as before");
    net.check();
}

/// Two users of the second node, one of whom is banned and in the channel, when the node is given up.
fn torn_with_silenced() -> Net {
    let mut net = Net::of(2);
    for (name, node) in [("al", 1), ("bo", 2), ("cy", 2)] {
        net.user(name, node, "", None);
        net.line(name, "JOIN #a");
    }
    net.line("al", "MODE #a +b cy!*@*");
    net.event(2, Event::CutOff { why: "away".to_owned() });
    net.give_up(2);
    net.deliver();
    net
}

#[test]
fn who_comes_back_sees_the_others_come_as_its_client_wants_it() {
    let mut net = Net::of(2);
    net.user("al", 1, "", None);
    net.user("bo", 2, "extended-join away-notify", None);
    net.user("cy", 2, "", None);
    for name in ["al", "bo", "cy"] {
        net.line(name, "JOIN #a");
    }
    net.line("al", "AWAY :lunch");
    net.event(2, Event::CutOff { why: "away".to_owned() });
    net.give_up(2);
    net.deliver();
    net.seen();
    net.come_back(2);
    let seen = net.seen();
    let of_al = |name: &str| {
        let start = format!("{name} < :al!al@0::1 ");
        let lines = seen.iter().filter_map(|line| line.strip_prefix(&start)).filter(|line| !line.starts_with("QUIT"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(of_al("bo"), ["JOIN #a * :al", "AWAY :lunch"]);
    assert_eq!(of_al("cy"), ["JOIN #a"]);
}

#[test]
fn who_comes_back_is_told_what_of_its_channels_is_not_as_it_was() {
    let mut net = Net::of(2);
    for (name, node) in [("al", 1), ("bo", 2), ("cy", 2)] {
        net.user(name, node, "", None);
    }
    for line in ["JOIN #a,#b,#gone", "MODE #b +n", "TOPIC #a :will go", "TOPIC #gone :stays"] {
        net.line("bo", line);
    }
    net.line("al", "JOIN #a");
    net.line("bo", "MODE #a +o al");
    net.line("cy", "JOIN #a,#b,#gone");
    net.event(2, Event::CutOff { why: "away".to_owned() });
    net.give_up(2);
    net.deliver();
    for line in ["MODE #a +mikl-n key 9", "TOPIC #a :", "JOIN #b"] {
        net.line("al", line);
    }
    net.seen();
    net.come_back(2);
    net.check();
    let seen = net.seen();
    for who in ["bo", "cy"] {
        let start = format!("{who} < :n2.test ");
        let told = seen.iter().filter_map(|line| line.strip_prefix(&start));
        let told: Vec<_> = told.filter(|line| line.starts_with("MODE") || line.starts_with("TOPIC")).collect();
        let expected = ["MODE #a +o al", "MODE #a +im-n+kl key 9", "TOPIC #a :", "MODE #b +o al", "MODE #b -o bo"];
        for line in expected {
            assert!(told.contains(&line), "{who} {line}: {told:#?}");
        }
        assert_eq!(told.len(), expected.len(), "{told:#?}");
    }
}

#[test]
fn a_channel_that_was_renamed_during_a_cut_is_the_same_for_who_comes_back() {
    let mut net = Net::of(2);
    for (name, node, capabilities) in [("al", 1, ""), ("bo", 2, "draft/channel-rename"), ("cy", 2, "")] {
        net.user(name, node, capabilities, None);
        net.line(name, "JOIN #a");
    }
    net.line("al", "PRIVMSG #a :before");
    net.event(2, Event::CutOff { why: "away".to_owned() });
    net.give_up(2);
    net.deliver();
    for line in ["PRIVMSG #a :one", "RENAME #a #b", "PRIVMSG #b :two"] {
        net.line("al", line);
    }
    net.seen();
    net.come_back(2);
    net.check();
    assert!(net.nodes[&2].core.state.channel("#a").is_none());
    let seen = net.seen();
    let why = "Renamed while this server was cut off from the others";
    for line in [
        &*format!("bo < :n2.test RENAME #a #b :{why}"),
        "bo < :al!al@0::1 JOIN #b",
        &*format!("cy < :cy!cy@0::1 PART #a :{why}"),
        "cy < :cy!cy@0::1 JOIN #b",
        "cy < :n2.test 353 cy = #b :@al bo cy",
    ] {
        assert_eq!(seen.iter().filter(|it| *it == line).count(), 1, "{line}: {seen:#?}");
    }
    for name in ["bo", "cy"] {
        let start = format!("{name} < :al!al@0::1 PRIVMSG #b :");
        let told: Vec<_> = seen.iter().filter_map(|line| line.strip_prefix(&start)).collect();
        assert_eq!(told, ["one", "two"], "{seen:#?}");
    }
    net.line("cy", "PRIVMSG #b :here");
    assert_eq!(net.seen_by("al"), [":cy!cy@0::1 PRIVMSG #b :here"]);
}

#[test]
fn a_channel_that_took_a_name_during_a_cut_is_not_the_one_that_was_made_at_the_same_moment() {
    let mut net = Net::of(2);
    net.user("al", 1, "", None);
    net.user("bo", 2, "", None);
    // One line makes both, at one moment.
    net.line("al", "JOIN #a,#b");
    net.line("bo", "JOIN #a");
    net.line("al", "MODE #a +o bo");
    net.line("al", "MODE #b +ik key");
    net.event(2, Event::CutOff { why: "away".to_owned() });
    net.give_up(2);
    net.deliver();
    for line in ["RENAME #a #c", "RENAME #b #a"] {
        net.line("al", line);
    }
    net.come_back(2);
    net.check();
    let members = |name: &str| {
        let state = &net.nodes[&1].core.state;
        state.channel(name).map(|(_, channel)| channel.members.len())
    };
    assert_eq!((members("#a"), members("#c"), members("#b")), (Some(1), Some(2), None));
    net.seen();
    net.line("bo", "KICK #a al");
    assert!(net.seen().iter().all(|line| line.starts_with("bo < :n2.test 442 ")), "who is not in it kicks nobody");
    net.line("bo", "KICK #c al");
    assert!(net.seen_by("al").contains(&":bo!bo@0::1 KICK #c al :bo".to_owned()), "who ran it runs it still");
}

/// Channels of somebody as a client knows them by what it is told, which must never take a name that it has for another.
fn names_that_follow(seen: &[String], name: &str, before: &[&str]) -> Vec<String> {
    let mut known: Vec<String> = before.iter().map(ToString::to_string).collect();
    let start = format!("{name} < ");
    for line in seen.iter().filter_map(|line| line.strip_prefix(&start)) {
        let words: Vec<&str> = line.split(' ').collect();
        let own = line.starts_with(&format!(":{name}!"));
        match words[1] {
            "RENAME" => {
                assert!(!known.iter().any(|it| it == words[3]), "{line} takes a name that is another's: {seen:#?}");
                let at = known.iter().position(|it| it == words[2]).unwrap_or_else(|| panic!("{line}: {seen:#?}"));
                words[3].clone_into(&mut known[at]);
            }
            "PART" if own => known.retain(|it| it != words[2]),
            "KICK" if words[3] == name => known.retain(|it| it != words[2]),
            "JOIN" if own => {
                assert!(!known.iter().any(|it| it == words[2]), "{line} is there already: {seen:#?}");
                known.push(words[2].to_owned());
            }
            _ => {}
        }
    }
    known.sort_unstable();
    known
}

#[test]
fn names_that_went_round_are_told_so_that_each_can_be_followed() {
    let mut net = Net::of(2);
    let rename = "draft/channel-rename draft/message-redaction message-tags echo-message";
    for (name, node, capabilities) in
        [("al", 1, "message-tags echo-message"), ("bo", 2, rename), ("cy", 2, ""), ("di", 2, rename)]
    {
        net.user(name, node, capabilities, None);
        net.line(name, "JOIN #a,#b,#c,#d");
    }
    net.line("al", "PRIVMSG #a :of a");
    let seen = net.seen_by("bo");
    let msgid = seen.last().and_then(|line| line.strip_prefix("@msgid=")?.split(' ').next()).unwrap().to_owned();
    net.event(2, Event::CutOff { why: "away".to_owned() });
    net.give_up(2);
    net.deliver();
    net.line("al", "CAP REQ draft/message-redaction");
    // #a and #b have changed places, and #d has gone where #c was.
    for line in
        [&*format!("REDACT #a {msgid}"), "RENAME #a #t", "RENAME #b #a", "RENAME #t #b", "RENAME #c #e", "RENAME #d #c"]
    {
        net.line("al", line);
        net.now.unix_ms += 70_000;
    }
    for line in ["PRIVMSG #b :from a", "PRIVMSG #a :from b"] {
        net.line("al", line);
    }
    net.seen();
    net.come_back(2);
    net.check();
    let seen = net.seen();
    for name in ["bo", "cy", "di"] {
        assert_eq!(names_that_follow(&seen, name, &["#a", "#b", "#c", "#d"]), ["#a", "#b", "#c", "#e"], "{seen:#?}");
        let told: Vec<&String> =
            seen.iter().filter(|line| line.starts_with(name) && line.contains(" PRIVMSG ")).collect();
        assert_eq!(told.len(), 2, "{name} hears what was said in both: {seen:#?}");
    }
    let redacted: Vec<&String> =
        seen.iter().filter(|line| line.contains(" REDACT ") && line.starts_with("bo")).collect();
    assert!(redacted.len() == 1 && redacted[0].contains(&format!("REDACT #b {msgid}")), "{redacted:#?}");
    assert!(
        seen.contains(&"bo < :di!di@0::1 JOIN #b".to_owned()),
        "who had to come in anew sees who else is there: {seen:#?}"
    );
    net.line("cy", "PRIVMSG #e :was c");
    assert!(net.seen_by("di").iter().any(|line| line.ends_with("PRIVMSG #e :was c")));
}

#[test]
fn a_channel_that_took_the_name_of_one_that_is_gone_is_told_when_that_is_left() {
    let mut net = Net::of(2);
    for (name, node) in [("al", 1), ("bo", 2)] {
        net.user(name, node, "draft/channel-rename", None);
        net.line(name, "JOIN #a");
    }
    net.line("bo", "JOIN #own");
    net.event(2, Event::CutOff { why: "away".to_owned() });
    net.give_up(2);
    net.deliver();
    net.line("al", "RENAME #a #own");
    net.seen();
    net.come_back(2);
    net.check();
    let seen = net.seen();
    assert_eq!(names_that_follow(&seen, "bo", &["#a", "#own"]), ["#own"], "{seen:#?}");
    let members = net.nodes[&1].core.state.channel("#own").map(|(_, channel)| channel.members.len());
    assert_eq!(members, Some(2));
}

#[test]
fn a_ban_is_told_to_each_by_the_name_that_it_knows() {
    let mut net = Net::of(2);
    for (name, node) in [("al", 1), ("bo", 2), ("cy", 2), ("di", 2)] {
        net.user(name, node, "draft/channel-rename", None);
        net.line(name, "JOIN #a");
    }
    net.event(2, Event::CutOff { why: "away".to_owned() });
    net.give_up(2);
    net.deliver();
    for line in ["RENAME #a #b", "MODE #b +b cy!*@*"] {
        net.line("al", line);
    }
    net.seen();
    net.come_back(2);
    net.check();
    let seen = net.seen();
    let why = "Banned while this server was cut off from the others";
    for (who, name) in [("bo", "#b"), ("cy", "#a"), ("di", "#a")] {
        let line = format!("{who} < :n2.test KICK {name} cy :{why}");
        assert!(seen.contains(&line), "{line}: {seen:#?}");
    }
    assert_eq!(seen.iter().filter(|line| line.contains(" KICK ")).count(), 3, "{seen:#?}");
}

#[test]
fn a_direct_message_that_was_taken_back_during_a_cut_is_told_to_who_had_it() {
    let mut net = Net::of(2);
    let capabilities = "draft/message-redaction message-tags echo-message";
    net.user("al", 1, capabilities, Some("al@example.test"));
    net.user("bo", 2, capabilities, Some("bo@example.test"));
    net.user("cy", 2, capabilities, Some("cy@example.test"));
    net.line("al", "PRIVMSG bo :hasty");
    let seen = net.seen_by("bo");
    let msgid = seen.last().and_then(|line| line.strip_prefix("@msgid=")?.split(' ').next()).unwrap().to_owned();
    net.event(2, Event::CutOff { why: "away".to_owned() });
    net.give_up(2);
    net.deliver();
    net.line("al", &format!("REDACT bo@example.test {msgid}"));
    net.seen();
    net.come_back(2);
    let seen = net.seen();
    let told: Vec<&String> = seen.iter().filter(|line| line.contains(" REDACT ")).collect();
    let expected = format!("bo < :n2.test REDACT bo {msgid} :Taken back while this server was cut off from the others");
    assert_eq!(told, [&expected], "{seen:#?}");
}

#[test]
fn where_nothing_is_kept_it_is_told_from_when_to_when_something_is_missing() {
    let mut net = Net::without_history(2);
    for (name, node) in [("al", 1), ("bo", 2)] {
        net.user(name, node, "", None);
        net.line(name, "JOIN #a");
    }
    net.event(2, Event::CutOff { why: "away".to_owned() });
    let from = crate::core::fanout::rfc3339(net.now);
    net.give_up(2);
    net.deliver();
    net.now.unix_ms += 90_000;
    net.line("al", "PRIVMSG #a :lost");
    net.come_back(2);
    let seen = net.seen_by("bo");
    let told = seen.iter().find(|line| line.contains("No history is kept here")).unwrap_or_else(|| panic!("{seen:#?}"));
    assert!(told.contains(&format!("in your channels from {from} to 20")), "{told}");
    assert!(!seen.iter().any(|line| line.contains("lost")), "{seen:#?}");
}

#[test]
fn who_founds_the_chat_anew_takes_what_is_kept_and_not_another_channel_for_its_own() {
    let mut net = Net::of(2);
    for (name, node) in [("al", 1), ("bo", 1), ("cy", 2)] {
        net.user(name, node, "", Some(&format!("{name}@example.test")));
    }
    for (name, line) in [
        ("al", "JOIN #kept,#other,#free"),
        ("bo", "JOIN #kept,#other,#free"),
        ("al", "CHANNEL REGISTER #kept"),
        ("al", "CHANNEL REGISTER #other"),
        ("al", "CHANNEL REGISTER #free"),
    ] {
        net.line(name, line);
    }
    net.give_up(1);
    net.event(1, Event::CutOff { why: "away".to_owned() });
    // Meanwhile one was given away, another was dropped and made anew by another, and one was dropped.
    let archive = &mut net.nodes.get_mut(&1).unwrap().archive;
    let records = archive.records().unwrap();
    let value =
        |name: &str| records.iter().find(|it| it.kind == RecordKind::Channel && it.key == name).unwrap().value.clone();
    let put = |key: &str, value: String| Keep::Put { kind: RecordKind::Channel, key: key.to_owned(), value };
    let kept = value("#kept").replace("\"founder\":\"al@example.test\"", "\"founder\":\"cy@example.test\"");
    let other = value("#other").replace("\"founder\":\"al@example.test\"", "\"founder\":\"cy@example.test\"");
    let other = other.replacen("\"created\":", "\"created\":1", 1);
    for keep in
        [put("#kept", kept), put("#other", other), Keep::Forget { kind: RecordKind::Channel, key: "#free".to_owned() }]
    {
        archive.keep(&keep).unwrap();
    }
    net.give_up(2);
    net.seen();
    net.come_back(1);
    let seen = net.seen();
    let state = &net.nodes[&1].core.state;
    let of = |name: &str| {
        let (_, channel) = state.channel(name).unwrap();
        (channel.members.len(), channel.owned.as_ref().map(|owned| owned.founder.to_string()))
    };
    assert_eq!(of("#kept"), (2, Some("cy@example.test".to_owned())), "{seen:#?}");
    assert_eq!(of("#other"), (0, Some("cy@example.test".to_owned())), "{seen:#?}");
    assert_eq!(of("#free"), (2, None), "{seen:#?}");
    let out = "Another channel has taken this name while this server was cut off from the others";
    for who in ["al", "bo"] {
        assert!(seen.contains(&format!("{who} < :n1.test KICK #other {who} :{out}")), "{seen:#?}");
    }
    net.line("al", "CHANNEL REGISTER #free");
    assert!(net.seen_by("al").iter().all(|line| !line.contains("FAIL")));
}

#[test]
fn who_comes_back_is_told_of_lists_that_changed_and_of_messages_that_were_taken_back() {
    let mut net = Net::of(2);
    let capabilities = "draft/message-redaction message-tags echo-message";
    for (name, node) in [("al", 1), ("bo", 2)] {
        net.user(name, node, capabilities, None);
        net.line(name, "JOIN #a");
    }
    net.line("al", "MODE #a +bb old!*@* stays!*@*");
    net.line("al", "PRIVMSG #a :hasty");
    let seen = net.seen_by("bo");
    let msgid = seen.last().and_then(|line| line.strip_prefix("@msgid=")?.split(' ').next()).unwrap().to_owned();
    net.event(2, Event::CutOff { why: "away".to_owned() });
    net.give_up(2);
    net.deliver();
    for line in ["MODE #a -b+bI old!*@* new!*@* guest!*@*", &format!("REDACT #a {msgid}"), "PRIVMSG #a :worse"] {
        net.line("al", line);
    }
    let seen = net.seen_by("al");
    let worse = seen.last().and_then(|line| line.strip_prefix("@msgid=")?.split(' ').next()).unwrap().to_owned();
    net.line("al", &format!("REDACT #a {worse}"));
    net.seen();
    net.come_back(2);
    let seen = net.seen_by("bo");
    let why = "Taken back while this server was cut off from the others";
    for line in
        [":n2.test MODE #a -b+bI old!*@* new!*@* guest!*@*".to_owned(), format!(":n2.test REDACT #a {msgid} :{why}")]
    {
        assert_eq!(seen.iter().filter(|it| **it == line).count(), 1, "{line}: {seen:#?}");
    }
    assert!(!seen.iter().any(|line| line.contains(&worse)), "what it never saw is not taken back: {seen:#?}");
    net.check();
}

#[test]
fn the_first_node_of_a_new_network_stays_as_it_is() {
    let mut net = Net::of(2);
    net.user("al", 1, "", None);
    net.user("bo", 2, "", None);
    net.line("al", "JOIN #a");
    net.line("bo", "JOIN #a");
    net.line("al", "MODE #a +i");
    net.seen();
    // The bus has lost everything, so nobody is a member any more.
    net.give_up(1);
    net.give_up(2);
    net.come_back(1);
    net.come_back(2);
    let seen = net.seen();
    assert!(seen.contains(&"al < :bo!bo@0::1 JOIN #a".to_owned()), "{seen:#?}");
    net.line("bo", "MODE #a");
    assert_eq!(net.seen_by("bo")[0], ":n2.test 324 bo #a +int");
    net.check();
}

/// What happens to the network.
#[derive(Debug, Clone)]
enum Deed {
    Connect(usize, u32, Option<&'static str>),
    Type(usize, String),
    Lose(usize),
    Step(u32),
    Deliver,
    Join,
    Cut(u32),
}

fn word() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "#a", "#b", "#a,#b", "al", "bo", "cy", "dee", "+o", "-o", "+b", "+im", "-im", "+k", "+v", "key", "*", ":text",
        "0", "+l", "2", ":+i", "root", "pw", "op", "#c",
    ])
}

fn line() -> impl Strategy<Value = String> {
    let verbs = prop::sample::select(vec![
        "JOIN",
        "JOIN",
        "JOIN",
        "PART",
        "PRIVMSG",
        "PRIVMSG",
        "NOTICE",
        "NICK",
        "NICK",
        "MODE #a",
        "MODE #b",
        "MODE",
        "KICK #a",
        "INVITE",
        "TOPIC",
        "SETNAME",
        "RENAME #a",
        "MARKREAD #a timestamp=2020-01-01T00:00:00.000Z",
        "METADATA * SET url",
        "METADATA #a SET url",
        "AWAY",
        "QUIT",
        "OPER root pw",
        "KILL",
        "WALLOPS",
        "CHANNEL REGISTER",
        "CHANNEL ACCESS #a ADD",
        "CHANNEL DROP",
        "CHGHOST al u h",
        "WHOIS",
        "NAMES",
        "LIST",
        "MODE al +i",
        "MODE bo -o",
    ]);
    (verbs, prop::collection::vec(word(), 0..3))
        .prop_map(|(verb, words)| std::iter::once(verb).chain(words).collect::<Vec<_>>().join(" "))
}

fn deed() -> impl Strategy<Value = Deed> {
    let account = prop::sample::select(vec![None, None, Some("al"), Some("bo@x.test")]);
    prop_oneof![
        2 => (0..4_usize, 1..4_u32, account).prop_map(|(who, node, account)| Deed::Connect(who, node, account)),
        30 => (0..4_usize, line()).prop_map(|(who, line)| Deed::Type(who, line)),
        1 => (0..4_usize).prop_map(Deed::Lose),
        20 => (1..4_u32).prop_map(Deed::Step),
        3 => Just(Deed::Deliver),
        1 => Just(Deed::Join),
        1 => (2..4_u32).prop_map(Deed::Cut),
    ]
}

const NAMES: [&str; 4] = ["al", "bo", "cy", "dee"];

impl Net {
    fn is_connected(&self, name: &str) -> bool {
        let client = self.names.get(name);
        client.is_some_and(|client| {
            self.nodes[&client.node().0].core.state.sessions.get(client).is_some_and(|session| !session.ending)
        })
    }

    fn act(&mut self, deed: Deed) {
        match deed {
            Deed::Connect(who, node, account) if !self.is_connected(NAMES[who]) => {
                self.connect(NAMES[who], node, account);
                self.type_line(NAMES[who], &format!("NICK {}", NAMES[who]));
                self.type_line(NAMES[who], "USER u 0 * :u");
            }
            Deed::Type(who, line) if self.is_connected(NAMES[who]) => self.type_line(NAMES[who], &line),
            Deed::Lose(who) if self.is_connected(NAMES[who]) => self.lose(NAMES[who]),
            Deed::Step(node) => drop(self.step(node)),
            Deed::Deliver => self.deliver(),
            Deed::Join if self.nodes.len() < 5 => {
                self.deliver();
                self.join(u32::try_from(self.nodes.len()).unwrap() + 1);
            }
            Deed::Cut(node) => {
                self.deliver();
                self.event(node, Event::CutOff { why: "away".to_owned() });
                self.give_up(node);
                self.deliver();
                self.come_back(node);
            }
            _ => {}
        }
        self.seen.clear();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn all_nodes_know_the_same_whatever_is_typed_and_however_late_it_comes(deeds in prop::collection::vec(deed(), 0..150)) {
        let mut net = Net::of(3);
        for (who, node) in [(0, 1), (1, 2), (2, 3), (3, 1)] {
            net.act(Deed::Connect(who, node, None));
        }
        for deed in deeds {
            net.act(deed);
        }
        net.deliver();
        net.check();
    }
}
