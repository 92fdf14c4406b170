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
    origins: HashMap<Folded, (Origin, u64)>,
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

/// By which a record is told from another: FNV-1a, since nobody gains from one that looks like another.
fn mark(value: &str) -> u64 {
    value.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

impl Registered {
    /// An account that was kept.
    pub(in crate::core) fn learn(&mut self, record: &AccountRecord) {
        if self.origins.len() < KNOWN_ACCOUNTS {
            self.origins.insert(Folded::new(record.account.as_str()), (record.origin, mark(&record.to_value())));
        }
    }

    /// The counts of what was tried lately, and nobody's account.
    pub(in crate::core) fn without_accounts(self) -> Registered {
        Registered { origins: HashMap::new(), ..self }
    }

    /// Whether its holder made it, so that it gives way to a certificate of that name.
    pub(in crate::core) fn is_holders(&self, name: &str) -> bool {
        self.origins.get(&*casemap::fold(name)).is_some_and(|(origin, _)| *origin == Origin::Holder)
    }

    /// Whether an account, as it is kept, is new or other than it was.
    pub(in crate::core) fn is_news(&self, value: &str) -> bool {
        let known = |record: &AccountRecord| {
            let known = self.origins.get(&*casemap::fold(record.account.as_str()));
            known.is_some_and(|(_, mark)| *mark == self::mark(&record.to_value()))
        };
        AccountRecord::parse(value).is_some_and(|record| !known(&record))
    }

    /// Those that are not among these any more.
    pub(in crate::core) fn missing(&self, there: &HashSet<Folded>) -> Vec<Folded> {
        let mut missing: Vec<Folded> = self.origins.keys().filter(|name| !there.contains(*name)).cloned().collect();
        missing.sort_unstable();
        missing
    }

    /// Their names.
    #[cfg(test)]
    pub(in crate::core) fn names(&self) -> Vec<String> {
        self.origins.keys().map(|name| name.as_str().to_owned()).collect()
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
