//! Accounts: who a client is, by its certificate or by a password.
//!
//! Passwords are never kept, nor in memory longer than it takes to look at them: what is kept of one is a [`Verifier`]. It
//! lies with the edge, which is asked at every login, so that an account that was added, changed or removed a moment ago is
//! as it is now.

mod admitted;
mod login;
mod record;
mod registered;
pub(super) mod sasl;
mod scram;

pub use admitted::Admitted;
pub(super) use login::{changed, give_way, has_account, log_in, log_out, look_again, look_up, make_changes};
pub use record::{AccountRecord, Origin};
pub(super) use registered::Registered;
pub use scram::Verifier;

use super::Account;
use super::limits::{PASSWORD_LENGTH, PASSWORD_LENGTH_LEAST};
use crate::wire::casemap;

/// Said of an unknown account too: who guesses does not learn which there are.
const WRONG_PASSWORD: &str = "no such account, or a wrong password";

/// Rounds of PBKDF2 for a password: some 30 ms of a core, here and in a client that logs in with SCRAM, a phone say.
pub const ITERATIONS: u32 = 100_000;

/// The fewest that SCRAM-SHA-256 allows (RFC 7677, section 4): for tests.
pub const FEWEST_ITERATIONS: u32 = 4_096;

/// What is allowed with accounts that have a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountSettings {
    /// Whether REGISTER makes accounts.
    pub registration: bool,
    /// Whether it does so before the end of the connection's own registration.
    pub before_connect: bool,
    /// Whether it needs an address.
    pub email_required: bool,
    /// Whether passwords may go over connections without TLS, which are local.
    pub sasl_over_plaintext: bool,
    /// Rounds of PBKDF2 for a new password.
    pub iterations: u32,
}

impl Default for AccountSettings {
    fn default() -> AccountSettings {
        AccountSettings {
            registration: false,
            before_connect: true,
            email_required: false,
            sasl_over_plaintext: false,
            iterations: ITERATIONS,
        }
    }
}

impl AccountSettings {
    /// What `CAP LS 302` says of REGISTER.
    pub(super) fn capability_value(&self) -> String {
        let keys = [("before-connect", self.before_connect), ("email-required", self.email_required)];
        keys.into_iter().filter(|(_, on)| *on).map(|(key, _)| key).collect::<Vec<_>>().join(",")
    }
}

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// It is guessed soon.
    #[error("a password has at least {PASSWORD_LENGTH_LEAST} characters and is not the account's name")]
    Weak,
    /// It can't be typed everywhere.
    #[error("a password has at most {PASSWORD_LENGTH} bytes and no control characters")]
    Unacceptable,
}

/// Whether a password will do for an account.
///
/// # Errors
/// Where it is too weak, too long or can't be sent.
pub fn check_password(account: &Account, password: &str) -> Result<(), PasswordError> {
    if password.len() > PASSWORD_LENGTH || password.chars().any(char::is_control) {
        return Err(PasswordError::Unacceptable);
    }
    let is_a_name = [account.as_str(), account.local_part()].iter().any(|name| casemap::same(name, password));
    let weak = is_a_name || password.chars().count() < PASSWORD_LENGTH_LEAST;
    if weak { Err(PasswordError::Weak) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_long_enough_and_not_too_long() {
        let account = Account::parse("alice.b@example.test").unwrap();
        let long = "x".repeat(PASSWORD_LENGTH + 1);
        let table = [
            ("sesame", Ok(())),
            ("éééééé", Ok(())),
            ("pass", Err(PasswordError::Weak)),
            ("Alice.B", Err(PasswordError::Weak)),
            ("a\u{7}bcdefg", Err(PasswordError::Unacceptable)),
            (&long, Err(PasswordError::Unacceptable)),
        ];
        for (password, expected) in table {
            assert_eq!(check_password(&account, password), expected, "{password}");
        }
    }
}
