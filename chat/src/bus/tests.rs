//! Simulations of several nodes, and a judge who knows what must hold whatever happens.

use std::collections::{BTreeMap, BTreeSet};

use super::limits::{ANSWER_MS, CALM_MS, CHANGE_BYTES, OPEN_PROPOSALS, REFUSED_MS, SLOW_MS};
use super::model::Fault;
use super::request::{Reply, Request};
use super::simulation::{Comeback, Simulation};
use super::{Body, Command, Happened, NodeCard, Ordered, Reach, Welcome};

/// Milliseconds of trouble, and of peace after it in which all has to become well again.
const TROUBLE_MS: i64 = 15_000;
const PEACE_MS: i64 = 25_000;

/// Nodes at the beginning.
const NODES: usize = 3;

/// Seeds, where `SEEDS` does not say otherwise.
const SEEDS: u64 = 1_500;

/// The seeds of a test: all below `SEEDS`, or `SEED` alone.
fn seeds(default: u64) -> std::ops::Range<u64> {
    let number = |name| std::env::var(name).ok().and_then(|it: String| it.parse().ok());
    match number("SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SEEDS").unwrap_or(default),
    }
}

/// Facts that changes make and unmake, by turns, and of which Redis keeps fewer marks once they are over.
const FACTS: u64 = 9;
const TOMBSTONES: usize = 2;

/// What may go wrong in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// Connections, nodes, a Redis that keeps what it has.
    NothingForgotten,
    /// And a Redis that comes back with less.
    Forgotten,
    /// Nothing but one fault of the model.
    Fault(Fault),
}

/// What a change is known by: which process proposed it, and its number.
type Name = (usize, u64);

/// An entry of the order, as somebody saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    name: Name,
    reach: Reach,
    at_ms: i64,
}

/// One node's time as a member.
#[derive(Debug, Default)]
struct Membership {
    network: String,
    node: u32,
    from: u64,
    last: u64,
    is_founder: bool,
    view: BTreeMap<u64, Name>,
    /// The changes for everyone since the founding: what a snapshot is of.
    state: BTreeSet<Name>,
}

/// What a node keeps, over its end as well: facts, by the places where they were made, and how far it has read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Disk {
    facts: BTreeMap<String, u64>,
    read: u64,
}

impl Disk {
    /// How things stand on another.
    fn of(text: &str) -> Disk {
        let fact = |line: &str| {
            line.strip_prefix("fact ")?.split_once(' ').map(|(key, at)| (key.to_owned(), at.parse().unwrap()))
        };
        Disk { facts: text.lines().filter_map(fact).collect(), read: 0 }
    }

    fn text(&self) -> String {
        self.facts.iter().map(|(key, at)| format!("\nfact {key} {at}")).collect()
    }
}

#[derive(Debug, Default)]
struct Chatter {
    memberships: Vec<Membership>,
    disk: Disk,
    is_in: bool,
    next: u64,
    proposed: BTreeSet<u64>,
    refused: BTreeSet<u64>,
    acknowledged: BTreeSet<u64>,
}

/// A run, and what is wrong with it.
struct Run {
    simulation: Simulation,
    trouble: Trouble,
    is_at_fault: bool,
    /// A node that was away brings back what it keeps, though it can't be known whether it is over: a bug on purpose.
    forgets_burials: bool,
    /// Of nodes that died.
    disks: Vec<Disk>,
    /// Facts that went over, and where.
    over: BTreeSet<(String, u64)>,
    chatters: Vec<Chatter>,
    alive: BTreeSet<usize>,
    order: BTreeMap<(String, u64), Seen>,
    wrong: Vec<String>,
}

fn card(name: usize) -> NodeCard {
    let (version, description, charter) = ("1".to_owned(), "a node".to_owned(), "{}".to_owned());
    NodeCard { name: format!("node{name}"), version, description, protocol: 1, charter }
}

impl Run {
    fn new(seed: u64, trouble: Trouble) -> Run {
        let mut run = Run {
            simulation: Simulation::new(seed),
            trouble,
            is_at_fault: false,
            forgets_burials: false,
            disks: Vec::new(),
            over: BTreeSet::new(),
            chatters: Vec::new(),
            alive: BTreeSet::new(),
            order: BTreeMap::new(),
            wrong: Vec::new(),
        };
        run.simulation.redis.tombstones = Some(TOMBSTONES);
        (0..NODES).for_each(|_| run.start());
        run
    }

    fn start(&mut self) {
        let node = self.simulation.start(&card(self.chatters.len()));
        let disk = self.disks.pop().unwrap_or_default();
        self.chatters.push(Chatter { disk, ..Chatter::default() });
        self.alive.insert(node);
    }

    /// Runs it, and gives what is wrong.
    fn judged(mut self) -> Vec<String> {
        let begin = self.simulation.now();
        while self.simulation.now() < begin + TROUBLE_MS {
            let pause = 1 + self.simulation.dice().below(300);
            self.go_on(self.simulation.now().saturating_add_unsigned(pause));
            self.do_something();
        }
        self.simulation.redis.is_full = false;
        self.simulation.start_redis_if_stopped();
        self.go_on(begin + TROUBLE_MS + PEACE_MS);
        self.judge();
        self.wrong
    }

    fn go_on(&mut self, until: i64) {
        while let Some((node, happened)) = self.simulation.step(until) {
            happened.into_iter().for_each(|it| self.happened(node, it));
        }
    }

    fn do_something(&mut self) {
        let dice = self.simulation.dice();
        let (what, who) = (dice.below(100), dice.below(self.chatters.len() as u64) as usize);
        let calm = matches!(self.trouble, Trouble::Fault(_));
        match what {
            0..60 => self.propose(who),
            60..100 if calm => {
                if let Trouble::Fault(fault) = self.trouble
                    && self.simulation.now() > 1_005_000
                    && self.chatters.iter().filter(|it| it.is_in).count() == NODES
                    && !self.is_at_fault
                {
                    self.simulation.redis.fault = Some(fault);
                    self.is_at_fault = true;
                }
            }
            60..75 => self.simulation.cut(who),
            75..80 => self.simulation.freeze(who, [100, 3_000, 9_000][what as usize % 3]),
            80..83 if self.alive.len() > 1 => {
                self.simulation.kill(who);
                if self.alive.remove(&who) {
                    self.disks.push(self.chatters[who].disk.clone());
                }
            }
            83..86 if self.alive.len() < NODES => self.start(),
            86..89 => self.simulation.redis.is_full ^= true,
            89..92 => self.simulation.stop_redis(),
            92..94 => self.simulation.slow(3_000),
            94 => self.simulation.save(),
            95 => self.simulation.command(who, Command::Rejoin { reason: "it can't follow".to_owned() }),
            _ => self.comes_back(what),
        }
    }

    fn comes_back(&mut self, what: u64) {
        let comeback = match (self.trouble, what) {
            (Trouble::Forgotten, 96..98) => Comeback::WithSaved,
            (Trouble::Forgotten, 98) => Comeback::WithNothing,
            _ => Comeback::WithAll,
        };
        self.simulation.stop_redis();
        self.simulation.start_redis(comeback);
        // What Redis forgot is no part of the order any more; whoever saw it is out. A Redis that has forgotten all gives
        // its next network another word, so what is known of the earlier ones may stay: an older state may come back.
        if comeback == Comeback::WithSaved {
            let known = self.simulation.redis.sequence();
            self.order.retain(|(_, sequence), _| *sequence <= known);
            let memberships = self.chatters.iter_mut().flat_map(|it| &mut it.memberships);
            memberships.for_each(|it| it.last = it.last.min(known));
        }
    }

    fn propose(&mut self, who: usize) {
        let count = 1 + self.simulation.dice().below(4);
        for _ in 0..count {
            let reach = match self.simulation.dice().below(3) {
                0 => Reach::Nodes(vec![1 + self.simulation.dice().below(4) as u32]),
                _ => Reach::Everyone,
            };
            let chatter = &mut self.chatters[who];
            if !self.alive.contains(&who) || !chatter.is_in {
                return;
            }
            let number = chatter.next;
            chatter.next += 1;
            chatter.proposed.insert(number);
            let change = format!("{who} {number}");
            self.simulation.command(who, Command::Propose { number, reach, change });
        }
    }

    fn happened(&mut self, who: usize, happened: Happened) {
        let chatter = &mut self.chatters[who];
        match happened {
            Happened::Joined(Welcome { node, network, number_from, sequence, snapshot, records, buried, .. }) => {
                let is_founder = snapshot.is_none();
                let brought = meets(&mut chatter.disk, snapshot.as_deref(), &records, buried, self.forgets_burials);
                chatter.disk.read = sequence;
                let is_over = |(key, at): &(String, u64)| {
                    let (from, to) = ((key.clone(), at + 1), (key.clone(), sequence.max(at + 1)));
                    self.over.range(from..=to).next().is_some()
                };
                if let (false, Some((key, _))) = (self.trouble == Trouble::Forgotten, brought.into_iter().find(is_over))
                {
                    self.wrong.push(format!("{who} brings {key} back, which is over"));
                }
                let names = snapshot.unwrap_or_default();
                let state = names.lines().filter_map(name).collect();
                (chatter.is_in, chatter.next) = (true, number_from);
                let (from, last, view) = (sequence, sequence, BTreeMap::new());
                chatter.memberships.push(Membership { network, node, from, last, is_founder, view, state });
            }
            Happened::Ordered(entries) => entries.into_iter().for_each(|it| self.ordered(who, it)),
            Happened::Out { lost } => {
                chatter.is_in = false;
                chatter.refused.extend(lost);
            }
            Happened::NotTaken { number, .. } => {
                chatter.refused.insert(number);
            }
            Happened::Refused { why } => self.wrong.push(format!("{who} was refused: {why}")),
            Happened::Whispered { .. } | Happened::Lost { .. } | Happened::Back | Happened::Dropped { .. } => {}
            Happened::Slow { .. } | Happened::Quick { .. } => {}
        }
    }

    fn ordered(&mut self, who: usize, it: Ordered) {
        let chatter = &mut self.chatters[who];
        let Some(membership) = chatter.memberships.last_mut() else {
            return self.wrong.push(format!("{who} reads before it joined"));
        };
        if it.sequence <= membership.last {
            self.wrong.push(format!("{who} sees {} after {}", it.sequence, membership.last));
        }
        membership.last = it.sequence;
        chatter.disk.read = it.sequence;
        match it.body {
            Body::Change(text) => {
                let Some(name) = name(&text) else { return self.wrong.push(format!("no change: {text}")) };
                membership.view.insert(it.sequence, name);
                if it.reach == Reach::Everyone {
                    membership.state.insert(name);
                    let (sequence, (key, value)) = (it.sequence, fact(name));
                    match value {
                        Some(_) => drop(chatter.disk.facts.insert(key.clone(), sequence)),
                        None => {
                            chatter.disk.facts.remove(&key);
                            self.over.insert((key.clone(), sequence));
                        }
                    }
                    self.simulation.command(who, Command::Record { sequence, key, value });
                }
                if name.0 == who {
                    chatter.acknowledged.insert(name.1);
                }
                let seen = Seen { name, reach: it.reach, at_ms: it.at_ms };
                let before = self.order.insert((membership.network.clone(), it.sequence), seen.clone());
                if before.as_ref().is_some_and(|before| *before != seen) {
                    self.wrong.push(format!("{} is {seen:?} and {before:?}", it.sequence));
                }
            }
            Body::Joined { node, .. } => {
                let names: Vec<String> =
                    membership.state.iter().map(|(who, number)| format!("{who} {number}")).collect();
                let text = names.join("\n") + &chatter.disk.text();
                self.simulation.command(who, Command::Snapshot { node, sequence: it.sequence, text });
            }
            Body::Left { .. } => {}
        }
    }

    fn judge(&mut self) {
        self.each_once();
        self.nothing_missed();
        self.refused_are_refused();
        self.all_is_well();
    }

    /// A change has one place, and times do not go back.
    fn each_once(&mut self) {
        let mut places: BTreeMap<Name, &(String, u64)> = BTreeMap::new();
        let mut last: Option<(&String, i64)> = None;
        for (place, seen) in &self.order {
            if let Some(before) = places.insert(seen.name, place) {
                self.wrong.push(format!("{:?} is at {before:?} and {place:?}", seen.name));
            }
            if last.is_some_and(|(network, at)| *network == place.0 && at > seen.at_ms) {
                self.wrong.push(format!("time goes back at {place:?}"));
            }
            last = Some((&place.0, seen.at_ms));
        }
    }

    /// What a node is meant to see, while it is a member, it sees.
    fn nothing_missed(&mut self) {
        for (who, chatter) in self.chatters.iter().enumerate() {
            for membership in &chatter.memberships {
                let place = |sequence| (membership.network.clone(), sequence);
                // Of one whose beginning was forgotten nothing is known.
                let last = membership.last.max(membership.from);
                let during = self.order.range(place(membership.from)..=place(last));
                for (place, seen) in during {
                    let is_meant = match &seen.reach {
                        Reach::Everyone => true,
                        Reach::Nodes(nodes) => nodes.contains(&membership.node),
                    };
                    if is_meant != membership.view.contains_key(&place.1) {
                        self.wrong.push(format!("{who} should {is_meant} see {seen:?} at {place:?}: {membership:?}"));
                    }
                }
            }
        }
    }

    /// What was said not to be in the order is in nobody's view, and what was proposed is known to be or not to be.
    fn refused_are_refused(&mut self) {
        let ordered: BTreeSet<Name> = self.order.values().map(|seen| seen.name).collect();
        for (who, chatter) in self.chatters.iter().enumerate() {
            for number in &chatter.refused {
                // Where Redis forgets, what it forgot may have been seen.
                if self.trouble != Trouble::Forgotten && ordered.contains(&(who, *number)) {
                    self.wrong.push(format!("{who} was told that its {number} is not in the order"));
                }
            }
            for number in chatter.proposed.iter().filter(|_| self.alive.contains(&who)) {
                if !chatter.refused.contains(number) && !chatter.acknowledged.contains(number) {
                    self.wrong.push(format!("{who} never heard of its {number}"));
                }
            }
        }
    }

    /// Whoever lives is a member and nobody else, with the state that all who were members agree on.
    fn all_is_well(&mut self) {
        let mut states = Vec::new();
        let mut nodes = BTreeSet::new();
        for who in &self.alive {
            let membership = self.chatters[*who].memberships.last().filter(|_| self.chatters[*who].is_in);
            let Some(membership) = membership else {
                self.wrong.push(format!("{who} is not in the chat at the end: {:?}", self.simulation.member(*who)));
                continue;
            };
            nodes.insert(membership.node);
            states.push((membership.network.clone(), membership.state.clone()));
        }
        let members: BTreeSet<u32> = self.simulation.redis.members().into_iter().collect();
        if members != nodes {
            self.wrong.push(format!("members are {members:?} and {nodes:?} live"));
        }
        let Some((network, _)) = states.first().cloned() else { return };
        let foundings = self.chatters.iter().flat_map(|it| &it.memberships);
        let foundings = foundings.filter(|it| it.is_founder && it.network == network);
        let founded = foundings.map(|it| it.from).max().unwrap_or(0);
        let everyone = |((of, at), seen): (&(String, u64), &Seen)| {
            (*of == network && *at > founded && seen.reach == Reach::Everyone).then_some(seen.name)
        };
        let expected = (network.clone(), self.order.iter().filter_map(everyone).collect());
        self.facts_agree();
        for state in states.into_iter().filter(|state| *state != expected) {
            self.wrong.push(format!("a node ends with {state:?}, and the order has {expected:?}"));
        }
    }
}

impl Run {
    /// All who live keep the same, and Redis no more marks of what is over than it may.
    fn facts_agree(&mut self) {
        let keys = |who: &usize| self.chatters[*who].disk.facts.keys().cloned().collect::<Vec<_>>();
        let kept: BTreeSet<Vec<String>> = self.alive.iter().map(keys).collect();
        let now = self.simulation.now();
        let reply = self.simulation.redis.call(now, &Request::Records { cursor: "0".to_owned() });
        let Reply::Page { items, .. } = reply else { return self.wrong.push(format!("{reply:?}")) };
        let marks = items.iter().filter(|(_, value)| value.ends_with('-')).count();
        if marks > TOMBSTONES || (kept.len() > 1 && self.trouble == Trouble::NothingForgotten) {
            self.wrong.push(format!("{marks} marks in Redis, and kept is {kept:?}"));
        }
    }
}

/// The fact that a change makes or unmakes.
fn fact((_, number): Name) -> (String, Option<String>) {
    (format!("f{}", number % FACTS), (number / FACTS).is_multiple_of(2).then(|| "so".to_owned()))
}

/// A node that joins keeps what the others do, or for a founder what outlived them, as the server does; what it alone keeps, and may
/// bring back.
fn meets(
    disk: &mut Disk,
    snapshot: Option<&str>,
    records: &[(String, Option<String>)],
    buried: u64,
    forgets_burials: bool,
) -> Vec<(String, u64)> {
    let own = std::mem::take(disk);
    let outlived = records.iter().filter(|(_, value)| value.is_some()).map(|(key, _)| (key.clone(), 0));
    disk.facts = snapshot.map_or_else(|| outlived.collect(), |text| Disk::of(text).facts);
    let was_away_too_long = own.read != 0 && own.read < buried && !forgets_burials;
    let is_over = |key: &String| was_away_too_long || records.iter().any(|(known, _)| known == key);
    own.facts.into_iter().filter(|(key, at)| !disk.facts.contains_key(key) && !is_over(key) && *at != 0).collect()
}

fn name(text: &str) -> Option<Name> {
    let (who, number) = text.split_once(' ')?;
    Some((who.parse().ok()?, number.parse().ok()?))
}

#[test]
fn all_nodes_agree_whatever_is_cut_killed_frozen_or_restarted() {
    for seed in seeds(SEEDS) {
        let wrong = Run::new(seed, Trouble::NothingForgotten).judged();
        assert!(wrong.is_empty(), "seed {seed}: {wrong:#?}");
    }
}

#[test]
fn all_nodes_agree_again_after_redis_forgot_something() {
    for seed in seeds(SEEDS / 3) {
        let wrong = Run::new(seed, Trouble::Forgotten).judged();
        assert!(wrong.is_empty(), "seed {seed}: {wrong:#?}");
    }
}

/// Without the place up to which marks were dropped, a node that was away would bring back what is over.
#[test]
fn what_is_over_stays_over_though_its_mark_was_dropped() {
    let brings_back = |seed: &u64| {
        let run = Run { forgets_burials: true, ..Run::new(*seed, Trouble::NothingForgotten) };
        run.judged().iter().any(|wrong| wrong.contains("which is over"))
    };
    assert!((0..SEEDS).any(|seed| brings_back(&seed)), "the bug on purpose is not seen");
}

#[test]
fn a_redis_that_does_wrong_is_noticed() {
    for fault in [Fault::Lost, Fault::Doubled, Fault::Swapped, Fault::Denied] {
        let noticed = (0..20).filter(|seed| !Run::new(*seed, Trouble::Fault(fault)).judged().is_empty()).count();
        assert!(noticed >= 15, "{fault:?} was noticed in {noticed} runs of 20");
    }
}

/// Goes on until this node was told something like this.
fn until(simulation: &mut Simulation, node: usize, wanted: impl Fn(&Happened) -> bool) -> Happened {
    let end = simulation.now() + 60_000;
    while let Some((index, happened)) = simulation.step(end) {
        if let Some(found) = happened.into_iter().find(|it| index == node && wanted(it)) {
            return found;
        }
    }
    panic!("it did not happen: {:?}", simulation.member(node));
}

fn propose(simulation: &mut Simulation, node: usize, number: u64, change: &str) {
    simulation.command(node, Command::Propose { number, reach: Reach::Everyone, change: change.to_owned() });
}

/// Why a proposal with this number is not taken.
fn why_not(simulation: &mut Simulation, node: usize, number: u64) -> String {
    let is_it = |it: &Happened| matches!(it, Happened::NotTaken { number: refused, .. } if *refused == number);
    let Happened::NotTaken { why, .. } = until(simulation, node, is_it) else { unreachable!() };
    why
}

fn joined(happened: &Happened) -> bool {
    matches!(happened, Happened::Joined { .. })
}

#[test]
fn a_proposal_that_cannot_be_taken_is_said_to_be() {
    let mut simulation = Simulation::new(1);
    let node = simulation.start(&card(0));
    propose(&mut simulation, node, 1, "too early");
    assert!(why_not(&mut simulation, node, 1).contains("not in the chat"));
    until(&mut simulation, node, joined);
    propose(&mut simulation, node, 5, "first");
    propose(&mut simulation, node, 5, "again");
    assert!(why_not(&mut simulation, node, 5).contains("above 5"));
    propose(&mut simulation, node, 6, &"x".repeat(CHANGE_BYTES + 1));
    assert!(why_not(&mut simulation, node, 6).contains(&format!("{CHANGE_BYTES} are the most")));
    simulation.redis.is_full = true;
    propose(&mut simulation, node, 7, "while it is full");
    assert!(why_not(&mut simulation, node, 7).contains("full"));
    simulation.redis.is_full = false;
    propose(&mut simulation, node, 8, "and again");
    let is_eighth = |it: &Happened| matches!(it, Happened::Ordered(all) if all.iter().any(|it| it.number == 8));
    until(&mut simulation, node, is_eighth);
}

#[test]
fn what_waits_for_redis_has_a_bound() {
    let mut simulation = Simulation::new(2);
    let node = simulation.start(&card(0));
    until(&mut simulation, node, joined);
    simulation.stop_redis();
    let last = OPEN_PROPOSALS as u64 + 1;
    (1..=last).for_each(|number| propose(&mut simulation, node, number, "x"));
    assert!(why_not(&mut simulation, node, last).contains("too many"));
    let (reply, mut answer) = tokio::sync::oneshot::channel();
    simulation.command(node, Command::TakeTicket { word: "w".to_owned(), reply });
    assert!(answer.try_recv().is_err(), "nobody waits for a Redis that is away");
    simulation.start_redis(Comeback::WithAll);
    let mut seen = 0;
    let end = simulation.now() + 60_000;
    while let Some((_, happened)) = simulation.step(end) {
        seen += happened.iter().map(|it| if let Happened::Ordered(all) = it { all.len() } else { 0 }).sum::<usize>();
    }
    assert_eq!(seen, OPEN_PROPOSALS);
}

#[test]
fn a_proposal_of_an_earlier_membership_is_not_taken_in_a_later_one() {
    let mut simulation = Simulation::new(3);
    let node = simulation.start(&card(0));
    until(&mut simulation, node, joined);
    propose(&mut simulation, node, 1, "x");
    until(&mut simulation, node, |it| matches!(it, Happened::Ordered(_)));
    simulation.stop_redis();
    simulation.start_redis(Comeback::WithNothing);
    let Happened::Joined(Welcome { number_from, .. }) = until(&mut simulation, node, joined) else { unreachable!() };
    propose(&mut simulation, node, 2, "late");
    assert!(why_not(&mut simulation, node, 2).contains("joined it anew"));
    propose(&mut simulation, node, number_from, "right");
    until(&mut simulation, node, |it| matches!(it, Happened::Ordered(_)));
}

#[test]
fn another_charter_is_refused_until_the_others_are_gone() {
    let mut simulation = Simulation::new(4);
    let first = simulation.start(&card(0));
    until(&mut simulation, first, joined);
    let other = simulation.start(&NodeCard { charter: r#"{"a":1}"#.to_owned(), ..card(1) });
    let refused = until(&mut simulation, other, |it| matches!(it, Happened::Refused { .. }));
    assert!(matches!(&refused, Happened::Refused { why } if why.contains("a is 1 here and not set there")));
    simulation.command(first, Command::Leave { reason: "bye".to_owned() });
    until(&mut simulation, other, joined);
}

#[test]
fn a_slow_redis_is_told_of_once_and_when_it_is_quick_again() {
    let mut simulation = Simulation::new(5);
    let node = simulation.start(&card(0));
    until(&mut simulation, node, joined);
    let begin = simulation.now();
    simulation.slow(30_000);
    let mut slow = Vec::new();
    let mut lost = 0;
    while let Some((_, happened)) = simulation.step(begin + 120_000) {
        for it in happened {
            match it {
                Happened::Slow { delay_ms } => slow.push((delay_ms, None)),
                Happened::Quick { worst_ms } => slow.last_mut().unwrap().1 = Some((worst_ms, simulation.now())),
                Happened::Lost { .. } => lost += 1,
                _ => {}
            }
        }
    }
    let [(delay_ms, Some((worst_ms, at)))] = slow[..] else { panic!("{slow:?}") };
    assert!(SLOW_MS <= delay_ms && delay_ms <= worst_ms && worst_ms <= ANSWER_MS, "{slow:?}");
    assert!(at > begin + 20_000 + CALM_MS, "{slow:?}");
    assert!(lost > 0, "what takes too long is lost");
}

#[test]
fn who_can_not_follow_leaves_and_joins_again_with_the_state_of_the_others() {
    let mut simulation = Simulation::new(6);
    let first = simulation.start(&card(0));
    until(&mut simulation, first, joined);
    let second = simulation.start(&card(1));
    let is_asked = |it: &Happened| matches!(it, Happened::Ordered(all) if all.iter().any(|it| matches!(it.body, Body::Joined { .. })));
    let gives = |simulation: &mut Simulation| {
        let Happened::Ordered(all) = until(simulation, first, is_asked) else { unreachable!() };
        let sequence = all.iter().find(|it| matches!(it.body, Body::Joined { .. })).unwrap().sequence;
        simulation.command(first, Command::Snapshot { node: 2, sequence, text: "state".to_owned() });
        until(simulation, second, joined)
    };
    let Happened::Joined(Welcome { number_from, .. }) = gives(&mut simulation) else { unreachable!() };
    propose(&mut simulation, second, number_from, "before");
    simulation.command(second, Command::Rejoin { reason: "it can't read".to_owned() });
    simulation.command(second, Command::Rejoin { reason: "it can't read".to_owned() });
    // It hears of what it had proposed: that it is in the order, or that it is not.
    let (mut told, end) = (Vec::new(), simulation.now() + 10_000);
    while let Some((node, happened)) = simulation.step(end) {
        told.extend(happened.into_iter().filter(|_| node == second));
        if told.iter().any(|it| matches!(it, Happened::Out { .. })) {
            break;
        }
    }
    let names = |it: &&Happened| match it {
        Happened::Ordered(all) => all.iter().any(|it| it.number == number_from),
        Happened::Out { lost } => *lost == [number_from],
        _ => false,
    };
    assert_eq!(told.iter().filter(names).count(), 1, "{told:?}");
    let out_at = simulation.now();
    let Happened::Joined(Welcome { snapshot, .. }) = gives(&mut simulation) else { unreachable!() };
    assert_eq!(snapshot.as_deref(), Some("state"));
    assert!(simulation.now() >= out_at + REFUSED_MS, "not at once, where it may come again");
}
