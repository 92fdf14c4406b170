//! Extended bans: masks of more than `nick!user@host`. `~a:account` fits who is logged in so; `~m:mask`, where `mask` may be
//! either kind, does not keep anybody out, but silent.

use super::mask;

/// The value of EXTBAN in ISUPPORT: the sign that begins one, and the letters.
pub const ISUPPORT: &str = "~,am";

/// The value of ACCOUNTEXTBAN in ISUPPORT (IRCv3 account-extban).
pub const ACCOUNT: &str = "a";

/// Whom a mask is compared with.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// `nick!user@host`.
    pub source: &'a str,
    /// The address, where the source shows another host.
    pub address: Option<&'a str>,
    /// The account, if there is one.
    pub account: Option<&'a str>,
}

impl Subject<'_> {
    /// As it is seen, and by the address behind that: another host is no way round a ban.
    fn fits(self, pattern: &str) -> bool {
        let by_address = || {
            let (name, _) = self.source.rsplit_once('@')?;
            Some(mask::matches(pattern, &format!("{name}@{}", self.address?)))
        };
        mask::matches(pattern, self.source) || by_address().unwrap_or(false)
    }
}

/// A mask that can fit nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExtbanError {
    /// The letter is none.
    #[error("the kinds of extended bans are ~a:account and ~m:mask")]
    Unknown,
    /// Nothing comes after the colon.
    #[error("an extended ban needs something after the colon")]
    Empty,
}

/// Completes what people type.
///
/// # Errors
/// Fails on an extended ban that is none.
pub fn complete(typed: &str) -> Result<String, ExtbanError> {
    match split(typed) {
        None => Ok(mask::complete(typed)),
        Some((_, "")) => Err(ExtbanError::Empty),
        Some(('a', account)) => Ok(format!("~a:{account}")),
        Some(('m', inner)) if !matches!(split(inner), Some(('m', _))) => Ok(format!("~m:{}", complete(inner)?)),
        Some(_) => Err(ExtbanError::Unknown),
    }
}

/// The letter of an extended ban and what comes after its colon.
fn split(mask: &str) -> Option<(char, &str)> {
    let (letter, rest) = mask.strip_prefix('~')?.split_once(':')?;
    let mut letters = letter.chars();
    letters.next().filter(|_| letters.next().is_none()).map(|letter| (letter, rest))
}

/// The mask of those who are to be silent, if that is what it is about.
pub fn mute(mask: &str) -> Option<&str> {
    mask.strip_prefix("~m:")
}

/// Whether somebody fits a mask that is no mute.
pub fn matches(mask: &str, subject: Subject<'_>) -> bool {
    match mask.strip_prefix("~a:") {
        Some(pattern) => subject.account.is_some_and(|account| mask::matches(pattern, account)),
        None => mute(mask).is_none() && subject.fits(mask),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_completed_or_refused() {
        let table = [
            ("bob", Ok("bob!*@*")),
            ("~a:bob@x", Ok("~a:bob@x")),
            ("~m:bob", Ok("~m:bob!*@*")),
            ("~m:~a:bob", Ok("~m:~a:bob")),
            ("~bob", Ok("~bob!*@*")),
            ("~ab:c", Ok("*!*@~ab:c")),
            ("~m:~m:bob", Err(ExtbanError::Unknown)),
            ("~z:bob", Err(ExtbanError::Unknown)),
            ("~a:", Err(ExtbanError::Empty)),
            ("~m:~a:", Err(ExtbanError::Empty)),
        ];
        for (typed, expected) in table {
            assert_eq!(complete(typed).as_deref(), expected.as_ref().copied(), "{typed}");
        }
    }

    #[test]
    fn accounts_and_masks_fit_whom_they_name() {
        let bob = Subject { source: "bob!b@10.0.0.1", address: None, account: Some("Bob@x") };
        let guest = Subject { account: None, ..bob };
        assert!(matches("~a:bob@*", bob) && !matches("~a:*", guest) && !matches("~a:al", bob));
        assert!(matches("*!*@10.0.0.*", guest) && !matches("~m:*!*@*", bob));
        assert!(mute("~m:~a:*").is_some_and(|mask| matches(mask, bob)));
    }
}
