//! An account: the name that a verified certificate gives its holder.

use std::fmt;

pub use crate::limits::core::ACCOUNT_LENGTH;
use serde::{Deserialize, Serialize};

/// A name of 1 to 64 letters, digits, `.`, `_`, `@`, `-`, and `/` and `:` but at its beginning.
///
/// Kept letter by letter: a certificate authority may name one person `bob` and another `Bob`, and neither becomes the other
/// here. Only their nicknames fall together.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Account(Box<str>);

/// Why a text is no account name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// There is nothing.
    #[error("an account name has 1 to {ACCOUNT_LENGTH} characters; this one is empty")]
    Empty,
    /// It exceeds the bound.
    #[error("an account name has at most {ACCOUNT_LENGTH} characters; this one has {length}")]
    TooLong {
        /// Its length.
        length: usize,
    },
    /// It has a character which is not allowed.
    #[error(
        "an account name consists of A-Z a-z 0-9 . _ @ - (of a URI also / and :, not at its beginning); this one has {found:?} as character {position}"
    )]
    Character {
        /// The character.
        found: char,
        /// Its position, from 1.
        position: usize,
    },
    /// It has a character which only a URI's account has.
    #[error("only the account of a URI has / and :; this one has {found:?} as character {position}")]
    OfUri {
        /// The character.
        found: char,
        /// Its position, from 1.
        position: usize,
    },
}

impl Account {
    /// Takes a name that fits as it is; nothing is mapped, so two names never become one.
    pub fn parse(text: &str) -> Result<Account, AccountError> {
        // `/` and `:` are those of URIs; a parameter that begins with a colon would be the last one of its line.
        let allowed =
            |at: usize, c: char| c.is_ascii_alphanumeric() || "._@-".contains(c) || (at > 0 && "/:".contains(c));
        if let Some((at, found)) = text.chars().enumerate().find(|(at, c)| !allowed(*at, *c)) {
            return Err(AccountError::Character { found, position: at + 1 });
        }
        match text.len() {
            0 => Err(AccountError::Empty),
            length if length > ACCOUNT_LENGTH => Err(AccountError::TooLong { length }),
            _ => Ok(Account(text.into())),
        }
    }

    /// The same of a person's name or address, which has no `/` and no `:`: so none is taken for a URI's account.
    pub fn of_person(text: &str) -> Result<Account, AccountError> {
        let account = Account::parse(text)?;
        match text.chars().enumerate().find(|(_, c)| "/:".contains(*c)) {
            Some((at, found)) => Err(AccountError::OfUri { found, position: at + 1 }),
            None => Ok(account),
        }
    }

    /// The name as the certificate has it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before an `@`, or all of it.
    pub fn local_part(&self) -> &str {
        self.0.split('@').next().unwrap_or(&self.0)
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_fit_are_kept_and_others_told_why() {
        let long = "a".repeat(65);
        let table: [(&str, Result<&str, AccountError>); 6] = [
            ("alice", Ok("alice")),
            ("Alice@example.test", Ok("Alice")),
            ("", Err(AccountError::Empty)),
            (&long, Err(AccountError::TooLong { length: 65 })),
            ("a b", Err(AccountError::Character { found: ' ', position: 2 })),
            ("zoë", Err(AccountError::Character { found: 'ë', position: 3 })),
        ];
        for (text, expected) in table {
            let found = Account::parse(text);
            assert_eq!(found.as_ref().map(Account::local_part), expected.as_ref().copied(), "{text}");
        }
    }

    #[test]
    fn a_person_is_not_taken_for_a_uri() {
        assert!(Account::of_person("alice.b@example.test").is_ok() && Account::parse("spiffe:/x").is_ok());
        assert_eq!(Account::of_person("a:b"), Err(AccountError::OfUri { found: ':', position: 2 }));
        assert_eq!(Account::of_person("a b"), Err(AccountError::Character { found: ' ', position: 2 }));
    }

    #[test]
    fn no_two_names_are_one_account() {
        assert_ne!(Account::parse("Bob@x"), Account::parse("bob@X"));
        assert_ne!(Account::parse("bob"), Account::parse("bob@x"));
    }
}
