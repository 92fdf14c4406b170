//! Nicknames: what people are called (RFC 2812, section 2.3.1).

use std::fmt;

use super::casemap;

/// A well-formed nickname. Equal to another by the server's casemapping.
#[derive(Debug, Clone)]
pub struct Nickname(Box<str>);

/// Why a text is no nickname.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NicknameError {
    /// There is nothing.
    #[error("a nickname has at least one character")]
    Empty,
    /// It exceeds the server's bound.
    #[error("a nickname has at most {limit} characters; this one has {length}")]
    TooLong {
        /// Its length.
        length: usize,
        /// NICKLEN.
        limit: usize,
    },
    /// It begins with a digit or `-`.
    #[error("a nickname begins with a letter or one of []\\`_^{{|}}; this one begins with {found:?}")]
    Start {
        /// The first character.
        found: char,
    },
    /// It has a character that is not allowed.
    #[error("a nickname consists of letters, digits and []\\`_^{{|}}-; this one has {found:?}")]
    Character {
        /// The character.
        found: char,
    },
}

impl Nickname {
    /// Takes a nickname of at most `limit` characters.
    pub fn parse(text: &str, limit: usize) -> Result<Nickname, NicknameError> {
        let first = text.chars().next().ok_or(NicknameError::Empty)?;
        if let Some(found) = text.chars().find(|c| !is_allowed(*c)) {
            return Err(NicknameError::Character { found });
        }
        if first.is_ascii_digit() || first == '-' {
            return Err(NicknameError::Start { found: first });
        }
        if text.len() > limit {
            return Err(NicknameError::TooLong { length: text.len(), limit });
        }
        Ok(Nickname(text.into()))
    }

    /// As its owner writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || "[]\\`_^{|}-".contains(c)
}

impl PartialEq for Nickname {
    fn eq(&self, other: &Nickname) -> bool {
        casemap::same(&self.0, &other.0)
    }
}

impl Eq for Nickname {}

impl fmt::Display for Nickname {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nicknames_by_the_grammar() {
        for good in ["alice", "[away]", "a-1", "^_^", "`x`", "A|b{}\\"] {
            assert_eq!(Nickname::parse(good, 32).map(|n| n.to_string()).as_deref(), Ok(good));
        }
        let table = [
            ("", NicknameError::Empty),
            ("1a", NicknameError::Start { found: '1' }),
            ("-a", NicknameError::Start { found: '-' }),
            ("a b", NicknameError::Character { found: ' ' }),
            ("#a", NicknameError::Character { found: '#' }),
            ("a@b", NicknameError::Character { found: '@' }),
            ("a.b", NicknameError::Character { found: '.' }),
            ("zoë", NicknameError::Character { found: 'ë' }),
            ("abcdefghi", NicknameError::TooLong { length: 9, limit: 8 }),
        ];
        for (text, error) in table {
            assert_eq!(Nickname::parse(text, 8), Err(error), "{text}");
        }
    }

    #[test]
    fn equal_by_casemap() {
        assert_eq!(Nickname::parse("Alice", 32), Nickname::parse("aLICE", 32));
    }
}
