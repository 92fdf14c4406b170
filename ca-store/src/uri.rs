//! URIs and object identifiers as certificates hold them, parsed once at the edge.

use std::fmt;

/// Octets of a URI in a certificate: what every program reads that follows links, and a hundred of them stay below the
/// size of a handshake message.
pub const MAX_URI: usize = 2048;

/// An absolute URI in ASCII (RFC 5280, 4.2.1.6; RFC 3986).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Uri(String);

impl Uri {
    /// Parses `scheme:rest`.
    ///
    /// # Errors
    /// The URI's fault.
    pub fn parse(text: &str) -> Result<Uri, UriFault> {
        let (scheme, rest) = text.split_once(':').ok_or(UriFault::Relative)?;
        let letter = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
        if !scheme.starts_with(|c: char| c.is_ascii_alphabetic()) || !scheme.chars().all(letter) || rest.is_empty() {
            return Err(UriFault::Relative);
        }
        if let Some(character) = rest.chars().find(|c| !is_allowed(*c)) {
            return Err(UriFault::Character { character });
        }
        if rest.split('%').skip(1).any(|after| !starts_with_octet(after)) {
            return Err(UriFault::Percent);
        }
        if rest.strip_prefix("//").is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#'])) {
            return Err(UriFault::NoHost);
        }
        if text.len() > MAX_URI {
            return Err(UriFault::TooLong);
        }
        Ok(Uri(text.to_owned()))
    }

    /// Parses the address of something that is fetched without further ado: by HTTP, since a client that would need TLS
    /// to judge a certificate of TLS goes round in circles (RFC 5280, 8), or by LDAP.
    ///
    /// # Errors
    /// The URI's fault, or [`UriFault::NotFetched`].
    pub fn parse_location(text: &str) -> Result<Uri, UriFault> {
        let uri = Uri::parse(text)?;
        match uri.scheme().to_ascii_lowercase().as_str() {
            "http" | "ldap" if uri.0.contains("://") => Ok(uri),
            _ => Err(UriFault::NotFetched),
        }
    }

    /// What stands before the first colon.
    pub fn scheme(&self) -> &str {
        self.0.split(':').next().unwrap_or_default()
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The characters of a URI (RFC 3986, 2).
fn is_allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c)
}

fn starts_with_octet(text: &str) -> bool {
    text.len() >= 2 && text.bytes().take(2).all(|b| b.is_ascii_hexdigit())
}

/// What is wrong with a URI.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UriFault {
    /// Without a scheme.
    #[error("it is no absolute URI, which begins with a scheme and a colon")]
    Relative,
    /// Without a host, where one is announced.
    #[error("no host stands after its //")]
    NoHost,
    /// A character that has to be written as octets.
    #[error("{character:?} has to be written as %XX, octet by octet (RFC 3986, 2.1)")]
    Character {
        /// The first of them.
        character: char,
    },
    /// A percent sign without its two digits.
    #[error("a % must be followed by two hexadecimal digits (RFC 3986, 2.1)")]
    Percent,
    /// Over the bound.
    #[error("it is longer than {MAX_URI} octets")]
    TooLong,
    /// A scheme that clients do not fetch such things by.
    #[error("clients fetch it by http:// or ldap:// alone; by https:// they would need the answer to get the answer")]
    NotFetched,
}

/// An object identifier (X.660).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Oid(Vec<u64>);

impl Oid {
    /// Arcs of an object identifier: registered ones have a dozen.
    const MAX_ARCS: usize = 32;

    /// Parses dotted form; none if it is no object identifier (X.690, 8.19.4: the first arc is 0, 1 or 2, and the second
    /// under the first two below 40).
    pub fn parse(text: &str) -> Option<Oid> {
        let plain = |arc: &str| arc.bytes().all(|b| b.is_ascii_digit()) && (arc == "0" || !arc.starts_with('0'));
        let arcs = text.split('.').map(|arc| Some(arc).filter(|arc| plain(arc))?.parse::<u64>().ok());
        let arcs: Vec<u64> = arcs.take(Self::MAX_ARCS + 1).collect::<Option<_>>()?;
        let [first, second, ..] = arcs.as_slice() else { return None };
        let fits = *first < 2 && *second < 40 || *first == 2 && *second <= u64::MAX - 80;
        (fits && arcs.len() <= Self::MAX_ARCS).then_some(Oid(arcs))
    }

    /// Its arcs.
    pub fn arcs(&self) -> &[u64] {
        &self.0
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arcs: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&arcs.join("."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absolute_uris_alone() {
        for good in ["spiffe://example.test/ns/a", "urn:uuid:f81d4fae", "http://ca.example.test/a%20b.crl", "a:b"] {
            assert_eq!(Uri::parse(good).unwrap().as_str(), good);
        }
        for (bad, fault) in [
            ("", UriFault::Relative),
            ("example.test/a", UriFault::Relative),
            ("://x", UriFault::Relative),
            ("1a:b", UriFault::Relative),
            ("a:", UriFault::Relative),
            ("http://", UriFault::NoHost),
            ("http:///a", UriFault::NoHost),
            ("http://a b", UriFault::Character { character: ' ' }),
            ("http://bücher.test", UriFault::Character { character: 'ü' }),
            ("http://a/%2", UriFault::Percent),
            ("http://a/%zz", UriFault::Percent),
            ("http://a/\u{7}", UriFault::Character { character: '\u{7}' }),
            (&format!("a:{}", "b".repeat(MAX_URI)), UriFault::TooLong),
        ] {
            assert_eq!(Uri::parse(bad), Err(fault), "{bad}");
        }
        assert_eq!(Uri::parse_location("https://a/crl"), Err(UriFault::NotFetched));
        assert!(Uri::parse_location("http://a/crl").is_ok());
    }

    #[test]
    fn identifiers_in_dotted_form() {
        for good in ["1.2.3", "2.999.1", "0.39", "2.5.29.32.0"] {
            assert_eq!(Oid::parse(good).unwrap().to_string(), good);
        }
        for bad in ["", "1", "3.1", "1.40", "1..2", "1.02", "1.a", "1.-2", "1.2.", "1.+2", "1.99999999999999999999"] {
            assert_eq!(Oid::parse(bad), None, "{bad}");
        }
    }
}
