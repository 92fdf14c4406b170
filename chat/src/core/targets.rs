//! Several targets of one command, `a,b,c`: as many as [`TARGETS`], and 407 for the first beyond them.

use super::limits::TARGETS;
use super::refusal::{Outcome, Refusal};
use crate::wire::numeric::Numeric;

/// Those that a question is answered for.
pub(super) fn answered(list: &str) -> impl Iterator<Item = &str> {
    all(list).take(TARGETS)
}

/// 407, where there are more.
pub(super) fn excess(list: &str) -> Outcome {
    let Some(excess) = all(list).nth(TARGETS) else { return Ok(()) };
    let reason = format!("Too many targets: at most {TARGETS}; of this and those after it nothing is told");
    Err(Refusal::new(Numeric::TooManyTargets).with(excess).because(reason))
}

fn all(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').filter(|target| !target.is_empty())
}
