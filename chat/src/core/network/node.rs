//! The nodes of the network, and this one's place among them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::Change;
use super::catch_up::{CatchUp, Read};
use crate::core::channel::Lists;
use crate::core::keep::Buffer;
use crate::core::{ClientId, Now};
use crate::wire::casemap::Folded;

/// Bits of a client's number that count the clients of its node: a trillion of them in the life of a node.
const CLIENT_BITS: u32 = 40;

/// A node of the network; 0 is a server by itself. A number is never given to another node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NodeId(pub u32);

impl NodeId {
    /// The node's client of this number.
    pub fn client(self, number: u64) -> ClientId {
        ClientId(u64::from(self.0) << CLIENT_BITS | number)
    }

    /// All numbers of its clients.
    pub(in crate::core) fn clients(self) -> Range<ClientId> {
        self.client(0)..NodeId(self.0 + 1).client(0)
    }
}

impl ClientId {
    /// On which node it is.
    pub fn node(self) -> NodeId {
        NodeId(u32::try_from(self.0 >> CLIENT_BITS).unwrap_or(u32::MAX))
    }
}

/// What is known of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::core) struct Node {
    pub(in crate::core) name: String,
    pub(in crate::core) version: String,
    /// What it said it is when it joined.
    pub(in crate::core) description: String,
    pub(in crate::core) since: Now,
}

/// Whether what is decided here is so everywhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Link {
    /// There are no others.
    #[default]
    Alone,
    /// The bus puts things in order.
    Bound,
    /// It can't be reached, since then and for that reason.
    Cut(String),
}

/// What those who come back are shown the difference from.
#[derive(Debug, Default)]
pub(super) struct Before {
    /// The lists of the channels that had members here.
    pub(super) lists: BTreeMap<Folded, Lists>,
    /// Messages that were taken back since, with their conversations as they are called now.
    pub(super) taken_back: Vec<(Buffer, String)>,
    /// When the last change was put in order that this node knew.
    pub(super) read: Now,
    /// Who has come back and saw that it left a channel, by its old name, as the new one was another's.
    pub(super) left: BTreeSet<(ClientId, Folded)>,
    /// Who has still to come back: what is taken back until then it is told with what was taken back before.
    pub(super) returning: BTreeSet<ClientId>,
}

/// This node and the others.
#[derive(Debug, Default)]
pub(in crate::core) struct Network {
    /// This one.
    pub(in crate::core) here: NodeId,
    /// Every one, this one too; empty on a server by itself.
    pub(in crate::core) nodes: BTreeMap<NodeId, Node>,
    /// One that is no more, while its users leave.
    leaving: Option<(NodeId, Node)>,
    link: Link,
    /// The others have given this node up, and it has not joined them again.
    is_out: bool,
    /// The place in the order of the change that is being applied.
    applying: Option<u64>,
    /// The last number that was given to a proposal.
    last: u64,
    /// Who waits for which proposal.
    open: BTreeMap<u64, ClientId>,
    /// Those for which nobody waits.
    unasked: BTreeMap<u64, Change>,
    /// Changes that have to be made, and were not taken: tried again at the next opportunity. At most a few a session.
    owed: VecDeque<Change>,
    /// The place in the order of the last change that was applied.
    pub(super) read: Read,
    /// What was so before the others had given this node up, for those who come back.
    pub(super) before: Before,
    /// Who has missed what was said while the others had given this node up.
    pub(in crate::core) catch_up: CatchUp,
}

impl Network {
    /// A node among others, from now on.
    pub(in crate::core) fn bind(&mut self, here: NodeId, first_number: u64) {
        self.here = here;
        self.last = self.last.max(first_number.saturating_sub(1));
        (self.link, self.is_out) = (Link::Bound, false);
    }

    pub(in crate::core) fn is_alone(&self) -> bool {
        self.link == Link::Alone
    }

    /// Why nothing can be put in order now, if so.
    pub(in crate::core) fn why_cut(&self) -> Option<&str> {
        match &self.link {
            Link::Cut(why) => Some(why),
            _ => None,
        }
    }

    /// Whether the others do not know this node's users any more.
    pub(in crate::core) fn is_out(&self) -> bool {
        self.is_out
    }

    /// From here on they do not.
    pub(super) fn set_out(&mut self) {
        self.is_out = true;
    }

    pub(in crate::core) fn set_cut(&mut self, why: Option<String>) {
        self.link = why.map_or(Link::Bound, Link::Cut);
    }

    /// A message is taken back, which some may have seen who are not back yet.
    pub(in crate::core) fn taken_back(&mut self, buffer: &Buffer, msgid: &str) {
        if !self.before.returning.is_empty() {
            self.before.taken_back.push((buffer.clone(), msgid.to_owned()));
        }
    }

    /// Whether a client is connected to this node.
    pub(in crate::core) fn is_here(&self, client: ClientId) -> bool {
        client.node() == self.here
    }

    /// Whether what is done now is done on all nodes: a change is being applied, or there is one node only.
    pub(in crate::core) fn is_settled(&self) -> bool {
        self.applying.is_some() || self.is_alone()
    }

    /// Whether what happens now happens in the network, and not only as the users of a node see it that was given up.
    pub(in crate::core) fn is_real(&self) -> bool {
        self.applying != Some(0)
    }

    /// Whether a change of the bus is being applied.
    pub(in crate::core) fn is_applying(&self) -> bool {
        self.applying.is_some()
    }

    pub(super) fn begin(&mut self, sequence: u64) {
        self.applying = Some(sequence);
    }

    pub(super) fn end(&mut self) {
        self.applying = None;
    }

    /// The number of the next proposal, for which a client waits.
    pub(super) fn number(&mut self, client: ClientId) -> u64 {
        self.last += 1;
        self.open.insert(self.last, client);
        self.last
    }

    /// The number of one for which nobody waits.
    pub(super) fn number_unasked(&mut self, change: &Change) -> u64 {
        self.last += 1;
        self.unasked.insert(self.last, change.clone());
        self.last
    }

    /// A proposal has an end; who waits for it.
    pub(super) fn close(&mut self, number: u64) -> Option<ClientId> {
        self.open.remove(&number)
    }

    /// The same of one for which nobody waits.
    pub(super) fn unasked(&mut self, number: u64) -> Option<Change> {
        self.unasked.remove(&number)
    }

    pub(super) fn owe(&mut self, change: Change) {
        self.owed.push_back(change);
    }

    pub(in crate::core) fn owes(&self) -> bool {
        !self.owed.is_empty()
    }

    pub(super) fn take_owed(&mut self) -> VecDeque<Change> {
        std::mem::take(&mut self.owed)
    }

    /// A node's name; this one's where it is by itself.
    pub(in crate::core) fn name_of<'a>(&'a self, client: ClientId, own: &'a str) -> &'a str {
        let leaving = self.leaving.as_ref().filter(|(node, _)| *node == client.node()).map(|(_, node)| node);
        self.nodes.get(&client.node()).or(leaving).map_or(own, |node| &node.name)
    }

    /// A node is no more; its name, if it is known. Its users are still said to be on it until [`Network::has_left`].
    pub(super) fn leaves(&mut self, node: NodeId) -> Option<String> {
        self.leaving = self.nodes.remove(&node).map(|about| (node, about));
        self.leaving.as_ref().map(|(_, about)| about.name.clone())
    }

    /// And so are its users.
    pub(super) fn has_left(&mut self) {
        self.leaving = None;
    }

    /// What a node says it is; this one's own words where it is by itself.
    pub(in crate::core) fn description_of<'a>(&'a self, client: ClientId, own: &'a str) -> &'a str {
        self.nodes.get(&client.node()).map_or(own, |node| &node.description)
    }

    /// The other nodes.
    pub(in crate::core) fn others(&self) -> impl Iterator<Item = (&NodeId, &Node)> {
        self.nodes.iter().filter(|(node, _)| **node != self.here)
    }

    /// Who of the others has been there for the longest, the same on every node.
    pub(super) fn eldest_but(&self, node: NodeId) -> Option<NodeId> {
        let others = self.nodes.iter().filter(|(other, _)| **other != node);
        others.min_by_key(|(other, about)| (about.since, **other)).map(|(other, _)| *other)
    }

    /// The node after a node, the same on every node; none where there is no other.
    pub(super) fn after(&self, node: NodeId) -> Option<NodeId> {
        let after = self.nodes.range(NodeId(node.0 + 1)..).next();
        after.or_else(|| self.nodes.iter().next()).map(|(other, _)| *other).filter(|other| *other != node)
    }
}
