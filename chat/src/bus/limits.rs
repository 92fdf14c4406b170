//! Every bound of the bus: its name, its number and its reason.

/// Milliseconds for which a node is believed to live after a sign of life. Twice the longest pause that a busy machine
/// takes, and half of the ten seconds within which others must have noticed an end.
pub const LEASE_MS: i64 = 5_000;

/// Milliseconds between signs of life: four may be lost before the lease is over.
pub const REFRESH_MS: i64 = 1_000;

/// Milliseconds without any node's sign after which it was Redis that was away, or its clock that was set, and nobody's
/// lease is held against him: more than two signs of a single node.
pub const SILENCE_MS: i64 = 2_500;

/// Entries that may wait in a node's inbox: some seconds of the most that one Redis orders, and about 100 MB. Who is
/// further behind does not catch up.
pub const INBOX_ENTRIES: usize = 200_000;

/// Seconds for which the inbox of a node that was declared dead is kept, so that it can learn which of its proposals
/// were ordered: as long as a person needs to wake a stopped machine.
pub const INBOX_SECONDS: u32 = 600;

/// Seconds for which a snapshot is kept; the node that it is for takes it within [`SNAPSHOT_WAIT_MS`].
pub const SNAPSHOT_SECONDS: u32 = 60;

/// Milliseconds that a joining node waits for a snapshot before it joins anew.
pub const SNAPSHOT_WAIT_MS: i64 = 5_000;

/// Entries of the stream of operations on the history: what a node that was away for a night may have missed.
pub const HISTORY_OPS: usize = 10_000;

/// Marks of records that are over. Without a mark, a node that was away would bring its record back; who was away for so many
/// forgets what others do not know. A mark takes some 150 bytes.
pub const TOMBSTONES: usize = 20_000;

/// Bytes of a change, as they are written into Redis once for each node: the longest message of several lines with each octet
/// written as six, and the fullest lists of a channel.
pub const CHANGE_BYTES: usize = 256 * 1024;

/// Bytes of a whisper, for the same reason: the longest entry of a history with each octet written as six.
pub const WHISPER_BYTES: usize = 160 * 1024;

/// Bytes of a snapshot: Redis takes no string of more than 512 MB, and who writes one this long, or reads it, is at it for seconds.
/// At some 700 bytes a user (`docs/scaling.md`) it is what bounds a network.
pub const SNAPSHOT_BYTES: usize = 256 * 1024 * 1024;

/// Proposals that may be open at a time: a second of a busy node, while Redis is away.
pub const OPEN_PROPOSALS: usize = 20_000;

/// Bytes of open proposals, for the same reason.
pub const OPEN_BYTES: usize = 32 * 1024 * 1024;

/// Other requests that may wait while Redis is away.
pub const QUEUED_REQUESTS: usize = 10_000;

/// Proposals of one call of the script: a few milliseconds in which Redis does nothing else.
pub const PROPOSALS_PER_CALL: usize = 200;

/// Bytes of proposals of one call, for the same reason.
pub const BYTES_PER_CALL: usize = 1024 * 1024;

/// Other requests sent at once, for the same reason.
pub const REQUESTS_PER_CALL: usize = 200;

/// Entries read at once: enough for a busy node's turn, and a bound on what one reply holds.
pub const ENTRIES_PER_READ: usize = 500;

/// Fields of a hash, or entries of a stream, read at once by a joining node.
pub const PAGE: usize = 1_000;

/// Entries read after which a sign of life is sent early, because it also trims the inbox.
pub const ENTRIES_PER_TRIM: usize = 20_000;

/// Milliseconds that a read waits in Redis for an entry.
pub const BLOCK_MS: i64 = 1_000;

/// Milliseconds after which an answer that has not come will not come: Redis answers within one, and a script that
/// holds it longer than this is no script of ours.
pub const ANSWER_MS: i64 = 3_000;

/// Milliseconds from which on an answer is slow: a thousand times what it takes, and what people who talk notice.
pub const SLOW_MS: i64 = 500;

/// Milliseconds without a slow answer after which Redis is quick again, so that one that wavers is told of once.
pub const CALM_MS: i64 = 10_000;

/// Milliseconds between attempts where Redis said that it is not ready, or took nothing.
pub const RETRY_MS: i64 = 1_000;

/// Milliseconds between attempts while the nodes look whether a Redis that was started anew has lost something.
pub const SETTLE_MS: i64 = 20;

/// Milliseconds between attempts to join nodes that refused this one: somebody has to change a setting first.
pub const REFUSED_MS: i64 = 5_000;

/// Numbers left out between two memberships of one process, so that a proposal made in the earlier one, and still on
/// its way, is told from those of the later: more than can be on their way.
pub const NUMBER_GAP: u64 = 1_000_000;

/// Commands, and things that happened, on their way between the chat and the bus.
pub const CHANNEL: usize = 4_096;

/// Milliseconds between attempts to connect at the longest.
pub const BACKOFF_MS: u64 = 1_000;

/// Bytes of the name of a network, of which every key carries one.
pub const NETWORK_BYTES: usize = 64;
