//! `[accounts]`: what is allowed with accounts that have a password.

use serde::Deserialize;

use crate::core::{AccountSettings, FEWEST_ITERATIONS};

/// `[accounts]`
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AccountsSection {
    /// Whether clients may make accounts with a password.
    pub registration: bool,
    /// Whether they may do so before they are registered themselves; true unless it is said.
    pub before_connect: Option<bool>,
    /// Whether they have to give an address.
    pub email_required: bool,
    /// Whether passwords are taken over plain text, which is loopback.
    pub sasl_over_plaintext: bool,
    /// How much work it is to try a password.
    pub password_cost: PasswordCost,
}

/// How much work it is to try a password.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum PasswordCost {
    /// Too much for a guesser who has the data folder.
    #[default]
    Default,
    /// As little as SCRAM allows: for tests.
    Lowest,
}

impl From<AccountsSection> for AccountSettings {
    fn from(section: AccountsSection) -> AccountSettings {
        let usual = AccountSettings::default();
        AccountSettings {
            registration: section.registration,
            before_connect: section.before_connect.unwrap_or(usual.before_connect),
            email_required: section.email_required,
            sasl_over_plaintext: section.sasl_over_plaintext,
            iterations: match section.password_cost {
                PasswordCost::Default => usual.iterations,
                PasswordCost::Lowest => FEWEST_ITERATIONS,
            },
        }
    }
}
