//! Every bound of the server's edge, with its reason. Those of the protocol stand in [`crate::core::limits`].

use std::time::Duration;

/// Connections at once, those in a handshake included. Above the core's own bound on clients, so that the core can
/// say that it is full, and far below a raised limit of file descriptors.
pub const CONNECTIONS: usize = 24_000;

/// Descriptors that are not clients': listeners, assigned ports, the database, files that are read again.
pub const OTHER_DESCRIPTORS: usize = 128;

/// Connections below which it is said at the start that there is room for few.
pub const ENOUGH_CONNECTIONS: usize = 10_000;

/// Handshakes at once. One costs about 1 ms of CPU and 20 KiB of memory, so this is 80 MiB, and a thousand strangers
/// who begin one and say no more leave three quarters of it free.
pub const HANDSHAKES: usize = 4_096;

/// How long a handshake may take: a slow mobile link needs three seconds.
pub const HANDSHAKE: Duration = Duration::from_secs(10);

/// Events that wait for the core. Connections wait when it is full, which slows the senders down and nobody else.
pub const EVENTS: usize = 8_192;

/// Events that the core takes before what they cause goes out, to each client in one piece: enough for what a thousand
/// clients say at the same moment, and done in a few milliseconds.
pub const EVENTS_A_TURN: usize = 1_024;

/// Lines for clients that a turn may cause before it ends early: 6 MiB of entries.
pub const LINES_A_TURN: usize = 256 * 1024;

/// Clients that were cut off of whom others are told in one turn: that a thousand slow readers of one channel leave at the same
/// moment makes a million lines, and is no reason for anybody to wait.
pub const CUT_A_TURN: usize = 32;

/// Bytes that are written at once: the plain text of one TLS record (RFC 8446, section 5.1).
pub const WRITE: usize = 16 * 1024;

/// Bytes that are read at once from one client, before others have their turn: some ten full lines, which in a channel of a
/// thousand make ten milliseconds of work.
pub const READ: usize = 4 * 1024;

/// Bytes that are made ready for a ClientHello; most are shorter, also with a key of X25519MLKEM768.
pub const HELLO: usize = 2 * 1024;

/// How long what was sent before a close may take to leave.
pub const FLUSH: Duration = Duration::from_secs(5);

/// How long the peer is heard after our last word, so that its unread bytes don't make the kernel answer with a
/// reset that takes the last word with it.
pub const LINGER: Duration = Duration::from_secs(2);

/// Bytes that are read and thrown away in that time.
pub const LINGER_BYTES: usize = 64 * 1024;

/// Bytes of them at once.
pub const LINGER_READ: usize = 2 * 1024;

/// How long the connections may take to end when the server does.
pub const SHUTDOWN: Duration = Duration::from_secs(4);

/// Connections that the kernel holds until they are taken: a thousand clients that come back together.
pub const BACKLOG: i32 = 1_024;

/// How long to wait after the system had no descriptor or memory for a new connection.
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How often the files of certificates and revocation are looked at. Twice in a second, so that a revocation acts within one.
pub const LOOK: Duration = Duration::from_millis(300);

/// How long an assigned port waits for its client: a second connection takes a phone three seconds.
pub const PORT_WAITS: Duration = Duration::from_secs(10);

/// Connections that are heard at once on an assigned port; the longest heard gives way to the next.
pub const CONTENDERS: usize = 64;

/// Bytes of the line in which a ticket comes: the word is 32 octets in hexadecimal.
pub const TICKET_LINE: usize = 128;

/// Requests for a port that wait for the task that assigns them.
pub const PORT_REQUESTS: usize = 256;

/// How often it is looked whether another program has changed what is kept: an account that is removed is out within a second.
pub const LOOK_AT_ARCHIVE: Duration = Duration::from_secs(1);

/// Passwords that wait for that: at 30 ms each the last is looked at within the time that a client has to register.
pub const DERIVATIONS_WAITING: usize = 256;
/// Bytes of a request for a WebSocket: a browser's with its cookies has one or two thousand.
pub const UPGRADE: usize = 8 * 1024;

/// Bytes of a message of a WebSocket, which is one line with its tags.
pub const WEBSOCKET_MESSAGE: usize = 8 * 1024;

/// Bytes of a request for the numbers that are counted.
pub const METRICS_REQUEST: usize = 8 * 1024;

/// How long such a request may take: the collector is on this machine.
pub const METRICS_TIME: Duration = Duration::from_secs(5);

/// Bytes that may wait for all clients together: a fraction of a small machine's memory. Above it a client has [`FAIR_QUEUE`].
pub const ALL_QUEUES: usize = 256 * 1024 * 1024;

/// Bytes that may wait for one client where too much waits in all: a long answer, or a moment of a busy channel.
pub const FAIR_QUEUE: usize = 64 * 1024;

/// Passwords that are worked on at once. Each takes a core for tens of milliseconds; the other one is for those who chat.
pub const DERIVATIONS: usize = 1;

/// How long other nodes are waited for when they are asked what was said: many times the way there and back.
pub const GATHER: Duration = Duration::from_secs(1);

/// Questions that may wait for other nodes at a time; the next are answered with what is here.
pub const GATHERS: usize = 1_000;

/// How long the end of a server waits until the other nodes know of it.
pub const LEAVE: Duration = Duration::from_secs(1);

/// For how long a node is asked for no port after it had none: those that wait for their client are free again by then.
pub const NO_PORTS: Duration = Duration::from_secs(10);

/// How often a node that has not joined yet says so: often enough for whoever looks into the log because nobody gets in.
pub const JOIN_WAITS: Duration = Duration::from_secs(5);

/// How long who comes waits for a node to join before he is turned away: a bus that answers takes milliseconds.
pub const JOIN_PATIENCE: Duration = Duration::from_secs(2);

/// Clients that are turned away at once by a node that has not joined; the others wait in the kernel's queue.
pub const WAITING_ROOM: usize = 256;
