//! The alternative names of a certificate, and the bases of name constraints.

use std::net::IpAddr;

use x509_parser::extensions::GeneralName as Parsed;

use super::oid::dotted;
use super::{Name, der, escape, hex};

/// The otherName by which Windows knows an account.
const USER_PRINCIPAL_NAME: &str = "1.3.6.1.4.1.311.20.2.3";
/// The tag before the value of an otherName.
const EXPLICIT_0: u8 = 0xa0;

/// A GeneralName (RFC 5280 section 4.2.1.6). Texts are raw.
#[derive(Debug, Clone)]
pub enum GeneralName {
    /// A DNS name, as written.
    Dns(String),
    /// An address.
    Ip(IpAddr),
    /// An address and its mask, as name constraints have them, or octets of a length that is neither.
    IpOctets(Vec<u8>),
    /// A mailbox.
    Email(String),
    /// A URI.
    Uri(String),
    /// A directory name.
    Directory(Box<Name>),
    /// Some other kind, by what it is called, with its octets in hexadecimal.
    Other(&'static str, String),
}

impl GeneralName {
    pub(crate) fn read(name: &Parsed<'_>) -> GeneralName {
        match name {
            Parsed::DNSName(text) => GeneralName::Dns((*text).to_owned()),
            Parsed::RFC822Name(text) => GeneralName::Email((*text).to_owned()),
            Parsed::URI(text) => GeneralName::Uri((*text).to_owned()),
            Parsed::IPAddress(octets) => address(octets),
            Parsed::DirectoryName(name) => GeneralName::Directory(Box::new(Name::read(name))),
            Parsed::RegisteredID(oid) => GeneralName::Other("registeredID", dotted(oid)),
            Parsed::OtherName(oid, value) => other(dotted(oid), value),
            Parsed::Invalid(tag, octets) => invalid(tag.0, octets),
            _ => GeneralName::Other("name", String::new()),
        }
    }
}

/// A Windows account by its text, all else by its type.
fn other(oid: String, value: &[u8]) -> GeneralName {
    let text =
        der::element(value).filter(|value| value.tag == EXPLICIT_0).and_then(|value| der::element(value.content));
    match text.and_then(|text| std::str::from_utf8(text.content).ok()) {
        Some(text) if oid == USER_PRINCIPAL_NAME => GeneralName::Other("UPN", text.to_owned()),
        _ => GeneralName::Other("otherName", oid),
    }
}

fn address(octets: &[u8]) -> GeneralName {
    match octets.len() {
        4 => <[u8; 4]>::try_from(octets)
            .map_or_else(|_| GeneralName::IpOctets(octets.to_vec()), |o| GeneralName::Ip(o.into())),
        16 => <[u8; 16]>::try_from(octets)
            .map_or_else(|_| GeneralName::IpOctets(octets.to_vec()), |o| GeneralName::Ip(o.into())),
        _ => GeneralName::IpOctets(octets.to_vec()),
    }
}

/// A name whose octets are not of the IA5String that its tag promises: kept as text, so that it can be named.
fn invalid(tag: u32, octets: &[u8]) -> GeneralName {
    let text = latin(octets);
    match tag {
        1 => GeneralName::Email(text),
        2 => GeneralName::Dns(text),
        6 => GeneralName::Uri(text),
        7 => GeneralName::IpOctets(octets.to_vec()),
        _ => GeneralName::Other("malformed name", hex(octets)),
    }
}

/// UTF-8, or else Latin-1, which old programs put there: every octet is the character of that number.
fn latin(octets: &[u8]) -> String {
    match std::str::from_utf8(octets) {
        Ok(text) => text.to_owned(),
        Err(_) => octets.iter().map(|octet| char::from(*octet)).collect(),
    }
}

impl std::fmt::Display for GeneralName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            GeneralName::Dns(text) => write!(f, "DNS:{}", escape(text)),
            GeneralName::Ip(address) => write!(f, "IP:{address}"),
            GeneralName::IpOctets(octets) => write!(f, "IP:{}", network(octets)),
            GeneralName::Email(text) => write!(f, "email:{}", escape(text)),
            GeneralName::Uri(text) => write!(f, "URI:{}", escape(text)),
            GeneralName::Directory(name) => write!(f, "directory:{name}"),
            GeneralName::Other(kind, text) => write!(f, "{kind}:{}", escape(text)),
        }
    }
}

/// `192.0.2.0/24` where the octets are an address and a whole mask, else hexadecimal.
fn network(octets: &[u8]) -> String {
    let (address, mask) = octets.split_at(octets.len() / 2);
    let ones: u32 = mask.iter().map(|octet| octet.count_ones()).sum();
    match self::address(address) {
        GeneralName::Ip(address) => format!("{address}/{ones}"),
        _ => hex(octets),
    }
}
