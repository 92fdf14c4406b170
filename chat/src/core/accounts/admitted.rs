//! Which accounts may be used: the lists of `[access]`, which hold for passwords as they do for certificates.

use crate::core::Account;
use crate::wire::mask;

/// Masks of accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Admitted {
    /// Who may come in; `None`: everyone.
    pub allow: Option<Vec<String>>,
    /// Who may not, even when allowed above.
    pub deny: Vec<String>,
}

impl Admitted {
    /// Whether an account is one of those.
    pub fn admits(&self, account: &Account) -> bool {
        let fits = |masks: &[String]| masks.iter().any(|mask| mask::matches(mask, account.as_str()));
        !fits(&self.deny) && self.allow.as_deref().is_none_or(fits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_denied_is_so_even_when_allowed() {
        let account = |name| Account::parse(name).unwrap();
        let masks = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let lists = Admitted { allow: Some(masks("*@a.test carol")), deny: masks("eve@*") };
        for (name, expected) in [("al@a.test", true), ("carol", true), ("eve@a.test", false), ("dave", false)] {
            assert_eq!(lists.admits(&account(name)), expected, "{name}");
        }
        assert!(Admitted::default().admits(&account("dave")));
    }
}
