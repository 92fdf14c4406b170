//! Distinguished names: read, shown, and compared in the three ways that matter in practice.

use x509_parser::prelude::FromDer as _;
use x509_parser::x509::X509Name;

use super::der::{sequence, wrapped};
use super::oid::dotted;
use super::{escape, extension::oid_name};

/// One attribute of a name, such as `CN=Example Root CA`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// The attribute's type in dotted form, such as `2.5.4.3`.
    pub oid: String,
    /// The ASN.1 tag number of the value: 12 is UTF8String, 19 PrintableString, 20 TeletexString, 22 IA5String.
    pub string_type: u32,
    /// The value, raw; escape it before it is shown.
    pub value: String,
}

/// A distinguished name (RFC 5280 section 4.1.2.4). Shown as RFC 4514 does, but in the order of the certificate.
#[derive(Debug, Clone)]
pub struct Name {
    der: Vec<u8>,
    rdns: Vec<Vec<Attribute>>,
}

/// How two names relate, the closest relation first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameMatch {
    /// The same bytes.
    Identical,
    /// The same text in other ASN.1 string types.
    Encoding,
    /// The same text but for letter case or runs of spaces (RFC 5280 section 7.1 and OpenSSL call them equal).
    Case,
    /// Two names.
    Different,
}

impl Name {
    pub(crate) fn read(name: &X509Name<'_>) -> Name {
        let rdns = name.iter_rdn().map(|rdn| rdn.iter().map(attribute).collect()).collect();
        Name { der: name.as_raw().to_vec(), rdns }
    }

    /// A name by itself, as a server lists the CAs that it takes; none where the octets are no whole name.
    pub fn from_der(der: &[u8]) -> Option<Name> {
        let (rest, name) = X509Name::from_der(der).ok()?;
        rest.is_empty().then(|| Name::read(&name))
    }

    /// A name of one common name, as a UTF8String (RFC 5280 section 4.1.2.4).
    #[cfg(test)]
    pub(crate) fn of_common_name(text: &str) -> Name {
        Name::of_attributes([(3, 0x0c, text)].into_iter())
    }

    /// A name of attributes that X.520 defines, each by the last arc of its type (below 2.5.4), the tag of its string type and
    /// its value.
    pub(crate) fn of_attributes<'a>(attributes: impl Iterator<Item = (u8, u8, &'a str)>) -> Name {
        let (sequence, set) = (0x30, 0x31);
        let (mut der, mut rdns) = (Vec::new(), Vec::new());
        for (arc, tag, text) in attributes {
            let value = wrapped(tag, &[text.as_bytes()]);
            let attribute = wrapped(sequence, &[&[0x06, 0x03, 0x55, 0x04, arc], &value]);
            der.extend(wrapped(set, &[&attribute]));
            rdns.push(vec![Attribute { oid: format!("2.5.4.{arc}"), string_type: tag.into(), value: text.to_owned() }]);
        }
        Name { der: wrapped(sequence, &[&der]), rdns }
    }

    /// This name with another's attributes below its own.
    pub(crate) fn with_below(&self, lower: &Name) -> Name {
        let content = |name: &Name| sequence(&name.der).unwrap_or_default().to_vec();
        Name {
            der: wrapped(0x30, &[&content(self), &content(lower)]),
            rdns: self.rdns.iter().chain(&lower.rdns).cloned().collect(),
        }
    }

    /// The name as it stands in the certificate.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// All attributes, the most significant first.
    pub fn attributes(&self) -> impl Iterator<Item = &Attribute> {
        self.rdns.iter().flatten()
    }

    /// A name without any attribute.
    pub fn is_empty(&self) -> bool {
        self.rdns.is_empty()
    }

    /// The last (most specific) common name, raw.
    pub fn common_name(&self) -> Option<&str> {
        self.common_names().last()
    }

    /// Every common name, the most general first.
    pub fn common_names(&self) -> impl Iterator<Item = &str> {
        self.attributes().filter(|a| a.oid == "2.5.4.3").map(|a| a.value.as_str())
    }

    /// How this name relates to another.
    pub fn compare(&self, other: &Name) -> NameMatch {
        if self.der == other.der {
            NameMatch::Identical
        } else if self.alike(other, |a, b| a == b) {
            NameMatch::Encoding
        } else if self.alike(other, same_folded) {
            NameMatch::Case
        } else {
            NameMatch::Different
        }
    }

    /// Whether the two are one name by RFC 5280 section 7.1, which is also how OpenSSL compares.
    pub fn same_as(&self, other: &Name) -> bool {
        self.compare(other) != NameMatch::Different
    }

    /// Whether this name's attributes, in their order, are the first ones of the other's (RFC 5280 section 7.1).
    pub fn begins(&self, other: &Name) -> bool {
        let same = |(a, b): (&Vec<Attribute>, &Vec<Attribute>)| {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.oid == b.oid && same_folded(&a.value, &b.value))
        };
        self.rdns.len() <= other.rdns.len() && self.rdns.iter().zip(&other.rdns).all(same)
    }

    fn alike(&self, other: &Name, equal: impl Fn(&str, &str) -> bool) -> bool {
        self.rdns.len() == other.rdns.len()
            && self.rdns.iter().zip(&other.rdns).all(|(a, b)| {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.oid == b.oid && equal(&a.value, &b.value))
            })
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.is_empty() {
            return f.write_str("(empty name)");
        }
        for (index, attribute) in self.attributes().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            let value = escape(&attribute.value).replace(',', "\\,").replace('=', "\\=");
            write!(f, "{separator}{}={value}", oid_name(&attribute.oid))?;
        }
        Ok(())
    }
}

fn attribute(raw: &x509_parser::x509::AttributeTypeAndValue<'_>) -> Attribute {
    let value = raw.attr_value();
    Attribute {
        oid: dotted(raw.attr_type()),
        string_type: value.header.tag().0,
        value: text(value.header.tag().0, value.data),
    }
}

/// The characters of an ASN.1 string; BMPString and UniversalString are wide, all else is UTF-8 or Latin-1.
fn text(tag: u32, data: &[u8]) -> String {
    match tag {
        30 => char::decode_utf16(data.chunks(2).map(|c| u16::from_be_bytes([c[0], *c.get(1).unwrap_or(&0)])))
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect(),
        28 => data
            .chunks(4)
            .map(|c| {
                <[u8; 4]>::try_from(c).ok().and_then(|c| char::from_u32(u32::from_be_bytes(c))).unwrap_or('\u{fffd}')
            })
            .collect(),
        _ => match std::str::from_utf8(data) {
            Ok(text) => text.to_owned(),
            Err(_) => data.iter().map(|byte| char::from(*byte)).collect(),
        },
    }
}

/// Whether the two are equal in lower case, with outer spaces gone and inner runs of them made one: ASCII's, as OpenSSL
/// does it. Clients do not go as far as RFC 4518, and a verdict must not be laxer than theirs.
fn same_folded(a: &str, b: &str) -> bool {
    fn folded(text: &str) -> impl Iterator<Item = char> + '_ {
        let words = text.split_ascii_whitespace();
        words.flat_map(|word| std::iter::once(' ').chain(word.chars().map(|c| c.to_ascii_lowercase())))
    }
    a == b || folded(a).eq(folded(b))
}
