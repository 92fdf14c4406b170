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

/// Puts flags over the section; none where nothing names a Redis.
pub(super) fn choose(flags: &Flags, section: BusSection) -> Result<Option<BusChoice>, SettingsError> {
    let password_file = flags.bus_password_file.clone().or(section.password_file);
    let bundle = flags.bus_bundle.clone().or(section.bundle);
    let Some(url) = flags.bus.clone().or(section.url) else {
        let lonely = password_file.is_some() || bundle.is_some();
        return if lonely { Err(SettingsError::BusWithoutUrl) } else { Ok(None) };
    };
    let address = Address::parse(&url).map_err(|problem| SettingsError::Bus { problem })?;
    match (address.tls, &bundle) {
        (true, None) => Err(SettingsError::BusWithoutTrust { place: address.place() }),
        (false, Some(_)) => Err(SettingsError::BusWithoutTls { place: address.place() }),
        _ if address.password.is_some() && password_file.is_some() => Err(SettingsError::BusTwoPasswords),
        _ => Ok(Some(BusChoice { address, password_file, bundle })),
    }
}
