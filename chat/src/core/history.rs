//! What of the conversation is kept, and how it is given out again (IRCv3 draft/chathistory).

use std::sync::Arc;

use super::Now;
use super::fanout::{Fanout, rfc3339};
use super::keep::{Buffer, Keep, Said};
use super::turn::Turn;
use crate::wire::capability::{Capability, CapabilitySet};
use crate::wire::casemap::{self, Folded};
use crate::wire::channel_name::is_channel;
use crate::wire::message::{Line, tagged};

/// Keeps a line of this client, if the server keeps any.
pub(super) fn say(turn: &mut Turn<'_>, buffer: Buffer, msgid: &str, line: &Line, tags: &str, event: bool) {
    if !turn.settings.history {
        return;
    }
    let said = Said {
        msgid: msgid.to_owned(),
        at: turn.now,
        buffer,
        account: turn.me().account().map(ToString::to_string),
        bot: turn.me().modes.bot,
        tags: tags.to_owned(),
        line: line.as_text().to_owned(),
        event,
    };
    turn.keep(Keep::Said(Box::new(said)));
}

/// Tells a channel of something that happens in it; it is in the history that clients with event-playback get.
pub(super) fn happen(turn: &mut Turn<'_>, key: &Folded, line: &Line) {
    let msgid = event(turn, key, line);
    let mut fanout = Fanout::from_session(line, turn.now, turn.me(), String::new()).maybe_named(msgid.as_deref());
    turn.fan_out_to_channel(key, &mut fanout, |_, _| true);
}

/// Keeps an event of a channel, if the server keeps any; its identifier.
pub(super) fn event(turn: &mut Turn<'_>, key: &Folded, line: &Line) -> Option<String> {
    let msgid = turn.settings.history.then(|| turn.state.messages.message())?;
    say(turn, Buffer::channel(key.as_str()), &msgid, line, "", true);
    Some(msgid)
}

/// Keeps an event of all channels of this client. Their copies need identifiers of their own, so the line that everybody
/// sees has none.
pub(super) fn happened_wherever_i_am(turn: &mut Turn<'_>, line: &Line) {
    if turn.settings.history {
        for key in turn.me().channels.clone() {
            event(turn, &key, line);
        }
    }
}

/// The conversation that a target is, and how the target is written: channels for those in them, people by account.
pub(super) fn conversation(turn: &Turn<'_>, target: &str) -> Option<(Buffer, String)> {
    if is_channel(target) {
        let (key, channel) = turn.state.channel(target)?;
        return channel.has(turn.client).then(|| (Buffer::channel(key.as_str()), channel.name.to_string()));
    }
    let me = casemap::fold(turn.me().account()?.as_str());
    let online = turn.state.user(target).and_then(|(_, session)| session.account());
    let known = online.or_else(|| turn.state.known_accounts.owner_other_than(target, None));
    let other = known.map_or(target, |account| account.as_str());
    Some((Buffer::between(&me, &casemap::fold(other)), target.to_owned()))
}

/// Answers with lines in a batch, or one after the other if the client knows no batches.
pub(super) fn batch(turn: &mut Turn<'_>, kind: &[&str], lines: &[Kept]) {
    let capabilities = turn.me().capabilities;
    if !capabilities.has(Capability::Batch) {
        return lines.iter().for_each(|line| turn.actions.send(turn.client, line.encode(capabilities, None)));
    }
    let reference = turn.state.messages.batch();
    let open = turn.server_line("BATCH").param(&format!("+{reference}")).params(kind);
    turn.answer(&open);
    for line in lines {
        turn.actions.send(turn.client, line.encode(capabilities, Some(&reference)));
    }
    let close = turn.server_line("BATCH").param(&format!("-{reference}"));
    turn.answer(&close);
}

/// A line of a batch, and what its tags may say.
pub(super) struct Kept {
    line: String,
    at: Option<Now>,
    account: Option<String>,
    msgid: Option<String>,
    bot: bool,
    tags: String,
}

impl Kept {
    /// A line that was said.
    pub(super) fn said(said: Said) -> Kept {
        let Said { msgid, at, account, bot, tags, line, .. } = said;
        Kept { line, at: Some(at), account, msgid: Some(msgid), bot, tags }
    }

    /// A line of the server's own.
    pub(super) fn line(line: &Line) -> Kept {
        let line = line.as_text().to_owned();
        Kept { line, at: None, account: None, msgid: None, bot: false, tags: String::new() }
    }

    fn encode(&self, capabilities: CapabilitySet, batch: Option<&str>) -> Arc<[u8]> {
        let tags = self.tags(capabilities, batch).join(";");
        let line = format!("{}\r\n", self.shown(capabilities));
        if tags.is_empty() { line.into_bytes().into() } else { tagged(&tags, line.as_bytes()) }
    }

    /// A JOIN is kept in its extended form.
    fn shown(&self, capabilities: CapabilitySet) -> &str {
        let mut words = self.line.match_indices(' ').map(|(at, _)| at);
        match (words.next(), words.next(), words.next()) {
            (Some(command), Some(channel), Some(end))
                if &self.line[command..channel] == " JOIN" && !capabilities.has(Capability::ExtendedJoin) =>
            {
                &self.line[..end]
            }
            _ => &self.line,
        }
    }

    fn tags(&self, capabilities: CapabilitySet, batch: Option<&str>) -> Vec<String> {
        let has = |capability| capabilities.has(capability);
        let batch = batch.map(|batch| format!("batch={batch}"));
        let time = self.at.filter(|_| has(Capability::ServerTime)).map(|at| format!("time={}", rfc3339(at)));
        let account = self.account.as_ref().filter(|_| has(Capability::AccountTag));
        let msgid = self.msgid.as_ref().filter(|_| has(Capability::MessageTags));
        let tags = Some(&self.tags).filter(|tags| has(Capability::MessageTags) && !tags.is_empty());
        let account = account.map(|account| format!("account={account}"));
        let bot = (self.bot && has(Capability::MessageTags)).then(|| "bot".to_owned());
        [batch, time, account, bot, msgid.map(|msgid| format!("msgid={msgid}")), tags.cloned()]
            .into_iter()
            .flatten()
            .collect()
    }
}
