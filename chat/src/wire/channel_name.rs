//! Channel names (RFC 2812, section 1.3).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::casemap::{self, Folded};

/// The value of CHANTYPES in ISUPPORT.
pub const TYPES: &str = "#";

/// A well-formed channel name. Equal to another by the server's casemapping.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ChannelName(Box<str>);

/// Why a text is no channel name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChannelNameError {
    /// It does not begin with `#`.
    #[error("a channel name begins with #")]
    Start,
    /// It exceeds the bound.
    #[error("a channel name has at most {limit} bytes; this one has {length}")]
    TooLong {
        /// Its length in bytes.
        length: usize,
        /// CHANNELLEN.
        limit: usize,
    },
    /// It has a character that is not allowed.
    #[error("a channel name has no spaces, commas or control characters; this one has {found:?}")]
    Character {
        /// The character.
        found: char,
    },
}

impl ChannelName {
    /// Takes a channel name of at most `limit` bytes. `#` by itself is one: nothing is asked of what follows it but that it has
    /// none of some characters (RFC 1459, section 1.3; Modern IRC, "Channels").
    pub fn parse(text: &str, limit: usize) -> Result<ChannelName, ChannelNameError> {
        let rest = text.strip_prefix('#').ok_or(ChannelNameError::Start)?;
        if text.len() > limit {
            return Err(ChannelNameError::TooLong { length: text.len(), limit });
        }
        match rest.chars().find(|c| matches!(c, ' ' | ',') || c.is_control()) {
            Some(found) => Err(ChannelNameError::Character { found }),
            None => Ok(ChannelName(text.into())),
        }
    }

    /// As who made the channel wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key under which it is found.
    pub fn folded(&self) -> Folded {
        Folded::new(&self.0)
    }
}

/// Whether a message target is meant as a channel.
pub fn is_channel(target: &str) -> bool {
    target.starts_with('#')
}

impl PartialEq for ChannelName {
    fn eq(&self, other: &ChannelName) -> bool {
        casemap::same(&self.0, &other.0)
    }
}

impl Eq for ChannelName {}

impl fmt::Display for ChannelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channel_names_by_the_grammar() {
        for good in ["#", "#a", "##", "#grüße", "#a:b"] {
            assert_eq!(ChannelName::parse(good, 64).map(|n| n.to_string()).as_deref(), Ok(good));
        }
        let table = [
            ("", ChannelNameError::Start),
            ("a", ChannelNameError::Start),
            ("#a b", ChannelNameError::Character { found: ' ' }),
            ("#a,b", ChannelNameError::Character { found: ',' }),
            ("#a\u{7}", ChannelNameError::Character { found: '\u{7}' }),
            ("#12345678", ChannelNameError::TooLong { length: 9, limit: 8 }),
        ];
        for (text, error) in table {
            assert_eq!(ChannelName::parse(text, 8), Err(error), "{text}");
        }
    }

    #[test]
    fn equal_by_casemap() {
        assert_eq!(ChannelName::parse("#Rust", 64), ChannelName::parse("#rUST", 64));
    }
}
