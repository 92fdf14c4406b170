//! What is wrong with a name, in words, and the command that does it right.

use crate::hint::Asking;
use crate::name::MAX_LABEL;
use crate::profile::Purpose;
use crate::san::{Names, San};

/// What is wrong with a name that was typed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameFault {
    /// Nothing there.
    #[error("it is empty")]
    Empty,
    /// A URL.
    #[error("it is a URL, and a certificate names hosts: without scheme, port and path")]
    Url,
    /// A path or an address block.
    #[error("it has a slash: a certificate names single hosts, not paths or address blocks")]
    Slash,
    /// An e-mail address where a host belongs.
    #[error("it is an e-mail address, and a server is reached by DNS name or IP address")]
    Email,
    /// Blanks or control characters.
    #[error("it has a space, another blank or a control character where none may be")]
    Blank,
    /// A port.
    #[error("it has a port: a certificate is for the host, whatever the port")]
    Port,
    /// An IPv6 address in brackets.
    #[error("the brackets belong to URLs, not to the address")]
    Brackets,
    /// Neither an IP address nor a DNS name.
    #[error("it looks like an IP address and is none (a zone such as %eth0 has no place in a certificate)")]
    AddressMalformed,
    /// An underscore.
    #[error("an underscore is no letter of host names (RFC 1123, 2.1), and several clients refuse it")]
    Underscore,
    /// Two dots in a row, or a dot in front.
    #[error("it has an empty label: two dots in a row, or a dot in front")]
    EmptyLabel,
    /// A dot at the end.
    #[error("it ends with a dot, which certificates leave out (RFC 5280, 4.2.1.6)")]
    TrailingDot,
    /// A label over 63 octets.
    #[error("its label {label:?} is longer than {MAX_LABEL} octets")]
    LabelTooLong {
        /// The label.
        label: String,
    },
    /// A label with other characters than letters, digits and hyphens.
    #[error("its label {label:?} has other characters than letters, digits and inner hyphens")]
    LabelMalformed {
        /// The label.
        label: String,
    },
    /// Over the bound.
    #[error("it is longer than {most} characters")]
    TooLong {
        /// The bound.
        most: usize,
    },
    /// Not a valid internationalised name.
    #[error("it is no valid internationalised domain name (UTS 46)")]
    NotInternational,
    /// A wildcard that is not the whole leftmost label.
    #[error("a wildcard must be the whole leftmost label, once (RFC 6125, 6.4.3)")]
    WildcardPartial,
    /// A wildcard where a client is named.
    #[error("a wildcard stands for many hosts, and a client is one: clients are compared by their names as they are")]
    WildcardClient,
    /// A wildcard before an IP address.
    #[error("a wildcard stands for a DNS label, and IP addresses have none")]
    WildcardAddress,
    /// A wildcard on a public suffix.
    #[error(
        "{suffix:?} is a public suffix or top-level name: below it hosts belong to different owners, and clients refuse the wildcard"
    )]
    WildcardTooBroad {
        /// The suffix.
        suffix: String,
    },
    /// No e-mail address.
    #[error("it is no e-mail address: {reason}")]
    EmailMalformed {
        /// What does not fit.
        reason: &'static str,
    },
    /// A further name for a CA.
    #[error("a CA has no name but its own")]
    OfAuthority,
    /// No URI.
    #[error("{0}")]
    NoUri(crate::uri::UriFault),
    /// No user principal name.
    #[error("it is no user principal name, which is written user@realm, without blanks")]
    UpnMalformed,
    /// A name that would leave its folder, or hide in it.
    #[error("a folder of the store is named after it, and this name cannot be one: {reason}")]
    NotAFolder {
        /// Why not.
        reason: &'static str,
    },
}

impl NameFault {
    /// The command that does it right: with the name that was probably meant, or where that cannot be told with an
    /// example.
    pub(crate) fn hint(&self, name: &str, purpose: Purpose, asking: Asking) -> Option<String> {
        // A mailbox is a client's name.
        let purpose = if matches!(self, NameFault::Email) { Purpose::Client } else { purpose };
        if let Some(several) = several(name).filter(|_| purpose == Purpose::Server) {
            return Some(asking.line(purpose, &several));
        }
        let better = self.better(name);
        // What would be refused as well is no help.
        let (taken, example) = match purpose {
            Purpose::Server => (better.filter(|name| San::parse(name).is_ok()), "chat.example.test"),
            Purpose::Client => (better.filter(|name| Names::of_client(name, &[]).is_ok()), "alice"),
            Purpose::Intermediate => return None,
        };
        Some(asking.line(purpose, &[taken.as_deref().unwrap_or(example)]))
    }

    /// A name that is probably what was meant.
    #[must_use]
    pub fn better(&self, name: &str) -> Option<String> {
        Some(match self {
            NameFault::Url => host_of_url(name),
            NameFault::Email => return Some(name.to_owned()),
            NameFault::Port => host_of_url(name),
            NameFault::Brackets => name.trim_matches(['[', ']']).to_owned(),
            NameFault::Underscore => name.replace('_', "-"),
            NameFault::TrailingDot => name.trim_end_matches('.').to_owned(),
            NameFault::EmptyLabel => {
                let labels: Vec<_> = name.split('.').filter(|label| !label.is_empty()).collect();
                labels.join(".")
            }
            NameFault::WildcardPartial => {
                let base = name.rsplit_once('*').map_or("", |(_, rest)| rest).trim_start_matches(|c| c != '.');
                if base.len() > 1 { format!("*{base}") } else { "*.example.test".into() }
            }
            NameFault::WildcardClient => name.trim_start_matches("*.").to_owned(),
            NameFault::WildcardTooBroad { suffix } => format!("*.example.{suffix}"),
            NameFault::WildcardAddress => name.trim_start_matches("*.").to_owned(),
            NameFault::Slash => name.split('/').find(|part| !part.is_empty())?.to_owned(),
            NameFault::Blank => name.split(|c: char| c.is_whitespace() || c.is_control()).collect::<Vec<_>>().join("-"),
            NameFault::LabelMalformed { label } => {
                let kept: String = label.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
                name.replacen(label.as_str(), kept.trim_matches('-'), 1)
            }
            _ => return None,
        })
    }
}

/// Names that commas or semicolons join, where each of them is one.
fn several(text: &str) -> Option<Vec<&str>> {
    let names: Vec<&str> = text.split([',', ';']).map(str::trim).filter(|name| !name.is_empty()).collect();
    let all = names.len() > 1 && names.iter().all(|name| San::parse(name).is_ok());
    all.then_some(names)
}

/// The host in `scheme://user@host:port/path`, or in any part of it.
fn host_of_url(text: &str) -> String {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    if let Some(inner) = host.strip_prefix('[') {
        return inner.split(']').next().unwrap_or_default().to_owned();
    }
    host.split(':').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::DnsName;

    #[test]
    fn the_command_does_it_right() {
        for (typed, command) in [
            ("https://chat.example.test:443/x", "pki issue server chat.example.test"),
            ("chat.example.test:6697", "pki issue server chat.example.test"),
            ("[::1]:6697", "pki issue server ::1"),
            ("[::1]", "pki issue server ::1"),
            ("my_host.example.test", "pki issue server my-host.example.test"),
            ("chat.example.test.", "pki issue server chat.example.test"),
            ("a..example.test", "pki issue server a.example.test"),
            ("w*.example.test", "pki issue server '*.example.test'"),
            ("*.test", "pki issue server '*.example.test'"),
            ("a.example.test,b.example.test", "pki issue server a.example.test b.example.test"),
        ] {
            let fault = DnsName::parse(typed).unwrap_err();
            assert_eq!(fault.hint(typed, Purpose::Server, Asking::Issue).as_deref(), Some(command), "{typed}");
        }
        assert_eq!(
            NameFault::Empty.hint("", Purpose::Client, Asking::Issue).as_deref(),
            Some("pki issue client alice")
        );
        let wildcard = NameFault::WildcardClient.hint("*.example.test", Purpose::Client, Asking::Issue);
        assert_eq!(wildcard.as_deref(), Some("pki issue client example.test"));
        let guess = NameFault::Underscore.hint("bad_name!!", Purpose::Server, Asking::Issue);
        assert_eq!(guess.as_deref(), Some("pki issue server chat.example.test"));
        let asked = NameFault::Underscore.hint("my_host.test", Purpose::Server, Asking::Request);
        assert_eq!(asked.as_deref(), Some("pki request server my-host.test"));
    }
}
