//! Which names are the same. This server announces `CASEMAPPING=ascii`: only `A-Z` and `a-z` fall together, so that
//! names in UTF-8 are left alone.

use std::borrow::{Borrow, Cow};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The value of CASEMAPPING in ISUPPORT.
pub const NAME: &str = "ascii";

/// A name as it is compared and looked up. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Folded(Arc<str>);

impl From<String> for Folded {
    fn from(name: String) -> Folded {
        Folded::new(&name)
    }
}

impl From<Folded> for String {
    fn from(name: Folded) -> String {
        name.as_str().to_owned()
    }
}

impl Folded {
    /// The key of a name.
    pub fn new(name: &str) -> Folded {
        Folded(fold(name).into())
    }

    /// The name in its folded letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Folded {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// The name in small letters; borrowed where it is that already.
pub fn fold(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}

/// Whether two names are the same.
pub fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ascii_letters_fall_together() {
        assert!(same("Nick[1]", "nICK[1]"));
        assert!(!same("nick[1]", "nick{1}"));
        assert!(!same("#Ä", "#ä"));
        assert_eq!(Folded::new("#Rust"), Folded::new("#rUST"));
        assert!(matches!(fold("plain"), Cow::Borrowed(_)));
    }
}
