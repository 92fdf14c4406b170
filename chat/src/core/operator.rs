//! IRC operators: who may become one, and what each of them may then do.

use serde::{Deserialize, Serialize};

use super::{Identity, Password};

/// What an operator may be allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Right {
    /// Closing anybody's connection.
    Kill,
    /// Announcements to all who want them.
    Wallops,
    /// Reading the configuration and the certificates again.
    Rehash,
    /// Seeing secret channels and invisible users.
    Auspex,
    /// Giving people another host to be seen with.
    ChgHost,
}

impl Right {
    /// Every one.
    pub const ALL: [Right; 5] = [Right::Kill, Right::Wallops, Right::Rehash, Right::Auspex, Right::ChgHost];

    /// As the configuration and 723 name it.
    pub fn name(self) -> &'static str {
        match self {
            Right::Kill => "kill",
            Right::Wallops => "wallops",
            Right::Rehash => "rehash",
            Right::Auspex => "auspex",
            Right::ChgHost => "chghost",
        }
    }
}

/// Some rights.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rights(u8);

impl Rights {
    /// Whether it is among them.
    pub fn has(self, right: Right) -> bool {
        self.0 & 1 << right as u8 != 0
    }
}

impl FromIterator<Right> for Rights {
    fn from_iter<T: IntoIterator<Item = Right>>(rights: T) -> Rights {
        Rights(rights.into_iter().fold(0, |set, right| set | 1 << right as u8))
    }
}

/// Somebody who may become an operator with `OPER`: by a password, by a certificate, or, with both set, by both.
#[derive(Debug, Clone)]
pub struct Operator {
    /// The name to give with `OPER`.
    pub name: String,
    /// The password to give with it.
    pub password: Option<Password>,
    /// The SHA-256 fingerprint of the certificate to show, in lower-case hex.
    pub fingerprint: Option<String>,
    /// What the operator may do.
    pub rights: Rights,
}

/// Why somebody is not this operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mismatch {
    /// The certificate is another one, or there is none.
    Certificate,
    /// The password is wrong or missing.
    Password,
}

impl Operator {
    /// Whether whoever shows this certificate and gives this password is this operator.
    pub(super) fn check(&self, identity: Option<&Identity>, password: Option<&str>) -> Result<(), Mismatch> {
        let shown = identity.map(|identity| &*identity.fingerprint);
        if self.fingerprint.is_some() && self.fingerprint.as_deref() != shown {
            return Err(Mismatch::Certificate);
        }
        match (&self.password, password) {
            (Some(expected), Some(given)) if expected.matches(given) => Ok(()),
            (None, _) if self.fingerprint.is_some() => Ok(()),
            _ => Err(Mismatch::Password),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operator(password: Option<&str>, fingerprint: Option<&str>) -> Operator {
        Operator {
            name: "root".to_owned(),
            password: password.map(|text| Password::new(text.to_owned())),
            fingerprint: fingerprint.map(str::to_owned),
            rights: Rights::default(),
        }
    }

    #[test]
    fn everything_that_is_set_has_to_fit() {
        let identity = crate::core::tests::identity("al");
        let (shown, none) = (Some(&identity), None);
        let table = [
            (operator(Some("pw"), None), none, Some("pw"), Ok(())),
            (operator(Some("pw"), None), none, Some("pW"), Err(Mismatch::Password)),
            (operator(Some("pw"), None), shown, None, Err(Mismatch::Password)),
            (operator(None, Some("ab12")), shown, None, Ok(())),
            (operator(None, Some("ab12")), none, Some("pw"), Err(Mismatch::Certificate)),
            (operator(None, Some("cd34")), shown, Some("pw"), Err(Mismatch::Certificate)),
            (operator(Some("pw"), Some("ab12")), shown, Some("pw"), Ok(())),
            (operator(Some("pw"), Some("ab12")), shown, Some("x"), Err(Mismatch::Password)),
            (operator(None, None), shown, Some(""), Err(Mismatch::Password)),
        ];
        for (number, (operator, identity, password, expected)) in table.into_iter().enumerate() {
            assert_eq!(operator.check(identity, password), expected, "row {number}");
        }
    }

    #[test]
    fn rights_are_a_set() {
        let rights: Rights = [Right::Kill, Right::Auspex].into_iter().collect();
        let held: Vec<&str> = Right::ALL.into_iter().filter(|right| rights.has(*right)).map(Right::name).collect();
        assert_eq!(held, ["kill", "auspex"]);
    }
}
