//! Simulations of several nodes, and a judge who knows what must hold whatever happens.

use std::collections::{BTreeMap, BTreeSet};

use super::limits::{CHANGE_BYTES, OPEN_PROPOSALS};
use super::model::Fault;
use super::simulation::{Comeback, Simulation};
use super::{Body, Command, Happened, NodeCard, Ordered, Reach};

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

#[derive(Debug, Default)]
struct Chatter {
    memberships: Vec<Membership>,
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
    chatters: Vec<Chatter>,
    alive: BTreeSet<usize>,
    order: BTreeMap<(String, u64), Seen>,
    wrong: Vec<String>,
}

fn card(name: usize) -> NodeCard {
    NodeCard { name: format!("node{name}"), version: "1".to_owned(), protocol: 1, charter: "{}".to_owned() }
}

impl Run {
    fn new(seed: u64, trouble: Trouble) -> Run {
        let mut run = Run {
            simulation: Simulation::new(seed),
            trouble,
            is_at_fault: false,
            chatters: Vec::new(),
            alive: BTreeSet::new(),
            order: BTreeMap::new(),
            wrong: Vec::new(),
        };
        (0..NODES).for_each(|_| run.start());
        run
    }

    fn start(&mut self) {
        let node = self.simulation.start(&card(self.chatters.len()));
        self.chatters.push(Chatter::default());
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
                self.alive.remove(&who);
            }
            83..86 if self.alive.len() < NODES => self.start(),
            86..89 => self.simulation.redis.is_full ^= true,
            89..92 => self.simulation.stop_redis(),
            92..96 => self.simulation.save(),
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
            Happened::Joined { node, network, number_from, sequence, snapshot, .. } => {
                let is_founder = snapshot.is_none();
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
        match it.body {
            Body::Change(text) => {
                let Some(name) = name(&text) else { return self.wrong.push(format!("no change: {text}")) };
                membership.view.insert(it.sequence, name);
                if it.reach == Reach::Everyone {
                    membership.state.insert(name);
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
                let text = names.join("\n");
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
        for state in states.into_iter().filter(|state| *state != expected) {
            self.wrong.push(format!("a node ends with {state:?}, and the order has {expected:?}"));
        }
    }
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
    let Happened::Joined { number_from, .. } = until(&mut simulation, node, joined) else { unreachable!() };
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
