//! `HOST:PORT`, as it is typed.

use std::path::{Path, PathBuf};

use ca_store::explain::{PeerName, PeerNameError};
use ca_store::shell::{quote, quote_file};

/// A host and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// A DNS name or an address, without brackets.
    pub(crate) host: String,
    /// The port.
    pub(crate) port: u16,
}

impl std::str::FromStr for Endpoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Endpoint, String> {
        let wrong = || {
            format!(
                "expected HOST:PORT, such as chat.example.test:6697 or [::1]:6697, found `{}`",
                ca_store::facts::escape(text)
            )
        };
        let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
        let host = match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(address) => address,
            None if host.contains(':') => return Err(wrong()),
            None => host,
        };
        PeerName::parse(host).map_err(|error| match error {
            PeerNameError::Hyphen { .. } => error.to_string(),
            PeerNameError::Other { .. } => wrong(),
        })?;
        Ok(Endpoint { host: host.to_owned(), port: port.parse().map_err(|_| wrong())? })
    }
}

impl Endpoint {
    /// The name that the other side is asked for by.
    pub(crate) fn peer_name(&self) -> PeerName {
        PeerName::parse(&self.host).unwrap_or_else(|_| PeerName::Dns(self.host.clone()))
    }
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// A folder where there is one of that name, else a live endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// A folder of certificates and keys.
    Folder(PathBuf),
    /// A server.
    Endpoint(Endpoint),
}

impl std::str::FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Target, String> {
        if Path::new(text).is_dir() {
            return Ok(Target::Folder(PathBuf::from(text)));
        }
        text.parse().map(Target::Endpoint).map_err(|error: String| {
            let folder = if text.contains(':') { "" } else { ", and there is no folder of that name" };
            format!("{error}{folder}{}", better(text).map(|command| format!("\n\n  {command}")).unwrap_or_default())
        })
    }
}

/// What was probably meant: the file's content, or the host of a URL on the port that is its own.
fn better(text: &str) -> Option<String> {
    if Path::new(text).is_file() {
        return Some(format!("pki diagnose --chain {}", quote_file(text)));
    }
    // A slash at the end of what is no URL is a folder's.
    if text.ends_with('/') && !text.contains("://") {
        return None;
    }
    let authority = text.split_once("://").map_or(text, |(_, rest)| rest).split('/').next()?;
    let endpoint: Endpoint = authority.parse().or_else(|_| format!("{authority}:443").parse()).ok()?;
    Some(format!("pki diagnose {}", quote(&endpoint.to_string())))
}

#[cfg(test)]
mod tests {
    use super::{Endpoint, Target};

    #[test]
    fn what_was_meant_is_named_as_a_command() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let path = file.path().display().to_string();
        for (typed, command) in [
            ("https://chat.example.test/path", "pki diagnose chat.example.test:443"),
            ("https://chat.example.test:8443", "pki diagnose chat.example.test:8443"),
            ("chat.example.test", "pki diagnose chat.example.test:443"),
            (path.as_str(), &format!("pki diagnose --chain {path}")),
        ] {
            let told = typed.parse::<Target>().expect_err(typed);
            assert!(told.ends_with(&format!("\n\n  {command}")), "{told}");
        }
        assert!(!"no-such-folder/".parse::<Target>().expect_err("no folder").contains(":443"));
        assert!(!"a b".parse::<Target>().expect_err("no host").contains("pki diagnose"));
    }

    #[test]
    fn hosts_and_ports_are_told_apart() {
        for (text, host, port) in [
            ("chat.example.test:6697", "chat.example.test", 6697),
            ("127.0.0.1:1", "127.0.0.1", 1),
            ("[::1]:443", "::1", 443),
        ] {
            let endpoint: Endpoint = text.parse().expect(text);
            assert_eq!((endpoint.host.as_str(), endpoint.port), (host, port));
            assert_eq!(endpoint.to_string(), text);
        }
        for text in ["host", "host:", ":1", "host:99999", "::1:443", "https://host:443", "a b:1"] {
            assert!(text.parse::<Endpoint>().is_err(), "{text}");
        }
    }
}
