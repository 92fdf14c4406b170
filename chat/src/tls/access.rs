//! Who of those with a certificate may come in: patterns of accounts, and fingerprints. No I/O.

use crate::core::{Admitted, Identity};
use crate::limits::tls::ACCESS_ENTRIES;
use crate::wire::mask;

/// The lists of `[access]`, checked.
#[derive(Clone, Debug, Default)]
pub struct Access {
    allow: Vec<Pattern>,
    deny: Vec<Pattern>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Pattern {
    Account(String),
    Fingerprint(String),
}

/// An entry that matches nobody.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PatternError {
    /// Neither a pattern of accounts nor a fingerprint.
    #[error(
        "`access` has \"{}\": expected an account of letters, digits, `.`, `_`, `@`, `-` with `*` and `?`, or a SHA-256 \
         fingerprint in hex",
        entry.escape_debug()
    )]
    Entry {
        /// What was found.
        entry: String,
    },
    /// Too long a list.
    #[error("`access` has a list of {found} entries; at most {ACCESS_ENTRIES} are taken")]
    TooMany {
        /// How many were found.
        found: usize,
    },
}

impl Access {
    /// Checks both lists.
    ///
    /// # Errors
    /// Fails on an entry that could match nobody.
    pub fn parse(allow: &[String], deny: &[String]) -> Result<Self, PatternError> {
        Ok(Self { allow: patterns(allow)?, deny: patterns(deny)? })
    }

    /// Whether the holder of this certificate may come in; otherwise the reason, for the holder and the log.
    ///
    /// # Errors
    /// The reason of the refusal.
    pub fn check(&self, identity: &Identity) -> Result<(), String> {
        let who = || identity.account.as_ref().map_or_else(|| identity.fingerprint.clone(), ToString::to_string);
        if self.deny.iter().any(|pattern| pattern.matches(identity)) {
            return Err(format!("{} is on this server's list of those denied", who()));
        }
        if self.allow.is_empty() || self.allow.iter().any(|pattern| pattern.matches(identity)) {
            return Ok(());
        }
        Err(format!("{} is not on this server's list of those allowed", who()))
    }
}

impl Access {
    /// The lists of accounts, for those who log in with a password. A certificate's fingerprint is none of theirs.
    pub fn accounts(&self) -> Admitted {
        let masks = |patterns: &[Pattern]| {
            let mask = |pattern: &Pattern| match pattern {
                Pattern::Account(mask) => Some(mask.clone()),
                Pattern::Fingerprint(_) => None,
            };
            patterns.iter().filter_map(mask).collect::<Vec<String>>()
        };
        let allow = (!self.allow.is_empty()).then(|| masks(&self.allow));
        Admitted { allow, deny: masks(&self.deny) }
    }
}

impl Pattern {
    fn parse(entry: &str) -> Result<Self, PatternError> {
        let hex: String = entry.chars().filter(|character| *character != ':').collect();
        if hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(Self::Fingerprint(hex.to_ascii_lowercase()));
        }
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._@-*?".contains(&byte);
        match !entry.is_empty() && entry.bytes().all(allowed) {
            true => Ok(Self::Account(entry.to_owned())),
            false => Err(PatternError::Entry { entry: entry.to_owned() }),
        }
    }

    fn matches(&self, identity: &Identity) -> bool {
        match self {
            Self::Fingerprint(fingerprint) => *fingerprint == identity.fingerprint,
            Self::Account(pattern) => {
                identity.account.as_ref().is_some_and(|account| mask::matches(pattern, account.as_str()))
            }
        }
    }
}

fn patterns(entries: &[String]) -> Result<Vec<Pattern>, PatternError> {
    if entries.len() > ACCESS_ENTRIES {
        return Err(PatternError::TooMany { found: entries.len() });
    }
    entries.iter().map(|entry| Pattern::parse(entry)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::Account;

    fn holder(account: &str) -> Identity {
        Identity {
            account: Some(Account::parse(account).expect("an account")),
            refusal: None,
            fingerprint: "ab".repeat(32),
            not_after_unix: 0,
        }
    }

    fn access(allow: &[&str], deny: &[&str]) -> Access {
        let owned = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        Access::parse(&owned(allow), &owned(deny)).expect("valid lists")
    }

    #[test]
    fn lists_decide_as_written() {
        let fingerprint = "AB:".repeat(31) + "AB";
        for (allow, deny, account, welcome) in [
            (vec![], vec![], "alice", true),
            (vec!["*@example.test"], vec![], "alice@example.test", true),
            (vec!["*@example.test"], vec![], "alice@example.org", false),
            (vec!["*"], vec!["mal*"], "mallory", false),
            (vec!["al?ce"], vec![], "ALICE", true),
            (vec![fingerprint.as_str()], vec![], "anyone", true),
            (vec![], vec![fingerprint.as_str()], "anyone", false),
        ] {
            let decided = access(&allow, &deny).check(&holder(account)).is_ok();
            assert_eq!(decided, welcome, "allow {allow:?} deny {deny:?} account {account}");
        }
    }

    #[test]
    fn an_entry_that_matches_nobody_is_refused() {
        for entry in ["", "two words", "ümlaut"] {
            assert!(Access::parse(&[entry.to_owned()], &[]).is_err(), "{entry:?}");
        }
    }
}
