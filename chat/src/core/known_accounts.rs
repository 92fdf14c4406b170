//! Whose nickname is whose: an account reserves its name, and the part of it before an `@`.

use std::collections::HashMap;

use super::Account;
use super::limits::KNOWN_ACCOUNTS;
use crate::wire::casemap::{self, Folded};

/// The accounts this server has seen, or was told of, and the nicknames that are theirs.
#[derive(Debug, Default)]
pub(super) struct KnownAccounts {
    owners: HashMap<Folded, Vec<Account>>,
    count: usize,
}

impl KnownAccounts {
    /// Reserves the nicknames of an account. `alice@a.test` and `alice@b.test` both own `alice`. Whether it is a new one.
    pub(super) fn learn(&mut self, account: &Account) -> bool {
        let before = self.count;
        for name in [account.as_str(), account.local_part()] {
            if self.count >= KNOWN_ACCOUNTS {
                break;
            }
            let owners = self.owners.entry(Folded::new(name)).or_default();
            if !owners.contains(account) {
                owners.push(account.clone());
                self.count += 1;
            }
        }
        self.count > before
    }

    /// Whether it was seen before.
    pub(super) fn knows(&self, account: &Account) -> bool {
        self.owners.get(&*casemap::fold(account.as_str())).is_some_and(|owners| owners.contains(account))
    }

    /// Every account, in the order of their names.
    pub(super) fn all(&self) -> Vec<Account> {
        let mut all: Vec<Account> = self.owners.values().flatten().cloned().collect();
        all.sort_unstable_by(|one, other| one.as_str().cmp(other.as_str()));
        all.dedup();
        all
    }

    /// No account has exactly this name any more.
    pub(super) fn forget(&mut self, name: &str) {
        for nickname in [name, name.split('@').next().unwrap_or(name)] {
            let key = casemap::fold(nickname);
            let Some(owners) = self.owners.get_mut(&*key) else { continue };
            let before = owners.len();
            owners.retain(|owner| !casemap::same(owner.as_str(), name));
            self.count -= before - owners.len();
            if owners.is_empty() {
                self.owners.remove(&*key);
            }
        }
    }

    /// The account of this name: letter by letter, else the only one that differs in case alone.
    pub(super) fn named(&self, name: &Account) -> Option<&Account> {
        let owners = self.owners.get(&*casemap::fold(name.as_str()))?;
        let mut alike = owners.iter().filter(|owner| casemap::same(owner.as_str(), name.as_str()));
        let (first, more) = (alike.next(), alike.next().is_some());
        owners.iter().find(|owner| *owner == name).or(first.filter(|_| !more))
    }

    /// Whose this nickname is, if it is somebody's and not (also) `account`'s.
    pub(super) fn owner_other_than(&self, nickname: &str, account: Option<&Account>) -> Option<&Account> {
        let owners = self.owners.get(&*casemap::fold(nickname))?;
        match account {
            Some(account) if owners.contains(account) => None,
            _ => owners.first(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_reserves_its_name_and_its_local_part() {
        let account = |text| Account::parse(text).unwrap();
        let mut known = KnownAccounts::default();
        known.learn(&account("alice@a.test"));
        known.learn(&account("alice@b.test"));
        assert_eq!(known.owner_other_than("ALICE", None), Some(&account("alice@a.test")));
        assert_eq!(known.owner_other_than("alice", Some(&account("alice"))), Some(&account("alice@a.test")));
        assert_eq!(known.owner_other_than("alice", Some(&account("alice@b.test"))), None);
        assert_eq!(known.owner_other_than("bob", None), None);
        known.forget("alice@a.test");
        assert_eq!(known.owner_other_than("alice", None), Some(&account("alice@b.test")));
        assert_eq!(known.owner_other_than("alice@a.test", None), None);
    }
}
