//! How much each may be told of what it missed: over all channels no more than closes nobody, and for all together no more than the
//! memory for queues allows. The rest follows when it has read that.

use std::collections::BTreeMap;

use crate::core::ClientId;
use crate::core::limits::CATCH_UP_BYTES;
use crate::server::limits::{CATCH_UP_QUEUES, FAIR_QUEUE};

/// The bytes that each may be told, of `cost` bytes at the most, by what waits for each already and for all; who has no room is left out.
pub(super) fn rooms(
    held: impl Iterator<Item = (ClientId, usize)>,
    cost: usize,
    queued: usize,
) -> BTreeMap<ClientId, usize> {
    let mut left = CATCH_UP_QUEUES.saturating_sub(queued);
    let room = |(client, held): (ClientId, usize)| {
        let room = CATCH_UP_BYTES.saturating_sub(held).min(cost);
        if room <= left {
            left -= room;
            return (client, room);
        }
        // As little as closes nobody where too much waits for all.
        (client, room.min((FAIR_QUEUE / 2).saturating_sub(held)))
    };
    held.map(room).filter(|(_, room)| *room > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHARE: usize = CATCH_UP_BYTES;

    #[test]
    fn nobody_is_told_more_than_its_share_over_all_channels() {
        let table = [
            ([0, SHARE - 100], 100, 0, [100, 100]),
            ([9, SHARE - 9], 100, 0, [100, 9]),
            ([0, 2 * SHARE], 2 * SHARE, 0, [SHARE, 0]),
            ([0, 0], SHARE, CATCH_UP_QUEUES - SHARE, [SHARE, FAIR_QUEUE / 2]),
            ([FAIR_QUEUE, 0], SHARE, CATCH_UP_QUEUES, [0, FAIR_QUEUE / 2]),
        ];
        for (held, cost, queued, expected) in table {
            let rooms = rooms((0..).map(ClientId).zip(held), cost, queued);
            let rooms = [0, 1].map(|client| rooms.get(&ClientId(client)).copied().unwrap_or_default());
            assert_eq!(rooms, expected, "{held:?} {cost} {queued}");
        }
    }
}
