//! An account with a password, as it is kept.

use super::scram::Verifier;
use crate::core::keep::{Keep, RecordKind};
use crate::core::{Account, Now};
use crate::wire::casemap;

/// Who made an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The administrator, with `chat account add`.
    Administrator,
    /// Its holder, with REGISTER.
    Holder,
}

impl Origin {
    /// As it is kept and listed.
    pub fn name(self) -> &'static str {
        match self {
            Origin::Administrator => "administrator",
            Origin::Holder => "holder",
        }
    }
}

/// An account with a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRecord {
    /// Its name.
    pub account: Account,
    /// What is kept of its password.
    pub verifier: Verifier,
    /// When it was made.
    pub created: Now,
    /// Who made it.
    pub origin: Origin,
    /// An address its holder gave; nobody has looked whether it is theirs.
    pub email: Option<String>,
}

impl AccountRecord {
    /// The key of the record of a name: with a password, `bob` and `Bob` are one account.
    pub fn key(name: &str) -> String {
        casemap::fold(name).into_owned()
    }

    /// As it is kept: words of the form `name=value`.
    pub fn to_value(&self) -> String {
        let mut words = vec![
            ("name", self.account.to_string()),
            ("created", self.created.unix_ms.to_string()),
            ("origin", self.origin.name().to_owned()),
        ];
        words.extend(self.email.clone().map(|email| ("email", email)));
        words.extend(self.verifier.words());
        words.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    }

    /// From what was kept; `None` if it is something else.
    pub fn parse(value: &str) -> Option<AccountRecord> {
        let word = |wanted: &str| {
            let mut words = value.split(' ').filter_map(|word| word.split_once('='));
            words.find(|(name, _)| *name == wanted).map(|(_, value)| value)
        };
        let origins = [Origin::Administrator, Origin::Holder];
        Some(AccountRecord {
            account: Account::parse(word("name")?).ok()?,
            created: Now { unix_ms: word("created")?.parse().ok()? },
            origin: origins.into_iter().find(|origin| Some(origin.name()) == word("origin"))?,
            email: word("email").map(str::to_owned),
            verifier: Verifier::from_words(word)?,
        })
    }

    /// Has it kept.
    pub fn put(&self) -> Keep {
        Keep::Put { kind: RecordKind::Account, key: AccountRecord::key(self.account.as_str()), value: self.to_value() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::keep::Derived;
    use zeroize::Zeroizing;

    #[test]
    fn what_was_kept_is_read_again() {
        let derived = Derived { salt: vec![1; 16], iterations: 4096, salted_password: Zeroizing::new(vec![2; 32]) };
        for email in [None, Some("al@example.test".to_owned())] {
            let record = AccountRecord {
                account: Account::parse("Al").unwrap(),
                verifier: Verifier::of(&derived),
                created: Now { unix_ms: 5 },
                origin: Origin::Holder,
                email,
            };
            assert_eq!(AccountRecord::parse(&record.to_value()), Some(record));
        }
        assert_eq!(AccountRecord::parse("name=al"), None);
        assert_eq!(AccountRecord::key("Al"), "al");
    }
}
