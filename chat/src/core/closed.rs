//! Channels that were closed to others while they lived, by `+i`, `+k` or `+s`, and belong to nobody: what was said there is for those
//! who were there. Whoever makes such a channel anew finds it empty.

use std::collections::BTreeSet;

use super::keep::{Buffer, Keep, RecordKind};
use super::limits::CLOSED_CHANNELS;
use super::turn::Turn;
use crate::wire::casemap::Folded;

/// Their names.
#[derive(Debug, Default)]
pub(super) struct Closed(BTreeSet<Folded>);

impl Closed {
    pub(super) fn remember(&mut self, name: &str) {
        self.0.insert(Folded::new(name));
    }
}

/// After a change of a channel's modes: notes whether it is closed, over the end of the server too.
pub(super) fn note(turn: &mut Turn<'_>, key: &Folded) {
    let Some(channel) = turn.state.channels.get(key) else { return };
    let modes = &channel.modes;
    let closed = modes.invite_only || modes.secret || modes.key.is_some();
    let known = turn.state.closed.0.contains(key);
    // Above the bound nothing is noted; so many channels that are closed and gone are somebody's game.
    if closed && !known && turn.state.closed.0.len() < CLOSED_CHANNELS {
        turn.state.closed.0.insert(key.clone());
        turn.keep(Keep::Put { kind: RecordKind::Closed, key: key.as_str().to_owned(), value: String::new() });
    } else if !closed && known {
        forget(turn, key);
    }
}

/// A channel begins: if one of its name was closed before, its history goes before anybody can ask for it.
pub(super) fn begin(turn: &mut Turn<'_>, key: &Folded) {
    if turn.state.closed.0.contains(key) {
        turn.keep(Keep::Dropped { buffer: Buffer::channel(key.as_str()) });
        forget(turn, key);
    }
}

/// A channel has another name.
pub(super) fn moved(turn: &mut Turn<'_>, from: &Folded, to: &Folded) {
    if turn.state.closed.0.contains(from) {
        forget(turn, from);
    }
    note(turn, to);
}

fn forget(turn: &mut Turn<'_>, key: &Folded) {
    turn.state.closed.0.remove(key);
    turn.keep(Keep::Forget { kind: RecordKind::Closed, key: key.as_str().to_owned() });
}
