//! What a CA may issue: permitted subtrees of nameConstraints (RFC 5280, 4.2.1.10).

use std::fmt;
use std::net::IpAddr;

use crate::error::Error;
use crate::name::{DnsName, NameFault};
use crate::san::San;
use crate::shell::quote;

/// Subtrees in one certificate, of both kinds together: well under the 250 comparisons that webpki allows a path.
pub const MAX_CONSTRAINTS: usize = 64;

/// A block of addresses: an address whose host bits are zero, and the length of its network part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IpBlock {
    /// The first address.
    pub address: IpAddr,
    /// Bits of the network part: 0 to 32, or to 128.
    pub prefix: u8,
}

impl IpBlock {
    /// Parses `ADDRESS/BITS`, or an address alone for itself.
    ///
    /// # Errors
    /// [`ConstraintFault::NoBlock`], or [`ConstraintFault::HostBits`] with the block that was probably meant.
    pub fn parse(text: &str) -> Result<IpBlock, ConstraintFault> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| ConstraintFault::NoBlock)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(most), str::parse::<u8>).map_err(|_| ConstraintFault::NoBlock)?;
        if prefix > most {
            return Err(ConstraintFault::NoBlock);
        }
        let network = network(address, prefix);
        if network != address {
            return Err(ConstraintFault::HostBits { block: format!("{network}/{prefix}") });
        }
        Ok(IpBlock { address, prefix })
    }

    /// Address and mask, 8 or 32 octets (RFC 5280, 4.2.1.10). Bits beyond the mask mean nothing, and clients pass over them; a mask
    /// whose ones do not all come first is no block (RFC 4632, 3.1).
    pub(crate) fn from_octets(octets: &[u8]) -> Option<IpBlock> {
        let (address, mask) = octets.split_at(octets.len() / 2);
        let address = match octets.len() {
            8 => IpAddr::from(<[u8; 4]>::try_from(address).ok()?),
            32 => IpAddr::from(<[u8; 16]>::try_from(address).ok()?),
            _ => return None,
        };
        let bits = |octet: &u8| (0..8).rev().map(move |bit| octet >> bit & 1 == 1).collect::<Vec<_>>();
        let mask: Vec<bool> = mask.iter().flat_map(bits).collect();
        let ones = mask.iter().take_while(|bit| **bit).count();
        let prefix = u8::try_from(ones).ok().filter(|_| !mask[ones..].contains(&true))?;
        Some(IpBlock { address: network(address, prefix), prefix })
    }

    /// The first address of the block that a host can have: the one after the network's own, where there are several.
    fn first_host(&self) -> IpAddr {
        match self.address {
            IpAddr::V4(v4) if self.prefix < 31 => IpAddr::V4((u32::from(v4) | 1).into()),
            IpAddr::V6(v6) if self.prefix < 127 => IpAddr::V6((u128::from(v6) | 1).into()),
            alone => alone,
        }
    }

    /// Whether `address` lies in the block.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.address.is_ipv4() == address.is_ipv4() && network(address, self.prefix) == self.address
    }
}

/// `address` with the bits after `prefix` zero.
fn network(address: IpAddr, prefix: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
            IpAddr::V4((u32::from(v4) & mask).into())
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
            IpAddr::V6((u128::from(v6) & mask).into())
        }
    }
}

impl fmt::Display for IpBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

/// A tree of DNS names. By RFC 5280 a domain stands for itself and all below it, and a dot in front has no meaning. CAs that were
/// made elsewhere have one, and every client takes it for what is below, without the domain itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsTree {
    domain: DnsName,
    is_dotted: bool,
}

impl DnsTree {
    /// As it stands in a certificate.
    ///
    /// # Errors
    /// [`NameFault`] where it is no domain.
    pub(crate) fn read(text: &str) -> Result<DnsTree, NameFault> {
        let dotless = text.strip_prefix('.');
        Ok(DnsTree { domain: DnsName::parse_host(dotless.unwrap_or(text))?, is_dotted: dotless.is_some() })
    }

    /// The domain that it is about, whether or not that is in it.
    pub fn domain(&self) -> &DnsName {
        &self.domain
    }

    /// Whether all that `name` stands for lies in the tree.
    pub fn holds(&self, name: &DnsName) -> bool {
        name.is_within(&self.domain) && !(self.is_dotted && *name == self.domain)
    }

    /// In words.
    fn described(&self) -> String {
        if self.is_dotted { format!("all below {}", self.domain) } else { format!("{} and below", self.domain) }
    }
}

impl From<DnsName> for DnsTree {
    fn from(domain: DnsName) -> DnsTree {
        DnsTree { domain, is_dotted: false }
    }
}

impl fmt::Display for DnsTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.is_dotted { "." } else { "" }, self.domain)
    }
}

/// The permitted subtrees of a CA. A kind of name with no subtree is not limited.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NameConstraints {
    /// DNS names permitted.
    pub dns: Vec<DnsTree>,
    /// IP addresses permitted.
    pub ip: Vec<IpBlock>,
}

impl NameConstraints {
    /// Parses the values of `--permit-dns` and `--permit-ip`.
    ///
    /// # Errors
    /// [`Error::ConstraintRefused`] for the first that is no DNS suffix or address block, or is one too many.
    pub fn parse(dns: &[String], ip: &[String]) -> Result<NameConstraints, Error> {
        let refused = |value: &String, fault| Error::ConstraintRefused { value: value.clone(), fault };
        if let Some(value) = dns.iter().chain(ip).nth(MAX_CONSTRAINTS) {
            return Err(refused(value, ConstraintFault::TooMany));
        }
        let dns = dns.iter().map(|value| parse_suffix(value).map(DnsTree::from).map_err(|fault| refused(value, fault)));
        let ip = ip.iter().map(|value| IpBlock::parse(value).map_err(|fault| refused(value, fault)));
        Ok(NameConstraints { dns: dns.collect::<Result<_, _>>()?, ip: ip.collect::<Result<_, _>>()? })
    }

    /// Whether nothing is limited.
    pub fn is_empty(&self) -> bool {
        self.dns.is_empty() && self.ip.is_empty()
    }

    /// Whether `san` may be issued.
    pub fn permit(&self, san: &San) -> bool {
        match san {
            San::Dns(name) => self.dns.is_empty() || self.dns.iter().any(|tree| tree.holds(name)),
            San::Ip(address) => self.ip.is_empty() || self.ip.iter().any(|block| block.contains(*address)),
            San::Email(_) | San::Uri(_) | San::Upn(_) => true,
        }
    }
}

impl NameConstraints {
    /// A permitted name that resembles `san`: its first label below a permitted suffix, or the first host of a block.
    pub(crate) fn nearest(&self, san: &San) -> Option<San> {
        match san {
            San::Dns(name) => {
                let domain = self.dns.first()?.domain();
                // A domain that is not in its own tree: the host that people call by it.
                let first = if name == domain { "www" } else { name.as_str().split('.').next()? };
                San::parse_host(&format!("{first}.{domain}")).ok()
            }
            San::Ip(_) => self.ip.first().map(|block| San::Ip(block.first_host())),
            San::Email(_) | San::Uri(_) | San::Upn(_) => None,
        }
    }
}

impl fmt::Display for NameConstraints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dns = self.dns.iter().map(DnsTree::described);
        let parts: Vec<_> = dns.chain(self.ip.iter().map(ToString::to_string)).collect();
        f.write_str(&parts.join(", "))
    }
}

fn parse_suffix(text: &str) -> Result<DnsName, ConstraintFault> {
    if let Some(suffix) = text.strip_prefix("*.").or(text.strip_prefix('.')) {
        return Err(ConstraintFault::SuffixWithDot { suffix: suffix.to_owned() });
    }
    DnsName::parse_host(text).map_err(ConstraintFault::NoSuffix)
}

/// What is wrong with a limit that was typed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConstraintFault {
    /// No DNS name.
    #[error("expected a DNS name such as example.test, and {0}")]
    NoSuffix(NameFault),
    /// With a dot or wildcard in front.
    #[error("a permitted name stands for itself and all below it, without a dot or wildcard in front")]
    SuffixWithDot {
        /// What follows.
        suffix: String,
    },
    /// No address block.
    #[error("expected an address block such as 192.0.2.0/24 or 2001:db8::/32")]
    NoBlock,
    /// Bits are set beyond the network part.
    #[error("bits are set beyond the network part: the block is {block}")]
    HostBits {
        /// The block that was probably meant.
        block: String,
    },
    /// One too many.
    #[error("it is one more than the {MAX_CONSTRAINTS} limits that are allowed")]
    TooMany,
}

impl ConstraintFault {
    /// The flag that does it right in place of `value`.
    pub(crate) fn hint(&self, value: &str) -> String {
        match self {
            ConstraintFault::SuffixWithDot { suffix } => format!("--permit-dns {}", quote(suffix)),
            ConstraintFault::HostBits { block } => format!("--permit-ip {block}"),
            ConstraintFault::NoSuffix(_) if IpBlock::parse(value).is_ok() => format!("--permit-ip {value}"),
            ConstraintFault::NoSuffix(fault) => {
                let better = fault.better(value).filter(|better| DnsName::parse_host(better).is_ok());
                format!("--permit-dns {}", better.as_deref().unwrap_or("example.test"))
            }
            ConstraintFault::NoBlock if DnsName::parse_host(value).is_ok() => format!("--permit-dns {value}"),
            ConstraintFault::NoBlock => "--permit-ip 192.0.2.0/24".into(),
            ConstraintFault::TooMany => "permit a name or a block that the others lie in".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks() {
        for (text, shown) in [
            ("192.0.2.0/24", "192.0.2.0/24"),
            ("192.0.2.7", "192.0.2.7/32"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("2001:db8::/32", "2001:db8::/32"),
            ("::1", "::1/128"),
        ] {
            assert_eq!(IpBlock::parse(text).unwrap().to_string(), shown);
        }
        for bad in ["", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/x", "example.test", "::/129"] {
            assert_eq!(IpBlock::parse(bad), Err(ConstraintFault::NoBlock), "{bad}");
        }
        assert_eq!(IpBlock::parse("192.0.2.7/24"), Err(ConstraintFault::HostBits { block: "192.0.2.0/24".into() }));
    }

    #[test]
    fn blocks_of_certificates() {
        for (octets, block) in [
            (&[192, 0, 2, 0, 255, 255, 255, 0][..], Some("192.0.2.0/24")),
            (&[192, 0, 2, 7, 255, 255, 255, 0], Some("192.0.2.0/24")),
            (&[0, 0, 0, 0, 0, 0, 0, 0], Some("0.0.0.0/0")),
            (&[192, 0, 2, 7, 255, 255, 255, 255], Some("192.0.2.7/32")),
            (&[192, 0, 2, 0, 255, 0, 255, 0], None),
            (&[192, 0, 2, 0, 255], None),
            (&[], None),
        ] {
            let read = IpBlock::from_octets(octets).map(|block| block.to_string());
            assert_eq!(read.as_deref(), block, "{octets:?}");
        }
        assert_eq!(IpBlock::from_octets(&[0; 32]).map(|block| block.to_string()).as_deref(), Some("::/0"));
    }

    #[test]
    fn only_what_is_permitted() {
        let strings = |values: &[&str]| values.iter().map(ToString::to_string).collect::<Vec<_>>();
        let limits = NameConstraints::parse(&strings(&["example.test"]), &strings(&["192.0.2.0/24"])).unwrap();
        for (name, permitted) in [
            ("example.test", true),
            ("a.example.test", true),
            ("*.example.test", true),
            ("example.org", false),
            ("192.0.2.200", true),
            ("192.0.3.1", false),
            ("::1", false),
            ("a@elsewhere.test", true),
        ] {
            assert_eq!(limits.permit(&San::parse(name).unwrap()), permitted, "{name}");
        }
        for (asked, nearest) in [("web.example.org", "web.example.test"), ("10.0.0.7", "192.0.2.1")] {
            let nearest = San::parse(nearest).unwrap();
            assert!(limits.permit(&nearest));
            assert_eq!(limits.nearest(&San::parse(asked).unwrap()), Some(nearest));
        }
        assert!(NameConstraints::default().permit(&San::parse("anything.test").unwrap()));
        for bad in ["*.example.test", ".example.test", "a_b", "10.0.0.1"] {
            assert!(NameConstraints::parse(&strings(&[bad]), &[]).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_dot_in_front_leaves_the_domain_itself_out() {
        let limits = NameConstraints { dns: vec![DnsTree::read(".example.test").unwrap()], ip: vec![] };
        for (name, permitted) in [
            ("example.test", false),
            ("a.example.test", true),
            ("*.example.test", true),
            ("b.a.example.test", true),
            ("badexample.test", false),
        ] {
            assert_eq!(limits.permit(&San::parse(name).unwrap()), permitted, "{name}");
        }
        let nearest = limits.nearest(&San::parse("example.test").unwrap());
        assert_eq!(nearest, Some(San::parse("www.example.test").unwrap()));
        assert_eq!(
            (limits.dns[0].to_string(), limits.to_string()),
            (".example.test".into(), "all below example.test".into())
        );
        assert!(DnsTree::read("..example.test").is_err() && DnsTree::read(".").is_err());
    }

    #[test]
    fn the_flag_does_it_right() {
        for (typed, flag) in [
            ("*.example.test", "--permit-dns example.test"),
            ("10.0.0.0/8", "--permit-ip 10.0.0.0/8"),
            ("my_host.test", "--permit-dns my-host.test"),
            ("#!", "--permit-dns example.test"),
        ] {
            assert_eq!(parse_suffix(typed).unwrap_err().hint(typed), flag, "{typed}");
        }
        for (typed, flag) in [
            ("10.0.0.1/8", "--permit-ip 10.0.0.0/8"),
            ("example.test", "--permit-dns example.test"),
            ("10.0.0.0/99", "--permit-ip 192.0.2.0/24"),
        ] {
            assert_eq!(IpBlock::parse(typed).unwrap_err().hint(typed), flag, "{typed}");
        }
    }
}
