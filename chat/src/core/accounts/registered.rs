//! What the core itself remembers of accounts with a password: those whose holders made them, and how many came lately.

use std::collections::{HashMap, HashSet};

use super::{AccountRecord, Origin};
use crate::core::limits::{KNOWN_ACCOUNTS, REGISTRATIONS_PER_ADDRESS, REGISTRATIONS_PER_HOUR};
use crate::core::{Account, Now};
use crate::wire::casemap::{self, Folded};

const HOUR_MS: i64 = 60 * 60 * 1000;

/// Accounts made with REGISTER, and the secret of decoys.
#[derive(Debug, Default)]
pub(in crate::core) struct Registered {
    names: HashSet<Folded>,
    lately: HashMap<Box<str>, u32>,
    count: u32,
    since: Option<Now>,
    /// From which the salts of accounts that are not there are made; drawn at the first need.
    pub(in crate::core) secret: Option<Vec<u8>>,
}

/// Too many accounts for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::core) struct Refused;

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
    pub(in crate::core) fn count(&mut self, host: &str, now: Now) -> Result<(), Refused> {
        if self.since.is_none_or(|since| now.unix_ms - since.unix_ms >= HOUR_MS) {
            (self.since, self.count) = (Some(now), 0);
            self.lately.clear();
        }
        let here = self.lately.get(host).copied().unwrap_or(0);
        if here >= REGISTRATIONS_PER_ADDRESS
            || self.count >= REGISTRATIONS_PER_HOUR
            || self.names.len() >= KNOWN_ACCOUNTS
        {
            return Err(Refused);
        }
        self.count += 1;
        self.lately.insert(host.into(), here + 1);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_registers_so_many_accounts_an_hour() {
        let mut registered = Registered::default();
        let at = |unix_ms| Now { unix_ms };
        for _ in 0..REGISTRATIONS_PER_ADDRESS {
            assert_eq!(registered.count("a", at(0)), Ok(()));
        }
        assert_eq!(registered.count("a", at(HOUR_MS - 1)), Err(Refused));
        assert_eq!(registered.count("b", at(HOUR_MS - 1)), Ok(()));
        assert_eq!(registered.count("a", at(HOUR_MS)), Ok(()));
    }
}
