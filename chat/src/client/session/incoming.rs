//! A line from the server, owned, with a safe and a raw reading of each part.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::client::view::shown;
use crate::wire::message::Message;

/// A message from the server.
#[derive(Debug)]
pub(in crate::client) struct Incoming {
    source: String,
    pub(in crate::client) command: String,
    parameters: Vec<String>,
    /// The batch that it is part of (IRCv3 batch).
    batch: Option<String>,
    /// When the server took it, in its words (IRCv3 server-time).
    time: Option<String>,
}

impl Incoming {
    /// Reads a line; `None` where it is no message. Bytes that are no UTF-8 are replaced: other servers relay them.
    pub(in crate::client) fn parse(line: &[u8]) -> Option<Self> {
        let line = String::from_utf8_lossy(line);
        let message = Message::parse(line.as_bytes()).ok()?;
        Some(Self {
            source: message.source.unwrap_or_default().to_owned(),
            command: message.command.to_ascii_uppercase(),
            parameters: message.params().iter().map(ToString::to_string).collect(),
            batch: message.tags.written("batch").map(str::to_owned),
            time: message.tags.written("time").filter(|time| said_at(time).is_some()).map(str::to_owned),
        })
    }

    /// Who it is from: the nickname, or the server.
    pub(in crate::client) fn nick(&self) -> String {
        shown(self.source_nick())
    }

    /// The same as it was sent: for the protocol, never for the screen.
    pub(in crate::client) fn source_nick(&self) -> &str {
        self.source.split('!').next().unwrap_or_default()
    }

    /// The reference of the batch that it is part of.
    pub(in crate::client) fn batch(&self) -> Option<&String> {
        self.batch.as_ref()
    }

    /// When the server took it, in its words, which are a time.
    pub(in crate::client) fn time(&self) -> Option<&str> {
        self.time.as_deref()
    }

    /// The same as a time.
    pub(in crate::client) fn said(&self) -> Option<OffsetDateTime> {
        said_at(self.time()?)
    }

    /// A parameter as it was sent: for the protocol, never for the screen.
    pub(in crate::client) fn raw(&self, index: usize) -> Option<&str> {
        self.parameters.get(index).map(String::as_str)
    }

    /// How many parameters there are.
    pub(in crate::client) fn len(&self) -> usize {
        self.parameters.len()
    }

    /// The last parameter as it was sent.
    pub(in crate::client) fn raw_last(&self) -> &str {
        self.parameters.last().map_or("", String::as_str)
    }

    /// A parameter, fit to show; empty where there is none.
    pub(in crate::client) fn param(&self, index: usize) -> String {
        self.raw(index).map(shown).unwrap_or_default()
    }

    /// The last parameter, fit to show.
    pub(in crate::client) fn last(&self) -> String {
        shown(self.raw_last())
    }

    /// All parameters from `index`, fit to show.
    pub(in crate::client) fn from(&self, index: usize) -> String {
        shown(&self.parameters.get(index..).unwrap_or_default().join(" "))
    }

    /// The number of a numeric reply.
    pub(in crate::client) fn numeric(&self) -> Option<u16> {
        let digits = self.command.len() == 3 && self.command.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| self.command.parse().ok()).flatten()
    }
}

/// The time of a tag (IRCv3 server-time: ISO 8601 in UTC, with milliseconds).
fn said_at(tag: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(tag, &Rfc3339).ok()
}
