//! What a store's owner lays down in `ca.toml`: how long certificates live, which keys and names they may have, and what they
//! say besides. Read once at the edge into narrow types; a plan is held to them.

mod read;
mod template;
mod usage;

use crate::constraint::IpBlock;
use crate::key::KeyKind;
use crate::name::DnsName;
use crate::plan::Extensions;
use crate::profile::{DEFAULT_LEAF_DAYS, Purpose};
use crate::san::San;
use crate::subject::SubjectAttributes;

pub use template::Template;
pub(crate) use usage::EMAIL_PROTECTION;
pub use usage::usage_name;

/// Octets that are read of `ca.toml`: a thousand times what one with every key needs.
pub(crate) const MAX_SETTINGS: u64 = 1 << 20;

/// The settings of a store. Without a file nothing is limited, and nothing is added.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    server: Rules,
    client: Rules,
    intermediate: Rules,
}

impl Settings {
    /// What is laid down for certificates of this purpose.
    pub fn of(&self, purpose: Purpose) -> &Rules {
        match purpose {
            Purpose::Server => &self.server,
            Purpose::Client => &self.client,
            Purpose::Intermediate => &self.intermediate,
        }
    }
}

/// What is laid down for the certificates of one purpose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// Where it is written, for messages: the file and its section.
    pub place: String,
    /// Days that a certificate lives unless told otherwise.
    pub days: Option<u32>,
    /// Days that one may live at most.
    pub max_days: Option<u32>,
    /// The kind of a new key unless told otherwise.
    pub key: Option<KeyKind>,
    /// The kinds of keys that are certified; none: all.
    pub keys: Option<Vec<KeyKind>>,
    /// DNS names that are certified, each with what is below it; none: all.
    pub dns: Option<Vec<DnsName>>,
    /// Addresses that are certified; none: all.
    pub ip: Option<Vec<IpBlock>>,
    /// Domains whose mailboxes are certified, each with what is below it; none: all.
    pub email: Option<Vec<DnsName>>,
    /// URIs that a certificate gets besides its names.
    pub uri: Vec<Template>,
    /// User principal names that it gets besides.
    pub upn: Vec<Template>,
    /// What its subject says besides the common name, unless told otherwise.
    pub attributes: SubjectAttributes,
    /// Extensions that it gets.
    pub extensions: Extensions,
}

impl Rules {
    /// Days that a certificate lives for which none are asked for.
    pub fn default_days(&self) -> u32 {
        self.at_most(self.days.unwrap_or(DEFAULT_LEAF_DAYS))
    }

    /// `days`, or as many as are allowed.
    pub fn at_most(&self, days: u32) -> u32 {
        self.max_days.map_or(days, |most| days.min(most))
    }

    /// The kind of a new key for which none is asked for.
    pub fn default_key(&self) -> KeyKind {
        let allowed = self.keys.as_ref().and_then(|keys| keys.first()).copied();
        self.key.or(allowed.filter(|_| !self.allows_key(KeyKind::default()))).unwrap_or_default()
    }

    /// Whether keys of this kind are certified.
    pub fn allows_key(&self, kind: KeyKind) -> bool {
        self.keys.as_ref().is_none_or(|keys| keys.contains(&kind))
    }

    /// Whether this name is certified, and if it is not, which ones of its kind are.
    ///
    /// # Errors
    /// The names that are certified instead, in words.
    pub fn allow(&self, san: &San) -> Result<(), String> {
        let (limits, found): (Option<Vec<String>>, bool) = match san {
            San::Dns(name) => (shown(self.dns.as_ref()), within(self.dns.as_ref(), |suffix| name.is_within(suffix))),
            San::Ip(address) => (shown(self.ip.as_ref()), within(self.ip.as_ref(), |block| block.contains(*address))),
            San::Email(mailbox) => {
                let host = mailbox.as_str().rsplit('@').next().and_then(|host| DnsName::parse_host(host).ok());
                let is_within = |suffix: &DnsName| host.as_ref().is_some_and(|host| host.is_within(suffix));
                (shown(self.email.as_ref()), within(self.email.as_ref(), is_within))
            }
            San::Uri(_) | San::Upn(_) => (None, true),
        };
        let limits = limits.unwrap_or_default();
        let instead = if limits.is_empty() { "none of its kind are".to_owned() } else { limits.join(", ") };
        if found { Ok(()) } else { Err(instead) }
    }
}

fn within<T>(limits: Option<&Vec<T>>, fits: impl Fn(&T) -> bool) -> bool {
    limits.is_none_or(|limits| limits.iter().any(fits))
}

fn shown<T: ToString>(limits: Option<&Vec<T>>) -> Option<Vec<String>> {
    limits.map(|limits| limits.iter().map(ToString::to_string).collect())
}

#[cfg(test)]
mod tests;
