//! Where Redis is: `redis://` or `rediss://`, with a user, a password and a database.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use zeroize::Zeroizing;

/// Redis's usual port.
const PORT: u16 = 6379;

/// A Redis, and who this node is there. Shown without the password.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    /// The host's name or address, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Whether it is spoken to over TLS.
    pub tls: bool,
    /// The user of Redis's ACL.
    pub user: Option<String>,
    /// The password.
    pub password: Option<Zeroizing<String>>,
    /// The number of the database.
    pub database: u32,
    /// The file with this node's certificate, key and trust for TLS, as commands in messages have it.
    pub bundle: Option<PathBuf>,
}

impl Address {
    /// Reads `redis[s]://[USER[:PASSWORD]@]HOST[:PORT][/DATABASE]`.
    ///
    /// # Errors
    /// What was expected and found, without what may be a password.
    pub fn parse(text: &str) -> Result<Address, String> {
        const FORM: &str = "redis://HOST:PORT, or rediss://HOST:PORT for TLS";
        let (scheme, rest) =
            text.split_once("://").ok_or_else(|| format!("the address of Redis is to be {FORM}, and has no ://"))?;
        let tls = match scheme {
            "redis" => false,
            "rediss" => true,
            other => return Err(format!("the address of Redis is to be {FORM}, and begins with {other:?}")),
        };
        let (rest, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (login, place) = rest.rsplit_once('@').map_or((None, rest), |(login, place)| (Some(login), place));
        let (host, port) = host_and_port(place)
            .ok_or_else(|| format!("the address of Redis is to be {FORM}, and has {place:?} for host and port"))?;
        let (user, password) = login.map_or(Ok((None, None)), login_of)?;
        let database = Some(database).filter(|it| !it.is_empty()).map_or(Ok(0), |it| {
            it.parse()
                .map_err(|_| format!("after the host a number of a database is expected, as in /0, and {it:?} found"))
        })?;
        Ok(Address { host, port, tls, user, password, database, bundle: None })
    }

    /// What is open to others on the way to this Redis, and what closes it; none on the machine's own loopback.
    pub fn exposed(&self) -> Option<&'static str> {
        let here = self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|it| it.is_loopback());
        match (here || self.tls, &self.password) {
            (true, _) => None,
            (false, Some(_)) => Some(
                "whoever listens on the way reads the chat, and Redis's password: rediss:// with certificates closes that",
            ),
            (false, None) => Some(
                "whoever reaches Redis reads the chat and may put words into it: rediss:// with certificates, and a user with a password, close that",
            ),
        }
    }

    /// `HOST:PORT`, as messages have it.
    pub fn place(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "rediss" } else { "redis" };
        write!(f, "{scheme}://{}/{}", self.place(), self.database)
    }
}

fn host_and_port(place: &str) -> Option<(String, u16)> {
    let (host, port) = match place.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            (host, port.strip_prefix(':').map_or(if port.is_empty() { Some("") } else { None }, Some)?)
        }
        None => place.split_once(':').unwrap_or((place, "")),
    };
    let port = if port.is_empty() { PORT } else { port.parse().ok().filter(|it| *it != 0)? };
    Some((host.to_owned(), port)).filter(|(host, _)| !host.is_empty())
}

type Login = (Option<String>, Option<Zeroizing<String>>);

fn login_of(text: &str) -> Result<Login, String> {
    let (user, password) = text.split_once(':').unwrap_or((text, ""));
    let decoded = |it: &str| {
        decode(it).ok_or("in the user and password of Redis's address a % is to be followed by two digits, as in %40")
    };
    let some = |it: String| Some(it).filter(|it| !it.is_empty());
    Ok((some(decoded(user)?), some(decoded(password)?).map(Zeroizing::new)))
}

fn decode(text: &str) -> Option<String> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        octets.push(if *first == b'%' {
            let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
            rest = &rest[2..];
            u8::from_str_radix(digits, 16).ok()?
        } else {
            *first
        });
    }
    String::from_utf8(octets).ok()
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn an_address_is_read_with_all_its_parts() {
        let it = Address::parse("rediss://chat:p%40ss%3a@redis.example.org:7000/3").unwrap();
        assert_eq!((it.host.as_str(), it.port, it.tls, it.database), ("redis.example.org", 7000, true, 3));
        assert_eq!((it.user.as_deref(), it.password.as_ref().map(|it| it.as_str())), (Some("chat"), Some("p@ss:")));
        assert_eq!(format!("{it:?}"), "rediss://redis.example.org:7000/3");
        let it = Address::parse("redis://:secret@[::1]").unwrap();
        assert_eq!((it.host.as_str(), it.port, &it.user, it.place()), ("::1", 6379, &None, "[::1]:6379".to_owned()));
    }

    #[test]
    fn what_is_no_address_is_told_without_the_password() {
        let bad = [
            "localhost:6379",
            "http://x",
            "redis://",
            "redis://:secret@host:port",
            "redis://:secret@h:1/x",
            "redis://:secret%4@h",
            "redis://u:secret@h:0",
        ];
        for text in bad {
            let why = Address::parse(text).unwrap_err();
            assert!(!why.contains("secret"), "{why}");
        }
    }

    #[test]
    fn what_goes_over_a_network_in_plain_text_is_exposed() {
        for text in ["redis://127.0.0.1", "redis://[::1]:7000", "redis://localhost", "rediss://redis.example.org"] {
            assert_eq!(Address::parse(text).unwrap().exposed(), None, "{text}");
        }
        let told = |text: &str| Address::parse(text).unwrap().exposed().unwrap();
        assert!(told("redis://redis.example.org").contains("put words into it"));
        assert!(told("redis://chat:secret@10.0.0.1").contains("Redis's password"));
    }
}
