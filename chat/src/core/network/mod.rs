//! One chat on several nodes: every node has a core, and all of them apply the same changes in the same order.
//!
//! ```text
//! line ─► scope: may it be answered here? ── yes ─► its handler
//!              │ no
//!              ▼
//!          Change ─► Action::Propose ─► the bus puts it in order ─► Event::Ordered ─► apply, on every node that it reaches
//! ```
//!
//! A server by itself applies a change at once: the same functions, without the way over the bus. What a node may decide by
//! itself are questions, and what concerns a connection before it is a user's.

/// The version of what nodes say to each other. It rises whenever a change or the snapshot is written in another way, or is
/// carried out in another way: nodes that would not know the same may not be in one network.
pub const PROTOCOL: u32 = 4;

mod apply;
mod catch_up;
mod change;
mod charter;
mod found;
mod membership;
mod node;
mod propose;
mod scope;
mod seat;
mod snapshot;
mod stretch;

pub use catch_up::Read;
pub use change::{Absent, Arrival, Change, Lines, Ordered, Proposal, Reach, Redaction, Seat};
pub use charter::Charter;
pub use node::NodeId;
pub use snapshot::Snapshot;
pub use stretch::together;

pub(super) use apply::ordered;
pub(super) use catch_up::{Missed, go_on, told};
pub(super) use membership::{back, cut, depart_unknown, joined, node_joined, node_left, not_made, out, retry};
pub(super) use node::{Network, Node};
pub(super) use propose::{NotMade, propose, propose_unasked};
pub(super) use scope::{keeps, shared};
