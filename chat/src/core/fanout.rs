//! One message on its way to many: encoded once for each kind of receiver, and shared.

use std::sync::Arc;

use time::OffsetDateTime;

use super::Now;
use super::keep::Said;
use super::session::Session;
use crate::wire::capability::{Capability, CapabilitySet};
use crate::wire::message::{Line, tagged};

/// Kinds of receivers: with or without the time, the account, and the tags of a message (its identifier, that a
/// program sent it, client-only tags).
const KINDS: usize = 8;

/// A finished message and the tags that it may carry.
pub(super) struct Fanout {
    line: Arc<[u8]>,
    now: Now,
    account: Option<Box<str>>,
    client_tags: String,
    msgid: Option<Box<str>>,
    bot: bool,
    /// Tags that all its receivers get: the batch that it lies in.
    inside: Option<Box<str>>,
    encoded: [Option<Arc<[u8]>>; KINDS],
}

impl Fanout {
    /// A message from the server.
    pub(super) fn from_server(line: &Line, now: Now) -> Fanout {
        let (line, client_tags, encoded) = (line.finish(), String::new(), Default::default());
        Fanout { line, now, account: None, client_tags, msgid: None, bot: false, inside: None, encoded }
    }

    /// A message from a client, with the client-only tags that it sent.
    pub(super) fn from_session(line: &Line, now: Now, session: &Session, client_tags: String) -> Fanout {
        let account = session.account().map(|account| account.as_str().into());
        Fanout { account, client_tags, bot: session.modes.bot, ..Fanout::from_server(line, now) }
    }

    /// A message that was kept.
    pub(super) fn from_said(said: Said) -> Fanout {
        let Said { msgid, at, account, bot, tags, line, .. } = said;
        let account = account.map(Into::into);
        let line = Line::command(&line);
        Fanout { account, bot, client_tags: tags, ..Fanout::from_server(&line, at) }.named(&msgid)
    }

    /// The same with another line.
    pub(super) fn with_line(&self, line: &Line) -> Fanout {
        let (account, client_tags, msgid) = (self.account.clone(), self.client_tags.clone(), self.msgid.clone());
        let (bot, inside) = (self.bot, self.inside.clone());
        Fanout { account, client_tags, msgid, bot, inside, ..Fanout::from_server(line, self.now) }
    }

    /// A further line of the same message, which has only one identifier.
    pub(super) fn further(&self, line: &Line) -> Fanout {
        Fanout { msgid: None, client_tags: String::new(), ..self.with_line(line) }
    }

    /// With tags that say in which batch it lies.
    pub(super) fn inside(mut self, tags: Option<&str>) -> Fanout {
        self.inside = tags.map(Into::into);
        self
    }

    /// With the message's identifier.
    pub(super) fn named(mut self, msgid: &str) -> Fanout {
        self.msgid = Some(msgid.into());
        self
    }

    /// With the identifier, if there is one.
    pub(super) fn maybe_named(self, msgid: Option<&str>) -> Fanout {
        match msgid {
            Some(msgid) => self.named(msgid),
            None => self,
        }
    }

    /// The bytes for a receiver with these capabilities.
    pub(super) fn line_for(&mut self, capabilities: CapabilitySet) -> Arc<[u8]> {
        let (time, account, tags) = (
            capabilities.has(Capability::ServerTime),
            capabilities.has(Capability::AccountTag) && self.account.is_some(),
            capabilities.has(Capability::MessageTags) && self.has_tags(),
        );
        let kind = usize::from(time) | usize::from(account) << 1 | usize::from(tags) << 2;
        if kind == 0 && self.inside.is_none() {
            return Arc::clone(&self.line);
        }
        if self.encoded[kind].is_none() {
            let tags = self.tags(time, account, tags);
            self.encoded[kind] = Some(tagged(&tags, &self.line));
        }
        Arc::clone(self.encoded[kind].as_ref().unwrap_or(&self.line))
    }

    fn has_tags(&self) -> bool {
        self.bot || self.msgid.is_some() || !self.client_tags.is_empty()
    }

    fn tags(&self, time: bool, account: bool, tags: bool) -> String {
        let inside = self.inside.as_deref().map(str::to_owned);
        let time = time.then(|| format!("time={}", rfc3339(self.now)));
        let account = self.account.as_ref().filter(|_| account).map(|account| format!("account={account}"));
        let bot = (tags && self.bot).then(|| "bot".to_owned());
        let msgid = self.msgid.as_ref().filter(|_| tags).map(|msgid| format!("msgid={msgid}"));
        let client_tags = (tags && !self.client_tags.is_empty()).then(|| self.client_tags.clone());
        [inside, time, account, bot, msgid, client_tags].into_iter().flatten().collect::<Vec<_>>().join(";")
    }
}

/// `2026-01-31T12:34:56.789Z`, as the server-time specification wants it.
pub(super) fn rfc3339(now: Now) -> String {
    let at = OffsetDateTime::from_unix_timestamp(now.seconds()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
    let milliseconds = now.unix_ms.rem_euclid(1000);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{milliseconds:03}Z", at.hour(), at.minute(), at.second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn receivers_of_one_kind_share_one_encoding() {
        let mut fanout = Fanout::from_server(&Line::new("s", "PING"), Now { unix_ms: 1_769_862_896_789 });
        let mut timed = CapabilitySet::default();
        timed.set(Capability::ServerTime, true);
        let (plain, tagged) = (fanout.line_for(CapabilitySet::default()), fanout.line_for(timed));
        assert_eq!((&*plain, &*tagged), (&b":s PING\r\n"[..], &b"@time=2026-01-31T12:34:56.789Z :s PING\r\n"[..]));
        assert!(Arc::ptr_eq(&tagged, &fanout.line_for(timed)));
        assert!(Arc::ptr_eq(&plain, &fanout.line_for(CapabilitySet::default())));
    }
}
