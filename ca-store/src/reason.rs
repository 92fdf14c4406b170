//! Why a certificate is revoked: the reason codes of RFC 5280, 5.3.1.

use std::fmt;
use std::str::FromStr;

/// A reason of RFC 5280, 5.3.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Reason {
    /// None is told.
    #[default]
    Unspecified,
    /// The private key is in other hands, or may be.
    KeyCompromise,
    /// Likewise of a CA's key.
    CaCompromise,
    /// The subject belongs elsewhere now.
    AffiliationChanged,
    /// Another certificate has taken its place.
    Superseded,
    /// What it was for is no more.
    CessationOfOperation,
    /// For the time being; can be lifted.
    CertificateHold,
    /// Lifts a hold.
    RemoveFromCrl,
    /// The subject may not do any more what the certificate says.
    PrivilegeWithdrawn,
    /// The key of an attribute authority is in other hands.
    AaCompromise,
}

impl Reason {
    /// All of them, in the order of their codes.
    pub const ALL: [Reason; 10] = [
        Reason::Unspecified,
        Reason::KeyCompromise,
        Reason::CaCompromise,
        Reason::AffiliationChanged,
        Reason::Superseded,
        Reason::CessationOfOperation,
        Reason::CertificateHold,
        Reason::RemoveFromCrl,
        Reason::PrivilegeWithdrawn,
        Reason::AaCompromise,
    ];

    /// The name that RFC 5280 gives it.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::Unspecified => "unspecified",
            Reason::KeyCompromise => "keyCompromise",
            Reason::CaCompromise => "cACompromise",
            Reason::AffiliationChanged => "affiliationChanged",
            Reason::Superseded => "superseded",
            Reason::CessationOfOperation => "cessationOfOperation",
            Reason::CertificateHold => "certificateHold",
            Reason::RemoveFromCrl => "removeFromCRL",
            Reason::PrivilegeWithdrawn => "privilegeWithdrawn",
            Reason::AaCompromise => "aACompromise",
        }
    }

    /// The reason of exactly this name.
    pub(crate) fn named(name: &str) -> Option<Reason> {
        Reason::ALL.into_iter().find(|reason| reason.as_str() == name)
    }

    /// Its number in a list. 7 is not used.
    pub fn code(self) -> u8 {
        match self {
            Reason::Unspecified => 0,
            Reason::KeyCompromise => 1,
            Reason::CaCompromise => 2,
            Reason::AffiliationChanged => 3,
            Reason::Superseded => 4,
            Reason::CessationOfOperation => 5,
            Reason::CertificateHold => 6,
            Reason::RemoveFromCrl => 8,
            Reason::PrivilegeWithdrawn => 9,
            Reason::AaCompromise => 10,
        }
    }

    /// Whether the key of a certificate that was revoked for this reason can be certified again. Where no reason was told,
    /// nothing says that the key is still its owner's alone.
    pub fn leaves_key_usable(self) -> bool {
        use Reason::*;
        matches!(self, AffiliationChanged | Superseded | CessationOfOperation | PrivilegeWithdrawn | RemoveFromCrl)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// By the RFC's name in any letter case, with or without hyphens between its words: `keyCompromise`, `key-compromise`.
impl FromStr for Reason {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bare: String = text.chars().filter(|c| *c != '-').collect();
        Reason::ALL.into_iter().find(|reason| reason.as_str().eq_ignore_ascii_case(&bare)).ok_or_else(|| {
            let names = Reason::ALL.map(Reason::as_str).join(", ");
            format!("expected one of {names} (or with hyphens: key-compromise)")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Reason;

    #[test]
    fn names_are_read_as_people_type_them() {
        for (text, reason) in [
            ("keyCompromise", Reason::KeyCompromise),
            ("key-compromise", Reason::KeyCompromise),
            ("ca-compromise", Reason::CaCompromise),
            ("cACompromise", Reason::CaCompromise),
            ("remove-from-crl", Reason::RemoveFromCrl),
            ("aa-compromise", Reason::AaCompromise),
        ] {
            assert_eq!(text.parse(), Ok(reason), "{text}");
        }
        for text in ["", "lost", "key compromise", "1"] {
            assert!(text.parse::<Reason>().is_err(), "{text}");
        }
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        assert_eq!(Reason::ALL.map(Reason::code), [0, 1, 2, 3, 4, 5, 6, 8, 9, 10]);
    }
}
