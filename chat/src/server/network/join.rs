//! Coming into the network before the first client comes.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::timeout;

use super::Link;
use crate::bus::{Bus, BusSettings, Happened, UnusableSettings};
use crate::server::limits::JOIN_WAITS;

/// Why this server can't be a node.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// The settings of the bus.
    #[error(transparent)]
    Settings(#[from] UnusableSettings),
    /// The others have other settings, or speak another version.
    #[error("this server can't join the network: {0}")]
    Refused(String),
    /// The bus ended.
    #[error("the bus ended before this server had joined the network")]
    Ended,
}

/// A node that is in the network, with what it heard when it came.
#[derive(Debug)]
pub(in crate::server) struct Place {
    pub(in crate::server) link: Link,
    pub(in crate::server) happened: mpsc::Receiver<Happened>,
    pub(in crate::server) joined: Happened,
}

/// Joins the network; waits for the bus as long as it takes.
/// `answered` is told how long Redis took for each answer.
pub(in crate::server) async fn join(
    settings: BusSettings,
    answered: impl Fn(Duration) + Send + 'static,
) -> Result<Place, Unusable> {
    let place = settings.address.place();
    if let Some(why) = settings.address.exposed() {
        tracing::warn!(redis = %place, %why, "bus-exposed");
    }
    let (link, mut happened) = Link::new(Bus::start_observed(settings, answered)?, place.clone());
    loop {
        let Ok(told) = timeout(JOIN_WAITS, happened.recv()).await else {
            tracing::warn!(redis = %place, "not-joined-yet: clients are turned away until this node has joined");
            continue;
        };
        match told {
            Some(joined @ Happened::Joined { .. }) => return Ok(Place { link, happened, joined }),
            Some(Happened::Lost { why }) => tracing::error!(%why, "bus-lost"),
            Some(Happened::Refused { why }) => return Err(Unusable::Refused(why)),
            Some(_) => {}
            None => return Err(Unusable::Ended),
        }
    }
}
