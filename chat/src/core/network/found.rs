//! The first node of a chat that all had left, which goes on with those who stayed with it.

use std::collections::BTreeMap;

use crate::core::channel::Channel;
use crate::core::keep::{Record, RecordKind};
use crate::core::ownership;
use crate::core::turn::Turn;
use crate::wire::casemap::Folded;

/// The first node knows how things stand; the others it knew are to come back as themselves. What is kept may be newer than what it
/// knows: others may have been a chat while it was away, and left.
pub(super) fn found(turn: &mut Turn<'_>, records: &[Record]) {
    let word = format!("{}{:x}", turn.settings.instance, turn.now.unix_ms);
    turn.state.messages.of_network(&word);
    turn.state.network.nodes.clear();
    let (channels, others): (Vec<&Record>, Vec<&Record>) =
        records.iter().partition(|record| record.kind == RecordKind::Channel);
    others.into_iter().for_each(|record| crate::core::remember(turn.state, record));
    let kept = channels.into_iter().filter_map(ownership::kept);
    let kept: BTreeMap<Folded, Channel> = kept.map(|channel| (channel.name.folded(), channel)).collect();
    for key in turn.state.channels.keys().filter(|key| !kept.contains_key(*key)).cloned().collect::<Vec<_>>() {
        ownership::disown(turn.state, &key);
    }
    kept.into_iter().for_each(|(key, channel)| take_over(turn, &key, channel));
}

/// A registered channel is as it is kept. Its members stay if it is the one that they are in.
fn take_over(turn: &mut Turn<'_>, key: &Folded, mut channel: Channel) {
    let known = turn.state.channels.get(key).map(|known| known.is_that_of(&channel.born, channel.created));
    if known == Some(false) {
        turn_out(turn, key);
    }
    if let Some(known) = turn.state.channels.get_mut(key) {
        (channel.members, channel.renamed) = (std::mem::take(&mut known.members), std::mem::take(&mut known.renamed));
    } else if !ownership::has_room(turn.state) {
        return;
    }
    turn.state.restore_channel(channel);
}

/// All who are in a channel are put out: another has its name.
fn turn_out(turn: &mut Turn<'_>, key: &Folded) {
    let Some(channel) = turn.state.channels.get(key) else { return };
    let (name, members) = (channel.name.to_string(), channel.members.keys().copied().collect::<Vec<_>>());
    for member in &members {
        let start = turn.server_line("KICK").params([&*name, turn.of(*member).me().name()]);
        let line = start.text("Another channel has taken this name while this server was cut off from the others");
        members.iter().for_each(|receiver| turn.server_to(*receiver, &line));
    }
    members.into_iter().for_each(|member| turn.state.leave(member, key));
}
