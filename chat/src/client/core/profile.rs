//! What a conversation begins with.

use super::history::Seen;
use crate::client::secret::Secret;
use crate::client::session::Login;

/// Who wants to be whom, where.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The nickname wanted.
    pub nick: String,
    /// The user name, shown in the host mask.
    pub user: String,
    /// The real name, shown by `/whois`.
    pub real_name: String,
    /// Channels to enter at once.
    pub join: Vec<String>,
    /// A client certificate is shown, so that SASL EXTERNAL can log in.
    pub certificate: bool,
    /// An account to log in to with its password, before all else.
    pub login: Option<Login>,
    /// What the server wants of every connection.
    pub password: Option<Secret>,
    /// The ticket for the port that this is: the server assigned it before.
    pub ticket: Option<String>,
    /// No port of one's own is asked for.
    pub stays: bool,
    /// What was said before is told on entering a channel: to a person, who would miss it, and not to a script, which would take
    /// it for news.
    pub catches_up: bool,
    /// What was seen of the channels over an earlier connection.
    pub seen: Vec<Seen>,
    /// What was told at the start, for who wants to read it again.
    pub welcome: Vec<String>,
}
