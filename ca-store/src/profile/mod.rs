//! What a certificate of each kind is allowed to do, as data. A profile is chosen by purpose and key, and nothing else in
//! the crate decides about key usage, extended key usage or path length.

mod client;
mod intermediate;
mod root;
mod server;

use std::fmt;
use std::str::FromStr;

pub use client::client;
pub use intermediate::intermediate;
pub use root::{cross, root};
pub use server::server;

/// Days that a server's or client's certificate lives unless told otherwise: long enough to be renewed by hand, short
/// enough that renewing stays practised.
pub const DEFAULT_LEAF_DAYS: u32 = 90;

/// Days that a certificate authority lives unless told otherwise: ten years.
pub const DEFAULT_CA_DAYS: u32 = 3650;

/// What an issued certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// A TLS server.
    Server,
    /// A TLS client.
    Client,
    /// A CA below the root, whose key is elsewhere.
    Intermediate,
}

impl Purpose {
    /// `server`, `client` or `intermediate`.
    pub fn as_str(self) -> &'static str {
        match self {
            Purpose::Server => "server",
            Purpose::Client => "client",
            Purpose::Intermediate => "intermediate",
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Purpose {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let all = [Purpose::Server, Purpose::Client, Purpose::Intermediate];
        all.into_iter().find(|purpose| purpose.as_str() == text).ok_or(())
    }
}

/// The bits of keyUsage that are given here (RFC 5280, 4.2.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyUsage {
    /// digitalSignature: (EC)DHE suites and TLS 1.3 sign the handshake.
    DigitalSignature,
    /// keyEncipherment: TLS 1.2's RSA key transport.
    KeyEncipherment,
    /// keyCertSign: signs certificates.
    KeyCertSign,
    /// cRLSign: signs revocation lists.
    CrlSign,
}

impl KeyUsage {
    /// As RFC 5280 spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            KeyUsage::DigitalSignature => "digitalSignature",
            KeyUsage::KeyEncipherment => "keyEncipherment",
            KeyUsage::KeyCertSign => "keyCertSign",
            KeyUsage::CrlSign => "cRLSign",
        }
    }
}

/// The values of extendedKeyUsage that are given here (RFC 5280, 4.2.1.12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExtendedKeyUsage {
    /// id-kp-serverAuth
    ServerAuth,
    /// id-kp-clientAuth
    ClientAuth,
}

impl ExtendedKeyUsage {
    /// As RFC 5280 spells it, without its prefix.
    pub fn as_str(self) -> &'static str {
        match self {
            ExtendedKeyUsage::ServerAuth => "serverAuth",
            ExtendedKeyUsage::ClientAuth => "clientAuth",
        }
    }

    /// In dotted form.
    pub fn oid(self) -> &'static str {
        match self {
            ExtendedKeyUsage::ServerAuth => "1.3.6.1.5.5.7.3.1",
            ExtendedKeyUsage::ClientAuth => "1.3.6.1.5.5.7.3.2",
        }
    }
}

/// basicConstraints (RFC 5280, 4.2.1.9), always written and always critical.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BasicConstraints {
    /// cA FALSE.
    EndEntity,
    /// cA TRUE; what is made here has a pathLenConstraint.
    Authority {
        /// How many CAs may follow below this one; none: any number, and there is no pathLenConstraint.
        path_length: Option<u8>,
    },
}

/// What a certificate of one kind may do. Made by the functions of this module only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// keyUsage, always critical.
    pub key_usage: &'static [KeyUsage],
    /// extendedKeyUsage; empty means that the extension is left out.
    pub extended_key_usage: &'static [ExtendedKeyUsage],
    /// basicConstraints.
    pub basic_constraints: BasicConstraints,
}

impl Profile {
    /// The profile of an issued certificate; `rsa` tells whether its key is an RSA key.
    pub fn of(purpose: Purpose, rsa: bool) -> Profile {
        match purpose {
            Purpose::Server => server(rsa),
            Purpose::Client => client(),
            Purpose::Intermediate => intermediate(),
        }
    }

    /// The profile of a key that mail is encrypted to as well, if it `is`: RSA then wraps the message's key (RFC 8550, 4.4.2).
    #[must_use]
    pub(crate) fn for_mail(self, is: bool) -> Profile {
        const BOTH: &[KeyUsage] = &[KeyUsage::DigitalSignature, KeyUsage::KeyEncipherment];
        if is { Profile { key_usage: BOTH, ..self } } else { self }
    }

    /// Whether it is a CA's.
    pub fn is_authority(&self) -> bool {
        matches!(self.basic_constraints, BasicConstraints::Authority { .. })
    }
}
