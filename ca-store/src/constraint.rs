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

/// The permitted subtrees of a CA. A kind of name with no subtree is not limited.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NameConstraints {
    /// DNS names permitted: each of these, and all below it.
    pub dns: Vec<DnsName>,
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
        let dns = dns.iter().map(|value| parse_suffix(value).map_err(|fault| refused(value, fault)));
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
            San::Dns(name) => self.dns.is_empty() || self.dns.iter().any(|suffix| name.is_within(suffix)),
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
                let suffix = self.dns.first()?;
                let first = name.as_str().split('.').next()?;
                San::parse_host(&format!("{first}.{suffix}")).ok()
            }
            San::Ip(_) => self.ip.first().map(|block| San::Ip(block.first_host())),
            San::Email(_) | San::Uri(_) | San::Upn(_) => None,
        }
    }
}

impl fmt::Display for NameConstraints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dns = self.dns.iter().map(|name| format!("{name} and below"));
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
