//! Answers that a client can tell apart (IRCv3 labeled-response, batch), and names for messages (IRCv3 msgid).

use std::sync::Arc;

use super::Now;
use super::keep::{base36, name_of};
use super::turn::Turn;
use crate::limits::core::LABEL_LENGTH;
use crate::wire::capability::Capability;
use crate::wire::message::{Line, Message, tagged, with_tag};

/// What a client calls one of its commands, escaped as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Label(Box<str>);

impl Label {
    /// The label of a message, if the client may give one and it is well-formed.
    pub(super) fn of(turn: &Turn<'_>, message: &Message<'_>) -> Option<Label> {
        if !turn.me().has(Capability::LabeledResponse) {
            return None;
        }
        let value = message.tags.written("label").filter(|value| !value.is_empty() && value.len() <= LABEL_LENGTH)?;
        Some(Label(value.into()))
    }

    fn tag(&self) -> String {
        format!("label={}", self.0)
    }
}

/// Begins to hold back what this client is sent.
pub(super) fn begin(turn: &mut Turn<'_>, lines: Vec<Arc<[u8]>>) {
    turn.actions.capture(turn.client, lines);
}

/// Sends what was held back, with the label: one line with it, many in a batch, none as ACK.
pub(super) fn end(turn: &mut Turn<'_>, label: &Label) {
    let Some(lines) = turn.actions.release(turn.client) else { return };
    let tag = label.tag();
    match &lines[..] {
        [] => acknowledge(turn, label),
        [line] => turn.actions.send(turn.client, with_tag(&tag, line)),
        _ if is_one_batch(&lines) => label_batch(turn, &tag, lines),
        _ => send_batch(turn, &tag, &lines),
    }
}

/// Answers with nothing but the label. What else is said from here on is not held back for it.
pub(super) fn acknowledge(turn: &mut Turn<'_>, label: &Label) {
    turn.actions.release(turn.client);
    let ack = turn.server_line("ACK").finish();
    turn.actions.send(turn.client, tagged(&label.tag(), &ack));
}

/// Whether the answer is a batch already, whose first line takes the label.
fn is_one_batch(lines: &[Arc<[u8]>]) -> bool {
    let reference = |line: &Arc<[u8]>, sign: u8| {
        let message = Message::parse(line.strip_suffix(b"\r\n").unwrap_or(line)).ok()?;
        let named = message.command == "BATCH" && message.tags.written("batch").is_none();
        let name = message.param(0).filter(|name| named && name.as_bytes().first() == Some(&sign))?;
        Some(name[1..].to_owned())
    };
    let opened = lines.first().and_then(|line| reference(line, b'+'));
    opened.is_some() && opened == lines.last().and_then(|line| reference(line, b'-'))
}

fn label_batch(turn: &mut Turn<'_>, tag: &str, lines: Vec<Arc<[u8]>>) {
    for (at, line) in lines.into_iter().enumerate() {
        let line = if at == 0 { with_tag(tag, &line) } else { line };
        turn.actions.send(turn.client, line);
    }
}

fn send_batch(turn: &mut Turn<'_>, tag: &str, lines: &[Arc<[u8]>]) {
    if !turn.me().has(Capability::Batch) {
        // Without batches the client can still match the first line, which is all that it asked to be able to do.
        return lines.iter().enumerate().for_each(|(at, line)| {
            let line = if at == 0 { with_tag(tag, line) } else { Arc::clone(line) };
            turn.actions.send(turn.client, line);
        });
    }
    let reference = turn.state.messages.batch();
    let open = turn.server_line("BATCH").param(&format!("+{reference}")).param("labeled-response").finish();
    turn.actions.send(turn.client, tagged(tag, &open));
    let inside = format!("batch={reference}");
    for line in lines {
        turn.actions.send(turn.client, in_batch(&inside, line));
    }
    let close: Line = turn.server_line("BATCH").param(&format!("-{reference}"));
    turn.actions.send(turn.client, close.finish());
}

/// A line that lies in an inner batch is in the outer one by that.
fn in_batch(tag: &str, line: &Arc<[u8]>) -> Arc<[u8]> {
    let nested = Message::parse(line.strip_suffix(b"\r\n").unwrap_or(line))
        .is_ok_and(|message| message.tags.written("batch").is_some());
    if nested { Arc::clone(line) } else { with_tag(tag, line) }
}

/// Makes identifiers that no other message, of this or another run, has.
#[derive(Debug, Default)]
pub(super) struct MessageIds {
    instance: Box<str>,
    messages: u64,
    batches: u64,
    /// The place in the network's order of what is said now, and how many messages it has so far.
    place: Option<(u64, u64, Now)>,
}

impl MessageIds {
    pub(super) fn new(instance: &str) -> MessageIds {
        MessageIds { instance: instance.into(), ..MessageIds::default() }
    }

    /// From here on all nodes give messages the same identifiers: by the network's word and their place in its order.
    pub(super) fn of_network(&mut self, word: &str) {
        self.instance = word.into();
    }

    /// With what identifiers begin.
    pub(super) fn word(&self) -> &str {
        &self.instance
    }

    /// What has this place in the order is said.
    pub(super) fn begin(&mut self, sequence: u64, at: Now) {
        self.place = Some((sequence, 0, at));
    }

    /// It has been said.
    pub(super) fn end(&mut self) {
        self.place = None;
    }

    /// For the next message.
    pub(super) fn message(&mut self) -> String {
        match &mut self.place {
            Some((_, messages, _)) => *messages += 1,
            None => self.messages += 1,
        }
        self.latest()
    }

    /// That of the last message.
    pub(super) fn latest(&self) -> String {
        match self.place {
            Some((sequence, number, at)) => name_of(&self.instance, sequence, number, at.unix_ms),
            None => format!("{}-{}", self.instance, base36(self.messages)),
        }
    }

    /// For the next batch; it only has to differ from those that a client has open.
    pub(super) fn batch(&mut self) -> String {
        self.batches += 1;
        base36(self.batches)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_differ_and_are_short() {
        let mut ids = MessageIds::new("abc");
        assert_eq!((ids.message(), ids.message()), ("abc-1".to_owned(), "abc-2".to_owned()));
    }
}
