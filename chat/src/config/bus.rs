//! `[bus]`: the Redis by which several servers are one chat. Without it a server is alone.

use serde::Deserialize;
use std::path::PathBuf;

use super::Flags;
use super::settings::SettingsError;
use crate::bus::Address;

/// `[bus]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BusSection {
    /// Where Redis is: `redis://HOST:PORT`, or `rediss://HOST:PORT` for TLS.
    pub url: Option<String>,
    /// A file whose first line is Redis's password.
    pub password_file: Option<PathBuf>,
    /// A client certificate with its key and the trust for `rediss://`, as `pki export bundle` writes it.
    pub bundle: Option<PathBuf>,
}

/// The bus of a server that is a node, checked.
#[derive(Clone, Debug)]
pub struct BusChoice {
    /// Where Redis is.
    pub address: Address,
    /// Where its password is.
    pub password_file: Option<PathBuf>,
    /// Where certificate, key and trust are; there for TLS only.
    pub bundle: Option<PathBuf>,
}

/// The address that was meant, most likely: of a host and a port alone it is that of a Redis there. What may be a password is not said
/// again.
fn meant(url: &str) -> String {
    let is_place = !url.contains(['/', '@', '?', ' ']);
    let place = Some(url).filter(|_| is_place).and_then(|url| Address::parse(&format!("redis://{url}")).ok());
    format!("redis://{}", place.map_or_else(|| "127.0.0.1:6379".to_owned(), |address| address.place()))
}

/// Puts flags over the section; none where nothing names a Redis.
pub(super) fn choose(flags: &Flags, section: BusSection) -> Result<Option<BusChoice>, SettingsError> {
    let password_file = flags.bus_password_file.clone().or(section.password_file);
    let bundle = flags.bus_bundle.clone().or(section.bundle);
    let Some(url) = flags.bus.clone().or(section.url) else {
        let lonely = password_file.is_some() || bundle.is_some();
        return if lonely { Err(SettingsError::BusWithoutUrl) } else { Ok(None) };
    };
    let address = Address::parse(&url).map_err(|problem| SettingsError::Bus { problem, meant: meant(&url) })?;
    match (address.tls, &bundle) {
        (true, None) => Err(SettingsError::BusWithoutTrust { place: address.place() }),
        (false, Some(_)) => Err(SettingsError::BusWithoutTls { place: address.place() }),
        _ if address.password.is_some() && password_file.is_some() => Err(SettingsError::BusTwoPasswords),
        _ => Ok(Some(BusChoice { address, password_file, bundle })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_address_that_is_none_the_one_that_was_meant_is_told_and_no_password() {
        for (typed, expected) in [
            ("localhost:6379", "redis://localhost:6379"),
            ("redis.example.test", "redis://redis.example.test:6379"),
            ("[::1]:7000", "redis://[::1]:7000"),
            ("http://localhost:6379", "redis://127.0.0.1:6379"),
            ("secret@localhost", "redis://127.0.0.1:6379"),
            ("host:port", "redis://127.0.0.1:6379"),
        ] {
            let flags = Flags { bus: Some(typed.to_owned()), ..Flags::default() };
            match choose(&flags, BusSection::default()) {
                Err(SettingsError::Bus { meant, .. }) => assert_eq!(meant, expected, "{typed}"),
                other => panic!("{typed}: {other:?}"),
            }
        }
    }
}
