//! The end of a roll-over: the old root is trusted no more.

use time::OffsetDateTime;

use super::lists::put_in_order;
use crate::error::Error;
use crate::store::log::{Kind, Operation};
use crate::store::{Generation, Store};

/// Names of certificates that a refusal shows.
const SHOWN: usize = 5;

/// What was ended.
#[derive(Debug)]
pub struct Finished {
    /// The name of the root that is trusted no more.
    pub old_root: String,
    /// The name of the root that is trusted now.
    pub root: String,
    /// Certificates in use that only the old root vouched for.
    pub in_use: usize,
}

/// Takes the old root out of what is trusted, and its certificate of the new one out of what is sent along, from the next
/// certificate on.
///
/// # Errors
/// [`Error::NoRollover`] where no roll-over of a root is under way, and [`Error::OldRootInUse`] while certificates below the
/// old one are in use, unless `even_in_use`.
pub fn finish_rollover(store: &Store, even_in_use: bool, now: OffsetDateTime) -> Result<Finished, Error> {
    let writer = store.write()?;
    let all = writer.authorities()?;
    let (Some(old), Some(root)) = (all.old_root(), all.root()) else {
        return Err(Error::NoRollover { dir: store.dir().to_owned() });
    };
    let below: Vec<i64> = all.below(old.id);
    let in_use = writer.in_use_of(&below, now)?;
    if !in_use.is_empty() && !even_in_use {
        let names = in_use.iter().take(SHOWN).cloned().collect();
        return Err(Error::OldRootInUse { old: old.name.clone(), count: in_use.len(), names });
    }
    let retired: Vec<i64> = std::iter::once(old.id).chain(all.cross().map(|row| row.id)).collect();
    let operation = Operation::new(Kind::Rollover).with("finished", old.name.clone()).with("root", root.name.clone());
    writer.change_generation(&Generation { ready: &[], retired: &retired, revoked: None }, operation, None)?;
    put_in_order(store, &writer)?;
    Ok(Finished { old_root: old.name.clone(), root: root.name.clone(), in_use: in_use.len() })
}
