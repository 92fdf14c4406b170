//! What people and channels say about themselves (IRCv3 draft/metadata-2), and who wants to know.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::limits::{METADATA_KEY_LENGTH, PROFILES};
use crate::wire::casemap::Folded;

/// Values by their keys.
pub(super) type Values = BTreeMap<Box<str>, Box<str>>;

/// A client's own values, and the keys of others' that it wants to hear of.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    pub(super) values: Values,
    pub(super) subscriptions: BTreeSet<Box<str>>,
}

/// The values of accounts, for when they come again.
#[derive(Debug, Default)]
pub(super) struct Profiles(HashMap<Folded, Values>);

impl Profiles {
    /// What an account said of itself.
    pub(super) fn of(&self, account: &str) -> Values {
        self.0.get(&Folded::new(account)).cloned().unwrap_or_default()
    }

    /// Sets or removes a value. False: there is no room for another account.
    pub(super) fn set(&mut self, account: &Folded, key: &str, value: Option<&str>) -> bool {
        if !self.0.contains_key(account) && self.0.len() >= PROFILES {
            return false;
        }
        let values = self.0.entry(account.clone()).or_default();
        match value {
            Some(value) => values.insert(key.into(), value.into()),
            None => values.remove(key),
        };
        if values.is_empty() {
            self.0.remove(account);
        }
        true
    }

    /// One that was kept.
    pub(super) fn remember(&mut self, key: &str, value: &str) {
        if let Some((account, key)) = key.split_once(' ') {
            self.set(&Folded::new(account), key, Some(value));
        }
    }
}

/// Under which key an account's value is kept.
pub(super) fn record_key(account: &Folded, key: &str) -> String {
    // Neither has a space.
    format!("{} {key}", account.as_str())
}

/// Whether a key can be one.
pub(super) fn is_key(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_./-".contains(&byte);
    (1..=METADATA_KEY_LENGTH).contains(&text.len()) && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_by_the_grammar() {
        assert!(["url", "a.b/c-d_9"].into_iter().all(is_key));
        assert!(["", "URL", "a b", "$x", ":x", "a:b", &"x".repeat(49)].into_iter().all(|text| !is_key(text)));
    }

    #[test]
    fn an_account_without_values_takes_no_room() {
        let mut profiles = Profiles::default();
        profiles.remember("al url", "x");
        assert_eq!(profiles.of("AL").get("url").map(|value| &**value), Some("x"));
        profiles.set(&Folded::new("al"), "url", None);
        assert!(profiles.0.is_empty());
    }
}
