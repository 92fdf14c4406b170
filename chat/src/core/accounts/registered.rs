//! What the core itself remembers of accounts with a password: those whose holders made them, and how many came lately.

use std::collections::HashSet;

use super::{AccountRecord, Origin};
use crate::core::limits::{
    KNOWN_ACCOUNTS, LOGIN_FAILURES_PER_ADDRESS, REGISTRATIONS_PER_ADDRESS, REGISTRATIONS_PER_HOUR,
};
use crate::core::tally::{Tally, TooOften};
use crate::core::{Account, Now};
use crate::wire::casemap::{self, Folded};

const HOUR_MS: i64 = 60 * 60 * 1000;

/// Accounts made with REGISTER, logins that failed, and the secret of decoys.
#[derive(Debug)]
pub(in crate::core) struct Registered {
    names: HashSet<Folded>,
    lately: Tally,
    failures: Tally,
    /// From which the salts of accounts that are not there are made; drawn at the first need.
    pub(in crate::core) secret: Option<Vec<u8>>,
}

impl Default for Registered {
    fn default() -> Registered {
        Registered {
            names: HashSet::new(),
            lately: Tally::new(HOUR_MS, REGISTRATIONS_PER_ADDRESS, REGISTRATIONS_PER_HOUR),
            failures: Tally::new(HOUR_MS, LOGIN_FAILURES_PER_ADDRESS, u32::MAX),
            secret: None,
        }
    }
}

impl Registered {
    /// An account that was kept.
    pub(in crate::core) fn learn(&mut self, record: &AccountRecord) {
        if record.origin == Origin::Holder && self.names.len() < KNOWN_ACCOUNTS {
            self.names.insert(Folded::new(record.account.as_str()));
        }
    }

    /// Whether its holder made it, so that it gives way to a certificate of that name.
    pub(in crate::core) fn is_holders(&self, name: &str) -> bool {
        self.names.contains(&*casemap::fold(name))
    }

    /// It is no more.
    pub(in crate::core) fn forget(&mut self, account: &Account) {
        self.names.remove(&*casemap::fold(account.as_str()));
    }

    /// Counts a registration from an address, if there were not too many within the hour.
    pub(in crate::core) fn count(&mut self, host: &str, now: Now) -> Result<(), TooOften> {
        if self.names.len() >= KNOWN_ACCOUNTS {
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
