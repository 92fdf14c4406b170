//! The name of a certificate authority, checked at its birth: a CA named like a host is how a server's certificate ends up
//! with its issuer's subject, which OpenSSL's family then takes for a self-signed certificate.

use std::fmt;
use std::net::IpAddr;

use crate::error::Error;
use crate::name::{CommonName, DnsName, NameFault, fold};
use crate::shell::quote;

/// The common name of a CA, which no host is reached by unless somebody insisted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaName(CommonName);

impl CaName {
    /// Checks `text`; `host_name` is this machine's name, where it is known.
    ///
    /// # Errors
    /// [`Error::CaNameRefused`] for what is no common name, or is a host's: a DNS name with a dot, an IP address,
    /// `localhost` or this machine's name. `allow_host_like` lets the last four pass.
    pub fn parse(text: &str, host_name: Option<&str>, allow_host_like: bool) -> Result<CaName, Error> {
        let refuse = |fault| Error::CaNameRefused { name: text.to_owned(), fault };
        let name = CommonName::parse(text).map_err(|fault| refuse(CaNameFault::NoName(fault)))?;
        match host_like(text, host_name) {
            Some(fault) if !allow_host_like => Err(refuse(fault)),
            _ => Ok(CaName(name)),
        }
    }

    /// The common name.
    pub fn common_name(&self) -> &CommonName {
        &self.0
    }
}

impl fmt::Display for CaName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why `text` is a host's name, if it is one.
fn host_like(text: &str, host_name: Option<&str>) -> Option<CaNameFault> {
    let text = text.trim_end_matches('.');
    if text.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() {
        return Some(CaNameFault::Address);
    }
    let folded = fold(text);
    if folded == "localhost" {
        return Some(CaNameFault::Localhost);
    }
    if let Some(host) = host_name.map(fold)
        && (folded == host || Some(folded.as_str()) == host.split('.').next())
    {
        return Some(CaNameFault::ThisMachine);
    }
    let host = text.trim_start_matches("*.").replace('_', "-");
    (host.contains('.') && DnsName::parse_host(&host).is_ok()).then_some(CaNameFault::DnsName)
}

/// What is wrong with the name of a CA.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaNameFault {
    /// It is no common name at all.
    #[error("{0}")]
    NoName(NameFault),
    /// It reads as a DNS name.
    #[error(
        "it reads as a host's DNS name, and a server's certificate of that name would have the subject of its own issuer, \
         which OpenSSL takes for self-signed"
    )]
    DnsName,
    /// It is an IP address.
    #[error("it is an IP address, and a CA is no host: the server's certificate is another one, issued by the CA")]
    Address,
    /// It is `localhost`.
    #[error("localhost is a host, and its certificate would have the subject of its own issuer")]
    Localhost,
    /// It is this machine's name.
    #[error("it is this machine's name, and the machine's certificate would have the subject of its own issuer")]
    ThisMachine,
}

impl CaNameFault {
    /// The command that does it right.
    pub(crate) fn hint(&self, name: &str) -> Option<String> {
        let better = match self {
            CaNameFault::NoName(NameFault::TooLong { .. }) => return None,
            CaNameFault::NoName(_) | CaNameFault::Address => "Example Root CA".to_owned(),
            _ => format!("{} Root CA", first_label(name)),
        };
        let insist = match self {
            CaNameFault::NoName(_) => String::new(),
            _ => format!(
                "\nif the name must be this one, no server may ever have it:\npki init-ca --name {} --allow-host-like-name",
                quote(name)
            ),
        };
        Some(format!("pki init-ca --name {}{insist}", quote(&better)))
    }
}

/// The label that the owner is probably known by: the last but one of `chat.example.test`.
fn first_label(name: &str) -> String {
    let labels: Vec<_> = name.split('.').filter(|label| !label.is_empty()).collect();
    let label = labels.iter().rev().nth(1).or(labels.first()).copied().unwrap_or("Example");
    let mut letters = label.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_no_authorities() {
        for (name, fault) in [
            ("chat.example.test", CaNameFault::DnsName),
            ("CHAT.Example.Test", CaNameFault::DnsName),
            ("chat.example.test.", CaNameFault::DnsName),
            ("*.example.test", CaNameFault::DnsName),
            ("my_ca.example.test", CaNameFault::DnsName),
            ("bücher.example", CaNameFault::DnsName),
            ("192.0.2.1", CaNameFault::Address),
            ("::1", CaNameFault::Address),
            ("LocalHost", CaNameFault::Localhost),
            ("Builder7", CaNameFault::ThisMachine),
            ("builder7.internal", CaNameFault::ThisMachine),
        ] {
            let found = CaName::parse(name, Some("builder7.internal"), false);
            assert!(matches!(&found, Err(Error::CaNameRefused { fault: f, .. }) if *f == fault), "{name}: {found:?}");
            assert!(CaName::parse(name, Some("builder7.internal"), true).is_ok(), "{name}");
        }
    }

    #[test]
    fn authorities_are_named_like_authorities() {
        for name in ["Example Root CA", "Example", "Müller & Söhne CA 1.0", "Root v1.2 CA"] {
            assert!(CaName::parse(name, Some("builder7"), false).is_ok(), "{name}");
        }
        assert!(CaName::parse("", None, true).is_err());
        assert!(CaName::parse(&"x".repeat(65), None, true).is_err());
    }

    #[test]
    fn the_hint_is_a_name_that_passes() {
        for name in ["chat.example.test", "localhost", "10.0.0.1", "builder7", ""] {
            let Err(error) = CaName::parse(name, Some("builder7"), false) else { panic!("{name} passed") };
            let hint = error.hint().unwrap();
            let better =
                hint.lines().next().unwrap().strip_prefix("pki init-ca --name '").unwrap().trim_end_matches('\'');
            assert!(CaName::parse(better, Some("builder7"), false).is_ok(), "{better}");
        }
    }
}
