//! What of the conversation is kept, and how it is given out again (IRCv3 draft/chathistory).

use super::fanout::Fanout;
use super::keep::{Buffer, Keep, Said};
use super::limits::EVENT_COPIES;
use super::multiline;
use super::network;
use super::turn::Turn;
use crate::wire::capability::Capability;
use crate::wire::casemap::{self, Folded};
use crate::wire::channel_name::is_channel;
use crate::wire::message::Line;

/// Keeps a line of this client, if the server keeps any.
pub(super) fn say(turn: &mut Turn<'_>, buffer: Buffer, msgid: &str, line: &str, tags: &str, event: bool) {
    if !turn.settings.history || !is_kept_here(turn, &buffer) {
        return;
    }
    let said = Said {
        msgid: msgid.to_owned(),
        at: turn.now,
        buffer,
        account: turn.me().account().map(ToString::to_string),
        bot: turn.me().modes.bot,
        tags: tags.to_owned(),
        line: line.to_owned(),
        event,
    };
    turn.keep(Keep::Said(Box::new(said)));
}

/// In a network, what concerns a channel is kept by the nodes that have members of it, and by that of whoever does it.
fn is_kept_here(turn: &Turn<'_>, buffer: &Buffer) -> bool {
    let network = &turn.state.network;
    let channel = || turn.state.channels.get(buffer.as_str());
    network.is_real() && (turn.is_here() || channel().is_none_or(|channel| network::keeps(turn.state, channel)))
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
    say(turn, Buffer::channel(key.as_str()), &msgid, line.as_text(), "", true);
    Some(msgid)
}

/// Keeps an event of all channels of this client. Their copies need identifiers of their own, so the line that everybody
/// sees has none.
pub(super) fn happened_wherever_i_am(turn: &mut Turn<'_>, line: &Line) {
    if turn.settings.history {
        for key in turn.me().channels.iter().take(EVENT_COPIES).cloned().collect::<Vec<_>>() {
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

/// Whether a target is a channel, somebody who is here, or an account that was.
pub(super) fn is_somebody(turn: &Turn<'_>, target: &str) -> bool {
    let known = || turn.state.known_accounts.owner_other_than(target, None).is_some();
    is_channel(target) || turn.state.user(target).is_some() || known()
}

/// Answers with a batch, or with its lines one after the other if the client knows no batches. `lines` are made for the tag
/// that says in which batch they lie.
pub(super) fn batch(
    turn: &mut Turn<'_>,
    kind: &[&str],
    lines: impl FnOnce(&mut Turn<'_>, Option<&str>) -> Vec<Fanout>,
) {
    if !turn.me().has(Capability::Batch) {
        return send(turn, lines, None);
    }
    let reference = turn.state.messages.batch();
    let open = turn.server_line("BATCH").param(&format!("+{reference}")).params(kind);
    turn.answer(&open);
    send(turn, lines, Some(&format!("batch={reference}")));
    let close = turn.server_line("BATCH").param(&format!("-{reference}"));
    turn.answer(&close);
}

/// Answers with a batch of lines of the server's own.
pub(super) fn batch_of(turn: &mut Turn<'_>, kind: &[&str], lines: &[Line]) {
    batch(turn, kind, |turn, inside| {
        lines.iter().map(|line| Fanout::from_server(line, turn.now).inside(inside)).collect()
    });
}

fn send(turn: &mut Turn<'_>, lines: impl FnOnce(&mut Turn<'_>, Option<&str>) -> Vec<Fanout>, inside: Option<&str>) {
    let capabilities = turn.me().capabilities;
    for mut fanout in lines(turn, inside) {
        turn.actions.send(turn.client, fanout.line_for(capabilities));
    }
}

/// What was said in a conversation that is called `name` now, as this client is to see it.
pub(super) fn replay(turn: &mut Turn<'_>, mut said: Said, name: &str, inside: Option<&str>) -> Vec<Fanout> {
    if is_channel(name) {
        rename_target(&mut said.line, name);
    }
    if let Some((start, pieces)) = multiline::read(&said.line) {
        let message = Fanout::from_said(Said { line: String::new(), ..said }).inside(inside);
        return multiline::for_reader(turn, &message, &start, &pieces);
    }
    if !turn.me().has(Capability::ExtendedJoin) {
        shorten_join(&mut said.line);
    }
    vec![Fanout::from_said(said).inside(inside)]
}

/// Whether a reader gets several lines for it.
pub(super) fn has_several_lines(said: &Said) -> bool {
    multiline::read(&said.line).is_some()
}

/// A message of a channel that is called `name` now.
pub(super) fn named(mut said: Said, name: &str) -> Said {
    rename_target(&mut said.line, name);
    said
}

/// A channel that was renamed is named as it is now: `:source COMMAND #channel …`, also where rows of text follow.
fn rename_target(line: &mut String, name: &str) {
    let Some((start, _)) = line.match_indices(' ').nth(1) else { return };
    let target = start + 1..line[start + 1..].find([' ', '\n']).map_or(line.len(), |length| start + 1 + length);
    if is_channel(&line[target.clone()]) && line[target.clone()] != *name {
        line.replace_range(target, name);
    }
}

/// A JOIN is kept in its extended form: `:source JOIN #channel account :real name`.
fn shorten_join(line: &mut String) {
    let mut words = line.match_indices(' ').map(|(at, _)| at);
    if let (Some(command), Some(channel), Some(end)) = (words.next(), words.next(), words.next())
        && &line[command..channel] == " JOIN"
    {
        line.truncate(end);
    }
}
