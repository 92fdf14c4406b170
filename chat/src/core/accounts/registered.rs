//! What the core itself remembers of accounts with a password: who made them, and how many came lately.

use std::collections::{HashMap, HashSet};

use super::{AccountRecord, Origin};
use crate::core::limits::{
    KNOWN_ACCOUNTS, LOGIN_FAILURES_PER_ADDRESS, REGISTRATIONS_PER_ADDRESS, REGISTRATIONS_PER_HOUR,
};
use crate::core::tally::{Tally, TooOften};
use crate::core::{Account, Now};
use crate::wire::casemap::{self, Folded};

const HOUR_MS: i64 = 60 * 60 * 1000;

/// Accounts with a password and who made them, logins that failed, and the secret of decoys.
#[derive(Debug)]
pub(in crate::core) struct Registered {
    origins: HashMap<Folded, Origin>,
    lately: Tally,
    failures: Tally,
    /// From which the salts of accounts that are not there are made; drawn at the first need.
    pub(in crate::core) secret: Option<Vec<u8>>,
}

impl Default for Registered {
    fn default() -> Registered {
        Registered {
            origins: HashMap::new(),
            lately: Tally::new(HOUR_MS, REGISTRATIONS_PER_ADDRESS, REGISTRATIONS_PER_HOUR),
            failures: Tally::new(HOUR_MS, LOGIN_FAILURES_PER_ADDRESS, u32::MAX),
            secret: None,
        }
    }
}

impl Registered {
    /// An account that was kept.
    pub(in crate::core) fn learn(&mut self, record: &AccountRecord) {
        if self.origins.len() < KNOWN_ACCOUNTS {
            self.origins.insert(Folded::new(record.account.as_str()), record.origin);
        }
    }

    /// Whether its holder made it, so that it gives way to a certificate of that name.
    pub(in crate::core) fn is_holders(&self, name: &str) -> bool {
        self.origins.get(&*casemap::fold(name)) == Some(&Origin::Holder)
    }

    /// Those that are not among these any more.
    pub(in crate::core) fn missing(&self, there: &HashSet<Folded>) -> Vec<Folded> {
        let mut missing: Vec<Folded> = self.origins.keys().filter(|name| !there.contains(*name)).cloned().collect();
        missing.sort_unstable();
        missing
    }

    /// It is no more.
    pub(in crate::core) fn forget(&mut self, account: &Account) {
        self.origins.remove(&*casemap::fold(account.as_str()));
    }

    /// Counts a registration from an address, if there were not too many within the hour.
    pub(in crate::core) fn count(&mut self, host: &str, now: Now) -> Result<(), TooOften> {
        if self.origins.len() >= KNOWN_ACCOUNTS {
            return Err(TooOften);
        }
        self.lately.allows(host, now)?;
        self.lately.count(host);
        Ok(())
    }

    /// Whether not too many logins from an address failed lately.
    pub(in crate::core) fn may_try(&mut self, host: &str, now: Now) -> Result<(), TooOften> {
        self.failures.allows(host, now)
    }

    /// One more did.
    pub(in crate::core) fn failed(&mut self, host: &str) {
        self.failures.count(host);
    }
}
