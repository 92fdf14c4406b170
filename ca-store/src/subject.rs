//! What a subject says besides its common name: country, state, locality, organization and unit (RFC 5280, appendix A.1).

use std::collections::BTreeMap;
use std::fmt;

use crate::facts::Name;
use crate::name::CommonName;

/// The string types that are written (X.680, 8.4): ub-x520 texts as UTF8String, a country as PrintableString.
const UTF8_STRING: u8 = 0x0c;
const PRINTABLE_STRING: u8 = 0x13;
/// id-at-commonName's last arc, below 2.5.4.
const COMMON_NAME: u8 = 3;

/// A kind of attribute, in the order in which a subject has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubjectAttribute {
    /// C: a country's two letters (ISO 3166).
    Country,
    /// ST
    State,
    /// L
    Locality,
    /// O
    Organization,
    /// OU
    OrganizationalUnit,
}

impl SubjectAttribute {
    /// All of them.
    pub const ALL: [SubjectAttribute; 5] = [
        SubjectAttribute::Country,
        SubjectAttribute::State,
        SubjectAttribute::Locality,
        SubjectAttribute::Organization,
        SubjectAttribute::OrganizationalUnit,
    ];

    /// Its key in `ca.toml`.
    pub fn as_str(self) -> &'static str {
        match self {
            SubjectAttribute::Country => "country",
            SubjectAttribute::State => "state",
            SubjectAttribute::Locality => "locality",
            SubjectAttribute::Organization => "organization",
            SubjectAttribute::OrganizationalUnit => "organizational_unit",
        }
    }

    /// Characters that it has at most (RFC 5280, appendix A.1, upper bounds).
    pub fn most(self) -> usize {
        match self {
            SubjectAttribute::Country => 2,
            SubjectAttribute::State | SubjectAttribute::Locality => 128,
            SubjectAttribute::Organization | SubjectAttribute::OrganizationalUnit => 64,
        }
    }

    /// The last arc of its type, below 2.5.4 (X.520).
    fn arc(self) -> u8 {
        match self {
            SubjectAttribute::Country => 6,
            SubjectAttribute::State => 8,
            SubjectAttribute::Locality => 7,
            SubjectAttribute::Organization => 10,
            SubjectAttribute::OrganizationalUnit => 11,
        }
    }

    fn string_type(self) -> u8 {
        if self == SubjectAttribute::Country { PRINTABLE_STRING } else { UTF8_STRING }
    }

    /// Checks a value.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(self, text: &str) -> Result<AttributeValue, AttributeFault> {
        let is_country = text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase());
        if self == SubjectAttribute::Country && !is_country {
            return Err(AttributeFault::NoCountry);
        }
        if text.trim() != text || text.is_empty() || text.chars().any(char::is_control) {
            return Err(AttributeFault::Blank);
        }
        if text.chars().count() > self.most() {
            return Err(AttributeFault::TooLong { most: self.most() });
        }
        Ok(AttributeValue { kind: self, text: text.to_owned() })
    }
}

/// A value that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeValue {
    kind: SubjectAttribute,
    text: String,
}

/// Why a value cannot be in a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeFault {
    /// Not two capital letters.
    NoCountry,
    /// Empty, with blanks at an end, or with a control character.
    Blank,
    /// Longer than its upper bound.
    TooLong {
        /// The bound, in characters.
        most: usize,
    },
}

impl fmt::Display for AttributeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AttributeFault::NoCountry => f.write_str("expected a country's two capital letters (ISO 3166), such as DE"),
            AttributeFault::Blank => {
                f.write_str("expected text without control characters, and no blank at either end")
            }
            AttributeFault::TooLong { most } => {
                write!(f, "expected at most {most} characters (RFC 5280, appendix A.1)")
            }
        }
    }
}

impl std::error::Error for AttributeFault {}

/// The attributes of a subject, one of a kind at most.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SubjectAttributes(BTreeMap<SubjectAttribute, String>);

impl FromIterator<AttributeValue> for SubjectAttributes {
    fn from_iter<T: IntoIterator<Item = AttributeValue>>(values: T) -> Self {
        SubjectAttributes(values.into_iter().map(|value| (value.kind, value.text)).collect())
    }
}

impl SubjectAttributes {
    /// Those of a name that could be asked for: the first of each kind. What else it says is left out.
    pub fn of(name: &Name) -> SubjectAttributes {
        let find = |kind: &SubjectAttribute| {
            let oid = format!("2.5.4.{}", kind.arc());
            let found = name.attributes().find(|attribute| attribute.oid == oid)?;
            kind.parse(&found.value).ok()
        };
        SubjectAttribute::ALL.iter().filter_map(find).collect()
    }

    /// These, and of the kinds that are missing the others.
    #[must_use]
    pub fn or(mut self, others: &SubjectAttributes) -> SubjectAttributes {
        for (kind, text) in &others.0 {
            self.0.entry(*kind).or_insert_with(|| text.clone());
        }
        self
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each kind that there is with its value, in the order of a subject.
    pub fn iter(&self) -> impl Iterator<Item = (SubjectAttribute, &str)> {
        self.0.iter().map(|(kind, text)| (*kind, text.as_str()))
    }

    /// The whole subject, the common name last.
    pub fn name(&self, common_name: Option<&CommonName>) -> Name {
        let own = self.iter().map(|(kind, text)| (kind.arc(), kind.string_type(), text));
        let common_name = common_name.map(|name| (COMMON_NAME, UTF8_STRING, name.as_str()));
        Name::of_attributes(own.chain(common_name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(values: &[(SubjectAttribute, &str)]) -> SubjectAttributes {
        values.iter().map(|(kind, text)| kind.parse(text).unwrap()).collect()
    }

    #[test]
    fn values_are_held_to_their_bounds() {
        for kind in SubjectAttribute::ALL.into_iter().skip(1) {
            assert!(kind.parse(&"ü".repeat(kind.most())).is_ok(), "characters are counted, not octets");
            let longer = "x".repeat(kind.most() + 1);
            assert_eq!(kind.parse(&longer), Err(AttributeFault::TooLong { most: kind.most() }));
            for blank in ["", " ", " x", "x ", "a\nb", "a\u{7}"] {
                assert_eq!(kind.parse(blank), Err(AttributeFault::Blank), "{blank:?}");
            }
        }
        for bad in ["", "D", "de", "DEU", "D1", "ÄB"] {
            assert_eq!(SubjectAttribute::Country.parse(bad), Err(AttributeFault::NoCountry), "{bad:?}");
        }
    }

    #[test]
    fn a_subject_is_written_and_read_back() {
        use SubjectAttribute::{Country, Organization, State};
        let asked = attributes(&[(Organization, "Example, Inc."), (Country, "DE"), (State, "Bayern")]);
        let name = asked.name(Some(&CommonName::parse("alice").unwrap()));
        let read = Name::from_der(name.der()).unwrap();
        assert_eq!(read.to_string(), "C=DE, ST=Bayern, O=Example\\, Inc., CN=alice");
        assert_eq!(read.attributes().next().map(|country| country.string_type), Some(19), "a PrintableString");
        assert_eq!(SubjectAttributes::of(&read), asked);
        assert_eq!(SubjectAttributes::default().name(None).der(), [0x30, 0]);
    }

    #[test]
    fn what_is_asked_for_comes_before_what_is_laid_down() {
        use SubjectAttribute::{Country, Organization};
        let asked = attributes(&[(Organization, "Own")]);
        let all = asked.or(&attributes(&[(Organization, "Other"), (Country, "FR")]));
        assert_eq!(all, attributes(&[(Country, "FR"), (Organization, "Own")]));
    }
}
